"""Of a vessel that we and partners see, the surer source says where it is; a coarse one never moves a good one."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.core.geodesy import great_circle_m
from seaward.core.tables import JOINED
from seaward.core.units import US_PER_S
from seaward.picture.fusion import own_of, theirs_of
from seaward.picture.near_tracks import all_where
from seaward.picture.placed import Placed, placed, surest
from tests.picture.test_fusion import START_US, ours, sailed, theirs

HULL = (760000001, -77.5, -12.0, 90.0, 10.0)
TRACK = ("USA", "~a", -77.5, -12.0, 90.0, 10.0)


def pair(track: str = "~a", origin: str = "USA", how: str = "track", vessel: str = "mmsi:760000001") -> dict[str, Any]:
    return {"realm": "ops", "origin": origin, "track_id": track, "own_vessel_id": vessel, "how": how, "probability": 1.0, "times": 9, "apart_m": 0.0,
            "span_s": 9_000.0, "log_ratio": 9.0}  # fmt: skip


def joined(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={**JOINED.schema, "realm": pl.String()}, orient="row").cast(dict(JOINED.schema))  # type: ignore[arg-type]


def at(hours: float) -> int:
    return START_US + round(3_600 * hours * US_PER_S)


def off_m(p: Placed, hours: float) -> float:
    lon, lat = sailed(*HULL[1:], np.array([hours * 3_600]))
    return float(great_circle_m(lon[0], lat[0], p.lon_deg, p.lat_deg))


def test_an_exact_fix_places_a_vessel_that_we_have_not_heard_for_long() -> None:
    fixes, own = theirs(TRACK, grid_m=0, step_s=0, hours=6), own_of(ours(HULL, hours=3))
    [p] = placed(theirs_of(fixes), own, joined(pair()), at(6))
    assert (p.vessel_id, p.origin, p.track_id) == ("mmsi:760000001", "USA", "~a") and off_m(p, p_hours(p)) < 50
    assert p.error_m < 0.5 * p.own_error_m


def p_hours(p: Placed) -> float:
    return (p.at_us - START_US) / US_PER_S / 3_600


def test_a_vessel_that_we_hear_now_is_where_we_say() -> None:
    own = own_of(ours(HULL, hours=6))
    for grid_m in (0, 1_852, 9_260):
        assert placed(theirs_of(theirs(TRACK, grid_m=grid_m, hours=6)), own, joined(pair()), at(5.95)) == []


def test_a_coarse_fix_moves_nothing_unless_we_know_far_less() -> None:
    fixes = theirs_of(theirs(TRACK, grid_m=9_260, step_s=1_800, hours=6))
    assert placed(fixes, own_of(ours(HULL, hours=5)), joined(pair()), at(6)) == []
    assert [p.own_error_m for p in placed(fixes, own_of(ours(HULL, hours=0.1)), joined(pair()), at(12.5))] == [np.inf], "we know nothing any more"


def test_the_surest_of_several_partners_counts_and_what_is_elsewhere_does_not() -> None:
    two = theirs_of(pl.concat([theirs(TRACK, grid_m=1_852, hours=6), theirs(("ECU", "~b", *TRACK[2:]), grid_m=0, step_s=0, hours=6)]))
    own = own_of(ours(HULL, hours=1))
    assert [p.origin for p in placed(two, own, joined(pair(), pair("~b", "ECU")), at(6))] == ["ECU"]
    assert [p.origin for p in placed(two, own, joined(pair(), pair("~b", "ECU", "elsewhere")), at(6))] in ([], ["USA"])
    assert placed(two, own, joined(pair("~gone"), pair(vessel="mmsi:1")), at(6)) == [] == placed(two, own_of(ours()), joined(pair()), at(6))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([0, 1_852, 9_260]), st.sampled_from([0, 600, 1_800]), st.floats(0.5, 6), st.floats(0.5, 6), st.floats(0, 3))
def test_whatever_is_taken_states_half_our_error_at_most(grid_m: int, step_s: int, heard_h: float, seen_h: float, later_h: float) -> None:
    fixes, own = theirs_of(theirs(TRACK, grid_m=grid_m, step_s=step_s, hours=seen_h)), own_of(ours(HULL, hours=heard_h))
    moment = at(max(heard_h, seen_h) + later_h)
    sigma = float(all_where(moment, own)[0, 2])
    for p in placed(fixes, own, joined(pair()), moment):
        assert p.error_m <= 0.5 * p.own_error_m and (p.own_error_m == sigma if sigma >= 0 else p.own_error_m == np.inf)
        assert p.error_m >= grid_m / np.sqrt(12)


def test_of_several_partners_the_surest_fix_counts_for_a_vessel_that_we_do_not_see() -> None:
    now_s = 1_800_000_000.0
    coarse, exact = (now_s, 2_700.0), (now_s - 300.0, 30.0)
    old, unsaid = (now_s - 3 * 3_600.0, 30.0), (now_s, None)
    assert surest([coarse, exact]) == 1 and surest([old, coarse]) == 1 and surest([old, exact, coarse]) == 1
    assert surest([coarse, exact, old, unsaid]) == 3 and surest([exact]) == 0 and surest([exact, exact]) == 0
