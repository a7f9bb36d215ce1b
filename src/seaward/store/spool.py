"""rows of any order -> rows by bucket of vessels, held in memory up to a bound and on disk beyond it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.core.errors import OutputError

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: spreads consecutive numbers (Knuth, TAOCP vol. 3, 6.4)


@njit(cache=True, nogil=True)
def _by_bucket(mmsi, buckets, order, ends):
    """Fill `order` with the row numbers bucket by bucket, each in row order, and `ends` with where each bucket ends."""
    code = np.empty(mmsi.size, np.uint16)
    for i in range(mmsi.size):
        code[i] = ((np.uint64(mmsi[i]) * _GOLDEN) >> np.uint64(40)) % np.uint64(buckets)
        ends[code[i]] += 1
    place = np.zeros(buckets, np.int64)
    total = 0
    for b in range(buckets):
        place[b] = total
        total += ends[b]
        ends[b] = total
    for i in range(mmsi.size):
        order[place[code[i]]] = i
        place[code[i]] += 1


def order_by_bucket(mmsi: NDArray[np.uint32], buckets: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The row numbers grouped by bucket, and where each bucket ends among them; a vessel is always in one bucket."""
    order, ends = np.empty(len(mmsi), np.uint32), np.zeros(buckets, np.int64)
    _by_bucket(mmsi, buckets, order, ends)
    return order, ends


class Spool:
    """Rows of one table by bucket of MMSI; a context manager that leaves nothing on disk.

    Parameters
    ----------
    buckets
        How many, 1 to 65,535.
    memory_bytes
        Above this the rows go to disk.
    folder
        Where; the system's folder for temporary files when None.

    Limits
    ------
    One vessel is never divided: a bucket must fit in memory.
    """

    def __init__(self, buckets: int, memory_bytes: int, folder: Path | None = None) -> None:
        self.buckets, self.memory_bytes, self.rows, self.spilled_bytes = buckets, memory_bytes, 0, 0
        self._folder = folder
        self._held: list[list[pl.DataFrame]] = [[] for _ in range(buckets)]
        self._files: list[list[Path]] = [[] for _ in range(buckets)]
        self._held_bytes = 0
        self._temporary: tempfile.TemporaryDirectory[str] | None = None

    def add(self, rows: pl.DataFrame) -> None:
        """Keep rows with a `mmsi` column, each in its bucket."""
        if rows.is_empty():
            return
        order, ends = order_by_bucket(rows["mmsi"].to_numpy(), self.buckets)
        grouped = rows[order]
        start = 0
        for bucket, end in enumerate(ends.tolist()):
            if end > start:
                self.put(bucket, grouped.slice(start, end - start), count=False)
            start = end
        self.rows += len(rows)
        self._bound()

    def put(self, bucket: int, rows: pl.DataFrame, *, count: bool = True) -> None:
        """Keep rows that are known to belong in `bucket`."""
        self._held[bucket].append(rows)
        self._held_bytes += int(rows.estimated_size())
        if count:
            self.rows += len(rows)
            self._bound()

    def see(self, bucket: int) -> pl.DataFrame | None:
        """All rows of a bucket; None if it has none."""
        parts = [pl.read_ipc(f) for f in self._files[bucket]] + self._held[bucket]
        return pl.concat(parts, rechunk=True) if parts else None

    def take(self, bucket: int) -> pl.DataFrame | None:
        """All rows of a bucket, which is then empty; None if it had none."""
        rows = self.see(bucket)
        self._held_bytes -= sum(int(h.estimated_size()) for h in self._held[bucket])
        for f in self._files[bucket]:
            f.unlink()
        self._held[bucket], self._files[bucket] = [], []
        return rows

    def _bound(self) -> None:
        if self._held_bytes <= self.memory_bytes:
            return
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="seaward-", dir=self._folder)
        for bucket, held in enumerate(self._held):
            if held:
                file = Path(self._temporary.name) / f"{bucket:05d}-{len(self._files[bucket]):05d}.arrow"
                try:
                    pl.concat(held).write_ipc(file, compression="lz4")
                except OSError as e:
                    raise OutputError(
                        f"{file.parent} cannot hold what does not fit in memory ({e}); free space there or set TMPDIR to a larger disk"
                    ) from e
                self.spilled_bytes += file.stat().st_size
                self._files[bucket].append(file)
        self._held = [[] for _ in range(self.buckets)]
        self._held_bytes = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._held = [[] for _ in range(self.buckets)]
        if self._temporary is not None:
            self._temporary.cleanup()
