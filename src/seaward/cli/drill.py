"""`seaward drill VERB SCENARIO`: the verbs of a drill."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from seaward.cli import drill_run
from seaward.cli.detect import Language
from seaward.core.catalogue import render
from seaward.drill.mistakes import ScenarioError
from seaward.drill.preview import preview_lines
from seaward.drill.read_scenario import read_scenario
from seaward.drill.scenario import Scenario
from seaward.drill.scenario_values import shown

app = typer.Typer(name="drill", help="Drills on a simulated sea.", no_args_is_help=True)
Named = Annotated[str, typer.Argument(metavar="SCENARIO", help="A packaged scenario, such as joint-drill, or a YAML file.", show_default=False)]
Spoken = Annotated[Language, typer.Option(help="Language of messages.")]


@app.command("check")
def check(scenario: Named, lang: Spoken = Language.en) -> None:
    """Say that a scenario is right, or every mistake with its line and what to do (exit 2)."""
    print(summary(_read(scenario, lang.value), lang.value))


@app.command("preview")
def preview(scenario: Named, lang: Spoken = Language.en) -> None:
    """Show the timeline, which sensor could see whom when, and which objectives can be met at all."""
    said = _read(scenario, lang.value)
    print(summary(said, lang.value))
    for line in preview_lines(said, lang.value):
        print(line)


app.command("run")(drill_run.run)
app.command("review")(drill_run.review)


def summary(said: Scenario, language: str) -> str:
    """A scenario in two lines."""
    traffic = sum(t.count for t in said.traffic)
    hulls = traffic + sum(a.copies is None for a in said.actors)
    title = said.exercise.title.es if language == "es" else said.exercise.title.en
    when = {"start": f"{said.clock.start:%Y-%m-%dT%H:%MZ}", "length": shown(said.clock.length_ms)}
    counts = {key: len(getattr(said, key)) for key in ("actors", "sensors", "cells", "injects", "objectives")}
    first = render("cli.drill.ok", {"title": title, "realm": said.exercise.realm, **when}, language)
    return f"{first}\n{render('cli.drill.counts', {'hulls': hulls, 'traffic': traffic, **counts}, language)}"


def _read(name: str, language: str) -> Scenario:
    try:
        return read_scenario(name)
    except ScenarioError as e:
        print(e.told(language), file=sys.stderr)
        raise typer.Exit(2) from None
