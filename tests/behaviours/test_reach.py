"""Vessels heard where the feed that heard them hears nobody else, off Callao, and vessels that merely are far out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from seaward.behaviours.behaviour import Context
from seaward.behaviours.position import POSITION, PositionParams, doubtful, find_positions
from seaward.behaviours.stream import merge, window_start
from seaward.core.tables import EVENTS
from seaward.picture.reception import learn_hearing
from tests.behaviours.sea import after, at_rest, codes, every, sea, steaming, vessel

DAYS = 4
UNTIL = DAYS * 1440.0
FAR = (-85.0, -12.0)  # some 430 nm from whatever the feed hears: its squares end at 78 W


def coast(feed: str = "coast", every_min: float = 5.0, boats: int = 8) -> pl.DataFrame:
    """What a receiver at Callao hears: boats at anchor, and traders that come and go along the coast."""
    anchored = [vessel(500 + n, every(every_min, UNTIL, n / 9), at_rest(-77.16, -12.02 - n / 1000), feed=feed) for n in range(boats)]
    traders = [
        vessel(600 + n, every(every_min, UNTIL, n / 9), lambda m, n=n: (-77.4, -12 + 0.8 * np.sin(m / 500 + n)), feed=feed) for n in range(boats // 2)
    ]
    return sea(*anchored, *traders)


def found(*vessels: pl.DataFrame, params: PositionParams | None = None, hours: float = 24 * DAYS) -> list[dict[str, Any]]:
    positions = sea(*vessels)
    return find_positions(positions, Context(hearing=learn_hearing(positions)), params or PositionParams(), after(hours=hours)).to_dicts()


def test_a_vessel_heard_for_hours_where_its_feed_hears_nobody_else_is_an_event() -> None:
    (event,) = found(coast(), vessel(1, every(5, 3180, 3000), at_rest(*FAR)))
    assert codes(event) == ["position.beyond_alone", "position.beyond_doubt"]
    values = {v["name"]: v["value"] for v in event["reasons"][0]["values"]}
    assert values["duration_h"] == pytest.approx(175 / 60)
    assert values["beyond_nm"] == pytest.approx(7 * 60 * np.cos(np.radians(12)), rel=0.01), "to the edge of the square degree at 78 W"
    assert event["vessel_ids"] == ["mmsi:100000001"] and event["start_at"] == after(minutes=3000)
    assert (event["lon_deg"], event["lat_deg"]) == (pytest.approx(FAR[0]), pytest.approx(FAR[1])) and event["state"] == "closed"


def test_without_knowing_what_is_heard_it_says_nothing() -> None:
    positions = sea(coast(), vessel(1, every(5, 3180, 3000), at_rest(*FAR)))
    assert find_positions(positions, Context(), PositionParams(), after(hours=24 * DAYS)).is_empty()


def test_half_an_hour_out_of_reach_is_not_enough_alone_but_makes_one_jump_tell() -> None:
    near = vessel(1, every(5, 3000), at_rest(-77.2, -12.1))
    away = vessel(1, every(5, 3030, 3000), at_rest(*FAR), name="mmsi:100000001#2")
    assert found(coast(), away) == []
    (event,) = found(coast(), near, away)
    assert codes(event) == ["position.jumps", "position.beyond", "position.jumps_doubt"]
    assert found(near, away) == [], "one vessel tells nothing of its feed"


def test_a_jump_within_reach_does_not_mention_it() -> None:
    near = vessel(1, [m for m in every(5, 4000) if not 3000 <= m < 3060], at_rest(-77.2, -12.1))
    (event,) = found(coast(), near, vessel(1, every(5, 3060, 3000), at_rest(-78.5, -12.1), name="mmsi:100000001#2"))
    assert codes(event) == ["position.jumps", "position.jumps_doubt"]


@pytest.mark.parametrize("far_nm", [150, 450])
def test_a_vessel_that_sails_out_to_the_edge_and_is_heard_on_the_way_raises_nothing(far_nm: float) -> None:
    assert found(coast(), vessel(1, every(5, far_nm * 60 / 9), lambda m: (-77.5 - m / 60 * 9 / 58.7, -12.0))) == []


def test_a_vessel_that_comes_in_from_afar_and_is_heard_on_the_way_raises_nothing() -> None:
    assert found(coast(), vessel(1, every(5, 3000), lambda m: (-85.5 + m / 60 * 9 / 58.7, -12.0))) == []


def test_under_a_duct_several_vessels_far_off_are_heard_at_once_and_raise_nothing() -> None:
    ducted = [vessel(n, every(5, 3180, 3000 + 20 * n), at_rest(-83.0 - 4.5 * n, -12.0)) for n in (1, 2)]
    assert found(coast(), *ducted) == []
    assert len(found(coast(), ducted[0])) == 1, "one of them alone would"


def test_where_another_vessel_was_ever_heard_the_place_is_within_reach() -> None:
    assert found(coast(), vessel(1, every(5, 5180, 5000), at_rest(*FAR)), vessel(2, every(5, 300), at_rest(-84.2, -12.4))) == []


def test_the_vessel_is_no_witness_for_itself_however_long_it_stays_and_under_whatever_hull() -> None:
    stays = [vessel(1, every(5, 4500, 1500), at_rest(*FAR)), vessel(1, every(5, 4500, 1502), at_rest(-84.0, -13.0), name="mmsi:100000001#2")]
    events = found(coast(), *stays)
    assert [codes(e)[0] for e in events] == ["position.beyond_alone"] * 2


def test_a_satellite_that_hears_lone_vessels_over_the_ocean_says_nothing() -> None:
    lone = [vessel(n, every(10, UNTIL, n), at_rest(-85.0 - 5 * n, -12.0 - 4 * (n % 5)), feed="satellite") for n in range(12)]
    ports = [vessel(100 * k + n, every(10, UNTIL, n), at_rest(-77.16 - 25 * k, -12.02), feed="satellite") for k in (1, 2) for n in range(8)]
    assert found(*lone, *ports) == []
    positions = sea(*lone, *ports)
    assert not doubtful(positions, Context(hearing=learn_hearing(positions)), PositionParams(), after(hours=24 * DAYS))["doubtful"].any()


def test_a_feed_over_a_region_where_lone_vessels_are_heard_far_apart_says_nothing() -> None:
    lone = [vessel(n, every(10, UNTIL, n), at_rest(-82.0 - 5 * (n % 2), -12.0 - 5 * (n // 2))) for n in range(4)]
    assert found(coast(), *lone) == []


def test_a_feed_along_a_coast_of_more_than_a_thousand_miles_says_nothing() -> None:
    south = [vessel(700 + n, every(5, UNTIL), at_rest(-70.4, -33.0)) for n in range(8)]
    far = vessel(1, every(5, 3180, 3000), at_rest(*FAR))
    assert found(coast(), *south, far) == []
    assert len(found(coast(), *south, far, params=PositionParams(max_feed_m=3_000_000))) == 1


def test_a_feed_heard_seldom_says_nothing() -> None:
    assert found(coast(every_min=45), vessel(1, every(5, 3180, 3000), at_rest(*FAR))) == []


def test_a_feed_of_few_vessels_says_nothing() -> None:
    assert found(coast(boats=4), vessel(1, every(5, 3180, 3000), at_rest(*FAR))) == []


def test_a_vessel_out_there_heard_by_a_satellite_meanwhile_raises_nothing() -> None:
    rows = vessel(1, every(5, 3180, 3000), at_rest(*FAR))
    by_turns = rows.with_columns(feed=pl.Series(["coast", "satellite"] * (len(rows) // 2), dtype=rows.schema["feed"]))
    assert found(coast(), by_turns) == []


def test_no_report_of_tomorrow_makes_or_unmakes_an_event_of_today() -> None:
    now = [coast(), vessel(1, every(5, 3180, 3000), at_rest(*FAR))]
    tomorrow = vessel(2, every(5, 5000, 4700), at_rest(-84.2, -12.4))
    assert len(found(*now, tomorrow, hours=70)) == 1 and found(*now, tomorrow) == []


def test_over_trailing_windows_and_of_the_vessels_it_asks_for_it_finds_the_same() -> None:
    positions = sea(coast(), vessel(1, every(5, 3180, 3000), at_rest(*FAR)), vessel(2, every(5, UNTIL), steaming(-77.3, -12.5, 0.2)))
    context, whole = Context(hearing=learn_hearing(positions)), after(hours=24 * DAYS)
    once = find_positions(positions, context, PositionParams(), whole)
    assert len(once) == 1
    assert POSITION.exchange is not None
    ids = POSITION.exchange.companions(POSITION.exchange.places(positions, context, PositionParams(), whole), PositionParams())
    assert ids.to_list() == ["mmsi:100000001"]
    assert find_positions(positions.filter(pl.col("vessel_id").is_in(ids.implode())), context, PositionParams(), whole).equals(once)
    known = EVENTS.empty()
    for hours in range(6, 24 * DAYS + 1, 6):
        as_of: datetime = after(hours=hours)
        start = window_start(POSITION, known, as_of)
        window = positions.filter(pl.col("at").is_between(start, as_of))
        known = merge(POSITION, known, find_positions(window, context, PositionParams(), as_of), None if start <= after(hours=0) else start)
    assert known.equals(once)


def test_across_180_degrees_it_is_the_same() -> None:
    positions = sea(coast(), vessel(1, every(5, 3180, 3000), at_rest(*FAR)))
    moved = positions.with_columns(lon_deg=(pl.col("lon_deg") - 100 + 180) % 360 - 180)
    here, there = (find_positions(p, Context(hearing=learn_hearing(p)), PositionParams(), after(hours=24 * DAYS)) for p in (positions, moved))
    assert len(here) == 1 and there["lon_deg"].to_list() == [pytest.approx(175.0)]
    said = [events["reasons"][0][0]["values"][1]["value"] for events in (here, there)]
    assert said[0] == pytest.approx(said[1])
