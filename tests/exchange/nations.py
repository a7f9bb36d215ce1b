"""Two nations with real servers on this machine, and a link between them that breaks when told to."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats

from seaward.exchange import invitation
from seaward.exchange.dialogue import Dialogue
from seaward.exchange.home import Home
from seaward.exchange.items import Released
from seaward.exchange.link import LinkPlaces, NatsLink
from seaward.exchange.log_file import FileLog
from seaward.exchange.nats_config import server_config
from seaward.exchange.nats_server import NatsServer
from seaward.exchange.nats_tokens import USER, credentials, new_nkey, user_token
from seaward.exchange.params import Deliver, Effect, LinkParams, Quarantined
from seaward.exchange.policy import default_policy
from seaward.exchange.release import Gate
from seaward.exchange.server_plan import credentials_path, plan_server
from tests.exchange.made import EVENT, item, label
from tests.exchange.proxy import Proxy

POLICY = default_policy()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def now() -> datetime:
    return datetime.now(UTC)


def clock() -> int:
    return int(time.time() * 1000)


def agree(one: Home, other: Home) -> None:
    """`one` invites, `other` answers; the server of `one` dials."""
    key = [h.identity(None).key for h in (one, other)]
    text = invitation.invite(one, other.nation.nation, key[0], now(), os.urandom)
    back = invitation.answer(other, text, key[1], now(), os.urandom, invitation.shown_fingerprint(invitation.read_letter(text, now())))
    invitation.conclude(one, back, now(), invitation.shown_fingerprint(invitation.read_letter(back, now())))


class Running:
    """One nation, running."""

    def __init__(self, home: Home, params: LinkParams) -> None:
        self.home, self.params = home, params
        self.nation = home.nation.nation
        self.effects: list[Effect] = []
        self.cursor: dict[str, tuple[int, int]] = {}
        self.links: dict[str, NatsLink] = {}
        self._stops: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.server: NatsServer | None = None

    async def serve(self, listen_port: int | None = None) -> None:
        plan = plan_server(self.home, int(time.time()))
        if plan.listen is not None and listen_port is not None:
            plan = replace(plan, listen=replace(plan.listen, host="127.0.0.1", port=listen_port))
        self.home.write("server/nats.conf", server_config(plan).encode())
        self.server = NatsServer(self.home.folder / "server" / "nats.conf", plan.port)
        await self.server.start()

    def dialogue(self, other: str) -> Dialogue:
        ring, trust = self.home.ring(other)
        logs = self.home.folder / "logs"
        made = Dialogue(
            Gate(self.nation, "ops", POLICY), self.home.release_partner(other), self.home.identity(None), ring, trust, FileLog(logs / f"{other}.log"),
            FileLog(logs / f"{other}.archive", keeps_all=True), self.params,
        )  # fmt: skip
        made.recover(clock(), self.cursor.get(other, (0, 0)))
        return made

    def link(self, other: str) -> NatsLink:
        """Start the link with a partner, from what the disk holds."""
        places = LinkPlaces(
            f"nats://127.0.0.1:{self.home.nation.client_port}", credentials_path(self.home, other, "out"), credentials_path(self.home, other, "link")
        )
        link = self.links[other] = NatsLink(self.dialogue(other), places, clock, self._take)
        stop = self._stops[other] = asyncio.Event()
        self._tasks[other] = asyncio.create_task(link.run(stop))
        return link

    def _take(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Deliver) and effect.lane == "history":
                if (effect.epoch, effect.seq) <= self.cursor.get(effect.origin, (0, 0)):
                    continue  # handed over again after a restart
                self.cursor[effect.origin] = effect.epoch, effect.seq
                self.links[effect.origin].dialogue.confirm(effect.epoch, effect.seq)
            self.effects.append(effect)

    async def unlink(self, other: str) -> None:
        self._stops[other].set()
        await self._tasks[other]

    async def stop(self) -> None:
        for other in self.links:
            await self.unlink(other)
        if self.server is not None:
            await self.server.stop()

    @property
    def came(self) -> list[Released]:
        return [m for e in self.effects if isinstance(e, Deliver) for m in e.messages]

    @property
    def ids(self) -> list[str]:
        return [m.id for m in self.came]

    @property
    def quarantined(self) -> list[str]:
        return [e.reason for e in self.effects if isinstance(e, Quarantined)]


class Nations:
    """Peru dials the USA through a proxy."""

    def __init__(self, folder: Path, **params: object) -> None:
        self.folder = folder
        self.params = LinkParams(**params)  # type: ignore[arg-type]
        self.delay_s, self.bytes_per_s = 0.0, None

    async def __aenter__(self) -> Nations:
        listen = free_port()
        self.proxy = Proxy(listen, self.delay_s, self.bytes_per_s)
        await self.proxy.start()
        homes = {}
        for nation in ("PER", "USA"):
            homes[nation] = Home(self.folder / nation)
            leaf_port = self.proxy.port if nation == "USA" else free_port()
            homes[nation].create(nation, "127.0.0.1", (leaf_port, free_port()), now(), os.urandom, None)
        agree(homes["PER"], homes["USA"])
        self.per, self.usa = Running(homes["PER"], self.params), Running(homes["USA"], self.params)
        await self.usa.serve(listen)
        await self.per.serve()
        return self

    async def link(self) -> None:
        """Both sides run, and have heard each other."""
        self.per.link("USA")
        self.usa.link("PER")
        await until(lambda: all(s.links[o].dialogue.status().last_heard_ms is not None for s, o in ((self.per, "USA"), (self.usa, "PER"))))

    async def __aexit__(self, *_: object) -> None:
        for side in (self.per, self.usa):
            await side.stop()
        await self.proxy.stop()


async def until(holds: Callable[[], bool], most_s: float = 60.0) -> None:
    """Wait until something holds; AssertionError where it never does."""
    end = time.monotonic() + most_s
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        await asyncio.sleep(0.01)


def run(what: Coroutine[Any, Any, None], most_s: float = 240) -> None:
    asyncio.run(asyncio.wait_for(what, most_s))


def events(first: int, end: int) -> list[Any]:
    return [item(EVENT, f"o{n}") for n in range(first, end)]


def their_label() -> Any:
    return label(owner="USA", rel=("PER",))


async def manager_of(both: Nations) -> tuple[Any, Any]:
    """Our own user in the account of what goes to a partner."""
    client = await nats.connect(both.per.links["USA"].places.url, user_credentials=str(both.per.links["USA"].places.out_credentials))
    return client, client.jetstream()


async def hostile(side: Running, other: str) -> Any:
    """A client on that nation's own server that may use every subject of the account the leaf is bound to."""
    record = side.home.partner(other)
    user = new_nkey(USER, os.urandom(32))
    path = side.home.folder / "hostile.creds"
    path.write_text(credentials(user_token(record.link.account, user.public, "hostile", int(time.time()), [">"], [">"]), user))
    return await nats.connect(
        f"nats://127.0.0.1:{side.home.nation.client_port}",
        user_credentials=str(path),
        allow_reconnect=False,
        inbox_prefix=f"inbox.{side.nation}".encode(),
    )


async def answer(client: Any, subject: str, data: bytes = b"") -> str:
    """What comes back; empty where nothing does, or where the asker's own server says that it has no JetStream there."""
    replies = client.new_inbox()
    waiting = await client.subscribe(replies)
    await client.publish(subject, data, reply=replies)
    try:
        found = await waiting.next_msg(timeout=0.5)
    except (TimeoutError, nats.errors.TimeoutError):
        return ""
    finally:
        await waiting.unsubscribe()
    text = found.data.decode(errors="replace")
    return "" if (found.headers or {}).get("Status") == "503" or "JetStream not enabled for account" in text else text


async def until_async(what: Any) -> None:
    end = time.monotonic() + 60
    while not await what():
        assert time.monotonic() < end
