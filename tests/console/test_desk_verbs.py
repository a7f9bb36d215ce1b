"""Every verb of the desk between two browsers, each nation in the other's language once: asked, answered, accepted, done, declined, called off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from seaward.core.catalogue import render
from seaward.server.floor import Floor
from tests.console.conftest import Open, shot
from tests.console.opened import both_opened, told

URL = "/api/v1/exchange"
POST = """async ([url, body]) => (await fetch(url, {method: "POST", body: JSON.stringify(body),
    headers: {"Content-Type": "application/json", "If-Match": '"1"', "X-Seaward-CSRF": document.body.dataset.csrf}})).status"""


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Floor], dict[str, str]]]:
    """Two nations in an exercise: it has all that an ordinary watch says, and the words of its control too."""
    with both_opened(tmp_path_factory.mktemp("exercise"), realms=("ex:north-1", "ex:north-1")) as (_, floors, urls):
        yield floors, urls


class Desk:
    """The desk of one nation in one language: what is begun, found and pressed is found by its words."""

    def __init__(self, page: Page, lang: str) -> None:
        self.page, self.lang = page, lang
        page.click('.tab[data-view="desk"]')
        expect(page.locator("#panel h2")).to_contain_text(render("console.view.desk", {}, lang))

    def begin(self, kind: str, text: str, **fields: str) -> None:
        fold = self.page.locator(f'#panel [data-key="new-{kind}"]')
        fold.locator("summary", has_text=render(f"console.desk.new.{kind}", {}, self.lang)).click()
        self._fill(fold, text, fields)

    def thread(self, text: str) -> Locator:
        return self.page.locator("#panel .thread").filter(has_text=text)

    def fold(self, text: str, verb: str, words: str = "", **fields: str) -> None:
        """A verb with a form that is folded away."""
        one = self.thread(text).locator(f'details[data-key^="{verb}-"]')
        one.locator("summary", has_text=render(f"console.desk.do.{verb}", {}, self.lang)).click()
        self._fill(one, words, fields)

    def press(self, text: str, verb: str) -> None:
        self.thread(text).get_by_role("button", name=render(f"console.desk.do.{verb}", {}, self.lang), exact=True).click()

    def says(self, text: str, *states: str) -> None:
        """The thread and what was said in it are in these states, in words."""
        for state in states:
            expect(self.thread(text)).to_contain_text(render(f"desk.state.{state}", {}, self.lang))

    @staticmethod
    def _fill(form: Locator, text: str, fields: dict[str, str]) -> None:
        for name, value in fields.items():
            field = form.locator(f'[name="{name}"]')
            (field.select_option if field.evaluate("(f) => f.tagName") == "SELECT" else field.fill)(value)
        if text:
            form.locator("[name=text]").fill(text)
        form.locator("button.main").click()


@pytest.mark.parametrize(("here", "there"), [("en", "es"), ("es", "en")])
def test_each_verb_of_the_desk_is_done_in_both_languages(exercise: tuple[dict[str, Floor], dict[str, str]], at: Open, here: str, there: str) -> None:
    floors, urls = exercise
    ours, theirs = Desk(at(urls["PER"], "supervisor", here), here), Desk(at(urls["USA"], "supervisor", there), there)

    ours.begin("request", f"who is she {here}", what="identity", about_id="mmsi:760000001")
    theirs.fold(f"who is she {here}", "answer", "her name is LUCERO", state="partial")
    ours.says("her name is LUCERO", "partial")
    theirs.fold(f"who is she {here}", "answer", "and her owner", state="answered")
    ours.says("and her owner", "partial", "answered")
    expect(theirs.thread("and her owner").locator("[data-key^=answer-]")).to_have_count(0)
    ours.begin("request", f"no more needed {here}", what="track")
    ours.fold(f"no more needed {here}", "withdraw", why="found her")
    theirs.says(f"no more needed {here}", "withdrawn")

    for text, verbs in ((f"board her {here}", ("accept", "complete")), (f"too far {here}", ("decline",))):
        ours.begin("task", text, what="board", unit="CUTTER 1", place="12 18.4S 077 44.9W", until="2")
        for verb in verbs:
            theirs.press(text, verb)
            state = {"accept": "accepted", "decline": "declined"}.get(verb, verb)
            ours.says(text, state)
            theirs.says(text, state)

    ours.begin("rescue", f"boat adrift {here}", phase="alert", place="12 20.0S 077 50.0W", persons="4")
    theirs.says(f"boat adrift {here}", "alert")
    ours.fold(f"boat adrift {here}", "phase", "taking water", phase="distress", persons="5")
    theirs.says("taking water", "alert", "distress")
    ours.fold("taking water", "phase", "all on board", phase="ended")
    theirs.says("all on board", "distress", "ended")

    ours.begin("chat", f"do you read {here}")
    reply = theirs.thread(f"do you read {here}").locator(f'form[data-post="{URL}/chat"]')
    reply.locator("[name=text]").fill(f"loud and clear {there}")
    reply.get_by_role("button", name=render("console.desk.send", {}, there), exact=True).click()
    expect(ours.thread(f"loud and clear {there}")).to_have_count(1)

    theirs.page.locator('[data-key="new-chat"] summary').click()
    draft = theirs.page.locator('[data-key="new-chat"] textarea')
    draft.fill("half a line")
    theirs.page.locator("#clock").click()  # looks elsewhere meanwhile
    ours.begin("control", f"from the top {here}", control={"en": "start", "es": "pause"}[here])
    theirs.says(f"from the top {here}", {"en": "running", "es": "paused"}[here])

    expect(draft).to_have_value("half a line")  # what is not sent stays, though the desk was read anew

    vessel, lon_deg = {"en": ("mmsi:760000009", -80.0), "es": ("mmsi:760000006", -84.0)}[here]  # else both were one alert
    name = told(floors["PER"], f"case-{here}", vessel_ids=[vessel], lon_deg=lon_deg, realm=floors["PER"].node.realm)
    assert ours.page.evaluate(POST, [f"/api/v1/alerts/{name}/validate", {"why": "seen"}]) == 200
    assert ours.page.evaluate(POST, [f"{URL}/cases", {"to": "USA", "case": name, "title": f"two jiggers {here}"}]) < 300
    for verb, state in (("close", "closed"), ("reopen", "open")):
        ours.press(name, verb)
        theirs.says(name, state)
    ours.fold(name, "withdraw", why="ours alone")
    theirs.says(name, "withdrawn")
    for desk in (ours, theirs):
        said = desk.page.locator("#panel").inner_text()
        assert "console." not in said and "desk." not in said
    shot(ours.page, f"desk-verbs-{here}")
