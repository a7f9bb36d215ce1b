"""The demo: two watch floors on one night, every step of its story real, stopped cleanly at any moment, and run again at once."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from seaward.cli.demo import AHEAD_MS, SCENARIO, sides
from seaward.drill.read_scenario import PACKAGED, read_scenario
from seaward.drill.recording import Ending, Record, read_recording
from seaward.exercise import Files
from seaward.floors import Officer
from seaward.patrol.read_plan import read_plan
from seaward.store.state import State
from seaward.story import STEPS, Night

WORDS = [sys.executable, "-m", "seaward", "demo", "--headless"]


def test_every_step_of_the_story_happens_and_the_recording_holds_the_orders_that_were_given(tmp_path: Path) -> None:
    done = subprocess.run([*WORDS, "--out", str(tmp_path / "night"), "--speed", "50"], capture_output=True, text=True, check=False, timeout=550)
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line for line in done.stdout.splitlines() if re.match(r"\d\d:\d\dZ ", line)]
    assert len(told) == len(STEPS) and "Traceback" not in done.stderr
    files = Files(tmp_path / "night", "ex:dos-puentes-27")
    *records, ending = read_recording(files.recording)
    assert isinstance(ending, Ending) and ending.is_whole
    assert [r.body["hull"] for r in records if isinstance(r, Record) and r.kind == "order"] == ["patrol1", "cutter1"]
    review = json.loads(files.of("review.json").read_text())
    assert review["realm"] == "ex:dos-puentes-27" and {c["id"] for c in review["cells"] if c["role"] == "player"} == {s.cell for s in sides()}
    assert set(review["played"]) == {s.cell for s in sides()}
    assert [(i["id"], i["outcome"]) for i in review["injects"]] == [("I1", "met"), ("I2", "met")]
    assert all(o["result"] is not None for o in review["objectives"] if o["measure"] == "time_to_task")
    chains = [{c["stage"] for c in f["chain"] if c["at"]} for t in review["truths"] if "jig07" in t["actors"] for f in t["found"].values() if f]
    assert any({"opened", "acknowledged", "shared", "tasked", "on_scene"} <= stages for stages in chains)
    closest = float(re.search(r"as close as ([0-9.]+) nm", done.stdout).group(1))  # type: ignore[union-attr]
    assert closest < 1.0, "in truth, not only in the picture"
    for nation in ("per", "usa"):  # as docs/first-hour.md says to who wants to try the keys
        with State.open(files.folder / f"floor.{nation}" / "data" / "state.sqlite", files.realm) as state:
            assert "new" in state.alerts(marked=False)["state"].to_list(), f"nothing is left to decide at the floor of {nation}"


def test_a_step_that_does_not_happen_is_said_and_the_command_fails(tmp_path: Path) -> None:
    """At full speed and with no patience for slow floors there is no time for the story: that is no success."""
    hasty = [sys.executable, "-c", "from seaward.cli import demo, main; demo.PATIENCE_S = 0.0; main.main()", *WORDS[3:]]
    done = subprocess.run([*hasty, "--out", str(tmp_path), "--speed", "1000"], capture_output=True, text=True, check=False, timeout=550)
    assert done.returncode == 1 and "MISSED" in done.stdout and "Traceback" not in done.stderr


def test_it_stops_cleanly_leaves_nothing_running_and_may_be_run_again_at_once(tmp_path: Path) -> None:
    out = tmp_path / "night"
    for _ in range(2):
        child = subprocess.Popen([*WORDS, "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert child.stdout is not None
        lines = []
        for line in child.stdout:
            lines.append(line)
            if line.startswith("USA: "):
                break
        floors = [re.match(r"(\w+): (\S+)  name (\w+)  password (\w+)", line) for line in lines]
        urls = [m.group(2) for m in floors if m]
        assert len(urls) == 2
        for m in filter(None, floors):
            assert Officer(m.group(2), m.group(3), m.group(4), "en").ask("health")["realm"] == "ex:dos-puentes-27"
        family = psutil.Process(child.pid).children(recursive=True)
        assert any("nats-server" in p.name() for p in family)
        child.send_signal(signal.SIGINT)
        rest = child.communicate(timeout=60)[0]
        assert child.returncode == 130 and "nothing is left running" in rest and "Traceback" not in rest
        until = time.monotonic() + 10
        while any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family) and time.monotonic() < until:
            time.sleep(0.1)
        assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
        for url in urls:
            with pytest.raises(OSError):
                urllib.request.urlopen(f"{url}/api/v1/alive", timeout=3)


def test_a_folder_that_it_did_not_make_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear all")
    done = subprocess.run([*WORDS, "--out", str(tmp_path)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2 and "choose an empty folder" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["letters.txt"]


def test_the_night_its_plan_and_its_story_fit_together() -> None:
    scenario, night = read_scenario(SCENARIO), Night()
    hulls = {a.id for a in scenario.actors}
    assert {night.offender, night.ship, night.cutter, night.boat} <= hulls
    assert night.mayday in {i.id for i in scenario.injects}
    assert [s.cell for s in sides()] == [c.id for c in scenario.cells if c.role == "player"]
    plan = read_plan(PACKAGED / f"{SCENARIO}.plan.toml")
    assert plan.realm == scenario.exercise.realm and plan.start == scenario.clock.start and night.asset in {a.id for a in plan.assets}
    assert scenario.clock.length_ms > AHEAD_MS
