"""Counts and delays -> figures with the interval they are known in, and a word where there are too few to say."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

from seaward.core.errors import ParameterError
from seaward.core.intervals import CONFIDENCE, FEW, Interval, check_confidence

_F64 = NDArray[np.float64]
_EQUAL = 1e-12  # products of shares that are a half on paper come out this close to it


def rate(count: int, exposure: float, confidence: float = CONFIDENCE) -> Interval:
    """Cases per unit of exposure, such as false alarms per vessel-day, with the exact interval of a Poisson count; null without exposure.

    Source
    ------
    Garwood 1936, doi:10.1093/biomet/28.3-4.437.
    """
    check_confidence(confidence)
    if not exposure > 0:
        return Interval(None, None, None, few=True)
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(gammaincinv(count, tail))
    return Interval(count / exposure, low / exposure, float(gammaincinv(count + 1, 1 - tail)) / exposure, count < FEW)


def survival(delay_s: ArrayLike, seen: ArrayLike, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """How large a share is still waiting after each delay, by Kaplan and Meier.

    Parameters
    ----------
    delay_s
        Until it was seen, or until nobody looked any more [s], shape (n,).
    seen
        False: not seen by then (censored), shape (n,).

    Returns
    -------
    One row per distinct delay that ended in being seen: delay_s, at_risk, seen, share_left, low, high (interval by the log(-log) transform).

    Source
    ------
    Kaplan and Meier 1958, doi:10.1080/01621459.1958.10501452; variance of Greenwood 1926;
    transform of Kalbfleisch and Prentice 2002, ISBN 978-0-471-36357-6.
    """
    check_confidence(confidence)
    delay, done = np.asarray(delay_s, np.float64), np.asarray(seen, bool)
    if delay.shape != done.shape or delay.ndim != 1:
        raise ParameterError(f"delays have the shape {delay.shape}, seen {done.shape}; both must be (n,)")
    if not np.all(np.isfinite(delay) & (delay >= 0)):
        raise ParameterError("a delay is negative or no number; delays are seconds, 0 or more")
    at, events = np.unique(delay[done], return_counts=True)
    at_risk = len(delay) - np.searchsorted(np.sort(delay), at, side="left")  # who is censored at a delay was still at risk at it
    left = np.cumprod(1 - events / at_risk, dtype=np.float64)
    low, high = _band(left, events, at_risk, NormalDist().inv_cdf(0.5 + confidence / 2))
    return pl.DataFrame({"delay_s": at, "at_risk": at_risk, "seen": events, "share_left": left, "low": low, "high": high})


def quantile(delay_s: ArrayLike, seen: ArrayLike, share: float = 0.5, confidence: float = CONFIDENCE) -> Interval:
    """The delay [s] within which a share was seen, those never seen included; null where it, or a bound, was not reached.

    Parameters
    ----------
    delay_s, seen
        As for `survival`.
    share
        0.5 for the median.

    Limits
    ------
    The first delay at which no more than 1 - `share` is left: where the curve lies flat at exactly that, some take the middle of the flat.
    Censoring is taken to say nothing about how long it would have lasted; for a miss that could not be seen at all that is kind.

    Source
    ------
    Brookmeyer and Crowley 1982, doi:10.2307/2530286.
    """
    if not 0 < share < 1:
        raise ParameterError(f"the share is {share}; it must lie between 0 and 1")
    curve = survival(delay_s, seen, confidence)
    reached = [
        next((d for d, s in zip(curve["delay_s"], curve[column], strict=True) if s <= 1 - share + _EQUAL), None)
        for column in ("share_left", "low", "high")
    ]
    return Interval(reached[0], reached[1], reached[2], len(np.asarray(delay_s)) < FEW)


def _band(left: _F64, events: NDArray[np.int64], at_risk: NDArray[np.int64], z: float) -> tuple[_F64, _F64]:
    """Bounds of the share left; nobody left is known to be nobody."""
    low, high = left.copy(), left.copy()
    inner = (left > 0) & (left < 1)
    variance = np.cumsum(np.divide(events, at_risk * (at_risk - events), out=np.zeros(len(left)), where=at_risk > events))
    bend = np.log(left[inner])
    width = z * np.sqrt(variance[inner]) / bend
    low[inner], high[inner] = left[inner] ** np.exp(-width), left[inner] ** np.exp(width)
    return low, high
