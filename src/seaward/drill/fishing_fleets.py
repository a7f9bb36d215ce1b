"""Fishing hulls: those that work a ground all the time, and boats that go out before dawn and are back by the afternoon."""

from __future__ import annotations

from seaward.chart.shore import shore_m
from seaward.core.errors import ParameterError
from seaward.core.units import NM_M
from seaward.drill import hulls
from seaward.drill.in_port import BERTHS_NM
from seaward.drill.itinerary import Itinerary
from seaward.drill.kinds import KINDS
from seaward.drill.pattern import Member
from seaward.drill.scenario import GEARS, Place

_HOUR_MS = 3_600_000
_LEAVE_H, _BACK_H = (2.5, 5.5), (10.5, 15.5)  # by the sun: out before dawn, the catch landed by the afternoon; ours
_OFF_NM = (2.0, 12.0)  # how far boats go; ours
_BOAT_SPACING_M = 40.0  # ours
_WORK_RADIUS_NM = 1.5  # of one boat; ours
_CLEAR_NM = 3.0  # of land, off the middle of a ground: lines lead out of it before the crew turns; ours


def gear_of(kind: str) -> int:
    """Number of the gear that a kind of hull works; artisanal for kinds that do not fish by trade."""
    return GEARS.index(KINDS[kind].gear or "artisanal")


def ground(m: Member) -> Itinerary:
    """A hull that works the ground with its gear all the time."""
    t = m.traffic
    centre = t.around or t.route[0]
    plan = Itinerary(m.berth(centre, t.radius_nm, 500.0))
    return plan.work(m.waters.at_sea(centre), t.radius_nm * NM_M, gear_of(t.kind), m.speed_kn(), m.length_ms)


def day_fishing(m: Member) -> Itinerary:
    """A boat that leaves its landing place before dawn, works not far off, comes back and moors, day by day."""
    rng, home = m.rng, m.berth(m.port(), BERTHS_NM, _BOAT_SPACING_M)
    speed = m.speed_kn()
    way = m.waters.way(home, _ground_of(m, home))
    leave_h, back_h = float(rng.uniform(*_LEAVE_H)), float(rng.uniform(*_BACK_H))
    midnight_ms = m.local_midnight_ms(home[0])
    plan = Itinerary(home, midnight_ms - 24 * _HOUR_MS)
    day = -1
    while plan.at_ms < m.length_ms:
        out_ms, back_ms = (midnight_ms + int((24 * day + h + float(rng.normal(0, 0.25))) * _HOUR_MS) for h in (leave_h, back_h))
        plan.stay(hulls.MOOR, out_ms).sail(way, speed)
        plan.work(way[-1], _WORK_RADIUS_NM * NM_M, gear_of(m.traffic.kind), speed, back_ms).sail(way[::-1], speed)
        day += 1
    return plan


def _ground_of(m: Member, home: Place) -> Place:
    """The middle of a ground clear of land; where there is none, the one that is farthest off."""
    found, clear_m = None, 0.0
    for _ in range(50):
        place = m.waters.somewhere(m.rng, home, _OFF_NM[1], [home], _OFF_NM[0] * NM_M)
        try:
            m.waters.way(home, place)
        except ParameterError:
            continue
        off_m = float(shore_m(*place))
        if off_m >= _CLEAR_NM * NM_M:
            return place
        if found is None or off_m > clear_m:
            found, clear_m = place, off_m
    if found is not None:
        return found
    raise ParameterError(f"traffic {m.traffic.id}: no sea within {_OFF_NM[1]:g} nm of {home}; move the port to the shore")
