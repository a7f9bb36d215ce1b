"""Two or three nations under faults drawn from a seed: the protocol as it is, a made-up network, disk and clock.

    python -m tests.exchange.simulation --seed 17            one seed, told step by step
    python -m tests.exchange.simulation --seeds 0 100000     many, over all processors

What must hold is checked after every step; once the faults stop, everything due must arrive. A failing seed fails the same way each time.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seaward.exchange import bodies as b
from seaward.exchange.audit import Entry, unpack_entry, verify
from seaward.exchange.dialogue import Dialogue
from seaward.exchange.frames import Batch, messages_of, unpack
from seaward.exchange.items import Item, Key, Released
from seaward.exchange.journal import Accepted, Built, Closed, Receipted, unpack_record
from seaward.exchange.keys import KeyRing, PublicKey, SigningKey, public_key, signing_key
from seaward.exchange.label import Label, Scope
from seaward.exchange.log_memory import MemoryLog
from seaward.exchange.operations import Operation
from seaward.exchange.params import Deliver, LinkParams, Notice, Quarantined, Send
from seaward.exchange.policy import Policy, default_policy
from seaward.exchange.release import Gate, Partner, moment
from seaward.exchange.seal import Broken, shape
from seaward.exchange.sender import Identity
from seaward.exchange.trust import RevokedKeys

START_MS = 1_800_000_000_000
NATIONS = ("PER", "USA", "ECU")
MARK = re.compile(rb"<secret (\d+)>")
HOUR_MS = 3_600_000


class Violation(AssertionError):
    """Something that must hold did not."""


class PowerLost(Exception):
    """The node stops here and now."""


@cache
def policy() -> Policy:
    return default_policy()


@cache
def key_of(nation: str, number: int) -> SigningKey:
    return signing_key(nation, hashlib.sha256(f"{nation} {number}".encode()).digest(), f"{nation} {number}".encode())


@cache
def public_of(nation: str, number: int) -> PublicKey:
    seed = hashlib.sha256(f"{nation} {number}".encode()).digest()
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return public_key(nation, public, 0, START_MS * 2)


class MadeUpTrust:
    """Takes `NATION number` for a certificate, and `NATION number kid kid` for a list of revoked keys."""

    def __init__(self, nation: str) -> None:
        self.nation = nation

    def admit(self, certificate: bytes) -> PublicKey | None:
        nation, _, number = certificate.decode(errors="replace").partition(" ")
        return public_of(nation, int(number)) if nation == self.nation and number.isascii() and number.isdecimal() else None

    def revoked(self, crl: bytes) -> RevokedKeys | None:
        nation, number, *kids = crl.decode().split()  # was verified with what it came in
        return RevokedKeys(int(number), frozenset(bytes.fromhex(k) for k in kids)) if nation == self.nation else None


class FlakyLog(MemoryLog):
    """A disk that may lose power in the middle of making things safe."""

    def __init__(self, chance: random.Random, keeps_all: bool = False) -> None:
        super().__init__(keeps_all)
        self.chance, self.power_fails = chance, 0.0

    def sync(self) -> None:
        if self.chance.random() < self.power_fails:
            raise PowerLost
        super().sync()
        if self.chance.random() < self.power_fails:
            raise PowerLost

    def replace(self, records: Iterable[bytes]) -> None:
        if self.chance.random() < self.power_fails:
            raise PowerLost
        super().replace(records)


@dataclass
class App:
    """The rest of a node, as far as one partner is concerned: what it has taken over, kept safely."""

    cursor: tuple[int, int] = (0, 0)
    held: dict[Key, tuple[int, bool]] = field(default_factory=dict)
    live: dict[Key, Released] = field(default_factory=dict)
    lost: int = 0
    all_lost: int = 0  # over all epochs
    deliveries: list[tuple[Key, int]] = field(default_factory=list)


@dataclass
class Node:
    """One nation."""

    nation: str
    offset_ms: int = 0
    key_number: int = 1
    crl_number: int = 0
    revoked: frozenset[bytes] = frozenset()
    objects: list[Item] = field(default_factory=list)  # all that was ever offered, in order; safe
    withdrawn: dict[Key, int] = field(default_factory=dict)  # by how many objects there were then
    operations: tuple[Operation, ...] = ()
    logs: dict[str, tuple[FlakyLog, FlakyLog]] = field(default_factory=dict)
    links: dict[str, Dialogue] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    built: dict[str, dict[str, bytes]] = field(default_factory=dict)  # by partner and name: what left
    dropped: dict[str, int] = field(default_factory=dict)  # messages for want of room, by partner
    damaged: set[str] = field(default_factory=set)  # partners whose log was damaged on disk

    @property
    def identity(self) -> Identity:
        crl = " ".join([self.nation, str(self.crl_number), *sorted(k.hex() for k in self.revoked)]).encode() if self.crl_number else b""
        keys = [key_of(self.nation, n) for n in range(self.key_number, 0, -1)]
        good = {k.kid: k.certificate for k in keys if k.kid not in self.revoked}
        return Identity(keys[0], dict(list(good.items())[:4]), crl, self.crl_number)


@dataclass
class Chances:
    """How often what goes wrong."""

    drop: float = 0.0
    double: float = 0.0
    corrupt: float = 0.0
    slow_ms: int = 50
    partition: float = 0.0
    crash: float = 0.0
    power: float = 0.0
    clock: float = 0.0
    keys: float = 0.0
    damage: float = 0.0


class World:
    """All nations, the network between them, and what must hold."""

    def __init__(self, seed: int, talk: bool = False) -> None:
        self.rng = random.Random(seed)
        self.talk = talk
        self.now_ms = START_MS
        self.nations = NATIONS[: self.rng.choice([2, 2, 3])]
        self.nodes = {n: Node(n) for n in self.nations}
        self.wire: list[tuple[int, int, str, str, bytes]] = []  # due, number, from, to, data
        self.count = 0
        self.cut: dict[frozenset[str], int] = {}
        r = self.rng
        self.chances = Chances(
            drop=r.choice([0, 0.05, 0.3]), double=r.choice([0, 0.1]), corrupt=r.choice([0, 0, 0.1]), slow_ms=r.choice([20, 700, 5_000]),
            partition=r.choice([0, 0.02]), crash=r.choice([0, 0.02, 0.06]), power=r.choice([0, 0.01, 0.05]), clock=r.choice([0, 0, 0.03]),
            keys=r.choice([0, 0, 0.01]), damage=r.choice([0, 0, 0, 0.01]),
        )  # fmt: skip
        self.faults = self.chances
        budget = r.choice([None, None, 4_000, 32_000])
        queue = r.choice([100_000, 100_000, 8])
        self.params = LinkParams(
            budget_bytes_per_s=budget, batch_bytes=r.choice([1_024, 4_096]), window_bytes=r.choice([3_000, 50_000]), queue_messages=queue
        )
        self.compact_bytes = r.choice([2_000, 20_000])
        self.key_changes = self.rules_change = False
        for node in self.nodes.values():
            for other in self.nations:
                if other != node.nation:
                    node.logs[other] = FlakyLog(self.rng), FlakyLog(self.rng, keeps_all=True)
                    node.apps[other] = App()
                    node.built[other] = {}
            self.start(node)

    # -- nodes

    def start(self, node: Node) -> None:
        """A node starts from what its disk holds, and its rest offers again what it has."""
        for other, (log, archive) in node.logs.items():
            gate = Gate(node.nation, "ops", policy(), node.operations)
            partner = Partner(other, hashlib.sha256(f"{node.nation}{other}".encode()).digest())
            known = KeyRing(other).with_key(public_of(other, 1))
            link = Dialogue(gate, partner, node.identity, known, MadeUpTrust(other), log, archive, self.params, self.compact_bytes)
            link.recover(self.clock(node))
            link.sender.identify(node.identity, self.clock(node))
            node.links[other] = link
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
        for logs in node.logs.values():
            for log in logs:
                log.crash(self.rng)
        for app in node.apps.values():
            app.live.clear()
        for attempt in range(50):
            try:
                self.start(node)
                return
            except PowerLost:
                assert attempt < 49
                for logs in node.logs.values():
                    for log in logs:
                        log.crash(self.rng)

    def clock(self, node: Node) -> int:
        return self.now_ms + node.offset_ms

    def pump(self, node: Node) -> None:
        for other, link in node.links.items():
            try:
                effects = link.pump(self.clock(node))
            except PowerLost:
                self.crash(node)
                return
            if self.rng.random() < self.chances.power:  # all is safe, and nobody has heard of it yet
                self.crash(node)
                return
            again = False
            for effect in effects:
                match effect:
                    case Send():
                        self.check_sent(node, other, effect)
                        self.put(node.nation, other, effect.data)
                    case Deliver():
                        self.check_delivered(node, other, effect)
                    case Notice():
                        self.say(node.nation, other, effect.code, effect.values)
                        node.dropped[other] = node.dropped.get(other, 0) + (effect.code == "overflow")
                        again = again or effect.code in ("epoch", "damaged")
                    case Quarantined():
                        self.check_quarantined(node, other, effect)
            if again:
                self.offer_again(node, other)
            if self.rng.random() < 0.3:
                link.confirm(*node.apps[other].cursor)

    # -- network

    def put(self, sender: str, to: str, data: bytes) -> None:
        r, c = self.rng, self.chances
        if self.cut.get(frozenset((sender, to)), 0) > self.now_ms or r.random() < c.drop:
            return
        for _ in range(2 if r.random() < c.double else 1):
            sent = data
            if r.random() < c.corrupt:
                changed = bytearray(data)
                changed[r.randrange(len(changed))] ^= r.randint(1, 255)
                sent = bytes(changed)
            self.count += 1
            self.wire.append((self.now_ms + r.randint(1, c.slow_ms), self.count, sender, to, sent))

    def arrive(self) -> None:
        due = sorted(w for w in self.wire if w[0] <= self.now_ms)
        self.wire = [w for w in self.wire if w[0] > self.now_ms]
        for _, _, sender, to, data in due:
            node = self.nodes[to]
            node.links[sender].receive(data, self.clock(node))

    # -- what happens

    def step(self) -> None:
        r, c = self.rng, self.chances
        self.now_ms += r.choice([5, 50, 300, 1_500])
        node = self.nodes[r.choice(self.nations)]
        if r.random() < 0.5:
            self.offer(node)
        if r.random() < c.crash:
            self.crash(node)
        if r.random() < c.partition:
            pair = frozenset(r.sample(self.nations, 2))
            self.cut[pair] = self.now_ms + r.choice([2_000, 20_000])
        if r.random() < c.clock:
            node.offset_ms = r.choice([0, 1_000, -1_000, 60_000, -60_000, 3 * HOUR_MS, -3 * HOUR_MS])
            self.say(node.nation, "clock", node.offset_ms)
        if r.random() < c.keys:
            self.change_keys(node, is_revoked=r.random() < 0.5)
        if r.random() < c.damage:
            self.damage(node)
        if r.random() < 0.02:
            self.open_operation(node)
        self.arrive()
        for n in self.nodes.values():
            if r.random() < 0.8:
                self.pump(n)

    def offer(self, node: Node) -> None:
        r = self.rng
        number = len(node.objects)
        others = [n for n in self.nations if n != node.nation]
        rel = tuple(sorted(o for o in others if r.random() < 0.6))
        scope = (Scope("sar", moment(self.clock(node)) + timedelta(minutes=5)),) if r.random() < 0.2 else ()
        label = Label("per/1", r.choice(["LIMITED", "LIMITED", "RESTRICTED"]), "AMBER", node.nation, rel, scope=scope)  # type: ignore[arg-type]
        at_ms = self.clock(node)
        mark = f"<secret {number}>"
        old = [i for i in node.objects if i.kind in ("event", "chat")]
        match r.randrange(6):
            case 0 if old:
                before = r.choice(old)
                if before.key not in node.withdrawn and before == [i for i in node.objects if i.key == before.key][-1]:
                    node.withdrawn[before.key] = number
                    self.say(node.nation, "withdraws", before.key)
                    for link in node.links.values():
                        link.withdraw(before.key)
                return
            case 1 if old:
                before = r.choice(old)
                newest = max(i.version for i in node.objects if i.key == before.key)
                if before.key in node.withdrawn:
                    return
                item = Item(before.id, newest + 1, "ops", r.choice([label, before.label]), _marked(before.body, mark, at_ms))
            case 2:
                alert = b.Alert(f"o{number - 1}", "gap", "alarm", "new", at_ms, None, None, None, None, None)
                item = Item(f"a{number}", 1, "ops", label, alert)
            case 3:
                track = b.Track(at_ms, r.randrange(-180_000_000, 180_000_000), r.randrange(-89_000_000, 89_000_000), None, 83, 1_234, None, 0, "a")
                item = Item(f"mmsi:{r.randrange(3):09d}", 1, "ops", label, track, own_unit=r.random() < 0.2)
            case 4:
                item = Item(f"o{number}", 1, "ops", label, b.Chat("watch", at_ms, None, mark + "x" * r.choice([5, 300, 1_500])))
            case _:
                event = b.Event("open", "gap", at_ms, at_ms, (mark,), 5, 5, 1, None, (), (), (), "gap/1")
                item = Item(f"o{number}", 1, "ops", label, event)
        node.objects.append(item)
        self.say(node.nation, "offers", item.key, item.version, rel, label.level)
        for link in node.links.values():
            link.offer(item, at_ms)

    def change_keys(self, node: Node, is_revoked: bool) -> None:
        self.key_changes = True
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
        self.say(node.nation, "disk damaged", other)
        self.crash(node)

    def open_operation(self, node: Node) -> None:
        self.rules_change = True
        now = moment(self.clock(node))
        partners = frozenset(n for n in self.nations if n != node.nation and self.rng.random() < 0.5)
        node.operations = (*node.operations, Operation("sar", "rescue", partners, now, now + timedelta(seconds=30)))
        for link in node.links.values():
            link.set_gate(replace(link.gate, operations=node.operations))

    # -- what must hold

    def allowed(self, node: Node, other: str, item: Item) -> bool:
        """The rules that come along, said again in other words: what may go to whom at this moment."""
        if item.label.level == "RESTRICTED":
            return False
        now = moment(self.clock(node))
        opened = [o for o in node.operations if other in o.partners and o.opened_at <= now < o.until]
        relaxed = bool(opened) and any(s.operation == "sar" and now < s.until for s in item.label.scope)
        if relaxed and item.kind in ("track", "event", "alert", "chat"):
            return True
        return other in item.label.rel and not item.own_unit

    def check_sent(self, node: Node, other: str, send: Send) -> None:
        known = node.built[other]
        if send.name in known:
            self.hold(known[send.name] == send.data, "the same name for other bytes", send.name)
        known[send.name] = send.data
        if send.lane == "history":
            place = send.name.rpartition(".")[0]
            self.hold(sum(n.startswith(place + ".") for n in known) == 1 or other in node.damaged, "two batches of the same number", place)
        shaped = shape(send.data)
        self.hold(not isinstance(shaped, Broken), "bytes that are no seal left")
        signed = unpack(shaped[1])  # type: ignore[index]
        if not isinstance(signed, Batch):
            return
        for found in MARK.findall(send.data):
            item = node.objects[int(found)]
            self.hold(self.allowed(node, other, item), "a field of a denied object left", item)
        for message in messages_of(signed):
            if isinstance(message.body, b.Track):
                newest = [i for i in node.objects if i.id == message.id]
                relaxed = any(i.label.scope for i in newest)
                exact = any((i.body.lon_udeg, i.body.lat_udeg) == (message.body.lon_udeg, message.body.lat_udeg) for i in newest)  # type: ignore[union-attr]
                self.hold(relaxed or not exact, "an exact position left", message)
            elif isinstance(message.body, b.Alert):
                self.hold(any(self.allowed(node, other, i) for i in node.objects if i.id == message.id), "a denied alert left", message)

    def check_delivered(self, node: Node, other: str, effect: Deliver) -> None:
        app, origin = node.apps[other], self.nodes[other]
        place = (effect.epoch, effect.seq)
        name = f"ops.{effect.epoch}.{effect.lane[0]}{effect.seq}"
        sent = [d for n, d in origin.built[node.nation].items() if n == name or n.startswith(name + ".")]
        batches = [unpack(shape(d)[1]) for d in sent]  # type: ignore[index]
        same = [isinstance(s, Batch) and all(m in messages_of(s) for m in effect.messages) for s in batches]
        self.hold(any(same), "taken what was never sent", place)
        if effect.lane == "live":
            for m in effect.messages:
                if isinstance(m.body, b.Withdrawal):
                    app.live.pop(m.target, None)
                else:
                    app.live[m.key] = m
            return
        if place <= app.cursor:
            return  # handed over again after a restart
        in_order = place == (app.cursor[0], app.cursor[1] + 1) or (place[0] > app.cursor[0] and place[1] == 1)
        self.hold(in_order or node.nation in self.damaged_pairs(other) or other in node.damaged, "out of order", app.cursor, place)
        if place[0] > app.cursor[0] and app.cursor[0]:
            self.hold(effect.is_after_gap or other in node.damaged, "a new epoch that is not shown")
        app.all_lost += effect.lost
        app.lost = effect.lost if place[0] > app.cursor[0] else app.lost + effect.lost
        app.cursor = place
        for m in effect.messages:
            if isinstance(m.body, b.Withdrawal):
                key = (m.body.kind, m.id)
                left = any(key[1].encode() in d for d in origin.built[node.nation].values())
                self.hold(key in app.held or left or m.body.kind == "track", "withdrawn what never left", key)
                app.held[key] = (m.version, True)
            else:
                version, gone = app.held.get(m.key, (0, False))
                self.hold(
                    m.version > version or gone or bool(node.damaged) or bool(origin.damaged), "doubled or gone back", m.key, version, m.version
                )
                app.held[m.key] = (m.version, False)
                app.deliveries.append((m.key, m.version))

    def damaged_pairs(self, nation: str) -> set[str]:
        """Whose log with this nation was damaged."""
        return {n.nation for n in self.nodes.values() if nation in n.damaged}

    def check_quarantined(self, node: Node, other: str, effect: Quarantined) -> None:
        self.say(node.nation, "quarantine", other, effect.reason)
        usual = {"shape", "signature", "key_unknown", "key_revoked", "too_short", "too_long", "form", "key_early", "key_expired"}
        damaged = other in node.damaged or node.nation in self.nodes[other].damaged
        self.hold(effect.reason in usual or damaged, "quarantined without a cause", effect.reason)

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
        for _ in range(600):
            self.now_ms += 200
            self.arrive()
            for node in self.nodes.values():
                self.pump(node)
            if not self.wire and all(self.is_quiet(n, o) for n in self.nodes.values() for o in n.links):
                break
        for node in self.nodes.values():
            for other in node.links:
                self.check_settled(node, other, last)

    def offer_last(self) -> dict[tuple[str, str], Item]:
        """A last value of each track, while everything still goes wrong."""
        last: dict[tuple[str, str], Item] = {}
        for node in self.nodes.values():
            for n in range(3):
                label = Label("per/1", "LIMITED", "AMBER", node.nation, tuple(sorted(o for o in self.nations if o != node.nation)))
                body = b.Track(self.now_ms + 4 * HOUR_MS, 1_000_000 * n, 2_000_000, None, 0, 0, None, 0, "a")
                item = last[node.nation, f"mmsi:{n:09d}"] = Item(f"mmsi:{n:09d}", 1, "ops", label, body)
                for link in node.links.values():
                    link.offer(item, self.clock(node))
        return last

    def is_quiet(self, node: Node, other: str) -> bool:
        out, into = node.links[other].sender, self.nodes[other].links[node.nation].receiver
        chain, waits = out.chain, out.offered
        same = (chain.epoch, chain.seq, chain.head) == (into.epoch, into.seq, into.head) or chain.epoch == 0
        return same and chain.acked == chain.seq == into.closed and not len(waits.history) and not waits.live.waiting and not waits.live.flying

    def check_settled(self, node: Node, other: str, last: dict[tuple[str, str], Item]) -> None:
        """All that `node` owes `other`."""
        out, their, app = node.links[other].sender, self.nodes[other].links[node.nation], self.nodes[other].apps[node.nation]
        self.hold(self.is_quiet(node, other), "not settled", node.nation, other, node.links[other].status(), their.status())
        damaged = other in node.damaged or node.nation in self.nodes[other].damaged
        self.hold(out.offered.lost == their.receiver.lost, "a gap that one side does not see", out.offered.lost, their.receiver.lost)
        if not (self.faults.crash or self.faults.power or self.faults.damage):
            self.hold(app.all_lost == node.dropped.get(other, 0), "messages dropped and not told", app.all_lost, node.dropped)
        self.hold(app.lost == out.offered.lost or damaged, "a gap that the watch does not see", app.lost, out.offered.lost)
        for key in {i.key for i in node.objects if i.kind not in b.LAST_VALUE}:
            newest = [i for i in node.objects if i.key == key][-1]
            told = out.offered.told.get(key)
            held = app.held.get((key[0], told.name if told else key[1]))
            if key in node.withdrawn:
                if held is not None and not damaged:
                    self.hold(held[1], "withdrawn and not told", key)
            elif self.allowed(node, other, newest):
                self.hold(
                    out.offered.lost > 0 or self.had_loss or (held is not None and held == (newest.version, False)),
                    "missing without a gap",
                    key,
                    held,
                    newest.version,
                )
            elif held is not None and not damaged and not self.had_loss:
                self.hold(held[1] or held[0] == newest.version, "an old version left standing", key, held)
        for (nation, _), item in last.items():
            if nation == node.nation:
                shown = app.live.get(item.key)
                self.hold(shown is not None and shown.body.at_ms <= item.body.at_ms < shown.body.at_ms + 600_000, "last value missing", item.key)  # type: ignore[union-attr]
        if not damaged:
            self.check_audit(node, other)
            if not self.key_changes and not self.rules_change and out.chain.epoch:
                began = {name.split(".")[1] for name in node.built[other] if ".h" in name or ".l" in name}
                self.hold(len(began) <= 1, "a new epoch without a cause", began)

    @property
    def had_loss(self) -> bool:
        return self.params.queue_messages < 100

    def check_audit(self, node: Node, other: str) -> None:
        entries = archive_of(node, other)
        rings = []
        for nation in (node.nation, other):
            ring = KeyRing(nation)
            for n in range(1, self.nodes[nation].key_number + 1):
                ring = ring.with_key(public_of(nation, n))
            rings.append(ring)
        report = verify(entries, *rings)
        self.hold(report.is_whole, "the archive proves not to be whole", report)
        out = node.links[other].sender
        for proof in report.epochs:
            if proof.direction == "sent" and proof.epoch == out.chain.epoch:
                self.hold(proof.batches == proof.signed_by_both == out.chain.seq, "not signed by both", proof)

    def hold(self, holds: bool, what: str, *values: Any) -> None:
        if not holds:
            raise Violation(f"{what}: {values}")

    def say(self, *values: Any) -> None:
        if self.talk:
            print(f"{(self.now_ms - START_MS) / 1000:9.3f}", *values)  # noqa: T201


def archive_of(node: Node, other: str) -> list[Entry]:
    """Archive and log together."""
    log, archive = node.logs[other]
    found = [e for r in archive.read()[0] if (e := unpack_entry(r)) is not None]
    kinds = {Built: "sent", Accepted: "received", Receipted: "receipt", Closed: "checkpoint"}
    for data in log.read()[0]:
        record = unpack_record(data)
        if type(record) in kinds:
            found.append(Entry(kinds[type(record)], record.epoch, record.seq, record.sealed))  # type: ignore[arg-type, union-attr]
    return found


def _marked(body: b.Body, mark: str, at_ms: int) -> b.Body:
    if isinstance(body, b.Chat):
        return msgspec.structs.replace(body, text=mark, at_ms=at_ms)
    return msgspec.structs.replace(body, state="revised", vessel_ids=(mark,), end_ms=at_ms)  # type: ignore[arg-type]


def run(seed: int, steps: int = 120, talk: bool = False) -> World:
    """One world from a seed; Violation where something does not hold."""
    world = World(seed, talk)
    for node in world.nodes.values():
        for logs in node.logs.values():
            for log in logs:
                log.power_fails = world.chances.power
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


def sweep(first: int, end: int, chunk: int = 200) -> list[tuple[int, str]]:
    """Many seeds over all processors."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        parts = [pool.submit(failing, at, min(at + chunk, end)) for at in range(first, end, chunk)]
        return [f for part in parts for f in part.result()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--seeds", type=int, nargs=2, metavar=("FIRST", "END"))
    asked = parser.parse_args()
    if asked.seed is not None:
        run(asked.seed, talk=True)
        print("holds")  # noqa: T201
    else:
        began = time.perf_counter()
        found = sweep(*(asked.seeds or (0, 1_000)))
        for seed, why in found:
            print(f"seed {seed}: {why[:300]}")  # noqa: T201
        print(f"{len(found)} failed, {time.perf_counter() - began:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
