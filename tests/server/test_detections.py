"""Contacts of other sensors over the API: which a tracked vessel explains, which an event stands for, and which were not judged yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from seaward.core.tables import DETECTIONS
from tests.server.floor import Browser, browser, event, open_floor

NOW = datetime.now(UTC).replace(microsecond=0)


def contacts() -> pl.DataFrame:
    rows = [(f"d{n}", NOW - timedelta(hours=h), lon) for n, (h, lon) in enumerate([(1, -78.0), (2, -78.5), (3, 179.9), (4, -77.0), (20, -78.0)])]
    made = [{"realm": "ops", "feed": "sar", "raw_offset": n, "detection_id": name, "at": at, "lon_deg": lon, "lat_deg": -12.0, "error_m": 50.0}
            for n, (name, at, lon) in enumerate(rows)]  # fmt: skip
    return pl.DataFrame(made, schema={k: v for k, v in DETECTIONS.schema.items() if k in made[0]}).with_columns(
        pl.lit(None, t).alias(k) for k, t in DETECTIONS.schema.items() if k not in made[0]
    ).select(DETECTIONS.schema.names())  # fmt: skip


@pytest.fixture(scope="module")
def officer(tmp_path_factory: pytest.TempPathFactory):
    with open_floor(tmp_path_factory.mktemp("contacts"), feeds=False) as (floor, server), browser(server, "observer") as found:
        floor.node.live.detections(contacts())
        floor.node.live.judged_us = int((NOW - timedelta(minutes=90)).timestamp() * 1e6)
        dark = {"kind": "dark_contact", "start_at": NOW - timedelta(hours=2), "end_at": NOW - timedelta(hours=2), "vessel_ids": ["detection:sar/d1"]}
        evidence = [{"feed": "sar", "raw_offset": 1, "raw_length": 0}, {"feed": "sar", "raw_offset": 3, "raw_length": 60}]
        floor.node.state.record_events(event("e9", evidence=evidence, **dark), NOW)
        yield found


def test_each_contact_says_what_the_watch_makes_of_it(officer: Browser) -> None:
    told = officer.get("/api/v1/detections").json()["items"]
    assert [(d["detection_id"], d["state"], d["event_id"]) for d in told] == [
        ("d0", "not_judged", None), ("d1", "without_track", "e9"), ("d2", "with_track", None), ("d3", "with_track", None),
    ]  # fmt: skip


def test_they_are_asked_for_by_time_place_and_state_and_in_pages(officer: Browser) -> None:
    def names(**query: object) -> list[str]:
        return [d["detection_id"] for d in officer.get("/api/v1/detections", params=query).json()["items"]]

    assert names(since=(NOW - timedelta(hours=21)).isoformat()) == ["d0", "d1", "d2", "d3", "d4"]
    assert names(until=(NOW - timedelta(hours=2)).isoformat()) == ["d1", "d2", "d3"]
    assert names(bbox="170,-20,-170,0") == ["d2"]
    assert names(state="with_track") == ["d2", "d3"]
    first = officer.get("/api/v1/detections", params={"limit": 3}).json()
    assert [d["detection_id"] for d in first["items"]] == ["d0", "d1", "d2"] and names(limit=3, cursor=first["next"]) == ["d3"]
    shapes = officer.get("/api/v1/detections", params={"format": "geojson"}).json()["features"]
    assert [f["id"] for f in shapes] == ["sar/0", "sar/1", "sar/2", "sar/3"] and shapes[0]["geometry"]["coordinates"] == [-78.0, -12.0]


def test_a_withdrawn_event_explains_no_contact_any_more(tmp_path: Path) -> None:
    with open_floor(tmp_path, feeds=False) as (floor, server), browser(server, "observer") as found:
        floor.node.live.detections(contacts())
        floor.node.live.judged_us = int(NOW.timestamp() * 1e6)
        dark = {"kind": "dark_contact", "start_at": NOW - timedelta(hours=2), "end_at": NOW - timedelta(hours=2), "vessel_ids": ["detection:sar/d1"],
                "evidence": [{"feed": "sar", "raw_offset": 1, "raw_length": 0}]}  # fmt: skip
        for version, state in ((1, "open"), (2, "withdrawn")):
            floor.node.state.record_events(event("e9", version, **dark, state=state), NOW)
        assert {d["state"] for d in found.get("/api/v1/detections").json()["items"]} == {"with_track"}
