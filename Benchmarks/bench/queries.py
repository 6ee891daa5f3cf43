"""How long questions take on a large database, made as a daemon would have recorded it."""

import json
import math
import random
import sqlite3
import statistics
import time

from . import process

LIMITS = [  # what is asked, and how many seconds it may take with what a full run makes
    ("events -n 100", 0.2),
    ("events --kind stall_episode -n 100", 0.2),
    ("events -n 1000000", None),
    ("stats --since 30d --by day", 1.0),
    ("report --since 30d -o /dev/null", 2.0),
]


def text(second, form="%Y-%m-%dT%H:%M:%S.000Z"):
    return time.strftime(form, time.gmtime(second))


def bucket(milliseconds):
    mantissa, exponent = math.frexp(milliseconds)
    return (exponent - 1) * 64 + int((mantissa * 2 - 1) * 64)


def minutes(end, chance, days, stages=10):
    """Rows of latency: some of a hundred distributions, spread over a minute's worth each."""
    shapes = []
    for _ in range(100):
        values = [math.exp(chance.gauss(4, 1)) for _ in range(40)]
        counts = {}
        for value in sorted(values):
            counts[bucket(value)] = counts.get(bucket(value), 0) + 1
        slow = sum(value >= 500 for value in values)
        shapes.append((len(values), sum(values), min(values), max(values), slow, 0, json.dumps(
            {str(key): count for key, count in counts.items()}, separators=(",", ":"))))
    names = ["total"] + [f"stage_{number}" for number in range(1, stages)]
    first = end // 60 - days * 1440
    for name in names:
        for minute in range(first, end // 60):
            stamp = text(minute * 60, "%Y-%m-%dT%H:%MZ")
            yield "headroom-proxy", name, stamp, *chance.choice(shapes), text(minute * 60 + 60)


def events(end, chance, days, count):
    """A million rows: breaches, an episode after each twenty of them, a notice now and then."""
    step = days * 86_400 / count
    for number in range(1, count + 1):
        second = int(end - days * 86_400 + number * step)
        stamp, latency = text(second), 500 + 400 * chance.expovariate(1)
        kind, status = "overhead", "stall" if latency >= 2_000 else "degraded"
        detail = {"stage": "pre_upstream_wait", "request_id": f"hr_{second}_{number:06}",
                  "queued_ms": latency * 0.9, "path": "/var/log/headroom/proxy.log",
                  "offset": number * 700}
        if number % 21 == 0:
            kind = "stall_episode"
            detail = {"count": 20, "peak_ms": latency, "dominant_stage": "pre_upstream_wait",
                      "started": stamp, "ended": text(second + 4), "span_ms": 4_000.5,
                      "core": None, "sum_ms": latency * 12}
        elif number % 10_007 == 0:
            kind, status, latency = "rotated", "info", None
        yield (number, f"{number:032x}", stamp, "headroom-proxy", "log.overhead", kind, status,
               latency, json.dumps(detail, separators=(",", ":")), text(second + 1))


def make(logtail, path, days, count):
    """A database of so many events, and so many days of minutes in which each of ten
    stages was observed forty times; how many observations those are."""
    end, chance = int(time.time()) // 60 * 60, random.Random(1)
    # An empty run makes the database as this build does.
    empty = path.parent / "empty.log"
    empty.touch()
    process.timed(
        f"{logtail} run --observer headroom --once --bus none --log-level error --db {path} {empty}")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("DELETE FROM events")
        marks = lambda number: ", ".join("?" * number)
        database.executemany(
            f"INSERT INTO events VALUES ({marks(10)})", events(end, chance, days, count))
        database.executemany(
            "INSERT INTO latency (source, stage, minute, count, sum_ms, min_ms, max_ms, degraded, "
            f"stalled, buckets, recorded_at) VALUES ({marks(11)})", minutes(end, chance, days))
    told = database.execute("SELECT sum(count) FROM latency WHERE stage = 'total'").fetchone()[0]
    database.close()
    return told


def measure(bench, days, count):
    """Seconds of each question, and what it took of memory."""
    path = bench.fresh() / "db.sqlite"
    observations = make(bench.logtail, path, days, count)
    found = []
    for question, limit in LIMITS:
        command = [bench.logtail, *question.split(), "--db", path]
        costs = [process.cost(command) for _ in range(bench.rounds)]
        found.append({
            "question": question, "events": count, "observations": observations,
            "s": statistics.median(cost[0] for cost in costs), "max": max(cost[0] for cost in costs),
            "cpu_s": statistics.median(cost[1] for cost in costs),
            "rss_mib": max(cost[2] for cost in costs), "limit": limit})
    return found
