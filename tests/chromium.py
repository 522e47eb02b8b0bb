"""Headless Chromium of this machine, driven by Playwright; none is downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deploy.local import Missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# Root, as in a container, cannot use Chromium's own sandbox, and /dev/shm is small there.
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-proxy-server")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start it, and end it afterwards.

    Raises:
        Missing: it is not installed.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow to import, and few tests need it

    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise Missing("Chromium is not installed (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=list(ARGUMENTS))
        yield browser
        browser.close()
