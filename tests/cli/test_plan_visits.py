"""`seaward plan visits`: the example as its documents say, and lists with mistakes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.errors import InputError

LIST = (Path(__file__).parents[2] / "scenarios" / "visit-list.toml").read_text(encoding="utf-8")


def run(folder: Path, text: str, lang: str = "en"):
    (folder / "list.toml").write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["plan", "visits", str(folder / "list.toml"), "--out", str(folder / "out"), "--lang", lang])


def test_the_example_says_who_checks_what_what_is_left_out_and_what_no_plan_exceeds(tmp_path) -> None:
    ended = run(tmp_path, LIST)
    assert ended.exit_code == 0, ended.output
    made = json.loads((tmp_path / "out" / "ex-pacifico-27.plan.json").read_text(encoding="utf-8"))
    s, checks = made["summary"], [leg for leg in made["legs"] if leg["task"] == "intercept"]
    assert len(checks) == s["visited"] and s["visited"] + len(made["left_out"]) == s["contacts"] == 10
    assert 0 < s["prize"] <= s["prize_at_most"] <= s["prize_of_all"]
    assert "late-1" in {o["contact"] for o in made["left_out"]}
    page = (tmp_path / "out" / "ex-pacifico-27.plan.html").read_text(encoding="utf-8")
    assert "EXERCISE EXERCISE EXERCISE" in page and "Left out, and why" in page and "late-1 is left out" in page


def test_ten_thousand_contacts_are_refused_at_once_and_not_searched_for_hours(tmp_path) -> None:
    many = "".join(f'[[contacts]]\nid = "c{k}"\nplace = [-80.0, -13.0]\n' for k in range(10_000))
    ended = run(tmp_path, LIST.split("[[contacts]]")[0] + many)
    assert isinstance(ended.exception, InputError) and "10000 contacts are named; give 1000 at most" in str(ended.exception)


@pytest.mark.parametrize(
    ("change", "part"),
    [(("[-80.6, -13.2]", "[-75.0, -13.0]"), "dark-1 lies on land"), (("[-80.6, -13.2]", "[-80.6, 13.2]"), "dark-1 lies outside the area"),
     (("closes = 2027-11-06T15", "closes = 2027-11-05T15"), "closes before the plan begins"),
     (('id = "dark-2"', 'id = "dark-1"'), "named before"), (("minutes", "minuts"), "did you mean minutes?")],
)  # fmt: skip
def test_a_list_with_mistakes_says_where_and_what_to_write(tmp_path, change, part) -> None:
    assert change[0] in LIST
    ended = run(tmp_path, LIST.replace(*change))
    assert isinstance(ended.exception, InputError) and part in str(ended.exception)
    assert not (tmp_path / "out").exists()


def test_where_nobody_can_check_anything_each_contact_says_why(tmp_path) -> None:
    in_port = LIST.replace("place = [-79.00, -12.80]\nout_h = 60.0\n", "")
    ended = run(tmp_path, in_port.replace("sea_state = 3", "sea_state = 8").replace('nation = "', 'max_sea_state = 4\nnation = "'), "es")
    assert isinstance(ended.exception, InputError) and "dark-1 queda fuera: el estado del mar es 8" in str(ended.exception)


def square(name: str, west: float, south: float, east: float, north: float) -> dict:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


AREAS = [square("ring", -78.2, -13, -76.5, -11), square("here", -79.5, -13.2, -78.5, -12.4), square("all", -87, -20, -73, -5)]
QUICK = LIST.replace("rounds = 4000", "rounds = 640\nbound_steps = 0").replace("box = [", 'layers = ["areas.geojson"]\nbox = [')
OPV, BOAT = 'id = "OPV-Callao-1"', 'id = "PB-Chimbote"'


def run_with_areas(folder: Path, *changes: tuple[str, str]):
    (folder / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": AREAS}), encoding="utf-8")
    text = QUICK
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return run(folder, text)


WINDOW = "opens = 2027-11-07T11:00:00Z\ncloses = 2027-11-07T20:00:00Z\n"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ((OPV, f'{OPV}\nclosed = ["here"]'), "OPV-Callao-1 is in waters it may not enter (closed = here)"),
        ((OPV, f'{OPV}\nclosed = ["all"]'), "OPV-Callao-1 is in waters it may not enter (closed = all)"),
        ((OPV, f'{OPV}\nclosed = ["ring"]'), "no way by sea leads OPV-Callao-1 home from its place (areas: closed = ring)"),
        (("boards = true", "boards = true\nmax_sea_state = 2"), "at sea in sea state 3, and its limit is 2"),
        ((WINDOW, "opens = 2027-12-07T11:00:00Z"), "sar-5 opens after the plan ends"),
    ],
)  # fmt: skip
def test_an_asset_at_sea_that_cannot_come_home_is_never_shown_in_port(tmp_path, change, part) -> None:
    ended = run_with_areas(tmp_path, change)
    assert isinstance(ended.exception, InputError) and part in str(ended.exception), str(ended.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "key"),
    [([("out_h = 60.0", "out_h = 475.0")], "endurance_h"), ([(WINDOW, ""), ("days = 2", "days = 0.25")], "days")],
)  # fmt: skip
def test_the_change_that_brings_an_asset_home_in_time_is_named_and_is_enough(tmp_path, changes, key) -> None:
    ended = run_with_areas(tmp_path, *changes)
    found = re.search(rf"nearest change: ({key} [0-9.]+) -> ([0-9.]+[0-9])", str(ended.exception))
    assert found, str(ended.exception)
    was = {"days": "days = 0.25", "endurance_h": "endurance_h = 480.0"}[key]
    ended = run_with_areas(tmp_path, *changes, (was, f"{key} = {found[2]}"))
    assert ended.exit_code == 0, str(ended.exception)


def test_a_base_that_is_shut_in_is_named_with_the_area_that_holds_it(tmp_path) -> None:
    only = QUICK[: QUICK.index("[[assets]]")] + QUICK[QUICK.index("[[assets]]", QUICK.index(BOAT) - 20) :]
    only = only[: only.index('[[assets]]\nid = "MPA-1"')] + only[only.index("[[contacts]]") :]
    (tmp_path / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": AREAS}), encoding="utf-8")
    ended = run(tmp_path, only.replace(BOAT, f'{BOAT}\nclosed = ["all"]'))
    assert isinstance(ended.exception, InputError)
    assert "gap-9 is left out: closed = all shut in the base of PB-Chimbote" in str(ended.exception)


def test_with_pyvrp_sorties_of_any_length_are_checked_as_all_plans_are_and_come_out_the_same_every_time(tmp_path) -> None:
    pytest.importorskip("pyvrp")
    plans = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "list.toml").write_text(LIST.replace("rounds = 4000", "rounds = 900"), encoding="utf-8")
        words = ["plan", "visits", str(tmp_path / name / "list.toml"), "--out", str(tmp_path / name / "out"), "--engine", "pyvrp"]
        ended = CliRunner().invoke(app, words)
        assert ended.exit_code == 0, ended.output + repr(ended.exception)
        plans.append(json.loads((tmp_path / name / "out" / "ex-pacifico-27.plan.json").read_text(encoding="utf-8")))
    s = plans[0]["summary"]
    assert plans[0]["legs"] == plans[1]["legs"] and s["engine"] == "pyvrp" and s["prize_at_most"] is None
    checks = [leg for leg in plans[0]["legs"] if leg["task"] == "intercept"]
    assert len(checks) == s["visited"] and s["visited"] + len(plans[0]["left_out"]) == s["contacts"]
    assert s["prize"] >= 20.0, "of 27; the own search finds 22"
    assert "late-1" in {o["contact"] for o in plans[0]["left_out"]}
    boat = [leg["task"] for leg in plans[0]["legs"] if leg["asset"] == "PB-Chimbote"]
    assert boat[-1] == "port"


def test_with_pyvrp_too_where_nobody_can_check_anything_each_contact_says_why(tmp_path) -> None:
    pytest.importorskip("pyvrp")
    in_port = LIST.replace("place = [-79.00, -12.80]\nout_h = 60.0\n", "").replace("sea_state = 3", "sea_state = 8")
    (tmp_path / "list.toml").write_text(in_port.replace('nation = "', 'max_sea_state = 4\nnation = "'), encoding="utf-8")
    ended = CliRunner().invoke(app, ["plan", "visits", str(tmp_path / "list.toml"), "--out", str(tmp_path / "out"), "--engine", "pyvrp"])
    assert isinstance(ended.exception, InputError) and "dark-1 is left out: the sea state is 8" in str(ended.exception)
