"""messages as sent -> lines of NMEA with TAG blocks, straight into bytes. Compiled.

Layouts: ITU-R M.1371-5, tables 48 (types 1 and 3), 52 (type 5), 70 (type 18), 77 and 78 (type 24).
Armour, checksum and TAG blocks: IEC 61162-1, NMEA 4.10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.drill.ais_send import COARSE, POSITION_A, POSITION_A_TURNING, POSITION_B, RAIM, STATIC_A
from seaward.drill.hulls import I64, U8, B, Cast

DESTINATION = "EXERCISE"
_CHARS: Final = 60  # of payload in one sentence: 82 characters in all (IEC 61162-1)
_MOST: Final = 71  # characters of type 5, the longest
_LINE: Final = 82 + 48  # bytes of a sentence with its TAG block, without the name of the station
_GROUPS: Final = 9_999
_HEX = np.frombuffer(b"0123456789ABCDEF", np.uint8)
_ARMOUR = np.array([c + 48 if c < 40 else c + 56 for c in range(64)], np.uint8)


class Identities(NamedTuple):
    """Who messages can be from: the hulls, then the claims by hull and time; texts in the six-bit alphabet."""

    mmsi: I64
    name: U8  # (m, 20)
    callsign: U8  # (m, 7)
    ship_type: I64
    length_m: I64
    beam_m: I64
    is_carrier_sense: B
    destination: U8  # (20,), of all


def identities(cast: Cast) -> Identities:
    """Of a cast. A hull that claims to be another keeps its own type and size."""
    hulls, claims = cast.hulls, sorted(cast.claims, key=lambda c: (c.hull, c.from_ms, c.to_ms))
    of = np.concatenate([np.arange(len(hulls.id)), np.array([c.hull for c in claims], np.int64)])
    return Identities(
        np.concatenate([hulls.mmsi, np.array([c.mmsi for c in claims], np.int64)]).astype(np.int64),
        six_bit([*hulls.name, *(c.name for c in claims)], 20), six_bit([*hulls.callsign, *(c.callsign for c in claims)], 7),
        np.asarray(hulls.ship_type, np.int64)[of], np.rint(hulls.length_m).astype(np.int64)[of], np.rint(hulls.beam_m).astype(np.int64)[of],
        (np.asarray(hulls.ais_class) == 3)[of], six_bit([DESTINATION], 20)[0],
    )  # fmt: skip


def six_bit(texts: Sequence[str], chars: int) -> U8:
    """Texts in the six-bit alphabet (M.1371-5 table 47), shape (n, chars), padded with `@`; what it lacks becomes a blank."""
    raw = "".join(t[:chars].ljust(chars, "@") for t in texts).encode("ascii", "replace")
    codes = np.frombuffer(raw, np.uint8).reshape(len(texts), chars)
    return np.where((codes >= 64) & (codes < 96), codes - 64, np.where((codes >= 32) & (codes < 64), codes, 32)).astype(np.uint8)


class Pen:
    """Writes the lines of one file; numbers its groups."""

    def __init__(self, cast: Cast, stations: Sequence[str], start_ms: int) -> None:
        self._who, self._start_ms, self._group = identities(cast), start_ms, 0
        names = [s.encode("ascii", "replace") for s in stations]
        self._widest = max(map(len, names))
        self._names = np.frombuffer(b"".join(n.ljust(self._widest, b"\0") for n in names), np.uint8).reshape(len(names), self._widest)

    def write(self, rows: NDArray[np.void], station: I64, received_ms: I64) -> tuple[bytes, int]:
        """Write lines.

        Parameters
        ----------
        rows
            `SENT`, in the order of the lines.
        station, received_ms
            Who received each, and when, since the start of the exercise; shape (n,).

        Returns
        -------
        The lines, and how many. A message in two sentences has two lines in one group; type 24 has a line for each part.
        """
        out = np.empty((_LINE + self._widest) * (len(rows) + int((rows["kind"] == STATIC_A).sum() + (rows["kind"] == 24).sum())), np.uint8)
        size, lines, self._group = _write(rows, station, received_ms, self._who, self._names, self._start_ms, self._group, out)
        return out[:size].tobytes(), lines


@njit(cache=True, nogil=True)
def _put(six, p, value, width):
    """Write the lowest bits of a value at bit `p`; returns where the next begins. The characters must have been zero."""
    while width > 0:
        room = 6 - p % 6
        take = min(room, width)
        width -= take
        six[p // 6] |= ((value >> width) & ((1 << take) - 1)) << (room - take)
        p += take
    return p


@njit(cache=True, nogil=True)
def _put_text(six, p, codes):
    for c in codes:
        p = _put(six, p, np.int64(c), 6)
    return p


@njit(cache=True, nogil=True)
def _put_size(six, p, length, beam):
    """Antenna a third from the bow, amidships."""
    length, beam = min(length, 511), min(beam, 63)
    p = _put(six, p, length // 3, 9)
    p = _put(six, p, length - length // 3, 9)
    p = _put(six, p, beam // 2, 6)
    return _put(six, p, beam - beam // 2, 6)


@njit(cache=True, nogil=True)
def _put_motion(six, p, row, second):
    p = _put(six, p, np.int64(row.sog), 10)
    p = _put(six, p, 0 if row.marks & COARSE else 1, 1)  # accuracy: of a fix within 10 m
    p = _put(six, p, np.int64(row.lon), 28)
    p = _put(six, p, np.int64(row.lat), 27)
    p = _put(six, p, np.int64(row.cog), 12)
    p = _put(six, p, np.int64(row.heading), 9)
    return _put(six, p, second, 6)


@njit(cache=True, nogil=True)
def _payload(six, row, part, who, second):
    """Bits of a message, the part of a type 24 being 0 or 1; returns how many there are."""
    six[:] = 0
    kind, w = np.int64(row.kind), row.who
    p = _put(six, 0, kind, 6)
    p = _put(six, p, 0, 2)
    p = _put(six, p, who.mmsi[w], 30)
    if kind in (POSITION_A, POSITION_A_TURNING):
        p = _put(six, p, np.int64(row.status), 4)
        p = _put(six, p, np.int64(row.turn) - 128, 8)
        p = _put_motion(six, p, row, second)
        return _put(six, p + 5, 1 if row.marks & RAIM else 0, 1) + 19
    if kind == POSITION_B:
        p = _put_motion(six, p + 8, row, second)
        carrier_sense = who.is_carrier_sense[w]
        p = _put(six, p + 2, 1 if carrier_sense else 0, 1)
        p = _put(six, p, 0b01110, 5)  # no display; DSC, whole band, message 22; autonomous
        p = _put(six, p, 1 if row.marks & RAIM else 0, 1)
        return _put(six, p, 393222 if carrier_sense else 0, 20)
    if kind == STATIC_A:
        p = _put(six, p, 2, 2)
        p = _put_text(six, p + 30, who.callsign[w])
        p = _put_text(six, p, who.name[w])
        p = _put(six, p, who.ship_type[w], 8)
        p = _put_size(six, p, who.length_m[w], who.beam_m[w])
        p = _put(six, p, 1, 4)
        p = _put(six, p + 9, 24, 5)  # no time of arrival
        p = _put(six, p, 60, 6)
        return _put_text(six, p + 8, who.destination) + 2
    p = _put(six, p, part, 2)
    if part == 0:
        return _put_text(six, p, who.name[w])
    p = _put(six, p, who.ship_type[w], 8)
    for c in (5, 24, 19):  # EXS, a maker that does not exist
        p = _put(six, p, c, 6)
    p = _put_text(six, p + 24, who.callsign[w])
    return _put_size(six, p, who.length_m[w], who.beam_m[w]) + 6


@njit(cache=True, nogil=True)
def _number(out, q, value):
    """Decimal digits of a number from 0 on."""
    digits, rest = 1, value // 10
    while rest > 0:
        digits, rest = digits + 1, rest // 10
    for k in range(digits):
        out[q + digits - 1 - k] = 48 + value % 10
        value //= 10
    return q + digits


@njit(cache=True, nogil=True)
def _sum(out, q, start):
    """An asterisk and the checksum of what was written from `start` on."""
    x = np.uint8(0)
    for k in range(start, q):
        x ^= out[k]
    out[q], out[q + 1], out[q + 2] = 42, _HEX[x >> 4], _HEX[x & 15]
    return q + 3


@njit(cache=True, nogil=True)
def _tag(out, q, part, parts, group, name, second):
    """`\\g:1-2-34,s:NAME,c:1700000000*hh\\`; the group for messages in several sentences only."""
    out[q] = 92
    start = q = q + 1
    if parts > 1:
        out[q], out[q + 1], out[q + 2], out[q + 3], out[q + 4], out[q + 5] = 103, 58, 48 + part, 45, 48 + parts, 45
        q = _number(out, q + 6, group)
        out[q] = 44
        q += 1
    out[q], out[q + 1] = 115, 58
    q += 2
    for c in name:
        if c != 0:
            out[q] = c
            q += 1
    out[q], out[q + 1], out[q + 2] = 44, 99, 58
    q = _sum(out, _number(out, q + 3, second), start)
    out[q] = 92
    return q + 1


@njit(cache=True, nogil=True)
def _sentence(out, q, six, first, last, part, parts, sequence, channel, fill):
    """`!AIVDM,2,1,3,A,payload,0*hh` and the end of the line."""
    out[q] = 33
    start = q = q + 1
    for c in (65, 73, 86, 68, 77, 44):
        out[q] = c
        q += 1
    out[q], out[q + 1], out[q + 2], out[q + 3] = 48 + parts, 44, 48 + part, 44
    q += 4
    if parts > 1:
        out[q] = 48 + sequence
        q += 1
    out[q], out[q + 1], out[q + 2] = 44, channel, 44
    q += 3
    for k in range(first, last):
        out[q] = _ARMOUR[six[k]]
        q += 1
    out[q], out[q + 1] = 44, 48 + fill
    q = _sum(out, q + 2, start)
    out[q], out[q + 1] = 13, 10
    return q + 2


@njit(cache=True, nogil=True)
def _write(rows, station, received_ms, who, names, start_ms, group, out):
    q, lines = 0, 0
    six = np.zeros(_MOST, np.int64)
    for r in range(len(rows)):
        row = rows[r]
        second = (start_ms + row.at_ms) // 1000 % 60
        received_s = (start_ms + received_ms[r]) // 1000
        channel = 65 + (row.number + row.hull) % 2  # A and B in turn: M.1371-5 annex 2, 4.1
        for half in range(2 if row.kind == 24 else 1):
            bits = _payload(six, row, half, who, second)
            chars = (bits + 5) // 6
            parts = (chars + _CHARS - 1) // _CHARS
            if parts > 1:
                group = group % _GROUPS + 1
            for part in range(1, parts + 1):
                last = min(chars, part * _CHARS)
                q = _tag(out, q, part, parts, group, names[station[r]], received_s)
                fill = chars * 6 - bits if part == parts else 0
                q = _sentence(out, q, six, (part - 1) * _CHARS, last, part, parts, group % 10, channel, fill)
                lines += 1
    return q, lines, group
