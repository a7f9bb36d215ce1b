"""path or standard input -> pieces of whole lines, with the SHA-256 of the input as it lies on disk. The only file access of a text feed."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from seaward.core.errors import InputError
from seaward.feeds.batch import Chunk

CHUNK_BYTES = 8 << 20
MAX_LINE_BYTES = 1 << 16  # longer than any line of a known format; what is longer is refused, and passed over in bounded memory
STDIN = "-"
_WORTH_A_THREAD_BYTES = 1 << 20
_GZIP_BITS = 16 + zlib.MAX_WBITS  # zlib.h, inflateInit2: gzip header and trailer
_GZIP_PIECE_BYTES, _ZSTD_PIECE_BYTES = 1 << 16, 1 << 12  # unpacked at a time: at most 1,032 and 44,000 times as much comes out


@dataclass(frozen=True, slots=True)
class Unpacking:
    """How much a packed input may become; all ours."""

    free_bytes: int = 16 << 20  # the ratio is not asked below: small files of equal lines pack well
    ratio: float = 50.0  # sentences and tables pack 4 to 20 times; a bomb of equal lines 100 to 1,000 times
    bytes: int = 2 << 30  # a day of 40,000 vessels at a report every two minutes, twice over

    def exceeded(self, unpacked_bytes: int, packed_bytes: int) -> str:
        """What is wrong with so much out of so little; an empty text where nothing is."""
        if unpacked_bytes > self.bytes:
            return f"it unpacks to more than {self.bytes:,} bytes"
        if unpacked_bytes > self.free_bytes and unpacked_bytes > self.ratio * packed_bytes:
            return f"it unpacks to more than {self.ratio:.0f} times its size"
        return ""


class Source:
    """An input opened for reading once, from its start to its end.

    Parameters
    ----------
    path
        A file, or `-`.
    file
        The file, where it is open already; it is closed with this.
    most
        How much a packed input may become; None: without bound.

    Attributes
    ----------
    packed
        `gzip`, `zstd` or an empty text.
    overlong
        Lines longer than `MAX_LINE_BYTES` that were left out of the pieces: (offset, length) [bytes].
    broken
        Why the input ended early (a truncated archive), or an empty text.
    beyond
        Whether that is because it would unpack to more than it may.
    size_bytes, read_bytes
        Size on disk (0 where not known), and how much of it was read.
    """

    def __init__(self, path: str, file: BinaryIO | None = None, most: Unpacking | None = None) -> None:
        self.path, self._file, self._most = path, file, most
        self.beyond, self._unpacked_bytes = False, 0
        self.overlong: list[tuple[int, int]] = []
        self.broken, self.read_bytes, self.size_bytes = "", 0, 0
        self._sha256, self._hasher, self._hashing = hashlib.sha256(), ThreadPoolExecutor(1, "sha256"), Future[None]()
        self._hashing.set_result(None)
        self._raw = self._open()
        self._plain: BinaryIO = _Hashed(self._raw, self)  # type: ignore[assignment]
        self.packed = ""
        try:
            magic = self._peek_raw(4)
        except OSError as e:
            raise InputError(f"{path} cannot be read ({e.strerror}); check what it is") from e
        if magic[:2] == b"\x1f\x8b":
            self.packed = "gzip"
            self._plain = _Unpacked(self._plain, partial(zlib.decompressobj, _GZIP_BITS), _GZIP_PIECE_BYTES)  # type: ignore[assignment]
        elif magic == b"\x28\xb5\x2f\xfd" or (magic[1:] == b"\x2a\x4d\x18" and 0x50 <= magic[0] <= 0x5F):  # a frame, or one to be skipped
            self.packed = "zstd"
            self._plain = _Unpacked(self._plain, lambda: zstandard.ZstdDecompressor().decompressobj(), _ZSTD_PIECE_BYTES)  # type: ignore[assignment]
        self._old_mac, self._begin = False, 0
        self._head = self._read(MAX_LINE_BYTES)
        if b"\r" in self._head and b"\n" not in self._head:  # lines that end as on the Macintosh before 2001
            self._old_mac, self._head = True, self._head.replace(b"\r", b"\n")
        while len(self._head) >= MAX_LINE_BYTES and b"\n" not in self._head:  # a first line longer than any
            length, rest = self._skip_line(len(self._head))
            self.overlong.append((self._begin, length))
            self._begin += length
            self._head = rest + self._read(MAX_LINE_BYTES - len(rest)) if len(rest) < MAX_LINE_BYTES else rest

    def _open(self) -> BinaryIO:
        if self.path == STDIN:
            if sys.stdin is None:
                raise InputError("standard input is closed; name a file instead of -")
            return sys.stdin.buffer
        if self._file is not None:
            self.size_bytes = os.fstat(self._file.fileno()).st_size
            return self._file
        path = Path(self.path)
        if path.is_dir():
            raise InputError(f"{self.path} is a directory; name the files in it, such as {self.path}/*")
        try:
            self.size_bytes = path.stat().st_size
            return path.open("rb", buffering=0)  # type: ignore[return-value]
        except OSError as e:
            raise InputError(f"{self.path} cannot be read ({e.strerror}); check its name and that you may read it") from e

    def _peek_raw(self, n: int) -> bytes:
        got = b""
        while len(got) < n and (more := self._plain.read(n - len(got))):
            got += more
        self._plain.pushed = got  # type: ignore[attr-defined]
        return got

    def _read(self, n: int) -> bytes:
        """Up to `n` bytes, fewer only at the end."""
        parts: list[bytes] = []
        while n > 0 and not self.broken:
            try:
                part = self._plain.read(n)
            except (EOFError, OSError, zlib.error, zstandard.ZstdError) as e:
                self.broken = str(e) or type(e).__name__
                break
            if not part:
                break
            self._unpacked_bytes += len(part)
            if self.packed and self._most and (why := self._most.exceeded(self._unpacked_bytes, self.read_bytes)):
                self.broken, self.beyond = why, True
                break
            parts.append(part.replace(b"\r", b"\n") if self._old_mac else part)
            n -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    @property
    def head(self) -> bytes:
        """The first 64 KiB, to recognise the format by."""
        return self._head

    @property
    def sha256(self) -> str:
        """Of all bytes on disk; complete once the pieces are read."""
        self._hashing.result()
        return self._sha256.hexdigest()

    def chunks(self, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        """Pieces of whole lines, in order; memory is bounded by `chunk_bytes`, whatever the lines."""
        offset, rest, head = self._begin, b"", self._head
        self._head = b""
        while True:
            new = head if head else self._read(chunk_bytes)
            head = b""
            if not new:
                break
            data = rest + new if rest else new
            cut = data.rfind(b"\n") + 1
            if cut:
                yield Chunk(offset, data if cut == len(data) else data[:cut])
                offset, rest = offset + cut, data[cut:]
            elif len(data) > MAX_LINE_BYTES:
                length, rest = self._skip_line(len(data))
                self.overlong.append((offset, length))
                offset += length
            else:
                rest = data
        if rest:
            yield Chunk(offset, rest)
        self.drain()

    def drain(self) -> None:
        """Read what is left, for the hash: all of a file that another reader reads, or what stands behind the end of an archive."""
        while not self.broken and self._read(1 << 20):
            pass

    def _skip_line(self, length: int) -> tuple[int, bytes]:
        """Pass over the rest of a line of which `length` bytes are seen; return its whole length and what follows."""
        while part := self._read(1 << 20):
            end = part.find(b"\n") + 1
            if end:
                return length + end, part[end:]
            length += len(part)
        return length, b""

    def _hash(self, part: bytes) -> None:
        """Hash beside the reading, one part at a time."""
        self._hashing.result()
        if len(part) < _WORTH_A_THREAD_BYTES:
            self._sha256.update(part)
        else:
            self._hashing = self._hasher.submit(self._sha256.update, part)

    def close(self) -> None:
        self._hasher.shutdown()
        if self.path != STDIN:
            self._raw.close()


class _Unpacked(io.RawIOBase):
    """The content of a gzip or zstd stream of one or more members; of a damaged one all that can still be unpacked, then an error.

    The readers of both libraries give up what they have when the stream ends or breaks within a block, and that of zstd does not even say so.
    """

    def __init__(self, packed: BinaryIO, begin: Callable[[], Any], piece_bytes: int) -> None:
        self._packed, self._begin, self._piece_bytes = packed, begin, piece_bytes
        self._member, self._begun, self._whole = begin(), False, False
        self._rest, self._ready, self._given = b"", b"", 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        while self._given == len(self._ready):
            packed = self._rest or self._packed.read(self._piece_bytes)
            if not packed:
                if self._whole and not self._begun:
                    return b""
                raise EOFError("the compressed stream ends before its end mark")
            self._rest = b""
            if self._whole and not self._begun:
                packed = packed.lstrip(b"\0")  # members may be padded with zeros
                if not packed:
                    continue
            self._ready, self._given, self._begun = self._member.decompress(packed), 0, True
            if self._member.eof:
                self._rest = self._member.unused_data
                self._member, self._begun, self._whole = self._begin(), False, True
        end = len(self._ready) if size < 0 else min(len(self._ready), self._given + size)
        part, self._given = self._ready[self._given : end], end
        return part


class _Hashed(io.RawIOBase):
    """The bytes on disk, each hashed and counted as it passes; what was peeked is given again."""

    def __init__(self, raw: BinaryIO, source: Source) -> None:
        self.raw, self.source, self.pushed = raw, source, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        if self.pushed:
            part, self.pushed = (self.pushed, b"") if size < 0 else (self.pushed[:size], self.pushed[size:])
            return part
        part = self.raw.read(size) or b""
        self.source._hash(part)
        self.source.read_bytes += len(part)
        return part
