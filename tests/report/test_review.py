"""The after-action review of a drill, as a page and as a PDF."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import typst
from playwright.sync_api import Browser, Page

from seaward.core.catalogue import LANGUAGES, catalogue
from seaward.core.errors import RealmError
from seaward.report.document import own
from seaward.report.review_lanes import ticks_s
from seaward.report.review_page import render_review
from seaward.report.review_pdf import render_review_pdf, typeset_inputs
from seaward.report.review_truths import MAX_ROWS, numbered, worst_first
from seaward.report.review_view import MAX_LANES, view
from seaward.report.review_words import between, lasting, measured, stamp
from tests.report.pdf_text import pages_of

from .made_up_review import KINDS, at, review_of

EVIL = "</script></svg><img src=x onerror=document.title='taken'>#{1/0} $x$ \u202e\x00\ufffe"


def show(page: Page, html: str, folder: Path) -> tuple[list[str], list[str]]:
    """Open a review; what it complained of and what it asked for."""
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("request", lambda r: asked.append(r.url))
    (folder / "review.html").write_text(html, encoding="utf-8")
    page.goto((folder / "review.html").as_uri())
    page.wait_for_timeout(100)
    return complaints, asked


def block(said: dict[str, Any], key: str, kind: str, n: int = 0) -> dict[str, Any]:
    """The n-th block of a kind in a section."""
    part = next(s for s in said["sections"] if s["key"] == key)
    return [b for b in part["blocks"] if b["type"] == kind][n]


def words_of(table: dict[str, Any]) -> list[list[str]]:
    return [[said for said, _ in row] for row in table["rows"]]


@pytest.mark.parametrize("realm", ["ops", "", None, "ex:", "EX:A", "drill"])
def test_what_is_not_of_a_drill_is_refused(realm: Any) -> None:
    for write in (render_review, render_review_pdf):
        with pytest.raises(RealmError):
            write(review_of() | {"realm": realm}, "en")
    with pytest.raises(RealmError):
        render_review({k: v for k, v in review_of().items() if k != "realm"}, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_without_a_complaint_and_asks_nobody(page: Page, tmp_path: Path, language: str) -> None:
    complaints, asked = show(page, render_review(review_of(), language), tmp_path)
    assert complaints == [] and asked == [(tmp_path / "review.html").as_uri()]
    assert page.locator(".drill").count() == 2 and all("EXERCISE" in d and "EJERCICIO" in d for d in page.locator(".drill").all_inner_texts())
    assert page.locator("svg.fig").count() >= 3 and page.locator("html").get_attribute("lang") == language
    page.emulate_media(media="print")
    for head in page.locator(".every-page").all():
        assert head.is_visible() and "EXERCISE EXERCISE EXERCISE" in head.inner_text()


def test_the_chart_is_come_nearer_to_and_fields_are_kept_when_saved(page: Page, tmp_path: Path) -> None:
    show(page, render_review(review_of(), "en"), tmp_path)
    whole = page.locator(".zoom svg").get_attribute("viewBox")
    page.click(".zoom .controls button >> nth=0")
    assert page.locator(".zoom svg").get_attribute("viewBox") != whole
    page.click(".zoom .controls button >> nth=2")
    assert page.locator(".zoom svg").get_attribute("viewBox") == whole
    page.fill(".plan input >> nth=0", "DICAPI")
    assert 'value="DICAPI"' in page.content()


def test_without_scripts_it_says_the_same(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "review.html").write_text(render_review(review_of(), "en"), encoding="utf-8")
    texts = []
    for scripts in (True, False):
        page = browser.new_page(java_script_enabled=scripts)
        page.goto((tmp_path / "review.html").as_uri())
        texts.append(page.locator("main").inner_text().replace("+\n−\n⤢", ""))
        page.close()
    assert texts[0].split() == texts[1].split() and "T14" in texts[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_read_on_a_telephone(page: Page, tmp_path: Path, language: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, render_review(review_of(), language), tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def hostile() -> dict[str, Any]:
    """Every text that a scenario or a feed can give is hostile."""
    review = deepcopy(review_of(6, 9))

    def poison(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: poison(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [poison(v, key) for v in value]
        names = (
            "en",
            "es",
            "names",
            "name",
            "owner",
            "due",
            "file",
            "problem",
            "sensor",
            "station",
            "intent",
            "kind",
            "actor",
            "actors",
            "areas",
            "vessel_ids",
            "by",
            "action",
            "outcome",
            "why",
            "false_why",
            "measure",
            "not_simulated",
            "seaward",
            "unit",
            "sees",
            "role",
            "lang",
            "objective",
            "of",
            "scenario_sha256",
            "truth_digest",
        )
        return EVIL if isinstance(value, str) and key in names else value

    return poison(review)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_are_text_and_nothing_else(page: Page, tmp_path: Path, language: str) -> None:
    complaints, asked = show(page, render_review(hostile(), language), tmp_path)
    assert page.locator("img").count() == 0 and page.evaluate("document.title").startswith(catalogue(language)["report.drill"])
    assert complaints == [] and len(asked) == 1 and "<img src=x" in page.locator("main").inner_text()
    assert "1/0" in "".join(pages_of(render_review_pdf(hostile(), language)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(14, 24), (0, 0), (300, 2_000)])
def test_every_page_of_the_pdf_carries_the_words_of_an_exercise(language: str, size: tuple[int, int]) -> None:
    pdf = render_review_pdf(review_of(*size), language)
    assert pdf.startswith(b"%PDF-")
    pages = pages_of(pdf)
    assert len(pages) >= 2
    for said in pages:
        assert (
            said.count("EXERCISE EXERCISE EXERCISE") >= 2 and said.count("EJERCICIO EJERCICIO EJERCICIO") >= 2 and said.count("ex:pacifico-27") >= 2
        )


def test_the_pdf_says_what_the_page_says_and_is_the_same_each_time() -> None:
    pdf = render_review_pdf(review_of(), "es")
    assert pdf == render_review_pdf(review_of(), "es")
    text = "".join(pages_of(pdf))
    assert "Ejercicio combinado de área vedada y rescate" in text and "por confirmar por" in text
    assert all(f"T{n}" in text for n in range(1, 15)) and "cd34" * 16 in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_holds_a_title_without_what_it_is_about(language: str) -> None:
    pages = pages_of(render_review_pdf(review_of(300, 2_000), language))
    chart = next(p for p in pages if catalogue(language)["report.not_for_navigation"][:20] in p)
    lanes = next(p for p in pages if catalogue(language)["review.lanes_key"][:20] in p)
    assert "jig04" in chart and "pe_watch" in lanes and catalogue(language)["review.missed_here"] in lanes


def test_drawings_of_the_pdf_stand_alone() -> None:
    said = json.loads(typeset_inputs(review_of(), "en")["review"])
    drawings = [f["svg"] for s in said["sections"] for b in s["blocks"] if b["type"] == "figures" for f in b["items"]]
    assert len(drawings) > 5 and all("var(" not in d and "<style>" in d for d in drawings)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_review_in_which_nothing_happened_is_whole(page: Page, tmp_path: Path, language: str) -> None:
    complaints, _ = show(page, render_review(review_of(0, 0), language), tmp_path)
    said = page.locator("main").inner_text()
    for code in ("no_truths", "false_none", "no_picture", "no_scores", "no_injects", "no_outages", "no_places"):
        assert catalogue(language)[f"review.{code}"] in said, code
    assert complaints == []


def test_the_barest_review_is_written_too() -> None:
    bare = {"realm": "ex:a", "clock": {"start": at(0), "end": at(60)}}
    assert "ex:a" in render_review(bare, "en") and render_review_pdf(bare, "es").startswith(b"%PDF")


def test_of_many_the_worst_come_first_and_the_rest_are_counted() -> None:
    review = review_of(300, 2_000)
    said = view(review, "en")
    missed = block(said, "missed", "table", 1)
    with_intent = [t["number"] for t in numbered(review, ["pe_watch", "us_watch"]) if t["missed_by"] and t.get("intent") not in (None, "none")]
    listed = [row[0] for row in words_of(missed)]
    assert len(listed) == MAX_ROWS and len(with_intent) > 20 and set(listed[: len(with_intent)]) <= set(with_intent)
    any_missed = sum(not all(t["found"].values()) for t in review["truths"])
    assert f"and {any_missed - MAX_ROWS} more" in missed["more"]
    counted = sum(int(r[2]) for r in words_of(block(said, "missed", "table")))
    assert counted == sum(not f for t in review["truths"] for f in t["found"].values())
    false = block(said, "false", "table", 1)
    wrong = [e for e in review["events"] if not e["truth"] and not e["is_repeat"]]
    assert f"and {len(wrong) - MAX_ROWS} more" in false["more"] and sum(
        int(r[2].replace(",", "")) for r in words_of(block(said, "false", "table"))
    ) == len(wrong)
    chances = [int(row[6].split("\u00a0")[0]) for row in words_of(false)]
    assert chances == sorted(chances, reverse=True)
    assert any(
        f"{MAX_LANES} of 300" in i
        for b in next(s for s in said["sections"] if s["key"] == "lanes")["blocks"]
        if b["type"] == "notes"
        for i in b["items"]
    )


def test_the_first_screen_counts_what_each_cell_found_missed_and_raised_falsely() -> None:
    review = review_of(14, 24)
    front = {row[0]: row[1:] for row in words_of(view(review, "en")["front"][0])}
    for cell in ("pe_watch", "us_watch"):
        found = sum(bool(t["found"][cell]) for t in review["truths"])
        events = [e for e in review["events"] if e["cell"] == cell]
        false = sum(not e["truth"] and not e["is_repeat"] for e in events)
        assert front[cell][0] == f"{found} of 14" and front[cell][1].startswith(f"{14 - found} (") and front[cell][2] == f"{false} of {len(events)}"
    assert "excon" not in front


def test_a_cell_that_was_not_to_find_a_truth_has_not_missed_it() -> None:
    review = review_of(3, 0)
    for truth in review["truths"]:
        del truth["found"]["us_watch"]
        truth["missed_why"].pop("us_watch", None)
    front = {row[0]: row[1:] for row in words_of(view(review, "en")["front"][0])}
    assert front["us_watch"][0] == "0 of 0" and front["us_watch"][1] == "0"


def test_delays_of_sensors_stand_apart_from_those_of_people_by_hand() -> None:
    truth = review_of(1, 0)["truths"][0] | {"start": at(0), "names": ["LOBO (EX)"]}
    chain = {"onset": 0, "observable": 20, "opened": 61, "acknowledged": 67, "shared": None, "tasked": 97, "on_scene": None}
    truth["found"] = {
        "pe_watch": {
            "event_id": "e",
            "opened_at": at(61),
            "probability": 0.5,
            "chain": [{"stage": s, "at": None if m is None else at(m)} for s, m in chain.items()],
        }
    }
    truth["missed_why"] = {}
    row = words_of(block(view(review_of(0, 0) | {"truths": [truth]}, "en"), "chain", "table"))[0]
    said = [cell.replace("\u00a0", " ") for cell in row[2:]]
    assert said == ["00:00Z", "00:20Z (+20 min)", "01:01Z (+41 min)", "01:07Z (+6 min)", "not played", "01:37Z (+30 min)", "not played", "50 %"]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_truth_that_the_watch_missed_stands_in_the_chain_with_why_and_what_people_did_by_hand(lang: str) -> None:
    found, told, plain, old = review_of(4, 0)["truths"]
    found["intent"], told["intent"], plain["intent"], old["intent"] = "transfer", "transfer", "none", "transfer"
    chain = {"onset": 0, "observable": 20, "opened": None, "acknowledged": None, "shared": None, "tasked": 97, "on_scene": None}
    for truth in (told, plain, old):
        truth |= {"start": at(0), "found": {"pe_watch": None}, "missed_why": {"pe_watch": "review.missed.not_seen"}}
    told["missed_chain"] = {"pe_watch": [{"stage": s, "at": None if m is None else at(m)} for s, m in chain.items()]}
    live = chain | {"observable": None, "opened": 61, "tasked": None}
    plain["missed_chain"] = {"pe_watch": [{"stage": s, "at": None if m is None else at(m)} for s, m in live.items()]}
    review = review_of(0, 0) | {"truths": [found, told, plain, old], "played": ["pe_watch"]}
    rows = words_of(block(view(review, lang), "chain", "table"))
    assert len(rows) == 4, "found or missed, each has its chain"
    words = catalogue(lang)
    missed = f"{words['review.missed_here']}: {words['review.missed.not_seen']}"
    by_number = {t["number"]: t for t in numbered(review, ["pe_watch"])}
    intents = [(by_number[row[0]]["is_missed"], by_number[row[0]]["intent"]) for row in rows]
    assert intents == [(True, "transfer"), (True, "transfer"), (False, "transfer"), (True, "none")], "with an intent first, then what was found"
    said = {by_number[row[0]]["id"]: [cell.replace("\u00a0", " ") for cell in row[2:]] for row in rows}
    undone = words["review.not_done"]
    assert said[told["id"]] == ["00:00Z", "00:20Z (+20 min)", missed, undone, undone, "01:37Z (+1 h 17 min)", undone, "–"]
    assert said[plain["id"]][1] == words["review.never_seen"]
    assert said[plain["id"]][2] == f"{missed}; {words['review.raised_live'].format(at='01:01Z')}", "the floor's own watch had raised it"
    assert said[old["id"]] == ["00:00Z", "–", missed, undone, undone, undone, undone, "–"], "a review of before has no such chain"


def test_an_objective_with_few_cases_says_so_and_misses_are_counted() -> None:
    rows = {row[0]: row for row in words_of(block(view(review_of(), "en"), "objectives", "table"))}
    assert "too few" in rows["O1"][10] and "too few" not in rows["O2"][10]
    assert rows["O2"][7] == "12, of which 3 never found" and rows["O2"][8].replace("\u00a0", " ") == "47 % to 91 %" and rows["O2"][9].startswith("M ")
    assert rows["O4"][6] == "–" and rows["O4"][9] == "not rated"


def test_what_had_an_intent_comes_first_then_what_most_cells_missed() -> None:
    cells = ["pe_watch", "us_watch"]
    order = worst_first(numbered(review_of(40, 0), cells))
    rank = [(t.get("intent") in (None, "none"), -len(t["missed_by"])) for t in order]
    assert rank == sorted(rank) and {r[0] for r in rank} == {True, False} and {r[1] for r in rank} == {0, -1, -2}


def test_a_recording_that_is_not_whole_is_said_first() -> None:
    review = review_of()
    review["recording"] |= {"is_whole": False, "problem": "recording.cut"}
    assert "cut in the middle of a record" in view(review, "en")["warnings"][0]
    assert "cut in the middle of a record" in pages_of(render_review_pdf(review, "en"))[0]


def test_the_chart_names_the_kinds_of_its_symbols() -> None:
    drawing = block(view(review_of(8, 0) | {"events": []}, "en"), "map", "figures")["items"][0]["svg"]
    assert all(f">{catalogue('en')[f'kind.{kind}']}</text>" in drawing for kind in KINDS) and "Port visit" not in drawing


def test_tracks_across_180_degrees_make_one_chart() -> None:
    review = review_of(0, 0) | {
        "tracks": [{"actor": "a", "kind": "cargo", "points": [[179.5, -17.0, 0], [-179.5, -17.2, 600], [-178.9, -17.3, 900]]}]
    }
    drawing = block(view(review, "en"), "map", "figures")["items"][0]["svg"]
    track = re.search(r'class="f-track" d="M([^"]+)"', drawing)
    assert track
    across = [float(p.split(",")[0]) for p in track[1].split()]
    assert across == sorted(across) and 0 < across[0] < across[-1] < 1_000


def test_all_typst_wants_is_in_the_package() -> None:
    _, warnings = typst.Compiler(
        own("review.typ").encode(), ignore_system_fonts=True, sys_inputs=typeset_inputs(review_of(), "es")
    ).compile_with_warnings(format="pdf")
    assert [w.message for w in warnings] == []


def test_values_by_hand() -> None:
    assert lasting(41.4 * 60).replace("\u00a0", " ") == "41 min" and lasting(-300).replace("\u00a0", " ") == "−5 min" and lasting(12.2) == "12\u00a0s"
    assert stamp(at(318), False) == "05:18Z" and stamp(at(318), True) == "11-04\u00a005:18Z" and stamp(None, True) == "–"
    assert stamp("2027-11-04T00:18:00-05:00", False) == "05:18Z"
    assert measured(0.5, "per_day", "es") == "0,5 por día" and measured(0.756, "share", "en") == "76\u00a0%"
    assert between([3.5, 15.8], "per_day", "en") == "3.5 to 15.8 a day" and between([1_560, None], "s", "en").endswith("to –")
    assert ticks_s(0, 86_340) == [10_800.0 * k for k in range(8)]


def test_words_in_a_lane_stay_between_the_names_of_lanes_and_the_edge(page: Page, tmp_path: Path) -> None:
    review = review_of(14, 24)
    for n, truth in enumerate(review["truths"]):  # long bars, and bars that end at each part of the exercise
        truth["found"] = dict.fromkeys(truth["found"])
        truth["missed_why"] = dict.fromkeys(truth["found"], "review.missed.found_as")
        truth["start"], truth["end"] = at(300), at(360 + 80 * n)
    (tmp_path / "review.html").write_text(render_review(review, "en"), encoding="utf-8")
    page.goto((tmp_path / "review.html").as_uri())
    outside = page.evaluate(
        """() => [...document.querySelectorAll('svg text.f-red')].filter(t => {
            const [b, w] = [t.getBBox(), t.ownerSVGElement.viewBox.baseVal.width];
            return b.x < 118 || b.x + b.width > w;
        }).map(t => t.textContent)"""
    )
    assert page.locator("svg text.f-red").count() > 10 and outside == []
