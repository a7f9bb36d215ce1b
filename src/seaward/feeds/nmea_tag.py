"""TAG blocks as they are written before sentences (IEC 61162-450): made, and moved in time."""

from __future__ import annotations

import re

_BLOCK = re.compile(rb"\\([^\\\r\n*]{1,1000})\*([0-9A-Fa-f]{2})\\")
_TIME = re.compile(rb"(?<![^,])c:(\d{9,17})(?=[,.]|$)")
_UNITS_US = ((12, 1_000_000), (15, 1_000), (18, 1))  # digits below which a count since 1970 is in seconds, milliseconds, microseconds


def tag_block(body: bytes) -> bytes:
    """A TAG block with its checksum."""
    return b"\\%s*%02X\\" % (body, _checksum(body))


def moved(lines: bytes, by_us: int) -> tuple[bytes, int]:
    """Sentences with the moments in their TAG blocks (field c) moved by whole seconds [us], and how many were; blocks that are not whole stay."""
    count = 0

    def time(found: re.Match[bytes]) -> bytes:
        nonlocal count
        count += 1
        unit = next(us for digits, us in _UNITS_US if len(found[1]) < digits)
        return b"c:%d" % (int(found[1]) + by_us // unit)

    def block(found: re.Match[bytes]) -> bytes:
        body = found[1]
        if int(found[2], 16) != _checksum(body):
            return found[0]
        return tag_block(_TIME.sub(time, body))

    return _BLOCK.sub(block, lines), count


def _checksum(body: bytes) -> int:
    checksum = 0
    for byte in body:
        checksum ^= byte
    return checksum
