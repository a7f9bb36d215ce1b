"""Signing keys: one's own to sign with, and the ring of a partner's to verify with, each for its time and until revoked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cwt import COSEKey
from cwt.cose_key_interface import COSEKeyInterface

KID_BYTES = 8


def kid_of(public: bytes) -> bytes:
    """The name of a key: the first 8 bytes of the SHA-256 of its public half (32 bytes)."""
    return hashlib.sha256(public).digest()[:KID_BYTES]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One's own key."""

    nation: str
    kid: bytes
    certificate: bytes  # DER, by the nation's authority
    cose: COSEKeyInterface = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of a nation, as its authority certified it."""

    nation: str
    kid: bytes
    not_before_ms: int
    not_after_ms: int
    cose: COSEKeyInterface = field(repr=False, compare=False)


def signing_key(nation: str, seed: bytes, certificate: bytes = b"") -> SigningKey:
    """An Ed25519 key from its seed (32 bytes)."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    kid = kid_of(public)
    return SigningKey(nation, kid, certificate, COSEKey.new({1: 1, 2: kid, 3: -8, -1: 6, -2: public, -4: seed}))  # RFC 9052: OKP, EdDSA, Ed25519


def public_key(nation: str, public: bytes, not_before_ms: int, not_after_ms: int) -> PublicKey:
    """A key to verify with, from its public half (32 bytes)."""
    kid = kid_of(public)
    return PublicKey(nation, kid, not_before_ms, not_after_ms, COSEKey.new({1: 1, 2: kid, 3: -8, -1: 6, -2: public}))


KeyProblem = Literal["key_unknown", "key_revoked", "key_early", "key_expired"]


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of one nation. Changing it gives another ring."""

    nation: str
    keys: dict[bytes, PublicKey] = field(default_factory=dict)
    revoked: frozenset[bytes] = frozenset()

    def find(self, kid: bytes, now_ms: int) -> PublicKey | KeyProblem:
        """The key of that name, or why it cannot be used at this moment."""
        key = self.keys.get(kid)
        if kid in self.revoked:
            return "key_revoked"
        if key is None or key.nation != self.nation:
            return "key_unknown"
        if now_ms < key.not_before_ms:
            return "key_early"
        return key if now_ms < key.not_after_ms else "key_expired"

    def with_key(self, key: PublicKey) -> KeyRing:
        """With a further key."""
        return replace(self, keys=self.keys | {key.kid: key})

    def without(self, kids: Iterable[bytes]) -> KeyRing:
        """With these revoked, for good."""
        return replace(self, revoked=self.revoked | frozenset(kids))
