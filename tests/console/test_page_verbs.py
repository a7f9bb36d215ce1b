"""What every page has: measure, draw, layers, palettes, keys, time, search, filters, views and signing out, by the words of its language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from seaward.core.catalogue import render
from seaward.server.floor import Floor
from tests.console.conftest import Open

LAYERS = ("vessels", "names", "areas", "alerts", "events", "detections", "partners", "patrols", "charts", "graticule")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_tools_views_time_and_signing_out_are_done_in_its_language(reading: tuple[Floor, str], at: Open, lang: str) -> None:
    page = at(reading[1], lang=lang)

    def word(code: str) -> str:
        return render(f"console.{code}", {}, lang)

    def press(code: str, within: str) -> None:
        page.locator(within).get_by_role("button", name=word(code), exact=True).click()

    box = page.locator("#map").bounding_box()
    assert box is not None
    press("measure", "#tools")
    expect(page.locator("#read")).to_have_text(word("js.measure.how"))
    for x in (200, 400):
        page.mouse.click(box["x"] + x, box["y"] + 300)
    expect(page.locator("#read")).to_contain_text(word("js.measured").split("{")[0].strip())
    page.keyboard.press("Escape")
    press("draw", "#tools")
    expect(page.locator("#read")).to_have_text(word("js.draw.how"))
    for x, y in ((200, 300), (400, 300), (400, 500)):
        page.mouse.click(box["x"] + x, box["y"] + y)
    page.mouse.dblclick(box["x"] + 200, box["y"] + 500)
    save = page.locator("#read a")
    expect(save).to_have_text(word("js.drawn.save"))
    with page.expect_download() as kept:
        save.click()
    area = json.loads(Path(kept.value.path()).read_text(encoding="utf-8"))["features"][0]
    assert area["properties"]["name"] == word("js.drawn.name") and area["geometry"]["type"] == "Polygon"

    page.locator("#tools summary", has_text=word("layers")).click()
    for layer in LAYERS:
        box_of = page.locator("#layers").get_by_label(word(f"layer.{layer}"), exact=True)
        was = box_of.is_checked()
        box_of.click()
        assert box_of.is_checked() is not was
        box_of.click()
    assert page.locator("#layers input").count() == len(LAYERS)
    page.locator("#tools summary").click()

    page.locator(".menu summary").click()
    for palette in ("bright", "day", "night", "dusk"):
        page.get_by_label(word("palette")).select_option(label=word(f"palette.{palette}"))
        expect(page.locator("html")).to_have_attribute("data-palette", palette)
    page.get_by_label(word("sound")).click()
    page.get_by_role("button", name=f"{word('keys')} (?)").click()
    expect(page.locator("#help")).to_contain_text(word("key.a.what"))
    press("close", "#help")
    expect(page.locator("#help")).not_to_be_visible()
    page.locator(".menu summary").click()

    for view in ("open", "mine", "silenced", "done", "open"):
        page.locator("#filter select[name=view]").select_option(label=word(f"queue.{view}"))
        expect(page.locator("#queue .alert")).to_have_count(4 if view == "open" else 0)
    page.keyboard.press("j")
    expect(page.locator("#card article")).to_be_visible()
    press("do.comment", "#card .verbs")
    page.locator("form[data-verb=comment]").get_by_role("button", name=word("cancel"), exact=True).click()
    expect(page.locator("form[data-verb=comment]")).to_be_hidden()
    page.locator("#q").fill("lucero")
    page.locator("#found a").first.click()
    with page.expect_response("**/track?*"):
        press("show_track", "#card")
    page.wait_for_function("() => seaward.map.getStyle().sources.track.data.features.length > 0")

    page.get_by_title(word("play")).click()
    expect(page.locator("#when")).to_contain_text(word("js.then").split("{")[0].strip())
    press("live", "footer")
    expect(page.locator("#when")).to_have_text(word("js.live_now"))
    for view in ("feeds", "exchange", "record", "desk", "patrols"):
        press(f"view.{view}", "header nav")
        expect(page.locator("#panel h2").first).to_contain_text(word(f"view.{view}"))
        assert "console." not in page.locator("#panel").inner_text()
    page.locator(".menu summary").click()
    press("sign_out", "header")
    expect(page.locator("#sign-in")).to_be_visible()
    expect(page.locator("#sign-in button")).to_have_text(word("sign_in"))
