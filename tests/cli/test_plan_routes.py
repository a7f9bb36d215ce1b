"""`seaward plan export` and `read`: files for the bridge, never more than a nation may see, and a file that comes back, checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.bridge.route import stretches_of
from seaward.cli.main import app
from seaward.core.errors import InputError, RealmError
from seaward.passage import FORMATS, read_route
from tests.patrol import plans


def run(*args: str | Path, code: int = 0):
    ended = CliRunner().invoke(app, ["plan", *map(str, args)], catch_exceptions=True)
    assert ended.exit_code == code, ended.output + repr(ended.exception)
    return ended


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    (folder / "small.toml").write_text(plans.PLAN, encoding="utf-8")
    run(folder / "small.toml", "--out", folder / "out")
    return folder


def legs_of(made: Path, asset: str, name: str = "plan.json") -> list[dict]:
    plan = json.loads((made / "out" / f"ex-small.{name}").read_text(encoding="utf-8"))
    return [leg for leg in plan["legs"] if leg["asset"] == asset and leg["task"] != "port"]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("asset", ["opv", "boat-1", "plane"])
def test_what_is_exported_and_read_is_what_was_planned_and_breaks_nothing(made, tmp_path, kind, asset) -> None:
    files = [Path(line) for line in run("export", made / "out", "--as", kind, "--asset", asset, "--out", tmp_path).output.splitlines()]
    assert files and all(f.name.startswith(f"ex-small.EXERCISE.{asset}.") and f.suffix == f".{kind}" for f in files)
    sailed = [s for f in files for s in stretches_of(read_route(f))]
    told = legs_of(made, asset)
    assert sum((s.end - s.start).total_seconds() for s in sailed) == pytest.approx(
        sum((_at(x["end"]) - _at(x["start"])).total_seconds() for x in told))  # fmt: skip
    assert [s.way[0] for s in sailed if s.task == "search"] == [tuple(x["way"][0]) for x in told if x["task"] == "search"]
    assert {p for s in sailed for p in s.way} == {tuple(p) for x in told for p in x["way"]}
    ended = run("read", files[0], "--against", made / "small.toml")
    assert f"nothing that {asset} cannot do" in ended.output


def _at(text: str):
    from datetime import datetime

    return datetime.fromisoformat(text)


def test_all_that_sail_are_exported_without_a_name_and_nothing_else_is_left(made, tmp_path) -> None:
    files = run("export", made / "out", "--as", "gpx", "--out", tmp_path).output.splitlines()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(Path(f).name for f in files)
    assert {Path(f).name.split(".")[2] for f in files} == {"opv", "boat-1", "boat-2", "plane"}


def test_from_a_nations_file_no_more_comes_than_the_others_show_it(made, tmp_path) -> None:
    us = made / "out" / "ex-small.plan.us.json"
    files = run("export", us, "--as", "rtz", "--out", tmp_path).output.splitlines()
    assert {Path(f).name.split(".")[2] for f in files} == {"plane"}
    for asset, part in (("opv", "no route can be made"), ("boat-1", "no asset 'boat-1' that may be seen here")):
        ended = run("export", us, "--as", "rtz", "--asset", asset, "--out", tmp_path / asset, code=1)
        assert isinstance(ended.exception, InputError) and part in str(ended.exception)
        assert not (tmp_path / asset).exists()
    seen = json.loads(us.read_text(encoding="utf-8"))
    assert [("particulars" in a) for a in seen["assets"]] == [a["nation"] == "us" for a in seen["assets"]]


def test_a_route_that_the_asset_cannot_sail_is_told_with_the_waypoint_and_the_rule(made, tmp_path) -> None:
    (file,) = (Path(f) for f in run("export", made / "out", "--as", "csv", "--asset", "opv", "--out", tmp_path).output.splitlines())
    ended = run("read", file, "--against", made / "small.toml", "--asset", "boat-1", code=1)
    assert "endurance is 30.0 h" in ended.output
    rows = file.read_text(encoding="utf-8").splitlines()
    name, lat, lon = rows[3].split(",")[7:10]
    inland = rows[3].replace(lat, "-12.9000000").replace(lon, "-75.0000000")
    file.write_text("\n".join([*rows[:3], inland, *rows[4:]]), encoding="utf-8")
    ended = run("read", file, "--against", made / "small.toml", "--lang", "es", code=1)
    assert f"{name}: pasa" in ended.output and "millas sobre tierra" in ended.output


def test_a_drills_route_is_never_held_against_a_real_plan_nor_a_real_one_against_a_drill(made, tmp_path) -> None:
    (file,) = (Path(f) for f in run("export", made / "out", "--as", "gpx", "--asset", "opv", "--out", tmp_path).output.splitlines())
    (tmp_path / "ops.toml").write_text(plans.PLAN.replace("ex:small", "ops"), encoding="utf-8")
    ended = run("read", file, "--against", tmp_path / "ops.toml", code=1)
    assert isinstance(ended.exception, RealmError)
    plain = tmp_path / "foreign.csv"
    plain.write_text("lat_deg,lon_deg\n-12.05,-77.2\n-13.0,-78.0\n-12.05,-77.2\n", encoding="utf-8")
    assert isinstance(run("read", plain, "--against", made / "small.toml", "--asset", "opv", code=1).exception, RealmError)
    ended = run("read", plain, "--against", tmp_path / "ops.toml", "--asset", "opv")
    assert "holds no times" in ended.output and "nothing that opv cannot do" in ended.output


@pytest.mark.parametrize(
    ("words", "part"),
    [(("export", "nowhere", "--as", "rtz", "--out", "x"), "cannot be read as a plan"),
     (("export", ".", "--as", "rtz", "--out", "x"), "holds 0 plans"), (("read", "nowhere.rtz"), "cannot be read"),
     (("read", "route.kml"), "of no kind that is known")],
)  # fmt: skip
def test_what_is_not_there_is_said(tmp_path, monkeypatch, words, part) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run(*words, code=1)
    assert isinstance(ended.exception, InputError) and part in str(ended.exception)


def test_a_renamed_plan_of_a_drill_is_refused(made, tmp_path) -> None:
    (tmp_path / "plan.json").write_bytes((made / "out" / "ex-small.plan.json").read_bytes())
    assert isinstance(run("export", tmp_path, "--as", "rtz", "--out", tmp_path / "x", code=1).exception, RealmError)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"realm": "ops", "plan_id": "x", "title": 3, "legs": [], "assets": []}', b"\xff",
                                 b"[" * 100_000, 
                                 b'{"realm": "ops", "plan_id": "x", "title": "t", "legs": [{"asset": 1}], "assets": []}'])  # fmt: skip
def test_a_file_that_is_no_plan_is_refused(tmp_path, raw) -> None:
    (tmp_path / "plan.json").write_bytes(raw)
    assert isinstance(run("export", tmp_path, "--as", "rtz", "--out", tmp_path / "x", code=1).exception, InputError)
