"""`seaward demo`: two nations' watch floors on one simulated sea, a night's story played on them, and its review."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.detect import Language
from seaward.cli.drill_run import review_to_folder, told
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.core.errors import OutputError
from seaward.drill.kernel import Action
from seaward.drill.read_scenario import PACKAGED, read_scenario
from seaward.drill.scenario_keys import MOST_SEED
from seaward.exercise import Beat, Files, run_exercise
from seaward.floors import Floors, Side
from seaward.report.words import spoken
from seaward.server.logs import to_stream
from seaward.story import STEPS, Night, Story, closest_nm

SCENARIO = "two-floors"
CADENCE_S = 1_800.0  # of the watches that the review runs again
AHEAD_MS, AHEAD_SPEED = 50 * 60_000, 400.0  # the first fifty minutes pass in some seconds: ours
LATE_S = 90.0  # of the sea: so far behind the clock, and the clock waits for it
SHARED = {"what": ["event", "alert"], "kinds": ["dark_contact", "gap", "encounter"]}
_MARK = "demo.folder"  # in a folder that the demo made, and may replace


class _Stopped(Exception):
    """Somebody wants to end it."""


def sides() -> tuple[Side, Side]:
    """Peru shows where on a grid of two miles, the United States of half a mile; both show tracks as the rules of release let them."""

    def share(to: str, precision_m: int) -> tuple[dict[str, object], ...]:
        return {**SHARED, "to": [to], "precision_m": precision_m}, {"what": ["track"], "to": [to]}

    return (
        Side("pe_watch", "PER", "vega", "Tte. Vega (EX)", ("patrol1",), share("USA", 3_704)),
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
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _made_anew(out)
    to_stream(logging.WARNING, (out / "floors.log").open("a", encoding="utf-8", buffering=1))
    scenario = read_scenario(SCENARIO)
    files = Files(out, scenario.exercise.realm)
    try:
        _say("demo.starting", language)
        with Floors(scenario, PACKAGED, files, sides(), language) as floors:
            story = Story(floors, PACKAGED / f"{SCENARIO}.plan.toml", lambda code, values: _say(code, language, **values), language)
            with Shown(language) as shown:
                story.plan_first(shown)
            _invite(floors, language, open_them=watched)
            story.start()
            run_exercise(SCENARIO, out, seed=seed, beat=_beat(floors, story, speed, stop))
            story.end()
            for step in STEPS[len(story.done) :]:
                _say("demo.missed", language, step=render(f"demo.step.{step}", {}, language), why=story.problem)
            with Shown(language) as shown:
                made = review_to_folder(SCENARIO, out, seed=seed, cadence_s=CADENCE_S, language=language, tell=shown)
            for line in told(made, out, language):
                print(line, flush=True)
            _say("demo.truth", language, nm=closest_nm(files, Night()))
            if watched:
                _say("demo.stays", language)
                stop.wait()
    except _Stopped:
        _say("demo.stopped", language)
        raise typer.Exit(130) from None
    if len(story.done) < len(STEPS):
        raise typer.Exit(1)
    _say("demo.all", language, steps=len(STEPS))


def _beat(floors: Floors, story: Story, speed: float, stop: threading.Event) -> Beat:
    """The sea waits for the clock, and the clock for a sea that comes late."""

    def beat(at_ms: int, handed: Mapping[str, bytes]) -> Sequence[Action]:
        floors.take(at_ms, handed)
        due_us = floors.start_us + at_ms * 1000
        late_s = (floors.clock.now_us() - due_us) / 1e6
        wanted = 1.0 if late_s > LATE_S else AHEAD_SPEED if at_ms < AHEAD_MS else speed
        if floors.clock.speed != wanted:
            floors.clock.run(wanted)
        while not stop.is_set() and (left_s := (due_us - floors.clock.now_us()) / 1e6 / wanted) > 0:
            stop.wait(min(left_s, 0.2))
        if stop.is_set():
            raise _Stopped
        return story.given(at_ms)

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
    if not open_them:
        return
    if sys.platform != "linux" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ:
        for officer in floors.officers.values():
            webbrowser.open(officer.url)
    _say("demo.look", language)
    time.sleep(8.0)  # to sign in


def _say(code: str, language: str, **values: object) -> None:
    print(" ".join(w if "/" in w else spoken(w, language) for w in render(code, values, language).split(" ")), flush=True)
