"""Crews at work, compiled: which phase of the gear it is, and the course and speed that go with it."""

from __future__ import annotations

import math

from numba import njit, uint64

from seaward.core.units import KN_MPS
from seaward.drill.chance import normal, uniform
from seaward.drill.gears import (
    BACK,
    CIRCLE,
    DAY,
    FREE,
    NIGHT,
    P_ACTIVITY,
    P_FAST_MPS,
    P_FROM_MS,
    P_LEEWAY,
    P_SLOW_MPS,
    P_TO_MS,
    P_TURN_DEG,
    P_TURN_MS,
    P_WAY,
    P_WHEN,
    PHASE_COUNT,
    PHASE_TABLE,
    WINDING,
)
from seaward.drill.hulls import HAULING, SETTING, WAITING
from seaward.drill.steering import towards, turned
from seaward.drill.sun import is_night

SMALL_M = 24.0  # shorter hulls fish no more in bad weather: below it the Cape Town Agreement of 2012 asks for no load line survey; the rule is ours
_ADRIFT = -1.0


@njit(cache=True, nogil=True)
def _luck(s):
    """The next number of the crew's own stream."""
    s.draws += 1
    return uniform(s.crew_key, uint64(s.draws))


@njit(cache=True, nogil=True)
def _fits(when, dark):
    return (when != NIGHT or dark) and (when != DAY or not dark)


@njit(cache=True, nogil=True)
def _start_phase(s, phase, now_ms, elapsed):
    """Begin a phase of which a share is over already."""
    p = PHASE_TABLE[s.gear, phase]
    whole = p[P_FROM_MS] + (p[P_TO_MS] - p[P_FROM_MS]) * _luck(s)
    s.way = p[P_SLOW_MPS] + (p[P_FAST_MPS] - p[P_SLOW_MPS]) * _luck(s)
    new_course = 2.0 * math.pi * _luck(s)
    if p[P_WAY] != FREE:
        s.course = new_course
    if p[P_WAY] == BACK:  # to where the line begins, then on along it
        s.stage = 2
    s.phase = phase
    s.phase_until = now_ms + int((1.0 - elapsed) * whole)
    s.turn_at = now_ms
    if p[P_ACTIVITY] in (SETTING, HAULING) and p[P_WAY] != BACK:  # one end of the line or row
        s.mark_lon, s.mark_lat = s.lon, s.lat


@njit(cache=True, nogil=True)
def work(s, now_ms, utc_ms, dt_s, slow):
    """One tick of a crew on its ground.

    Returns
    -------
    Course [radian], speed [m/s] or -1 when adrift, share of the leeway when adrift, and activity.
    """
    if slow < 1.0 and s.length < SMALL_M:
        s.phase_until = max(s.phase_until, now_ms + 1)
        return s.heading, _ADRIFT, 1.0, WAITING
    dark = is_night(utc_ms, s.lon, s.lat)
    count = PHASE_COUNT[s.gear]
    if s.phase < 0:  # the first: at the very start of the sea it is in the middle of its day, later it searches first
        phase = int(_luck(s) * count) if now_ms == 0 else count - 1
        s.mark_lon, s.mark_lat = s.lon, s.lat
        for _ in range(count):
            if _fits(PHASE_TABLE[s.gear, phase, P_WHEN], dark):
                break
            phase = (phase + 1) % count
        _start_phase(s, phase, now_ms, _luck(s) if now_ms == 0 else 0.0)
    when = PHASE_TABLE[s.gear, s.phase, P_WHEN]
    if now_ms >= s.phase_until or not _fits(when, dark):
        phase = (s.phase + 1) % count
        for _ in range(count):
            if _fits(PHASE_TABLE[s.gear, phase, P_WHEN], dark):
                break
            phase = (phase + 1) % count
        s.stage = 1
        _start_phase(s, phase, now_ms, 0.0)
    p = PHASE_TABLE[s.gear, s.phase]
    activity, way = int(p[P_ACTIVITY]), int(p[P_WAY])
    if way == FREE:
        return s.heading, _ADRIFT, p[P_LEEWAY], activity
    speed = min(s.way, max(s.to_speed, 3.0 * KN_MPS))
    if way == CIRCLE:
        s.course = turned(s.course + s.side * 2.0 * math.pi * dt_s * 1000.0 / p[P_TO_MS])
        return s.course, speed, 0.0, activity
    if way == BACK and s.stage == 2:
        away, bearing = towards(s.lon, s.lat, s.mark_lon, s.mark_lat)
        if away < max(100.0, 2.0 * speed * dt_s):
            s.stage = 1
        s.course = bearing
        return s.course, speed, 0.0, activity
    if way == WINDING and now_ms >= s.turn_at:
        s.draws += 2
        s.course += normal(s.crew_key, uint64(s.draws)) * math.radians(p[P_TURN_DEG])
        s.turn_at = now_ms + int(-math.log(1.0 - _luck(s)) * p[P_TURN_MS])
    from_centre, home = towards(s.lon, s.lat, s.to_lon, s.to_lat)
    if from_centre > s.to_radius and abs(turned(s.course - home)) > 1.2:  # the edge of the ground: back in, not quite to the middle
        s.course = home + (2.0 * _luck(s) - 1.0)
    return s.course, speed, 0.0, activity
