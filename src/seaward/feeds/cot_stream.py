"""What a TAK server or client sends -> one line for each event, its bytes as they came: what the journal of a feed keeps and `feeds.cot` reads.

XML stays as it is, its line ends as blanks; a message of the TAK protocol becomes `tak1:` and its bytes in base64. Before it stands `mmsi=` and nine
digits where the configuration says which vessel a unit is. What is neither is kept as `cot-junk:`, so that it is counted and nothing is lost.

Source: TAK protocol version 1: in a stream 0xbf, the length as a varint, the message; in a datagram 0xbf 0x01 0xbf and the message. XML follows XML.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping

from seaward.feeds.cot_event import read_tak, read_xml

MOST_BYTES = 45_000  # of one event: in base64 still a line (feeds.source.MAX_LINE_BYTES)
_PASSED_BYTES = 1 << 20  # so long an event is passed over whole, such as one with a picture; what claims more is no event
MESH = b"\xbf\x01\xbf"
_OPEN, _CLOSE = b"<event", b"</event>"
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}\?>")
_START = re.compile(rb"<event[\s/>]|<\?xml\s|\xbf")
_BLANK = b" \t\r\n\x00\xef\xbb"
_SHOWN = 60


class CotLines:
    """Cuts a stream of events that comes in pieces of any size. One for each connection.

    Parameters
    ----------
    units
        MMSI of a unit by its uid or call sign.
    """

    def __init__(self, units: Mapping[str, int] | None = None) -> None:
        self._units, self._rest, self._looked, self._skip = units or {}, b"", 0, 0

    def cut(self, data: bytes) -> bytes:
        """Lines of the events that are whole; what follows waits for the next call."""
        if self._skip:
            passed = min(self._skip, len(data))
            self._skip, data = self._skip - passed, data[passed:]
        self._rest += data
        return b"".join(self._lines())

    def finish(self) -> bytes:
        """What is left: an event without its end."""
        rest, self._rest, self._looked = self._rest.strip(_BLANK), b"", 0
        return _junk(rest) if rest else b""

    def _lines(self) -> Iterator[bytes]:
        while True:
            stripped = self._rest.lstrip(_BLANK[:5]) if self._looked == 0 else self._rest
            if stripped[:2] == b"\xef\xbb":  # a byte order mark
                stripped = stripped[3:]
            self._rest = stripped
            if not stripped:
                return
            line = self._tak() if stripped[0] == 0xBF else self._xml() if stripped[:1] == b"<" else self._other()
            if line is None:
                return
            self._looked = 0
            if line:
                yield line

    def _tak(self) -> bytes | None:
        length, shift, at = 0, 0, 1
        while True:
            if at >= len(self._rest):
                return None
            byte = self._rest[at]
            length, shift, at = length | (byte & 0x7F) << shift, shift + 7, at + 1
            if byte < 0x80:
                break
            if shift > 28:
                return self._away(at)
        if length > _PASSED_BYTES:
            return self._away(at)
        if length > MOST_BYTES:
            here = self._rest[at : at + length]
            self._skip, self._rest = length - len(here), self._rest[at + length :]
            return b"cot-junk:an event of %d bytes\n" % length
        if len(self._rest) < at + length:
            return None
        message, self._rest = self._rest[at : at + length], self._rest[at + length :]
        return tak_line(message, self._units)

    def _xml(self) -> bytes | None:
        if found := _DECLARED.match(self._rest):
            self._rest = self._rest[found.end() :]
            return b""
        if not self._rest.startswith(_OPEN):
            could_be = _OPEN.startswith(self._rest) or (self._rest.startswith(b"<?xml"[: len(self._rest)]) and len(self._rest) < 220)
            return None if could_be else self._other()
        end = self._rest.find(_CLOSE, max(len(_OPEN), self._looked))
        again = self._rest.find(_OPEN + b" ", len(_OPEN), end if end >= 0 else len(self._rest))
        if again > 0:  # the one before was cut short
            return self._away(again)
        if end < 0:
            self._looked = max(0, len(self._rest) - len(_CLOSE))
            return self._away(len(self._rest) - len(_OPEN)) if len(self._rest) > MOST_BYTES else None
        event, self._rest = self._rest[: end + len(_CLOSE)], self._rest[end + len(_CLOSE) :]
        return xml_line(event, self._units) if len(event) <= MOST_BYTES else b"cot-junk:an event of %d bytes\n" % len(event)

    def _other(self) -> bytes:
        found = _START.search(self._rest, 1)
        return self._away(found.start() if found else len(self._rest))

    def _away(self, length: int) -> bytes:
        junk, self._rest = self._rest[:length], self._rest[length:]
        return _junk(junk)


def datagram_lines(data: bytes, units: Mapping[str, int] | None = None) -> bytes:
    """Lines of one datagram: a message of the mesh protocol, or events as in a stream."""
    if data.startswith(MESH):
        return tak_line(data[len(MESH) :], units or {}) if len(data) <= MOST_BYTES else b"cot-junk:an event of %d bytes\n" % len(data)
    lines = CotLines(units)
    return lines.cut(data) + lines.finish()


def xml_line(event: bytes, units: Mapping[str, int]) -> bytes:
    """The line of an event in XML."""
    return _named(read_xml(event) if units else None, units) + event.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"


def tak_line(message: bytes, units: Mapping[str, int]) -> bytes:
    """The line of a message of the TAK protocol, without its frame."""
    return _named(read_tak(message) if units else None, units) + b"tak1:" + b64encode(message) + b"\n"


def _named(heard: object, units: Mapping[str, int]) -> bytes:
    for name in (getattr(heard, "uid", None), getattr(heard, "callsign", None)):
        if name and name in units:
            return b"mmsi=%09d " % units[name]
    return b""


def _junk(data: bytes) -> bytes:
    return b"cot-junk:" + ascii(data[:_SHOWN])[2:-1].encode() + b"\n"
