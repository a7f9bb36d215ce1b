"""Pairs of slow vessels in continuous time: which to look at, and exactly when they were near. Compiled.

A vertex is the first fix of a minute; a piece is the straight way between two vertices not too far apart in time, slow where its speed is.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from seaward.core.units import DEG_M, FIX_ERROR_M

_MINUTE_US = 60_000_000
_ALIKE_US = 600_000_000.0  # errors of position within ten minutes of each other are alike; ours
_WALK_M2_PER_S = 4.0  # spread of a slow vessel about the straight way between two fixes: 24 m after 5 of 10 minutes, 65 m after 35 of 70; ours


@njit(cache=True, nogil=True, inline="always")
def _next_vertex(at, i, end):
    minute_end = (at[i] // _MINUTE_US + 1) * _MINUTE_US
    j = i + 1
    while j < end and at[j] < minute_end:
        j += 1
    return j


@njit(cache=True, nogil=True, inline="always")
def _dlon(lon_deg):
    if lon_deg >= 180.0:
        return lon_deg - 360.0
    if lon_deg < -180.0:
        return lon_deg + 360.0
    return lon_deg


@njit(cache=True, nogil=True, inline="always")
def _cos(one_deg, other_deg):
    """Cosine of the latitude halfway."""
    return math.cos((one_deg + other_deg) * (math.pi / 360.0))


@njit(cache=True, nogil=True, inline="always")
def _speed_mps(at, lon, lat, i, j):
    x = _dlon(lon[j] - lon[i]) * _cos(lat[i], lat[j])
    y = lat[j] - lat[i]
    return math.sqrt(x * x + y * y) * DEG_M / ((at[j] - at[i]) * 1e-6)


@njit(cache=True, nogil=True)
def slow_points(first, at, lon, lat, step_us, max_dt_us, max_mps):
    """Where each vessel is on a slow piece at each multiple of `step_us`: (number of the step, vessel), (lon, lat) [degree]."""
    cap, n = 0, 0  # as many as there could be; memory not written is not taken
    for v in range(first.shape[0] - 1):
        span_us = at[first[v + 1] - 1] - at[first[v]]
        cap += min(span_us // step_us + 1, (first[v + 1] - first[v]) * (max_dt_us // step_us + 1))
    who, where = np.empty((cap, 2), np.int64), np.empty((cap, 2))
    for v in range(first.shape[0] - 1):
        i, end = first[v], first[v + 1]
        while i < end:
            due = (at[i] + step_us - 1) // step_us * step_us  # the next step from here
            # on to the last vertex not after it
            j = _next_vertex(at, i, end)
            while j < end and at[j] <= due:
                i, j = j, _next_vertex(at, j, end)
            if j >= end:
                break
            if at[j] - at[i] <= max_dt_us and _speed_mps(at, lon, lat, i, j) < max_mps:
                while due < at[j]:
                    u = (due - at[i]) / (at[j] - at[i])
                    x = lon[i] + _dlon(lon[j] - lon[i]) * u
                    who[n, 0], who[n, 1] = due // step_us, v
                    where[n, 0], where[n, 1] = x - 360.0 if x >= 180.0 else (x + 360.0 if x < -180.0 else x), lat[i] + (lat[j] - lat[i]) * u
                    n += 1
                    due += step_us
            i = j
    return who[:n].copy(), where[:n].copy()


@njit(cache=True, nogil=True)
def near_pairs(order, who, where, mmsi, reach_m):
    """(vessel, vessel, step) of points of one step closer than `reach_m`, the lower number first; `order` sorts points by step."""
    cap, n = 4096, 0
    out = np.empty((cap, 3), np.int64)
    dlat = reach_m / DEG_M
    bands = np.int64(180.0 / dlat) + 2
    columns = np.empty(bands, np.int64)  # cells around the globe in each band of latitude, none narrower than the reach
    for band in range(bands):
        south, north = abs(band * dlat - 90.0), abs((band + 1) * dlat - 90.0)
        worst = max(0.0, math.cos(min(90.0, max(south, north)) * (math.pi / 180.0)))
        columns[band] = max(1, np.int64(360.0 * worst / dlat))
    total = order.shape[0]
    size = 1
    s0 = 0
    largest = 0
    while s0 < total:
        s1 = s0
        while s1 < total and who[order[s1], 0] == who[order[s0], 0]:
            s1 += 1
        largest = max(largest, s1 - s0)
        s0 = s1
    while size < 2 * largest:
        size *= 2
    head, following = np.full(size, -1, np.int64), np.empty(largest + 1, np.int64)
    cell_band, cell_column = np.empty(largest + 1, np.int64), np.empty(largest + 1, np.int64)
    s0 = 0
    while s0 < total:
        s1 = s0
        step = who[order[s0], 0]
        while s1 < total and who[order[s1], 0] == step:
            p = order[s1]
            k = s1 - s0
            x, y = where[p, 0], where[p, 1]
            band = np.int64((y + 90.0) / dlat)
            for b in range(max(0, band - 1), min(bands, band + 2)):
                m = columns[b]
                middle = min(m - 1, np.int64((x + 180.0) / 360.0 * m))
                for d in range(-1, 2):
                    if (m == 1 and d != 0) or (m == 2 and d < 0):
                        continue
                    col = (middle + d + m) % m
                    q = head[(b * 19_349_663 ^ col * 73_856_093) & (size - 1)]
                    while q >= 0:
                        if cell_band[q] == b and cell_column[q] == col:
                            o = order[s0 + q]
                            dx, dy = _dlon(where[o, 0] - x) * _cos(where[o, 1], y), where[o, 1] - y
                            v, w = who[p, 1], who[o, 1]
                            if dx * dx + dy * dy < dlat * dlat and mmsi[v] != mmsi[w]:
                                if n == cap:
                                    out = np.concatenate((out, out))
                                    cap *= 2
                                out[n, 0], out[n, 1], out[n, 2] = min(v, w), max(v, w), step
                                n += 1
                        q = following[q]
            cell_band[k], cell_column[k] = band, min(columns[band] - 1, np.int64((x + 180.0) / 360.0 * columns[band]))
            h = (cell_band[k] * 19_349_663 ^ cell_column[k] * 73_856_093) & (size - 1)
            following[k] = head[h]
            head[h] = k
            s1 += 1
        for k in range(s1 - s0):
            head[(cell_band[k] * 19_349_663 ^ cell_column[k] * 73_856_093) & (size - 1)] = -1
        s0 = s1
    return out[:n].copy()


@njit(cache=True, nogil=True)
def _piece_at(at, first, end, t):
    """First fix of the minute of the last fix not after `t`."""
    low, high = first, end
    while low < high:
        middle = (low + high) // 2
        if at[middle] <= t:
            low = middle + 1
        else:
            high = middle
    i = max(first, low - 1)
    while i > first and at[i - 1] // _MINUTE_US == at[i] // _MINUTE_US:
        i -= 1
    return i


@njit(cache=True, nogil=True)
def _one_vertex(at, i, end, since, until):
    """Whether, of the vertices from `i` on, at most one lies between two moments."""
    n = 0
    while i < end and at[i] < until and n < 2:
        if at[i] > since:
            n += 1
        i = _next_vertex(at, i, end)
    return n < 2


@njit(cache=True, nogil=True)
def approaches(looks, first, at, lon, lat, max_distance_m, max_dt_us, max_break_us, min_duration_us, min_share, max_mps, as_of_us):
    """When pairs were near: solves the straight ways of both vessels between their vertices exactly.

    `looks` has rows (vessel, vessel, from [us], to [us]). Gives rows (vessel, vessel, start [us], end [us], first row, last row of either, open) and
    (closest [m], mean distance [m], chance, mean speed of either [m/s], lon, lat [degree], share of the time near).

    A stay goes on over a break of `max_break_us`, or one in which neither vessel has more than one vertex (a fix gone astray among few), as long as
    the pair was near for `min_share` of it. The chance is that of the true share being at least that, errors being alike for ten minutes.
    """
    cap, n = 256, 0
    rows, facts = np.empty((cap, 9), np.int64), np.empty((cap, 8))
    for g in range(looks.shape[0]):
        va, vb, t_from, t_to = looks[g, 0], looks[g, 1], looks[g, 2], looks[g, 3]
        end_a, end_b = first[va + 1], first[vb + 1]
        ia, ib = _piece_at(at, first[va], end_a, t_from), _piece_at(at, first[vb], end_b, t_from)
        ja, jb = _next_vertex(at, ia, end_a), _next_vertex(at, ib, end_b)
        sa, sb = -1.0, -1.0  # speed of the piece; below 0: not yet known
        start, stop, near_us = np.int64(-1), np.int64(-1), 0.0
        ra0, ra1, rb0, rb1 = ia, ia, ib, ib
        closest, d_sum, p_sum, p_var, va_sum, vb_sum, lon0, x_sum, y_sum = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        while True:
            done = ja >= end_a or jb >= end_b
            t0 = max(at[ia], at[ib])
            done = done or t0 > t_to
            n0, n1 = 0.0, -1.0
            t1 = t0
            x0, y0, wx, wy, c = 0.0, 0.0, 0.0, 0.0, 1.0
            if not done:
                t1 = min(at[ja], at[jb])
                if t1 > t0 and at[ja] - at[ia] <= max_dt_us and at[jb] - at[ib] <= max_dt_us:
                    if sa < 0:
                        sa = _speed_mps(at, lon, lat, ia, ja)
                    if sb < 0:
                        sb = _speed_mps(at, lon, lat, ib, jb)
                    if sa < max_mps and sb < max_mps:
                        la, lb = 1.0 / (at[ja] - at[ia]), 1.0 / (at[jb] - at[ib])
                        dxa, dya = _dlon(lon[ja] - lon[ia]), lat[ja] - lat[ia]
                        dxb, dyb = _dlon(lon[jb] - lon[ib]), lat[jb] - lat[ib]
                        c = _cos(lat[ia], lat[ib])
                        ua, ub = (t0 - at[ia]) * la, (t0 - at[ib]) * lb
                        x0 = (_dlon(lon[ib] - lon[ia]) + dxb * ub - dxa * ua) * c * DEG_M
                        y0 = (lat[ib] - lat[ia] + dyb * ub - dya * ua) * DEG_M
                        span = t1 - t0
                        wx, wy = (dxb * lb - dxa * la) * span * c * DEG_M, (dyb * lb - dya * la) * span * DEG_M
                        n0, n1 = _inside(x0, y0, wx, wy, max_distance_m)
            over = done
            if start >= 0 and not done and n1 > n0:
                again = t0 + np.int64(n0 * (t1 - t0))
                over = near_us < min_share * (again - start)
                if again - stop > max_break_us and not over:
                    over = again - stop > 2 * max_dt_us or not (_one_vertex(at, ra1, end_a, stop, again) and _one_vertex(at, rb1, end_b, stop, again))
            if start >= 0 and over:
                if stop - start >= min_duration_us and near_us >= min_share * (stop - start):
                    if n == cap:
                        rows, facts = np.concatenate((rows, rows)), np.concatenate((facts, facts))
                        cap *= 2
                    last = done and (ja >= end_a or jb >= end_b)
                    known = min(at[ia] if ja >= end_a else at[ja], at[ib] if jb >= end_b else at[jb])
                    rows[n, 0], rows[n, 1], rows[n, 2], rows[n, 3] = va, vb, start, stop
                    rows[n, 4], rows[n, 5], rows[n, 6], rows[n, 7] = ra0, ra1, rb0, rb1
                    rows[n, 8] = np.int64(last and known - stop <= max_break_us and as_of_us - known <= max_dt_us)
                    facts[n, 0], facts[n, 1], facts[n, 2], facts[n, 3], facts[n, 4] = (
                        closest,
                        d_sum / near_us,
                        _chance(p_sum / (stop - start) - min_share, math.sqrt(p_var) / (stop - start)),
                        va_sum / near_us,
                        vb_sum / near_us,
                    )
                    facts[n, 5], facts[n, 6], facts[n, 7] = lon0 + x_sum / near_us, y_sum / near_us, near_us / (stop - start)
                    n += 1
                start = np.int64(-1)
            if done:
                break
            if n1 > n0:
                span = t1 - t0
                a_us, b_us = t0 + np.int64(n0 * span), t0 + np.int64(n1 * span)
                if start < 0:
                    start, near_us, closest = a_us, 0.0, max_distance_m
                    ra0, rb0, lon0 = ia, ib, lon[ia]
                    d_sum, p_sum, p_var, va_sum, vb_sum, x_sum, y_sum = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
                stop, ra1, rb1 = b_us, ja, jb
                weight = (n1 - n0) * span
                near_us += weight
                u = 0.5 * (n0 + n1)
                x, y = x0 + wx * u, y0 + wy * u
                d = math.sqrt(x * x + y * y)
                w2 = wx * wx + wy * wy
                best = min(n1, max(n0, -(x0 * wx + y0 * wy) / w2)) if w2 > 0 else u
                closest = min(closest, math.hypot(x0 + wx * best, y0 + wy * best))
                t = t0 + u * span
                var = 2.0 * FIX_ERROR_M**2 + _WALK_M2_PER_S * 1e-6 * (
                    (t - at[ia]) * (at[ja] - t) / (at[ja] - at[ia]) + (t - at[ib]) * (at[jb] - t) / (at[jb] - at[ib])
                )
                d_sum += d * weight
                p = 0.5 * (1.0 + math.erf((max_distance_m - d) / math.sqrt(2.0 * var)))
                p_sum += p * weight
                p_var += p * (1.0 - p) * weight * max(weight, _ALIKE_US)
                va_sum += sa * weight
                vb_sum += sb * weight
                xa = _dlon(lon[ia] - lon0) + _dlon(lon[ja] - lon[ia]) * (t - at[ia]) / (at[ja] - at[ia])
                ya = lat[ia] + (lat[ja] - lat[ia]) * (t - at[ia]) / (at[ja] - at[ia])
                x_sum += (xa + 0.5 * x / (c * DEG_M)) * weight
                y_sum += (ya + 0.5 * y / DEG_M) * weight
            if at[ja] <= t1:
                ia, sa = ja, -1.0
                ja = _next_vertex(at, ia, end_a)
            if at[jb] <= t1:
                ib, sb = jb, -1.0
                jb = _next_vertex(at, ib, end_b)
    return rows[:n].copy(), facts[:n].copy()


@njit(cache=True, nogil=True, inline="always")
def _chance(margin, sd):
    """That a normal quantity with this mean and standard deviation is above 0."""
    return 0.5 * (1.0 + math.erf(margin / max(sd, 1e-9) / math.sqrt(2.0)))


@njit(cache=True, nogil=True, inline="always")
def _inside(x0, y0, wx, wy, radius):
    """Part of 0..1 in which |(x0, y0) + (wx, wy) u| <= radius; the end before the start where there is none."""
    a, b, c = wx * wx + wy * wy, x0 * wx + y0 * wy, x0 * x0 + y0 * y0 - radius * radius
    if a < 1e-12:
        return (0.0, 1.0) if c <= 0 else (0.0, -1.0)
    disc = b * b - a * c
    if disc <= 0:
        return 0.0, -1.0
    root = math.sqrt(disc)
    return max(0.0, (-b - root) / a), min(1.0, (-b + root) / a)
