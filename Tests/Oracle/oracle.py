#!/usr/bin/env python3
"""What logtail must record for given logs, worked out a second time and in another way.

Written from the contract alone, without a look at the program: plain Python, everything in memory,
the slow way wherever that is the plain one. It prints one JSON object:

    {"lines_matched", "lines_unparsed", "irrelevant", "untimed", "bytes_read", "end_offset",
     "breaches": [{"ts", "duration_ms", "status", "stage", "request_id", "queued_ms", "offset"}],
     "episodes": [{"ts", "duration_ms", "status", "detail": {...}}],
     "latency": {stage: {minute: {"count", "sum_ms", "min_ms", "max_ms", "degraded", "stalled"}}},
     "quantiles": {stage: {"p50", "p90", "p99", "p999"}}}

Quantiles are exact, by nearest rank. `untimed` counts observations without a time of their own:
their event time would be the time of reading, so they are in no minute and in no episode here.

Where the contract leaves a choice, this is the one taken:
- The payload is all that follows the first marker of a line, and must be one JSON object with
  nothing but white space after it. Bytes that are not UTF-8 are let through. Of keys that come
  twice, the first counts. NaN and Infinity are not JSON; a number too large for a double is not
  finite and counts as no number.
- A total that is neither a number nor null is unparsed.
- The zone offset from a request id takes a missing total or connect time as 0.
- In the hour that comes twice, a reading counts as backwards from half an hour on: lines written
  at the same moment may be some milliseconds out of order.
- Intervals that touch in a point have that point in common.
"""

import argparse
import datetime
import gzip
import json
import math
import re
import sys
import zoneinfo
from decimal import Decimal
from fractions import Fraction

NS_PER_MS = 1_000_000
NS_PER_SECOND = 1_000_000_000
NS_PER_MINUTE = 60 * NS_PER_SECOND
EPOCH = datetime.datetime(1970, 1, 1)
MAXIMUM_OPEN = 64


def clamp(ns):
    """The nearest time that logtail can name."""
    return max(-(2**63), min(2**63 - 1, ns))


def nanoseconds(milliseconds):
    """Milliseconds as whole nanoseconds, halves away from zero."""
    scaled = milliseconds * 1e6
    if math.isinf(scaled):
        return clamp(2**64 if scaled > 0 else -(2**64))
    rounded = math.floor(abs(Fraction(scaled)) + Fraction(1, 2))
    return clamp(rounded if scaled >= 0 else -rounded)


def time_text(ns):
    """RFC 3339 in UTC, cut to milliseconds."""
    time = EPOCH + datetime.timedelta(milliseconds=ns // NS_PER_MS)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def minute_text(ns):
    time = EPOCH + datetime.timedelta(minutes=ns // NS_PER_MINUTE)
    return f"{time:%Y-%m-%dT%H:%MZ}"


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def first_of_duplicates(pairs):
    result = {}
    for key, value in pairs:
        result.setdefault(key, value)
    return result


def not_json(constant):
    raise ValueError(f"{constant} is not JSON")


def json_object(payload, **options):
    """The one JSON object that `payload` is, or None."""
    try:
        value = json.loads(
            payload.decode("utf-8", "surrogateescape"),
            object_pairs_hook=first_of_duplicates,
            parse_constant=not_json,
            **{"parse_int": float, **options},
        )
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


class Reading:
    """One line with the marker: its kind, its own time, and what it observed."""

    def __init__(self, kind, timestamp=None):
        self.kind = kind  # "matched", "unparsed" or "irrelevant"
        self.timestamp = timestamp
        self.event_time = timestamp
        self.latency = None
        self.queued = 0.0
        self.stage = None
        self.request_id = None
        self.stages = []


class LocalClock:
    """Local times without a zone, as instants."""

    def __init__(self, zone):
        self.zone = zone
        self.latest = None

    def instant(self, local, offset_seconds):
        """`local` is nanoseconds as if it were UTC; `offset_seconds` is known or None."""
        if offset_seconds is not None:
            instant = local - offset_seconds * NS_PER_SECOND
        else:
            instant = self.guess(local)
        if self.latest is None or instant > self.latest:
            self.latest = instant
        return instant

    def guess(self, local):
        seconds, rest = divmod(local, NS_PER_SECOND)
        naive = EPOCH + datetime.timedelta(seconds=seconds)

        def reading(fold):
            aware = naive.replace(tzinfo=self.zone, fold=fold)
            offset = aware.utcoffset() // datetime.timedelta(seconds=1)
            return (seconds - offset) * NS_PER_SECOND + rest

        first, second = reading(0), reading(1)
        is_backwards = self.latest is not None and first < self.latest - 1800 * NS_PER_SECOND
        return second if second > first and is_backwards else first


class Headroom:
    source = "headroom-proxy"
    threshold = 500.0
    quiet = 500
    lateness = 15_000

    MARKER = b"STAGE_TIMINGS "
    PREFIX = re.compile(rb"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d),(\d{3})")
    REQUEST = re.compile(r"hr_([0-9]+)_[0-9]+")
    PARTS = (
        "pre_upstream_wait",
        "read_request_json",
        "deep_copy",
        "compression_first_stage",
        "memory_context",
    )

    def __init__(self, zone):
        self.clock = LocalClock(zone)

    def read(self, line):
        """The reading of a line, None where it has no marker."""
        place = line.find(self.MARKER)
        if place < 0:
            return None
        payload = json_object(line[place + len(self.MARKER) :])
        stages = payload.get("stages") if payload else None
        if not isinstance(stages, dict):
            return Reading("unparsed", self.timestamp(line, None, {}))
        request_id = payload.get("request_id")
        timestamp = self.timestamp(line, request_id, stages)
        if payload.get("path") == "openai_responses_ws":
            return Reading("irrelevant", timestamp)
        total = stages.get("total_pre_upstream", "absent")
        if total is None:
            return Reading("irrelevant", timestamp)
        if not is_number(total):
            return Reading("unparsed", timestamp)
        return self.observation(timestamp, request_id, stages, total)

    def observation(self, timestamp, request_id, stages, total):
        reading = Reading("matched", timestamp)
        reading.latency = total
        reading.request_id = request_id if isinstance(request_id, str) else None
        if is_number(stages.get("pre_upstream_wait")):
            reading.queued = stages["pre_upstream_wait"]
        if timestamp is not None and is_number(stages.get("upstream_connect")):
            reading.event_time = clamp(timestamp - nanoseconds(stages["upstream_connect"]))
        for part in self.PARTS:
            if is_number(stages.get(part)):
                if reading.stage is None or stages[part] >= stages[reading.stage]:
                    reading.stage = part
        for name, value in stages.items():
            if is_number(value):
                reading.stages.append(("total" if name == "total_pre_upstream" else name, value))
        return reading

    def timestamp(self, line, request_id, stages):
        prefix = self.PREFIX.match(line)
        if not prefix:
            return None
        *parts, millisecond = (int(part) for part in prefix.groups())
        try:
            naive = datetime.datetime(*parts)
        except ValueError:
            return None
        seconds = (naive - EPOCH) // datetime.timedelta(seconds=1)
        local = seconds * NS_PER_SECOND + millisecond * NS_PER_MS
        return self.clock.instant(local, self.offset(local, request_id, stages))

    def offset(self, local, request_id, stages):
        """Seconds east of UTC, as the request id tells, or None."""
        match = self.REQUEST.fullmatch(request_id) if isinstance(request_id, str) else None
        if not match:
            return None
        away = Fraction(local, NS_PER_SECOND) - int(match[1])
        for name in ("total_pre_upstream", "upstream_connect"):
            if is_number(stages.get(name)):
                away -= Fraction(stages[name]) / 1000
        quarters = math.floor(away / 900 + Fraction(1, 2))
        return quarters * 900 if abs(quarters) <= 14 * 4 else None


class Nginx:
    """Timed access logs; the latency is the request time, there are no parts of it."""

    source = "nginx"
    threshold = 1_000.0
    quiet = 1_000
    lateness = 0

    TIMED = re.compile(
        rb"^\S+ .*?\[(\d\d)/(\w{3})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\] "
        rb'.* rt=(\d+\.\d+) uct="[^"]*" uht="[^"]*" urt="[^"]*"\r?$'
    )
    MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

    def __init__(self, zone):
        pass

    def read(self, line):
        if line.startswith(b"{"):
            return self.read_json(line)
        match = self.TIMED.match(line)
        if not match:
            return Reading("unparsed")
        day, month, year, hour, minute, second, sign, east_hours, east_minutes, took = match.groups()
        if month not in self.MONTHS:
            return Reading("unparsed")
        local = datetime.datetime(
            int(year), self.MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second)
        )
        east = (int(east_hours) * 60 + int(east_minutes)) * (-1 if sign == b"-" else 1)
        utc = local - datetime.timedelta(minutes=east)
        instant = (utc - EPOCH) // datetime.timedelta(seconds=1) * NS_PER_SECOND
        return self.observation(instant, Decimal(took.decode()))

    def read_json(self, line):
        payload = json_object(line, parse_float=Decimal, parse_int=Decimal)
        if payload is None or not isinstance(payload.get("request_time"), Decimal):
            return Reading("unparsed")
        if isinstance(payload.get("msec"), Decimal):
            instant = int(payload["msec"] * NS_PER_SECOND)
        else:
            time = datetime.datetime.fromisoformat(payload["time"])
            instant = int(time.timestamp()) * NS_PER_SECOND
        return self.observation(instant, payload["request_time"])

    def observation(self, instant, seconds):
        reading = Reading("matched", instant)
        reading.latency = float(seconds * 1000)
        reading.stages = [("total", reading.latency)]
        return reading


class Breach:
    def __init__(self, reading, offset, status):
        self.end = reading.event_time
        self.latency = reading.latency
        self.queued = max(0.0, min(reading.queued, reading.latency))
        self.begin = clamp(self.end + nanoseconds(self.queued - self.latency))
        self.stage = reading.stage
        self.status = status
        self.offset = offset


class Episode:
    """Breaches that belong together, in a list."""

    def __init__(self, breaches, continued=False, late=False):
        self.breaches = breaches
        self.continued = continued
        self.late = late

    def first(self):
        return min(breach.end for breach in self.breaches)

    def last(self):
        return max(breach.end for breach in self.breaches)

    def row(self):
        in_order = sorted(self.breaches, key=lambda breach: (breach.end, breach.offset))
        peak = max(in_order, key=lambda breach: breach.latency)  # the first of equal ones
        started = min(breach.begin for breach in in_order)
        core_start = max(breach.begin for breach in in_order)
        core_end = in_order[0].end
        detail = {
            "count": len(in_order),
            "peak_ms": peak.latency,
            "dominant_stage": peak.stage,
            "started": time_text(started),
            "ended": time_text(self.last()),
            "span_ms": (self.last() - started) / 1e6,
            "core": None,
            "sum_ms": math.fsum(breach.latency for breach in in_order),
        }
        if core_start <= core_end:
            detail["core"] = {
                "started": time_text(core_start),
                "ended": time_text(core_end),
                "span_ms": (core_end - core_start) / 1e6,
            }
        if self.continued:
            detail["continued"] = True
        if self.late:
            detail["late"] = True
        statuses = {breach.status for breach in in_order}
        return {
            "ts": detail["started"],
            "duration_ms": peak.latency,
            "status": "stall" if "stall" in statuses else "degraded",
            "detail": detail,
        }


class Sessions:
    """Session windows over event time, as the contract describes them."""

    def __init__(self, quiet, lateness, longest):
        self.quiet = quiet
        self.patience = quiet + lateness
        self.longest = longest
        self.clock = None
        self.open = []
        self.closed = []

    def hear(self, timestamp):
        """A line with the marker was written at `timestamp`."""
        if timestamp is not None and (self.clock is None or timestamp > self.clock):
            self.clock = timestamp
        for episode in sorted(self.open, key=Episode.first):
            if self.is_over(episode.last()):
                self.close(episode)

    def is_over(self, time):
        return self.clock is not None and self.clock > time + self.patience

    def close(self, episode):
        self.open.remove(episode)
        self.closed.append(episode)

    def add(self, breach):
        def is_near(episode):
            return any(abs(breach.end - other.end) <= self.quiet for other in episode.breaches)

        def is_inside(episode):
            return episode.first() <= breach.end <= episode.last()

        joined = [episode for episode in self.open if is_near(episode) or is_inside(episode)]
        if not joined and self.is_over(breach.end):
            self.closed.append(Episode([breach], late=True))
            return
        result = Episode([breach])
        for episode in sorted(joined, key=Episode.first):
            if breach.end - episode.first() >= self.longest:
                self.close(episode)
                result.continued = True
            else:
                self.open.remove(episode)
                result.breaches += episode.breaches
                result.continued |= episode.continued
        self.open.append(result)
        if len(self.open) > MAXIMUM_OPEN:
            self.close(min(self.open, key=Episode.first))

    def finish(self):
        for episode in sorted(self.open, key=Episode.first):
            self.close(episode)


class Oracle:
    """Everything that is counted, over all paths of one source."""

    def __init__(self, options):
        self.options = options
        self.counts = {"matched": 0, "unparsed": 0, "irrelevant": 0}
        self.untimed = 0
        self.bytes_read = 0
        self.end_offset = 0
        self.breaches = []
        self.episodes = []
        self.values = {}  # stage -> minute -> values

    def read_path(self, generations):
        options = self.options
        observer = OBSERVERS[options.observer](options.timezone)
        sessions = Sessions(
            options.quiet_ms * NS_PER_MS,
            options.lateness_ms * NS_PER_MS,
            options.max_episode_ms * NS_PER_MS,
        )
        for file in generations:
            offset = 0
            for line in complete_lines(file):
                if len(line) <= options.max_line_bytes:
                    self.read_line(observer.read(line), offset, sessions)
                offset += len(line) + 1
            self.bytes_read += offset
            self.end_offset = offset
        sessions.finish()
        self.episodes += [episode.row() for episode in sessions.closed]

    def read_line(self, reading, offset, sessions):
        if reading is None:
            return
        self.counts[reading.kind] += 1
        sessions.hear(reading.timestamp)
        if reading.kind != "matched":
            return
        if reading.event_time is None:
            self.untimed += 1
            return
        minute = minute_text(reading.event_time)
        for stage, value in reading.stages:
            self.values.setdefault(stage, {}).setdefault(minute, []).append(value)
        status = self.status(reading.latency)
        if status == "ok":
            return
        sessions.add(Breach(reading, offset, status))
        self.breaches.append(
            {
                "ts": time_text(reading.event_time),
                "duration_ms": reading.latency,
                "status": status,
                "stage": reading.stage,
                "request_id": reading.request_id,
                "queued_ms": reading.queued,
                "offset": offset,
            }
        )

    def status(self, milliseconds):
        if milliseconds >= self.options.stall_ms:
            return "stall"
        return "degraded" if milliseconds >= self.options.threshold_ms else "ok"

    def result(self):
        return {
            "lines_matched": self.counts["matched"],
            "lines_unparsed": self.counts["unparsed"],
            "irrelevant": self.counts["irrelevant"],
            "untimed": self.untimed,
            "bytes_read": self.bytes_read,
            "end_offset": self.end_offset,
            "breaches": self.breaches,
            "episodes": self.episodes,
            "latency": {
                stage: {minute: self.cell(values) for minute, values in sorted(minutes.items())}
                for stage, minutes in sorted(self.values.items())
            },
            "quantiles": {
                stage: quantiles(sum(minutes.values(), []))
                for stage, minutes in sorted(self.values.items())
            },
        }

    def cell(self, values):
        statuses = [self.status(value) for value in values]
        return {
            "count": len(values),
            "sum_ms": math.fsum(values),
            "min_ms": min(values),
            "max_ms": max(values),
            "degraded": statuses.count("degraded"),
            "stalled": statuses.count("stall"),
        }


def quantiles(values):
    """Exact, by nearest rank."""
    values = sorted(values)
    ranks = {"p50": (1, 2), "p90": (9, 10), "p99": (99, 100), "p999": (999, 1000)}
    return {
        name: values[max(1, -(-len(values) * above // below)) - 1]
        for name, (above, below) in ranks.items()
    }


def complete_lines(file):
    """The lines of a log that have their newline, without it; a .gz is unpacked."""
    with open(file, "rb") as stream:
        data = stream.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return data.split(b"\n")[:-1]


OBSERVERS = {"headroom": Headroom, "nginx": Nginx}


def parse_arguments(parser, arguments=None):
    """Adds the options that the commands here share, and fills in the observer's defaults."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="generations of one path, in order")
    parser.add_argument("--observer", choices=OBSERVERS, default="headroom")
    parser.add_argument("--separate", action="store_true", help="each FILE is a path of its own")
    parser.add_argument("--timezone", type=zoneinfo.ZoneInfo, default=zoneinfo.ZoneInfo("UTC"))
    parser.add_argument("--source")
    parser.add_argument("--threshold-ms", type=float)
    parser.add_argument("--stall-ms", type=float)
    parser.add_argument("--quiet-ms", type=int)
    parser.add_argument("--lateness-ms", type=int)
    parser.add_argument("--max-episode-ms", type=int, default=300_000)
    parser.add_argument("--max-line-bytes", type=int, default=1_048_576)
    options = parser.parse_args(arguments)
    observer = OBSERVERS[options.observer]
    if options.source is None:
        options.source = observer.source
    if options.threshold_ms is None:
        options.threshold_ms = observer.threshold
    if options.stall_ms is None:
        options.stall_ms = 4 * options.threshold_ms
    if options.quiet_ms is None:
        options.quiet_ms = observer.quiet
    if options.lateness_ms is None:
        options.lateness_ms = observer.lateness
    options.quiet_ms = max(50, options.quiet_ms)
    return options


def expectation(options):
    """What must be recorded for the files that the options name."""
    oracle = Oracle(options)
    for path in [[file] for file in options.files] if options.separate else [options.files]:
        oracle.read_path(path)
    return oracle.result()


def main():
    options = parse_arguments(argparse.ArgumentParser(description=__doc__.split("\n")[0]))
    json.dump(expectation(options), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
