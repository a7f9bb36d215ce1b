"""Fields that have no column of their own -> one JSON text per message, written by a compiled loop."""

from __future__ import annotations

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.feeds.ais_bits import bits
from seaward.feeds.ais_columns import Bits
from seaward.feeds.ais_fields import BOOL, DETAIL_KEY, DETAIL_KEYS, FIELDS, FIRST, HEX, TENTH, TEXT
from seaward.feeds.bitmaps import texts

_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)
_WORDS = np.frombuffer(b"truefalse", np.uint8)


@njit(cache=True, nogil=True, error_model="numpy")
def _integer(value, into, at):
    if value < 0:
        into[at] = 45
        return _integer_from(-value, into, at + 1)
    return _integer_from(value, into, at)


@njit(cache=True, nogil=True, error_model="numpy")
def _integer_from(value, into, at):
    size, rest = 1, value // 10
    while rest:
        size += 1
        rest //= 10
    for k in range(size - 1, -1, -1):
        into[at + k] = 48 + value % 10
        value //= 10
    return at + size


@njit(cache=True, nogil=True, error_model="numpy")
def _quoted(words, first, n_bits, start, into, at):
    """Six-bit text in quotes; `"` and `\\` are escaped."""
    n = max(0, n_bits - start) // 6
    while n > 0 and bits(words, first, start + 6 * n - 6, 6) == 0:
        n -= 1
    while n > 0 and bits(words, first, start + 6 * n - 6, 6) == 32:
        n -= 1
    skip = 0
    while skip < n and bits(words, first, start + 6 * skip, 6) == 32:
        skip += 1
    into[at] = 34
    at += 1
    for k in range(skip, n):
        c = bits(words, first, start + 6 * k, 6)
        c = c + 64 if c < 32 else c
        if c in (34, 92):
            into[at] = 92
            at += 1
        into[at] = c
        at += 1
    into[at] = 34
    return at + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _hexadecimal(words, first, start, width, into, at):
    """Bits in quotes as whole bytes, the last filled with zero bits on its right."""
    into[at] = 34
    at += 1
    for byte in range((width + 7) // 8):
        size = min(8, width - 8 * byte)
        value = bits(words, first, start + 8 * byte, size) << (8 - size)
        into[at], into[at + 1] = _DIGITS[value >> 4], _DIGITS[value & 15]
        at += 2
    into[at] = 34
    return at + 1


@njit(cache=True, nogil=True, error_model="numpy")
def write(words, first, n_bits, layouts, into, ends, known):
    """JSON of every message, one behind the other; stops where `into` may not hold the next one and returns how many were written."""
    at = np.int64(0)
    for m in range(len(first)):
        size, w, opened = n_bits[m], first[m], at
        if at + 1024 + size // 3 > len(into):
            return m
        for row in range(FIRST[layouts[m]], FIRST[layouts[m] + 1]):
            key, start, width, kind = DETAIL_KEY[row, 0], FIELDS[row, 0], FIELDS[row, 1], FIELDS[row, 2]
            whole = start + width <= size if kind not in (HEX, TEXT) else start < size
            if key < 0 or not whole:
                continue
            into[at] = 123 if at == opened else 44
            at += 1
            for k in range(key, DETAIL_KEY[row, 1]):
                into[at] = DETAIL_KEYS[k]
                at += 1
            if kind == TEXT:
                at = _quoted(words, w, size if width == 0 else min(size, start + width), start, into, at)
            elif kind == HEX:
                at = _hexadecimal(words, w, start, size - start if width == 0 else min(width, size - start), into, at)
            else:
                value = bits(words, w, start, width)
                if kind == BOOL:
                    for k in range(0 if value else 4, 4 if value else 9):
                        into[at] = _WORDS[k]
                        at += 1
                else:
                    if FIELDS[row, 3] and value >> (width - 1):
                        value -= np.int64(1) << width
                    if kind == TENTH:
                        if value < 0:
                            into[at] = 45
                            at += 1
                            value = -value
                        at = _integer(value // 10, into, at)
                        into[at], into[at + 1] = 46, 48 + value % 10
                        at += 2
                    else:
                        at = _integer(value, into, at)
        if at > opened:
            into[at] = 125
            at += 1
            known[m >> 3] |= np.uint8(1 << (m & 7))
        ends[m + 1] = at
    return len(first)


def details(messages: Bits) -> pl.Series:
    """The column `details` of all messages of a piece: JSON text, null where a message has no further field."""
    n = len(messages.first)
    size = 4096 + 160 * n + int(messages.n_bits.sum(dtype=np.int64)) // 2
    while True:
        into, ends, known = np.empty(size, np.uint8), np.zeros(n + 1, np.int64), np.zeros(n // 8 + 1, np.uint8)
        if write(messages.words, messages.first, messages.n_bits, messages.layouts, into, ends, known) == n:
            return texts("details", _cut(into, ends), ends, known)
        size *= 2


def _cut(into: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.uint8]:
    return into[: int(ends[-1])]
