"""A sea that people watch as it happens, for `demo` and `drill play`: its clock, the pages to open, and a clean end."""

from __future__ import annotations

import os
import signal
import sys
import time
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from seaward.cli.drill_run import review_to_folder, told
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.drill.kernel import Action
from seaward.exercise import Beat, Release
from seaward.floors import Floors
from seaward.report.words import spoken

AHEAD_SPEED = 400.0  # times real time, up to where it becomes worth watching: ours
LATE_S = 90.0  # of the sea: so far behind the clock, and the clock waits for it
_LOOK_S = 0.2


class Stopped(Exception):
    """Somebody wants to end it."""


def stop(*_: object) -> None:
    """Hear of no further wish to end, and end."""
    hear(signal.SIG_IGN)
    raise Stopped


def hear(what: Callable[..., None] | signal.Handlers) -> None:
    """Do so when somebody wants to end it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, what)


def invite(floors: Floors, language: str, *, open_them: bool) -> None:
    """Say where the floors are and how to sign in; and open the players' in a browser, where there is a screen."""
    for nation, officer in floors.officers.items():
        say("demo.floor", language, nation=nation, url=officer.url, person=officer.person, password=officer.password)
    if floors.control is not None:
        say("demo.control", language, url=floors.control.url, person=floors.control.person, password=floors.control.password)
    if open_them and (sys.platform != "linux" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ):
        for officer in floors.officers.values():
            webbrowser.open(officer.url)


def beat_of(
    floors: Floors,
    ahead_ms: int,
    speed: float,
    language: str,
    awaited: Callable[[int], str] = lambda at_ms: "",
    given: Callable[[int], Sequence[Action]] = lambda at_ms: (),
    patience_s: float = 0.0,
) -> Beat:
    """The sea waits for the clock, and the clock for a sea or for floors that come late.

    Parameters
    ----------
    floors
        Running; the pace that control sets goes before all others.
    ahead_ms
        Moment of the sea [ms from its start] up to which it passes at AHEAD_SPEED.
    speed
        Times real time, from there on.
    language
        Of what is said.
    awaited
        The step of a story that should have been done by a moment, empty if there is none.
    given
        Orders to hulls since the last call.
    patience_s
        Real time that the clock gives floors that are slow.
    """
    waited_for = ""

    def beat(at_ms: int, handed: Mapping[str, bytes], truth: pl.DataFrame) -> Sequence[Action | Release]:
        nonlocal patience_s, waited_for
        floors.take(at_ms, handed, truth)
        due_us = floors.start_us + at_ms * 1000
        while True:
            late_s, step = (floors.clock.now_us() - due_us) / 1e6, awaited(at_ms) if patience_s > 0 else ""
            asked = floors.pace or (AHEAD_SPEED if at_ms < ahead_ms else speed)
            wanted = min(1.0, asked) if step or late_s > LATE_S else asked
            if floors.clock.speed != wanted:
                floors.clock.run(wanted)
            if step and step != waited_for:
                say("demo.waits", language, step=render(f"demo.step.{step}", {}, language))
                waited_for = step
            if late_s >= 0:
                return [*given(at_ms), *map(Release, floors.held.taken())]
            pause_s = min(_LOOK_S, -late_s / wanted)
            time.sleep(pause_s)
            patience_s -= pause_s if step else 0.0

    return beat


def reviewed(floors: Floors, name: str, out: Path, seed: int | None, cadence_s: float, language: str) -> None:
    """The sea has ended: let the floors judge what they were given last, keep what people did, write the review and say what it says."""
    floors.settle()
    floors.deeds()
    with Shown(language) as shown:
        made = review_to_folder(name, out, seed=seed, cadence_s=cadence_s, language=language, tell=shown)
    for line in told(made, out, language):
        print(line, flush=True)


def say(code: str, language: str, **values: object) -> None:
    """A sentence of the catalogue, on a line of its own, at once."""
    print(" ".join(w if "/" in w else spoken(w, language) for w in render(code, values, language).split(" ")), flush=True)
