"""An input as it lies on disk -> the same lines, each with its moment: for who sends it again. Moments are read by the format's own reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.errors import InputError, ParameterError
from seaward.core.realm import check_claim, check_realm
from seaward.feeds.batch import Batch, Chunk, ReadOptions
from seaward.feeds.nmea import NMEA
from seaward.feeds.nmea_tag import moved
from seaward.feeds.read import feed_name, recognise
from seaward.feeds.source import STDIN, Source

NO_TIME = np.iinfo(np.int64).min
_PIECE_BYTES = 1 << 20


class Piece(NamedTuple):
    """Whole lines: `starts` are the bytes at which they begin, and `at_us` their moments [us since 1970 UTC], `NO_TIME` before any."""

    data: bytes
    starts: NDArray[np.int64]
    at_us: NDArray[np.int64]


class Timed:
    """The lines of an input, read once while it is iterated.

    A line without a moment of its own has that of the line before. Lines longer than any format has are left out and counted.

    Parameters
    ----------
    path
        A file, also compressed, or `-`.
    realm
        Of the data; RealmError where the file says otherwise.

    Attributes
    ----------
    is_nmea
        Whether it holds NMEA sentences.
    overlong
        Lines left out so far.

    Raises
    ------
    InputError
        If it cannot be opened or recognised.
    """

    def __init__(self, path: str, realm: str) -> None:
        check_realm(realm)
        self._source = Source(path)
        try:
            check_claim("" if path == STDIN else feed_name(path), self._source.head, realm)
            self._form = recognise(self._source.head)
        except InputError as e:
            self._source.close()
            raise InputError(f"{path}: {e}") from e
        except BaseException:
            self._source.close()
            raise
        self._options, self.is_nmea = ReadOptions(realm, "replay"), self._form is NMEA

    @property
    def overlong(self) -> int:
        return len(self._source.overlong)

    @property
    def broken(self) -> str:
        """Why it ended early, or an empty text."""
        return self._source.broken

    @property
    def share(self) -> float:
        """How much of the input is read, from 0 to 1."""
        return min(1.0, self._source.read_bytes / self._source.size_bytes) if self._source.size_bytes else 0.0

    def __iter__(self) -> Iterator[Piece]:
        held: list[Chunk] = []
        latest = NO_TIME
        try:
            for batch in self._form.read(self._asked(held), self._options):
                while held:
                    chunk = held.pop(0)
                    piece = _timed(chunk, batch, latest)
                    latest = int(piece.at_us[-1])
                    yield piece
        finally:
            self._source.close()

    def _asked(self, held: list[Chunk]) -> Iterator[Chunk]:
        for chunk in self._source.chunks(_PIECE_BYTES):
            held.append(chunk)
            yield chunk
            yield Chunk(chunk.offset + len(chunk.data), b"")


def later(piece: Piece, by_us: int) -> Piece:
    """NMEA with the moments in its TAG blocks moved by whole seconds [us].

    Raises
    ------
    ParameterError
        If its moments stand elsewhere.
    """
    data, count = moved(piece.data, by_us)
    if b"$PGHP," in data or (not count and (piece.at_us != NO_TIME).any()):
        raise ParameterError("the moments of these sentences stand outside TAG blocks and cannot be moved; replay without --retime")
    return Piece(data, _starts(data), np.where(piece.at_us == NO_TIME, NO_TIME, piece.at_us + by_us))


def _starts(data: bytes) -> NDArray[np.int64]:
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    return np.concatenate([[0], ends[ends < len(data)]]).astype(np.int64)


def _timed(chunk: Chunk, batch: Batch, latest: int) -> Piece:
    starts = _starts(chunk.data)
    rows = pl.concat([_moments(batch.reports), _moments(batch.static)]).drop_nulls()
    line = np.searchsorted(starts, rows["raw_offset"].to_numpy() - chunk.offset, side="right") - 1
    at = np.full(len(starts), NO_TIME)
    mine = line >= 0
    at[line[mine]] = rows["at"].to_physical().to_numpy()[mine]
    known = np.flatnonzero(at != NO_TIME)
    if latest == NO_TIME and len(known):
        latest = int(at[known[0]])
    before = np.maximum.accumulate(np.where(at != NO_TIME, np.arange(len(at)), -1))
    return Piece(chunk.data, starts, np.where(before >= 0, at[before], latest))


def _moments(rows: pl.DataFrame) -> pl.DataFrame:
    at = [c for c in ("received_at", "reported_at") if c in rows.columns]
    return rows.select("raw_offset", at=pl.coalesce(at))
