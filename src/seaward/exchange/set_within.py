"""Wait for an event, but not for ever."""

from __future__ import annotations

import asyncio


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether an event is set within so many seconds.

    Whoever waits here can always be cancelled. `asyncio.wait_for` of Python 3.11 forgets a cancellation that comes as the event is set
    (python/cpython#86296); a task that waits in a loop then never ends, and a partner that floods us could keep a link from being stopped.
    """
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        return False
    return True
