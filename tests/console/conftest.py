"""One watch floor and one browser for the tests that only read, a floor anew for those that change something; screenshots are kept in out/."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from seaward.console.assets import missing
from seaward.console.routes import FLOOR_ROUTES
from seaward.server.floor import Floor
from seaward.server.serving import Serving
from tests.browsers import DRAWN_BY_SOFTWARE, launched
from tests.console.opened import opened
from tests.server.floor import PASSWORD, open_floor

SHOTS = Path(__file__).resolve().parents[2] / "out" / "console"
Open = Callable[..., Page]
PATIENCE_MS = 120_000  # a first node compiles its fast parts meanwhile
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="package")  # a browser that stays open holds an event loop, which others could not have
def browser() -> Iterator[Browser]:
    if gone := missing():
        pytest.skip(f"the browser packages were not fetched when the package was built ({', '.join(gone)}); install it again with a network")
    with launched(*DRAWN_BY_SOFTWARE) as found:
        yield found


@pytest.fixture(scope="package")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Floor, str]]:
    with opened(tmp_path_factory.mktemp("reading")) as found:
        yield found


@pytest.fixture(scope="package")
def served_floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Floor, Serving]]:
    with open_floor(tmp_path_factory.mktemp("served"), routes=FLOOR_ROUTES) as found:
        yield found


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple[Floor, str]]:
    with opened(tmp_path) as found:
        yield found


@pytest.fixture
def at(browser: Browser) -> Iterator[Open]:
    """Opens the floor at an address as somebody, in a language; any error of the page fails the test."""
    contexts, errors = [], []

    def open_it(url: str, person: str = "officer", lang: str = "en", width: int = 1400, height: int = 860, path: str = "/") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale={"en": "en-US", "es": "es-PE"}[lang], timezone_id="America/Lima"
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on(
            "console",
            lambda m: (
                errors.append(m.text)
                if m.type == "error" and "net::ERR" not in m.text and "status of" not in m.text and "sse:error" not in m.text
                else None
            ),
        )
        page.goto(url + path)
        page.fill("#person", person)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector('body[data-ready="1"]', timeout=60_000)
        page.wait_for_selector("#line.chip:not(.down)")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert errors == []


def shot(page: Page, name: str) -> None:
    """Keep how the page looks."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
