"""A node's folder of raw bytes -> the pieces of one feed, read while the node may be writing: nothing is opened for writing, cut off or mended."""

from __future__ import annotations

import hashlib
import io
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from seaward.core.errors import InputError
from seaward.store.raw_journal import RECORD, SUMMED, Frame, origin

_BLOCK = 4096 * RECORD.size


def feeds_in(root: Path) -> list[str]:
    """Names of the feeds whose bytes a folder holds."""
    return sorted(p.name for p in root.iterdir() if p.is_dir() and any(p.glob("*.idx"))) if root.is_dir() else []


class RawReading:
    """What `raw_journal.Journal` wrote of one feed, up to the last whole piece.

    Parameters
    ----------
    root
        Folder of all feeds.
    realm, feed
        Whose bytes.

    Raises
    ------
    InputError
        If the folder holds no such feed.
    """

    def __init__(self, root: Path, realm: str, feed: str) -> None:
        self.realm, self.feed, self._folder = realm, feed, root / feed
        self._bases = sorted(int(p.stem) for p in self._folder.glob("*.idx")) if self._folder.is_dir() else []
        self._opened = -1
        self._raw: BinaryIO = io.BytesIO()
        if not self._bases:
            raise InputError(f"{root} holds no bytes of a feed {feed}; it holds {', '.join(feeds_in(root)) or 'none'}")

    def close(self) -> None:
        """Let go of the file that was read last."""
        self._raw.close()
        self._opened = -1

    def frames(self, since: int = 0) -> Iterator[tuple[bytes | None, Frame]]:
        """All records in order, or those of the files from a byte on; each with the chain before it, None where that is not known."""
        first = max(0, bisect_right(self._bases, since) - 1)
        chain = origin(self.realm, self.feed) if self._bases[first] == 0 else None
        for base in self._bases[first:]:
            with (self._folder / f"{base:020d}.idx").open("rb") as file:
                while block := file.read(_BLOCK):
                    for at in range(0, len(block) - len(block) % RECORD.size, RECORD.size):
                        offset, length, received_us, sha256, after, crc = RECORD.unpack_from(block, at)
                        if crc != zlib.crc32(block[at : at + SUMMED]) or offset < base:
                            chain = None  # a damaged record: what follows stands in the chain behind it
                            continue
                        yield chain, Frame(offset, length, received_us, sha256, after)
                        chain = after

    def read(self, frame: Frame) -> bytes | None:
        """The bytes of a piece; None where they are not what they were."""
        base = self._bases[bisect_right(self._bases, frame.offset) - 1]
        if base != self._opened:
            self.close()
            self._opened, self._raw = base, (self._folder / f"{base:020d}.raw").open("rb")
        self._raw.seek(frame.offset - base)
        data = self._raw.read(frame.length)
        return data if hashlib.sha256(data).digest() == frame.sha256 else None
