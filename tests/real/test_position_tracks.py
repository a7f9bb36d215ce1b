"""On real tracks of vessels whose places are true, `position` says nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import seaward
from seaward.core.tables import AT, REPORTS


def reports(rows: pl.DataFrame, feed: str) -> pl.DataFrame:
    """Rows with mmsi, time and place as REPORTS of one feed."""
    plain = {"realm": "ops", "feed": feed, "raw_length": 0, "message_type": 0}
    rows = rows.with_row_index("raw_offset").with_columns(pl.lit(v).alias(k) for k, v in plain.items()).with_columns(received_at="reported_at")
    missing = [pl.lit(None).alias(c) for c in REPORTS.schema if c not in rows.columns]
    return rows.with_columns(missing).select(pl.col(c).cast(t) for c, t in REPORTS.schema.items())


def river_ship(real_data: Path) -> pl.DataFrame:
    said = json.loads((real_data / "gaps" / "sample_messages-ssvid-243042594-10-days.json").read_text())
    rows = {"reported_at": pl.Series([int(m["timestamp"] * 1e6) for m in said]).cast(AT), "mmsi": [243_042_594] * len(said)}
    return reports(pl.DataFrame(rows | {"lon_deg": [float(m["lon"]) for m in said], "lat_deg": [float(m["lat"]) for m in said]}), "river")


def adriatic(real_data: Path) -> pl.DataFrame:
    rows = pl.read_csv(real_data / "tracks" / "adriatic_passive_gear_2017.csv")
    at = pl.col("time_stamp").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", time_zone="UTC")
    return reports(rows.select(at.alias("reported_at"), mmsi=247_000_001, lon_deg="lon", lat_deg="lat", sog_kn="speed", cog_deg="course"), "adriatic")


def algarve(real_data: Path) -> pl.DataFrame:
    """Five small boats at work with dredges and pots, and on their way, a fix every half minute."""
    rows = pl.read_csv(real_data / "tracks_labelled" / "algarve_gps_2017.csv", infer_schema_length=20_000)
    at = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", time_zone="UTC")
    number = 263_000_001 + pl.col("vessel_id").rank("dense")
    rows = rows.select(at.alias("reported_at"), mmsi=number, lon_deg="lon", lat_deg="lat", sog_kn="speed", cog_deg=pl.col("bearing") % 360)
    return reports(rows, "algarve")


@pytest.mark.parametrize("track", [river_ship, adriatic, algarve], ids=lambda t: t.__name__)
def test_real_tracks_of_true_places_raise_nothing(real_data: Path, track: Callable[[Path], pl.DataFrame]) -> None:
    assert seaward.detect(track(real_data), kinds=["position"]).events.is_empty()


@pytest.mark.parametrize("name", ["dma_2013-11-12_full_feed.txt.gz", "dma_2010-06-11_stream.txt"])
def test_the_danish_feeds_raise_nothing(real_data: Path, name: str) -> None:
    assert seaward.detect(str(real_data / "nmea" / name), kinds=["position"]).events.is_empty()
