"""tables of a watch -> one HTML page that opens offline, asks nobody for anything and shows where each claim comes from."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from seaward.chart.areas import Areas
from seaward.core.catalogue import catalogue, render
from seaward.core.realm import is_drill
from seaward.report import words
from seaward.report.drawing import MAX_POINTS, Drawing, draw
from seaward.report.refused import refused

MAX_EVENTS = 1_500
MAX_EVIDENCE = 30
KINDS = ("area", "gap", "encounter", "fishing", "loitering", "drift", "identity")  # in the order of the legend; others follow


def render_report(
    positions: pl.DataFrame, events: pl.DataFrame, vessels: pl.DataFrame, rejected: pl.DataFrame, summary: dict[str, Any], language: str,
    max_points: int = MAX_POINTS, areas: Areas | None = None,
) -> str:  # fmt: skip
    """Write the report of a watch.

    Parameters
    ----------
    positions, events, vessels, rejected
        Tables of `core.tables`; positions may be a sample (`summary["tables"]` holds the true counts).
    summary
        As in summary.json: realm, as_of, inputs, events_by_kind, message_types, tables, parameters, left_out.
    language
        `en` or `es`.
    max_points
        Points of tracks drawn at most; the page says how many were left out, and how far from the line they may lie.
    areas
        Drawn with their names.

    Returns
    -------
    HTML, complete in itself: no request leaves the page, and its content policy forbids any.

    Raises
    ------
    RealmError
        If the summary has no realm or a malformed one.

    Limits
    ------
    Lists 1,500 events, the first of each kind, and 30 reports of evidence of each; the tables hold the rest. About 5 MB for 20 million positions.
    """
    drill = is_drill(summary["realm"])
    drawing = draw(positions, events, vessels, max_points, areas)
    listed = _events(_chosen(events), vessels, drawing, language)
    counts = dict(events["kind"].value_counts().iter_rows()) if len(events) else {}
    kinds = [k for k in dict.fromkeys([*KINDS, *sorted(counts)]) if k in counts or k in summary.get("events_by_kind", {})]
    css, js = _own("report.css"), _own("map.js")
    data = drawing.data | {
        "events": [e["drawn"] for e in listed], "drill": render("report.drill", {}, language) if drill else "", "language": language,
        "nm": render("report.nm", {}, language),
    }  # fmt: skip

    def t(code: str, **values: Any) -> str:
        return render(code, values, language)

    return _template().render(
        t=t, language=language, drill=drill, drill_id=summary["realm"].partition(":")[2], other_language="en" if language == "es" else "es",
        drill_other=render("report.drill", {}, "en" if language == "es" else "es"), css=Markup(css), js=Markup(js),
        policy=f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(js)}'; base-uri 'none'; form-action 'none'",
        data=Markup(_json_in_html(data)), summary=summary, events=listed, kinds=[(k, _kind(k, language), counts.get(k, 0)) for k in kinds],
        explain={k: catalogue(language).get(f"explain.{k}", "") for k in kinds}, known_kinds=KINDS, notes=_notes(drawing, summary, events, language),
        as_of=_moment(summary.get("as_of")), period=_period(positions), number=lambda n: words.number(int(n), language), shown=words.shown,
        refused=refused(rejected, language), rejected_total=summary.get("tables", {}).get("rejected", len(rejected)),
        left_out=[(catalogue(language).get(f"report.left_out.{k}", k), n) for k, n in summary.get("left_out", {}).items() if n],
    )  # fmt: skip


def _chosen(events: pl.DataFrame) -> pl.DataFrame:
    """The events to list, by start; where there are too many, the first of each kind, so that a frequent kind hides no rare one."""
    order = ["start_at", "kind", "event_id"]
    turn = pl.int_range(pl.len()).over("kind")
    return events.sort(order).with_columns(_turn=turn).sort("_turn", *order).head(MAX_EVENTS).sort(order).drop("_turn")


def _events(events: pl.DataFrame, vessels: pl.DataFrame, drawing: Drawing, language: str) -> list[dict[str, Any]]:
    """Events in plain words."""
    who = {v["vessel_id"]: v for v in vessels.select("vessel_id", "mmsi", "name").iter_rows(named=True)}
    listed = []
    for n, row in enumerate(events.with_columns(pl.col("state").cast(pl.String)).iter_rows(named=True)):
        ids = row["vessel_ids"]
        concerned = [who.get(i) or {"vessel_id": i, "mmsi": None, "name": None} for i in ids]
        x = drawing.data["mid"] + (row["lon_deg"] - drawing.data["mid"] + 180.0) % 360.0 - 180.0
        start_s, end_s = (round(row[c].timestamp()) - drawing.data["t0"] for c in ("start_at", "end_at"))
        listed.append({
            "number": n, "kind": row["kind"], "kind_text": _kind(row["kind"], language), "state": row["state"], "id": row["event_id"],
            "version": row["version"], "start": words.moment(row["start_at"]), "end": words.moment(row["end_at"]),
            "duration": words.duration((row["end_at"] - row["start_at"]).total_seconds()), "method": words.shown(row["method"]),
            "position": words.position(row["lon_deg"], row["lat_deg"], language), "areas": [words.shown(a) for a in row["areas"] or []],
            "probability": None if row["probability"] is None else words.spoken(f"{row['probability']:.2f}", language),
            "vessels": [{"name": words.shown(v["name"] or "", 40), "id": words.shown(v["vessel_id"].removeprefix("mmsi:"), 40)} for v in concerned],
            "reasons": [_reason(r, language) for r in row["reasons"] or []], "evidence": (row["evidence"] or [])[:MAX_EVIDENCE],
            "evidence_count": len(row["evidence"] or []),
            "drawn": [row["kind"], round(x, 5), round(row["lat_deg"], 5), start_s, end_s,
                      [drawing.vessel_of[i] for i in ids if i in drawing.vessel_of]],
        })  # fmt: skip
    return listed


def _reason(reason: dict[str, Any], language: str) -> str:
    return words.spoken(render(reason["code"], {v["name"]: v["value"] for v in reason["values"] or []}, language), language)


def _kind(kind: str, language: str) -> str:
    return catalogue(language).get(f"kind.{kind}", words.shown(kind, 40))


def _notes(drawing: Drawing, summary: dict[str, Any], events: pl.DataFrame, language: str) -> list[str]:
    """What the page leaves out, said on the page."""

    def n(value: float) -> str:
        return words.number(round(value), language)

    total = max(summary.get("tables", {}).get("positions", 0), drawing.positions)
    notes = []
    if drawing.points < total:
        notes.append(render("report.thinned", {"shown": n(drawing.points), "total": n(total), "tolerance_m": n(drawing.tolerance_m)}, language))
    if drawing.positions < total:
        notes.append(render("report.sampled", {"given": n(drawing.positions), "total": n(total)}, language))
    if drawing.tracks_left_out:
        notes.append(render("report.tracks_left_out", {"left_out": n(drawing.tracks_left_out), "total": n(drawing.tracks)}, language))
    if len(events) > MAX_EVENTS:
        notes.append(render("report.events_left_out", {"shown": n(MAX_EVENTS), "total": n(len(events))}, language))
    return notes


def _moment(text: str | None) -> str:
    return words.moment(datetime.fromisoformat(text)) if text else ""


def _period(positions: pl.DataFrame) -> tuple[str, str] | None:
    if positions.is_empty():
        return None
    first, last = positions["at"].min(), positions["at"].max()
    return (words.moment(first), words.moment(last)) if isinstance(first, datetime) and isinstance(last, datetime) else None


def _json_in_html(data: object) -> str:
    """JSON that cannot end its script element or start another."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _own(name: str) -> str:
    return files("seaward.report").joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(_own("report.html.j2"))
