"""What `seaward drill play` runs: whole nodes and their servers, which no other verb of a drill needs."""

from __future__ import annotations

import logging
import signal
from pathlib import Path

from seaward.cli.playing import Stopped, beat_of, hear, invite, reviewed, say, stop
from seaward.cli.progress import Shown
from seaward.debrief import CADENCE_S
from seaward.drill.read_scenario import scenario_path
from seaward.drill.scenario import Scenario
from seaward.drill.scenario_values import shown
from seaward.exercise import Files, run_exercise
from seaward.floors import Floors, sides_of
from seaward.server.logs import to_stream


def play_at_floors(
    name: str, scenario: Scenario, out: Path, seed: int | None, language: str, speed: float, ahead_ms: int, plans: dict[str, Path], *, watched: bool
) -> bool:
    """Open the floors, run the sea by their clock, write the review; False where somebody ended it before."""
    sides = sides_of(scenario, plans)
    out.mkdir(parents=True, exist_ok=True)
    to_stream(logging.WARNING, (out / "floors.log").open("a", encoding="utf-8", buffering=1))
    floors = Floors(scenario, scenario_path(name).parent, Files(out, scenario.exercise.realm), sides, language)
    try:
        hear(stop)
        say("demo.starting", language)
        with Shown(language) as progress:
            floors.plan(progress)
        with floors:
            try:
                invite(floors, language, open_them=watched)
                say("cli.drill.playing", language, length=shown(scenario.clock.length_ms), speed=speed)
                run_exercise(name, out, seed=seed, beat=beat_of(floors, ahead_ms, speed, language))
                reviewed(floors, name, out, seed, CADENCE_S, language)
                if watched:
                    say("demo.stays", language)
                    signal.pause()
            finally:
                hear(signal.SIG_IGN)  # the floors close in order, whoever presses what
    except Stopped:
        say("demo.stopped", language)
        return False
    return True
