"""What a pattern of traffic knows of the hull that it makes a plan for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from seaward.core.geodesy import great_circle_m
from seaward.drill.itinerary import Itinerary
from seaward.drill.kinds import KINDS
from seaward.drill.scenario import Place, Traffic
from seaward.drill.waters import Waters


@dataclass(slots=True)
class Member:
    """One hull of a traffic, by its own chance; of its fellows it sees the earlier ones alone, so that a larger count changes nobody."""

    id: str
    traffic: Traffic
    rng: np.random.Generator
    phase: float  # 0 to 1, spread evenly over the hulls of the traffic
    waters: Waters
    start: datetime
    length_ms: int
    number: int  # from 0
    berths: list[Place] = field(default_factory=list)  # taken by earlier ones
    served: dict[str, Itinerary] = field(default_factory=dict)  # plans of the hulls that it serves

    def speed_kn(self) -> float:
        """A speed of the traffic, else of the kind."""
        return round(float(self.rng.uniform(*(self.traffic.speed_kn or KINDS[self.traffic.kind].speed_kn))), 1)

    def berth(self, around: Place, radius_nm: float, spacing_m: float) -> Place:
        """A place at sea of one's own."""
        place = self.waters.somewhere(self.rng, around, radius_nm, self.berths, spacing_m)
        self.berths.append(place)
        return place

    def port(self) -> Place:
        """One of the ports."""
        return self.traffic.ports[int(self.rng.integers(len(self.traffic.ports)))]

    def local_midnight_ms(self, lon_deg: float) -> int:
        """The last midnight before the start, by the sun."""
        at = self.start
        hours = (at.hour + at.minute / 60 + at.second / 3600 + lon_deg / 15.0) % 24.0
        return -int(hours * 3_600_000)


def way_m(points: list[Place]) -> float:
    """Length of a way."""
    p = np.array(points)
    return float(great_circle_m(p[:-1, 0], p[:-1, 1], p[1:, 0], p[1:, 1]).sum())
