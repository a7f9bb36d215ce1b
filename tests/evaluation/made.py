"""Small tables of events and truth for the tests of this room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from seaward.core.tables import EVENTS, TRUTH

NOON = datetime(2027, 11, 4, 12, tzinfo=UTC)
DEG_PER_M = 1 / 111_195.08  # of latitude, on the mean sphere


def event(name: str, *, start_s: float = 0, end_s: float = 7200, north_m: float = 0, **more: Any) -> dict[str, Any]:
    return {
        "realm": "ex:test", "event_id": name, "version": 1, "state": "closed", "kind": "encounter", "start_at": NOON + timedelta(seconds=start_s),
        "end_at": NOON + timedelta(seconds=end_s), "vessel_ids": ["mmsi:100000001"], "lon_deg": -80.0, "lat_deg": north_m * DEG_PER_M,
        "probability": None, "areas": [], "reasons": [], "evidence": [], "method": "test/1",
    } | more  # fmt: skip


def truth(name: str, *, start_s: float = 0, end_s: float = 7200, north_m: float = 0, **more: Any) -> dict[str, Any]:
    return {
        "realm": "ex:test", "truth_id": name, "kind": "encounter", "start_at": NOON + timedelta(seconds=start_s),
        "end_at": NOON + timedelta(seconds=end_s), "actors": ["one"], "vessel_ids": ["mmsi:100000001"], "lon_deg": -80.0,
        "lat_deg": north_m * DEG_PER_M, "intent": "none", "areas": [],
    } | more  # fmt: skip


def events_of(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=EVENTS.schema)


def truth_of(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=TRUTH.schema)
