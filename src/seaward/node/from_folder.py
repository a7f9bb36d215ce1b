"""A folder that fills -> lines of a feed: each file whole and once, as monitoring centres drop them; packed ones too."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seaward.core.errors import InputError
from seaward.feeds.parquet import MAGIC
from seaward.feeds.source import Source as Opened
from seaward.node.from_file import drained, press
from seaward.node.health import Health
from seaward.node.intake import Intake
from seaward.node.marks import Mark, lines_since
from seaward.store.disk import Disk

log = logging.getLogger("seaward.node")
POLL_S = 2.0
_HALF_WRITTEN = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")


class FromFolder:
    """Takes each new file of a folder, in order of time, once its size stands still between two looks.

    Parameters
    ----------
    path
        Files in it are left as they are.
    disk, note
        Where it is noted which files were taken.
    """

    def __init__(self, path: Path, disk: Disk, note: str, poll_s: float = POLL_S) -> None:
        self.path, self._disk, self._note, self._poll_s = path, disk, note, poll_s

    async def run(self, intake: Intake, health: Health) -> None:
        size = self._disk.size(self._note)
        noted: dict[str, Any] = json.loads(self._disk.read(self._note, 0, size)) if size else {"taken": {}, "now": None}
        before: dict[str, list[int]] = {}
        while True:
            if not self.path.is_dir():
                raise OSError(f"the folder {self.path} is not there")
            health.connection(True, f"folder {self.path}, {len(noted['taken'])} files taken")
            there = self._there()
            for name, stamp in sorted(there.items(), key=lambda f: (f[1][1], f[0])):
                if noted["taken"].get(name) != stamp and (before.get(name) == stamp or (noted["now"] or [None])[0] == name):
                    await self._take(name, stamp, noted, intake, health)
            noted["taken"] = {n: s for n, s in noted["taken"].items() if n in there}
            before = there
            await asyncio.sleep(self._poll_s)

    def _there(self) -> dict[str, list[int]]:
        """Size and time of each whole file."""
        found = {}
        for file in self.path.iterdir():
            if file.name.startswith(".") or file.name.endswith(_HALF_WRITTEN) or not file.is_file():
                continue
            stat = file.stat()
            found[file.name] = [stat.st_size, stat.st_mtime_ns]
        return found

    async def _take(self, name: str, stamp: list[int], noted: dict[str, Any], intake: Intake, health: Health) -> None:
        try:
            opened = Opened(str(self.path / name))  # not in a thread: nobody would close it if the node stopped just then
        except (InputError, OSError) as e:
            self._refuse(name, stamp, str(e), noted, health)
            return
        try:
            head = next((line for line in opened.head.splitlines(keepends=True) if line.strip()), b"")
            if opened.head[:4] == MAGIC or not head:
                self._refuse(name, stamp, "it is Parquet; give it to detect" if head else "nothing is in it", noted, health)
                return
            skip = 0
            if noted["now"] and noted["now"][:2] == [name, stamp]:
                skip = lines_since(intake.journal, Mark(noted["now"][2], 0))
            else:
                await drained(intake)
                noted["now"] = [name, stamp, intake.journal.end]
                intake.begin_file(head)
                self._keep(noted)
            for part in _behind(opened, skip):
                await press(intake, part)
            await drained(intake)
            if opened.broken:
                health.failed(f"{name} ends early: {opened.broken}")
        finally:
            opened.close()
        noted["taken"][name], noted["now"] = stamp, None
        self._keep(noted)

    def _refuse(self, name: str, stamp: list[int], why: str, noted: dict[str, Any], health: Health) -> None:
        log.warning("a file was refused", extra={"file": name, "why": why})
        health.failed(f"{name}: {why}")
        noted["taken"][name] = stamp
        self._keep(noted)

    def _keep(self, noted: dict[str, Any]) -> None:
        self._disk.replace(self._note, json.dumps(noted).encode())


def _behind(opened: Opened, lines: int) -> Iterator[bytes]:
    """Whole lines of an opened file behind the first so many, the last with an end."""
    for chunk in opened.chunks():
        data = chunk.data if chunk.data.endswith(b"\n") else chunk.data + b"\n"
        n = data.count(b"\n")
        if n <= lines:
            lines -= n
            continue
        at = 0
        for _ in range(lines):
            at = data.index(b"\n", at) + 1
        lines = 0
        yield data[at:]
