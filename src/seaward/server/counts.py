"""What the server did, counted for the metrics: requests by route and status, how long they took, streams and why they ended."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter

BOUNDS_S = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)


class Counts:
    """Counters; safe to use from several threads. Routes are those of the table, so that nobody can make it grow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests: Counter[tuple[str, str, int]] = Counter()  # method, path of the route, status
        self.buckets: Counter[tuple[str, int]] = Counter()  # path of the route, number of the bound
        self.seconds: Counter[str] = Counter()
        self._streams: Counter[str] = Counter()  # open now, by person
        self.streams_ended: Counter[str] = Counter()
        self.sent = 0  # changes sent over streams

    def answered(self, method: str, path: str, status: int, seconds: float) -> None:
        """A request was answered."""
        with self._lock:
            self.requests[(method, path, status)] += 1
            self.buckets[(path, bisect_left(BOUNDS_S, seconds))] += 1
            self.seconds[path] += seconds  # type: ignore[assignment]

    @property
    def streams(self) -> int:
        """Open now."""
        return self._streams.total()

    def streams_of(self, person: str) -> int:
        """Open now of one person."""
        return self._streams[person]

    def stream_began(self, person: str) -> None:
        """A stream was opened."""
        with self._lock:
            self._streams[person] += 1

    def stream_ended(self, person: str, why: str, sent: int) -> None:
        """A stream ended: gone, slow, signed_out, stopping, failed."""
        with self._lock:
            self._streams[person] -= 1
            if not self._streams[person]:
                del self._streams[person]
            self.streams_ended[why] += 1
            self.sent += sent
