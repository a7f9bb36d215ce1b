"""Which vessels a live watch looks at first: those whose newest report may begin or end something; all others in turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seaward.picture.attention import NEVER, Attention
from seaward.store.window import ROW

MINUTE = 60_000_000
START = 1_790_000_000_000_000


def row(minute: float, *, lon: float = -80.0, lat: float = -12.0, sog: float = 8.0, status: int = 0) -> np.ndarray[Any, Any]:
    rows = np.zeros(1, ROW)
    rows["at"] = rows["heard"] = rows["received_at"] = START + int(minute * MINUTE)
    rows["lon_deg"], rows["lat_deg"], rows["sog_kn"], rows["nav_status"] = lon, lat, sog, status
    return rows


def hear(attention: Attention, minute: float, slot: int = 0, **what: Any) -> None:
    attention.note(np.array([slot], np.int32), row(minute, **what), START + int(minute * MINUTE))


def asked(attention: Attention, minute: float) -> list[int]:
    """The slots that are flagged at a minute; they are looked at."""
    now = START + int(minute * MINUTE)
    return attention.pick(now, now, np.ones(attention.count, np.int64), 1e9)[0].tolist()


def known(sog: float = 8.0) -> Attention:
    """One vessel, heard for an hour, that asks for nothing."""
    attention = Attention()
    for k in range(61):
        hear(attention, k, lon=-80.0 + k * 8 / 60 / 60, sog=sog)
    asked(attention, 60)
    hear(attention, 61, lon=-80.0 + 61 * 8 / 60 / 60, sog=sog)
    assert asked(attention, 61) == []
    return attention


ON = -80.0 + 62 * 8 / 60 / 60


@pytest.mark.parametrize(
    ("what", "is_asked"),
    [
        ({"lon": ON}, False),
        ({"lon": ON, "sog": 8.9}, False),
        ({"lon": ON, "sog": 9.1}, False),
        ({"lon": ON, "sog": 9.3}, True),
        ({"lon": ON, "sog": 1.5}, True),
        ({"lon": ON, "status": 1}, True),
        ({"lon": ON + 1}, True),
        ({"lon": ON, "sog": float("nan")}, False),
    ],
    ids=["goes on", "a little faster", "at the edge of a band", "in another band", "slows down", "says it anchors", "jumps", "says no speed"],
)
def test_a_report_asks_for_a_look_where_something_may_begin_or_end(what: dict[str, Any], is_asked: bool) -> None:
    attention = known()
    hear(attention, 62, **what)
    assert bool(asked(attention, 62)) == is_asked


def test_a_vessel_heard_for_the_first_time_or_after_a_silence_or_of_the_past_asks() -> None:
    attention = Attention()
    hear(attention, 0)
    assert asked(attention, 0) == [0]
    attention = known()
    hear(attention, 95, lon=-80.0 + 95 * 8 / 60 / 60)
    assert asked(attention, 95) == [0]
    attention = known()
    hear(attention, 30)
    assert asked(attention, 62) == [0]


def test_a_silence_that_grows_asks_ever_less_often() -> None:
    attention = known()
    times = [m for m in range(62, 62 + 48 * 60) if asked(attention, m)]
    assert times[0] == 61 + 30 and len(times) < 25
    assert all(b - a >= a - z for z, a, b in zip(times, times[1:], times[2:], strict=False))


def test_one_that_stays_slow_asks_each_quarter_of_an_hour_and_one_at_sea_speed_does_not() -> None:
    slow, fast = Attention(), Attention()
    at = {0.3: list[int](), 14.0: list[int]()}
    for k in range(121):
        for attention, sog in ((slow, 0.3), (fast, 14.0)):
            hear(attention, k, lon=-80.0 + k * sog / 3600, sog=sog)
            if asked(attention, k):
                at[sog].append(k)
    assert at[0.3] == [0, *range(15, 121, 15)] and at[14.0] == [0]


def test_all_others_come_in_turn_and_none_waits_for_ever() -> None:
    attention, seen = Attention(), set[int]()
    for k in range(40):
        for slot in range(100):
            hear(attention, k, slot, lon=-80.0 + slot / 10 + k * 12 / 3600, sog=12.0)
        now = START + k * MINUTE
        flagged, in_turn, _ = attention.pick(now, now, np.full(100, 10, np.int64), 200.0)
        assert len(flagged) + len(in_turn) <= 20
        seen |= {*flagged.tolist(), *in_turn.tolist()}
    assert seen == set(range(100))
    assert attention.waiting()[0] == 0 or attention.waiting()[1] < NEVER


def test_how_long_a_vessel_had_something_new_is_told() -> None:
    attention = known()
    hear(attention, 62, lon=ON)
    hear(attention, 63, lon=ON + 0.002)
    now = START + 64 * MINUTE
    _, in_turn, since = attention.pick(now, now, np.ones(1, np.int64), 10.0)
    assert in_turn.tolist() == [0] and since.tolist() == [START + 62 * MINUTE]
