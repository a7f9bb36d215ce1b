"""Every view from a telephone to a wall of screens, in both languages; and foreign text in every place that shows it, also on the chart."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from seaward.core.catalogue import render
from seaward.server.floor import Floor
from tests.console.conftest import Open, shot
from tests.console.opened import opened
from tests.console.test_chart import click, see
from tests.console.test_drill_view import DRILL
from tests.console.test_safe import HOSTILE
from tests.console.test_shapes import broken_rules
from tests.console.test_two_floors import Pair, pair  # noqa: F401 - a fixture
from tests.server.floor import browser
from tests.server.test_drill import drilled

Fresh = tuple[Floor, str]
OVER = "(s) => [...document.querySelectorAll(s)].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML)"
WIDE = "() => ['html', '#panel', '#card'].map((s) => document.querySelector(s)).map((e) => e.scrollWidth - e.clientWidth)"
SEEN = """() => { const b = document.querySelector("#found a").getBoundingClientRect();
    return document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2)?.closest("#found") !== null
        && b.right <= innerWidth && b.bottom <= innerHeight; }"""


def fits(page: Page) -> None:
    """Nothing is cut off, and nobody must scroll sideways."""
    assert page.evaluate(OVER, "#panel *:not(.wide *), #card *, header *") == []
    assert max(page.evaluate(WIDE)) <= 0


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("width", [390, 2560])
def test_every_view_fits_in_both_languages(fresh: Fresh, at: Open, lang: str, width: int) -> None:
    floor, url = fresh
    floor.node.state.add_note("mmsi:760000001", "Sin luces, dos pangas al costado", "officer", floor.now())
    see(floor, (-79.0, -15.0))
    page = at(url, lang=lang, width=width, height=844 if width < 400 else 1_440)
    page.evaluate("() => { location.hash = 'vessel=mmsi:760000001' }")
    expect(page.locator("#card .notes [data-note]")).to_have_count(1)
    for view in ("record", "exchange", "desk", "feeds", "patrols"):
        page.click(f'[data-view="{view}"]')
        expect(page.locator("#panel h2")).to_contain_text(render(f"console.view.{view}", {}, lang))
        fits(page)
        assert broken_rules(page) == []
        if view == "record":
            shot(page, f"record-{width}-{lang}")
    assert "console." not in page.locator("body").inner_text()


@pytest.mark.parametrize(("lang", "width"), [("en", 390), ("es", 2560), ("en", 2560)])
def test_the_drill_fits_in_both_languages(tmp_path: Path, at: Open, lang: str, width: int) -> None:
    with opened(tmp_path, events=0, feeds=False, config=DRILL) as (floor, url):
        floor.node.drilled = drilled(tmp_path / "none.html", floor.node.clock.run)  # type: ignore[union-attr]
        page = at(url, "supervisor", lang=lang, width=width, height=844 if width < 400 else 1_440)
        page.click('[data-view="drill"]')
        expect(page.locator("#panel")).to_contain_text(render("console.drill.truth", {}, lang))
        fits(page)
        assert broken_rules(page) == [] and "console." not in page.locator("body").inner_text()
        shot(page, f"drill-{width}-{lang}")


@pytest.mark.parametrize(("width", "lang"), [(390, "es"), (1400, "en"), (2560, "es")])
def test_what_is_found_is_seen_and_the_chart_has_the_words_of_the_page(reading: Fresh, at: Open, width: int, lang: str) -> None:
    page = at(reading[1], width=width, height=844, lang=lang)
    page.fill("#q", "lucero")
    expect(page.locator("#found a").first).to_be_visible()
    assert page.evaluate(SEEN)
    titles = page.evaluate("() => [...document.querySelectorAll('#map [title]')].map((e) => e.title)")
    assert {render(f"console.js.chart.{name}", {}, lang) for name in ("ZoomIn", "ZoomOut", "ToggleAttribution")} <= {*titles}
    expect(page.locator(".maplibregl-ctrl-scale")).to_contain_text({"en": "nm", "es": "mn"}[lang])
    shot(page, f"found-{width}")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_a_contact_is_is_said_in_its_language(fresh: Fresh, at: Open, lang: str) -> None:
    floor, url = fresh
    see(floor, (-79.0, -15.0))
    page = at(url, lang=lang)
    page.wait_for_function("() => seaward.map.getStyle().sources.detections.data.features.length === 1")
    page.evaluate("() => seaward.map.jumpTo({ center: [-79, -15], zoom: 7.5 })")
    page.wait_for_function("() => seaward.map.queryRenderedFeatures({ layers: ['detections-symbol'] }).length === 1")
    click(page, -79.0, -15.0)
    expect(page.locator("#told")).to_contain_text(
        render("console.js.contact.not_judged", {"sensor": "sar-1", "at": "X", "length": ""}, lang).split(": ")[1]
    )


@pytest.mark.parametrize("width", [390, 1400])
def test_what_a_partner_says_never_runs_nor_breaks_desk_exchange_or_search(pair: Pair, at: Open, width: int) -> None:  # noqa: F811
    both, floors, urls = pair
    dialogs: list[str] = []
    desk = floors["USA"].node.exchange.desk()  # type: ignore[union-attr]
    assert desk is not None
    page = at(urls["USA"])
    for text in HOSTILE:
        sent = page.evaluate(
            """async ([url, body]) => (await fetch(url, {method: "POST", body: JSON.stringify(body),
            headers: {"Content-Type": "application/json", "X-Seaward-CSRF": document.body.dataset.csrf}})).status""",
            ["/api/v1/exchange/chat", {"to": "PER", "text": text[:4_000]}],
        )
        assert sent in (200, 201), text[:40]
    theirs = at(urls["PER"], width=width, height=844)
    theirs.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    for view in ("desk", "exchange"):
        theirs.click(f'.tab[data-view="{view}"]')
        expect(theirs.locator("#panel")).to_contain_text("onerror=alert(1)")
        fits(theirs)
        assert theirs.locator("#panel script, #panel img, #panel svg[onload]").count() == 0
        said = theirs.locator("#panel").inner_text()
        assert not {"\u202e", "\x1b", "\x07"} & {*said}
    theirs.fill("#q", "onerror")
    expect(theirs.locator("#found a").first).to_contain_text("onerror=alert(1)")
    assert theirs.locator("#found img").count() == 0 and not dialogs
    assert both is not None
    shot(theirs, f"hostile-partner-{width}")


def test_hostile_names_on_the_chart_are_short_and_visible(reading: Fresh, at: Open) -> None:
    page = at(reading[1])

    def collection() -> list[dict]:
        more = {"state": "with_track", "at": "2027-01-01T00:00:00Z", "seen_by": [{"origin": "USA"}], "error_m": 900}
        return [{"type": "Feature", "id": n, "geometry": {"type": "Point", "coordinates": [-79 - n, -15]},
                 "properties": more | {"name": text, "sensor": text}} for n, text in enumerate(HOSTILE)]  # fmt: skip

    body = json.dumps({"type": "FeatureCollection", "features": collection()})
    for path in ("picture", "detections", "areas"):
        page.route(f"**/api/v1/{path}?*", lambda route: route.fulfill(body=body, content_type="application/geo+json"))
    page.reload()
    page.wait_for_selector('body[data-ready="1"]')
    page.wait_for_function("(n) => seaward.map.getStyle().sources.partners.data.features.length === n", arg=len(HOSTILE))
    texts = page.evaluate("() => seaward.map.getStyle().sources.partners.data.features.map((f) => f.properties.text)")
    texts += page.evaluate("() => seaward.map.getStyle().sources.areas.data.features.map((f) => f.properties.name)")
    assert max(map(len, texts)) <= 61 and not {"\u202e", "\x1b", "\x07"} & {c for t in texts for c in t}
    page.evaluate("() => seaward.map.jumpTo({ center: [-81, -15], zoom: 6 })")
    page.wait_for_function("() => seaward.map.queryRenderedFeatures({ layers: ['detections-symbol'] }).length > 0")
    click(page, -81.0, -15.0)
    expect(page.locator("#told p")).to_be_visible()
    assert "\u202e" not in page.locator("#told").inner_text() and page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_two_tabs_of_one_officer_agree_and_signing_out_in_one_ends_both(fresh: Fresh, at: Open) -> None:
    one = at(fresh[1])
    two = one.context.new_page()
    two.goto(fresh[1])
    two.wait_for_selector('body[data-ready="1"]')
    one.keyboard.press("j")
    expect(one.locator("#card article")).to_be_visible()
    name = one.locator(".alert[aria-current=true]").get_attribute("data-alert")
    two.evaluate("(name) => { location.hash = 'alert=' + name }", name)
    expect(two.locator("#card article")).to_be_visible()
    one.keyboard.press("a")
    expect(two.locator("#card dl")).to_contain_text(render("alert.state.acknowledged", {}, "en"))
    two.locator('[data-do="comment"]').click()
    two.fill("form[data-verb=comment] textarea", "from the second")
    two.keyboard.press("Control+Enter")
    expect(one.locator("#card .log")).to_contain_text("from the second")
    one.click(".menu summary")
    one.click("#sign-out")
    expect(one.locator("#sign-in")).to_be_visible()
    with contextlib.suppress(Error):  # it asks again, if its stream has not ended by then; else it is on its way to the sign-in
        two.evaluate("() => document.body.dispatchEvent(new CustomEvent('seaward:again'))")
    expect(two.locator("#sign-in")).to_be_visible()


def test_a_line_cut_while_writing_says_so_and_keeps_what_was_written(fresh: Fresh, at: Open) -> None:
    floor, url = fresh
    page, is_cut = at(url), True
    page.route("**/comment", lambda route: route.abort() if is_cut else route.continue_())  # long before, else what is asked just after may pass
    page.keyboard.press("j")
    expect(page.locator("#card article")).to_be_visible()
    name = page.locator(".alert[aria-current=true]").get_attribute("data-alert")
    assert name is not None
    page.keyboard.press("c")
    page.fill("form[data-verb=comment] textarea", "half a watch of work")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#told")).to_contain_text(render("console.js.no_answer", {}, "en"))
    expect(page.locator("form[data-verb=comment] textarea")).to_have_value("half a watch of work")
    is_cut = False
    page.press("form[data-verb=comment] textarea", "Control+Enter")
    expect(page.locator("#card .log")).to_contain_text("half a watch of work")
    assert floor.node.state.alert_changes(alert_id=name)["verb"].to_list().count("commented") == 1


@pytest.mark.parametrize(
    "path", ["vessels/mmsi:760000001/notes", "patrol/answers", "patrol/legs/OPV-1/1", "drill/clock", "exchange/chat", "exchange/plans"]
)
def test_a_change_without_the_proof_of_the_page_is_refused(served_floor: tuple, path: str) -> None:
    with browser(served_floor[1], "supervisor") as page:
        del page.headers["X-Seaward-CSRF"]
        answer = page.post(f"/api/v1/{path}", json={})
        assert answer.status_code == 403, answer.text
