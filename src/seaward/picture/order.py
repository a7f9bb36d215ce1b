"""Rows of any order -> row numbers vessel by vessel, each in time order, ties settled by content."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: spreads consecutive numbers (Knuth, TAOCP vol. 3, 6.4)
NO_TIME = np.iinfo(np.int64).min  # stands for an unknown time inside this room only
UNPLACED, NOT_VESSEL, IMPOSSIBLE = -1, -2, -3
_BASE, _AID, _SAR, _UNSAID = 2, 3, 4, 255  # order of core.tables.TRANSCEIVERS, and where the input does not say
_CROWD = 64  # rows of one moment beyond which comparing each with each would take too long


def sift(
    mmsi: NDArray[np.uint32],
    at: NDArray[np.int64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    transceiver: NDArray[np.uint8],
    code: NDArray[np.int32],
) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Number the identities of rows that can be fixes, in `code`; the others get `UNPLACED`, `NOT_VESSEL` or `IMPOSSIBLE`.

    Returns the identities in order of number, and for each the transceivers seen (bit n: the n-th of TRANSCEIVERS).
    """
    size = 1 << 13
    while True:
        found, kinds = np.empty(size >> 1, np.uint32), np.zeros(size >> 1, np.uint8)
        n = _sift(mmsi, at, lon, lat, transceiver, code, np.empty(size, np.uint32), np.full(size, -1, np.int32), found, kinds)
        if n >= 0:
            return found[:n].copy(), kinds[:n].copy()
        size *= 4


@njit(cache=True, nogil=True)
def _kind_of(mmsi):
    """What sends under such a number (ITU-R M.585-9): shore station 00MID, aid to navigation 99MID, search aircraft 111MID; else not known."""
    if mmsi // 10_000_000 == 99:
        return _AID
    if mmsi // 1_000_000 == 111:
        return _SAR
    return _BASE if 1_000_000 <= mmsi < 10_000_000 else _UNSAID


@njit(cache=True, nogil=True)
def _sift(mmsi, at, lon, lat, transceiver, code, key, slot, found, kinds):
    """`sift` with tables of one size: how many identities there are, or -1 when they do not fit.

    The tables never change inside: a loop that could replace them is nine times slower when compiled.
    """
    n, mask = 0, key.size - 1
    for i in range(mmsi.size):
        x, y, kind, m = lon[i], lat[i], transceiver[i], mmsi[i]
        if kind == _UNSAID:
            kind = _kind_of(m)
        if kind in (_BASE, _AID):
            code[i] = NOT_VESSEL
            continue
        if at[i] == NO_TIME or math.isnan(x) or math.isnan(y):
            code[i] = UNPLACED
            continue
        if not (abs(x) <= 180.0 and abs(y) <= 90.0) or (x == 0.0 and y == 0.0):
            code[i] = IMPOSSIBLE
            continue
        s = np.int64((np.uint64(m) * _GOLDEN) >> np.uint64(32)) & mask
        while slot[s] >= 0 and key[s] != m:
            s = (s + 1) & mask
        if slot[s] < 0:
            if n == found.size:
                return -1
            key[s], slot[s], found[n] = m, n, m
            n += 1
        code[i] = slot[s]
        if kind < 8:
            kinds[slot[s]] |= np.uint8(1) << np.uint8(kind)
    return n


@njit(cache=True, nogil=True)
def by_vessel(code, found, at, lon, lat, sog):
    """Counting sort of the rows with a number, identities ascending.

    Returns the numbers of the identities in that order, where each begins (and the end), the row numbers, and time, place and speed in that order.
    """
    ranked = np.argsort(found)
    first = np.zeros(found.size + 1, np.int64)
    for i in range(code.size):
        if code[i] >= 0:
            first[code[i]] += 1
    place = np.empty(found.size, np.int64)
    total = 0
    sizes = first[:-1].copy()
    for r in range(ranked.size):
        first[r] = total
        place[ranked[r]] = total
        total += sizes[ranked[r]]
    first[ranked.size] = total
    row = np.empty(total, np.uint32)
    t, x, y, s = np.empty(total, np.int64), np.empty(total, np.float64), np.empty(total, np.float64), np.empty(total, np.float32)
    for i in range(code.size):
        c = code[i]
        if c >= 0:
            p = place[c]
            place[c] = p + 1
            row[p] = i
            t[p], x[p], y[p], s[p] = at[i], lon[i], lat[i], sog[i]
    return ranked, first, row, t, x, y, s


@njit(cache=True, nogil=True)
def _low(value):
    return -1.0 if math.isnan(value) else value


@njit(cache=True, nogil=True)
def _after(p, q, lon, lat, sog, cog, heading, nav, feed, offset):
    """Whether row p comes after row q of the same moment: longitude, latitude, speed, course, feed, place in it, and the rest."""
    if lon[p] != lon[q]:
        return lon[p] > lon[q]
    if lat[p] != lat[q]:
        return lat[p] > lat[q]
    if _low(sog[p]) != _low(sog[q]):
        return _low(sog[p]) > _low(sog[q])
    if _low(cog[p]) != _low(cog[q]):
        return _low(cog[p]) > _low(cog[q])
    if feed[p] != feed[q]:
        return feed[p] > feed[q]
    if offset[p] != offset[q]:
        return offset[p] > offset[q]
    if _low(heading[p]) != _low(heading[q]):
        return _low(heading[p]) > _low(heading[q])
    return nav[p] > nav[q]


@njit(cache=True, nogil=True)
def _by_content(rows, lon, lat, sog, cog, heading, nav, feed, offset):
    """Many rows of one moment in the order of `_after`, by one stable sort per column from the last to the first."""
    rows = rows[np.argsort(nav[rows], kind="mergesort")]
    rows = rows[np.argsort(np.array([_low(heading[r]) for r in rows]), kind="mergesort")]
    rows = rows[np.argsort(offset[rows], kind="mergesort")]
    rows = rows[np.argsort(feed[rows], kind="mergesort")]
    rows = rows[np.argsort(np.array([_low(cog[r]) for r in rows]), kind="mergesort")]
    rows = rows[np.argsort(np.array([_low(sog[r]) for r in rows]), kind="mergesort")]
    rows = rows[np.argsort(lat[rows], kind="mergesort")]
    return rows[np.argsort(lon[rows], kind="mergesort")]


@njit(cache=True, nogil=True)
def _settle_ties(a, b, row, t, lon, lat, sog, cog, heading, nav, feed, offset):
    """Put rows of one moment, from a up to b, in the order of their content, in place."""
    i = a
    while i < b:
        e = i + 1
        while e < b and t[e] == t[i]:
            e += 1
        if e - i > _CROWD:
            row[i:e] = _by_content(row[i:e].copy(), lon, lat, sog, cog, heading, nav, feed, offset)
        else:
            for k in range(i + 1, e):
                j, r = k, row[k]
                while j > i and _after(row[j - 1], r, lon, lat, sog, cog, heading, nav, feed, offset):
                    row[j] = row[j - 1]
                    j -= 1
                row[j] = r
        i = e


@njit(cache=True, nogil=True)
def settle(first, row, t, x, y, s, lon, lat, sog, cog, heading, nav, feed, offset):
    """Put each vessel's rows into time order where they are not, in place; rows of one moment by content, never by arrival."""
    for v in range(first.size - 1):
        a, b = first[v], first[v + 1]
        timely, tied = True, False
        for i in range(a + 1, b):
            if t[i] <= t[i - 1]:
                tied = True
                if t[i] < t[i - 1]:
                    timely = False
                    break
        if not timely:
            order = np.argsort(t[a:b], kind="mergesort")
            row[a:b] = row[a:b][order]
            t[a:b] = t[a:b][order]
            tied = True
        if not tied:
            continue
        _settle_ties(a, b, row, t, lon, lat, sog, cog, heading, nav, feed, offset)
        for i in range(a, b):
            x[i], y[i], s[i] = lon[row[i]], lat[row[i]], sog[row[i]]
