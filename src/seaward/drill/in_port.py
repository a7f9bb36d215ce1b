"""Ships at anchor, at a berth, and ships that call at ports."""

from __future__ import annotations

from seaward.core.errors import ParameterError
from seaward.core.units import HOUR_S, NM_M
from seaward.drill import hulls
from seaward.drill.itinerary import Itinerary, between
from seaward.drill.pattern import Member, way_m
from seaward.drill.scenario import Place

HOUR_MS = int(HOUR_S * 1000)
ANCHOR_SPACING_M = 600.0  # ships swing free of each other on 6 to 10 shackles of chain; ours
BERTH_SPACING_M = 120.0  # ours
BERTHS_NM = 1.0  # berths lie within this of the place of a port; ours
_ROADS_NM = 3.5  # where ships wait for their berth; ours
_SLOW_M = 5.0 * NM_M  # before the berth ships go slow; ours
_SLOW_KN = (5.5, 8.0)  # ours
_WAITING = 0.4  # share of calls that wait in the roads; ours
_ROADS_H, _BERTH_H = (2.0, 12.0), (8.0, 36.0)  # ours
_OUT_NM = (60.0, 120.0)  # where ships without a route come from; ours


def anchored(m: Member) -> Itinerary:
    """A ship that lies at anchor within the circle."""
    t = m.traffic
    around = t.around or (t.ports[0] if t.ports else t.route[0])
    return Itinerary(m.berth(around, t.radius_nm, ANCHOR_SPACING_M)).stay(hulls.ANCHOR, m.length_ms)


def moored(m: Member) -> Itinerary:
    """A ship at a berth of one of the ports."""
    return Itinerary(m.berth(m.port(), BERTHS_NM, BERTH_SPACING_M)).stay(hulls.MOOR, m.length_ms)


def port_calls(m: Member) -> Itinerary:
    """A ship that comes in from sea, waits in the roads or not, lies at a berth, and leaves; then comes in again as the next one."""
    rng, port = m.rng, m.port()
    berth = m.berth(port, BERTHS_NM, BERTH_SPACING_M)
    roads = m.berth(port, _ROADS_NM, ANCHOR_SPACING_M) if rng.uniform() < _WAITING else None
    speed, slow = m.speed_kn(), round(float(rng.uniform(*_SLOW_KN)), 1)
    roads_ms, berth_ms = (int(float(rng.uniform(*h)) * HOUR_MS) for h in (_ROADS_H, _BERTH_H))
    came, goes = _from_sea(m, berth), _from_sea(m, berth)
    way_in, way_out = m.waters.way(came, roads or berth, 3.0), m.waters.way(berth, goes, 3.0)
    fast, near = _near_end(way_in, _SLOW_M)
    far, near_out = _near_end(way_out[::-1], _SLOW_M)
    back = m.waters.way(goes, came, 3.0)
    at_sea_ms = int((way_m(way_in) + way_m(way_out)) / (speed * NM_M / HOUR_S) * 1000)
    plan = Itinerary(way_in[0], -int(m.phase * (at_sea_ms + berth_ms + (roads_ms if roads else 0))))
    while plan.at_ms < m.length_ms:
        plan.sail(fast, speed).sail(near, slow)
        if roads:
            plan.stay(hulls.ANCHOR, plan.at_ms + roads_ms).sail(m.waters.way(roads, berth), slow)
        plan.stay(hulls.MOOR, plan.at_ms + berth_ms).sail(near_out[::-1], slow).sail(far[::-1], speed).sail(back, speed)
    return plan


def _from_sea(m: Member, berth: Place) -> Place:
    """Where a ship comes from or goes to: an end of the route, else somewhere off the port."""
    if m.traffic.route:
        return m.waters.at_sea(m.traffic.route[int(m.rng.integers(len(m.traffic.route)))])
    for _ in range(50):
        place = m.waters.somewhere(m.rng, berth, _OUT_NM[1], [berth], _OUT_NM[0] * NM_M)
        try:
            m.waters.way(berth, place, 3.0)
        except ParameterError:
            continue
        return place
    raise ParameterError(f"traffic {m.traffic.id}: no open sea around its port; give it a route")


def _near_end(points: list[Place], near_m: float) -> tuple[list[Place], list[Place]]:
    """A way up to some distance before its end, and the rest, which begins where the first part ends."""
    for k in range(len(points) - 1, 0, -1):
        leg_m = way_m(points[k - 1 : k + 1])
        if leg_m >= near_m:
            cut = between(points[k], points[k - 1], near_m / leg_m)
            return [*points[:k], cut], [cut, *points[k:]]
        near_m -= leg_m
    return points[:1], points
