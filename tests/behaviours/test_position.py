"""Places that cannot be true, off Callao, and places that merely look odd."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.behaviours.behaviour import Context
from seaward.behaviours.identity import IdentityParams, find_identity
from seaward.behaviours.position import PositionParams, find_positions
from seaward.core.errors import ParameterError
from seaward.core.tables import POSITIONS
from tests.behaviours.sea import M_DEG, after, at_rest, codes, every, sea, steaming, vessel

DAY = every(5, 1440)
AIRPORT = (-77.1, -12.0)
Place = Callable[[float], tuple[float, float]]


def found(positions: pl.DataFrame, inland_km: float | None = None, hours: float = 48) -> list[dict[str, Any]]:
    context = Context(inland_m=None if inland_km is None else lambda lon, lat: np.where(lon > -77.5, inland_km * 1000.0, 0.0))
    return find_positions(positions, context, PositionParams(), after(hours=hours)).to_dicts()


def value(event: dict[str, Any], code: str, name: str) -> float:
    (reason,) = (r for r in event["reasons"] if r["code"] == code)
    return next(v["value"] for v in reason["values"] if v["name"] == name)


def jumper(number: int, place: Place, away: list[tuple[float, float]], to: tuple[float, float] = AIRPORT, minutes: list[float] = DAY) -> pl.DataFrame:
    """A vessel that says it is elsewhere from minute to minute; as `picture` has it, a second hull."""

    def gone(m: float) -> bool:
        return any(a <= m < b for a, b in away)

    name = f"mmsi:{100000000 + number}"
    hull = vessel(number, [m for m in minutes if gone(m)], at_rest(*to), name=f"{name}#2")
    return sea(vessel(number, [m for m in minutes if not gone(m)], place), hull)


def circle(radius_m: float, period_min: float, lon: float = -79.0, lat: float = -12.0) -> Place:
    def at(minute: float) -> tuple[float, float]:
        angle = 2 * math.pi * minute / period_min
        return lon + radius_m * math.sin(angle) * M_DEG / math.cos(math.radians(lat)), lat + radius_m * math.cos(angle) * M_DEG

    return at


def test_a_vessel_that_goes_straight_raises_nothing() -> None:
    assert found(vessel(1, DAY, steaming(-79, -12, 12))) == []


def test_a_vessel_that_jumps_away_and_back_is_one_event() -> None:
    (event,) = found(jumper(1, steaming(-79, -12, 12), [(300, 360), (500, 560)]))
    assert codes(event) == ["position.jumps", "position.jumps_doubt"]
    assert value(event, "position.jumps", "times") == 4
    assert event["vessel_ids"] == ["mmsi:100000001", "mmsi:100000001#2"] and event["state"] == "closed"
    assert (event["start_at"], event["end_at"]) == (after(minutes=295), after(minutes=560))
    assert (event["lon_deg"], event["lat_deg"]) == (pytest.approx(-79), pytest.approx(-11.017, abs=0.01))


def test_one_jump_without_return_is_not_enough_at_sea_but_is_on_land() -> None:
    gone = jumper(1, steaming(-79, -12, 12), [(300, 2000)])
    assert found(gone) == []
    (event,) = found(gone, inland_km=8)
    assert codes(event) == ["position.jumps", "position.inland", "position.jumps_doubt"]
    assert found(gone, inland_km=2) == [], "the coast of the chart is not known that well"


def test_spikes_are_noise() -> None:
    assert found(jumper(1, steaming(-79, -12, 12), [(m, m + 5) for m in range(100, 1400, 60)])) == []


def test_a_fast_ferry_is_not_a_jump() -> None:
    assert found(vessel(1, every(15, 600), steaming(-79, -18, 45))) == []


def test_a_ship_on_a_river_raises_nothing() -> None:
    assert found(vessel(1, DAY, steaming(-74.0, -4.0, 8)), inland_km=600) == []


def test_two_vessels_under_one_number_are_a_matter_of_identity() -> None:
    both = sea(vessel(1, DAY, at_rest(-79)), vessel(1, every(5, 1440, 2), at_rest(-76), name="mmsi:100000001#2"))
    assert found(both, inland_km=50) == []
    assert len(find_identity(both, Context(), IdentityParams(), after(hours=48)).filter(pl.col("vessel_ids").list.len() == 2)) == 1


def test_a_rare_reporter_and_a_frequent_one_under_one_number_are_no_jumps() -> None:
    both = sea(vessel(1, every(1, 1440), at_rest(-79)), vessel(1, every(7, 1440, 0.5), at_rest(-76), name="mmsi:100000001#2"))
    assert found(both) == []


def test_two_vessels_heard_by_two_receivers_in_turn_are_no_jumps() -> None:
    turns = jumper(1, at_rest(-79), [(300, 360), (500, 560)])
    by_place = turns.with_columns(feed=pl.when(pl.col("lon_deg") < -78).then(pl.lit("west")).otherwise(pl.lit("east")).cast(POSITIONS.schema["feed"]))
    assert len(found(turns)) == 1 and found(by_place) == []


def test_a_clock_that_jumps_back_for_an_hour_is_no_jump() -> None:
    at = [m if not 600 <= m < 660 else m - 120 for m in DAY]
    rows = vessel(1, DAY, steaming(-79, -18, 20))
    wrong = rows.with_columns(at=pl.Series([after(minutes=m) for m in at], dtype=POSITIONS.schema["at"]))
    assert found(wrong) == []


def test_a_long_silence_before_a_far_place_is_no_jump() -> None:
    assert found(jumper(1, at_rest(-79), [(300, 500)], minutes=[m for m in DAY if not (280 < m < 320 or 480 < m < 520)])) == []


def test_a_circle_the_vessel_does_not_sail() -> None:
    (event,) = found(vessel(1, every(1, 400), circle(1500, 20), sog_kn=0.1, heading_deg=80.0))
    assert codes(event) == ["position.circle", "position.circle_speed", "position.circle_heading", "position.circle_doubt"]
    assert value(event, "position.circle", "radius_m") == pytest.approx(1500, rel=0.01)
    assert value(event, "position.circle_speed", "made_good_kn") == pytest.approx(2 * math.pi * 1500 / 1200 * 3600 / 1852, rel=0.02)
    assert value(event, "position.circle", "turns") == pytest.approx(20, abs=1)


def test_a_small_fast_ring_seen_now_and_then_is_a_circle_too() -> None:
    (event,) = found(vessel(1, every(1.7, 400), circle(150, 0.61), sog_kn=0.0, cog_deg=200.0))
    assert "position.circle_speed" in codes(event)


def test_a_circle_really_sailed_raises_nothing_alone() -> None:
    speed_kn = 2 * math.pi * 500 / (20 * 60) * 3600 / 1852
    minutes = every(1, 400)
    course = [(90 + 360 * m / 20) % 360 for m in minutes]
    assert found(vessel(1, minutes, circle(500, 20), sog_kn=speed_kn, cog_deg=course, heading_deg=course)) == []


def test_a_circle_really_sailed_and_heard_less_than_twice_a_turn_raises_nothing() -> None:
    """From report to report it goes 0.43 of a turn, and where one is lost 0.86: as if 0.14 backward."""
    turn_min = 2 * math.pi * 347 / (12 * 1852 / 3600) / 60
    minutes = [m for k, m in enumerate(every(2.53, 500)) if k % 10]
    course = [(90 + 360 * m / turn_min) % 360 for m in minutes]
    assert found(vessel(1, minutes, circle(347, turn_min), sog_kn=12.0, cog_deg=course, heading_deg=course)) == []
    assert len(found(vessel(1, minutes, circle(347, turn_min), sog_kn=1.0, cog_deg=course, heading_deg=course))) == 1


def test_a_vessel_at_anchor_swings() -> None:
    def swing(m: float) -> tuple[float, float]:
        angle = math.radians(70 * math.sin(m / 9) + 360 * m / (12.4 * 60))
        return -79 + 300 * math.sin(angle) * M_DEG, -12 + 300 * math.cos(angle) * M_DEG

    assert found(vessel(1, every(2, 1440), swing, sog_kn=0.2, heading_deg=10.0)) == []


def test_a_trawler_turns_at_the_end_of_each_tow() -> None:
    def tow(m: float) -> tuple[float, float]:
        part = m % 50  # 20 minutes at 3 kn, a half turn of 5, and back
        x, y = (part * 92.6, 0.0) if part < 20 else (1852.0, 0.0)
        if 20 <= part < 25:
            turn = math.pi * (part - 20) / 5
            x, y = 1852 + 300 * math.sin(turn), 300 - 300 * math.cos(turn)
        elif 25 <= part < 45:
            x, y = 1852 - (part - 25) * 92.6, 600.0
        elif part >= 45:
            turn = math.pi * (part - 45) / 5
            x, y = -300 * math.sin(turn), 300 + 300 * math.cos(turn)
        return -79 + x * M_DEG, -12 + y * M_DEG

    assert found(vessel(1, every(1, 1440), tow, sog_kn=0.0, heading_deg=0.0)) == []


def test_a_moored_vessel_with_noise_is_no_circle() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 60, (2000, 2)) * M_DEG
    assert found(vessel(1, every(1, 1440), lambda m: (-79 + noise[int(m), 0], -12 + noise[int(m), 1]), sog_kn=0.0, heading_deg=90.0)) == []


def fleet(first: int, size: int, lon: float, lat: float, since: float) -> list[pl.DataFrame]:
    """Vessels some miles apart that jump to one place within the hour."""
    return [
        jumper(first + n, steaming(lon + 0.05 * n, lat, 5), [(since + 5 * n, since + 60 + 5 * n)], (lon + 1.5, lat + 0.2), every(5, 1440, n % 3))
        for n in range(size)
    ]


def test_eight_vessels_that_jump_together_are_one_interference_area() -> None:
    (event,) = found(sea(*fleet(1, 8, -79, -12, 300), vessel(50, DAY, at_rest(-79.1, -12.1))))
    assert codes(event) == ["position.area", "position.area_doubt"]
    assert value(event, "position.area", "vessels") == 8 and value(event, "position.area", "jumped") == 8
    assert len(event["vessel_ids"]) == 16 and "mmsi:100000050" not in event["vessel_ids"]
    assert event["lat_deg"] == pytest.approx(-11.58, abs=0.1)


def test_two_areas_are_two_events() -> None:
    events = found(sea(*fleet(1, 4, -79, -12, 300), *fleet(20, 4, -85, -5, 300)))
    assert [value(e, "position.area", "vessels") for e in events] == [4, 4]


def test_the_same_place_at_another_time_is_another_area() -> None:
    events = found(sea(*fleet(1, 4, -79, -12, 200), *fleet(20, 4, -79, -12, 900)))
    assert [value(e, "position.area", "vessels") for e in events] == [4, 4]


def test_a_vessel_that_jumps_for_a_day_does_not_join_what_befalls_others_meanwhile() -> None:
    day_long = jumper(60, at_rest(-78.9, -12.0), [(m, m + 120) for m in range(60, 1400, 240)], (-77.5, -11.8))
    events = found(sea(day_long, *fleet(1, 4, -79, -12.4, 300), *fleet(20, 4, -79, -13.25, 900)))
    assert sorted((len({v.split("#")[0] for v in e["vessel_ids"]}), codes(e)[0]) for e in events) == [
        (1, "position.jumps"), (4, "position.area"), (4, "position.area")
    ]  # fmt: skip


def test_one_way_jumps_count_for_an_area() -> None:
    gone = [jumper(n, steaming(-79 + n / 20, -12, 5), [(300, 2000)]) for n in (1, 2, 3)]
    assert found(sea(*gone[:2])) == []
    (event,) = found(sea(*gone))
    assert value(event, "position.area", "vessels") == 3


def test_circles_at_one_place_are_an_area_though_each_may_be_sailed() -> None:
    (event,) = found(sea(*(vessel(n, every(1, 400), circle(400 + 50 * n, 20, -79 + n / 50)) for n in (1, 2, 3))))
    assert codes(event) == ["position.area", "position.area_doubt"] and value(event, "position.area", "circled") == 3


def test_it_is_open_until_eight_hours_have_passed() -> None:
    jumps = jumper(1, steaming(-79, -12, 12), [(300, 360)])
    assert [found(jumps, hours=h)[0]["state"] for h in (7, 13.9, 14.1)] == ["open", "open", "closed"]
    assert found(jumps, hours=5.5) == []


def test_across_180_degrees_and_at_the_pole_a_step_is_short() -> None:
    assert found(sea(vessel(1, DAY, lambda m: (180 + math.sin(m) / 100, 0.0)), vessel(2, DAY, lambda m: (90.0 * (m % 20) / 5, 89.999)))) == []


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 3000), st.integers(1, 4)), max_size=80), st.integers(0, 2**31))
def test_any_rows_in_any_order_give_the_same_and_do_not_crash(rows: list[tuple[float, float, float, int]], seed: int) -> None:
    if not rows:
        return
    parts = [vessel(k, [m], lambda _, x=x, y=y: (x, y), raw_offset=[i]) for i, (x, y, m, k) in enumerate(rows)]
    positions = pl.concat(parts)
    events = find_positions(positions, Context(), PositionParams(), after(hours=80))
    assert events.equals(find_positions(positions.sample(fraction=1, shuffle=True, seed=seed), Context(), PositionParams(), after(hours=80)))


def test_a_threshold_that_makes_no_sense_says_what_to_do() -> None:
    with pytest.raises(ParameterError, match="a single fix is noise"):
        PositionParams(min_fixes=1)
