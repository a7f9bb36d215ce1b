"""A drill that people play: a floor for each nation, all linked, control's beside them, and the review at the end."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.errors import InputError, SeawardError
from seaward.drill.read_scenario import PACKAGED, read_scenario
from seaward.exercise import Files
from seaward.floors import Officer, sides_of

SCENARIO = """
format: drill/1
exercise: {id: TRES, title: {en: Three, es: Tres}, realm: "ex:tres"}
seed: 5
clock: {start: "2027-11-04T12:00:00Z", length: 20m, tick: 10s}
area: {bbox: [-79.5, -13.5, -76.5, -11.0]}
cells:
  - {id: pe, role: player, nation: PER, lang: es, sees: [coast]}
  - {id: us, role: player, nation: USA, lang: en, sees: [sat]}
  - {id: ec, role: player, nation: ECU, lang: es, sees: [coast]}
sensors:
  - {id: coast, kind: coastal_ais, stations: [{id: st, at: [-77.20, -12.08], height_m: 280}]}
  - {id: sat, kind: satellite_ais, first: 2m, every: 10m, pass: 8m, delay: 1m}
traffic:
  - {id: lane, kind: cargo, count: 6, pattern: lane, spread_nm: 2, route: [[-78.6, -11.2], [-77.6, -12.6]]}
"""
PLAY = [sys.executable, "-m", "seaward", "drill", "play"]


@pytest.fixture
def three(tmp_path: Path) -> Path:
    path = tmp_path / "tres.yaml"
    path.write_text(SCENARIO)
    return path


def test_three_nations_play_a_scenario_linked_with_each_other_and_the_review_follows(three: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    child = subprocess.Popen([*PLAY, str(three), "--out", str(out), "--headless", "--speed", "5"], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    floors: dict[str, Officer] = {}
    for line in child.stdout:
        if m := re.match(r"(\w+).*: (http\S+)  name (\S+)  password (\w+)", line):
            floors[m.group(1)] = Officer(m.group(2), m.group(3), m.group(4), "en")
        if m and m.group(1) == "CONTROL":
            break
    assert [*floors] == ["PER", "USA", "ECU", "CONTROL"]
    until, up = time.monotonic() + 60, dict[str, list[str]]()
    linked = {n: ["up", "up"] for n in ("PER", "USA", "ECU")}
    while up != linked and time.monotonic() < until:
        up = {n: [link["state"] for link in floors[n].ask("exchange")["links"]] for n in ("PER", "USA", "ECU")}
        time.sleep(0.3)
    assert up == linked
    floors["CONTROL"].ask("drill/clock", {"speed": 120})
    rest = child.communicate(timeout=300)[0]
    assert child.returncode == 0, rest
    review = json.loads(Files(out, "ex:tres").of("review.json").read_text())
    assert {c["id"] for c in review["cells"] if c["role"] == "player"} == {"pe", "us", "ec"} and "tres.review.html" in rest
    assert Files(out, "ex:tres").deeds.exists()


def test_it_ends_cleanly_when_somebody_wants_it_to(three: Path, tmp_path: Path) -> None:
    child = subprocess.Popen([*PLAY, str(three), "--out", str(tmp_path / "run"), "--headless", "--speed", "1"], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith("CONTROL"):
            break
    child.send_signal(signal.SIGINT)
    assert "nothing is left running" in child.communicate(timeout=60)[0] and child.returncode == 130


@pytest.mark.parametrize(
    ("change", "words", "says"),
    [
        (("nation: USA, ", ""), (), "us of TRES names no nation"),
        (("USA", "PER"), (), "two players of TRES are of PER"),
        (("", ""), ("--plan", "CHL=patrol.toml"), "no player is of CHL"),
        (("", ""), ("--plan", "patrol.toml"), "such as PER=patrol.toml"),
        (("", ""), ("--plan", "PER=a.toml", "--plan", "PER=b.toml"), "each nation once"),
        (("", ""), ("--plan", "PER=none.toml"), "none.toml"),
        (("", ""), ("--from", "soon"), "soon"),
        (("", ""), ("--from", "20m"), "--from 20m is the end of the exercise or beyond, which lasts 20m"),
    ],
)
def test_what_cannot_be_played_is_said_before_a_floor_opens(
    three: Path, tmp_path: Path, change: tuple[str, str], words: tuple[str, ...], says: str
) -> None:
    three.write_text(SCENARIO.replace(*change))
    ended = CliRunner().invoke(app, ["drill", "play", str(three), "--out", str(tmp_path / "run"), "--headless", *words])
    assert isinstance(ended.exception, SeawardError) and says in str(ended.exception)


def test_a_folder_that_holds_something_is_left_alone(three: Path, tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["drill", "play", str(three), "--out", str(tmp_path)])
    assert "choose another with --out" in str(ended.exception) and [p.name for p in tmp_path.iterdir()] == ["tres.yaml"]


@pytest.mark.parametrize(("plan", "says"), [("none.toml", "none.toml"), (str(PACKAGED / "joint-patrol.toml"), "realm 'ex:pacifico-27'")])
def test_a_plan_that_cannot_be_sailed_is_said_before_anything_is_written(three: Path, tmp_path: Path, plan: str, says: str) -> None:
    ended = CliRunner().invoke(app, ["drill", "play", str(three), "--out", str(tmp_path / "run"), "--headless", "--plan", f"PER={plan}"])
    assert isinstance(ended.exception, SeawardError) and says in str(ended.exception) and not (tmp_path / "run").exists()


def test_a_plan_of_another_time_is_refused(three: Path, tmp_path: Path) -> None:
    plan = tmp_path / "late.toml"
    told = (PACKAGED / "joint-patrol.toml").read_text().replace("ex:pacifico-27", "ex:tres").replace("2027-11-04T17:00:00Z", "2027-11-04T12:40:00Z")
    plan.write_text(told.replace('"joint-drill.areas.geojson"', f'"{PACKAGED / "joint-drill.areas.geojson"}"'))
    ended = CliRunner().invoke(app, ["drill", "play", str(three), "--out", str(tmp_path / "run"), "--headless", "--plan", f"PER={plan}"])
    assert isinstance(ended.exception, InputError) and "is not sailed while the exercise lasts" in str(ended.exception)


def test_a_file_where_the_folder_should_be_is_left_alone(three: Path) -> None:
    ended = CliRunner().invoke(app, ["drill", "play", str(three), "--out", str(three)])
    assert isinstance(ended.exception, SeawardError) and "tres.yaml is a file" in str(ended.exception) and three.read_text() == SCENARIO


@pytest.mark.parametrize("name", ["joint-drill", "two-floors", "quiet-day", "port-approach", "interference-day"])
def test_every_scenario_that_comes_along_can_be_played(name: str) -> None:
    sides = sides_of(read_scenario(name), {"PER": PACKAGED / "joint-patrol.toml"})
    assert sides[0].nation == "PER" and sides[0].plan is not None
    for side in sides:
        others = {s.nation for s in sides} - {side.nation}
        assert [{*share["to"]} for share in side.share] == ([others, others] if others else [])
