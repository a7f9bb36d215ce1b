"""A nation's folder -> the plan of its nats-server: one account out and one of the link for each partner, and nothing shared between partners."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from seaward.exchange.certificates import spki_hash
from seaward.exchange.home import AccountKeys, Home, Nation, PartnerRecord
from seaward.exchange.nats_config import LeafDial, LeafListen, ServerPlan, account_lines, leaf_lines, server_config
from seaward.exchange.nats_names import inbox, next_subject, request_subject
from seaward.exchange.nats_tokens import Export, Import, account_token, credentials, operator_token, user_token

_STORE_BYTES, _MEMORY_BYTES = 1 << 26, 1 << 26  # of one partner: our own log holds what they have not signed for; ours
_STREAMS = 24  # three for each realm; ours


def plan_server(home: Home, at_s: int, listen_host: str = "127.0.0.1") -> ServerPlan:
    """Lay out the files that a server needs beside its configuration, and plan it.

    Parameters
    ----------
    home
        The nation's folder; certificates and credentials are written to `server/` in it.
    at_s
        Now [s since 1970 UTC].
    listen_host
        The address of this machine at which partners may dial; by default none but this machine can.
    """
    nation = home.nation
    active = [home.partner(n) for n in home.partners() if home.partner(n).state == "active"]
    accounts = {nation.system.public: account_token(nation.operator, nation.system.public, "system", at_s)}
    dial = []
    for record in active:
        accounts |= _accounts(nation, record, at_s)
        _write_credentials(home, record, at_s)
        if record.dial:
            dial.append(_dial(home, record))
    listening = [r for r in active if r.their_user]
    listen = _listen(home, nation, listening, active, listen_host) if listening else None
    operator = operator_token(nation.operator, nation.system.public, at_s)
    store = home.folder / "server" / "store"
    log = home.folder / "server" / "nats.log"
    return ServerPlan(f"seaward-{nation.nation}", nation.client_port, store, operator, nation.system.public, accounts, listen, tuple(dial), log)


def write_server_config(home: Home, at_s: int, listen_host: str = "127.0.0.1") -> Path:
    """Write the configuration; gives where."""
    home.write("server/nats.conf", server_config(plan_server(home, at_s, listen_host)).encode())
    return home.folder / "server" / "nats.conf"


def write_for_others(home: Home, at_s: int, listen_host: str = "127.0.0.1") -> None:
    """Write what a NATS server of others must include: `operator.jwt`, `accounts.conf`, `leafnodes.conf` in `server/`; see docs/exchange.md."""
    plan = plan_server(home, at_s, listen_host)
    if not (home.folder / "server" / "operator.jwt").exists():  # a server reloads its configuration only where that stays as it was
        home.write("server/operator.jwt", plan.operator.encode())
    for name, lines in (("accounts", account_lines(plan)), ("leafnodes", leaf_lines(plan))):
        home.write(f"server/{name}.conf", "".join(f"{line}\n" for line in lines).encode())


def credentials_path(home: Home, partner: str, account: str) -> Path:
    """Credentials of our own user in an account of a partner: `out` or `link`."""
    return home.folder / "server" / f"{partner}-{account}.creds"


def _accounts(nation: Nation, record: PartnerRecord, at_s: int) -> dict[str, str]:
    """The account of what goes to a partner, and the one that its leaf sees."""
    me, them = nation.nation, record.nation
    out, link = record.out.account.public, record.link.account.public
    ask = next_subject(them)
    return {
        out: account_token(nation.operator, out, f"out to {them}", at_s, exports=[Export(f"next for {them}", ask, is_stream_of_answers=True)],
                           store_bytes=_STORE_BYTES, memory_bytes=_MEMORY_BYTES, streams=_STREAMS, connections=8),
        link: account_token(nation.operator, link, f"link with {them}", at_s,
                            imports=[Import(f"next for {them}", out, ask, request_subject(me, "$1"))], connections=8, leaves=2),
    }  # fmt: skip


def _write_credentials(home: Home, record: PartnerRecord, at_s: int) -> None:
    me, them = home.nation.nation, record.nation
    own: list[tuple[str, AccountKeys, list[str], list[str]]] = [
        ("out", record.out, ["out.>", "$JS.API.>"], ["_INBOX.>"]),
        ("link", record.link, [request_subject(them)], [f"{inbox(me)}.>"]),
    ]
    for account, keys, publish, subscribe in own:
        token = user_token(keys.account, keys.user.public, f"{me} {account} {them}", at_s, publish, subscribe)
        home.write(f"server/{them}-{account}.creds", credentials(token, keys.user).encode())
    if record.dial:
        home.write(f"server/{them}-leaf.creds", credentials(record.leaf_token, record.leaf).encode())
        home.write(f"server/{them}-authority.pem", record.authority.encode())


def _dial(home: Home, record: PartnerRecord) -> LeafDial:
    folder = home.folder / "server"
    credentials_, authority = folder / f"{record.nation}-leaf.creds", folder / f"{record.nation}-authority.pem"
    return LeafDial(record.dial, record.link.account.public, credentials_, home.folder / "link.crt.pem", home.folder / "link.pem", authority)


def _listen(home: Home, nation: Nation, dialling: list[PartnerRecord], active: list[PartnerRecord], listen_host: str) -> LeafListen:
    """Where partners dial. The server holds its pins also against those whom it dials itself; these still cannot come in: their authority is not
    among `authorities`, and they have no user here."""
    home.write("server/authorities.pem", "".join(r.authority for r in dialling).encode())
    pinned = tuple(sorted({spki_hash(x509.load_pem_x509_certificate(r.link_certificate.encode())) for r in active}))
    folder = home.folder
    return LeafListen(listen_host, nation.leaf_port, folder / "link.crt.pem", folder / "link.pem", folder / "server" / "authorities.pem", pinned)
