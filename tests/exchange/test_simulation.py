"""Two and three nations under seeded faults. A seed that fails: `python -m tests.exchange.simulation --seed N`."""

from __future__ import annotations

import pytest

from tests.exchange.simulation import failing, run, sweep


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_what_must_hold_holds_under_faults(first: int) -> None:
    assert failing(first, first + 40) == []


def test_a_seed_runs_the_same_way_each_time() -> None:
    def told(seed: int) -> list[object]:
        world = run(seed)
        return [(n.nation, o, n.links[o].status(), sorted(n.built[o])) for n in world.nodes.values() for o in n.links]

    assert told(5) == told(5) != told(6)


def test_the_faults_do_happen_and_the_work_gets_done() -> None:
    worlds = [run(seed) for seed in range(60)]
    taken = sum(len(a.deliveries) for w in worlds for n in w.nodes.values() for a in n.apps.values())
    copies = sum(link.status().copies for w in worlds for n in w.nodes.values() for link in n.links.values())
    epochs = {len({name.split(".")[1] for name in b if ".h" in name}) for w in worlds for n in w.nodes.values() for b in n.built.values()}
    assert taken > 500 and copies > 50 and max(epochs) > 1
    assert any(n.damaged for w in worlds for n in w.nodes.values()) and any(n.key_number > 1 for w in worlds for n in w.nodes.values())
    assert any(n.dropped.get(o, 0) for w in worlds for n in w.nodes.values() for o in n.links)


@pytest.mark.soak
def test_what_must_hold_holds_for_a_hundred_thousand_seeds() -> None:
    assert sweep(0, 100_000) == []
