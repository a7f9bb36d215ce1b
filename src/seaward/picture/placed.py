"""A vessel that we see and partners see too -> where it is best said to be at a moment: by our own track, or by a partner's where that is far surer.

One source is chosen and none are averaged: the middle of a cell is off by the same amount again and again, which no average takes away, and how far
our own track may have strayed is stated with room to spare. So a coarse track never moves a good own one. `surest` chooses among partners alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from seaward.core.units import FIX_ERROR_M, US_PER_S
from seaward.picture.near_tracks import Own, Theirs, all_where

_FAR_SURER = 0.5  # a partner's error, of ours: chosen on simulated seas (seeds 1 and 2), where hardly anything taken by it was worse; ours
_LEAST_MPS = 2.0  # a vessel that we believe to lie may have got under way; ours
_USUAL_MPS = 5.0  # by which a fix of a vessel that only partners see grows old: ten knots; ours


class Placed(NamedTuple):
    """A vessel of ours that a partner's last fix places far better than our own track."""

    vessel_id: str
    origin: str
    track_id: str
    at_us: int
    lon_deg: float
    lat_deg: float
    error_m: float  # one sigma along each axis, at the moment asked about
    own_error_m: float  # infinite where our track says nothing any more


def placed(theirs: Theirs, own: Own, joined: pl.DataFrame, at_us: int) -> list[Placed]:
    """Which of our vessels a partner places far better than we do.

    Parameters
    ----------
    theirs, own
        As `fusion.theirs_of` and `fusion.own_of` give them.
    joined
        JOINED; rows of `how` `elsewhere` say nothing.
    at_us
        The moment [us since 1970 UTC].

    Returns
    -------
    One row for each such vessel, in order of their names, by the partner that is surest of it.

    Limits
    ------
    A wrong join places a vessel wrongly. A partner's error is what it states, its grid and its step of time, and the way the vessel may have gone
    since; how fast it is, is what we believed last.
    """
    place = {name: v for v, name in enumerate(own.names)}
    track = {name: i for i, name in enumerate(theirs.names)}
    now = all_where(at_us, own) if own.names else np.zeros((0, 4))
    best: dict[str, Placed] = {}
    pairs = joined.filter(pl.col("how").cast(pl.String) != "elsewhere").select("origin", "track_id", "own_vessel_id")
    for origin, name, vessel in pairs.sort("own_vessel_id", "origin", "track_id").iter_rows():
        v, i = place.get(vessel), track.get((origin, name))
        if v is None or i is None:
            continue
        row = int(theirs.first[i + 1]) - 1
        is_known = bool(now[v, 2] >= 0)
        own_error_m = float(now[v, 2]) if is_known else np.inf
        step_s = float(theirs.step_us[row]) / US_PER_S
        age_s = abs(at_us - float(theirs.at_us[row])) / US_PER_S - step_s / 2
        gone_m = max(_LEAST_MPS, float(now[v, 3]) if is_known else 0.0) * float(np.hypot(age_s, step_s / np.sqrt(12)))
        error_m = float(np.sqrt(theirs.error_m[row] ** 2 + theirs.cell_m[row] ** 2 / 12 + gone_m**2))
        if error_m <= _FAR_SURER * own_error_m and (vessel not in best or error_m < best[vessel].error_m):
            best[vessel] = Placed(vessel, origin, name, int(theirs.at_us[row]), float(theirs.lon_deg[row]), float(theirs.lat_deg[row]), error_m,
                                  own_error_m)  # fmt: skip
    return [best[name] for name in sorted(best)]


def surest(fixes: Sequence[tuple[float, float | None]]) -> int:
    """Which of several fixes of one vessel is the surest when the newest of them is made: its number, the first of equals.

    Parameters
    ----------
    fixes
        At least one: when each was made [s], and its error as stated [m]; None: that of a position marked accurate.
    """
    newest = max(at for at, _ in fixes)
    off = [math.hypot(FIX_ERROR_M if error is None else error, _USUAL_MPS * (newest - at)) for at, error in fixes]
    return off.index(min(off))
