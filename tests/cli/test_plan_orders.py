"""The printed order of an asset: all that its bridge needs, in two languages, a drill's mark on every page, nothing its nation may not see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.errors import InputError
from seaward.orders import order_of
from seaward.passage import plan_made
from seaward.planning import for_nation
from seaward.report.order_pdf import render_order_pdf
from seaward.report.order_view import zone_name
from tests.patrol import plans
from tests.report.pdf_text import pages_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("plan")
    (out / "small.toml").write_text(plans.PLAN, encoding="utf-8")
    ended = CliRunner().invoke(app, ["plan", str(out / "small.toml"), "--out", str(out / "out")])
    assert ended.exit_code == 0, ended.output
    return out / "out"


def test_the_order_says_who_when_where_how_fast_and_why(folder) -> None:
    made = plan_made(folder)
    order = order_of(made, "boat-1")
    own = [leg for leg in made["legs"] if leg["asset"] == "boat-1" and leg["task"] != "port"]
    assert order["sorties"][0]["depart"] == own[0]["start"] and order["sorties"][-1]["back"] == own[-1]["end"]
    assert order["zone_h"] == -5.0 and zone_name(-5.0) == "R" and zone_name(0.0) == "Z" and zone_name(5.5) == "+5.5 h"
    found = [(p["coverage"], p["worth"]) for s in order["sorties"] for p in s["points"] if p["task"] == "search"]
    assert found == [(leg["coverage"], leg["worth"]) for leg in own if leg["task"] == "search"]
    for s in order["sorties"]:
        assert s["hours"] <= 30.0 and s["fuel_t"] == pytest.approx(s["hours"] * (0.2 + 0.0001 * 16.0**3))
        assert s["points"][0]["task"] == s["points"][-1]["task"] == "port"


@pytest.mark.parametrize(("language", "words"), [("en", ("Patrol order", "Endurance left", "Not for navigation", "Communications", "12°03.000'S")),
                                                 ("es", ("Orden de patrulla", "Autonomía restante", "No apto para la navegación", "Comunicaciones",
                                                         "12°03,000'S"))])  # fmt: skip
def test_page_and_pdf_say_the_same_and_every_page_of_a_drill_bears_its_mark(folder, tmp_path, language, words) -> None:
    ended = CliRunner().invoke(app, ["plan", "export", str(folder), "--as", "order", "--asset", "opv", "--out", str(tmp_path), "--lang", language])
    assert ended.exit_code == 0, ended.output + repr(ended.exception)
    page = (tmp_path / "ex-small.EXERCISE.opv.order.html").read_text(encoding="utf-8")
    pages = pages_of((tmp_path / "ex-small.EXERCISE.opv.order.pdf").read_bytes())
    text = " ".join(" ".join(pages).split())
    for said in words:
        assert said in page.replace("&#39;", "'"), said
        assert said.lower() in text.lower(), said
    assert len(pages) > 1
    for one in pages:
        assert "EXERCISE EXERCISE EXERCISE" in one and "EJERCICIO EJERCICIO EJERCICIO" in one
    assert "://" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_same_order_gives_the_same_bytes(folder) -> None:
    order = order_of(plan_made(folder), "opv")
    assert render_order_pdf(order, "en") == render_order_pdf(order, "en")


def test_an_order_tells_of_others_only_what_its_nation_may_see_of_them(folder) -> None:
    made = plan_made(folder)
    for asset, nation in (("plane", "us"), ("opv", "pe"), ("boat-1", "pe")):
        order = order_of(made, asset)
        seen = for_nation(made, nation)
        assert {o["asset"] for o in order["near"]} <= {a["id"] for a in seen["assets"]} - {asset}
        assert order == order_of(seen, asset)
    near = {o["asset"]: o for o in order_of(made, "plane")["near"]}
    assert set(near) <= {"opv"} and all(o["task"] == "search" for o in near.values())  # the boats show the US nothing
    assert "boat-" not in json.dumps(order_of(made, "plane"))


def test_orders_are_for_each_nation_to_give(folder, tmp_path) -> None:
    us = folder / "ex-small.plan.us.json"
    ended = CliRunner().invoke(app, ["plan", "export", str(us), "--as", "order", "--asset", "opv", "--out", str(tmp_path / "x")])
    assert isinstance(ended.exception, InputError) and "PE, which alone gives it orders" in str(ended.exception)
    ended = CliRunner().invoke(app, ["plan", "export", str(us), "--as", "order", "--out", str(tmp_path / "y")])
    assert ended.exit_code == 0
    assert sorted(p.name for p in (tmp_path / "y").iterdir()) == ["ex-small.EXERCISE.plane.order.html", "ex-small.EXERCISE.plane.order.pdf"]


def test_a_real_order_bears_no_mark_of_a_drill(folder) -> None:
    made = plan_made(folder) | {"realm": "ops"}
    pages = pages_of(render_order_pdf(order_of(made, "opv"), "en"))
    assert not any("EXERCISE" in p or "EJERCICIO" in p for p in pages)
