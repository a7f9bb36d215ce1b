"""Photos and notes of a vessel on the card: one writes, the others see it; what is written is never run; observers only read."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from playwright.sync_api import Page, expect

from seaward.core.catalogue import render
from seaward.server.floor import Floor
from seaward.store.photos import photo_of
from tests.console.conftest import Open, shot
from tests.console.test_safe import HOSTILE
from tests.store.pictures import SVG, picture

Fresh = tuple[Floor, str]
V = "mmsi:760000001"


def card(page: Page) -> None:
    page.evaluate("(v) => { location.hash = 'vessel=' + encodeURIComponent(v) }", V)
    expect(page.locator(f'#card [data-card="vessel:{V}"] .notes')).to_be_visible()


@pytest.mark.parametrize(("here", "there"), [("en", "es"), ("es", "en")])
def test_what_an_officer_writes_and_photographs_shows_at_another_floor_without_a_reload(fresh: Fresh, at: Open, here: str, there: str) -> None:
    ours, theirs = at(fresh[1], lang=here), at(fresh[1], "observer", lang=there)
    for page in (ours, theirs):
        card(page)
        page.evaluate("() => { window.notReloaded = true }")
    assert theirs.locator("#card form").count() == 0, "who only looks has no forms"
    expect(theirs.locator("#card .notes")).to_contain_text(render("console.about.no_notes", {}, there))
    ours.locator('[data-key="add-note"] summary').focus()
    ours.keyboard.press("Enter")
    ours.keyboard.press("Tab")
    ours.keyboard.type("No lights,\ntwo boats alongside")
    ours.keyboard.press("Tab")
    ours.keyboard.press("Enter")
    expect(ours.locator("[data-note]")).to_have_count(1)
    expect(theirs.locator("[data-note]")).to_contain_text("two boats alongside")

    ours.click('[data-key="add-photo"] summary')
    form = ours.locator('[data-key="add-photo"] form')
    form.locator("input[type=file]").set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": SVG})
    form.locator("button").click()
    expect(ours.locator("#told")).to_contain_text({"en": "JPEG, PNG or WebP", "es": "JPEG, PNG o WebP"}[here])
    form.locator("input[type=file]").set_input_files({"name": "..%2f<b>.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(800, 500))})
    form.locator("input[name=caption]").fill("Port side & stern")
    form.locator("button").click()
    for page in (ours, theirs):
        expect(page.locator("[data-photo] img")).to_have_attribute("alt", "Port side & stern")
        page.wait_for_function(  # the card may be read anew meanwhile, and the picture with it
            "() => { const i = document.querySelector('[data-photo] img'); i?.scrollIntoView(); return i?.naturalWidth === 800; }"
        )
    with theirs.expect_popup() as opened:
        theirs.click("[data-photo] a")
    assert re.search(r"/photos/[0-9a-f]{64}$", opened.value.url)
    opened.value.close()

    ours.click("[data-note] summary")
    ours.fill("[data-note] input[name=why]", "another vessel")
    ours.press("[data-note] input[name=why]", "Enter")
    expect(theirs.locator("[data-note]")).to_contain_text("another vessel")
    expect(theirs.locator("[data-note] s")).to_contain_text("two boats")

    ours.locator("[data-photo] summary", has_text=render("console.about.withdraw", {}, here)).click()
    ours.fill("[data-photo] input[name=why]", "a sister ship")
    ours.locator("[data-photo] form").get_by_role("button", name=render("console.about.withdraw", {}, here), exact=True).click()
    expect(ours.locator("#told")).to_contain_text(render("console.js.withdrawn", {}, here))
    gone = theirs.locator("[data-photo]")
    expect(gone).to_contain_text("a sister ship")
    expect(gone).to_contain_text(render("console.about.withdrawn", {"who": "officer", "at": "|", "why": ""}, there).split("|")[0].strip(" ,"))
    expect(gone.locator("img, a")).to_have_count(0)
    assert theirs.evaluate("() => window.notReloaded") and ours.evaluate("() => window.notReloaded")
    shot(ours, "notes")


def test_what_somebody_writes_is_not_lost_when_another_writes(fresh: Fresh, at: Open) -> None:
    page = at(fresh[1])
    card(page)
    page.click('[data-key="add-note"] summary')
    page.fill('[data-key="add-note"] textarea', "half a")
    fresh[0].node.state.add_note(V, "of another", "rojas", fresh[0].now())
    fresh[0].changes.poke()
    page.wait_for_timeout(2_500)
    assert page.input_value('[data-key="add-note"] textarea') == "half a"
    page.keyboard.type(" word")
    page.locator('[data-key="add-note"] textarea').blur()
    expect(page.locator("[data-note]")).to_have_count(1)  # what waited comes
    assert page.input_value('[data-key="add-note"] textarea') == "half a word"
    page.evaluate("(v) => { location.hash = 'vessel=' + encodeURIComponent(v) }", "mmsi:760000002")
    expect(page.locator('#card [data-card="vessel:mmsi:760000002"] .notes')).to_be_visible()
    assert page.input_value('[data-key="add-note"] textarea') == "", "what was begun of one vessel is not said of another"


def test_who_is_refused_goes_on_by_keyboard_where_they_were(fresh: Fresh, at: Open) -> None:
    page = at(fresh[1])
    card(page)
    page.click('[data-key="add-photo"] summary')
    page.locator('[data-key="add-photo"] input[type=file]').set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": SVG})
    keep = page.locator('[data-key="add-photo"] button')
    keep.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text("JPEG, PNG or WebP")
    expect(keep).to_be_focused()


def test_a_file_that_is_being_chosen_is_not_lost_when_the_card_is_read_anew(fresh: Fresh, at: Open) -> None:
    """Who chooses one looks at a window of the browser for a while; the field waits for it."""
    page = at(fresh[1])
    card(page)
    page.click('[data-key="add-photo"] summary')
    field = page.locator('[data-key="add-photo"] input[type=file]').element_handle()
    fresh[0].node.state.add_note(V, "of another", "rojas", fresh[0].now())
    fresh[0].changes.poke()
    expect(page.locator("[data-note]")).to_have_count(1)
    expect(page.locator('[data-key="add-photo"] summary')).to_be_focused()
    field.set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": picture("PNG")})
    page.click('[data-key="add-photo"] button')
    expect(page.locator("[data-photo]")).to_have_count(1)
    expect(page.locator('[data-key="add-photo"] input[type=file]')).to_have_value("")


@pytest.mark.parametrize("width", [390, 1400])
def test_hostile_notes_and_captions_never_run_nor_break_the_card(fresh: Fresh, at: Open, width: int) -> None:
    floor, dialogs = fresh[0], []
    for n, text in enumerate((*HOSTILE, "<b>\n\u2028\u202e</textarea>", "A" * 2_000)):
        floor.node.state.add_note(V, text[:2_000], "officer", floor.now())
        floor.node.state.add_photo(V, photo_of(picture("PNG", shade=n)), text[:200], "officer", floor.now())
    number = floor.node.state.notes(V)[0].number
    floor.node.state.withdraw("note", V, number, "officer", HOSTILE[0], floor.now())
    page = at(fresh[1], width=width)
    page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    card(page)
    expect(page.locator("[data-note]")).to_have_count(len(HOSTILE) + 2)
    for key in ("add-note", "add-photo"):
        page.click(f'[data-key="{key}"] summary')
    page.wait_for_timeout(500)
    assert not dialogs
    assert page.locator("#card script, #card svg, #card b, #card img:not([src*='/photos/'])").count() == 0
    text = page.locator("#card").inner_text()
    assert "\u202e" not in text and "\x1b" not in text and "<img src=x onerror=alert(1)>" in text
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("() => { const c = document.getElementById('card'); return c.scrollWidth <= c.clientWidth }")
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8") + ";0")
    found = page.evaluate("() => axe.run('#card', {resultTypes: ['violations']})")
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found["violations"]] == []
    page.evaluate("() => document.querySelector('#card .photos').scrollIntoView()")
    shot(page, f"notes-{width}")
