"""Tugs and pilots that go out to ships that arrive, and barges that lie alongside ships at anchor: near misses, nothing illegal."""

from __future__ import annotations

from dataclasses import dataclass

from seaward.core.units import HOUR_S, NM_M
from seaward.drill import hulls
from seaward.drill.in_port import BERTH_SPACING_M, BERTHS_NM
from seaward.drill.itinerary import Itinerary, bearing_deg, moved
from seaward.drill.pattern import Member, way_m
from seaward.drill.scenario import Place

_MINUTE_MS = 60_000
_TUG_BEFORE_MS = 35 * _MINUTE_MS  # a tug is there so long before the berth; ours
_PILOT_BEFORE_MS = 50 * _MINUTE_MS  # ours
_ABOARD_MS = 8 * _MINUTE_MS  # a pilot boat runs alongside while the pilot climbs; ours
_BESIDE_M = 120.0  # a tug keeps off until made fast; ours
_BUNKER_H = (4.0, 8.0)  # alongside; ours
_HARBOUR_NM = 10.0  # ships that berth or anchor farther from the port are served by another; ours
_ROUND_H = (2.0, 5.0)  # between two rounds of one that serves nobody; ours


@dataclass(frozen=True, slots=True)
class _Job:
    at_ms: int
    until_ms: int
    ship: str
    place: Place


def harbour_work(m: Member) -> Itinerary:
    """Goes out to the ships of the traffic that it serves; to nobody in particular when none is given."""
    port = m.port() if m.traffic.ports else m.traffic.around or m.traffic.route[0]
    home = m.berth(port, BERTHS_NM, BERTH_SPACING_M)
    speed = m.speed_kn()
    stay = hulls.ANCHOR if m.traffic.kind == "bunker" else hulls.MOOR
    plan = Itinerary(home, -int(24 * HOUR_S * 1000))
    jobs = _jobs(m, port)
    if not m.traffic.serves and m.traffic.kind != "bunker":
        return _rounds(m, plan, port, speed)
    for number, job in enumerate(jobs):
        if number % m.traffic.count != m.number:
            continue
        ship = m.served[job.ship]
        before_ms = {"tug": _TUG_BEFORE_MS, "pilot": _PILOT_BEFORE_MS}.get(m.traffic.kind, 0)
        there_ms = job.at_ms - before_ms
        where = m.waters.at_sea(ship.place_at(there_ms))
        way = m.waters.way(home, where)
        out_ms = there_ms - int(way_m(way) / (speed * NM_M / HOUR_S) * 1000)
        if out_ms < plan.at_ms:  # still busy
            continue
        plan.stay(stay, out_ms).sail(way, speed)
        if m.traffic.kind == "tug":
            _escort(plan, ship, job)
        elif m.traffic.kind == "pilot":
            end_ms = plan.at_ms + _ABOARD_MS
            plan.meet(job.ship, ship.place_at(end_ms), speed, end_ms)
        else:
            end_ms = min(job.until_ms, plan.at_ms + int(float(m.rng.uniform(*_BUNKER_H)) * HOUR_S * 1000))
            plan.meet(job.ship, job.place, speed, end_ms)
        plan.sail(m.waters.way(m.waters.at_sea(plan.at), home), speed)
    return plan.stay(stay, m.length_ms)


def _jobs(m: Member, port: Place) -> list[_Job]:
    """Berthings, or for a barge ships that come to anchor, near the port, by time."""
    wanted = hulls.ANCHOR if m.traffic.kind == "bunker" else hulls.MOOR
    jobs = []
    for ship, plan in m.served.items():
        for k, o in enumerate(plan.orders):
            comes = k > 0 and plan.orders[k - 1].what == hulls.SAIL
            near = way_m([port, o.start]) <= _HARBOUR_NM * NM_M
            if o.what == wanted and near and (comes or wanted == hulls.ANCHOR) and o.from_ms < m.length_ms and o.ends_ms > 0:
                jobs.append(_Job(o.from_ms if comes else 0, o.ends_ms, ship, o.start))
    jobs.sort(key=lambda j: (j.at_ms, j.ship))
    if wanted == hulls.MOOR:
        return jobs
    # ships that lie there from the start are served one after the other over the day
    spread_ms = m.length_ms // max(1, len(jobs))
    return [_Job(max(j.at_ms, n * spread_ms), j.until_ms, j.ship, j.place) for n, j in enumerate(jobs) if j.until_ms > n * spread_ms]


def _escort(plan: Itinerary, ship: Itinerary, job: _Job) -> None:
    """Go beside a ship until it is at its berth."""
    for o in ship.orders:
        if o.what == hulls.SAIL and plan.at_ms < o.ends_ms <= job.at_ms:
            side = bearing_deg(o.start, o.end) + 90.0
            plan.sail([moved(o.end, side, _BESIDE_M)], o.speed_kn, job.at_ms)


def _rounds(m: Member, plan: Itinerary, port: Place, speed: float) -> Itinerary:
    """Out to the roads and back, several times a day."""
    home = plan.at
    while plan.at_ms < m.length_ms:
        plan.stay(hulls.MOOR, plan.at_ms + int(float(m.rng.uniform(*_ROUND_H)) * HOUR_S * 1000))
        there = m.waters.somewhere(m.rng, port, 5.0, [home], 1.5 * NM_M)
        way = m.waters.way(home, there)
        plan.sail(way, speed).wait(plan.at_ms + 15 * _MINUTE_MS, float(m.rng.uniform(0, 360))).sail([*way[::-1]], speed)
    return plan
