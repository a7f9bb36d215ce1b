"""positions -> Stops -> stopping places: berths, anchorages and landing places, learned from where vessels lie still."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.chart.places import LEARNED, Places
from seaward.core.ais import AT_ANCHOR, MOORED
from seaward.core.arrays import array_of
from seaward.core.by_vessel import by_vessel
from seaward.core.geodesy import wrap_deg
from seaward.core.stops import Stops
from seaward.core.units import DEG_M, HOUR_S, US_PER_S

_SLOT_US = 300 * US_PER_S  # one fix in five minutes tells as much; ours
_STOP_M = 500.0  # Global Fishing Watch, technical documentation (October 2025), "Anchorages": within 0.5 km,
_STOP_US = int(2 * HOUR_S) * US_PER_S  # ours: for 2 h; the published 12 h never come together at a landing place or in a feed of one day
_SILENCE_US = int(12 * HOUR_S) * US_PER_S  # ours: after a longer silence a stop begins anew
_AWAY_M = 1_000.0  # ours: twice that; a vessel comes again when it was this far from its last stop
_STILL_KN = 0.5  # ours: slower than this and said to be
_NEAR_SHORE_M = 5_556.0  # ours: 3 nm; the packaged shore is up to 5 km off
_PRIOR_NEAR, _PRIOR_OFF = 0.3, 0.001  # ours: chance that a cell where somebody stops is a stopping place, before anybody else does
_PER_VESSEL, _PER_RETURN = math.log(4), math.log(2)  # ours: evidence of a vessel, and of each time it comes again
_MIN_AROUND_OFF = 12  # ours: stops up to two cells away that speak for an anchorage as three vessels in the cell do
_PER_NEIGHBOUR = _PER_RETURN  # ours: of a stop up to two cells away, perhaps by a vessel counted already: ships at anchor lie a kilometre apart
_MIN_VESSELS_OFF = 3  # ours: two that meet at sea again and again make no anchorage
_LEAST = math.log(0.9 / 0.1)  # ours: from a chance of 0.9 on it is one

_ShoreM = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


def learn_stops(positions: pl.DataFrame) -> Stops:
    """Count where vessels stop: within 0.5 km for 2 h, or slower than 0.5 kn and said to be moored or at anchor.

    Parameters
    ----------
    positions
        POSITIONS in any order, of whole vessels.

    Returns
    -------
    stops
        A vessel that swings at its anchor, or is unheard at its berth, stops once; it comes again when it was 1 km away.

    Limits
    ------
    A boat that drifts or fishes within half a kilometre for 2 h stops too; it takes others, or the shore, to make a place of that.
    """
    if positions.is_empty():
        return Stops()
    rows, first = by_vessel(positions)
    at, lon, lat, sog = (array_of(rows[c].to_physical()) for c in ("at", "lon_deg", "lat_deg", "sog_kn"))
    vessel, x, y = _stops(first, at, lon, lat, sog, array_of(rows["nav_status"].fill_null(15)))
    return Stops.of(pl.Series(vessel), pl.Series(x), pl.Series(y))


def stopping_places(stops: Stops, shore_m: _ShoreM) -> Places | None:
    """The cells in which stops make a stopping place likely (chance of 0.9 or more), as places without a name.

    Parameters
    ----------
    stops
        Of all vessels.
    shore_m
        lon, lat [degree] -> distance to the shore [m].

    Returns
    -------
    Places of kind `learned`, at the middle of their stops; None where there is none.

    Limits
    ------
    Near the shore two boats, one of which comes again, are enough, or one that comes four times; so they are where boats wait close to the coast.
    Off the shore seven vessels are, fewer if they come again. Stops up to two cells away (2 km) count half: four boats that lie for two hours each
    within 2 km of each other and 3 nm of the shore make a place of it, also where they fish.
    """
    cells = stops.places()
    if cells.is_empty():
        return None
    near = shore_m(cells["lon_deg"].to_numpy(), cells["lat_deg"].to_numpy()) <= _NEAR_SHORE_M
    vessels, visits, around = (cells[c].to_numpy() for c in ("vessels", "stops", "around"))
    prior = np.where(near, math.log(_PRIOR_NEAR / (1 - _PRIOR_NEAR)), math.log(_PRIOR_OFF / (1 - _PRIOR_OFF)))
    likely = prior + _PER_VESSEL * vessels + _PER_RETURN * (visits - vessels) + _PER_NEIGHBOUR * around >= _LEAST
    kept = cells.filter(pl.Series(likely & (near | (vessels >= _MIN_VESSELS_OFF) | (around >= _MIN_AROUND_OFF))))
    n = len(kept)
    return Places(("",) * n, kept["lon_deg"].to_numpy(), kept["lat_deg"].to_numpy(), (LEARNED,) * n) if n else None


@njit(cache=True, nogil=True)
def _stops(first, at, lon, lat, sog, nav):
    """The vessel, and the middle of each of its stops [degree]."""
    size = at.shape[0]
    vertex, still = np.empty(size, np.int64), np.empty(size, np.bool_)
    begin, n = np.empty(first.shape[0], np.int64), 0
    for v in range(first.shape[0] - 1):
        begin[v] = n
        for i in range(first[v], first[v + 1]):
            if i == first[v] or at[i] // _SLOT_US != at[i - 1] // _SLOT_US:
                vertex[n], still[n] = i, sog[i] < _STILL_KN and (nav[i] == AT_ANCHOR or nav[i] == MOORED)
                n += 1
    begin[-1] = n
    vessel, x, y, found = np.empty(n, np.int64), np.empty(n), np.empty(n), 0
    for v in range(first.shape[0] - 1):
        i, end = begin[v], begin[v + 1]
        away, known, x0, y0 = True, False, 0.0, 0.0
        while i < end:
            a = vertex[i]
            j, moored = i, still[i]
            east, north = 0.0, 0.0
            while j + 1 < end:
                b = vertex[j + 1]
                if at[b] - at[vertex[j]] > _SILENCE_US or _apart_m(lon[a], lat[a], lon[b], lat[b]) >= _STOP_M:
                    break
                j += 1
                moored = moored or still[j]
                east += wrap_deg(lon[b] - lon[a])
                north += lat[b] - lat[a]
            if known and _apart_m(x0, y0, lon[a], lat[a]) > _AWAY_M:
                away = True
            if moored or at[vertex[j]] - at[a] >= _STOP_US:
                count = j - i + 1
                x0, y0, known = wrap_deg(lon[a] + east / count), lat[a] + north / count, True
                if away:
                    vessel[found], x[found], y[found] = v, x0, y0
                    found += 1
                away = False
                i = j + 1
            else:
                i += 1
    return vessel[:found].copy(), x[:found].copy(), y[:found].copy()


@njit(cache=True, nogil=True, inline="always")
def _apart_m(lon1, lat1, lon2, lat2):
    """Distance [m] in the plane: for what is near."""
    x, y = wrap_deg(lon2 - lon1) * math.cos((lat1 + lat2) * (math.pi / 360.0)), lat2 - lat1
    return math.sqrt(x * x + y * y) * DEG_M
