"""Waiting that can always be cancelled."""

from __future__ import annotations

import asyncio

import pytest

from seaward.exchange.set_within import set_within


def test_a_cancellation_that_comes_as_the_event_is_set_is_not_forgotten() -> None:
    async def both_at_once() -> None:
        event = asyncio.Event()

        async def for_ever() -> None:
            while True:
                event.clear()
                await set_within(event, 30.0)

        task = asyncio.create_task(for_ever())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        event.set()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 2)

    asyncio.run(both_at_once())


def test_it_says_whether_the_event_was_set() -> None:
    async def waiting() -> tuple[bool, bool]:
        event = asyncio.Event()
        late = await set_within(event, 0.01)
        event.set()
        return late, await set_within(event, 1.0)

    assert asyncio.run(waiting()) == (False, True)
