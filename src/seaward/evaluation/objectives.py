"""Objectives of a drill -> what was reached, and the rating proposed: P, S, M or U (HSEEP, FEMA 2020). A named evaluator confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from seaward.core.intervals import Interval, wilson
from seaward.evaluation.intervals import quantile

HIGH_IS_GOOD = ("recall", "precision", "track_completeness")


class Reached(NamedTuple):
    """What came of an objective; `why` is a code in the catalogue where there is no result."""

    result: float | None
    n: int
    censored: int
    interval: tuple[float, float] | None
    why: str = ""


def of_times(delay_s: Sequence[float], seen: Sequence[bool]) -> Reached:
    """The median of delays [s], misses censored; of one alone that delay itself, which no interval can be given for."""
    if not delay_s:
        return Reached(None, 0, 0, None, "nothing_to_measure")
    censored = len(seen) - sum(seen)
    if not any(seen):
        return Reached(None, len(seen), censored, None, "never")
    if len(seen) == 1:
        return Reached(delay_s[0], 1, 0, None)
    found = quantile(list(delay_s), list(seen))
    return Reached(found.value, len(seen), censored, _ends(found), "" if found.value is not None else "never")


def of_share(successes: int, n: int) -> Reached:
    """A share with its Wilson interval."""
    return Reached(None, 0, 0, None, "nothing_to_measure") if n == 0 else Reached(successes / n, n, 0, _ends(wilson(successes, n)))


def _ends(of: Interval) -> tuple[float, float] | None:
    return None if of.low is None or of.high is None else (of.low, of.high)


def rating(measure: str, reached: Reached, target: float, limit: float) -> str | None:
    """The rating proposed.

    Returns
    -------
    P at the target or better, S in the better half between target and limit, M up to the limit, U beyond it or never; None: nothing was measured.
    """
    if reached.result is None:
        return "U" if reached.why == "never" else None
    sign = -1.0 if measure in HIGH_IS_GOOD else 1.0
    value, good, bad = sign * reached.result, sign * target, sign * limit
    return "P" if value <= good else "S" if value <= (good + bad) / 2 else "M" if value <= bad else "U"
