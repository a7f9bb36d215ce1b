"""`seaward drill run` and `review`: simulate a scenario, have its cells watch, and write the after-action review."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from seaward.cli.detect import Language
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.debrief import CADENCE_S, debrief
from seaward.drill.mistakes import ScenarioError
from seaward.drill.read_scenario import read_scenario
from seaward.drill.scenario import Scenario
from seaward.drill.scenario_keys import MOST_SEED
from seaward.exercise import Files, run_exercise, run_of
from seaward.report.review_page import render_review
from seaward.report.review_pdf import render_review_pdf
from seaward.watch import Tell

Named = Annotated[str, typer.Argument(metavar="SCENARIO", help="A packaged scenario, such as joint-drill, or a YAML file.", show_default=False)]
Out = Annotated[Path, typer.Option(help="Folder for the run; it must not hold one already.")]
Spoken = Annotated[Language, typer.Option(help="Language of the review and of messages.")]


def read_told(name: str, language: str) -> Scenario:
    """The scenario; or every mistake in it, in the user's language, and exit 2."""
    try:
        return read_scenario(name)
    except ScenarioError as e:
        print(e.told(language), file=sys.stderr)
        raise typer.Exit(2) from None


def run(
    scenario: Named,
    out: Out = Path("out/drill"),
    seed: Annotated[int | None, typer.Option(help="Another seed than the scenario's.", min=0, max=MOST_SEED)] = None,
    lang: Spoken = Language.en,
) -> None:
    """Simulate a scenario: a file from each sensor, the truth apart, and the recording."""
    read_told(scenario, lang.value)
    with Shown(lang.value) as shown:
        files = run_exercise(scenario, out, seed=seed, tell=shown)
    print(render("cli.drill.run", {"out": str(out), "recording": str(files.recording)}, lang.value))


def review(
    scenario: Named,
    out: Out = Path("out/drill"),
    seed: Annotated[int | None, typer.Option(help="Another seed than the scenario's, for a run that is not there yet.", min=0, max=MOST_SEED)] = None,
    cadence_min: Annotated[float, typer.Option(help="How often each cell's watch is run [min].", min=5)] = CADENCE_S / 60,
    lang: Spoken = Language.en,
) -> None:
    """Have the cells of a run watch what they were given, and write the review; runs the scenario first where that was not done."""
    read_told(scenario, lang.value)
    with Shown(lang.value) as shown:
        written = review_to_folder(scenario, out, seed=seed, cadence_s=cadence_min * 60, language=lang.value, tell=shown)
    for line in told(written, out, lang.value):
        print(line)


def review_to_folder(scenario: str, out: Path, *, seed: int | None, cadence_s: float, language: str, tell: Tell) -> dict[str, Any]:
    """Run if need be, watch, review; writes review.json, review.html and review.pdf under the realm's name."""
    said = read_scenario(scenario)
    files = Files(out, said.exercise.realm)
    if not files.run.exists():
        run_exercise(scenario, out, seed=seed, tell=tell)
    else:
        ran = run_of(files)
        if ran["scenario"] != scenario or (seed is not None and ran["seed"] != seed):
            raise InputError(f"{out} holds a run of {ran['scenario']} with seed {ran['seed']}; choose another folder with --out")
    made = debrief(files, said, cadence_s=cadence_s, tell=tell)
    files.of("review.json").write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    files.of("review.html").write_text(render_review(made, language), encoding="utf-8")
    files.of("review.pdf").write_bytes(render_review_pdf(made, language))
    return made


def told(made: dict[str, Any], out: Path, language: str) -> list[str]:
    """What a review says, in a few lines: per cell what was found, missed and false; the actors; where the files are."""
    lines = []
    for cell in [c["id"] for c in made["cells"] if c["role"] == "player"]:
        rows = [s for s in made["scores"] if s["cell"] == cell]
        counts = {k: sum(r[k] for r in rows) for k in ("missed", "false")} | {"hits": sum(r["hits"] + r["covered"] for r in rows)}
        lines.append(render("cli.drill.cell", {"cell": cell, **counts}, language))
    for truth in made["truths"]:
        if truth["intent"] == "none":
            continue
        found = [c for c, f in truth["found"].items() if f]
        code = "cli.drill.found" if found else "cli.drill.missed"
        why = ", ".join(sorted({render(w, {}, language) for w in truth["missed_why"].values()}))
        values = {"kind": render(f"kind.{truth['kind']}", {}, language), "who": ", ".join(truth["names"]), "cells": ", ".join(found), "why": why}
        lines.append(render(code, {**values, "at": truth["start"][11:16]}, language))
    page = Files(out, made["realm"]).of("review.html")
    lines.append(render("cli.drill.review", {"page": str(page), "pdf": str(page.with_suffix(".pdf"))}, language))
    return lines
