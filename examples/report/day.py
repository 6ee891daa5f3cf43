#!/usr/bin/env python3
"""Prints a day of a headroom proxy's log, put together from real lines: what each says is as it
was logged under load, but the lines are moved in time, so that two minutes make a day with a
quiet night, a busy afternoon and a few stalls. The same lines come out each time."""

import gzip
import math
import pathlib
import random
import re

LOG = pathlib.Path(__file__).resolve().parent / "../headroom/proxy-8787.log.gz"
DAY = 1_795_132_800  # 2026-11-20T00:00:00Z
PREFIX = re.compile(r"2026-11-21 (\d\d):(\d\d):(\d\d),(\d\d\d)")
ID = re.compile(r"hr_(\d{10})_")
TOTAL = re.compile(r'"total_pre_upstream": ([0-9.]+)')

# Where stalls are taken from, seconds after 01:37, and when they happen in the day.
STALLS = [(6, 14, "08:12:20"), (39, 46, "10:41:07"), (58, 63, "13:55:30"), (28, 33, "16:20:45"),
          (6, 14, "16:58:02"), (44, 56, "21:30:11")]


def real_lines():
    """Each line with a latency: second since 01:37, milliseconds of the second, latency, text."""
    with gzip.open(LOG, "rt") as log:
        for line in log:
            time, total = PREFIX.match(line), TOTAL.search(line)
            if time and total:
                hour, minute, second, millisecond = map(int, time.groups())
                start = (hour * 60 + minute - 97) * 60 + second
                yield start, millisecond, float(total[1]), line


def moved(line, second):
    """The line's text as if it had been logged at `second` of the day."""
    start, millisecond, _, text = line
    delta = DAY + second - (DAY + 86_400 + 97 * 60 + start)
    clock = f"2026-11-20 {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    text = PREFIX.sub(f"{clock},{millisecond:03}", text, count=1)
    return ID.sub(lambda match: f"hr_{int(match[1]) + delta}_", text)


def load(second):
    """How busy the proxy is, from 0 to 1: a morning and an afternoon with lunch between."""
    hour = second / 3600
    bump = lambda middle, width: math.exp(-((hour - middle) / width) ** 2)
    return 0.06 + 0.7 * bump(10.2, 1.7) + 0.9 * bump(15.4, 2.2) + 0.3 * bump(21, 1.3)


def main():
    chance = random.Random(1)
    lines = list(real_lines())
    calm = sorted((line for line in lines if line[2] < 500), key=lambda line: line[2])
    slow = [line for line in lines if 500 <= line[2] < 900]
    day = []
    for second in range(86_400):
        busy = load(second)
        if chance.random() < 0.3 * busy or second == 0:
            # The busier, the more of the slower ones.
            pick = int(len(calm) * chance.random() ** (2.6 - 1.6 * busy))
            day.append((second, calm[pick]))
        if chance.random() < 0.0004 * busy:
            day.append((second, slow[int(len(slow) * chance.random())]))
    for first, last, clock in STALLS:
        hour, minute, second = map(int, clock.split(":"))
        start = hour * 3600 + minute * 60 + second
        day += [(start + line[0] - first, line) for line in lines if first <= line[0] <= last]
    for second, line in sorted(day, key=lambda entry: (entry[0], entry[1][1])):
        print(moved(line, second), end="")


if __name__ == "__main__":
    main()
