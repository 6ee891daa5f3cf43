"""What the lines of a log say: the part of the oracle that knows headroom and nginx."""

import datetime
import gzip
import json
import math
import re
from decimal import Decimal
from fractions import Fraction

NS_PER_MS = 1_000_000
NS_PER_SECOND = 1_000_000_000
NS_PER_MINUTE = 60 * NS_PER_SECOND
EPOCH = datetime.datetime(1970, 1, 1)


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


def json_object(payload, errors="strict", **options):
    """The one JSON object that `payload` is, or None."""
    try:
        value = json.loads(
            payload.decode("utf-8", errors),
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
    tells_stages = True

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
            reading.event_time = clamp(timestamp - max(0, nanoseconds(stages["upstream_connect"])))
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
        is_session = "total_session" in stages and "total_pre_upstream" not in stages
        parts = ("total_session",) if is_session else ("total_pre_upstream", "upstream_connect")
        for name in parts:
            if is_number(stages.get(name)):
                is_connect = name == "upstream_connect"
                away -= Fraction(max(0, stages[name]) if is_connect else stages[name]) / 1000
        quarters = math.floor(away / 900 + Fraction(1, 2))
        return quarters * 900 if abs(quarters) <= 14 * 4 else None


class Nginx:
    """Timed access logs; the latency is the request time, there are no parts of it."""

    source = "nginx"
    threshold = 500.0
    quiet = 1_000
    lateness = 0
    tells_stages = False

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
        day, month, year, *time, sign, east_hours, east_minutes, took = match.groups()
        if month not in self.MONTHS:
            return Reading("unparsed")
        month = self.MONTHS.index(month) + 1
        local = datetime.datetime(int(year), month, int(day), *map(int, time))
        east = (int(east_hours) * 60 + int(east_minutes)) * (-1 if sign == b"-" else 1)
        utc = local - datetime.timedelta(minutes=east)
        instant = (utc - EPOCH) // datetime.timedelta(seconds=1) * NS_PER_SECOND
        return self.observation(instant, Decimal(took.decode()))

    def read_json(self, line):
        payload = json_object(line, "surrogateescape", parse_float=Decimal, parse_int=Decimal)
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


def complete_lines(file):
    """The lines of a log that have their newline, without it; a .gz is unpacked."""
    with open(file, "rb") as stream:
        data = stream.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return data.split(b"\n")[:-1]


OBSERVERS = {"headroom": Headroom, "nginx": Nginx}
