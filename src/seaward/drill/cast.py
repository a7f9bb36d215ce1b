"""A scenario -> who is at sea, what each is to do, and what each says: all that kernel and sensors need."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from seaward.core.errors import ParameterError
from seaward.core.units import NM_M
from seaward.drill.chance import keys_of
from seaward.drill.hulls import Cast, Claim, Distress, FalsePlace, Hulls, Orders, Switches
from seaward.drill.identities import Asked, callsign_of, is_made_up, name_of, numbers_of, size_m
from seaward.drill.itinerary import Itinerary, Order
from seaward.drill.kinds import KINDS
from seaward.drill.plans import plan_of
from seaward.drill.scenario import AIS_CLASSES, Actor, Place, Scenario, Step
from seaward.drill.traffic import ais_class_of, ids_of, plans_of
from seaward.drill.waters import Waters

_CIRCLE_NM = 1.0  # radius of a false circle when none is given; ours


def cast_of(scenario: Scenario) -> Cast:
    """Who takes part and how.

    Parameters
    ----------
    scenario
        As read and checked.

    Returns
    -------
    Hulls sorted by id, their orders, and what they say. Identity, orders and stream of chance of a hull follow from the scenario's seed, clock
    and area, its own entry, and of others only from those that it names (`meet`, `copies`, `claim`, `serves`).

    Raises
    ------
    ParameterError
        If an id occurs twice, a name leads to nobody, an identity asked for could be real, or no way at sea joins two places.
    """
    waters = Waters(scenario.bbox)
    plans = _traffic_plans(scenario, waters)
    actors = {a.id: a for a in scenario.actors}
    asked = [Asked(who, t.kind, between_m=t.length_m) for t in scenario.traffic for who in ids_of(t)]
    asked += [Asked(a.id, a.kind, a.mmsi, a.name, a.length_m) for a in scenario.actors]
    ids = sorted(a.id for a in asked)
    if len(set(ids)) < len(ids):
        raise ParameterError(f"the id {next(a for a, b in pairwise(ids) if a == b)} is given to two hulls; give each its own")
    for a in asked:
        if a.kind not in KINDS:
            raise ParameterError(f"{a.id}: no kind {a.kind!r}; one of {', '.join(KINDS)}")
        if a.mmsi is not None and not is_made_up(a.mmsi):
            raise ParameterError(f"{a.id}: {a.mmsi} could be the MMSI of a real station; take one from 100000000 to 199999999, not 111xxxxxx")
    for a in scenario.actors:
        plans[a.id] = _actor_plan(scenario, a, actors, plans, waters, ())
    cut = {who: plans[who].cut() for who in ids}
    number = {who: n for n, who in enumerate(ids)}
    people = _hulls(scenario, asked, actors, number, [cut[who][0] for who in ids])
    return Cast(
        people, _orders([cut[who][1] for who in ids], number), _switches(scenario, number), _claims(scenario, people, number),
        _false_places(scenario, plans, number),
        tuple(Distress(number[a.id], s.at_ms, s.persons or 0) for a in _by_id(scenario) for s in a.plan if s.do == "distress"),
    )  # fmt: skip


def _by_id(scenario: Scenario) -> list[Actor]:
    return sorted(scenario.actors, key=lambda a: a.id)


def _traffic_plans(scenario: Scenario, waters: Waters) -> dict[str, Itinerary]:
    """Plans of all traffic, of those that serve after those that they serve."""
    plans: dict[str, Itinerary] = {}
    ids = {t.id: ids_of(t) for t in scenario.traffic}
    for t in sorted(scenario.traffic, key=lambda t: bool(t.serves)):
        for other in t.serves:
            if other not in ids or any(o.id == other and o.serves for o in scenario.traffic):
                raise ParameterError(f"traffic {t.id} serves {other!r}, which is no traffic, or one that serves others itself")
        plans.update(plans_of(scenario, t, waters, {who: plans[who] for other in t.serves for who in ids[other]}))
    return plans


def _actor_plan(
    scenario: Scenario, actor: Actor, actors: dict[str, Actor], traffic: dict[str, Itinerary], waters: Waters, asking: tuple[str, ...]
) -> Itinerary:
    """The plan of an actor; of two that meet each other each guesses from the other's plan without that meeting."""

    def place_of(other: str, at_ms: int) -> Place | None:
        if other in asking or other == actor.id:
            return None
        if other in actors:
            return _actor_plan(scenario, actors[other], actors, traffic, waters, (*asking, actor.id)).place_at(at_ms)
        if other not in traffic:
            raise ParameterError(f"actor {actor.id} meets {other!r}, who takes no part; check the id")
        return traffic[other].place_at(at_ms)

    return plan_of(scenario, actor, waters, place_of)


def _hulls(scenario: Scenario, asked: Sequence[Asked], actors: dict[str, Actor], number: dict[str, int], starts: list[Place]) -> Hulls:
    mmsi = numbers_of(asked, [s.mmsi for a in scenario.actors for s in a.plan if s.mmsi is not None])
    classes = {who: ais_class_of(scenario.seed, who, t) for t in scenario.traffic for who in ids_of(t)}
    classes |= {a.id: AIS_CLASSES.index(a.ais) for a in scenario.actors}
    by_id = {a.id: a for a in asked}
    sizes = {a.id: size_m(a) for a in asked}
    names = {a.id: a.name or name_of(a.id, a.id in actors) for a in asked}
    source = {who: _source(who, actors, number) for who in number}  # whose identity each sends
    ids = tuple(number)
    return Hulls(
        id=ids,
        kind=tuple(by_id[who].kind for who in ids),
        key=keys_of(scenario.seed, ids, "hull"),
        mmsi=np.array([mmsi[source[who]] for who in ids], np.int64),
        name=tuple(names[source[who]] for who in ids),
        callsign=tuple(callsign_of(mmsi[source[who]]) for who in ids),
        ship_type=np.array([KINDS[by_id[source[who]].kind].ship_type for who in ids], np.int64),
        length_m=np.array([sizes[source[who]][0] for who in ids], np.float64),
        beam_m=np.array([sizes[source[who]][1] for who in ids], np.float64),
        ais_class=np.array([classes[who] for who in ids], np.uint8),
        is_real=np.array([source[who] == who for who in ids], np.bool_),
        start_deg=np.array(starts, np.float64).reshape(-1, 2),
    )


def _source(who: str, actors: dict[str, Actor], number: dict[str, int]) -> str:
    seen = [who]
    while (actor := actors.get(seen[-1])) is not None and actor.copies is not None:
        if actor.copies not in number or actor.copies in seen:
            raise ParameterError(f"actor {actor.id} copies {actor.copies!r}, who takes no part or copies it in turn; check the id")
        seen.append(actor.copies)
    return seen[-1]


def _orders(by_hull: list[tuple[Order, ...]], number: dict[str, int]) -> Orders:
    first = np.concatenate(([0], np.cumsum([len(o) for o in by_hull], dtype=np.int64))).astype(np.int64)
    rows = [o for orders in by_hull for o in orders]

    def column(name: str, dtype: type) -> np.ndarray:
        return np.array([getattr(o, name) for o in rows], dtype)

    other = np.array([-1 if o.other is None else number[o.other] for o in rows], np.int64)
    return Orders(
        first, column("what", np.uint8), column("until_ms", np.int64), column("lon_deg", np.float64), column("lat_deg", np.float64),
        column("speed_kn", np.float64), column("course_deg", np.float64), column("radius_m", np.float64), column("gear", np.uint8), other,
    )  # fmt: skip


def _switches(scenario: Scenario, number: dict[str, int]) -> Switches:
    """Changes of transmitters; one whose first change is to be switched on is off before."""
    rows: list[tuple[int, int, bool]] = []
    for a in _by_id(scenario):
        changes = [(number[a.id], s.at_ms, s.do == "ais_on") for s in a.plan if s.do in ("ais_on", "ais_off")]
        if changes and changes[0][2] and changes[0][1] > 0:
            rows.append((number[a.id], 0, False))
        rows += changes
    return Switches(np.array([r[0] for r in rows], np.int64), np.array([r[1] for r in rows], np.int64), np.array([r[2] for r in rows], np.bool_))


def _claims(scenario: Scenario, people: Hulls, number: dict[str, int]) -> tuple[Claim, ...]:
    """Identities taken from a moment on: of another, or one asked for, or one that nobody has."""
    claims = []
    own = set(people.mmsi.tolist())
    for a in _by_id(scenario):
        steps = [s for s in a.plan if s.do == "claim"]
        for k, s in enumerate(steps):
            next_ms = steps[k + 1].at_ms if k + 1 < len(steps) else scenario.clock.length_ms
            to_ms = min(next_ms, s.at_ms + s.for_ms) if s.for_ms else next_ms
            if s.actor is not None:
                if s.actor not in number:
                    raise ParameterError(f"actor {a.id}, line {s.line}: claims to be {s.actor!r}, who takes no part; check the id")
                n = number[s.actor]
                claims.append(Claim(number[a.id], s.at_ms, to_ms, int(people.mmsi[n]), s.name or people.name[n], people.callsign[n]))
                continue
            alias = f"{a.id}/claim/{k}"
            mmsi = s.mmsi if s.mmsi is not None else numbers_of([Asked(alias, a.kind)], own)[alias]
            if not is_made_up(mmsi):
                raise ParameterError(f"actor {a.id}, line {s.line}: {mmsi} could be a real MMSI; take one from 100000000 to 199999999, not 111xxxxxx")
            claims.append(Claim(number[a.id], s.at_ms, to_ms, mmsi, s.name or name_of(alias, False), callsign_of(mmsi)))
    return tuple(claims)


def _false_places(scenario: Scenario, plans: dict[str, Itinerary], number: dict[str, int]) -> tuple[FalsePlace, ...]:
    out = []
    for a in _by_id(scenario):
        for s in a.plan:
            if s.do == "false_place":
                to_ms = s.at_ms + s.for_ms if s.for_ms else scenario.clock.length_ms
                out.append(_false_place(a.id, number[a.id], s, to_ms, plans[a.id].place_at(s.at_ms)))
    for i in sorted(scenario.interference, key=lambda i: i.id):
        lon, lat = i.to or i.around
        radius_m = _CIRCLE_NM * NM_M if i.pattern == "circle" else 0.0
        out.append(FalsePlace(-1, i.from_ms, i.to_ms, i.pattern, lon, lat, radius_m, around_deg=i.around, within_m=i.radius_nm * NM_M))
    return tuple(out)


def _false_place(who: str, n: int, s: Step, to_ms: int, here: Place) -> FalsePlace:
    pattern = s.pattern or ("offset" if s.offset_nm else "circle" if s.radius_nm else "jump")
    if pattern == "offset" and s.offset_nm:
        return FalsePlace(n, s.at_ms, to_ms, pattern, east_m=s.offset_nm[0] * NM_M, north_m=s.offset_nm[1] * NM_M)
    if pattern == "circle":
        return FalsePlace(n, s.at_ms, to_ms, pattern, *(s.to or here), (s.radius_nm or _CIRCLE_NM) * NM_M)
    if pattern == "jump" and s.to:
        return FalsePlace(n, s.at_ms, to_ms, pattern, *s.to)
    raise ParameterError(f"actor {who}, line {s.line}: false_place as {pattern} needs {'offset_nm' if pattern == 'offset' else 'a place to jump to'}")
