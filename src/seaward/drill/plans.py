"""The plan of an actor, step by step -> what its hull does. What it says is in `cast`."""

from __future__ import annotations

from collections.abc import Callable

from seaward.core.errors import ParameterError
from seaward.core.units import NM_M
from seaward.drill import hulls
from seaward.drill.chance import generator
from seaward.drill.fishing_fleets import gear_of
from seaward.drill.itinerary import Itinerary
from seaward.drill.kinds import KINDS
from seaward.drill.pattern import way_m
from seaward.drill.scenario import GEARS, Actor, Place, Scenario, Step
from seaward.drill.waters import Waters

SAID = ("ais_off", "ais_on", "claim", "false_place", "distress")  # deeds of what a hull says
_KEEP_OFF_NM = 1.0  # of actors on their ways; ours
_RADIUS_NM = 3.0  # of a ground when none is given; ours

PlaceOf = Callable[[str, int], Place | None]  # where a hull is guessed to be at a moment


def plan_of(scenario: Scenario, actor: Actor, waters: Waters, place_of: PlaceOf) -> Itinerary:
    """What an actor does.

    Parameters
    ----------
    scenario
        For its seed and clock.
    actor
        Whose plan.
    waters
        Of the area of the scenario.
    place_of
        Where another is guessed to be, for whoever meets it.

    Returns
    -------
    The plan from the start to the end. A step lasts until the next step of the hull or as long as it says; who is there early waits.

    Raises
    ------
    ParameterError
        If a step lacks what it needs, or no way at sea leads to its place.

    Limits
    ------
    The clock that it is made with knows no weather: a hull that is slowed down turns to its next step from where it then is, and heads straight for
    the first corner of a way that was drawn from where it should be.
    """
    plan = Itinerary(actor.start)
    course = float(generator(scenario.seed, actor.id, "wait").uniform(0, 360))
    steps = [s for s in actor.plan if s.do not in SAID]
    for k, step in enumerate(steps):
        until_ms = steps[k + 1].at_ms if k + 1 < len(steps) else scenario.clock.length_ms
        plan.wait(step.at_ms, course)
        _take(plan, actor, step, min(until_ms, step.at_ms + step.for_ms) if step.for_ms else until_ms, waters, place_of, course)
        if plan.orders and plan.orders[-1].what == hulls.SAIL and k + 1 == len(steps):
            plan.wait(until_ms, course)
    return plan.wait(scenario.clock.length_ms, course)


def _take(plan: Itinerary, actor: Actor, step: Step, until_ms: int, waters: Waters, place_of: PlaceOf, course: float) -> None:
    kind = KINDS[actor.kind]
    speed = step.speed_kn or sum(kind.speed_kn) / 2
    if step.do in ("sail", "work") and step.to is None and not (step.do == "work"):
        raise ParameterError(f"actor {actor.id}, line {step.line}: {step.do} needs a place to go to")
    if step.do in ("sail", "moor", "anchor") and step.to is not None:
        plan.sail(waters.way(plan.at, step.to, _KEEP_OFF_NM), speed, until_ms)
    if step.do in ("moor", "anchor"):
        plan.stay(hulls.MOOR if step.do == "moor" else hulls.ANCHOR, until_ms)
    elif step.do == "steer":
        if step.course_deg is None:
            raise ParameterError(f"actor {actor.id}, line {step.line}: steer needs a course")
        plan.steer(step.course_deg, speed, until_ms)
    elif step.do == "drift":
        plan.stay(hulls.DRIFT, until_ms)
    elif step.do == "wait":
        plan.wait(until_ms, course)
    elif step.do == "work":
        centre, radius_m = step.to or plan.at, (step.radius_nm or _RADIUS_NM) * NM_M
        if way_m([plan.at, centre]) > radius_m:
            plan.sail(waters.way(plan.at, centre, _KEEP_OFF_NM), speed, until_ms)
        gear = GEARS.index(step.gear) if step.gear else gear_of(actor.kind)
        plan.work(centre, radius_m, gear, speed, until_ms)
    elif step.do == "meet":
        if step.actor is None:
            raise ParameterError(f"actor {actor.id}, line {step.line}: meet needs an actor to meet")
        where = place_of(step.actor, until_ms)
        plan.meet(step.actor, where or plan.at, speed, until_ms)
    elif step.do != "sail":
        raise ParameterError(f"actor {actor.id}, line {step.line}: no deed {step.do!r}")
