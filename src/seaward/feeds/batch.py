"""What every reader gives: tables of one piece of one input, and where each of its lines went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

EARLIEST_US, LATEST_US = 631_152_000_000_000, 3_471_292_800_000_000  # 1990-01-01 and 2080-01-01 UTC: what lies outside is a wrong clock


class Chunk(NamedTuple):
    """Whole lines of an input: `data[i]` is byte `offset + i` of the uncompressed input. Only the last may lack its line end."""

    offset: int
    data: bytes


@dataclass(slots=True)
class LineCounts:
    """Every line of an input is in exactly one of the four."""

    accepted: int = 0  # gave at least one row, or is a part of a message that did
    other: int = 0  # a known sentence that carries no AIS message: GPS fix, time line, TAG block alone
    ignored: int = 0  # blank, comment, header
    rejected: int = 0  # has its row in `rejected`

    @property
    def lines(self) -> int:
        return self.accepted + self.other + self.ignored + self.rejected

    def __iadd__(self, more: LineCounts) -> LineCounts:
        self.accepted += more.accepted
        self.other += more.other
        self.ignored += more.ignored
        self.rejected += more.rejected
        return self


@dataclass(slots=True)
class Batch:
    """Rows of one piece of an input, in the tables of `core.tables`."""

    reports: pl.DataFrame
    static: pl.DataFrame
    rejected: pl.DataFrame
    counts: LineCounts
    message_types: Counter[int] = field(default_factory=Counter)
    messages: pl.DataFrame | None = None  # one row per message with every field, only when asked for


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a reader may need to know beside the bytes."""

    realm: str
    feed: str
    start_us: int | None = None  # where sentences without time are placed [microseconds since 1970 UTC]
    messages: bool = False  # fill `Batch.messages`, and not its reports and static, where the format has messages


@dataclass(frozen=True, slots=True)
class Format:
    """One format of lines: how it is recognised and read."""

    name: str
    recognise: Callable[[bytes], bool]  # the first 64 KiB of the uncompressed input -> is it this?
    read: Callable[[Iterable[Chunk], ReadOptions], Iterator[Batch]]
