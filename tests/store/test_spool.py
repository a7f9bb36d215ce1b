"""Rows by bucket, in memory or on disk: the same rows either way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.store.spool import Spool, order_by_bucket


def sea(rows: int, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame({"mmsi": rng.integers(1, 200, rows).astype(np.uint32), "n": np.arange(rows)})


@given(st.lists(st.integers(0, 2**32 - 1), max_size=200), st.integers(1, 40))
def test_every_row_is_in_one_bucket_and_every_vessel_too(mmsi: list[int], buckets: int) -> None:
    vessel = np.array(mmsi, np.uint32)
    order, ends = order_by_bucket(vessel, buckets)
    assert sorted(order.tolist()) == list(range(len(mmsi)))
    where: dict[int, int] = {}
    for bucket, (a, b) in enumerate(zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)):
        for m in vessel[order[a:b]].tolist():
            assert where.setdefault(m, bucket) == bucket


@pytest.mark.parametrize("memory_bytes", [1 << 30, 0, 20_000])
def test_memory_or_disk_gives_the_same_rows_in_the_same_order(memory_bytes: int, tmp_path: Path) -> None:
    with Spool(7, memory_bytes, tmp_path) as spool:
        for seed in range(5):
            spool.add(sea(1000, seed))
        got = [spool.take(b) for b in range(7)]
        assert (spool.spilled_bytes > 0) == (memory_bytes < 1 << 30)
    with Spool(7, 1 << 30) as plain:
        for seed in range(5):
            plain.add(sea(1000, seed))
        for mine, theirs in zip(got, (plain.take(b) for b in range(7)), strict=True):
            assert mine is not None and theirs is not None and mine.equals(theirs)


def test_nothing_stays_on_disk(tmp_path: Path) -> None:
    with Spool(3, 0, tmp_path) as spool:
        spool.add(sea(100))
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


def test_a_bucket_is_empty_once_taken() -> None:
    with Spool(1, 1 << 20) as spool:
        spool.add(sea(10))
        assert spool.take(0) is not None
        assert spool.take(0) is None
