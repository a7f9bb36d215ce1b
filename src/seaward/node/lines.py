"""bytes as a peer sends them -> whole lines, each with a time: what the journal of a feed keeps."""

from __future__ import annotations

import re
from typing import Protocol

from seaward.feeds.nmea_tag import tag_block

MAX_LINE_BYTES = 1 << 16  # as feeds.source: longer than any line of a known format
_BARE = re.compile(rb"^[!$][A-Z]{2}(?!PGHP)[^\r\n\\]*\*[0-9A-Fa-f]{2}[ \t]*\r?$", re.MULTILINE)
_UNTIMED_TAG = re.compile(rb"^\\((?!(?:[^\\\r\n]*,)?c:)[^\\\r\n*]{1,200})\*[0-9A-Fa-f]{2}\\(?=[!$])", re.MULTILINE)


class Cutter(Protocol):
    """Cuts what one peer sends into lines."""

    def cut(self, data: bytes) -> bytes: ...
    def finish(self) -> bytes: ...


class Lines:
    """Cuts what comes in pieces of any size into whole lines. One for each connection: lines of two peers never mix.

    Attributes
    ----------
    overlong
        Lines that were longer than any format has, and were left out; each is replaced by a comment that says so.
    """

    def __init__(self) -> None:
        self.overlong = 0
        self._rest, self._skipping = b"", 0

    def cut(self, data: bytes) -> bytes:
        """Whole lines, the last with its end; what follows waits for the next call."""
        if self._skipping:
            end = data.find(b"\n")
            if end < 0:
                self._skipping += len(data)
                return b""
            note, data, self._skipping = self._note(self._skipping + end), data[end + 1 :], 0
            return note + self.cut(data)
        data = self._rest + data
        end = data.rfind(b"\n") + 1
        whole, self._rest = data[:end], data[end:]
        if len(self._rest) > MAX_LINE_BYTES:
            self._skipping, self._rest = len(self._rest), b""
        return self._without_overlong(whole)

    @property
    def waiting_bytes(self) -> int:
        """Of a line whose end has not come."""
        return self._skipping or len(self._rest)

    def finish(self) -> bytes:
        """What is left, as a line: a peer that ends says no line end."""
        rest, self._rest = self._rest, b""
        if self._skipping:
            rest, self._skipping = self._note(self._skipping), 0
            return rest
        return rest + b"\n" if rest.strip() else b""

    def _without_overlong(self, whole: bytes) -> bytes:
        if len(whole) <= MAX_LINE_BYTES:
            return whole
        lines = whole.splitlines(keepends=True) if b"\r" not in whole else [line + b"\n" for line in whole[:-1].split(b"\n")]
        if all(len(line) <= MAX_LINE_BYTES for line in lines):
            return whole
        return b"".join(line if len(line) <= MAX_LINE_BYTES else self._note(len(line)) for line in lines)

    def _note(self, length: int) -> bytes:
        self.overlong += 1
        return b"# a line of %d bytes was left out\n" % length


def stamped(lines: bytes, received_us: int) -> bytes:
    """NMEA sentences without a time get that of their reception, to the millisecond, as a TAG block (IEC 61162-450, field c).

    Parameters
    ----------
    lines
        Whole lines. Those that carry a time of their own, and `$PGHP` lines with those that follow them, stay as they are.
    received_us
        Microseconds since 1970 UTC.
    """
    if b"$PGHP" in lines:
        return lines
    if b"!" not in lines and b"$" not in lines:
        return lines
    time = b"c:%d" % (received_us // 1000)
    tag = tag_block(time)
    out = _BARE.sub(lambda m: tag + m[0], lines)
    if b"\\" in lines:
        out = _UNTIMED_TAG.sub(lambda m: tag_block(m[1] + b"," + time), out)
    return out
