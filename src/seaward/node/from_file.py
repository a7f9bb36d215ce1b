"""A file that grows -> lines of a feed: each line once, also across restarts and when the file is rotated."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from seaward.node.health import Health
from seaward.node.intake import Intake
from seaward.node.lines import Lines
from seaward.store.disk import Disk

POLL_S = 0.5
READ_BYTES = 1 << 20


class FromFile:
    """Follows a file, from its start.

    How far it was read follows from the feed's journal, which has one line for each of the file's.

    Parameters
    ----------
    path
        May not be there yet.
    disk, note
        Where it is noted which file the journal's lines are of, and from which byte of the journal on.
    """

    def __init__(self, path: Path, disk: Disk, note: str) -> None:
        self.path, self._disk, self._note = path, disk, note

    async def run(self, intake: Intake, health: Health) -> None:
        while True:
            while (there := _identity(self.path)) is None:
                health.connection(False, f"file {self.path}", "it is not there yet")
                await asyncio.sleep(POLL_S)
            with self.path.open("rb", buffering=0) as file:
                health.connection(True, f"file {self.path}")
                await self._follow(file, there, intake)

    async def _follow(self, file: BinaryIO, identity: list[int], intake: Intake) -> None:
        """Until another file has its name, or it was cut short."""
        noted = self._noted()
        if noted is None or noted["file"] != identity or os.fstat(file.fileno()).st_size < noted["at_least"]:
            await drained(intake)
            intake.begin_file(await _head(file))
            noted = {"file": identity, "from": intake.journal.end, "at_least": 0}
            self._disk.replace(self._note, json.dumps(noted).encode())
        skip_lines(file, lines_since(intake, noted["from"]))
        lines = Lines()
        while True:
            if data := await asyncio.to_thread(file.read, READ_BYTES):
                await press(intake, lines.cut(data))
                continue
            if _identity(self.path) != identity or os.fstat(file.fileno()).st_size < file.tell():
                await press(intake, lines.finish())
                return
            await asyncio.sleep(POLL_S)

    def _noted(self) -> dict[str, Any] | None:
        size = self._disk.size(self._note)
        return json.loads(self._disk.read(self._note, 0, size)) if size else None


def _identity(path: Path) -> list[int] | None:
    try:
        stat = os.stat(path)
        return [stat.st_dev, stat.st_ino]
    except FileNotFoundError:
        return None


async def _head(file: BinaryIO) -> bytes:
    """The first line that is not blank, waited for; the file is at its start again."""
    while True:
        file.seek(0)
        data = await asyncio.to_thread(file.read, READ_BYTES)
        whole = [line for line in data.splitlines(keepends=True) if line.strip()]
        if whole and whole[0].endswith(b"\n"):
            file.seek(0)
            return whole[0]
        await asyncio.sleep(POLL_S)


async def drained(intake: Intake) -> None:
    """Until all that was offered is in the journal: the next file begins behind it."""
    while intake.queued_bytes:
        await asyncio.sleep(0.02)


async def press(intake: Intake, lines: bytes) -> None:
    """Offer until there is room: a file waits, nothing of it is lost."""
    while lines and not intake.press(lines):
        await asyncio.sleep(0.05)


def lines_since(intake: Intake, offset: int) -> int:
    """How many lines the journal holds from a byte on."""
    count = 0
    while part := intake.journal.read(offset, READ_BYTES):
        count, offset = count + part.count(b"\n"), offset + len(part)
    return count


def skip_lines(file: BinaryIO, lines: int) -> None:
    """Pass over that many lines."""
    while lines > 0 and (part := file.read(READ_BYTES)):
        n = part.count(b"\n")
        if n < lines:
            lines -= n
            continue
        at = -1
        for _ in range(lines):
            at = part.index(b"\n", at + 1)
        file.seek(at + 1 - len(part), os.SEEK_CUR)
        return
