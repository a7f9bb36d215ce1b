"""Crews at work: each gear its own day, within its ground, by night where it needs the night."""

from __future__ import annotations

import numpy as np
import pytest

from seaward.core.geodesy import great_circle_m
from seaward.drill.gears import PHASES, longest_pause_ms
from seaward.drill.hulls import FISHING, HAULING, SEARCHING, SETTING, UNDER_WAY, WAITING, WORK, WORKING
from seaward.drill.kernel import Sea, Stretch
from seaward.drill.scenario import GEARS, Weather
from seaward.drill.sun import sun_elevation_deg
from tests.drill.cast import HOUR_MS, START, cast, clock, hull, order

UTC_MS = int(START.timestamp() * 1000)


def at_work(gear: str, hours: float, weather: tuple[Weather, ...] = (), length_m: float = 30.0, at=(-80.0, -12.0), boats: int = 6) -> Stretch:
    plan = order(WORK, lon=-80.0, lat=-12.0, radius_m=30_000, gear=GEARS.index(gear), speed_kn=10)
    return Sea(cast(*(hull(f"h{k}", at, plan, length_m=length_m) for k in range(boats))), clock(hours), weather).advance(1_000_000)


@pytest.mark.parametrize("gear", GEARS)
def test_every_phase_of_a_gear_comes_and_goes_at_the_speeds_of_its_table(gear: str) -> None:
    s = at_work(gear, 48)
    after = s.activity[2:]
    assert set(np.unique(after)) == {p.activity for p in PHASES[gear]}
    for phase in PHASES[gear]:
        here = np.zeros_like(after, bool)
        here[60:] = np.stack([after[60 - k : len(after) - k] == phase.activity for k in range(0, 60, 10)]).all(0)  # ten minutes into it
        speeds = s.sog_kn[2:][here]
        low, high = phase.speed_kn
        if len(speeds):
            assert np.median(speeds) < high + 1.2
            assert np.median(speeds) > low - 1.2


@pytest.mark.parametrize("gear", GEARS)
def test_crews_of_one_gear_are_not_all_at_the_same_at_the_same_time(gear: str) -> None:
    s = at_work(gear, 6, boats=12)
    if gear != "squid_jig":  # those all wait for the night
        assert len(np.unique(s.activity[1])) > 1
    assert len(np.unique(s.lon_deg[-1])) == 12


@pytest.mark.parametrize("gear", ["trawl", "purse_seine", "squid_jig", "pots"])
def test_a_crew_stays_about_its_ground(gear: str) -> None:
    s = at_work(gear, 48)
    assert great_circle_m(s.lon_deg, s.lat_deg, -80.0, -12.0).max() < 45_000


def test_a_squid_jigger_works_by_night_only() -> None:
    s = at_work("squid_jig", 72)
    sun = np.array(
        [[sun_elevation_deg(UTC_MS + t, x, y) for x, y in zip(xs, ys, strict=True)] for t, xs, ys in zip(s.at_ms, s.lon_deg, s.lat_deg, strict=True)]
    )
    fishing = s.activity == FISHING
    assert sun[fishing].max() < -5.0
    assert fishing.sum() > 0.9 * (sun < -6.0).sum()
    assert not np.isin(s.activity[fishing], (SETTING, HAULING)).any()


def test_the_sun_is_down_at_local_midnight_and_up_at_local_noon_wherever_that_is() -> None:
    day = 86_400_000 * 20_000
    assert sun_elevation_deg(day, 180.0, -10.0) > 60  # midnight UTC is noon there
    assert sun_elevation_deg(day, 0.0, -10.0) < -60
    june, december = (1_782_000_000_000 // 86_400_000 * 86_400_000 + d * 86_400_000 for d in (0, 183))  # 21 June 2026, 21 December
    assert sun_elevation_deg(june + 43_200_000, 0.0, 80.0) == pytest.approx(90 - 80 + 23.4, abs=0.5)
    assert sun_elevation_deg(december + 43_200_000, 0.0, 80.0) == pytest.approx(90 - 80 - 23.4, abs=0.5)


def test_a_purse_seiner_goes_round_when_it_sets() -> None:
    s = at_work("purse_seine", 24, boats=3)
    for i in range(3):
        setting = np.flatnonzero(s.activity[:, i] == SETTING)
        first = setting[np.flatnonzero(np.diff(setting, prepend=-9) > 1)]
        for k in first[first > 0][:3]:
            run = s.heading_deg[k : k + 1 + int((s.activity[k : k + 60, i] == SETTING).sum()), i]
            assert np.ptp(np.unwrap(np.radians(run))[[0, -1]]) > 2.6  # most of a round, for those that were far off the course it begins with


def test_a_longliner_hauls_along_the_line_it_set() -> None:
    s = at_work("longline", 72, boats=4)
    for i in range(4):
        hauling, setting = (np.flatnonzero(s.activity[:, i] == a) for a in (HAULING, SETTING))
        starts = setting[np.flatnonzero(np.diff(setting, prepend=-9) > 1)]
        begin = starts[starts > 1][0]
        haul = hauling[hauling > begin]
        nearest = great_circle_m(s.lon_deg[haul, i], s.lat_deg[haul, i], s.lon_deg[begin, i], s.lat_deg[begin, i]).min()
        assert nearest < 3_000


def test_small_boats_stop_in_bad_weather_and_larger_ones_go_on() -> None:
    storm = (Weather(0, 6 * HOUR_MS, (-80.0, -12.0), 60, 0.6),)
    small, large = at_work("artisanal", 12, storm, 10.0), at_work("artisanal", 12, storm, 30.0)
    assert (small.activity[2 : 6 * 360] == WAITING).all()
    assert np.isin(small.activity[6 * 360 + 2 :], (*WORKING, SEARCHING)).any()
    assert np.isin(large.activity[2 : 6 * 360], WORKING).any()


def test_a_crew_that_comes_from_port_sails_to_its_ground_first() -> None:
    s = at_work("trawl", 8, at=(-79.3, -12.0), boats=2)
    assert (s.activity[:360] == UNDER_WAY).all()
    assert np.isin(s.activity[-360:], (*WORKING, SEARCHING)).all()


def test_the_longest_pause_is_that_of_the_gear() -> None:
    assert longest_pause_ms("longline") == 360 * 60_000
    assert longest_pause_ms("squid_jig") == 180 * 60_000  # not the whole day
