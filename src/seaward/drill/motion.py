"""The compiled tick: every hull one step on, from what it is ordered to do, where it is, and the water and weather there.

Each hull draws only from its own streams and looks at no other, except one that is to meet another: it looks at where that was a tick before. So the
order of hulls, their number and the number of ticks at once change nothing.
"""

from __future__ import annotations

import math

from numba import njit, uint64

from seaward.core.units import KN_MPS
from seaward.drill.afloat import next_order, sails_on
from seaward.drill.chance import draw
from seaward.drill.crew import work
from seaward.drill.hulls import (
    ADRIFT,
    ALONGSIDE,
    ANCHOR,
    ANCHORED,
    DRIFT,
    MEET,
    MOOR,
    MOORED,
    SAIL,
    STEER,
    UNDER_WAY,
    WAITING,
    WORK,
)
from seaward.drill.steering import max_turn_radps, moved, towards, turn_radius_m, turned
from seaward.drill.water import current_mps, weather_at, wind_mps

LEEWAY = 0.03  # share of the wind at which a hull without way drifts: Breivik and Allen 2008, doi:10.1016/j.jmarsys.2007.02.010 (2 to 5 % by type)
SPEED_SIGMA, SPEED_TAU_S = 0.03, 1800.0  # ours: speed varies slowly
COURSE_SIGMA, COURSE_TAU_S = 0.02, 300.0  # ours: 1.1 degrees of helm, some 10 m either side of the line at 14 kn
SWING_RADPS = 0.0008  # ours: a hull at anchor comes round in an hour
BEAM_ON_RADPS = 0.0015  # ours: a hull adrift falls off beam on to the wind
CABLE_M = 60.0  # ours: from anchor to bow
BERTH_M = 40.0  # ours: arrived
ONE_MILE_M = 1852.0  # ours: the constant heading ship of a transfer slows down when the other is that near
TRANSFER_MPS = 0.8 * KN_MPS  # ours: steerage way is below 5 kn in the Ship to Ship Transfer Guide 6.2; fishing craft and reefers mostly drift
CAST_OFF_MPS = 5.0 * KN_MPS  # ours: nobody stays alongside one that sails away
MANOEUVRE_MPS = 1.5 * KN_MPS  # ours: too near to turn at sea speed
_PI = math.pi


@njit(cache=True, nogil=True)
def _noise(key, k):
    """Nearly a standard normal number: four uniform ones of 16 bits, the same on every machine."""
    z = draw(key, uint64(k))
    m = uint64(0xFFFF)
    total = (z & m) + ((z >> uint64(16)) & m) + ((z >> uint64(32)) & m) + (z >> uint64(48))
    return (float(total) / 65536.0 - 2.0) * 1.7320508075688772


@njit(cache=True, nogil=True)
def _helm(s, dt_s, course, speed, east_mps, north_mps):
    """Turn and gather way within what the hull can, set off by the current; the way made good: east and north [m]."""
    across = east_mps * math.cos(course) - north_mps * math.sin(course)
    if s.speed > 1.0 and abs(across) < 0.7 * s.speed:
        course -= math.asin(across / s.speed)
    most = max_turn_radps(s.length, s.speed) * dt_s
    turn = min(max(turned(course - s.heading), -most), most)
    before = s.speed
    s.speed += min(max(speed - s.speed, -s.accel * dt_s), s.accel * dt_s)
    mean, mid = 0.5 * (before + s.speed), s.heading + 0.5 * turn
    s.heading = turned(s.heading + turn)
    return (mean * math.sin(mid) + east_mps) * dt_s, (mean * math.cos(mid) + north_mps) * dt_s


@njit(cache=True, nogil=True)
def _drift(s, dt_s, share, wind_e, wind_n, east_mps, north_mps):
    """Lose way and fall off beam on to the wind; the way made good: east and north [m]."""
    most = BEAM_ON_RADPS * dt_s
    beam = math.atan2(wind_e, wind_n) + s.side * 0.5 * _PI
    s.heading = turned(s.heading + min(max(turned(beam - s.heading), -most), most))
    before = s.speed
    s.speed = max(0.0, s.speed - s.accel * dt_s)
    mean, blown = 0.5 * (before + s.speed), LEEWAY * share * s.windage
    return (mean * math.sin(s.heading) + east_mps + blown * wind_e) * dt_s, (mean * math.cos(s.heading) + north_mps + blown * wind_n) * dt_s


@njit(cache=True, nogil=True)
def _approach(s, dt_s, lon, lat, cruise, is_stop, east_mps, north_mps):
    """Sail to a place, slower towards the end when it is a stop; the way made good [m] and the distance before it."""
    away, course = towards(s.lon, s.lat, lon, lat)
    speed, off = cruise, abs(turned(course - s.heading))
    if is_stop:
        speed = min(speed, math.sqrt(s.accel * max(away - 0.5 * BERTH_M, 1.0)))
    if off > 0.4 and away < 2.0 * turn_radius_m(s.length, max(s.speed, MANOEUVRE_MPS)) and away < 4.0 * s.length + 1000.0:
        speed = min(speed, MANOEUVRE_MPS)
    wobble = COURSE_SIGMA * s.wander if away > 1000.0 else 0.0
    e, n = _helm(s, dt_s, course + wobble, speed, east_mps, north_mps)
    return e, n, away


@njit(cache=True, nogil=True)
def _passed(s, dt_s, orders, away):
    """True when it is time to turn to the next mark."""
    radius = turn_radius_m(s.length, s.speed)
    if away > max(1.5 * radius, s.speed * dt_s + 60.0):
        return False
    if away < s.speed * dt_s + 60.0:
        return True
    _, course = towards(s.lon, s.lat, s.to_lon, s.to_lat)
    off = abs(turned(course - s.heading))
    if off > 1.0 and away < radius:
        return True  # it went by
    if s.then != SAIL:
        return False
    mark = orders[s.row]
    _, onward = towards(s.to_lon, s.to_lat, mark.lon, mark.lat)
    return away < min(radius * math.tan(min(0.5 * abs(turned(onward - course)), 0.98)), 1.5 * radius)


@njit(cache=True, nogil=True)
def _at_anchor(s, dt_s, east, north):
    """Swing about the anchor, bow to wind and current; the way made good [m]."""
    if s.stage == 1:
        s.stage = 2
        s.scope = CABLE_M + 0.5 * s.length
    most = SWING_RADPS * dt_s
    bow = math.atan2(-east, -north) + 0.1 * s.wander
    before = s.heading
    s.heading = turned(s.heading + min(max(turned(bow - s.heading), -most), most))
    return s.scope * (math.sin(before) - math.sin(s.heading)), s.scope * (math.cos(before) - math.cos(s.heading))


@njit(cache=True, nogil=True)
def _alongside(s, dt_s, o_lon, o_lat, o_sog, o_cog, o_heading):
    """Come up to another hull and keep beside it; the way made good [m] and whether it lies alongside."""
    o_e, o_n = o_sog * math.sin(o_cog), o_sog * math.cos(o_cog)
    abeam = o_heading + s.side * 0.5 * _PI
    lon, lat = moved(o_lon, o_lat, s.gap * math.sin(abeam) + o_e * dt_s, s.gap * math.cos(abeam) + o_n * dt_s)
    away, course = towards(s.lon, s.lat, lon, lat)
    if o_sog > CAST_OFF_MPS:
        s.stage = 0
    elif s.stage == 0 and away - o_sog * dt_s < 150.0 and s.speed < o_sog + 2.5:
        s.stage = 1
    if s.stage == 0:
        speed = min(s.to_speed, o_sog + math.sqrt(s.accel * max(away - 60.0, 1.0)))
        if abs(turned(course - s.heading)) > 0.4 and away < 2.0 * turn_radius_m(s.length, max(s.speed, MANOEUVRE_MPS)):
            speed = min(speed, MANOEUVRE_MPS + o_sog)
        e, n = _helm(s, dt_s, course, speed, 0.0, 0.0)
        return e, n, False
    most = max_turn_radps(s.length, 0.0) * dt_s
    s.heading = turned(s.heading + min(max(turned(o_heading - s.heading), -most), most))
    share = min(1.0, (o_sog + 0.8) * dt_s / max(away, 0.01))  # it closes at 0.8 m/s at most: ours
    s.speed = o_sog
    return away * share * math.sin(course), away * share * math.cos(course), away * (1.0 - share) < 30.0


@njit(cache=True, nogil=True)
def run(state, orders, patch, sea, utc_ms, at_ms, lon, lat, sog, cog, heading, activity, other):
    """Fill rows 1 and on of a stretch; row 0 is the tick before.

    Parameters
    ----------
    state, orders
        As of `afloat`; `state` is moved on.
    patch, sea
        Weather and climate, as of `water`.
    utc_ms
        When the sea started [ms since 1970 UTC].
    at_ms
        Moments of the ticks, shape (ticks + 1,).
    lon, lat, sog, cog, heading, activity, other
        To be filled, shape (ticks + 1, n): degrees, knots, index of the activity, and number of the hull it lies alongside of or -1.
    """
    dt_ms = at_ms[1] - at_ms[0]
    dt = dt_ms / 1000.0
    keep_v, keep_c = math.exp(-dt / SPEED_TAU_S), math.exp(-dt / COURSE_TAU_S)
    new_v, new_c = math.sqrt(1.0 - keep_v * keep_v), math.sqrt(1.0 - keep_c * keep_c)
    for k in range(1, len(at_ms)):
        now = at_ms[k - 1]
        tick = now // dt_ms
        wind_e, wind_n = wind_mps(sea, now)
        for i in range(len(state)):
            s = state[i]
            if s.done or now >= s.until:
                next_order(s, orders, now)
            doing, what, beside = UNDER_WAY, s.what, -1
            e, n = 0.0, 0.0
            if what == MOOR and s.stage == 1 and s.speed == 0.0:
                doing = MOORED
            else:
                s.fast = keep_v * s.fast + new_v * _noise(s.noise_key, 2 * tick)
                s.wander = keep_c * s.wander + new_c * _noise(s.noise_key, 2 * tick + 1)
                slow, ce, cn = weather_at(patch, now, s.lon, s.lat)
                te, tn = current_mps(sea, now, s.lon, s.lat)
                ce, cn = ce + te, cn + tn
                cruise = s.to_speed * slow * (1.0 + SPEED_SIGMA * min(max(s.fast, -2.5), 2.5))
                if what == SAIL:
                    on = sails_on(s)
                    e, n, away = _approach(s, dt, s.to_lon, s.to_lat, cruise, not on, ce, cn)
                    if (on and _passed(s, dt, orders, away)) or away < max(BERTH_M, 0.5 * s.length):
                        s.done = 1
                elif what == STEER:
                    if s.to_speed < 0.5 * KN_MPS:
                        doing = WAITING
                    e, n = _helm(s, dt, s.to_course + COURSE_SIGMA * s.wander, cruise, ce, cn)
                elif what in (MOOR, ANCHOR):
                    if s.stage == 0:
                        e, n, away = _approach(s, dt, s.to_lon, s.to_lat, cruise, True, ce if s.speed > 0 else 0.0, cn if s.speed > 0 else 0.0)
                        if away < max(BERTH_M, 0.5 * s.length):
                            s.stage = 1
                    elif s.speed > 0.0:
                        e, n = _helm(s, dt, s.heading, 0.0, 0.0, 0.0)
                    elif what == ANCHOR:
                        e, n = _at_anchor(s, dt, ce + LEEWAY * wind_e, cn + LEEWAY * wind_n)
                    if s.stage > 0 and s.speed == 0.0:
                        doing = MOORED if what == MOOR else ANCHORED
                elif what == WORK:
                    e, n, doing = _at_work(s, dt, now, utc_ms + now, slow, cruise, wind_e, wind_n, ce, cn)
                elif what == MEET:
                    j = s.other
                    o = state[j]
                    leads = o.what == MEET and o.other == i and (s.length > o.length or (s.length == o.length and i < j))
                    o_lon, o_lat = lon[k - 1, j], lat[k - 1, j]
                    if leads:
                        away, course = towards(s.lon, s.lat, o_lon, o_lat)
                        if s.stage == 0 and away > ONE_MILE_M:
                            e, n = _helm(s, dt, course, cruise, ce, cn)
                        else:
                            if s.stage == 0:
                                s.stage, s.course = 1, s.heading
                            e, n = _helm(s, dt, s.course, TRANSFER_MPS, ce, cn)
                        if other[k - 1, j] == i:
                            beside, doing = j, ALONGSIDE
                    else:
                        o_sog, o_cog, o_heading = sog[k - 1, j] * KN_MPS, math.radians(cog[k - 1, j]), math.radians(heading[k - 1, j])
                        e, n, is_beside = _alongside(s, dt, o_lon, o_lat, o_sog, o_cog, o_heading)
                        if is_beside:
                            beside, doing = j, ALONGSIDE
                else:  # DRIFT, IDLE
                    e, n = _drift(s, dt, 1.0, wind_e, wind_n, ce, cn)
                    doing = ADRIFT if what == DRIFT else WAITING
            if e != 0.0 or n != 0.0:
                s.lon, s.lat = moved(s.lon, s.lat, e, n)
                sog[k, i] = math.sqrt(e * e + n * n) / dt / KN_MPS
                cog[k, i] = math.degrees(math.atan2(e, n)) % 360.0
            else:
                sog[k, i] = 0.0
                cog[k, i] = cog[k - 1, i]
            lon[k, i], lat[k, i], heading[k, i] = s.lon, s.lat, math.degrees(s.heading) % 360.0
            activity[k, i], other[k, i] = doing, beside


@njit(cache=True, nogil=True)
def _at_work(s, dt, now_ms, utc_ms, slow, cruise, wind_e, wind_n, east, north):
    """Go to the ground, then work there; the way made good [m] and the activity."""
    if s.stage == 0:
        away, _ = towards(s.lon, s.lat, s.to_lon, s.to_lat)
        if away > max(0.8 * s.to_radius, 200.0) and (now_ms > 0 or away > 1.2 * s.to_radius):
            e, n, _ = _approach(s, dt, s.to_lon, s.to_lat, cruise, False, east, north)
            return e, n, UNDER_WAY
        s.stage = 1
    course, speed, share, doing = work(s, now_ms, utc_ms, dt, slow)
    if speed < 0.0:
        e, n = _drift(s, dt, share, wind_e, wind_n, east, north)
    else:
        e, n = _helm(s, dt, course + COURSE_SIGMA * s.wander, speed * slow, 0.5 * east, 0.5 * north)
    return e, n, doing
