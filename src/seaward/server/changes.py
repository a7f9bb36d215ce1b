"""The journal of changes -> whoever follows, each at their own pace from the number they name: none lost, none doubled, none waits for another.

The last changes are held in memory, ready to be sent; who is further behind reads the state. Nobody has a queue of their own, so nobody can fill one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

import msgspec

from seaward.core.errors import SeawardError
from seaward.server.as_json import as_json
from seaward.store.journal import Change
from seaward.store.state import State

log = logging.getLogger("seaward.server")
_HELD = 4_096  # changes in memory; ours
_PAGE = 500
_POLL_S = 0.25  # another process may write too; ours
Told = tuple[int, bytes]


class Changes:
    """What changed, in the order of the journal. `run`, `after` and `wait` belong to one loop; `poke` to any thread.

    Parameters
    ----------
    state
        Whose journal is followed.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._held: deque[Told] = deque(maxlen=_HELD)
        self.last = state.last_seq()
        self._first = self.last + 1  # of those held, or the next
        self._woken = asyncio.Event()
        self._more = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.stopping = False

    def poke(self, *_: object) -> None:
        """Say that something may have changed."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self, each_s: float = _POLL_S, also: Callable[[], None] | None = None) -> None:
        """Follow the journal until cancelled; `also` is called in a thread at each turn."""
        self._loop = asyncio.get_running_loop()
        while True:
            try:
                if also is not None:
                    await asyncio.to_thread(also)
                while rows := await asyncio.to_thread(self._state.changes_after, self.last, _PAGE):
                    self._take(rows)
            except SeawardError as e:
                log.error("the journal of changes cannot be read", extra={"why": str(e)})
            self._woken.clear()
            try:
                async with asyncio.timeout(each_s):  # wait_for of Python 3.11 can forget that it was cancelled (python/cpython#86296)
                    await self._woken.wait()
            except TimeoutError:
                continue

    def _take(self, rows: list[Change]) -> None:
        for row in rows:
            self._held.append((row.seq, encode(row, self._state.realm)))
        self.last, self._first = rows[-1].seq, self._held[0][0]
        more, self._more = self._more, asyncio.Event()
        more.set()

    async def after(self, seq: int) -> list[Told]:
        """What changed after a number, as far as known, at most some hundreds; empty where there is nothing."""
        if seq >= self.last:
            return []
        if seq + 1 >= self._first:
            return [told for told in self._held if told[0] > seq][:_PAGE]
        rows = await asyncio.to_thread(self._state.changes_after, seq, _PAGE)
        return [(row.seq, encode(row, self._state.realm)) for row in rows if row.seq <= self.last]

    async def wait(self, seq: int, seconds: float) -> None:
        """Return when something changed after a number, or after some time."""
        if self.stopping or seq < self.last:  # since it was asked for
            return
        more = self._more
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await more.wait()
        except TimeoutError:
            return

    def stop(self) -> None:
        """Wake all who wait, so that they end."""
        self.stopping = True
        self._more.set()


def encode(row: Change, realm: str) -> bytes:
    """A change as an event of a stream (HTML, 9.2 server-sent events)."""
    data = as_json({"realm": realm, "seq": row.seq, "at": row.at, "topic": row.topic, "id": row.id, "body": msgspec.Raw(row.body.encode())})
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (row.seq, row.topic.encode(), data)
