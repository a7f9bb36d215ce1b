"""A cast, a clock and a seed become the true sea, stretch by stretch: fixed ticks of whole milliseconds, and orders given on the way.

Nothing here knows a rate, a sensor or the time on the wall: however many ticks are asked for at once, the sea is the same.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from seaward.core.units import KN_MPS, US_PER_S, at_to_us
from seaward.drill.afloat import at_start, begin_at, order_rows, under_way_at_start
from seaward.drill.hulls import Cast, Orders, Stretch
from seaward.drill.motion import run
from seaward.drill.scenario import Clock, Weather
from seaward.drill.steering import max_acceleration_mps2
from seaward.drill.water import climate, patches

STRETCH_TICKS = 60  # ours: ten minutes of 10 s; 25 MB for 10,000 hulls


@dataclass(frozen=True, slots=True)
class Action:
    """An order given while the sea runs; it holds until its `until_ms` or its arrival, then the hull takes up its own orders where the clock is."""

    at_ms: int  # carried out at the first tick from then on
    hull: str
    what: int  # hulls.MOOR to MEET
    until_ms: int
    lon_deg: float = float("nan")
    lat_deg: float = float("nan")
    speed_kn: float = float("nan")
    course_deg: float = 0.0
    radius_m: float = 0.0
    gear: int = 0
    other: str | None = None

    def __post_init__(self) -> None:
        if self.at_ms < 0 or self.until_ms <= self.at_ms:
            raise ValueError(f"an order from {self.at_ms} to {self.until_ms} ms; it must end after it begins, from 0 on")


class Sea:
    """The true sea of a drill.

    Parameters
    ----------
    cast
        Hulls and their orders.
    clock
        Start, length and tick; the rate is not looked at.
    weather
        Patches of bad weather.
    seed
        Of the scenario: wind, current and tide; luck of hulls comes from their own keys.
    actions
        Orders given later, in any order; more can be given with `order`.

    Limits
    ------
    Ships do not avoid each other, nor land: routes must. A hull without orders left waits where it is, or stays moored or at anchor.
    One that is to meet another which sails away follows it until its order ends.
    """

    def __init__(self, cast: Cast, clock: Clock, weather: tuple[Weather, ...] = (), seed: int = 0, actions: Iterable[Action] = ()) -> None:
        hulls = cast.hulls
        self.cast, self.clock = cast, clock
        self.number = {name: i for i, name in enumerate(hulls.id)}
        self.now_ms = 0
        self._utc_ms = at_to_us(clock.start) // (US_PER_S // 1000)
        self._rows = order_rows(cast.orders)
        self._patches, self._climate = patches(weather), climate(seed)
        self._state = at_start(hulls, cast.orders, np.array([max_acceleration_mps2(m) for m in hulls.length_m]))
        self._actions: list[tuple[int, int, str, int, Action]] = []
        self._given = 0
        self._hash = hashlib.sha256()
        under_way_at_start(self._state, self._rows)
        self._last = self._first_row()
        self._note(self._last, 0)
        for action in actions:
            self.order(action)

    def order(self, action: Action) -> None:
        """Give an order for now or later; of two for the same moment and hull the one given last holds.

        Raises
        ------
        ValueError
            For a hull that is not there, or a moment that is past.
        """
        for name in (action.hull, action.other):
            if name is not None and name not in self.number:
                raise ValueError(f"no hull {name!r} in this sea; there are {len(self.number)}, such as {next(iter(self.number), None)!r}")
        if action.at_ms < self.now_ms:
            raise ValueError(f"an order for {action.at_ms} ms, but the sea is at {self.now_ms} ms; give it for then or later")
        self._given += 1
        heapq.heappush(self._actions, (action.at_ms, self._given, action.hull, action.what, action))

    def advance(self, ticks: int = STRETCH_TICKS) -> Stretch:
        """The next ticks, fewer at the end of the clock.

        Raises
        ------
        ValueError
            When the clock has come to its end, or for less than one tick.
        """
        tick = self.clock.tick_ms
        left = (self.clock.length_ms - self.now_ms) // tick
        if ticks < 1 or left < 1:
            raise ValueError(f"{ticks} ticks were asked for and {left} are left at {self.now_ms} ms; ask for one at least while some are left")
        ticks = min(ticks, left)
        n = len(self.number)
        lon, lat, sog, cog, heading = (np.empty((ticks + 1, n)) for _ in range(5))
        activity, beside = np.empty((ticks + 1, n), np.uint8), np.empty((ticks + 1, n), np.int32)
        stretch = Stretch(self.now_ms + tick * np.arange(ticks + 1, dtype=np.int64), lon, lat, sog, cog, heading, activity, beside)
        columns = _columns(stretch)
        for column, last in zip(columns, _columns(self._last), strict=True):
            column[0] = last[-1]
        done = 0
        while done < ticks:
            self._carry_out()
            until = self._actions[0][0] if self._actions else self.clock.length_ms
            upto = min(ticks, max(done + 1, done + -(-(until - self.now_ms) // tick)))
            part = slice(done, upto + 1)
            run(self._state, self._rows, self._patches, self._climate, self._utc_ms, stretch.at_ms[part], *(c[part] for c in columns))
            self.now_ms += (upto - done) * tick
            done = upto
        self._last = stretch
        self._note(stretch, 1)
        return stretch

    def stretches(self, ticks: int = STRETCH_TICKS) -> Iterator[Stretch]:
        """All that is left, in stretches of some ticks."""
        while self.clock.length_ms - self.now_ms >= self.clock.tick_ms:
            yield self.advance(ticks)

    def digest(self) -> str:
        """SHA-256 of the sea so far: moments, places to 1e-7 degree and activities, tick by tick."""
        return self._hash.hexdigest()

    def _first_row(self) -> Stretch:
        """The sea at the start; what hulls do then is what they do in the first tick."""
        n, state = len(self.number), self._state
        knots = state["speed"] / KN_MPS
        heading = np.degrees(state["heading"]) % 360.0
        lon, lat, sog, cog, heading = (a[None].copy() for a in (state["lon"], state["lat"], knots, heading, heading))
        stretch = Stretch(np.zeros(1, np.int64), lon, lat, sog, cog, heading, np.zeros((1, n), np.uint8), np.full((1, n), -1, np.int32))
        trial = [np.concatenate([c, c]) for c in _columns(stretch)]
        moments = np.array([0, self.clock.tick_ms], np.int64)
        run(state.copy(), self._rows, self._patches, self._climate, self._utc_ms, moments, *trial)
        stretch.activity[0] = trial[5][1]
        return stretch

    def _carry_out(self) -> None:
        """Hand out the orders that are due."""
        while self._actions and self._actions[0][0] <= self.now_ms:
            a = heapq.heappop(self._actions)[-1]
            of = Orders(*(np.array([v]) for v in (0, a.what, a.until_ms, a.lon_deg, a.lat_deg, a.speed_kn, a.course_deg, a.radius_m, a.gear)),
                        other=np.array([-1 if a.other is None else self.number[a.other]]))  # fmt: skip
            begin_at(self._state, self.number[a.hull], order_rows(of))

    def _note(self, stretch: Stretch, first: int) -> None:
        """Add rows to the digest, row by row, so that it does not depend on where stretches end."""
        at = stretch.at_ms[first:, None].view(np.uint8)
        lon, lat = (np.rint(d[first:] * 1e7).astype(np.int32).view(np.uint8) for d in (stretch.lon_deg, stretch.lat_deg))
        self._hash.update(np.hstack([at, lon, lat, stretch.activity[first:]]).tobytes())


def _columns(s: Stretch) -> tuple[np.ndarray, ...]:
    assert s.alongside is not None
    return s.lon_deg, s.lat_deg, s.sog_kn, s.cog_deg, s.heading_deg, s.activity, s.alongside
