"""What time it is for a node: the wall clock, or one that a drill sets and speeds up. The only place where a node asks."""

from __future__ import annotations

import time
from bisect import bisect_right
from datetime import UTC, datetime
from typing import Protocol

from seaward.core.errors import ParameterError
from seaward.core.units import at_to_us

STANDING = 0.001  # times real time: as good as standing still


class Clock(Protocol):
    """Microseconds since 1970 UTC, and how many seconds of it pass in one of real time."""

    @property
    def speed(self) -> float: ...

    def now_us(self) -> int: ...
    def steady_us(self) -> int:
        """From any beginning, by a clock that nobody sets: it parts from `now_us` where that was set."""
        ...


class WallClock:
    """The computer's clock."""

    speed = 1.0

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def steady_us(self) -> int:
        return time.monotonic_ns() // 1000


class DrillClock:
    """A clock that starts at a moment and runs at a speed; for realms of drills alone.

    Parameters
    ----------
    start
        What it shows when it is made.
    speed
        Seconds of it in one of real time, more than 0 and up to 1000.
    """

    def __init__(self, start: datetime, speed: float) -> None:
        self._from: tuple[int, float, float] = at_to_us(start), time.monotonic(), 1.0
        self._runs: list[tuple[int, int, float]] = []  # by the wall clock, what it showed, how fast it went from there
        self.run(speed)

    @property
    def speed(self) -> float:
        return self._from[2]

    def run(self, speed: float) -> None:
        """Go on from what it shows, at another speed."""
        if not 0 < speed <= 1000:
            raise ParameterError(f"the clock of a drill cannot run at {speed} times real time; give more than 0 and up to 1000")
        self._from = self.now_us(), time.monotonic(), speed
        self._runs.append((time.time_ns() // 1000, self._from[0], speed))

    def shown(self, wall: datetime) -> datetime:
        """What it showed at a moment of the wall clock since it was made; links between nodes go by that one."""
        wall_us = at_to_us(wall)
        since_us, showed_us, speed = self._runs[max(0, bisect_right(self._runs, wall_us, key=lambda r: r[0]) - 1)]
        return moment(showed_us + int(max(0, wall_us - since_us) * speed))

    def now_us(self) -> int:
        at_us, since, speed = self._from
        return at_us + int((time.monotonic() - since) * speed * 1e6)

    def steady_us(self) -> int:
        """What it shows: another speed is no other time."""
        return self.now_us()


def moment(us: int) -> datetime:
    """Microseconds since 1970 as a moment UTC."""
    return datetime.fromtimestamp(us / 1e6, UTC)
