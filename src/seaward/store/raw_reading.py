"""A node's folder of raw bytes -> the pieces of one feed, read while the node may be writing: nothing is opened for writing, cut off or mended."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

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
        if not self._bases:
            raise InputError(f"{root} holds no bytes of a feed {feed}; it holds {', '.join(feeds_in(root)) or 'none'}")

    def frames(self) -> Iterator[tuple[bytes | None, Frame]]:
        """All records in order, each with the chain before it; None where that is not kept any more."""
        chain = origin(self.realm, self.feed) if self._bases[0] == 0 else None
        for base in self._bases:
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
        base = max(b for b in self._bases if b <= frame.offset)
        with (self._folder / f"{base:020d}.raw").open("rb") as file:
            file.seek(frame.offset - base)
            data = file.read(frame.length)
        return data if hashlib.sha256(data).digest() == frame.sha256 else None
