"""The words that cast, kernel and sensors share: hulls, their orders, and a stretch of the true sea. Columns by vessel; no behaviour here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seaward.core.tables import ACTIVITIES

F64, I64, I32, U8, B = NDArray[np.float64], NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8], NDArray[np.bool_]

# What a hull is ordered to do; an order lasts until its `until_ms`, SAIL also until it has arrived.
MOOR, ANCHOR, SAIL, STEER, DRIFT, WORK, MEET = range(7)
# What a hull is doing, the truth about it at a tick: indices of core.tables.ACTIVITIES.
MOORED, ANCHORED, UNDER_WAY, ADRIFT, SETTING, FISHING, HAULING, SEARCHING, ALONGSIDE, WAITING, STOPPED = range(11)
assert len(ACTIVITIES) == STOPPED + 1
WORKING = (SETTING, FISHING, HAULING)


@dataclass(frozen=True, slots=True)
class Hulls:
    """Who is at sea, sorted by id; shape (n,) each."""

    id: tuple[str, ...]
    kind: tuple[str, ...]  # scenario.HULL_KINDS
    key: NDArray[np.uint64]  # of the hull's streams of chance: from (seed, id) alone
    mmsi: I64
    name: tuple[str, ...]
    callsign: tuple[str, ...]
    ship_type: I64  # ITU-R M.1371-5 table 53
    length_m: F64
    beam_m: F64
    ais_class: U8  # index in scenario.AIS_CLASSES
    is_real: B  # False: a transmitter without a hull (a false copy), which no radar sees
    start_deg: F64  # longitude and latitude, shape (n, 2)


@dataclass(frozen=True, slots=True)
class Orders:
    """What each is to do, in order; rows of hull n are first[n] to first[n + 1]."""

    first: I64  # shape (n + 1,)
    what: U8
    until_ms: I64  # the order ends then at the latest
    lon_deg: F64  # SAIL: to; WORK: centre of the ground; MOOR, ANCHOR: where, not a number for "here"
    lat_deg: F64
    speed_kn: F64
    course_deg: F64  # STEER
    radius_m: F64  # WORK
    gear: U8  # WORK: index in scenario.GEARS
    other: I64  # MEET: number of the hull to lie alongside of; -1


@dataclass(frozen=True, slots=True)
class Switches:
    """When a transmitter is on, and who it says it is and where: what hulls say, apart from what they do. One row a change, by hull and time."""

    hull: I64
    at_ms: I64
    is_on: B


@dataclass(frozen=True, slots=True)
class Claim:
    """From a moment on a hull sends another identity."""

    hull: int
    from_ms: int
    to_ms: int
    mmsi: int
    name: str
    callsign: str


@dataclass(frozen=True, slots=True)
class FalsePlace:
    """Between two moments a hull, or everyone within a circle when `hull` is -1, says it is elsewhere."""

    hull: int
    from_ms: int
    to_ms: int
    pattern: str  # scenario.FALSE_PATTERNS
    lon_deg: float = float("nan")  # jump: to; circle: centre
    lat_deg: float = float("nan")
    radius_m: float = 0.0  # circle
    east_m: float = 0.0  # offset
    north_m: float = 0.0
    around_deg: tuple[float, float] = (float("nan"), float("nan"))  # interference: whose victims
    within_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Distress:
    """From a moment on a hull is in need."""

    hull: int
    at_ms: int
    persons: int


@dataclass(frozen=True, slots=True)
class Cast:
    """A scenario as the kernel and the sensors take it."""

    hulls: Hulls
    orders: Orders
    switches: Switches
    claims: tuple[Claim, ...]
    false_places: tuple[FalsePlace, ...]
    distress: tuple[Distress, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """The true sea over some ticks; row 0 is the last tick of the stretch before (or the start), shapes (ticks + 1,) and (ticks + 1, n)."""

    at_ms: I64
    lon_deg: F64
    lat_deg: F64
    sog_kn: F64
    cog_deg: F64
    heading_deg: F64
    activity: U8
    alongside: I32 | None = None  # number of the hull it lies alongside of, -1 where none
