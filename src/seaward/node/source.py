"""What brings the bytes of a feed to its intake, and how it is kept going: a lost connection is made again, ever more patiently."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from seaward.node.health import Health
from seaward.node.intake import Intake

log = logging.getLogger("seaward.node")
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
_WELL_S = 60.0  # a connection that held so long begins again with the shortest wait


class Source(Protocol):
    """Runs until its input ends or breaks; what it raises is told, and it is run again."""

    async def run(self, intake: Intake, health: Health) -> None: ...


async def keep_going(name: str, source: Source, intake: Intake, health: Health, first_wait_s: float = FIRST_WAIT_S) -> None:
    """Run a source again and again, with waits that double from one to sixty seconds; ends only when cancelled."""
    wait_s = first_wait_s
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            await source.run(intake, health)
            why = "the other side ended"
        except asyncio.CancelledError:
            raise
        except (TimeoutError, OSError, EOFError, ValueError) as e:
            why = str(e) or type(e).__name__
        except Exception as e:  # a source that fails in a way not foreseen is run again too; the others never notice
            why = f"{type(e).__name__}: {e}"
            log.exception("source failed", extra={"feed": name})
        health.connection(False, why=why)
        if loop.time() - began >= _WELL_S:
            wait_s = first_wait_s
        log.warning("feed is down", extra={"feed": name, "why": why, "again_in_s": wait_s})
        await asyncio.sleep(wait_s)
        wait_s = min(LONGEST_WAIT_S, 2 * wait_s)
