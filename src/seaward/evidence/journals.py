"""A node's raw journals -> batches to be watched, and pieces cut out for a pack with the hashes between them: read only, beside a running node."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from seaward.core.errors import EvidenceError, InputError
from seaward.core.mid import drill_numbers
from seaward.core.realm import is_drill
from seaward.core.tables import AT
from seaward.evidence.decoding import BY_FILE
from seaward.evidence.origins import Span
from seaward.feeds.batch import Batch, Chunk, Format, ReadOptions
from seaward.feeds.cot import COT
from seaward.feeds.nmea import NMEA
from seaward.feeds.read import recognise
from seaward.feeds.source import MAX_LINE_BYTES
from seaward.proof.chain import Record, packed
from seaward.proof.feeds import CutFeed
from seaward.store.raw_journal import Frame
from seaward.store.raw_reading import RawReading

AHEAD_S = 600.0  # as the node, which refuses what claims to be so much later than now: node.engine


class JournalOrigin:
    """A feed of a node, as its raw journal holds it. Its pieces are whole lines.

    Parameters
    ----------
    root, realm, name
        Folder of all raw feeds, realm of the node, the feed.
    since_us, until_us
        Pieces received between these are read [us since 1970 UTC]; of a feed of files, whole files.
    """

    def __init__(self, root: Path, realm: str, name: str, since_us: int, until_us: int) -> None:
        self.name, self.realm, self._reading = name, realm, RawReading(root, realm, name)
        self._begins = sorted(int(at) for at, _ in noted(root / name / "begins.json"))
        every = [(c, f) for c, f in self._reading.frames() if f.received_us <= until_us]
        first = next((f.offset for _, f in every if f.received_us >= since_us), None)
        if first is not None and self._begins:
            first = max((b for b in self._begins if b <= first), default=first)
        kept = [] if first is None else [(c, f) for c, f in every if f.offset >= first]
        self._chains, self.frames = [c for c, _ in kept], [f for _, f in kept]
        self._starts = [f.offset for f in self.frames]
        self._format = BY_FILE if self._begins else self._recognised()

    def feed(self) -> JournalFeed:
        form = {f.name: f for f in (COT, NMEA)}.get(self._format)
        return JournalFeed(self._reading, self.frames, self._begins, form, ReadOptions(self.realm, self.name))

    def cut(self, spans: Sequence[Span], lines_before: int) -> CutFeed:
        """The whole pieces in which these spans lie, and the hashes of those between them and the last of all."""
        wanted: set[int] = set()
        for start, length in spans:
            a, b = bisect_right(self._starts, start) - 1, bisect_left(self._starts, start + length)
            wanted.update(range(max(0, a - lines_before), b))
            if (begin := max((x for x in self._begins if x <= start), default=None)) is not None:
                wanted.add(bisect_right(self._starts, begin) - 1)  # the header of its file
        chosen = sorted(wanted)
        before, behind = self._chains[chosen[0]], self.frames[chosen[0] :]
        if before is None or None in self._chains[chosen[0] :]:
            raise EvidenceError(
                f"the chain of hashes of feed {self.name} is damaged, or no longer kept, where the reports stand: nothing can be proven"
            )
        raw = [self._bytes(self.frames[n]) for n in chosen]
        pieces = tuple((f.offset, f.length, f.received_us) for f in (self.frames[n] for n in chosen))
        records = packed(Record(f.offset, f.length, f.received_us, f.sha256) for f in behind)
        return CutFeed(
            self.name, self.realm, self._format, pieces, b"".join(raw), begins=tuple(self._begins), before=before, head=behind[-1].chain,
            head_offset=behind[-1].offset + behind[-1].length, records=records,
        )  # fmt: skip

    def close(self) -> None:
        """Let go of its files."""
        self._reading.close()

    def _bytes(self, frame: Frame) -> bytes:
        data = self._reading.read(frame)
        if data is None:
            what = "are not what they were when they were received; the disk has damaged them"
            raise EvidenceError(f"the bytes of feed {self.name} at {frame.offset} {what}")
        return data

    def _recognised(self) -> str:
        """The one format of a stream, which is that of its first bytes."""
        head = bytearray()
        for frame in self.frames:
            head += self._reading.read(frame) or b""
            if len(head) >= MAX_LINE_BYTES:
                break
        if not head.strip():
            return NMEA.name
        form = recognise(bytes(head))
        if form not in (NMEA, COT):
            raise InputError(f"feed {self.name} is a table ({form.name}) and where its files begin is not noted; nothing can be cut from it")
        return form.name


class JournalFeed:
    """Batches of a journal's pieces, as a node's watch takes them.

    Lines without a time of their own are from when they were received. Reports that claim to be much later than their reception are left out, and
    of the real sea numbers that only drills use.
    """

    def __init__(self, reading: RawReading, frames: list[Frame], begins: list[int], form: Format | None, options: ReadOptions) -> None:
        self._reading, self._frames, self._begins, self._form, self._options = reading, frames, begins, form, options
        self._done = 0
        self._starts = np.array([f.offset for f in frames], np.int64)
        self._received = pl.Series([f.received_us for f in frames], dtype=pl.Int64).cast(AT)

    @property
    def share(self) -> float:
        return self._done / len(self._frames) if self._frames else 1.0

    def __iter__(self) -> Iterator[Batch]:
        files: list[list[Frame]] = [[] for _ in range(len(self._begins) + 1)]
        for frame in self._frames:
            files[bisect_right(self._begins, frame.offset)].append(frame)
        for frames in files:
            form = self._form or (recognise(self._reading.read(frames[0]) or b"") if frames else NMEA)
            for batch in form.read(self._chunks(frames), self._options):
                batch.reports = self._taken(self._timed(batch.reports, ("received_at", "reported_at")))
                batch.static = self._real(self._timed(batch.static, ("reported_at",)))
                yield batch

    def _chunks(self, frames: list[Frame], chunk_bytes: int = 4 << 20) -> Iterator[Chunk]:
        """Whole lines; what the disk has damaged is left out."""
        held, begin = bytearray(), -1
        for frame in frames:
            data = self._reading.read(frame) or b""
            if held and (len(held) >= chunk_bytes or frame.offset != begin + len(held)):
                yield Chunk(begin, bytes(held))
                held = bytearray()
            if not held:
                begin = frame.offset
            held += data
            self._done += 1
        if held:
            yield Chunk(begin, bytes(held))

    def _timed(self, rows: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
        if rows.is_empty() or not rows.select(pl.any_horizontal(pl.col(*names).is_null().any())).item():
            return rows
        received = self._received_of(rows)
        return rows.with_columns(pl.col(name).fill_null(received) for name in names)

    def _received_of(self, rows: pl.DataFrame) -> pl.Series:
        """When the last byte of each row was received."""
        end = (rows["raw_offset"] + rows["raw_length"] - 1).to_numpy()
        return self._received.gather(pl.Series(np.searchsorted(self._starts, end, "right") - 1))

    def _taken(self, reports: pl.DataFrame) -> pl.DataFrame:
        late = self._received_of(reports) + timedelta(seconds=AHEAD_S)
        return self._real(reports.filter((pl.max_horizontal("reported_at", "received_at") <= late).fill_null(True)))

    def _real(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows if is_drill(self._options.realm) else rows.filter(~drill_numbers())


def noted(path: Path) -> list[tuple[int, str]]:
    """Where the files of a feed begin, as the node noted it."""
    try:
        return [(int(at), str(text)) for at, text in json.loads(path.read_bytes())]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as e:
        raise InputError(f"{path} cannot be read ({e}); bring back a copy of the node's folder") from e
