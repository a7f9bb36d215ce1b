"""What the kernel keeps of each hull from tick to tick, and of each order: rows of structured arrays for compiled loops.

Metres, seconds, radians, milliseconds; places in degrees.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.core.units import KN_MPS
from seaward.drill.chance import draw
from seaward.drill.hulls import ANCHOR, MEET, MOOR, SAIL, STEER, WORK, Hulls, Orders
from seaward.drill.steering import towards, turned

IDLE = 7  # no order left: it waits where it is
NEVER_MS = 1 << 62
DEFAULT_KN = 8.0  # ours: of an order without a speed

ORDER = np.dtype(
    [(n, np.float64) for n in ("lon", "lat", "speed", "course", "radius")] + [(n, np.int64) for n in ("what", "until", "gear", "other")], align=True
)
STATE = np.dtype(
    [(n, np.float64) for n in ("lon", "lat", "speed", "heading", "length", "accel", "fast", "wander")]  # the hull
    + [(f"to_{n}", np.float64) for n in ("lon", "lat", "speed", "course", "radius")]  # its order
    + [(n, np.float64) for n in ("scope", "way", "course", "mark_lon", "mark_lat")]  # how far it is with it
    + [(n, np.float64) for n in ("side", "gap", "windage")]  # its own ways
    + [(n, np.uint64) for n in ("noise_key", "crew_key")]
    + [
        (n, np.int64)
        for n in ("what", "until", "gear", "other", "then", "given", "row", "end", "stage", "done", "phase", "phase_until", "turn_at", "draws")
    ],
    align=True,
)
_NOISE, _CREW, _SIDE, _GAP, _HEADING, _WINDAGE = (np.uint64(0xD1110000 + k) for k in range(6))  # far from what others draw of a hull's key


def order_rows(orders: Orders) -> NDArray[Any]:
    """Orders as rows of `ORDER`."""
    rows = np.zeros(len(orders.what), ORDER)
    speed = np.where(np.isfinite(orders.speed_kn), orders.speed_kn, DEFAULT_KN)
    rows["what"], rows["until"], rows["gear"], rows["other"] = orders.what, orders.until_ms, orders.gear, orders.other
    rows["lon"], rows["lat"], rows["radius"] = orders.lon_deg, orders.lat_deg, orders.radius_m
    rows["speed"], rows["course"] = np.maximum(speed, 0) * KN_MPS, np.radians(orders.course_deg)
    return rows


def at_start(hulls: Hulls, orders: Orders, accelerations: NDArray[np.float64]) -> NDArray[Any]:
    """Hulls at rest where they start, before their first order, as rows of `STATE`."""
    state = np.zeros(len(hulls.id), STATE)
    state["lon"], state["lat"], state["length"], state["accel"] = hulls.start_deg[:, 0], hulls.start_deg[:, 1], hulls.length_m, accelerations
    state["row"], state["end"], state["what"], state["until"], state["done"] = orders.first[:-1], orders.first[1:], IDLE, NEVER_MS, 1
    for i, key in enumerate(hulls.key):
        state["noise_key"][i], state["crew_key"][i] = draw(key, _NOISE), draw(key, _CREW)
        state["side"][i] = 1.0 if draw(key, _SIDE) & np.uint64(1) else -1.0
        state["gap"][i] = 20.0 + 40.0 * float(draw(key, _GAP)) / 2.0**64  # from antenna to antenna when alongside [m]; ours: two beams and fenders
        state["windage"][i] = 0.7 + 0.6 * float(draw(key, _WINDAGE)) / 2.0**64  # ours: leeway of hulls is 2 to 4 % of the wind
        state["heading"][i] = 2.0 * math.pi * float(draw(key, _HEADING)) / 2.0**64
    return state


@njit(cache=True, nogil=True)
def begin(s, order):
    """Take up an order."""
    s.what, s.until, s.gear, s.other = order.what, order.until, order.gear, order.other
    s.to_lon, s.to_lat, s.to_speed, s.to_course, s.to_radius = order.lon, order.lat, order.speed, order.course, order.radius
    s.stage, s.done, s.phase, s.phase_until = 0, 0, -1, 0
    if s.what in (MOOR, ANCHOR) and not math.isfinite(s.to_lon):
        s.to_lon, s.to_lat, s.stage = s.lon, s.lat, 1
    if s.what == MEET and s.other < 0:
        s.what = IDLE


@njit(cache=True, nogil=True)
def begin_at(state, i, orders):
    """Give hull `i` the first of `orders` now; then it goes on with its own where the clock is."""
    s = state[i]
    if not s.given and not s.done and s.what != IDLE:
        s.row -= 1  # it was in the middle of that one
    begin(s, orders[0])
    s.then, s.given = IDLE, 1


@njit(cache=True, nogil=True)
def next_order(s, orders, now_ms):
    """Take up the next order that is not over yet; one moored or at anchor without another stays so."""
    row = s.row
    while row < s.end and orders[row].until <= now_ms:
        row += 1
    if row < s.end:
        begin(s, orders[row])
        row += 1
    elif s.what in (MOOR, ANCHOR):
        s.until = NEVER_MS
    else:
        s.what, s.until, s.stage = IDLE, NEVER_MS, 0
    s.done = 0
    s.row, s.given = row, 0
    s.then = orders[row].what if row < s.end else IDLE


@njit(cache=True, nogil=True)
def sails_on(s):
    """True when the order after this one needs no stop."""
    return s.what == SAIL and s.then in (SAIL, STEER, WORK, MEET)


@njit(cache=True, nogil=True)
def under_way_at_start(state, orders):
    """Take up the first orders; those that sail are at sea speed already, and on course."""
    for i in range(len(state)):
        s = state[i]
        next_order(s, orders, 0)
        if s.what in (SAIL, MOOR, ANCHOR, WORK) and s.stage == 0:
            away, course = towards(s.lon, s.lat, s.to_lon, s.to_lat)
            if away > max(s.to_radius if s.what == WORK else 0.0, 2000.0):
                s.heading, s.speed = course, s.to_speed
        elif s.what == STEER:
            s.heading, s.speed = turned(s.to_course), s.to_speed
