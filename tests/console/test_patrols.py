"""The patrol on the watch floor: seen, answered with, accepted and changed, by mouse and by key, in both languages, on a wall and on a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from seaward.core.catalogue import render
from seaward.sailing import Sailing
from seaward.server.floor import Floor
from tests.console.conftest import Open, shot
from tests.console.opened import opened, told
from tests.console.test_shapes import broken_rules
from tests.console.test_two_floors import Pair, pair  # noqa: F401 - a fixture
from tests.server.patrols import patrol_in

Night = tuple[Floor, str]
TARGET = {"id": "t", "place": (-78.2, -12.4), "error_nm": 1.0, "sog_kn": None, "cog_deg": None, "max_kn": 12.0, "turns_h": 6.0, "worth": 1.0}


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    with opened(tmp_path, events=1, config=patrol_in(tmp_path)) as found:
        yield found


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("still")
    with opened(folder, events=1, config=patrol_in(folder)) as found:
        yield found


def view(page: Page) -> None:
    page.click('[data-view="patrols"]')
    expect(page.locator("#panel svg.line")).to_have_count(3)


def on_chart(page: Page, source: str, what: str) -> int:
    count = "([source, what]) => seaward.map.getStyle().sources[source].data.features.filter((f) => f.properties.what === what).length"
    return page.evaluate(count, [source, what])


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_view_tells_value_bound_units_and_why_in_its_language(still: Night, at: Open, lang: str) -> None:
    page = at(still[1], lang=lang)
    view(page)
    panel = page.locator("#panel")
    expect(panel).to_contain_text(render("console.patrols.not_navigation", {}, lang))
    expect(panel).to_contain_text("Off Callao <b>tonight</b>")  # as it is written, not as it would be run
    expect(panel).to_contain_text({"en": "no plan meets more than", "es": "ningún plan"}[lang])
    expect(panel.locator('[data-asset="CUTTER-1"]')).to_contain_text({"en": "not heard at all", "es": "no se la oye"}[lang])
    panel.locator("#legs-OPV-1 summary").click()
    expect(panel.locator("#legs-OPV-1 li.now")).to_have_count(1)
    expect(panel.locator("#legs-OPV-1 ol")).to_contain_text({"en": "fewer acts without it", "es": "actos menos sin ella"}[lang])
    assert "console." not in page.locator("body").inner_text() and "patrol." not in panel.inner_text()
    page.wait_for_function("() => seaward.map.getStyle().sources.patrols.data.features.length > 10")
    assert on_chart(page, "patrols", "asset") == 3
    page.wait_for_timeout(1_000)
    shot(page, f"patrols-{lang}")


def test_the_layer_of_patrols_is_switched_off_and_on(still: Night, at: Open) -> None:
    page = at(still[1])
    seen = "() => seaward.map.getLayoutProperty('patrols-way', 'visibility')"
    page.locator("#tools summary").click()
    page.locator('[data-layer="patrols"]').uncheck()
    assert page.evaluate(seen) == "none"
    page.locator('[data-layer="patrols"]').check()
    assert page.evaluate(seen) == "visible"


@pytest.mark.parametrize("lang", ["en", "es"])
def test_an_alert_is_answered_by_a_key_and_sailed_once_accepted(night: Night, at: Open, lang: str) -> None:
    floor, url = night
    name = told(floor, "dark", vessel_ids=["mmsi:760000009"], lon_deg=-78.3, lat_deg=-12.6)
    page = at(url, lang=lang)
    page.evaluate("(name) => { location.hash = 'alert=' + name }", name)
    expect(page.locator("#card [data-answer]")).to_contain_text(render("console.patrols.answer", {}, lang))
    page.keyboard.press("p")
    shown = page.locator('#card [data-proposal="1"]')
    expect(shown).to_contain_text(render("console.patrols.state.proposed", {}, lang))
    expect(shown).to_contain_text({"en": "chance", "es": "probabilidad"}[lang])
    expect(shown).to_contain_text(render("console.patrols.not_navigation", {}, lang))
    page.wait_for_function("() => seaward.map.getStyle().sources.proposed.data.features.some((f) => f.properties.what === 'meeting')")
    expect(shown.locator("button.main")).to_be_focused()
    page.wait_for_timeout(500)
    shot(page, f"patrols-proposal-{lang}")
    assert broken_rules(page) == []
    shown.locator("input[name=why]").fill("vamos")
    page.keyboard.press("Enter")
    expect(shown).to_contain_text(render("console.patrols.state.accepted", {}, lang))
    expect(shown).to_contain_text("vamos")
    page.wait_for_function("() => seaward.map.getStyle().sources.patrols.data.features.some((f) => f.properties.what === 'meeting')")
    assert on_chart(page, "proposed", "leg") == 0
    view(page)
    expect(page.locator("#panel")).to_contain_text({"en": "proposal 1, accepted", "es": "propuesta 1, aceptada"}[lang])
    assert floor.node.patrol is not None and floor.node.patrol.standing().number == 1


def test_another_officer_sees_a_proposal_by_itself_and_an_observer_may_not_accept_it(night: Night, at: Open) -> None:
    floor, url = night
    name = told(floor, "dark", vessel_ids=["mmsi:760000009"], lon_deg=-78.3, lat_deg=-12.6)
    one, other, watcher = at(url), at(url, person="supervisor"), at(url, person="observer")
    for page in (other, watcher):
        page.evaluate("(name) => { location.hash = 'alert=' + name }", name)
        expect(page.locator("#card article")).to_be_visible()
    one.evaluate("(name) => { location.hash = 'alert=' + name }", name)
    one.locator("#card [data-answer]").click()
    expect(other.locator('#card [data-proposal="1"] button.main')).to_be_visible()
    expect(watcher.locator('#card [data-proposal="1"]')).to_be_visible()
    assert watcher.locator("#card [data-answer], #card form.pdeed").count() == 0
    other.locator('#card [data-proposal="1"] button.main').click()
    expect(one.locator('#card [data-proposal="1"]')).to_contain_text("accepted")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_leg_is_changed_and_what_breaks_the_plan_is_refused_in_words(night: Night, at: Open, lang: str) -> None:
    page = at(night[1], lang=lang)
    view(page)
    page.locator("#legs-OPV-1 summary").click()
    form = page.locator('#legs-OPV-1 form[data-url="/api/v1/patrol/legs/OPV-1/"]')
    form.locator("[name=do]").select_option("postpone")
    form.locator("[name=minutes]").fill("1440")
    form.locator("button.main").click()
    expect(page.locator("#told p:not(.fine)")).to_be_visible()
    form.locator("[name=do]").select_option("take_out")
    form.locator("[name=why]").fill("niebla")
    form.locator("button.main").click()
    proposal = page.locator('#panel [data-proposal="1"]')
    expect(proposal).to_contain_text("niebla")
    expect(page.locator("#legs-OPV-1")).to_have_attribute("open", "")  # reading on is not disturbed
    proposal.locator("button.main").click()
    expect(page.locator("#panel")).to_contain_text({"en": "proposal 1, accepted", "es": "propuesta 1, aceptada"}[lang])


def test_a_leg_of_the_plan_before_is_not_taken_for_another_one(night: Night, at: Open) -> None:
    floor, url = night
    slow, quick = at(url), at(url, person="supervisor")
    for page in (slow, quick):
        view(page)
        page.locator("#legs-OPV-1 summary").click()
    form = slow.locator('#legs-OPV-1 form[data-url="/api/v1/patrol/legs/OPV-1/"]')
    form.locator("[name=why]").fill("niebla")  # who is writing there is not disturbed
    other = quick.locator('#legs-OPV-1 form[data-url="/api/v1/patrol/legs/OPV-1/"]')
    other.locator("[name=do]").select_option("take_out")
    other.locator("button.main").click()
    quick.locator('#panel [data-proposal="1"] button.main').click()
    expect(quick.locator("#panel")).to_contain_text("proposal 1, accepted")
    form.locator("[name=why]").press("Enter")
    expect(slow.locator("#told")).to_contain_text(render("patrol.refused.other_legs", {"asset": "OPV-1"}, "en"))
    expect(form).to_have_attribute("data-revision", other.get_attribute("data-revision") or "")  # and sees the legs as they are now
    expect(form.locator("[name=why]")).to_have_value("niebla")
    expect(form.locator("[name=leg]")).to_be_focused()
    assert floor.node.patrol is not None and len(floor.node.patrol.proposals(floor.now())) == 1


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_search_is_moved_to_where_an_officer_writes(night: Night, at: Open, lang: str) -> None:
    page = at(night[1], lang=lang)
    view(page)
    page.locator("#legs-OPV-1 summary").click()
    form = page.locator('#legs-OPV-1 form[data-url="/api/v1/patrol/legs/OPV-1/"]')
    form.locator("[name=do]").select_option("move")
    form.locator("button.main").click()
    expect(page.locator("#told")).to_contain_text(render("console.js.no_place", {}, lang))
    form.locator("[name=place]").fill("40 00.0N 010 00.0E")
    form.locator("[name=place]").press("Enter")
    expect(page.locator("#told")).to_contain_text(render("patrol.refused.no_cell", {}, lang))
    sailing = night[0].node.patrol
    assert sailing is not None
    cells = sailing.problem().cells
    for lon, lat in zip(cells.lon_deg.tolist(), cells.lat_deg.tolist(), strict=True):  # the first that the verifier lets be
        form.locator("[name=place]").fill(f"{lat:.4f}, {lon:.4f}")
        with page.expect_response("**/api/v1/patrol/legs/**") as answer:
            form.locator("button.main").click()
        expect(form.locator("button.main")).to_be_enabled()
        if answer.value.status == 201:
            break
    expect(page.locator('#panel [data-proposal="1"]')).to_contain_text(render("console.patrols.kind.move", {}, lang))
    shot(page, f"patrols-moved-{lang}")


def test_an_answer_that_cannot_be_is_said(night: Night, at: Open) -> None:
    floor, url = night
    name = told(floor, "far", vessel_ids=["mmsi:760000009"], lon_deg=-100.0, lat_deg=-12.6)
    page = at(url)
    page.evaluate("(name) => { location.hash = 'alert=' + name }", name)
    page.locator("#card [data-answer]").click()
    expect(page.locator("#told")).to_contain_text("outside the area of the plan")
    assert page.locator("#card [data-proposal]").count() == 0


@pytest.mark.parametrize(("width", "palette"), [(390, "dusk"), (390, "bright"), (1280, "day"), (2560, "night")])
def test_nothing_is_cut_off_and_axe_finds_nothing(still: Night, at: Open, width: int, palette: str) -> None:
    page = at(still[1], width=width, height=844, lang="es")
    page.evaluate("(p) => { const s = document.getElementById('palette'); s.value = p; s.dispatchEvent(new Event('change')); }", palette)
    view(page)
    for name in ("OPV-1", "CUTTER-1", "MPA-1"):
        page.locator(f"#legs-{name} summary").click()
    over = "(s) => [...document.querySelectorAll(s)].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML)"
    assert page.evaluate(over, "#panel *, header *") == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert broken_rules(page) == []
    shot(page, f"patrols-{width}-{palette}")


def test_without_a_plan_the_view_says_what_to_do_and_an_alert_offers_nothing(reading: Night, at: Open) -> None:
    page = at(reading[1])
    page.click('[data-view="patrols"]')
    expect(page.locator("#panel")).to_contain_text("no patrol is named")
    page.keyboard.press("j")
    expect(page.locator("#card article")).to_be_visible()
    assert page.locator("#card [data-answer]").count() == 0
    assert broken_rules(page) == []


@pytest.mark.parametrize(("here", "there"), [("en", "es"), ("es", "en")])
def test_the_plan_is_proposed_to_a_partner_and_its_answer_is_shown(pair: Pair, at: Open, tmp_path: Path, here: str, there: str) -> None:  # noqa: F811
    _, floors, urls = pair
    told_of = patrol_in(tmp_path)["patrol"]
    node = floors["PER"].node
    node.patrol = Sailing(Path(told_of["plan"]), Path(told_of["folder"]), node.realm)
    ours, theirs = at(urls["PER"], lang=here), at(urls["USA"], lang=there)
    view(ours)
    form = ours.locator('#panel form[data-share="1"]')
    expect(form.locator("[name=theirs]")).to_have_value("us")
    form.locator("[name=text]").fill("tonight, as agreed by phone")
    form.locator("button.main").click()
    mine = ours.locator("#panel [data-thread]")
    expect(mine).to_contain_text(render("desk.state.proposed", {}, here))
    theirs.click('.tab[data-view="desk"]')
    expect(theirs.locator("#panel")).to_contain_text("tonight, as agreed by phone")
    theirs.locator("#panel .thread").get_by_role("button", name=render("console.desk.do.agree", {}, there), exact=True).click()
    expect(mine).to_contain_text(render("desk.state.agreed", {}, here))
    expect(mine.locator(".bad")).to_have_count(0)
    made = node.patrol.answer([TARGET | {"at": floors["PER"].now()}], floors["PER"].now(), 24.0, 0, {}, "officer", None, "en")
    node.patrol.accept(made["n"], floors["PER"].now(), "officer", None)
    ours.click('.tab[data-view="watch"]')
    view(ours)
    expect(mine).to_contain_text(render("console.patrols.older", {}, here))
