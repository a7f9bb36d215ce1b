"""Keys and tokens of NATS, version 2 of its JWT: operator, accounts and users, made without any tool of NATS.

Source: github.com/nats-io/jwt (v2), ADR-14 and the documentation of nats-server on operator mode. No clock: the moment is given.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import nkeys


@dataclass(frozen=True, slots=True)
class Nkey:
    """A key of NATS: its seed, which is secret, and its public name."""

    seed: str
    public: str


OPERATOR, ACCOUNT, USER = nkeys.PREFIX_BYTE_OPERATOR, nkeys.PREFIX_BYTE_ACCOUNT, nkeys.PREFIX_BYTE_USER


def new_nkey(kind: int, entropy: bytes) -> Nkey:
    """A key of a kind from 32 bytes of good chance."""
    seed = nkeys.encode_seed(entropy, kind)
    return Nkey(seed.decode(), bytes(nkeys.from_seed(bytearray(seed)).public_key).decode())  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Export:
    """A subject that another account of the same server may call, answered by one message or by many."""

    name: str
    subject: str
    is_stream_of_answers: bool = False


@dataclass(frozen=True, slots=True)
class Import:
    """A subject of another account, under a name of one's own."""

    name: str
    account: str
    subject: str
    local: str


def operator_token(operator: Nkey, system_account: str, at_s: int) -> str:
    """The operator, signed by itself."""
    return _signed(operator, operator.public, "seaward", at_s, {"system_account": system_account, "type": "operator", "version": 2})


def account_token(
    operator: Nkey, account: str, name: str, at_s: int, exports: Sequence[Export] = (), imports: Sequence[Import] = (), store_bytes: int = 0,
    memory_bytes: int = 0, streams: int = 0, connections: int = -1, leaves: int = 0,
) -> str:  # fmt: skip
    """An account, signed by the operator; without `store_bytes` and `memory_bytes` it has no JetStream."""
    limits = {"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": False, "conn": connections, "leaf": leaves,
              "mem_storage": memory_bytes, "disk_storage": store_bytes, "streams": streams, "consumer": streams}  # fmt: skip
    claims = {
        "exports": [{"name": e.name, "subject": e.subject, "type": "service", "response_type": "Stream" if e.is_stream_of_answers else "Singleton"}
                    for e in exports],
        "imports": [{"name": i.name, "account": i.account, "subject": i.subject, "local_subject": i.local, "type": "service"} for i in imports],
        "limits": limits, "default_permissions": {"pub": {}, "sub": {}}, "type": "account", "version": 2,
    }  # fmt: skip
    return _signed(operator, account, name, at_s, claims)


def user_token(account: Nkey, user: str, name: str, at_s: int, publish: Sequence[str], subscribe: Sequence[str], expires_s: int = 0) -> str:
    """A user, signed by its account, with the only subjects it may use."""
    claims: dict[str, Any] = {"pub": {"allow": list(publish)}, "sub": {"allow": list(subscribe)}, "subs": -1, "data": -1, "payload": -1}
    claims |= {"type": "user", "version": 2}
    return _signed(account, user, name, at_s, claims, expires_s)


def credentials(token: str, user: Nkey) -> str:
    """A file of credentials as clients and servers of NATS read it."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n"
    )


def token_subject(token: str) -> tuple[str, str]:
    """Issuer and subject of a token, unverified; ValueError where it is none."""
    try:
        claims = json.loads(_unpadded(token.split(".")[1]))
        return str(claims["iss"]), str(claims["sub"])
    except (IndexError, KeyError, TypeError, ValueError) as e:
        raise ValueError(f"it is no token of NATS ({e})") from e


def _signed(issuer: Nkey, subject: str, name: str, at_s: int, nats: dict[str, Any], expires_s: int = 0) -> str:
    claims: dict[str, Any] = {"iat": at_s, "iss": issuer.public, "name": name, "sub": subject, "nats": nats}
    if expires_s:
        claims["exp"] = expires_s
    digest = hashlib.new("sha512_256", _json(claims)).digest()
    claims["jti"] = base64.b32encode(digest).decode().rstrip("=")
    body = f"{_padded(_json({'typ': 'JWT', 'alg': 'ed25519-nkey'}))}.{_padded(_json(claims))}"
    signature = nkeys.from_seed(bytearray(issuer.seed.encode())).sign(body.encode())
    return f"{body}.{_padded(signature)}"


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _padded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
