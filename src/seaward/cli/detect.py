"""`seaward detect INPUT... --out DIR`: cleaned tracks and explained events from raw feeds."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from seaward.api import detect_to_folder
from seaward.behaviours.gears import ANY, GIVABLE
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.core.errors import ParameterError
from seaward.core.mended import mended_lines
from seaward.core.realm import OPS
from seaward.watch import WatchParams

_YEARS = 1970, 2199  # as in plans; nothing is watched outside, and a year may be added to any


class Language(StrEnum):
    """Languages of the words for people."""

    en = "en"
    es = "es"


def moment(text: str) -> datetime:
    """A UTC moment from ISO 8601; without a zone it is taken as UTC."""
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ParameterError(f"{text!r} is no moment; write it as 2027-11-04T12:00:00Z") from None
    if not _YEARS[0] <= at.year <= _YEARS[1]:
        raise ParameterError(f"{text!r} lies outside the years {_YEARS[0]} to {_YEARS[1]}; write a moment such as 2027-11-04T12:00:00Z")
    return at


def detect(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Files of AIS (NMEA), CSV or Parquet, also .gz or .zst; - is standard input.", show_default=False),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the results.", show_default=False)],
    kinds: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Only these behaviours: gap, encounter, loitering, drift, fishing, area, identity, position, port_visit, dark_contact.",
        ),
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="T", help="Leave out what was reported after T (UTC).")] = None,
    start: Annotated[str | None, typer.Option(metavar="T", help="Place reports that carry no time at T (UTC).")] = None,
    column_map: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="TOML that says what the columns of a CSV or Parquet file mean.")
    ] = None,
    areas: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Areas with rules: GeoJSON, GeoPackage, Shapefile, GeoParquet, or peru for the layer that comes along."),
    ] = None,
    ports: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="CSV of ports, anchorages and landing places: name, latitude, longitude.")
    ] = None,
    detections: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE", help="What radar, satellites or cameras saw: CSV, GeoJSON points or Parquet with time, place and, if known, length."
        ),
    ] = None,
    gear: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=f"What all vessels fish with: {', '.join(GIVABLE)}; unknown: their tracks have to tell; any: not asked.",
        ),
    ] = ANY,
    gears: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="CSV of the gear of single vessels, which goes before --gear: mmsi, gear.")
    ] = None,
    realm: Annotated[str, typer.Option(metavar="REALM", help="ops, or ex:<drill id> for data of a drill.")] = OPS,
    fail_on: Annotated[str | None, typer.Option("--fail-on", metavar="A,B", help="Exit with 1 if an event of these behaviours is found.")] = None,
    lang: Annotated[Language, typer.Option(help="Language of the report and of messages.")] = Language.en,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help="Do not write report.html.")] = False,
) -> None:
    """Turn raw feeds into cleaned tracks and explained events.

    Writes positions, vessels, events and rejected (Parquet), events.geojson, summary.json and report.html, a page that opens offline.
    """
    wanted = None if kinds is None else [k.strip() for k in kinds.split(",") if k.strip()]
    alarming = [] if fail_on is None else [k.strip() for k in fail_on.split(",") if k.strip()]
    known = [b.kind for b in WatchParams.of(wanted).behaviours]
    if strange := [k for k in alarming if k not in known]:
        raise ParameterError(f"--fail-on names {', '.join(strange)}, which is not looked for; choose from {', '.join(known)}")
    with Shown(lang.value) as shown:
        summary = detect_to_folder(
            inputs, out, language=lang.value, report=not no_report, tell=shown, realm=realm, kinds=wanted,
            as_of=None if as_of is None else moment(as_of), start=None if start is None else moment(start), column_map=column_map,
            areas=areas or [], ports=ports or [], detections=detections or [],
            gear=gear, gears=gears or [],
        )  # fmt: skip
    if as_json:
        json.dump(summary, sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        _say(summary, out, lang.value, report=not no_report)
    if any(summary["events_by_kind"].get(k) for k in alarming):
        raise typer.Exit(1)


def _say(summary: dict[str, Any], out: Path, language: str, *, report: bool) -> None:
    """The summary in a few lines of plain words."""
    print(render("cli.lines", summary["lines"], language))
    for given in summary["inputs"]:
        if given["broken"]:
            print(render("cli.broken", {"name": given["name"], "why": given["broken"]}, language))
    for given in summary["given"]:
        counts = {"used": given["used"], "mended": len(given["mended"]), "refused": given["refused"]}
        print(render(f"cli.{given['holds']}", {"name": given["name"], **counts}, language))
    for line in mended_lines(summary["given"], language):
        print(f"  {line}")
    print(render("cli.tables", summary["tables"], language))
    for kind, count in summary["events_by_kind"].items():
        left_out = [f"{n:,} {render(f'left_out.{why}', {}, language)}" for why, n in summary["events_left_out"].get(kind, {}).items()]
        also = f" ({render('cli.left_out', {'what': ', '.join(left_out)}, language)})" if left_out else ""
        print(f"  {render(f'kind.{kind}', {}, language)}: {count}{also}")
    if summary["tables"]["reports"] and not summary["tables"]["positions"] and summary["left_out"].get("unplaced"):
        print(render("cli.no_time", {}, language))
    print(render("cli.where", {"path": str(out / ("report.html" if report else "summary.json"))}, language))
