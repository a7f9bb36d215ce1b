"""`drill replay` and `drill verify` on a recording of a real run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from seaward.chart.shore import inland_m
from seaward.cli.main import app
from seaward.drill.read_scenario import PACKAGED, packaged_names, read_scenario
from seaward.exercise import Files, run_exercise

NEAR_LAND_M = 500.0  # of a true place that the coarse shore says is inland: half a cell of the grid that ways are drawn on


@dataclass(frozen=True)
class Run:
    files: Files
    sensors: dict[str, str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three and a half hours of the interference day: with an inject."""
    folder = tmp_path_factory.mktemp("run")
    said = (PACKAGED / "interference-day.yaml").read_text(encoding="utf-8")
    for csv in PACKAGED.glob("*.csv"):
        (folder / csv.name).write_bytes(csv.read_bytes())
    path = folder / "interference-day.yaml"
    path.write_text(said, encoding="utf-8")
    files = run_exercise(path, folder / "out")
    return Run(files, json.loads(files.run.read_text(encoding="utf-8"))["sensors"])


def told(*asked: str) -> Result:
    return CliRunner().invoke(app, ["drill", *asked])


def test_the_raw_replay_of_each_sensor_is_its_file_byte_for_byte(run: Run) -> None:
    for sensor, file in run.sensors.items():
        ended = told("replay", str(run.files.recording), "--raw", "--sensor", sensor)
        assert ended.exit_code == 0 and ended.stdout_bytes == (run.files.folder / file).read_bytes()


def test_a_player_gets_the_inject_and_no_truth_and_control_the_truth_alone(run: Run) -> None:
    kinds = {}
    for cell in ("pe_watch", "white"):
        lines = [json.loads(x) for x in told("replay", str(run.files.recording), "--cell", cell, "--from", "3h", "--until", "4h").stdout.splitlines()]
        assert all(x["realm"] == "ex:brujula-27" and 3 * 3_600_000 <= x["at_ms"] < 4 * 3_600_000 for x in lines)
        kinds[cell] = {x["kind"] for x in lines}
    assert kinds == {"pe_watch": {"sensor", "inject"}, "white": {"truth"}}


def test_a_damaged_recording_plays_up_to_its_last_proven_record_and_names_it(run: Run, tmp_path: Path) -> None:
    bad, whole = tmp_path / "bad.zst", run.files.recording.read_bytes()
    bad.write_bytes(whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :])
    (sensor, file), *_ = run.sensors.items()
    ended = told("replay", str(bad), "--raw", "--sensor", sensor)
    played = ended.stdout_bytes
    assert ended.exit_code == 2 and 0 < len(played) < (run.files.folder / file).stat().st_size
    assert (run.files.folder / file).read_bytes().startswith(played) and "at byte" in ended.stderr
    assert told("verify", str(bad)).exit_code == 2 and "registros anteriores" in told("verify", str(bad), "--lang", "es").stderr


def test_verify_says_that_a_recording_is_whole(run: Run) -> None:
    ended = told("verify", str(run.files.recording))
    assert ended.exit_code == 0 and "is whole" in ended.stdout


def test_raw_without_a_sensor_and_a_time_without_unit_are_refused(run: Run) -> None:
    for asked in (["--raw"], ["--from", "310"]):
        ended = told("replay", str(run.files.recording), *asked)
        assert ended.exit_code != 0 and ended.exception is not None and ("--sensor" in str(ended.exception) or "3h10m" in str(ended.exception))


def test_no_hull_sails_over_land(run: Run) -> None:
    tracks = pl.read_parquet(run.files.true_tracks)
    inland = inland_m(tracks["lon_deg"].to_numpy(), tracks["lat_deg"].to_numpy())
    assert tracks.filter(pl.Series(inland > NEAR_LAND_M))["actor"].unique().to_list() == []


@pytest.mark.parametrize("name", packaged_names())
def test_what_a_look_of_a_packaged_scenario_sees_is_handed_over_before_the_end(name: str) -> None:
    scenario = read_scenario(name)
    late = [s.id for s in scenario.sensors if s.passes_ms and max(s.passes_ms) + s.delay_ms >= scenario.clock.length_ms]
    assert late == []
