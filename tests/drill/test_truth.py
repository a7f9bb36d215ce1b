"""What really happened, told from what hulls did and said."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
import shapely

from seaward.chart.areas import Area, Areas
from seaward.chart.places import Places
from seaward.chart.rules import Rule
from seaward.core.geodesy import great_circle_m
from seaward.core.split import split
from seaward.core.tables import TRUE_TRACKS, TRUTH
from seaward.drill.hulls import ANCHOR, DRIFT, MEET, MOOR, SAIL, STEER, WORK, Cast, Claim, FalsePlace
from seaward.drill.kernel import Sea
from seaward.drill.scenario import GEARS
from seaward.drill.truth import Truth
from tests.drill.cast import HOUR_MS, START, cast, clock, hull, order

PORTS = Places(("CALLAO (EX)",), np.array([-77.15]), np.array([-12.05]), ("port",))


def told(of: Cast, hours: float, ticks: int = 60, **more) -> tuple[pl.DataFrame, pl.DataFrame]:
    """TRUTH and TRUE_TRACKS of a cast."""
    sea = Sea(of, clock(hours))
    truth = Truth("ex:test", of, START, sea.clock.length_ms, **more)
    tracks = pl.concat([truth.take(s) for s in sea.stretches(ticks)])
    return truth.finish(), tracks


def times(rows: pl.DataFrame) -> list[tuple[float, float]]:
    """Start and end [h since the start]."""
    hours = [((a - START) / timedelta(hours=1), (b - START) / timedelta(hours=1)) for a, b in rows.select("start_at", "end_at").iter_rows()]
    return [(round(a, 2), round(b, 2)) for a, b in hours]


def of_kind(truth: pl.DataFrame, kind: str) -> pl.DataFrame:
    return truth.filter(pl.col("kind") == kind)


def test_every_minute_of_every_hull_is_there_and_keeps_the_contract() -> None:
    ships = cast(
        hull("a", (-78, -10), order(STEER, course_deg=90, speed_kn=10)), hull("b", (-77, -10), order(MOOR)), off=(("a", 600_000, 1_200_000),)
    )
    truth, tracks = told(ships, 1)
    assert tracks.height == 2 * 61
    for rows, table in ((tracks, TRUE_TRACKS), (truth, TRUTH)):
        good, bad = split(rows, table)
        assert bad.is_empty() and good.equals(rows)
    a = tracks.filter(pl.col("actor") == "a")
    silent = a.filter(pl.col("mmsi").is_null())["at"]
    assert (silent.min(), silent.max()) == (START + timedelta(minutes=10), START + timedelta(minutes=19))
    assert a["mmsi"].drop_nulls().unique().to_list() == [100_000_000]


def test_truth_is_the_same_however_many_ticks_come_at_once() -> None:
    plan = order(WORK, lon=-78.1, lat=-10.1, radius_m=9000, gear=0, speed_kn=9)
    ships = cast(hull("b", (-78.1, -10.1), plan, length_m=30), hull("c", (-78.2, -10.1), plan), off=(("b", 2_345_678, 6_000_000),))
    closed = Areas((Area("closed", shapely.box(-78.15, -10.2, -78.05, -10.0), Rule(forbids=frozenset({"fishing"}))),))
    one, other = (told(ships, 6, ticks, areas=closed) for ticks in (60, 7))
    assert one[0].height > 3
    assert one[0].equals(other[0]) and one[1].equals(other[1])


def test_two_alongside_at_sea_are_an_encounter() -> None:
    plans = (order(MEET, other=o, speed_kn=11, until_ms=4 * HOUR_MS) for o in ("r", "m"))
    pair = [hull(n, at, p, order(SAIL, lon=-79.5, lat=-9.5 - k, speed_kn=11), length_m=60 + 80 * k)
            for k, (n, at, p) in enumerate(zip("mr", ((-79.0, -10.1), (-79.15, -10.25)), plans, strict=True))]  # fmt: skip
    truth, tracks = told(cast(*pair), 6, intents={"m": "transfer"})
    found = of_kind(truth, "encounter")
    assert found["actors"].to_list() == [["m", "r"]]
    assert found["vessel_ids"].to_list() == [["mmsi:100000000", "mmsi:100000001"]]
    assert found["intent"].to_list() == ["transfer"]
    ((start, end),) = times(found)
    assert 0.3 < start < 1.5 and end == pytest.approx(4.0, abs=0.05)
    together = tracks.filter(pl.col("at").is_between(found["start_at"][0], found["end_at"][0] - timedelta(minutes=1)))
    m, r = (together.filter(pl.col("actor") == n) for n in "mr")
    assert great_circle_m(m["lon_deg"], m["lat_deg"], r["lon_deg"], r["lat_deg"]).max() < 500
    assert together["sog_kn"].max() < 2


def test_alongside_a_moored_ship_or_for_a_few_minutes_is_none() -> None:
    tug = hull("t", (-77.16, -12.05), order(MEET, other="b", speed_kn=8, until_ms=2 * HOUR_MS), length_m=30)
    truth, tracks = told(cast(tug, hull("b", (-77.15, -12.05), order(MOOR), length_m=200)), 2)
    assert "alongside" in tracks["activity"].cast(pl.String).to_list()
    assert of_kind(truth, "encounter").is_empty()
    brief = hull("t", (-79.001, -12), order(MEET, other="d", speed_kn=8, until_ms=600_000), order(SAIL, lon=-79.5, lat=-12, speed_kn=10), length_m=20)
    truth, _ = told(cast(brief, hull("d", (-79, -12), order(DRIFT))), 1)
    assert of_kind(truth, "encounter").is_empty()


@pytest.mark.parametrize("gear", GEARS)
def test_fishing_is_the_work_of_a_crew_with_its_pauses(gear: str) -> None:
    plan = order(WORK, 40 * HOUR_MS, lon=-80, lat=-12, radius_m=30_000, gear=GEARS.index(gear), speed_kn=9)
    truth, tracks = told(cast(hull("f", (-80, -12), plan, order(SAIL, lon=-79, lat=-12, speed_kn=9), length_m=30)), 44)
    found = of_kind(truth, "fishing").sort("start_at")
    working = tracks.filter(pl.col("activity").cast(pl.String).is_in(["setting", "fishing", "hauling"]))["at"]
    inside = np.zeros(len(working), bool)
    for a, b in found.select("start_at", "end_at").iter_rows():
        inside |= working.is_between(a, b).to_numpy()
    assert inside.all() and len(working) > 60
    assert (found["end_at"] <= START + timedelta(hours=40, minutes=1)).all()
    assert found.height >= (2 if gear == "squid_jig" else 1)  # a jigger's nights are apart
    assert of_kind(truth, "loitering").is_empty()  # its pauses are part of its work


def test_who_waits_at_sea_loiters_and_who_drifts_does_both() -> None:
    waits = hull("w", (-79, -10), order(STEER, 4 * HOUR_MS, course_deg=0, speed_kn=0), order(SAIL, lon=-79.5, lat=-10, speed_kn=10))
    drifts = hull(
        "d", (-80, -10), order(STEER, HOUR_MS, course_deg=0, speed_kn=12), order(DRIFT, 3 * HOUR_MS), order(STEER, course_deg=0, speed_kn=12)
    )
    brief = hull("b", (-81, -10), order(DRIFT, 1_200_000), order(STEER, course_deg=0, speed_kn=12))
    truth, _ = told(cast(waits, drifts, brief), 6)
    assert of_kind(truth, "loitering").sort("actors")["actors"].to_list() == [["d"], ["w"]]
    assert of_kind(truth, "drift")["actors"].to_list() == [["d"]]
    assert times(of_kind(truth, "drift")) == [(1.0, 3.0)]


def test_a_transmitter_switched_off_on_purpose_is_a_gap_and_one_that_never_was_on_is_none() -> None:
    steer = order(STEER, course_deg=90, speed_kn=10)
    ships = cast(hull("a", (-78, -10), steer), hull("b", (-79, -10), steer), hull("c", (-79, -11), steer, ais=0),
                 off=(("a", HOUR_MS, 3 * HOUR_MS), ("b", 0, 9 * HOUR_MS)))  # fmt: skip
    truth, tracks = told(ships, 5)
    gap = of_kind(truth, "gap")
    assert gap["actors"].to_list() == [["a"]] and times(gap) == [(1.0, 3.0)]
    assert gap["vessel_ids"].to_list() == [["mmsi:100000000"]]
    here = tracks.filter((pl.col("actor") == "a") & (pl.col("at") == gap["start_at"][0]))
    assert (gap["lon_deg"][0], gap["lat_deg"][0]) == (here["lon_deg"][0], here["lat_deg"][0])
    assert tracks.filter(pl.col("actor") != "a")["mmsi"].null_count() == 2 * 301


def test_a_call_at_a_port_counts_from_arrival_to_departure() -> None:
    calls = hull("c", (-77.5, -12.1), order(MOOR, 6 * HOUR_MS, lon=-77.15, lat=-12.05, speed_kn=12), order(SAIL, lon=-77.6, lat=-12.1, speed_kn=12))
    lies = hull("l", (-77.15, -12.04), order(MOOR, 2 * HOUR_MS), order(SAIL, lon=-78, lat=-12, speed_kn=12))
    far = hull("f", (-79, -12.1), order(ANCHOR, lon=-79.05, lat=-12.1, speed_kn=8))
    truth, _ = told(cast(calls, lies, far), 8, ports=PORTS)
    visit = of_kind(truth, "port_visit")
    assert visit["actors"].to_list() == [["c"]] and visit["areas"].to_list() == [["CALLAO (EX)"]]
    ((start, end),) = times(visit)
    assert 1.5 < start < 2.6 and end == pytest.approx(6.0, abs=0.01)


def test_a_closed_area_entered_and_one_fished_in() -> None:
    passes = hull("p", (-80.5, -12), order(STEER, course_deg=90, speed_kn=15))
    fishes = hull("q", (-80, -13), order(WORK, lon=-80, lat=-13, radius_m=5_000, gear=0, speed_kn=9))
    no_entry = Area("no entry", shapely.box(-80.3, -12.2, -80.1, -11.8), Rule(forbids=frozenset({"entry"})))
    no_fishing = Area("no fishing", shapely.box(-80.5, -13.5, -79.5, -11.8), Rule(forbids=frozenset({"fishing"})))
    truth, _ = told(cast(passes, fishes), 6, areas=Areas((no_entry, no_fishing, Area("named", shapely.box(-85, -15, -75, -5)))))
    area = of_kind(truth, "area").sort("actors")
    assert area["actors"].to_list() == [["p"], ["q"]] and area["areas"].to_list() == [["no entry"], ["no fishing"]]
    assert area["lon_deg"][0] == pytest.approx(-80.3, abs=0.01)  # where it crossed, within a minute
    assert area["start_at"][1] >= of_kind(truth, "fishing")["start_at"][0]
    assert "named" in of_kind(truth, "fishing")["areas"][0]


def test_claims_copies_and_false_places_are_told_with_every_number_they_touch() -> None:
    steer = order(STEER, course_deg=90, speed_kn=10)
    ships = cast(
        hull("a", (-78, -10), steer), hull("b", (-79, -10), steer), hull("copy", (-78.01, -10), steer, mmsi=100_000_001, real=False),
        claims=(Claim(0, HOUR_MS, 2 * HOUR_MS, 123_456_789, "OTHER (EX)", ""),),
        false_places=(FalsePlace(1, HOUR_MS, 3 * HOUR_MS, "offset", east_m=9e3),
                      FalsePlace(-1, 0, 1_800_000, "circle", -77, -12, 2e3, around_deg=(-78.0, -10.0), within_m=4_000)),
    )  # fmt: skip
    truth, tracks = told(ships, 4)
    identity = of_kind(truth, "identity").sort("actors")
    assert identity["actors"].to_list() == [["a"], ["copy"]]
    assert identity["vessel_ids"].to_list() == [["mmsi:100000000", "mmsi:123456789"], ["mmsi:100000001"]]
    assert times(identity) == [(1.0, 2.0), (0.0, 4.0)]
    position = of_kind(truth, "position").sort("actors")
    assert position["actors"].to_list() == [["a"], ["b"]]
    assert times(position)[1] == (1.0, 3.0)
    assert 0.15 < times(position)[0][1] < 0.35  # until it had sailed out of the circle
    assert tracks["actor"].cast(pl.String).unique().sort().to_list() == ["a", "b"]  # a copy has no hull
    assert tracks.filter(pl.col("mmsi") == 123_456_789).height == 60
    assert truth["truth_id"].n_unique() == truth.height


def test_nothing_happens_where_nobody_does_anything() -> None:
    truth, tracks = told(cast(hull("b", (-77, -10), order(MOOR))), 1)
    assert truth.is_empty() and tracks.height == 61 and truth.schema == TRUTH.schema
    nobody, none = told(cast(), 1)
    assert nobody.is_empty() and none.is_empty()
