"""Where a store keeps its bytes: the few calls it makes, on a real folder or on a simulated disk that loses, tears and corrupts."""

from __future__ import annotations

import os
import random
from errno import ENOSPC
from pathlib import Path
from typing import Protocol

from seaward.core.errors import OutputError


class Disk(Protocol):
    """Names are relative, with `/`. What `append` wrote is safe from a loss of power once `sync` returned; `replace` is safe and atomic at once."""

    def append(self, name: str, data: bytes) -> None: ...
    def sync(self, name: str) -> None: ...
    def size(self, name: str) -> int: ...
    def read(self, name: str, offset: int, length: int) -> bytes: ...
    def truncate(self, name: str, size: int) -> None: ...
    def replace(self, name: str, data: bytes) -> None: ...
    def names(self, folder: str) -> list[str]: ...
    def remove(self, name: str) -> None: ...


class FileDisk:
    """A folder of the file system. OSError passes through: who writes decides what a full disk means."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._open: dict[str, int] = {}
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise OutputError(f"{root} cannot be made ({e.strerror}); choose another folder for the node's data") from e

    def append(self, name: str, data: bytes) -> None:
        fd = self._file(name)
        while data:
            data = data[os.write(fd, data) :]

    def sync(self, name: str) -> None:
        os.fsync(self._file(name))

    def size(self, name: str) -> int:
        try:
            return (self.root / name).stat().st_size
        except FileNotFoundError:
            return 0

    def read(self, name: str, offset: int, length: int) -> bytes:
        with (self.root / name).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def truncate(self, name: str, size: int) -> None:
        os.ftruncate(self._file(name), size)

    def replace(self, name: str, data: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.new")
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)

    def names(self, folder: str) -> list[str]:
        place = self.root / folder
        return sorted(f"{folder}/{p.name}" for p in place.iterdir() if not p.name.startswith(".")) if place.is_dir() else []

    def remove(self, name: str) -> None:
        if (fd := self._open.pop(name, None)) is not None:
            os.close(fd)
        (self.root / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of all files."""
        for fd in self._open.values():
            os.close(fd)
        self._open = {}

    def _file(self, name: str) -> int:
        if name not in self._open:
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open[name] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            _sync_folder(path.parent)
        return self._open[name]


def _sync_folder(folder: Path) -> None:
    """A new name in a folder is safe only when the folder is."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class SimulatedDisk:
    """A disk in memory with faults drawn from a seed; the twin of `FileDisk` for tests.

    Parameters
    ----------
    seed
        Of every fault.
    room_bytes
        What fits on it; a write beyond leaves a part of itself and fails, as on a real disk.
    """

    def __init__(self, seed: int, room_bytes: int = 1 << 40) -> None:
        self._chance, self.room_bytes = random.Random(seed), room_bytes
        self._safe: dict[str, bytearray] = {}
        self._now: dict[str, bytearray] = {}

    def append(self, name: str, data: bytes) -> None:
        room = self.room_bytes - sum(map(len, self._now.values()))
        self._now.setdefault(name, bytearray()).extend(data[: max(0, room)])
        if len(data) > room:
            raise OSError(ENOSPC, "no space left on device")

    def sync(self, name: str) -> None:
        self._safe[name] = bytearray(self._now.setdefault(name, bytearray()))

    def size(self, name: str) -> int:
        return len(self._now.get(name, b""))

    def read(self, name: str, offset: int, length: int) -> bytes:
        return bytes(self._now[name][offset : offset + length])

    def truncate(self, name: str, size: int) -> None:
        del self._now[name][size:]

    def replace(self, name: str, data: bytes) -> None:
        self._now[name], self._safe[name] = bytearray(data), bytearray(data)

    def names(self, folder: str) -> list[str]:
        return sorted(n for n in self._now if n.rpartition("/")[0] == folder)

    def remove(self, name: str) -> None:
        self._now.pop(name, None)
        self._safe.pop(name, None)

    def crash(self) -> None:
        """Lose power: of what was not synced, each file keeps any part from its start, torn at any byte, and some of that part may be garbage."""
        for name in [*self._now]:
            safe, now = self._safe.get(name, bytearray()), self._now[name]
            kept = now[: self._chance.randint(min(len(safe), len(now)), max(len(safe), len(now)))] if len(now) >= len(safe) else bytearray(safe)
            if len(kept) > len(safe) and self._chance.random() < 0.5:
                at = self._chance.randrange(len(safe), len(kept))
                kept[at:] = self._chance.choice([bytes(len(kept) - at), self._chance.randbytes(len(kept) - at)])
            if not kept and name not in self._safe:
                del self._now[name]
            else:
                self._now[name], self._safe[name] = kept, bytearray(kept)

    def flip(self, name: str) -> int:
        """Corrupt one byte silently; returns where."""
        at = self._chance.randrange(len(self._now[name]))
        self._now[name][at] ^= 1 << self._chance.randrange(8)
        return at
