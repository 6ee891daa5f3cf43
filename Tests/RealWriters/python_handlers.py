#!/usr/bin/env python3
"""Writes a log as headroom does, through the handlers of Python's logging that rotate it.

    python_handlers.py size|time|gzip LOG DATABASE LINES

`size` is a RotatingFileHandler whose six files live on the same six inodes for ever, `gzip` one
with the rotator of Python's cookbook that compresses, and `time` a TimedRotatingFileHandler that
turns over every second. It writes to standard output the id of each request that is slow.

What was rotated away unread nobody can find again, so the handlers that delete wait until the
database says that it was read.
"""

import gzip
import json
import logging
import logging.handlers
import os
import shutil
import sqlite3
import sys
import time

FILE_BYTES = 8_000
BACKUPS = 5


def compress(source, dest):
    with open(source, "rb") as log, gzip.open(dest, "wb") as archive:
        shutil.copyfileobj(log, archive)
    os.remove(source)


def handler(kind, log):
    if kind == "time":
        return logging.handlers.TimedRotatingFileHandler(log, when="S", interval=1)
    handler = logging.handlers.RotatingFileHandler(log, maxBytes=FILE_BYTES, backupCount=BACKUPS)
    if kind == "gzip":
        handler.rotator = compress
        handler.namer = lambda name: name + ".gz"
    return handler


def bytes_read(database):
    try:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        try:
            query = "SELECT coalesce(sum(bytes_read), 0) FROM checkpoints"
            return connection.execute(query).fetchone()[0]
        finally:
            connection.close()
    except sqlite3.OperationalError:
        # There is no database yet, or it is being made.
        return 0


def message(number, is_slow):
    now = time.time()
    total = 900.25 if is_slow else 12.5
    request = f"hr_{int(now - total / 1000)}_{number:06}"
    payload = {
        "event": "stage_timings",
        "path": "anthropic_messages",
        "request_id": request,
        "stages": {"pre_upstream_wait": 1.5, "deep_copy": 0.25, "total_pre_upstream": total},
    }
    return request, f"[{request}] STAGE_TIMINGS {json.dumps(payload)}"


def main():
    kind, log, database, lines = sys.argv[1:]
    logger = logging.getLogger("headroom.proxy")
    logger.setLevel(logging.INFO)
    output = handler(kind, log)
    output.setFormatter(
        logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s")
    )
    logger.addHandler(output)
    written = 0
    for number in range(int(lines)):
        if kind == "time":
            time.sleep(0.005)
        while kind != "time" and written - bytes_read(database) > (BACKUPS - 2) * FILE_BYTES:
            time.sleep(0.002)
        is_slow = number % 3 == 0
        request, text = message(number, is_slow)
        logger.info("%s", text)
        # The prefix of the formatter is 47 bytes, the newline one.
        written += len(text) + 48
        if is_slow:
            print(request, flush=True)


main()
