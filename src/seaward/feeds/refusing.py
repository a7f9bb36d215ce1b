"""a piece of an input that no reader takes -> a batch in which each of its lines is rejected under one rule."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Final

from seaward.feeds.batch import Batch, Chunk, LineCounts, ReadOptions
from seaward.feeds.csv_tables import no_rows, rejected_table

RULES: Final = (
    "unrecognised_input", "reader_failed", "empty_input", "parquet_input", "unreadable_input", "not_a_file", "unpacks_too_far", "truncated_input",
)  # fmt: skip
"""What an input as a whole may be refused for; their words are in the catalogues."""
_SHOWN_BYTES = 200


def refused_lines(chunk: Chunk, rule: str, options: ReadOptions) -> Batch:
    """Every line that is not blank, rejected; blank ones are ignored.

    Parameters
    ----------
    chunk
        Whole lines; only the last may lack its end.
    rule
        One of `RULES`.
    """
    rows: list[tuple[int, str, str]] = []
    at, blank = chunk.offset, 0
    for line in io.BytesIO(chunk.data):
        if line.strip():
            rows.append((at, rule, line[:_SHOWN_BYTES].strip().decode("utf-8", "replace")))
        else:
            blank += 1
        at += len(line)
    return replace(no_rows(options), rejected=rejected_table(rows, options), counts=LineCounts(ignored=blank, rejected=len(rows)))
