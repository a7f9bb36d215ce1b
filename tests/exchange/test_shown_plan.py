"""A plan that may be shown -> the message that proposes it: legs straight, their time shared out, nothing of third nations, nothing for others."""

from __future__ import annotations

from typing import Any

import pytest

from seaward.core.errors import InputError
from seaward.exchange.shown_plan import MOST_LEGS, shown_plan

AT = {"start": "2027-01-01T00:00:00Z", "end": "2027-01-01T10:00:00Z"}


def shown(**changes: Any) -> dict[str, Any]:
    way = [[0.0, 0.0], [3.0, 0.0], [3.0, 0.0], [4.0, 0.0]]
    legs = [{"asset": a, "nation": n, "task": "search", **AT, "way": way} for a, n in (("A", "PE"), ("B", "US"))]
    assets = [{"id": leg["asset"], "nation": leg["nation"]} for leg in legs]
    return {"realm": "ops", "plan_id": "ab" * 16, "for": "US", **AT, "assets": assets, "legs": legs} | changes


def test_a_way_becomes_straight_legs_whose_times_go_by_their_lengths() -> None:
    name, plan, others = shown_plan(shown(), "ops", "US", None, "ours")
    assert (name, plan.state, plan.text, others) == ("ab" * 8, "proposed", "ours", 0) and len(plan.legs) == 6
    first, still, last = plan.legs[:3]
    hours = [(leg.end_ms - leg.start_ms) / 3_600_000 for leg in (first, still, last)]
    assert hours == pytest.approx([7.5, 0.0, 2.5], abs=1e-3) and last.end_ms == plan.end_ms and first.start_ms == plan.start_ms
    assert (first.to_lon_udeg, last.to_lon_udeg, first.unit, first.task) == (3_000_000, 4_000_000, "A", "search")


@pytest.mark.parametrize(
    ("changes", "ours", "words"),
    [
        ({"realm": "ex:north-1"}, None, "never mix"),
        ({"for": "EC"}, None, "not for 'US'"),
        ({"for": None}, None, "never plan.json"),
        ({"assets": [{"nation": "EC"}, {"nation": "PE"}]}, None, "--ours EC"),
        ({"legs": [{"nation": "US"}]}, None, "no plan that may be shown"),
        ({"legs": [{"asset": "A", "nation": "PE", "task": "t", **AT, "way": []}]}, None, "no plan that may be shown"),
        ({"start": "2027-01-01T00:00:00"}, None, "no plan that may be shown"),
        ({"legs": [{"asset": "A", "nation": "PE", "task": "t", **AT, "way": [[0, 0], [1, 1]]}] * (MOST_LEGS + 1)}, None, "plan a shorter time"),
    ],
)
def test_what_is_no_plan_for_this_partner_is_refused(changes: dict[str, Any], ours: str | None, words: str) -> None:
    with pytest.raises(InputError, match=words):
        shown_plan(shown(**changes), "ops", "US", ours, None)


def test_legs_of_a_third_nation_are_left_out_and_counted() -> None:
    plan = shown()
    plan["legs"].append(plan["legs"][0] | {"asset": "C", "nation": "EC"})
    plan["assets"].append({"id": "C", "nation": "EC"})
    _, made, others = shown_plan(plan, "ops", "US", "PE", None)
    assert others == 1 and {leg.unit for leg in made.legs} == {"A", "B"}
