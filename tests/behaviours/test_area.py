"""area: who was where a rule forbids it, or did there what it forbids."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
import shapely

from seaward.behaviours import AREA, Context
from seaward.behaviours.area import AreaParams, in_areas
from seaward.chart.areas import Area, Areas
from seaward.chart.rules import Rule
from seaward.core.errors import ParameterError
from seaward.core.tables import EVENTS, VESSELS
from tests.behaviours.sea import NOON, after, every, sea, vessel

BOX = shapely.box(-81.0, -13.0, -79.0, -11.0)
LATE = after(days=2)


def context(rule: Rule, accuracy_m: float = 0.0, **known: object) -> Context:
    rows = [{"realm": "ops", "vessel_id": "mmsi:760000001", "mmsi": 760000001, "positions": 1, "identity": []} | known]
    return Context(areas=Areas((Area("Reserva", BOX, rule, accuracy_m),)), vessels=pl.DataFrame(rows, schema=VESSELS.schema))


def across(minute: float) -> tuple[float, float]:
    """Eastward through the middle at 12 kn: in after 5 h, out after some 15 h."""
    return -82.0 + minute / 60 * 12 / 60 / 0.978, -12.0


def ship(place, until_min: float = 24 * 60, step_min: float = 5, **columns) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    return sea(vessel(1, every(step_min, until_min), place, name="mmsi:760000001", **columns).with_columns(mmsi=pl.lit(760000001, pl.UInt32)))


def find(positions: pl.DataFrame, rule: Rule, *, as_of=LATE, params: AreaParams | None = None, **known) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    return AREA.find(positions, context(rule, **known), params or AREA.params, as_of)


def codes(events: pl.DataFrame, row: int = 0) -> set[str]:
    return {r["code"] for r in events["reasons"][row]}


ENTRY = Rule(frozenset({"entry"}))
FISHING = Rule(frozenset({"fishing"}))


def test_a_passage_is_an_entry_told_apart_as_innocent_passage() -> None:
    events = find(ship(across), ENTRY)
    assert events["state"].to_list() == ["closed"] and events["areas"].to_list() == [["Reserva"]]
    assert {"area.passage", "area.entry_seen", "area.border"} <= codes(events)
    hours = (events["end_at"][0] - events["start_at"][0]).total_seconds() / 3600
    assert hours == pytest.approx(9.8, abs=0.2) and events["probability"][0] == 1.0


def test_one_that_stays_is_told_apart() -> None:
    events = find(ship(lambda m: across(m) if m < 600 else (across(600)[0] + 0.001 * (m % 10), -12.0)), ENTRY)
    assert "area.stay" in codes(events) and "area.passage" not in codes(events)


def test_the_border_and_its_error_give_the_chance_that_it_was_inside() -> None:
    along = ship(lambda m: (-80.0 + m / 10_000, -11.01))  # 1.1 km inside
    sure, unsure = find(along, ENTRY), find(along, ENTRY, accuracy_m=1_000)
    assert sure["probability"][0] == 1.0 and unsure["probability"][0] == pytest.approx(0.867, abs=0.01)


@pytest.mark.parametrize(("rule", "found"), [
    (Rule(frozenset({"entry"}), free_flags=frozenset({"PE"})), 0),
    (Rule(frozenset({"entry"}), flags=frozenset({"PE"})), 1),
    (Rule(frozenset({"entry"}), flags=frozenset({"CL"})), 0),
    (Rule(frozenset({"entry"}), season=((1, 1), (10, 31))), 0),
    (Rule(frozenset({"entry"}), season=((11, 1), (2, 28))), 1),
    (Rule(frozenset({"entry"}), min_length_m=50), 0),
    (Rule(frozenset({"entry"}), classes=frozenset({"cargo"})), 0),
    (Rule(), 0),
])  # fmt: skip
def test_only_those_a_rule_binds_are_reported(rule: Rule, found: int) -> None:
    assert len(find(ship(across), rule, ship_type=30, length_m=20.0)) == found


def test_what_is_not_known_of_a_vessel_is_said() -> None:
    rule = Rule(frozenset({"entry"}), classes=frozenset({"fishing"}), min_length_m=15)
    assert {"area.type_unknown", "area.length_unknown"} <= codes(find(ship(across), rule))


def trawling(minute: float) -> tuple[float, float]:
    work = min(max(minute - 600, 0), 600)
    tow = 60 - abs(work % 120 - 60)
    return across(600)[0], -13.5 + ((minute - work) * 10 + tow * 3) / 3600


def test_fishing_inside_is_an_event_and_fishing_outside_is_none() -> None:
    inside = find(ship(trawling), FISHING, ship_type=30)
    assert len(inside) == 1 and {"area.fishing", "area.border"} <= codes(inside)
    assert len(find(ship(lambda m: (trawling(m)[0], trawling(m)[1] - 5)), FISHING, ship_type=30)) == 0
    assert len(find(ship(across), FISHING, ship_type=30)) == 0


def test_a_fix_or_two_outside_does_not_end_a_stay() -> None:
    def dancing(m: float) -> tuple[float, float]:
        return -80.0 + m / 10_000, -10.999 if m % 50 == 25 else -11.02

    assert len(find(ship(dancing), ENTRY)) == 1
    assert len(find(ship(dancing), ENTRY, params=replace(AREA.params, max_outside_s=0))) > 5


def test_one_inside_at_the_end_is_open_and_one_inside_from_the_start_was_not_seen_to_come_in() -> None:
    events = find(ship(lambda m: (-80.0, -12.0 + m / 10_000)), ENTRY, as_of=after(minutes=24 * 60))
    assert events["state"].to_list() == ["open"] and "area.entry_not_seen" in codes(events)


def test_events_of_two_areas_of_one_name_have_names_of_their_own() -> None:
    twice = Areas((Area("Reserva", BOX, ENTRY), Area("Reserva", BOX, ENTRY)))
    events = AREA.find(ship(across), replace(context(ENTRY), areas=twice), AREA.params, LATE)
    assert len(events) == 2 and events["event_id"].n_unique() == 2
    assert set(find(ship(across), ENTRY)["event_id"]) < set(events["event_id"])


def test_other_events_get_the_names_of_their_areas_and_a_reason_where_forbidden() -> None:
    row = {
        "realm": "ops", "event_id": "e", "version": 1, "state": "closed", "kind": "loitering", "start_at": NOON, "end_at": LATE,
        "vessel_ids": ["mmsi:760000001"], "lon_deg": -80.0, "lat_deg": -12.0, "areas": [], "reasons": [], "evidence": [], "method": "x",
    }  # fmt: skip
    events = pl.DataFrame([row, row | {"event_id": "f", "lat_deg": 12.0}], schema=EVENTS.schema)
    marked = in_areas(events, context(Rule(frozenset({"loitering"}))))
    assert marked["areas"].to_list() == [["Reserva"], []]
    assert codes(marked) == {"area.forbidden_here"} and codes(marked, 1) == set()
    assert codes(in_areas(events, context(Rule(frozenset({"gap"}))))) == set()


def test_impossible_limits_are_refused() -> None:
    with pytest.raises(ParameterError, match="max_silence_s"):
        AreaParams(max_silence_s=1)
