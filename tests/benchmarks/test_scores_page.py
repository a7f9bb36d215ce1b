"""Figures over several seas, by hand; and the page that shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.scored_seas import LIKELY, SEAWARD
from benchmarks.scores_figures import auc, best_column, false_among, pooled, precision_at
from benchmarks.scores_page import page


def event(p: float | None, hit: bool, **values: float) -> dict[str, Any]:
    return {"p": p, "hit": hit, "values": values}


EVENTS = [event(0.9, True, a=5, b=1), event(0.8, False, a=4, b=9), event(0.8, True, a=6, b=2), event(0.1, False, a=1, b=8)]


def counts(**more: Any) -> dict[str, Any]:
    found = {"truths": 4, "hits": 2, "missed": 2, "covered": 0, "false": 2, "repeats": 0, "causes": {"lawful": 2}, "events": EVENTS}
    return found | {"unheard": 1, "outside": 0, "beyond": 1} | more


def sea(seed: int, **rules: dict[str, Any]) -> dict[str, Any]:
    named = {SEAWARD: {"gap": counts()}, LIKELY: {"gap": counts(false=1)}} | rules
    return {"scenario": "quiet-day", "seed": seed, "truth_digest": f"{seed:064d}", "vessel_days": 10.0, "detections": 0, "rules": named}


def test_the_area_under_the_curve_counts_ties_half() -> None:
    assert auc(np.array([0.9, 0.8, 0.8, 0.1]), np.array([True, False, True, False])) == pytest.approx(3.5 / 4)
    assert auc(np.array([1.0]), np.array([True])) is None


def test_the_best_single_number_may_be_lower_for_what_is_right() -> None:
    assert best_column(EVENTS) == ("b", 1.0)
    assert best_column([event(0.5, True, a=1)]) is None


def test_precision_at_a_recall_takes_equals_together() -> None:
    assert precision_at(EVENTS, 4, 0.25) == 1.0
    assert precision_at(EVENTS, 4, 0.5) == pytest.approx(2 / 3)  # not 2 / 2: the two of 0.8 come together
    assert precision_at(EVENTS, 4, 0.75) is None


def test_false_alarms_at_the_hits_of_another() -> None:
    assert [false_among(EVENTS, n) for n in (0, 1, 2, 3)] == [0, 0, 1, None]
    assert false_among([event(None, False), event(0.4, True)], 1) == 1  # one without a chance counts as certain


def test_seas_are_added_up() -> None:
    whole = pooled([sea(1), sea(2)], SEAWARD, "gap")
    assert (whole["truths"], whole["hits"], whole["false"], len(whole["events"]), whole["causes"]["lawful"]) == (8, 4, 4, 8, 4)


def test_the_page_says_where_a_published_rule_does_better() -> None:
    better, worse = counts(hits=4, missed=0, false=0, beyond=0), counts(hits=1, missed=3, false=9)
    text = page([sea(1, **{"gap, published: over 6 h": {"gap": better}})], [], "c", "d" * 64)
    assert "| gap, published: over 6 h | Seaward | **worse**: 0.50 for 1.00, not told apart | **worse**" in text and "**cannot**" in text
    text = page([sea(1, **{"gap, published: over 6 h": {"gap": worse}})], [sea(9)], "c", "d" * 64)
    row = next(line for line in text.splitlines() if line.startswith("| gap, published: over 6 h | Seaward |"))
    assert "worse" not in row and "fewer: 4 for 9" in row and row.endswith("| 0 for 9 |") and "## Held out: 9" in text
