"""Published files, read as Python's csv module reads them."""

import csv
import random
from pathlib import Path

import numpy as np
import pytest

from tests.feeds.test_csv_rows import assert_like_slow, mutated
from tests.feeds.test_read import taken

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs the real data in ../shared/data")


def test_the_noaa_sample_is_read_field_by_field() -> None:
    path = DATA / "csv" / "noaa_marinecadastre_sample_2023-01.csv"
    source, got = taken(path)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert source.format == "marinecadastre" and source.counts.accepted == len(rows) == len(got.reports)
    assert got.reports["mmsi"].to_list() == [int(r["MMSI"]) for r in rows]
    assert got.reports["reported_at"].dt.strftime("%Y-%m-%dT%H:%M:%S").to_list() == [r["BaseDateTime"] for r in rows]
    for column, name, high in (
        ("lon_deg", "LON", 180),
        ("lat_deg", "LAT", 90),
        ("sog_kn", "SOG", 102.2),
        ("cog_deg", "COG", 359.95),
        ("heading_deg", "Heading", 359),
    ):
        values = [float(r[name]) if r[name] else np.nan for r in rows]
        kept = np.array([v if abs(v) <= high else np.nan for v in values], got.reports[column].to_numpy().dtype)
        assert np.array_equal(got.reports[column].fill_null(np.nan).to_numpy(), kept, equal_nan=True), name
    named = {int(r["MMSI"]): r["VesselName"] for r in reversed(rows) if r["VesselName"]}
    assert dict(got.static.filter(got.static["name"].is_not_null()).unique("mmsi", keep="first").select("mmsi", "name").rows()) == named


def test_the_adriatic_vessel_is_read_whole() -> None:
    source, got = taken(DATA / "tracks" / "adriatic_passive_gear_2017.csv")
    assert source.format == "vms" and source.counts.rejected == 0
    assert len(got.reports) == 1685 and got.reports["mmsi"].unique().to_list() == [1]
    assert got.reports["lon_deg"].is_between(12, 14).all() and got.reports["lat_deg"].is_between(43, 45).all()


@pytest.mark.parametrize("rows", [3_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_mutated_rows_of_the_noaa_sample_are_read_as_the_slow_reader_reads_them(rows: int) -> None:
    header, *lines = (DATA / "csv" / "noaa_marinecadastre_sample_2023-01.csv").read_bytes().splitlines()
    rng = random.Random(7)
    for start in range(0, rows, 100_000):
        some = [mutated(rng.choice(lines), rng) for _ in range(min(100_000, rows - start))]
        assert_like_slow(header + b"\n" + b"\n".join(some) + b"\n", rng.randrange(1_000, 3_000_000))
