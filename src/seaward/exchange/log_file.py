"""A log as a file: appended, synced, replaced by rename."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from seaward.core.errors import OutputError
from seaward.core.on_disk import sync_folder
from seaward.exchange.records import Damage, Framer


class FileLog:
    """Records in a file of one's own, readable by nobody else. `keeps_all`: for an archive (see `Framer`).

    Raises OutputError from any method when the disk refuses; after a failed `sync` nothing of the log may be trusted to be safe, and the caller must
    open it again (a second fsync may succeed without having written: see the fsync work of Rebello et al., USENIX ATC 2020).
    """

    def __init__(self, path: Path, keeps_all: bool = False) -> None:
        self.path = path
        self._waiting: list[bytes] = []
        self._framer = Framer(keeps_all)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            sync_folder(path.parent)
        except OSError as e:
            raise self._refused(e) from e

    def read(self) -> tuple[list[bytes], Damage]:
        self.sync()
        try:
            return self._framer.read(self.path.read_bytes())
        except OSError as e:
            raise self._refused(e) from e

    def append(self, record: bytes) -> None:
        self._waiting.append(self._framer.framed(record))

    def sync(self) -> None:
        self._write()
        try:
            os.fsync(self._file)
        except OSError as e:
            raise self._refused(e) from e
        self._framer.synced()

    def replace(self, records: Iterable[bytes]) -> None:
        beside = self.path.with_name(self.path.name + ".new")
        framer = Framer(self._framer.keeps_all)
        try:
            new = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
            _write_all(new, b"".join(framer.framed(r) for r in records))
            os.fsync(new)
            os.replace(beside, self.path)
            sync_folder(self.path.parent)
        except OSError as e:
            raise self._refused(e) from e
        os.close(self._file)
        self._file, self._waiting, self._framer = new, [], framer
        framer.synced()

    def close(self) -> None:
        """Write what waits, and let go of the file."""
        self.sync()
        os.close(self._file)

    def _write(self) -> None:
        waiting, self._waiting = b"".join(self._waiting), []
        try:
            _write_all(self._file, waiting)
        except OSError as e:
            raise self._refused(e) from e

    def _refused(self, e: OSError) -> OutputError:
        return OutputError(f"{self.path} cannot be kept ({e.strerror or e}); free space there and check that it may be read and written")


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
