"""positions -> what a vessel does at each fix, and with which gear: at rest, under way, or in a phase of working it. Compiled.

A hidden Markov model in continuous time for each gear, over speed and turn at each fix: the state before and after tells as much as the fix itself.
How well each model foretells the track around tells the gears apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.behaviours.gears import EDGE_KN, FLOOR, REST_SD_KN, STEPS, STEPS_KN, STILL_SD_KN, WAY_KN, WAY_SD_KN, tables
from seaward.core.geodesy import distance_m, wrap_deg
from seaward.core.sun import sun_elevation_deg
from seaward.core.units import FIX_ERROR_M, HOUR_S, US_PER_S

_DARK_BELOW_DEG = -6.0  # end of civil twilight (US Naval Observatory, Rise, Set, and Twilight Definitions)
_ALIKE_S = 120.0  # fixes closer in time than this say nothing new about the state; ours
_APART_S = HOUR_S  # and closer than this nothing new about the gear: a tow or haul of about an hour has one speed from end to end; ours
_STILL_S = 900.0  # a vessel that lies still is where it was so long before, and will be so long after; one adrift is not; ours
_LEG_S = 600.0  # courses are taken over legs no shorter than this, where fixes allow: shorter ones show yawing, not manoeuvres; ours
_YAW_RAD = 0.05  # a vessel's own yawing, and its autopilot's; ours
SPLIT_US = round(2 * HOUR_S * US_PER_S)  # Global Fishing Watch, fishing events: a longer silence splits
BACK_US, AHEAD_US = (
    round(24 * HOUR_S * US_PER_S),
    SPLIT_US,
)  # a day before and two hours after tell the gear of a live vessel; ours
EVER_US = 1 << 60


@dataclass(frozen=True, slots=True)
class Work:
    """Of each fix, shape (n,): not-a-number where neither a speed is known nor a fix is within two hours."""

    chance: NDArray[np.float64]  # that gear is being worked
    gear: NDArray[np.float32]  # chance of each of `gears.NAMES`, shape (n, gears)
    gain: NDArray[np.float64]  # evidence of this fix for all gears together over a vessel that does not fish [nat]
    gain_around: NDArray[np.float64]  # and of the track around it


def working(
    first: NDArray[np.int64], at_us: NDArray[np.int64], lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64], sog_kn: NDArray[np.float32],
    prior: NDArray[np.float64], back_us: int = EVER_US, ahead_us: int = EVER_US,
) -> Work:  # fmt: skip
    """Chance that gear is being worked at each fix, and of each gear.

    Parameters
    ----------
    first
        First row of each vessel, and the end, shape (vessels + 1,).
    at_us, lon_deg, lat_deg, sog_kn
        Fixes, vessel by vessel in time order [microseconds, degree, degree, knot], shape (n,); a speed not known is worked out from the fixes around.
    prior
        Chance of each gear before the track is seen, shape (vessels, gears), see `gears.prior_of`; a vessel whose row is nought is not looked at.
    back_us, ahead_us
        How much of the track before and after a fix tells the gear there [microseconds]: by default all of it.

    Limits
    ------
    Slow steaming, drifting for the night and waiting look like work of some gears. A set that is over between two fixes is not seen.
    """
    t = tables()
    return Work(*_working(
        first, at_us, lon_deg, lat_deg, sog_kn, prior, back_us, ahead_us, SPLIT_US, t.states, t.low_kn, t.high_kn, t.hold_s, t.is_work, t.dark,
        t.told, t.step,
    ))  # fmt: skip


@njit(cache=True, nogil=True)
def _speed_kn(i, p, q, a, b, at, lon, lat, sog, split_us):
    """Speed at fix i and its error: as reported, else of the steps from p and to q of up to two hours; not-a-number where there is none."""
    if not math.isnan(sog[i]):
        return np.float64(sog[i]), 0.0
    way, spent = 0.0, np.int64(0)
    if p >= a and at[i] - at[p] <= split_us:
        way += distance_m(lon[p], lat[p], lon[i], lat[i])
        spent += at[i] - at[p]
    if q < b and at[q] - at[i] <= split_us:
        way += distance_m(lon[i], lat[i], lon[q], lat[q])
        spent += at[q] - at[i]
    if spent == 0:
        return math.nan, 0.0
    to_kn = 3600.0 / 1852.0 / (spent / 1e6)
    return way * to_kn, 2.0 * FIX_ERROR_M * to_kn


@njit(cache=True, nogil=True)
def _still_kn(i, a, b, at, lon, lat, split_us):
    """Speed made good from a quarter of an hour before to as long after, as far as the fixes go, and its error; error 0 where there is none."""
    p, q = i, i
    stay_us = np.int64(_STILL_S * 1e6)
    while p > a and at[i] - at[p] < stay_us and at[i] - at[p - 1] <= split_us:
        p -= 1
    while q < b - 1 and at[q] - at[i] < stay_us and at[q + 1] - at[i] <= split_us:
        q += 1
    if at[q] == at[p]:
        return 0.0, 0.0
    to_kn = 3600.0 / 1852.0 / ((at[q] - at[p]) * 1e-6)
    return distance_m(lon[p], lat[p], lon[q], lat[q]) * to_kn, 1.4142135623730951 * FIX_ERROR_M * to_kn


@njit(cache=True, nogil=True)
def _turn(i, p, q, a, b, at, lon, lat, split_us):
    """Change of course at fix i [radian], the time between the middles of the legs [s], and the error; time 0 where it says nothing."""
    leg_us = np.int64(_LEG_S * 1e6)
    while p > a and at[i] - at[p] < leg_us and at[i] - at[p - 1] <= split_us:
        p -= 1
    while q < b - 1 and at[q] - at[i] < leg_us and at[q + 1] - at[i] <= split_us:
        q += 1
    if p < a or q >= b or at[i] - at[p] > split_us or at[q] - at[i] > split_us:
        return 0.0, 0.0, 0.0
    east = math.cos(math.radians(lat[i]))
    x0, y0 = wrap_deg(lon[i] - lon[p]) * east, lat[i] - lat[p]
    x1, y1 = wrap_deg(lon[q] - lon[i]) * east, lat[q] - lat[i]
    before, after = math.hypot(x0, y0) * 111_195.0, math.hypot(x1, y1) * 111_195.0
    if before < 4.0 * FIX_ERROR_M or after < 4.0 * FIX_ERROR_M:
        return 0.0, 0.0, 0.0
    error = math.hypot(_YAW_RAD, FIX_ERROR_M * math.sqrt(2.0 / (before * before) + 2.0 / (after * after)))
    return math.atan2(x0 * y1 - y0 * x1, x0 * x1 + y0 * y1), (at[q] - at[p]) * 0.5e-6, error


@njit(cache=True, nogil=True)
def _density(state, speed, sd, low, high):
    """As `gears.density`."""
    if state == 0:
        z = speed / sd
        return math.exp(-0.5 * z * z) / sd * 0.7978845608 + FLOOR
    if state == 1:
        z = min(0.0, (speed - WAY_KN) / WAY_SD_KN)
        return math.exp(-0.5 * z * z) / WAY_SD_KN * 0.3989422804 + FLOOR
    rise = 0.5 * (1.0 + math.erf((speed - low) / sd / 1.4142135623730951))
    fall = 0.5 * (1.0 + math.erf((high - speed) / EDGE_KN / 1.4142135623730951))
    return rise * fall / (high - low) + FLOOR


@njit(cache=True, nogil=True)
def _emit(m, n, speed, error, still, still_error, sun, turn, apart, wobble, told, fresh, low, high, hold, dark, told_table, out, faint):
    """Likelihood of a fix in each of the n states of model m, as far as it is news of the state (`out`) and of the gear (`faint`)."""
    sd = math.hypot(REST_SD_KN, error)
    cell = min(int(speed / STEPS_KN + 0.5), told_table.shape[2] - 1)
    for k in range(n):
        log = told_table[m, k, cell] if error == 0.0 else math.log(_density(k, speed, sd, low[m, k], high[m, k]))
        log += dark[m, k, sun]
        if k == 0 and still_error > 0.0:  # at rest, not adrift
            z = still / math.hypot(STILL_SD_KN, still_error)
            log -= min(0.5 * z * z, 20.0)
        if apart > 0.0 and k > 0:  # wrapped Cauchy: the longer ago, the less of the course is left
            r = math.exp(-(apart / hold[m, k] + wobble))
            log += math.log((1.0 - r * r) / (1.0 + r * r - 2.0 * r * math.cos(turn)))
        out[k], faint[k] = math.exp(told * log), math.exp(fresh * log)


@njit(cache=True, nogil=True)
def _working(first, at, lon, lat, sog, prior, back_us, ahead_us, split_us, states, low, high, hold, is_work, dark, told_table, step):
    count, (models, wide) = at.shape[0], low.shape
    gears = models - 1  # the last is the vessel that does not fish
    chance, gain, around = np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan)
    gear_out = np.full((count, gears), np.nan, np.float32)
    longest = 0
    for v in range(first.shape[0] - 1):
        longest = max(longest, first[v + 1] - first[v])
    seen = np.empty((longest, 9))  # speed, its error, turn, time apart, wobble, how much is told (-1: no speed), speed made good, its error, dark
    emit, ahead = np.empty((longest, wide)), np.empty((longest, wide))
    at_work, foretold = np.empty((longest, models)), np.zeros((longest + 1, models))  # foretold: sum up to a row
    worked_h = np.zeros((longest + 1, models))  # expected time worked up to a row, in units of _APART_S
    x, y, z, past, faint = np.empty(wide), np.empty(wide), np.empty(wide), np.empty(wide), np.empty(wide)
    per_log = (STEPS - 1) / math.log(split_us * 1e-6)
    for v in range(first.shape[0] - 1):
        a, b = first[v], first[v + 1]
        if prior[v].sum() == 0.0:
            continue
        fresh = np.empty(b - a)  # how much a fix tells about the gear
        for i in range(a, b):
            p, q = i - 1, i + 1  # the fixes of another moment before and after
            while p >= a and at[p] == at[i]:
                p -= 1
            while q < b and at[q] == at[i]:
                q += 1
            s = seen[i - a]
            s[0], s[1] = _speed_kn(i, p, q, a, b, at, lon, lat, sog, split_us)
            s[5], fresh[i - a] = -1.0, 0.0
            if math.isnan(s[0]):
                continue
            chance[i] = 0.0
            if p < i - 1:  # a moment told twice tells nothing more
                continue
            before = (at[i] - at[p]) * 1e-6 if p >= a else 1e9
            after = (at[q] - at[i]) * 1e-6 if q < b else 1e9
            s[2], s[3], s[4] = _turn(i, p, q, a, b, at, lon, lat, split_us)
            s[5] = min(1.0, min(before, after) / _ALIKE_S)
            s[6], s[7] = _still_kn(i, a, b, at, lon, lat, split_us)
            s[8] = sun_elevation_deg(at[i], lon[i], lat[i]) < _DARK_BELOW_DEG
            fresh[i - a] = min(1.0, min(before, after) / _APART_S)
        for m in range(models):
            if m < gears and prior[v, m] == 0.0:
                continue
            n = states[m]
            i = a
            while i < b:  # one chain up to a silence of two hours
                j = i + 1
                while j < b and at[j] - at[j - 1] <= split_us:
                    j += 1
                for k in range(i, j):
                    s, told = seen[k - a], fresh[k - a]
                    if s[5] < 0.0:
                        emit[k - a, :n], faint[:n] = 1.0, 1.0
                    else:
                        _emit(
                            m, n, s[0], s[1], s[6], s[7], int(s[8]), s[2], s[3], s[4], s[5], told, low, high, hold, dark, told_table, emit[k - a],
                            faint,
                        )  # fmt: skip
                    waits = at[k] - at[k - 1] if k > i else 0
                    there = step[m, _cell(waits, per_log)]
                    total, faintly, lit = 0.0, 0.0, 0.0
                    for r in range(n):
                        x[r], z[r] = 0.0, 0.0
                        if k == i:
                            x[r] = 1.0 / 3 if r < 2 else 1.0 / 3 / (n - 2)
                            z[r] = x[r]
                        elif waits == 0:
                            x[r], z[r] = ahead[k - 1 - a, r], past[r]
                        else:
                            for q in range(n):
                                x[r] += ahead[k - 1 - a, q] * there[q, r]
                                z[r] += past[q] * there[q, r]
                        lit += z[r] * math.exp(told * dark[m, r, int(s[8])]) if told > 0.0 else z[r]
                        x[r] *= emit[k - a, r]
                        z[r] *= faint[r]
                        total += x[r]
                        faintly += z[r]
                    for r in range(n):
                        ahead[k - a, r] = x[r] / total
                        past[r] = z[r] / faintly
                    foretold[k - a + 1, m] = foretold[k - a, m] + math.log(faintly / lit)  # when a boat is at sea is no evidence
                y[:n] = 1.0
                for k in range(j - 1, i - 1, -1):
                    if k < j - 1:
                        waits = at[k + 1] - at[k]
                        there = step[m, _cell(waits, per_log)]
                        for r in range(n):
                            x[r] = y[r] * emit[k + 1 - a, r]
                        total = 0.0
                        for r in range(n):
                            y[r] = x[r] if waits == 0 else 0.0
                            for q in range(n if waits > 0 else 0):
                                y[r] += there[r, q] * x[q]
                            total += y[r]
                        for r in range(n):
                            y[r] /= total
                    total, worked = 0.0, 0.0
                    for r in range(n):
                        here = ahead[k - a, r] * y[r]
                        total += here
                        worked += here * is_work[m, r]
                    at_work[k - a, m] = worked / total
                i = j
        _mix(a, b, at, prior[v], back_us, ahead_us, fresh, at_work, worked_h, foretold, chance, gear_out, gain, around)
    return chance, gear_out, gain, around


@njit(cache=True, nogil=True, inline="always")
def _cell(dt_us, per_log):
    """Which of the times of the tables is the nearest."""
    dt = dt_us * 1e-6
    return min(STEPS - 1, int(math.log(dt) * per_log + 0.5)) if dt > 1.0 else 0


@njit(cache=True, nogil=True)
def _mix(a, b, at, prior, back_us, ahead_us, fresh, at_work, worked_h, foretold, chance, gear_out, gain, around):
    """Chance of each gear by what is foretold around each fix, and of work over all of them."""
    gears = prior.shape[0]
    weight = np.empty(gears)
    for i in range(a, b):
        for g in range(gears):
            worked_h[i - a + 1, g] = worked_h[i - a, g] + (fresh[i - a] * at_work[i - a, g] if prior[g] > 0.0 else 0.0)
    low, high = a, a
    for i in range(a, b):
        while at[i] - at[low] > back_us:
            low += 1
        while high < b and at[high] - at[i] <= ahead_us:
            high += 1
        most = -np.inf
        for g in range(gears):
            if prior[g] > 0.0:
                weight[g] = math.log(prior[g]) + foretold[high - a, g] - foretold[low - a, g]
                most = max(most, weight[g])
        total, here, total_at_all, worked = 0.0, 0.0, 1e-300, 0.0
        for g in range(gears):
            weight[g] = math.exp(weight[g] - most) if prior[g] > 0.0 else 0.0
            total += weight[g]
            here += weight[g] * math.exp(foretold[i - a + 1, g] - foretold[i - a, g]) if prior[g] > 0.0 else 0.0
        gain[i] = math.log(here / total) - (foretold[i - a + 1, gears] - foretold[i - a, gears])
        around[i] = most + math.log(total) - (foretold[high - a, gears] - foretold[low - a, gears])
        for g in range(gears):  # a gear that was not worked at all is not the one that is worked
            weight[g] *= 1.0 - math.exp(-(worked_h[high - a, g] - worked_h[low - a, g])) + 1e-9
            total_at_all += weight[g]
        for g in range(gears):
            gear_out[i, g] = weight[g] / total_at_all
            worked += weight[g] / total_at_all * at_work[i - a, g] if prior[g] > 0.0 else 0.0
        if not math.isnan(chance[i]):
            chance[i] = worked
