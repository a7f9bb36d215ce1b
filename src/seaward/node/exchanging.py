"""A node's side of the exchange: its server and links under supervision, in a thread and loop of their own, so that nothing of it holds the watch.

What is released is read from the journal of changes of the state, so that what another process releases counts too; a restart offers all again
that may still matter, and the links know what was told.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from seaward.core.errors import ExchangeError, SeawardError
from seaward.core.tables import STATIC
from seaward.desk import Desk, desk_of
from seaward.exchange.home import Home
from seaward.exchange.items import Released
from seaward.exchange.nats_server import NatsServer
from seaward.exchange.policy import Refusal
from seaward.exchange.release import Gate
from seaward.exchange.secret_file import read_secret
from seaward.exchange.server_plan import write_for_others, write_server_config
from seaward.exchange.set_within import set_within
from seaward.exchange.threads import TALK
from seaward.node.config import ExchangeConfig
from seaward.node.fusing import Fusing, Recent, no_positions
from seaward.node.keys_in_time import KeysInTime
from seaward.node.offering import objects, said_items
from seaward.node.partner_link import PartnerLink, status_path, wall_ms
from seaward.sharing import Labeller, Share, track_items
from seaward.store.journal import Change
from seaward.store.kept_exchange import Decision
from seaward.store.state import State

log = logging.getLogger("seaward.node")
_POLL_S = 0.25  # another process may release too; ours
_LOOK_S = 1.0  # how often the folder is looked at: what is revoked takes effect within a few seconds; ours
_AGAIN = timedelta(days=30)  # events that ended since then are offered again at a start; ours
_PAUSE_S = 5.0
_PAGE = 500
_WRITTEN = 50  # decisions kept at once; ours


class Exchanging:
    """The exchange of one node.

    Parameters
    ----------
    config
        What it is told to do.
    realm
        Of the node; links carry nothing of any other.
    state
        Of the node.
    latest
        Gives the last report of each vessel; may be called from any thread.
    recent
        Gives where vessels were (`Live.recent`); may be called from any thread.
    static
        Gives who they say they are (STATIC); may be called from any thread.
    """

    def __init__(
        self, config: ExchangeConfig, realm: str, state: State, latest: Callable[[], pl.DataFrame], recent: Recent = no_positions,
        static: Callable[[], pl.DataFrame] = STATIC.empty,
    ) -> None:  # fmt: skip
        self.config, self.realm, self.state = config, realm, state
        self.home = Home(config.home)
        self.links: dict[str, PartnerLink] = {}
        self.problem, self.is_serving, self.starts = "", False, 0
        self._latest = latest
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop, self._poked = asyncio.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._main, name="exchange", daemon=True)
        self._states: dict[str, tuple[str, ...]] = {}
        self._labeller = Labeller("", realm)
        self._lock: int | None = None
        self._again = False  # offer all again: a link has started anew
        self._keys = KeysInTime(self.home, state)
        self.fusing = Fusing(self.home, realm, state, recent, static)

    def start(self) -> None:
        """Begin; returns at once, whatever the state of servers and links."""
        self._thread.start()

    def stop(self) -> None:
        """End the links in order, and the server."""
        if self._loop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread.is_alive():
            self._thread.join(30.0)

    def poke(self, *_: object) -> None:
        """Say that something may have been told; from any thread, and never in the way of it."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._poked.set)

    def told(self) -> dict[str, Any]:
        """How it is, ready for JSON."""
        now_ms = wall_ms()
        return {"nation": self._labeller.nation, "realm": self.realm, "serving": self.is_serving, "why": self.problem,
                "links": [self._with_keys(link.told(now_ms)) for _, link in sorted(self.links.items())]}  # fmt: skip

    def _with_keys(self, link: dict[str, Any]) -> dict[str, Any]:
        """How a link is, with what our certificates, and perhaps theirs, have to do with it."""
        return link | {"problems": [*link["problems"], *self._keys.problems(link["state"])]}

    def tracks(self) -> list[tuple[str, Released, int]]:
        """Where partners see vessels, and who they say these are: origin, message, and when it was taken [us since 1970 UTC]."""
        return [(p, message, at_us) for p, seen in sorted(self.fusing.tracks.items()) for message, at_us in list(seen.last.values())]

    def desk(self) -> Desk:
        """What people say to partners, and hear from them; from any thread, and whether links run or not."""
        now, nation, operations = datetime.now(UTC), self.home.nation.nation, self.home.operations()
        shares = tuple(Share(**s.model_dump()) for s in self.config.share)
        open_now = tuple(o for o in operations if o.until > now)
        return desk_of(self.home, self.realm, self.state, Labeller(nation, self.realm, shares, frozenset(self.config.own_units), open_now))

    # -- the loop

    def _main(self) -> None:
        async def run() -> None:
            self._loop = asyncio.get_running_loop()
            while not self._stop.is_set():
                try:
                    await self._session()
                    self.problem = ""
                except Exception as e:  # the watch goes on without the exchange, and says why
                    self.problem = str(e)[:500]
                    log.error("the exchange cannot run", extra={"why": self.problem})
                    await set_within(self._stop, _PAUSE_S)

        try:
            asyncio.run(run())
        finally:
            self.fusing.save()
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    async def _session(self) -> None:
        """Run server and links until stopped, or until something was agreed, revoked or changed, or the server ended."""
        nation = self.home.nation
        self._hold()
        config = self.config
        secret = read_secret(config.passphrase_file) if config.passphrase_file else None
        await asyncio.to_thread(self._keys.look, secret, True)
        stamp = self.home.stamp()
        partners = [p for p in self.home.partners() if self.home.partner(p).state == "active" and (config.partners is None or p in config.partners)]
        await asyncio.to_thread(self.fusing.keep, partners, wall_ms() * 1_000)
        identity = self.home.identity(secret)
        gate = Gate(nation.nation, self.realm, self.home.policy(), self.home.operations())
        shares = tuple(Share(**s.model_dump()) for s in config.share)
        self._labeller = Labeller(nation.nation, self.realm, shares, frozenset(config.own_units), _open_now(gate))
        server, url = await self._serve(nation.client_port)
        ended = asyncio.Event()
        self.links = {p: PartnerLink(self.home, p, gate, identity, url, self.state, self.fusing.tracks[p], config.server_ca) for p in partners}
        for link in self.links.values():
            link.on_open = self._offer_again
        tasks = [asyncio.create_task(link.keep(ended), name=f"link {p}") for p, link in self.links.items()]
        doing = [asyncio.create_task(self._forever(what, ended), name=name)
                 for name, what in (("follow", self._follow), ("tracks", self._tracks), ("tell", self._tell), ("fuse", self._fuse))]  # fmt: skip
        try:
            self.is_serving = True
            self.starts += 1
            while not self._stop.is_set() and self.home.stamp() == stamp and (server is None or server.is_running):
                await set_within(self._stop, _LOOK_S)
                await asyncio.to_thread(self._keys.listen, server)
                await asyncio.to_thread(self._keys.look, secret)
        finally:
            self.is_serving = False
            ended.set()
            for task in doing:
                task.cancel()
            await asyncio.gather(*tasks, *doing, return_exceptions=True)
            if server is not None:
                await server.stop()
            self.links = {}
            if self._stop.is_set():
                self._write_status()

    async def _serve(self, port: int) -> tuple[NatsServer | None, str]:
        """Our server, started, and where it is; one that runs already where the configuration names it."""
        if self.config.server is not None:
            write_for_others(self.home, wall_ms() // 1000, self.config.listen_host)
            return None, self.config.server
        path = write_server_config(self.home, wall_ms() // 1000, self.config.listen_host)
        server = NatsServer(path, port)
        await server.start()
        return server, f"nats://127.0.0.1:{port}"

    async def _forever(self, what: Callable[[], Any], ended: asyncio.Event) -> None:
        """Do something that should not end again when it fails."""
        while not ended.is_set():
            try:
                await what()
            except Exception as e:  # it is said and tried again: neither the watch nor the links end by it
                self.problem = (str(e) or type(e).__name__)[:500]
                log.exception("a part of the exchange failed")
                await set_within(ended, _PAUSE_S)

    # -- what goes out

    async def _follow(self) -> None:
        """Offer what is there, then whatever the journal tells."""
        seq = self.state.last_seq()
        self._again = False
        await self._offer_everything()
        while True:
            rows = await asyncio.to_thread(self.state.changes_after, seq, _PAGE)
            if rows:
                await self._offer_changes(rows)
                seq = rows[-1].seq
                continue
            self._poked.clear()
            await set_within(self._poked, _POLL_S)
            if self._again:
                self._again = False
                await self._offer_everything()

    def _offer_again(self) -> None:
        """A link has (re)started from its log: it is offered all that may matter; what it told before it passes over."""
        self._again = True
        self._poked.set()

    async def _offer_everything(self) -> None:
        for link in self.links.values():
            link.is_offered = link.link is not None
        since = datetime.now(UTC) - _AGAIN
        events = await asyncio.to_thread(self.state.event_names, since)
        alerts = await asyncio.to_thread(self.state.alerts)
        names = [("event", n) for n in events] + [("alert", n) for n in alerts["alert_id"]]
        for at in range(0, len(names), _PAGE):
            await self._offer_objects(names[at : at + _PAGE])
        for partner in list(self.links):
            await self._offer_said(partner)

    async def _offer_changes(self, rows: list[Change]) -> None:
        names: dict[tuple[str, str], None] = {}
        said: dict[str, dict[tuple[str, str], None]] = {}
        for row in rows:
            if row.topic in ("event", "alert"):
                names[(row.topic, row.id)] = None
            elif row.topic == "release":
                names[(str(json.loads(row.body)["kind"]), row.id)] = None
            elif row.topic == "said":
                body = json.loads(row.body)
                said.setdefault(str(body["partner"]), {})[(str(body["kind"]), row.id)] = None
        await self._offer_objects(names)
        for partner in said.keys() & self.links.keys():
            await self._offer_said(partner, said[partner])

    async def _offer_said(self, partner: str, names: Iterable[tuple[str, str]] | None = None) -> None:
        """Offer what people said to a partner, or take it back; what was told before is passed over, what the gate says is kept and audited."""
        link = self.links[partner]
        rows = await asyncio.to_thread(self.state.said, partner, names)
        last = {(r.kind, r.id): r for r in rows}
        for at in range(0, len(rows), _PAGE):
            page, decisions = rows[at : at + _PAGE], []
            for row, item in zip(page, await asyncio.to_thread(said_items, page, self._labeller), strict=True):
                key, newest = (row.kind, row.id), last[(row.kind, row.id)]
                if newest.body is None and row is newest:
                    link.take_back(key, "withdrawn")
                elif newest.body is not None and row.body is not None:
                    if item is None:
                        continue
                    decision = link.offer(item)
                    if row is newest:
                        decisions.append((partner, *key, row.version, decision.rule, not isinstance(decision, Refusal)))
                if row is newest and row.arrived_at is None:
                    link.await_receipt(key, row.number, None if row.body is None else row.version)
            await self._keep_decisions(decisions)

    async def _offer_objects(self, names: Iterable[tuple[str, str]]) -> None:
        """Offer objects, or take them back, as they stand; what the gate says is kept and audited."""
        links, decisions = list(self.links.values()), list[Decision]()
        for (kind, name), item in await asyncio.to_thread(objects, self.state, self._labeller, list(names)):
            for link in links:
                if item is None:
                    link.take_back((kind, name))
                else:
                    decision = link.offer(item)
                    decisions.append((link.partner, kind, name, item.version, decision.rule, not isinstance(decision, Refusal)))
        await self._keep_decisions(decisions)

    async def _keep_decisions(self, decisions: list[Decision]) -> None:
        fresh = await asyncio.to_thread(self.state.not_decided, decisions)
        for at in range(0, len(fresh), _WRITTEN):  # in parts: the watch writes to the same state, and must not wait
            await asyncio.to_thread(self._write_decisions, fresh[at : at + _WRITTEN])

    def _write_decisions(self, decisions: list[Decision]) -> None:
        with self.state.together():
            for partner, kind, name, version, rule, allowed in decisions:
                is_new = self.state.decided(partner, kind, name, version, rule, allowed, datetime.now(UTC))
                if is_new and not allowed and kind in TALK:
                    self.state.note("withheld", name, {"partner": partner, "kind": kind, "version": version, "rule": rule}, datetime.now(UTC))

    async def _tracks(self) -> None:
        """Offer where vessels are, every few seconds those that were heard since."""
        since_us, pause = 0, asyncio.Event()
        while True:
            if any("track" in s.what for s in self.config.share):
                latest = await asyncio.to_thread(self._latest)
                items = await asyncio.to_thread(track_items, latest, self._labeller, since_us)
                for link in self.links.values():
                    link.offer_all(items)
                newest = latest["received_at"].to_physical().max() if len(latest) else None
                since_us = max(since_us, int(newest) if isinstance(newest, int) else 0)
            await set_within(pause, self.config.track_s)

    async def _fuse(self) -> None:
        """Join what partners see with what we see, as often as it costs little."""
        pause = asyncio.Event()
        while True:
            await set_within(pause, await asyncio.to_thread(self.fusing.turn, wall_ms() * 1_000))

    # -- how it is

    async def _tell(self) -> None:
        """Say in the journal of changes when a link comes or goes, keep what partners were told, and write how the links are beside the keys."""
        pause, turn = asyncio.Event(), 0
        while True:
            for link in self.links.values():
                now = self._with_keys(link.told(wall_ms()))
                said = (now["state"], *(p for p in now["problems"] if "_key_" in p))
                if self._states.get(link.partner) != said:
                    self._states[link.partner] = said
                    body = {k: now[k] for k in ("state", "problems", "why")}
                    await asyncio.to_thread(self.state.note, "link", link.partner, body, datetime.now(UTC))
                await asyncio.to_thread(link.keep_told)
            if turn % 2 == 0:
                await asyncio.to_thread(self._write_status)
            turn += 1
            await set_within(pause, 1.0)

    def _write_status(self) -> None:
        path = status_path(self.home.folder, self.realm)
        with contextlib.suppress(SeawardError):
            self.home.write(path.name, json.dumps({"at_ms": wall_ms(), **self.told()}, indent=1).encode() + b"\n")

    def _hold(self) -> None:
        """Hold the folder against a second node."""
        if self._lock is not None:
            return
        fd = os.open(self.home.folder / "node.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            os.close(fd)
            raise ExchangeError(f"another node uses the keys in {self.home.folder}; give a node of a drill a folder of its own") from e
        self._lock = fd


def _open_now(gate: Gate) -> tuple[Any, ...]:
    now = datetime.now(UTC)
    return tuple(o for o in gate.operations if o.until > now)
