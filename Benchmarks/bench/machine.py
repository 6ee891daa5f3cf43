"""The machine the figures come from, and what it was doing besides."""

import os
import pathlib
import platform


def description():
    """One line for the head of a result."""
    model = next(
        (line.split(":", 1)[1].strip() for line in lines("/proc/cpuinfo") if "model name" in line),
        platform.machine())
    memory = int(lines("/proc/meminfo")[0].split()[1]) // (1 << 20)
    system = next(
        (line.split("=", 1)[1].strip('"\n') for line in lines("/etc/os-release")
         if line.startswith("PRETTY_NAME=")), "Linux")
    return (f"{model}, {os.cpu_count()} cores, {memory} GiB, {system}, "
            f"Linux {platform.release().split('-')[0]}")


def load():
    """The one-minute load average: what others use shows here."""
    return os.getloadavg()[0]


def lines(path):
    return pathlib.Path(path).read_text().splitlines()
