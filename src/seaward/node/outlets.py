"""The picture -> other software, again and again, in a thread and loop of their own: no reader, slow or hostile, holds the watch.

Each outlet sends the newest fix of each vessel that it has not sent, at a bounded rate; nothing is queued, as an older fix is worth nothing once
there is a newer one. A reader that does not read gets nothing more until it does, and is let go when it stays so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import threading
from collections.abc import Callable
from typing import Any

from seaward.core.foreign_text import one_line
from seaward.node.config_outlets import OutletConfig, TcpOutlet, UdpOutlet
from seaward.node.outlet_forms import Aivdm, Cot, Form, TakTalk
from seaward.node.outlet_picture import Due, Sighted
from seaward.node.outlet_ways import Connection, Datagrams, Listening, Way
from seaward.node.source import FIRST_WAIT_S, LONGEST_WAIT_S

log = logging.getLogger("seaward.node")
_SLICE_S = 0.1  # messages go in so short bursts, that none overflows a receiver; ours
_BEHIND_TURNS = 3  # ours: so many turns in which tracks had to wait are a problem
_WHY = 300


class Outlets:
    """All outlets of a node.

    Parameters
    ----------
    configs
        What they are told to do.
    realm
        Of the node.
    look
        Gives what the node knows; called from threads of the outlets, never by two at once.
    now_ms
        Clock of the node [ms since 1970 UTC].
    """

    def __init__(self, configs: tuple[OutletConfig, ...], realm: str, look: Callable[[], Sighted], now_ms: Callable[[], int]) -> None:
        self.outlets = [_Running(c, realm, now_ms) for c in configs]
        self._look = look
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="outlets", daemon=True)
        self._seen: tuple[float, Sighted] | None = None

    def start(self) -> None:
        """Begin; returns at once, whoever is there."""
        if self.outlets:
            self._thread.start()

    def stop(self) -> None:
        """Close them all."""
        if self._thread.is_alive() and self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(30.0)

    def told(self) -> list[dict[str, Any]]:
        """How they are, ready for JSON."""
        return [o.told() for o in self.outlets]

    async def _main(self) -> None:
        self._loop, looking = asyncio.get_running_loop(), asyncio.Lock()

        async def look() -> Sighted:
            """What the node knows, looked up once for those who ask at the same time."""
            async with looking:
                now_s = asyncio.get_running_loop().time()
                if self._seen is None or now_s - self._seen[0] > 0.25:
                    self._seen = now_s, await asyncio.to_thread(self._look)
                return self._seen[1]

        tasks = [asyncio.create_task(o.keep_going(look), name=f"outlet {o.config.name}") for o in self.outlets]
        await self._stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Running:
    """One outlet."""

    def __init__(self, config: OutletConfig, realm: str, now_ms: Callable[[], int]) -> None:
        self.config, self._realm, self._now_ms = config, realm, now_ms
        self._due, self._talk = Due(config), TakTalk(realm)
        is_udp = isinstance(config, UdpOutlet)
        self._form: Form = Aivdm(realm) if config.form == "aivdm" else Cot(realm, config.form == "tak", is_udp)
        self._before: Form = Cot(realm, False, is_udp) if config.form == "tak" and isinstance(config, TcpOutlet) else self._form
        self.way = self._made_way()
        self._state, self._why = "starting", ""
        self._tracks = self._bytes = self._skipped = self._reconnects = self._behind = 0

    async def keep_going(self, look: Callable[[], Any]) -> None:
        """Send until cancelled; what breaks is begun again, ever more patiently."""
        wait_s, loop = FIRST_WAIT_S, asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                self._talk = TakTalk(self._realm)
                await self.way.open()
                self._state, self._why = "up", ""
                while True:
                    await self._turn(await look())
            except asyncio.CancelledError:
                self.way.close()
                raise
            except (TimeoutError, OSError, ValueError) as e:
                self._why = one_line(str(e) or type(e).__name__)[:_WHY]
            except Exception as e:  # one that fails in a way not foreseen is begun again too; the others never notice
                self._why = one_line(f"{type(e).__name__}: {e}")[:_WHY]
                log.exception("outlet failed", extra={"outlet": self.config.name})
            self.way.close()
            self._state, self._reconnects = "down", self._reconnects + 1
            wait_s = FIRST_WAIT_S if loop.time() - began >= LONGEST_WAIT_S else wait_s
            log.warning("outlet is down", extra={"outlet": self.config.name, "why": self._why, "again_in_s": wait_s})
            await asyncio.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, 2 * wait_s)

    async def _turn(self, seen: Sighted) -> None:
        """Send what is due, in short bursts, and wait for the next turn."""
        began, loop = asyncio.get_running_loop().time(), asyncio.get_running_loop()
        self.way.check()
        if self.way.readers:
            tracks = await asyncio.to_thread(self._due.due, seen, self._now_ms())
            self._behind = self._behind + 1 if self._due.held_back else 0
            size = max(1, math.ceil(self.config.tracks_per_s * _SLICE_S))
            for start in range(0, len(tracks), size):
                part = tracks[start : start + size]
                form = self._form if self._talk.is_agreed else self._before
                messages = list(form.of(part, self._now_ms()))
                self._skipped += self.way.send(messages)
                self._tracks, self._bytes = self._tracks + len(part), self._bytes + sum(map(len, messages))
                await asyncio.sleep(_SLICE_S)
        while (left := self.config.every_s - (loop.time() - began)) > 0:
            await asyncio.sleep(min(left, 1.0))
            self.way.check()

    def _made_way(self) -> Way:
        config = self.config
        if isinstance(config, UdpOutlet):
            return Datagrams(config.host, config.port, config.form == "aivdm")
        if isinstance(config, TcpOutlet):
            return Connection(config, self._came, lambda data: self._talk.hear(data, self._now_ms()) if config.form == "tak" else b"")
        return Listening(config.host, config.port, self._came)

    def _came(self) -> None:
        """There is a reader that has not seen everything: it is sent again."""
        self._due.again()
        self._form.again()

    def told(self) -> dict[str, Any]:
        """How it is; `problems` are codes of the catalogues."""
        due, down = self._due, self._state == "down"
        problems = [*(["outlet.down"] if down else []), *(["outlet.behind"] if self._behind >= _BEHIND_TURNS else [])]
        return {
            "outlet": self.config.name, "kind": self.config.kind, "form": self.config.form, "state": self._state, "why": self._why,
            "readers": self.way.readers if self._state == "up" else 0, "tracks": self._tracks, "bytes": self._bytes, "skipped": self._skipped,
            "reconnects": self._reconnects, "held_back": due.held_back, "left_out": due.left_out, "withheld": due.withheld, "problems": problems,
        }  # fmt: skip
