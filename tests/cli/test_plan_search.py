"""`seaward plan search` on the example that comes along: what comes out, in both languages, and after a search that found nothing."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.errors import InputError
from seaward.core.split import split
from seaward.core.tables import PLAN
from seaward.report.words import position
from tests.report.pdf_text import pages_of

EXAMPLE = Path(__file__).parents[2] / "scenarios" / "search-callao.toml"


def run(*args: str | Path):
    return CliRunner().invoke(app, ["plan", "search", *map(str, args)], catch_exceptions=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    text = EXAMPLE.read_text(encoding="utf-8").replace("hours = 24", "hours = 12\ndrifts = 800\nrounds = 5")
    text = text.replace('id = "helicopter"\nnation = "pe"', 'id = "helicopter"\nnation = "ec"\nshows = {pe = "area"}')
    (folder / "search.toml").write_text(text, encoding="utf-8")
    ended = run(folder / "search.toml", "--out", folder / "out")
    assert ended.exit_code == 0, ended.output + repr(ended.exception)
    assert "probability of success" in ended.output and "datum 2027-11-04T11:00:00Z" in ended.output
    return folder


def told(made: Path, out: str = "out") -> dict:
    return json.loads((made / out / "ex-rescate-27.plan.json").read_text(encoding="utf-8"))


def test_a_search_comes_as_a_plan_with_a_pattern_for_each_search(made) -> None:
    plan = told(made)
    s = plan["summary"]
    assert 0 < s["success"] <= s["success_at_will"] <= s["success_at_most"] <= 1 and s["gap_at_will"] < s["gap"] and s["records"] == 0
    assert [w["chance"] for w in s["ways"]] == pytest.approx([0.75, 0.25])
    for leg in plan["legs"]:
        assert (leg["task"] == "search") == ("pattern" in leg)
        if leg["task"] == "search":
            p = leg["pattern"]
            assert p["pos"] == pytest.approx(p["poc"] * p["pod"], rel=1e-6) and 0 <= p["pos"] <= p["pod"] <= 1
    rows = pl.read_parquet(made / "out" / "ex-rescate-27.plan.parquet")
    good, rejected = split(rows, PLAN)
    assert len(good) == len(plan["legs"]) and rejected.is_empty()
    page = (made / "out" / "ex-rescate-27.plan.html").read_text(encoding="utf-8")
    assert "EXERCISE EXERCISE EXERCISE" in page and "Not for navigation, and not SAROPS" in page and "parallel track (PS)" in page


def test_each_nation_gets_its_part_and_of_others_what_they_show(made) -> None:
    plan = told(made)
    nations = {a["nation"] for a in plan["assets"]}
    assert nations == {"ec", "pe"}
    for nation in nations:
        part = json.loads((made / "out" / f"ex-rescate-27.plan.{nation}.json").read_text(encoding="utf-8"))
        assert part["for"] == nation and "risk" not in part and "map" not in part
        own = [leg for leg in plan["legs"] if leg["nation"] == nation]
        assert [leg for leg in part["legs"] if leg["nation"] == nation] == own
        shows = {a["id"]: a["shows"].get(nation, "none") for a in plan["assets"] if a["nation"] != nation}
        for leg in part["legs"]:
            if leg["nation"] != nation and shows[leg["asset"]] == "area":
                assert leg["task"] == "search" and "pattern" not in leg and len(leg["way"]) == 1
            assert leg["nation"] == nation or shows[leg["asset"]] != "none"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Search patterns", "Commence search point", "Sweep width (nm)")),
        ("es", ("Patrones de búsqueda", "Punto de comienzo de búsqueda", "Ancho de barrido (nm)")),
    ],
)
def test_the_printed_order_has_the_patterns_of_its_searches(made, tmp_path, language, words) -> None:
    plan = told(made)
    asset = next(leg["asset"] for leg in plan["legs"] if leg.get("pattern", {}).get("kind"))
    options = ["export", str(made / "out"), "--as", "order", "--asset", asset, "--out", str(tmp_path), "--lang", language]
    ended = CliRunner().invoke(app, ["plan", *options])
    assert ended.exit_code == 0, ended.output + repr(ended.exception)
    page = next(tmp_path.glob("*.html")).read_text(encoding="utf-8")
    text = " ".join(" ".join(pages_of(next(tmp_path.glob("*.pdf")).read_bytes())).split())
    first = next(leg["pattern"] for leg in plan["legs"] if leg["asset"] == asset and leg.get("pattern", {}).get("kind"))
    for said in (*words, position(*first["csp"], language)):
        assert said in page.replace("&#39;", "'") and said.lower() in text.lower(), said


def test_what_was_searched_in_vain_is_counted_and_the_page_speaks_spanish(made) -> None:
    record = made / "out" / "ex-rescate-27.searched.toml"
    later = made / "later.toml"
    later.write_text((made / "search.toml").read_text(encoding="utf-8").replace("T11:00:00Z\nhours", "T23:00:00Z\nhours"), encoding="utf-8")
    ended = run(later, "--out", made / "after", "--searched", record, "--lang", "es")
    assert ended.exit_code == 0, ended.output + repr(ended.exception)
    plan = told(made, "after")
    assert 0 < plan["summary"]["already"] < 1 and plan["summary"]["records"] > 0
    assert plan["summary"]["ways"][0]["chance"] < 0.75  # the skiff is seen from farther, so not having seen it tells more
    page = (made / "after" / "ex-rescate-27.plan.html").read_text(encoding="utf-8")
    assert "Plan de búsqueda y rescate" in page and "Punto de comienzo de búsqueda" in page


def test_mistakes_end_in_one_message_in_the_language_asked_for(tmp_path) -> None:
    (tmp_path / "bad.toml").write_text(EXAMPLE.read_text(encoding="utf-8").replace("[[lost]]", "[[perdidos]]"), encoding="utf-8")
    ended = run(tmp_path / "bad.toml", "--out", tmp_path / "out", "--lang", "es")
    assert isinstance(ended.exception, InputError) and "nada dice a quién se busca" in str(ended.exception)
    assert not (tmp_path / "out").exists()
