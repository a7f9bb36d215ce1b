"""one feed: bytes from its peers -> bounded queue -> journal -> reader -> batches. A thread of its own: what one feed does disturbs no other."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress

from seaward.core.errors import InputError
from seaward.core.foreign_text import one_line
from seaward.feeds.batch import Batch, Chunk, Format, ReadOptions
from seaward.feeds.read import recognise
from seaward.feeds.refusing import refused_lines
from seaward.node.clock import Clock
from seaward.node.health import Health
from seaward.node.lines import stamped
from seaward.store.disk import Disk
from seaward.store.raw_journal import Journal, JournalFull

log = logging.getLogger("seaward.node")
QUEUE_BYTES = 16 << 20
PIECE_BYTES = 4 << 20
TIDY_S = 600.0  # old bytes are looked for that often
Keep = Callable[[str], tuple[int, int]]
Give = Callable[[str, Batch, int, int], None]  # feed, rows, end of the feed's bytes read so far, received [us]


class Intake:
    """What stands between the peers of a feed and the watch.

    Parameters
    ----------
    name
        Of the feed.
    disk, journal
        Where its bytes are kept before anybody sees them, and the disk that is on.
    options
        For the reader.
    form
        Format of the lines; None: recognised by the first of them.
    stamp
        Whether sentences without a time get that of reception.
    give
        Takes the batches; may wait.
    clock, health
        Of the node and of the feed.
    fsync_s
        How often the journal is made safe [real seconds].
    keep
        (since when [us] bytes are kept, up to which byte reports are in the history): what is older than both may go; None: all is kept.
    gather_s
        How long bytes gather before they are read together [real seconds].
    """

    def __init__(
        self, name: str, disk: Disk, journal: Journal, options: ReadOptions, form: Format | None, stamp: bool, give: Give, clock: Clock,
        health: Health,
        fsync_s: float = 1.0, keep: Keep | None = None, gather_s: float = 0.05,
    ) -> None:  # fmt: skip
        self.name, self.journal, self.health = name, journal, health
        self._disk, self._options, self._form, self._stamp, self._give, self._clock = disk, options, form, stamp, give, clock
        self._fsync_s, self._gather_s = fsync_s, gather_s
        self._queue: deque[bytes] = deque()
        self._queued, self._stop = 0, False
        self._changed = threading.Condition()
        self._read_to = self._received_us = 0
        self._ahead: Chunk | None = None
        self._reading: Chunk | None = None  # given to the reader, whose rows of it have not come yet
        self._synced_at = self._tidied_at = time.monotonic()
        self._keep = keep
        self._begins_name = f"{name}/begins.json"
        self._begins: dict[int, str] = self._noted()
        self._thread = threading.Thread(target=self._run, name=f"feed {name}", daemon=True)

    def start(self, replay_from: int) -> None:
        """Begin with what the journal holds from a byte on, then with what comes."""
        self._replay_from = replay_from
        self._thread.start()

    def offer(self, lines: bytes) -> bool:
        """Take whole lines from a peer; False, counted, where the queue is full. Never waits."""
        if self.has_room(lines):
            return self.press(lines)
        self.health.overflowed(lines.count(b"\n"), len(lines))
        return False

    def press(self, lines: bytes) -> bool:
        """As `offer` for a sender that can wait and tries again: what finds no room is not lost and not counted."""
        with self._changed:
            if not self.has_room(lines):
                return False
            if lines:
                self._queue.append(lines)
                self._queued += len(lines)
                self._changed.notify()
        return True

    def has_room(self, lines: bytes) -> bool:
        """Whether these would find room."""
        return self._queued + len(lines) <= QUEUE_BYTES

    def now_us(self) -> int:
        """By the node's clock."""
        return self._clock.now_us()

    @property
    def queued_bytes(self) -> int:
        """Not yet in the journal."""
        return self._queued

    def begin_file(self, head: bytes) -> None:
        """Say that a new file with a header of its own begins with the next byte; all before it must be in the journal."""
        self._begins[self.journal.end] = head.decode("latin-1")
        kept = {at: text for at, text in self._begins.items() if at >= self.journal.start} | dict([max(self._begins.items())])
        self._disk.replace(self._begins_name, json.dumps(list(kept.items())).encode())

    def stop(self, wait_s: float = 30.0) -> None:
        """Read what is queued, make it safe, and end."""
        with self._changed:
            self._stop = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(wait_s)

    def _noted(self) -> dict[int, str]:
        size = self._disk.size(self._begins_name)
        return {int(at): str(text) for at, text in json.loads(self._disk.read(self._begins_name, 0, size))} if size else {}

    def _run(self) -> None:
        pieces = self._pieces()
        more = True
        while more:
            try:
                more = self._read(pieces)
            except InputError as e:  # no format: what came stays in the journal and is told; wait for what can be read
                self._refuse("unrecognised_input", str(e))
                log.warning("feed cannot be read", extra={"feed": self.name, "why": one_line(e)})
            except Exception:  # a reader that fails must not end the watch; the bytes are kept, and reading goes on behind them
                self._refuse("reader_failed", "the reader failed; see the log")
                log.exception("the reader failed", extra={"feed": self.name, "from": self._read_to})
        with suppress(Exception):
            self.journal.sync()

    def _read(self, pieces: Iterator[Chunk]) -> bool:
        """Read one file, or a stream until it ends; False where nothing more will come."""
        first = self._ahead or next((c for c in pieces if c.data.strip()), None)
        if first is None:
            return False
        self._ahead = None
        while not _says_something(first.data) and (following := next(pieces, None)) is not None:
            if following.offset in self._begins:  # a file of remarks alone, and then another
                self._ahead = following
                break
            first = Chunk(first.offset, first.data + following.data)
        self._reading = first
        over = [True]
        form = self._form or recognise(first.data)
        for batch in form.read(self._of_one_file(first, pieces, over), self._options):
            self.health.counted(batch, self._received_us)
            self._give(self.name, batch, self._read_to, self._received_us)
        return not over[0]

    def _refuse(self, rule: str, why: str) -> None:
        """Count each line of the piece that could not be read, as any other line that is refused."""
        self.health.failed(why)
        chunk, self._reading = self._reading, None
        if chunk is not None:
            batch = refused_lines(chunk, rule, self._options)
            self._read_to = max(self._read_to, chunk.offset + len(chunk.data))
            self.health.counted(batch, self._received_us)
            self._give(self.name, batch, self._read_to, self._received_us)

    def _of_one_file(self, first: Chunk, pieces: Iterator[Chunk], over: list[bool]) -> Iterator[Chunk]:
        """Pieces until another file begins; each followed by an empty one: what is known is told before more is waited for."""
        at, chunk = first.offset, first
        while True:
            self._reading = chunk
            yield chunk
            self._reading = None
            self._read_to = max(self._read_to, chunk.offset + len(chunk.data))
            yield Chunk(self._read_to, b"")
            following = next(pieces, None)
            if following is None:
                return
            if following.offset in self._begins and following.offset != at:
                self._ahead, over[0] = following, False
                return
            chunk = following

    def _pieces(self) -> Iterator[Chunk]:
        """What the journal holds, then what comes, once it is in the journal."""
        begin = max((b for b in self._begins if b <= self._replay_from), default=None)
        if begin is not None and begin < self._replay_from:
            yield Chunk(begin, self._begins[begin].encode("latin-1"))
        for frame, data in self.journal.pieces(self._replay_from):
            if data is None:
                self.health.damaged(frame.length)
                continue
            self._received_us = frame.received_us
            yield Chunk(frame.offset, data)
        while (lines := self._next()) is not None:
            if lines:
                now_us = self._clock.now_us()
                kept = stamped(lines, now_us) if self._stamp else lines
                try:
                    offset = self.journal.append(kept, now_us)
                except JournalFull:
                    self.health.overflowed(lines.count(b"\n"), len(lines))
                    offset = -1
                with self._changed:
                    self._queued -= len(lines)
                if offset >= 0:
                    self._received_us = now_us
                    yield Chunk(offset, kept)
            self._sync()

    def _next(self) -> bytes | None:
        """What has gathered; nothing after a while without any, None at the end."""
        with self._changed:
            if not self._queue and not self._stop:
                self._changed.wait(self._fsync_s)
            if not self._queue:
                return None if self._stop else b""
        if not self._stop:
            time.sleep(self._gather_s)  # a few lines more cost the reader nothing
        parts, size = [], 0
        with self._changed:
            while self._queue and size < PIECE_BYTES:
                parts.append(self._queue.popleft())
                size += len(parts[-1])
        return b"".join(parts)

    def _sync(self) -> None:
        if time.monotonic() - self._synced_at >= self._fsync_s:
            self.health.safe(self.journal.sync(), self.journal.waiting_bytes)
            self._synced_at = time.monotonic()
        if self._keep is not None and time.monotonic() - self._tidied_at >= TIDY_S:
            since_us, settled_to = self._keep(self.name)
            self.journal.forget(min(self.journal.end_of(since_us), settled_to))
            self._tidied_at = time.monotonic()


def _says_something(data: bytes) -> bool:
    """Whether a file can be recognised by it: remarks alone may stand before anything."""
    return any((line := row.strip()) and not line.startswith(b"#") for row in data.splitlines())
