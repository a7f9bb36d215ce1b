"""Whole messages -> columns of numbers and text, each with its bitmap of what is known. Compiled loops; Arrow arrays at the face."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.feeds.ais_bits import bits, cut_out, in_unit, layout_of, number
from seaward.feeds.ais_fields import FIELDS, NUMBER_PLACES, NUMBERS, TEXT_PLACES, TEXTS
from seaward.feeds.bitmaps import numbers, texts

REPORT_TYPES: Final = (1, 2, 3, 4, 9, 11, 17, 18, 19, 21, 27)
STATIC_TYPES: Final = (5, 19, 24)
_IS_REPORT = np.isin(np.arange(28), REPORT_TYPES)
_IS_STATIC = np.isin(np.arange(28), STATIC_TYPES)


@njit(cache=True, nogil=True, error_model="numpy")
def heads(words, first, n_bits, n, kinds, mmsi, layouts, reports, static, counts):
    """Type, identity and layout of each message, and which give a report, which a static row; returns how many of each."""
    n_reports, n_static = 0, 0
    for m in range(n):
        w = first[m]
        kind = words[w] >> 54
        kinds[m], mmsi[m] = kind, (words[w] >> 22) & 0x3FFFFFFF
        layouts[m] = layout_of(words[w], words[w + 2] if n_bits[m] > 120 else np.int64(0), n_bits[m])
        counts[kind] += 1
        reports[n_reports] = m
        n_reports += _IS_REPORT[kind]
        static[n_static] = m
        n_static += _IS_STATIC[kind]
    return n_reports, n_static


@njit(cache=True, nogil=True, error_model="numpy")
def fill(words, first, n_bits, layouts, rows, places, values, known):
    """Values of one field for the messages `rows`, and their bitmap."""
    n = len(rows)
    for block in range((n + 7) // 8):
        seen = 0
        for i in range(8 * block, min(8 * block + 8, n)):
            m = rows[i]
            row = places[layouts[m]]
            v = np.nan
            if row >= 0 and FIELDS[row, 0] + FIELDS[row, 1] <= n_bits[m]:
                w = first[m] + FIELDS[row, 6]
                v = number(words[w], words[w + 1], row)
            there = not np.isnan(v)
            values[i] = v if there else 0.0
            seen |= there << (i & 7)
        known[block] = seen


@njit(cache=True, nogil=True, error_model="numpy")
def by_layout(layouts, order, ends):
    """Message numbers layout by layout, each in order, and where each layout ends among them."""
    for layout in layouts:
        ends[layout] += 1
    at = np.empty(len(ends), np.int64)
    total = np.int64(0)
    for k in range(len(ends)):
        at[k] = total
        total += ends[k]
        ends[k] = total
    for m in range(len(layouts)):
        order[at[layouts[m]]] = m
        at[layouts[m]] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def fill_every(words, first, n_bits, order, ends, places, values, known):
    """Values of one field for all messages, and their bitmap, both given as zeros: layout by layout, so that a rare field costs what it is."""
    start = np.int64(0)
    for layout in range(len(ends)):
        row, end = places[layout], ends[layout]
        if row >= 0:
            needed, word, into, signed = FIELDS[row, 0] + FIELDS[row, 1], FIELDS[row, 6], FIELDS[row, 7], FIELDS[row, 3]
            width, kind, null_low, null_high = FIELDS[row, 1], FIELDS[row, 2], FIELDS[row, 4], FIELDS[row, 5]
            for k in range(start, end):
                m = order[k]
                if needed <= n_bits[m]:
                    w = first[m] + word
                    v = in_unit(cut_out(words[w], words[w + 1], width, into, signed), kind, null_low, null_high)
                    if not np.isnan(v):
                        values[m] = v
                        known[m >> 3] |= np.uint8(1 << (m & 7))
        start = end


@njit(cache=True, nogil=True, error_model="numpy")
def both_sides(one, other, known_one, known_other, whole):
    """Distances from the antenna to both ends -> the whole; where it is 0 or one is unknown, all three become unknown."""
    for block in range(len(known_one)):
        seen = known_one[block] & known_other[block]
        if seen:
            for i in range(8):
                m = 8 * block + i
                if seen >> i & 1:
                    whole[m] = one[m] + other[m]
                    if whole[m] == 0:
                        seen &= ~np.uint8(1 << i)
        known_one[block] = known_other[block] = seen


@njit(cache=True, nogil=True, error_model="numpy")
def arrivals(month, day, hour, minute, known, into, ends):
    """Times of arrival as `MM-DD hh:mm`, one behind the other, with their ends; all of it unknown (0, 0, 24, 60) is unknown. Returns their length."""
    at = 0
    for m in range(len(month)):
        if known[m >> 3] >> (m & 7) & 1:
            if month[m] > 0 or day[m] > 0 or hour[m] < 24 or minute[m] < 60:
                for value, mark in ((month[m], 45), (day[m], 32), (hour[m], 58), (minute[m], 0)):
                    into[at], into[at + 1] = 48 + value // 10, 48 + value % 10
                    at += 2
                    if mark:
                        into[at] = mark
                        at += 1
            else:
                known[m >> 3] &= ~np.uint8(1 << (m & 7))
        ends[m + 1] = at
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def text(words, first, n_bits, start, width, into, at):
    """Write six-bit text to `into[at:]`: whole characters only, without `@` and then blanks behind it and blanks before; returns its length."""
    n = max(0, min(width, n_bits - start)) // 6
    while n > 0 and bits(words, first, start + 6 * n - 6, 6) == 0:
        n -= 1
    while n > 0 and bits(words, first, start + 6 * n - 6, 6) == 32:
        n -= 1
    skip = 0
    while skip < n and bits(words, first, start + 6 * skip, 6) == 32:
        skip += 1
    for k in range(skip, n):
        c = bits(words, first, start + 6 * k, 6)
        into[at + k - skip] = c + 64 if c < 32 else c
    return n - skip


@njit(cache=True, nogil=True, error_model="numpy")
def fill_text(words, first, n_bits, layouts, rows, places, into, ends, known):
    """Texts of one field for the messages `rows`, one behind the other, with their ends and bitmap."""
    at = 0
    for i in range(len(rows)):
        m = rows[i]
        row = places[layouts[m]]
        if row >= 0:
            length = text(words, first[m], n_bits[m], FIELDS[row, 0], FIELDS[row, 1], into, at)
            if length:
                known[i >> 3] |= np.uint8(1 << (i & 7))
                at += length
        ends[i + 1] = at
    return at


class Bits:
    """The messages of one piece, ready to be asked for their columns."""

    def __init__(self, words: NDArray[np.int64], first: NDArray[np.int64], n_bits: NDArray[np.int32]) -> None:
        n = len(first)
        self.words, self.first, self.n_bits = words, first, n_bits
        self.kinds, self.mmsi, self.layouts = np.empty(n, np.uint8), np.empty(n, np.uint32), np.empty(n, np.int64)
        self.counts = np.zeros(28, np.int64)
        reports, static = np.empty(n + 1, np.int64), np.empty(n + 1, np.int64)
        n_reports, n_static = heads(words, first, n_bits, n, self.kinds, self.mmsi, self.layouts, reports, static, self.counts)
        self.reports, self.static = reports[:n_reports], static[:n_static]
        self._order: NDArray[np.int64] | None = None

    def number(self, name: str, rows: NDArray[np.int64], dtype: type[np.generic] = np.float64) -> pl.Series:
        """One column of numbers, null where not known."""
        values, known = np.empty(len(rows), dtype), np.zeros(len(rows) // 8 + 1, np.uint8)
        fill(self.words, self.first, self.n_bits, self.layouts, rows, np.ascontiguousarray(NUMBER_PLACES[:, NUMBERS.index(name)]), values, known)
        return numbers(name, values, known)

    def every(self, name: str, dtype: type[np.generic] = np.float64) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """One field of all messages: values, and the bitmap of those known."""
        if self._order is None:
            self._order, self._ends = np.empty(len(self.layouts), np.int64), np.zeros(len(NUMBER_PLACES), np.int64)
            by_layout(self.layouts, self._order, self._ends)
        values, known = np.zeros(len(self.layouts), dtype), np.zeros(len(self.layouts) // 8 + 1, np.uint8)
        places = np.ascontiguousarray(NUMBER_PLACES[:, NUMBERS.index(name)])
        fill_every(self.words, self.first, self.n_bits, self._order, self._ends, places, values, known)
        return values, known

    def text(self, name: str, rows: NDArray[np.int64]) -> pl.Series:
        """One column of text, null where empty."""
        column = TEXTS.index(name)
        into, ends, known = np.empty(20 * len(rows) + 1, np.uint8), np.zeros(len(rows) + 1, np.int64), np.zeros(len(rows) // 8 + 1, np.uint8)
        size = fill_text(self.words, self.first, self.n_bits, self.layouts, rows, np.ascontiguousarray(TEXT_PLACES[:, column]), into, ends, known)
        return texts(name, into[:size], ends, known)
