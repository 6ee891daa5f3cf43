"""python3 -m unittest discover Tests/Oracle"""

import argparse
import json
import math
import pathlib
import sqlite3
import tempfile
import unittest

import compare
import oracle
import readings

SCHEMA = """
CREATE TABLE events (seq INTEGER PRIMARY KEY, key TEXT, ts TEXT, source TEXT, event TEXT,
    kind TEXT, status TEXT, duration_ms REAL, detail TEXT, recorded_at TEXT);
CREATE TABLE latency (source TEXT, stage TEXT, minute TEXT, count INTEGER, sum_ms REAL,
    min_ms REAL, max_ms REAL, degraded INTEGER, stalled INTEGER, buckets TEXT, recorded_at TEXT);
CREATE TABLE checkpoints (source TEXT, path TEXT, offset INTEGER, bytes_read INTEGER,
    lines_matched INTEGER, lines_unparsed INTEGER);
"""

START = 1_795_226_331  # 2026-11-21T01:58:51Z


def line(second, total, connect=None, wait=0.0, name="hr_%d_000001", zone=0, payload=None):
    """A headroom line written `second` seconds after START, in a zone so many seconds east."""
    stages = {"pre_upstream_wait": wait, "deep_copy": 0.25, "memory_context": None}
    stages |= {"upstream_connect": connect, "total_pre_upstream": total}
    began = math.floor(START + second - ((total or 0) + (connect or 0)) / 1000)
    body = {"path": "anthropic_messages", "stages": stages}
    if name:
        body["request_id"] = name % began if "%" in name else name
    written = readings.time_text(int((START + second + zone) * 1000) * readings.NS_PER_MS)
    prefix = written.replace("T", " ").replace(".", ",")[:-1]
    return f"{prefix} - proxy - INFO - STAGE_TIMINGS {payload or json.dumps(body)}\n"


class OracleTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def expect(self, lines, *options):
        log = self.path / "proxy.log"
        log.write_text("".join(lines))
        parser = argparse.ArgumentParser()
        self.options = oracle.parse_arguments(parser, [*options, str(log)])
        return oracle.expectation(self.options)

    def test_a_line_is_matched_unparsed_or_irrelevant(self):
        for payload, kind in [
            (None, "lines_matched"),
            ('{"stages": {"total_pre_upstream": 1}, "stages": 2}', "lines_matched"),
            ('{"stages": {"total_pre_upstream": null}}', "irrelevant"),
            ('{"path": "openai_responses_ws", "stages": {}}', "irrelevant"),
            ('{"stages": {}}', "lines_unparsed"),
            ('{"stages": {"total_pre_upstream": "1"}}', "lines_unparsed"),
            ('{"stages": {"total_pre_upstream": true}}', "lines_unparsed"),
            ('{"stages": {"total_pre_upstream": NaN}}', "lines_unparsed"),
            ('{"stages": {"total_pre_upstream": 1}} and more', "lines_unparsed"),
            ('{"stages": {"total_pre_upstream": 1}', "lines_unparsed"),
            ('{"stages": [1]}', "lines_unparsed"),
            ("path=x stages={}", "lines_unparsed"),
        ]:
            found = self.expect([line(0, 1.0, payload=payload), "no marker\n"])
            names = ("lines_matched", "lines_unparsed", "irrelevant")
            counts = {name: found[name] for name in names}
            self.assertEqual(counts, dict.fromkeys(counts, 0) | {kind: 1}, payload)

    def test_the_line_without_its_newline_is_not_read(self):
        found = self.expect([line(0, 1.0), line(1, 1.0).rstrip("\n")])
        self.assertEqual(found["lines_matched"], 1)

    def test_the_request_id_tells_the_zone(self):
        for zone in (-18_000, 0, 19_800, 50_400):
            found = self.expect([line(0, 700.0, zone=zone)])
            self.assertEqual(found["breaches"][0]["ts"], "2026-11-21T01:58:51.000Z")
        found = self.expect([line(0, 700.0, zone=51_300)])
        self.assertEqual(found["breaches"][0]["ts"], "2026-11-21T16:13:51.000Z")
        found = self.expect([line(0, 700.0, zone=3_600, name=None)], "--timezone", "Europe/Berlin")
        self.assertEqual(found["breaches"][0]["ts"], "2026-11-21T01:58:51.000Z")

    def test_a_negative_connect_time_counts_as_none(self):
        found = self.expect([line(0, 700.0, connect=-5000.0)])
        self.assertEqual(found["breaches"][0]["ts"], "2026-11-21T01:58:51.000Z")

    def test_ten_lines_far_behind_set_the_line_clock_back(self):
        forged = [line(900_000, 1.0)]
        burst = [line(second, 700.0) for second in range(0, 60, 2)]
        late = [episode["detail"].get("late") for episode in self.expect(forged + burst)["episodes"]]
        self.assertEqual(late, 9 * [True] + 21 * [None])
        near = [line(second, 1.0) for second in range(899_950, 899_960)]
        late = self.expect(forged + burst[:9] + near + burst[9:18])["episodes"]
        self.assertTrue(all(episode["detail"].get("late") for episode in late))

    def test_an_episode_is_what_its_breaches_have_together_and_in_common(self):
        [episode] = self.expect(
            [
                line(0.000, 1000.0, connect=200.0),
                line(0.100, 800.0, wait=100.0),
                line(0.101, 3.0),
                line(0.600, 2000.0, wait=600.0),
            ]
        )["episodes"]
        self.assertEqual(episode["status"], "stall")
        self.assertEqual(
            episode["detail"],
            {
                "count": 3,
                "peak_ms": 2000.0,
                "dominant_stage": "pre_upstream_wait",
                "started": "2026-11-21T01:58:49.800Z",
                "ended": "2026-11-21T01:58:51.600Z",
                "span_ms": 1800.0,
                "core": {
                    "started": "2026-11-21T01:58:50.400Z",
                    "ended": "2026-11-21T01:58:50.800Z",
                    "span_ms": 400.0,
                },
                "sum_ms": 3800.0,
            },
        )

    def test_gaps_split_and_late_lines_stand_alone(self):
        lines = [line(0, 600.0), line(0.5, 600.0), line(1.001, 600.0), line(40, 600.0, 38_000.0)]
        details = [episode["detail"] for episode in self.expect(lines)["episodes"]]
        self.assertEqual([detail["count"] for detail in details], [2, 1, 1])
        self.assertEqual([detail.get("late") for detail in details], [None, None, True])

    def test_an_episode_that_lasts_is_continued(self):
        lines = [line(0.5 * step, 600.0) for step in range(5)]
        details = [e["detail"] for e in self.expect(lines, "--max-episode-ms", "1000")["episodes"]]
        self.assertEqual([detail["count"] for detail in details], [2, 2, 1])
        self.assertEqual([detail.get("continued") for detail in details], [None, True, True])

    def test_nginx_seconds_become_exact_milliseconds(self):
        log = [
            '::1 - - [21/Nov/2026:07:19:02 +0530] "GET / HTTP/1.1" 200 1 "-" "rt=9.9" '
            'rt=1.001 uct="-" uht="-" urt="0.001, 1.000 : 0.001"\n',
            '{"msec":1795225742.894,"request_time":2.007}\n',
            "something else\n",
        ]
        found = self.expect(log, "--observer", "nginx")
        self.assertEqual([b["duration_ms"] for b in found["breaches"]], [1001.0, 2007.0])
        self.assertEqual(
            [b["ts"] for b in found["breaches"]],
            ["2026-11-21T01:49:02.000Z", "2026-11-21T01:49:02.894Z"],
        )
        self.assertEqual(found["lines_unparsed"], 1)

    def test_a_database_that_agrees_has_no_differences_and_every_change_is_one(self):
        lines = [line(i * 0.9, 20.0 * i, wait=float(i)) for i in range(120)]
        expected = self.expect(lines)
        self.assertEqual(self.differences(expected), [])
        for change in [
            "UPDATE events SET duration_ms = duration_ms + 0.001 WHERE seq = 1",
            "UPDATE events SET ts = '2026-11-21T01:58:51.001Z' WHERE seq = 2",
            "UPDATE events SET status = 'ok' WHERE seq = 3",
            "UPDATE events SET detail = json_set(detail, '$.count', 9) WHERE kind LIKE 'stall%'",
            "UPDATE events SET detail = json_set(detail, '$.offset', 1) WHERE kind = 'overhead'",
            "UPDATE events SET key = '1' WHERE seq < 3",
            "DELETE FROM events WHERE seq = 5",
            "UPDATE latency SET sum_ms = sum_ms * 1.00001",
            "UPDATE latency SET degraded = degraded + 1",
            "UPDATE latency SET max_ms = max_ms + 1e-9 WHERE stage = 'total'",
            "UPDATE latency SET buckets = '{\"0\":' || count || '}' WHERE stage = 'total'",
            "DELETE FROM latency WHERE stage = 'deep_copy'",
            "INSERT INTO latency SELECT source, 'new', minute, 1, 1, 1, 1, 0, 0, '{\"0\":1}', '' "
            "FROM latency LIMIT 1",
            "UPDATE checkpoints SET lines_matched = lines_matched + 1",
            "UPDATE checkpoints SET offset = offset - 1",
        ]:
            self.assertNotEqual(self.differences(expected, change), [], change)

    def differences(self, expected, change=None):
        """What `compare` finds in a database filled from `expected`, after a change to it."""
        path = self.path / "telemetry.sqlite"
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as database:
            database.executescript(SCHEMA)
            rows = [("overhead", row, breach_detail(row)) for row in expected["breaches"]]
            rows += [("stall_episode", row, row["detail"]) for row in expected["episodes"]]
            for seq, (kind, row, detail) in enumerate(rows, 1):
                database.execute(
                    "INSERT INTO events VALUES (?, ?, ?, 'headroom-proxy', 'x', ?, ?, ?, ?, '')",
                    (seq, f"key {seq}", row["ts"], kind, row["status"], row["duration_ms"],
                     json.dumps(detail)),
                )  # fmt: skip
            for stage, values in self.values(expected).items():
                for minute, cell in expected["latency"][stage].items():
                    database.execute(
                        "INSERT INTO latency VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
                        ("headroom-proxy", stage, minute, *cell.values(),
                         json.dumps(sketch(values[minute]))),
                    )  # fmt: skip
            database.execute(
                "INSERT INTO checkpoints VALUES ('headroom-proxy', 'p', ?, ?, ?, ?)",
                [expected[name] for name in
                 ("end_offset", "bytes_read", "lines_matched", "lines_unparsed")],
            )  # fmt: skip
            if change:
                database.execute(change)
        database.close()
        return compare.Comparison(path, expected, "headroom-proxy").run()

    def values(self, expected):
        counter = oracle.Oracle(self.options)
        counter.read_path(self.options.files)
        return counter.values


def breach_detail(row):
    detail = {key: row[key] for key in ("stage", "request_id", "queued_ms", "offset")}
    return detail | {"path": "proxy.log"}


def sketch(values):
    buckets = {}
    for value in values:
        if value < 2**-20:
            bucket = compare.FIRST_BUCKET
        else:
            mantissa, exponent = math.frexp(value)
            bucket = (exponent - 1) * 64 + int((mantissa * 2 - 1) * 64)
        buckets[str(bucket)] = buckets.get(str(bucket), 0) + 1
    return buckets


if __name__ == "__main__":
    unittest.main()
