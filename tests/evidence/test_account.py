"""The account says in both languages what happened, how sure it is, what speaks against it, and what was not established."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from seaward.core.catalogue import LANGUAGES, catalogue, render
from seaward.evidence.build import account_of, pack
from seaward.evidence.from_results import Case
from seaward.proof.container import unseal
from seaward.report.account_page import render_account
from tests.report.pdf_text import pages_of

from .conftest import KEY, KINDS, REALM

GOLDEN = {
    ("en", "gap"): ("That the silence was intended. The data show that no report was received, not why.",
                    "Where the vessel was, and what it did, while it was not heard.",
                    "The vessel JIGGER 05 (EX) (MMSI 100000689) was last heard on 2027-11-04 04:51:56Z at"),
    ("es", "gap"): ("Que el silencio fue intencional. Los datos muestran que no se recibió ningún reporte, no por qué.",
                    "Dónde estuvo la nave, y qué hizo, mientras no se la recibía.",
                    "A la nave JIGGER 05 (EX) (MMSI 100000689) se la recibió por última vez el 2027-11-04 04:51:56Z en"),
    ("en", "encounter"): ("That anything or anybody went from one vessel to the other.", "A distance carries the errors of both its ends."),
    ("es", "encounter"): ("Que algo o alguien pasó de una nave a la otra.", "Una distancia lleva los errores de ambos extremos."),
    ("en", "fishing"): ("That gear was in the water, or that anything was caught: nobody saw it.",),
    ("es", "dark_contact"): ("Qué era el contacto: si era siquiera una nave, y cuál.",),
}  # fmt: skip
ALWAYS = ("identity", "persons", "time", "law")


def plain(text: str) -> str:
    """Words alone: a PDF breaks lines where it likes, and sets ligatures."""
    for ligature, letters in (("\ufb01", "fi"), ("\ufb02", "fl"), ("\ufb00", "ff"), ("\ufb03", "ffi"), ("\ufb04", "ffl"), ("\u00ad", "")):
        text = text.replace(ligature, letters)
    return re.sub(r"[\s\-–]+", "", html.unescape(text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_page_and_pdf_hold_the_paragraphs_that_must_be_there(kind: str, language: str, pack_of: Callable[[str], bytes]) -> None:
    files = unseal(pack_of(kind))
    page = plain(re.sub(r"<[^>]*>", " ", files[f"account.{language}.html"].decode()))
    pdf = plain("".join(pages_of(files[f"account.{language}.pdf"])))
    texts = catalogue(language)
    musts = [texts[f"evidence.not.{code}"] for code in ALWAYS]
    musts += [texts[code] for n in (1, 2) for family in ("not", "against") if (code := f"evidence.{family}.{kind}.{n}") in texts]
    musts += [texts[f"evidence.s.{code}"] for code in ("not", "sure", "against", "who", "proves", "versions", "handed")]
    musts += [texts["evidence.drill_note"], *GOLDEN.get((language, kind), ())]
    assert any(f"evidence.not.{kind}.1" == code for code in texts), "each kind says what it leaves open"
    for must in musts:
        assert plain(must) in page, must
        assert plain(must) in pdf, must


@pytest.mark.parametrize("kind", ["gap", "encounter"])
def test_every_page_and_file_for_people_says_exercise(kind: str, pack_of: Callable[[str], bytes]) -> None:
    files = unseal(pack_of(kind))
    for language, word in (("en", "EXERCISE EXERCISE EXERCISE"), ("es", "EJERCICIO EJERCICIO EJERCICIO")):
        for page in pages_of(files[f"account.{language}.pdf"]):
            assert plain(page).count(plain(word)) >= 2
        assert word in files[f"account.{language}.html"].decode() and word in files[f"map.{language}.svg"].decode()
        assert word in files["readme.txt"].decode()
    for name in ("event.json", "parameters.json", "feeds.json", "manifest.json"):
        assert b'"EXERCISE EXERCISE EXERCISE"' in files[name]
    for name in ("reports.csv", "positions.csv", "statements.csv"):
        lines = files[name].decode().splitlines()
        assert lines[0].startswith("realm,") and all(line.startswith(f"{REALM},") for line in lines[1:])


def test_of_the_real_sea_nothing_says_exercise(case_of: Callable[[str], Case]) -> None:
    case = case_of("gap")
    real = replace(case, gathered=replace(case.gathered, event=case.gathered.event | {"realm": "ops"}))
    files = unseal(pack(real.gathered, real.told, 1, [], KEY, "0.1.0"))
    assert not any("EXERCISE" in files[f"account.{lang}.html"].decode() for lang in LANGUAGES)
    assert not any("EXERCISE" in "".join(pages_of(files[f"account.{lang}.pdf"])).replace(" ", "") for lang in LANGUAGES)


def test_positions_are_in_degrees_and_decimal_minutes_with_time_and_error(pack_of: Callable[[str], bytes]) -> None:
    files = unseal(pack_of("gap"))
    assert b"13\xc2\xb040.920&#39;S 080\xc2\xb036.763&#39;W" in files["account.en.html"]
    assert b"13\xc2\xb040,920&#39;S 080\xc2\xb036,763&#39;O" in files["account.es.html"]
    head, *rows = (line.split(",") for line in files["positions.csv"].decode().splitlines())
    row = next(dict(zip(head, r, strict=True)) for r in rows if "2027-11-04T04:51:56" in r[2])
    assert (row["latitude"], row["longitude"]) == ("13 40.920 S", "080 36.763 W")
    assert (row["error_m"], row["error_said"], row["resolution_m"]) == ("10.0", "to_10_m", "0.19")


def test_the_reports_named_are_shown_as_received(pack_of: Callable[[str], bytes]) -> None:
    files = unseal(pack_of("gap"))
    shown = html.unescape(files["account.en.html"].decode())
    lines = [line for line in files["feeds/1.raw"].split(b"\\s:") if b"c:1825303916" in line or b"c:1825336852" in line]
    assert len(lines) == 2 and all(line.decode().strip() in shown for line in lines)


def test_the_page_asks_nobody_for_anything(pack_of: Callable[[str], bytes]) -> None:
    page = unseal(pack_of("encounter"))["account.en.html"].decode()
    assert "default-src 'none'" in html.unescape(page) and "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!#)", page)


def test_a_name_with_markup_is_shown_and_not_run(case_of: Callable[[str], Case]) -> None:
    import polars as pl

    gathered = case_of("gap").gathered
    evil = gathered.known.vessels.with_columns(name=pl.lit("<script>alert(1)</script> #eval"))
    hostile = replace(gathered, known=replace(gathered.known, vessels=evil))
    files = unseal(pack(hostile, case_of("gap").told, 1, [], KEY, "0.1.0"))
    assert "<script" not in files["account.en.html"].decode() and "&lt;script&gt;alert" in files["account.en.html"].decode()
    assert "<script" not in files["map.en.svg"].decode()
    assert "<script>alert(1)" in "".join(pages_of(files["account.en.pdf"])).replace(" ", "")


def test_an_event_of_an_unknown_kind_and_many_vessels_still_reads(case_of: Callable[[str], Case]) -> None:
    case = case_of("gap")
    event = case.gathered.event | {"kind": "other_kind", "vessel_ids": [f"mmsi:{760000000 + n:09d}" for n in range(50)], "probability": None}
    event |= {"start_at": "2027-11-04T04:00:00Z", "end_at": "2027-11-04T05:00:00Z"}
    story = {"event": event, "told_differs": ["end_at: a is said, b is found"], "versions": [], "told": [], "window": None,
             "reports_left_out": 3, "given": []}  # fmt: skip
    from seaward.evidence.tables import accuracies

    gathered = case.gathered
    account = account_of(story, gathered, accuracies(gathered.feeds), gathered.feeds, "ab" * 32, "0.1.0")
    for language in LANGUAGES:
        page = render_account(account, language)
        assert render("evidence.many", {"count": 50}, language) in html.unescape(page).replace("50 Vessels", "50 vessels")
        assert render("evidence.sure.none", {}, language) in html.unescape(page)
        assert "end_at: a is said, b is found" in page
