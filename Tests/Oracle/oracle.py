#!/usr/bin/env python3
"""What logtail must record for given logs, worked out a second time and in another way.

Written from the contract, not from the program: plain Python, everything in memory, the slow way
wherever that is the plain one. It prints one JSON object:

    {"lines_matched", "lines_unparsed", "irrelevant", "untimed", "bytes_read", "end_offset",
     "breaches": [{"ts", "duration_ms", "status", "stage", "request_id", "queued_ms", "offset"}],
     "episodes": [{"ts", "duration_ms", "status", "detail": {...}}],
     "latency": {stage: {minute: {"count", "sum_ms", "min_ms", "max_ms", "degraded", "stalled"}}},
     "quantiles": {stage: {"p50", "p90", "p99", "p999"}}}

Quantiles are exact, by nearest rank. `untimed` counts observations without a time of their own:
their event time would be the time of reading, so they are in no minute and in no episode here.

Where the contract leaves a choice, this is the one taken:
- The payload is all that follows the first marker of a line, and must be one JSON object with
  nothing but white space after it, in UTF-8; only nginx, which copies what clients send, may hold
  other bytes. Of keys that come twice, the first counts. NaN and Infinity are not JSON; a number
  too large for a double is not finite and counts as no number.
- A total that is neither a number nor null is unparsed.
- The zone offset from a request id takes a missing total or connect time as 0; a websocket line
  has a `total_session` instead, which is that long.
- In the hour that comes twice, a reading counts as backwards from half an hour on: lines written
  at the same moment may be some milliseconds out of order.
- Intervals that touch in a point have that point in common.
- Ten lines with a time in a row, each of them more than quiet + lateness, and a minute, behind the
  line clock, set it back to the latest of them.
- Of nginx, the contract tells the latency only, so its stages are not worked out here.
"""

import argparse
import json
import math
import sys
import zoneinfo

from readings import NS_PER_MS, OBSERVERS, clamp, complete_lines
from readings import minute_text, nanoseconds, time_text

MAXIMUM_OPEN = 64
LINES_TO_SET_BACK = 10


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
        self.far = max(self.patience, 60_000 * NS_PER_MS)
        self.behind = []
        self.open = []
        self.closed = []

    def hear(self, timestamp):
        """A line with the marker was written at `timestamp`."""
        if timestamp is None:
            return
        if self.clock is None or timestamp > self.clock:
            self.clock = timestamp
        is_far = timestamp < self.clock - self.far
        self.behind = self.behind + [timestamp] if is_far else []
        if len(self.behind) == LINES_TO_SET_BACK:
            self.clock = max(self.behind)
            self.behind = []
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
                stage: quantiles(values)
                for stage, minutes in sorted(self.values.items())
                if (values := self.in_window(minutes))
            },
        }

    def in_window(self, minutes):
        since, until = self.options.since_minute, self.options.until_minute
        return [
            value
            for minute, values in minutes.items()
            if (since is None or minute >= since) and (until is None or minute < until)
            for value in values
        ]

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


def parse_arguments(parser, arguments=None):
    """Adds the options that the commands here share, and fills in the observer's defaults."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="generations in order")
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
    parser.add_argument("--since-minute", help="of the quantiles, as the column minute has it")
    parser.add_argument("--until-minute", help="of the quantiles, exclusive")
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
