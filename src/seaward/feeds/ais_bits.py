"""The bits of one message -> its layout, its numbers, and whether it may be kept. Compiled; a message is words of 60 bits, ten characters each."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from seaward.feeds.ais_fields import (
    ADDRESSED_22,
    BOOL,
    DEG_10000TH_MIN,
    DEG_TENTH_MIN,
    FIELDS,
    FORMS_25,
    FORMS_26,
    MIN_BITS,
    NUMBER_PLACES,
    PART_B,
    PART_B_AUXILIARY,
    TENTH,
    TURN,
    TWO_STATIONS,
    WORD_BITS,
)

ACCEPTED, OTHER, IGNORED, PENDING = 0, 1, 2, 3
RULES: Final = ("not_nmea", "malformed", "checksum", "checksum_missing", "tag_checksum", "empty_payload", "payload_character", "payload_length",
                "message_type", "part_number", "too_short", "position_range", "incomplete_message", "time_out_of_range")  # fmt: skip
(NOT_NMEA, MALFORMED, CHECKSUM, CHECKSUM_MISSING, TAG_CHECKSUM, EMPTY_PAYLOAD, PAYLOAD_CHARACTER, PAYLOAD_LENGTH, MESSAGE_TYPE, PART_NUMBER,
 TOO_SHORT, POSITION_RANGE, INCOMPLETE, TIME_RANGE) = range(4, 18)  # fmt: skip
_HAS_FORMS = np.isin(np.arange(64), (16, 22, 24, 25, 26))
LON_PLACE, LAT_PLACE = np.ascontiguousarray(NUMBER_PLACES[:, 0]), np.ascontiguousarray(NUMBER_PLACES[:, 1])


@njit(cache=True, nogil=True, error_model="numpy")
def bits(words, first, start, width):
    """Unsigned value of up to 60 bits of the message whose words begin at `first`; for rare use."""
    word = start // WORD_BITS
    left = WORD_BITS - (start - word * WORD_BITS)
    if width <= left:
        return (words[first + word] >> (left - width)) & ((np.int64(1) << width) - 1)
    over = width - left
    high = words[first + word] & ((np.int64(1) << left) - 1)
    return (high << over) | (words[first + word + 1] >> (WORD_BITS - over))


# The functions below take words, not the array of words: handing an array on costs more than decoding a field.


@njit(cache=True, nogil=True, error_model="numpy")
def layout_of(head, third, n_bits):
    """Row of `LAYOUTS` of a message of at least 40 bits by its first and third word; 0 where its type is unknown, -1 where its part number is."""
    kind = head >> 54
    if not _HAS_FORMS[kind]:
        return kind if 1 <= kind <= 27 else np.int64(0)
    form = (head >> 20) & 3
    if kind == 16:
        return np.int64(TWO_STATIONS if n_bits > 96 else 16)
    if kind == 22:
        return np.int64(ADDRESSED_22 if n_bits > 139 and (third >> 40) & 1 else 22)
    if kind == 24:
        if form == 1:
            return np.int64(PART_B_AUXILIARY if ((head >> 22) & 0x3FFFFFFF) // 1_000_000 == 98 else PART_B)
        return np.int64(24 if form == 0 else -1)
    if form == 0:
        return kind
    return form + ((FORMS_25 if kind == 25 else FORMS_26) - 1)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def cut_out(high, low, width, into, signed):
    """`width` bits that begin `into` bits behind the start of a word, from it and the next."""
    width, into = np.uint64(width), np.uint64(into)
    both = (np.uint64(high) << (into + np.uint64(4))) | ((np.uint64(low) << np.uint64(4)) >> (np.uint64(WORD_BITS) - into))
    raw = np.int64(both >> (np.uint64(64) - width))
    return raw - (((raw >> (np.int64(width) - 1)) & signed) << np.int64(width))


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def in_unit(raw, kind, null_low, null_high):
    """A raw value in the unit of its field; not a number where it says unknown."""
    if null_low <= raw <= null_high:
        return np.nan
    if kind == DEG_10000TH_MIN:
        return ((10 * raw + 3) // 6) / 1e6  # to a millionth of a degree
    if kind == DEG_TENTH_MIN:
        return ((10_000 * raw + 3) // 6) / 1e6
    if kind == TENTH:
        return raw / 10.0
    if kind == TURN:
        if abs(raw) == 127:  # more than 5 degrees in 30 s, without an indicator
            return np.float64(raw)
        rate = np.rint((raw / 4.733) ** 2)  # ITU-R M.1371-5 table 48 [degree/min]
        return rate if raw >= 0 else -rate
    if kind == BOOL:
        return np.float64(raw != 0)
    return np.float64(raw)


@njit(cache=True, nogil=True, error_model="numpy")
def raw_value(high, low, row):
    """Bits of a field with their sign, from the word it begins in and the next. Without branches, for types come in any order."""
    return cut_out(high, low, FIELDS[row, 1], FIELDS[row, 7], FIELDS[row, 3])


@njit(cache=True, nogil=True, error_model="numpy")
def number(high, low, row):
    """Value of a field in the unit of its name, from the word it begins in and the next; not a number where it says unknown."""
    return in_unit(raw_value(high, low, row), FIELDS[row, 2], FIELDS[row, 4], FIELDS[row, 5])


@njit(cache=True, nogil=True, error_model="numpy")
def beyond(high, low, row, limit_deg):
    """Whether a coordinate lies beyond its limit and does not say unknown."""
    raw = raw_value(high, low, row)
    limit = limit_deg * (600_000 if FIELDS[row, 2] == DEG_10000TH_MIN else 600)
    return (raw > limit or raw < -limit) and raw != FIELDS[row, 4]


@njit(cache=True, nogil=True, error_model="numpy")
def verdict(words, first, n_bits):
    """`ACCEPTED`, or the rule the message breaks."""
    head = words[first]
    code = head_verdict(head, words[first + 2] if n_bits > 120 else np.int64(0), n_bits)
    if code < 0:
        row = LON_PLACE[-code]
        at = first + FIELDS[row, 6]
        wrong = beyond(words[at], words[at + 1], row, 180)
        row = LAT_PLACE[-code]
        at = first + FIELDS[row, 6]
        return POSITION_RANGE if wrong or beyond(words[at], words[at + 1], row, 90) else ACCEPTED
    return code


@njit(cache=True, nogil=True, error_model="numpy")
def head_verdict(head, third, n_bits):
    """The same before the position is looked at; minus the layout if there is one to look at."""
    kind = head >> 54
    if kind < 1 or kind > 27:
        return np.int64(MESSAGE_TYPE)
    if n_bits < 40:
        return np.int64(TOO_SHORT)
    layout = layout_of(head, third, n_bits)
    if layout < 0:
        return np.int64(PART_NUMBER)
    if n_bits < MIN_BITS[layout]:
        return np.int64(TOO_SHORT)
    return -layout if LON_PLACE[layout] >= 0 else np.int64(ACCEPTED)
