"""Two or three nations under faults drawn from a seed: the protocol as it is, a made-up network, disk and clock.

    python -m tests.exchange.simulation --seed 17            one seed, told step by step
    python -m tests.exchange.simulation --seeds 0 100000     many, over all processors

What must hold (must_hold.py) is checked after every step; once the faults stop, everything due must arrive. A failing seed fails the same way each
time.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

from seaward.exchange import bodies as b
from seaward.exchange.degrade import pseudonym
from seaward.exchange.dialogue import Dialogue
from seaward.exchange.frames import sealed_hash
from seaward.exchange.items import Item
from seaward.exchange.keys import KeyRing
from seaward.exchange.label import Label
from seaward.exchange.operations import Operation
from seaward.exchange.params import Deliver, Effect, Notice, Quarantined, Send
from seaward.exchange.release import Gate, Partner, moment
from seaward.exchange.seal import key_named
from tests.exchange.attacks import attack
from tests.exchange.must_hold import check_budget, check_delivered, check_quarantined, check_sent, check_settled, check_step, hold, overflows
from tests.exchange.simulated import (
    HOUR_MS,
    START_MS,
    App,
    Chances,
    FlakyLog,
    MadeUpTrust,
    Node,
    PowerLost,
    drawn,
    drawn_item,
    key_of,
    policy,
    public_of,
    secret_of,
    track,
)

NATIONS = ("PER", "USA", "ECU")
Wire = tuple[int, int, str, str, bytes, bool]  # due, number, from, to, data, whether it must change nothing


class World:
    """All nations, and the network between them."""

    def __init__(self, seed: int, talk: bool = False) -> None:
        self.rng = random.Random(seed)
        self.talk = talk
        self.now_ms = START_MS
        self.nations = NATIONS[: self.rng.choice([2, 2, 3])]
        self.nodes = {n: Node(n) for n in self.nations}
        self.wire: list[Wire] = []
        self.count = self.newest_came = 0
        self.cut: dict[frozenset[str], int] = {}
        self.happened: Counter[str] = Counter({f"{len(self.nations)} nations": 1})
        self.chances, self.params, self.compact_bytes = drawn(self.rng)
        self.faults = self.chances
        self.has_expiry = self.params.history_expiry_s < 3_600
        self.key_changes = False
        for node in self.nodes.values():
            for other in self.nations:
                if other != node.nation:
                    logs = FlakyLog(self.rng, self.happened), FlakyLog(self.rng, self.happened, keeps_all=True)
                    for log in logs:
                        log.power_fails = self.chances.power
                    node.logs[other], node.apps[other], node.aliases[other], node.built[other] = logs, App(), {}, {}
                    node.heads[other], node.taken_ms[other], node.most_taken[other] = {}, {}, (0, 0)
            self.restart(node)

    # -- nodes

    def restart(self, node: Node) -> None:
        """A node starts from what its disk holds; power may fail on the way."""
        for attempt in range(50):
            try:
                self.start(node)
                return
            except PowerLost:
                assert attempt < 49
                self.lose(node)

    def start(self, node: Node) -> None:
        """A node starts from what its disk holds, and its rest offers again what it has."""
        for other, (log, archive) in node.logs.items():
            gate = Gate(node.nation, "ops", policy(), node.operations)
            known = KeyRing(other).with_key(public_of(other, 1))
            partner = Partner(other, secret_of(node.nation, other))
            link = Dialogue(gate, partner, node.identity, known, MadeUpTrust(other), log, archive, self.params, self.compact_bytes)
            link.recover(self.clock(node), node.apps[other].cursor)
            node.apps[other].may_repeat |= node.apps[other].cursor > (link.receiver.epoch, link.receiver.seq)
            link.sender.identify(node.identity, self.clock(node))
            node.links[other] = link
        node.room.clear()
        node.place.clear()
        self.offer_again(node)

    def offer_again(self, node: Node, only: str | None = None) -> None:
        for other, link in node.links.items():
            if only in (None, other):
                for n, item in enumerate(node.objects):
                    if item.kind not in b.LAST_VALUE and n >= node.withdrawn.get(item.key, 0):
                        link.offer(item, self.clock(node))
                for key in node.withdrawn:
                    if not any(i.key == key for i in node.objects[node.withdrawn[key] :]):
                        link.withdraw(key)

    def crash(self, node: Node) -> None:
        self.say(node.nation, "stops")
        self.happened["crash"] += 1
        self.lose(node)
        for other, app in node.apps.items():
            app.live.clear()
            node.dropped[other] = node.dropped.get(other, 0) + overflows(node.links[other].sender.offered.notices)  # told to nobody
        self.restart(node)

    def lose(self, node: Node) -> None:
        """Power goes: what was not made safe is gone, wholly or in part."""
        for logs in node.logs.values():
            for log in logs:
                log.crash(self.rng)

    def clock(self, node: Node) -> int:
        return self.now_ms + node.offset_ms

    def pump(self, node: Node) -> None:
        for other, link in node.links.items():
            self.take(node, other, link.came())
            if self.rng.random() < 0.3:
                link.confirm(*node.apps[other].cursor)
            if self.rng.random() < self.chances.power:  # taken over by the rest of the node, and not safe in the log
                self.happened["taken and not safe"] += 1
                self.crash(node)
                return
            try:
                effects = link.pump(self.clock(node))
            except PowerLost:
                self.crash(node)
                return
            app = node.apps[other]
            into = link.receiver
            app.safe_cursor = min(app.cursor, (into.epoch, into.seq)) if into.seq else app.safe_cursor
            if self.rng.random() < self.chances.power:  # all is safe, and nobody has heard of it yet
                self.crash(node)
                return
            check_budget(self, node, other, [e for e in effects if isinstance(e, Send)])
            self.take(node, other, effects)

    def take(self, node: Node, other: str, effects: list[Effect]) -> None:
        """The rest of the node and the network get what is theirs."""
        again = False
        for effect in effects:
            match effect:
                case Send():
                    check_sent(self, node, other, effect)
                    self.put(node.nation, other, effect.data)
                case Deliver():
                    check_delivered(self, node, other, effect)
                case Notice():
                    self.say(node.nation, other, effect.code, effect.values)
                    self.happened[effect.code] += 1
                    node.dropped[other] = node.dropped.get(other, 0) + (effect.code == "overflow")
                    again = again or effect.code in ("epoch", "damaged")
                case Quarantined():
                    check_quarantined(self, node, other, effect)
        if again:
            self.offer_again(node, other)

    # -- network

    def put(self, sender: str, to: str, data: bytes) -> None:
        r, c = self.rng, self.chances
        if self.cut.get(frozenset((sender, to)), 0) > self.now_ms:
            self.happened["cut off"] += 1
            return
        if r.random() < c.drop:
            self.happened["drop"] += 1
            return
        copies = 2 if r.random() < c.double else 1
        self.happened["duplicate"] += copies - 1
        for _ in range(copies):
            sent = data
            if r.random() < c.corrupt:
                changed = bytearray(data)
                changed[r.randrange(len(changed))] ^= r.randint(1, 255)
                sent = bytes(changed)
                self.happened["corrupted bytes"] += 1
            self.post(sender, to, sent, r.randint(1, c.slow_ms))

    def post(self, sender: str, to: str, data: bytes, after_ms: int, is_hostile: bool = False) -> None:
        self.count += 1
        self.wire.append((self.now_ms + after_ms, self.count, sender, to, data, is_hostile))

    def arrive(self) -> None:
        due = sorted(w for w in self.wire if w[0] <= self.now_ms)
        self.wire = [w for w in self.wire if w[0] > self.now_ms]
        for due_ms, number, sender, to, data, is_hostile in due:
            self.happened["reorder"] += number < self.newest_came
            self.happened["delay"] += self.now_ms - due_ms >= 0 and self.chances.slow_ms > 700
            self.newest_came = max(self.newest_came, number)
            node = self.nodes[to]
            link, now_ms = node.links[sender], self.clock(node)
            into = link.receiver
            known = into.verifier.crl_number
            if is_hostile and key_named(data) in self.nodes[sender].revoked and known < self.nodes[sender].crl_number:
                continue  # not heard of, or forgotten: not yet safe when it stopped, or lost with a damaged log (docs/security.md)
            before = into.epoch, into.seq, into.head, into.live_seq, into.live_seen, into.closed, len(into.verifier.introductions)
            link.receive(data, now_ms)
            first = before[1] + 1 if into.epoch == before[0] else 1
            node.taken_ms[sender].update({(into.epoch, seq): now_ms for seq in range(first, into.seq + 1)})
            if is_hostile or key_named(data) in into.verifier.ring.revoked:
                after = into.epoch, into.seq, into.head, into.live_seq, into.live_seen, into.closed, len(into.verifier.introductions)
                hold(before == after, "taken from one who may not say it", sender, to)

    # -- what happens

    def step(self) -> None:
        r, c = self.rng, self.chances
        self.now_ms += r.choice(c.pace_ms)
        node = self.nodes[r.choice(self.nations)]
        if r.random() < 0.5:
            for _ in range(r.randint(1, c.burst)):
                self.offer(node)
        if r.random() < c.crash:
            self.crash(node)
        if r.random() < c.partition:
            pair = frozenset(r.sample(self.nations, 2))
            self.cut[pair] = self.now_ms + r.choice([2_000, 20_000])
            self.happened["partition"] += 1
        if r.random() < c.clock:
            node.offset_ms = r.choice([0, 1_000, -1_000, 60_000, -60_000, 3 * HOUR_MS, -3 * HOUR_MS])
            self.say(node.nation, "clock", node.offset_ms)
            self.happened["clock jump"] += 1
        if r.random() < c.keys:
            self.change_keys(node, is_revoked=r.random() < 0.5)
        if r.random() < c.damage:
            self.damage(node)
        if r.random() < c.operation:
            self.open_operation(node)
        if r.random() < c.hostile:
            attack(self, node)
        self.arrive()
        for n in self.nodes.values():
            if r.random() < 0.8:
                self.pump(n)
        check_step(self)

    def offer(self, node: Node) -> None:
        """One more object, a further version of one, or a withdrawal."""
        old = [i for i in node.objects if i.kind in ("event", "chat") and i.key not in node.withdrawn]
        if old and self.rng.random() < 0.15:
            key = self.rng.choice(old).key
            node.withdrawn[key] = len(node.objects)
            self.happened["withdrawal"] += 1
            self.say(node.nation, "withdraws", key)
            for link in node.links.values():
                link.withdraw(key)
            return
        item = drawn_item(self.rng, node, [n for n in self.nations if n != node.nation], self.clock(node), old)
        self.keep(node, item)
        self.say(node.nation, "offers", item.key, item.version, item.label.rel, item.label.level)
        for link in node.links.values():
            link.offer(item, self.clock(node))

    def keep(self, node: Node, item: Item) -> None:
        """The rest of the node knows of one more object."""
        node.objects.append(item)
        node.by_key.setdefault(item.key, []).append(item)
        if item.kind not in b.LAST_VALUE:
            node.newest[item.key] = item
        for other in node.links:
            node.aliases[other][item.kind, pseudonym(item.kind, item.id, secret_of(node.nation, other))] = item.key

    def change_keys(self, node: Node, is_revoked: bool) -> None:
        self.key_changes = True
        self.happened["revocation" if is_revoked else "rotation"] += 1
        if is_revoked:
            node.revoked |= {key_of(node.nation, node.key_number).kid}
            node.crl_number += 1
        node.key_number += 1
        self.say(node.nation, "key", node.key_number, "revoked" if is_revoked else "rotated")
        for link in node.links.values():
            link.identify(node.identity, self.clock(node))

    def damage(self, node: Node) -> None:
        """The disk changes or loses what it had made safe; the node is started again from what is left."""
        other = self.rng.choice(list(node.logs))
        log = node.logs[other][0]
        (log.corrupt if self.rng.random() < 0.6 else log.cut)(self.rng)
        node.damaged.add(other)
        self.happened["damaged disk"] += 1
        self.say(node.nation, "disk damaged", other)
        self.crash(node)

    def open_operation(self, node: Node) -> None:
        now = moment(self.clock(node))
        partners = frozenset(n for n in self.nations if n != node.nation and self.rng.random() < 0.5)
        node.operations = (*node.operations, Operation("sar", "rescue", partners, now, now + timedelta(seconds=30)))
        self.happened["operation"] += 1
        for link in node.links.values():
            link.set_gate(replace(link.gate, operations=node.operations))

    # -- once the faults stop

    def settle(self) -> None:
        """No more faults: after a while everything due has come, and both sides hold the same signed log."""
        last = self.offer_last()
        for node in self.nodes.values():
            self.pump(node)
        self.chances = Chances()
        self.cut.clear()
        for node in self.nodes.values():
            node.offset_ms = 0
            node.operations = ()
            for link in node.links.values():
                link.set_gate(replace(link.gate, operations=()))
            for logs in node.logs.values():
                for log in logs:
                    log.power_fails = 0.0
        self.now_ms += 1_000
        for node in self.nodes.values():
            for link in node.links.values():
                if not link.sender.offered.shown:  # it has just been started again: its rest tells it the newest
                    for item in (i for (nation, _), i in last.items() if nation == node.nation):
                        link.offer(item, self.now_ms)
        for _ in range(2_000):
            self.now_ms += 200
            self.arrive()
            for node in self.nodes.values():
                self.pump(node)
            check_step(self)
            if not self.wire and all(self.is_quiet(n, o) for n in self.nodes.values() for o in n.links):
                break
        for node in self.nodes.values():
            for other in node.links:
                check_settled(self, node, other, last)

    def offer_last(self) -> dict[tuple[str, str], Item]:
        """A last value of each track, while everything still goes wrong."""
        last: dict[tuple[str, str], Item] = {}
        for node in self.nodes.values():
            for n in range(3):
                label = Label("per/1", "LIMITED", "AMBER", node.nation, tuple(sorted(o for o in self.nations if o != node.nation)))
                number = len(node.objects)
                body = track(number, self.now_ms + 4 * HOUR_MS, 1_000_001 * n, 2_000_001)
                item = last[node.nation, f"mmsi:{n:09d}"] = Item(f"mmsi:{n:09d}", 1, "ops", label, body)
                self.keep(node, item)
                for link in node.links.values():
                    link.offer(item, self.clock(node))
        return last

    def is_quiet(self, node: Node, other: str) -> bool:
        out, into = node.links[other].sender, self.nodes[other].links[node.nation].receiver
        chain, waits = out.chain, out.offered
        same = (chain.epoch, chain.seq, chain.head) == (into.epoch, into.seq, into.head) or chain.epoch == 0
        is_known = into.verifier.crl_number == node.crl_number
        is_empty = not len(waits.history) and not waits.live.waiting and not waits.live.flying
        return same and is_known and is_empty and chain.acked == chain.seq == into.closed

    def say(self, *values: Any) -> None:
        if self.talk:
            print(f"{(self.now_ms - START_MS) / 1000:9.3f}", *values)  # noqa: T201

    def fingerprint(self) -> bytes:
        """Differs where anything at all that left or happened differs."""
        left = [(n.nation, o, name, sealed_hash(d)) for n in self.nodes.values() for o, built in n.built.items() for name, d in built.items()]
        return sealed_hash(repr((left, sorted(self.happened.items()))).encode())


def run(seed: int, steps: int = 120, talk: bool = False) -> World:
    """One world from a seed; Violation where something does not hold."""
    world = World(seed, talk)
    for _ in range(steps):
        world.step()
    world.settle()
    return world


def failing(first: int, end: int) -> list[tuple[int, str]]:
    """The seeds that fail, and how."""
    found = []
    for seed in range(first, end):
        try:
            run(seed)
        except Exception as e:
            found.append((seed, f"{type(e).__name__}: {e}"))
    return found


def sweep(first: int, end: int, processes: int | None = None, chunk: int = 200) -> list[tuple[int, str]]:
    """Many seeds over all processors."""
    with ProcessPoolExecutor(processes or os.cpu_count()) as pool:
        parts = [pool.submit(failing, at, min(at + chunk, end)) for at in range(first, end, chunk)]
        return [f for part in parts for f in part.result()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--seeds", type=int, nargs=2, metavar=("FIRST", "END"))
    parser.add_argument("--processes", type=int)
    asked = parser.parse_args()
    if asked.seed is not None:
        world = run(asked.seed, talk=True)
        print("holds", world.happened)  # noqa: T201
    else:
        began = time.perf_counter()
        found = sweep(*(asked.seeds or (0, 1_000)), processes=asked.processes)
        for seed, why in found:
            print(f"seed {seed}: {why[:300]}")  # noqa: T201
        print(f"{len(found)} failed, {time.perf_counter() - began:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
