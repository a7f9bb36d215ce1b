"""A scenario -> its timeline, which sensor could see which actor when, and which objectives can be met at all. Coarse on purpose.

Limits: legs are straight and sailed at the speed given (or 10 kn); a mast is 10 m high; no loss, no missed detection, no weather.
What is seen here may still be missed; what is `never` seen here is seen only by luck.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seaward.core.catalogue import render
from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M, kn_to_mps
from seaward.drill.scenario import Actor, Objective, Scenario, Sensor
from seaward.drill.scenario_values import shown

STEP_MS = 60_000
USUAL_KN = 10.0  # ours: where no speed is given
MAST_M = 10.0  # ours: height of an antenna or of what a radar sees
_HORIZON_NM = 2.22  # nautical miles per root of a metre of height, radio horizon of the standard atmosphere (ITU-R P.453: 4/3 of the Earth)
_ONSETS = ("ais_off", "distress", "claim", "false_place", "meet", "work")


@dataclass(frozen=True, slots=True)
class Seen:
    """When a sensor could first see an actor, and for how much of the exercise."""

    sensor: str
    actor: str
    at_ms: tuple[int, ...]  # minutes, or looks


def way(actor: Actor, scenario: Scenario) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Rough places of an actor, each minute, shape (n, 2) [degree], and whether it transmits."""
    others = {a.id: a for a in scenario.actors}
    minutes = scenario.clock.length_ms // STEP_MS + 1
    places, sends = np.empty((minutes, 2)), np.full(minutes, actor.ais != "none")
    here = np.array(actor.start, np.float64)
    goal, speed_kn, is_on, plan, k = None, USUAL_KN, actor.ais != "none", actor.plan, 0
    for minute in range(minutes):
        while k < len(plan) and plan[k].at_ms <= minute * STEP_MS:
            step = plan[k]
            k += 1
            if step.do in ("ais_on", "ais_off"):
                is_on = step.do == "ais_on"
            elif step.do in ("sail", "moor", "anchor", "work"):
                goal, speed_kn = step.to, step.speed_kn or USUAL_KN
            elif step.do == "meet" and step.actor in others:
                goal, speed_kn = _where_to_meet(others[step.actor], step.at_ms), step.speed_kn or USUAL_KN
            elif step.do in ("drift", "wait"):
                goal = None
            elif step.do == "steer" and step.course_deg is not None:
                miles, course = 1000.0, np.radians(step.course_deg)
                goal = (float(here[0] + miles / 60 * np.sin(course) / np.cos(np.radians(here[1]))), float(here[1] + miles / 60 * np.cos(course)))
                speed_kn = step.speed_kn or USUAL_KN
        places[minute], sends[minute] = here, is_on
        if goal is not None:
            left_m = float(great_circle_m(here[0], here[1], goal[0], goal[1]))
            part = min(1.0, kn_to_mps(speed_kn) * STEP_MS / 1000 / left_m) if left_m > 0 else 1.0
            here = here + part * (np.array(goal) - here)
    return places, sends


def _where_to_meet(other: Actor, at_ms: int) -> tuple[float, float]:
    before = [s.to for s in other.plan if s.to is not None and s.at_ms <= at_ms and s.do != "false_place"]
    return before[-1] if before else other.start


def sightings(scenario: Scenario) -> list[Seen]:
    """Every pair of sensor and actor, in their order."""
    found = []
    for actor in scenario.actors:
        places, sends = way(actor, scenario)
        found += [Seen(sensor.id, actor.id, _times(sensor, actor, places, sends, scenario)) for sensor in scenario.sensors]
    return found


def _times(sensor: Sensor, actor: Actor, places: NDArray[np.float64], sends: NDArray[np.bool_], scenario: Scenario) -> tuple[int, ...]:
    minutes = np.arange(len(places)) * STEP_MS
    if sensor.kind == "vms":
        if actor.kind not in sensor.carriers or actor.copies is not None:
            return ()
        return tuple(range(0, scenario.clock.length_ms + 1, sensor.every_ms))
    if sensor.kind in ("sar", "optical", "night_light"):
        box = sensor.footprint or scenario.bbox
        rows = [min(at // STEP_MS, len(places) - 1) for at in sensor.passes_ms]
        is_visible = actor.copies is None and (actor.length_m is None or actor.length_m >= sensor.min_length_m)
        return tuple(at for at, r in zip(sensor.passes_ms, rows, strict=True) if is_visible and _inside(places[r], box))
    if sensor.kind == "satellite_ais":
        is_up = (minutes >= sensor.first_ms) & ((minutes - sensor.first_ms) % sensor.every_ms < sensor.pass_ms)
        return tuple(minutes[is_up & sends].tolist())
    near = np.zeros(len(places), bool)
    for station in sensor.stations:
        reach_m = _HORIZON_NM * (np.sqrt(station.height_m) + np.sqrt(MAST_M)) * NM_M
        is_up = (minutes < station.outage_ms[0]) | (minutes >= station.outage_ms[1])
        near |= is_up & (great_circle_m(places[:, 0], places[:, 1], *station.at) <= reach_m)
    if sensor.kind == "coastal_ais":
        return tuple(minutes[near & sends].tolist())
    is_visible = actor.copies is None and (actor.length_m is None or actor.length_m >= sensor.min_length_m)
    return tuple(minutes[near].tolist()) if is_visible else ()


def _inside(place: NDArray[np.float64], box: tuple[float, float, float, float]) -> bool:
    return bool(box[1] <= place[1] <= box[3] and (place[0] - box[0]) % 360 <= (box[2] - box[0]) % 360)


def onset_ms(actor: Actor) -> int:
    """When what an actor is there for begins: its first deed that is more than sailing."""
    return next((s.at_ms for deed in _ONSETS for s in actor.plan if s.do == deed), 0)


def preview_lines(scenario: Scenario, language: str) -> list[str]:
    """The preview as lines of text."""
    lines = ["", render("cli.drill.timeline", {}, language)]
    lines += [f"  {shown(at):>8}  {text}" for at, text in sorted(_timeline(scenario, language))]
    seen = sightings(scenario)
    if scenario.actors:
        lines += ["", render("cli.drill.seen", {}, language), _row("", [s.id for s in scenario.sensors])]
        for actor in scenario.actors:
            of = [s for s in seen if s.actor == actor.id]
            lines.append(_row(actor.id, [shown(s.at_ms[0]) if s.at_ms else render("cli.drill.never", {}, language) for s in of]))
    if scenario.objectives:
        lines += ["", render("cli.drill.objectives", {}, language)]
        lines += [f"  {_objective(o, scenario, seen, language)}" for o in scenario.objectives]
    return lines


def _row(name: str, cells: list[str]) -> str:
    return f"  {name:<12}" + "".join(f" {c:>12}" for c in cells)


def _timeline(scenario: Scenario, language: str) -> list[tuple[int, str]]:
    rows = [(s.at_ms, f"{a.id}: {s.do}{f' {s.actor}' if s.actor else ''}") for a in scenario.actors for s in a.plan]
    rows += [
        (i.at_ms, render("cli.drill.inject", {"id": i.id, "to": ", ".join(i.to), "by": i.by}, language))
        for i in scenario.injects
        if i.at_ms is not None
    ]
    rows += [(at, render("cli.drill.look", {"sensor": s.id}, language)) for s in scenario.sensors for at in s.passes_ms]
    return rows + [(at, f"{i.id}: {mark}") for i in scenario.interference for at, mark in ((i.from_ms, "+"), (i.to_ms, "-"))]


def _objective(o: Objective, scenario: Scenario, seen: list[Seen], language: str) -> str:
    text = o.text.es if language == "es" else o.text.en
    why = _obstacle(o, scenario, seen, language)
    return render("cli.drill.cannot" if why else "cli.drill.can", {"id": o.id, "text": text, "why": why}, language)


def _obstacle(o: Objective, scenario: Scenario, seen: list[Seen], language: str) -> str:
    """Why an objective cannot be met; empty where it can."""
    players = [c for c in scenario.cells if c.role == "player"]
    if o.measure == "time_to_share" and len(players) < 2:
        return render("cli.drill.one_cell", {}, language)
    if not (o.measure.startswith("time_") or o.measure == "track_completeness"):
        return ""
    sees = {name for c in players for name in c.sees}
    delays = {s.id: s.delay_ms for s in scenario.sensors}
    for name in o.of:
        actor = next((a for a in scenario.actors if a.id == name), None)
        if actor is None:
            continue
        told = any(i.actor == name and i.at_ms is not None and i.at_ms >= onset_ms(actor) for i in scenario.injects)
        times = [at + delays[s.sensor] for s in seen if s.actor == name and s.sensor in sees for at in s.at_ms if at >= onset_ms(actor)]
        if not times and not told:
            return render("cli.drill.unseen", {"actor": name}, language)
        late_ms = min(times, default=onset_ms(actor)) - onset_ms(actor)
        if o.measure == "time_to_detect" and late_ms > o.limit * 1000:
            return render("cli.drill.late", {"actor": name, "late": shown(late_ms), "limit": shown(o.limit * 1000)}, language)
    return ""
