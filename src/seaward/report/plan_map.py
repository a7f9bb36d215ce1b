"""Risk and legs of a plan -> one chart with the coast that comes along."""

from __future__ import annotations

from typing import Any

import numpy as np

from seaward.core.catalogue import render
from seaward.report.figure import Figure
from seaward.report.mercator import WIDTH_PX, Frame, land, net, unwrapped
from seaward.report.words import shown

LOW_PX, HEIGHT_PX = 380, 760
STROKES = 8  # looks of lines, before they come again
_SHADES = 5
_KEY_PX = 24
_DIAMOND = "M0-7 7 0 0 7-7 0Z"


def plan_chart(made: dict[str, Any], language: str, mark: str) -> str:
    """The chart of a plan.

    Parameters
    ----------
    made
        As in plan.json: its risk, legs and answer.
    mark
        Words across the chart.

    Returns
    -------
    SVG: cells the darker the more acts are thought to be there, hatched where nobody has looked; a line for each asset.
    """
    cells = made["risk"]
    corners = [(c["west"] + d, c["south"] + e) for c in cells for d, e in ((0, 0), (c["side"], c["side"]))]
    points = [tuple(p) for leg in made["legs"] for p in leg["way"]]
    lon, lat = np.array([*corners, *points], np.float64).T
    frame = Frame(lon, lat, LOW_PX, HEIGHT_PX)
    figure = Figure(WIDTH_PX, frame.height + 2 * _KEY_PX, render("plan.page.map", {}, language))
    figure.rect(0, 0, WIDTH_PX, frame.height, "f-sea")
    most = max((c["acts"] for c in cells), default=0.0)
    for c in cells:
        x0, y0 = frame.at(c["west"], c["south"])
        side = frame.along(0.0, c["south"])[0]
        wide = frame.along(c["side"], c["south"])[0] - side
        y1 = frame.at(c["west"], c["south"] + c["side"])[1]
        shade = min(_SHADES, 1 + int(_SHADES * c["acts"] / most)) if most > 0 and c["acts"] > 0 else 0
        figure.rect(x0, y1, wide, y0 - y1, f"f-risk f-risk{shade}")
        if not c["is_known"]:
            figure.line([(x0, y0), (x0 + wide, y1)], "f-unknown")
    land(figure, frame)
    net(figure, frame, language)
    figure.text(WIDTH_PX / 2, frame.height / 2, mark, "f-water", "middle")
    names = list(dict.fromkeys(leg["asset"] for leg in made["legs"]))
    for n, name in enumerate(names):
        way = [p for leg in made["legs"] if leg["asset"] == name for p in leg["way"]]
        line = unwrapped(frame, way)
        figure.line(line, f"f-leg f-leg{n % STROKES}")
    for m in made.get("answer", {}).get("meetings", []):
        x, y = frame.at(m["lon_deg"], m["lat_deg"])
        figure.shape(_DIAMOND, x, y, "f-miss")
        figure.text(x + 10, y + 4, shown(m["target"], 24), "f-red")
    figure.rect(0, frame.height, WIDTH_PX, 2 * _KEY_PX, "f-back")
    for n, name in enumerate(names[: 2 * STROKES]):
        x, y = 10 + n % STROKES * WIDTH_PX / STROKES, frame.height + (n // STROKES + 0.6) * _KEY_PX
        figure.line([(x, y), (x + 22, y)], f"f-leg f-leg{n % STROKES}")
        figure.text(x + 27, y + 4, shown(name, 14))
    figure.rect(0, 0, WIDTH_PX, frame.height, "f-frame")
    return str(figure)
