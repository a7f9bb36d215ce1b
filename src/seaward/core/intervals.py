"""A share of cases -> the figure with the interval it is known in, and a word where there are too few to say."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

from seaward.core.errors import ParameterError

CONFIDENCE = 0.95  # customary
FEW = 10  # ours: of fewer, the Wilson interval of a half is wider than half of all that is possible (n = 10: 0.24 to 0.76)


class Interval(NamedTuple):
    """A figure between two bounds; null where it is not known. `few`: rests on fewer than `FEW` cases."""

    value: float | None
    low: float | None
    high: float | None
    few: bool


def wilson(successes: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """A share of `n` with its score interval; null of none.

    Source
    ------
    Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    check_confidence(confidence)
    if not 0 <= successes <= n:
        raise ParameterError(f"{successes} of {n} is no share; it must be from 0 to all")
    if n == 0:
        return Interval(None, None, None, few=True)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    p, spread = successes / n, z * z / n
    middle = (p + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(p * (1 - p) / n + spread / (4 * n))
    low, high = 0.0 if successes == 0 else middle - half, 1.0 if successes == n else middle + half
    return Interval(p, max(0.0, low), min(1.0, high), n < FEW)


def check_confidence(confidence: float) -> None:
    """Raise ParameterError unless it lies between 0 and 1."""
    if not 0 < confidence < 1:
        raise ParameterError(f"the confidence is {confidence}; it must lie between 0 and 1")
