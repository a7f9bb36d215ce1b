"""The watch floor in a real browser: the queue, the card and the chart agree; every verb by button and by key; what changes appears by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from seaward.core.catalogue import render
from seaward.server.floor import Floor
from tests.console.conftest import Open, shot
from tests.console.opened import told
from tests.server.floor import PASSWORD

Fresh = tuple[Floor, str]


def first(page: Page) -> str:
    """Choose the first alert of the queue, by the keyboard; its id."""
    page.keyboard.press("j")
    expect(page.locator("#card article")).to_be_visible()
    name = page.locator(".alert[aria-current=true]").get_attribute("data-alert")
    assert name is not None
    return name


def on_chart(page: Page, source: str) -> list[dict]:
    return page.evaluate("(source) => seaward.map.getStyle().sources[source].data.features", source)


def test_a_wrong_password_is_refused_in_words_and_the_right_one_opens_the_floor(reading: Fresh, browser: object, at: Open) -> None:
    page = browser.new_page(locale="es-PE")  # type: ignore[attr-defined]
    page.goto(reading[1])
    page.fill("#person", "officer")
    page.fill("#password", "no es esta")
    page.press("#password", "Enter")
    expect(page.locator("#refused")).to_have_text(render("problem.sign_in.what", {}, "es"))
    page.close()
    assert at(reading[1]).locator("#queue .alert").count() == 4


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_floor_shows_queue_chart_and_card_in_its_language(reading: Fresh, at: Open, lang: str) -> None:
    page = at(reading[1], lang=lang)
    expect(page.locator("html")).to_have_attribute("lang", lang)
    first(page)
    expect(page.locator("#card h2")).to_contain_text(render("kind.gap", {}, lang))
    expect(page.locator('#card [data-do="acknowledge"]')).to_have_text(render("console.do.acknowledge", {}, lang))
    assert "console." not in page.locator("body").inner_text()
    page.wait_for_timeout(1500)
    shot(page, f"floor-{lang}")


def test_the_queue_comes_with_the_page_itself(reading: Fresh, at: Open) -> None:
    page = at(reading[1])
    told = page.context.request.get(reading[1]).text()
    assert told.count('data-alert="') == 4
    page.select_option("select[name=view]", "done")
    expect(page.locator("#queue .alert")).to_have_count(0)
    page.reload()
    page.wait_for_selector('body[data-ready="1"]')
    expect(page.locator("#queue .alert")).to_have_count(0)  # what was chosen is asked for


def test_list_and_chart_agree_also_when_the_list_is_filtered(reading: Fresh, at: Open) -> None:
    page = at(reading[1])
    ids = [r.get_attribute("data-alert") for r in page.locator("#queue .alert").all()]
    page.wait_for_function("() => seaward.map.getStyle().sources.alerts.data.features.length === 4")
    assert {f["properties"]["id"] for f in on_chart(page, "alerts")} == set(ids)
    page.select_option("select[name=priority]", "alarm")
    expect(page.locator("#queue .alert")).to_have_count(0)
    page.wait_for_function("() => seaward.map.getStyle().sources.alerts.data.features.length === 0")


def test_vessels_of_the_stream_are_on_the_chart_and_open_their_card(reading: Fresh, at: Open) -> None:
    page = at(reading[1])
    page.wait_for_function("() => seaward.vessels.held.size === 5")
    page.evaluate("() => { location.hash = 'vessel=mmsi:760000001' }")
    expect(page.locator("#card h2")).to_contain_text("LUCERO")
    expect(page.locator("#card")).to_contain_text("OA1234")
    page.click("#card .track")
    page.wait_for_function("() => seaward.map.getStyle().sources.track.data.features.length > 0")
    shot(page, "vessel")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_verb_is_done_by_its_key_and_shows_in_queue_and_history(fresh: Fresh, at: Open, lang: str) -> None:
    page = at(fresh[1], lang=lang)
    name = first(page)
    state = fresh[0].node.state

    def wait_state(wanted: str) -> None:
        expect(page.locator("#card dl")).to_contain_text(render(f"alert.state.{wanted}", {}, lang))
        assert state.alert(name)["state"] == wanted  # type: ignore[index]

    page.keyboard.press("a")
    wait_state("acknowledged")
    page.keyboard.press("c")
    page.keyboard.type("mirando con radar")
    page.keyboard.press("Enter")  # a further line
    page.keyboard.type("y AIS")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".log")).to_contain_text("mirando con radar")
    page.keyboard.press("g")
    page.select_option("form[data-verb=assign] select", "supervisor")
    page.click("form[data-verb=assign] button.main")
    expect(page.locator(f'[data-alert="{name}"]')).to_contain_text("supervisor")
    page.keyboard.press("s")
    page.select_option("form[data-verb=silence] select", "1")
    page.fill("form[data-verb=silence] textarea", "prueba")
    page.click("form[data-verb=silence] button.main")
    wait_state("silenced")
    page.click('[data-do="reopen"]')
    page.fill("form[data-verb=reopen] textarea", "sigue")
    page.click("form[data-verb=reopen] button.main")
    wait_state("new")
    page.keyboard.press("v")
    page.click("form[data-verb=validate] button.main")
    wait_state("validated")
    page.keyboard.press("d")
    page.select_option("form[data-verb=dismiss] select", "false_sensor")
    page.fill("form[data-verb=dismiss] textarea", "sensor")
    page.click("form[data-verb=dismiss] button.main")
    wait_state("dismissed")
    assert [c["who"] for c in state.alert_changes(alert_id=name).iter_rows(named=True)] == ["watch"] + 7 * ["officer"]


def test_an_observer_sees_everything_and_is_offered_no_verb(reading: Fresh, at: Open) -> None:
    page = at(reading[1], person="observer")
    first(page)
    assert page.locator("[data-do]").count() == 0
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert page.locator("#told p").count() == 0


def test_a_new_alert_appears_by_itself_and_once(fresh: Fresh, at: Open) -> None:
    page = at(fresh[1])
    name = told(fresh[0], "late", vessel_ids=["mmsi:760000006"], lon_deg=-79.0)
    expect(page.locator(f'[data-alert="{name}"]')).to_have_count(1)
    expect(page.locator("#queue .alert")).to_have_count(5)


def test_who_decides_on_what_has_changed_meanwhile_is_told_and_sees_it_anew(fresh: Fresh, at: Open) -> None:
    one, two = at(fresh[1]), at(fresh[1], person="supervisor")
    name = first(one)
    two.evaluate("(name) => { location.hash = 'alert=' + name }", name)
    one.keyboard.press("d")
    one.select_option("form[data-verb=dismiss] select", "true_minor")  # none is chosen beforehand
    one.fill("form[data-verb=dismiss] textarea", "nada")
    two.locator('[data-do="acknowledge"]').click()
    expect(two.locator("#card dl")).to_contain_text("acknowledged")
    one.click("form[data-verb=dismiss] button.main")
    expect(one.locator("#told")).not_to_be_empty()
    expect(one.locator("#card dl")).to_contain_text("acknowledged")
    one.keyboard.press("d")
    expect(one.locator("form[data-verb=dismiss] textarea")).to_have_value("nada")  # what was written is still there
    assert fresh[0].node.state.alert(name)["state"] == "acknowledged"  # type: ignore[index]


def test_back_in_time_the_floor_shows_what_was_known_then_and_says_so(reading: Fresh, at: Open) -> None:
    page = at(reading[1])
    page.wait_for_function("() => seaward.vessels.held.size === 5")
    page.evaluate("() => seaward.past.go(new Date(Date.now() - 11 * 3600e3))")
    expect(page.locator("body")).to_have_class("floor past")
    page.wait_for_function("() => seaward.vessels.shown.size === 0")  # nothing had been received
    expect(page.locator("#queue .alert:visible")).to_have_count(0)
    shot(page, "past")
    page.keyboard.press("l")
    expect(page.locator("#queue .alert:visible")).to_have_count(4)
    page.wait_for_function("() => seaward.vessels.shown.size === 5")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_was_decided_since_shows_as_it_stood_and_nothing_is_decided_in_the_past(fresh: Fresh, at: Open, lang: str) -> None:
    floor, url = fresh
    told(floor, "then", vessel_ids=["mmsi:760000006"], lon_deg=-79.0)
    page = at(url, lang=lang)
    then = floor.now()
    expect(page.locator("#queue .alert")).to_have_count(5)
    name = first(page)
    page.keyboard.press("d")
    page.select_option("form[data-verb=dismiss] select", "false_sensor")
    page.fill("form[data-verb=dismiss] textarea", "the receiver")
    page.click("form[data-verb=dismiss] button.main")
    expect(page.locator(f'#queue [data-alert="{name}"]')).to_have_count(0)
    told(floor, "since", vessel_ids=["mmsi:235000009"], lon_deg=-85.0)
    expect(page.locator("#queue .alert")).to_have_count(5)
    page.evaluate("(at) => seaward.past.go(new Date(at))", then.isoformat())
    expect(page.locator("#queue [role=note]")).to_be_visible()
    row = page.locator(f'#queue [data-alert="{name}"]')
    expect(row).to_contain_text(render("alert.state.new", {}, lang))
    page.wait_for_function("(n) => seaward.map.getStyle().sources.alerts.data.features.some((f) => f.properties.id === n)", arg=name)
    assert len(on_chart(page, "alerts")) == page.locator("#queue .alert").count() == 5
    page.select_option("select[name=kind]", "loitering")
    expect(page.locator("#queue .alert")).to_have_count(0)  # filters hold there too
    page.select_option("select[name=kind]", "")
    row.click()
    expect(page.locator("#card [role=note]")).to_be_visible()
    expect(page.locator("#card .log li")).to_have_count(1)
    assert "the receiver" not in page.locator("#card").inner_text() and page.locator("[data-do], #card form").count() == 0
    page.keyboard.press("l")
    expect(page.locator("#card")).to_contain_text("the receiver")
    expect(page.locator("#queue [role=note]")).to_have_count(0)


def test_search_finds_a_vessel_by_a_part_of_its_name(reading: Fresh, at: Open) -> None:
    page = at(reading[1])
    page.keyboard.press("/")
    page.keyboard.type("estrella")
    page.locator("#found a").first.click()
    expect(page.locator("#card h2")).to_contain_text("ESTRELLA DE MAR")


def test_feeds_and_exchange_have_their_views(reading: Fresh, at: Open) -> None:
    page = at(reading[1])
    page.click('[data-view="feeds"]')
    expect(page.locator("#panel")).to_contain_text("coast")
    page.click('[data-view="exchange"]')
    expect(page.locator("#panel")).to_contain_text(render("console.exchange.none", {}, "en"))
    page.click('[data-view="watch"]')
    expect(page.locator("#queue .alert").first).to_be_visible()


def test_measuring_tells_distance_and_course_and_an_area_its_size(reading: Fresh, at: Open) -> None:
    page = at(reading[1])
    page.click("#measure")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 200, box["y"] + 300)
    page.mouse.click(box["x"] + 400, box["y"] + 300)
    expect(page.locator("#read")).to_contain_text("nm")
    expect(page.locator("#read")).to_contain_text(re.compile(r"(089|090|091)°"))  # eastward
    page.keyboard.press("Escape")
    page.click("#draw")
    for x, y in ((200, 300), (400, 300), (400, 500)):
        page.mouse.click(box["x"] + x, box["y"] + y)
    expect(page.locator("#read")).to_contain_text("nm²")


def test_a_session_that_ended_asks_to_sign_in_again(fresh: Fresh, at: Open) -> None:
    page = at(fresh[1])
    page.click(".menu summary")
    page.click("#sign-out")
    expect(page.locator("#sign-in")).to_be_visible()
    assert PASSWORD not in page.content()
