"""Text of one field -> number or time. Compiled; what is written in an unusual way is left to `csv_rows`."""

# pyright: reportCallIssue=false
from __future__ import annotations

import numpy as np
from numba import njit

from seaward.feeds.csv_bits import byte_at, float64_at, load_u64, lowest_bit

READ, EMPTY, ODD = 0, 1, 2  # READ: as `float` would read it; ODD: something else may still make sense of it
YMD, DMY, MDY, EPOCH_S, EPOCH_MS, OTHER_TIME = range(6)
_U = np.uint64
_ONES, _HIGH = _U(0x0101010101010101), _U(0x8080808080808080)
_ZEROS, _ABOVE_9 = _U(0x3030303030303030), _U(0x7676767676767676)
_PAIRS, _BY_10E6_100, _BY_10E4_1 = _U(0x000000FF000000FF), _U(0x000F424000000064), _U(0x0000271000000001)
_COLONS, _COLON_MASK, _CLOCK_ZEROS = _U(0x00003A00003A0000), _U(0x0000FF0000FF0000), _U(0x3030003030003030)
POWERS = 10.0 ** np.arange(16)


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy")
def _word(text, start, length, point):
    """Value, digits and decimals (-1: no point) of 1 to 8 characters; digits are -1 where one is none.

    Eight digits at a time: https://lemire.me/blog/2022/01/21/swar-explained-parsing-eight-digits/
    """
    word = load_u64(text, start)
    marked = word ^ (_ONES * _U(point))
    place = lowest_bit((marked - _ONES) & ~marked & _HIGH) >> 3
    digits, decimals = length, np.int64(-1)
    if place < length:
        below = (_U(1) << _U(8 * place)) - _U(1)
        word = (word & below) | ((word >> _U(8)) & ~below)
        digits = length - 1
        decimals = digits - place
        if digits == 0:
            return np.int64(0), np.int64(-1), np.int64(0)
    word = (word ^ _ZEROS) << _U(8 * (8 - digits))
    if ((word + _ABOVE_9) | word) & _HIGH:
        return np.int64(0), np.int64(-1), np.int64(0)
    word = word * _U(10) + (word >> _U(8))
    value = (((word & _PAIRS) * _BY_10E6_100) + (((word >> _U(16)) & _PAIRS) * _BY_10E4_1)) >> _U(32)
    return np.int64(value & _U(0xFFFFFFFF)), digits, decimals


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy")
def number(text, start, end, point, powers):
    """Value and `READ`, `EMPTY` or `ODD`; a value of at most 15 digits over an exact power of ten is rounded once, as `float` does.

    `text` is the address of the bytes, `powers` that of `POWERS`.
    """
    length = end - start
    if length == 0:
        return np.nan, EMPTY
    minus = byte_at(text, start) == 45
    if minus:
        start += 1
        length -= 1
    if length <= 0 or length > 16:
        return np.nan, ODD
    if length <= 8:
        value, digits, decimals = _word(text, start, length, point)
    else:
        high, high_digits, high_decimals = _word(text, start, length - 8, point)
        value, digits, decimals = _word(text, end - 8, np.int64(8), point)
        if high_digits < 0 or digits < 0 or (high_decimals >= 0 and decimals >= 0) or high_digits + digits > 15:
            return np.nan, ODD
        value += high * (100_000_000 if digits == 8 else 10_000_000)
        if high_decimals >= 0:
            decimals = high_decimals + 8
    if digits < 0:
        return np.nan, ODD
    result = value / float64_at(powers, decimals) if decimals > 0 else np.float64(value)
    return -result if minus else result, READ


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy")
def _small(text, start, n):
    """Value of `n` digits, or a large negative number."""
    value = 0
    for i in range(start, start + n):
        digit = np.int64(byte_at(text, i)) - 48
        if digit < 0 or digit > 9:
            return -1_000_000
        value = value * 10 + digit
    return value


@njit(cache=True, nogil=True, error_model="numpy")
def day_of(text, start, kind):
    """Days since 1970-01-01 of ten characters such as 2023-01-31 or 31/01/2023, or -1 (Hinnant, days_from_civil)."""
    if kind == YMD:
        year, month, day = _small(text, start, 4), _small(text, start + 5, 2), _small(text, start + 8, 2)
        first, second = byte_at(text, start + 4), byte_at(text, start + 7)
    else:
        day, month, year = _small(text, start, 2), _small(text, start + 3, 2), _small(text, start + 6, 4)
        first, second = byte_at(text, start + 2), byte_at(text, start + 5)
        if kind == MDY:
            day, month = month, day
    if first != second or not 45 <= first <= 47:
        return -1
    if year < 1970 or month < 1 or month > 12 or day < 1:
        return -1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = 30 + ((month + month // 8) & 1) if month != 2 else 29 if leap else 28
    if day > longest:
        return -1
    y = year - 1 if month <= 2 else year
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy")
def clock_us(text, start, end):
    """Microseconds since midnight of HH:MM:SS with up to six decimals and a Z, or -1. Second 60 is not read here."""
    word = load_u64(text, start)
    if (word & _COLON_MASK) != _COLONS:
        return np.int64(-1)
    word = (word & ~_COLON_MASK) ^ _CLOCK_ZEROS
    if ((word + (_ABOVE_9 & ~_COLON_MASK)) | word) & _HIGH:
        return np.int64(-1)
    pairs = word * _U(10) + (word >> _U(8))
    hour, minute, second = np.int64(pairs & _U(0xFF)), np.int64((pairs >> _U(24)) & _U(0xFF)), np.int64((pairs >> _U(48)) & _U(0xFF))
    if hour > 23 or minute > 59 or second > 59:
        return np.int64(-1)
    at_us = (hour * 3600 + minute * 60 + second) * 1_000_000
    p = start + 8
    if p < end and byte_at(text, p) == 46:
        p += 1
        unit = 100_000
        while p < end and unit > 0 and 48 <= byte_at(text, p) <= 57:
            at_us += (np.int64(byte_at(text, p)) - 48) * unit
            unit //= 10
            p += 1
        if unit == 100_000:
            return np.int64(-1)
    if p < end and byte_at(text, p) == 90:
        p += 1
    return at_us if p == end else np.int64(-1)
