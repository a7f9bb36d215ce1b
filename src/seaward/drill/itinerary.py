"""What one hull does, put together deed by deed with a clock that guesses when it arrives, and cut where the exercise starts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from seaward.core.geodesy import destination_deg, great_circle_m
from seaward.core.units import KN_MPS
from seaward.drill import hulls
from seaward.drill.scenario import Place

FOREVER_MS = 2**53  # later than any exercise, and exact in every number type
_WAIT_KN = 0.5  # enough to keep the head to the sea; ours
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Order:
    """One row of `hulls.Orders`, with the moments and places that the clock guesses."""

    what: int
    until_ms: int
    lon_deg: float = NAN
    lat_deg: float = NAN
    speed_kn: float = 0.0
    course_deg: float = NAN
    radius_m: float = 0.0
    gear: int = 0
    other: str | None = None  # id of the hull to lie alongside of
    from_ms: int = 0
    ends_ms: int = 0  # guessed
    start: Place = (NAN, NAN)
    end: Place = (NAN, NAN)


@dataclass(slots=True)
class Itinerary:
    """A plan in the making: where the hull is, and when, if nothing slows it down."""

    at: Place
    at_ms: int = 0
    orders: list[Order] = field(default_factory=list)

    def sail(self, points: list[Place], speed_kn: float, until_ms: int = FOREVER_MS) -> Itinerary:
        """Sail from point to point, until arrival or a moment."""
        for lon, lat in points:
            way_m = float(great_circle_m(*self.at, lon, lat))
            if way_m < 1.0 or self.at_ms >= until_ms:
                continue
            takes_ms = math.ceil(way_m / (speed_kn * KN_MPS) * 1000.0)
            share = min(1.0, (until_ms - self.at_ms) / takes_ms)
            end = (lon, lat) if share == 1.0 else between(self.at, (lon, lat), share)
            self._add(Order(hulls.SAIL, until_ms, lon, lat, speed_kn), min(until_ms, self.at_ms + takes_ms), end)
        return self

    def stay(self, what: int, until_ms: int) -> Itinerary:
        """Moor, anchor or drift here until a moment."""
        if until_ms > self.at_ms:
            self._add(Order(what, until_ms), until_ms, self.at)
        return self

    def wait(self, until_ms: int, course_deg: float) -> Itinerary:
        """Keep the head to the sea until a moment, all but stopped."""
        return self.steer(course_deg, _WAIT_KN, until_ms)

    def steer(self, course_deg: float, speed_kn: float, until_ms: int) -> Itinerary:
        """Hold a course until a moment."""
        if until_ms > self.at_ms:
            way_m = speed_kn * KN_MPS * (until_ms - self.at_ms) / 1000.0
            lon, lat = destination_deg(*self.at, course_deg, min(way_m, 2e7))
            self._add(Order(hulls.STEER, until_ms, speed_kn=speed_kn, course_deg=course_deg), until_ms, (float(lon), float(lat)))
        return self

    def work(self, centre: Place, radius_m: float, gear: int, speed_kn: float, until_ms: int) -> Itinerary:
        """Work a ground until a moment; guessed to end in its middle."""
        if until_ms > self.at_ms:
            self._add(Order(hulls.WORK, until_ms, *centre, speed_kn=speed_kn, radius_m=radius_m, gear=gear), until_ms, centre)
        return self

    def meet(self, other: str, where: Place, speed_kn: float, until_ms: int) -> Itinerary:
        """Lie alongside another until a moment; guessed to end where the other is."""
        if until_ms > self.at_ms:
            self._add(Order(hulls.MEET, until_ms, speed_kn=speed_kn, other=other), until_ms, where)
        return self

    def place_at(self, at_ms: int) -> Place:
        """Where the hull is guessed to be at a moment."""
        for o in self.orders:
            if o.from_ms <= at_ms < o.ends_ms:
                return between(o.start, o.end, (at_ms - o.from_ms) / (o.ends_ms - o.from_ms))
        return self.at if not self.orders or at_ms >= self.orders[-1].ends_ms else self.orders[0].start

    def cut(self) -> tuple[Place, tuple[Order, ...]]:
        """Where the hull is when the exercise starts, and what it then still has to do."""
        return self.place_at(0), tuple(o for o in self.orders if o.ends_ms > 0)

    def _add(self, order: Order, ends_ms: int, end: Place) -> None:
        o = order
        self.orders.append(
            Order(
                o.what, o.until_ms, o.lon_deg, o.lat_deg, o.speed_kn, o.course_deg, o.radius_m, o.gear, o.other, self.at_ms, ends_ms, self.at, end
            )
        )  # fmt: skip
        self.at, self.at_ms = end, ends_ms


def between(one: Place, two: Place, share: float) -> Place:
    """A point on the short leg from one place to another."""
    east = (two[0] - one[0] + 180.0) % 360.0 - 180.0
    return (one[0] + share * east + 180.0) % 360.0 - 180.0, one[1] + share * (two[1] - one[1])


def moved(place: Place, bearing_deg: float, way_m: float) -> Place:
    """A place some way off."""
    lon, lat = destination_deg(*place, bearing_deg, way_m)
    return float(lon), float(lat)


def bearing_deg(one: Place, two: Place) -> float:
    """Direction [degree] from one place to another nearby."""
    east = ((two[0] - one[0] + 180.0) % 360.0 - 180.0) * math.cos(math.radians((one[1] + two[1]) / 2))
    return float(np.degrees(np.arctan2(east, two[1] - one[1])) % 360.0)
