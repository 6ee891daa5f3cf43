#!/usr/bin/env python3
"""Checks the expected observations against a second, independent reading of the logs.

    Tests/GoldenFixtures/check_observations.py [NAME...]

Reads every log beside it (or those whose name begins with a NAME) with Python's own json,
zoneinfo and decimal modules and compares what CONTRACT.md section 3 makes of each line with the
`.observations` file. Prints the lines that differ; exit 1 if there are any.
"""

import datetime
import decimal
import gzip
import json
import pathlib
import re
import sys
import zoneinfo

FOLDER = pathlib.Path(__file__).resolve().parent
MARKER = b"STAGE_TIMINGS "
PARTS = ["pre_upstream_wait", "read_request_json", "deep_copy", "compression_first_stage",
         "memory_context"]
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def nanoseconds(time):
    """Nanoseconds since the epoch of an aware datetime (which holds microseconds)."""
    return (time - EPOCH) // datetime.timedelta(microseconds=1) * 1000


def rounded(number):
    """The nearest integer, halves away from zero."""
    return int(decimal.Decimal(number).quantize(1, decimal.ROUND_HALF_UP))


def first_of_pairs(pairs):
    found = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


def no_constants(name):
    raise ValueError(name)


def json_object(data):
    """The one JSON object that the bytes are, or None."""
    try:
        value = json.loads(data.decode("utf-8", "surrogateescape"),
                           object_pairs_hook=first_of_pairs, parse_constant=no_constants)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Row:
    """What one line says, as a line of an `.observations` file says it."""

    def __init__(self, outcome, timestamp=None, reason=None, event_time=None, latency=None,
                 queued=0.0, dominant=None, request_id=None, stages=()):
        self.outcome = outcome
        self.timestamp = timestamp
        self.reason = reason
        self.event_time = event_time
        self.latency = latency
        self.queued = queued
        self.dominant = dominant
        self.request_id = request_id
        self.stages = list(stages)

    def fields(self):
        if self.outcome == "unparsed":
            return [self.outcome, self.timestamp, self.reason]
        if self.outcome == "irrelevant":
            return [self.outcome, self.timestamp]
        return [self.outcome, self.timestamp, self.event_time, float(self.latency),
                float(self.queued), self.dominant, self.request_id,
                [(name, float(value)) for name, value in self.stages]]


# headroom


class LocalClock:
    def __init__(self, zone):
        self.zone = zone
        self.latest = None

    def timestamp(self, local, offset):
        if offset is None:
            first, second = (self.reading(local, fold) for fold in (0, 1))
            backwards = self.latest is not None and first < self.latest
            time = second if second > first and backwards else first
        else:
            time = nanoseconds(local.replace(tzinfo=UTC)) - offset * 10**9
        self.latest = time if self.latest is None else max(self.latest, time)
        return time

    def reading(self, local, fold):
        return nanoseconds(local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC))


def offset_by_request(local, request_id, elapsed):
    match = re.fullmatch(r"hr_([0-9]+)_[0-9]+", request_id or "")
    if not match:
        return None
    start = EPOCH + datetime.timedelta(seconds=int(match[1]))
    seconds = (local.replace(tzinfo=UTC) - start).total_seconds() - elapsed / 1000
    quarters = rounded(seconds / 900)
    return quarters * 900 if abs(quarters) <= 14 * 4 else None


def headroom_rows(lines, zone):
    clock = LocalClock(zone)
    for number, line in enumerate(lines, 1):
        if MARKER in line:
            yield number, headroom_row(line, clock)


def headroom_row(line, clock):
    payload = json_object(line.split(MARKER, 1)[1])
    stages = payload.get("stages") if payload else None
    stages = stages if isinstance(stages, dict) else {}
    websocket = payload is not None and payload.get("path") == "openai_responses_ws"
    total = stages.get("total_pre_upstream")
    connect = stages.get("upstream_connect")
    connect = connect if is_number(connect) else 0
    if websocket:
        elapsed = stages.get("total_session") or 0
    else:
        elapsed = (total if is_number(total) else 0) + connect
    request_id = payload.get("request_id") if payload else None

    timestamp = None
    prefix = re.match(rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})(?!\d)", line)
    if prefix:
        local = datetime.datetime.strptime(prefix[1].decode(), "%Y-%m-%d %H:%M:%S,%f")
        timestamp = clock.timestamp(local, offset_by_request(local, request_id, elapsed))

    if payload is None:
        return Row("unparsed", timestamp, "not one JSON object")
    if not isinstance(payload.get("stages"), dict):
        return Row("unparsed", timestamp, "no stages object")
    if websocket:
        return Row("irrelevant", timestamp)
    if "total_pre_upstream" not in stages:
        return Row("unparsed", timestamp, "no total_pre_upstream")
    if total is None:
        return Row("irrelevant", timestamp)
    if not is_number(total):
        return Row("unparsed", timestamp, "total_pre_upstream is not a number")

    samples = [(name, value) for name, value in stages.items()
               if is_number(value) and name != "total_pre_upstream"]
    parts = [(stages[name], index) for index, name in enumerate(PARTS)
             if is_number(stages.get(name))]
    return Row(
        "observation", timestamp,
        event_time=None if timestamp is None else timestamp - rounded(connect * 1e6),
        latency=total, queued=dict(samples).get("pre_upstream_wait", 0.0),
        dominant=PARTS[max(parts)[1]] if parts else None,
        request_id=request_id if isinstance(request_id, str) else None, stages=samples)


# nginx


def milliseconds(seconds):
    return float(decimal.Decimal(seconds) * 1000)


def sum_of_upstreams(text):
    times = [milliseconds(part) for part in re.split(", | : ", text or "-") if part != "-"]
    return sum(times) if times else None


QUOTED = r'"(?:[^"\\]|\\.)*"'
TIMED = re.compile(
    r'\S+ - \S+ \[(?P<time>[^\]]+)\] ' + QUOTED + r' \d+ \d+ ' + QUOTED + ' ' + QUOTED
    + r'(?: rt=(?P<rt>[\d.]+) uct="(?P<uct>[^"]*)" uht="(?P<uht>[^"]*)" urt="(?P<urt>[^"]*)")?')


def nginx_rows(lines, zone):
    for number, line in enumerate(lines, 1):
        if number < len(lines) or line:
            yield number, nginx_row(line)


def nginx_row(line):
    if not line.strip():
        return Row("irrelevant")
    if line.startswith(b"{"):
        fields = json_object(line)
        if fields is None:
            return Row("unparsed", None, "not one JSON object")
        latency = milliseconds(repr(fields["request_time"]))
        timestamp = int(milliseconds(repr(fields["msec"]))) * 10**6
        times = {"upstream_response": sum_of_upstreams(fields["upstream_response_time"])}
    else:
        match = TIMED.fullmatch(line.decode("utf-8", "surrogateescape"))
        if not match:
            return Row("unparsed", None, "no request time")
        time = datetime.datetime.strptime(match["time"], "%d/%b/%Y:%H:%M:%S %z")
        timestamp = nanoseconds(time)
        if match["rt"] is None:
            return Row("unparsed", timestamp, "no request time")
        latency = milliseconds(match["rt"])
        times = {
            "upstream_connect": sum_of_upstreams(match["uct"]),
            "upstream_header": sum_of_upstreams(match["uht"]),
            "upstream_response": sum_of_upstreams(match["urt"]),
        }
    stages = [(name, value) for name, value in times.items() if value is not None]
    response = dict(stages).get("upstream_response")
    dominant = None
    if response is not None and latency > 0 and response >= latency / 2:
        dominant = "upstream_response"
    return Row("observation", timestamp, event_time=timestamp, latency=latency,
               dominant=dominant, stages=stages)


# Comparison


def parsed_time(text):
    if text == "-":
        return None
    seconds, fraction = text.rstrip("Z").split(".")
    time = datetime.datetime.fromisoformat(seconds).replace(tzinfo=UTC)
    return nanoseconds(time) + int(fraction)


def expected_rows(path):
    for text in path.read_text().splitlines():
        number, outcome, *fields = text.split("\t")
        row = [outcome, parsed_time(fields[0])]
        if outcome == "unparsed":
            row.append(fields[1])
        elif outcome == "observation":
            event_time, latency, queued, dominant, request_id, stages = fields[1:]
            pairs = [] if stages == "-" else [pair.rsplit("=", 1) for pair in stages.split(",")]
            row += [parsed_time(event_time), float(latency), float(queued),
                    None if dominant == "-" else dominant,
                    None if request_id == "-" else request_id,
                    [(name, float(value)) for name, value in pairs]]
        yield int(number), row


def log_lines(path):
    opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
    with opened as file:
        return file.read().split(b"\n")


def check(folder, rows, zones, names):
    """How many lines were checked, and how many of them differ."""
    checked = differing = 0
    for path in sorted(folder.iterdir()):
        name = path.name.removesuffix(".gz").removesuffix(".log")
        wanted = not names or any(name.startswith(prefix) for prefix in names)
        if name == path.name or not wanted:
            continue
        zone = zoneinfo.ZoneInfo(zones.get(name, "UTC"))
        found = {number: row.fields() for number, row in rows(log_lines(path), zone)}
        expected = dict(expected_rows(folder / (name + ".observations")))
        for number in sorted(found.keys() | expected.keys()):
            checked += 1
            if found.get(number) != expected.get(number):
                differing += 1
                print(f"{path.name}:{number}:\n  here     {found.get(number)}\n"
                      f"  expected {expected.get(number)}")
    return checked, differing


def main(names):
    zones = dict(line.split("\t") for line in
                 (FOLDER / "headroom/zones.tsv").read_text().splitlines())
    results = [check(FOLDER / "headroom", headroom_rows, zones, names),
               check(FOLDER / "nginx", nginx_rows, {}, names)]
    checked, differing = (sum(counts) for counts in zip(*results))
    print(f"{checked} lines checked, {differing} differ")
    return 1 if differing or not checked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
