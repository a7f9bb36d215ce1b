"""bytes of one feed as they arrive -> segments of plain bytes, each piece with its time, its hash and its place in a chain: what was accepted.

A feed is one endless run of bytes; a report's `raw_offset` is where its line starts in it. `<feed>/<first byte>.raw` holds the bytes as they came
(any tool can read them), `<feed>/<first byte>.idx` one record of 96 bytes per piece. A piece without a whole record behind it was never accepted.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from seaward.core.errors import OutputError
from seaward.core.realm import check_realm
from seaward.store.disk import Disk

SEGMENT_BYTES = 64 << 20
RECORD = struct.Struct("<QIq32s32sI8x")  # first byte, length, received [us], SHA-256 of the bytes, chain, CRC of what stands before
SUMMED = RECORD.size - 12


class Frame(NamedTuple):
    """One piece: bytes `offset` to `offset + length` of the feed, received at once."""

    offset: int
    length: int
    received_us: int
    sha256: bytes
    chain: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that were accepted and can no longer be read as they were."""

    offset: int
    length: int


class JournalFull(OutputError):
    """The disk takes nothing, and what waits for it in memory has reached its bound."""


def link(chain: bytes, offset: int, length: int, received_us: int, sha256: bytes) -> bytes:
    """The chain behind a piece: SHA-256 over the chain before it and all that its record says."""
    return hashlib.sha256(chain + struct.pack("<QIq", offset, length, received_us) + sha256).digest()


def origin(realm: str, feed: str) -> bytes:
    """The chain before the first piece of a feed."""
    return hashlib.sha256(f"seaward journal 1\n{check_realm(realm)}\n{feed}\n".encode()).digest()


class Journal:
    """The bytes of one feed. One thread writes.

    Parameters
    ----------
    disk
        Where.
    realm, feed
        Whose bytes; they begin the chain, so that those of one feed never pass for another's.
    backlog_bytes
        What may wait in memory while the disk takes nothing.

    Attributes
    ----------
    end
        The next byte of the feed.
    chain
        Behind the last piece.
    damage
        What opening found unreadable in the last segment; older ones are read when somebody asks for them, or by `check`.
    cut_bytes
        What opening cut off behind the last whole piece: written, but never accepted; or damaged, which cannot be told from it.
    waiting_bytes
        In memory because the disk took nothing; those are not yet safe from anything.
    """

    def __init__(self, disk: Disk, realm: str, feed: str, backlog_bytes: int = 64 << 20) -> None:
        self._disk, self.feed, self._backlog_bytes = disk, feed, backlog_bytes
        self.chain, self.end, self.waiting_bytes = origin(realm, feed), 0, 0
        self.damage: list[Damage] = []
        self._waiting: deque[tuple[Frame, bytes]] = deque()
        self._bases = sorted(int(n.rpartition("/")[2][:-4]) for n in disk.names(feed) if n.endswith(".idx"))
        self._unsynced: set[int] = set()
        self.cut_bytes = 0
        if self._bases:
            self._recover()

    def append(self, data: bytes, received_us: int) -> int:
        """Accept a piece received at a moment [microseconds since 1970 UTC]; returns where it starts.

        Raises
        ------
        JournalFull
            If the disk takes nothing and no more may wait; the piece is not accepted.
        """
        if self._waiting and self.waiting_bytes + len(data) > self._backlog_bytes:
            self.flush()
            if self._waiting:
                raise JournalFull(f"the disk takes nothing and {self.waiting_bytes:,} bytes of feed {self.feed} wait in memory; free space")
        sha256 = hashlib.sha256(data).digest()
        frame = Frame(self.end, len(data), received_us, sha256, link(self.chain, self.end, len(data), received_us, sha256))
        self.end, self.chain = self.end + len(data), frame.chain
        self._waiting.append((frame, data))
        self.waiting_bytes += len(data)
        self.flush()
        return frame.offset

    def flush(self) -> bool:
        """Write what waits; False if the disk takes nothing."""
        while self._waiting:
            frame, data = self._waiting[0]
            if not self._bases or frame.offset - self._bases[-1] >= SEGMENT_BYTES:
                if not self._sync_written():  # no later segment outlives a loss of power that this one does not
                    return False
                self._bases.append(frame.offset)
            if not self._write(self._bases[-1], frame, data):
                return False
            self._waiting.popleft()
            self.waiting_bytes -= len(data)
        return True

    def sync(self) -> bool:
        """Make all safe from a loss of power; False if the disk takes nothing."""
        return self.flush() and self._sync_written()

    def _sync_written(self) -> bool:
        try:
            for base in sorted(self._unsynced):
                for kind in ("raw", "idx"):  # bytes before their records
                    self._disk.sync(f"{self.feed}/{base:020d}.{kind}")
        except OSError:
            return False
        self._unsynced.clear()
        return True

    def frames(self, since: int = 0) -> Iterator[Frame]:
        """Records of the pieces on disk that end behind a byte, in order."""
        for n, base in enumerate(self._bases):
            if n + 1 == len(self._bases) or self._bases[n + 1] > since:
                yield from (f for f in self._records(base) if f is not None and f.offset + f.length > since)

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the feed that are on disk; fewer where they are not."""
        parts = []
        for n, base in enumerate(self._bases):
            stop = self._bases[n + 1] if n + 1 < len(self._bases) else self.end
            first, last = max(offset, base), min(offset + length, stop)
            if first < last:
                parts.append(self._disk.read(f"{self.feed}/{base:020d}.raw", first - base, last - first))
        return b"".join(parts)

    def pieces(self, since: int = 0) -> Iterator[tuple[Frame, bytes | None]]:
        """Records with their bytes, from the piece that holds a byte on; None for bytes that are not what they were."""
        for frame in self.frames(since):
            data = self.read(frame.offset, frame.length)
            yield frame, data if hashlib.sha256(data).digest() == frame.sha256 else None

    def check(self) -> Iterator[Damage]:
        """Read all that is kept, a segment at a time, and tell what is not as it was accepted."""
        for base, after in zip(self._bases, [*self._bases[1:], self.end], strict=True):
            end = base
            for _, frame in self._whole(base):
                if frame.offset > end:
                    yield Damage(end, frame.offset - end)
                end = frame.offset + frame.length
            if end < after:
                yield Damage(end, after - end)

    @property
    def start(self) -> int:
        """The first byte still kept."""
        return self._bases[0] if self._bases else self.end

    @property
    def begun_us(self) -> int | None:
        """When the first piece still kept was received [us]; None where nothing is."""
        return next((f.received_us for base in self._bases for f in self._records(base) if f is not None), None)

    def end_of(self, before_us: int) -> int:
        """The first byte of the last segment that began before a moment [us]; all segments before it ended before that."""
        found = self.start
        for base in self._bases:
            first = next((f for f in self._records(base) if f is not None), None)
            if first is None or first.received_us >= before_us:
                break
            found = base
        return found

    def forget(self, before: int) -> None:
        """Remove segments that end before a byte; the last is kept."""
        while len(self._bases) > 1 and self._bases[1] <= before:
            for kind in ("raw", "idx"):
                self._disk.remove(f"{self.feed}/{self._bases[0]:020d}.{kind}")
            del self._bases[0]

    def _write(self, base: int, frame: Frame, data: bytes) -> bool:
        raw, idx = f"{self.feed}/{base:020d}.raw", f"{self.feed}/{base:020d}.idx"
        before = self._disk.size(idx)
        try:
            if self._disk.size(raw) > frame.offset - base:
                self._disk.truncate(raw, frame.offset - base)
            self._disk.append(raw, data)
            self._disk.append(idx, _packed(frame))
        except OSError:
            for name, size in ((raw, frame.offset - base), (idx, before)):
                if self._disk.size(name) > size:
                    self._disk.truncate(name, size)
            return False
        self._unsynced.add(base)
        return True

    def _records(self, base: int) -> Iterator[Frame | None]:
        """The records of a segment; None for one that is not what it was."""
        name = f"{self.feed}/{base:020d}.idx"
        step, size = 4096 * RECORD.size, self._disk.size(name)
        for start in range(0, size - size % RECORD.size, step):
            block = self._disk.read(name, start, step)
            for at in range(0, len(block) - len(block) % RECORD.size, RECORD.size):
                offset, length, received_us, sha256, chain, crc = RECORD.unpack_from(block, at)
                good = crc == zlib.crc32(block[at : at + SUMMED]) and offset >= base
                yield Frame(offset, length, received_us, sha256, chain) if good else None

    def _recover(self) -> None:
        """Find the end of what was accepted, in the last segment; cut off what a crash left half-written, and note what was damaged since."""
        base = self._bases[-1]
        raw, idx = f"{self.feed}/{base:020d}.raw", f"{self.feed}/{base:020d}.idx"
        self.end, records = base, 0
        for n, frame in self._whole(base):
            if frame.offset > self.end:
                self.damage.append(Damage(self.end, frame.offset - self.end))
            self.end, records, self.chain = frame.offset + frame.length, n + 1, frame.chain
        for earlier in reversed(self._bases[:-1] if not records else ()):
            if found := [f for f in self._records(earlier) if f is not None]:
                self.chain = found[-1].chain
                break
        self.cut_bytes = self._disk.size(raw) - (self.end - base)
        for name, keep in ((raw, self.end - base), (idx, records * RECORD.size)):
            if self._disk.size(name) > keep:
                self._disk.truncate(name, keep)
                self._disk.sync(name)  # or what was cut off could come back beneath what is written next

    def _whole(self, base: int) -> Iterator[tuple[int, Frame]]:
        """The pieces of a segment that are what they were, with their number in it."""
        raw, end = f"{self.feed}/{base:020d}.raw", base
        for n, frame in enumerate(self._records(base)):
            if frame is not None and frame.offset >= end and self._is_whole(raw, base, frame):
                end = frame.offset + frame.length
                yield n, frame

    def _is_whole(self, raw: str, base: int, frame: Frame) -> bool:
        if self._disk.size(raw) < frame.offset - base + frame.length:  # a record that outran its bytes
            return False
        return hashlib.sha256(self._disk.read(raw, frame.offset - base, frame.length)).digest() == frame.sha256


def _packed(frame: Frame) -> bytes:
    body = RECORD.pack(*frame, 0)[:SUMMED]
    return body + struct.pack("<I8x", zlib.crc32(body))
