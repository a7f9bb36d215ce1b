"""Two nations' nodes on loopback with a cable between them that can be cut, for tests; what is told, asked and called."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import polars as pl

from seaward.exchange.home import Home
from seaward.live import Looked
from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.server.refusals import Refusals
from seaward.server.serving import serve
from seaward.server.sign_in import SignIn
from tests.exchange.nations import agree, free_port, now
from tests.exchange.proxy import Proxy
from tests.store import kept as made
from tests.waiting import wait_for


def event(name: str, version: int = 1, **changes: Any) -> pl.DataFrame:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    return made.event(name, version, **({"start_at": start, "end_at": start + timedelta(hours=1)} | changes))


class Cable:
    """A proxy in a thread of its own, between the two servers."""

    def __init__(self, to: int) -> None:
        self.proxy, self._loop = Proxy(to), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.proxy.start(), self._loop).result(10)

    def do(self, what: str) -> None:
        self._loop.call_soon_threadsafe(getattr(self.proxy, what))

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.proxy.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class Two:
    """PER dials, USA listens; both watch."""

    def __init__(self, folder: Path, realms: tuple[str, str] = ("ops", "ops"), **shares: Any) -> None:
        listen = free_port()
        self.cable = Cable(listen)
        self.homes = {n: Home(folder / n / "exchange") for n in ("PER", "USA")}
        for nation, home in self.homes.items():
            port = self.cable.proxy.port if nation == "USA" else free_port()
            home.create(nation, "127.0.0.1", (port, free_port()), now(), os.urandom, None)
        agree(self.homes["PER"], self.homes["USA"])
        self._listen_at(listen)
        self.nodes = {}
        for nation, realm in zip(("PER", "USA"), realms, strict=True):
            told = {"home": str(self.homes[nation].folder), "track_s": 0.5, "share": shares.get(nation, [])}
            self.nodes[nation] = Node(config_of({
                "listen": {"port": 0}, "realm": realm, "data": str(folder / nation / "data"), "chart": {"areas": []}, "exchange": told,
            }))  # fmt: skip

    def _listen_at(self, port: int) -> None:
        """The server of USA listens behind the cable, whose port it gave to its partner."""
        nation = self.homes["USA"].nation
        self.homes["USA"].write_json("nation.json", msgspec.structs.replace(nation, leaf_port=port))

    @property
    def per(self) -> Node:
        return self.nodes["PER"]

    @property
    def usa(self) -> Node:
        return self.nodes["USA"]

    def tell(self, *events: pl.DataFrame, nation: str = "PER") -> None:
        """The watch tells of events."""
        node = self.nodes[nation]
        node.run(lambda: node._publish(Looked(pl.concat(events)), node.clock.now_us()))

    def got(self, nation: str = "USA", **which: Any) -> dict[str, dict[str, Any]]:
        rows = self.nodes[nation].state.partner_objects(**which).to_dicts()
        return {r["id"]: r | {"body": json.loads(r["body"])} for r in rows}

    def link(self, nation: str) -> dict[str, Any]:
        links = self.nodes[nation].status()["exchange"]["links"]
        return links[0] if links else {"state": "none"}

    def states(self, nation: str) -> list[str]:
        """The states of the link as followers of the changes were told them."""
        rows = self.nodes[nation].state.changes_after(0, 10_000)
        return [s["state"] for c in rows if c.topic == "link" and "state" in (s := json.loads(c.body))]

    def up(self) -> None:
        wait_for(lambda: self.link("PER")["state"] == "up" and self.link("USA")["state"] == "up")


@contextlib.contextmanager
def two(folder: Path, **how: Any) -> Iterator[Two]:
    both = Two(folder, **how)
    for node in both.nodes.values():
        node.start()
    try:
        yield both
    finally:
        for node in both.nodes.values():
            node.stop()
        both.cable.stop()


GAPS = [{"what": ["event"], "kinds": ["gap"], "to": ["USA"]}, {"what": ["event"], "kinds": ["encounter"], "to": ["USA"], "precision_m": 20_000}]


@contextlib.contextmanager
def api(node: Node) -> Iterator[Callable[..., Any]]:
    """The API of a node, asked with a token."""
    node.state.add_person("hale", "Ens. Hale", "officer", None, "test", now())
    token, _ = SignIn(node.state, Refusals(node.state, now), now=now).make_token(node.state.person("hale"), "observer", "t", 600, "test")  # type: ignore[arg-type]
    server = serve(node)
    try:

        def ask(path: str, whole: bool = True) -> Any:
            found = httpx.get(f"{server.url}/api/v1/{path}", headers={"Authorization": f"Bearer {token}"}, timeout=20)
            assert found.status_code == 200, found.text
            return found.json() if whole else found.text

        yield ask
    finally:
        server.stop()


def cli(*words: object) -> str:
    from typer.testing import CliRunner

    from seaward.cli.main import app

    done = CliRunner().invoke(app, ["exchange", *map(str, words)])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output
