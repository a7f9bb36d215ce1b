"""`seaward demo`: two nations' watch floors on one simulated sea, a night's story played on them, and its review."""

from __future__ import annotations

import logging
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.detect import Language
from seaward.cli.playing import Stopped, beat_of, hear, invite, reviewed, say, stop
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.core.errors import OutputError
from seaward.drill.read_scenario import PACKAGED, read_scenario
from seaward.drill.scenario_keys import MOST_SEED
from seaward.exercise import Files, run_exercise
from seaward.floors import Floors, Side
from seaward.server.logs import to_stream
from seaward.story import STEPS, Night, Story, closest_nm

SCENARIO = "two-floors"
CADENCE_S = 1_800.0  # of the watches that the review runs again
AHEAD_MS = 58 * 60_000  # until the first sweep of the radar is near, the night passes in some seconds: ours
PATIENCE_S = 600.0  # real time that the clock gives floors that are slow, as on a first run that still compiles: ours
SHARED = {"what": ["event", "alert"], "kinds": ["dark_contact", "gap", "encounter"]}
_MARK = "demo.folder"  # in a folder that the demo made, and may replace


def sides() -> tuple[Side, Side]:
    """Peru shows where on a grid of two miles, the United States of half a mile; both show tracks as the rules of release let them."""

    def share(to: str, precision_m: int) -> tuple[dict[str, object], ...]:
        return {**SHARED, "to": [to], "precision_m": precision_m}, {"what": ["track"], "to": [to]}

    return (
        Side("pe_watch", "PER", "vega", "Tte. Vega (EX)", ("patrol1",), share("USA", 3_704), PACKAGED / f"{SCENARIO}.plan.toml"),
        Side("us_watch", "USA", "hale", "Lt. Hale (EX)", ("cutter1",), share("PER", 926)),
    )


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder; one that the demo left is replaced.")] = Path("out/demo"),
    seed: Annotated[int | None, typer.Option(help="Another number, another night.", min=0, max=MOST_SEED)] = None,
    lang: Annotated[Language, typer.Option(help="Language of what is said here and of the review.")] = Language.en,
    headless: Annotated[
        bool, typer.Option("--headless", help="Open no browser, end with the review; 0 only if every step of the story happened.")
    ] = False,
    speed: Annotated[float, typer.Option(help="Times real time.", min=1, max=1000)] = 30.0,
) -> None:
    """Show two watch floors, Peru and the United States, through a night: a dark ship found, shared, met, a rescue, and the review."""
    language, watched = lang.value, not headless and sys.stdout.isatty()
    say("demo.begin", language, path=out)
    _made_anew(out)
    to_stream(logging.WARNING, (out / "floors.log").open("a", encoding="utf-8", buffering=1))
    try:
        hear(stop)
        happened = _night(out, seed, language, speed, watched=watched)
    except Stopped:
        say("demo.stopped", language)
        raise typer.Exit(130) from None
    if not happened:
        raise typer.Exit(1)


def _night(out: Path, seed: int | None, language: str, speed: float, *, watched: bool) -> bool:
    """Play it, and say whether all of it happened."""
    scenario = read_scenario(SCENARIO)
    files = Files(out, scenario.exercise.realm)
    floors = Floors(scenario, PACKAGED, files, sides(), language)
    say("demo.starting", language)
    with Shown(language) as shown:
        floors.plan(shown)
    with floors:
        try:
            story = Story(floors, lambda code, values: say(code, language, **values), language)
            invite(floors, language, open_them=watched)
            if watched:
                say("demo.look", language)
                time.sleep(8.0)  # to sign in
            story.start()
            run_exercise(SCENARIO, out, seed=seed, beat=beat_of(floors, AHEAD_MS, speed, language, story.awaited, story.given, PATIENCE_S))
            story.end()
            for step in STEPS[len(story.done) :]:
                say("demo.missed", language, step=render(f"demo.step.{step}", {}, language), why=story.problem)
            reviewed(floors, SCENARIO, out, seed, CADENCE_S, language)
            say("demo.truth", language, nm=closest_nm(files, Night()))
            happened = len(story.done) == len(STEPS)
            if happened:
                say("demo.all", language, steps=len(STEPS))
            if watched:
                say("demo.stays", language)
                signal.pause()
        finally:
            hear(signal.SIG_IGN)  # the floors close in order, whoever presses what
    return happened


def _made_anew(out: Path) -> None:
    """An empty folder: what the demo left there is removed, and nothing else ever is."""
    if out.exists() and any(out.iterdir()) and not (out / _MARK).exists():
        raise OutputError(f"{out} holds something that the demo did not make; choose an empty folder with --out")
    if out.exists():
        for left in out.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARK).write_text("made by seaward demo; may be removed\n", encoding="utf-8")
