"""Answers that come late: none undoes what was chosen since, and a form on its way is neither sent twice nor left open."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from seaward.core.catalogue import render
from seaward.server.floor import Floor
from tests.console.conftest import Open
from tests.console.opened import both_opened, opened, told
from tests.server.patrols import patrol_in

AGAIN = "() => document.body.dispatchEvent(new CustomEvent('seaward:again'))"
KEEP_TOLD = """() => {
    globalThis.told = [];
    new MutationObserver((changes) => told.push(...changes.flatMap((c) => [...c.addedNodes].map((n) => n.textContent)))).observe(
        document.getElementById("told"), { childList: true });
}"""


class Holding:
    """Requests of a page that are held up from when it is told to; set up early, as what is asked just after would pass."""

    def __init__(self, page: Page, pattern: str, most: int = 1_000) -> None:
        self.held, self.most, self.begun = list[Route](), most, False
        page.route(pattern, self._route)
        self.page = page

    def _route(self, route: Route) -> None:
        if self.begun and len(self.held) < self.most:
            self.held.append(route)
        else:
            route.continue_()

    def until(self, at_least: int = 1) -> list[Route]:
        for _ in range(6_000):
            if len(self.held) >= at_least:
                return self.held
            self.page.wait_for_timeout(20)
        raise AssertionError(f"{len(self.held)} requests came, not {at_least}")


def test_an_answer_that_comes_late_undoes_nothing_that_was_chosen_since(reading: tuple[Floor, str], at: Open) -> None:
    page = at(reading[1])
    holding = Holding(page, "**/console/queue?*view=open*", most=1)
    view, rows = page.locator("#filter select[name=view]"), page.locator("#queue .alert")
    view.select_option("mine")
    expect(rows).to_have_count(0)
    holding.begun = True
    view.select_option("open")
    holding.until()
    view.select_option("done")
    page.wait_for_timeout(500)
    with page.expect_response(lambda r: "view=open" in r.url):
        holding.held[0].continue_()
    page.wait_for_timeout(500)
    expect(rows).to_have_count(0)


def test_the_answer_to_an_alert_is_under_the_officers_hand_though_its_card_was_asked_for_again_meanwhile(tmp_path: Path, at: Open) -> None:
    with opened(tmp_path, events=1, config=patrol_in(tmp_path)) as (floor, url):
        name = told(floor, "dark", vessel_ids=["mmsi:760000009"], lon_deg=-78.3, lat_deg=-12.6)
        page = at(url)
        holding = Holding(page, "**/console/alerts/*")
        page.evaluate("(name) => { location.hash = 'alert=' + name }", name)
        expect(page.locator("#card [data-answer]")).to_be_visible()
        holding.begun = True
        with page.expect_response("**/api/v1/patrol/answers/1?format=geojson"):
            page.keyboard.press("p")
        holding.until()
        page.wait_for_timeout(1_500)
        asked = len(holding.held)
        page.evaluate(AGAIN)
        held = holding.until(asked + 1)
        for one in held[:asked]:
            one.continue_()
        accept = page.locator('#card [data-proposal="1"] button.main')
        expect(accept).to_be_focused()
        held[-1].continue_()
        page.wait_for_timeout(500)
        expect(accept).to_be_focused()


@pytest.mark.parametrize(("what", "into"), [("queue", "queue"), ("vessels", "card"), ("feeds", "panel")])
def test_what_a_busy_node_does_not_answer_is_asked_for_again_but_not_in_haste(what: str, into: str, tmp_path: Path, at: Open) -> None:
    """No change follows that would have it read anew: the queue, a card, a view."""
    with opened(tmp_path, events=1) as (floor, url):
        page, busy, asked = at(url), [True], list[str]()

        def answer(route: Route) -> None:
            asked.append(route.request.url)
            if busy:
                route.fulfill(status=503, content_type="application/problem+json", body='{"status": 503, "code": "busy", "detail": "later"}')
            else:
                route.continue_()

        page.click('.tab[data-view="feeds"]')
        page.evaluate("() => { location.hash = 'vessel=mmsi:760000001' }")
        expect(page.locator("#card .notes")).to_be_visible()
        expect(page.locator("#panel h2").first).to_contain_text(render("console.view.feeds", {}, "en"))
        page.wait_for_timeout(1_500)  # what is on its way comes
        page.evaluate("(id) => { globalThis.before = document.getElementById(id).firstElementChild }", into)
        page.route(f"**/console/{what}**", answer)
        floor.node.state.add_note("mmsi:760000001", "no lights", "officer", floor.now())
        told(floor, "dark")
        page.evaluate(AGAIN)
        page.wait_for_timeout(10_000)
        assert 2 <= len(asked) <= 8
        assert page.evaluate("(id) => document.getElementById(id).firstElementChild === globalThis.before", into)
        busy.clear()
        page.wait_for_function("(id) => document.getElementById(id).firstElementChild !== globalThis.before", arg=into)


def test_what_was_sent_to_a_partner_is_folded_and_empty_though_the_desk_was_read_anew_meanwhile(tmp_path: Path, at: Open) -> None:
    with both_opened(tmp_path) as (_, _floors, urls):
        page = at(urls["PER"], person="supervisor")
        holding = Holding(page, "**/api/v1/exchange/chat")
        holding.begun = True
        page.click('.tab[data-view="desk"]')
        fold = page.locator('#panel [data-key="new-chat"]')
        fold.locator("summary").click()
        fold.locator("textarea").fill("do you read")
        fold.locator("button.main").click()
        held = holding.until()
        expect(fold.locator("button.main")).to_be_disabled()
        page.evaluate(AGAIN)  # as when a partner says something just then
        page.wait_for_timeout(1_000)
        expect(fold.locator("button.main")).to_be_disabled()
        held[0].continue_()
        expect(page.locator("#panel .thread").filter(has_text="do you read")).to_have_count(1)
        expect(fold.locator("textarea")).not_to_be_visible()
        expect(fold.locator("textarea")).to_have_value("")


def test_a_deed_beside_partners_is_sent_once_and_said_to_be_done(tmp_path: Path, at: Open) -> None:
    """The form that shares an alert with partners stands beside the forms of deeds, and is none of them."""
    with both_opened(tmp_path) as (_, floors, urls):
        name = told(floors["PER"], "dark")
        page, sent = at(urls["PER"], person="supervisor"), list[str]()
        page.on("request", lambda r: sent.append(r.url) if r.method == "POST" and "/changes" not in r.url else None)
        page.evaluate("(name) => { location.hash = 'alert=' + name }", name)
        expect(page.locator('#card [data-do="share"]')).to_be_visible()
        page.evaluate(KEEP_TOLD)
        page.keyboard.down("a")
        page.keyboard.down("a")  # held down
        page.keyboard.up("a")
        expect(page.locator('#card [data-do="acknowledge"]')).to_have_count(0)
        page.keyboard.press("x")
        form = page.locator('#card form[data-verb="share"]')
        form.locator("[name=why]").fill("look")
        form.locator("button.main").click()
        page.wait_for_function("() => told.length > 1")
        page.wait_for_timeout(500)
        assert page.evaluate("told") == [render("console.js.done.acknowledge", {}, "en"), render("console.js.said", {}, "en")]
        assert [url.rsplit("/", 1)[-1] for url in sent] == ["acknowledge", "releases"]


def test_a_view_that_is_chosen_while_another_sends_is_shown_and_a_card_that_changed_while_it_was_written_in_is_read_anew(
    tmp_path: Path, at: Open
) -> None:
    with both_opened(tmp_path) as (_, floors, urls):
        name = told(floors["PER"], "dark")
        page = at(urls["PER"], person="supervisor")
        holding = Holding(page, "**/api/v1/exchange/chat")
        holding.begun = True
        page.click('.tab[data-view="desk"]')
        page.locator('#panel [data-key="new-chat"] summary').click()
        page.locator('#panel [data-key="new-chat"] textarea').fill("do you read")
        page.locator('#panel [data-key="new-chat"] button.main').click()
        held = holding.until()
        page.click('.tab[data-view="feeds"]')
        expect(page.locator("#panel h2")).to_contain_text(render("console.view.feeds", {}, "en"))
        held[0].continue_()

        page.evaluate("(name) => { location.hash = 'alert=' + name }", name)
        expect(page.locator('#card [data-do="comment"]')).to_be_visible()
        page.keyboard.press("c")
        page.locator('#card form[data-verb="comment"] [name=why]').fill("half a line")
        other = at(urls["PER"], person="supervisor")
        other.evaluate("(name) => { location.hash = 'alert=' + name }", name)
        other.locator('#card [data-do="acknowledge"]').click()
        expect(other.locator('#card [data-do="acknowledge"]')).to_have_count(0)
        page.wait_for_timeout(2_500)
        expect(page.locator('#card form[data-verb="comment"] [name=why]')).to_have_value("half a line")
        page.locator('#card form[data-verb="comment"] .undo').click()
        expect(page.locator('#card [data-do="acknowledge"]')).to_have_count(0)
