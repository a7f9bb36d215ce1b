"""Fixes of a partner's track, and a track of our own -> how much likelier they are one vessel than two, over all their common times. Compiled.

A fix of a partner may lie anywhere in the cell of a grid and at any moment of a step of time; our own vessel is where its fixes and its motion say.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from seaward.core.straying import between, reckoned, strayed_m
from seaward.core.units import DEG_M, EARTH_RADIUS_M, FIX_ERROR_M, KN_MPS, US_PER_S

SPREAD, TURN_S = 0.3, 3_600.0  # how a vessel strays between fixes: as behaviours.dark_contact
FASTEST_MPS = 60.0 * KN_MPS  # no vessel is farther from a fix than this takes it; as picture.positions
MAX_SILENCE_US = 6 * 3_600 * US_PER_S  # of our own: beyond it, it is nowhere; ours
NODES = 5  # moments of a step at which it is asked where our vessel was; ours
_CELL_SLACK = 1.03  # cells are wider than asked for by up to a few percent (docs/wire.md)
_SURPRISE = 0.02  # fixes that no error explains: manoeuvres, mistakes; ours
_SIGMAS = 5.0
_RAD = math.pi / 180.0
OUT = 5  # numbers given for each pair


@njit(cache=True, nogil=True)
def where(v, t, first, at, lon, lat, sog, cog):
    """Longitude, latitude [degree], sigma along each axis, silence to the nearest fix [s], speed [m/s], row before; sigma below 0: nowhere."""
    a, b = first[v], first[v + 1]
    after = a + np.searchsorted(at[a:b], t, "right")
    before = after - 1
    is_before = before >= a and t - at[before] <= MAX_SILENCE_US
    is_after = after < b and at[after] - t <= MAX_SILENCE_US
    if not is_before and not is_after:
        return 0.0, 0.0, -1.0, 0.0, 0.0, np.int64(-1)
    if is_before and is_after and at[after] > at[before]:
        x, y, time_s, speed = between(before, after, t, at, lon, lat, sog)
        silent_s = min(t - at[before], at[after] - t) / 1e6
    else:
        f = before if is_before else after
        other = max(a, f - 1) if is_before else min(b - 1, f + 1)
        x, y, time_s, speed = reckoned(f, other, t, at, lon, lat, sog, cog)
        silent_s = abs(t - at[f]) / 1e6
    motion_m = min(strayed_m(time_s, speed, SPREAD, TURN_S), silent_s * FASTEST_MPS)
    return x, y, math.sqrt(motion_m**2 + FIX_ERROR_M**2), silent_s, speed, np.int64(before)


@njit(cache=True, nogil=True)
def _tangent(lon0, lat0, lon1, lat1):
    """Metres east and north from one place to another, in the plane at the first: right at 180 degrees and at the poles."""
    a, b, d = lat0 * _RAD, lat1 * _RAD, (lon1 - lon0) * _RAD
    east = math.cos(b) * math.sin(d)
    north = math.sin(b) * math.cos(a) - math.cos(b) * math.sin(a) * math.cos(d)
    return EARTH_RADIUS_M * east, EARTH_RADIUS_M * north


@njit(cache=True, nogil=True)
def _half_widths(lat, cell_m):
    """Half of a cell, east and north [m]: wider towards a pole, where one may go all round."""
    half = 0.5 * cell_m * _CELL_SLACK
    edge = min(89.999, abs(lat) + 0.5 * cell_m / DEG_M)
    return min(half * math.cos(lat * _RAD) / math.cos(edge * _RAD), 4.0 * cell_m), half


@njit(cache=True, nogil=True)
def _axis(d, half, sigma):
    """Density along one axis of an even spread over +-half and a normal error [per m]."""
    if half < 0.05 * sigma:
        return math.exp(-0.5 * (d / sigma) ** 2) / (sigma * 2.5066282746)
    r = 1.0 / (sigma * 1.4142135624)
    return max(0.0, math.erf((d + half) * r) - math.erf((d - half) * r)) / (4.0 * half)


@njit(cache=True, nogil=True)
def _normal(east, north, sigma):
    return math.exp(-0.5 * (east * east + north * north) / (sigma * sigma)) / (6.2831853072 * sigma * sigma)


@njit(cache=True, nogil=True)
def _alone(k, a, at, step, lon, lat, error, half):
    """Density of a fix of a vessel that is not ours, given the fixes before it [per m2]: it stays, goes on as it went, or goes anywhere."""
    dt = max(1.0, (at[k] - at[k - 1]) / 1e6)
    e1, n1 = _tangent(lon[k], lat[k], lon[k - 1], lat[k - 1])
    seen = math.sqrt(error[k] ** 2 + error[k - 1] ** 2 + (half[k] ** 2 + half[k - 1] ** 2) / 3.0)
    stays = _normal(e1, n1, math.hypot(seen, 0.5 * KN_MPS * dt))
    roams = _normal(e1, n1, math.hypot(seen, 8.0 * KN_MPS * dt / 1.414))
    if k - 2 < a:
        return 0.4 * stays + 0.6 * roams
    e2, n2 = _tangent(lon[k], lat[k], lon[k - 2], lat[k - 2])
    part = dt / max(1.0, (at[k - 1] - at[k - 2]) / 1e6)
    speed = min(FASTEST_MPS, math.hypot(e1 - e2, n1 - n2) / dt * part)
    blur = speed * (step[k] + step[k - 1]) / 1e6 / 3.46
    sigma = math.sqrt(seen**2 * (1.0 + part + part**2) + blur**2 + strayed_m(dt, speed, SPREAD, TURN_S) ** 2)
    goes_on = _normal(e1 + (e1 - e2) * part, n1 + (n1 - n2) * part, sigma)
    return 0.3 * stays + 0.4 * goes_on + 0.3 * roams


@njit(cache=True, nogil=True)
def compare(track, vessel, p_first, p_at, p_step, p_lon, p_lat, p_error, p_cell, density, first, at, lon, lat, sog, cog):
    """Compare pairs.

    Parameters
    ----------
    track, vessel
        The pairs, shape (n,): rows `p_first[track]` up to the next of the partner's fixes, and `first[vessel]` up to the next of our own.
    p_at, p_step
        Moments and the step after them in which it was there [us]; ascending within a track.
    p_lon, p_lat, p_error, p_cell
        Places [degree], one sigma along each axis without the grid, and the width of the cell of a grid (0: none) [m].
    density
        Of vessels of the partner that we do not see, around each pair [per m2], shape (n,).

    Returns
    -------
    For each pair, shape (n, 5): log of the ratio; common times; of these, fixes beyond any speed and error; distance to our vessel (root of mean
    square) [m]; time from the first to the last common one [s].

    Source
    ------
    Track-to-track association by the likelihood ratio against extraneous tracks of a stated density (Bar-Shalom, Willett and Tian 2011, Tracking and
    Data Fusion, YBS Publishing, chapter 9), over a sequence of times: each fix of the partner against our track predicted to its moment, and against
    the partner's own track before it. The spread over cells and steps is integrated. The numbers are ours.
    """
    out = np.zeros((track.shape[0], OUT))
    for n in range(track.shape[0]):
        v, a, b = vessel[n], p_first[track[n]], p_first[track[n] + 1]
        total, common, broken, square, since, until = 0.0, 0, 0, 0.0, np.int64(0), np.int64(0)
        gap, in_gap, gap_sum, gap_share = np.int64(-2), 0, 0.0, 0.0
        half = p_cell[a:b] * 0.5
        for k in range(a, b):
            half_east, half_north = _half_widths(p_lat[k], p_cell[k])
            same, nearest, reach, own, rho, row, weight = 0.0, 1e18, 0.0, 0.0, 0.0, np.int64(-1), 0
            for m in range(NODES):
                t = p_at[k] + np.int64(m / (NODES - 1) * p_step[k])
                x, y, sigma, silent_s, speed, before = where(v, t, first, at, lon, lat, sog, cog)
                if sigma < 0.0:
                    continue
                weight += 1
                east, north = _tangent(p_lon[k], p_lat[k], x, y)
                off = math.hypot(east, north)
                s = math.hypot(p_error[k], sigma)
                same += _axis(east, half_east, s) * _axis(north, half_north, s)
                if off < nearest:
                    nearest, own, row = off, sigma, before
                reach = max(reach, silent_s * FASTEST_MPS + speed * p_step[k] / 1e6 / (NODES - 1))
            if weight == 0:
                continue
            spread = math.sqrt(p_error[k] ** 2 + (half_east**2 + half_north**2) / 6.0)
            rho = own * own / (own * own + spread * spread)  # how far off it is in one silence of ours is nearly the same at all its times
            is_first = common == 0 or k == a
            alone = density[n] if is_first else _alone(k - a, 0, p_at[a:b], p_step[a:b], p_lon[a:b], p_lat[a:b], p_error[a:b], half)
            same = (1.0 - _SURPRISE) * same / weight + _SURPRISE / (100.0 * 6.2831853072 * (spread**2 + own**2))
            if not is_first:  # where we know little, the partner's own track tells as much of one vessel as of two
                same += rho * alone * math.exp(-0.5 * nearest * nearest / (own * own + spread * spread))
            log_ratio = math.log(same) - math.log(max(alone, 1e-300))
            if nearest > math.hypot(half_east, half_north) + _SIGMAS * (p_error[k] + FIX_ERROR_M) + reach:
                broken += 1
            if common == 0:
                since = p_at[k]
            until = p_at[k]
            common += 1
            square += nearest * nearest
            if row != gap:
                total += _of_gap(in_gap, gap_sum, gap_share)
                gap, in_gap, gap_sum, gap_share = row, 0, 0.0, 0.0
            in_gap += 1
            gap_sum += log_ratio
            gap_share += rho
        total += _of_gap(in_gap, gap_sum, gap_share)
        out[n, 0], out[n, 1], out[n, 2] = total, common, broken
        out[n, 3] = math.sqrt(square / common) if common else 0.0
        out[n, 4] = (until - since) / 1e6
    return out


@njit(cache=True, nogil=True)
def _of_gap(times, total, share):
    """What the fixes in one silence of ours count: each by itself where their own error says more, once where ours does."""
    if times == 0:
        return 0.0
    rho = share / times
    return total * (1.0 - rho + rho / times)
