"""`seaward demo`: a made-up day off Peru, watched; then where its report is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.detect import Language, detect
from seaward.core.catalogue import render
from seaward.drill.peru_aids import write_peru_aids
from seaward.drill.peru_day import write_peru_day

REALM = "ex:demo"
START = datetime(2027, 11, 4, tzinfo=UTC)


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the day and its results.")] = Path("out/demo"),
    seed: Annotated[int, typer.Option(help="Another number, another day.")] = 1,
    lang: Annotated[Language, typer.Option(help="Language of the report and of messages.")] = Language.en,
) -> None:
    """Write a simulated day off Peru as a receiver would, and run detect on it."""
    out.mkdir(parents=True, exist_ok=True)
    feed = out / "peru-day.nmea"
    print(render("cli.demo", {"path": str(feed)}, lang.value))
    write_peru_day(feed, seed=seed, start=START)
    aids = write_peru_aids(out, seed=seed, start=START)
    detect([str(feed)], out, realm=REALM, lang=lang, areas=[str(aids.areas)], ports=[str(aids.ports)], detections=[str(aids.detections)])
