"""Two and three nations under seeded faults. A seed that fails: `python -m tests.exchange.simulation --seed N`."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.exchange.simulation import failing, run, sweep


@pytest.mark.parametrize("first", range(0, 400, 40))
def test_what_must_hold_holds_under_faults(first: int) -> None:
    assert failing(first, first + 40) == []


def test_a_seed_runs_the_same_way_each_time() -> None:
    assert run(5).fingerprint() == run(5).fingerprint() != run(6).fingerprint()


def test_the_faults_do_happen_and_the_work_gets_done() -> None:
    worlds = [run(seed) for seed in range(60)]
    happened = sum((w.happened for w in worlds), Counter())
    least = {
        "2 nations": 20, "3 nations": 10, "drop": 500, "duplicate": 300, "reorder": 2_000, "delay": 1_000, "partition": 20, "cut off": 300,
        "corrupted bytes": 100, "crash": 200, "power lost while syncing": 100, "torn write": 50, "unsynced writes lost": 100, "damaged disk": 5,
        "clock jump": 30, "overflow": 50, "withdrawal": 200, "revocation": 5, "rotation": 5, "budget used up": 50, "expired": 10, "operation": 10,
        "taken and not safe": 50, "epoch": 10, "gap.epoch": 10, "gap.lost": 10, "hostile: replay": 10, "hostile: astray": 10,
        "hostile: uncertified": 10, "hostile: revoked": 1, "hostile: foreign realm": 10,
    }  # fmt: skip
    assert {what: happened[what] for what, n in least.items() if happened[what] < n} == {}
    taken = sum(len(a.deliveries) for w in worlds for n in w.nodes.values() for a in n.apps.values())
    copies = sum(link.status().copies for w in worlds for n in w.nodes.values() for link in n.links.values())
    assert taken > 1_000 and copies > 200


@pytest.mark.parametrize("seed", [47_085, 52_117, 62_134, 64_925, 98_568])
def test_a_disk_that_forgets_a_batch_while_the_partner_stops_hides_nothing(seed: int) -> None:
    assert run(seed).happened["another batch of a number taken over"] > 0


def test_a_batch_of_an_epoch_that_was_left_is_passed_over_by_a_node_that_stopped_on_the_way() -> None:
    run(35_414)


@pytest.mark.soak
def test_what_must_hold_holds_for_a_hundred_thousand_seeds() -> None:
    assert sweep(0, 100_000) == []
