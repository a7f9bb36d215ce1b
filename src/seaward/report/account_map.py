"""The positions of an event -> its chart: ways and reports of the vessels, borders of areas, where the event stands, a scale."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely

from seaward.core.catalogue import render
from seaward.core.units import HOUR_S, US_PER_S
from seaward.report.account_tables import around
from seaward.report.figure import Figure, Point, alone
from seaward.report.mercator import Frame, land, net, unwrapped
from seaward.report.words import shown, spoken

if TYPE_CHECKING:
    from seaward.report.account import Account

_WIDTH_PX, _LOW_PX, _HIGH_PX = 700, 380, 560  # on A4 upright its letters are as large as those of the text
_KEY_PX = 26
_SILENT_US = int(HOUR_S) * US_PER_S
_MAX_FIXES, _MAX_NAMES, _MAX_AREA_NAMES = 1_500, 12, 6
_SCALES_NM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)
_DOT = "M2 0A2 2 0 1 1-2 0A2 2 0 1 1 2 0Z"
_PROOF = "M4 0A4 4 0 1 1-4 0A4 4 0 1 1 4 0Z"


def account_map(account: Account, language: str, *, alone_in_file: bool = False) -> str:
    """Draw the chart of an event.

    Parameters
    ----------
    account
        Positions, event, areas, detections.
    language
        `en` or `es`.
    alone_in_file
        With its own style, for readers that know nothing of a page.

    Limits
    ------
    Of many reports 1,500 are drawn as dots, spread over time; 12 vessels and 6 areas are named. The coast is that of 1:10 million.
    """
    event = account.event
    rows = _near(account)
    lon = np.append(rows["lon_deg"].to_numpy(), float(event["lon_deg"]))
    lat = np.append(rows["lat_deg"].to_numpy(), float(event["lat_deg"]))
    frame = Frame(lon, lat, _LOW_PX, _HIGH_PX, _WIDTH_PX)
    figure = Figure(_WIDTH_PX, frame.height + 2 * _KEY_PX, render("evidence.map", {}, language))
    figure.rect(0, 0, _WIDTH_PX, frame.height, "f-sea")
    land(figure, frame)
    _borders(figure, frame, account)
    net(figure, frame, language)
    if account.is_drill:
        figure.text(_WIDTH_PX / 2, frame.height / 2, render("report.drill", {}, language), "f-water", "middle")
    for n, ((vessel,), part) in enumerate(rows.group_by("vessel_id", maintain_order=True)):
        _way(figure, frame, part, _called(str(vessel), account.vessels) if n < _MAX_NAMES else "")
    step = max(1, -(-len(rows) // _MAX_FIXES))
    for x, y in unwrapped(frame, rows[::step].select("lon_deg", "lat_deg").rows()) if len(rows) else []:  # type: ignore[arg-type]
        figure.shape(_DOT, x, y, "f-fix")
    named = {(e["feed"], e["raw_offset"]) for e in event["evidence"]}
    for row in rows.iter_rows(named=True):
        if (row["feed"], row["raw_offset"]) in named:
            figure.shape(_PROOF, *frame.at(row["lon_deg"], row["lat_deg"]), "f-proof")
    figure.symbol(event["kind"], *frame.at(event["lon_deg"], event["lat_deg"]))
    figure.rect(0, frame.height, _WIDTH_PX, 2 * _KEY_PX, "f-back")
    _key(figure, frame.height, account, language)
    _scale(figure, frame, language)
    figure.rect(0, 0, _WIDTH_PX, frame.height, "f-frame")
    return alone(str(figure)) if alone_in_file else str(figure)


def _near(account: Account) -> pl.DataFrame:
    """Positions about the time of the event; those it names always."""
    event = account.event
    start, end = (datetime.fromisoformat(event[k]) for k in ("start_at", "end_at"))
    more = around(start, end)
    named = pl.struct("feed", "raw_offset").is_in([{"feed": e["feed"], "raw_offset": e["raw_offset"]} for e in event["evidence"]])
    chosen = account.positions.filter(pl.col("at").is_between(start - more, end + more) | named)
    return chosen.with_columns(pl.col("vessel_id").cast(pl.String)).sort("vessel_id", "at", "raw_offset")


def _way(figure: Figure, frame: Frame, part: pl.DataFrame, name: str) -> None:
    """The line of one vessel, dashed where it was silent, and its name where it begins."""
    at, points = part["at"].to_physical().to_numpy(), unwrapped(frame, part.select("lon_deg", "lat_deg").rows())  # type: ignore[arg-type]
    cuts = [0, *(np.flatnonzero(np.diff(at) > _SILENT_US) + 1).tolist(), len(points)]
    for a, b in pairwise(cuts):
        figure.line(points[a:b], "f-track")
        if b < len(points):
            figure.line(points[b - 1 : b + 1], "f-silent")
    if name:
        x, y = points[0]
        right = x > 0.75 * frame.width
        figure.text(x + (-7 if right else 7), min(max(y - 6, 14), frame.height - 6), name, "f-bold", "end" if right else "start")


def _called(vessel_id: str, vessels: pl.DataFrame) -> str:
    found = vessels.filter(pl.col("vessel_id") == vessel_id)["name"].to_list()
    return shown((found[0] if found else None) or vessel_id.removeprefix("mmsi:"), 24)


def _borders(figure: Figure, frame: Frame, account: Account) -> None:
    """The areas of the event, cut to the chart."""
    box = (frame.west, frame.south, frame.east, frame.north)
    for n, area in enumerate(account.areas.areas if account.areas else ()):
        drawn = False
        for turn in (-360.0, 0.0, 360.0):
            shifted = shapely.transform(area.shape.boundary, lambda xy, turn=turn: xy + np.array([turn, 0.0]))
            within = shapely.clip_by_rect(shifted, *box)
            for line in shapely.get_parts(within):
                points = [frame.along(*c) for c in shapely.get_coordinates(line).tolist()]
                if len(points) > 1:
                    figure.line(points, "f-limit")
                    if not drawn and n < _MAX_AREA_NAMES:
                        drawn = True
                        _label(figure, frame, points, shown(area.name, 40))


def _label(figure: Figure, frame: Frame, points: list[Point], name: str) -> None:
    """A name beside the middle of a line, within the chart."""
    x, y = points[len(points) // 2]
    figure.text(min(max(x, 6), frame.width - 160), min(max(y - 5, 16), frame.height - 20), name, "f-soft")


def _scale(figure: Figure, frame: Frame, language: str) -> None:
    """A bar of miles below the chart, at its right, where it hides nothing."""
    nm = next((s for s in _SCALES_NM if s * frame.nm_px >= 60), _SCALES_NM[-1])
    length, x, y = nm * frame.nm_px, frame.width - 8, frame.height + 1.7 * _KEY_PX
    figure.line([(x - length, y - 5), (x - length, y), (x, y), (x, y - 5)], "f-scale")
    figure.text(x - length / 2, y - 6, render("evidence.map.scale", {"nm": spoken(f"{nm:g}", language)}, language), "f-text", "middle")


def _key(figure: Figure, top: float, account: Account, language: str) -> None:
    def word(code: str) -> str:
        return render(f"evidence.map.{code}", {}, language)

    x, y = 14.0, top + 0.65 * _KEY_PX
    figure.symbol(account.event["kind"], x, y)
    figure.text(x + 13, y + 4, word("event"))
    figure.shape(_DOT, x + 140, y, "f-fix")
    figure.text(x + 150, y + 4, word("reports"))
    figure.shape(_PROOF, x + 250, y, "f-proof")
    figure.text(x + 262, y + 4, word("proof"))
    y += _KEY_PX
    figure.line([(x - 6, y), (x + 22, y)], "f-silent")
    figure.text(x + 30, y + 4, word("silent"))
    if account.areas is not None:
        figure.line([(x + 244, y), (x + 272, y)], "f-limit")
        figure.text(x + 282, y + 4, word("area"))
