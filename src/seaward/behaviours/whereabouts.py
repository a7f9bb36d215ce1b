"""Tracks, moments -> where each vessel was then and how well that is known: between fixes, after the last and before the first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.behaviours.columns import Columns
from seaward.core.geodesy import distance_m
from seaward.core.straying import LEARN_S, RUNGS, between, learn, reckoned, rung_of, strayed_m
from seaward.core.units import FIX_ERROR_M, US_PER_S, kn_to_mps

_GATE = 9.0  # sigmas beyond which a vessel was not there; ours
_FASTEST_MPS = kn_to_mps(60.0)  # no vessel is further from a fix than this takes it; ours
_HOUR_US = 3_600 * US_PER_S


@dataclass(frozen=True, slots=True)
class Nearby:
    """Vessels that could have been at a place at a moment, one row each."""

    moment: NDArray[np.int64]
    vessel: NDArray[np.int64]
    before: NDArray[np.int64]  # row of the fix before, or -1
    after: NDArray[np.int64]  # row of the fix after, or -1
    distance_m: NDArray[np.float64]  # from the place to where the vessel is thought to have been
    sigma_m: NDArray[np.float64]  # of that distance along each axis
    silent_s: NDArray[np.float64]  # to the nearest fix in time
    weight: NDArray[np.float64]  # stretches of track that taught sigma: the distance is Student with twice as many degrees of freedom


def nearby(
    c: Columns, at_us: NDArray[np.int64], lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64], sigma_m: NDArray[np.float64],
    max_silence_s: float, spread: float, turn_s: float,
) -> Nearby:  # fmt: skip
    """Find which vessels could have been at each of some places and moments.

    Parameters
    ----------
    c
        Tracks.
    at_us, lon_deg, lat_deg, sigma_m
        Moments [microseconds since 1970 UTC], ascending; places [degree] and their error [m], shape (n,).
    max_silence_s
        A vessel with no fix within this of the moment is nowhere [s].
    spread, turn_s
        A vessel's velocity strays by `spread` of its speed, and has forgotten what it was after some `turn_s` [s]: of vessels not known better. What
        the track itself tells of that, from `LEARN_S` before to `max_silence_s` after the moment, is learned (see `straying.learn`).

    Limits
    ------
    Ways are straight on the chart; islands are no obstacle. Within a degree of the poles longitudes are too coarse for it.

    Source
    ------
    Integrated Ornstein-Uhlenbeck motion with known first velocity (Millefiori et al. 2016, IEEE Trans. Aerosp. Electron. Syst.); between two fixes
    with the time of a Brownian bridge (Horne et al. 2007, doi:10.1890/06-0957.1), leaving fixes out to learn how much a vessel strays as Horne et
    al. do. The numbers are ours.
    """
    ids, facts = _nearby(
        c.first, c.at_us, c.lon_deg, c.lat_deg, c.float32("sog_kn"), c.float32("cog_deg"), at_us, lon_deg, lat_deg, sigma_m,
        int(max_silence_s * US_PER_S), int(LEARN_S * US_PER_S), spread, turn_s,
    )  # fmt: skip
    return Nearby(ids[:, 0], ids[:, 1], ids[:, 2], ids[:, 3], facts[:, 0], facts[:, 1], facts[:, 2], facts[:, 3])


@njit(cache=True, nogil=True)
def _nearby(first, at, lon, lat, sog, cog, t_at, t_lon, t_lat, t_sigma, max_silence, learn_us, spread, turn_s):
    n, room = 0, 64
    ids, facts = np.empty((room, 4), np.int64), np.empty((room, 4))
    learned = np.empty((2, RUNGS, 2))
    for v in range(first.shape[0] - 1):
        a, b = first[v], first[v + 1]
        k = a  # last fix not after the moment, once there is one
        pace, hour = 0.0, np.int64(-1)  # for which `learned` holds
        for d in range(np.searchsorted(t_at, at[a] - max_silence), np.searchsorted(t_at, at[b - 1] + max_silence, "right")):
            t = t_at[d]
            while k + 1 < b and at[k + 1] <= t:
                k += 1
            before = k if at[k] <= t and t - at[k] <= max_silence else -1
            after = k + 1 if at[k] <= t else k
            if after >= b or at[after] - t > max_silence:
                after = -1
            if before < 0 and after < 0:
                continue
            error_m = np.sqrt(FIX_ERROR_M**2 + t_sigma[d] ** 2)
            f = before if after < 0 or (before >= 0 and t - at[before] <= at[after] - t) else after
            silent_s = abs(t - at[f]) / 1e6
            if distance_m(lon[f], lat[f], t_lon[d], t_lat[d]) > silent_s * _FASTEST_MPS + _GATE * error_m:
                continue
            if t // _HOUR_US != hour:  # once an hour is enough, and cheap
                hour = t // _HOUR_US
                since = a + np.searchsorted(at[a:b], hour * _HOUR_US + _HOUR_US - learn_us)
                until = a + np.searchsorted(at[a:b], hour * _HOUR_US + max_silence, "right")
                pace = learn(since, until, at, lon, lat, sog, cog, spread, turn_s, learned)
            if before >= 0 and after >= 0:
                x, y, time_s, speed = between(before, after, t, at, lon, lat, sog)
                way, rung = 0, rung_of(at[after] - at[before])
            else:
                other = max(a, f - 1) if before >= 0 else min(b - 1, f + 1)
                x, y, time_s, speed = reckoned(f, other, t, at, lon, lat, sog, cog)
                speed = max(speed, pace)
                way, rung = 1, rung_of(abs(t - at[f]))
            weight, total = learned[way, rung, 0], learned[way, rung, 1]
            motion_m = min(strayed_m(time_s, speed, spread, turn_s) * np.sqrt(total / weight), silent_s * _FASTEST_MPS)
            sigma = np.sqrt(motion_m**2 + error_m**2)
            off = distance_m(x, y, t_lon[d], t_lat[d])
            if not off <= _GATE * sigma:
                continue
            if n == room:
                room *= 2
                more_ids, more_facts = np.empty((room, 4), np.int64), np.empty((room, 4))
                more_ids[:n], more_facts[:n] = ids, facts
                ids, facts = more_ids, more_facts
            ids[n, 0], ids[n, 1], ids[n, 2], ids[n, 3] = d, v, before, after
            facts[n, 0], facts[n, 1], facts[n, 2], facts[n, 3] = off, sigma, silent_s, weight
            n += 1
    return ids[:n].copy(), facts[:n].copy()
