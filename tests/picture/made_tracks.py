"""Tracks of a few vessels as POSITIONS, from lists of (seconds, longitude, latitude)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from seaward.core.tables import POSITIONS

START = datetime(2027, 11, 4, tzinfo=UTC)
Track = Sequence[tuple[float, float, float]]


def tracks(*vessels: Track, first: int = 1, sog_kn: float | None = None) -> pl.DataFrame:
    """Vessels numbered from `first` on."""
    rows = [
        {"realm": "ops", "vessel_id": f"mmsi:{760_000_000 + n:09d}", "mmsi": 760_000_000 + n, "track_id": f"{n}", "at": START + timedelta(seconds=s),
         "lon_deg": lon, "lat_deg": lat, "sog_kn": sog_kn, "feed": "coast", "raw_offset": k, "quality": "good", "raw_length": 1}
        for n, track in enumerate(vessels, first)
        for k, (s, lon, lat) in enumerate(track)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=POSITIONS.schema) if rows else POSITIONS.empty()
