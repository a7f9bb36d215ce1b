"""`tests/vectors/exchange.json`: signed bytes that any implementation must make and take, and bytes that it must refuse (docs/wire.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seaward.exchange import bodies as b
from seaward.exchange.frames import HISTORY, LIVE, NO_HASH, Batch, Checkpoint, Receipt, messages_of, pack, rows_of, sealed_hash, unpack
from seaward.exchange.items import Released
from seaward.exchange.keys import KeyRing, public_key, signing_key
from seaward.exchange.merkle import Tree
from seaward.exchange.seal import Broken, seal, unseal
from tests.exchange.made import BODIES, LABEL, NOW_MS

PAGE = Path(__file__).resolve().parents[1] / "vectors" / "exchange.json"
SEED = bytes(range(32))
KEY = signing_key("PER", SEED)
RING = KeyRing("PER").with_key(public_key("PER", Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw(), 0, 4 * NOW_MS))


def payloads() -> dict[str, Any]:
    """Every kind of payload, and a batch for every kind of message."""
    made: dict[str, Any] = {}
    for body in BODIES:
        kind = b.KINDS[type(body)]
        name = "mmsi:224000123" if kind in b.LAST_VALUE else "e1"
        labels, rows, hash_ = rows_of([Released(name, 1, LABEL, body)])
        lane = LIVE if kind in b.LAST_VALUE else HISTORY
        realm = "ex:north-1" if kind == "drill" else "ops"
        made[kind] = Batch("PER", "USA", realm, NOW_MS, 1, lane, 1, NO_HASH, hash_, NOW_MS + 600_000, 0, 0, labels, rows)
    head = sealed_hash(seal(pack(made["event"]), KEY))
    root = Tree().add(head).root
    made["receipt"] = Receipt("PER", "USA", "ops", NOW_MS, 1, 1, head, root, 0, 0, 0, 0, 0, 1, KEY.kid, 0, "")
    made["checkpoint"] = Checkpoint("PER", "USA", "ops", NOW_MS, 1, 1, head, root)
    return made


def refused() -> dict[str, tuple[bytes, str]]:
    """Bytes that must not be taken, and why."""
    good = seal(pack(payloads()["event"]), KEY)
    batch = payloads()["event"]
    other = seal(pack(batch), KEY, b"seaward-invitation-1")
    return {
        "one bit of the signature": (good[:-1] + bytes([good[-1] ^ 1]), "signature"),
        "one bit of the payload": (good[:30] + bytes([good[30] ^ 1]) + good[31:], "signature"),
        "cut short": (good[:-1], "shape"),
        "one byte more": (good + b"\x00", "shape"),
        "another purpose": (other, "signature"),
        "another key": (seal(pack(batch), signing_key("PER", bytes(32))), "key_unknown"),
        "nothing": (b"", "too_short"),
        "too long": (bytes(65_537), "too_long"),
        "payload of another form": (seal(pack(batch) + b"\x00", KEY), "form"),
        "a track in the lane of history": (seal(pack(_in_lane(payloads()["track"], HISTORY)), KEY), "lane"),
        "control of a drill in operations": (seal(pack(_of_realm(payloads()["drill"], "ops")), KEY), "realm"),
    }


def _in_lane(batch: Batch, lane: int) -> Batch:
    import msgspec

    return msgspec.structs.replace(batch, lane=lane)


def _of_realm(batch: Batch, realm: str) -> Batch:
    import msgspec

    return msgspec.structs.replace(batch, realm=realm)


def page() -> str:
    """The file as it must be."""
    good = [{"name": n, "payload": pack(p).hex(), "sealed": seal(pack(p), KEY).hex()} for n, p in payloads().items()]
    bad = [{"name": n, "sealed": data.hex() if len(data) < 65_000 else f"{len(data)} zeros", "reason": why} for n, (data, why) in refused().items()]
    said = {"seed": SEED.hex(), "kid": KEY.kid.hex(), "now_ms": NOW_MS, "taken": good, "refused": bad}
    return json.dumps(said, indent=1) + "\n"


def test_the_vectors_are_what_the_program_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "a change of the wire: write it anew, and say so in docs/wire.md"


@pytest.mark.parametrize("vector", json.loads(PAGE.read_text(encoding="utf-8"))["taken"] if PAGE.exists() else [], ids=lambda v: v["name"])
def test_a_vector_is_taken_and_means_what_it_says(vector: dict[str, str]) -> None:
    payload = unseal(bytes.fromhex(vector["sealed"]), RING, NOW_MS)
    assert payload == bytes.fromhex(vector["payload"])
    found = unpack(payload)
    assert not isinstance(found, Broken) and found == payloads()[vector["name"]]
    if isinstance(found, Batch):
        assert b.KINDS[type(messages_of(found)[0].body)] == vector["name"]


@pytest.mark.parametrize("name", list(refused()))
def test_what_must_be_refused_is(name: str) -> None:
    data, why = refused()[name]
    payload = unseal(data, RING, NOW_MS)
    found = payload if isinstance(payload, Broken) else unpack(payload)
    assert found == Broken(why)
