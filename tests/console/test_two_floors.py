"""Two watch floors in two browsers: what one shares and says shows at the other, its answer comes back, and a cut link is said and loses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from seaward.core.catalogue import render
from seaward.server.floor import Floor
from tests.console.conftest import Open, shot
from tests.console.opened import both_opened, told
from tests.node.two_nations import Two

SUMMARY = 'summary:has-text("{}")'
SLOW = """{ const D = Date, by = -7 * 3600e3; globalThis.Date = class extends D {
    constructor(...a) { if (a.length) super(...a); else super(D.now() + by); }
    static now() { return D.now() + by; } } }"""  # a clock that is seven hours slow
Pair = tuple[Two, dict[str, Floor], dict[str, str]]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with both_opened(tmp_path) as pair:
        yield pair


def desk(page: Page) -> None:
    page.click('.tab[data-view="desk"]')
    expect(page.locator("#panel h2")).to_be_visible()


@pytest.mark.parametrize(("here", "there"), [("en", "es"), ("es", "en")])
def test_an_alert_is_shared_by_a_key_after_asking_what_they_would_get(pair: Pair, at: Open, here: str, there: str) -> None:
    both, floors, urls = pair
    name = told(floors["PER"], "e-dark", kind="gap", lon_deg=-77.123456, lat_deg=-12.345678)
    ours, theirs = at(urls["PER"], lang=here), at(urls["USA"], lang=there)
    theirs.click('.tab[data-view="exchange"]')
    ours.keyboard.press("j")
    expect(ours.locator('#card [data-do="share"]')).to_be_visible()
    expect(ours.locator('#card [data-do="share"]')).to_have_text(render("console.do.share", {}, here))
    ours.keyboard.press("x")
    form = ours.locator('#card form[data-verb="share"]')
    form.locator("[data-explain]").click()
    expect(form.locator("output")).to_have_text(render("exchange.why.label.none", {}, here))
    form.locator("select[name=precision_m]").select_option("20000")
    form.locator("textarea").fill("they asked")
    form.locator("button.main").click()
    expect(ours.locator("#told .fine")).to_be_visible()
    row = theirs.locator("#panel section li").filter(has_text="PER").filter(has_text=render("console.object.event", {}, there))
    expect(row.first).to_be_visible()
    expect(row.first).to_contain_text("±")
    shot(theirs, f"received-{there}")
    body = next(o["body"] for o in both.got(kind="event").values())
    assert body["lon_udeg"] != -77_123_456 and body["error_m"] >= 5_000
    audit = floors["PER"].node.state.audit_rows(who="officer")
    assert "exchange.released" in audit["action"].to_list() and name


def test_chat_tasks_and_their_answers_go_both_ways(pair: Pair, at: Open) -> None:
    _, _, urls = pair
    ours, theirs = at(urls["PER"], lang="es"), at(urls["USA"])
    for page in (ours, theirs):
        desk(page)
    ours.click(SUMMARY.format(render("console.desk.new.chat", {}, "es")))
    chat = ours.locator('form[data-post="/api/v1/exchange/chat"]').first
    chat.locator("textarea").fill("¿Nos reciben? <b>ojo</b>")
    chat.locator("button.main").click()
    line = theirs.locator("#panel .thread li").filter(has_text="¿Nos reciben? <b>ojo</b>")
    expect(line).to_have_count(1)
    assert theirs.locator("#panel b:text-is('ojo')").count() == 0
    ours.click(SUMMARY.format(render("console.desk.new.task", {}, "es")))
    task = ours.locator('form[data-post="/api/v1/exchange/tasks"]')
    task.locator("[name=what]").select_option("rescue")
    task.locator("[name=unit]").fill("CUTTER 1")
    task.locator("[name=place]").fill("12 18.4S 077 44.9W")
    task.locator("button.main").click()
    asked = theirs.locator("#panel .thread.ours").filter(has_text="CUTTER 1")
    expect(asked).to_contain_text("12°18.4")
    shot(theirs, "desk")
    asked.locator("button", has_text=re.compile(f"^{render('console.desk.do.accept', {}, 'en')}$")).click()
    expect(ours.locator("#panel .thread").filter(has_text="CUTTER 1")).to_contain_text(render("desk.state.accepted", {}, "es"))
    shot(ours, "desk-es")


def test_a_place_that_cannot_be_read_is_refused_in_words_and_what_was_written_stays(pair: Pair, at: Open) -> None:
    page = at(pair[2]["PER"])
    desk(page)
    page.click(SUMMARY.format(render("console.desk.new.task", {}, "en")))
    task = page.locator('form[data-post="/api/v1/exchange/tasks"]')
    task.locator("[name=place]").fill("off Callao")
    task.locator("[name=unit]").fill("CUTTER 1")
    task.locator("button.main").click()
    expect(page.locator("#told")).to_contain_text("12 18.4S")
    assert task.locator("[name=unit]").input_value() == "CUTTER 1"
    assert pair[1]["PER"].node.state.talked_with() == []


def test_a_cut_link_is_said_and_what_was_said_meanwhile_comes_once(pair: Pair, at: Open) -> None:
    both, _, urls = pair
    ours, theirs = at(urls["PER"]), at(urls["USA"])
    for page in (ours, theirs):
        desk(page)
    both.cable.do("cut")
    expect(ours.locator("#chips .link.bad")).to_be_visible()
    shot(ours, "link-down")
    ours.click(SUMMARY.format(render("console.desk.new.chat", {}, "en")))
    chat = ours.locator('form[data-post="/api/v1/exchange/chat"]').first
    chat.locator("textarea").fill("said while cut")
    chat.locator("button.main").click()
    expect(ours.locator("#panel .thread").filter(has_text="said while cut")).to_contain_text(render("console.delivery.waiting", {}, "en"))
    both.cable.do("mend")
    expect(theirs.locator("#panel .thread li").filter(has_text="said while cut")).to_have_count(1)
    expect(ours.locator("#panel .thread").filter(has_text="said while cut")).to_contain_text(render("console.delivery.arrived", {}, "en"))
    expect(ours.locator("#chips .link.bad")).to_have_count(0)


def test_a_browser_whose_clock_is_hours_wrong_agrees_moments_by_the_node(pair: Pair, at: Open) -> None:
    page = at(pair[2]["PER"])
    page.context.add_init_script(SLOW)
    page.reload()
    page.wait_for_selector('body[data-ready="1"]')
    page.wait_for_function("() => document.getElementById('node-clock') !== null")
    shown = page.locator("#clock").inner_text()
    assert abs(int(shown[:2]) * 60 + int(shown[3:5]) - pair[1]["PER"].now().hour * 60 - pair[1]["PER"].now().minute) % 1438 <= 2
    desk(page)
    page.click('[data-key="new-task"] summary')
    form = page.locator('[data-key="new-task"] form')
    form.locator("[name=until]").select_option("1")
    form.locator("textarea").fill("look there")
    form.locator("textarea").press("Control+Enter")
    expect(page.locator("#panel .thread")).to_have_count(1)
    told = page.evaluate("async () => (await (await fetch('/api/v1/exchange/threads')).json()).threads[0].due_us")
    assert abs(told / 1e6 - pair[1]["PER"].now().timestamp() - 3_600) < 120


def test_who_may_only_look_sees_the_desk_without_its_forms(pair: Pair, at: Open) -> None:
    page = at(pair[2]["PER"], person="observer")
    desk(page)
    assert page.locator("form.say").count() == 0
