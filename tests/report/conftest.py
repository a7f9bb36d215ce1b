"""A small sea to report on: two vessels across 180 degrees, one event of each kind, a few refused lines; and a browser to open it in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Browser, Page

from seaward.core.tables import EVENTS, POSITIONS, REJECTED, VESSELS
from seaward.report.symbols import KINDS
from tests.browsers import launched

NOON = datetime(2027, 11, 4, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched("--disable-gpu") as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1300, "height": 900})
    yield opened
    opened.close()


def positions_of(vessel_id: str, n: int = 200, lon_deg: float = -80.0, lat_deg: float = -12.0, realm: str = "ops") -> pl.DataFrame:
    """A zigzag of one fix a minute, eastward."""
    return pl.DataFrame({
        "realm": [realm] * n, "vessel_id": vessel_id, "mmsi": 100000001, "track_id": f"{vessel_id}@1",
        "at": [NOON + timedelta(minutes=i) for i in range(n)],
        "lon_deg": [(lon_deg + 0.005 * i + 180) % 360 - 180 for i in range(n)], "lat_deg": [lat_deg + 0.002 * (i % 7) for i in range(n)],
        "sog_kn": 10.0, "cog_deg": 90.0, "heading_deg": None, "nav_status": None, "feed": "a.nmea", "raw_offset": [i * 80 for i in range(n)],
        "quality": "good", "raw_length": 78, "transceiver": "A",
    }).cast(dict(POSITIONS.schema))  # fmt: skip


def vessel(vessel_id: str, name: str | None, realm: str = "ops") -> pl.DataFrame:
    empty = {c: None for c in VESSELS.schema}
    return pl.DataFrame(
        [empty | {"realm": realm, "vessel_id": vessel_id, "mmsi": 100000001, "name": name, "positions": 200, "identity": []}], schema=VESSELS.schema
    )


def event(kind: str, vessel_ids: list[str], lon_deg: float = -79.5, realm: str = "ops", **more: Any) -> pl.DataFrame:
    row = {
        "realm": realm, "event_id": kind.ljust(32, "0")[:32], "version": 1, "state": "closed", "kind": kind, "start_at": NOON + timedelta(minutes=30),
        "end_at": NOON + timedelta(minutes=150), "vessel_ids": vessel_ids, "lon_deg": lon_deg, "lat_deg": -12.0, "probability": None, "areas": [],
        "reasons": [{"code": "gap.duration", "values": [{"name": "duration_h", "value": 9.25}]}],
        "evidence": [{"feed": "a.nmea", "raw_offset": 2400 + 80 * i, "raw_length": 78} for i in range(40)], "method": f"{kind}/1",
    }  # fmt: skip
    return pl.DataFrame([row | more], schema=EVENTS.schema)


def summary_of(realm: str = "ops", **more: Any) -> dict[str, Any]:
    return {
        "seaward": "0.1.0", "realm": realm, "as_of": "2027-11-04T16:00:00+00:00", "lines": {"read": 412},
        "inputs": [{"name": "a.nmea", "format": "nmea", "bytes": 33_000, "sha256": "ab" * 32, "broken": "",
                    "lines": {"read": 412, "accepted": 400, "other": 6, "ignored": 1, "rejected": 5}}],
        "message_types": {"1": 380, "5": 20}, "tables": {"reports": 400, "positions": 400, "vessels": 2, "events": 4, "rejected": 5},
        "left_out": {"duplicates": 3}, "events_by_kind": {"gap": 1, "encounter": 1, "loitering": 1, "drift": 1},
        "parameters": {"picture": {"max_sog_kn": 60.0}, "gap": {"version": 1, "source": "a paper", "min_duration_s": 21600.0}},
    } | more  # fmt: skip


@pytest.fixture
def sea() -> dict[str, Any]:
    two = ["mmsi:100000001", "mmsi:100000002"]
    return {
        "positions": pl.concat([positions_of(two[0]), positions_of(two[1], lat_deg=-12.05)]),
        "events": pl.concat([event("gap", two[:1]), event("encounter", two),
                             event("loitering", two[1:], lon_deg=-79.3), event("drift", two[1:], lon_deg=-79.1)]),
        "vessels": pl.concat([vessel(two[0], "JIGGER 05 (EX)"), vessel(two[1], None)]),
        "rejected": pl.DataFrame(
            [("ops", "a.nmea", 80 * i, rule, f"!AIVDM,{i}")
             for i, rule in enumerate(("checksum", "checksum", "lat_deg.above", "made_up", "checksum"))],
            schema=REJECTED.schema, orient="row",
        ),
        "summary": summary_of(),
        "language": "en",
    }  # fmt: skip


def many_events(n: int, vessels: int = 500, realm: str = "ops") -> dict[str, pl.DataFrame]:
    """Tables of n events of every kind over a month, of vessels that each sail 150 minutes; the same each time."""
    kinds = [*KINDS, "loitering", "loitering"]
    i = pl.int_range(n, eager=True)
    ids = [f"mmsi:{200_000_000 + v}" for v in range(vessels)]
    reason = [{"code": "encounter.duration", "values": [{"name": "duration_h", "value": 3.25}, {"name": "near_percent", "value": 71.5}]},
              {"code": "gap.reception", "values": [{"name": "once_in_days", "value": 1234.56}]}]  # fmt: skip
    events = pl.DataFrame({"n": i}).with_columns(
        realm=pl.lit(realm), event_id=i.cast(pl.String).str.zfill(32), version=1, state=pl.lit("closed"),
        kind=pl.Series([kinds[k % len(kinds)] for k in range(n)]), start_at=NOON + pl.duration(seconds=i * (30 * 86_400) // max(1, n)),
        vessel_ids=pl.Series([[ids[k % vessels], ids[(k * 7 + 1) % vessels]] if k % 3 == 0 else [ids[k % vessels]] for k in range(n)]),
        lon_deg=-82.0 + (i * 7_919 % 4_000) / 1_000, lat_deg=-16.0 + (i * 104_729 % 8_000) / 1_000,
        probability=pl.when(i % 4 > 0).then(i % 101 / 100), areas=pl.lit(["Reserva"]),
        reasons=pl.Series([reason] * n, dtype=EVENTS.schema["reasons"]),
        evidence=pl.Series([[{"feed": "a.nmea", "raw_offset": 80 * k + j, "raw_length": 78} for j in range(8)] for k in range(n)],
                           dtype=EVENTS.schema["evidence"]), method=pl.lit("synthetic/1"),
        end_at=NOON + pl.duration(seconds=i * (30 * 86_400) // max(1, n) + 1_800 + i % 20_000),
    ).select(EVENTS.schema.names()).cast(dict(EVENTS.schema))  # fmt: skip
    return {
        "events": events,
        "vessels": pl.concat([vessel(v, f"BOAT {k}", realm) for k, v in enumerate(ids)]),
        "positions": pl.concat([positions_of(v, 150, -82 + 0.006 * k, -16 + 0.017 * (k * 31 % 480), realm) for k, v in enumerate(ids)]),
    }  # fmt: skip
