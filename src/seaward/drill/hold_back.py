"""Messages heard -> in order of reception, once nothing earlier can come any more. Holds no more than was heard within the delay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seaward.drill.ais_send import SENT
from seaward.drill.hulls import I64

STATION_BITS, HULL_BITS = 10, 20
MOST_STATIONS, MOST_HULLS = 1 << STATION_BITS, 1 << HULL_BITS
_KIND = 1  # bit for static messages


def keys_of(received_ms: I64, hull: I64, station: I64, is_static: NDArray[np.bool_]) -> I64:
    """Numbers that sort messages by time of reception, then hull, station and kind: none occurs twice, as a hull sends a kind once in a while."""
    return ((received_ms << HULL_BITS | hull) << STATION_BITS | station) << _KIND | is_static


class HoldBack:
    """Messages that are received but not yet handed over."""

    def __init__(self) -> None:
        self._keys, self._rows = np.empty(0, np.int64), np.empty(0, SENT)

    def __len__(self) -> int:
        return len(self._keys)

    def take(self, rows: NDArray[np.void], received_ms: I64, station: I64, until_ms: int) -> tuple[NDArray[np.void], I64, I64]:
        """Add messages; take those received up to a moment, in order.

        Returns
        -------
        Their `SENT` rows, station and time of reception.
        """
        keys = keys_of(received_ms, rows["hull"].astype(np.int64), station, (rows["kind"] == 5) | (rows["kind"] == 24))
        if len(self._keys):
            keys, rows = np.concatenate([self._keys, keys]), np.concatenate([self._rows, rows])
        now = received_of(keys) <= until_ms
        self._keys, self._rows = keys[~now], rows[~now]
        due = np.flatnonzero(now)
        due = due[np.argsort(keys[due])]
        return rows[due], keys[due] >> _KIND & (MOST_STATIONS - 1), received_of(keys[due])


def received_of(keys: I64) -> I64:
    """Time of reception [ms] of a key."""
    return keys >> (HULL_BITS + STATION_BITS + _KIND)
