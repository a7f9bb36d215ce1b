"""The kernel: the same sea at any rate, for any company, with orders given on the way."""

from __future__ import annotations

import numpy as np
import pytest

from seaward.drill.hulls import ANCHOR, DRIFT, MEET, MOOR, SAIL, STEER, WORK, Cast
from seaward.drill.kernel import Action, Sea
from seaward.drill.scenario import Weather
from tests.drill.cast import HOUR_MS, cast, clock, hull, order

WEATHER = (Weather(0, HOUR_MS, (-78.2, -10.1), 8.0, 0.5, 0.5, 90.0),)


def sea_of_eight(*more: dict) -> Cast:
    return cast(
        hull("a", (-78.0, -10.0), order(SAIL, lon=-78.2, lat=-10.1, speed_kn=14), order(SAIL, lon=-78.2, lat=-10.3, speed_kn=12), length_m=180),
        hull("b", (-78.1, -10.1), order(WORK, lon=-78.1, lat=-10.1, radius_m=9000, gear=0, speed_kn=9)),
        hull("c", (-78.2, -10.1), order(WORK, lon=-78.1, lat=-10.1, radius_m=9000, gear=5, speed_kn=9), length_m=10),
        hull("m", (-79.0, -10.1), order(MEET, other="r", speed_kn=11, until_ms=HOUR_MS), order(SAIL, lon=-79.5, lat=-10, speed_kn=10)),
        hull("r", (-79.05, -10.15), order(MEET, other="m", speed_kn=11, until_ms=HOUR_MS), order(DRIFT), length_m=130),
        hull("w", (-77.5, -12.0), order(STEER, course_deg=300, speed_kn=9)),
        hull("x", (-77.0, -12.0), order(MOOR)),
        hull("y", (-77.0, -12.1), order(ANCHOR), length_m=200),
        *more,
    )


def tracks(sea: Sea, sizes: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Every column of every hull, shape (ticks, columns), when the sizes of stretches go round."""
    parts, k = [], 0
    while sea.clock.length_ms > sea.now_ms:
        s = sea.advance(sizes[k % len(sizes)])
        parts.append(np.stack([c[1:] for c in (s.lon_deg, s.lat_deg, s.sog_kn, s.cog_deg, s.heading_deg, s.activity)], axis=2))
        k += 1
    all_ticks = np.concatenate(parts)
    return {name: all_ticks[:, i] for name, i in sea.number.items()}


ORDERS = (
    Action(1_234_567, "w", SAIL, 2 * HOUR_MS, -77.6, -11.9, 12.0),
    Action(605_000, "a", STEER, 1_200_000, course_deg=10.0, speed_kn=8.0),
)


@pytest.mark.parametrize("sizes", [(1,), (7, 1, 90, 13), (720,)], ids=["tick by tick", "in stretches that vary", "all at once"])
def test_the_sea_is_the_same_however_many_ticks_are_asked_for_at_once(sizes: tuple[int, ...]) -> None:
    one, other = (Sea(sea_of_eight(), clock(2), WEATHER, 1, ORDERS) for _ in range(2))
    a, b = tracks(one, (60,)), tracks(other, sizes)
    assert one.digest() == other.digest()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


def test_another_seed_gives_another_sea() -> None:
    one, other = Sea(sea_of_eight(), clock(0.2), seed=1), Sea(sea_of_eight(), clock(0.2), seed=2)
    tracks(one, (60,)), tracks(other, (60,))
    assert one.digest() != other.digest()


def test_one_more_hull_changes_no_other() -> None:
    more = hull("bb", (-78.1, -10.1), order(MEET, other="b", speed_kn=9)), hull("zz", (-78.0, -10.0), order(WORK, lon=-78, lat=-10, radius_m=5e3))
    few, many = (tracks(Sea(sea_of_eight(*extra), clock(2), WEATHER, 1, ORDERS), (60,)) for extra in ((), more))
    assert set(many) - set(few) == {"bb", "zz"}
    for name in few:
        np.testing.assert_array_equal(few[name], many[name])


def test_what_a_transmitter_says_changes_nothing_about_what_the_hull_does() -> None:
    quiet = cast(hull("a", (-78, -10), order(STEER, course_deg=90, speed_kn=10)), off=(("a", 0, HOUR_MS),))
    loud = cast(hull("a", (-78, -10), order(STEER, course_deg=90, speed_kn=10)))
    a, b = Sea(quiet, clock(1)), Sea(loud, clock(1))
    list(a.stretches()), list(b.stretches())
    assert a.digest() == b.digest()


def test_row_0_of_a_stretch_is_the_last_tick_of_the_one_before() -> None:
    sea = Sea(sea_of_eight(), clock(0.5))
    one, two = sea.advance(50), sea.advance(50)
    assert one.at_ms[-1] == two.at_ms[0] == 500_000
    np.testing.assert_array_equal(one.lon_deg[-1], two.lon_deg[0])
    np.testing.assert_array_equal(one.activity[-1], two.activity[0])


def test_an_order_is_carried_out_at_the_first_tick_from_its_moment_on_and_then_the_hull_takes_up_its_own() -> None:
    steady = cast(hull("w", (-77.5, -12.0), order(STEER, course_deg=300, speed_kn=9)))
    given = Action(605_000, "w", STEER, 1_800_000, course_deg=120.0, speed_kn=9.0)
    plain, turned = tracks(Sea(steady, clock(2)), (60,))["w"], tracks(Sea(steady, clock(2), actions=[given]), (60,))["w"]
    first = int(np.flatnonzero((plain != turned).any(1))[0])
    assert (first + 1) * 10_000 == 620_000  # due at 605 s, so from the tick at 610 s to that at 620 s
    assert abs(turned[170, 4] - 120) < 15
    assert abs(turned[-1, 4] - 300) < 15


def test_an_order_for_the_past_or_for_a_hull_that_is_not_there_is_refused() -> None:
    sea = Sea(sea_of_eight(), clock(1))
    sea.advance(10)
    with pytest.raises(ValueError, match="the sea is at 100000 ms"):
        sea.order(Action(50_000, "a", DRIFT, HOUR_MS))
    with pytest.raises(ValueError, match="no hull 'nobody'"):
        sea.order(Action(500_000, "nobody", DRIFT, HOUR_MS))


def test_the_last_order_given_for_a_moment_holds() -> None:
    both = [Action(0, "x", STEER, HOUR_MS, course_deg=c, speed_kn=8.0) for c in (90.0, 270.0)]
    track = tracks(Sea(sea_of_eight(), clock(1), actions=both), (60,))["x"]
    assert track[-1, 0] < -77.0


def test_orders_end_when_they_say_so() -> None:
    plan = order(STEER, 600_000, course_deg=0, speed_kn=10), order(DRIFT, 1_200_000), order(STEER, 3_600_000, course_deg=180, speed_kn=10)
    track = tracks(Sea(cast(hull("a", (-78, -10), *plan)), clock(1)), (60,))["a"]
    activity = track[:, 5]
    np.testing.assert_array_equal(np.flatnonzero(np.diff(activity)) + 2, [61, 121])  # the ticks after 600 s and 1,200 s
    assert track[60, 1] > -10 and track[-1, 1] < track[130, 1]


def test_after_the_end_of_the_clock_there_is_no_more() -> None:
    sea = Sea(sea_of_eight(), clock(0.1))
    assert sum(len(s.at_ms) - 1 for s in sea.stretches(25)) == 36
    assert sea.now_ms == sea.clock.length_ms
    assert list(sea.stretches()) == []
    with pytest.raises(ValueError, match="0 are left"):
        sea.advance()
