"""Search over everything: what it finds of each kind, whatever the case and accents, and where each leads; in a browser and by the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import polars as pl
import pytest
from playwright.sync_api import expect

from seaward.console.of_search import plain
from seaward.console.routes import FLOOR_ROUTES
from seaward.core.catalogue import render
from seaward.core.tables import DETECTIONS
from seaward.server.floor import Floor
from seaward.server.serving import Serving
from tests.console.conftest import Open, shot
from tests.console.opened import told
from tests.console.test_two_floors import Pair, pair  # noqa: F401 - a fixture
from tests.server.floor import browser, open_floor
from tests.server.patrols import patrol_in

Held = tuple[Floor, Serving, str]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    folder = tmp_path_factory.mktemp("search")
    with open_floor(folder, routes=FLOOR_ROUTES, config=patrol_in(folder)) as (floor, server):
        name = told(floor, "e0", areas=["Área de la Niña"])
        now = floor.now()
        floor.node.state.add_note("mmsi:412000003", "Dos pangas al costado, sin luces", "officer", now)
        row = dict.fromkeys(DETECTIONS.schema) | {"realm": "ops", "feed": "sar", "raw_offset": 0, "detection_id": "look-77", "sensor": "Sentinel-X",
               "at": now - timedelta(hours=1), "lon_deg": -79.0, "lat_deg": -15.0}  # fmt: skip
        floor.node.live.detections(pl.DataFrame([row], schema=DETECTIONS.schema))
        with browser(server, "officer") as page:
            page.post(f"/api/v1/alerts/{name}/validate", json={"why": "boarding team confirms"}, headers={"If-Match": '"1"'}).raise_for_status()
        yield floor, server, name


@pytest.mark.parametrize(
    ("q", "code", "shown"),
    [
        ("lucero", "case", "LUCERO"),
        ("AREA DE LA NINA", "area", ""),
        ("boarding team", "case", "LUCERO"),
        ("PANGAS", "note", "sin luces"),
        ("sentinel", "contact", "look-77"),
        ("opv-1", "patrol", "OPV-1"),
        ("tonight", "patrol", "Off Callao"),
        ("search", "patrol", "OPV-1"),
    ],
)
def test_each_kind_is_found_by_what_it_says(held: Held, q: str, code: str, shown: str) -> None:
    with browser(held[1], "observer") as page:
        text = page.get("/console/search", params={"q": q}, headers={"Accept-Language": "en"}).text
    if code == "area":  # an alert is found by its area, whatever its accents
        assert f'href="#alert={held[2]}"' in text
        return
    tag = f'<span class="tag">{render(f"console.search.{code}", {}, "en")}</span>'
    line = next((part for part in text.split("<li>") if tag in part and shown in part), "")
    assert line, text


@pytest.mark.parametrize("q", ["", "   ", "\u0301", "%", "_", "'", "zzzz", "x" * 200, "<b>", "(", "\\", "\u202e"])
def test_odd_words_are_answered(held: Held, q: str) -> None:
    with browser(held[1], "observer") as page:
        answer = page.get("/console/search", params={"q": q})
    assert answer.status_code in (200, 204) and "<b>" not in answer.text and "\u202e" not in answer.text


def test_words_are_compared_without_accents_case_and_double_spaces() -> None:
    assert plain("  ÑANDÚ   Ávila ") == "nandu avila" and plain("ﬁshing") == "fishing"


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_note_leads_to_its_vessel_and_a_unit_to_the_patrol(held: Held, at: Open, lang: str) -> None:
    page = at(held[1].url, lang=lang)
    page.keyboard.press("/")
    page.keyboard.type("sin luces")
    expect(page.locator("#found a")).to_have_count(1)
    expect(page.locator("#found .tag")).to_have_text(render("console.search.note", {}, lang))
    shot(page, f"search-{lang}")
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_contain_text("LU RONG YUAN YU 7")
    expect(page.locator("#found a")).to_have_count(0)
    page.fill("#q", "opv-1")
    page.locator("#found a").first.click()
    expect(page.locator('#panel [data-asset="OPV-1"]')).to_be_visible()


def test_what_was_said_with_a_partner_leads_to_its_thread(pair: Pair, at: Open) -> None:  # noqa: F811
    page = at(pair[2]["PER"])
    page.click('.tab[data-view="desk"]')
    page.click('[data-key="new-chat"] summary')
    page.fill('[data-key="new-chat"] textarea', "The jigger turned her lights off")
    page.press('[data-key="new-chat"] textarea', "Control+Enter")
    expect(page.locator("#panel .thread")).to_have_count(1)
    page.click('.tab[data-view="watch"]')
    page.fill("#q", "jigger turned")
    page.locator("#found a").click()
    expect(page.locator("#panel .thread details[open]").first).to_contain_text("lights off")
    page.fill("#q", "usa")
    page.locator('#found a[data-open="exchange"]').click()
    expect(page.locator("#panel h2")).to_contain_text(render("console.view.exchange", {}, "en"))
