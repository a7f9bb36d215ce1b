"""A nation's authority and what it certifies: keys that sign messages, keys of the link, and the list of revoked ones. X.509, made and checked here.

No clock: moments are given. Serial numbers are made of the name of the key, so that a list of revoked certificates (RFC 5280) names keys.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from seaward.core.errors import ExchangeError
from seaward.exchange.keys import KID_BYTES, PublicKey, kid_of, public_key
from seaward.exchange.trust import RevokedKeys

AUTHORITY_DAYS = 3_650  # ours: ten years, kept away from the node
SIGNING_DAYS = 400  # ours: a year and a month to change it in
LINK_DAYS = 400
_MOST_BYTES = 8_192
_SKEW = timedelta(hours=24)  # before now at which certificates begin: clocks that differ must not stop a link; ours
_PRE = "urn:seaward:exchange"


@dataclass(frozen=True, slots=True)
class Authority:
    """A nation's authority: its key and its own certificate."""

    nation: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def new_authority(nation: str, at: datetime) -> Authority:
    """Make an authority (P-256)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, nation), x509.NameAttribute(NameOID.COMMON_NAME, f"Seaward authority {nation}")])
    made = (
        _begun(name, name, key.public_key(), x509.random_serial_number(), at, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"{_PRE}:authority:{nation}")]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(nation, key, made)


def certify_signing(authority: Authority, public: bytes, at: datetime, days: int = SIGNING_DAYS) -> bytes:
    """Certify a key that signs messages, by its public half (32 bytes); gives DER."""
    key = Ed25519PublicKey.from_public_bytes(public)
    serial = int.from_bytes(b"\x01" + kid_of(public), "big")
    return (
        _begun(_named(authority, "signing"), authority.certificate.subject, key, serial, at, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"{_PRE}:signing:{authority.nation}")]), critical=False)
        .sign(authority.key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


def certify_link(
    authority: Authority, hosts: Iterable[str], at: datetime, key: ec.EllipticCurvePrivateKey | None = None
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """Make and certify the key of a server or of a leaf that dials one (TLS both ways); with `key`, certify that one anew."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [_host(h) for h in hosts]
    names.append(x509.UniformResourceIdentifier(f"{_PRE}:link:{authority.nation}"))
    usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    made = (
        _begun(_named(authority, "link"), authority.certificate.subject, key.public_key(), x509.random_serial_number(), at, LINK_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return key, made


def revocation_list(authority: Authority, kids: Iterable[bytes], number: int, at: datetime) -> bytes:
    """The list of revoked signing keys; gives DER."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(at - _SKEW)
        .next_update(at + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for kid in sorted(kids):
        serial = int.from_bytes(b"\x01" + kid, "big")
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build())
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@dataclass(frozen=True, slots=True)
class AuthorityTrust:
    """Trusts what one authority signed: a `Trust` for the protocol."""

    nation: str
    authority: x509.Certificate

    def admit(self, certificate: bytes) -> PublicKey | None:
        """The signing key of a certificate (DER), or None."""
        try:
            shown = x509.load_der_x509_certificate(certificate) if len(certificate) <= _MOST_BYTES else None
            if shown is None or not self._signed(shown):
                return None
            key = shown.public_key()
            names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            uris = names.get_values_for_type(x509.UniformResourceIdentifier)
            if not isinstance(key, Ed25519PublicKey) or uris != [f"{_PRE}:signing:{self.nation}"]:
                return None
            public = key.public_bytes_raw()
            if shown.serial_number != int.from_bytes(b"\x01" + kid_of(public), "big"):
                return None
            return public_key(self.nation, public, _ms(shown.not_valid_before_utc), _ms(shown.not_valid_after_utc))
        except Exception:  # a stranger's bytes: whatever a parser makes of them proves nothing
            return None

    def revoked(self, crl: bytes) -> RevokedKeys | None:
        """The keys of a list of revoked ones (DER), or None."""
        try:
            shown = x509.load_der_x509_crl(crl)
            if shown.issuer != self.authority.subject or not shown.is_signature_valid(self.authority.public_key()):  # type: ignore[arg-type]
                return None
            number = shown.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
            serials = [entry.serial_number.to_bytes(20, "big").lstrip(b"\x00") for entry in shown]
            return RevokedKeys(number, frozenset(s[1:] for s in serials if len(s) == 1 + KID_BYTES and s[0] == 1))
        except Exception:  # as above
            return None

    def _signed(self, shown: x509.Certificate) -> bool:
        try:
            shown.verify_directly_issued_by(self.authority)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True


def check_authority(pem: bytes, nation: str) -> x509.Certificate:
    """Read the certificate of a nation's authority (PEM).

    Raises
    ------
    ExchangeError
        If it is none, of another nation, or not signed by itself.
    """
    try:
        shown = x509.load_pem_x509_certificate(pem)
        shown.verify_directly_issued_by(shown)
        uris = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.UniformResourceIdentifier)
        is_ca = shown.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except Exception as e:
        raise ExchangeError(f"the certificate of the authority of {nation} cannot be used ({e}); ask for a new invitation") from e
    if uris != [f"{_PRE}:authority:{nation}"] or not is_ca or not isinstance(shown.public_key(), ec.EllipticCurvePublicKey):
        raise ExchangeError(
            f"the certificate is not that of the authority of {nation} (it names {', '.join(uris) or 'nobody'}); ask for a new invitation"
        )
    return shown


def fingerprint(certificate: x509.Certificate) -> str:
    """What two officers compare by voice: the first 128 bits of the SHA-256 of a certificate, as eight groups of four digits."""
    digits = certificate.fingerprint(hashes.SHA256()).hex()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


def key_pem(key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey, passphrase: bytes | None) -> bytes:
    """A private key as PKCS 8, encrypted where there is a passphrase."""
    how = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def certificate_pem(certificate: x509.Certificate | bytes) -> bytes:
    """A certificate, or the DER of one, as PEM."""
    shown = x509.load_der_x509_certificate(certificate) if isinstance(certificate, bytes) else certificate
    return shown.public_bytes(serialization.Encoding.PEM)


def spki_hash(certificate: x509.Certificate) -> str:
    """SHA-256 of the public key of a certificate, hexadecimal: what nats-server pins."""
    from hashlib import sha256  # noqa: PLC0415

    return sha256(certificate.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey | Ed25519PublicKey, serial: int, at: datetime, days: int
) -> x509.CertificateBuilder:
    if at.tzinfo is None:
        raise ExchangeError(f"{at.isoformat()} has no time zone")
    begin = at.astimezone(UTC).replace(microsecond=0) - _SKEW
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key).serial_number(serial)
    return builder.not_valid_before(begin).not_valid_after(begin + _SKEW + timedelta(days=days))


def _named(authority: Authority, use: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, authority.nation),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Seaward {use} {authority.nation}"),
        ]
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(digital_signature, False, False, False, False, key_cert_sign, crl_sign, False, False)


def _ms(at: datetime) -> int:
    return int(at.timestamp()) * 1000
