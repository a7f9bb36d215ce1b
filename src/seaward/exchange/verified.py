"""Bytes of a partner -> what it signed, for us and of our realm, or why they are refused. Learns its further keys and its revoked ones on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from seaward.exchange.frames import Introduction, Signed, unpack
from seaward.exchange.journal import Introduced
from seaward.exchange.keys import KeyRing
from seaward.exchange.seal import Broken, key_named, shape, unseal
from seaward.exchange.trust import Trust

_KEPT = 8  # introductions kept for the next start; ours


@dataclass(slots=True)
class Verifier:
    """Knows the partner's keys."""

    me: str
    realm: str
    ring: KeyRing
    trust: Trust
    crl_number: int = 0
    heard_key: bytes = b""  # signed what was verified last
    introductions: list[Introduced] = field(default_factory=list)

    def open(self, data: bytes, now_ms: int) -> Signed | Broken:
        """What the partner signed.

        Parameters
        ----------
        data
            As received.
        now_ms
            Moment [ms since 1970 UTC].
        """
        payload = unseal(data, self.ring, now_ms)
        if payload == Broken("key_unknown"):
            payload = self._introducing(data, now_ms)
        if isinstance(payload, Broken):
            return payload
        found = unpack(payload)
        if isinstance(found, Broken):
            return found
        if found.origin != self.ring.nation:
            return Broken("origin")
        if found.to != self.me:
            return Broken("not_for_us")
        if found.realm != self.realm:
            return Broken("realm")
        self.heard_key = key_named(data)
        return found

    def _introducing(self, data: bytes, now_ms: int) -> bytes | Broken:
        """Bytes signed by a key we do not know: taken only if they introduce that very key, certified by the partner's authority."""
        shaped = shape(data)
        if isinstance(shaped, Broken):
            return shaped
        kid, claimed = shaped
        said = unpack(claimed)
        if isinstance(said, Introduction):
            for certificate in said.certificates:
                key = self.trust.admit(certificate)
                if key is not None and key.kid == kid and key.nation == self.ring.nation:
                    return unseal(data, self.ring.with_key(key), now_ms)
        return Broken("key_unknown")

    def introduce(self, record: Introduced) -> bool:
        """Take up keys and revocations that the partner's authority signed; whether that changed anything."""
        ring = self.ring
        for certificate in record.certificates:
            key = self.trust.admit(certificate)
            if key is not None and key.nation == ring.nation and key.kid not in ring.keys:
                ring = ring.with_key(key)
        revoked = self.trust.revoked(record.crl) if record.crl else None
        if revoked is not None and revoked.number > self.crl_number:
            ring, self.crl_number = ring.without(revoked.kids), revoked.number
        if ring is self.ring:
            return False
        self.ring = ring
        self.introductions = [*self.introductions[1 - _KEPT :], record]
        return True
