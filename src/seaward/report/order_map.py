"""The order of an asset -> its chart: the way of each sortie, where it searches, its waypoints by name, a scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from seaward.core.catalogue import render
from seaward.report.figure import Figure
from seaward.report.mercator import WIDTH_PX, Frame, land, net, unwrapped
from seaward.report.plan_map import STROKES
from seaward.report.words import spoken

LOW_PX, HIGH_PX = 380, 560
_KEY_PX = 26
_DOT = "M2.4 0A2.4 2.4 0 1 1-2.4 0A2.4 2.4 0 1 1 2.4 0Z"
_SEARCH = "M6 0A6 6 0 1 1-6 0A6 6 0 1 1 6 0Z"
_BASE = "M-5-5H5V5H-5Z"
_SCALES_NM = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_MOST_NAMES = 60
_LEAST_PX = 26.0  # between names


def order_chart(order: dict[str, Any], language: str, mark: str) -> str:
    """The chart of an order.

    Parameters
    ----------
    order
        Its sorties and their points.
    mark
        Words across the chart.

    Returns
    -------
    SVG. A name that would lie on another is left out: the table has them all.
    """
    sorties = order["sorties"]
    every = [p for s in sorties for p in s["points"]]
    lon, lat = (np.array([p[k] for p in every], np.float64) for k in ("lon_deg", "lat_deg"))
    frame = Frame(lon, lat, LOW_PX, HIGH_PX)
    figure = Figure(WIDTH_PX, frame.height + _KEY_PX, render("order.chart", {}, language))
    figure.rect(0, 0, WIDTH_PX, frame.height, "f-sea")
    land(figure, frame)
    net(figure, frame, language)
    figure.text(WIDTH_PX / 2, frame.height / 2, mark, "f-water", "middle")
    drawn: list[tuple[float, float]] = []
    for n, s in enumerate(sorties):
        line = unwrapped(frame, [[p["lon_deg"], p["lat_deg"]] for p in s["points"]])
        figure.line(line, f"f-leg f-leg{n % STROKES}")
        for (x, y), p in zip(line, s["points"], strict=True):
            if p["task"] == "search":
                figure.shape(_SEARCH, x, y, "f-proof")
            figure.shape(_BASE if p["task"] == "port" else _DOT, x, y, "f-fix")
            apart = all(abs(x - a) > 2 * _LEAST_PX or abs(y - b) > _LEAST_PX / 2 for a, b in drawn)
            if p["task"] != "transit" and apart and len(drawn) < _MOST_NAMES:
                drawn.append((x, y))
                said = p["name"] if len(sorties) == 1 or p["task"] == "port" else f"{s['number']}-{p['name']}"
                figure.text(x + 8, y - 5, said, "f-letter")
    figure.rect(0, frame.height, WIDTH_PX, _KEY_PX, "f-back")
    for n, s in enumerate(sorties[:STROKES]):
        x, y = 10 + n * 100, frame.height + 0.6 * _KEY_PX
        figure.line([(x, y), (x + 22, y)], f"f-leg f-leg{n}")
        figure.text(x + 27, y + 4, render("order.sortie_key", {"n": s["number"]}, language))
    nm = next((s for s in _SCALES_NM if s * frame.nm_px >= 60), _SCALES_NM[-1])
    length, x, y = nm * frame.nm_px, WIDTH_PX - 8, frame.height + 0.8 * _KEY_PX
    figure.line([(x - length, y - 5), (x - length, y), (x, y), (x, y - 5)], "f-scale")
    figure.text(x - length / 2, y - 6, render("evidence.map.scale", {"nm": spoken(f"{nm:g}", language)}, language), "f-text", "middle")
    figure.rect(0, 0, WIDTH_PX, frame.height, "f-frame")
    return str(figure)
