"""A folder that fills -> lines of a feed: each file once, as monitoring centres drop them; packed ones too, half-written ones as they grow."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seaward.core.errors import InputError
from seaward.feeds.batch import Chunk
from seaward.feeds.nmea import NMEA
from seaward.feeds.parquet import MAGIC
from seaward.feeds.read import feed_name, recognise
from seaward.feeds.source import Source as Opened
from seaward.feeds.source import Unpacking
from seaward.node.aside import WAIT_S, Aside, NotPlain, open_plain
from seaward.node.from_file import drained, press
from seaward.node.health import Health
from seaward.node.intake import Intake
from seaward.node.marks import MOST_MARKS, PRINT_BYTES, Mark, last_mark, lines_since
from seaward.store.disk import Disk

log = logging.getLogger("seaward.node")
POLL_S = 2.0
STILL_S = 60.0  # a writer that pauses for so long has ended; ours
_HALF_WRITTEN = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")
_FORM = 2  # of the note


class FromFolder:
    """Takes each new file of a folder, in order of time, once its size stands still between two looks.

    A file is known by its beginning and its size: one that grew is gone on with, one that begins otherwise is taken anew. A last line without
    an end is taken, and a file that cannot be used is refused for being empty or cut, only once it stood still for `still_s`.

    Parameters
    ----------
    path
        Files in it are left as they are.
    disk, note
        Where it is noted which files were taken, and how far.
    still_s
        See above [s].
    most
        How much a packed file may become.
    wait_s
        For each answer of the file system [s].
    """

    def __init__(
        self, path: Path, disk: Disk, note: str, poll_s: float = POLL_S, still_s: float = STILL_S, most: Unpacking | None = None,
        wait_s: float = WAIT_S,
    ) -> None:  # fmt: skip
        self.path, self._disk, self._note, self._poll_s, self._still_s = path, disk, note, poll_s, still_s
        self._most, self._aside = most or Unpacking(), Aside(wait_s)
        self._taken: dict[str, dict[str, Any]] = {}
        self._now: dict[str, Any] | None = None  # the file under way

    async def run(self, intake: Intake, health: Health) -> None:
        self._read_note(health)
        since: dict[str, tuple[list[int], float]] = {}
        while True:
            there = await self._aside(_there, self.path)
            health.connection(True, f"folder {self.path}, {len(self._taken)} files taken")
            now_s = time.monotonic()
            since = {n: since[n] if n in since and since[n][0] == s else (s, now_s) for n, s in there.items()}
            for name, stamp in sorted(there.items(), key=lambda f: (f[1][1], f[0])):
                still_s, known = now_s - since[name][1], self._taken.get(name)
                under_way = self._now is not None and self._now["name"] == name
                if not under_way and (still_s <= 0 or (known and known["stamp"] == stamp and not (known["open"] and still_s >= self._still_s))):
                    continue
                try:
                    await self._take(name, stamp, still_s >= self._still_s, intake)
                except FileNotFoundError:
                    continue
            self._taken = {n: s for n, s in self._taken.items() if n in there}
            await asyncio.sleep(self._poll_s)

    async def _take(self, name: str, stamp: list[int], final: bool, intake: Intake) -> None:
        entry: dict[str, Any] = {"stamp": stamp, "size": -1, "head": [0, ""], "at": 0, "open": False}
        try:
            opened, head = await self._aside(self._open, name)
        except (FileNotFoundError, TimeoutError):
            raise
        except NotPlain as e:
            return self._refuse(name, entry, "not_a_file", str(e), intake)
        except (InputError, OSError) as e:
            return self._refuse(name, entry, "unreadable_input", str(e), intake)
        try:
            entry |= {"size": opened.size_bytes, "head": [len(head), _print(head)]}
            known = self._taken.get(name)
            if known and known["size"] <= opened.size_bytes and _begins(head, known["head"]):
                if known["size"] == opened.size_bytes and not (known["open"] and final):
                    known["stamp"] = stamp
                    return self._keep()
                entry["at"] = known["at"]
            if opened.head[:4] == MAGIC:
                return self._refuse(name, entry, "parquet_input", "it is Parquet; give it to detect", intake)
            first = next((line for line in opened.head.splitlines(keepends=True) if line.strip()), b"")
            cut_head = not first.endswith(b"\n") and len(opened.head) < 1 << 16
            if not final and (not first or cut_head) and not opened.beyond:
                self._taken[name] = entry | {"open": True}
                return self._keep()
            if not first:
                rule = "unpacks_too_far" if opened.beyond else "truncated_input" if opened.broken else "empty_input"
                return self._refuse(name, entry, rule, opened.broken or "nothing is in it", intake)
            try:
                form = recognise(opened.head)
            except InputError as e:
                return self._refuse(name, entry, "unrecognised_input", str(e), intake)
            entry["open"] = await self._pass_on(name, opened, entry, first, form is not NMEA, final, intake)
            if opened.beyond or (opened.broken and final):
                entry["open"] = False
                return self._refuse(name, entry, "unpacks_too_far" if opened.beyond else "truncated_input", opened.broken, intake)
            self._taken[name], self._now = entry, None
            self._keep()
        finally:
            self._aside.leave(opened)

    async def _pass_on(self, name: str, opened: Opened, entry: dict[str, Any], first: bytes, header: bool, final: bool, intake: Intake) -> bool:
        """Give the intake what it does not have yet; returns whether something may still come."""
        await drained(intake)
        mark: Mark | None = None
        skip = 0
        if self._now is not None and self._now["name"] == name and self._now["head"] == entry["head"]:
            noted = [Mark(*m) for m in self._now["marks"]]
            if noted[0].journal <= intake.journal.end:  # else a loss of power took its beginning: it begins again
                mark = last_mark(noted, intake.journal.end)
                skip = lines_since(intake.journal, mark)
        at, chunks, held = mark.at if mark else entry["at"], opened.chunks(), False
        while (chunk := await self._aside(_next, chunks)) is not None:
            data, whole_to = _whole(chunk, at, final and not opened.broken)
            held = held or whole_to < chunk.offset + len(chunk.data)
            if skip:
                data, skip = _behind(data, skip)
            if data:
                if mark is None or (mark.extra and not lines_since(intake.journal, mark) and intake.journal.end <= mark.journal):
                    mark = Mark(intake.journal.end, at, "", int(header and at > 0))
                    intake.begin_file(first)
                    self._now = {"name": name, "head": entry["head"], "marks": [mark]}
                    self._keep()
                    await press(intake, first if mark.extra else b"")
                await press(intake, data)
                await drained(intake)
            at = max(at, whole_to)
            if mark is not None and self._now is not None and data:
                mark = Mark(intake.journal.end, at)
                self._now["marks"] = [*self._now["marks"], mark][-MOST_MARKS:]
                self._keep()
        entry["at"] = at
        return held or (bool(opened.broken) and not final)

    def _open(self, name: str) -> tuple[Opened, bytes]:
        file = open_plain(self.path / name)
        try:
            head = os.pread(file.fileno(), PRINT_BYTES, 0)
            return Opened(str(self.path / name), file, self._most), head
        except BaseException:
            file.close()
            raise

    def _refuse(self, name: str, entry: dict[str, Any], rule: str, why: str, intake: Intake) -> None:
        log.warning("a file was refused", extra={"file": feed_name(name), "rule": rule, "why": why})
        now_us = intake.now_us()
        intake.health.refuse(feed_name(name), rule, why, now_us)
        self._taken[name], self._now = entry | {"refused": [rule, why, now_us]}, None
        self._keep()

    def _read_note(self, health: Health) -> None:
        size = self._disk.size(self._note)
        noted = json.loads(self._disk.read(self._note, 0, size)) if size else {}
        if noted.get("form") == _FORM:
            self._taken, self._now = noted["taken"], noted["now"]
        if not health.refused:
            for name, entry in self._taken.items():
                if "refused" in entry:
                    health.refuse(feed_name(name), *entry["refused"], counted=False)

    def _keep(self) -> None:
        self._disk.replace(self._note, json.dumps({"form": _FORM, "taken": self._taken, "now": self._now}).encode())


def _there(path: Path) -> dict[str, list[int]]:
    """Size and times of each file that is not known to be half-written; folders are left out, what is no file is refused later."""
    if not path.is_dir():
        raise OSError(f"the folder {path} is not there")
    found = {}
    for name in os.listdir(path):
        if name.startswith(".") or name.endswith(_HALF_WRITTEN):
            continue
        try:
            told = os.stat(path / name)
        except OSError:  # gone, or a link to nothing
            continue
        if not stat.S_ISDIR(told.st_mode):
            found[name] = [told.st_size, told.st_mtime_ns, told.st_ctime_ns]
    return found


def _next(chunks: Iterator[Chunk]) -> Chunk | None:
    return next(chunks, None)


def _print(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()


def _begins(head: bytes, known: list[Any]) -> bool:
    """Whether a file begins as the one that was known did."""
    return (len(head) >= known[0] > 0 and _print(head[: known[0]]) == known[1]) or known[0] == 0


def _whole(chunk: Chunk, at: int, final: bool) -> tuple[bytes, int]:
    """The lines of a piece from a byte on, each with its end, and where they end; a last line without one only where nothing follows any more."""
    data, end = chunk.data, chunk.offset + len(chunk.data)
    if not data.endswith(b"\n"):
        if final:
            data += b"\n"
        else:
            data = data[: data.rfind(b"\n") + 1]
            end = chunk.offset + len(data)
    return data[max(0, at - chunk.offset) :], end


def _behind(data: bytes, lines: int) -> tuple[bytes, int]:
    """Lines behind the first so many, and how many are still to be passed over."""
    n = data.count(b"\n")
    if n <= lines:
        return b"", lines - n
    at = 0
    for _ in range(lines):
        at = data.index(b"\n", at) + 1
    return data[at:], 0
