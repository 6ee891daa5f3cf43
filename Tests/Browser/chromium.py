"""Chromium without a window, driven through a pair of pipes with nothing but Python's own
modules: the DevTools protocol, one JSON object after the other, each ended by a null."""

import base64
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time

PROGRAM = shutil.which("chromium")


class Chromium:
    """A browser with one page, and what happened in it."""

    def __init__(self, seconds=120):
        self.deadline = time.monotonic() + seconds
        # The browser's other processes may write for a moment longer than it lives.
        self.folder = tempfile.TemporaryDirectory(
            prefix="logtail-browser-", ignore_cleanup_errors=True)
        theirs, self.commands = os.pipe()
        self.answers, theirs_too = os.pipe()
        # Numbers above those that the browser wants, so that none is overwritten too early.
        read, write = os.dup2(theirs, 13), os.dup2(theirs_too, 14)
        self.process = subprocess.Popen(
            ["bash", "-c", 'exec "$0" "$@" 3<&13 4>&14 13<&- 14>&-', PROGRAM, "--headless",
             "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--hide-scrollbars",
             f"--user-data-dir={self.folder.name}", "--remote-debugging-pipe", "about:blank"],
            pass_fds=(13, 14), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        for number in (theirs, theirs_too, read, write):
            os.close(number)
        self.buffer, self.number, self.session, self.events = b"", 0, None, []
        pages = self.call("Target.getTargets")["targetInfos"]
        page = next(page for page in pages if page["type"] == "page")
        self.session = self.call(
            "Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        self.folder.cleanup()

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") != self.number:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def receive(self):
        while b"\0" not in self.buffer:
            left = self.deadline - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            data = os.read(self.answers, 1 << 20)
            if not data:
                raise RuntimeError("the browser has ended")
            self.buffer += data
        text, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(text)

    def show(self, path, width, theme, medium="screen"):
        """Opens a page, on a screen of that width and in that theme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", media=medium,
                  features=[{"name": "prefers-color-scheme", "value": theme}])
        self.events.clear()
        self.call("Page.navigate", url=pathlib.Path(path).resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.receive())

    def evaluate(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def heard(self, *methods):
        return [event["params"] for event in self.events if event.get("method") in methods]

    def picture(self, path, height=None):
        """Saves what the page looks like, down to `height` or its end."""
        height = height or self.evaluate("document.documentElement.scrollHeight")
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip={
            "x": 0, "y": 0, "scale": 1, "height": height,
            "width": self.evaluate("window.innerWidth")})
        pathlib.Path(path).write_bytes(base64.b64decode(answer["data"]))
