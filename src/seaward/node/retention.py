"""How old may what is kept be -> up to which moment it goes. What is erased is gone, so a clock alone is not enough."""

from __future__ import annotations

import logging
import threading

from seaward.core.units import HOUR_S, US_PER_S
from seaward.node.clock import Clock

log = logging.getLogger("seaward.node")
EVEN_US = HOUR_S * US_PER_S  # ours: so long the clock has run without a step before it is believed
STEP_US = 60 * US_PER_S
DAY_US = 86_400 * US_PER_S
DAYS_A_DAY = 2  # ours: after a long stop old days go twice as fast as new ones come; under a wrong clock no faster


class Retention:
    """When old data may go; safe to use from several threads.

    The clock is believed once it has run evenly for an hour, beside one that is never set; then it lets the oldest day go, twice a day and no more.

    Parameters
    ----------
    clock
        Of the node.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._even_since_us = clock.steady_us()
        self._apart_us = clock.now_us() - self._even_since_us
        self._gone: dict[str, tuple[int, int]] = {}

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
            now_us, steady_us = self._clock.now_us(), self._clock.steady_us()
            by_us, self._apart_us = now_us - steady_us - self._apart_us, now_us - steady_us
            if abs(by_us) > STEP_US:
                log.error("the clock was set; nothing old is removed for an hour", extra={"by_s": round(by_us / US_PER_S)})
                self._even_since_us = steady_us
                self._gone.clear()
            if steady_us - self._even_since_us < EVEN_US:
                return None
            limit_us = now_us - int(days * DAY_US)
            gone, since_us = self._gone.setdefault(what, (0, steady_us))
            if oldest_us >= limit_us or gone >= DAYS_A_DAY * (1 + (steady_us - since_us) / DAY_US):
                return None
            self._gone[what] = gone + 1, since_us
            return min(limit_us, oldest_us + DAY_US)
