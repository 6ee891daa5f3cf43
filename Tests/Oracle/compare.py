#!/usr/bin/env python3
"""Compares a telemetry database with what the oracle says about the logs it was fed from.

    compare.py DB [options of oracle.py] FILE…

The database is opened read-only and may be in use. Every difference is printed; the exit code is 1
if there is one. Rows are compared as sets, not in order: the daemon may have followed the files
live. The sketch in `latency.buckets` is read as the schema documents it: 64 buckets to the octave,
bucket b starts at 2^(b >> 6) * (1 + (b & 63) / 64) ms, and the first one stands for 0.
"""

import argparse
import collections
import json
import math
import pathlib
import sqlite3
import sys

import oracle

FIRST_BUCKET = -20 * 64 - 1


class Comparison:
    def __init__(self, database, expected, source, tells_stages=True):
        path = pathlib.Path(database).resolve()
        self.database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.database.row_factory = sqlite3.Row
        self.expected = expected
        self.source = source
        self.tells_stages = tells_stages
        self.differences = []

    def run(self):
        self.compare_rows("overhead", self.found_breaches(), self.expected["breaches"])
        self.compare_rows("stall_episode", self.found_episodes(), self.expected["episodes"])
        self.compare_latency()
        self.compare_checkpoints()
        self.compare_keys()
        return self.differences

    def query(self, statement, *parameters):
        return self.database.execute(statement, parameters).fetchall()

    def differ(self, text):
        self.differences.append(text)

    def found_breaches(self):
        for row in self.events("overhead"):
            detail = json.loads(row["detail"])
            detail.pop("path", None)
            yield {
                "ts": row["ts"],
                "duration_ms": row["duration_ms"],
                "status": row["status"],
                **detail,
            }

    def found_episodes(self):
        for row in self.events("stall_episode"):
            yield {
                "ts": row["ts"],
                "duration_ms": row["duration_ms"],
                "status": row["status"],
                "detail": json.loads(row["detail"]),
            }

    def events(self, kind):
        return self.query(
            "SELECT * FROM events WHERE source = ? AND kind = ? ORDER BY seq", self.source, kind
        )

    def compare_rows(self, kind, found, expected):
        """As multisets; floats are the same to the last bit but for sums."""

        def canonical(row):
            row = json.loads(json.dumps(row))
            if "detail" in row:
                row["detail"]["sum_ms"] = f"{row['detail']['sum_ms']:.9e}"
            if not self.tells_stages:
                row.pop("stage", None)
                row.get("detail", {}).pop("dominant_stage", None)
            return json.dumps(row, sort_keys=True)

        found = collections.Counter(map(canonical, found))
        expected = collections.Counter(map(canonical, expected))
        for row in sorted((expected - found).elements()):
            self.differ(f"{kind}: missing {row}")
        for row in sorted((found - expected).elements()):
            self.differ(f"{kind}: not expected {row}")

    def compare_latency(self):
        rows = self.query("SELECT * FROM latency WHERE source = ?", self.source)
        expected = {
            (stage, minute): cell
            for stage, minutes in self.expected["latency"].items()
            for minute, cell in minutes.items()
        }
        sketches = {}
        for row in rows:
            if not self.tells_stages and row["stage"] != "total":
                continue
            key = (row["stage"], row["minute"])
            self.compare_cell(" ".join(key), row, expected.pop(key, None))
            sketch = sketches.setdefault(row["stage"], collections.Counter())
            sketch.update({int(name): n for name, n in json.loads(row["buckets"]).items()})
        for key in sorted(expected):
            self.differ(f"latency: missing {' '.join(key)}")
        for stage, exact in self.expected["quantiles"].items():
            self.compare_quantiles(stage, sketches.get(stage, {}), exact)

    def compare_cell(self, name, row, expected):
        if expected is None:
            return self.differ(f"latency: not expected {name}")
        for column, value in expected.items():
            found = row[column]
            is_equal = found == value
            if column == "sum_ms":
                is_equal = math.isclose(found, value, rel_tol=1e-9, abs_tol=1e-12)
            if not is_equal:
                self.differ(f"latency: {name}: {column} is {found!r}, expected {value!r}")
        in_buckets = sum(json.loads(row["buckets"]).values())
        if in_buckets != row["count"]:
            self.differ(f"latency: {name}: {in_buckets} in buckets, count is {row['count']}")

    def compare_quantiles(self, stage, sketch, exact):
        for name, value in exact.items():
            found = quantile(sketch, name)
            if found is None or abs(found - value) > max(0.01 * abs(value), 1e-6):
                self.differ(f"latency: {stage}: {name} is {found!r}, expected {value!r}")

    def compare_checkpoints(self):
        [row] = self.query(
            """SELECT sum(lines_matched) AS lines_matched, sum(lines_unparsed) AS lines_unparsed,
                      sum(bytes_read) AS bytes_read, count(*) AS paths, max(offset) AS end_offset
               FROM checkpoints WHERE source = ?""",
            self.source,
        )
        columns = ["lines_matched", "lines_unparsed", "bytes_read"]
        for column in columns + (["end_offset"] if row["paths"] == 1 else []):
            if row[column] != self.expected[column]:
                found, value = row[column], self.expected[column]
                self.differ(f"checkpoints: {column} is {found}, expected {value}")

    def compare_keys(self):
        for row in self.query("SELECT key, count(*) AS n FROM events GROUP BY key HAVING n > 1"):
            self.differ(f"events: key {row['key']} comes {row['n']} times")


def quantile(sketch, name):
    """The middle of the bucket that holds the value of nearest rank; None of an empty sketch."""
    above, below = {"p50": (1, 2), "p90": (9, 10), "p99": (99, 100), "p999": (999, 1000)}[name]
    rank = max(1, -(-sum(sketch.values()) * above // below))
    for bucket, count in sorted(sketch.items()):
        rank -= count
        if rank <= 0:
            middle = 2.0 ** (bucket >> 6) * (1 + ((bucket & 63) + 0.5) / 64)
            return middle if bucket > FIRST_BUCKET else 0.0
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("database", metavar="DB")
    options = oracle.parse_arguments(parser)
    expected = oracle.expectation(options)
    tells_stages = oracle.OBSERVERS[options.observer].tells_stages
    differences = Comparison(options.database, expected, options.source, tells_stages).run()
    for difference in differences:
        print(difference)
    rows = len(expected["breaches"]), len(expected["episodes"])
    print(f"{len(differences)} differences; {rows[0]} breaches and {rows[1]} episodes expected")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
