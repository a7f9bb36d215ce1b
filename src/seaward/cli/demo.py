"""`seaward demo`: two nations' watch floors on one simulated sea, a night's story played on them, and its review."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import time
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from seaward.cli.detect import Language
from seaward.cli.drill_run import review_to_folder, told
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.core.errors import OutputError
from seaward.drill.kernel import Action
from seaward.drill.read_scenario import PACKAGED, read_scenario
from seaward.drill.scenario_keys import MOST_SEED
from seaward.exercise import Beat, Files, Release, run_exercise
from seaward.floors import Floors, Side
from seaward.report.words import spoken
from seaward.server.logs import to_stream
from seaward.story import STEPS, Night, Story, closest_nm

SCENARIO = "two-floors"
CADENCE_S = 1_800.0  # of the watches that the review runs again
AHEAD_MS, AHEAD_SPEED = 58 * 60_000, 400.0  # until the first sweep of the radar is near, the night passes in some seconds: ours
LATE_S = 90.0  # of the sea: so far behind the clock, and the clock waits for it
PATIENCE_S = 600.0  # real time that the clock gives floors that are slow, as on a first run that still compiles: ours
_LOOK_S = 0.2
SHARED = {"what": ["event", "alert"], "kinds": ["dark_contact", "gap", "encounter"]}
_MARK = "demo.folder"  # in a folder that the demo made, and may replace


class _Stopped(Exception):
    """Somebody wants to end it."""


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
    _say("demo.begin", language, path=out)
    _made_anew(out)
    to_stream(logging.WARNING, (out / "floors.log").open("a", encoding="utf-8", buffering=1))
    try:
        _hear(_stop)
        happened = _night(out, seed, language, speed, watched=watched)
    except _Stopped:
        _say("demo.stopped", language)
        raise typer.Exit(130) from None
    if not happened:
        raise typer.Exit(1)


def _night(out: Path, seed: int | None, language: str, speed: float, *, watched: bool) -> bool:
    """Play it, and say whether all of it happened."""
    scenario = read_scenario(SCENARIO)
    files = Files(out, scenario.exercise.realm)
    floors = Floors(scenario, PACKAGED, files, sides(), language)
    _say("demo.starting", language)
    with Shown(language) as shown:
        floors.plan(shown)
    with floors:
        try:
            story = Story(floors, lambda code, values: _say(code, language, **values), language)
            _invite(floors, language, open_them=watched)
            story.start()
            run_exercise(SCENARIO, out, seed=seed, beat=_beat(floors, story, speed, language))
            story.end()
            floors.settle()
            floors.deeds()
            for step in STEPS[len(story.done) :]:
                _say("demo.missed", language, step=render(f"demo.step.{step}", {}, language), why=story.problem)
            with Shown(language) as shown:
                made = review_to_folder(SCENARIO, out, seed=seed, cadence_s=CADENCE_S, language=language, tell=shown)
            for line in told(made, out, language):
                print(line, flush=True)
            _say("demo.truth", language, nm=closest_nm(files, Night()))
            happened = len(story.done) == len(STEPS)
            if happened:
                _say("demo.all", language, steps=len(STEPS))
            if watched:
                _say("demo.stays", language)
                signal.pause()
        finally:
            _hear(signal.SIG_IGN)  # the floors close in order, whoever presses what
    return happened


def _stop(*_: object) -> None:
    _hear(signal.SIG_IGN)
    raise _Stopped


def _hear(what: Callable[..., None] | signal.Handlers) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, what)


def _beat(floors: Floors, story: Story, speed: float, language: str) -> Beat:
    """The sea waits for the clock, and the clock for a sea or for floors that come late."""
    patience_s, waited_for = PATIENCE_S, ""

    def beat(at_ms: int, handed: Mapping[str, bytes], truth: pl.DataFrame) -> Sequence[Action | Release]:
        nonlocal patience_s, waited_for
        floors.take(at_ms, handed, truth)
        due_us = floors.start_us + at_ms * 1000
        while True:
            late_s, awaited = (floors.clock.now_us() - due_us) / 1e6, story.awaited(at_ms) if patience_s > 0 else ""
            pace = floors.pace or (AHEAD_SPEED if at_ms < AHEAD_MS else speed)
            wanted = min(1.0, pace) if awaited or late_s > LATE_S else pace
            if floors.clock.speed != wanted:
                floors.clock.run(wanted)
            if awaited and awaited != waited_for:
                _say("demo.waits", language, step=render(f"demo.step.{awaited}", {}, language))
                waited_for = awaited
            if late_s >= 0:
                return [*story.given(at_ms), *map(Release, floors.held.taken())]
            pause_s = min(_LOOK_S, -late_s / wanted)
            time.sleep(pause_s)
            patience_s -= pause_s if awaited else 0.0

    return beat


def _made_anew(out: Path) -> None:
    """An empty folder: what the demo left there is removed, and nothing else ever is."""
    if out.exists() and any(out.iterdir()) and not (out / _MARK).exists():
        raise OutputError(f"{out} holds something that the demo did not make; choose an empty folder with --out")
    if out.exists():
        for left in out.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARK).write_text("made by seaward demo; may be removed\n", encoding="utf-8")


def _invite(floors: Floors, language: str, *, open_them: bool) -> None:
    for nation, officer in floors.officers.items():
        _say("demo.floor", language, nation=nation, url=officer.url, person=officer.person, password=officer.password)
    if floors.control is not None:
        _say("demo.control", language, url=floors.control.url, person=floors.control.person, password=floors.control.password)
    if not open_them:
        return
    if sys.platform != "linux" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ:
        for officer in floors.officers.values():
            webbrowser.open(officer.url)
    _say("demo.look", language)
    time.sleep(8.0)  # to sign in


def _say(code: str, language: str, **values: object) -> None:
    print(" ".join(w if "/" in w else spoken(w, language) for w in render(code, values, language).split(" ")), flush=True)
