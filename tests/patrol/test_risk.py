"""Risk: corrected for effort, wider where less is known, thinned by empty looks that are forgotten, and plain about what is not known."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from seaward.core.errors import ParameterError
from seaward.patrol.cells import cells_of
from seaward.patrol.risk import Looked, RiskParams, Seen, learn_risk

CELLS = cells_of((-120.0, -20.0, -114.0, -14.0), 1.0)
START = datetime(2027, 11, 4, tzinfo=UTC)
SHARP = RiskParams(act_h=48.0, smooth_nm=0.0, half_life_days=36_500, drift_kn=0.0)
NOTHING = np.full(len(CELLS), np.nan)


def days_before(n: float, count: int) -> np.ndarray:
    return np.full(count, np.datetime64(START.replace(tzinfo=None), "us") - np.timedelta64(int(n * 86_400), "s"))


def seen(cell: int, count: int, days: float = 30.0) -> Seen:
    return Seen(days_before(days, count), np.full(count, cell), np.ones(count))


def looked(cell: int, count: int, z: float = 1.0, days: float = 30.0) -> Looked:
    return Looked(days_before(days, count), np.full(count, cell), np.full(count, z))


def both(*parts):
    return type(parts[0])(*(np.concatenate([getattr(p, name) for p in parts]) for name in parts[0].__slots__))


NOBODY = seen(0, 0)
NOWHERE = looked(0, 0)


def test_the_same_finds_from_fewer_looks_mean_more_risk() -> None:
    risk = learn_risk(CELLS, both(seen(3, 10), seen(20, 10)), both(looked(3, 20), looked(20, 80)), NOTHING, SHARP, START, 1)
    assert risk.mean[3] > 2.5 * risk.mean[20]
    assert risk.is_known[[3, 20]].all() and not risk.is_known[10]
    assert "risk.some_unknown" in risk.notes


def test_the_mean_is_that_of_gamma_and_poisson() -> None:
    risk = learn_risk(CELLS, seen(3, 9), looked(3, 10, 2.0), NOTHING, SHARP, START, 1)
    per = float(CELLS.area_nm2[3]) / 1_000
    looks = 10 * (1 - np.exp(-2.0)) * per
    prior = 9.5 / looks  # one event's weight on the mean of the whole area
    assert risk.mean[3] == pytest.approx((1 + 9) / (1 / prior + looks) * per, rel=1e-3)


def test_what_is_known_better_is_told_more_narrowly() -> None:
    few = learn_risk(CELLS, seen(3, 2), looked(3, 4), NOTHING, SHARP, START, 1)
    many = learn_risk(CELLS, seen(3, 50), looked(3, 100), NOTHING, SHARP, START, 1)
    for r in (few, many):
        assert r.low[3] < r.mean[3] < r.high[3]
    assert (many.high[3] - many.low[3]) / many.mean[3] < 0.4 * (few.high[3] - few.low[3]) / few.mean[3]


def test_an_empty_look_thins_what_is_there_and_is_forgotten() -> None:
    risk = learn_risk(CELLS, NOBODY, looked(7, 1, 1.5, days=0.001), np.full(len(CELLS), 1.0), SHARP, START, 3)
    assert risk.present[0, 7] == pytest.approx(np.exp(-1.5), rel=1e-2)
    assert risk.present[1, 7] == pytest.approx(1 - (1 - np.exp(-1.5)) * np.exp(-1.0), rel=1e-2)
    assert (risk.present[:, [0, 20]] == 1.0).all()


def test_what_was_met_wanders_in_with_drift() -> None:
    moving = RiskParams(48.0, 36_500, 0.0, 3.0)
    risk = learn_risk(CELLS, NOBODY, looked(14, 1, 3.0, days=1.0), np.full(len(CELLS), 1.0), moving, START, 1)
    still = learn_risk(CELLS, NOBODY, looked(14, 1, 3.0, days=1.0), np.full(len(CELLS), 1.0), SHARP, START, 1)
    assert risk.present[0, 14] > still.present[0, 14] and risk.present[0, 13] < 1.0


def test_nothing_known_is_said_to_be_so() -> None:
    assert "risk.nothing_known" in learn_risk(CELLS, NOBODY, NOWHERE, NOTHING, SHARP, START, 1).notes
    assert "risk.expected_only" in learn_risk(CELLS, NOBODY, NOWHERE, np.full(len(CELLS), 0.3), SHARP, START, 1).notes
    risk = learn_risk(CELLS, seen(3, 5), NOWHERE, NOTHING, SHARP, START, 1)
    assert {"risk.no_effort", "risk.no_season"} <= set(risk.notes)


def test_what_users_expect_counts_where_nobody_looked_and_yields_to_what_was_found() -> None:
    expected = NOTHING.copy()
    expected[[2, 3]] = 2.0
    risk = learn_risk(CELLS, NOBODY, looked(3, 200), expected, SHARP, START, 1)
    assert risk.mean[2] == pytest.approx(2.0 * CELLS.area_nm2[2] / 1_000)
    assert risk.mean[3] < 0.05 * risk.mean[2]


def test_what_came_after_the_plan_begins_does_not_count() -> None:
    late = learn_risk(CELLS, seen(3, 50, days=-5.0), looked(3, 5, days=-5.0), NOTHING, SHARP, START, 1)
    none = learn_risk(CELLS, NOBODY, NOWHERE, NOTHING, SHARP, START, 1)
    assert np.array_equal(late.mean, none.mean) and np.array_equal(late.present, none.present)


def test_a_season_is_learned_from_a_year_of_looks() -> None:
    at = np.array([np.datetime64("2025-01-15", "us") + np.timedelta64(30 * k, "D") for k in range(24)])
    every = Looked(at, np.full(24, 3), np.ones(24))
    summer = at[[k for k in range(24) if at[k].astype("datetime64[M]").astype(int) % 12 in (0, 1, 2)]]
    acts = Seen(np.repeat(summer, 8), np.full(8 * len(summer), 3), np.ones(8 * len(summer)))
    february = learn_risk(CELLS, acts, every, NOTHING, SHARP, datetime(2027, 2, 10, tzinfo=UTC), 1)
    august = learn_risk(CELLS, acts, every, NOTHING, SHARP, datetime(2027, 8, 10, tzinfo=UTC), 1)
    assert february.season[0] > 1.5 and august.season[0] < 0.9
    assert "risk.no_season" not in february.notes


@pytest.mark.parametrize("wrong", [{"act_h": 0.0}, {"half_life_days": -1.0}, {"watched": 1.5}, {"drift_kn": float("nan")}])
def test_parameters_that_make_no_sense_are_refused(wrong) -> None:
    with pytest.raises(ParameterError, match="expected act_h"):
        RiskParams(**wrong)
