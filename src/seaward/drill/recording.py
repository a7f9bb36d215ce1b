"""The recording of a drill: records in a chain of hashes, JSON lines in zstd, added to and never changed. It is the truth for replay and review.

Each record carries the hash of the line before it; frames of zstd, each with its own checksum, are flushed as they fill, so that a run that is
killed leaves a file valid up to its last frame. The first record says what was run, the last one (`end`) that it was run to its end.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from seaward.core.errors import InputError, OutputError, RealmError
from seaward.core.realm import check_realm, is_drill

FORMAT = "seaward-recording/1"
_MAGIC = b"\x28\xb5\x2f\xfd"  # of a zstd frame, RFC 8878
_FRAME_BYTES = 1 << 16  # of lines before a frame is closed: what a kill can cost
_PIECE_BYTES = 1 << 12  # read at a time: what one hostile piece can unpack to stays small
_MAX_FRAME_BYTES = 1 << 26  # that a frame may unpack to
_HASH_DIGITS = 32  # half a SHA-256


class RecordingError(InputError):
    """A recording is damaged; the message names the record and the byte."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened: when in the exercise [ms], to which cell (empty: to nobody in particular), and what."""

    seq: int
    at_ms: int
    kind: str
    cell: str
    body: Any
    wall: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a recording ends: whole, or with what is wrong from which record and byte on."""

    records: int
    is_whole: bool
    problem: str = ""  # code in the catalogue
    byte: int = 0


class Recorder:
    """Adds records to a new file; use as a context manager. A failed write leaves what was flushed before, and says so."""

    def __init__(self, path: Path, realm: str, header: dict[str, Any], wall: Callable[[], str] | None = None) -> None:
        if not is_drill(realm):
            raise RealmError(f"a recording belongs to a drill; its realm is {realm!r} and must be ex:<id>")
        self.path, self.realm, self._wall = path, realm, wall
        self._prev, self.records, self.at_ms = "0" * _HASH_DIGITS, 0, 0
        self._lines: list[bytes] = []
        self._held = 0
        self._packer = zstandard.ZstdCompressor(level=6, write_checksum=True)
        try:
            self._file: BinaryIO | None = path.open("xb")
        except FileExistsError:
            raise OutputError(f"{path} exists; a recording is never overwritten: give another folder, or move it away") from None
        self.add(0, "header", "", header | {"format": FORMAT})
        self.flush()  # a frame of its own: damage to any record behind it is named

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._file is not None:
            self.flush()
            self._file.close()
            self._file = None

    def add(self, at_ms: int, kind: str, cell: str, body: Any) -> None:
        """Add a record; times never go back."""
        if at_ms < self.at_ms:
            raise ValueError(f"record {self.records} is of {at_ms} ms, after one of {self.at_ms} ms")
        self.at_ms = at_ms
        record = {"seq": self.records, "at_ms": at_ms, "realm": self.realm, "kind": kind, "cell": cell, "body": body}
        if self._wall is not None:
            record["wall"] = self._wall()
        line = json.dumps(record | {"prev": self._prev}, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        self._prev = _hash(line)
        self._lines.append(line + b"\n")
        self._held += len(line) + 1
        self.records += 1
        if self._held >= _FRAME_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is held as one frame, down to the disk."""
        if not self._lines or self._file is None:
            return
        frame = self._packer.compress(b"".join(self._lines))
        before = self._file.tell()
        try:
            self._file.write(frame)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as e:
            self._abandon(before)
            kept = self.records - len(self._lines)
            raise OutputError(
                f"{self.path}: {e.strerror or e}; the recording is valid up to record {kept - 1} and ends there: make room, run again"
            ) from e
        self._lines.clear()
        self._held = 0

    def end(self, at_ms: int, body: dict[str, Any]) -> None:
        """The last record: the drill ran to its end."""
        self.add(at_ms, "end", "", body)
        self.flush()

    def _abandon(self, size: int) -> None:
        """Take a half-written frame away again, as far as that is possible."""
        file, self._file = self._file, None
        if file is not None:
            try:
                os.ftruncate(file.fileno(), size)
            finally:
                try:
                    file.close()
                except OSError:
                    os.close(file.fileno())


def read_recording(path: Path) -> Iterator[Record | Ending]:
    """Read and prove a recording.

    Parameters
    ----------
    path
        File that a `Recorder` wrote.

    Returns
    -------
    Its records in order, and last an `Ending` that says whether it is whole. Only proven records come: after the first that is not, none.

    Raises
    ------
    RecordingError
        If the file is no recording at all.
    """
    prev, seq, realm, last = "0" * _HASH_DIGITS, 0, "", ""
    for byte, lines in _frames(path):
        if lines is None:
            if seq == 0:
                raise RecordingError(f"{path} is no recording of a drill, or its beginning is damaged")
            yield Ending(seq, False, "recording.damaged" if _more_frames(path, byte) else "recording.cut", byte)
            return
        for line in lines:
            record = _parsed(line)
            if record is None or record.get("prev") != prev or record.get("seq") != seq or (realm and record.get("realm") != realm):
                if seq == 0:
                    raise RecordingError(f"{path} is no recording of a drill: its first record is not one")
                yield Ending(seq, False, "recording.chain", byte)
                return
            if seq == 0:
                realm = _header_realm(path, record)
            prev, seq, last = _hash(line), seq + 1, record["kind"]
            yield Record(record["seq"], record["at_ms"], record["kind"], record["cell"], record["body"], record.get("wall"))
    if seq == 0:
        raise RecordingError(f"{path} is no recording of a drill: it holds no record")
    yield Ending(seq, last == "end", "" if last == "end" else "recording.unfinished")


def header_of(path: Path) -> tuple[str, dict[str, Any]]:
    """The realm of a recording and what was run.

    Raises
    ------
    RecordingError
        If the file is no recording, or its first frame is damaged.
    """
    for _, lines in _frames(path):
        record = _parsed(lines[0]) if lines else None
        if record is not None and record.get("seq") == 0:
            return _header_realm(path, record), record["body"]
        break
    raise RecordingError(f"{path} is no recording of a drill, or its beginning is damaged")


def _header_realm(path: Path, record: dict[str, Any]) -> str:
    body = record.get("body")
    if record.get("kind") != "header" or not isinstance(body, dict) or body.get("format") != FORMAT:
        raise RecordingError(f"{path} is no recording that this version reads: expected {FORMAT}")
    realm = check_realm(record.get("realm"))
    if not is_drill(realm):
        raise RealmError(f"{path} says it is of realm {realm}; recordings are of drills only")
    return realm


def _frames(path: Path) -> Iterator[tuple[int, list[bytes] | None]]:
    """Where each frame starts, and its lines; None where it is damaged or cut, which is the last."""
    at = 0
    with path.open("rb") as file:
        piece = file.read(_PIECE_BYTES)
        while piece:
            unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
            start, text = at, bytearray()
            while not unpacker.eof and piece:
                try:
                    text += unpacker.decompress(piece)
                except zstandard.ZstdError:
                    piece = b""
                    break
                at += len(piece)
                piece = b"" if len(text) > _MAX_FRAME_BYTES else unpacker.unused_data or file.read(_PIECE_BYTES)
            if not unpacker.eof or not text.endswith(b"\n"):
                yield start, None
                return
            at -= len(unpacker.unused_data)
            yield start, bytes(text[:-1]).split(b"\n")


def _more_frames(path: Path, byte: int) -> bool:
    """Whether another frame follows a damaged one: it was changed then, not cut."""
    return path.read_bytes().find(_MAGIC, byte + 1) >= 0


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(record, dict) and all(isinstance(record.get(k), int) and not isinstance(record.get(k), bool) for k in ("seq", "at_ms"))
    return record if whole and all(isinstance(record.get(k), str) for k in ("kind", "cell", "realm", "prev")) and "body" in record else None


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()[:_HASH_DIGITS]
