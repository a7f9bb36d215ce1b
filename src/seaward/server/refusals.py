"""Refused requests -> the log, each; the audit, the first at once and the same ones of the next minute as a count: a flood cannot fill the disk."""

from __future__ import annotations

import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import datetime

from seaward.core.errors import SeawardError
from seaward.core.units import MINUTE_S
from seaward.server.slowing import network_of
from seaward.store.state import State

log = logging.getLogger("seaward.server")
_MOST = 1_000  # kinds of refusals counted at once; those beyond are one kind
_ROWS_A_MINUTE = 60  # audit rows of refusals; ours
Key = tuple[str, str, str]  # who, action, address


class Refusals:
    """Keeps what was refused.

    Parameters
    ----------
    state
        Of the node.
    now
        Tells the time.
    """

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self.counts: Counter[str] = Counter()  # by code, for the metrics
        self._state, self._now = state, now
        self._lock = threading.Lock()
        self._since: OrderedDict[Key, datetime] = OrderedDict()
        self._more: Counter[Key] = Counter()
        self._minute, self._rows = 0, 0

    def refused(self, who: str, code: str, address: str, what: str) -> None:
        """Keep that somebody (empty: nobody signed in) was refused something, such as `POST /api/v1/lists/{name}`."""
        log.warning("refused", extra={"who": who, "code": code, "address": address, "what": what})
        now = self._now()
        key = (who or "anonymous", f"{'signin' if code in ('sign_in', 'slow_down') else 'request'}.refused", network_of(address))
        with self._lock:
            self.counts[code] += 1
            if key in self._since and (now - self._since[key]).total_seconds() < MINUTE_S:
                self._more[key] += 1
                return
            if len(self._since) >= _MOST or not self._room(now):
                self._more[("several", key[1], "")] += 1
                return
            self._since[key] = now
            times = 1 + self._more.pop(key, 0)
        self._write(key, {"code": code, "what": what, "times": times}, now)

    def settle(self, *, all_of_it: bool = False) -> None:
        """Write the counts of minutes that are over; to be called now and then, and at the end."""
        now = self._now()
        with self._lock:
            over = [k for k, at in self._since.items() if all_of_it or (now - at).total_seconds() >= MINUTE_S]
            for key in over:
                del self._since[key]
            done = {k: self._more.pop(k) for k in [*self._more] if k not in self._since}
        for key, times in done.items():
            self._write(key, {"times": times}, now)

    def _room(self, now: datetime) -> bool:
        minute = int(now.timestamp() // MINUTE_S)
        self._minute, self._rows = minute, 1 if minute != self._minute else self._rows + 1
        return self._rows <= _ROWS_A_MINUTE

    def _write(self, key: Key, body: dict[str, object], now: datetime) -> None:
        who, action, address = key
        try:
            self._state.audit(who, action, address, body, now)
        except SeawardError as e:
            log.error("a refusal could not be kept in the audit", extra={"why": str(e)})
