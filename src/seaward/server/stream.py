"""`GET changes`: one open answer per page, fed from `Changes` and, if asked for, from `Moving`; slow or gone readers are let go and counted."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable

from starlette.types import Receive, Scope, Send

from seaward.server.as_json import as_json
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.moving import Held, View, Window
from seaward.server.problems import Problem

log = logging.getLogger("seaward.server")
MOST_STREAMS = 300  # 100 officers with two pages each, and some programs; ours
MOST_OF_ONE = 20
HEARTBEAT_S = 15.0  # below the half minute after which proxies close what is silent
SLOW_S = 20.0  # who takes nothing for so long is let go: with what lies in buffers some 100 kB behind
MOVES_S = 1.0
SOONEST_S = 0.2  # a page that shows another part of the sea is told of it no sooner after the last
RETRY_MS = 2_000
_CHECK_S = 10.0  # how soon a stream ends after its session did


class Stream:
    """One answer: an ASGI application.

    Parameters
    ----------
    floor
        What it tells of.
    asked
        Who asks, since which number (Last-Event-ID or `since`), and whether positions are wanted, of which part of the sea and how finely.
    slow_s, heartbeat_s
        How long who reads may take nothing, and how long nothing is said at most.
    """

    def __init__(self, floor: Floor, asked: Asked, slow_s: float = SLOW_S, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._floor, self._asked, self._moving = floor, asked, floor.moving
        self._slow_s, self._heartbeat_s = slow_s, heartbeat_s
        self._name = secrets.token_hex(8)
        self._positions = bool(asked.query.get("positions"))
        self._since = since_of(asked)
        self._sent = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"),
                   (b"seaward-realm", self._floor.node.realm.encode())]  # fmt: skip
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        gone = asyncio.create_task(_gone(receive))
        window = self._moving.windows[self._name] = Window(self._asked.caller.person, view_of(self._asked))
        self._floor.counts.stream_began(self._asked.caller.person)
        why = "failed"
        try:
            why = await self._tell(lambda data: self._send(send, data), gone, window)
        except _Slow:
            why = "slow"
        except asyncio.CancelledError:
            why = "stopping"
            raise
        except Exception:
            log.exception("a stream failed")
        finally:
            gone.cancel()
            del self._moving.windows[self._name]
            self._floor.counts.stream_ended(self._asked.caller.person, why, self._sent)
            log.info("stream ended", extra={"who": self._asked.caller.person, "why": why, "sent": self._sent})
        if why == "slow":
            scope.get("state", {}).get("abort", lambda: None)()  # what lies in buffers would never be taken either
            await asyncio.sleep(0.05)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, say: Callable[[bytes], Awaitable[None]], gone: asyncio.Task[None], window: Window) -> str:
        changes, clock = self._floor.changes, asyncio.get_running_loop().time
        seq = changes.last if self._since is None else self._since
        if seq > changes.last and seq > (newest := await asyncio.to_thread(self._floor.node.state.last_seq)):
            seq = newest  # they follow another journal, before a copy of the state was brought back: what they show cannot be trusted
            await say(_event("reset", {"realm": self._floor.node.realm, "seq": seq}, seq))
        await say(b"retry: %d\n" % RETRY_MS + _event("ready", {"realm": self._floor.node.realm, "seq": seq, "stream": self._name}, seq))
        heartbeat, check, move = clock() + self._heartbeat_s, clock() + _CHECK_S, clock()
        soonest = move
        held: Held | None = None
        while not gone.done():
            if changes.stopping:
                return "stopping"
            for number, data in await changes.after(seq):
                await say(data)
                seq, self._sent, heartbeat = number, self._sent + 1, clock() + self._heartbeat_s
            now = clock()
            if self._positions and now >= move:
                window.changed.clear()
                data, held = await self._moving.since(held, window.view)
                if data:
                    await say(data)
                    heartbeat = clock() + self._heartbeat_s
                soonest, move = clock() + SOONEST_S, max(move + MOVES_S, clock())
            if now >= heartbeat:
                await say(self._moving.nothing() if self._positions else b":\n\n")
                heartbeat = clock() + self._heartbeat_s
            if now >= check:
                if not await asyncio.to_thread(self._floor.sign_in.still, self._asked.caller):
                    return "signed_out"
                check = clock() + _CHECK_S
            if seq >= changes.last:
                waiting = min(heartbeat, check, *([move] if self._positions else [])) - clock()
                await _first(gone, changes.wait(seq, waiting), window.changed.wait())
            if window.changed.is_set():
                move = min(move, soonest)
        return "gone"

    async def _send(self, send: Send, data: bytes) -> None:
        try:
            async with asyncio.timeout(self._slow_s):
                await send({"type": "http.response.body", "body": data, "more_body": True})
        except TimeoutError:
            raise _Slow from None


class _Slow(Exception):
    """Who reads takes nothing."""


def view_of(asked: Asked) -> View:
    """What of the sea is to be told of, as the query says."""
    return View(asked.query.get("bbox"), asked.query.get("step_deg", 0.0), asked.query.get("turn_deg", 0.0))


def since_of(asked: Asked) -> int | None:
    """The number after which changes are wanted; None: from now on."""
    text = asked.headers.get("last-event-id")
    if text is None:
        return asked.query.get("since")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Problem("bad_value", name="Last-Event-ID", value=text[:60], wanted="0 ..")
    return int(text)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first(gone: asyncio.Task[None], *waits: Awaitable[object]) -> None:
    waiting = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.wait({gone, *waiting}, return_when=asyncio.FIRST_COMPLETED)
    for wait in waiting:
        wait.cancel()


def _event(name: str, value: dict[str, object], seq: int) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, name.encode(), as_json(value))
