"""What is measured, one function for each; all return rows for the report."""

import contextlib
import gzip
import json
import os
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import time

from . import contenders, process
from .process import Failure

MARKER = contenders.MARKER


class Bench:
    """Where everything is, and how large it is to be."""

    def __init__(self, logtail, work, tools, peers, smoke, rounds):
        self.logtail, self.work, self.tools, self.peers = logtail, work, tools, peers
        self.smoke, self.rounds = smoke, rounds
        self.scratch = work / "scratch"
        self.truths = {}

    def fresh(self, folder=None):
        """An empty folder: the scratch folder, or another one that is named."""
        folder = folder or self.scratch
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def log(self, name, size, every, breach=0):
        """A generated log and what must be found in it; made once."""
        path = self.work / f"{name}.log"
        truth = self.work / f"{name}.json"
        if not truth.exists() or json.loads(truth.read_text())["bytes"] < size - 4096:
            with open(path, "wb") as out, open(truth, "wb") as told:
                subprocess.run(
                    [self.tools / "generate", str(size), str(every), str(breach)], stdout=out,
                    stderr=told, check=True)
        return path, json.loads(truth.read_text())

    def probe(self, *arguments):
        words = [str(word) for word in (self.tools / "probe", *arguments)]
        told = subprocess.run(words, capture_output=True, text=True)
        if told.returncode:
            raise Failure(f"probe {arguments[0]}: {told.stderr.strip()}")
        return json.loads(told.stdout)

    @contextlib.contextmanager
    def daemon(self, options="--bus none", paths=None, settle=0.4, folder=None):
        """logtail following `paths`, or an empty log, until the block ends."""
        folder = self.fresh(folder)
        log = folder / "logs" / "proxy.log"
        log.parent.mkdir()
        log.touch()
        follower = process.follow(
            f"exec {self.logtail} run --observer headroom --timezone UTC --log-level error"
            f" --db {folder}/db.sqlite {options.format(folder=folder)} {paths or log}")
        try:
            wait(lambda: (folder / "db.sqlite").exists() and rows(folder / "db.sqlite") > 0)
            time.sleep(settle)
            yield follower, log, folder
        finally:
            process.stop(follower)


def wait(condition, timeout=60, pause=0.005):
    end = time.monotonic() + timeout
    while True:
        with contextlib.suppress(sqlite3.Error):
            if condition():
                return
        if time.monotonic() > end:
            raise Failure("waited in vain")
        time.sleep(pause)


def ask(database, sql):
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchone()[0]
    finally:
        connection.close()


def rows(database):
    return ask(database, "SELECT count(*) FROM events")


def middle(values):
    return statistics.median(values), min(values), max(values)


def observations(database):
    return ask(
        database, "SELECT coalesce(sum(count), 0) FROM latency WHERE stage = 'total'")


def catchup(bench, name, size, every, slow=600):
    """Interleaved rounds over one log; contenders slower than `slow` seconds run only once."""
    log, truth = bench.log(name, size, every)
    subprocess.run(["cat", log], stdout=subprocess.DEVNULL, check=True)
    times = {}
    everyone = contenders.catchup(bench.logtail, bench.peers)
    for _ in range(bench.rounds):
        for one in everyone:
            # A follower of which nothing is to be seen cannot be seen to be done.
            if one.follows and not truth["observations"]:
                continue
            before = times.setdefault(one.name, (one.job, []))[1]
            if before and before[0][0] > slow:
                continue
            before.append(one.run(log, truth, bench.fresh()))
    ours = statistics.median(wall for wall, _ in times["logtail"][1])
    found = []
    for one, (job, runs) in times.items():
        wall, low, high = middle([wall for wall, _ in runs])
        found.append({
            "contender": one, "job": job, "s": wall, "min": low, "max": high,
            "mib_s": size / (1 << 20) / wall,
            "cpu_s_gib": statistics.median(cpu for _, cpu in runs) * (1 << 30) / size,
            "ratio": wall / ours, "n": len(runs)})
    return sorted(found, key=lambda row: row["s"])


def zipped(bench, size):
    """A gzipped sibling, read before its log."""
    log, truth = bench.log("std", size, 20)
    # Beside the log it would be one of its rotated siblings.
    archive = bench.work / "gzip" / f"{size}.gz"
    archive.parent.mkdir(exist_ok=True)
    if not archive.exists():
        with open(log, "rb") as source, gzip.open(archive, "wb", 6) as target:
            shutil.copyfileobj(source, target, 1 << 20)
    runs = {"logtail": [], "zcat | grep -cF": []}
    for _ in range(bench.rounds):
        folder = bench.fresh()
        shutil.copy(archive, folder / "proxy.log.1.gz")
        (folder / "proxy.log").touch()
        wall, cpu = process.timed(
            f"{bench.logtail} run --observer headroom --timezone UTC --from-start --once"
            f" --bus none --log-level error --db {folder}/db.sqlite {folder}/proxy.log")
        if observations(folder / "db.sqlite") != truth["observations"]:
            raise Failure("gzip: wrong number of observations")
        runs["logtail"].append((wall, cpu))
        runs["zcat | grep -cF"].append(
            process.timed(f"zcat {archive} | grep -cF {MARKER} > /dev/null"))
    ours = statistics.median(wall for wall, _ in runs["logtail"])
    return [
        {"contender": name, "s": statistics.median(wall for wall, _ in costs),
         "cpu_s": statistics.median(cpu for _, cpu in costs),
         "ratio": statistics.median(wall for wall, _ in costs) / ours}
        for name, costs in runs.items()]


def disk(bench, count):
    """What a synced commit has to wait for at the least: an append and fdatasync(2)."""
    told = [bench.probe("sync", bench.fresh() / "sync", count, 5000) for _ in range(bench.rounds)]
    return [{"what": "append of 4 KiB and fdatasync", **{
        key: statistics.median(one[key] for one in told)
        for key in ("p50_us", "p99_us", "p999_us")}}]


# A disk that costs nothing: what is left is logtail's own share of a latency.
MEMORY = pathlib.Path("/dev/shm")


def live(bench, count):
    """From the append to what somebody else sees, in interleaved rounds."""
    found = {}
    in_memory = MEMORY / f"logtail-bench-{os.getpid()}"

    def note(name, told):
        found.setdefault(name, []).append(told)

    for _ in range(bench.rounds):
        with bench.daemon("--publish all --bus none") as (_, log, folder):
            note("logtail, row synced and seen by another SQLite reader",
                 bench.probe("row", log, folder / "db.sqlite", count, 5000))
        if MEMORY.is_dir():
            with bench.daemon("--publish all --bus none", folder=in_memory) as (_, log, folder):
                note("logtail, the same on tmpfs",
                     bench.probe("row", log, folder / "db.sqlite", count, 5000))
            shutil.rmtree(in_memory)
        with bench.daemon("--publish all --bus unix:{folder}/bus.sock") as (_, log, folder):
            note("logtail, event read from the unix bus (row synced before)", bench.probe(
                "bus", log, folder / "db.sqlite", count, 5000, folder / "bus.sock"))
        for name, command in pipelines().items():
            folder = bench.fresh()
            log, out = folder / "proxy.log", folder / "out"
            log.touch(), out.touch()
            follower = process.follow(command.format(log=log, out=out))
            try:
                time.sleep(0.5)
                note(name, bench.probe("file", log, out, count, 5000))
            finally:
                process.stop(follower)
    base = statistics.median(told["p50_us"] for told in found["tail -F | grep"])
    return [
        {"what": name, **{
            key: statistics.median(told[key] for told in rounds)
            for key in ("p50_us", "p99_us", "p999_us")},
         "min_us": min(told["p50_us"] for told in rounds),
         "max_us": max(told["p50_us"] for told in rounds),
         "to_tail": statistics.median(told["p50_us"] for told in rounds) / base,
         "later_p50_us": statistics.median(told["later_p50_us"] for told in rounds)
         if "later_p50_us" in rounds[0] else None}
        for name, rounds in found.items()]


def pipelines():
    return {
        "tail -F | grep": "tail -n 0 -F {log} | grep --line-buffered -F " + MARKER + " >> {out}",
        "tail -F | grep | grep -oP": "tail -n 0 -F {log} | grep --line-buffered -F " + MARKER
        + " | grep --line-buffered -oP '" + contenders.VALUE + "' >> {out}"}


def busy(bench, seconds):
    """CPU seconds of a writer's company, and how long a breach takes meanwhile: 20,000 lines a
    second, one in 20 a marker line, of which one in 20 is a breach."""
    costs, lost, latency = {}, {}, {}

    def note(name, follower, before, told, missing):
        costs.setdefault(name, []).append(process.cpu_seconds(follower) - before)
        lost[name] = lost.get(name, 0) + missing
        latency.setdefault(name, []).append(told)

    for _ in range(bench.rounds):
        with bench.daemon("--publish all --bus none") as (follower, log, folder):
            database = folder / "db.sqlite"
            before = process.cpu_seconds(follower)
            told = bench.probe("busy", log, 20000, seconds, 20, "row", database)
            wait(lambda: observations(database) >= told["observations"])
            note("logtail", follower, before, told,
                 told["observations"] - observations(database))
        for name, command in pipelines().items():
            folder = bench.fresh()
            log, out = folder / "proxy.log", folder / "out"
            log.touch(), out.touch()
            follower = process.follow(command.format(log=log, out=out))
            # Only of whole lines it can be told how many bytes they are.
            watched = ("file", out) if name == "tail -F | grep" else ()
            try:
                time.sleep(0.5)
                before = process.cpu_seconds(follower)
                told = bench.probe("busy", log, 20000, seconds, 20, *watched)
                lines = contenders.Lines(out)
                wait(lambda: lines.count() >= told["observations"])
                note(name, follower, before, told, told["observations"] - lines.count())
            finally:
                process.stop(follower)
    base = statistics.median(costs["logtail"])
    return [
        {"contender": name, "cpu_s": statistics.median(values), "min": min(values),
         "max": max(values), "lost": lost[name],
         "ratio": statistics.median(values) / base if base else None,
         **{key: statistics.median(told[key] for told in latency[name])
            for key in ("p50_us", "p99_us") if key in latency[name][0]}}
        for name, values in costs.items()]


def rest(bench, seconds):
    """Memory and wake-ups of a daemon that has nothing to do, and of peers that follow."""
    settle = 0.5 if bench.smoke else 3
    found = []
    for name, options in (("logtail, no bus", "--bus none"),
                          ("logtail, unix bus", "--bus unix:{folder}/bus.sock")):
        with bench.daemon(options, settle=settle) as (follower, _, _):
            found.append({"daemon": name, **at_rest(follower, seconds)})
    for one in contenders.catchup(bench.logtail, bench.peers):
        if not one.follows:
            continue
        folder = bench.fresh()
        (folder / "proxy.log").touch()
        follower = process.follow(*one.prepared(folder / "proxy.log", folder))
        try:
            time.sleep(settle)
            found.append({"daemon": one.name, **at_rest(follower, min(seconds, 15))})
        finally:
            process.stop(follower)
    return found


def at_rest(follower, seconds):
    """What a follower does and takes while nothing is written."""
    before, cpu = process.switches(follower), process.cpu_seconds(follower)
    time.sleep(seconds)
    anonymous, resident, threads = process.memory(follower)
    return {
        "switches": process.switches(follower) - before, "seconds": seconds,
        "cpu_s": process.cpu_seconds(follower) - cpu, "rss_anon_mib": anonymous / 1024,
        "rss_mib": resident / 1024, "threads": threads}


def memory_while_reading(bench, size):
    """The highest RssAnon and RSS while a large log is read."""
    log, truth = bench.log("big", size, 20)
    with bench.daemon("--bus none --from-start", paths=log, settle=0) as (follower, _, folder):
        peak = (0, 0, 0)
        while observations(folder / "db.sqlite") < truth["observations"]:
            peak = tuple(map(max, peak, process.memory(follower)))
            time.sleep(0.005)
        time.sleep(0.2)
        rest = process.memory(follower)
    return [
        {"when": when, "log_mib": size >> 20, "rss_anon_mib": one[0] / 1024,
         "rss_mib": one[1] / 1024}
        for when, one in (("at most", peak), ("after it", rest))]


def growth(bench, sizes):
    """Whether four times the log takes four times the time."""
    times = {size: [] for size in sizes}
    for _ in range(bench.rounds):
        for size in sizes:
            log, truth = bench.log("std" if size == sizes[0] else "big", size, 20)
            subprocess.run(["cat", log], stdout=subprocess.DEVNULL, check=True)
            one = contenders.catchup(bench.logtail, bench.peers)[0]
            times[size].append(one.run(log, truth, bench.fresh())[0])
    base = statistics.median(times[sizes[0]]) / sizes[0]
    return [
        {"log_mib": size >> 20, "s": statistics.median(values),
         "cost_per_byte": statistics.median(values) / size / base}
        for size, values in times.items()]


def start(bench, count):
    """From exec to the first row that another reader sees, on a database that is not there."""
    times = []
    for _ in range(count):
        folder = bench.fresh()
        (folder / "proxy.log").touch()
        told = bench.probe(
            "start", folder / "db.sqlite", bench.logtail, "run", "--observer", "headroom",
            "--bus", "none", "--log-level", "error", "--db", folder / "db.sqlite",
            folder / "proxy.log")
        times.append(told["ms"])
    value, low, high = middle(times)
    return [{"what": "exec to first row", "ms": value, "min": low, "max": high, "n": count}]


def many(bench, count):
    """A thousand files at once."""
    found = []
    for files in (1, count):
        folder = bench.work / "many"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for number in range(files):
            (folder / f"proxy-{number}.log").write_text("nothing of interest\n" * 10)
        start = time.monotonic()
        with bench.daemon("--bus none", paths=f"'{folder}/*.log'", settle=0) as one:
            follower, _, scratch = one
            wait(lambda: ask(scratch / "db.sqlite", "SELECT count(*) FROM checkpoints") >= files)
            begun = time.monotonic() - start
            time.sleep(0.5 if bench.smoke else 3)
            before = process.switches(follower)
            time.sleep(1 if bench.smoke else 10)
            anonymous, _, _ = process.memory(follower)
            found.append({
                "files": files, "start_s": begun, "rss_anon_mib": anonymous / 1024,
                "switches": process.switches(follower) - before})
    spread = (found[1]["rss_anon_mib"] - found[0]["rss_anon_mib"]) * 1024 / (count - 1)
    return [{**row, "kib_a_file": spread if row["files"] > 1 else None} for row in found]


def rotations(bench, count):
    """Rename and create, again and again: each generation has one breach, none may be missed."""
    line = (
        "2026-11-21 01:37:09,281 - headroom.proxy - INFO - [hr_1795225026_%06d] STAGE_TIMINGS "
        '{"event": "stage_timings", "path": "anthropic_messages", '
        '"request_id": "hr_1795225026_%06d", "stages": {"total_pre_upstream": 2000.5}}\n')
    with bench.daemon("--bus none --rotate-wait-ms 1") as (follower, log, folder):
        # Counting the rows would take longer with each of them.
        size = lambda: ask(
            folder / "db.sqlite",
            "SELECT coalesce(sum(count), 0) FROM event_counts WHERE kind = 'overhead'")
        parts, done = [], 0
        for part in range(4):
            start, cpu = time.monotonic(), process.cpu_seconds(follower)
            for _ in range(count // 4):
                with open(log, "a") as file:
                    file.write(line % (done, done))
                done += 1
                # Three siblings are kept, as logrotate would.
                for number in (2, 1):
                    with contextlib.suppress(FileNotFoundError):
                        log.with_name(f"proxy.log.{number}").rename(
                            log.with_name(f"proxy.log.{number + 1}"))
                log.rename(log.with_name("proxy.log.1"))
                log.touch()
                # Rotated faster than the disk syncs, a sibling would go before it was read.
                wait(lambda: size() >= done, pause=0.001)
            parts.append((time.monotonic() - start, process.cpu_seconds(follower) - cpu))
        found = size()
        anonymous, _, _ = process.memory(follower)
    if found != done:
        raise Failure(f"{found} of {done} rotations were seen")
    return [{
        "rotations": done, "cpu_us_first_quarter": parts[0][1] * 4e6 / count,
        "cpu_us_last_quarter": parts[3][1] * 4e6 / count,
        "last_to_first": parts[3][1] / parts[0][1] if parts[0][1] else None,
        "rss_anon_mib": anonymous / 1024}]


def database_size(bench, size):
    """Bytes that the database takes for a million observations, and for a million breaches."""
    found = []
    for name, breach in (("all", 0), ("breaches", 1)):
        log, truth = bench.log(f"{name}-{size}", size, 1, breach)
        folder = bench.fresh()
        wall, _ = process.timed(
            f"{bench.logtail} run --observer headroom --timezone UTC --from-start --once"
            f" --bus none --log-level error --keep-events 0 --keep-mib 0 --keep-days 0"
            f" --db {folder}/db.sqlite {log}")
        contenders.recorded(None, truth, folder)
        used = (folder / "db.sqlite").stat().st_size
        found.append({
            "observations": truth["observations"], "breaches": truth["breaches"],
            "mib": used / (1 << 20),
            "mib_a_million": used / (1 << 20) * 1e6 / truth["observations"], "s": wall})
    return found
