"""`detect --ports`: what is used, what is refused and where it shows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import seaward
from seaward.core.errors import InputError


def berthed() -> pl.DataFrame:
    at = pl.datetime_range(pl.datetime(2027, 11, 4), pl.datetime(2027, 11, 5), "5m", time_unit="us", time_zone="UTC", eager=True)
    return pl.DataFrame({"mmsi": [760000001] * len(at), "reported_at": at, "lon_deg": [-82.0] * len(at), "lat_deg": [-12.0] * len(at)})


def test_rows_of_ports_that_cannot_be_used_are_rejected_rows_and_the_summary_counts_them(tmp_path: Path) -> None:
    (tmp_path / "puertos.csv").write_text("nombre,lat,lon\nCallao,-12.05,-77.15\nMal,99,0\n", encoding="utf-8")
    found = seaward.detect(berthed(), ports=tmp_path / "puertos.csv")
    assert found.rejected.select("feed", "raw_offset", "rule").cast({"feed": pl.String}).rows() == [("puertos", 2, "port.latitude")]
    (given,) = found.summary["given"]
    assert (given["holds"], given["used"], given["refused"]) == ("ports", 1, 1)


def test_a_file_that_is_not_there_is_said_before_anything_is_read() -> None:
    with pytest.raises(InputError, match="nowhere"):
        seaward.detect(berthed(), ports="nowhere.csv")
