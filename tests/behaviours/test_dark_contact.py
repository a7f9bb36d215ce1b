"""What a sensor saw, and who it was."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from seaward.behaviours.behaviour import Context
from seaward.behaviours.dark_contact import DarkContactParams, find_dark_contacts
from seaward.core.errors import ParameterError, RealmError
from seaward.core.hearing import Hearing
from seaward.core.matching import best_pairs, chances
from seaward.core.straying import learn, strayed_m
from seaward.core.tables import DETECTIONS, POSITIONS, VESSELS
from seaward.picture.reception import learn_hearing
from tests.behaviours.sea import M_DEG, NOON, after, at_rest, every, sea, steaming, vessel

AS_OF = after(hours=48)
MINUTES = every(5, 48 * 60)
CROWD = sea(*(vessel(50 + n, every(7, 48 * 60), at_rest(-80.2, -12.2 + n / 100)) for n in range(5)))  # whose reception is known


def detection(name: str, minute: float, lon: float, lat: float, **more: Any) -> dict[str, Any]:
    return {"realm": "ops", "feed": "scene", "detection_id": name, "at": NOON + timedelta(minutes=minute), "lon_deg": lon, "lat_deg": lat,
            "error_m": 100.0, "sensor": "S1A"} | more  # fmt: skip


def looked(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{"raw_offset": n} | r for n, r in enumerate(rows)], schema=DETECTIONS.schema)


def found(positions: pl.DataFrame, *rows: dict[str, Any], crowd: bool = True, lengths: dict[int, float] | None = None, **params: Any) -> pl.DataFrame:
    known = [{"vessel_id": f"mmsi:{100000000 + n}", "length_m": m} for n, m in (lengths or {}).items()]
    vessels = pl.DataFrame(known, schema_overrides={"length_m": pl.Float32}) if known else VESSELS.empty().select("vessel_id", "length_m")
    positions = sea(positions, CROWD) if crowd else positions
    context = Context(hearing=learn_hearing(positions) if crowd else Hearing(), detections=looked(*rows), vessels=vessels)
    return find_dark_contacts(positions, context, DarkContactParams(**params), AS_OF)


def names(events: pl.DataFrame) -> list[str]:
    return sorted(v.removeprefix("detection:scene/") for v in events["vessel_ids"].explode())


def codes(events: pl.DataFrame, row: int = 0) -> list[str]:
    return [r["code"].removeprefix("dark_contact.") for r in events["reasons"][row]]


def values(events: pl.DataFrame, code: str) -> dict[str, float]:
    return next({v["name"]: v["value"] for v in r["values"]} for r in events["reasons"][0] if r["code"] == f"dark_contact.{code}")


def test_a_ship_without_a_track_is_found_where_others_are_well_heard() -> None:
    events = found(vessel(1, MINUTES, at_rest()), detection("lit", 602, -80, -12), detection("dark", 602, -80.1, -12.1, length_m=60.0))
    assert names(events) == ["dark"] and events["probability"][0] > 0.85
    assert {"unmatched", "heard", "error", "length", "nobody"} <= {*codes(events)}
    assert events["state"].to_list() == ["closed"] and events["evidence"][0].to_list()[0]["raw_offset"] == 1


def test_a_vessel_a_little_off_between_its_reports_explains_it() -> None:
    way = vessel(1, every(20, 48 * 60), steaming(-80.0, -12.0, 10.0), sog_kn=10.0, cog_deg=0.0)
    lat = -12 + 610 / 60 * 10 / 60
    assert names(found(way, detection("a", 610, -80 + 250 * M_DEG, lat))) == []
    assert names(found(way, detection("a", 610, -80 + 4_000 * M_DEG, lat))) == ["a"]


def test_where_reception_is_not_known_there_is_no_probability() -> None:
    events = found(vessel(1, MINUTES, at_rest()), detection("far", 602, -110, -30))
    assert events["probability"].to_list() == [None] and "reception_unknown" in codes(events)
    assert found(vessel(1, MINUTES, at_rest()), detection("a", 602, -80.1, -12), crowd=False)["probability"].to_list() == [None]


def test_while_the_receivers_were_down_it_says_so_and_is_hardly_likely() -> None:
    heard = CROWD.filter(~pl.col("at").is_between(NOON + timedelta(hours=20), NOON + timedelta(hours=26)))
    context = Context(hearing=learn_hearing(heard), detections=looked(detection("a", 23 * 60, -80.1, -12.1)))
    events = find_dark_contacts(heard, context, DarkContactParams(), AS_OF)
    assert "receivers_down" in codes(events) and events["probability"][0] < 0.05


def test_two_ships_that_cross_are_each_matched_though_one_is_nearer_to_both() -> None:
    north = vessel(1, MINUTES, steaming(-80.0, -12.0, 0.0))
    south = vessel(2, MINUTES, at_rest(-80.0, -12.0 - 900 * M_DEG))
    # both contacts lie nearest to vessel 1; only one can be it
    rows = (detection(name, 602, -80, -12 + off_m * M_DEG, error_m=300.0) for name, off_m in (("a", 250), ("b", -350)))
    events = found(sea(north, south), *rows)
    assert names(events) == []


def test_of_two_contacts_at_one_ship_one_stays_and_says_who_was_near() -> None:
    events = found(vessel(1, MINUTES, at_rest()), detection("a", 602, -80, -12), detection("b", 602, -80, -12 - 250 * M_DEG))
    assert names(events) == ["b"]
    assert {"candidate", "taken"} <= {*codes(events)} and values(events, "candidate")["mmsi"] == 100000001
    assert len(events["evidence"][0]) == 3  # the detection, the fix before and the fix after


def test_a_thousand_plots_of_one_ship_in_one_look_are_one_contact_that_says_so() -> None:
    rows = [detection(f"d{n}", 602 + n / 2_000, -80.1 + (n % 40 - 20) * M_DEG, -12.1 + (n // 40 - 12) * M_DEG) for n in range(1_000)]
    events = found(vessel(1, MINUTES, at_rest()), *rows)
    assert names(events) == ["d0"] and values(events, "seen_again") == {"times": 1_000.0}
    assert events["probability"][0] > 0.85 and [e["raw_offset"] for e in events["evidence"][0]] == [0, 1, 2, 3]


def test_what_lies_beyond_the_error_of_either_in_another_look_or_fits_a_vessel_is_not_counted_with_it() -> None:
    def seen(name: str, off_m: float, minute: float = 602, **more: Any) -> dict[str, Any]:
        return detection(name, minute, -80, -12 + off_m * M_DEG, **more)

    lit = vessel(1, MINUTES, at_rest())
    dark = [seen("a", 10_000), seen("sharp", 10_080, error_m=50.0), seen("other", 10_010, sensor="optical"), seen("later", 10_010, 604)]
    assert names(found(lit, *dark)) == ["a", "later", "other", "sharp"]
    assert names(found(lit, seen("lit", 0), seen("dark", 90))) == ["dark"]  # beside a ship that transmits


def test_a_row_of_ships_each_close_to_the_next_is_not_one_contact() -> None:
    row = [detection(f"d{n}", 602, -80, -11 + 80 * n * M_DEG) for n in range(9)]  # known to 100 m, 80 m apart
    events = found(vessel(1, MINUTES, at_rest()), *row)
    assert names(events) == ["d0", "d2", "d4", "d6", "d8"] and sum("seen_again" in codes(events, k) for k in range(5)) == 4


def test_plots_of_one_ship_on_both_sides_of_180_degrees_are_one_contact() -> None:
    rows = [detection(f"d{n}", 602, lon, -11) for n, lon in enumerate((179.9998, -179.9998, 180.0))]
    assert names(found(vessel(1, MINUTES, at_rest()), *rows)) == ["d0"]


def test_one_contact_between_two_ships_is_one_of_them() -> None:
    pair = sea(vessel(1, MINUTES, at_rest()), vessel(2, MINUTES, at_rest(-80.0, -12.0 + 400 * M_DEG)))
    assert names(found(pair, detection("a", 602, -80, -12 + 200 * M_DEG))) == []


def test_the_same_vessel_may_be_seen_in_two_looks() -> None:
    rows = detection("a", 602, -80, -12), detection("b", 640, -80, -12), detection("c", 602, -80, -12, sensor="optical")
    assert names(found(vessel(1, MINUTES, at_rest()), *rows)) == []


@pytest.mark.parametrize(("silent_h", "dark"), [(0.2, ["a"]), (5.0, [])])
def test_a_vessel_silent_for_long_may_have_come_from_farther(silent_h: float, dark: list[str]) -> None:
    way = vessel(1, [m for m in MINUTES if m <= 600], steaming(-80.0, -12.0, 10.0), sog_kn=10.0, cog_deg=0.0)
    lat = -12 + (600 / 60 + silent_h) * 10 / 60
    assert names(found(way, detection("a", 600 + silent_h * 60, -80 + 6_000 * M_DEG, lat))) == dark


def test_a_silent_vessel_that_could_be_it_speaks_against_it() -> None:
    way = vessel(1, [m for m in MINUTES if m <= 600], steaming(-80.0, -12.0, 10.0), sog_kn=10.0, cog_deg=0.0)
    events = found(way, detection("a", 600 + 300, -80 + 6_000 * M_DEG, -12 + 15 * 10 / 60), unlit_per_km2=0.02)
    assert names(events) == ["a"] and 0.05 < values(events, "could_be")["chance_percent"] / 100 < 0.95
    assert values(events, "candidate")["silent_min"] == 300


def wanders(minute: float) -> tuple[float, float]:
    """At 9 kn to and fro, 40 minutes one way, east and west in turn north and south."""
    leg, part = divmod(minute, 40)
    way = 11_000 * M_DEG * (part if leg % 2 == 0 else 40 - part) / 40
    return (-80.0 + way, -12.0) if leg % 4 < 2 else (-80.0, -12.0 + way)


@pytest.mark.parametrize(("way", "dark"), [(wanders, []), (at_rest(-80.0, -12.0), ["a"]), (steaming(-80.0, -12.0, 1.0), ["a"])])
def test_what_wanders_may_have_done_so_while_silent_and_what_lay_still_has_not(way: Any, dark: list[str]) -> None:
    silent = vessel(1, [m for m in MINUTES if not 1_000 < m < 1_280], way, sog_kn=None)
    x, y = way(1_140)
    assert names(found(silent, detection("a", 1_140, x + 7_000 * M_DEG, y + 3_000 * M_DEG))) == dark


def test_how_a_vessel_strays_is_learned_by_hiding_stretches_of_its_own_track() -> None:
    # a fix every 5 minutes, each second one 1,000 m off the straight way at 5 m/s: every hidden stretch of ten minutes misses its middle by that
    at = np.arange(13) * 300_000_000
    lat, lon, unknown = at / 1e6 * 5 * M_DEG, 1_000 * M_DEG * (np.arange(13) % 2), np.full(13, np.nan, np.float32)
    out = np.empty((2, 8, 2))
    learn(0, 13, at, lon, lat, unknown, unknown, 0.3, 3_600.0, out)
    sigma_m = np.hypot(strayed_m(150.0, 5.0, 0.3, 3_600.0), 10.0)
    assert out[0, 0, 0] == 1 + 6  # six stretches of ten minutes in an hour, beside what is known before
    assert out[0, 0, 1] == pytest.approx(1 + 6 * 1_000**2 / (2 * sigma_m**2), rel=0.02)
    assert out[0, 7].tolist() == pytest.approx([3.0, 1 + 2 * out[0, 6, 1] / out[0, 6, 0]])  # nothing seen of 21 hours: two from the shorter ones


def test_of_a_single_fix_nothing_is_learned() -> None:
    out, one = np.empty((2, 8, 2)), np.zeros(1, np.float32)
    learn(0, 1, np.zeros(1, np.int64), np.zeros(1), np.zeros(1), one, one, 0.3, 3_600.0, out)
    assert (out[..., 0] == out[..., 1]).all() and out[..., 0].min() == 1


def test_before_its_first_report_a_vessel_came_from_where_it_was_headed_from() -> None:
    way = vessel(1, [m for m in MINUTES if m >= 600], steaming(-80.0, -12.0, 10.0), sog_kn=10.0, cog_deg=0.0)
    assert names(found(way, detection("a", 540, -80, -12 + 9 * 10 / 60))) == []
    assert names(found(way, detection("a", 540, -80, -12 + 12 * 10 / 60))) == ["a"]


@pytest.mark.parametrize(("length_m", "dark"), [(40.0, []), (300.0, ["a"])])
def test_a_contact_of_another_length_is_another_ship(length_m: float, dark: list[str]) -> None:
    events = found(vessel(1, MINUTES, at_rest()), detection("a", 602, -80, -12 + 350 * M_DEG, length_m=length_m), lengths={1: 40.0})
    assert names(events) == dark
    if dark:
        assert "length_differs" in codes(events)


def test_what_stands_there_on_other_days_is_perhaps_a_platform() -> None:
    hours = 2, 10, 120, 240
    rows = [detection(f"d{h}", h * 60, -80.1, -12.1) for h in hours] + [detection("once", 120, -80.15, -12.1)]
    positions = sea(*(vessel(50 + n, every(7, 250 * 60), at_rest(-80.2, -12.2 + n / 100)) for n in range(5)))
    context = Context(hearing=learn_hearing(positions), detections=looked(*rows))
    events = find_dark_contacts(positions, context, DarkContactParams(), after(hours=250))
    chance = dict(zip(names(events), events.sort(pl.col("vessel_ids").list.first())["probability"], strict=True))
    assert chance["once"] > 0.8 and all(chance[f"d{h}"] < 0.3 for h in hours)


def test_while_reports_may_still_come_it_is_open() -> None:
    assert found(vessel(1, MINUTES, at_rest()), detection("a", 47 * 60, -80.1, -12.1))["state"].to_list() == ["open"]


def test_without_any_position_what_was_seen_is_without_a_track_and_without_a_probability() -> None:
    context = Context(detections=looked(detection("a", 602, -80, -12)))
    assert find_dark_contacts(POSITIONS.empty(), context, DarkContactParams(), AS_OF)["probability"].to_list() == [None]


def test_dirty_tracks_do_no_harm() -> None:
    jumps = vessel(1, MINUTES, lambda m: (-80.0 if m % 10 else 179.9, -12.0 if m % 10 else 89.99), sog_kn=None)
    once = vessel(2, [602.0], at_rest(-80.1, -12.1))
    twice = vessel(3, [0.0, 0.0, 600.0, 600.0], at_rest(180.0, -12.0), sog_kn=[5.0, None, float("nan"), 5.0])
    events = found(sea(jumps, once, twice), detection("a", 602, -80.1, -12.1), detection("b", 602, 179.999, -12), detection("c", 602, 0, 90))
    assert "a" not in names(events) and "c" in names(events)


def test_a_drill_is_not_mixed_with_operations() -> None:
    drill = vessel(1, MINUTES, at_rest(), realm="ex:a")
    with pytest.raises(RealmError, match="ex:a, ops"):
        find_dark_contacts(drill, Context(detections=looked(detection("a", 602, -80, -12))), DarkContactParams(), AS_OF)


@pytest.mark.parametrize("bad", [{"unlit_per_km2": 0.0}, {"detected_share": 1.0}, {"max_silence_s": 1e6}, {"heard_within_s": 1e5}, {"turn_s": 0.0}])
def test_parameters_out_of_range_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=next(iter(bad))):
        DarkContactParams(**bad)


def test_uncertainty_grows_as_computed_by_hand() -> None:
    # 0.3 of 5 m/s, forgotten in an hour, after five: 0.3*5*3600*sqrt(10 - 3 + 4e-5 - e-10) = 5400 * sqrt(7.026907...) [m]
    assert strayed_m(18_000.0, 5.0, 0.3, 3_600.0) == pytest.approx(5_400 * np.sqrt(7 + 4 * np.exp(-5) - np.exp(-10)))
    assert strayed_m(35.999, 5.0, 0.3, 3_600.0) == pytest.approx(strayed_m(36.001, 5.0, 0.3, 3_600.0), rel=0.01)
    assert strayed_m(0.0, 5.0, 0.3, 3_600.0) == 0.0


def ways(left: np.ndarray, right: np.ndarray, ratio: np.ndarray) -> list[tuple[float, tuple[int, ...]]]:
    """Every one-to-one choice of pairs with its weight."""
    chosen = []
    for size in range(len(ratio) + 1):
        for some in itertools.combinations(range(len(ratio)), size):
            if len({*left[list(some)]}) == len({*right[list(some)]}) == size:
                chosen.append((float(np.prod(ratio[list(some)])), some))
    return chosen


PAIRS = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.floats(0.01, 100), min_size=1, max_size=9)


def columns(pairs: dict[tuple[int, int], float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    left, right = (np.array([p[k] for p in pairs], np.int64) for k in (0, 1))
    return left, right, np.array([*pairs.values()])


@given(PAIRS)
def test_the_assignment_is_the_best_of_all(pairs: dict[tuple[int, int], float]) -> None:
    left, right, ratio = columns(pairs)
    taken = best_pairs(left, right, ratio)
    assert len({*left[taken]}) == len({*right[taken]}) == taken.sum()
    assert np.prod(ratio[taken]) == pytest.approx(max(w for w, _ in ways(left, right, ratio)))


@given(PAIRS)
def test_chances_are_those_of_all_ways_together(pairs: dict[tuple[int, int], float]) -> None:
    left, right, ratio = columns(pairs)
    every_way = ways(left, right, ratio)
    total = sum(w for w, _ in every_way)
    exact = np.array([sum(w for w, some in every_way if k in some) for k in range(len(ratio))]) / total
    links = coo_array((ratio, (left, right + 4)), shape=(8, 8))
    forest = len(ratio) == 8 - connected_components(links, directed=False)[0]
    assert np.abs(chances(left, right, ratio) - exact).max() < (1e-6 if forest else 0.25)
