"""The times that stand around sentences -> microseconds since 1970 UTC: TAG blocks, `$PGHP`, prefixes, trailing stamps. Compiled."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from seaward.feeds.batch import EARLIEST_US

NO_TIME: Final = np.iinfo(np.int64).min
_LATEST_S: Final = 4_102_444_800  # 2100-01-01: what is later is no time of reception


@njit(cache=True, nogil=True, error_model="numpy")
def epoch_us(value):
    """A count since 1970 in seconds, milliseconds or microseconds (told by its size)."""
    if value <= 0:
        return NO_TIME
    if value < _LATEST_S:
        return value * 1_000_000
    if 100_000_000_000 <= value < _LATEST_S * 1000:
        return value * 1000
    if 100_000_000_000_000 <= value < _LATEST_S * 1_000_000:
        return value
    return NO_TIME


@njit(cache=True, nogil=True, error_model="numpy")
def date_us(year, month, day, hour, minute, second, micro):
    """A date of the Gregorian calendar, `NO_TIME` where there is none such from 1970 to 2099."""
    if year < 1970 or year > 2099 or month < 1 or month > 12 or day < 1 or hour > 23 or minute > 59 or second > 60:
        return NO_TIME
    days_in = 31 if month in (1, 3, 5, 7, 8, 10, 12) else 30
    if month == 2:
        days_in = 29 if (year % 4 == 0 and year != 2100) else 28
    if day > days_in:
        return NO_TIME
    y = year - (1 if month <= 2 else 0)  # days from civil (Hinnant 2013): March is the first month of the year
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    days = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return ((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + micro


@njit(cache=True, nogil=True, error_model="numpy")
def numbers(data, start, end, into):
    """The unsigned numbers in a text, in order; returns how many. Of a number behind a dot, its first six digits as millionths."""
    count, p = 0, start
    while p < end and count < len(into):
        if not 48 <= data[p] <= 57:
            p += 1
            continue
        value, digits, behind_dot = np.int64(0), 0, p > start and data[p - 1] == 46
        while p < end and 48 <= data[p] <= 57:
            if digits < (6 if behind_dot else 17):
                value = value * 10 + (data[p] - 48)
            digits += 1
            p += 1
        while behind_dot and digits < 6:
            value *= 10
            digits += 1
        into[count] = value
        count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def stamp_us(data, start, end):
    """A time as people write it before a sentence: `1372723200`, `1372723200.5`, `1372723200123`, `2013-07-02 00:00:00.25`, with T or / or Z."""
    for p in range(start, end):
        c = data[p]
        if not (48 <= c <= 58 or c in (32, 44, 45, 46, 47, 59, 9, 84, 90, 91, 93, 124)):  # other than digits : space , - . / ; tab T Z [ ] |
            return NO_TIME
    into = np.zeros(7, np.int64)
    n = numbers(data, start, end, into)
    if n in (1, 2):
        at = epoch_us(into[0])
        if at < EARLIEST_US:  # a line number, not a time
            return NO_TIME
        return at + into[1] if at != NO_TIME and n == 2 and into[0] < _LATEST_S and into[1] < 1_000_000 else at
    if n >= 6:
        return date_us(into[0], into[1], into[2], into[3], into[4], into[5], into[6])
    return NO_TIME


@njit(cache=True, nogil=True, error_model="numpy")
def gatehouse_us(data, start, end):
    """Time of a `$PGHP,1,year,month,day,hour,minute,second,millisecond,...` line, given from behind its first comma."""
    into = np.full(8, -1, np.int64)
    field, p = 0, start
    while p < end and field < 8:
        value, digits = np.int64(0), 0
        while p < end and 48 <= data[p] <= 57 and digits < 6:
            value = value * 10 + (data[p] - 48)
            digits += 1
            p += 1
        if digits == 0 or (p < end and data[p] != 44):
            return NO_TIME
        into[field] = value
        field += 1
        p += 1
    if field < 8 or into[0] != 1 or into[7] > 999:
        return NO_TIME
    return date_us(into[1], into[2], into[3], into[4], into[5], into[6], into[7] * 1000)
