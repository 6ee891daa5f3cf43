#!/usr/bin/env python3
"""Takes the pictures of the example report that the main README shows; needs Chromium."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE / "../../Tests/Browser"))
import chromium  # noqa: E402

with chromium.Chromium() as browser:
    for theme in ("light", "dark"):
        browser.show(HERE / "report.html", 1120, theme)
        browser.picture(HERE / f"report-{theme}.png", height=960)
