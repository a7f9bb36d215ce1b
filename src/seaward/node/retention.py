"""How old may what is kept be -> up to which moment it goes. What is erased is gone, so a clock alone is not enough."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from seaward.core.units import HOUR_S, US_PER_S
from seaward.node.clock import Clock

log = logging.getLogger("seaward.node")
EVEN_S = HOUR_S  # ours: so long the clock has run without a step before it is believed
STEP_S = 60.0
DAY_US = 86_400 * US_PER_S
DAYS_A_DAY = 2  # ours: after a long stop old days go twice as fast as new ones come; under a wrong clock no faster


class Retention:
    """When old data may go; safe to use from several threads.

    The clock is believed once it has run evenly for an hour, beside one that is never set; then it lets the oldest day go, twice a day and no more.

    Parameters
    ----------
    clock
        Of the node.
    steady_s
        A clock that is never set [s].
    """

    def __init__(self, clock: Clock, steady_s: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._steady_s, self._lock = clock, steady_s, threading.Lock()
        self._now_us, self._at_s = clock.now_us(), steady_s()
        self._even_since_s = self._at_s
        self._gone: dict[str, tuple[int, float]] = {}

    def before_us(self, what: str, days: float, oldest_us: int) -> int | None:
        """What is older than this [us since 1970 UTC] may go, and is taken to go; None: nothing may now.

        Parameters
        ----------
        what
            Name of what is kept, such as that of a feed.
        days
            How long it is kept.
        oldest_us
            From when its oldest part is [us since 1970 UTC].
        """
        with self._lock:
            now_us, at_s = self._clock.now_us(), self._steady_s()
            ran_s = (now_us - self._now_us) / US_PER_S / self._clock.speed
            if abs(ran_s - (at_s - self._at_s)) > STEP_S:
                log.error("the clock was set; nothing old is removed for an hour", extra={"by_s": round(ran_s - (at_s - self._at_s))})
                self._even_since_s = at_s
                self._gone.clear()
            self._now_us, self._at_s = now_us, at_s
            if (at_s - self._even_since_s) * self._clock.speed < EVEN_S:
                return None
            limit_us = now_us - int(days * DAY_US)
            gone, since_s = self._gone.setdefault(what, (0, at_s))
            if oldest_us >= limit_us or gone >= DAYS_A_DAY * (1 + (at_s - since_s) * self._clock.speed * US_PER_S / DAY_US):
                return None
            self._gone[what] = gone + 1, since_s
            return min(limit_us, oldest_us + DAY_US)
