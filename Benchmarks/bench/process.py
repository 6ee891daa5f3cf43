"""Running a contender and knowing what it cost."""

import os
import pathlib
import resource
import signal
import subprocess
import time


class Failure(Exception):
    """A contender did not do its job."""


def timed(command, environment=None, until=None, timeout=600):
    """Runs a shell command to its end, or, for a follower, until `until()` is true; returns wall
    and CPU seconds of all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(
        ["bash", "-c", command], env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    try:
        if until is None:
            _, words = process.communicate(timeout=timeout)
            wall = time.perf_counter() - start
            if process.returncode:
                raise Failure(f"{command}: exit {process.returncode}: {words.decode()[-300:]}")
        else:
            while not until():
                if time.perf_counter() > start + timeout or process.poll() is not None:
                    raise Failure(f"{command}: not done: {process.poll()}")
                time.sleep(0.002)
            # Asked now: whoever is ended with its parent is nobody's child to account for.
            return time.perf_counter() - start, cpu_seconds(process)
    finally:
        stop(process)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu


def cost(command):
    """Runs a program to its end; wall and CPU seconds, and MiB of memory at most."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failure(f"{command}: exit {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def follow(command, environment=None):
    """Starts a follower in a session of its own."""
    return subprocess.Popen(
        ["bash", "-c", command], env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def stop(process):
    """Ends a contender with everything it started."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)
    except ProcessLookupError:
        process.wait()
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def session(process):
    """The pids of a contender: all processes of its session."""
    pids = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == process.pid:
            pids.append(int(entry.parent.name))
    return pids


def cpu_seconds(process):
    """What all processes of a session have used so far. The scheduler's own figures: those in
    `stat` are guessed from ticks, and whoever wakes up briefly between two of them has luck."""
    total = 0
    for pid in session(process):
        for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            total += int(path.read_text().split()[0])
    return total / 1e9


def memory(process):
    """KiB of all processes of a session but the shell: RssAnon and RSS; and how many threads."""
    anonymous = resident = threads = 0
    for pid in session(process):
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        if fields["Name"].strip() == "bash":
            continue
        anonymous += int(fields.get("RssAnon", "0").split()[0])
        resident += int(fields.get("VmRSS", "0").split()[0])
        threads += int(fields["Threads"])
    return anonymous, resident, threads


def switches(process):
    """Context switches of all threads of a session so far."""
    total = 0
    for pid in session(process):
        for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
            for line in status.read_text().splitlines():
                if "ctxt_switches" in line:
                    total += int(line.split()[1])
    return total
