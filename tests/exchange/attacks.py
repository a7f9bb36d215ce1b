"""Who may say nothing and speaks all the same: what someone on a simulated network sends, and what must change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seaward.exchange import bodies as b
from seaward.exchange.frames import HISTORY, Batch, pack, rows_of
from seaward.exchange.items import Released
from seaward.exchange.label import Label
from seaward.exchange.seal import seal
from tests.exchange.simulated import HOUR_MS, Node, key_of

if TYPE_CHECKING:
    from tests.exchange.simulation import World


def attack(world: World, node: Node) -> None:
    """Someone on the network sends one of the partners of `node` what must change nothing there."""
    r = world.rng
    other = r.choice(list(node.links))
    kind = r.choice(["replay", "astray", "uncertified", "foreign realm", *["revoked"] * (9 if node.revoked else 0)])
    known = list(node.built[other].values())
    if kind == "replay" and known:
        world.post(node.nation, other, r.choice(known), r.randint(1, 5_000))  # may also be what never came the first time
    elif kind == "astray" and known:
        elsewhere = r.choice([n for n in world.nations if n != other])  # another partner, or whoever signed it
        world.post(other if elsewhere == node.nation else node.nation, elsewhere, r.choice(known), 1, is_hostile=True)
    elif kind in ("uncertified", "foreign realm"):
        world.post(node.nation, other, _forged(world, node, other, 99 if kind == "uncertified" else node.key_number, kind), 1, is_hostile=True)
    elif kind == "revoked" and node.revoked and world.nodes[other].links[node.nation].receiver.verifier.crl_number == node.crl_number:
        number = r.choice([n for n in range(1, node.key_number) if key_of(node.nation, n).kid in node.revoked])
        world.post(node.nation, other, _forged(world, node, other, number, kind), 1, is_hostile=True)
    else:
        return
    world.happened[f"hostile: {kind}"] += 1


def _forged(world: World, node: Node, other: str, key_number: int, kind: str) -> bytes:
    """The very next batch, as one who may not would sign it."""
    into = world.nodes[other].links[node.nation].receiver
    label = Label("per/1", "LIMITED", "AMBER", node.nation, (other,))
    labels, rows, labels_hash = rows_of([Released("forged", 1, label, b.Chat("watch", world.now_ms, None, "forged"))])
    realm = "ex:drill" if kind == "foreign realm" else "ops"
    batch = Batch(node.nation, other, realm, world.now_ms, max(1, into.epoch), HISTORY, into.seq + 1, into.head, labels_hash,
                  world.now_ms + 24 * HOUR_MS, into.lost, 0, labels, rows)  # fmt: skip
    return seal(pack(batch), key_of(node.nation, key_number))
