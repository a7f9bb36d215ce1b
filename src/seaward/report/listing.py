"""events -> columns of small numbers with tables of what they stand for: 50,000 of them fit in a page."""

from __future__ import annotations

from typing import Any

import polars as pl

from seaward.chart.places import Places
from seaward.core.catalogue import catalogue
from seaward.report import words
from seaward.report.drawing import STEP_DEG, Drawing
from seaward.report.texts import parts, places, rounded, said
from seaward.report.whereabouts import whereabouts

MAX_EVENTS = 50_000  # some 12 MB of a page
MAX_ROWS = 1_000  # of the table that is printed, and read where no script runs
MAX_EVIDENCE = 30
MAX_EVIDENCE_ALL = 200_000  # of a page, some 3 MB
MAX_VESSELS = 12  # of one event
MAX_AREAS = 12
_ORDER = ("start_at", "kind", "event_id")


class Number:
    """Different things in the order in which they came, each with its number."""

    def __init__(self) -> None:
        self.of: dict[Any, int] = {}

    def __call__(self, thing: Any) -> int:
        return self.of.setdefault(thing, len(self.of))


def chosen(events: pl.DataFrame, most: int) -> pl.DataFrame:
    """The events to list, by start; where there are too many, the first of each kind, so that a frequent kind hides no rare one."""
    turn = pl.int_range(pl.len()).over("kind")
    return events.sort(_ORDER).with_columns(_turn=turn).sort("_turn", *_ORDER).head(most).sort(_ORDER).drop("_turn")


def evidence_each(events: int) -> int:
    """How many reports of evidence are listed for one of so many events."""
    return max(1, min(MAX_EVIDENCE, MAX_EVIDENCE_ALL // max(1, events)))


def percent(chance: float) -> int:
    """A chance as a whole number [%]; only certainty is 0 or 100."""
    return round(100 * chance) if chance in (0.0, 1.0) else min(99, max(1, round(100 * chance)))


def listing(events: pl.DataFrame, vessels: pl.DataFrame, drawing: Drawing, language: str, ports: Places | None = None) -> dict[str, Any]:
    """Events as columns.

    Parameters
    ----------
    events
        Those to list, in order.
    vessels
        Table of `core.tables`: their names.
    drawing
        Its middle, its first moment and its numbers of vessels.
    language
        `en` or `es`.
    ports
        Those the user gave.

    Returns
    -------
    JSON-ready: `who` (name, number, number in the drawing or -1), `areas_named`, `methods`, `feeds`, `kinds`, `states`, `texts` (parts), and
    `events`, whose columns hold indices of these, `near` (words), `x` and `lat` [steps], `start` and `end` [s after the first moment], `chance` [%],
    `why` (text, values) and `evidence` (feed, offset, length).
    """
    each = evidence_each(len(events))
    known = {v: (name, number) for v, name, number in vessels.select("vessel_id", "name", "mmsi").iter_rows()}
    who, areas, methods, feeds, kinds, states, texts = (Number() for _ in range(7))
    mid, t0 = drawing.data["mid"], drawing.data["t0"]
    columns: dict[str, list[Any]] = {c: [] for c in (
        "near",
        "id", "version", "kind", "state", "start", "end", "x", "lat", "who", "whole", "chance", "areas", "method", "why", "evidence", "reports",
    )}  # fmt: skip
    rows = events.select(
        "event_id", "version", "kind", pl.col("state").cast(pl.String), *(pl.col(c).dt.epoch("s") for c in ("start_at", "end_at")), "vessel_ids",
        "lon_deg", "lat_deg", "probability", pl.col("areas").list.head(MAX_AREAS), "reasons", "method", pl.col("evidence").list.head(each),
        pl.col("evidence").list.len().alias("reports"),
    )  # fmt: skip
    near = whereabouts(events, ports, language)
    for n, row_of in enumerate(rows.iter_rows()):
        event_id, version, kind, state, start, end, ids, lon, lat, chance, within, reasons, method, evidence, reports = row_of
        why = []
        for reason in reasons or []:
            values = reason["values"] or []
            key = (reason["code"], tuple(v["name"] for v in values))
            why.append([texts(key), *rounded(parts(*key, language), [v["value"] for v in values])])
        row = (
            near[n], words.shown(event_id, 64), version, kinds(kind), states(state), start - t0, end - t0,
            round((mid + (lon - mid + 180.0) % 360.0 - 180.0) / STEP_DEG), round(lat / STEP_DEG), [who(i) for i in ids[:MAX_VESSELS]], len(ids),
            None if chance is None else percent(chance), [areas(a) for a in within or []], methods(method), why,
            [v for e in evidence or [] for v in (feeds(e["feed"]), e["raw_offset"], e["raw_length"])], reports or 0,
        )  # fmt: skip
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    return {
        "events": columns,
        "who": [[words.shown((known.get(v) or ("", 0))[0] or "", 40), words.shown(v.removeprefix("mmsi:"), 40), drawing.vessel_of.get(v, -1)]
                for v in who.of],
        "areas_named": [words.shown(a, 60) for a in areas.of], "methods": [words.shown(m, 60) for m in methods.of],
        "feeds": [words.shown(f, 80) for f in feeds.of], "kinds": [[words.shown(k, 40), named(k, language)] for k in kinds.of],
        "states": list(states.of), "texts": [places(parts(*key, language)) for key in texts.of],
    }  # fmt: skip


def table(events: pl.DataFrame, vessels: pl.DataFrame, language: str, ports: Places | None = None) -> list[dict[str, Any]]:
    """Events in words, one row each."""
    name_of = dict(vessels.select("vessel_id", "name").iter_rows())
    rows = []
    near = iter(whereabouts(events, ports, language))
    for row in events.with_columns(pl.col("state").cast(pl.String), reports=pl.col("evidence").list.len()).with_columns(
        pl.col("evidence").list.head(1)).iter_rows(named=True):  # fmt: skip
        start, end = words.moment(row["start_at"]), words.moment(row["end_at"])
        evidence = [f"{words.shown(e['feed'], 80)}: {e['raw_offset']}" for e in row["evidence"] or []]
        rows.append({
            "kind": named(row["kind"], language), "state": row["state"], "start": start, "end": end[11:] if end[:10] == start[:10] else end,
            "duration": words.duration((row["end_at"] - row["start_at"]).total_seconds()),
            "position": words.position(row["lon_deg"], row["lat_deg"], language), "near": next(near),
            "areas": [words.shown(a, 60) for a in (row["areas"] or [])[:MAX_AREAS]],
            "who": [(words.shown(name_of.get(v) or "", 40), words.shown(v.removeprefix("mmsi:"), 40)) for v in row["vessel_ids"][:MAX_VESSELS]],
            "more": max(0, len(row["vessel_ids"]) - MAX_VESSELS),
            "chance": None if row["probability"] is None else f"{percent(row['probability'])}\u00a0%",
            "why": [_reason(r, language) for r in row["reasons"] or []], "reports": row["reports"] or 0, "evidence": evidence,
            "id": words.shown(row["event_id"], 64), "version": row["version"], "method": words.shown(row["method"], 60),
        })  # fmt: skip
    return rows


def _reason(reason: dict[str, Any], language: str) -> str:
    values = reason["values"] or []
    of = parts(reason["code"], tuple(v["name"] for v in values), language)
    return said(of, rounded(of, [v["value"] for v in values]), language)


def named(kind: str, language: str) -> str:
    """A kind in words."""
    return catalogue(language).get(f"kind.{kind}", words.shown(kind, 40))
