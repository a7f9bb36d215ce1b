"""What a nation and its partners have agreed -> the configuration of its nats-server, as text.

Three defaults of the server are unsafe between partners and are set here: a leaf that learns and dials addresses of its peer (`no_advertise`,
`ignore_discovered_servers`), one account shared over a leaf (accounts per partner, see nats_names), and a store that acknowledges before it is on
disk (`sync_interval: always`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seaward.exchange.seal import MOST_BYTES

_LOG_BYTES = 1 << 24  # of what the server says: a partner that is away for months fills no disk; ours
MAX_PAYLOAD = MOST_BYTES + 4_096  # bytes that a server must take


@dataclass(frozen=True, slots=True)
class LeafListen:
    """Where partners dial."""

    host: str
    port: int
    certificate: Path
    key: Path
    authorities: Path  # certificates of the authorities of all partners that dial
    pinned: tuple[str, ...]  # SHA-256 of the public keys of all partners' links: the server holds them also against those it dials


@dataclass(frozen=True, slots=True)
class LeafDial:
    """A partner that we dial."""

    url: str  # tls://host:port
    account: str
    credentials: Path
    certificate: Path
    key: Path
    authority: Path


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """All that the configuration needs."""

    name: str
    port: int  # of the node's own clients, on 127.0.0.1 alone
    store: Path
    operator: str  # token
    system_account: str
    accounts: dict[str, str] = field(default_factory=dict)  # tokens by public key
    listen: LeafListen | None = None
    dial: tuple[LeafDial, ...] = ()
    log: Path | None = None
    store_bytes: int = 1 << 30
    memory_bytes: int = 1 << 28


def server_config(plan: ServerPlan) -> str:
    """The configuration file."""
    lines = [
        f"server_name: {_quoted(plan.name)}",
        f"listen: {_quoted(f'127.0.0.1:{plan.port}')}",
        f"max_payload: {MAX_PAYLOAD}",
        *([f"log_file: {_quoted(str(plan.log))}", f"logfile_size_limit: {_LOG_BYTES}", "logfile_max_num: 3"] if plan.log else []),
        'ping_interval: "5s"',
        "ping_max: 2",
        'write_deadline: "5s"',
        f"operator: {_quoted(plan.operator)}",
        f"system_account: {_quoted(plan.system_account)}",
        "resolver: MEMORY",
        "resolver_preload: {",
        *(f"  {line}" for line in account_lines(plan)),
        "}",
        "jetstream: {",
        f"  store_dir: {_quoted(str(plan.store))}",
        f"  max_memory_store: {plan.memory_bytes}",
        f"  max_file_store: {plan.store_bytes}",
        "  sync_interval: always",
        "}",
    ]
    if leaves := leaf_lines(plan):
        lines += ["leafnodes: {", *leaves, "}"]
    return "\n".join(lines) + "\n"


def account_lines(plan: ServerPlan) -> list[str]:
    """The accounts, for the `resolver_preload` of a server of others."""
    return [f"{account}: {_quoted(token)}" for account, token in plan.accounts.items()]


def leaf_lines(plan: ServerPlan) -> list[str]:
    """How partners come in and are dialled: what stands in `leafnodes`; nothing where there is no partner."""
    if not plan.listen and not plan.dial:
        return []
    lines = ["  no_advertise: true", '  reconnect: "1s"', "  compression: s2_better"]
    return lines + (_listening(plan.listen) if plan.listen else []) + (_dialling(plan.dial) if plan.dial else [])


def _listening(listen: LeafListen) -> list[str]:
    pinned = ", ".join(_quoted(p) for p in listen.pinned)
    return [
        f"  listen: {_quoted(f'{listen.host}:{listen.port}')}",
        "  tls: {",
        *_tls(listen.certificate, listen.key, listen.authorities, 4),
        "    verify: true",
        f"    pinned_certs: [{pinned}]",
        "  }",
    ]


def _dialling(dial: Sequence[LeafDial]) -> list[str]:
    lines = ["  remotes: ["]
    for leaf in dial:
        lines += [
            "    {",
            f"      urls: [{_quoted(leaf.url)}]",
            f"      account: {_quoted(leaf.account)}",
            f"      credentials: {_quoted(str(leaf.credentials))}",
            "      ignore_discovered_servers: true",
            "      compression: s2_better",
            '      first_info_timeout: "10s"',  # one second by default, too short after a handshake over a satellite
            "      tls: {",
            *_tls(leaf.certificate, leaf.key, leaf.authority, 8),
            "      }",
            "    }",
        ]
    return [*lines, "  ]"]


def _tls(certificate: Path, key: Path, authority: Path, indent: int) -> list[str]:
    pad = " " * indent
    return [
        f"{pad}cert_file: {_quoted(str(certificate))}",
        f"{pad}key_file: {_quoted(str(key))}",
        f"{pad}ca_file: {_quoted(str(authority))}",
        f"{pad}handshake_first: true",
        f"{pad}timeout: 10",
        f'{pad}min_version: "1.3"',
    ]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
