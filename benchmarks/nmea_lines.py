"""Varied NMEA lines for speed measurements: every position different, message types in the proportions of a coastal receiver."""

from __future__ import annotations

import sys

import numpy as np

# share of messages by type, as counted on an open day of a coastal network; type 5 takes two lines
MIX = ((1, 0.62), (3, 0.13), (18, 0.10), (5, 0.045), (4, 0.04), (24, 0.03), (21, 0.015), (20, 0.007),
       (8, 0.006), (9, 0.002), (17, 0.002), (27, 0.003))  # fmt: skip
_BITS = {1: 168, 3: 168, 18: 168, 4: 168, 24: 168, 21: 276, 20: 72, 8: 168, 9: 168, 17: 120, 27: 96, 5: 424}
_LON_LAT = {1: (61, 89), 3: (61, 89), 18: (57, 85), 4: (79, 107), 9: (61, 89), 21: (164, 192)}
_ARMOUR = np.frombuffer(b"0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw", np.uint8)


def _set(bits: np.ndarray, start: int, width: int, value: np.ndarray) -> None:
    bits[:, start : start + width] = (value[:, None].astype(np.int64) >> np.arange(width - 1, -1, -1)) & 1


def _payloads(kind: int, n: int, rng: np.random.Generator) -> list[bytes]:
    bits = rng.integers(0, 2, (n, -(-_BITS[kind] // 6) * 6), dtype=np.uint8)
    bits[:, _BITS[kind] :] = 0
    _set(bits, 0, 6, np.full(n, kind))
    _set(bits, 6, 2, np.zeros(n))
    _set(bits, 8, 30, rng.integers(201_000_000, 775_000_000, 5000)[rng.integers(0, 5000, n)])
    if kind in _LON_LAT:
        lon, lat = _LON_LAT[kind]
        _set(bits, lon, 28, rng.integers(-90 * 600_000, -75 * 600_000, n))
        _set(bits, lat, 27, rng.integers(-19 * 600_000, -3 * 600_000, n))
    if kind in (17, 27):
        lon, lat = (40, 58) if kind == 17 else (44, 62)
        _set(bits, lon, 18, rng.integers(-90 * 600, -75 * 600, n))
        _set(bits, lat, 17, rng.integers(-19 * 600, -3 * 600, n))
    if kind == 24:
        _set(bits, 38, 2, rng.integers(0, 2, n))
    for start, characters in {5: ((70, 7), (112, 20), (302, 20)), 21: ((43, 20),), 24: ((90, 7),)}.get(kind, ()):
        for k in range(characters):
            _set(bits, start + 6 * k, 6, rng.integers(1, 27, n) if k < characters * 2 // 3 else np.zeros(n))
    sixes = bits.reshape(n, -1, 6) @ np.array([32, 16, 8, 4, 2, 1], np.uint8)
    return [row.tobytes() for row in _ARMOUR[sixes]]


def lines(n: int, seed: int = 1, tagged: bool = False) -> bytes:
    """About `n` lines of NMEA (at least `n`), with TAG blocks of source and time when `tagged`."""
    rng = np.random.default_rng(seed)
    kinds, shares = np.array([k for k, _ in MIX]), np.array([s for _, s in MIX])
    order = rng.choice(kinds, n, p=shares / shares.sum())
    ready = {kind: iter(_payloads(kind, int((order == kind).sum()), rng)) for kind in kinds.tolist()}
    out: list[bytes] = []
    for i, kind in enumerate(order.tolist()):
        payload, channel, tag = next(ready[kind]), b"AB"[i & 1 : (i & 1) + 1], b""
        fill = -_BITS[kind] % 6
        if tagged:
            tag = b"s:2573%03d,c:%d" % (i % 40, 1_700_000_000 + i // 300)
            tag = b"\\%s*%02X\\" % (tag, _xor(tag))
        if len(payload) > 60:
            sentences = [b"AIVDM,2,1,%d,%s,%s,0" % (i % 10, channel, payload[:59]), b"AIVDM,2,2,%d,%s,%s,%d" % (i % 10, channel, payload[59:], fill)]
        else:
            sentences = [b"AIVDM,1,1,,%s,%s,%d" % (channel, payload, fill)]
        out.extend(b"%s!%s*%02X\r\n" % (tag, s, _xor(s)) for s in sentences)
        if len(out) >= n:
            break
    return b"".join(out)


def _xor(text: bytes) -> int:
    return int(np.bitwise_xor.reduce(np.frombuffer(text, np.uint8)))


if __name__ == "__main__":
    sys.stdout.buffer.write(lines(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, tagged="--tagged" in sys.argv))
