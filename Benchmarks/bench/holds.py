"""What logtail promises of its speed and size, and whether a run of the benchmarks bears it out.

Each promise is a figure with a limit. Nearly all are ratios to a contender of the same run, so that
they say the same on any machine; those that are absolute are of memory, wake-ups and start."""

# Fluent Bit 5.1.1 is in no Debian package. Built from source and tuned it read a log of nothing but
# marker lines at 245 MiB/s where syslog-ng, configured as here, read it at 224: so syslog-ng's time
# in this run tells what Fluent Bit's would be.
FLUENT_BIT_TO_SYSLOG_NG = 245 / 224


class Results:
    """The rows of all measures that were taken, by the measure's name."""

    def __init__(self, rows):
        self.rows = rows

    def get(self, measure, key, **where):
        """A figure of the row in which all of `where` is so; nothing where it was not measured."""
        for row in self.rows.get(measure, []):
            if all(row.get(name) == value for name, value in where.items()):
                return row.get(key)
        return None

    def times(self, measure, one, other):
        """How many times as long as `other` one contender took."""
        return over(self.get(measure, "s", contender=one), self.get(measure, "s", contender=other))


def over(value, base):
    return value / base if value is not None and base else None


def less(value, other):
    return value - other if value is not None and other is not None else None


ROW = "logtail, row synced and seen by another SQLite reader"
MEMORY_ROW = "logtail, the same on tmpfs"
BUS = "logtail, event read from the unix bus (row synced before)"
TAIL = "tail -F | grep"


def promises(results):
    """Number, words, figure, limit, and True where the figure is to be at least the limit."""
    get, times = results.get, results.times
    row, in_memory, tail = (
        get("live", "p50_us", what=name) for name in (ROW, MEMORY_ROW, TAIL))
    # Where the disk itself is slow nothing can be promised of the slowest.
    is_fast = (last(results, "disk", "p99_us") or 0) < 100
    busy = lambda key, name="logtail": get("busy", key, contender=name)
    return [
        (1, "catch-up, 1 marker line in 20: time to that of grep -cF",
         times("std", "logtail", "grep -cF"), 1, False),
        (1, "catch-up, 1 in 1,000: time to that of rg -c", times("sparse", "logtail", "rg -c"), 1.5,
         False),
        (2, "every line a marker line: speed to that of Fluent Bit, estimated from syslog-ng's",
         over(times("all", "syslog-ng", "logtail"), FLUENT_BIT_TO_SYSLOG_NG), 3, True),
        (3, "append to synced row: p50 to that of tail -F | grep", over(row, tail), 1.5, False),
        (3, "the same on tmpfs, where syncing costs nothing", over(in_memory, tail), 1.5, False),
        (3, "append to synced row: p99, µs",
         get("live", "p99_us", what=ROW) if is_fast else None, 500, False),
        (3, "unix bus: µs later than the row, p50", get("live", "later_p50_us", what=BUS), 100, False),
        (4, "20,000 lines/s: CPU to that of tail -F | grep", over(busy("cpu_s"), busy(
            "cpu_s", TAIL)), 0.5, False),
        (4, "20,000 lines/s: values lost", busy("lost"), 0, False),
        (4, "20,000 lines/s: p50 to that of tail -F | grep",
         over(busy("p50_us"), busy("p50_us", TAIL)), 1.5, False),
        (4, "20,000 lines/s: p99, µs", busy("p99_us") if is_fast else None, 500, False),
        (5, "at rest: context switches in 60 s", get("rest", "switches", daemon="logtail, unix bus"), 0,
         False),
        (5, "at rest: threads", get("rest", "threads", daemon="logtail, unix bus"), 3, False),
        (5, "at rest: RssAnon, MiB", get("rest", "rss_anon_mib", daemon="logtail, unix bus"), 6, False),
        (5, "at rest: RSS, MiB", get("rest", "rss_mib", daemon="logtail, unix bus"), 20, False),
        (5, "while catching up: RSS more than at rest, MiB",
         less(get("memory", "rss_mib", when="at most"), get("rest", "rss_mib", daemon="logtail, no bus")),
         8, False),
        (6, "1,000 files: start, s", get("many", "start_s", files=1000), 2, False),
        (6, "1,000 files: KiB a file", get("many", "kib_a_file", files=1000), 30, False),
        (6, "1,000 files: context switches in 10 s", get("many", "switches", files=1000), 0,
         False),
        (7, "four times the log: cost of a byte to that of one", last(results, "growth", "cost_per_byte"),
         1.1, False),
        (7, "rotations: cost of the last quarter to that of the first",
         last(results, "rotations", "last_to_first"), 1.1, False),
        (8, "exec to first row, ms", last(results, "start", "ms"), 20, False),
        *((9, f"{row['question']}: s", row["s"], row["limit"], False)
          for row in results.rows.get("queries", []) if row["limit"]),
    ]


def last(results, measure, key):
    rows = results.rows.get(measure)
    return rows[-1].get(key) if rows else None


def judged(rows):
    """A row for each promise of which something was measured."""
    return [
        {"promise": number, "what": words, "measured": figure, "limit": limit,
         "holds": "yes" if (figure >= limit if is_least else figure <= limit) else "no"}
        for number, words, figure, limit, is_least in promises(Results(rows))
        if figure is not None]


def sane(rows):
    """Promises missed by so much that it cannot be the machine: what a small run looks for. Times
    that are over before they can be compared, and those of a disk, are left out."""
    far = [
        ("catch-up against grep -cF", Results(rows).times("std", "logtail", "grep -cF"), 100),
        ("every line against mtail", Results(rows).times("all", "logtail", "mtail"), 2),
        ("context switches at rest", Results(rows).get("rest", "switches", daemon="logtail, unix bus"), 0),
        ("RSS at rest, MiB", Results(rows).get("rest", "rss_mib", daemon="logtail, unix bus"), 40),
        ("KiB a file", last(Results(rows), "many", "kib_a_file"), 300),
        ("growth of the cost of a byte", last(Results(rows), "growth", "cost_per_byte"), 5),
    ]
    return [f"{words}: {figure:.3g}, not at most {limit}"
            for words, figure, limit in far if figure is not None and figure > limit]
