"""Whole lines of delimited text -> columns of numbers. Compiled: separators by 64-byte blocks, then row by row; any column order.

A row that is not plain (a wrong number of fields, an unusual number, a value that breaks a rule) keeps its place and is
named in `slow`: `csv_rows` reads or rejects it. Memory behind the last line must be readable for 64 bytes: see `delimited`.
"""

# pyright: reportCallIssue=false, reportGeneralTypeIssues=false
from __future__ import annotations

import numpy as np
from numba import njit

from seaward.feeds.batch import EARLIEST_US, LATEST_US
from seaward.feeds.csv_bits import bits_set, byte_at, equal_64, float64_at, int32_at, load_u64, lowest_bit
from seaward.feeds.csv_numbers import EMPTY, EPOCH_MS, EPOCH_S, ODD, OTHER_TIME, POWERS, READ, clock_us, day_of, number

(MMSI, TIME, LON, LAT, SOG, COG, HEADING, NAV, TRANSCEIVER) = range(9)  # what a column can mean to the kernel
ROLES = 9
UNKNOWN, NOT_LISTED = 255, 254  # of nav and transceiver codes
WINDOW_BYTES = 1 << 16  # separators of so many bytes at a time: they and their text stay in the nearest cache
_U = np.uint64
_NONE = _U(0)
_MIX = _U(0x9E3779B97F4A7C15)
_QUOTE, _LINE_END = np.uint8(34), np.uint8(10)
_AT_START, _PLAIN, _QUOTED, _CLOSED = 0, 1, 2, 3  # where in a field one is: RFC 4180, read as Python's csv module reads it


@njit(cache=True, nogil=True, error_model="numpy")
def text_hash(text, start, end):
    """64-bit hash of a text; never 0 for a text that is not empty."""
    mixed = _U(end - start) * _MIX
    while start + 8 <= end:
        mixed = (mixed ^ load_u64(text, start)) * _MIX
        mixed ^= mixed >> _U(29)
        start += 8
    if start < end:
        mixed = (mixed ^ (load_u64(text, start) & ((_U(1) << _U(8 * (end - start))) - _U(1)))) * _MIX
        mixed ^= mixed >> _U(29)
    return mixed | _U(end > start)


@njit(cache=True, nogil=True, error_model="numpy")
def count_lines(data, limit):
    """Line ends in `data[:limit]`; the 64 bytes behind must be readable."""
    text, lines = data.ctypes.data, 0
    for at in range(0, limit - 63, 64):
        lines += bits_set(equal_64(text, at, _LINE_END))
    for at in range(limit - limit % 64, limit):
        lines += data[at] == 10
    return lines


@njit(cache=True, nogil=True, error_model="numpy")
def _split_slowly(text, at, n, delimiter, state, marks, found, line_marks, lines):
    """Separators of up to 64 bytes with a quote where none belongs; returns the state and how many are known."""
    for i in range(at, at + n):
        byte = byte_at(text, i)
        if byte == _LINE_END or (byte == delimiter and state != _QUOTED):
            marks[found] = i
            if byte == _LINE_END:
                line_marks[lines] = found
                lines += 1
            found += 1
            state = _AT_START
        elif byte == _QUOTE and state != _PLAIN:
            state = _CLOSED if state == _QUOTED else _QUOTED
        elif state != _QUOTED:
            state = _PLAIN
    return state, found, lines


@njit(cache=True, nogil=True, error_model="numpy")
def split_window(text, start, limit, delimiter, marks, line_marks):
    """Fill `marks[1:]` with the separators and line ends from `start` (`marks[0]` is the byte before it); in `line_marks` which of
    them are line ends; return how many those are.

    Stops at `limit`, or after `WINDOW_BYTES` that hold a line end.
    """
    marks[0] = start - 1
    found, state, at, lines = 1, _AT_START, start, 0
    while at < limit and (at - start < WINDOW_BYTES or lines == 0):
        n = min(64, limit - at)
        inside = ~_NONE if n == 64 else (_U(1) << _U(n)) - _U(1)
        ends = equal_64(text, at, _LINE_END) & inside
        separators = equal_64(text, at, delimiter) & inside
        quotes = equal_64(text, at, _QUOTE) & inside
        if quotes or state == _QUOTED:
            quoted = quotes  # bit i: the number of quotes up to it is odd
            quoted ^= quoted << _U(1)
            quoted ^= quoted << _U(2)
            quoted ^= quoted << _U(4)
            quoted ^= quoted << _U(8)
            quoted ^= quoted << _U(16)
            quoted ^= quoted << _U(32)
            if state == _QUOTED:
                quoted = ~quoted
            may_open = ((separators | ends | quotes) << _U(1)) | _U(state != _PLAIN)
            if (quoted & ends) or (quoted & quotes & ~may_open):
                state, found, lines = _split_slowly(text, at, n, delimiter, state, marks, found, line_marks, lines)
                at += n
                continue
            separators &= ~quoted
            if (quoted >> _U(n - 1)) & _U(1):
                state = _QUOTED
            elif (quotes >> _U(n - 1)) & _U(1):
                state = _CLOSED
            else:
                state = _AT_START if ((separators | ends) >> _U(n - 1)) & _U(1) else _PLAIN
        else:
            state = _AT_START if ((separators | ends) >> _U(n - 1)) & _U(1) else _PLAIN
        every = separators | ends
        while ends:
            line_marks[lines] = found + bits_set(every & ((ends & (~ends + _U(1))) - _U(1)))
            lines += 1
            ends &= ends - _U(1)
        count = bits_set(every)
        for i in range(8):
            marks[found + i] = at + lowest_bit(every)
            every &= every - _U(1)
        if count > 8:
            for i in range(8, 16):
                marks[found + i] = at + lowest_bit(every)
                every &= every - _U(1)
            i = 16
            while every:
                marks[found + i] = at + lowest_bit(every)
                every &= every - _U(1)
                i += 1
        found += count
        at += n
    return lines


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy")
def _code(text, start, end, hashes, codes, n):
    """The code of a text, `UNKNOWN` of an empty one, `NOT_LISTED` where it has none."""
    if end == start:
        return np.uint8(UNKNOWN)
    key = text_hash(text, start, end)
    for i in range(n):
        if load_u64(hashes, 8 * i) == key:
            return byte_at(codes, i)
    return np.uint8(NOT_LISTED)


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy")
def _field(text, places, first, column):
    """Start and end of a field of a row whose first separator is `marks[first]`, without quotes around all of it and the CR of its line."""
    start, end = int32_at(places, first + column - 1) + 1, int32_at(places, first + column)
    if end > start and byte_at(text, end - 1) == 13 and byte_at(text, end) == 10:
        end -= 1
    if end - start >= 2 and byte_at(text, start) == 34 and byte_at(text, end - 1) == 34:
        return start + 1, end - 1
    return start, end


@njit(cache=True, nogil=True, forceinline=True, error_model="numpy")
def _optional(text, places, first, column, point, powers, high, scale, nulls, n_nulls):
    """Value within 0 and `high`, else not a number; and whether it takes a closer look."""
    if column < 0:
        return np.float32(np.nan), False
    start, end = _field(text, places, first, column)
    value, how = number(text, start, end, point, powers)
    if how != READ:
        return np.float32(np.nan), how == ODD and not (
            byte_at(text, start) & 0xDF >= 65 and byte_at(text, start) & 0xDF <= 90
        )  # NA, null, Unknown are null
    for i in range(n_nulls):
        if value == float64_at(nulls, i):
            return np.float32(np.nan), False
    value *= scale
    return np.float32(value if 0.0 <= value <= high else np.nan), False


@njit(cache=True, nogil=True, error_model="numpy")
def read_rows(data, limit, base, columns, at, delimiter, point, time_kind, scales, nulls, runs, nav_words, nav_codes, kind_words, kind_codes,
              marks, line_marks, mmsi, at_us, lon, lat, sog, cog, heading, nav, kind, offset, length, said, slow):  # fmt: skip
    """Read the lines of `data[:limit]`, the last of which has its end.

    Parameters
    ----------
    base
        What to add to a place in `data` to have the offset in the input [byte].
    columns, at
        Fields a line must have; column number per role, -1 where there is none.
    scales
        What values of `LON`, `LAT` and `SOG` are multiplied by to be degrees and knots.
    runs
        First and last column of each run of neighbouring identity columns, shape `(n, 2)`.
    marks
        Room for a separator per byte of `data`, and 65 more.
    line_marks
        Room for the line ends of `data`.
    mmsi ... said, slow
        Columns to fill: room for a row per line; `said` is the hash of the identity columns, 0 where all are empty.

    Returns
    -------
    Rows filled, and how many of them are in `slow`.
    """
    text, places, null_numbers, powers = data.ctypes.data, marks.ctypes.data, nulls.ctypes.data, POWERS.ctypes.data
    nav_key, nav_value, kind_key, kind_value = nav_words.ctypes.data, nav_codes.ctypes.data, kind_words.ctypes.data, kind_codes.ctypes.data
    rows, slow_rows, start = 0, 0, np.int64(0)
    day, day_word, day_rest = np.int64(-1), _NONE, _NONE
    while start < limit:
        lines = split_window(text, start, limit, delimiter, marks, line_marks)
        first = 1
        for line in range(lines):
            last = np.int64(line_marks[line])
            plain = last == first + columns - 1
            begin, end = np.int64(marks[first - 1]) + 1, np.int64(marks[last])
            offset[rows] = base + begin
            length[rows] = end - begin - (1 if end > begin and byte_at(text, end - 1) == 13 else 0)
            said[rows] = _NONE
            if plain:
                a, b = _field(text, places, first, at[MMSI])
                value, how = number(text, a, b, point, powers)
                plain = how == READ and 0 <= value <= 999_999_999 and value == np.floor(value)
                for i in range(nulls.size):
                    plain &= value != nulls[i]
                mmsi[rows] = np.uint32(value) if plain else np.uint32(0)
                a, b = _field(text, places, first, at[TIME])
                moment = np.int64(-1)
                if time_kind < EPOCH_S:
                    if b - a >= 19 and (byte_at(text, a + 10) == 84 or byte_at(text, a + 10) == 32):
                        word, rest = load_u64(text, a), load_u64(text, a + 2)
                        if word != day_word or rest != day_rest:
                            day_word, day_rest, day = word, rest, np.int64(day_of(text, a, time_kind))
                        clock = clock_us(text, a + 11, b)
                        if day >= 0 and clock >= 0:
                            moment = day * 86_400_000_000 + clock
                elif time_kind < OTHER_TIME:
                    value, how = number(text, a, b, point, powers)
                    if how == READ and 0 <= value < 1e13:
                        moment = np.int64(np.rint(value * (1_000.0 if time_kind == EPOCH_MS else 1_000_000.0)))
                plain &= EARLIEST_US <= moment <= LATEST_US
                at_us[rows] = moment
                a, b = _field(text, places, first, at[LON])
                x, how_x = number(text, a, b, point, powers)
                a, b = _field(text, places, first, at[LAT])
                y, how_y = number(text, a, b, point, powers)
                for i in range(nulls.size):
                    if x == nulls[i] or y == nulls[i]:
                        x = np.nan
                x *= scales[0]
                y *= scales[1]
                readable = max(how_x, how_y) < ODD
                if not readable or not (-180.0 <= x <= 180.0 and -90.0 <= y <= 90.0):
                    plain &= readable and (np.isnan(x) or np.isnan(y) or x == 181.0 or y == 91.0)
                    x = np.nan
                    y = np.nan
                lon[rows], lat[rows] = x, y
                sog[rows], odd_s = _optional(text, places, first, at[SOG], point, powers, 102.2, scales[2], null_numbers, nulls.size)
                cog[rows], odd_c = _optional(text, places, first, at[COG], point, powers, 359.95, 1.0, null_numbers, nulls.size)
                heading[rows], odd_h = _optional(text, places, first, at[HEADING], point, powers, 359.0, 1.0, null_numbers, nulls.size)
                plain &= not (odd_s or odd_c or odd_h)
                nav[rows] = UNKNOWN
                if at[NAV] >= 0:
                    a, b = _field(text, places, first, at[NAV])
                    value, how = number(text, a, b, point, powers)
                    if how == READ:
                        if 0 <= value <= 14 and value == np.floor(value):
                            nav[rows] = np.uint8(value)
                        for i in range(nulls.size):
                            if value == nulls[i]:
                                nav[rows] = UNKNOWN
                    elif how != EMPTY:
                        nav[rows] = _code(text, a, b, nav_key, nav_value, nav_words.size)
                        plain &= nav[rows] != NOT_LISTED
                kind[rows] = UNKNOWN
                if at[TRANSCEIVER] >= 0:
                    a, b = _field(text, places, first, at[TRANSCEIVER])
                    kind[rows] = _code(text, a, b, kind_key, kind_value, kind_words.size)
                    plain &= kind[rows] != NOT_LISTED
                for i in range(runs.shape[0]):
                    a, b = np.int64(marks[first + runs[i, 0] - 1]) + 1, np.int64(marks[first + runs[i, 1]])
                    if b > a and byte_at(text, b - 1) == 13:
                        b -= 1
                    if b - a > runs[i, 1] - runs[i, 0]:
                        said[rows] = (said[rows] ^ text_hash(text, a, b) ^ _U(i)) * _MIX | _U(1)
            if not plain:
                slow[slow_rows] = rows
                slow_rows += 1
            rows += 1
            first = last + 1
        start = np.int64(marks[first - 1]) + 1
    return rows, slow_rows


@njit(cache=True, nogil=True, error_model="numpy")
def changes(mmsi, said, keys, values, chosen):
    """Mark in `chosen` the rows whose identity is not the last one said under their MMSI; return how many MMSI are new to the table.

    `keys` (MMSI + 1, 0 is free) and `values` are a hash table of a power of two in size, more than the MMSI it will hold.
    """
    mask = _U(keys.size - 1)
    new = 0
    for i in range(mmsi.size):
        chosen[i] = False
        if said[i] == _NONE:
            continue
        key = mmsi[i] + np.uint32(1)
        place = ((_U(key) * _MIX) >> _U(32)) & mask
        while keys[place] != 0 and keys[place] != key:
            place = (place + _U(1)) & mask
        if keys[place] == 0:
            keys[place] = key
            new += 1
        elif values[place] == said[i]:
            continue
        values[place] = said[i]
        chosen[i] = True
    return new
