"""The same checks for every behaviour, on one small sea in which each occurs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from seaward.behaviours import BEHAVIOURS, Behaviour, Context
from seaward.behaviours.behaviour import LEFT_OUT
from seaward.behaviours.stream import merge, window_start
from seaward.chart.areas import Area, Areas
from seaward.chart.places import Places
from seaward.chart.rules import Rule
from seaward.chart.shapes import mend
from seaward.core.catalogue import LANGUAGES, catalogue, fields
from seaward.core.tables import DETECTIONS, EVENTS, POSITIONS, STATIC
from seaward.picture.reception import learn_hearing
from seaward.picture.vessels import build_vessels
from tests.behaviours.sea import M_DEG, NOON, after, every, sea, steaming, vessel

AS_OF = after(hours=60)
each = pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda b: b.kind)


def visits(minute: float) -> tuple[float, float]:
    """Comes alongside a vessel at rest at 85 W 12 S, twice: from minute 900 for 3 h and from minute 2400 for 5 h."""
    off = min(max(0.0, 900 - minute, minute - 1080), max(0.0, 2400 - minute, minute - 2700))
    return -85.0, -12.0 - (100 + off * 300) * M_DEG


def trawls(minute: float) -> tuple[float, float]:
    """Out at 10 kn for 600 minutes, to and fro at 3 kn for 600, on at 10 kn."""
    work = min(max(minute - 600, 0), 600)
    tow = 60 - abs(work % 120 - 60)  # minutes from where the tow began
    return -80.0, -20.0 + ((minute - work) * 10 + tow * 3) / 3600


def jumps(number: int, until: float, lon: float, since: float) -> list[pl.DataFrame]:
    """At rest, but for an hour it says it is 100 km to the north; as two hulls."""
    name, minutes = f"mmsi:{100000000 + number}", every(5, until)
    away = [m for m in minutes if since <= m < since + 60]
    return [
        vessel(number, [m for m in minutes if m not in away], lambda m: (lon, 30.0)),
        vessel(number, away, lambda m: (lon, 30.9), name=f"{name}#2"),
    ]


def circles(minute: float) -> tuple[float, float]:
    """Of 2 km radius, a turn in half an hour."""
    angle = np.pi * minute / 15
    return -45.0 + 2000 * float(np.sin(angle)) * M_DEG, 2000 * float(np.cos(angle)) * M_DEG


def calls(minute: float) -> tuple[float, float]:
    """In port from minute 500 to 1100 and from 1760 to 2900, at sea 20 km away in between and before; leaves at the end."""
    off = min(abs(minute - 800) - 300 if minute < 1400 else max(1760 - minute, minute - 2900), 120)
    return -75.0, -16.0 + max(0, off) * 170 * M_DEG


@cache
def small_sea() -> pl.DataFrame:
    until = 60 * 60 - 200.0
    speed = [2.0 if 300 < m < 400 or 2000 < m < 2100 else 12.0 for m in every(5, until)]
    return sea(
        vessel(1, every(7, until), lambda m: (-85.0, -12.0)),
        vessel(2, every(11, until), visits),
        vessel(3, [m for m in every(5, until) if not 700 < m < 1200 and m < 2500], steaming(-84.5, -11.9, 0.05), sog_kn=3.0, cog_deg=0.0),
        vessel(4, every(5, until), steaming(-82.0, -12.0, 2.0)).with_columns(
            sog_kn=pl.Series(speed, dtype=pl.Float32), cog_deg=pl.lit(0, pl.Float32), heading_deg=pl.lit(90, pl.Float32)
        ),
        vessel(5, every(5, until), lambda m: (-84.2 + (m % 1000) * (100 if m % 1000 < 500 else 2) * M_DEG, -11.5)),
        vessel(6, every(3, until), lambda m: (-83.1, -12.4)),
        vessel(7, [m for m in every(10, until) if not 1300 < m < 2000], lambda m: (-84.9, -11.6), feed="satellite"),
        vessel(8, [m for m in every(10, until) if not 1300 < m < 2000], lambda m: (-70.0, -30.0), feed="satellite"),
        vessel(9, every(9, until), lambda m: (-60.0, 45.0)),
        vessel(10, every(8, until), lambda m: (-60.0, 45.0 + 200 * M_DEG)),
        vessel(11, every(6, until), trawls),
        *(hull for n in (12, 13, 14) for hull in jumps(n, until, -50.0 + n / 50, 1500 + 7 * n)),
        *jumps(15, until, -40.0, 700),
        vessel(16, every(3, 900), circles, sog_kn=0.0),
        vessel(17, every(4, until), calls),
    )


def reserve(shift_deg: float) -> Areas:
    """Around where vessel 11 fishes; nobody may enter."""
    west = (-81.0 + shift_deg + 180) % 360 - 180
    ring = [(west, -21.0), (west + 2, -21.0), (west + 2, -15.0), (west, -15.0), (west, -21.0)]
    shape, _ = mend({"type": "Polygon", "coordinates": [ring]})
    return Areas((Area("Reserve", shape, Rule(frozenset({"entry", "fishing"}))),))


def scene(shift: timedelta, shift_deg: float) -> pl.DataFrame:
    """One look at minute 1000: vessel 4, seen 100 m off, and a ship without a track 3 km from it, seen twice."""
    lat = -12 + 1000 / 60 * 2 / 60
    seen = [("lit", -82.0, lat + 100 * M_DEG), ("dark", -82.0, lat + 3_000 * M_DEG), ("again", -82.0, lat + 3_050 * M_DEG)]
    return pl.DataFrame(
        [
            {"realm": "ops", "feed": "scene", "raw_offset": n, "detection_id": name, "at": after(minutes=1000) + shift,
             "lon_deg": (lon + shift_deg + 180) % 360 - 180, "lat_deg": y, "error_m": 200.0, "sensor": "S1A"}
            for n, (name, lon, y) in enumerate(seen)
        ],
        schema=DETECTIONS.schema,
    )  # fmt: skip


def context_of(positions: pl.DataFrame, shift_deg: float = 0.0) -> Context:
    shift = positions["at"].min() - NOON  # type: ignore[operator]
    static = SAID.with_columns(reported_at=pl.col("reported_at") + shift)
    return Context(
        shore_m=lambda lon, lat: np.full(len(lon), 400_000.0), hearing=learn_hearing(positions), vessels=build_vessels(positions, static),
        areas=reserve(shift_deg), places=Places(("Caleta",), np.array([-75.003 + shift_deg]), np.array([-16.002]), ("Caleta",)),
        detections=scene(shift, shift_deg),
    )  # fmt: skip


SAID = pl.DataFrame(
    [
        {"realm": "ops", "feed": "coast", "raw_offset": 7, "raw_length": 80, "reported_at": after(hours=h), "mmsi": 100000000 + n, "name": name}
        for h, n, name in ((1, 4, "DON LUCHO"), (1, 5, "PUNTA SAL"), (20, 5, "GRACIAS A DIOS"), (1, 1, "FRIO SUR"))
    ],
    schema=STATIC.schema,
)


@cache
def small_context() -> Context:
    return context_of(small_sea())


def run(behaviour: Behaviour, positions: pl.DataFrame, as_of: datetime = AS_OF, context: Context | None = None) -> pl.DataFrame:
    return behaviour.find(positions, context or small_context(), behaviour.params, as_of)


@cache
def found_in_one_go(behaviour: Behaviour) -> pl.DataFrame:
    return run(behaviour, small_sea())


@each
def test_it_occurs_in_the_small_sea_closed_and_in_the_schema(behaviour: Behaviour) -> None:
    events = found_in_one_go(behaviour)
    assert "closed" in events["state"].to_list()
    assert events.schema == EVENTS.schema
    assert set(events["kind"]) == {behaviour.kind} and set(events["method"]) == {behaviour.method} and set(events["realm"].cast(pl.String)) == {"ops"}
    assert events["event_id"].is_unique().all() and events["vessel_ids"].list.len().min() > 0 and events["evidence"].list.len().min() > 0
    assert set(behaviour.needs) <= set(POSITIONS.schema)


@each
def test_of_no_positions_it_makes_no_events(behaviour: Behaviour) -> None:
    for positions in (POSITIONS.empty(), small_sea()):
        assert_frame_equal(run(behaviour, positions, NOON - timedelta(days=1)), EVENTS.empty())


@each
def test_it_works_with_an_empty_context(behaviour: Behaviour) -> None:
    assert run(behaviour, small_sea(), context=Context()).schema == EVENTS.schema


@each
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_order_of_rows_does_not_matter(behaviour: Behaviour, seed: int) -> None:
    assert_frame_equal(run(behaviour, small_sea().sample(fraction=1.0, shuffle=True, seed=seed)), found_in_one_go(behaviour))


@each
def test_the_same_rows_twice_change_nothing_but_perhaps_the_evidence(behaviour: Behaviour) -> None:
    assert_frame_equal(run(behaviour, pl.concat([small_sea(), small_sea()])), found_in_one_go(behaviour))


@each
def test_it_reads_only_the_columns_it_says_it_needs(behaviour: Behaviour) -> None:
    assert_frame_equal(run(behaviour, small_sea().select(behaviour.needs)), found_in_one_go(behaviour))


@each
def test_input_is_left_as_it_was_and_twice_gives_the_same(behaviour: Behaviour) -> None:
    positions, before = small_sea().clone(), small_sea().rows()
    assert_frame_equal(run(behaviour, positions), run(behaviour, positions))
    assert positions.rows() == before


@each
def test_a_shift_by_a_day_shifts_the_events(behaviour: Behaviour) -> None:
    day = pl.duration(days=1)
    later = small_sea().with_columns(at=pl.col("at") + day)
    moved = run(behaviour, later, AS_OF + timedelta(days=1), context_of(later))
    expected = found_in_one_go(behaviour).with_columns(start_at=pl.col("start_at") + day, end_at=pl.col("end_at") + day)
    assert not set(moved["event_id"]) & set(expected["event_id"])
    order = ["start_at", pl.col("vessel_ids").list.join(" ")]
    assert_frame_equal(moved.drop("event_id").sort(order), expected.drop("event_id").sort(order))


@each
@pytest.mark.parametrize("shift_deg", [265.0, -95.0, 262.0, 98.0])
def test_a_shift_across_180_degrees_shifts_the_events(behaviour: Behaviour, shift_deg: float) -> None:
    def shifted(lon: pl.Expr) -> pl.Expr:
        return (lon + shift_deg + 180) % 360 - 180

    moved_sea = small_sea().with_columns(lon_deg=shifted(pl.col("lon_deg")))
    moved, expected = run(behaviour, moved_sea, context=context_of(moved_sea, shift_deg)), found_in_one_go(behaviour)
    assert_frame_equal(moved.drop("lon_deg", "reasons"), expected.drop("lon_deg", "reasons"), abs_tol=1e-6)
    east = expected.with_columns(lon_deg=shifted(pl.col("lon_deg")))["lon_deg"]
    assert np.abs((moved["lon_deg"] - east).to_numpy() % 360 + 1e-6).max() < 1e-3 or np.allclose(np.cos(np.radians(moved["lon_deg"] - east)), 1)


@each
@pytest.mark.parametrize("step_h", [1.0, 4.3])
def test_streamed_over_trailing_windows_it_closes_the_same_events_as_in_one_go(behaviour: Behaviour, step_h: float) -> None:
    known, as_of = EVENTS.empty(), NOON
    while as_of < AS_OF:
        as_of = min(AS_OF, as_of + timedelta(hours=step_h))
        start = window_start(behaviour, known, as_of)
        window = small_sea().filter(pl.col("at") >= start, pl.col("at") <= as_of)
        found = run(behaviour, window, as_of)
        known = merge(behaviour, known, found, None if start <= NOON else start)
    batch = found_in_one_go(behaviour)
    assert_frame_equal(known.filter(pl.col("state") == "closed"), batch.filter(pl.col("state") == "closed"))


def parts_of(behaviour: Behaviour) -> list[tuple[pl.DataFrame, pl.Expr]]:
    """Rows of each part, and which of its events belong to it."""
    everything = pl.lit(True)
    if behaviour.partition == "vessel":
        part = pl.col("mmsi") % 3
        return [(small_sea().filter(part == k), everything) for k in range(3)]
    halo_deg = 0.2
    west, east = pl.col("lon_deg") < -84.9 + halo_deg, pl.col("lon_deg") >= -84.9 - halo_deg
    return [(small_sea().filter(west), pl.col("lon_deg") < -84.9), (small_sea().filter(east), pl.col("lon_deg") >= -84.9)]


@each
def test_in_parts_it_finds_the_same_as_in_one_go(behaviour: Behaviour) -> None:
    parts = [run(behaviour, rows).filter(owned) for rows, owned in parts_of(behaviour)]
    assert sum(len(p) > 0 for p in parts) >= 1
    assert_frame_equal(pl.concat(parts).sort("start_at", "event_id"), found_in_one_go(behaviour))


sifting = pytest.mark.parametrize("behaviour", [b for b in BEHAVIOURS if b.sift], ids=lambda b: b.kind)


@cache
def near_a_port() -> Context:
    """As the small sea, with a port where vessels 1 and 2 meet."""
    known = small_context().places
    assert known is not None
    return replace(small_context(), places=Places.join([known, Places(("Isla",), np.array([-85.0]), np.array([-12.0]), ("Isla",))]))


@cache
def sifted_in_one_go(behaviour: Behaviour) -> tuple[pl.DataFrame, pl.DataFrame]:
    return behaviour.sifted(small_sea(), near_a_port(), AS_OF)


@sifting
def test_what_is_left_out_says_why_and_would_be_an_event_otherwise(behaviour: Behaviour) -> None:
    events, left_out = sifted_in_one_go(behaviour)
    assert left_out.schema == LEFT_OUT and "harbour" in left_out["why"].to_list()
    assert_frame_equal(events, run(behaviour, small_sea(), context=near_a_port()))
    assert set(events["event_id"]) | set(left_out["event_id"]) >= set(found_in_one_go(behaviour)["event_id"])
    assert not set(events["event_id"]) & set(left_out["event_id"])
    assert all(f"left_out.{why}" in catalogue(language) for why in left_out["why"] for language in LANGUAGES)


@sifting
def test_in_parts_it_leaves_out_the_same_as_in_one_go(behaviour: Behaviour) -> None:
    parts = [behaviour.sifted(rows, near_a_port(), AS_OF)[1] for rows in left_out_parts(behaviour)]
    assert sum(len(p) > 0 for p in parts) >= 1
    assert_frame_equal(pl.concat(parts).unique("event_id").sort("start_at", "event_id"), sifted_in_one_go(behaviour)[1])


def left_out_parts(behaviour: Behaviour) -> list[pl.DataFrame]:
    """By vessel, or what the exchange asks for."""
    if behaviour.exchange is None:
        return [rows for rows, _ in parts_of(behaviour)]
    places = behaviour.exchange.places(small_sea(), near_a_port(), behaviour.params, AS_OF)
    together = behaviour.exchange.companions(places, behaviour.params)
    return [small_sea().filter(pl.col("vessel_id").is_in(together.implode()))]


@sifting
@pytest.mark.parametrize("step_h", [1.0, 4.3])
def test_streamed_over_trailing_windows_it_leaves_out_the_same_as_in_one_go(behaviour: Behaviour, step_h: float) -> None:
    known, as_of = pl.DataFrame(schema=LEFT_OUT), NOON
    while as_of < AS_OF:
        as_of = min(AS_OF, as_of + timedelta(hours=step_h))
        start = window_start(behaviour, known, as_of)
        window = small_sea().filter(pl.col("at") >= start, pl.col("at") <= as_of)
        known = merge(behaviour, known, behaviour.sifted(window, near_a_port(), as_of)[1], None if start <= NOON else start)
    assert_frame_equal(known.filter(pl.col("state") == "closed"), sifted_in_one_go(behaviour)[1].filter(pl.col("state") == "closed"))


@each
def test_nothing_after_as_of_is_looked_at(behaviour: Behaviour) -> None:
    as_of = after(hours=30)
    known = small_sea().filter(pl.col("at") <= as_of)
    late = small_sea().with_columns(lat_deg=pl.when(pl.col("at") > as_of).then(-40.0).otherwise("lat_deg"))
    until_then, whole = learn_hearing(known), small_context().hearing
    then = replace(small_context(), hearing=replace(whole, feeds=until_then.feeds, around=until_then.around))
    assert_frame_equal(run(behaviour, late, as_of), run(behaviour, known, as_of, then))
    events = run(behaviour, late, as_of)
    assert len(events) and events["end_at"].max() <= as_of  # type: ignore[operator]


@each
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reason_has_a_text_in_every_language_and_the_values_it_asks_for(behaviour: Behaviour, language: str) -> None:
    texts = catalogue(language)
    assert f"kind.{behaviour.kind}" in texts and f"explain.{behaviour.kind}" in texts
    for context in (small_context(), Context()):
        for reasons in run(behaviour, small_sea(), context=context)["reasons"]:
            for r in reasons:
                values = {v["name"]: v["value"] for v in r["values"]}
                assert set(fields(texts[r["code"]])) == set(values)
                assert texts[r["code"]].format(**values)


@pytest.mark.parametrize("code", sorted(c for c in catalogue("en") if c.split(".")[0] in {b.kind for b in BEHAVIOURS}))
def test_both_languages_ask_for_the_same_values(code: str) -> None:
    assert sorted(fields(catalogue("en")[code])) == sorted(fields(catalogue("es")[code]))


@pytest.mark.parametrize("behaviour", [b for b in BEHAVIOURS if b.exchange], ids=lambda b: b.kind)
def test_the_vessels_it_asks_for_are_all_it_needs(behaviour: Behaviour) -> None:
    sea, context = small_sea(), small_context()
    assert behaviour.exchange is not None
    ids = sea["vessel_id"].cast(pl.String)
    parts = [sea.filter(ids.hash() % 3 == n) for n in range(3)]
    places = pl.concat([behaviour.exchange.places(part, context, behaviour.params, AS_OF) for part in parts])
    together = behaviour.exchange.companions(places, behaviour.params)
    assert 0 < len(together) < sea["vessel_id"].n_unique()
    assert_frame_equal(run(behaviour, sea.filter(pl.col("vessel_id").is_in(together.implode()))), found_in_one_go(behaviour))
