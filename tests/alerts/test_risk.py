"""Vessels by risk: what moves them up, and that every point says why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from seaward.alerts.lists import Lists
from seaward.alerts.risk import RISK, part_text, vessel_risk
from seaward.alerts.risk_parts import RiskParams
from seaward.core.catalogue import LANGUAGES
from seaward.core.errors import ParameterError
from seaward.core.tables import CASES, EVENTS, WATCH_LIST
from tests.alerts.floor import CHINA, NOON, PERU, event, listed, table, vessel

PLAIN = {"ship_type": 70, "length_m": 10.0}


def case(**changes: Any) -> pl.DataFrame:
    row = {"realm": "ops", "alert_id": "a", "state": "open", "kind": "gap", "vessel_ids": [PERU], "start_at": NOON, "opened_at": NOON,
           "opened_by": "v", "changed_at": NOON, "changed_by": "v", "why": None}  # fmt: skip
    return pl.DataFrame([row | changes], schema=CASES.schema)


def ranked(
    vessels: pl.DataFrame | None = None, events: pl.DataFrame | None = None, cases: pl.DataFrame | None = None, lists: Lists | None = None,
    days: float = 0, params: RiskParams | None = None,
) -> pl.DataFrame:  # fmt: skip
    return vessel_risk(
        "ops", vessel(**PLAIN) if vessels is None else vessels, EVENTS.empty() if events is None else events,
        CASES.empty() if cases is None else cases,
        lists or Lists(WATCH_LIST.empty()), NOON + timedelta(days=days), params,
    )  # fmt: skip


def of(**given: Any) -> dict[str, Any]:
    return ranked(**given).row(0, named=True)


def test_a_vessel_of_which_nothing_is_known_against_it_is_at_the_bottom() -> None:
    quiet = of()
    assert (quiet["likelihood"], quiet["impact"], quiet["hidden"], quiet["risk"], quiet["level"]) == (1, 3, 1, 3, "low")  # 2 points for a cargo ship
    assert (quiet["flag"], quiet["rank"]) == ("PE", 1)


def test_a_gap_counts_by_its_chance_and_half_after_ninety_days() -> None:
    """By hand: 1.5 points x 0.6 x 1 = 0.9 at once, 0.45 after 90 days; 1 h x 0.6 / 24 h = 0.025 of being hard to see."""
    fresh, old = (of(events=table(event()), days=d) for d in (1e-9, 90))
    assert fresh["likelihood"] == pytest.approx(1.9) and old["likelihood"] == pytest.approx(1.45)
    assert of(events=table(event()), days=1)["hidden"] == pytest.approx(1.025)
    assert of(events=table(event()), days=366)["likelihood"] == 1 and of(events=table(event()), days=-1)["likelihood"] == 1


def test_what_was_withdrawn_does_not_count() -> None:
    assert of(events=table(event(state="withdrawn")), cases=case(state="withdrawn"))["likelihood"] == 1


def test_a_hundred_of_one_kind_are_no_proof() -> None:
    many = table(*(event(f"e{i}", kind="loitering") for i in range(100)))
    assert of(events=many)["likelihood"] == 4


def test_a_case_and_a_list_weigh_more_than_what_was_only_seen() -> None:
    assert of(cases=case())["likelihood"] == 5 and of(cases=case(), days=365)["likelihood"] == 3
    assert of(lists=listed(mmsi=760000001))["likelihood"] == 6
    assert of(lists=listed(name="LUCERO"), vessels=vessel(name="LUCERO", **PLAIN))["likelihood"] == 3
    assert of(lists=listed(mmsi=760000001), params=RiskParams(lists=("own",)))["likelihood"] == 1


def test_flags_count_only_as_the_user_says() -> None:
    assert of(params=RiskParams(flags={"PE": 2.5}))["likelihood"] == 3.5


def test_size_class_areas_and_meetings_make_the_impact() -> None:
    assert of(vessels=vessel(ship_type=30, length_m=60.0))["impact"] == 5
    assert of(vessels=vessel(ship_type=30))["impact"] == 3  # length not known
    seen = table(event("a", kind="area", areas=["Reserva"]), event("b", kind="encounter"))
    assert of(vessels=vessel(ship_type=30, length_m=10.0), events=seen)["impact"] == 6


def test_doubts_and_what_it_does_not_tell_make_it_hard_to_see() -> None:
    doubts = table(event("a", kind="identity", probability=None), event("b", kind="position", probability=1.0))
    assert of(vessels=vessel(ship_type=None, length_m=10.0), events=doubts)["hidden"] == 5  # 1 + 1 + 2 + 1
    assert of(vessels=vessel("mmsi:000000123", **PLAIN))["hidden"] == 3


def test_a_number_of_a_drill_is_strange_only_outside_a_drill() -> None:
    made_up = vessel("mmsi:100000123", **PLAIN)
    given = (EVENTS.empty(), CASES.empty(), Lists(WATCH_LIST.empty()), NOON)
    assert [vessel_risk(realm, made_up, *given)["hidden"][0] for realm in ("ops", "ex:a")] == [3, 1]


def test_parts_stay_from_one_to_ten_and_the_level_follows_the_product() -> None:
    bad = of(
        vessels=vessel(ship_type=None, length_m=80.0), cases=pl.concat([case(alert_id=f"a{i}") for i in range(9)]),
        lists=listed(mmsi=760000001), days=40,
        events=table(event("a", until_h=1000), event("b", kind="identity"), event("c", kind="area", areas=["R"]), event("d", kind="encounter")),
    )  # fmt: skip
    assert bad["likelihood"] == 10 and max(bad["impact"], bad["hidden"]) <= 10 and bad["level"] == "very_high"
    assert bad["risk"] == pytest.approx(bad["likelihood"] * bad["impact"] * bad["hidden"])


def test_a_part_is_one_and_its_points_and_every_point_has_its_words() -> None:
    full = of(
        vessels=vessel(name="LUCERO", callsign="OA1", ship_type=30, length_m=30.0), lists=listed(name="LUCERO"), cases=case(),
        events=table(*(event(k, kind=k, areas=["R"]) for k in ("gap", "area", "encounter", "identity", "position", "loitering", "fishing"))), days=1,
        params=RiskParams(flags={"PE": 1.0}),
    )  # fmt: skip
    for name in ("likelihood", "impact", "hidden"):
        assert full[name] == pytest.approx(min(10, 1 + sum(p["points"] for p in full["parts"] if p["part"] == name)))
    for language in LANGUAGES:
        assert all(not text.split(" ", 1)[1].startswith("risk.") and "{" not in text for text in (part_text(p, language) for p in full["parts"]))


def test_order_of_rows_does_not_matter_and_equals_are_ranked_by_name() -> None:
    both = pl.concat([vessel(PERU, **PLAIN), vessel(CHINA, **PLAIN)])
    events = table(event("e1", vessel_ids=[PERU]), event("e2", vessel_ids=[CHINA]), event("e3", vessel_ids=["mmsi:1"]))
    one, two = ranked(both, events), ranked(both.reverse(), events.reverse())
    assert one.equals(two) and one.schema == RISK
    assert one["vessel_id"].to_list() == ["mmsi:1", CHINA, PERU] and one["rank"].to_list() == [1, 2, 3]


@pytest.mark.parametrize(
    "wrong", [{"window_days": 0}, {"half_life_days": float("nan")}, {"default_probability": 2}, {"flags": {"XX": 1}}, {"flags": {"PE": 99}}]
)
def test_parameters_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        RiskParams(**wrong)
