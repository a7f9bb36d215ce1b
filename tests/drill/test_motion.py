"""How hulls move: within what their length allows, across 180 degrees, slower in bad weather, alongside each other, at anchor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.geodesy import great_circle_m
from seaward.core.units import KN_MPS
from seaward.drill.hulls import (
    ADRIFT,
    ALONGSIDE,
    ANCHOR,
    ANCHORED,
    DRIFT,
    MEET,
    MOOR,
    MOORED,
    SAIL,
    STEER,
    UNDER_WAY,
    WAITING,
    Cast,
)  # fmt: skip
from seaward.drill.kernel import Sea, Stretch
from seaward.drill.scenario import Weather
from seaward.drill.steering import max_acceleration_mps2, max_turn_radps, towards
from tests.drill.cast import HOUR_MS, cast, clock, hull, order


def whole(of: Cast, hours: float, weather: tuple[Weather, ...] = (), tick_ms: int = 10_000) -> Stretch:
    return Sea(of, clock(hours, tick_ms), weather).advance(1_000_000)


def apart_m(s: Stretch, i: int, j: int) -> np.ndarray:
    return great_circle_m(s.lon_deg[:, i], s.lat_deg[:, i], s.lon_deg[:, j], s.lat_deg[:, j])


@given(
    length_m=st.floats(6, 400), speed_kn=st.floats(1, 40), course_deg=st.floats(0, 360), then_deg=st.floats(0, 360), lat=st.floats(-70, 70),
    tick_ms=st.sampled_from([1_000, 10_000]),
)  # fmt: skip
def test_no_hull_turns_or_gathers_way_faster_than_its_length_allows(length_m, speed_kn, course_deg, then_deg, lat, tick_ms) -> None:
    plan = order(STEER, 300_000, course_deg=course_deg, speed_kn=speed_kn), order(STEER, course_deg=then_deg, speed_kn=0.6 * speed_kn)
    s = whole(cast(hull("a", (179.99, lat), *plan, length_m=length_m)), 0.25, tick_ms=tick_ms)
    dt = tick_ms / 1000
    turn = np.abs((np.diff(np.radians(s.heading_deg[:, 0])) + np.pi) % (2 * np.pi) - np.pi) / dt
    current_mps = 1.0 * KN_MPS  # more than current and tide together can be
    slowest, fastest = np.maximum(s.sog_kn[:-1, 0] * KN_MPS - current_mps, 0), s.sog_kn[:-1, 0] * KN_MPS + current_mps
    allowed = max(max_turn_radps(length_m, v) for v in np.concatenate([np.linspace(slowest.min(), fastest.max(), 200)]))
    assert turn.max() <= allowed + 1e-9
    assert np.abs(np.diff(s.sog_kn[1:, 0])).max() * KN_MPS / dt <= max_acceleration_mps2(length_m) + 2 * current_mps / dt
    step_m = great_circle_m(s.lon_deg[:-1, 0], s.lat_deg[:-1, 0], s.lon_deg[1:, 0], s.lat_deg[1:, 0])
    np.testing.assert_allclose(step_m, s.sog_kn[1:, 0] * KN_MPS * dt, rtol=1e-3, atol=0.01)  # it is where its speed says


def test_a_long_ship_takes_longer_to_turn_than_a_boat() -> None:
    plan = order(STEER, 60_000, course_deg=0, speed_kn=12), order(STEER, course_deg=180, speed_kn=12)
    s = whole(cast(hull("boat", (-78, -10), *plan, length_m=10), hull("ship", (-77, -10), *plan, length_m=300)), 1)
    boat, ship = ((np.abs(s.heading_deg[:, i] - 180) < 10).argmax() for i in (0, 1))
    assert boat < 0.3 * ship


def test_a_ship_gets_to_its_mark_on_the_great_circle_and_then_waits() -> None:
    s = whole(cast(hull("a", (-78, -10), order(SAIL, lon=-78.6, lat=-10.4, speed_kn=15), length_m=150)), 5)
    direct_m, _ = towards(-78, -10, -78.6, -10.4)
    cross = [
        abs(towards(-78, -10, lon, lat)[0] + towards(lon, lat, -78.6, -10.4)[0] - direct_m)
        for lon, lat in zip(s.lon_deg[:, 0], s.lat_deg[:, 0], strict=True)
    ]
    sailed = s.activity[:, 0] == UNDER_WAY
    assert max(np.array(cross)[sailed]) < 100.0  # never far from the line
    arrived = int(np.flatnonzero(~sailed)[0])
    assert arrived * 10 == pytest.approx(direct_m / (15 * KN_MPS), rel=0.15)
    assert great_circle_m(s.lon_deg[arrived, 0], s.lat_deg[arrived, 0], -78.6, -10.4) < 200
    assert (s.activity[arrived:, 0] == WAITING).all() and s.sog_kn[arrived + 60 :, 0].max() < 2


@pytest.mark.parametrize("length_m", [8.0, 60.0, 300.0])
def test_marks_behind_and_beside_a_ship_are_reached_too(length_m: float) -> None:
    plan = [order(SAIL, lon=lon, lat=lat, speed_kn=12) for lon, lat in ((-78.05, -10.0), (-78.05, -10.05), (-78.0, -10.05), (-78.0, -10.0))]
    s = whole(cast(hull("a", (-78, -10), *plan, order(MOOR, lon=-78.03, lat=-10.01, speed_kn=6), length_m=length_m)), 5)
    assert s.activity[-1, 0] == MOORED
    assert great_circle_m(s.lon_deg[-1, 0], s.lat_deg[-1, 0], -78.03, -10.01) < max(80, length_m)


def test_180_degrees_of_longitude_are_a_line_like_any_other() -> None:
    here = whole(cast(hull("a", (20.0, -5), order(SAIL, lon=20.4, lat=-5.1, speed_kn=14))), 2)
    there = whole(cast(hull("a", (179.8, -5), order(SAIL, lon=-179.8, lat=-5.1, speed_kn=14))), 2)
    assert there.lon_deg.min() < -179 and there.lon_deg.max() > 179
    shifted = (here.lon_deg + 159.8 + 180) % 360 - 180
    apart = great_circle_m(shifted[:, 0], here.lat_deg[:, 0], there.lon_deg[:, 0], there.lat_deg[:, 0])
    assert apart[: int(np.flatnonzero(here.activity[:, 0] == WAITING)[0])].max() < 1500  # the tide is another there


def test_bad_weather_slows_ships_inside_it_alone() -> None:
    ships = cast(*(hull(n, (lon, -10), order(STEER, course_deg=0, speed_kn=12)) for n, lon in (("in", -78.0), ("out", -80.0))))
    calm, rough = whole(ships, 1), whole(ships, 1, (Weather(0, 2 * HOUR_MS, (-78.0, -10.0), 30, 0.5),))
    assert rough.sog_kn[60:, 0].mean() == pytest.approx(0.5 * calm.sog_kn[60:, 0].mean(), rel=0.1)
    np.testing.assert_array_equal(rough.lat_deg[:, 1], calm.lat_deg[:, 1])


def test_speed_varies_slowly_and_little() -> None:
    s = whole(cast(hull("a", (-78, -10), order(STEER, course_deg=0, speed_kn=12))), 12)
    v = s.sog_kn[1:, 0]
    assert 0.1 < v.std() < 0.8
    assert np.corrcoef(v[:-6], v[6:])[0, 1] > 0.9


@pytest.mark.parametrize(
    "lengths", [(60.0, 130.0), (130.0, 60.0), (80.0, 80.0)], ids=["comes up to a longer one", "waits for a shorter one", "of one length"]
)
def test_two_that_meet_lie_alongside_move_together_and_part(lengths: tuple[float, float]) -> None:
    plans = (order(MEET, other=o, speed_kn=11, until_ms=4 * HOUR_MS) for o in ("r", "m"))
    ways = (order(SAIL, lon=lon, lat=-10.5, speed_kn=11) for lon in (-79.5, -78.5))
    starts = (-79.0, -10.1), (-79.15, -10.25)
    s = whole(cast(*(hull(n, at, p, w, length_m=m) for n, at, p, w, m in zip("mr", starts, plans, ways, lengths, strict=True))), 6)
    beside = (s.activity == ALONGSIDE).all(1)
    assert s.alongside is not None
    np.testing.assert_array_equal(s.alongside[beside], [[1, 0]] * int(beside.sum()))
    first, last = np.flatnonzero(beside)[[0, -1]]
    assert beside[first : last + 1].all() and (last - first) * 10 > 2 * 3600
    assert last * 10_000 == pytest.approx(4 * HOUR_MS, abs=20_000)
    apart = apart_m(s, 0, 1)
    assert apart[first + 60 : last].min() > 15 and apart[first + 60 : last].max() < 70
    assert s.sog_kn[first + 60 : last].max() < 2.0
    assert apart[-1] > 5_000


def test_one_comes_alongside_another_that_drifts_and_the_other_does_not_notice() -> None:
    drifter = hull("d", (-79.0, -10.0), order(DRIFT), length_m=40)
    alone = whole(cast(drifter), 3)
    s = whole(cast(drifter, hull("g", (-79.1, -10.1), order(MEET, other="d", speed_kn=30, until_ms=2 * HOUR_MS), length_m=12, kind="go_fast")), 3)
    np.testing.assert_array_equal(s.lon_deg[:, 0], alone.lon_deg[:, 0])
    assert (s.activity[:, 0] == ADRIFT).all()
    assert (s.activity[360:719, 1] == ALONGSIDE).all()


def test_an_anchored_ship_swings_about_its_anchor_and_a_moored_one_lies_still() -> None:
    s = whole(cast(hull("a", (-77.2, -12), order(ANCHOR), length_m=200), hull("b", (-77.1, -12), order(MOOR))), 24)
    assert (s.activity[:, 0] == ANCHORED).all() and (s.activity[:, 1] == MOORED).all()
    from_start = great_circle_m(s.lon_deg[:, 0], s.lat_deg[:, 0], s.lon_deg[0, 0], s.lat_deg[0, 0])
    assert 10 < from_start.max() < 2 * (60 + 100) + 1
    assert s.sog_kn[:, 0].max() < 0.5
    assert np.ptp(s.lon_deg[:, 1]) == 0 and s.sog_kn[:, 1].max() == 0


def test_a_hull_adrift_loses_way_and_goes_where_wind_and_current_take_it() -> None:
    s = whole(cast(hull("a", (-78, -10), order(STEER, 600_000, course_deg=45, speed_kn=12), order(DRIFT), length_m=90)), 4)
    assert (s.activity[61:, 0] == ADRIFT).all()
    later = s.sog_kn[400:, 0]
    assert 0.05 < later.mean() < 1.6
    off = np.abs((s.heading_deg[800:, 0] - s.cog_deg[800:, 0] + 180) % 360 - 180)
    assert np.median(off) > 30  # sideways rather than ahead
