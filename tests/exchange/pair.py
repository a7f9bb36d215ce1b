"""Two nations with a link that the test holds in its hands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from seaward.exchange.dialogue import Dialogue
from seaward.exchange.frames import Batch, Receipt, messages_of, pack, unpack
from seaward.exchange.items import Item, Released
from seaward.exchange.keys import PublicKey
from seaward.exchange.log_memory import MemoryLog
from seaward.exchange.params import Deliver, Effect, LinkParams, Notice, Quarantined, Send
from seaward.exchange.policy import default_policy
from seaward.exchange.release import Gate, Partner
from seaward.exchange.seal import seal, shape
from seaward.exchange.sender import Identity
from seaward.exchange.trust import RevokedKeys
from tests.exchange.made import NOW_MS, private_key, ring

POLICY = default_policy()


class NamedTrust:
    """Takes `NATION number` for a certificate and `number kid kid` for a list of revoked keys."""

    def __init__(self, nation: str) -> None:
        self.nation = nation

    def admit(self, certificate: bytes) -> PublicKey | None:
        nation, _, number = certificate.decode(errors="replace").partition(" ")
        return next(iter(ring(nation, int(number)).keys.values())) if nation == self.nation and number.isdecimal() else None

    def revoked(self, crl: bytes) -> RevokedKeys | None:
        number, *kids = crl.decode().split()
        return RevokedKeys(int(number), frozenset(bytes.fromhex(k) for k in kids))


def identity(nation: str, *numbers: int, crl: bytes = b"", crl_number: int = 0) -> Identity:
    """Signs with the last of these keys, and introduces all."""
    keys = [private_key(nation, n) for n in reversed(numbers or (1,))]
    return Identity(keys[0], {k.kid: k.certificate for k in keys}, crl, crl_number)


class Side:
    """One nation's end of the link, its logs and all that came of it."""

    def __init__(self, nation: str, other: str, realm: str = "ops", **params: Any) -> None:
        self.nation, self.other, self.realm = nation, other, realm
        self.params = LinkParams(**params)
        self.log, self.archive = MemoryLog(), MemoryLog(keeps_all=True)
        self.identity = identity(nation)
        self.effects: list[Effect] = []
        self.start()

    def start(self, now_ms: int = NOW_MS, clearance: str = "LIMITED", taken: tuple[int, int] = (0, 0)) -> None:
        gate, partner = Gate(self.nation, self.realm, POLICY), Partner(self.other, b"s" * 32, clearance)
        self.link = Dialogue(gate, partner, self.identity, ring(self.other), NamedTrust(self.other), self.log, self.archive, self.params)
        self.link.recover(now_ms, taken)

    def pump(self, now_ms: int) -> list[Send]:
        effects = self.link.pump(now_ms)
        self.effects += [e for e in effects if not isinstance(e, Send)]
        return [e for e in effects if isinstance(e, Send)]

    @property
    def came(self) -> list[Released]:
        return [m for e in self.effects if isinstance(e, Deliver) for m in e.messages]

    @property
    def ids(self) -> list[tuple[str, int]]:
        return [(m.id, m.version) for m in self.came]

    @property
    def deliveries(self) -> list[Deliver]:
        return [e for e in self.effects if isinstance(e, Deliver)]

    @property
    def quarantined(self) -> list[str]:
        return [e.reason for e in self.effects if isinstance(e, Quarantined)]

    @property
    def notices(self) -> list[str]:
        return [e.code for e in self.effects if isinstance(e, Notice)]


class Pair:
    """Peru and the USA."""

    def __init__(self, **params: Any) -> None:
        self.per, self.usa = Side("PER", "USA", **params), Side("USA", "PER", **params)
        self.now_ms = NOW_MS
        self.sent: dict[str, list[Send]] = {"PER": [], "USA": []}

    def step(self, ms: int = 100, pass_on: Callable[[Side, Send], bool] = lambda to, send: True) -> None:
        """Some time, and everything across that the test lets pass."""
        self.now_ms += ms
        for side, to in ((self.per, self.usa), (self.usa, self.per)):
            for send in side.pump(self.now_ms):
                self.sent[side.nation].append(send)
                if pass_on(to, send):
                    to.link.receive(send.data, self.now_ms)

    def run(self, steps: int = 30, ms: int = 100) -> None:
        for _ in range(steps):
            self.step(ms)

    def offer(self, *items: Item) -> None:
        for item in items:
            self.per.link.offer(item, self.now_ms)

    def batches(self, lane: str = "history") -> list[Batch]:
        """What left Peru, each batch once."""
        found = {s.name: opened(s.data) for s in self.sent["PER"] if s.lane == lane}
        return [b for b in found.values() if isinstance(b, Batch)]

    def messages(self, lane: str = "history") -> list[Released]:
        return [m for b in self.batches(lane) for m in messages_of(b)]

    @property
    def receipts(self) -> list[Receipt]:
        return [r for s in self.sent["USA"] if isinstance(r := opened(s.data), Receipt)]


def opened(data: bytes) -> Any:
    """What was sealed, unverified."""
    return unpack(shape(data)[1])  # type: ignore[index]


def sealed(batch: Batch, nation: str = "PER", number: int = 1) -> bytes:
    """A batch as a nation would seal it."""
    return seal(pack(batch), private_key(nation, number))


def again(item: Item, version: int) -> Item:
    """A further version."""
    return replace(item, version=version)
