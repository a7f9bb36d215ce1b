"""The card of a vessel, and of an event, at a moment that is over: what had come by then and nothing that came later, in both languages."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from playwright.sync_api import expect

from seaward.console.routes import FLOOR_ROUTES
from seaward.core.catalogue import render
from seaward.core.tables import JOINED
from seaward.core.units import at_to_us
from seaward.node.partner_tracks import PartnerTracks
from seaward.server.floor import Floor
from seaward.store.photos import photo_of
from tests.console.conftest import Open, shot
from tests.console.opened import told as alert_told
from tests.console.test_shapes import broken_rules
from tests.server.floor import START, browser, event, open_floor
from tests.store.pictures import picture

Fresh = tuple[Floor, str]
V = "mmsi:760000001"


def test_what_came_after_the_moment_is_not_on_the_card(tmp_path: Path) -> None:
    with open_floor(tmp_path, routes=FLOOR_ROUTES) as (floor, server), browser(server, "officer") as page:
        state, then = floor.node.state, START + timedelta(hours=3)

        def card(at: object | None = None, path: str = f"vessels/{V}") -> str:
            params = {} if at is None else {"at": at.isoformat()}  # type: ignore[attr-defined]
            answer = page.get(f"/console/{path}", params=params, headers={"Accept-Language": "en"})
            assert answer.status_code == 200, answer.text
            return answer.text

        state.record_events(event("e1", kind="loitering"), then - timedelta(minutes=20))
        state.record_events(event("e1", 2, kind="loitering", state="closed", probability=0.91), then + timedelta(minutes=20))
        state.record_events(event("e2", kind="encounter", vessel_ids=[V, "mmsi:760000002"]), then + timedelta(minutes=30))
        state.add_note(V, "nets over the side", "officer", then - timedelta(minutes=5))
        state.add_note(V, "lights out at dusk", "officer", then + timedelta(minutes=5))
        state.withdraw("note", V, state.notes(V)[-1].number, "officer", "of another vessel", then + timedelta(minutes=9))

        told = card(then)
        assert "12°15.0" in told and "077°08.4" in told, "18 x 0.02 degrees east of 77 30 W"
        assert "076°48.0" in card(), "now she is where the last report was"
        assert "LUCERO" in told and "OA1234" in told
        risk = re.search(rf'<section class="why"><h3>{render("console.risk", {}, "en")}.*?</section>', told, re.DOTALL)
        assert risk and render("console.then.of_now", {}, "en") in risk[0] and render("console.then.of_now", {}, "en") not in card()
        told = told.replace(risk[0], "")  # of now, and said to be
        assert render("kind.loitering", {}, "en") in told and render("kind.encounter", {}, "en") not in told
        assert f"{render('kind.loitering', {}, 'en')}</a> <time>" in told and render("console.event.open", {}, "en") in told
        assert render("console.event.closed", {}, "en") not in told and "ESTRELLA" not in told
        assert "nets over the side" in told and "lights out" not in told and "of another vessel" not in told, "withdrawn since: it stood then"
        assert "<form" not in told and 'role="note"' in told
        assert "of another vessel" in card() and "lights out" in card()
        before = card(START - timedelta(hours=1))
        assert render("console.not_in_window", {}, "en") in before and "077°" not in before and "nets" not in before and "LUCERO" not in before
        assert "0.75" in card(then, "events/e1") and "0.91" in card(None, "events/e1")
        early = page.get("/console/events/e1", params={"at": (then - timedelta(hours=1)).isoformat()})
        assert early.status_code == 404, "nobody knew of it"
        assert page.get("/console/events/none").status_code == 404

        def ends(**query: str) -> list[str]:
            rows = page.get(f"/api/v1/vessels/{V}/track", params={"limit": "1000", **query}).json()["items"]
            return [row["at"] for row in rows]

        later = (then + timedelta(hours=1)).isoformat()
        assert len(ends(until=later)) == len(ends(until=later, known=then.isoformat())) + 6, "received by then, not of then"


def test_a_case_and_a_photo_stand_as_they_stood(tmp_path: Path) -> None:
    with open_floor(tmp_path, routes=FLOOR_ROUTES) as (floor, server), browser(server, "officer") as page:
        name = alert_told(floor, "e0")
        before = floor.now()
        page.post(f"/api/v1/alerts/{name}/validate", json={"why": "seen"}, headers={"If-Match": '"1"'}).raise_for_status()
        between = floor.now()
        body = {"dismissal": "false_sensor", "why": "the receiver"}
        page.post(f"/api/v1/alerts/{name}/dismiss", json=body, headers={"If-Match": '"2"'}).raise_for_status()
        floor.node.state.add_photo(V, photo_of(picture()), "stern", "officer", floor.now())

        def card(at: object | None) -> str:
            params = {} if at is None else {"at": at.isoformat()}  # type: ignore[attr-defined]
            return page.get(f"/console/vessels/{V}", params=params, headers={"Accept-Language": "en"}).text

        cases = render("console.cases", {}, "en")
        states = [render(f"console.case.{s}", {}, "en") for s in ("open", "withdrawn")]
        assert f"<h3>{cases}</h3>" not in card(before)
        assert f"· {states[0]} ·" in card(between) and f"· {states[1]} ·" not in card(between)
        assert f"· {states[1]} ·" in card(None) and "stern" in card(None) and "stern" not in card(between)


def test_what_a_partner_had_told_of_her_is_that_of_then(tmp_path: Path) -> None:
    with open_floor(tmp_path, routes=FLOOR_ROUTES, feeds=False) as (floor, server), browser(server, "observer") as page:
        end = floor.now()
        seen = PartnerTracks("USA", "ops")
        for minutes, lon in ((50, -80_000_000), (30, -80_100_000), (10, -80_200_000)):
            seen.trails.add("t1", at_to_us(end - timedelta(minutes=minutes)), lon, -12_000_000, 900, at_to_us(end - timedelta(minutes=minutes - 5)))
        row = {"realm": "ops", "origin": "USA", "track_id": "t1", "own_vessel_id": V, "how": "track", "probability": 0.9, "times": 3,
               "apart_m": 100.0, "span_s": 600.0, "log_ratio": 5.0}  # fmt: skip
        fusing = SimpleNamespace(joined=pl.DataFrame([row], schema=JOINED.schema), tracks={"USA": seen}, placed={}, events=frozenset())
        floor.node.exchange = SimpleNamespace(fusing=fusing, tracks=list)  # type: ignore[assignment]

        def card(minutes: float) -> str:
            at = (end - timedelta(minutes=minutes)).isoformat()
            return page.get(f"/console/vessels/{V}", params={"at": at}, headers={"Accept-Language": "en"}).text

        assert render("console.seen_by", {}, "en") not in card(47), "it was so, but had not come yet"
        assert "080°00.0" in card(40) and "080°06.0" not in card(40)
        assert "080°06.0" in card(10) and "080°00.0" not in card(10), "each track once, where it was last"
        floor.node.exchange = None


@pytest.mark.parametrize("lang", ["en", "es"])
def test_events_without_an_alert_are_a_layer_that_opens_their_card_now_and_then(fresh: Fresh, at: Open, lang: str) -> None:
    floor, url = fresh
    now = floor.now()
    hours = {"start_at": now - timedelta(hours=3), "end_at": now - timedelta(hours=2)}
    floor.node.state.record_events(event("quiet", kind="loitering", lon_deg=-80.0, lat_deg=-14.0, **hours), now - timedelta(hours=1))
    floor.node.state.record_events(event("gone", kind="loitering", lon_deg=-81.0, lat_deg=-14.0, state="withdrawn", **hours), now)
    page = at(url, lang=lang)
    drawn = "() => seaward.map.getStyle().sources.events.data.features.map((f) => f.properties.event_id)"
    page.wait_for_function("() => seaward.map.getStyle().sources.alerts.data.features.length === 4")
    assert page.evaluate(drawn) == [] and page.evaluate("() => seaward.map.getLayoutProperty('events-symbol', 'visibility')") == "none"
    page.locator("#tools summary").click()
    expect(page.locator("#layers label", has_text=render("console.layer.events", {}, lang)).locator("input")).not_to_be_checked()
    page.locator('[data-layer="events"]').check()
    page.wait_for_function(f"() => JSON.stringify(({drawn})()) === JSON.stringify(['quiet'])")  # neither those of alerts nor what was withdrawn
    page.locator("#tools summary").click()
    page.evaluate("() => seaward.map.jumpTo({ center: [-80, -14], zoom: 7.5 })")
    page.wait_for_function("() => seaward.map.queryRenderedFeatures({ layers: ['events-symbol'] }).length === 1")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = page.locator('#card [data-card="event:quiet"]')
    expect(card.locator("h2")).to_contain_text(render("kind.loitering", {}, lang))
    expect(card).to_contain_text(render("console.no_alert", {}, lang))
    expect(card).to_contain_text({"en": "0.75", "es": "0,75"}[lang])
    page.wait_for_function("() => seaward.map.getStyle().sources.chosen.data.features.length === 1")
    assert "console." not in card.inner_text()
    assert broken_rules(page) == []
    shot(page, f"event-{lang}")
    page.evaluate("(at) => seaward.past.go(new Date(at))", (now - timedelta(minutes=30)).isoformat())
    expect(card.locator("[role=note]")).to_contain_text(render("console.then.event", {"at": ""}, lang)[:14])
    page.wait_for_function(f"() => ({drawn})().length === 1")
    page.evaluate("(at) => seaward.past.go(new Date(at))", (now - timedelta(minutes=90)).isoformat())
    page.wait_for_function(f"() => ({drawn})().length === 4 || ({drawn})().length === 0")  # it had not been published
    assert page.evaluate(drawn) == []
    expect(card).to_have_count(0)
    page.evaluate("(v) => { location.hash = 'vessel=' + v }", V)
    note = page.locator(f'#card [data-card="vessel:{V}"] [role=note]')
    expect(note).to_contain_text(render("console.then.vessel", {"at": ""}, lang).split(".")[-2].strip())
    assert page.locator("#card form").count() == 0
    with page.expect_request("**/track?*") as asked:
        page.click("#card .track")
    assert "known=" in asked.value.url and "until=" in asked.value.url
    shot(page, f"vessel-then-{lang}")
    page.keyboard.press("l")
    expect(note).to_have_count(0)
    expect(page.locator("#card form").first).to_be_attached()
    page.wait_for_function(f"() => ({drawn})().length === 1")
