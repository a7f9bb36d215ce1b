"""One partner over NATS: drives the pure machine (`dialogue`) with sockets. Batches are published on our own server; the partner asks for them there.

The partner asks (rather than being sent to) because a request is the first thing that crosses a link that comes back. What is lost on the way is
found missing by receipts and sent again, so readers need not acknowledge to the server, and nothing but that one request is ever opened to them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError

from seaward.exchange.dialogue import Dialogue
from seaward.exchange.items import Item, Key
from seaward.exchange.nats_names import STREAMS, Stream, inbox, out_subject, request_subject, stream_name
from seaward.exchange.params import Effect, Send
from seaward.exchange.set_within import set_within

_ASK_S = 2.0  # a request for messages holds so long and is then made again; ours
_ASK_MESSAGES = 256  # asked for at a time; ours
_MOST_CAME = 4_096  # that wait to be looked at: a partner that sends unasked fills no memory; ours
_MOST_CAME_BYTES = 1 << 24  # the same, before it is even counted; what is beyond is dropped, and sent again
_MOST_STREAM_BYTES = {"history": 1 << 22, "live": 1 << 21, "control": 1 << 20}  # in memory: our own log holds what has no receipt; ours
_OTHER_STREAM = 10058  # of nats-server: one of that name is there, laid out in another way
_STREAM_OF: dict[str, Stream] = {"history": "history", "live": "live", "receipt": "control", "checkpoint": "control", "introduction": "control"}


@dataclass(frozen=True, slots=True)
class LinkPlaces:
    """Where our own server is, and as whom we come."""

    url: str  # nats://127.0.0.1:port, or tls:// where others run it
    out_credentials: Path
    link_credentials: Path
    authority: Path | None = None  # who certified that server (PEM); None: whom this machine believes


@dataclass(slots=True)
class LinkHealth:
    """What happened to the sockets, for the page of the watch."""

    asked: int = 0
    came: int = 0
    dropped: int = 0
    published: int = 0
    not_published: int = 0
    is_answered: bool = False  # the partner's server answers our requests
    last_error: str = ""


@dataclass(slots=True)
class NatsLink:
    """Runs one link until told to stop.

    Parameters
    ----------
    dialogue
        The machine, recovered.
    places
        Our server.
    clock
        Gives the moment [ms since 1970 UTC].
    take
        Gets all that came and all that the watch should see, in order, from within the event loop.
    """

    dialogue: Dialogue
    places: LinkPlaces
    clock: Callable[[], int]
    take: Callable[[Sequence[Effect]], None]
    health: LinkHealth = field(default_factory=LinkHealth)
    _came: deque[bytes] = field(default_factory=deque)
    _asked: deque[Callable[[], None]] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    # -- for the node

    def offer(self, item: Item) -> None:
        """Offer an object; it leaves as far as the gate allows."""
        self.do(lambda: self.dialogue.offer(item, self.clock()))

    def withdraw(self, key: Key) -> None:
        """Take back an object."""
        self.do(lambda: self.dialogue.withdraw(key))

    def do(self, what: Callable[[], object]) -> None:
        """Change the machine from within the event loop: never from two places at once."""
        self._asked.append(what)  # type: ignore[arg-type]
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the link until `stop` is set. Cut links and servers that come and go are waited for."""
        clients = await self._clients(stop)
        if clients is None:
            return
        out, link = clients
        try:
            async with asyncio.TaskGroup() as tasks:
                asking = [tasks.create_task(self._ask(link, stream)) for stream in STREAMS]
                stopping = tasks.create_task(self._wake_on(stop))
                await self._pump(out, stop)  # ends between two steps, never in the middle of one
                for task in (*asking, stopping):
                    task.cancel()
        finally:
            for client in (out, link):
                with contextlib.suppress(NatsError, OSError, TimeoutError):
                    await client.close()

    async def _clients(self, stop: asyncio.Event) -> tuple[Client, Client] | None:
        """Both of our users on our server; None where it is to stop before that server takes them."""
        asked = asyncio.gather(
            self._connect(self.places.out_credentials, "_INBOX"), self._connect(self.places.link_credentials, inbox(self.dialogue.gate.nation))
        )
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait((asked, stopping), return_when=asyncio.FIRST_COMPLETED)
            return (await asked) if asked.done() else None
        finally:
            for waits in (stopping, asked):
                waits.cancel()
            await asyncio.gather(stopping, asked, return_exceptions=True)

    async def _connect(self, credentials: Path, replies: str) -> Client:
        async def failed(e: Exception) -> None:  # the only place where a refused subject is ever said
            self.health.last_error = f"{type(e).__name__}: {e}"

        tls = ssl.create_default_context(cafile=self.places.authority) if self.places.url.startswith("tls://") else None
        return await nats.connect(
            self.places.url, tls=tls, user_credentials=str(credentials), inbox_prefix=replies.encode(), error_cb=failed, max_reconnect_attempts=-1,
            reconnect_time_wait=0.5, allow_reconnect=True, name=f"seaward {self.dialogue.gate.nation}-{self.dialogue.partner.nation}",
        )  # fmt: skip

    # -- out

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _pump(self, out: Client, stop: asyncio.Event) -> None:
        """What came goes in, what follows goes out, again and again; the only task that touches the machine."""
        is_laid_out = False
        while not stop.is_set():
            if not is_laid_out:
                is_laid_out = await self._lay_out(out)
            self._wake.clear()
            while self._asked:
                self._asked.popleft()()
            now_ms = self.clock()
            while self._came:
                self.dialogue.receive(self._came.popleft(), now_ms)
            if came := self.dialogue.came():
                self.take(came)
            effects = await asyncio.to_thread(self.dialogue.pump, now_ms)
            sends = [e for e in effects if isinstance(e, Send)]
            if taken := [e for e in effects if not isinstance(e, Send)]:
                self.take(taken)
            if sends and not await self._publish(out, sends):
                is_laid_out = False
            wait_s = max(0.0, (self.dialogue.next_pump_ms(now_ms) - self.clock()) / 1000)
            if not stop.is_set():
                await set_within(self._wake, min(wait_s, 1.0))

    async def _publish(self, out: Client, sends: list[Send]) -> bool:
        """Publish in order; False where our server does not have the streams."""
        realm, partner = self.dialogue.gate.realm, self.dialogue.partner.nation
        stream = out.jetstream(timeout=5)
        waiting = [stream.publish(out_subject(partner, realm, _STREAM_OF[s.lane], s.lane), s.data) for s in sends]
        results = await asyncio.gather(*waiting, return_exceptions=True)
        failed = [r for r in results if isinstance(r, BaseException)]
        for problem in failed:
            if isinstance(problem, asyncio.CancelledError) or not isinstance(problem, NatsError | OSError | TimeoutError):
                raise problem
            self.health.last_error = f"{type(problem).__name__}: {problem}"
        self.health.published += len(sends) - len(failed)
        self.health.not_published += len(failed)
        return not failed

    async def _lay_out(self, out: Client) -> bool:
        """Make the streams and the partner's consumers on our server, where they are not there."""
        gate, partner = self.dialogue.gate, self.dialogue.partner.nation
        manager = out.jetstream(timeout=5)
        try:
            for stream in STREAMS:
                name = stream_name(gate.nation, partner, gate.realm, stream)
                config = StreamConfig(
                    name=name, subjects=[out_subject(partner, gate.realm, stream, "*")], max_bytes=_MOST_STREAM_BYTES[stream],
                    discard=DiscardPolicy.OLD, storage=StorageType.MEMORY,
                    max_msgs_per_subject=1 if stream == "control" else -1, max_age=0 if stream == "history" else 60,
                )  # fmt: skip
                try:
                    await manager.add_stream(config)
                except BadRequestError as e:
                    if e.err_code != _OTHER_STREAM:
                        raise
                    await manager.delete_stream(name)  # of an earlier version; the machine sends again what was in it
                    await manager.add_stream(config)
                await manager.add_consumer(name, ConsumerConfig(durable_name=partner, ack_policy=AckPolicy.NONE))
        except (NatsError, OSError, TimeoutError) as e:
            self.health.last_error = f"{type(e).__name__}: {e}"
            return False
        return True

    # -- in

    async def _ask(self, link: Client, stream: Stream) -> None:
        """Ask the partner's server for its next messages, again as soon as they have come, and every few seconds where none come."""
        gate, partner = self.dialogue.gate, self.dialogue.partner.nation
        subject = request_subject(partner, stream_name(partner, gate.nation, gate.realm, stream))
        request = json.dumps({"batch": _ASK_MESSAGES, "expires": int(_ASK_S * 1e9)}).encode()
        more = asyncio.Event()
        left = 0

        async def came(message: Msg) -> None:
            nonlocal left
            status = (message.headers or {}).get("Status", "")
            if status:
                self.health.is_answered = status != "503"
                left = 0
                if status != "503":
                    more.set()
                return
            self.health.is_answered = True
            self.health.came += 1
            left -= 1
            if len(self._came) < _MOST_CAME:
                self._came.append(message.data)
            else:
                self.health.dropped += 1  # it is sent again when no receipt comes
            self._wake.set()
            if left <= _ASK_MESSAGES // 2:
                more.set()

        replies = link.new_inbox()
        subscription = await link.subscribe(replies, cb=came, pending_msgs_limit=_MOST_CAME, pending_bytes_limit=_MOST_CAME_BYTES)
        try:
            while True:
                more.clear()
                left = _ASK_MESSAGES
                self.health.asked += 1
                with contextlib.suppress(NatsError, OSError):
                    await link.publish(subject, request, reply=replies)
                await set_within(more, _ASK_S)
        finally:
            with contextlib.suppress(NatsError, OSError):
                await subscription.unsubscribe()

    def status(self) -> dict[str, Any]:
        """Machine and sockets together."""
        return {"dialogue": self.dialogue.status(), "health": self.health}
