"""Who sails off Peru on the day of the demonstration, and where: about a hundred ships with their ways.

Identities cannot be real: numbers in the place of an MMSI start with 100, names end with (EX).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seaward.chart.shore import shore_m
from seaward.core.units import HOUR_S, nm_to_m

DAY_S = 24 * HOUR_S
CARGO, TANKER, FISHING, TUG = 70, 80, 30, 52  # ITU-R M.1371-5 table 53
_NM_DEG = 1 / 60  # degrees of latitude in a nautical mile


@dataclass(slots=True)
class Ship:
    """One hull, its identity and its way through the day."""

    mmsi: int
    name: str
    ship_type: int
    length_m: int
    beam_m: int
    way: NDArray[np.float64]  # rows of time [s of the day], longitude, latitude [degree]
    class_b: bool = False
    nav_status: int = 0
    silent_s: tuple[float, float] = (0.0, 0.0)
    drift_s: tuple[float, float] = (0.0, 0.0)
    drift_heading_deg: float = 0.0
    false_s: tuple[float, float] = (0.0, 0.0)
    false_place_deg: tuple[float, float] = (0.0, 0.0)  # longitude and latitude it then says it is at
    destination: str = "CALLAO (EX)"
    wander_m: float = field(default=60.0)


class Way:
    """A way put together leg by leg."""

    def __init__(self, lon_deg: float, lat_deg: float, at_s: float = 0.0) -> None:
        self.rows = [(at_s, lon_deg, lat_deg)]

    def steer(self, course_deg: float, sog_kn: float, hours: float) -> Way:
        """Sail a course for some hours."""
        at, lon, lat = self.rows[-1]
        way_deg = sog_kn * hours * _NM_DEG
        lat2 = lat + way_deg * math.cos(math.radians(course_deg))
        lon2 = lon + way_deg * math.sin(math.radians(course_deg)) / math.cos(math.radians((lat + lat2) / 2))
        self.rows.append((at + hours * HOUR_S, lon2, lat2))
        return self

    def to(self, lon_deg: float, lat_deg: float, sog_kn: float) -> Way:
        """Sail to a place."""
        at, lon, lat = self.rows[-1]
        way_nm = math.hypot((lon_deg - lon) * math.cos(math.radians((lat + lat_deg) / 2)), lat_deg - lat) / _NM_DEG
        if way_nm > 0:
            self.rows.append((at + way_nm / sog_kn * HOUR_S, lon_deg, lat_deg))
        return self

    def until(self, at_s: float, course_deg: float, sog_kn: float) -> Way:
        """Sail a course until a moment."""
        return self.steer(course_deg, sog_kn, max(0.0, at_s - self.rows[-1][0]) / HOUR_S)

    def meander(self, rng: np.random.Generator, until_s: float, sog_kn: float, turn_deg: float, around_nm: float) -> Way:
        """Work a ground: turn at random every quarter of an hour, back towards the middle when far from it."""
        _, lon0, lat0 = self.rows[-1]
        course = rng.uniform(0, 360)
        while self.rows[-1][0] < until_s:
            _, lon, lat = self.rows[-1]
            north, east = (lat0 - lat) / _NM_DEG, (lon0 - lon) * math.cos(math.radians(lat)) / _NM_DEG
            home = math.degrees(math.atan2(east, north))
            course = home + rng.normal(0, 20) if math.hypot(north, east) > around_nm else course + rng.normal(0, turn_deg)
            self.steer(course, sog_kn * rng.uniform(0.92, 1.08), 0.25)
        return self

    @property
    def end(self) -> NDArray[np.float64]:
        return np.array(self.rows)


def off_shore(lat_deg: float, nm: float) -> float:
    """Longitude [degree] at which the coast of Peru is `nm` away, coming from the sea."""
    lon = np.arange(-92.0, -70.0, 0.02)
    return float(lon[np.argmax(shore_m(lon, np.full(len(lon), lat_deg)) < nm_to_m(nm))])


def peru_fleet(seed: int) -> list[Ship]:
    """The ships of the day; another seed moves them, not what they are."""
    ships: list[Ship] = []

    def rng_of(purpose: int) -> np.random.Generator:
        return np.random.default_rng([seed, purpose, len(ships)])

    def add(name: str, ship_type: int, length_m: int, beam_m: int, way: Way, **more: object) -> None:
        ships.append(Ship(100_000_101 + 7 * len(ships), f"{name} (EX)", ship_type, length_m, beam_m, way.end, **more))  # type: ignore[arg-type]

    _lanes(add, rng_of)
    _callao(add, rng_of)
    _coastal_fishing(add, rng_of)
    _squid(add, rng_of)
    _two_hulls(ships, rng_of)
    _coasters(add)
    return ships


def _lanes(add, rng_of) -> None:
    """Cargo ships and tankers along the coast, ships across the ocean, and the one that loses its engine."""
    lats = np.arange(-2.0, -21.0, -0.75)
    for n in range(22):
        rng = rng_of(0)
        out_nm, kn, south = 24 + 2.2 * n % 31, rng.uniform(11, 16.5), n % 2 == 0
        points = [(off_shore(float(lat), out_nm + 3 * south), float(lat)) for lat in lats]
        points = points if south else points[::-1]
        first = int(n / 22 * (len(points) - 8))
        way = Way(*points[first])
        for lon, lat in points[first + 1 :]:
            way.to(lon, lat, kn)
        way.until(DAY_S, 160 if south else 340, kn)
        length = int(rng.integers(110, 290))
        add(f"LANE {n + 1:02d}", TANKER if n % 3 == 0 else CARGO, length, length // 6, way, wander_m=150.0)
    for n in range(6):
        rng = rng_of(1)
        kn = rng.uniform(13, 18)
        way = Way(off_shore(-12.0, 15 + 60 * n), -12.0 - 0.25 * n).until(DAY_S, 262 + 4 * n, kn)
        add(f"OCEAN {n + 1}", CARGO, 240 + 10 * n, 36, way, destination="OPEN SEA (EX)")
    way = Way(off_shore(-9.0, 55), -9.0).until(14 * HOUR_S, 158, 11.5)
    way.until(14.2 * HOUR_S, 165, 6).until(17 * HOUR_S, 322, 1.8).until(DAY_S, 158, 11.5)
    add("BULKER 7", CARGO, 182, 30, way, drift_s=(14.2 * HOUR_S, 17 * HOUR_S), drift_heading_deg=52.0, wander_m=10.0)


def _callao(add, rng_of) -> None:
    """Ships at anchor off Callao and ships that come in."""
    for n in range(12):
        rng = rng_of(2)
        lon, lat = -77.30 + 0.022 * (n % 4), -12.02 + 0.02 * (n // 4)
        way = Way(lon, lat)
        for k in range(24):
            way.steer(float(rng.uniform(0, 360)) if k % 2 == 0 else math.degrees(math.atan2(lon - way.rows[-1][1], lat - way.rows[-1][2])), 0.03, 1)
        add(f"ROADS {n + 1:02d}", TANKER if n % 4 == 0 else CARGO, 150 + 9 * n, 28, way, nav_status=1, wander_m=4.0)
    for n in range(5):
        rng = rng_of(3)
        start = (2 + 4 * n) * HOUR_S
        way = Way(-78.2 - 0.27 * n, -12.9 + 0.2 * n).until(start, float(rng.uniform(80, 100)), 4.0)
        way.to(-77.45, -12.20 + 0.03 * n, 12.5).to(-77.38 + 0.01 * n, -12.17 + 0.03 * n, 7.0).until(DAY_S, 10.0, 0.05)
        add(f"INBOUND {n + 1}", CARGO, 200 + 12 * n, 32, way)


def _coastal_fishing(add, rng_of) -> None:
    """Artisanal boats off four landing places (class B) and purse seiners."""
    for n in range(28):
        rng = rng_of(4)
        home_lat = (-4.6, -8.1, -13.3, -16.4)[n % 4] + 0.09 * (n // 4)
        lon, out = off_shore(home_lat, 2.5), off_shore(home_lat, 8 + n % 5)
        leave, back = rng.uniform(1, 5) * HOUR_S, rng.uniform(15, 20) * HOUR_S
        way = Way(lon, home_lat).until(leave, 90, 0.02).to(out, home_lat + 0.02, 7.5).meander(rng, back, 3.0, 35, 2.0)
        way.to(lon, home_lat, 7.5).until(DAY_S, 90, 0.02)
        add(f"CALETA {n + 1:02d}", FISHING, 9 + n % 6, 3, way, class_b=True, wander_m=15.0)
    for n in range(6):
        rng = rng_of(5)
        lat = -8.0 - 1.1 * n
        way = Way(off_shore(lat, 6), lat).to(off_shore(lat, 17), lat - 0.1, 10.5).meander(rng, 17 * HOUR_S, 4.2, 30, 4.0)
        way.to(off_shore(lat, 6), lat, 10.0).until(DAY_S, 120, 0.1)
        add(f"CERCO {n + 1}", FISHING, 42, 9, way, wander_m=20.0)


def _squid(add, rng_of) -> None:
    """Jiggers along the 200 nm line; one goes silent, one meets a carrier; another carrier waits."""
    meet_lon, meet_lat = off_shore(-14.6, 214), -14.6
    for n in range(22):
        rng = rng_of(6)
        lat = -13.0 - 0.16 * n
        lon = off_shore(lat, 204 + 11 * (n % 3))
        more = {"silent_s": (5 * HOUR_S, 14 * HOUR_S)} if n == 4 else {}
        way = Way(lon, lat).meander(rng, DAY_S, 2.75, 12, 6.0)
        if n == 10:
            way = Way(meet_lon - 0.2, meet_lat - 0.06).meander(rng, 5 * HOUR_S, 2.75, 12, 4.0).to(meet_lon, meet_lat, 7.0)
            way.until(8 * HOUR_S, 300, 2.4)
            meet = way.rows[-1]
            way.until(11.5 * HOUR_S, 305, 0.6).meander(rng, DAY_S, 2.75, 12, 5.0)
        add(f"JIGGER {n + 1:02d}", FISHING, 52 + n % 5 * 4, 10, way, nav_status=7, destination="FISHING GROUND", wander_m=25.0, **more)
    alongside = 60 / 1852 * _NM_DEG
    _, lon, lat = meet
    _, from_lon, from_lat = Way(lon, lat + alongside).steer(85, 12.5, 8).rows[-1]
    way = Way(from_lon, from_lat)
    way.rows.append((8 * HOUR_S, lon, lat + alongside))
    way.until(11.5 * HOUR_S, 305, 0.6).until(DAY_S, 250, 13)
    add("REEFER 1", CARGO, 134, 20, way, destination="OPEN SEA (EX)", wander_m=0.0)
    way = Way(off_shore(-16.2, 90), -16.2).until(11 * HOUR_S, 268, 10.5).until(17.25 * HOUR_S, 310, 0.7).until(DAY_S, 275, 12)
    add("REEFER 2", CARGO, 141, 21, way, destination="FOR ORDERS (EX)", wander_m=10.0)
    add("REEFER 3", CARGO, 128, 19, Way(off_shore(-11.0, 230), -11.0).until(DAY_S, 176, 12.5), destination="OPEN SEA (EX)")


def _two_hulls(ships: list[Ship], rng_of) -> None:
    """Two tugs, 500 nm apart, under one number."""
    for n, (name, lat) in enumerate((("TUG PAITA (EX)", -5.4), ("TUG ILO (EX)", -17.3))):
        rng = rng_of(7)
        way = Way(off_shore(lat, 9), lat).meander(rng, DAY_S, 6.5, 20, 5.0)
        ships.append(Ship(100_009_991, name, TUG, 24 + 8 * n, 9, way.end, destination="COAST (EX)", wander_m=15.0))


def _coasters(add) -> None:
    """One that calls at Callao and leaves, and one whose place is false for 50 minutes."""
    way = Way(-78.1, -12.75).to(-77.45, -12.25, 12.0).to(-77.255, -12.03, 8.0)
    way.until(way.rows[-1][0] + 8 * HOUR_S, 20, 0.02).to(-77.45, -12.25, 8.0).until(DAY_S, 250, 12.0)
    add("CABOTAGE 1", CARGO, 118, 18, way, wander_m=10.0)
    way = Way(-77.95, -11.2).until(DAY_S, 165, 4.0)
    add("CABOTAGE 2", CARGO, 104, 16, way, false_s=(9 * HOUR_S, 9 * HOUR_S + 3000), false_place_deg=(-77.11, -12.02), wander_m=20.0)
