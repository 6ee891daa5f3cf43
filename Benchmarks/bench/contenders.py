"""Who takes part, and how each is run at its best.

A contender of the catch-up reads a whole log and finds every `total_pre_upstream` of a
STAGE_TIMINGS line. `job` says how much of that it does: "record" into a database with everything
else logtail does, "emit" every value into a file, "sum" them, or only "count" or "read" the lines:
limits, not peers.
"""

import json
import pathlib
import shutil
import sqlite3

from .process import Failure, timed

HERE = pathlib.Path(__file__).resolve().parent.parent
PEERS = HERE / "peers"
MARKER = "STAGE_TIMINGS"
VALUE = r'"total_pre_upstream": \K[0-9.eE+-]+'
AWK = r"""'{ i = index($0, "\"total_pre_upstream\": "); print substr($0, i + 22) + 0 }'"""


class Contender:
    def __init__(self, name, job, command, check, follows=False, program=None, environment=None):
        self.name, self.job, self.command, self.check = name, job, command, check
        self.follows, self.environment = follows, environment or {}
        self.program = program or command.split()[0]

    def run(self, log, truth, work):
        """One catch-up; returns wall and CPU seconds."""
        for path in work.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        until = None
        if self.follows:
            counted = Lines(work / "out")
            until = lambda: counted.count() >= truth["observations"]
        cost = timed(*self.prepared(log, work), until)
        self.check(work / "out", truth, work)
        return cost

    def prepared(self, log, work):
        """The command for a log, its output in `work`, and the environment it needs."""
        out = work / "out"
        environment = {
            **self.environment, "BENCH_LOG": str(log), "BENCH_OUT": str(out),
            "BENCH_STATE": str(work)}
        return self.command.format(log=log, out=out, work=work, marker=MARKER), environment


class Lines:
    """Counts the lines of a file that grows."""

    def __init__(self, path):
        self.path, self.offset, self.lines = path, 0, 0

    def count(self):
        if self.path.exists():
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                while block := file.read(1 << 20):
                    self.lines += block.count(b"\n")
                    self.offset += len(block)
        return self.lines


def expect(found, truth, digits=6):
    count, total = found
    wanted = truth["observations"], truth["sum_ms"]
    if count != wanted[0] or abs(total - wanted[1]) > max(1.0, wanted[1]) * 10 ** -digits:
        raise Failure(f"found {found}, not {wanted}")


def recorded(out, truth, work):
    database = sqlite3.connect(f"file:{work}/db.sqlite?mode=ro", uri=True)
    row = database.execute(
        "SELECT coalesce(sum(count), 0), coalesce(sum(sum_ms), 0) FROM latency"
        " WHERE stage = 'total'").fetchone()
    breaches = database.execute(
        "SELECT count(*) FROM events WHERE kind = 'overhead'").fetchone()[0]
    database.close()
    expect(row, truth, 9)
    if breaches != truth["breaches"]:
        raise Failure(f"found {breaches} breaches, not {truth['breaches']}")


def emitted(out, truth, work):
    count, total = 0, 0.0
    with open(out) as file:
        for line in file:
            count, total = count + 1, total + float(line)
    # awk prints six digits.
    expect((count, total), truth, 4)


def lines_of(out, truth, work):
    if Lines(out).count() != truth["observations"]:
        raise Failure("wrong number of lines")


def counted(out, truth, work):
    if int(out.read_text() or 0) != truth["observations"]:
        raise Failure(f"counted {out.read_text()!r}")


def summed(out, truth, work):
    values = json.loads(out.read_text())
    first = lambda name: values[name][0]["LabelValues"][0]["Value"]["Value"]
    expect((first("observations"), first("total_ms")), truth)


def nothing(out, truth, work):
    pass


def catchup(logtail, root):
    """All contenders whose programs are there."""
    daemon = (f"{logtail} run --observer headroom --timezone UTC --from-start --once --bus none"
              " --log-level error --db {work}/db.sqlite {log}")
    libraries = ":".join(str(root / folder) for folder in (
        "usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu",
        "lib/aarch64-linux-gnu", "usr/lib/syslog-ng"))
    own = {"LD_LIBRARY_PATH": libraries}
    modules = next(iter(root.glob("usr/lib/*/rsyslog")), root)
    ng = next(iter(sorted(root.glob("usr/lib/syslog-ng/[0-9]*"))), root)
    tail = "stdbuf -oL tail -n +1 -F {log} 2>/dev/null | grep --line-buffered -F {marker} | "
    found = [
        Contender("logtail", "record", daemon, recorded, program=str(logtail)),
        Contender("cat", "read", "cat {log} > /dev/null", nothing),
        Contender("grep -cF", "count", "grep -cF {marker} {log} > {out} || true", counted),
        Contender("rg -c", "count", f"{root}/usr/bin/rg -c {{marker}} {{log}} > {{out}} || true",
                  counted, program=f"{root}/usr/bin/rg"),
        Contender("grep | grep -oP", "emit",
                  f"grep -F {{marker}} {{log}} | grep -oP '{VALUE}' > {{out}} || true",
                  emitted, program="grep"),
        Contender("grep | mawk", "emit", f"grep -F {{marker}} {{log}} | {root}/usr/bin/mawk "
                  + AWK.replace("{", "{{").replace("}", "}}") + " > {out}", emitted,
                  program=f"{root}/usr/bin/mawk"),
        Contender("tail -F | grep | grep -oP", "emit",
                  tail + f"grep --line-buffered -oP '{VALUE}' > {{out}}", emitted, follows=True,
                  program="tail"),
        Contender("lnav", "emit", f"HOME={{work}} TERM=dumb {root}/usr/bin/lnav -n"
                  " -c ':filter-in {marker}' {log} > {out}", lines_of,
                  program=f"{root}/usr/bin/lnav", environment=own),
        Contender("mtail", "sum", f"{root}/usr/bin/mtail --one_shot --progs {PEERS}/mtail"
                  " --logs {log} --log_dir {work} > {out}", summed,
                  program=f"{root}/usr/bin/mtail"),
        Contender("rsyslog", "emit", f"{root}/usr/sbin/rsyslogd -n -M {modules} -i {{work}}/pid"
                  f" -f {PEERS}/rsyslog.conf", emitted, follows=True,
                  program=f"{root}/usr/sbin/rsyslogd", environment=own),
        Contender("syslog-ng", "emit", f"{root}/usr/sbin/syslog-ng -F --no-caps"
                  f" -f {PEERS}/syslog-ng.conf --module-path={ng} -R {{work}}/persist"
                  " -c {work}/control", emitted, follows=True,
                  program=f"{root}/usr/sbin/syslog-ng", environment=own),
    ]
    return [one for one in found if shutil.which(one.program)]
