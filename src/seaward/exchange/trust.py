"""Who says that a key is a nation's: the border between the protocol and certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from seaward.exchange.keys import PublicKey


@dataclass(frozen=True, slots=True)
class RevokedKeys:
    """A nation's list of revoked keys."""

    number: int  # grows with each list
    kids: frozenset[bytes]


class Trust(Protocol):
    """Checks what a partner shows against its authority, as it was when the two nations agreed."""

    def admit(self, certificate: bytes) -> PublicKey | None:
        """The key of a certificate; None if the partner's authority did not sign it for this use."""
        ...

    def revoked(self, crl: bytes) -> RevokedKeys | None:
        """The keys of a list; None if the partner's authority did not sign it."""
        ...
