"""Drills that nobody thought of: what goes wrong in a run is told, and the review stays right."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.cli.drill import app
from seaward.core.errors import InputError, OutputError, ParameterError
from seaward.debrief import debrief
from seaward.drill.deeds import Deed, once
from seaward.drill.mistakes import ScenarioError
from seaward.drill.read_scenario import read_scenario
from seaward.exercise import Files, run_exercise

SHORT = """
format: drill/1
exercise: {id: ODD, title: {en: Odd, es: Raro}, realm: "ex:odd"}
seed: 5
clock: {start: "2027-11-04T12:00:00Z", length: 1h, tick: 10s}
area: {bbox: [-80.0, -14.0, -76.5, -10.0]}
cells:
  - {id: pe, role: player, sees: [coast]}
sensors:
  - {id: coast, kind: coastal_ais, stations: [{id: st, at: [-77.20, -12.08], height_m: 50}]}
actors:
  - {id: a1, kind: squid_jigger, start: [-79.8, -13.8], plan: PLAN}
objectives:
  - {id: O1, measure: false_cases_per_day, target: 3, limit: 15, text: {en: Few, es: Pocos}}
"""


def write(folder: Path, plan: str = "[]", text: str = SHORT) -> Path:
    path = folder / "odd.yaml"
    path.write_text(text.replace("PLAN", plan), encoding="utf-8")
    return path


@pytest.fixture
def ran(tmp_path: Path) -> tuple[Path, Files]:
    path = write(tmp_path)
    return path, run_exercise(path, tmp_path / "out")


def test_a_receiver_that_hears_nothing_and_a_day_without_truths_still_give_a_review(ran: tuple[Path, Files]) -> None:
    path, files = ran
    assert files.of("coast.nmea").read_text().count("\n") == 1, "the head alone"
    row = debrief(files, read_scenario(path))["objectives"][0]
    assert (row["result"], row["rating"], row["why"]) == (0.0, "P", ""), "no false case in the whole hour is a result, not nothing"


def test_deeds_of_one_plan_at_the_same_moment_are_one_truth(tmp_path: Path) -> None:
    plan = "[{at: 10m, do: claim, name: UNO (EX)}, {at: 10m, do: claim, mmsi: 123456789}, {at: 20m, do: ais_off}]"
    path = write(tmp_path, plan)
    review = debrief(run_exercise(path, tmp_path / "out"), read_scenario(path))
    assert sorted((t["kind"], t["start"][11:16], t["end"][11:16]) for t in review["truths"]) == [
        ("gap", "12:20", "13:00"),
        ("identity", "12:10", "13:00"),
    ]


def test_a_scenario_that_was_changed_since_its_run_is_not_reviewed(ran: tuple[Path, Files]) -> None:
    path, files = ran
    path.write_text(path.read_text().replace("target: 3", "target: 4"))
    with pytest.raises(InputError, match="was changed since"):
        debrief(files, read_scenario(path))


@pytest.mark.parametrize("harm", ["cut", "path", "sensor", "list"])
def test_a_damaged_account_of_a_run_is_told_and_leads_nowhere_else(ran: tuple[Path, Files], harm: str) -> None:
    path, files = ran
    said = json.loads(files.run.read_text())
    texts = {
        "cut": files.run.read_text()[:100],
        "path": json.dumps(said | {"sensors": {"coast": "../../poisoned.nmea"}}),
        "sensor": json.dumps(said | {"handed": {}}),
        "list": "[]",
    }
    files.run.write_text(texts[harm])
    with pytest.raises(InputError, match="is damaged"):
        debrief(files, read_scenario(path))


def test_a_run_that_was_broken_off_is_called_so(ran: tuple[Path, Files]) -> None:
    path, files = ran
    files.run.unlink()
    with pytest.raises(OutputError, match="broken off"):
        run_exercise(path, files.folder)


def test_a_cadence_that_is_no_time_is_refused(ran: tuple[Path, Files]) -> None:
    path, files = ran
    with pytest.raises(ParameterError, match="cadence"):
        debrief(files, read_scenario(path), cadence_s=float("nan"))


@pytest.mark.parametrize("start", ["9999-12-31T23:59:00Z", "0001-01-02T00:00:00Z"])
def test_a_start_that_no_feed_can_tell_is_refused_with_its_line(tmp_path: Path, start: str) -> None:
    with pytest.raises(ScenarioError, match=r"odd\.yaml:5: .*1970 to 2199"):
        read_scenario(write(tmp_path, text=SHORT.replace("2027-11-04T12:00:00Z", start)))


def test_two_that_copy_each_other_are_refused_before_the_run(tmp_path: Path) -> None:
    two = "  - {id: a2, kind: cargo, start: [-78.0, -12.1], copies: a3}\n  - {id: a3, kind: cargo, start: [-78.0, -12.1], copies: a2}\nobjectives:"
    with pytest.raises(ScenarioError, match=r"odd\.yaml:13: copies"):
        read_scenario(write(tmp_path, text=SHORT.replace("objectives:", two)))


def test_one_that_enters_two_areas_at_once_is_one_truth_with_both() -> None:
    one = Deed("area", 0, 10, (3,), 1.0, 2.0, frozenset({1}), ("A",))
    both = once([one, replace(one, to_ms=20, areas=("B",)), replace(one, from_ms=5)])
    assert [(d.from_ms, d.to_ms, d.areas) for d in both] == [(0, 20, ("A", "B")), (5, 10, ("A",))]


@pytest.mark.parametrize("verb", ["run", "review"])
def test_mistakes_stop_a_run_too_and_in_the_language_asked_for(tmp_path: Path, verb: str) -> None:
    path = write(tmp_path, text=SHORT.replace("seed: 5", "seed: -5"))
    done = CliRunner().invoke(app, [verb, str(path), "--out", str(tmp_path / "out"), "--lang", "es"])
    assert done.exit_code == 2 and "odd.yaml:4" in done.output and "dé un número" in done.output
    assert not (tmp_path / "out").exists()
