"""A file that grows -> lines of a feed: each line once, also across restarts and when the file is rotated."""

from __future__ import annotations

import asyncio
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from seaward.node.aside import WAIT_S, Aside, NotPlain, open_plain
from seaward.node.health import Health
from seaward.node.intake import Intake
from seaward.node.lines import Lines
from seaward.node.marks import MOST_MARKS, Mark, fingerprint, last_mark, place
from seaward.store.disk import Disk

POLL_S = 0.5
READ_BYTES = 1 << 20
_MARK_S, _MARK_BYTES = 2.0, 8 << 20  # so often it is noted how far the file was read; ours


class FromFile:
    """Follows a file, from its start.

    Parameters
    ----------
    path
        May not be there yet.
    disk, note
        Where it is noted which file the journal's lines are of, and how far it was read.
    wait_s
        For each answer of the file system [s].

    Limits
    ------
    A file that took the inode of another, and begins and goes on as that one did to the byte, passes for it.
    """

    def __init__(self, path: Path, disk: Disk, note: str, wait_s: float = WAIT_S) -> None:
        self.path, self._disk, self._note = path, disk, note
        self._aside = Aside(wait_s)
        self._marks: list[Mark] = []

    async def run(self, intake: Intake, health: Health) -> None:
        while True:
            try:
                file = await self._aside(open_plain, self.path)
            except (FileNotFoundError, NotPlain) as e:
                health.connection(False, f"file {self.path}", str(e) if isinstance(e, NotPlain) else "it is not there yet")
                await asyncio.sleep(POLL_S)
                continue
            try:
                health.connection(True, f"file {self.path}")
                await self._follow(file, intake)
            finally:
                self._aside.leave(file)

    async def _follow(self, file: BinaryIO, intake: Intake) -> None:
        """Until another file has its name, or it was cut short."""
        await drained(intake)
        identity = await self._aside(_identity, file.fileno())
        assert identity is not None
        at = await self._known(file, identity, intake)
        if at is None:
            if (head := await self._head(file, identity)) is None:
                return
            intake.begin_file(head)
            self._marks, at = [Mark(intake.journal.end, 0)], 0
            self._keep(identity)
        lines, marked_at = Lines(), time.monotonic() - _MARK_S
        while (data := await self._aside(_part, self.path, file, identity, at, self._marks[-1])) is not None:
            at += len(data)
            await press(intake, lines.cut(data))
            whole = at - lines.waiting_bytes
            if whole - self._marks[-1].at >= _MARK_BYTES or (whole > self._marks[-1].at and time.monotonic() - marked_at >= _MARK_S and not data):
                await drained(intake)
                self._marks = [*self._marks, Mark(intake.journal.end, whole, await self._aside(fingerprint, file, whole))][-MOST_MARKS:]
                marked_at = time.monotonic()
                with suppress(OSError):  # a full disk: it is counted from an older mark
                    self._keep(identity)
            if not data:
                await asyncio.sleep(POLL_S)
        await press(intake, lines.finish())
        await drained(intake)
        self._keep(None)

    async def _known(self, file: BinaryIO, identity: list[int], intake: Intake) -> int | None:
        """Where to go on in the file that was read before; None where it is another."""
        size = self._disk.size(self._note)
        noted = json.loads(self._disk.read(self._note, 0, size)) if size else {}
        if noted.get("file") != identity or not noted.get("marks"):
            return None
        mark = last_mark([Mark(*m) for m in noted["marks"]], intake.journal.end)
        self._marks = [mark]
        return await self._aside(place, file, mark, intake.journal)

    async def _head(self, file: BinaryIO, identity: list[int]) -> bytes | None:
        """The first line that is not blank, waited for; None where the file is replaced meanwhile."""
        while True:
            data = await self._aside(os.pread, file.fileno(), READ_BYTES, 0)
            whole = [line for line in data.splitlines(keepends=True) if line.strip()]
            if whole and (whole[0].endswith(b"\n") or len(data) == READ_BYTES):
                return whole[0]
            if await self._aside(_identity, self.path) != identity:
                return None
            await asyncio.sleep(POLL_S)

    def _keep(self, identity: list[int] | None) -> None:
        self._disk.replace(self._note, json.dumps({"file": identity, "marks": self._marks}).encode())


def _identity(of: Path | int) -> list[int] | None:
    try:
        stat = os.stat(of)
        return [stat.st_dev, stat.st_ino]
    except FileNotFoundError:
        return None


def _part(path: Path, file: BinaryIO, identity: list[int], at: int, mark: Mark) -> bytes | None:
    """What follows a byte; None where the file was cut short or written anew, or is read and another has its name."""
    if os.fstat(file.fileno()).st_size < at or (mark.at and fingerprint(file, mark.at) != mark.print):
        return None
    data = os.pread(file.fileno(), READ_BYTES, at)
    if data or _identity(path) == identity:
        return data
    return os.pread(file.fileno(), READ_BYTES, at) or None  # written just before it was renamed


async def drained(intake: Intake) -> None:
    """Until all that was offered is in the journal: the next file begins behind it."""
    while intake.queued_bytes:
        await asyncio.sleep(0.02)


async def press(intake: Intake, lines: bytes) -> None:
    """Offer until there is room: a file waits, nothing of it is lost."""
    while lines and not intake.press(lines):
        await asyncio.sleep(0.05)
