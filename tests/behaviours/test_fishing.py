"""A trawler and others off Chimbote."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from seaward.behaviours.behaviour import Context
from seaward.behaviours.fishing import FishingParams, find_fishing, fishing_probability
from seaward.core.errors import ParameterError
from seaward.core.tables import VESSELS
from tests.behaviours.sea import NOON, after, at_rest, codes, every, sea, steaming, vessel


def trawler(*, hours: float = 4, sog_kn: float = 3.0, step_min: float = 5, straight: bool = False, start: datetime = NOON) -> pl.DataFrame:
    """Two hours under way at 9 kn, to and fro for some hours, two hours under way."""

    def place(minute: float) -> tuple[float, float]:
        work = min(max(minute - 120, 0), hours * 60)
        tow = work if straight else 30 - abs(work % 60 - 30)
        return -79.0, -9.0 + ((minute - work) * 9 + tow * sog_kn) / 3600

    return vessel(1, every(step_min, (hours + 4) * 60), place, start=start)


def declared(ship_type: int | None) -> Context:
    row = {"realm": "ops", "vessel_id": "mmsi:100000001", "mmsi": 100000001, "ship_type": ship_type, "positions": 1}
    return Context(shore_m=lambda lon, lat: np.full(len(lon), 1000.0), vessels=pl.DataFrame([row], schema=VESSELS.schema))


def found(positions: pl.DataFrame, ship_type: int | None = 30, as_of: datetime = NOON + timedelta(days=2)) -> pl.DataFrame:
    return find_fishing(positions, declared(ship_type), FishingParams(), as_of)


@pytest.mark.parametrize("step_min", [0.5, 5, 10, 30])
def test_four_hours_to_and_fro_at_three_knots_are_one_event_a_kilometre_off_the_shore(step_min: float) -> None:
    event = found(trawler(step_min=step_min)).row(0, named=True)
    assert abs(event["start_at"] - after(hours=2)) <= timedelta(minutes=31) and abs(event["end_at"] - after(hours=6)) <= timedelta(minutes=31)
    assert event["probability"] > 0.8 and "fishing.winding" in codes(event)


def test_a_vessel_at_berth_does_not_fish() -> None:
    rng = np.random.default_rng(1)
    shaken = [(-79.0 + x, -9.0 + y) for x, y in rng.normal(0, 1e-4, (600, 2))]
    assert found(vessel(1, every(2, 1200), lambda m: shaken[int(m / 2)])).is_empty()


def test_a_vessel_under_way_does_not_fish() -> None:
    assert found(vessel(1, every(5, 600), steaming(-79.0, -9.0, 8.0))).is_empty()


def test_fifteen_minutes_are_too_short() -> None:
    assert found(trawler(hours=0.25)).is_empty()


def test_a_tanker_that_slows_down_is_passed_over_and_one_that_declares_another_type_is_believed_less() -> None:
    assert found(trawler(straight=True), ship_type=80).is_empty()
    yacht, fisher = found(trawler(), ship_type=37), found(trawler())
    assert 0.3 < yacht["probability"][0] < fisher["probability"][0]


def test_stretches_more_than_an_hour_apart_are_two() -> None:
    there, back = trawler(hours=2), trawler(hours=2, start=after(hours=8))
    assert len(found(sea(there, back.filter(pl.col("at") > there["at"].max())))) == 2


def test_what_ended_less_than_two_hours_ago_is_open_still_for_it_may_go_on() -> None:
    assert found(trawler().filter(pl.col("at") <= after(hours=7)), as_of=after(hours=7))["state"].to_list() == ["open"]
    assert found(trawler(), as_of=after(hours=8.5))["state"].to_list() == ["closed"]


def test_reports_three_hours_apart_say_nothing() -> None:
    assert found(trawler(hours=12, step_min=180)).is_empty()


def test_the_chance_at_each_fix_can_be_asked_for() -> None:
    rows = fishing_probability(trawler())
    working = rows.filter(pl.col("at").is_between(after(hours=2.5), after(hours=5.5)))["fishing_probability"]
    steaming_ = rows.filter(pl.col("at") < after(hours=1.5))["fishing_probability"]
    assert working.min() > 0.9 and steaming_.max() < 0.1  # type: ignore[operator]
    assert fishing_probability(vessel(1, [0], at_rest()))["fishing_probability"][0] is None


def test_gears_are_named() -> None:
    with pytest.raises(ParameterError, match="choose from unknown, any, trawl"):
        FishingParams(gear="harpoon")
