"""Routes: the best one against all of them, the beam against the best one, endurance, rest, and assets already at sea."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.patrol.lattice import Lattice, Reach, Start
from seaward.patrol.routes import Path, beam_route, best_route, cover_of, prospects
from tests.patrol.small_sea import lattice, risk

BOAT = Reach(15.0, (12.0,), 24.0, 12.0)


def all_routes(x: Lattice, start: Start) -> list[Path]:
    """Every route, by trying all moves."""
    n, found = x.cells, []

    def go(path: list[int], t: int, node: int, age: int) -> None:
        if t == x.steps:
            if node == n:
                found.append(np.array(path, np.int32))
            return
        if node == n:
            go([*path, n], t + 1, n, 0)
            if x.departs[t]:
                for j in range(n):
                    if t + x.home[j] <= x.steps and x.home[j] <= x.sortie:
                        go([*path, *[-1] * (x.home[j] - 1), j], t + x.home[j], j, x.home[j])
            return
        if age + x.home[node] <= x.sortie and t + x.home[node] <= x.steps:
            ready = min(t + x.home[node] + x.rest, x.steps)
            go([*path, *[-1] * (x.home[node] - 1), *[n] * (ready - t - x.home[node] + 1)], ready, n, 0)
        for k in range(x.first[node], x.first[node + 1]):
            if age < x.sortie:
                go([*path, int(x.to[k])], t + 1, int(x.to[k]), age + 1)

    go([start.node], start.step, start.node, start.age)
    return [np.concatenate([np.full(start.step, -1, np.int32), p]).astype(np.int32) for p in found]


def worth(x: Lattice, path: Path, price: np.ndarray) -> float:
    pots, z = cover_of(x, path)
    return float(price[pots] @ -np.expm1(-z))


@pytest.mark.parametrize("reach", [None, BOAT], ids=["a ship that stays out", "a boat that must rest"])
@pytest.mark.parametrize("start", [Start(4), Start(3, 1, 1)], ids=["from port", "from sea"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_best_route_is_the_best_of_all_routes(reach, start, seed) -> None:
    x, price = lattice(2, 5, reach), risk(4, seed)
    routes = all_routes(x, start)
    value, path = best_route(x, price, start)
    assert len(routes) > 10
    assert value == pytest.approx(max(worth(x, p, price) for p in routes))
    assert value == pytest.approx(worth(x, path, price))
    assert any(np.array_equal(path, p) for p in routes) or start.step > 0


@pytest.mark.parametrize("reach", [None, BOAT], ids=["a ship that stays out", "a boat that must rest"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_wide_beam_finds_the_route_that_finds_most(reach, seed) -> None:
    x, held = lattice(2, 5, reach), risk(4, seed)
    value, path = beam_route(x, held, Start(4), 3_000, np.zeros((6, 5)), per_node=3_000)

    def finds(p: Path) -> float:
        pots, z = cover_of(x, p)
        return float(held @ -np.expm1(-np.bincount(pots, z, 4)))

    assert value == pytest.approx(max(finds(p) for p in all_routes(x, Start(4))))
    assert value == pytest.approx(finds(path))


@given(st.integers(0, 50), st.integers(1, 60))
def test_a_beam_never_says_more_than_its_route_finds_and_never_beats_the_additive_best(seed, width) -> None:
    x, held = lattice(3, 8, BOAT), risk(9, seed)
    value, path = beam_route(x, held, Start(9), width, prospects(x, 0.3 * held, Start(9)))
    pots, z = cover_of(x, path)
    assert value == pytest.approx(float(held @ -np.expm1(-np.bincount(pots, z, 9))))
    assert value <= best_route(x, held, Start(9))[0] + 1e-9


@given(st.integers(0, 30))
def test_boats_are_home_in_time_and_rest(seed) -> None:
    x = lattice(3, 14, BOAT)
    for path in (best_route(x, risk(9, seed), Start(9))[1], beam_route(x, risk(9, seed), Start(9), 20, np.zeros((15, 10)))[1]):
        out, ashore = 0, x.rest
        for k in range(1, len(path)):
            if path[k] == 9:
                if out:
                    assert out + 1 <= x.sortie
                    ashore = 0
                else:
                    ashore += 1
                out = 0
            else:
                if not out:
                    assert ashore >= x.rest
                out += 1
        assert path[0] == path[-1] == 9


def test_an_asset_that_cannot_be_home_in_time_has_no_route() -> None:
    x = lattice(3, 4, BOAT)
    assert best_route(x, risk(9), Start(8, 2, 3))[0] == -np.inf
    assert len(best_route(x, risk(9), Start(8, 2, 3))[1]) == 0
    assert len(beam_route(x, risk(9), Start(8, 2, 3), 10, np.zeros((5, 10)))[1]) == 0


def test_coverage_of_a_step_is_sweep_width_times_way_over_area() -> None:
    x = lattice(2, 3)
    stay = next(k for k in range(x.first[0], x.first[1]) if x.to[k] == 0)
    move = next(k for k in range(x.first[0], x.first[1]) if x.to[k] == 1)
    assert x.cover[0, stay] == pytest.approx(20.0 * 13.0 * 6.0 / 3_600.0)
    assert x.cover[0, move] == pytest.approx(20.0 * 13.0 * (6.0 - 30.0 / 13.0) / 3_600.0)  # half the way of 60 nm is looked for


def test_at_night_the_sweep_is_narrower() -> None:
    x = lattice(2, 8, levels=2)
    assert x.cover[1] == pytest.approx(x.cover[0] / 2)
    _, z = cover_of(x, np.array([4, 0, 0, 0, 0, 0, 0, 0, 4], np.int32))
    assert z[2] == pytest.approx(z[1] / 2)  # the third step is the first by night


def test_epochs_keep_what_was_found_apart() -> None:
    x = lattice(2, 4, epochs=2)
    pots, _ = cover_of(x, np.array([4, 0, 0, 0, 4], np.int32))
    assert pots.tolist() == [0, 0, 4]
