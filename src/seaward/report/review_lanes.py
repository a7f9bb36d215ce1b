"""truths and what each cell made of them -> swim lanes: what happened, when sensors could first see it, when it was opened, what followed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from seaward.core.catalogue import render
from seaward.report.figure import Figure, coloured
from seaward.report.review_words import at_s, coded, kind_named, lasting, stamp, who
from seaward.report.words import shown

STAGES = ("onset", "observable", "opened", "acknowledged", "shared", "tasked", "on_scene")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WIDTH_PX = 1_000
_LEFT_PX, _RIGHT_PX, _TOP_PX = 118, 14, 24
_ROW_PX = 17
_LETTER_PX = 7.6  # of a letter in bold, on average and with room to spare
_MOST_PX = 610  # of one figure: a landscape page of A4 holds it at full width
_ABOVE_PX = 140  # of the first: its title and key stand on the same page
_STEPS_S = (60, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000)
_DIAMOND = "M0-6 6 0 0 6-6 0Z"
_CROSS = "M-5-5 5 5M5-5-5 5"
_CIRCLE = "M6 0A6 6 0 1 1-6 0A6 6 0 1 1 6 0Z"


def ticks_s(first_s: float, last_s: float, most: int = 9) -> list[float]:
    """Whole minutes, hours or days between two moments, so many at most."""
    step = next((s for s in _STEPS_S if (last_s - first_s) / s <= most), _STEPS_S[-1])
    start = -(-first_s // step) * step
    return [start + k * step for k in range(int((last_s - start) // step) + 1)]


def lanes(
    truths: list[dict[str, Any]],
    cells: list[str],
    sensors: list[str],
    period_s: tuple[float, float],
    with_date: bool,
    language: str,
    mark: str,
) -> list[str]:
    """Swim lanes, in as many figures as pages need.

    Parameters
    ----------
    truths
        As in review.json, in the order in which they are drawn, each with its `number`.
    cells
        Those that were to find them: a lane each.
    sensors
        In the order of their letters.
    period_s
        First and last moment of the exercise [s since 1970]; lanes reach as far as what they show.
    mark
        Words across each figure.
    """
    block_px = 20 + _ROW_PX * (1 + len(cells)) + 8
    first, each = (max(1, int((px - _TOP_PX) // block_px)) for px in (_MOST_PX - _ABOVE_PX, _MOST_PX))
    drawn = []
    moments = [s for t in truths for s in _moments(t)]
    first_s, last_s = min([period_s[0], *moments]), max([period_s[1], *moments])
    scale = (WIDTH_PX - _LEFT_PX - _RIGHT_PX) / max(1.0, last_s - first_s)

    def x(second: float) -> float:
        return _LEFT_PX + (second - first_s) * scale

    for start, end in pairwise([0, *range(first, len(truths), each), len(truths)] if truths else []):
        rows = truths[start:end]
        figure = Figure(WIDTH_PX, _TOP_PX + block_px * len(rows) + 4, render("review.lanes", {}, language))
        figure.rect(0, 0, WIDTH_PX, figure.height, "f-back")
        for second in ticks_s(first_s, last_s):
            figure.line([(x(second), _TOP_PX - 6), (x(second), figure.height)], "f-grid")
            figure.text(x(second), 13, stamp(second, with_date), "f-mono", "middle" if x(second) < WIDTH_PX - 45 else "end")
        figure.text(WIDTH_PX / 2, figure.height / 2 + 10, mark, "f-water", "middle")
        for n, truth in enumerate(rows):
            _block(figure, truth, cells, sensors, _TOP_PX + n * block_px, x, with_date, language)
        drawn.append(str(figure))
    return drawn


def _block(figure: Figure, truth: dict[str, Any], cells: list[str], sensors: list[str], top: float, x: Any, with_date: bool, language: str) -> None:
    """One truth: its own bar, then a lane for each cell."""
    figure.line([(0, top), (WIDTH_PX, top)], "f-grid")
    heading = f"{truth['number']}  {kind_named(truth['kind'], language)}: {who(truth.get('names') or [], truth.get('actors') or [])}"
    figure.text(4, top + 15, heading, "f-bold")
    y = top + 20
    start, end = at_s(truth["start"]), at_s(truth["end"])
    if start is None or end is None:
        return
    figure.text(4, y + 12, render("review.truth", {}, language), "f-soft")
    figure.rect(x(start), y + 8, max(3.0, x(end) - x(start)), 8, f"f-bar {coloured(truth['kind'])}")
    last_px = -99.0
    for seen, letter in sorted(
        (s, LETTERS[sensors.index(name) % 26]) for name, at in (truth.get("observable") or {}).items() if (s := at_s(at)) is not None
    ):
        figure.line([(x(seen), y + 5), (x(seen), y + 17)], "f-sensor")
        last_px = max(x(seen) + 2, last_px + 7)
        figure.text(last_px, y + 5, letter, "f-letter")
    for k, cell in enumerate(cells):
        _lane(figure, truth, cell, y + _ROW_PX * (k + 1), x, (start, end), with_date, language)


def _lane(figure: Figure, truth: dict[str, Any], cell: str, y: float, x: Any, bar_s: tuple[float, float], with_date: bool, language: str) -> None:
    """What one cell made of one truth."""
    figure.text(4, y + 12, shown(cell, 18), "f-soft")
    found = (truth.get("found") or {}).get(cell)
    middle = y + 8.5
    if not found:
        why = (truth.get("missed_why") or {}).get(cell)
        known = cell in (truth.get("found") or {}) or why
        if not known:
            figure.text(x(bar_s[0]), y + 12, render("review.not_judged", {}, language), "f-soft")
            return
        figure.shape(_CROSS, x(bar_s[1]), middle, "f-miss")
        said = render("review.missed_here", {}, language) + (f": {coded(why, 'review.missed', language)}" if why else "")
        _beside(figure, x(bar_s[1]), x(bar_s[1]), y + 12, said, "f-red")
        return
    at = {c["stage"]: at_s(c.get("at")) for c in found.get("chain") or []}
    opened = at_s(found.get("opened_at"))
    opened = at.get("opened") if opened is None else opened
    seen = at.get("observable")
    onset = at.get("onset") if at.get("onset") is not None else bar_s[0]
    if seen is not None and onset is not None:
        figure.line([(x(onset), middle), (x(seen), middle)], "f-wait")
    begun = seen if seen is not None else onset
    if opened is None or begun is None:
        return
    figure.line([(x(begun), middle), (x(opened), middle)], "f-watch")
    later = [(n, s) for n, stage in enumerate(STAGES[3:], 4) if (s := at.get(stage)) is not None]
    figure.line([(x(opened), middle), *((x(s), middle) for _, s in later)], "f-after")
    figure.shape(_DIAMOND, x(opened), middle, "f-open")
    right = x(opened)
    for number, second in later:
        right = max(right + 13, x(second))
        figure.shape(_CIRCLE, right, middle, "f-stage")
        figure.text(right, middle + 3.4, str(number), "f-letter", "middle")
    said = f"{stamp(opened, with_date)}, +{lasting(opened - begun)}" if opened >= begun else stamp(opened, with_date)
    _beside(figure, min(x(onset), x(opened)), right, y + 12, said, "f-text")


def _beside(figure: Figure, left: float, right: float, y: float, said: str, kind: str) -> None:
    """Words to the right of what they are about, or to its left where there is more room."""
    if WIDTH_PX - right - 10 >= _LETTER_PX * len(said) or WIDTH_PX - right >= left - _LEFT_PX:
        figure.text(right + 10, y, said, kind)
    else:
        figure.text(left - 10, y, said, kind, "end")


def _moments(truth: dict[str, Any]) -> list[float]:
    chains = [
        c.get("at") for found in (truth.get("found") or {}).values() if found for c in [*(found.get("chain") or []), {"at": found.get("opened_at")}]
    ]
    return [s for text in (truth["start"], truth["end"], *chains) if (s := at_s(text)) is not None]
