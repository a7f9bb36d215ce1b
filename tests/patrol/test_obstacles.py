"""Constraints that cannot be met together: all of them are named, for which asset, and the change that is named is enough."""

from __future__ import annotations

import json
import tomllib

import numpy as np
import pytest

from seaward.core.catalogue import render
from seaward.patrol.mistakes import PlanError
from seaward.patrol.plan import make_plan, summary
from seaward.patrol.problem import Problem, problem_of
from seaward.patrol.read_risk import read_risk
from seaward.patrol.risk import RiskParams, learn_risk
from seaward.patrol.uncovered import uncovered
from seaward.patrol.verify import verify
from seaward.patrol.voyage import legs_of
from tests.patrol.plans import PLAN, asked


def square(name: str, west: float, south: float, east: float, north: float) -> dict:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


AREAS = json.dumps({"type": "FeatureCollection", "features": [
    square("ring", -78.2, -13, -76.5, -11), square("off", -82, -12, -80, -10), square("far", -60, -20, -59, -19),
    square("basin", -77.6, -12.4, -77, -11.8), square("west-wall", -78.4, -15.2, -78.0, -9.0), square("north", -79, -9.2, -76, -7.5),
]})  # fmt: skip
LAYERED = PLAN.replace("cell_deg = 1.0", 'cell_deg = 1.0\nlayers = ["areas.geojson"]')
ALONE = LAYERED[: LAYERED.index("[[assets]]", LAYERED.index('id = "opv"'))]


def made(text: str) -> Problem:
    return problem_of(asked(text, areas__geojson=AREAS))


def with_areas(line: str, text: str = ALONE) -> str:
    return text.replace("boards = true\nshows", f"boards = true\n{line}\nshows")


@pytest.mark.parametrize(
    ("line", "constraint", "areas", "drop"),
    [
        ('closed = ["ring"]', "waters_base", "closed = ring", "closed = ring"),
        ('only = ["off"]', "waters_base", "only = off", "only = off"),
        ('only = ["far"]', "waters_none", "only = far", "only = far"),
        ('only = ["off", "ring"]\nclosed = ["off", "ring"]', "waters_none", "only = off, ring; closed = off, ring", "closed = ring"),
        ('only = ["off"]\nclosed = ["far", "ring"]', "waters_base", "only = off; closed = far, ring", "only = off; closed = ring"),
    ],
)
def test_waters_that_shut_an_asset_in_are_named_and_the_fewest_to_leave_out_are_enough(line, constraint, areas, drop) -> None:
    (o,) = made(with_areas(line)).obstacles
    assert (o.asset, o.constraint, o.areas, o.drop) == ("opv", constraint, areas, drop)
    for language in ("en", "es"):
        said = render(f"plan.obstacle.{o.constraint}", o.told(), language)
        assert "opv" in said and areas in said and drop in said
    kept = tomllib.loads(line)
    for part in drop.split("; "):
        key, names = part.split(" = ")
        kept[key] = [n for n in kept[key] if n not in names.split(", ")]
    mended = "\n".join(f"{key} = {json.dumps(names)}" for key, names in kept.items())
    assert [a.id for a in made(with_areas(mended)).assets] == ["opv"]


def test_a_base_whose_port_lies_in_closed_water_near_open_water_sails() -> None:
    assert [a.id for a in made(with_areas('closed = ["basin"]')).assets] == ["opv"]


@pytest.mark.parametrize("line", ['closed = ["ring"]', 'only = ["off"]', 'closed = ["basin"]', 'only = ["ring"]', 'closed = ["west-wall"]'])
def test_whatever_waters_are_closed_the_plan_that_is_made_keeps_its_rules(line) -> None:
    p = made(with_areas(line, LAYERED))
    params = RiskParams(36.0)
    learned = read_risk(p.asked, p.cells)
    risk = learn_risk(p.cells, learned.seen, learned.looked, learned.expected, params, p.asked.start, p.epochs)
    legs = legs_of(p, make_plan(p, risk).drawn, risk.weight)
    shapes = {name: area.shape for name, area in p.asked.areas.items()}
    assert verify(legs, p.asked.assets, p.cells, shapes, 3, p.hours) == []


def test_an_asset_held_by_several_constraints_hears_of_all_and_all_together_are_enough() -> None:
    text = PLAN.replace("days = 3", "days = 0.3").replace("endurance_h = 240.0", "endurance_h = 3.0\nfuel_t = 1.0\nburn_t_h = 0.37")
    text = text.replace("sea_state", "#").replace("days = 0.3", "days = 0.3\nsea_state = 6").replace('"ship"', '"ship"\nmax_sea_state = 4')
    mine = [o for o in problem_of(asked(text)).obstacles if o.asset == "opv"]
    assert [o.constraint for o in mine] == ["sea_state", "endurance", "fuel", "horizon"]
    of = {o.constraint: o for o in mine}
    assert f"endurance_h 3.0 -> {of['endurance'].needs:.1f}" in render("plan.obstacle.endurance", of["endurance"].told(), "en")
    mended = text.replace("max_sea_state = 4", "max_sea_state = 6").replace("days = 0.3", f"days = {of['horizon'].needs:.2f}")
    mended = mended.replace("endurance_h = 3.0", f"endurance_h = {of['endurance'].needs:.1f}")
    mended = mended.replace("fuel_t = 1.0", f"fuel_t = {of['fuel'].needs_t:.2f}")
    assert "opv" in {a.id for a in problem_of(asked(mended)).assets}
    for o in mine[1:]:  # and none of them is too much: without any one change it stays in port
        was = {"endurance": "endurance_h = 3.0", "fuel": "fuel_t = 1.0", "horizon": "days = 0.3"}[o.constraint]
        now = next(row for row in mended.splitlines() if row.startswith(was.split(" = ")[0]))
        left = [x.constraint for x in problem_of(asked(mended.replace(now, was, 1))).obstacles if x.asset == "opv"]
        assert left == [o.constraint]


def test_a_speed_at_which_no_plan_is_long_enough_is_said_to_be_too_slow() -> None:
    (o,) = [o for o in problem_of(asked(PLAN.replace("speed_kn = 14.0", "speed_kn = 14.0\nslows = {3 = 0.01}"))).obstacles if o.asset == "opv"]
    assert (o.constraint, o.has) == ("slow", 0.01) and o.needs > 60 * 24


@pytest.mark.parametrize(
    ("change", "code", "mended"),
    [
        ('within = ["far"]', "area_within", 'within = ["off"]'),
        ("off_nm = 1", "area_off_nm", "off_nm = {needs:g}"),
    ],
)
def test_an_area_without_a_cell_says_which_limit_leaves_none_and_the_change_is_enough(change, code, mended) -> None:
    text = LAYERED.replace('layers = ["areas.geojson"]', f'layers = ["areas.geojson"]\n{change}')
    with pytest.raises(PlanError) as caught:
        made(text)
    (wrong,) = caught.value.mistakes
    assert wrong.code == code and wrong.line == text[: text.index("[area]")].count("\n") + 1
    assert change.split(" = ")[0] in caught.value.told("en") and change.split(" = ")[0] in caught.value.told("es")
    assert len(made(text.replace(change, mended.format(**wrong.values))).cells) > 0


def test_a_share_of_sea_that_no_cell_has_is_told_the_largest_there_is() -> None:
    text = PLAN.replace("[-82.0, -14.0, -76.0, -9.0]", "[-77.3, -12.3, -76.3, -11.3]").replace("cell_deg = 1.0", "cell_deg = 1.0\nleast_sea = 0.9")
    with pytest.raises(PlanError) as caught:
        problem_of(asked(text))
    (wrong,) = caught.value.mistakes
    assert wrong.code == "area_least_sea"
    assert len(problem_of(asked(text.replace("least_sea = 0.9", f"least_sea = {wrong.values['needs']}"))).cells) == 1


def test_cells_that_nobody_can_reach_name_who_comes_nearest_and_its_change_is_enough() -> None:
    text = ALONE.replace("endurance_h = 240.0", "endurance_h = 24.0").replace('kind = "detect"', 'kind = "cover"\nleast_find = 0.01')
    p = made(text)
    lattice = p.fleet.groups[0].lattice
    far = np.flatnonzero(2 * lattice.home > lattice.sortie).tolist()
    assert far
    (u,) = uncovered(p, far, 0.01)
    assert (u.constraint, u.asset, u.cells, u.has) == ("endurance", "opv", len(far), 24.0)
    mended = made(text.replace("endurance_h = 24.0", f"endurance_h = {u.needs:.1f}"))
    assert all(o.constraint != "endurance" for o in uncovered(mended, far, 0.01))
    less = made(text.replace("endurance_h = 24.0", f"endurance_h = {u.needs - 0.1:.1f}"))
    assert any(o.constraint == "endurance" for o in uncovered(less, far, 0.01))


def test_a_cover_nobody_can_give_is_told_from_one_that_costs_others_and_from_closed_water() -> None:
    text = with_areas('closed = ["off"]', ALONE).replace('kind = "detect"\nrounds = 20', 'kind = "cover"\nleast_find = 0.99\nrounds = 5')
    p = made(text)
    learned = read_risk(p.asked, p.cells)
    risk = learn_risk(p.cells, learned.seen, learned.looked, learned.expected, RiskParams(36.0), p.asked.start, p.epochs)
    plan = make_plan(p, risk)
    told = summary(p, risk, plan)["uncovered"]
    assert sum(u["cells"] for u in told) == len(plan.short)
    of = {u["constraint"]: u for u in told}
    assert of["waters"]["cells"] > 0 and of["least_find"]["needs"] < 0.99
    for u in told:
        said = {language: render(f"plan.uncovered.{u['constraint']}", u, language) for language in ("en", "es")}
        assert str(u["cells"]) in said["en"] and "{" not in said["es"]
    lower = uncovered(p, plan.short.tolist(), of["least_find"]["needs"])
    assert "least_find" not in {u.constraint for u in lower} and "shared" in {u.constraint for u in lower}
