"""What people did in a drill: about whom it was, when they came to each stage, and what became of what an inject asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from seaward.core.errors import RealmError
from seaward.core.tables import DEEDS, TRUE_TRACKS
from seaward.evaluation.played import OF_ACTION, Outcome, about, first_done, outcome, stages
from tests.evaluation.made import DEG_PER_M, NOON, truth, truth_of

NM = 1852 * DEG_PER_M
TRUTHS = truth_of(truth("t1", actors=["one", "two"]), truth("t2", start_s=80_000, end_s=90_000, north_m=90_000, actors=["far"]))


T1, T2 = TRUTHS.iter_rows(named=True)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def deed(what: str, minutes: float, cell: str = "peru", **more: Any) -> dict[str, Any]:
    return dict.fromkeys(DEEDS.schema) | {"realm": "ex:test", "cell": cell, "at": at(minutes), "deed": what, "vessel_ids": []} | more


def of_event(what: str, minutes: float, cell: str = "peru", name: str = "e1", north_m: float = 0, **more: Any) -> dict[str, Any]:
    seen = {"event_id": name, "kind": "encounter", "vessel_ids": ["mmsi:100000001"], "start_at": at(0), "end_at": at(120), "lon_deg": -80.0}
    return deed(what, minutes, cell, **(seen | {"lat_deg": north_m * DEG_PER_M} | more))


def deeds(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=DEEDS.schema)


def tracks(**ways: list[tuple[float, float]]) -> pl.DataFrame:
    """By hull: minutes, and nautical miles north of where it happened."""
    rows = [dict.fromkeys(TRUE_TRACKS.schema) | {"realm": "ex:test", "actor": who, "at": at(m), "lon_deg": -80.0, "lat_deg": north * NM}
            for who, way in ways.items() for m, north in way]  # fmt: skip
    return pl.DataFrame(rows, schema=TRUE_TRACKS.schema)


LIE_STILL = [(float(m), 0.0) for m in range(0, 180, 5)]
SEA = tracks(one=LIE_STILL, two=LIE_STILL, boat=[(m, 40.0) for m, _ in LIE_STILL], cutter=[(m, 30.0 - m / 4) for m, _ in LIE_STILL])


def whom(*rows: dict[str, Any], names: tuple[str, ...] = ("one", "two", "boat", "cutter")) -> list[list[str]]:
    return about(deeds(*rows), TRUTHS, SEA, names)["actors"].to_list()


def test_a_deed_is_about_who_did_what_its_event_was() -> None:
    assert whom(of_event("acknowledged", 10), of_event("validated", 12)) == [["one", "two"], ["one", "two"]]
    assert whom(of_event("acknowledged", 10), of_event("acknowledged", 11, name="again", start_at=at(5))) == [["one", "two"]] * 2, "a repeat too"
    assert whom(of_event("dismissed", 10, north_m=80_000)) == [[]], "nothing of that kind happened there"
    assert whom(of_event("dismissed", 10, kind="loitering")) == [[]], "a kind that did not happen at all"


def test_a_place_alone_is_about_the_nearest_hull_near_it() -> None:
    assert whom(deed("tasked", 60, lon_deg=-80.0, lat_deg=41 * NM)) == [["boat"]]
    assert whom(deed("tasked", 60, lon_deg=-80.0, lat_deg=46 * NM)) == [[]]
    assert whom(deed("tasked", 60)) == [[]] and whom(deed("tasked", 600, lon_deg=-80.0, lat_deg=40 * NM)) == [[]]
    assert whom(deed("tasked", 60, lon_deg=-80.0, lat_deg=41 * NM), names=("one",)) == [[]]


def test_no_deeds_are_no_deeds() -> None:
    none = about(DEEDS.empty(), TRUTHS, SEA, ("one",))
    assert none.is_empty() and stages(none, "peru", T1, SEA, ["cutter"]) == {} and first_done(none, "peru", "one", "tasked") is None
    assert outcome(none, ["peru"], "task_unit", "one", at(0), timedelta(hours=1)) == Outcome("no_player")


def test_deeds_of_another_realm_are_refused() -> None:
    with pytest.raises(RealmError):
        about(deeds(of_event("acknowledged", 10, realm="ex:other")), TRUTHS, SEA, ("one",))


def test_the_first_time_of_a_stage_counts_and_each_cell_has_its_own() -> None:
    found = about(
        deeds(
            of_event("shared", 20, partner="USA"), of_event("shared", 9, partner="CHL"), of_event("acknowledged", 8), of_event("tasked", 30),
            of_event("acknowledged", 3, "chile"), deed("tasked", 1, lon_deg=-80.0, lat_deg=40 * NM),
        ), TRUTHS, SEA, ("one", "boat"),
    )  # fmt: skip
    assert stages(found, "peru", T1, SEA, []) == {"shared": at(9), "acknowledged": at(8), "tasked": at(30)}
    assert stages(found, "chile", T1, SEA, []) == {"acknowledged": at(3)}
    assert stages(found, "peru", T2, SEA, []) == {}


def test_a_later_act_of_the_same_hull_has_its_own_chain_and_a_place_counts_from_its_begin_on() -> None:
    both = truth_of(truth("t1"), truth("t3", start_s=6_000, end_s=9_000, kind="gap"))
    first, later = both.iter_rows(named=True)
    rows = deeds(of_event("acknowledged", 10), deed("tasked", 60, lon_deg=-80.0, lat_deg=0.0), deed("tasked", 130, lon_deg=-80.0, lat_deg=0.0))
    found = about(rows, both, SEA, ("one",))
    assert found["truth_id"].to_list() == ["t1", None, None]
    assert stages(found, "peru", first, SEA, []) == {"acknowledged": at(10), "tasked": at(60)}
    assert stages(found, "peru", later, SEA, []) == {"tasked": at(130)}
    assert first_done(found, "peru", "one", "tasked") == at(60) and first_done(found, "chile", "one", "tasked") is None


def test_on_the_scene_is_who_comes_near_after_a_unit_was_sent() -> None:
    found = about(deeds(of_event("tasked", 60)), TRUTHS, SEA, ("one",))
    assert stages(found, "peru", T1, SEA, ["cutter"]) == {"tasked": at(60), "on_scene": at(120)}  # 30 nm, a quarter a minute, within one
    assert "on_scene" not in stages(found, "peru", T1, SEA, [])
    early = tracks(one=LIE_STILL, cutter=[(m, 0.0 if m < 60 else 20.0) for m, _ in LIE_STILL])
    assert "on_scene" not in stages(found, "peru", T1, early, ["cutter"]), "it was there before it was sent"
    unsent = about(deeds(of_event("acknowledged", 60)), TRUTHS, SEA, ("one",))
    assert "on_scene" not in stages(unsent, "peru", T1, SEA, ["cutter"])


@pytest.mark.parametrize(
    ("rows", "cells", "expected"),
    [
        ([of_event("tasked", 20, who="vega")], ["peru"], Outcome("met", at(20), "peru", "vega")),
        ([of_event("tasked", 45, who="vega")], ["peru"], Outcome("late", at(45), "peru", "vega")),
        ([of_event("tasked", 45), of_event("tasked", 15, "chile", who="hale")], ["peru", "chile"], Outcome("met", at(15), "chile", "hale")),
        ([of_event("tasked", 5)], ["peru"], Outcome("met", at(5), "peru", None)),
        ([of_event("acknowledged", 20)], ["peru"], Outcome("not_met")),
        ([of_event("tasked", 20)], ["chile"], Outcome("no_player")),
        ([deed("tasked", 20, lon_deg=-80.0, lat_deg=40 * NM)], ["peru"], Outcome("not_met")),
    ],
)
def test_what_became_of_what_an_inject_asked(rows: list[dict[str, Any]], cells: list[str], expected: Outcome) -> None:
    found = about(deeds(*rows), TRUTHS, SEA, ("one", "boat"))
    assert outcome(found, cells, "task_unit", "one", at(10), timedelta(minutes=30)) == expected


def test_every_action_of_a_scenario_is_a_deed() -> None:
    from seaward.core.tables import DEEDS_DONE
    from seaward.drill.scenario_keys import ACTIONS

    assert {*OF_ACTION} == {*ACTIONS} and {*OF_ACTION.values()} == {*DEEDS_DONE} - {"raised"}
