"""The report in a real browser: it draws, filters and asks nobody for anything."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from seaward.report.page import render_report

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "-y", "install", "chromium"]):
            subprocess.run(command, check=False, capture_output=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, timeout=500)
        path = find_browser()
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed, and only root can install it")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1300, "height": 900})
    yield opened
    opened.close()


def show(page: Page, sea: dict[str, Any], folder: Path, **more: Any) -> tuple[list[str], list[str]]:
    """Open the report; what it complained of and what it asked for fill as the page lives."""
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("request", lambda r: asked.append(r.url))
    (folder / "report.html").write_text(render_report(**(sea | more)), encoding="utf-8")
    page.goto((folder / "report.html").as_uri())
    page.wait_for_function("document.getElementById('map').width > 300")
    return complaints, asked


def picture(page: Page) -> str:
    """What the map shows, once it has come to rest."""
    page.wait_for_timeout(400)
    return page.evaluate("document.getElementById('map').toDataURL()")


def test_it_draws_without_a_complaint_and_without_a_request(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    complaints, asked = show(page, sea, tmp_path)
    blank = page.evaluate("Object.assign(document.createElement('canvas'), {width: map.width, height: map.height}).toDataURL()")
    assert picture(page) != blank
    assert complaints == [] and asked == [(tmp_path / "report.html").as_uri()]


def test_buttons_keys_and_the_list_move_the_map(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    show(page, sea, tmp_path)
    page.click("#fit")
    whole = picture(page)
    page.click("#in")
    near = picture(page)
    page.click("#fit")
    assert near != whole == picture(page)
    page.click(".go >> nth=1")
    chosen = picture(page)
    page.keyboard.press("n")
    assert chosen != whole and picture(page) != chosen


def test_the_list_and_the_map_filter_together(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    show(page, sea, tmp_path)
    whole = picture(page)
    page.uncheck("[name=kind][value=gap]")
    assert page.locator("#events > li:visible").count() == 3 and picture(page) != whole
    page.fill("#find", "jigger 05")
    assert page.locator("#events > li:visible").count() == 1
    page.fill("#find", "no such ship")
    assert page.locator("#events > li:visible").count() == 0 and page.locator("#none").is_visible()


@pytest.mark.parametrize("language", ["en", "es"])
def test_hostile_names_are_text_and_nothing_else(page: Page, sea: dict[str, Any], tmp_path: Path, language: str) -> None:
    evil = "</script><img src=x onerror=document.title='taken'>"
    vessels = sea["vessels"].with_columns(name=sea["vessels"]["name"].replace_strict({"JIGGER 05 (EX)": evil}, default=None))
    complaints, asked = show(page, sea, tmp_path, vessels=vessels, language=language)
    assert page.locator("#events").inner_text().count("<img") == 2  # of a gap and an encounter
    assert "taken" not in page.title() and complaints == [] and len(asked) == 1


def test_it_can_be_read_on_a_telephone(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    (tmp_path / "report.html").write_text(render_report(**sea), encoding="utf-8")
    page.goto((tmp_path / "report.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
