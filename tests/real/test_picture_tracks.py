"""Real tracks stay what they are: trips of one vessel, a river ship that is one ship."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from seaward.core.tables import AT, REPORTS
from seaward.picture.positions import Picture, PictureParams, build_positions


def picture_of(rows: pl.DataFrame, **plain: Any) -> Picture:
    """Rows with time, place, speed and course as REPORTS of one feed."""
    rows = rows.with_row_index("raw_offset").with_columns(received_at=pl.col("reported_at"), realm=pl.lit("ops"), raw_length=pl.lit(0))
    rows = rows.with_columns(pl.lit(v).alias(k) for k, v in plain.items())
    missing = [pl.lit(None).alias(c) for c in REPORTS.schema if c not in rows.columns]
    return build_positions(rows.with_columns(missing).select(pl.col(c).cast(t) for c, t in REPORTS.schema.items()), PictureParams())


def test_ten_trips_of_a_netter_in_the_adriatic_are_one_vessel_and_its_trips(real_data: Path) -> None:
    rows = pl.read_csv(real_data / "tracks" / "adriatic_passive_gear_2017.csv").select(
        pl.col("time_stamp").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", time_zone="UTC").alias("reported_at"),
        pl.col("lon").alias("lon_deg"),
        pl.col("lat").alias("lat_deg"),
        pl.col("speed").alias("sog_kn"),
        pl.col("course").alias("cog_deg"),
        "trip",
    )
    picture = picture_of(rows, mmsi=247_000_001, feed="adriatic", message_type=0)
    assert picture.rejected.is_empty()
    assert picture.positions["vessel_id"].n_unique() == 1
    assert len(picture.positions) + picture.duplicates == len(rows)
    trip = rows.with_row_index("raw_offset").select(pl.col("raw_offset").cast(pl.Int64), "trip")
    tracks = picture.positions.join(trip, on="raw_offset").group_by("track_id").agg(pl.col("trip").unique())
    silent_hours = picture.positions.select(pl.col("at").diff().dt.total_seconds() / 3600).to_series()
    assert len(tracks) == (silent_hours > 8).sum() + 1
    assert tracks["trip"].explode(empty_as_null=True).n_unique() == 10


def test_a_river_ship_is_one_hull(real_data: Path) -> None:
    said = json.loads((real_data / "gaps" / "sample_messages-ssvid-243042594-10-days.json").read_text())
    rows = pl.DataFrame(
        {
            "reported_at": pl.Series([int(m["timestamp"] * 1e6) for m in said]).cast(AT),
            "lon_deg": [float(m["lon"]) for m in said],
            "lat_deg": [float(m["lat"]) for m in said],
            "sog_kn": [None if m["speed_knots"] is None else float(m["speed_knots"]) for m in said],
            "cog_deg": [None if m["course"] is None else float(m["course"]) for m in said],
        }
    )
    picture = picture_of(rows, mmsi=243_042_594, feed="river", message_type=1)
    assert picture.positions["vessel_id"].n_unique() == 1
    assert picture.positions["track_id"].n_unique() == 1
    assert len(picture.rejected) <= len(rows) / 1000
