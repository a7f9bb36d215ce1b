"""`drill check` and `drill preview`: what they print, and how they end."""

from __future__ import annotations

import runpy
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.drill.preview import sightings
from seaward.drill.read_scenario import PACKAGED, packaged_names, read_scenario
from seaward.drill.scenario import Scenario
from seaward.drill.scenario_keys import EVENT_KINDS, KINDS, PARTS
from seaward.watch import WatchParams

ROOT = Path(__file__).resolve().parents[2]


def test_the_scenarios_that_come_along_pass() -> None:
    assert packaged_names() == ["interference-day", "joint-drill", "port-approach", "quiet-day", "two-floors"]
    for name in packaged_names():
        ended = CliRunner().invoke(app, ["drill", "check", name])
        assert ended.exit_code == 0 and ended.stdout.startswith("ok: ")


def test_mistakes_end_in_2_with_file_line_and_fix_in_the_language_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text((PACKAGED / "port-approach.yaml").read_text(encoding="utf-8").replace("length: 12h", "length: 10:30"), encoding="utf-8")
    ended = CliRunner().invoke(app, ["drill", "check", str(path), "--lang", "es"])
    assert ended.exit_code == 2
    assert "mine.yaml:9: length es 10:30, que YAML lee como número y no como tiempo; escríbalo como texto con unidades, como 10h30m" in ended.stderr


@pytest.mark.parametrize("name", packaged_names())
def test_every_objective_of_a_packaged_scenario_can_be_met(name: str) -> None:
    ended = CliRunner().invoke(app, ["drill", "preview", name])
    assert ended.exit_code == 0 and "CANNOT" not in ended.stdout


def test_an_objective_about_one_that_no_player_can_see_is_said_to_be_out_of_reach(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    text = (PACKAGED / "port-approach.yaml").read_text(encoding="utf-8").replace("  ports: port-approach.ports.csv\n", "")
    path.write_text(text.replace("start: [-77.28, -12.03]", "start: [-78.59, -12.99]"), encoding="utf-8")  # beyond the horizon of both stations
    ended = CliRunner().invoke(app, ["drill", "preview", str(path)])
    assert "CANNOT" in ended.stdout and "host1" in ended.stdout.split("CANNOT")[1]


def test_the_dark_jigger_is_seen_by_looks_and_not_by_the_coast() -> None:
    first = {s.sensor: s.at_ms[0] if s.at_ms else None for s in sightings(read_scenario("joint-drill")) if s.actor == "jig07"}
    assert first["ais_coast"] is None and first["sar_us"] == (11 * 60 + 20) * 60_000 and first["vms"] is None


def test_the_format_has_a_key_for_every_field_with_its_default() -> None:
    for name, kind in KINDS.items():
        said = {k.into: k for k in PARTS[name].keys}
        for f in fields(kind):
            if f.name != "line":
                assert f.name in said, (name, f.name)
                if not said[f.name].needed and said[f.name].name in {k.name for k in PARTS[name].keys if not k.must(None)}:
                    assert said[f.name].default == f.default, (name, f.name)
    assert {f.name for f in fields(Scenario)} == {k.into for k in PARTS["scenario"].keys if k.field != "-"} | {k.name for k in PARTS["area"].keys}


def test_kinds_of_events_are_those_that_the_watch_looks_for() -> None:
    assert set(EVENT_KINDS) == {b.kind for b in WatchParams().behaviours}


def test_the_page_of_scenarios_says_what_the_keys_are() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "make_scenario_pages.py"))
    assert made["PAGE"].read_text(encoding="utf-8") == made["page"](), "run: python tools/make_scenario_pages.py"
