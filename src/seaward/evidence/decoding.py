"""Pieces of a feed -> its reports and identity statements, each at the byte of the feed where it stood: from packed bytes alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from seaward.core.errors import EvidenceError, UsageError
from seaward.core.tables import AT, REPORTS, STATIC
from seaward.feeds.batch import Batch, Chunk, Format, ReadOptions
from seaward.feeds.mapped import mapped_format, read_map
from seaward.feeds.read import FORMATS, recognise
from seaward.feeds.source import MAX_LINE_BYTES
from seaward.proof.feeds import CutFeed, Text, texts_of

BY_FILE = "by_file"  # each file of the feed is of the format that its first bytes tell
ACCURACY = pl.Schema({"raw_offset": pl.Int64(), "mmsi": pl.UInt32(), "accuracy": pl.Boolean(), "message_type": pl.UInt8()})
"""What a message says of its own position: marked accurate to 10 m or not (ITU-R M.1371-5 table 48)."""


def decoded(feed: CutFeed) -> tuple[pl.DataFrame, pl.DataFrame]:
    """REPORTS and STATIC of all lines in the pieces of a feed.

    Raises
    ------
    EvidenceError
        If the bytes are not of the format that the feed is said to have.
    """
    reports, static = [REPORTS.empty()], [STATIC.empty()]
    for text, batch in _read(feed, messages=False):
        reports.append(_placed(batch.reports, text))
        static.append(_placed(batch.static, text))
    return _timed(pl.concat(reports), feed, ("received_at", "reported_at")), _timed(pl.concat(static), feed, ("reported_at",))


def accuracy_said(feed: CutFeed) -> pl.DataFrame:
    """What the messages of a feed say of their own accuracy (ACCURACY); nothing where the format has no such word."""
    said = [
        _placed(batch.messages.select(list(ACCURACY)), text)
        for text, batch in _read(feed, messages=True)
        if batch.messages is not None and "accuracy" in batch.messages.columns
    ]
    return pl.concat([pl.DataFrame(schema=ACCURACY), *said])


def _read(feed: CutFeed, *, messages: bool) -> Iterator[tuple[Text, Batch]]:
    """Batches of each file of a feed, with the text they are of."""
    for text in texts_of(feed):
        if not text.data.strip():
            continue
        try:
            form = _form(feed, text.data)
            for batch in form.read([Chunk(0, text.data)], ReadOptions(feed.realm, feed.name, messages=messages)):
                yield text, batch
        except UsageError as e:
            raise EvidenceError(f"the bytes of feed {feed.name} cannot be read ({e})") from e


def _form(feed: CutFeed, data: bytes) -> Format:
    if feed.format == BY_FILE:
        return recognise(data[:MAX_LINE_BYTES])
    if feed.format == "mapped":
        return mapped_format(read_map(feed.column_map, Path("in the pack")))
    known = {f.name: f for f in FORMATS}
    if feed.format not in known:
        raise EvidenceError(f"feeds.json: feed {feed.name} is of format {feed.format!r}; known are {', '.join(known)}, mapped, {BY_FILE}")
    return known[feed.format]


def _placed(rows: pl.DataFrame, text: Text) -> pl.DataFrame:
    """Rows with the byte of the feed in the place of the byte of the text."""
    if rows.is_empty():
        return rows
    at = rows["raw_offset"].to_numpy()
    begins, offsets = np.array(text.begins, np.int64), np.array(text.offsets, np.int64)
    run = np.searchsorted(begins, at, "right") - 1
    return rows.with_columns(raw_offset=pl.Series(at - begins[run] + offsets[run], dtype=pl.Int64))


def _timed(rows: pl.DataFrame, feed: CutFeed, names: tuple[str, ...]) -> pl.DataFrame:
    """Lines that say no time of their own are from when their last byte was received, or from where the user placed them."""
    if rows.is_empty() or not rows.select(pl.any_horizontal(pl.col(*names).is_null().any())).item():
        return rows
    firsts = np.array([p[0] for p in feed.pieces], np.int64)
    end = (rows["raw_offset"] + rows["raw_length"] - 1).to_numpy()
    piece = np.searchsorted(firsts, end, "right") - 1
    received = pl.Series([at if at is not None else feed.start_us for _, _, at in feed.pieces], dtype=pl.Int64).cast(AT)
    return rows.with_columns(pl.col(name).fill_null(received.gather(pl.Series(piece))) for name in names)
