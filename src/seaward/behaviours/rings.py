"""Fixes of one vessel -> stretches of hours in which they all lie on one circle, and whether what the vessel says of its motion agrees."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from seaward.core.geodesy import distance_m, wrap_deg
from seaward.core.units import DEG_M, US_PER_S

HALF_HOUR_US = 1_800 * US_PER_S  # circles are looked for in hours that begin every half hour; ours
_FEWEST = 12  # fixes in such an hour: three a quarter; ours
_SECTORS = 8  # all eighths of the circle must hold a fix: a vessel that swings at anchor does not come round in an hour; ours
_SAME = 0.25  # of the radius: so much may centre and radius differ from one hour to the next; ours
_CHORD_RAD = math.pi / 3  # a longer step along the circle says nothing of course and speed but a lower bound; ours


@njit(cache=True, nogil=True)
def _fit(a, b, since, at, lon, lat, least_m, most_m, max_error):
    """Circle through rows a up to b of the hour from `since` (least squares, Kasa 1976): (found, lon, lat, radius [m], error)."""
    n, quarters, mx, my = 0, 0, 0.0, 0.0
    k = math.cos(lat[a] * math.pi / 180.0) * DEG_M
    for i in range(a, b):
        if i > a and at[i] == at[i - 1]:
            continue
        n += 1
        quarters |= 1 << ((at[i] - since) // (HALF_HOUR_US // 2))
        x, y = wrap_deg(lon[i] - lon[a]) * k, (lat[i] - lat[a]) * DEG_M
        if abs(x) > 2.5 * most_m or abs(y) > 2.5 * most_m:
            return False, 0.0, 0.0, 0.0, 0.0
        mx += x
        my += y
    if n < _FEWEST or quarters != 15:
        return False, 0.0, 0.0, 0.0, 0.0
    mx, my = mx / n, my / n
    suu, svv, suv, pu, pv = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(a, b):
        if i > a and at[i] == at[i - 1]:
            continue
        u, w = wrap_deg(lon[i] - lon[a]) * k - mx, (lat[i] - lat[a]) * DEG_M - my
        suu += u * u
        svv += w * w
        suv += u * w
        pu += u * (u * u + w * w)
        pv += w * (u * u + w * w)
    det = suu * svv - suv * suv
    if det <= 1e-6 * suu * svv:
        return False, 0.0, 0.0, 0.0, 0.0
    cu, cv = 0.5 * (pu * svv - pv * suv) / det, 0.5 * (pv * suu - pu * suv) / det
    radius = math.sqrt(cu * cu + cv * cv + (suu + svv) / n)
    if not least_m <= radius <= most_m:
        return False, 0.0, 0.0, 0.0, 0.0
    off, sectors = 0.0, 0
    for i in range(a, b):
        if i > a and at[i] == at[i - 1]:
            continue
        u, w = wrap_deg(lon[i] - lon[a]) * k - mx - cu, (lat[i] - lat[a]) * DEG_M - my - cv
        off += (math.sqrt(u * u + w * w) - radius) ** 2
        sectors |= 1 << (int((math.atan2(w, u) / (2.0 * math.pi) + 1.0) * _SECTORS) % _SECTORS)
    error = math.sqrt(off / n) / radius
    found = error <= max_error and sectors == (1 << _SECTORS) - 1
    return found, wrap_deg(lon[a] + (mx + cu) / k), lat[a] + (my + cv) / DEG_M, radius, error


@njit(cache=True, nogil=True)
def _median(values, n):
    return np.median(values[:n]) if n else np.nan


@njit(cache=True, nogil=True)
def _agrees(a, b, at, lon, lat, sog, cog, heading, x, y, radius):
    """Turns at least made, and medians over steps: speed made good, how far speed [m/s], course and heading [degree] as said differ."""
    speed, dv, dc, dh = np.empty(b - a), np.empty(b - a), np.empty(b - a), np.empty(b - a)
    n, nv, nc, nh, way = 0, 0, 0, 0, 0.0
    k = math.cos(y * math.pi / 180.0)
    for i in range(a + 1, b):
        if at[i] == at[i - 1]:
            continue
        chord = distance_m(lon[i - 1], lat[i - 1], lon[i], lat[i])
        way += chord
        v = chord / ((at[i] - at[i - 1]) / 1e6)
        short = chord < 2.0 * radius * math.sin(_CHORD_RAD / 2.0)
        speed[n] = v
        n += 1
        said = 0.5 * (sog[i - 1] + sog[i]) * (1852.0 / 3600.0)
        if said * ((at[i] - at[i - 1]) / 1e6) > math.pi * radius:
            continue  # at that speed it may have gone round meanwhile: the step tells neither speed nor course
        if not math.isnan(said):
            dv[nv] = abs(v - said) if short else max(0.0, v - said)
            nv += 1
        if short and chord > 0.2 * radius * _CHORD_RAD:
            course = math.atan2(wrap_deg(lon[i] - lon[i - 1]) * k, lat[i] - lat[i - 1]) * 180.0 / math.pi
            half = math.asin(min(1.0, chord / (2.0 * radius))) * 180.0 / math.pi  # the vessel turned by this since the middle of the step
            if not math.isnan(cog[i]):
                dc[nc] = max(0.0, abs(wrap_deg(cog[i] - course)) - half)
                nc += 1
            if not math.isnan(heading[i]):
                dh[nh] = max(0.0, abs(wrap_deg(heading[i] - course)) - half)
                nh += 1
    return way / (2.0 * math.pi * radius), _median(speed, n), _median(dv, nv), _median(dc, nc), _median(dh, nh)


@njit(cache=True, nogil=True)
def rings(first, at, lon, lat, sog, cog, heading, least_m, most_m, max_error, least_us):
    """Stretches of at least `least_us` on one circle.

    Parameters
    ----------
    first
        Where each vessel begins in the sorted columns, and the end, shape (n + 1,).
    at, lon, lat
        Time [us] and place [degree].
    sog, cog, heading
        As reported [knot, degree]; not a number where unknown.
    least_m, most_m, max_error
        Radius of the circle; root mean square distance of the fixes from it, as a share of the radius.

    Returns
    -------
    rows
        Per stretch its first and last row, shape (m, 2).
    facts
        Centre [degree], radius [m], error; turns; speed made good, and how far speed [m/s], course and heading [degree] as said differ. Shape (m, 9).

    Limits
    ------
    Circles of less than one turn an hour are not found.
    """
    size = at.shape[0] // (_FEWEST // 2) + 1
    rows, facts = np.empty((size, 2), np.int64), np.empty((size, 9))
    n = 0
    for v in range(first.size - 1):
        b = first[v + 1]
        lo, hi = first[v], first[v]
        run_a, run_b, held = np.int64(-1), np.int64(-1), 0
        x, y, radius, error = 0.0, 0.0, 0.0, 0.0
        k = at[lo] // HALF_HOUR_US if lo < b else np.int64(0)
        while True:
            while lo < b and at[lo] < k * HALF_HOUR_US:
                lo += 1
            hi = max(hi, lo)
            while hi < b and at[hi] < (k + 2) * HALF_HOUR_US:
                hi += 1
            found, cx, cy, r, e = False, 0.0, 0.0, 0.0, 0.0
            if hi > lo:
                found, cx, cy, r, e = _fit(lo, hi, k * HALF_HOUR_US, at, lon, lat, least_m, most_m, max_error)
            same = found and held > 0 and abs(r - radius) <= _SAME * radius and distance_m(x, y, cx, cy) <= _SAME * radius
            if held and not same:
                if (held + 1) * HALF_HOUR_US >= least_us:
                    n = _keep(rows, facts, n, run_a, run_b, at, lon, lat, sog, cog, heading, x, y, radius, error / held)
                held = 0
            if found:
                if held == 0:
                    run_a, x, y, radius, error = lo, cx, cy, r, 0.0
                run_b, held, error = hi, held + 1, error + e
            if lo >= b:
                break
            k += 1
            if hi < b and hi == lo:
                k = max(k, at[lo] // HALF_HOUR_US - 1)
    return rows[:n].copy(), facts[:n].copy()


@njit(cache=True, nogil=True)
def _keep(rows, facts, n, a, b, at, lon, lat, sog, cog, heading, x, y, radius, error):
    turns, speed, dv, dc, dh = _agrees(a, b, at, lon, lat, sog, cog, heading, x, y, radius)
    rows[n, 0], rows[n, 1] = a, b - 1
    facts[n, 0], facts[n, 1], facts[n, 2], facts[n, 3], facts[n, 4] = x, y, radius, error, turns
    facts[n, 5], facts[n, 6], facts[n, 7], facts[n, 8] = speed, dv, dc, dh
    return n + 1
