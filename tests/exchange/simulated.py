"""What a simulated world is made of: nations whose keys, trust, disk and rest of the node are made up; the protocol between them is as it is."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import accumulate

import msgspec
from cwt.cose_key_interface import COSEKeyInterface
from cwt.exceptions import VerifyError

from seaward.exchange import bodies as b
from seaward.exchange.dialogue import Dialogue
from seaward.exchange.items import Item, Key, Released
from seaward.exchange.keys import PublicKey, SigningKey, kid_of
from seaward.exchange.label import Handling, Label, Scope
from seaward.exchange.log_memory import MemoryLog
from seaward.exchange.operations import Operation
from seaward.exchange.params import LinkParams
from seaward.exchange.policy import Policy, default_policy
from seaward.exchange.release import moment
from seaward.exchange.sender import Identity
from seaward.exchange.trust import RevokedKeys

START_MS = 1_800_000_000_000
HOUR_MS = 3_600_000


class PowerLost(Exception):
    """The node stops here and now."""


class CheapKey(COSEKeyInterface):
    """A keyed hash in the place of Ed25519, thirty times as fast: who does not hold the key cannot sign (signatures themselves: test_seal.py)."""

    def __init__(self, name: bytes) -> None:
        super().__init__({1: 1, 2: kid_of(name), 3: -8, 4: [1, 2]})
        self._secret = hashlib.sha256(name).digest()

    def sign(self, msg: bytes) -> bytes:
        return hashlib.blake2b(msg, key=self._secret).digest()

    def verify(self, msg: bytes, sig: bytes) -> None:
        if sig != self.sign(msg):
            raise VerifyError("another key, or other bytes")


@cache
def policy() -> Policy:
    return default_policy()


@cache
def key_of(nation: str, number: int) -> SigningKey:
    name = f"{nation} {number}".encode()
    return SigningKey(nation, kid_of(name), name, CheapKey(name))


@cache
def public_of(nation: str, number: int) -> PublicKey:
    key = key_of(nation, number)
    return PublicKey(nation, key.kid, 0, START_MS * 2, key.cose)


@cache
def secret_of(nation: str, other: str) -> bytes:
    """Of the pseudonyms that `other` gets of `nation`."""
    return hashlib.sha256(f"{nation}{other}".encode()).digest()


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
    """A disk that may lose power in the middle of making things safe; what it does wrong is counted."""

    def __init__(self, chance: random.Random, happened: Counter[str], keeps_all: bool = False) -> None:
        super().__init__(keeps_all)
        self.chance, self.happened, self.power_fails = chance, happened, 0.0

    def _may_fail(self) -> None:
        if self.chance.random() < self.power_fails:
            self.happened["power lost while syncing"] += 1
            raise PowerLost

    def sync(self) -> None:
        self._may_fail()
        super().sync()
        self._may_fail()

    def replace(self, records: Iterable[bytes]) -> None:
        self._may_fail()
        super().replace(records)

    def crash(self, chance: random.Random) -> None:
        before, ends = len(self.safe), {0, *accumulate(map(len, self._unsafe))}
        super().crash(chance)
        kept = len(self.safe) - before
        self.happened["unsynced writes lost"] += kept < max(ends)
        self.happened["torn write"] += kept not in ends


@dataclass
class App:
    """The rest of a node, as far as one partner is concerned: what it has taken over, kept safely."""

    cursor: tuple[int, int] = (0, 0)
    safe_cursor: tuple[int, int] = (0, 0)  # as the log knows it too
    held: dict[Key, tuple[int, bool]] = field(default_factory=dict)
    live: dict[Key, Released] = field(default_factory=dict)
    lost: int = 0
    all_lost: int = 0  # over all epochs
    refused: set[tuple[Key, int]] = field(default_factory=set)  # what lies in quarantine, where a person can see it
    heads: dict[tuple[int, int], bytes] = field(default_factory=dict)  # of what was taken, by epoch and number of the batch
    deliveries: list[tuple[Key, int]] = field(default_factory=list)
    may_repeat: bool = False  # the log once knew less than this: what comes again is passed over here
    newest_number: int = -1  # of the objects that came in their first version


@dataclass
class Node:
    """One nation."""

    nation: str
    offset_ms: int = 0
    key_number: int = 1
    crl_number: int = 0
    revoked: frozenset[bytes] = frozenset()
    objects: list[Item] = field(default_factory=list)  # all that was ever offered, in order; safe
    newest: dict[Key, Item] = field(default_factory=dict)  # of those that count one by one
    by_key: dict[Key, list[Item]] = field(default_factory=dict)
    aliases: dict[str, dict[Key, Key]] = field(default_factory=dict)  # by partner: by kind and pseudonym, what it stands for
    withdrawn: dict[Key, int] = field(default_factory=dict)  # by how many objects there were then
    operations: tuple[Operation, ...] = ()
    logs: dict[str, tuple[FlakyLog, FlakyLog]] = field(default_factory=dict)
    links: dict[str, Dialogue] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    built: dict[str, dict[str, bytes]] = field(default_factory=dict)  # by partner and name: what left
    heads: dict[str, dict[tuple[int, int, bytes], None]] = field(default_factory=dict)  # by partner: epoch, number and hash of what left, in order
    taken_ms: dict[str, dict[tuple[int, int], int]] = field(default_factory=dict)  # by partner: when a batch was put in its place, by our clock
    place: dict[str, tuple[int, int]] = field(default_factory=dict)  # by partner: the last batch in place since the start
    most_taken: dict[str, tuple[int, int]] = field(default_factory=dict)  # by partner: the last batch that ever was in place here
    room: dict[str, tuple[float, int]] = field(default_factory=dict)  # by partner: bytes of the budget left, and when that was so
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
    operation: float = 0.0
    hostile: float = 0.0
    burst: int = 1  # objects offered at once, at the most
    pace_ms: tuple[int, ...] = (200,)  # between two steps


def drawn(r: random.Random) -> tuple[Chances, LinkParams, int]:
    """What goes wrong in a world and how its links behave; after how many bytes a log is written anew."""
    chances = Chances(
        drop=r.choice([0, 0.05, 0.3]), double=r.choice([0, 0.1]), corrupt=r.choice([0, 0, 0.1]), slow_ms=r.choice([20, 700, 5_000]),
        partition=r.choice([0, 0.02]), crash=r.choice([0, 0, 0.02, 0.06]), power=r.choice([0, 0, 0.01, 0.05]), clock=r.choice([0, 0, 0.03]),
        keys=r.choice([0, 0, 0.03]), damage=r.choice([0, 0, 0, 0.01]), operation=r.choice([0, 0, 0.02]), hostile=r.choice([0, 0.05]),
        burst=r.choice([1, 1, 8]), pace_ms=r.choice([(5, 50, 300, 1_500)] * 3 + [(5, 20, 60)]),
    )  # fmt: skip
    params = LinkParams(
        budget_bytes_per_s=r.choice([None, None, 1_500, 4_000, 32_000]), batch_bytes=r.choice([1_024, 4_096]),
        window_bytes=r.choice([2_000, 3_000, 50_000]), queue_messages=r.choice([100_000, 100_000, 20, 4, 4]),
        history_expiry_s=r.choice([7 * 86_400, 7 * 86_400, 30]),
    )  # fmt: skip
    return chances, params, r.choice([2_000, 20_000])


def drawn_item(r: random.Random, node: Node, others: list[str], at_ms: int, old: list[Item]) -> Item:
    """A further object, or a further version of an old one. Its number is in it wherever the rules may leave it: who reads it knows what left."""
    number = len(node.objects)
    scope = (Scope("sar", moment(at_ms) + timedelta(minutes=5)),) if r.random() < 0.2 else ()
    rel, level = tuple(sorted(o for o in others if r.random() < 0.6)), r.choice(["LIMITED", "LIMITED", "RESTRICTED"])
    label = Label("per/1", level, "AMBER", node.nation, rel, scope=scope, handling=Handling(precision_m=r.choice([0, 0, 0, 5_000])))  # type: ignore[arg-type]
    own_unit, name = r.random() < 0.1, f"o{number}"
    lon, lat = r.randrange(-180_000_000, 180_000_000), r.randrange(-89_000_000, 89_000_000)
    match r.randrange(5):
        case 0 if old:
            before = r.choice(old)
            body = _marked(before.body, number, at_ms)
            return Item(before.id, node.newest[before.key].version + 1, "ops", r.choice([label, before.label]), body, before.own_unit)
        case 1:
            alert = b.Alert(f"o{number - 1}", "gap", "alarm", "new", at_ms, None, None, None, None, None)
            return Item(f"a{number}", 1, "ops", label, alert, own_unit)
        case 2:
            return Item(f"mmsi:{r.randrange(3):09d}", 1, "ops", label, track(number, at_ms, lon, lat), own_unit)
        case 3:
            return Item(name, 1, "ops", label, b.Chat("watch", at_ms, None, f"<secret {number}>" + "x" * r.choice([5, 300, 1_500])), own_unit)
    event = b.Event("open", "gap", at_ms, at_ms, (), lon, lat, 1, None, (), (), (), "gap/1")
    return Item(name, 1, "ops", label, _marked(event, number, at_ms), own_unit)


def track(number: int, at_ms: int, lon_udeg: int, lat_udeg: int) -> b.Track:
    """Told by state and speed, in steps that the grid of the rules leaves as they are, which object it is."""
    return b.Track(at_ms, lon_udeg, lat_udeg, None, number // 15 * 10, 1_234, None, number % 15, "a")


def number_of(found: b.Track) -> int:
    """What `track` was given."""
    return (found.sog_dkn or 0) // 10 * 15 + (found.nav_status or 0)


def _marked(body: b.Body, number: int, at_ms: int) -> b.Body:
    if isinstance(body, b.Chat):
        return msgspec.structs.replace(body, text=f"<secret {number}>", at_ms=at_ms)
    return msgspec.structs.replace(body, state="revised", vessel_ids=(f"<vessel {number}>",), areas=(f"<secret {number}>",), end_ms=at_ms)  # type: ignore[arg-type]
