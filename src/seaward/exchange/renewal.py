"""When a nation's certificates end, and new ones in good time. The key of the link stays, so partners who pinned it need not be asked; no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from seaward.core.errors import ExchangeError
from seaward.exchange import certificates as c
from seaward.exchange.home import Entropy, Home

RENEW = timedelta(days=60)  # before their end at which they are renewed; ours
WARN = timedelta(days=30)  # and at which people are told that they were not; ours


@dataclass(frozen=True, slots=True)
class Ends:
    """When ours end."""

    link: datetime
    signing: datetime

    def is_due(self, at: datetime) -> bool:
        """Whether either is to be renewed."""
        return min(self.link, self.signing) - at < RENEW

    def problems(self, at: datetime) -> list[str]:
        """What people should know of them, as codes of the catalogues."""
        found = [(f"exchange.link.{name}", end - at) for name, end in (("link_key", self.link), ("signing_key", self.signing))]
        return [f"{code}_ended" if left <= timedelta(0) else f"{code}_ends" for code, left in found if left < WARN]


def ends_of(home: Home) -> Ends:
    """When the certificate of the link and that of the newest signing key end."""
    return Ends(home.link_certificate.not_valid_after_utc, home.signing_until())


def renew(home: Home, authority: c.Authority, at: datetime, entropy: Entropy, passphrase: bytes | None, least: timedelta = RENEW) -> list[str]:
    """Renew what ends soon; gives what was renewed, of `link` and `signing`.

    Parameters
    ----------
    home
        Our folder.
    authority
        Ours.
    at
        Now.
    entropy
        Source of chance.
    passphrase
        Encrypts a new signing key; None leaves it open.
    least
        What holds for longer stays as it is.

    Raises
    ------
    ExchangeError
        If the key of the link is none.
    """
    ends, done = ends_of(home), list[str]()
    if ends.link - at < least:
        key = serialization.load_pem_private_key((home.folder / "link.pem").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ExchangeError(f"{home.folder / 'link.pem'} is not the key of a link; put back the one that `seaward exchange init` made")
        _, certificate = c.certify_link(authority, _hosts(home.link_certificate), at, key)
        home.write("link.crt.pem", c.certificate_pem(certificate))
        done.append("link")
    if ends.signing - at < least:
        home.add_signing(authority, at, entropy, passphrase)
        done.append("signing")
    return done


def _hosts(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [*names.get_values_for_type(x509.DNSName), *(str(a) for a in names.get_values_for_type(x509.IPAddress))]
