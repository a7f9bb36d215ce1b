"""What `seaward drill play` runs: whole nodes and their servers, which no other verb of a drill needs."""

from __future__ import annotations

import logging
import signal
from pathlib import Path

from seaward.cli.drill_run import read_told, review_to_folder, told
from seaward.cli.playing import Stopped, beat_of, hear, invite, say, stop
from seaward.cli.progress import Shown
from seaward.debrief import CADENCE_S
from seaward.drill.read_scenario import scenario_path
from seaward.drill.scenario_values import shown
from seaward.exercise import Files, run_exercise
from seaward.floors import Floors, sides_of
from seaward.server.logs import to_stream

AHEAD_SPEED = 400.0  # up to the moment that --from names: ours


def play_at_floors(
    name: str, out: Path, seed: int | None, language: str, speed: float, ahead_ms: int, plans: dict[str, Path], *, watched: bool
) -> bool:
    """Open the floors, run the sea by their clock, write the review; False where somebody ended it before."""
    to_stream(logging.WARNING, (out / "floors.log").open("a", encoding="utf-8", buffering=1))
    try:
        hear(stop)
        _play(name, out, seed, language, speed, ahead_ms, plans, watched=watched)
    except Stopped:
        say("demo.stopped", language)
        return False
    return True


def _play(name: str, out: Path, seed: int | None, language: str, speed: float, ahead_ms: int, plans: dict[str, Path], *, watched: bool) -> None:
    scenario = read_told(name, language)
    files = Files(out, scenario.exercise.realm)
    floors = Floors(scenario, scenario_path(name).parent, files, sides_of(scenario, plans), language)
    say("demo.starting", language)
    with Shown(language) as progress:
        floors.plan(progress)
    with floors:
        try:
            invite(floors, language, open_them=watched)
            say("cli.drill.playing", language, length=shown(scenario.clock.length_ms), speed=speed)
            run_exercise(name, out, seed=seed, beat=beat_of(floors, lambda at_ms: AHEAD_SPEED if at_ms < ahead_ms else speed, language))
            floors.settle()
            floors.deeds()
            with Shown(language) as progress:
                made = review_to_folder(name, out, seed=seed, cadence_s=CADENCE_S, language=language, tell=progress)
            for line in told(made, out, language):
                print(line, flush=True)
            if watched:
                say("demo.stays", language)
                signal.pause()
        finally:
            hear(signal.SIG_IGN)  # the floors close in order, whoever presses what
