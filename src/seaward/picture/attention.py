"""rows of reports as they come -> the last of each vessel, and which vessels a live watch looks at first. Compiled.

A look at a vessel costs its whole window. What makes most events begin or end - a stop, a start, a jump, a silence, a border - shows in the newest
report beside the one before it: those vessels come first. All others come in turn, the longest unseen first, so nothing rests on this but the delay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.core.geodesy import distance_m
from seaward.core.units import US_PER_S, kn_to_mps

NEVER = np.iinfo(np.int64).max
STATE = np.dtype(
    [("at", "i8"), ("received_at", "i8"), ("raw_offset", "i8"), ("since", "i8"), ("flagged", "i8"), ("looked", "i8"), ("newest", "i8"),
     ("silent", "i8"), ("jumped", "i8"), ("asking", "i8"),
     ("lon_deg", "f8"), ("lat_deg", "f8"), ("sog_kn", "f4"), ("cog_deg", "f4"), ("heading_deg", "f4"),
     ("dwelt", "i4"), ("feed", "u2"), ("band", "i1"), ("nav_status", "u1"), ("transceiver", "u1")], align=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AttentionParams:
    """When a report asks for a look at its vessel; all ours: thresholds of behaviours lie at or near them."""

    edges_kn: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0, 9.0)  # speeds that drift, loitering, encounter and fishing are told by
    slack_kn: float = 0.2  # a speed that swings about an edge changes nothing
    silence_s: float = 1_800.0  # half of the shortest silence a watch asks about
    dwell_s: float = 900.0  # a vessel that stays in one band is looked at each time so much more has passed
    max_speed_kn: float = 60.0  # as picture.positions
    slack_m: float = 2_000.0  # of position, beyond that speed
    late_s: float = 60.0  # a report that much older than the last known changes the past


@njit(cache=True, nogil=True)
def _note(rows, slots, state, now, edges, slack_kn, silence_us, dwell_us, max_mps, slack_m, late_us):
    """Take reports in; flag their vessels where they ask for a look."""
    for i in range(len(rows)):
        r = rows[i]
        s = state[slots[i]]
        flag = False
        if s.newest == 0:  # never heard before
            flag = True
            s.band, s.since, s.flagged = -1, r.at, NEVER
        elif r.at < s.at - late_us:
            flag = True
        s.newest = max(s.newest, now)
        if s.asking == 0:
            s.asking = now
        if r.at >= s.at and not np.isnan(r.lon_deg):
            apart_us = r.at - s.at
            if s.band >= 0:
                far = distance_m(s.lon_deg, s.lat_deg, r.lon_deg, r.lat_deg)
                if far > max_mps * apart_us / 1e6 + slack_m:
                    flag, s.jumped = True, r.at
                flag |= apart_us >= silence_us or r.nav_status != s.nav_status
            speed = r.sog_kn
            if np.isnan(speed):
                speed = s.sog_kn
            band = 0
            while band < len(edges) and speed >= edges[band]:
                band += 1
            near = s.band >= 0 and band == s.band + 1 and speed < edges[s.band] + slack_kn
            near |= band == s.band - 1 and speed > edges[band] - slack_kn
            if band != s.band and not near:
                flag |= s.band >= 0
                s.band, s.since, s.dwelt = band, r.at, 0
            step = (r.at - s.since) // dwell_us
            if step > s.dwelt:
                flag |= s.band < len(edges)  # those at sea speed wait for nothing
                s.dwelt = step
            s.at, s.received_at, s.raw_offset, s.feed = r.at, r.received_at, r.raw_offset, r.feed
            s.lon_deg, s.lat_deg, s.sog_kn, s.cog_deg, s.heading_deg = r.lon_deg, r.lat_deg, r.sog_kn, r.cog_deg, r.heading_deg
            s.nav_status, s.transceiver = r.nav_status, r.transceiver
            s.silent = r.at + silence_us
        if flag:
            s.flagged = min(s.flagged, now)


@njit(cache=True, nogil=True)
def _grow_silent(state, as_of, now, silence_us):
    """Flag vessels whose silence passed the next length, each a quarter longer than the one before."""
    for i in range(len(state)):
        s = state[i]
        if s.newest > 0 and s.band >= 0 and s.silent <= as_of:
            s.flagged = min(s.flagged, now)
            length = max(as_of - s.at, silence_us)
            s.silent = s.at + length + length // 4


class Attention:
    """The last of each vessel, by slot, and who is to be looked at.

    Parameters
    ----------
    params
        When a report asks for a look.
    """

    def __init__(self, params: AttentionParams | None = None) -> None:
        self.params = params or AttentionParams()
        self._state = np.zeros(1024, STATE)
        self.count = 0

    @property
    def state(self) -> NDArray[Any]:
        """What is known of each slot, `STATE`, shape (count,)."""
        return self._state[: self.count]

    def note(self, slots: NDArray[np.int32], rows: NDArray[Any], now_us: int) -> None:
        """Take reports in (`store.window.ROW`), in the order in which they came [microseconds since 1970 UTC]."""
        if not len(slots):
            return
        self._room(int(slots.max()) + 1)
        p = self.params
        _note(rows, slots, self._state, now_us, np.array(p.edges_kn), p.slack_kn, int(p.silence_s * US_PER_S), int(p.dwell_s * US_PER_S),
              kn_to_mps(p.max_speed_kn), p.slack_m, int(p.late_s * US_PER_S))  # fmt: skip

    def flag(self, slots: NDArray[Any], now_us: int) -> None:
        """Ask for a look at these vessels."""
        if len(slots):
            self._room(int(np.max(slots)) + 1)
            self._state["flagged"][slots] = np.minimum(np.where(self._state["newest"][slots] == 0, NEVER, self._state["flagged"][slots]), now_us)

    def pick(
        self, as_of_us: int, now_us: int, cost: NDArray[np.int64], budget: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Choose the vessels of one look.

        Parameters
        ----------
        as_of_us, now_us
            Moment that silences are measured to, and the clock [microseconds since 1970 UTC].
        cost
            Of a look at each slot, shape (count,).
        budget
            What one look may cost; a quarter of it is kept for those that nothing flags. One vessel is always looked at.

        Returns
        -------
        flagged, in_turn
            Slots, those that wait longest first.
        since
            Since when each of both, in that order, has had something new [microseconds since 1970 UTC].
        """
        state = self.state
        _grow_silent(state, as_of_us, now_us, int(self.params.silence_s * US_PER_S))
        asked = np.flatnonzero((state["flagged"] <= now_us) & (state["newest"] > 0))
        flagged = _within(asked[np.argsort(state["flagged"][asked], kind="stable")], cost, 0.75 * budget)
        rest = np.flatnonzero((state["newest"] > state["looked"]) & (state["flagged"] > now_us))
        in_turn = _within(rest[np.argsort(state["looked"][rest], kind="stable")], cost, budget - float(cost[flagged].sum()))
        chosen = np.concatenate([flagged, in_turn])
        asking, flags = state["asking"][chosen], state["flagged"][chosen]
        since = np.minimum(np.where(asking == 0, now_us, asking), flags)
        self._state["looked"][chosen], self._state["flagged"][chosen], self._state["asking"][chosen] = now_us, NEVER, 0
        return flagged, in_turn, since

    def waiting(self) -> tuple[int, int]:
        """How many vessels ask for a look, and the moment since when the first of them does; `NEVER` where none does."""
        flagged = self.state["flagged"]
        asking = flagged[(flagged < NEVER) & (self.state["newest"] > 0)]
        return len(asking), int(asking.min()) if len(asking) else NEVER

    def _room(self, slots: int) -> None:
        if slots > len(self._state):
            self._state = np.concatenate([self._state, np.zeros(max(slots, 2 * len(self._state)) - len(self._state), STATE)])
        self.count = max(self.count, slots)


def _within(slots: NDArray[np.int64], cost: NDArray[np.int64], budget: float) -> NDArray[np.int64]:
    """As many of the first as the budget pays for, one at least."""
    return slots[: max(1, int(np.searchsorted(np.cumsum(cost[slots]), budget, side="right")))]
