"""A NATS server that others run in the place of the packaged one: what it must be set to, what happens when it is not, and that links then run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from seaward.core.errors import InputError
from seaward.exchange.home import Home
from seaward.exchange.nats_config import MAX_PAYLOAD
from seaward.exchange.nats_server import server_program
from seaward.exchange.nats_tokens import ACCOUNT, OPERATOR, USER, account_token, credentials, new_nkey, operator_token, user_token
from seaward.node.config import config_of
from seaward.node.node import Node
from tests.exchange.nations import agree, free_port, now
from tests.node.test_three_nations import got, tell
from tests.node.two_nations import event
from tests.waiting import wait_for

TLS = 'tls: {{ cert_file: "{0}/server.pem", key_file: "{0}/server.key" }}\n'


class Operator:
    """Somebody who runs a NATS server for other things, with an operator, a system account and an account of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        folder.mkdir()
        self.folder, self.port = folder, port
        at_s = int(time.time())
        self.operator, self.system, self.account = (
            new_nkey(OPERATOR, os.urandom(32)),
            new_nkey(ACCOUNT, os.urandom(32)),
            new_nkey(ACCOUNT, os.urandom(32)),
        )
        user = new_nkey(USER, os.urandom(32))
        (folder / "operator.jwt").write_text(operator_token(self.operator, self.system.public, at_s))
        (folder / "own.creds").write_text(credentials(user_token(self.account, user.public, "own", at_s, [">"], [">"]), user))
        self.accounts = {self.system.public: account_token(self.operator, self.system.public, "system", at_s),
                         self.account.public: account_token(self.operator, self.account.public, "own", at_s)}  # fmt: skip

    def configure(self, server: Path, tls: str = "") -> Path:
        """As docs/exchange.md says."""
        own = "\n".join(f"  {name}: {json.dumps(token)}" for name, token in self.accounts.items())
        path = self.folder / "nats.conf"
        path.write_text(
            f'server_name: harbour\nlisten: "127.0.0.1:{self.port}"\nmax_payload: {MAX_PAYLOAD}\n{tls}'
            f'operator: ["{self.folder}/operator.jwt", "{server}/operator.jwt"]\nsystem_account: {self.system.public}\n'
            f'jetstream: {{ store_dir: "{self.folder}/store", sync_interval: always }}\n'
            f"resolver: MEMORY\nresolver_preload: {{\n{own}\n  include ./accounts.conf\n}}\nleafnodes: {{\n  include ./leafnodes.conf\n}}\n"
        )
        for name in ("accounts.conf", "leafnodes.conf"):  # the server includes beside itself
            link = self.folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(server / name)
        return path

    @contextmanager
    def running(self, config: Path) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / "said.log").open("ab") as said:
            process = subprocess.Popen([str(server_program()), "-c", str(config)], stdout=said, stderr=said)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def node(folder: Path, nation: str, home: Home, to: str, **exchange: Any) -> Node:
    told = {"home": str(home.folder), "share": [{"what": ["event"], "to": [to]}], **exchange}
    return Node(config_of({"data": str(folder / nation / "data"), "chart": {"areas": []}, "exchange": told}))


def link(n: Node) -> dict[str, Any]:
    return (n.status()["exchange"]["links"] or [{"state": "none", "why": ""}])[0]


@pytest.mark.parametrize("secure", [False, True], ids=["on this machine", "by TLS"])
def test_a_server_of_others_that_includes_what_the_node_writes_carries_the_links(tmp_path: Path, secure: bool) -> None:
    per, usa = (Home(tmp_path / n / "exchange") for n in ("PER", "USA"))
    per.create("PER", "127.0.0.1", (free_port(), free_port()), now(), os.urandom, None)
    usa.create("USA", "127.0.0.1", (free_port(), free_port()), now(), os.urandom, None)
    agree(per, usa)
    harbour = Operator(tmp_path / "harbour", free_port())
    tls, shared = "", {"server": f"nats://127.0.0.1:{harbour.port}"}
    if secure:
        authority = trustme.CA()
        made = authority.issue_cert("127.0.0.1")
        made.private_key_pem.write_to_path(harbour.folder / "server.key")
        made.cert_chain_pems[0].write_to_path(harbour.folder / "server.pem")
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        tls, shared = TLS.format(harbour.folder), {"server": f"tls://127.0.0.1:{harbour.port}", "server_ca": str(tmp_path / "ca.pem")}
    one, other = node(tmp_path, "PER", per, "USA", **shared), node(tmp_path, "USA", usa, "PER")
    one.start()
    other.start()
    try:
        wait_for((per.folder / "server/leafnodes.conf").exists)
        wait_for(lambda: "Connect" in link(one)["why"] or "refused" in link(one)["why"].lower())  # nothing runs there yet, and that is said
        with harbour.running(harbour.configure(per.folder / "server", tls)) as server:
            wait_for(lambda: link(one)["state"] == link(other)["state"] == "up")
            tell(one, event("p-1"))
            tell(other, event("u-1"))
            wait_for(lambda: got(other) == {("PER", "p-1")} and got(one) == {("USA", "u-1")})
            assert asyncio.run(_streams_of(harbour, secure, tmp_path)) == "not theirs", "whoever runs the server sees its own account alone"
            assert not (per.folder / "server/nats.pid").exists(), "the packaged server does not run"
            before = (per.folder / "server/accounts.conf").read_text()
            agree(per, _third(tmp_path))
            wait_for(lambda: (per.folder / "server/accounts.conf").read_text() != before)
            server.send_signal(signal.SIGHUP)
            wait_for(lambda: "Reloaded server configuration" in (harbour.folder / "said.log").read_text())
            wait_for(lambda: [x["state"] for x in one.status()["exchange"]["links"]] == ["never", "up"])
            tell(one, event("p-2"))
            wait_for(lambda: ("PER", "p-2") in got(other))
    finally:
        began = time.monotonic()
        one.stop()
        other.stop()
    assert time.monotonic() - began < 20


def _third(folder: Path) -> Home:
    ecu = Home(folder / "ECU" / "exchange")
    ecu.create("ECU", "127.0.0.1", (free_port(), free_port()), now(), os.urandom, None)
    return ecu


async def _streams_of(harbour: Operator, secure: bool, folder: Path) -> str:
    import nats

    context = ssl.create_default_context(cafile=folder / "ca.pem") if secure else None
    url = f"{'tls' if secure else 'nats'}://127.0.0.1:{harbour.port}"
    client = await nats.connect(url, user_credentials=str(harbour.folder / "own.creds"), tls=context)
    try:
        await client.request("link.USA.USA_PER_ops_history", b"1", timeout=1)
    except nats.errors.Error:
        return "not theirs"
    finally:
        await client.close()
    return "theirs"


def test_a_server_that_does_not_know_our_accounts_is_said_and_the_node_stops_all_the_same(tmp_path: Path) -> None:
    per, usa = (Home(tmp_path / n / "exchange") for n in ("PER", "USA"))
    for home, nation in ((per, "PER"), (usa, "USA")):
        home.create(nation, "127.0.0.1", (free_port(), free_port()), now(), os.urandom, None)
    agree(per, usa)
    harbour = Operator(tmp_path / "harbour", free_port())
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/operator.jwt").write_text((harbour.folder / "operator.jwt").read_text())
    for name in ("accounts.conf", "leafnodes.conf"):
        (tmp_path / "empty" / name).write_text("")
    with harbour.running(harbour.configure(tmp_path / "empty")):
        one = node(tmp_path, "PER", per, "USA", server=f"nats://127.0.0.1:{harbour.port}")
        one.start()
        try:
            wait_for(lambda: "uthorization" in link(one)["why"])
            assert link(one)["state"] == "never" and "exchange.link.never" in link(one)["problems"] and one.engine.failures == 0
        finally:
            began = time.monotonic()
            one.stop()
        assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"server": "http://127.0.0.1:4222"}, "it is no address of a NATS server"),
        ({"server": "nats://127.0.0.1"}, "it is no address of a NATS server"),
        ({"server": "nats://127.0.0.1:99999"}, "it is no address of a NATS server"),
        ({"server": "nats://nats.example.pe:4222"}, "would lie open"),
        ({"server": "tls://vega:horse@nats.example.pe:4222"}, "it holds a name or a secret"),
        ({"server": "nats://127.0.0.1:4222", "server_ca": "ca.pem"}, "only a server that is reached by tls://"),
        ({"server_ca": "ca.pem"}, "only a server that is reached by tls://"),
    ],
)
def test_a_server_that_cannot_be_meant_is_refused_with_what_to_write(told: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        config_of({"exchange": {"home": "exchange", **told}})
    assert "horse" not in str(refused.value)
