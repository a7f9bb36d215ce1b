"""The published rules, on tracks made by hand: what each finds, just does not find, and is known to get wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from benchmarks.published_rules import Shore, disabling, encounters, gaps, loitering
from seaward.chart.places import Places
from seaward.core.split import split
from seaward.core.tables import EVENTS, POSITIONS

DAY = datetime(2027, 11, 4, tzinfo=UTC)
M_DEG = 1 / 111_195.08  # degrees of latitude in a metre, on the mean sphere
KN_M_H = 1852.0


def track(name: str, minutes: list[float], north_m: list[float] | float = 0.0, lon_deg: float = -90.0, lat_deg: float = -10.0) -> pl.DataFrame:
    """Fixes at minutes of the day, so far north of a place; speed and course are not known."""
    n = len(minutes)
    metres = np.broadcast_to(np.asarray(north_m, np.float64), n)
    row = {"realm": "ex:test", "vessel_id": f"mmsi:{name}", "mmsi": int(name), "track_id": name, "feed": "f", "quality": "good", "raw_length": 0}
    rows = [row | {"at": DAY + timedelta(minutes=m), "lon_deg": lon_deg, "lat_deg": lat_deg + y * M_DEG, "raw_offset": k}
            for k, (m, y) in enumerate(zip(minutes, metres.tolist(), strict=True))]  # fmt: skip
    return pl.DataFrame(rows, schema=POSITIONS.schema)


def offshore(nm: float) -> Shore:
    return lambda lon, lat: np.full(np.shape(lon), nm * 1852.0)


def every(step: float, first: float, last: float) -> list[float]:
    return np.arange(first, last + 1e-9, step).tolist()


def two(first: float, last: float, apart_m: float = 400.0, step: float = 10.0) -> pl.DataFrame:
    """A pair at rest so far apart, from one minute to another, which comes and goes far away before and after (so nothing is extrapolated near)."""
    at = [first - 10, *every(step, first, last), last + 10]
    near = [apart_m] * (len(at) - 2)
    return pl.concat([track("100000001", at), track("100000002", at, [50_000.0, *near, 50_000.0])])


def spans(events: pl.DataFrame) -> list[tuple[float, float]]:
    return [((a - DAY).total_seconds() / 60, (b - DAY).total_seconds() / 60) for a, b in events.select("start_at", "end_at").iter_rows()]


def test_two_hours_within_500_m_are_an_encounter_with_its_first_and_last_grid_point() -> None:
    found = encounters(two(600, 720), None, offshore(100))
    assert spans(found) == [(600.0, 720.0)] and found["vessel_ids"].to_list() == [["mmsi:100000001", "mmsi:100000002"]]
    whole = found.with_columns(reasons=pl.lit([], EVENTS.schema["reasons"]), evidence=pl.lit([], EVENTS.schema["evidence"]),
                               areas=pl.lit([], pl.List(pl.String)), method=pl.lit("published"))  # fmt: skip
    assert len(split(whole, EVENTS)[0]) == 1


@pytest.mark.parametrize(
    ("positions", "shore_nm", "why"),
    [
        (two(600, 710), 100, "ten minutes short of two hours"),
        (two(600, 720, apart_m=510), 100, "just farther apart than 500 m"),
        (two(600, 720), 0, "on land"),
        (two(1380, 1380 + 120), 100, "two hours, half of them after midnight"),
        (two(600, 720, step=60), 100, "fixes an hour apart, as an hour is not bridged"),
    ],
    ids=lambda p: p if isinstance(p, str) else "",
)
def test_near_misses_and_what_the_rule_is_known_to_lose(positions: pl.DataFrame, shore_nm: float, why: str) -> None:
    assert encounters(positions, None, offshore(shore_nm)).is_empty(), why


def test_one_grid_point_apart_ends_an_encounter_and_speed_is_told_by_the_way_along_the_grid() -> None:
    at = every(10, 600, 840)
    around, away = [590.0, *at, 850.0], 50_000.0  # it comes from far and leaves, so nothing is carried on near
    for apart_m, expected in ((450.0, 1), (900.0, 0)):  # at one point of a stay of four hours
        stay = [away, *[400.0] * 12, apart_m, *[400.0] * 12, away]
        assert len(encounters(pl.concat([track("100000001", around), track("100000002", around, stay)]), None, offshore(100))) == expected
    for knots, expected in ((1.9, 1), (2.1, 0)):
        way = [knots * KN_M_H * (m - 600) / 60 for m in at]
        pair = pl.concat([track("100000001", at, way), track("100000002", at, [y + 100 for y in way])])
        assert len(encounters(pair, None, offshore(100))) == expected


def test_it_wants_ten_kilometres_from_an_anchorage() -> None:
    for km, expected in ((9.5, 0), (11.0, 1)):
        port = Places(("Port (EX)",), np.array([-90.0]), np.array([-10.0 - (km * 1000 - 200) * M_DEG]), ("port",))
        assert len(encounters(two(600, 720), port, offshore(100))) == expected


def test_at_the_ends_of_a_day_vessels_are_carried_on_for_an_hour() -> None:
    at = every(10, 600, 660)
    assert spans(encounters(pl.concat([track("100000001", at), track("100000002", at, 400.0)]), None, offshore(100))) == [(540.0, 720.0)]


def test_stays_of_one_pair_less_than_four_hours_apart_are_one() -> None:
    for pause, expected in ((200, 1), (250, 2)):
        parts = pl.concat([two(300, 420), two(420 + pause, 540 + pause)]).unique(["vessel_id", "at"], maintain_order=True)
        assert len(encounters(parts, None, offshore(100))) == expected


def test_a_gap_is_more_than_six_hours_also_up_to_now() -> None:
    now = DAY + timedelta(hours=13)
    assert spans(gaps(track("100000001", [0, 360]), now)) == [(360.0, 780.0)]
    assert spans(gaps(track("100000001", [0, 361, 700]), now)) == [(0.0, 361.0)]


def test_disabling_wants_twelve_hours_fifty_miles_fourteen_slots_and_good_reception() -> None:
    now = DAY + timedelta(days=1)
    heard = every(10, 0, 130)  # 14 slots
    good = track("100000001", [*heard, 130 + 720])
    assert spans(disabling(good, now, offshore(50))) == [(130.0, 850.0)]
    assert disabling(good, now, offshore(49.9)).is_empty()
    assert disabling(track("100000001", [*heard, 130 + 719, *every(10, 900, 1440)]), now, offshore(50)).is_empty()
    assert disabling(track("100000001", [*heard[1:], 130 + 720]), now, offshore(50)).is_empty()
    others = pl.concat(
        [track(f"{100_000_100 + k}", [300.0 + k]) for k in range(3)]
    )  # in the same cell, heard once a day: 18 slots over 4 vessel-days
    assert disabling(pl.concat([good, others]), now, offshore(50)).is_empty()


def test_loitering_is_slow_hours_in_a_row_far_offshore() -> None:
    at = every(10, 600, 840)
    slow = track("100000001", at, [1.9 * KN_M_H * (m - 600) / 60 for m in at])
    fast = track("100000001", at, [2.1 * KN_M_H * (m - 600) / 60 for m in at])
    assert spans(loitering(slow, offshore(20))) == [(600.0, 840.0)] and len(loitering(slow, offshore(20), 4.0)) == 1
    assert loitering(fast, offshore(20)).is_empty() and loitering(slow, offshore(19.9)).is_empty()
    assert loitering(slow.filter(pl.col("at") < DAY + timedelta(minutes=715)), offshore(20)).is_empty()  # 110 minutes
    silent = slow.filter(~pl.col("at").is_between(DAY + timedelta(minutes=660), DAY + timedelta(minutes=719)))
    assert spans(loitering(silent, offshore(20))) == [(720.0, 840.0)]  # an hour without a fix parts two stays, of which one is too short


def test_no_rows_are_no_events() -> None:
    none = POSITIONS.empty()
    assert all(
        len(e) == 0 for e in (encounters(none, None, offshore(9)), gaps(none, DAY), disabling(none, DAY, offshore(9)), loitering(none, offshore(9)))
    )
