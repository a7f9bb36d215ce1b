"""`seaward drill VERB`: the verbs of a drill."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli import drill_play, drill_run
from seaward.cli.detect import Language
from seaward.cli.drill_run import Named
from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.drill.preview import preview_lines
from seaward.drill.recording import Ending, Record, header_of, read_recording
from seaward.drill.replay import paced, seen, view_of
from seaward.drill.scenario import Scenario
from seaward.drill.scenario_values import duration_ms, shown

app = typer.Typer(name="drill", help="Drills on a simulated sea.", no_args_is_help=True)
Recorded = Annotated[Path, typer.Argument(metavar="RECORDING", help="A recording that a run has written.", show_default=False)]
Spoken = Annotated[Language, typer.Option(help="Language of messages.")]


@app.command("check")
def check(scenario: Named, lang: Spoken = Language.en) -> None:
    """Say that a scenario is right, or every mistake with its line and what to do (exit 2)."""
    print(summary(drill_run.read_told(scenario, lang.value), lang.value))


@app.command("preview")
def preview(scenario: Named, lang: Spoken = Language.en) -> None:
    """Show the timeline, which sensor could see whom when, and which objectives can be met at all."""
    said = drill_run.read_told(scenario, lang.value)
    print(summary(said, lang.value))
    for line in preview_lines(said, lang.value):
        print(line)


app.command("run")(drill_run.run)
app.command("play")(drill_play.play)
app.command("review")(drill_run.review)


@app.command("replay")
def replay(
    recording: Recorded,
    cell: Annotated[str | None, typer.Option(metavar="ID", help="Only what this cell saw.", show_default="all sensors and injects")] = None,
    since: Annotated[str, typer.Option("--from", metavar="T", help="From this moment of the exercise on, such as 3h10m.")] = "0s",
    until: Annotated[str | None, typer.Option(metavar="T", help="Before this moment.", show_default="to the end")] = None,
    speed: Annotated[float, typer.Option(min=0, metavar="N", help="So many times the speed of the clock; 0 as fast as it goes.")] = 0.0,
    truth: Annotated[bool, typer.Option("--truth", help="The truth too, for a cell that did not see it.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="The bytes of the feed of --sensor, nothing else.")] = False,
    sensor: Annotated[str | None, typer.Option(metavar="ID", help="Only this sensor.", show_default="all that the cell sees")] = None,
    lang: Spoken = Language.en,
) -> None:
    """Show again what a cell was given, as JSON lines, from the recording alone. A damaged one plays up to its last proven record (exit 2)."""
    if raw and sensor is None:
        raise InputError(render("cli.drill.raw_sensor", {}, lang.value))
    realm, header = header_of(recording)
    from_ms = _moment("--from", since, lang.value)
    until_ms = None if until is None else _moment("--until", until, lang.value)
    view = view_of(header, cell=cell, sensor=sensor, truth=truth, from_ms=from_ms, until_ms=until_ms)
    found = paced(seen(read_recording(recording), view), from_ms, speed, time.monotonic, time.sleep)
    _play(recording, realm, found, raw, speed > 0, lang.value)


@app.command("verify")
def verify(recording: Recorded, lang: Spoken = Language.en) -> None:
    """Say that a recording is whole, or what is wrong with it from which record and byte on (exit 2)."""
    for r in read_recording(recording):
        if isinstance(r, Ending):
            _end(recording, r, lang.value)
            print(render("cli.drill.whole", {"file": recording.name, "records": r.records}, lang.value))


def _play(path: Path, realm: str, found: Iterable[Record | Ending], raw: bool, paces: bool, language: str) -> None:
    out = sys.stdout.buffer
    for r in found:
        if isinstance(r, Ending):
            out.flush()
            _end(path, r, language)
        elif not raw:
            line = {"realm": realm, "seq": r.seq, "at_ms": r.at_ms, "kind": r.kind, "cell": r.cell, "body": r.body}
            out.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        elif r.kind == "sensor":
            out.write(r.body["text"].encode())
        if paces:
            out.flush()
    out.flush()


def _end(path: Path, ending: Ending, language: str) -> None:
    if not ending.is_whole:
        why = render(ending.problem, {}, language)
        key = "cli.drill.unfinished" if ending.problem == "recording.unfinished" else "cli.drill.damaged"
        print(render(key, {"file": path.name, "record": ending.records, "byte": ending.byte, "why": why}, language), file=sys.stderr)
        raise typer.Exit(2)


def _moment(option: str, text: str, language: str) -> int:
    if (ms := duration_ms(text)) is None:
        raise InputError(render("cli.drill.moment", {"option": option, "text": text}, language))
    return ms


def summary(said: Scenario, language: str) -> str:
    """A scenario in two lines."""
    traffic = sum(t.count for t in said.traffic)
    hulls = traffic + sum(a.copies is None for a in said.actors)
    title = said.exercise.title.es if language == "es" else said.exercise.title.en
    when = {"start": f"{said.clock.start:%Y-%m-%dT%H:%MZ}", "length": shown(said.clock.length_ms)}
    counts = {key: len(getattr(said, key)) for key in ("actors", "sensors", "cells", "injects", "objectives")}
    first = render("cli.drill.ok", {"title": title, "realm": said.exercise.realm, **when}, language)
    return f"{first}\n{render('cli.drill.counts', {'hulls': hulls, 'traffic': traffic, **counts}, language)}"
