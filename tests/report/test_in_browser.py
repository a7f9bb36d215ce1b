"""The report in a real browser: it draws, filters and asks nobody for anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from playwright.sync_api import Browser, Page

from seaward.chart.places import Places
from seaward.core.tables import EVENTS, RECEPTION
from seaward.report.page import render_report

from .conftest import many_events, summary_of


def show(page: Page, sea: dict[str, Any], folder: Path, **more: Any) -> tuple[list[str], list[str]]:
    """Open the report; what it complained of and what it asked for fill as the page lives."""
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("request", lambda r: asked.append(r.url))
    (folder / "report.html").write_text(render_report(**(sea | more)), encoding="utf-8")
    page.goto((folder / "report.html").as_uri())
    page.wait_for_function("() => document.getElementById('map').width > 300")
    return complaints, asked


def picture(page: Page) -> str:
    """What the map shows, once it has come to rest."""
    page.wait_for_timeout(400)
    return page.evaluate("document.getElementById('map').toDataURL()")


def test_it_draws_without_a_complaint_and_without_a_request(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    complaints, asked = show(page, sea, tmp_path)
    blank = page.evaluate("Object.assign(document.createElement('canvas'), {width: map.width, height: map.height}).toDataURL()")
    assert picture(page) != blank
    assert complaints == [] and asked == [(tmp_path / "report.html").as_uri()]


def test_buttons_keys_and_the_list_move_the_map(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    show(page, sea, tmp_path)
    page.click("#fit")
    whole = picture(page)
    page.click("#in")
    near = picture(page)
    page.click("#fit")
    assert near != whole == picture(page)
    page.click(".go >> nth=1")
    chosen = picture(page)
    page.keyboard.press("n")
    assert chosen != whole and picture(page) != chosen


def test_the_list_and_the_map_filter_together(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    show(page, sea, tmp_path)
    whole = picture(page)
    page.uncheck("[name=kind][value=gap]")
    assert page.locator("#events > li").count() == 3 and picture(page) != whole
    page.fill("#find", "jigger 05")
    assert page.locator("#events > li").count() == 1
    page.fill("#find", "silent for")  # words of a reason
    assert page.locator("#events > li").count() == 3
    page.fill("#find", "no such ship")
    assert page.locator("#events > li").count() == 0 and page.locator("#none").is_visible()


@pytest.mark.parametrize("language", ["en", "es"])
def test_where_an_event_is_and_how_sure_it_is_fit_on_its_card(page: Page, sea: dict[str, Any], tmp_path: Path, language: str) -> None:
    long = sea["events"].with_columns(
        kind=pl.Series(["area", "dark_contact", "loitering", "identity"]), state=pl.lit("open"), probability=pl.lit(0.97),
        end_at=pl.col("start_at") + pl.duration(days=1), areas=pl.lit(["Reserva Nacional"], EVENTS.schema["areas"]),
    )  # fmt: skip
    complaints, _ = show(page, sea, tmp_path, events=long.cast(dict(EVENTS.schema)), language=language)  # type: ignore[arg-type]
    cut = page.evaluate("""() => [...document.querySelectorAll("#events > li")].filter(li => {
      const low = q => li.querySelector(q).getBoundingClientRect().bottom;
      return low(".where") > low(".facts-of") + 1 || low(".tags") > li.getBoundingClientRect().bottom;
    }).map(li => li.innerText)""")
    assert cut == [] and complaints == [] and page.locator("#events > li").count() == 4


def test_what_ships_do_all_day_buries_nothing(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    busy = pl.concat([sea["events"], sea["events"].with_columns(kind=pl.lit("fishing"), event_id="f" + pl.col("event_id"))])
    show(page, sea, tmp_path, events=busy)
    assert page.locator("#count").inner_text() == "4 / 8 shown" and page.locator("[name=kind][value=fishing]").is_checked() is False
    page.check("[name=kind][value=fishing]")
    assert page.locator("#count").inner_text() == "8"


def test_where_there_is_nothing_but_fishing_it_is_shown(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    show(page, sea, tmp_path, events=sea["events"].with_columns(kind=pl.lit("fishing")))
    assert page.locator("#count").inner_text() == "4"


def test_events_are_filtered_by_probability_with_or_without_those_that_have_none(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    chances = pl.Series([0.9, 0.4, None, None], dtype=pl.Float64)
    show(page, sea, tmp_path, events=sea["events"].with_columns(probability=chances))
    page.locator("#least").press("End")
    for _ in range(3):
        page.locator("#least").press("ArrowLeft")
    assert page.locator("#least-said").inner_text() == "85 %" and page.locator("#events > li").count() == 3
    page.uncheck("#unknown")
    assert page.locator("#events > li").count() == 1


def test_a_period_is_chosen_by_fields_or_by_dragging(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    later = sea["events"].with_columns(start_at=pl.col("start_at") + pl.duration(days=5), end_at=pl.col("end_at") + pl.duration(days=5))
    later = later.with_columns(event_id="b" + pl.col("event_id"))
    show(page, sea, tmp_path, events=pl.concat([sea["events"], later]))
    page.fill("#to", "2027-11-06")
    page.locator("#to").press("Enter")
    assert page.locator("#count").inner_text() == "4 / 8 shown"
    page.fill("#from", "tomorrow")
    page.locator("#from").press("Enter")
    assert page.evaluate("document.getElementById('from').validity.valid") is False
    page.click("#whole")
    assert page.locator("#count").inner_text() == "8"
    box = page.locator("#timeline").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 30, steps=4)
    page.mouse.up()
    assert page.locator("#count").inner_text() == "4 / 8 shown"


def test_layers_can_be_switched(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    cell = pl.DataFrame([("ops", -79.5, -12.25, 3, 90, 10, 0.9)], schema=RECEPTION.schema, orient="row")
    show(page, sea, tmp_path, reception=cell, places=Places(("CALLAO",), np.array([-79.4]), np.array([-12.0]), ("",)))
    pictures = [picture(page)]
    page.check("#layer-reception")
    pictures.append(picture(page))
    page.uncheck("#layer-ways")
    pictures.append(picture(page))
    page.uncheck("#layer-ports")
    pictures.append(picture(page))
    assert len(set(pictures)) == 4


def test_fifty_thousand_events_are_listed_found_and_stepped_through(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    many = many_events(50_000)
    found = many["events"]["vessel_ids"].list.contains("mmsi:200000077").sum()
    complaints, asked = show(page, sea | many, tmp_path)
    for kind in ("fishing", "port_visit"):
        page.check(f"[name=kind][value={kind}]")
    cards = page.locator("#events > li")
    assert 1 <= cards.count() <= 20 and page.locator("#count").inner_text() == "50,000"
    page.evaluate("document.getElementById('scroll').scrollTop = 1e9")
    page.locator('#events > li[aria-posinset="50000"]').wait_for(state="attached")
    assert cards.count() <= 20
    page.fill("#find", "boat 77")
    assert page.locator("#count").inner_text() == f"{found} / 50,000 shown" and 1 <= cards.count() <= 20
    page.focus("#map")
    for key in "nnp":
        page.keyboard.press(key)
    open_card = page.locator("#events > li.sel")
    assert open_card.get_attribute("aria-posinset") == "1" and open_card.locator(".why li").count() == 2 and open_card.is_visible()
    page.fill("#find", "")  # the open card stays in sight among all
    boxes = [page.locator(where).bounding_box() for where in ("#events > li.sel", "#scroll")]
    assert boxes[0] and boxes[1] and boxes[1]["y"] <= boxes[0]["y"] < boxes[1]["y"] + 50
    assert complaints == [] and len(asked) == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_printed_is_what_is_shown_under_the_banner_of_a_drill(page: Page, sea: dict[str, Any], tmp_path: Path, language: str) -> None:
    show(page, sea, tmp_path, summary=summary_of("ex:demo"), language=language)
    page.uncheck("[name=kind][value=gap]")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#rows tr").count() == 3 and page.locator("#rows").is_visible() and not page.locator("#events").is_visible()
    for head in page.locator(".every-page").all():
        assert head.is_visible() and all(said in head.inner_text() for said in ("EXERCISE", "EJERCICIO"))
    assert "ex:demo" in page.locator(".every-page").first.inner_text()
    assert len(page.pdf(print_background=True)) > 20_000


def test_the_table_of_the_server_and_that_of_the_page_say_the_same(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    show(page, sea, tmp_path)
    of_server = page.evaluate("rows.textContent.replace(/\\s+/g, '')")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("rows.textContent.replace(/\\s+/g, '')") == of_server and "JIGGER" in of_server


def test_without_scripts_the_events_are_a_table(browser: Browser, sea: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(render_report(**sea), encoding="utf-8")
    page = browser.new_page(java_script_enabled=False)
    page.goto((tmp_path / "report.html").as_uri())
    assert page.locator("#rows tr").count() == 4 and page.locator("#rows").is_visible()
    page.close()


@pytest.mark.parametrize("language", ["en", "es"])
def test_hostile_names_are_text_and_nothing_else(page: Page, sea: dict[str, Any], tmp_path: Path, language: str) -> None:
    evil = "</script><img src=x onerror=document.title='taken'>"
    vessels = sea["vessels"].with_columns(name=sea["vessels"]["name"].replace_strict({"JIGGER 05 (EX)": evil}, default=None))
    events = sea["events"].with_columns(areas=pl.lit([evil]), method=pl.lit(evil))
    complaints, asked = show(page, sea, tmp_path, vessels=vessels, events=events, language=language)
    assert page.locator("#events").inner_text().count("<img") == 6  # names of two, areas of four
    page.keyboard.press("n")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("img").count() == 0
    assert "taken" not in page.title() and complaints == [] and len(asked) == 1


def test_it_can_be_read_on_a_telephone(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    (tmp_path / "report.html").write_text(render_report(**sea), encoding="utf-8")
    page.goto((tmp_path / "report.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_kind_that_nobody_foresaw_is_listed_and_drawn(page: Page, sea: dict[str, Any], tmp_path: Path) -> None:
    complaints, _ = show(page, sea, tmp_path, events=sea["events"].with_columns(kind=pl.lit("constructor")))
    page.keyboard.press("n")
    assert page.locator("#events > li.k-other").count() == 4 and picture(page) and complaints == []
