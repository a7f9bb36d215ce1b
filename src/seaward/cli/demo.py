"""`seaward demo`: the joint drill off Peru, simulated, watched by two nations, and its review."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.detect import Language
from seaward.cli.drill_run import review_to_folder, told
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.drill.read_scenario import read_scenario
from seaward.drill.scenario_keys import MOST_SEED

SCENARIO = "joint-drill"
CADENCE_S = 7200.0  # ours: half as often as a review of its own


def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the drill; one that the demo left there before is replaced.")
    ] = Path("out/demo"),
    seed: Annotated[int | None, typer.Option(help="Another number, another day.", min=0, max=MOST_SEED)] = None,
    lang: Annotated[Language, typer.Option(help="Language of the review and of messages.")] = Language.en,
) -> None:
    """Simulate the joint drill off Peru, have both nations watch, and show what was found, missed and why."""
    realm = read_scenario(SCENARIO).exercise.realm
    for left in out.glob(f"{realm.replace(':', '-')}.*"):
        left.unlink()
    print(render("cli.demo", {"path": str(out)}, lang.value))
    with Shown(lang.value) as shown:
        made = review_to_folder(SCENARIO, out, seed=seed, cadence_s=CADENCE_S, language=lang.value, tell=shown)
    for line in told(made, out, lang.value):
        print(line)
    for cell in (c["id"] for c in made["cells"] if c["role"] == "player"):
        print(render("cli.where", {"path": str(out / cell / "report.html")}, lang.value))
