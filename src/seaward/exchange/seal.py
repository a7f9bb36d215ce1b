"""Bytes -> COSE_Sign1 (RFC 9052) with Ed25519, and back. What comes in is measured byte by byte before any parser sees it.

There is one shape and one only: tag 18; a protected header of algorithm and key; an empty unprotected header; the payload; 64 bytes of signature.
"""

from __future__ import annotations

from dataclasses import dataclass

from cwt import COSE

from seaward.exchange.keys import KID_BYTES, KeyProblem, KeyRing, SigningKey

MOST_BYTES = 65_536  # of a sealed message; ours: two seconds of a satellite link of 32 kB/s
PURPOSE = b"seaward-exchange-1"  # external_aad: a signature given for anything else proves nothing here
_COSE = COSE.new(deterministic_header=True)
_BEFORE_KID = bytes.fromhex("d2844da201270448")  # tag 18, array of 4, 13 bytes, map {1: -8 (EdDSA), 4: 8 bytes}
_AFTER_KID = b"\xa0"  # nothing unprotected
_SIGNATURE = b"\x58\x40"  # 64 bytes
_PAYLOAD_AT = len(_BEFORE_KID) + KID_BYTES + len(_AFTER_KID)
OVERHEAD_BYTES = _PAYLOAD_AT + 3 + len(_SIGNATURE) + 64


@dataclass(frozen=True, slots=True)
class Broken:
    """Why bytes are refused, as a code of the catalogues (`exchange.refused.*`)."""

    reason: str


def seal(payload: bytes, key: SigningKey, purpose: bytes = PURPOSE) -> bytes:
    """Sign a payload for a purpose."""
    return _COSE.encode_and_sign(payload, key.cose, protected={1: -8, 4: key.kid}, unprotected={}, external_aad=purpose)  # type: ignore[return-value]


def shape(data: bytes) -> tuple[bytes, bytes] | Broken:
    """The name of the key and the payload, not yet verified; Broken where a byte is out of place."""
    if len(data) > MOST_BYTES:
        return Broken("too_long")
    if len(data) < _PAYLOAD_AT + 1 + len(_SIGNATURE) + 64:
        return Broken("too_short")
    kid = data[len(_BEFORE_KID) : len(_BEFORE_KID) + KID_BYTES]
    if not data.startswith(_BEFORE_KID) or data[_PAYLOAD_AT - 1 : _PAYLOAD_AT] != _AFTER_KID:
        return Broken("shape")
    start, length = _length(data, _PAYLOAD_AT)
    end = start + length
    if length < 0 or len(data) != end + len(_SIGNATURE) + 64 or data[end : end + len(_SIGNATURE)] != _SIGNATURE:
        return Broken("shape")
    return kid, data[start:end]


def key_named(sealed: bytes) -> bytes:
    """The name of the key of something that has the one shape."""
    return sealed[len(_BEFORE_KID) : len(_BEFORE_KID) + KID_BYTES]


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Where a byte string starts and how long it is, in the shortest of the forms that CBOR has; a length below 0 where it is not."""
    first = data[at]
    if 0x40 <= first < 0x58:
        return at + 1, first - 0x40
    if first == 0x58:
        length = data[at + 1]
        return at + 2, length if length >= 0x18 else -1
    if first == 0x59:
        length = int.from_bytes(data[at + 1 : at + 3], "big")
        return at + 3, length if length > 0xFF else -1
    return at, -1


def unseal(data: bytes, ring: KeyRing, now_ms: int, purpose: bytes = PURPOSE) -> bytes | Broken:
    """The payload, if one of the ring's keys signed it and may be used at this moment.

    Parameters
    ----------
    data
        As received.
    ring
        Keys of the nation it should be from.
    now_ms
        Moment [ms since 1970 UTC].
    purpose
        What it must have been signed for.
    """
    found = shape(data)
    if isinstance(found, Broken):
        return found
    key = ring.find(found[0], now_ms)
    if isinstance(key, str):
        problem: KeyProblem = key
        return Broken(problem)
    try:
        return _COSE.decode(data, key.cose, external_aad=purpose)
    except Exception:  # cwt lets errors of three libraries through; each means that nothing was proven
        return Broken("signature")
