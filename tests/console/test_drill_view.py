"""The exercise in a browser: control sets the pace of the clock, a player sees what it was handed; both in their language."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from seaward.core.catalogue import render
from tests.console.conftest import Open, shot
from tests.console.opened import opened
from tests.console.test_shapes import broken_rules
from tests.server.test_drill import START, drilled

DRILL = {"realm": "ex:prueba-27", "drill": {"start": START, "speed": 1.0}}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_control_sets_the_pace_and_sees_everything_that_is_to_be_handed_out(tmp_path: Path, at: Open, lang: str) -> None:
    with opened(tmp_path, events=0, feeds=False, config=DRILL) as (floor, url):
        floor.node.drilled = drilled(tmp_path / "none.html", floor.node.clock.run)  # type: ignore[union-attr]
        page = at(url, "supervisor", lang=lang)
        page.click('[data-view="drill"]')
        expect(page.locator("#panel [data-inject]")).to_have_count(3)
        expect(page.locator("#panel")).to_contain_text(render("console.drill.truth", {}, lang))
        page.click('[data-pace="60"]')
        expect(page.locator('[data-pace="60"]')).to_have_attribute("aria-pressed", "true")
        assert floor.node.clock.speed == 60.0
        held = page.locator('[data-inject="I3"]')
        expect(held.locator("[data-release]")).to_have_text(render("console.drill.release", {}, lang))
        held.locator("[data-release]").click()
        expect(held).to_contain_text(render("console.drill.given", {}, lang))
        expect(held.locator("[data-release]")).to_have_count(0)
        assert floor.node.drilled.held.taken() == ["I3"]  # type: ignore[union-attr]
        assert broken_rules(page) == []
        shot(page, f"drill-control-{lang}")


def test_a_player_sees_what_came_and_has_no_buttons_for_the_clock(tmp_path: Path, at: Open) -> None:
    with opened(tmp_path, events=0, feeds=False, config=DRILL) as (floor, url):
        floor.node.drilled = drilled(tmp_path / "none.html")
        page = at(url, "supervisor")
        page.click('[data-view="drill"]')
        expect(page.locator("#panel [data-inject]")).to_have_count(1)
        expect(page.locator("#panel [data-pace]")).to_have_count(0)
