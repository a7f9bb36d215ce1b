"""Fixes of one vessel -> up to which of them it has lain still in a harbour or by the shore, never seen to move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.behaviours.behaviour import Context
from seaward.behaviours.columns import Columns
from seaward.behaviours.harbours import harbour_m
from seaward.core.units import DEG_M, HOUR_S, US_PER_S

_DAY_US = round(24 * HOUR_S * US_PER_S)  # places are compared so far back: less than half a lookback, so a window shows what a file does; ours


@dataclass(frozen=True, slots=True)
class LyingLimits:
    """What is still, and what is near."""

    within_m: float  # of the middle of all its fixes of a day
    sog_kn: float  # reported speed; as fast or faster is moving
    anchorage_m: float  # nearer to a known place is in harbour
    shore_m: float  # nearer to the shore, where no place is known, may be


def lying_until(c: Columns, context: Context, limits: LyingLimits, a: int, b: int) -> tuple[int, str]:
    """How long a vessel lies where it is first heard.

    Parameters
    ----------
    c
        Positions, with `sog_kn`.
    context
        `places` and `shore_m`; without either nothing lies in harbour.
    limits
        What is still, and what is near.
    a, b
        Rows of the vessel: from `a`, up to but without `b`.

    Returns
    -------
    row
        Of the first fix that moves or lies elsewhere; `b` where there is none.
    why
        Where the fix before lies: `harbour` or `shore`; empty where the first fix moves or lies elsewhere.

    Limits
    ------
    A fix tells what it says and how far it lies from those of the day before it: a vessel silent for more than a day that is heard at another berth
    was not seen to move.
    """
    b = a + _first(c.rows["sog_kn"][a:b].fill_null(0.0).to_numpy() >= limits.sog_kn)
    if a == b or limits.within_m <= 0:
        return a, ""
    lon, lat = c.lon_deg[a:b], c.lat_deg[a:b]
    away_m = harbour_m(context, lon, lat)
    in_harbour = np.zeros(b - a, np.bool_) if away_m is None else away_m < limits.anchorage_m
    by_shore = np.zeros(b - a, np.bool_) if context.shore_m is None else np.asarray(context.shore_m(lon, lat)) < limits.shore_m
    lies = _first(~(in_harbour | by_shore) | (_spread_m(c.at_us[a:b], lon, lat) > limits.within_m))
    return a + lies, "" if lies == 0 else "harbour" if in_harbour[lies - 1] else "shore"


def _first(mask: NDArray[np.bool_]) -> int:
    """Number of the first that holds; how many there are where none does."""
    return int(np.argmax(mask)) if mask.any() else len(mask)


def _spread_m(at_us: NDArray[np.int64], lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each fix: half the diagonal [m] of the box that holds it and all of the day before it."""
    east = (lon_deg - lon_deg[0] + 180.0) % 360.0 - 180.0
    day, fixes = f"{_DAY_US}i", pl.DataFrame({"at": at_us, "east": east, "north": lat_deg})
    sides = (pl.col(side).rolling_max_by("at", day) - pl.col(side).rolling_min_by("at", day) for side in ("east", "north"))
    wide_deg, high_deg = fixes.select(sides).to_numpy().T
    return 0.5 * DEG_M * np.hypot(wide_deg * np.cos(np.radians(lat_deg)), high_deg)
