#!/usr/bin/env python3
"""Print the events of logtail's unix socket, one JSON object a line, for ever.

The connection is made again whenever it ends, with the seq of the last event, so that nothing is
missed while the daemon restarts or while this program was too slow. With --state the seq also
outlives this program. Every event comes at least once: drop repeats by "key" if they matter.

    follow.py --since 0 | jq .value_ms
    follow.py --state /var/lib/me/seq --kind stall_episode --status stall
"""

import argparse
import json
import os
import socket
import sys
import time

FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0  # seconds between two attempts to connect


class Refused(Exception):
    """The daemon does not serve this request, and never will."""


def main():
    options = parse_options()
    request = {
        name: value
        for name in ("source", "kind", "status", "publish")
        if (value := getattr(options, name))
    }
    since = options.since if options.since is not None else read_state(options.state)
    wait, trouble = FIRST_WAIT, None
    while True:
        try:
            for position in follow(options.socket, request, since):
                if position != since:
                    write_state(options.state, position)
                since, wait, trouble = position, FIRST_WAIT, None
            problem = "the daemon closed the connection"
        except OSError as error:
            problem = f"unable to follow {options.socket}: {error.strerror or error}"
        if problem != trouble:
            say(f"{problem}; trying again")
        trouble = problem
        time.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)


def follow(path, request, since):
    """Print the events of one connection; yield the seq to come back with, again and again."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        if since is not None:
            request = {**request, "since": since}
        connection.sendall(json.dumps(request).encode() + b"\n")
        rest = b""
        while received := connection.recv(65536):
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                since = take(line, since)
            # What a moved position stands for has left this program.
            flush_output()
            yield since


def take(line, since):
    """Print an event, or heed what the daemon says; return the seq to come back with."""
    message = json.loads(line)
    if "hello" in message:
        return greeted(message, since)
    if "error" in message:
        raise Refused(message["error"])
    if "lagged" in message:
        say(f"fell behind, coming back after {message['seq']}")
        return message["seq"]
    write_output(line + b"\n")
    return message["seq"]


def greeted(hello, since):
    if since is None:
        return hello["latest"]  # so that nothing is missed should the connection end now
    if hello["truncated"]:
        say(f"rows between {since} and {hello['oldest']} are gone")
    if hello["latest"] < since:
        raise Refused(
            f"the daemon has {hello['latest']} rows and {since} were asked for: "
            "is this another database? Use --since 0 for all of it"
        )
    return since


def write_output(data):
    try:
        sys.stdout.buffer.write(data)
    except BrokenPipeError:
        end_quietly()


def flush_output():
    try:
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        end_quietly()


def end_quietly():
    """Whoever read the events has gone, which is how a pipe ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def read_state(path):
    if path is None:
        return None
    try:
        with open(path) as file:
            return int(file.read())
    except FileNotFoundError:
        return None


def write_state(path, since):
    if path is None:
        return
    temporary = path + ".new"
    with open(temporary, "w") as file:
        file.write(f"{since}\n")
    os.replace(temporary, path)


def default_socket():
    """Where the daemon of this user listens by default."""
    environment = os.environ
    if folders := environment.get("RUNTIME_DIRECTORY"):
        return folders.split(":")[0] + "/bus.sock"
    if folder := environment.get("XDG_RUNTIME_DIR"):
        return folder + "/logtail/bus.sock"
    if database := environment.get("LOGTAIL_DB"):
        return os.path.join(os.path.dirname(database), "bus.sock")
    if folder := environment.get("STATE_DIRECTORY"):
        return folder + "/bus.sock"
    state = environment.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return state + "/logtail/bus.sock"


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--socket", default=default_socket(), help="default: %(default)s")
    parser.add_argument("--since", type=int, help="start after this seq; 0 is the beginning")
    parser.add_argument("--state", help="file that keeps the seq between runs")
    parser.add_argument("--source", action="append", help="only this source (may be repeated)")
    parser.add_argument("--kind", action="append", help="only this kind (may be repeated)")
    parser.add_argument("--status", action="append", help="only this status (may be repeated)")
    parser.add_argument("--publish", choices=["episodes", "all"], help="every breach too: all")
    return parser.parse_args()


def say(words):
    print(f"follow.py: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except Refused as refusal:
        say(f"unable to follow: {refusal}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
