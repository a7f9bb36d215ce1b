"""tracks, truths and events of a drill -> one chart with the coast that comes along."""

from __future__ import annotations

from typing import Any

import numpy as np

from seaward.core.catalogue import render
from seaward.report.figure import Figure
from seaward.report.mercator import WIDTH_PX, Frame, land, net, unwrapped
from seaward.report.review_words import kind_named
from seaward.report.symbols import KINDS, SYMBOLS
from seaward.report.words import shown

MAX_LABELS = 60  # numbers beside symbols: more hide each other
MAX_NAMES = 24
MAX_FALSE = 200
_LOW_PX, _HIGH_PX = 380, 460  # with its key and its title it stands on one landscape page of A4
_KEY_COLUMNS, _KEY_PX = 4, 24
_RING = "M9 0A9 9 0 1 1-9 0A9 9 0 1 1 9 0Z"
_CROSS = "M-9-9 9 9M9-9-9 9"


def chart(review: dict[str, Any], truths: list[dict[str, Any]], false: list[dict[str, Any]], language: str, mark: str) -> str:
    """The chart of a drill; nothing where no place is known.

    Parameters
    ----------
    review
        As in review.json: its tracks.
    truths
        With their `number` and `is_missed`; the first have their numbers beside them.
    false
        Events that match no truth.
    mark
        Words across the chart.

    Limits
    ------
    Numbers beside 60 truths, names beside 24 tracks, 200 false events at most: more hide each other.
    """
    tracks = [t for t in review.get("tracks") or [] if len(t.get("points") or [])]
    placed = [t for t in [*truths, *false[:MAX_FALSE]] if t.get("lon_deg") is not None and t.get("lat_deg") is not None]
    lon = np.array([p[0] for t in tracks for p in t["points"]] + [t["lon_deg"] for t in placed], np.float64)
    lat = np.array([p[1] for t in tracks for p in t["points"]] + [t["lat_deg"] for t in placed], np.float64)
    if not len(lon):
        return ""
    frame = Frame(lon, lat, _LOW_PX, _HIGH_PX)
    kinds = [k for k in (*KINDS, "other") if any((t["kind"] if t["kind"] in SYMBOLS else "other") == k for t in placed)]
    rows = -(-len(kinds) // _KEY_COLUMNS)
    figure = Figure(WIDTH_PX, frame.height + rows * _KEY_PX, render("review.map", {}, language))
    figure.rect(0, 0, WIDTH_PX, frame.height, "f-sea")
    land(figure, frame)
    net(figure, frame, language)
    figure.text(WIDTH_PX / 2, frame.height / 2, mark, "f-water", "middle")
    for n, track in enumerate(tracks):
        line = unwrapped(frame, track["points"])
        figure.line(line, "f-track")
        if n < MAX_NAMES:
            figure.text(line[0][0] + 4, line[0][1] - 4, shown(track["actor"], 24), "f-soft")
    for event in (e for e in placed if "number" not in e):
        figure.shape(_RING, *frame.at(event["lon_deg"], event["lat_deg"]), "f-doubt")
        figure.symbol(event["kind"], *frame.at(event["lon_deg"], event["lat_deg"]))
    for n, truth in enumerate(t for t in placed if "number" in t):
        x, y = frame.at(truth["lon_deg"], truth["lat_deg"])
        figure.symbol(truth["kind"], x, y)
        if truth["is_missed"]:
            figure.shape(_CROSS, x, y, "f-miss")
        if n < MAX_LABELS:
            figure.text(x + 11, y + 4, truth["number"], "f-red" if truth["is_missed"] else "f-bold")
    figure.rect(0, frame.height, WIDTH_PX, rows * _KEY_PX, "f-back")  # over what lies south of the chart
    for n, kind in enumerate(kinds):
        x, y = 14 + n % _KEY_COLUMNS * WIDTH_PX / _KEY_COLUMNS, frame.height + (n // _KEY_COLUMNS + 0.6) * _KEY_PX
        figure.symbol(kind, x, y)
        figure.text(x + 13, y + 4, kind_named(kind, language) if kind != "other" else render("review.other_kind", {}, language))
    figure.rect(0, 0, WIDTH_PX, frame.height, "f-frame")
    return str(figure)
