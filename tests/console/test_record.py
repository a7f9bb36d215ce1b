"""The record of the watch in a browser: figures, bars and their table, in both languages, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from seaward.core.catalogue import render
from seaward.server.floor import Floor
from tests.console.conftest import Open, shot
from tests.console.test_shapes import broken_rules


def view(page: Page) -> None:
    page.click('[data-view="record"]')
    expect(page.locator("#panel .plot canvas")).to_be_visible()


@pytest.mark.parametrize(("lang", "width"), [("en", 1400), ("es", 1400), ("en", 390)])
def test_the_record_is_drawn_told_in_words_and_open_to_everyone(reading: tuple[Floor, str], at: Open, lang: str, width: int) -> None:
    page = at(reading[1], "observer", lang=lang, width=width)
    view(page)
    expect(page.locator("#panel")).to_contain_text(render("console.record.limits", {}, lang))
    expect(page.locator('#panel [data-kind="gap"]').filter(has_text=render("kind.gap", {}, lang))).to_have_count(1)
    page.click('#panel details[data-key="record-times"] summary')
    expect(page.locator('#panel details[data-key="record-times"] tbody tr')).to_have_count(1)
    painted = page.evaluate(
        """() => {
        const c = document.querySelector('#panel .plot canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        const wanted = getComputedStyle(document.querySelector('.v-undecided i')).backgroundColor.match(/\\d+/g).map(Number);
        let n = 0;
        for (let i = 0; i < d.length; i += 4) if (wanted.every((v, k) => Math.abs(d[i + k] - v) < 5)) n++;
        return n; }"""
    )
    assert painted > 50, "the bar of undecided alerts is there"
    assert broken_rules(page) == []
    shot(page, f"record-{lang}-{width}")


def test_another_period_is_chosen_and_remembered(reading: tuple[Floor, str], at: Open) -> None:
    page = at(reading[1])
    view(page)
    page.select_option("#hours", "168")
    expect(page.locator("#panel")).to_contain_text(render("console.record.times.day", {}, "en"))
    page.click('[data-view="watch"]')
    view(page)
    expect(page.locator("#hours")).to_have_value("168")
    page.select_option("#palette", "night", force=True)
    expect(page.locator("#panel .plot canvas")).to_have_count(1)
