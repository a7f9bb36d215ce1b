"""`seaward evaluate EVENTS TRUTH`: how well a watch found what really happened in a simulated sea."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich import box
from rich.console import Console
from rich.table import Table as Shown

from seaward.cli.detect import Language
from seaward.cli.scored_files import read_rows
from seaward.core.catalogue import render
from seaward.core.errors import InputError, OutputError
from seaward.core.intervals import FEW
from seaward.core.realm import is_drill
from seaward.core.tables import AT, EVENTS, POSITIONS, TRUE_TRACKS, TRUTH
from seaward.evaluation.matching import latest, match_events, one_realm
from seaward.evaluation.picture_quality import over_all, picture_quality
from seaward.evaluation.scores import calibration, detection_delays, reliability, scores, vessel_days

_EVENTS = ("realm", "event_id", "version", "state", "kind", "start_at", "end_at", "vessel_ids", "lon_deg", "lat_deg", "probability")
_TRUTH = ("realm", "truth_id", "kind", "start_at", "end_at", "actors", "vessel_ids", "lon_deg", "lat_deg")
_POSITIONS = ("realm", "vessel_id", "at", "lon_deg", "lat_deg", "sog_kn", "cog_deg")
_TRACKS = ("realm", "actor", "at", "lon_deg", "lat_deg")
_COUNTS = ("truths", "hits", "missed", "covered", "false", "repeats")
_EVERY = timedelta(minutes=10)


def evaluate(
    events: Annotated[Path, typer.Argument(metavar="EVENTS", help="Events as detect writes them (Parquet), or their folder.", show_default=False)],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="What really happened (Parquet), or its folder.", show_default=False)],
    positions: Annotated[Path | None, typer.Option(metavar="FILE", help="Positions as detect writes them: gives vessel-days.")] = None,
    tracks: Annotated[Path | None, typer.Option(metavar="FILE", help="Where hulls really were: with positions, how good the picture was.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write everything as JSON to FILE.")] = None,
    lang: Annotated[Language, typer.Option(help="Language of the table.")] = Language.en,
) -> None:
    """Score events against the truth of a simulated sea."""
    found = read_rows(events, EVENTS, _EVENTS, ("opened_at",))
    real = read_rows(truth, TRUTH, _TRUTH)
    if real.is_empty():
        raise InputError(f"{truth} has no rows: there is nothing to score against")
    seen = None if positions is None else read_rows(positions, POSITIONS, _POSITIONS)
    ways = None if tracks is None else read_rows(tracks, TRUE_TRACKS, _TRACKS, ("mmsi",))
    realm = one_realm([t for t in (found, real, seen, ways) if t is not None])
    matching = match_events(found, real, true_tracks=ways)
    days = None if seen is None else vessel_days(seen)
    opened = _opened(found)
    tables = {
        "scores": scores(matching, days), "calibration": calibration(matching), "reliability": reliability(matching),
        "delays": detection_delays(matching, opened) if opened else None, "events": matching.events, "truth": matching.truth,
        "picture": None if seen is None or ways is None else over_all(picture_quality(seen, ways, _moments(ways))),
    }  # fmt: skip
    text = json.dumps(
        {"realm": realm, "vessel_days": days} | {k: None if t is None else t.to_dicts() for k, t in tables.items()},
        indent=2, ensure_ascii=False, allow_nan=False, default=lambda at: at.isoformat(),
    )  # fmt: skip
    if out is not None:
        _write(out, text + "\n")
    if as_json:
        print(text)
    else:
        _say(realm, tables, lang.value)


def _opened(events: pl.DataFrame) -> dict[str, datetime]:
    """When each event was first raised, where the table says so in `opened_at`."""
    if "opened_at" not in events.columns:
        return {}
    if not isinstance(events["opened_at"].dtype, pl.Datetime):
        raise InputError(f"the column opened_at is {events['opened_at'].dtype}; give times")
    first = events.group_by("event_id").agg(pl.col("opened_at").cast(AT).min()).drop_nulls()
    stands = {*latest(events)["event_id"]}
    return {k: at for k, at in first.iter_rows() if k in stands}


def _moments(ways: pl.DataFrame) -> list[datetime]:
    if ways.is_empty():
        return []
    return pl.datetime_range(ways["at"].min(), ways["at"].max(), _EVERY, eager=True).to_list()  # pyright: ignore


def _write(path: Path, text: str) -> None:
    """All of the file, or none of it."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written ({e.strerror}); choose another file with --out") from e


def _say(realm: str, tables: dict[str, Any], language: str) -> None:
    def word(code: str, **values: Any) -> str:
        return render(f"evaluate.{code}", values, language)

    def figure(row: dict[str, Any], name: str, digits: int) -> str:
        if row[name] is None:
            return "–"
        few = f" ({word('few')})" if row[f"{name}_few"] else ""
        return f"{row[name]:.{digits}f} \\[{row[f'{name}_low']:.{digits}f}, {row[f'{name}_high']:.{digits}f}]{few}"

    console = Console(width=None if sys.stdout.isatty() else 170)  # a file or a pipe has no width
    console.print(word("exercise" if is_drill(realm) else "realm", realm=realm), highlight=False)
    shown = Shown(box=box.SIMPLE)
    for code in ("kind", *_COUNTS, "precision", "recall", "alarms", "brier"):
        shown.add_column(word(code), justify="left" if code == "kind" else "right")
    brier = {r["kind"]: f"{r['brier']:.3f} ({r['base_rate']:.2f})" for r in tables["calibration"].to_dicts()}
    for row in tables["scores"].to_dicts():
        figures = (figure(row, "precision", 2), figure(row, "recall", 2), figure(row, "false_per_1000_vessel_days", 1))
        shown.add_row(render(f"kind.{row['kind']}", {}, language), *(f"{row[c]:,}" for c in _COUNTS), *figures, brier.get(row["kind"], "–"))
    console.print(shown)
    print(word("note", few=FEW))
    if tables["delays"] is None:
        print(word("no_delay"))
    else:
        for row in tables["delays"].filter(pl.col("since") == "onset", pl.col("n") > 0).to_dicts():
            named = {"kind": render(f"kind.{row['kind']}", {}, language), "n": row["n"]}
            median_s = row["median_s"]
            print(word("delay_unreached", **named) if median_s is None else word("delay", **named, median_min=median_s / 60))
    if tables["picture"] is not None:
        row = {k: "–" if v is None else f"{v:.2f}" for k, v in tables["picture"].row(0, named=True).items()}
        shares = {k: row[k] for k in ("completeness", "ambiguity", "spuriousness")}
        switches = str(tables["picture"]["id_switches"][0])
        print(word("picture", **shares, error=row["position_error_m"], gospa=row["gospa_m"], switches=switches))
