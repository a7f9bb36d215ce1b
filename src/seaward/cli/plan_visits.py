"""`seaward plan visits`: contacts of a list, and of a node, checked by assets that must be home in time."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.asked_area import area_named
from seaward.cli.detect import Language
from seaward.cli.node_data import length_ms
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.core.errors import InputError, ParameterError
from seaward.core.foreign_text import one_line
from seaward.core.tables import ALERT_STATES, PRIORITIES
from seaward.logbook.open_contacts import OPEN, PRIZES, OfNode
from seaward.patrol.mistakes import PlanError
from seaward.patrol.read_visits import read_visits
from seaward.planning import names_of
from seaward.visiting import visits_to_folder, why_said

_HELP = f"Take the open alerts of this node too (a prize of {', '.join(f'{p:g} for {name}s' for name, p in PRIZES.items())}); running or not."


class Engine(StrEnum):
    """Who searches."""

    own = "own"
    pyvrp = "pyvrp"


def check_contacts(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A visit list (TOML), such as scenarios/visit-list.toml.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the plan.", show_default=False)],
    seconds: Annotated[float | None, typer.Option(min=0.1, max=86_400, help="Search for so long instead of the rounds of the file.")] = None,
    node: Annotated[Path | None, typer.Option(metavar="DATA", help=_HELP, show_default=False)] = None,
    priority: Annotated[str, typer.Option(metavar="A,B", help=f"Of the node: only of these: {', '.join(PRIORITIES)}.")] = ",".join(PRIORITIES),
    state: Annotated[str, typer.Option(metavar="A,B", help=f"Of the node: only in these: {', '.join(ALERT_STATES)}.")] = ",".join(OPEN),
    kind: Annotated[str | None, typer.Option(metavar="A,B", help="Of the node: only of these kinds of event.", show_default="all")] = None,
    age: Annotated[str, typer.Option(metavar="D", help="Of the node: events that ended at most so long before the plan begins.")] = "24h",
    within: Annotated[str | None, typer.Option("--in", metavar="AREA", help="Of the node: only in this area: a box, a file, a name.")] = None,
    minutes: Annotated[float, typer.Option(min=0, max=1_440, help="Of the node: how long a check takes.")] = 60.0,
    board: Annotated[bool, typer.Option("--board", help="Of the node: each is to be boarded.")] = False,
    engine: Annotated[Engine, typer.Option(help="pyvrp: sorties of any length, without a bound; needs seaward[patrol].")] = Engine.own,
    lang: Annotated[Language, typer.Option(help="Language of the page and of messages.")] = Language.en,
) -> None:
    """Check contacts and be back in time: who goes where and when, what is left out and why, and what no plan can exceed."""
    language, began = lang.value, time.monotonic()
    share = None if seconds is None else lambda _done: (time.monotonic() - began) / seconds
    try:
        area = None
        if within is not None:
            asked = read_visits(file, is_whole=False).asked
            layers = [name if name == "peru" else str(asked.folder / name) for name in asked.area["layers"]]
            area = area_named(within, layers, language)[1]
        kinds = None if kind is None else tuple(k.strip() for k in kind.split(",") if k.strip())
        of = OfNode(
            length_ms("--age", age) / 3_600_000, _chosen("--priority", priority, PRIORITIES), _chosen("--state", state, ALERT_STATES), kinds, area,
            minutes, board,
        )  # fmt: skip
        with Shown(language) as shown:
            made = visits_to_folder(file, out, language, shown, share, node, of, engine.value)
    except PlanError as e:
        raise InputError(e.told(language)) from e
    s = made["summary"]
    if s["from_node"] is not None:
        print(render("cli.plan.from_node", s["from_node"], language))
    print(render("cli.plan.visited", s, language))
    if s["gap"] is not None:
        print(render("cli.plan.visits_bound", {**s, "gap": 100 * s["gap"]}, language))
    for o in made["left_out"]:
        print(why_said(o, language))
    print(render("cli.plan.page", {"page": str(out / names_of(made["realm"], "plan.html")["plan"])}, language))


def _chosen(option: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Names given with commas between."""
    names = tuple(n.strip() for n in text.split(",") if n.strip())
    if wrong := [n for n in names if n not in known]:
        raise ParameterError(f"{option} has {one_line(wrong[0])[:40]!r}; choose of {', '.join(known)}")
    if not names:
        raise ParameterError(f"{option} names nothing; choose of {', '.join(known)}")
    return names
