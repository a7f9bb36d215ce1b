"""columns of fields -> AIS sentences, many at a time: what a receiver would hand over.

Layouts: ITU-R M.1371-5, tables 48 (type 1), 52 (type 5), 70 (type 18), 77 and 78 (type 24). Armour and checksum: IEC 61162-1, NMEA 4.10.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Field = tuple[ArrayLike, int]  # values, bits
Payload = tuple[NDArray[np.uint8], int]  # armoured characters (n, chars), fill bits
_PER_DEG = 600_000  # steps of 1/10,000 minute in a degree
_CHARS = 60  # of payload in one sentence: 82 characters in all (IEC 61162-1)


def pack(fields: Sequence[Field]) -> Payload:
    """Fields to armoured payloads.

    Parameters
    ----------
    fields
        Values, scalar or shape (n,), with their width [bits]; negative values in two's complement.

    Returns
    -------
    Characters, shape (n, chars), and the number of fill bits.
    """
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, np.int64)) for v, _ in fields))
    bits = np.concatenate(
        [(c[:, None] >> np.arange(w - 1, -1, -1)) & 1 for c, (_, w) in zip(columns, fields, strict=True)], axis=1, dtype=np.uint8, casting="unsafe"
    )
    fill = -bits.shape[1] % 6
    six = np.pad(bits, ((0, 0), (0, fill))).reshape(len(bits), -1, 6) @ np.array([32, 16, 8, 4, 2, 1], np.uint8)
    return np.where(six < 40, six + 48, six + 56).astype(np.uint8), fill


def text(words: Sequence[str], chars: int) -> list[Field]:
    """Words of equal length in the six-bit alphabet, padded with `@`; what it lacks becomes a blank."""
    table = (
        np.frombuffer("".join(w[:chars].ljust(chars, "@") for w in words).encode("ascii", "replace"), np.uint8)
        .reshape(len(words), chars)
        .astype(np.int64)
    )
    six = np.where((table >= 64) & (table < 96), table - 64, np.where((table >= 32) & (table < 64), table, 32))
    return [(six[:, i], 6) for i in range(chars)]


def _scaled(values: ArrayLike, factor: float, unknown: int) -> NDArray[np.int64]:
    v = np.asarray(values, np.float64)
    return np.where(np.isnan(v), unknown, np.rint(np.nan_to_num(v) * factor)).astype(np.int64)


def _motion(lon_deg: ArrayLike, lat_deg: ArrayLike, sog_kn: ArrayLike, cog_deg: ArrayLike, heading_deg: ArrayLike, second: ArrayLike) -> list[Field]:
    cog = _scaled(cog_deg, 10, 3600)
    heading = _scaled(heading_deg, 1, 511)
    return [
        (np.minimum(_scaled(sog_kn, 10, 1023), 1023), 10), (1, 1), (_scaled(lon_deg, _PER_DEG, 181 * _PER_DEG), 28),
        (_scaled(lat_deg, _PER_DEG, 91 * _PER_DEG), 27), (np.where(np.isnan(np.asarray(cog_deg, float)), 3600, cog % 3600), 12),
        (np.where(np.isnan(np.asarray(heading_deg, float)), 511, heading % 360), 9), (second, 6),
    ]  # fmt: skip


def position_a(
    mmsi: ArrayLike, lon_deg: ArrayLike, lat_deg: ArrayLike, sog_kn: ArrayLike, cog_deg: ArrayLike, heading_deg: ArrayLike, second: ArrayLike,
    nav_status: ArrayLike,
) -> Payload:  # fmt: skip
    """Type 1, class A position reports; what is not a number is sent as not available."""
    motion = _motion(lon_deg, lat_deg, sog_kn, cog_deg, heading_deg, second)
    return pack([(1, 6), (0, 2), (mmsi, 30), (nav_status, 4), (-128, 8), *motion, (0, 2), (0, 3), (0, 1), (0, 19)])


def position_b(
    mmsi: ArrayLike, lon_deg: ArrayLike, lat_deg: ArrayLike, sog_kn: ArrayLike, cog_deg: ArrayLike, heading_deg: ArrayLike, second: ArrayLike
) -> Payload:
    """Type 18, class B position reports; what is not a number is sent as not available."""
    motion = _motion(lon_deg, lat_deg, sog_kn, cog_deg, heading_deg, second)
    return pack([(18, 6), (0, 2), (mmsi, 30), (0, 8), *motion, (0, 2), (1, 1), (0, 1), (1, 1), (1, 1), (1, 1), (0, 1), (0, 1), (393222, 20)])


def _size(length_m: ArrayLike, beam_m: ArrayLike) -> list[Field]:
    """Antenna a third from the bow, amidships."""
    length, beam = np.asarray(length_m, np.int64), np.asarray(beam_m, np.int64)
    return [(length // 3, 9), (length - length // 3, 9), (beam // 2, 6), (beam - beam // 2, 6)]


def voyage(
    mmsi: ArrayLike, name: Sequence[str], callsign: Sequence[str], ship_type: ArrayLike, length_m: ArrayLike, beam_m: ArrayLike,
    destination: Sequence[str],
) -> Payload:  # fmt: skip
    """Type 5, class A static and voyage data, without IMO number and time of arrival."""
    return pack([
        (5, 6), (0, 2), (mmsi, 30), (2, 2), (0, 30), *text(callsign, 7), *text(name, 20), (ship_type, 8), *_size(length_m, beam_m), (1, 4),
        (0, 4), (0, 5), (24, 5), (60, 6), (0, 8), *text(destination, 20), (0, 1), (0, 1),
    ])  # fmt: skip


def static_name(mmsi: ArrayLike, name: Sequence[str]) -> Payload:
    """Type 24 part A, the name of a class B station."""
    return pack([(24, 6), (0, 2), (mmsi, 30), (0, 2), *text(name, 20)])


def static_size(mmsi: ArrayLike, callsign: Sequence[str], ship_type: ArrayLike, length_m: ArrayLike, beam_m: ArrayLike) -> Payload:
    """Type 24 part B, call sign, type and size of a class B station."""
    vendor = text(["EXS"] * len(callsign), 3)
    return pack([(24, 6), (0, 2), (mmsi, 30), (1, 2), (ship_type, 8), *vendor, (0, 24), *text(callsign, 7), *_size(length_m, beam_m), (0, 6)])


def checksum(body: str) -> str:
    """Two hexadecimal digits over what stands between the marks."""
    value = 0
    for byte in body.encode("latin-1"):
        value ^= byte
    return f"{value:02X}"


def sentences(payload: Payload, channel: Sequence[str], sequence: Sequence[int]) -> list[list[str]]:
    """Payloads to `!AIVDM` sentences.

    Parameters
    ----------
    payload
        As packed.
    channel
        `A` or `B` for each.
    sequence
        0 to 9 for each; written when a message takes several sentences.

    Returns
    -------
    The sentences of each message, in order.
    """
    characters, fill = payload
    total = -(-characters.shape[1] // _CHARS)
    parts = []
    for n in range(total):
        piece = np.ascontiguousarray(characters[:, n * _CHARS : (n + 1) * _CHARS])
        folded, words = np.bitwise_xor.reduce(piece, axis=1).tolist(), piece.view(f"S{piece.shape[1]}").ravel().tolist()
        tail = f",{fill if n == total - 1 else 0}"
        fixed = {(c, s): f"AIVDM,{total},{n + 1},{s if total > 1 else ''},{c}," for c in "AB" for s in range(10)}
        sums = {key: int(checksum(head + tail), 16) for key, head in fixed.items()}
        parts.append([
            f"!{fixed[c, s]}{word.decode()}{tail}*{fold ^ sums[c, s]:02X}" for c, s, word, fold in zip(channel, sequence, words, folded, strict=True)
        ])  # fmt: skip
    return [list(p) for p in zip(*parts, strict=True)]
