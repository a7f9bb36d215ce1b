"""A browser for tests of pages: that of the system, which root has installed where it is missing."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ALWAYS = ("--no-sandbox", "--disable-background-networking", "--disable-quic", "--no-first-run", "--disable-component-update", "--disable-sync")
DRAWN_BY_SOFTWARE = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")  # WebGL without a graphics card


def find_browser() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextlib.contextmanager
def launched(*more: str) -> Iterator[Browser]:
    """A browser with these arguments; skips the test where there is none and only root could install it."""
    path = find_browser()
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "-y", "install", "chromium"]):
            subprocess.run(command, check=False, capture_output=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, timeout=500)
        path = find_browser()
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed, and only root can install it")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=[*ALWAYS, *more])
        yield opened
        opened.close()
