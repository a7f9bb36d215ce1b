"""A log in memory that fails as disks do: the twin of a file for tests and simulation."""

from __future__ import annotations

import random
from collections.abc import Iterable

from seaward.exchange.records import Damage, Framer


class MemoryLog:
    """Records in memory; `crash` loses what was not synced, wholly or in part, `corrupt` and `cut` damage what was."""

    def __init__(self, keeps_all: bool = False) -> None:
        self.safe = b""
        self._unsafe: list[bytes] = []
        self._framer = Framer(keeps_all)

    def read(self) -> tuple[list[bytes], Damage]:
        return self._framer.read(self.safe + b"".join(self._unsafe))

    def append(self, record: bytes) -> None:
        self._unsafe.append(self._framer.framed(record))

    def sync(self) -> None:
        self.safe += b"".join(self._unsafe)
        self._unsafe = []
        self._framer.synced()

    def replace(self, records: Iterable[bytes]) -> None:
        self._framer = Framer(self._framer.keeps_all)
        self.safe, self._unsafe = b"".join(self._framer.framed(r) for r in records), []
        self._framer.synced()

    def crash(self, chance: random.Random) -> None:
        """Power goes: of what was not synced some records reach the disk, the last of them perhaps torn, perhaps one before it lost."""
        kept = self._unsafe[: chance.randint(0, len(self._unsafe))]
        if kept and chance.random() < 0.5:
            kept[-1] = kept[-1][: chance.randrange(len(kept[-1]))]
        if len(kept) > 1 and chance.random() < 0.3:
            lost = chance.randrange(len(kept) - 1)  # written out of order: a hole
            kept[lost] = bytes(len(kept[lost]))
        self.safe, self._unsafe, self._framer = self.safe + b"".join(kept), [], Framer(self._framer.keeps_all)

    def corrupt(self, chance: random.Random) -> None:
        """A few bytes of what was safe change."""
        data = bytearray(self.safe)
        for _ in range(chance.randint(1, 3) if data else 0):
            data[chance.randrange(len(data))] ^= chance.randint(1, 255)
        self.safe = bytes(data)

    def cut(self, chance: random.Random) -> None:
        """The end of what was safe is gone."""
        self.safe = self.safe[: chance.randint(0, len(self.safe))]
