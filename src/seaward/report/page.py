"""tables of a watch -> one HTML page that opens offline, asks nobody for anything and shows where each claim comes from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
from markupsafe import Markup

from seaward.chart.areas import Areas
from seaward.chart.places import Places
from seaward.core.catalogue import catalogue, render
from seaward.core.mended import mended_lines
from seaward.core.realm import is_drill
from seaward.report import words
from seaward.report.document import json_in_html, other, own, policy, template
from seaward.report.drawing import MAX_POINTS, Drawing, draw
from seaward.report.listing import MAX_EVENTS, MAX_EVIDENCE, MAX_ROWS, chosen, evidence_each, listing, named, table
from seaward.report.reception import cells
from seaward.report.refused import refused
from seaward.report.symbols import KINDS, ROUTINE, SYMBOLS

SCRIPTS = ("data", "map", "layers", "plot", "pointer", "list", "timeline", "start")  # one script, in this order
_WORDS = (
    "until", "probability", "go", "why", "no_name", "evidence", "evidence_note", "evidence_more", "offset", "length", "event_id", "version", "method",
    "state.open", "state.revised", "state.withdrawn", "plot", "heard", "many", "more", "most", "period_wrong", "period_form", "printed",
)  # fmt: skip


def render_report(
    positions: pl.DataFrame, events: pl.DataFrame, vessels: pl.DataFrame, rejected: pl.DataFrame, summary: dict[str, Any], language: str,
    max_points: int = MAX_POINTS, areas: Areas | None = None, reception: pl.DataFrame | None = None,
    places: Places | None = None,
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
    reception
        Table of `core.tables`: a layer of the map that can be switched on.
    places
        Ports the user gave: drawn where they are near the data, 3,000 at most; events say where they are by these,
        within 50 nm of one before the towns that come along.

    Returns
    -------
    HTML, complete in itself: no request leaves the page, and its content policy forbids any.

    Raises
    ------
    RealmError
        If the summary has no realm or a malformed one.

    Limits
    ------
    Lists 50,000 events, the first of each kind; 30 reports of evidence of each, fewer where there are more than some 6,000 events; prints 1,000 rows.
    The tables hold the rest.
    """
    drill = is_drill(summary["realm"])
    drawing = draw(positions, events, vessels, max_points, areas, places)
    counts = dict(events["kind"].value_counts().iter_rows()) if len(events) else {}
    kinds = [k for k in dict.fromkeys([*KINDS, *sorted(counts)]) if k in counts or k in summary.get("events_by_kind", {})]
    css, js = own("report.css"), "\n".join(own(f"{name}.js") for name in SCRIPTS)
    shown = chosen(events, MAX_EVENTS)
    heard = cells(reception)
    data = drawing.data | listing(shown, vessels, drawing, language, places) | {
        "symbols": SYMBOLS, "reception": heard, "drill": render("report.drill", {}, language) if drill else "", "language": language,
        "nm": render("report.nm", {}, language), "words": {w: catalogue(language)[f"report.{w}"] for w in _WORDS}, "rows": MAX_ROWS,
    }  # fmt: skip

    def t(code: str, **values: Any) -> str:
        return render(code, values, language)

    return template("report.html.j2").render(
        t=t, language=language, drill=drill, drill_id=summary["realm"].partition(":")[2], other_language=other(language),
        drill_other=render("report.drill", {}, other(language)), css=Markup(css), js=Markup(js),
        policy=policy(css, js),
        data=Markup(json_in_html(data)), summary=summary, events=len(shown), rows=table(chosen(shown, MAX_ROWS), vessels, language, places),
        kinds=[(k, named(k, language), counts.get(k, 0)) for k in kinds], symbols=SYMBOLS, routine=_routine(counts),
        areas=bool(drawing.data["areas"]), ports=bool(drawing.data["ports"]), reception=bool(heard),
        explain={k: catalogue(language).get(f"explain.{k}", "") for k in kinds}, notes=_notes(drawing, summary, events, language),
        as_of=_moment(summary.get("as_of")), period=_period(positions), number=lambda n: words.number(int(n), language), shown=words.shown,
        refused=refused(rejected, language), rejected_total=summary.get("tables", {}).get("rejected", len(rejected)),
        left_out=[(catalogue(language).get(f"report.left_out.{k}", k), n) for k, n in summary.get("left_out", {}).items() if n],
        candidates_left_out=[
            (f"{render(f'kind.{kind}', {}, language)}: {render(f'left_out.{why}', {}, language)}", n)
            for kind, reasons in summary.get("events_left_out", {}).items() for why, n in reasons.items()
        ],
    )  # fmt: skip


def _routine(counts: dict[str, int]) -> tuple[str, ...]:
    """Kinds that are not shown until asked for, so that they bury no other."""
    return tuple(k for k in ROUTINE if counts.get(k)) if any(n and k not in ROUTINE for k, n in counts.items()) else ()


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
    each = evidence_each(min(len(events), MAX_EVENTS))
    if each < MAX_EVIDENCE:
        notes.append(render("report.evidence_limited", {"each": n(each)}, language))
    return notes + [words.shown(line, 300) for line in mended_lines(summary.get("given", []), language)]


def _moment(text: str | None) -> str:
    return words.moment(datetime.fromisoformat(text)) if text else ""


def _period(positions: pl.DataFrame) -> tuple[str, str] | None:
    if positions.is_empty():
        return None
    first, last = positions["at"].min(), positions["at"].max()
    return (words.moment(first), words.moment(last)) if isinstance(first, datetime) and isinstance(last, datetime) else None
