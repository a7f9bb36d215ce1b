"""picture quality of a cell over time -> small charts, one for each measure."""

from __future__ import annotations

from typing import Any

from seaward.core.catalogue import render
from seaward.report.figure import Figure
from seaward.report.review_lanes import ticks_s
from seaward.report.review_words import at_s, decimal, stamp

WIDTH_PX, HEIGHT_PX = 480, 150
_LEFT_PX, _RIGHT_PX, _TOP_PX, _FOOT_PX = 52, 10, 24, 20
MEASURES = (("completeness",), ("gospa_m",), ("localisation_m",), ("ambiguity",), ("missed", "false"))  # two in one where they are of a kind
_NICE = (1, 2, 2.5, 5, 10)


def plots(picture: list[dict[str, Any]], cell: str, period_s: tuple[float, float], with_date: bool, language: str) -> list[dict[str, str]]:
    """Charts of one cell.

    Parameters
    ----------
    picture
        As in review.json; of this cell those are drawn, by time.
    period_s
        First and last moment drawn [s since 1970].

    Returns
    -------
    `name` of what is measured and the `svg`; a measure that is never known is left out.
    """
    rows = sorted((r for r in picture if r["cell"] == cell), key=lambda r: at_s(r["at"]) or 0.0)
    drawn = []
    for measures in MEASURES:
        lines = [[(at_s(r["at"]), r.get(m)) for r in rows] for m in measures]
        values = [v for line in lines for _, v in line if v is not None]
        if values:
            name = render(f"review.picture.{'_'.join(measures)}", {}, language)
            drawn.append({"name": name, "svg": _plot(lines, values, name, period_s, with_date, language)})
    return drawn


def _plot(
    lines: list[list[tuple[float | None, float | None]]],
    values: list[float],
    name: str,
    period_s: tuple[float, float],
    with_date: bool,
    language: str,
) -> str:
    figure = Figure(WIDTH_PX, HEIGHT_PX, name)
    figure.rect(0, 0, WIDTH_PX, HEIGHT_PX, "f-back")
    figure.text(4, 14, name, "f-bold")
    top = _nice(max(values)) if max(values) > 0 else 1.0
    first_s, last_s = period_s
    wide, tall = WIDTH_PX - _LEFT_PX - _RIGHT_PX, HEIGHT_PX - _TOP_PX - _FOOT_PX

    def at(second: float, value: float) -> tuple[float, float]:
        return _LEFT_PX + wide * (second - first_s) / max(1.0, last_s - first_s), _TOP_PX + tall * (1 - value / top)

    for part in (0.0, 0.5, 1.0):
        _, y = at(first_s, part * top)
        figure.line([(_LEFT_PX, y), (WIDTH_PX - _RIGHT_PX, y)], "f-grid")
        figure.text(_LEFT_PX - 5, y + 4, decimal(part * top, 0 if top >= 4 else 2, language), "f-mono", "end")
    for second in ticks_s(first_s, last_s, 4):
        x, _ = at(second, 0.0)
        figure.line([(x, _TOP_PX), (x, HEIGHT_PX - _FOOT_PX)], "f-grid")
        figure.text(x, HEIGHT_PX - 5, stamp(second, with_date), "f-mono", "middle" if x < WIDTH_PX - 50 else "end")
    for line, kind in zip(lines, ("f-one", "f-two"), strict=False):
        run: list[tuple[float, float]] = []
        for second, value in [*line, (None, None)]:
            if second is None or value is None:  # a moment without a value breaks the line
                figure.line(run, kind)
                if len(run) == 1:
                    figure.shape("M2.5 0A2.5 2.5 0 1 1-2.5 0A2.5 2.5 0 1 1 2.5 0Z", *run[0], "f-dot")
                run = []
            else:
                run.append(at(second, value))
    return str(figure)


def _nice(value: float) -> float:
    """The next round number, to which an axis reaches."""
    power = 1.0
    while value / power > 10:
        power *= 10
    while value / power <= 1:
        power /= 10
    return next((n for n in _NICE if value / power <= n), 10) * power
