#!/usr/bin/env python3
"""Opens pages of `logtail report` in a browser, on a phone and on a wide screen, light and dark,
and on paper: check_report.py [--expect DRAWINGS] [--pictures FOLDER] PAGE…

Prints what is wrong, a line each, and exits with 1 where anything is."""

import argparse
import pathlib
import sys

import chromium

CHECK = (pathlib.Path(__file__).parent / "check.js").read_text()
VIEWS = [(width, theme, "screen") for width in (390, 1280) for theme in ("light", "dark")]


def problems(browser, page, view, drawings):
    browser.show(page, *view)
    yield from browser.evaluate(CHECK)
    for event in browser.heard("Runtime.exceptionThrown", "Log.entryAdded",
                               "Runtime.consoleAPICalled"):
        yield f"the console says {event}"
    for event in browser.heard("Network.requestWillBeSent"):
        if not event["request"]["url"].endswith(pathlib.Path(page).name):
            yield f"asks for {event['request']['url']}"
    if browser.evaluate("document.scripts.length") != 0:
        yield "holds a script"
    found = browser.evaluate("document.querySelectorAll('svg.drawing').length")
    if drawings is not None and found != drawings:
        yield f"has {found} drawings, not {drawings}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--expect", type=int)
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("pages", nargs="+")
    options = parser.parse_args()
    count = 0
    with chromium.Chromium() as browser:
        for page in options.pages:
            for view in VIEWS + [(794, "light", "print")]:
                for problem in problems(browser, page, view, options.expect):
                    print(f"{page} at {view}: {problem}")
                    count += 1
                if options.pictures:
                    name = f"{pathlib.Path(page).stem}-{view[0]}-{view[1]}-{view[2]}.png"
                    browser.picture(options.pictures / name)
    sys.exit(1 if count else 0)


if __name__ == "__main__":
    main()
