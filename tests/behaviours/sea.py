"""Tracks for the tests of behaviours: a vessel is a list of fixes; a sea is vessels in one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from seaward.core.tables import POSITIONS
from seaward.core.units import DEG_M

NOON = datetime(2027, 11, 4, 12, tzinfo=UTC)
M_DEG = 1 / DEG_M  # degrees of latitude in a metre


def vessel(
    number: int,
    minutes: Sequence[float],
    place: Callable[[float], tuple[float, float]],
    *,
    start: datetime = NOON,
    feed: str = "coast",
    name: str | None = None,
    **columns: Any,
) -> pl.DataFrame:
    """One vessel: `place(minute)` gives lon, lat [degree]; further columns as constants or lists."""
    name = name or f"mmsi:{100000000 + number}"
    places = [place(m) for m in minutes]
    given: dict[str, Any] = {
        "realm": "ops", "vessel_id": name, "mmsi": 100000000 + number, "track_id": f"{name}@1",
        "at": [start + timedelta(minutes=m) for m in minutes],
        "lon_deg": [(p[0] + 180) % 360 - 180 for p in places], "lat_deg": [p[1] for p in places],
        "sog_kn": None, "cog_deg": None, "heading_deg": None, "nav_status": None, "feed": feed,
        "raw_offset": [number * 1_000_000 + 100 * i for i in range(len(places))], "quality": "good", "raw_length": 80, "transceiver": "A",
    }  # fmt: skip
    given |= columns
    n = len(places)
    return pl.DataFrame({k: v if isinstance(v, list) else [v] * n for k, v in given.items()}, schema=POSITIONS.schema)


def sea(*vessels: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(vessels).sort(pl.col("vessel_id").cast(pl.String), "at")


def at_rest(lon: float = -80.0, lat: float = -12.0) -> Callable[[float], tuple[float, float]]:
    return lambda minute: (lon, lat)


def steaming(lon: float, lat: float, sog_kn: float) -> Callable[[float], tuple[float, float]]:
    """Northward."""
    return lambda minute: (lon, lat + minute / 60 * sog_kn / 60)


def every(step_min: float, until_min: float, since_min: float = 0) -> list[float]:
    return [float(m) for m in np.arange(since_min, until_min, step_min)]


def after(**time: float) -> datetime:
    return NOON + timedelta(**time)


def codes(event: dict[str, Any]) -> list[str]:
    return [r["code"] for r in event["reasons"]]
