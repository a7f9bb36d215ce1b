"""Which events of ours and of partners are one."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from seaward.core.tables import AT
from seaward.core.units import at_to_us
from seaward.picture.joined_events import join_events
from tests.store.kept import NOON, event


def theirs(name: str = "p1", minutes: float = 6.0, lon_deg: float = -77.75, **changes: Any) -> dict[str, Any]:
    at_us = at_to_us(NOON + timedelta(minutes=minutes))
    return {"origin": "USA", "id": name, "kind": "dark_contact", "start_us": at_us, "end_us": at_us, "vessel_ids": ["~a1"], "lon_deg": lon_deg,
            "lat_deg": -12.3, "error_m": 400} | changes  # fmt: skip


def ours(name: str = "e1", lon_deg: float = -77.75, **changes: Any) -> pl.DataFrame:
    return event(name, **({"kind": "dark_contact", "start_at": NOON, "end_at": NOON, "vessel_ids": [f"detection:radar/{name}"], "lon_deg": lon_deg,
                           "lat_deg": -12.3} | changes))  # fmt: skip


def test_two_sensors_that_see_an_unknown_vessel_minutes_apart_tell_of_one() -> None:
    assert join_events(ours(), [theirs()], {}) == [("USA", "p1", "e1")]
    assert join_events(ours(lon_deg=-77.77), [theirs(minutes=-8)], {}) == [("USA", "p1", "e1")]


@pytest.mark.parametrize("changes", [{"minutes": 31}, {"lon_deg": -77.60}, {"kind": "gap"}], ids=["later", "farther off", "of another kind"])
def test_a_sighting_too_late_too_far_or_of_another_kind_is_another(changes: dict[str, Any]) -> None:
    assert join_events(ours(), [theirs(**changes)], {}) == []


def test_where_two_unknown_vessels_are_near_none_is_said_to_be_the_one() -> None:
    assert join_events(pl.concat([ours(), ours("e2", lon_deg=-77.755)]), [theirs()], {}) == []


def test_a_name_that_both_gave_to_a_sighting_says_nothing() -> None:
    """Names of contacts are of files: two nations that call their files alike would have one vessel on two sides of the sea."""
    assert join_events(ours(lon_deg=-77.0), [theirs(vessel_ids=["detection:radar/e1"])], {}) == []


def test_events_of_a_known_vessel_are_one_where_time_and_place_agree() -> None:
    gap = event("g1", vessel_ids=["mmsi:760000001#2"], start_at=NOON, end_at=NOON + timedelta(hours=8))
    at_us = at_to_us(NOON)
    told = theirs("g9", kind="gap", start_us=at_us, end_us=at_us + 8 * 3_600_000_000, vessel_ids=["mmsi:760000001"], lon_deg=-77.5, lat_deg=-12.25)
    assert join_events(gap, [told], {}) == [("USA", "g9", "g1")]
    assert join_events(gap, [told | {"vessel_ids": ["mmsi:760000002"]}], {}) == []
    assert join_events(gap, [told | {"vessel_ids": ["~b2"]}], {("USA", "~b2"): "mmsi:760000001"}) == [("USA", "g9", "g1")]


def test_thousands_of_events_of_one_vessel_are_joined_in_seconds() -> None:
    """Each of a partner was weighed against each of ours of its kind: minutes of a core that links and watch had to share."""
    minutes = range(5_000)
    start = [NOON + timedelta(minutes=n) for n in minutes]
    mine = pl.concat([event("e")] * len(minutes)).with_columns(
        event_id=pl.Series([f"e{n}" for n in minutes]), start_at=pl.Series(start, dtype=AT), end_at=pl.Series(start, dtype=AT) + timedelta(seconds=30)
    )
    told = [theirs(f"p{n}", n, -77.5, kind="gap", vessel_ids=["mmsi:760000001"], lat_deg=-12.25) for n in range(1_000, 2_000)]
    told = [t | {"end_us": t["start_us"] + 30_000_000} for t in told]
    began = time.process_time()
    assert sorted(join_events(mine, told, {})) == [("USA", f"p{n}", f"e{n}") for n in range(1_000, 2_000)]
    assert time.process_time() - began < 5.0
