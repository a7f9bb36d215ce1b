"""Fixes of one number, all its hulls together -> where it leaves one place and is in another, too far away, without being heard in both by turns."""

from __future__ import annotations

import numpy as np
from numba import njit

from seaward.core.geodesy import distance_m


@njit(cache=True, nogil=True, inline="always")
def _leap(i, j, at, lon, lat, max_mps, far_m):
    """Whether the way from fix i to fix j (later) is far, and faster than any vessel."""
    d = distance_m(lon[i], lat[i], lon[j], lat[j])
    return d > far_m and d > max_mps * (at[j] - at[i]) / 1e6


@njit(cache=True, nogil=True)
def has_leap(first, at, lon, lat, max_mps, far_m):
    """For each vessel (rows `first[v]` up to `first[v + 1]`, in time order) whether a step within it is a leap."""
    found = np.zeros(first.size - 1, np.bool_)
    for v in range(found.size):
        for i in range(first[v] + 1, first[v + 1]):
            if _leap(i - 1, i, at, lon, lat, max_mps, far_m):
                found[v] = True
                break
    return found


@njit(cache=True, nogil=True)
def jumps(first, at, lon, lat, feed, max_mps, far_m, handover_us, stay_us, fixes, break_us):
    """Jumps between stays, gathered where they follow each other.

    A stay is a sequence of fixes without a leap. Fixes a leap away from it begin another stay; that one is taken for true once it holds `fixes` fixes
    over `stay_us` while the first is not heard: a fix of the first in between makes strays of them, noise or another vessel. From one stay to
    the next is a jump if no more than `handover_us` pass and the feed that heard the last fix before also heard the new stay.

    Parameters
    ----------
    first
        Where each number begins in the sorted columns, and the end, shape (n + 1,).
    at, lon, lat, feed
        Time [us], place [degree], feed by number.
    max_mps, far_m
        A leap is both faster and longer.
    handover_us, stay_us, fixes, break_us
        As above; a jump later than `break_us` after another belongs to another sequence.

    Returns
    -------
    rows
        Per sequence: number by place in `first`; last fix before the first jump, first fix after it, the fix that confirms it; last fix before the
        last jump, first after it; jumps; strays and other fixes from the first jump to `break_us` after the last. Shape (m, 9).
    facts
        Farthest jump [m], and the fastest [m/s]. Shape (m, 2).
    """
    size = at.shape[0] // max(1, fixes) + 1
    rows, facts = np.empty((size, 9), np.int64), np.empty((size, 2))
    n = 0
    for v in range(first.size - 1):
        a = first[v]
        if a == first[v + 1]:
            continue
        last, held = a, 1  # of the stay taken for true
        new, new_last, new_held, heard_by_same = np.int64(-1), np.int64(-1), 0, False
        open_ = False
        for i in range(a + 1, first[v + 1]):
            if at[i] == at[i - 1] and lon[i] == lon[i - 1] and lat[i] == lat[i - 1]:
                continue
            if open_ and at[i] - at[rows[n, 5]] > break_us:
                n, open_ = n + 1, False
            if not _leap(last, i, at, lon, lat, max_mps, far_m):
                if open_:
                    rows[n, 7] += new_held
                    rows[n, 8] += 1
                last, held, new_held = i, held + 1, 0
                continue
            if new_held and not _leap(new_last, i, at, lon, lat, max_mps, far_m):
                new_last, new_held = i, new_held + 1
                heard_by_same = heard_by_same or feed[i] == feed[last]
            else:
                if open_:
                    rows[n, 7] += new_held
                new, new_last, new_held, heard_by_same = np.int64(i), np.int64(i), 1, feed[i] == feed[last]
            if new_held < fixes or at[i] - at[new] < stay_us:
                continue
            if held >= fixes and heard_by_same and at[new] - at[last] <= handover_us:
                d = distance_m(lon[last], lat[last], lon[new], lat[new])
                speed = d / max(1.0, (at[new] - at[last]) / 1e6)
                if not open_:
                    open_ = True
                    rows[n, 0], rows[n, 1], rows[n, 2], rows[n, 3] = v, last, new, i
                    rows[n, 6], rows[n, 7], rows[n, 8] = 0, 0, 0
                    facts[n, 0], facts[n, 1] = 0.0, 0.0
                rows[n, 4], rows[n, 5] = last, new
                rows[n, 6] += 1
                facts[n, 0], facts[n, 1] = max(facts[n, 0], d), max(facts[n, 1], speed)
            if open_:
                rows[n, 8] += new_held
            last, held, new_held = i, new_held, 0
        if open_:
            rows[n, 7] += new_held
            n += 1
    return rows[:n].copy(), facts[:n].copy()
