"""Plans: better than looking alone, the same for the same seed, and what is fixed stays."""

from __future__ import annotations

import numpy as np
import pytest

from seaward.core.errors import ParameterError
from seaward.patrol.coverage import Effort, plan_routes
from seaward.patrol.routes import best_route
from tests.patrol.small_sea import fleet, risk


def test_a_plan_finds_more_than_every_asset_on_its_own_best_route() -> None:
    f = fleet(4, 10, 3, 2)
    weight = risk(16)
    alone = f.covers([best_route(f.groups[k].lattice, weight, f.groups[k].start)[1] for k in f.member]).sum(axis=0)
    plan = plan_routes(f, weight, 1, Effort(40, 60))
    assert plan.value > 1.3 * float(weight @ -np.expm1(-alone))


def test_the_same_seed_gives_the_same_plan_and_more_rounds_never_less() -> None:
    f, weight = fleet(4, 10, 2, 1), risk(16)
    one, two = (plan_routes(f, weight, 5, Effort(20, 30)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one.paths, two.paths, strict=True))
    assert plan_routes(f, weight, 5, Effort(20, 0)).value <= one.value


def test_what_is_fixed_stays() -> None:
    f, weight = fleet(4, 10, 2, 1), risk(16)
    begin = plan_routes(f, weight, 5, Effort(20, 10))
    plan = plan_routes(f, risk(16, 9), 5, Effort(20, 30), begin=begin.paths, fixed=(0, 2))
    assert np.array_equal(plan.paths[0], begin.paths[0]) and np.array_equal(plan.paths[2], begin.paths[2])
    assert not np.array_equal(plan.paths[1], begin.paths[1])


@pytest.mark.parametrize(("width", "rounds"), [(0, 1), (10, -1), (10**6, 1)])
def test_an_effort_that_makes_no_sense_is_refused(width, rounds) -> None:
    with pytest.raises(ParameterError, match="width of 1 to"):
        Effort(width, rounds)
