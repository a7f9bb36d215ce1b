"""Who is who off Callao."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from seaward.behaviours.behaviour import Context
from seaward.behaviours.identity import IDENTITY, IdentityParams, find_identity
from seaward.behaviours.stream import merge, window_start
from seaward.core.errors import ParameterError
from seaward.core.imo import imo_is_valid
from seaward.core.tables import EVENTS, POSITIONS, STATIC
from seaward.picture.vessels import build_vessels
from tests.behaviours.sea import NOON, after, at_rest, codes, every, sea, steaming, vessel

DAY = every(10, 1440)


def ship(mmsi: int, hull: str = "", lon: float = -78.0, minutes: list[float] | None = None) -> pl.DataFrame:
    return vessel(1, minutes or DAY, at_rest(lon), name=f"mmsi:{mmsi}{hull}", mmsi=mmsi)


def said(*rows: tuple[float, int, dict[str, Any]]) -> pl.DataFrame:
    common = {"realm": "ops", "feed": "coast", "raw_offset": 0, "raw_length": 80, "transceiver": "A"}
    return pl.DataFrame([common | {"reported_at": after(hours=h), "mmsi": mmsi} | what for h, mmsi, what in rows], schema=STATIC.schema)


def found(positions: pl.DataFrame, static: pl.DataFrame | None = None, hours: float = 48) -> list[dict[str, Any]]:
    static = STATIC.empty() if static is None else static
    context = Context(vessels=build_vessels(positions, static))
    return find_identity(positions, context, IdentityParams(), after(hours=hours)).to_dicts()


def test_an_ordinary_vessel_raises_nothing() -> None:
    assert found(ship(760_123_456), said((1, 760_123_456, {"name": "DON LUCHO", "callsign": "CO1234", "imo": 9074729}))) == []


@pytest.mark.parametrize(
    ("mmsi", "code"), [(123_456_789, "identity.number_form"), (299_123_456, "identity.number_digits"), (760_000_000, "identity.number_digits")]
)
def test_a_number_nobody_can_have(mmsi: int, code: str) -> None:
    (event,) = found(ship(mmsi))
    assert codes(event) == [code] and (event["start_at"], event["state"]) == (NOON, "closed")


def test_numbers_of_a_drill_are_none_of_a_flag_and_raise_nothing_there() -> None:
    drill = ship(100_000_101).with_columns(realm=pl.lit("ex:demo", POSITIONS.schema["realm"]))
    assert found(drill) == []
    assert len(found(ship(100_000_101))) == 1


def test_one_number_in_two_places() -> None:
    (event,) = found(sea(ship(760_123_456), ship(760_123_456, "#2", -75.0)))
    assert codes(event) == ["identity.two_places"] and event["vessel_ids"] == ["mmsi:760123456", "mmsi:760123456#2"]
    assert event["reasons"][0]["values"][0]["value"] == pytest.approx(326, abs=2)


def crowd(hulls: int) -> pl.DataFrame:
    return sea(*(ship(760_123_456, f"#{n}" if n > 1 else "", -78.0 + n) for n in range(1, hulls + 1)))


@pytest.mark.parametrize("hulls", [3, 7, 20])
def test_of_many_hulls_under_one_number_each_but_one_makes_an_event_that_says_how_many_there_are(hulls: int) -> None:
    events = found(crowd(hulls))
    assert len(events) == hulls - 1
    assert {v for e in events for v in e["vessel_ids"]} == {*crowd(hulls)["vessel_id"].cast(pl.String)}
    for event in events:
        assert codes(event) == ["identity.two_places", "identity.several_places"] and len(event["vessel_ids"]) == 2
        assert event["reasons"][1]["values"][0]["value"] == hulls


def test_hulls_side_by_side_on_other_days_are_told_on_each() -> None:
    first, second = every(10, 600), every(10, 2 * 1440, 1440 + 200)
    one, two, three = (ship(760_123_456, hull, lon, minutes) for hull, lon, minutes in (
        ("", -78.0, first), ("#2", -76.0, [*first, *second]), ("#3", -74.0, second)))  # fmt: skip
    events = found(sea(one, two, three))
    assert [e["vessel_ids"] for e in events] == [["mmsi:760123456", "mmsi:760123456#2"], ["mmsi:760123456#2", "mmsi:760123456#3"]]
    assert all(codes(e) == ["identity.two_places"] for e in events)


def test_many_hulls_are_the_same_pairs_in_a_live_watch() -> None:
    later = ship(760_123_456, "#9", -60.0, every(10, 1440, 400))
    rows, known, as_of = sea(crowd(4), later), EVENTS.empty(), NOON
    vessels = Context(vessels=build_vessels(rows, STATIC.empty()))
    while as_of < after(hours=40):
        as_of += timedelta(hours=3)
        window = rows.filter(pl.col("at").is_between(window_start(IDENTITY, known, as_of), as_of))
        known = merge(IDENTITY, known, find_identity(window, vessels, IdentityParams(), as_of), None)
    assert len(known) == 4
    assert_frame_equal(known, find_identity(rows, vessels, IdentityParams(), as_of))


def test_a_hull_that_follows_another_in_time_is_not_in_two_places() -> None:
    assert found(sea(ship(760_123_456, minutes=every(10, 700)), ship(760_123_456, "#2", -75.0, every(10, 1440, 800)))) == []


def test_a_hull_that_jumps_away_and_back_is_not_in_two_places() -> None:
    minutes = every(1, 1440)
    home, away = [m for m in minutes if not 600 <= m < 650], [m for m in minutes if 600 <= m < 650]
    assert found(sea(ship(760_123_456, minutes=home), ship(760_123_456, "#2", -75.0, away))) == []
    assert len(found(sea(ship(760_123_456, minutes=minutes), ship(760_123_456, "#2", -75.0, away)))) == 1


def test_another_name_is_told_where_it_was_said() -> None:
    moving = vessel(1, DAY, steaming(-78.0, -12.0, 6.0), name="mmsi:760123456", mmsi=760_123_456)
    (event,) = found(moving, said((1, 760_123_456, {"name": "DON LUCHO"}), (10, 760_123_456, {"name": "GRACIAS A DIOS"})))
    assert codes(event) == ["identity.name_changed"] and event["start_at"] == after(hours=10)
    assert event["lat_deg"] == pytest.approx(-11.0, abs=0.01)


@pytest.mark.parametrize("again", ["DON LUCHO@@", "don lucho", "DON LUCH0", "DON LUCHO I"])
def test_a_name_spelled_otherwise_is_the_same(again: str) -> None:
    assert found(ship(760_123_456), said((1, 760_123_456, {"name": "DON LUCHO"}), (10, 760_123_456, {"name": again}))) == []


def test_a_wrong_imo_number_is_not_another_ship() -> None:
    assert found(ship(760_123_456), said((1, 760_123_456, {"imo": 9074729}), (10, 760_123_456, {"imo": 9074728}))) == []
    (event,) = found(ship(760_123_456), said((1, 760_123_456, {"imo": 9074729}), (10, 760_123_456, {"imo": 9319466})))
    assert codes(event) == ["identity.imo_changed"]


def test_one_imo_number_under_two_numbers_at_once_is_a_copy() -> None:
    static = said((1, 760_123_456, {"imo": 9074729, "name": "A"}), (2, 412_123_456, {"imo": 9074729, "name": "B"}))
    (event,) = found(sea(ship(760_123_456), ship(412_123_456, lon=-70.0)), static)
    assert codes(event) == ["identity.same_imo", "identity.both_heard"]
    assert event["vessel_ids"] == ["mmsi:412123456", "mmsi:760123456"]


def test_one_ship_under_many_numbers_makes_one_event_for_each_but_one() -> None:
    numbers = [760_123_450 + n for n in range(6)]
    positions = sea(*(ship(mmsi, lon=-78.0 + n) for n, mmsi in enumerate(numbers)))
    static = said(*((n + 1, mmsi, {"imo": 9074729, "name": "DON LUCHO", "callsign": "CO1234"}) for n, mmsi in enumerate(numbers)))
    events = found(positions, static)
    assert len(events) == 5 and {v for e in events for v in e["vessel_ids"]} == {f"mmsi:{mmsi}" for mmsi in numbers}
    assert all(codes(e) == ["identity.same_imo", "identity.both_heard"] for e in events)


def test_a_ship_that_changes_its_number_again_and_again_is_told_at_each_change() -> None:
    numbers = [760_123_450 + n for n in range(4)]
    positions = sea(*(ship(mmsi, minutes=every(10, 600 * n + 500, 600 * n)) for n, mmsi in enumerate(numbers)))
    events = found(positions, said(*((10 * n + 1, mmsi, {"imo": 9074729}) for n, mmsi in enumerate(numbers))))
    assert [e["vessel_ids"] for e in events] == [[f"mmsi:{a}", f"mmsi:{a + 1}"] for a in numbers[:-1]]
    assert all(codes(e) == ["identity.same_imo", "identity.one_after_the_other"] for e in events)


def test_one_after_the_other_is_a_change_of_number() -> None:
    static = said((1, 760_123_456, {"imo": 9074729}), (20, 412_123_456, {"imo": 9074729}))
    (event,) = found(sea(ship(760_123_456, minutes=every(10, 600)), ship(412_123_456, minutes=every(10, 1440, 900))), static)
    assert codes(event) == ["identity.same_imo", "identity.one_after_the_other"]


def test_a_common_name_alone_is_no_copy() -> None:
    static = said((1, 760_123_456, {"name": "ESPERANZA"}), (2, 412_123_456, {"name": "ESPERANZA"}))
    assert found(sea(ship(760_123_456), ship(412_123_456)), static) == []


def test_what_is_said_later_is_not_known_yet() -> None:
    static = said((1, 760_123_456, {"name": "DON LUCHO"}), (10, 760_123_456, {"name": "GRACIAS A DIOS"}))
    assert found(ship(760_123_456), static, hours=9) == []


@pytest.mark.parametrize(("imo", "valid"), [(9074729, True), (9319466, True), (9074728, False), (1234567, True), (123456, False), (0, False)])
def test_the_check_digit_of_an_imo_number(imo: int, valid: bool) -> None:
    assert imo_is_valid(imo) is valid  # 9074729: 9*7 + 0*6 + 7*5 + 4*4 + 7*3 + 2*2 = 139


def test_a_threshold_that_makes_no_sense_says_what_to_do() -> None:
    with pytest.raises(ParameterError, match="1852 is a mile"):
        IdentityParams(min_apart_m=1)


def test_in_a_drill_the_same_ship_under_two_of_its_numbers_is_found() -> None:
    name = {"name": "LUCERO 7 (EX)", "callsign": "EX12345"}
    static = said((1, 160_046_341, name), (30, 149_183_776, name))
    positions = sea(ship(160_046_341), ship(149_183_776, minutes=every(10, 2880, 1500)))
    codes_in = {}
    for realm in ("ops", "ex:demo"):
        marked = [t.with_columns(realm=pl.lit(realm, t.schema["realm"])) for t in (positions, static)]
        codes_in[realm] = {c for event in found(*marked) for c in codes(event)}
    assert "identity.same_name_and_callsign" in codes_in["ex:demo"] and "identity.same_name_and_callsign" not in codes_in["ops"]
