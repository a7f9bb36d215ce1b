"""One small sea: reports of vessels that sail straight, for the tests of the room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from seaward.core.tables import REPORTS, STATIC

START = datetime(2024, 3, 1, 22, 0, tzinfo=UTC)


def reports(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """REPORTS with what the rows say, and plain values elsewhere."""
    plain: dict[str, Any] = {"realm": "ops", "feed": "a.nmea", "raw_length": 40, "message_type": 1, "mmsi": 224_000_001, "transceiver": "A"}
    full = []
    for n, row in enumerate(rows):
        filled = dict.fromkeys(REPORTS.schema) | plain | {"raw_offset": n * 50} | row
        filled["received_at"] = filled["received_at"] or filled["reported_at"]
        full.append(filled)
    return pl.DataFrame(full, schema=REPORTS.schema)


def static(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """STATIC with what the rows say."""
    plain: dict[str, Any] = {"realm": "ops", "feed": "a.nmea", "raw_length": 40, "mmsi": 224_000_001, "transceiver": "A"}
    full = [dict.fromkeys(STATIC.schema) | plain | {"raw_offset": 100_000 + n} | row for n, row in enumerate(rows)]
    return pl.DataFrame(full, schema=STATIC.schema)


def sail(
    lon_deg: float, lat_deg: float, n: int, /, every_s: float = 60.0, sog_kn: float = 10.0, after_s: float = 0.0, **more: Any
) -> list[dict[str, Any]]:
    """`n` fixes of a vessel that sails north along a meridian."""
    return [
        {
            "reported_at": START + timedelta(seconds=after_s + k * every_s),
            "lon_deg": lon_deg,
            "lat_deg": lat_deg + sog_kn * every_s * k / 3600 / 60,
            "sog_kn": sog_kn,
            "cog_deg": 0.0,
        }
        | more
        for k in range(n)
    ]
