"""Ships on a lane and ferries: there and back on the right-hand side, somewhere on their round when the exercise starts."""

from __future__ import annotations

from seaward.chart.shore import shore_m
from seaward.core.units import HOUR_S, NM_M
from seaward.drill import hulls
from seaward.drill.itinerary import Itinerary
from seaward.drill.pattern import Member, way_m
from seaward.drill.scenario import Place

HOUR_MS = int(HOUR_S * 1000)
_PORT_M = 5.0 * NM_M  # a lane that ends nearer to the shore ends at a port: ships stay there; ours
_STAY_H = (6.0, 18.0)  # at the end of a lane; ours
_FERRY_STAY_H = (0.35, 0.8)  # between two crossings; ours
_LONE_OFFSET_M = 60.0  # ferries that meet on one route pass a cable or so apart; ours


def lane(m: Member) -> Itinerary:
    """A ship that goes along the route and comes back on the other side.

    Limits
    ------
    Who leaves at one end is who comes in there: the number on the lane is the same at all times, but no real ship turns
    back in the open sea.
    """
    t, rng = m.traffic, m.rng
    base = m.waters.along(t.route, t.spread_nm)
    right_m = t.spread_nm * NM_M * min(1.6, max(0.1, float(rng.normal(0.7, 0.35))))
    stay_ms = [int(float(rng.uniform(*_STAY_H)) * HOUR_MS) if float(shore_m(*base[k])) < _PORT_M else 0 for k in (-1, 0)]
    return _rounds(m, [m.waters.beside(base, right_m), m.waters.beside(base[::-1], right_m)], stay_ms, hulls.ANCHOR)


def ferry(m: Member) -> Itinerary:
    """A ship that shuttles between the ends of the route and stays a while at each."""
    base = m.waters.along(m.traffic.route)
    stay_ms = [int(float(m.rng.uniform(*_FERRY_STAY_H)) * HOUR_MS) for _ in range(2)]
    legs = [m.waters.beside(base, _LONE_OFFSET_M), m.waters.beside(base[::-1], _LONE_OFFSET_M)]
    return _rounds(m, legs, stay_ms, hulls.MOOR)


def _rounds(m: Member, legs: list[list[Place]], stay_ms: list[int], stay: int) -> Itinerary:
    """Round after round, begun so long before the start that all moments of a round are as likely."""
    speed = m.speed_kn()
    around_ms = sum(way_m(leg) for leg in legs) / (speed * NM_M / HOUR_S) * 1000 + sum(stay_ms)
    plan = Itinerary(legs[0][0], -int(m.phase * around_ms))
    while plan.at_ms < m.length_ms:
        before = plan.at_ms
        for leg, ms in zip(legs, stay_ms, strict=True):
            plan.sail(leg, speed)
            if ms:
                plan.stay(stay, plan.at_ms + ms)
        if plan.at_ms == before:  # a route of no length
            return plan.stay(stay, m.length_ms)
    return plan
