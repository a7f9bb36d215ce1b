"""Whole messages -> columns of numbers and text, each with its bitmap of what is known. Compiled loops; Arrow arrays at the face."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.feeds.ais_bits import bits, layout_of, number
from seaward.feeds.ais_fields import FIELDS, NUMBER_PLACES, NUMBERS, TEXT_PLACES, TEXTS
from seaward.feeds.bitmaps import numbers, texts

REPORT_TYPES: Final = (1, 2, 3, 4, 9, 11, 17, 18, 19, 21, 27)
STATIC_TYPES: Final = (5, 19, 24)
_IS_REPORT = np.isin(np.arange(28), REPORT_TYPES)
_IS_STATIC = np.isin(np.arange(28), STATIC_TYPES)


@njit(cache=True, nogil=True, error_model="numpy")
def heads(words, first, n_bits, n, kinds, mmsi, layouts, reports, static, counts):  # pragma: no cover - compiled
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
def fill(words, first, n_bits, layouts, rows, places, values, known):  # pragma: no cover - compiled
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
def text(words, first, n_bits, start, width, into, at):  # pragma: no cover - compiled
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
def fill_text(words, first, n_bits, layouts, rows, places, into, ends, known):  # pragma: no cover - compiled
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

    def number(self, name: str, rows: NDArray[np.int64], dtype: type[np.generic] = np.float64) -> pl.Series:
        """One column of numbers, null where not known."""
        values, known = np.empty(len(rows), dtype), np.zeros(len(rows) // 8 + 1, np.uint8)
        fill(self.words, self.first, self.n_bits, self.layouts, rows, np.ascontiguousarray(NUMBER_PLACES[:, NUMBERS.index(name)]), values, known)
        return numbers(name, values, known)

    def text(self, name: str, rows: NDArray[np.int64]) -> pl.Series:
        """One column of text, null where empty."""
        column = TEXTS.index(name)
        into, ends, known = np.empty(20 * len(rows) + 1, np.uint8), np.zeros(len(rows) + 1, np.int64), np.zeros(len(rows) // 8 + 1, np.uint8)
        size = fill_text(self.words, self.first, self.n_bits, self.layouts, rows, np.ascontiguousarray(TEXT_PLACES[:, column]), into, ends, known)
        return texts(name, into[:size], ends, known)
