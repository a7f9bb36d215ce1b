"""A nation's folder of the exchange: its own keys and what it has agreed with each partner. Read and written whole, for its owner alone.

DIR/nation.json              who we are, where partners dial, keys of our server
DIR/authority.pem, .crt.pem  the authority: may lie elsewhere, and is asked for only to certify and to revoke
DIR/signing-N.pem, .crt.der  keys that sign messages, the newest counts
DIR/link.pem, .crt.pem       the key of our server and of our leaf
DIR/revoked.crl              signing keys of ours that count no more
DIR/partners/USA.json        what was agreed with one partner
DIR/rules.cedar, rules.cases.json   the rules of release; those that come along where there are none
DIR/operations.json          operations that open more for a time
DIR/logs/REALM/USA.log, .archive    what must not be forgotten of a link, and what is kept as proof
DIR/quarantine/REALM/USA/    the last bytes that were refused, for a person to look at
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seaward.core.errors import ExchangeError, InputError, OutputError
from seaward.exchange import certificates as c
from seaward.exchange.keys import KeyRing, SigningKey, signing_key
from seaward.exchange.nats_names import realm_token
from seaward.exchange.nats_tokens import ACCOUNT, OPERATOR, USER, Nkey, new_nkey
from seaward.exchange.operations import Operation
from seaward.exchange.policy import Policy, default_policy, read_policy
from seaward.exchange.release import Partner
from seaward.exchange.sender import Identity

Entropy = Callable[[int], bytes]  # so many bytes of good chance
State = Literal["invited", "active", "revoked"]
_NATION = re.compile(r"[A-Z]{3}")
_T = TypeVar("_T")
_INTRODUCED = 4  # certificates shown at a time, as frames.Introduction takes


class AccountKeys(msgspec.Struct, frozen=True):
    """An account on our server and our own user in it."""

    account: Nkey
    user: Nkey


class Nation(msgspec.Struct, frozen=True):
    """`nation.json`."""

    nation: str
    host: str  # by which partners reach our server; empty where none can
    leaf_port: int
    client_port: int
    operator: Nkey
    system: Nkey
    crl_number: int = 0
    revoked: tuple[bytes, ...] = ()  # names of signing keys of ours


class OperationRow(msgspec.Struct, frozen=True):
    """One of `operations.json`."""

    id: str
    kind: Literal["rescue", "pursuit", "other"]
    partners: tuple[str, ...]
    opened_at: datetime
    until: datetime
    by: str = ""


class PartnerRecord(msgspec.Struct, frozen=True):
    """`partners/NATION.json`."""

    nation: str
    state: State
    secret: bytes  # of the pseudonyms they are given
    nonce: bytes  # of the invitation
    out: AccountKeys  # what goes to them
    link: AccountKeys  # what their leaf sees, or ours joins
    leaf: Nkey  # our user on their server, where we dial
    authority: str = ""  # PEM
    signing: tuple[bytes, ...] = ()  # DER
    link_certificate: str = ""  # PEM; pinned where they dial
    dial: str = ""  # where we dial, tls://host:port
    leaf_token: str = ""  # by which their server knows us
    their_user: str = ""  # public key of their user on our server
    distrusted: tuple[bytes, ...] = ()  # names of keys of theirs
    clearance: str = "LIMITED"
    coalitions: tuple[str, ...] = ()
    budget_bytes_per_s: int | None = None


class Home:
    """The folder of one nation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # -- read

    @property
    def nation(self) -> Nation:
        return self._read(self.folder / "nation.json", Nation, "make one with `seaward exchange init`")

    def partner(self, nation: str) -> PartnerRecord:
        """What was agreed with a partner; ExchangeError where there is nothing."""
        if nation not in self.partners():
            raise ExchangeError(f"{nation} is no partner here; there are {', '.join(self.partners()) or 'none'}. Invite one with `exchange invite`")
        return self._read(self.folder / "partners" / f"{nation}.json", PartnerRecord, "invite the partner again")

    def partners(self) -> list[str]:
        """The nations there is a record of."""
        return sorted(p.stem for p in (self.folder / "partners").glob("*.json") if _NATION.fullmatch(p.stem))

    def authority(self, passphrase: bytes | None) -> c.Authority:
        """The authority; asked for only to certify and to revoke."""
        key = self._private("authority.pem", passphrase)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ExchangeError(f"{self.folder / 'authority.pem'} is not the key of an authority")
        return c.Authority(self.nation.nation, key, self.authority_certificate)

    @property
    def authority_certificate(self) -> x509.Certificate:
        return c.check_authority(self._bytes("authority.crt.pem"), self.nation.nation)

    @property
    def link_certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self._bytes("link.crt.pem"))

    def signing_numbers(self) -> list[int]:
        """Which signing keys there are, the oldest first."""
        return sorted(int(p.stem.removeprefix("signing-")) for p in self.folder.glob("signing-*.pem") if p.stem.removeprefix("signing-").isdecimal())

    def identity(self, passphrase: bytes | None) -> Identity:
        """The newest signing key that is not revoked, and what introduces it."""
        nation = self.nation
        found: list[SigningKey] = []
        for number in reversed(self.signing_numbers()):
            key = self._private(f"signing-{number}.pem", passphrase)
            if not isinstance(key, Ed25519PrivateKey):
                raise ExchangeError(f"{self.folder / f'signing-{number}.pem'} is not a signing key")
            made = signing_key(nation.nation, key.private_bytes_raw(), self._bytes(f"signing-{number}.crt.der"))
            if made.kid not in nation.revoked:
                found.append(made)
        if not found:
            raise ExchangeError("every signing key is revoked; make another with `seaward exchange rotate`")
        crl = self._bytes("revoked.crl") if nation.crl_number else b""
        return Identity(found[0], {k.kid: k.certificate for k in found[:_INTRODUCED]}, crl, nation.crl_number)

    def signing_certificates(self) -> tuple[bytes, ...]:
        """Certificates of signing keys, the newest first."""
        return tuple(self._bytes(f"signing-{n}.crt.der") for n in reversed(self.signing_numbers()))[:_INTRODUCED]

    def signing_until(self) -> datetime:
        """When the newest signing key ends; make another before."""
        return x509.load_der_x509_certificate(self.signing_certificates()[0]).not_valid_after_utc

    def own_ring(self) -> KeyRing:
        """Our own keys, to verify our own archive."""
        nation = self.nation
        every = [self._bytes(f"signing-{n}.crt.der") for n in self.signing_numbers()]
        return _ring(nation.nation, c.AuthorityTrust(nation.nation, self.authority_certificate), every)

    def ring(self, nation: str) -> tuple[KeyRing, c.AuthorityTrust]:
        """The keys of a partner as agreed, and who says so."""
        record = self.partner(nation)
        trust = c.AuthorityTrust(nation, c.check_authority(record.authority.encode(), nation))
        return _ring(nation, trust, record.signing).without(record.distrusted), trust

    def release_partner(self, nation: str) -> Partner:
        """The partner as the gate sees it."""
        record = self.partner(nation)
        return Partner(nation, record.secret, record.clearance, frozenset(record.coalitions))

    def policy(self) -> Policy:
        """Our rules of release."""
        path = self.folder / "rules.cedar"
        return read_policy(path) if path.exists() else default_policy()

    def operations(self) -> tuple[Operation, ...]:
        """Operations that were opened, those that ended too."""
        return tuple(Operation(o.id, o.kind, frozenset(o.partners), o.opened_at, o.until) for o in self.operation_rows())

    def operation_rows(self) -> tuple[OperationRow, ...]:
        """The same with who opened them."""
        path = self.folder / "operations.json"
        return self._read(path, tuple[OperationRow, ...], "open the operation again") if path.exists() else ()

    def log_folder(self, realm: str) -> Path:
        """Where the links of a realm keep what must not be forgotten."""
        return self.folder / "logs" / realm_token(realm)

    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """What changes when anything was agreed, made or revoked here: names, sizes and times of the files."""
        found = [*self.folder.glob("*.json"), *self.folder.glob("*.cedar"), *self.folder.glob("*.crl"), *self.folder.glob("*.pem"),
                 *self.folder.glob("partners/*.json")]  # fmt: skip
        kept = [p for p in found if not p.name.startswith((".", "status-"))]
        return tuple(sorted((str(p), s.st_size, s.st_mtime_ns) for p in kept if (s := _stat(p)) is not None))

    # -- write

    def create(self, nation: str, host: str, ports: tuple[int, int], at: datetime, entropy: Entropy, passphrase: bytes | None) -> None:
        """Make a nation's folder: its authority, first signing key, link key, and the keys of its server.

        Parameters
        ----------
        nation
            ISO 3166-1 alpha-3.
        host
            By which partners reach our server; empty where none can, and we dial.
        ports
            Of leaves and of the node's own clients.
        at
            Now.
        entropy
            Source of chance.
        passphrase
            Encrypts authority and signing keys; None leaves them open.

        Raises
        ------
        ExchangeError
            If there is a nation already, or the code is none.
        """
        if not _NATION.fullmatch(nation):
            raise ExchangeError(f"nation is {nation!r}; give its ISO 3166-1 code of three capital letters, such as PER")
        if (self.folder / "nation.json").exists():
            raise ExchangeError(f"{self.folder} holds the keys of {self.nation.nation} already; choose another folder")
        authority = c.new_authority(nation, at)
        self.write("authority.pem", c.key_pem(authority.key, passphrase))
        self.write("authority.crt.pem", c.certificate_pem(authority.certificate))
        operator, system = new_nkey(OPERATOR, entropy(32)), new_nkey(ACCOUNT, entropy(32))
        hosts = sorted({h for h in (host, "localhost", "127.0.0.1") if h})
        key, certificate = c.certify_link(authority, hosts, at)
        self.write("link.pem", c.key_pem(key, None))  # nats-server reads it
        self.write("link.crt.pem", c.certificate_pem(certificate))
        self.write_json("nation.json", Nation(nation, host, *ports, operator, system))
        self.add_signing(authority, at, entropy, passphrase)

    def add_signing(self, authority: c.Authority, at: datetime, entropy: Entropy, passphrase: bytes | None) -> SigningKey:
        """Make and certify a further signing key; it counts from the next start or `identify` on."""
        number = max(self.signing_numbers(), default=0) + 1
        seed = entropy(32)
        key = Ed25519PrivateKey.from_private_bytes(seed)
        certificate = c.certify_signing(authority, key.public_key().public_bytes_raw(), at)
        self.write(f"signing-{number}.crt.der", certificate)
        self.write(f"signing-{number}.pem", c.key_pem(key, passphrase))
        return signing_key(authority.nation, seed, certificate)

    def revoke(self, authority: c.Authority, kids: Iterable[bytes], at: datetime) -> None:
        """Revoke signing keys of ours."""
        nation = self.nation
        revoked = tuple(sorted({*nation.revoked, *kids}))
        self.write("revoked.crl", c.revocation_list(authority, revoked, nation.crl_number + 1, at))
        self.write_json("nation.json", msgspec.structs.replace(nation, crl_number=nation.crl_number + 1, revoked=revoked))

    def new_partner(self, nation: str, nonce: bytes, entropy: Entropy) -> PartnerRecord:
        """A record with fresh accounts; not yet kept."""
        pairs = [AccountKeys(new_nkey(ACCOUNT, entropy(32)), new_nkey(USER, entropy(32))) for _ in range(2)]
        return PartnerRecord(nation, "invited", entropy(32), nonce, pairs[0], pairs[1], new_nkey(USER, entropy(32)))

    def keep(self, record: PartnerRecord) -> None:
        """Keep what was agreed with a partner."""
        self.write_json(f"partners/{record.nation}.json", record)

    def keep_operations(self, rows: Iterable[OperationRow]) -> None:
        """Keep which operations are open."""
        for row in (kept := tuple(rows)):
            Operation(row.id, row.kind, frozenset(row.partners), row.opened_at, row.until)
        self.write_json("operations.json", kept)

    def write_json(self, name: str, value: object) -> None:
        self.write(name, msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all, for its owner alone."""
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = path.with_name(f".{path.name}.new")
            file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(file, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            os.replace(beside, path)
        except OSError as e:
            raise OutputError(f"{path} cannot be written ({e.strerror or e}); free space there or choose another folder") from e

    def _bytes(self, name: str) -> bytes:
        path = self.folder / name
        try:
            return path.read_bytes()
        except OSError as e:
            raise InputError(f"{path} cannot be read ({e.strerror}); name the folder that `seaward exchange init` made with --dir") from e

    def _private(self, name: str, passphrase: bytes | None) -> object:
        data = self._bytes(name)
        try:
            return serialization.load_pem_private_key(data, passphrase if b"ENCRYPTED" in data else None)
        except (TypeError, ValueError) as e:
            why = "it needs its passphrase" if passphrase is None else "the passphrase is not right, or the file is damaged"
            raise ExchangeError(f"{self.folder / name} cannot be opened: {why}; give it with --passphrase-file") from e

    def _read(self, path: Path, kind: type[_T], advice: str) -> _T:
        try:
            return msgspec.json.decode(self._bytes(str(path.relative_to(self.folder))), type=kind)
        except msgspec.DecodeError as e:
            raise InputError(f"{path} is damaged ({e}); {advice}") from e


def open_operation(
    home: Home, name: str, kind: Literal["rescue", "pursuit", "other"], partners: Iterable[str], at: datetime, lasts: timedelta, who: str
) -> OperationRow:  # fmt: skip
    """Open an operation, or open it anew; those that ended a month ago are let go of."""
    row = OperationRow(name, kind, tuple(sorted(set(partners))), at, at + lasts, who)
    Operation(row.id, row.kind, frozenset(row.partners), row.opened_at, row.until)  # says what is wrong with it
    home.keep_operations([o for o in home.operation_rows() if o.id != name and o.until > at - timedelta(days=30)] + [row])
    return row


def close_operation(home: Home, name: str, at: datetime) -> bool:
    """End an operation before its time; False where none of that name is open."""
    rows = home.operation_rows()
    if not any(o.id == name and o.until > at for o in rows):
        return False
    home.keep_operations([o for o in rows if o.id != name])
    return True


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None  # it was just replaced; the next look sees it


def _ring(nation: str, trust: c.AuthorityTrust, certificates: Iterable[bytes]) -> KeyRing:
    ring = KeyRing(nation)
    for certificate in certificates:
        if (key := trust.admit(certificate)) is not None:
            ring = ring.with_key(key)
    return ring
