"""The floor from a telephone to a wall of screens, in every palette; with the keyboard alone; and what axe says of it."""

from __future__ import annotations

from importlib.resources import files

import pytest
from playwright.sync_api import Page, expect

from seaward.server.floor import Floor
from tests.console.conftest import Open, shot

Reading = tuple[Floor, str]


def broken_rules(page: Page) -> list[str]:
    """What axe finds: rule, impact and the first place."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8") + ";0")
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']} {v['impact']} {v['nodes'][0]['target']} {v['nodes'][0].get('failureSummary', '')[:200]}" for v in found["violations"]]


@pytest.mark.parametrize("width", [390, 768, 1280, 1920, 2560])
def test_nothing_is_cut_off_at_any_width(reading: Reading, at: Open, width: int) -> None:
    page = at(reading[1], width=width, height=max(700, width * 9 // 16) if width > 400 else 844, lang="es")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    for what in ("#queue .alert >> nth=0", "#map", "#card", "#slider", ".menu summary"):
        box = page.locator(what).bounding_box()
        assert box is not None and box["width"] > 30 and box["x"] >= 0 and box["x"] + box["width"] <= width + 1, what
    shot(page, f"width-{width}")


@pytest.mark.parametrize("palette", ["bright", "day", "dusk", "night"])
def test_axe_finds_nothing_in_any_palette(reading: Reading, at: Open, palette: str) -> None:
    page = at(reading[1])
    page.evaluate("(p) => { const s = document.getElementById('palette'); s.value = p; s.dispatchEvent(new Event('change')); }", palette)
    page.keyboard.press("j")
    expect(page.locator("#card article")).to_be_visible()
    page.keyboard.press("d")
    assert broken_rules(page) == []
    for view in ("feeds", "desk", "exchange"):
        page.click(f'[data-view="{view}"]')
        expect(page.locator("#panel h2")).to_be_visible()
        assert broken_rules(page) == []
    page.click('[data-view="watch"]')
    page.wait_for_timeout(500)
    shot(page, f"palette-{palette}")


def test_signing_in_has_nothing_for_axe_either(reading: Reading, browser: object) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(reading[1])
    assert broken_rules(page) == []
    page.close()


def test_the_keyboard_alone_leads_through_a_watch(reading: Reading, at: Open) -> None:
    page = at(reading[1])
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("j")
    one = page.locator(".alert[aria-current=true]").get_attribute("data-alert")
    page.keyboard.press("j")
    expect(page.locator(".alert[aria-current=true]")).not_to_have_attribute("data-alert", one or "")
    page.keyboard.press("k")
    expect(page.locator(".alert[aria-current=true]")).to_have_attribute("data-alert", one or "")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).not_to_be_visible()
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName"))
    assert {"q", "measure", "draw"} <= seen
