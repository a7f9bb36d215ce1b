"""a stretch of the true sea -> every AIS message that its transmitters send, in the units of the messages.

Each hull has its own streams of chance for phase, slots and errors, drawn by the number of the message, so neither the length of a stretch nor
another hull changes anything. What hangs on time hangs on the ticks: between two of them a hull goes straight, and its activity is that of the later.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.core.geodesy import wrap_deg
from seaward.core.units import DEG_M
from seaward.drill import hulls as words
from seaward.drill.ais_intervals import AT_ANCHOR, JITTER, MOORED, STATIC_MS, TURN_DEG, TURN_HOLD_MS, interval_ms, mean_heading_deg
from seaward.drill.chance import draw, key_of, normal, uniform
from seaward.drill.false_places import deception_of, deceptions, said_motion
from seaward.drill.hulls import F64, FISHING, HAULING, I64, SETTING, U8, B, Cast, Stretch

SENT: Final = np.dtype([
    ("at_ms", np.int64), ("lon_deg", np.float64), ("lat_deg", np.float64),  # where the transmitter truly is
    ("hull", np.int32), ("who", np.int32), ("number", np.uint32),  # `who`: row of `ais_bytes.Identities`; `number`: of the message, by hull
    ("lon", np.int32), ("lat", np.int32), ("sog", np.int16), ("cog", np.int16), ("heading", np.int16),  # as sent: M.1371-5 tables 48 and 70
    ("kind", np.uint8), ("status", np.uint8),  # message type (24: parts A and B); navigational status
    ("turn", np.uint8), ("marks", np.uint8),  # rate of turn as sent plus 128; COARSE, RAIM or both
])  # fmt: skip
POSITION_A, POSITION_A_TURNING, STATIC_A, POSITION_B, STATIC_B = 1, 3, 5, 18, 24
PER_DEG: Final = 600_000  # steps of 1/10,000 minute in a degree: M.1371-5 table 48
NO_HEADING: Final = 511  # M.1371-5 table 48

GNSS_M = 3.0  # one sigma along each axis, within the 10 m of an accurate fix (M.1371-5 table 48); ours
GNSS_MS = 1_800_000.0  # over which errors forget themselves, as satellites move and the ionosphere changes; from ships at rest in docs/realism.md
OUTLIER_CHANCE = 2e-5  # of a fix, once in some days of a ship under way; ours
OUTLIER_M = 100.0  # least size of one; the largest is a hundred times that; ours
SPEED_KN, SPEED_SPREAD = 0.015, 0.94  # one sigma of the velocity along each axis, median of all sets, and its spread (log): as GNSS_MS
MOST_SPEED_KN = 0.15  # one sigma of the worst set; ours
SWAY_KN, SWAY_FROM_KN = 0.12, 3.0  # one sigma across the course of a ship in waves, in full from a speed on: as GNSS_MS, the speed ours
SPEED_MS = 20_000.0  # over which a receiver smooths its velocity; ours
HOLDS_COURSE, STILL_KN = 0.3, 0.3  # share of sets that keep the course when slower: as GNSS_MS, the speed ours
BIAS_DEG = 0.7  # one sigma of the lasting bias of a gyro compass: ISO 8728 allows 0.75 degrees times the secant of the latitude
HEADING_DEG = 0.2  # one sigma of what changes from report to report: as GNSS_MS
COARSE, RAIM = 1, 2  # marks: a fix within more than 10 m, and integrity watched (M.1371-5 table 48)
COARSE_SHARE, RAIM_SHARE = 0.64, (0.0, 0.17, 0.8, 0.8)  # of sets, the second by class: as GNSS_MS
NO_INDICATOR = 0.45  # share of ships with a gyro but no turn indicator: as GNSS_MS
TURN_DEAD_DEG_MIN = 3.0  # an indicator shows no less; ours
TURN_SOME_DEG_MIN = 10.0  # without one, +-127 above 5 degrees in 30 s: M.1371-5 table 48
NO_GYRO_M = 24.0  # shorter hulls send no heading in our sea; ours
CARELESS = 0.25  # share of crews that do not keep the status; ours. That many do not: Harati-Mokhtari et al. 2007, doi:10.1017/S0373463307004298
NEVER_FISHING = 0.5  # share of fishing crews that never say so; ours
_PURPOSE, _STATIC = key_of(0, "ais_send"), key_of(0, "ais_send static")
_FISHING_KINDS = ("trawler", "purse_seiner", "longliner", "squid_jigger", "potter", "artisanal")
_FAR = np.int64(1) << 60
_DRAWS = 16  # numbers of the stream that a message may use


class _State(NamedTuple):
    """What one stretch leaves for the next, by hull."""

    nominal_ms: I64  # of the next position report; -1: not begun
    last_ms: I64  # nominal time of the one before
    due_ms: I64
    number: I64
    static_number: I64
    mean_deg: F64  # heading
    turn_until_ms: I64
    east_m: F64  # error of the fix
    north_m: F64
    fix_ms: I64
    east_kn: F64  # error of the velocity
    north_kn: F64
    cog: I64  # as sent last; -1: none


class _Ship(NamedTuple):
    """What stays, by hull."""

    key: NDArray[np.uint64]
    ais_class: U8
    has_gyro: B
    bias_deg: F64
    speed_kn: F64  # one sigma of the velocity
    holds_course: B
    has_indicator: B
    marks: U8
    status: U8  # (n, activities)
    switch_first: I64
    switch_ms: I64
    switch_on: B
    claim_first: I64
    claim_from_ms: I64
    claim_to_ms: I64


class Senders:
    """All transmitters of a cast; give it the stretches in order."""

    def __init__(self, cast: Cast) -> None:
        hulls, n = cast.hulls, len(cast.hulls.id)
        key = np.array([draw(k, _PURPOSE) for k in hulls.key], np.uint64)
        of = np.asarray(cast.switches.hull, np.int64)
        order = np.lexsort((cast.switches.at_ms, of))
        switch_ms, switch_on = np.asarray(cast.switches.at_ms, np.int64)[order], np.asarray(cast.switches.is_on, bool)[order]
        claims = sorted(cast.claims, key=lambda c: (c.hull, c.from_ms, c.to_ms))
        claim_of, claim_from, claim_to = (np.array([getattr(c, name) for c in claims], np.int64) for name in ("hull", "from_ms", "to_ms"))
        kind = np.array(hulls.kind)
        status = _status(key, np.isin(kind, _FISHING_KINDS), kind == "sailing")
        has_gyro = (np.asarray(hulls.ais_class) == 1) & (np.asarray(hulls.length_m) >= NO_GYRO_M)
        bias_deg = np.array([BIAS_DEG * normal(k, _FAR) for k in key], np.float64)
        speed_kn = np.array([min(MOST_SPEED_KN, SPEED_KN * math.exp(SPEED_SPREAD * normal(k, _FAR + 1))) for k in key], np.float64)
        luck = np.array([[uniform(k, _FAR + 16 + j) for j in range(4)] for k in key]).reshape(-1, 4)
        marks = np.where(luck[:, 0] < COARSE_SHARE, COARSE, 0) | np.where(luck[:, 1] < np.array(RAIM_SHARE)[hulls.ais_class], RAIM, 0)
        firsts = [np.searchsorted(hull, np.arange(n + 1)) for hull in (of[order], claim_of)]
        self._ship = _Ship(
            key, np.asarray(hulls.ais_class, np.uint8), has_gyro, bias_deg, speed_kn, luck[:, 2] < HOLDS_COURSE, luck[:, 3] >= NO_INDICATOR,
            marks.astype(np.uint8), status, firsts[0], switch_ms, switch_on, firsts[1], claim_from, claim_to,
        )  # fmt: skip
        self._false = deceptions(cast.false_places, n)
        zero, none = np.zeros(n), np.full(n, -1, np.int64)
        self._state = _State(
            none, none.copy(), none.copy(), none + 1, none + 1, zero, none.copy(), zero.copy(), zero.copy(), none.copy(), zero.copy(), zero.copy(),
            none.copy(),
        )  # fmt: skip

    def send(self, sea: Stretch) -> NDArray[np.void]:
        """Messages sent after the first tick of a stretch up to its last.

        Parameters
        ----------
        sea
            The stretch that follows the one given before; memory needed goes with its length (a class A ship: at most 1.8 KB a minute).

        Returns
        -------
        Array of `SENT`, by hull.

        Limits
        ------
        The interval follows from the true speed, also of a receiver that is deceived. Slots are not those of a real link: no two messages collide
        ashore. Rate of turn is that of the tick.
        """
        shortest_ms = np.array([np.inf, 1_800.0, 4_500.0, 27_000.0])[self._ship.ais_class]
        span_ms = float(sea.at_ms[-1] - sea.at_ms[0])
        room = int((np.ceil(span_ms / shortest_ms) + span_ms // STATIC_MS + 3).sum())
        rows = np.empty(room, SENT)
        n = _send(
            sea.at_ms, sea.lon_deg, sea.lat_deg, sea.sog_kn, sea.cog_deg, sea.heading_deg, sea.activity, self._ship, self._false, self._state, rows
        )
        return rows[:n]


def _status(key: NDArray[np.uint64], is_fishing_kind: B, is_sailing: B) -> U8:
    """Navigational status (M.1371-5 table 48) that each crew sets for each activity."""
    right = np.zeros(len(words.ACTIVITIES), np.uint8)
    right[words.MOORED], right[words.ANCHORED] = MOORED, AT_ANCHOR
    right[[SETTING, FISHING, HAULING]] = 7
    status = np.tile(right, (len(key), 1))
    status[is_sailing, words.UNDER_WAY] = 8
    luck = np.array([[uniform(k, _FAR + 2 + j) for j in range(3)] for k in key]).reshape(-1, 3)
    stuck = np.select([luck[:, 1] < 0.6, luck[:, 1] < 0.8, luck[:, 1] < 0.9], [0, MOORED, AT_ANCHOR], 15)  # what careless crews leave it at; ours
    status = np.where((luck[:, 0] < CARELESS)[:, None], stuck[:, None], status)
    silent = is_fishing_kind & (luck[:, 2] < NEVER_FISHING)
    return np.where(silent[:, None] & (status == 7), 0, status).astype(np.uint8)


@njit(cache=True, nogil=True)
def _is_on(ship, hull, at_ms):
    """Senders without a switch before a moment are on."""
    is_on = True
    for k in range(ship.switch_first[hull], ship.switch_first[hull + 1]):
        if ship.switch_ms[k] > at_ms:
            break
        is_on = ship.switch_on[k]
    return is_on


@njit(cache=True, nogil=True)
def _who(ship, hull, at_ms):
    """Row of the identity sent."""
    who = hull
    for k in range(ship.claim_first[hull], ship.claim_first[hull + 1]):
        if ship.claim_from_ms[k] <= at_ms < ship.claim_to_ms[k]:
            who = len(ship.key) + k
    return who


@njit(cache=True, nogil=True)
def _turn_said(deg_min, has_indicator):
    """Rate of turn as sent (M.1371-5 table 48) plus 128, of a ship with a gyro."""
    size = abs(deg_min)
    said = 127 if size > TURN_SOME_DEG_MIN else 0
    if has_indicator:
        said = min(126, round(4.733 * math.sqrt(size))) if size >= TURN_DEAD_DEG_MIN else 0
    return 128 + said if deg_min >= 0.0 else 128 - said


@njit(cache=True, nogil=True)
def _fix(row, ship, false, state, h, key, k, sog_kn, cog_deg, heading_deg, turn_deg_min):
    """Fill in what the receiver of hull `h` says in its message `k`; where it truly is stands in the row."""
    at_ms, base = row.at_ms, _DRAWS * k
    passed_ms = np.float64(at_ms - state.fix_ms[h])
    keep = math.exp(-passed_ms / GNSS_MS) if state.fix_ms[h] >= 0 else 0.0
    fresh_m = GNSS_M * math.sqrt(1.0 - keep * keep)
    keep_kn = math.exp(-passed_ms / SPEED_MS) if state.fix_ms[h] >= 0 else 0.0
    fresh_kn = ship.speed_kn[h] * math.sqrt(1.0 - keep_kn * keep_kn)
    state.fix_ms[h] = at_ms
    state.east_m[h] = keep * state.east_m[h] + fresh_m * normal(key, base // 2 + 1)
    state.north_m[h] = keep * state.north_m[h] + fresh_m * normal(key, base // 2 + 2)
    east, north = state.east_m[h], state.north_m[h]
    if uniform(key, base + 1) < OUTLIER_CHANCE:
        size = OUTLIER_M * 10.0 ** (2.0 * uniform(key, base + 12))
        bearing = 2.0 * math.pi * uniform(key, base + 13)
        east, north = east + size * math.sin(bearing), north + size * math.cos(bearing)
    lon, lat = row.lon_deg, row.lat_deg
    by = deception_of(false, h, at_ms, lon, lat)
    if by >= 0:
        lon, lat, sog_kn, cog_deg = said_motion(false, by, at_ms, uniform(key, _FAR + 1), lon, lat, sog_kn, cog_deg)
    lon = wrap_deg(lon + east / (DEG_M * max(0.01, math.cos(math.radians(lat)))))
    row.lon = round(lon * PER_DEG)
    row.lat = round(max(-90.0, min(90.0, lat + north / DEG_M)) * PER_DEG)
    state.east_kn[h] = keep_kn * state.east_kn[h] + fresh_kn * normal(key, base // 2 + 3)
    state.north_kn[h] = keep_kn * state.north_kn[h] + fresh_kn * normal(key, base // 2 + 4)
    along_e, along_n = math.sin(math.radians(cog_deg)), math.cos(math.radians(cog_deg))
    sway_kn = SWAY_KN * min(1.0, sog_kn / SWAY_FROM_KN) * normal(key, base // 2 + 7)
    vx = sog_kn * along_e + sway_kn * along_n + state.east_kn[h]
    vy = sog_kn * along_n - sway_kn * along_e + state.north_kn[h]
    row.sog = min(1022, round(10.0 * math.sqrt(vx * vx + vy * vy)))
    row.cog = round(10.0 * (math.degrees(math.atan2(vx, vy)) % 360.0)) % 3600
    if ship.holds_course[h] and state.cog[h] >= 0 and row.sog < 10.0 * STILL_KN:
        row.cog = state.cog[h]
    state.cog[h] = row.cog
    row.heading, row.turn, row.marks = NO_HEADING, 0, ship.marks[h]
    if ship.has_gyro[h]:
        row.heading = round(heading_deg + ship.bias_deg[h] + HEADING_DEG * normal(key, base // 2 + 5)) % 360
        row.turn = _turn_said(turn_deg_min, ship.has_indicator[h])


@njit(cache=True, nogil=True)
def _send(at, lon, lat, sog, cog, heading, activity, ship, false, state, rows):
    n_rows = 0
    for h in range(len(ship.key)):
        of_class = ship.ais_class[h]
        if of_class == 0:
            continue
        key, static_key = ship.key[h], draw(ship.key[h], _STATIC)
        static_phase = np.int64(uniform(static_key, _FAR) * STATIC_MS)
        for i in range(len(at) - 1):
            t0, t1 = at[i], at[i + 1]
            if math.isnan(lon[i, h]) or math.isnan(lon[i + 1, h]):
                continue
            status = ship.status[h, activity[i + 1, h]]
            if state.nominal_ms[h] < 0:
                state.mean_deg[h] = heading[i, h]
            state.mean_deg[h] = mean_heading_deg(state.mean_deg[h], heading[i + 1, h], t1 - t0)
            if abs(wrap_deg(heading[i + 1, h] - state.mean_deg[h])) > TURN_DEG:
                state.turn_until_ms[h] = t1 + TURN_HOLD_MS
            is_turning = state.turn_until_ms[h] >= t1
            every = interval_ms(of_class, sog[i, h], status, is_turning)
            if state.nominal_ms[h] < 0:
                state.last_ms[h] = t0 - np.int64(uniform(key, _FAR + 8) * every)
                state.nominal_ms[h] = _FAR
            if state.nominal_ms[h] > state.last_ms[h] + every:  # a shorter interval holds at once
                state.nominal_ms[h] = max(state.last_ms[h] + every, t0)
                state.due_ms[h] = max(t0 + 1, state.nominal_ms[h] + np.int64((uniform(key, _DRAWS * state.number[h]) - 0.5) * JITTER * every))
            d_lon = wrap_deg(lon[i + 1, h] - lon[i, h])
            static_at = static_phase + state.static_number[h] * STATIC_MS
            if static_at <= t0:
                state.static_number[h] = (t0 - static_phase) // STATIC_MS + 1
                static_at = static_phase + state.static_number[h] * STATIC_MS
            while state.due_ms[h] <= t1 or static_at <= t1:
                is_static = static_at < state.due_ms[h]
                now = static_at if is_static else state.due_ms[h]
                k = state.static_number[h] if is_static else state.number[h]
                share = (now - t0) / (t1 - t0)
                row = rows[n_rows]
                row.at_ms, row.hull, row.who, row.number, row.status = now, h, _who(ship, h, now), k, status
                row.lon_deg = wrap_deg(lon[i, h] + share * d_lon)
                row.lat_deg = lat[i, h] + share * (lat[i + 1, h] - lat[i, h])
                if is_static:
                    row.kind = STATIC_A if of_class == 1 else STATIC_B
                    row.lon, row.lat, row.sog, row.cog, row.heading, row.turn, row.marks = 0, 0, 0, 0, 0, 0, 0
                    state.static_number[h] += 1
                    static_at += STATIC_MS
                else:
                    row.kind = POSITION_B if of_class != 1 else POSITION_A_TURNING if is_turning else POSITION_A
                    knots = sog[i, h] + share * (sog[i + 1, h] - sog[i, h])
                    course = cog[i, h] + share * wrap_deg(cog[i + 1, h] - cog[i, h])
                    turned_deg = wrap_deg(heading[i + 1, h] - heading[i, h])
                    turn_deg_min = 60_000.0 * turned_deg / (t1 - t0)
                    _fix(row, ship, false, state, h, key, k, knots, course, heading[i, h] + share * turned_deg, turn_deg_min)
                    state.number[h] += 1
                    state.last_ms[h] = state.nominal_ms[h]
                    state.nominal_ms[h] += every
                    jitter = np.int64((uniform(key, _DRAWS * state.number[h]) - 0.5) * JITTER * every)
                    state.due_ms[h] = max(now + 1, state.nominal_ms[h] + jitter)
                if _is_on(ship, h, now):
                    n_rows += 1
    return n_rows
