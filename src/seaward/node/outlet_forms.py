"""Tracks -> the bytes of one form, one message of it after the other; and what a TAK server must say before it is sent its own protocol."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Protocol
from xml.etree.ElementTree import SubElement, tostring

from seaward.core.cot import event, marks
from seaward.exchange.as_aivdm import exercise_line, identity, position
from seaward.exchange.as_cot import track_cot
from seaward.exchange.cot import cot_tak, cot_xml, in_datagram, in_stream
from seaward.exchange.release import moment
from seaward.exchange.shown_track import ShownTrack

_IDENTITY_MS = 360_000  # a vessel says who it is every six minutes (ITU-R M.1371-5, annex 1, 4.2.1)
_OFFERED = re.compile(rb"<TakProtocolSupport\s[^>]*version\s*=\s*[\"']1[\"']")
_AGREED = re.compile(rb"<TakResponse\s[^>]*status\s*=\s*[\"']true[\"']", re.IGNORECASE)
_LOOKED_BYTES = 4_096  # kept of what a server says, for what comes in two pieces


class Form(Protocol):
    """One message for each track, or some."""

    def of(self, tracks: Iterable[ShownTrack], now_ms: int) -> Iterator[bytes]: ...
    def again(self) -> None: ...


class Aivdm:
    """Sentences, with who a vessel is every six minutes and when that changes; what is of a drill after a line that says so."""

    def __init__(self, realm: str) -> None:
        self.realm, self._told, self._number = realm, dict[str, tuple[object, int]](), 0

    def again(self) -> None:
        """Say anew who all are."""
        self._told.clear()

    def of(self, tracks: Iterable[ShownTrack], now_ms: int) -> Iterator[bytes]:
        """Sentences of each; those of one track together."""
        if head := exercise_line(self.realm):
            yield head.encode()
        for track in tracks:
            said = (track.name, track.callsign, track.imo, track.ship_type)
            before, at_ms = self._told.get(track.id, (None, 0))
            text = ""
            if said != before or now_ms - at_ms >= _IDENTITY_MS:
                self._told[track.id], self._number = (said, now_ms), (self._number + 1) % 10
                text = identity(track, self.realm, self._number)
            yield (position(track, self.realm) + text).encode("ascii")
        self._told = {n: t for n, t in self._told.items() if now_ms - t[1] <= 2 * _IDENTITY_MS}


class Cot:
    """Cursor on Target events, as XML or in the frames of the TAK protocol."""

    def __init__(self, realm: str, is_tak: bool, is_datagram: bool) -> None:
        self.realm, self.is_tak, self._frame = realm, is_tak, in_datagram if is_datagram else in_stream

    def again(self) -> None:
        """Every event tells all."""

    def of(self, tracks: Iterable[ShownTrack], now_ms: int) -> Iterator[bytes]:
        """One event each."""
        for track in tracks:
            made = track_cot(track, self.realm, now_ms)
            yield self._frame(cot_tak(made)) if self.is_tak else cot_xml(made)


class TakTalk:
    """The words with a TAK server before it is sent version 1 of its protocol: it offers, we ask, it agrees; until then events are XML.

    Source: TAK protocol, "streaming connections": t-x-takp-v, t-x-takp-q, t-x-takp-r.
    """

    def __init__(self, realm: str) -> None:
        self._realm, self._heard, self._has_asked, self.is_agreed = realm, b"", False, False

    def hear(self, data: bytes, now_ms: int) -> bytes:
        """What a server said -> what to answer, perhaps nothing."""
        if self.is_agreed:
            return b""
        self._heard = self._heard[-_LOOKED_BYTES:] + data
        if self._has_asked:
            self.is_agreed = _AGREED.search(self._heard) is not None
            return b""
        if not _OFFERED.search(self._heard):
            return b""
        self._has_asked, now = True, moment(now_ms)
        times = now, now, now + timedelta(minutes=1)
        top = event(f"seaward.{self._realm}.protocol", "t-x-takp-q", marks(self._realm, "m-g"), times, ("0.0", "0.0"))
        SubElement(SubElement(SubElement(top, "detail"), "TakControl"), "TakRequest", version="1")
        return tostring(top, encoding="utf-8")
