"""Parquet gives what the same rows give as CSV."""

import hashlib
from pathlib import Path

import polars as pl
import pytest

from seaward.core.errors import InputError
from tests.feeds.test_csv_rows import GOOD, HEADER
from tests.feeds.test_read import taken, write

ROWS = "\n".join([
    HEADER, GOOD, GOOD.replace("SAN, JOSE", "X"), GOOD.replace("43.07917", "91"), GOOD.replace(",95.0,", ",511,"), GOOD.replace("35.0", "360"),
    GOOD.replace("367752440", "1000000000"), GOOD.replace("2023-", "1970-"), GOOD.replace("43.07917", "95"), GOOD.replace("31,0", "30,15"),
    GOOD.replace("-70.75733", ""),
]).encode()  # fmt: skip


@pytest.mark.parametrize("typed", [True, False])
def test_parquet_equals_csv(tmp_path: Path, typed: bool) -> None:
    csv = write(tmp_path, ROWS, "rows.csv")
    pl.read_csv(csv, try_parse_dates=typed, infer_schema=typed).write_parquet(tmp_path / "rows.parquet", row_group_size=3)
    (source, got), (_, wanted) = taken(tmp_path / "rows.parquet", feed="f"), taken(csv, feed="f")
    assert source.format == "parquet" and (source.counts.accepted, source.counts.rejected) == (7, 3)
    assert source.sha256 == hashlib.sha256((tmp_path / "rows.parquet").read_bytes()).hexdigest()
    what = [c for c in wanted.reports.columns if c not in ("raw_offset", "raw_length")]
    assert got.reports.select(what).equals(wanted.reports.select(what))
    assert got.static.drop("raw_offset", "raw_length").equals(wanted.static.drop("raw_offset", "raw_length"))
    assert got.rejected["rule"].to_list() == wanted.rejected["rule"].to_list()
    assert got.reports["raw_offset"].to_list() == [0, 1, 2, 3, 4, 8, 9]


def test_our_own_reports_are_read_back(tmp_path: Path) -> None:
    _, wanted = taken(write(tmp_path, ROWS, "rows.csv"), feed="f")
    wanted.reports.write_parquet(tmp_path / "reports.parquet")
    _, got = taken(tmp_path / "reports.parquet", feed="f")
    what = [c for c in wanted.reports.columns if c not in ("raw_offset", "raw_length")]
    assert got.reports.select(what).equals(wanted.reports.select(what))


def test_a_parquet_without_the_columns_says_so(tmp_path: Path) -> None:
    pl.DataFrame({"mmsi": [1], "when": [2]}).write_parquet(tmp_path / "x")
    with pytest.raises(InputError, match="lacks a column for time, lon, lat"):
        taken(tmp_path / "x")


def test_a_broken_parquet_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a whole Parquet file"):
        taken(write(tmp_path, b"PAR1" + bytes(100)))


def test_times_in_text_may_name_their_zone(tmp_path: Path) -> None:
    times = ["2023-01-01T00:00:00-05:00", "2023-01-01 05:00:00Z", "2023-01-01T10:30:00.5+0530", "2023-01-01 05:00:00", "2023-01-01T05:00:00+5"]
    pl.DataFrame({"mmsi": [1] * 5, "time": times, "lon": [1.0] * 5, "lat": [1.0] * 5}).write_parquet(tmp_path / "x.parquet")
    _, got = taken(tmp_path / "x.parquet")
    assert got.reports["reported_at"].dt.strftime("%H:%M:%S%.f").to_list() == ["05:00:00", "05:00:00", "05:00:00.500", "05:00:00"]
    assert got.rejected["rule"].to_list() == ["time"]
