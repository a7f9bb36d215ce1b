"""What tests of the exchange share: made-up objects, labels and partners."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from seaward.exchange import bodies as b
from seaward.exchange.frames import HISTORY, NO_HASH, Batch, rows_of
from seaward.exchange.items import Item, Released
from seaward.exchange.keys import KeyRing, SigningKey, public_key, signing_key
from seaward.exchange.label import LEVELS, TLPS, Handling, Label, Scope
from seaward.exchange.operations import Operation
from seaward.exchange.release import Partner

NOW_MS = 1_800_000_000_000  # 2027-01-15T08:00:00Z
NOW = datetime(2027, 1, 15, 8, tzinfo=UTC)
USA = Partner("USA", b"u" * 32)
ECU = Partner("ECU", b"e" * 32)
LABEL = Label("per-default/1", "LIMITED", "AMBER", "PER", ("USA",))


def label(**changes: Any) -> Label:
    return msgspec.structs.replace(LABEL, **changes)


TRACK = b.Track(NOW_MS - 5_000, -77_123_456, -12_034_567, 10, 83, 1_234, 120, 0, "a")
EVENT = b.Event("open", "gap", NOW_MS - 7_200_000, NOW_MS - 60_000, ("mmsi:224000123",), -78_500_000, -11_900_000, 30, 870, ("Chancay",),
                (b.Reason("gap.duration", (("duration_h", 2.0),)),), (b.Evidence("coast", 100, 50),), "gap/1")  # fmt: skip
BODIES: tuple[b.Body, ...] = (
    TRACK,
    b.Vessel(NOW_MS, 224_000_123, 9_074_729, "SANTA ROSA", "OA1234", 30, 61, "PER"),
    EVENT,
    b.Alert("e1", "gap", "warning", "acknowledged", NOW_MS, -78_500_000, -11_900_000, 30, "Lt. Quispe", "seen off the bank"),
    b.Case("open", NOW_MS, "Squid fleet", ("mmsi:224000123",), ("e1",), "two transfers"),
    b.Request("identity", "event", "e1", NOW_MS - 9, NOW_MS, NOW_MS + 9, "who is it?"),
    b.Answer("r1", "answered", NOW_MS, ("e1",), "the reefer"),
    b.Plan(
        "agreed",
        NOW_MS,
        NOW_MS + 9_000_000,
        (b.Leg("BAP Guise", NOW_MS, NOW_MS + 9, -77_000_000, -12_000_000, -78_000_000, -12_500_000, "board"),),
        "x",
    ),
    b.Task("look", "USCGC Munro", "event", "e1", -78_500_000, -11_900_000, 30, NOW_MS, NOW_MS + 9, "from the north"),
    b.TaskReply("t1", "accepted", NOW_MS, "under way"),
    b.Rescue("distress", NOW_MS, -78_500_000, -11_900_000, 3_000, 7, "MRCC Callao", "a raft"),
    b.Chat("watch", NOW_MS, "Lt. Quispe", "buenos días"),
    b.Ack("event", "e1", 2, NOW_MS, "Lt. Quispe"),
    b.Drill("start", NOW_MS, "day one"),
)


def item(body: b.Body = TRACK, id: str | None = None, **changes: Any) -> Item:
    realm = "ex:north-1" if isinstance(body, b.Drill) else "ops"
    said = id if id is not None else "mmsi:224000123" if isinstance(body, b.Track | b.Vessel) else "e1"
    return replace(Item(said, 1, realm, LABEL, body), **changes)


def operation(kind: Any = "rescue", id: str = "op-1", partners: frozenset[str] = frozenset({"USA"}), hours: int = 2) -> Operation:
    return Operation(id, kind, partners, NOW.replace(hour=7), NOW.replace(hour=8 + hours))


nations = st.sampled_from(["BRA", "CHL", "ECU", "PER", "USA"])
scopes = st.sets(st.sampled_from(["op-1", "op-2", "op-3"])).map(lambda ids: tuple(Scope(i, NOW.replace(hour=9)) for i in sorted(ids)))
handlings = st.builds(
    Handling,
    precision_m=st.sampled_from([0, 0, 100, 1_852, 50_000]),
    delay_s=st.sampled_from([0, 0, 60, 3_600]),
    hold_until=st.sampled_from([None, None, NOW.replace(hour=10)]),
)
labels = st.builds(
    Label,
    policy=st.just("per-default/1"), level=st.sampled_from(LEVELS), tlp=st.sampled_from(TLPS), owner=nations,
    rel=st.sets(nations).map(lambda s: tuple(sorted(s))), lei=st.booleans(), ppi=st.booleans(), scope=scopes,
    purpose=st.sampled_from([None, "fisheries"]), personal_data=st.booleans(), orcon=st.booleans(), handling=handlings,
)  # fmt: skip
operations = st.builds(
    lambda id, kind, partners, hours: operation(kind, id, frozenset(partners), hours),
    st.sampled_from(["op-1", "op-2", "op-3"]), st.sampled_from(["rescue", "pursuit", "other"]), st.sets(nations), st.integers(0, 3),
)  # fmt: skip
bodies = st.sampled_from(BODIES)
items = st.builds(
    lambda body, id, version, given, own, other: Item(
        id, version, "ex:north-1" if other or isinstance(body, b.Drill) else "ops", given, body, own
    ),
    bodies, st.sampled_from(["mmsi:224000123", "e1", "7" * 32]), st.integers(1, 5), labels, st.booleans(), st.integers(0, 9).map(lambda n: n == 0),
)  # fmt: skip
partners = st.builds(Partner, nations, st.just(b"s" * 32), st.sampled_from(LEVELS))


def private_key(nation: str, n: int = 1) -> SigningKey:
    """The same key each time, by nation and number."""
    return signing_key(nation, hashlib.sha256(f"{nation} {n}".encode()).digest(), certificate=f"{nation} {n}".encode())


def ring(nation: str, *numbers: int, until_ms: int = NOW_MS + 10**11) -> KeyRing:
    """The ring of those keys."""
    made = KeyRing(nation)
    for n in numbers or (1,):
        seed = hashlib.sha256(f"{nation} {n}".encode()).digest()
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        made = made.with_key(public_key(nation, public, 0, until_ms))
    return made


def batch(*messages: Released, lane: int = HISTORY, seq: int = 1, **changes: Any) -> Batch:
    """A batch from Peru to the USA."""
    labels, rows, hash_ = rows_of(messages or [Released("e1", 1, LABEL, EVENT)])
    made = Batch("PER", "USA", "ops", NOW_MS, 5, lane, seq, NO_HASH, hash_, NOW_MS + 600_000, 0, 0, labels, rows)  # type: ignore[arg-type]
    return msgspec.structs.replace(made, **changes)
