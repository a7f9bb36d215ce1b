"""What stands around and beside AIS sentences: TAG blocks, and sentences that are not AIS or not well formed. Compiled."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from seaward.feeds.ais_bits import CHECKSUM, CHECKSUM_MISSING, MALFORMED, NOT_NMEA, OTHER
from seaward.feeds.nmea_time import NO_TIME, epoch_us, gatehouse_us

# What one line leaves for the next, as places in an array of int64
GATEHOUSE_AT, TAG_AT, TAG_GROUP, TAG_STATION, SENTENCES, ACTIVE, LINES, STATE_SIZE = range(8)
HEX_OF: Final = np.full(256, 255, np.uint8)
for _i, _c in enumerate(b"0123456789ABCDEF"):
    HEX_OF[_c] = HEX_OF[ord(chr(_c).lower())] = _i


@njit(cache=True, nogil=True, error_model="numpy")
def end_of_line(data, p):
    while p < len(data) and data[p] != 10:
        p += 1
    return p


@njit(cache=True, nogil=True, error_model="numpy")
def trim(data, start, end):
    while end > start and (data[end - 1] in (13, 32, 9)):
        end -= 1
    return end


@njit(cache=True, nogil=True, error_model="numpy")
def tag_block(data, p, end, found):
    """Read the TAG block whose backslash is at `p`; return what follows it, -1 if it has no end.

    `found`: time [us], group, station, its start and end [byte], 1 if its checksum holds.
    """
    close = p + 1
    while close < end and data[close] != 92:
        close += 1
    if close >= end:
        return -1
    star, x = close, 0
    for q in range(p + 1, close):
        if data[q] == 42:
            star = q
            break
        x ^= data[q]
    found[5] = 1
    if star < close:
        said, digits = 0, 0
        for q in range(star + 1, close):
            h = HEX_OF[data[q]]
            said = said * 16 + h if h < 16 and digits < 3 else 4096
            digits += 1
        if digits == 0 or said != x:
            found[5] = 0
            return close + 1
    q = p + 1
    while q < star:
        stop = q
        while stop < star and data[stop] != 44:
            stop += 1
        if stop - q > 2 and data[q + 1] == 58:  # one letter and a colon
            v = q + 2
            if data[q] == 99:  # c
                value, digits = np.int64(0), 0
                while v < stop and 48 <= data[v] <= 57 and digits < 17:
                    value = value * 10 + (data[v] - 48)
                    digits += 1
                    v += 1
                if v == stop or data[v] == 46:
                    found[0] = epoch_us(value)
            elif data[q] == 115:  # s
                found[2], found[3], found[4] = hash_of(data, v, stop), v, stop
            elif data[q] == 103:  # g: part-of-group
                last = stop
                while last > v and data[last - 1] != 45:
                    last -= 1
                if last > v:
                    found[1] = hash_of(data, last, stop)
        elif stop - q > 4 and 48 <= data[q] <= 57 and data[q + 1] == 71 and 48 <= data[q + 2] <= 57 and data[q + 3] == 58:  # the old 1G2:id
            found[1] = hash_of(data, q + 4, stop)
        q = stop + 1
    return close + 1


@njit(cache=True, nogil=True, error_model="numpy")
def hash_of(data, start, end):
    """Never 0, which stands for none (FNV-1a)."""
    h = np.uint64(14695981039346656037)
    for p in range(start, end):
        h = (h ^ np.uint64(data[p])) * np.uint64(1099511628211)
    return np.int64(h & np.uint64(0x7FFFFFFFFFFFFFFF)) | np.int64(1)


@njit(cache=True, nogil=True, error_model="numpy")
def not_ais(data, p, end, state):
    """Code of a line whose sentence at `p` is not a well-formed AIS sentence."""
    q = p + 1
    while q < end and (48 <= data[q] <= 57 or 65 <= data[q] <= 90 or 97 <= data[q] <= 122 or data[q] == 45):
        q += 1
    length = q - p - 1
    if length < 2 or length > 10 or (q < end and data[q] != 44 and data[q] != 42):
        return NOT_NMEA
    x, star, plain = 0, p + 1, True
    while star < end and data[star] != 42:
        x ^= data[star]
        plain = plain and 32 <= data[star] < 127
        star += 1
    ais = length == 5 and data[p + 3] == 86 and data[p + 4] == 68 and data[p + 5] in (77, 79)
    if star >= end:
        if not plain:
            return NOT_NMEA
        return CHECKSUM_MISSING if ais else OTHER
    high = HEX_OF[data[star + 1]] if star + 1 < end else np.uint8(255)
    low = HEX_OF[data[star + 2]] if star + 2 < end else np.uint8(255)
    if low > 15 and high < 16:  # one digit
        low, high = high, np.uint8(0)
    if high > 15 or low > 15 or high * 16 + low != x:
        return CHECKSUM
    if ais:
        return MALFORMED
    if length == 4 and data[p + 1] == 80 and data[p + 2] == 71 and data[p + 3] == 72 and data[p + 4] == 80 and q < end:
        state[GATEHOUSE_AT] = gatehouse_us(data, q + 1, star)
    if data[p + 1] != 80:  # a TAG block on its own line belongs to the sentence after it; `$P` lines may stand between
        state[TAG_AT], state[TAG_GROUP], state[TAG_STATION] = NO_TIME, 0, 0
    return OTHER
