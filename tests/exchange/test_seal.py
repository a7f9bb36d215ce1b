"""Seals: what was not signed by a key of the ring, for this purpose, in the one shape, is never taken."""

from __future__ import annotations

import os
import random
from typing import Any

import cbor2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cwt import COSE
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.exchange.frames import pack, unpack
from seaward.exchange.seal import MOST_BYTES, OVERHEAD_BYTES, PURPOSE, Broken, seal, shape, unseal
from tests.exchange.made import NOW_MS, batch, private_key, ring

KEY, RING = private_key("PER"), ring("PER")
SEALED = seal(pack(batch()), KEY)


@given(st.one_of(st.binary(max_size=70), st.integers(250, 260).map(bytes), st.integers(0, MOST_BYTES - OVERHEAD_BYTES).map(bytes)))
def test_what_was_sealed_comes_back_whatever_its_length(payload: bytes) -> None:
    assert unseal(seal(payload, KEY), RING, NOW_MS) == payload


def test_a_sealed_message_is_cose_that_others_verify() -> None:
    tag = cbor2.loads(SEALED)
    protected, unprotected, payload, signature = tag.value
    assert tag.tag == 18 and cbor2.loads(protected) == {1: -8, 4: KEY.kid} and unprotected == {} and payload == pack(batch())
    public = Ed25519PublicKey.from_public_bytes(KEY.cose.to_dict()[-2])
    public.verify(signature, cbor2.dumps(["Signature1", protected, PURPOSE, payload]))  # RFC 9052, 4.4
    with pytest.raises(InvalidSignature):
        public.verify(signature, cbor2.dumps(["Signature1", protected, b"", payload]))


def _other(protected: dict[int, Any], unprotected: dict[int, Any], aad: bytes = PURPOSE) -> bytes:
    return COSE.new().encode_and_sign(b"x", KEY.cose, protected=protected, unprotected=unprotected, external_aad=aad)  # type: ignore[return-value]


WRONG = {
    "nothing": (b"", "too_short"),
    "too long": (SEALED + bytes(MOST_BYTES), "too_long"),
    "cut short": (SEALED[:-1], "shape"),
    "a byte more": (SEALED + b"\x00", "shape"),
    "another tag": (b"\xd1" + SEALED[1:], "shape"),
    "no tag": (SEALED[1:] + b"\x00", "shape"),
    "something unprotected": (_other({1: -8, 4: KEY.kid}, {3: "x"}), "shape"),
    "the key named unprotected": (_other({1: -8}, {4: KEY.kid}), "shape"),
    "a longer header": (_other({1: -8, 3: "x", 4: KEY.kid}, {}), "shape"),
    "another purpose": (_other({1: -8, 4: KEY.kid}, {}, b"other"), "signature"),
    "a longer form of the length": (SEALED[:17] + b"\x5a\x00\x00" + SEALED[18:], "shape"),
    "another's key": (seal(pack(batch()), private_key("ECU")), "key_unknown"),
    "a changed signature": (SEALED[:-1] + bytes([SEALED[-1] ^ 1]), "signature"),
    "a signature of zeros": (SEALED[:-64] + bytes(64), "signature"),
    "a payload of another": (SEALED[:-64] + seal(pack(batch(seq=2)), KEY)[-64:], "signature"),
}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_not_in_the_one_shape_or_not_signed_is_refused_with_its_reason(wrong: str) -> None:
    data, reason = WRONG[wrong]
    assert unseal(data, RING, NOW_MS) == Broken(reason)


def test_a_key_counts_for_its_time_and_until_revoked() -> None:
    until = ring("PER", until_ms=NOW_MS)
    assert unseal(SEALED, until, NOW_MS) == Broken("key_expired")
    assert unseal(SEALED, until, NOW_MS - 1) == pack(batch())
    assert unseal(SEALED, RING.without([KEY.kid]), NOW_MS) == Broken("key_revoked")
    assert unseal(SEALED, RING, -1) == Broken("key_early")


def test_a_key_that_a_ring_of_another_nation_holds_is_not_theirs() -> None:
    mixed = ring("ECU").with_key(RING.keys[KEY.kid])
    assert unseal(SEALED, mixed, NOW_MS) == Broken("key_unknown")


@settings(deadline=None)
@given(st.data())
def test_no_changed_byte_passes(data: Any) -> None:
    changed = bytearray(SEALED)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    if bytes(changed) != SEALED:
        assert isinstance(unseal(bytes(changed), RING, NOW_MS), Broken)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_without_a_crash(data: bytes) -> None:
    assert isinstance(shape(data), Broken) and isinstance(unseal(data, RING, NOW_MS), Broken)


def mutated(sealed: bytes, rng: random.Random) -> bytes:
    """Bytes changed, cut, doubled, moved or put in from elsewhere."""
    data = bytearray(sealed)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        at = rng.randrange(len(data)) if data else 0
        match rng.randrange(6):
            case 0:
                if data:
                    data[at] ^= 1 << rng.randrange(8)
            case 1:
                del data[at : at + rng.randrange(1, 20)]
            case 2:
                data[at:at] = rng.randbytes(rng.randrange(1, 20))
            case 3:
                data[at:at] = data[at : at + rng.randrange(1, 60)]
            case 4:
                data[at : at + 1] = bytes([rng.choice([0, 1, 0x7F, 0x80, 0xC0, 0xCF, 0xD9, 0xDB, 0xDD, 0xFF])])
            case _:
                data = data[:at]
    return bytes(data)


def _fuzz(count: int, seed: int) -> None:
    """Mutated batches as a stranger would send them, and payloads mutated and then signed, as a hostile partner would."""
    rng = random.Random(seed)
    whole = [batch(), batch(seq=2, held=5)]
    sealed = [seal(pack(w), KEY) for w in whole]
    for n in range(count):
        changed = mutated(rng.choice(sealed), rng)
        if changed not in sealed:
            assert isinstance(unseal(changed, RING, NOW_MS), Broken), (seed, n)
        payload = mutated(pack(rng.choice(whole)), rng)
        found = unpack(payload)
        assert isinstance(found, Broken) or pack(found) == payload, (seed, n)


def test_mutated_batches_are_all_refused() -> None:
    _fuzz(5_000, 6)


@pytest.mark.soak
def test_a_million_mutated_batches_are_all_refused() -> None:
    from concurrent.futures import ProcessPoolExecutor

    workers = max(1, (os.cpu_count() or 1))
    with ProcessPoolExecutor(workers) as pool:
        for done in [pool.submit(_fuzz, 10_000, seed) for seed in range(100)]:
            done.result()
