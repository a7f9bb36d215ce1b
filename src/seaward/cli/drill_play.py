"""`seaward drill play`: people watch a scenario as it happens, each nation at a floor of its own, control at another; then comes the review."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.detect import Language
from seaward.cli.drill_run import Named, read_told
from seaward.core.catalogue import render
from seaward.core.errors import InputError, OutputError, RealmError
from seaward.drill.scenario import Scenario
from seaward.drill.scenario_keys import MOST_SEED
from seaward.drill.scenario_values import duration_ms, shown


def play(
    scenario: Named,
    out: Annotated[Path, typer.Option(help="Folder for the run and its floors; it must be new or empty.")] = Path("out/played"),
    seed: Annotated[int | None, typer.Option(help="Another seed than the scenario's.", min=0, max=MOST_SEED)] = None,
    speed: Annotated[float, typer.Option(help="Times real time, until control sets another pace.", min=1, max=1000)] = 30.0,
    since: Annotated[str, typer.Option("--from", metavar="T", help="Up to this moment, such as 5h30m, the sea passes at 400 times its pace.")] = "0s",
    plan: Annotated[list[str] | None, typer.Option(metavar="NATION=FILE", help="The patrol that a nation sails; once for each.")] = None,
    lang: Annotated[Language, typer.Option(help="Language of what is said here and of the review.")] = Language.en,
    headless: Annotated[bool, typer.Option("--headless", help="Open no browser, and end with the review.")] = False,
) -> None:
    """Play a scenario: a watch floor for each nation, linked, and control's with the truth and the clock; Ctrl-C ends it."""
    language, watched = lang.value, not headless and sys.stdout.isatty()
    told = read_told(scenario, language)
    ahead_ms = duration_ms(since)
    if ahead_ms is None:
        raise InputError(render("cli.drill.moment", {"option": "--from", "text": since}, language))
    if ahead_ms >= told.clock.length_ms:
        raise InputError(f"--from {since} is the end of the exercise or beyond, which lasts {shown(told.clock.length_ms)}; choose an earlier moment")
    plans = _plans(plan or [], language)
    _check_plans(told, plans, language)
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file; a run and its floors need a folder of their own: choose another with --out")
    if out.exists() and any(out.iterdir()):
        raise OutputError(f"{out} is not empty; a run and its floors need a folder of their own: choose another with --out")
    from seaward.cli.drill_floors import play_at_floors  # noqa: PLC0415 - whole nodes: the other verbs of a drill start faster without

    if not play_at_floors(scenario, told, out, seed, language, speed, ahead_ms, plans, watched=watched):
        raise typer.Exit(130)


def _plans(given: list[str], language: str) -> dict[str, Path]:
    found = {}
    for text in given:
        nation, sign, file = text.partition("=")
        if not sign or not file or nation in found:
            raise InputError(render("cli.drill.plan", {"text": text}, language))
        found[nation] = Path(file)
    return found


def _check_plans(scenario: Scenario, plans: dict[str, Path], language: str) -> None:
    """Read the plans of nations that play before anything is written: planning takes minutes, and a folder that was begun is not taken again."""
    if not plans:
        return
    from seaward.patrol.mistakes import PlanError  # noqa: PLC0415 - as play_at_floors
    from seaward.patrol.read_plan import read_plan  # noqa: PLC0415

    realm, nations = scenario.exercise.realm, {c.nation for c in scenario.cells}
    end = scenario.clock.start + timedelta(milliseconds=scenario.clock.length_ms)
    for path in (file for nation, file in plans.items() if nation in nations):
        try:
            asked = read_plan(path)
        except PlanError as e:
            raise InputError(e.told(language)) from e
        if asked.realm != realm:
            raise RealmError(f"{path} is a plan of realm {asked.realm!r}, and the scenario is of {realm!r}; give a plan of {realm!r} with --plan")
        if asked.start >= end or asked.start + timedelta(days=asked.horizon["days"]) <= scenario.clock.start:
            raise InputError(f"{path} begins {asked.start:%Y-%m-%d %H:%MZ} and is not sailed while the exercise lasts; change its horizon.start")
