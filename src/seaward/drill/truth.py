"""Stretches of the true sea -> where each hull was (TRUE_TRACKS), and what really happened (TRUTH). For scoring only: no detector sees it.

Kept from stretch to stretch are changes alone: when a hull began something else, came into an area or lay alongside another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.chart.areas import Areas
from seaward.chart.places import Places
from seaward.core.geodesy import great_circle_m
from seaward.core.realm import check_realm
from seaward.core.tables import ACTIVITIES, AT, TRUE_TRACKS, TRUTH
from seaward.core.units import at_to_us
from seaward.drill.deeds import Change, Deeds, Stay
from seaward.drill.hulls import ALONGSIDE, Cast, Stretch
from seaward.drill.transmitters import Transmitters

MINUTE_MS = 60_000
SLOW_KN = 2.0  # both of an encounter: Miller et al. 2018, doi:10.3389/fmars.2018.00240


class Truth:
    """Takes the stretches of a sea in order.

    Parameters
    ----------
    realm
        `ex:` and the id of the drill.
    cast, start, length_ms
        As the kernel has them.
    intents
        Of actors by id; others have none.
    areas
        With names and rules; entry and fishing where a rule forbids them are kinds of their own.
    ports
        A hull moored or at anchor near one visits it.
    every_ms
        Between rows of TRUE_TRACKS; areas are looked at then, so that crossings are late by as much at most. A multiple of the tick.
    """

    def __init__(
        self,
        realm: str,
        cast: Cast,
        start: datetime,
        length_ms: int,
        intents: Mapping[str, str] | None = None,
        areas: Areas | None = None,
        ports: Places | None = None,
        every_ms: int = MINUTE_MS,
    ) -> None:
        self.realm, self._cast, self._start_us, self._every_ms = check_realm(realm), cast, at_to_us(start), every_ms
        self._areas, self._ports, self._intents = areas, ports, dict(intents or {})
        self._sent = Transmitters(cast, length_ms)
        self._real = np.flatnonzero(cast.hulls.is_real)
        self._names = pl.Series("actor", list(cast.hulls.id)).cast(pl.Categorical)
        self._changes: list[NDArray[np.float64]] = []
        self._code: NDArray[np.int64] | None = None
        self._within: dict[tuple[int, int], tuple[int, float, float]] = {}  # hull and area: since when, and where
        self._stays: list[Stay] = []
        self._victims: dict[tuple[int, int], list[int]] = {}  # number of a false place and hull: first and last moment within
        self._end_ms = 0
        self._asked = self._moments()
        self._at: dict[tuple[int, int], tuple[float, float]] = {}

    def take(self, stretch: Stretch) -> pl.DataFrame:
        """The rows of TRUE_TRACKS of a stretch, by moment and hull; what happened is kept for `finish`."""
        first = 0 if self._code is None else 1
        self._note_changes(stretch, first)
        self._note_places(stretch, first)
        rows = [k for k in range(first, len(stretch.at_ms)) if stretch.at_ms[k] % self._every_ms == 0]
        for k in rows:
            self._note_areas(stretch, k)
            self._note_victims(stretch, k)
        self._end_ms = int(stretch.at_ms[-1])
        return self._tracks(stretch, rows)

    def finish(self) -> pl.DataFrame:
        """The rows of TRUTH up to the last stretch, by start, kind and actors."""
        end_ms = self._end_ms
        open_stays = [Stay(hull, area, since, end_ms, x, y) for (hull, area), (since, x, y) in self._within.items()]
        deeds = Deeds(self._cast, self._sent, end_ms, self._spells(end_ms), self._stays + open_stays, self._areas, self._ports, self._start_us)
        found = deeds.all(self._at, {k: (a, b + self._every_ms) for k, (a, b) in self._victims.items()})
        return found.rows(self.realm, self._start_us, self._intents) if found else TRUTH.empty()

    def _moments(self) -> list[tuple[int, int]]:
        """Moment and hull of what needs a place: switches, claims, false places."""
        off = [(a, hull) for hull in range(len(self._cast.hulls.id)) for a, _ in self._sent.off(hull)]
        said = [(c.from_ms, c.hull) for c in (*self._cast.claims, *self._cast.false_places) if c.hull >= 0]
        return sorted([*off, *said], reverse=True)

    def _note_changes(self, s: Stretch, first: int) -> None:
        beside = np.full(s.activity.shape, -1, np.int64) if s.alongside is None else s.alongside.astype(np.int64)
        slow = (s.activity == ALONGSIDE) & (s.sog_kn < SLOW_KN)
        code = s.activity + 16 * slow + 32 * (beside + 1)
        before = code[first - 1 : -1] if first else np.vstack([np.full((1, code.shape[1]), -1), code[:-1]])
        k, hull = np.nonzero(code[first:] != before)
        k = k + first
        columns = hull, s.at_ms[k], s.activity[k, hull], slow[k, hull], beside[k, hull], s.lon_deg[k, hull], s.lat_deg[k, hull]
        self._changes.append(np.column_stack([np.asarray(c, np.float64) for c in columns]))
        self._code = code[-1]

    def _note_places(self, s: Stretch, first: int) -> None:
        while self._asked and self._asked[-1][0] <= s.at_ms[-1]:
            at, hull = self._asked.pop()
            k = int(np.searchsorted(s.at_ms, at))
            self._at[at, hull] = float(s.lon_deg[k, hull]), float(s.lat_deg[k, hull])

    def _note_areas(self, s: Stretch, k: int) -> None:
        if self._areas is None:
            return
        at, who = int(s.at_ms[k]), self._real
        points, areas = self._areas.inside(np.ascontiguousarray(s.lon_deg[k, who]), np.ascontiguousarray(s.lat_deg[k, who]))
        now = {(int(who[p]), int(a)) for p, a in zip(points.tolist(), areas.tolist(), strict=True)}
        for key in [key for key in self._within if key not in now]:
            since, x, y = self._within.pop(key)
            self._stays.append(Stay(*key, since, at, x, y))
        for hull, area in sorted(now):
            self._within.setdefault((hull, area), (at, float(s.lon_deg[k, hull]), float(s.lat_deg[k, hull])))

    def _note_victims(self, s: Stretch, k: int) -> None:
        at = int(s.at_ms[k])
        for number, false in enumerate(self._cast.false_places):
            if false.hull >= 0 or not false.from_ms <= at < false.to_ms:
                continue
            away = great_circle_m(s.lon_deg[k], s.lat_deg[k], *false.around_deg)
            for hull in np.flatnonzero((away <= false.within_m) & (self._sent.mmsi_at(at) >= 0) & self._cast.hulls.is_real).tolist():
                self._at.setdefault((-1 - number, hull), (float(s.lon_deg[k, hull]), float(s.lat_deg[k, hull])))
                self._victims.setdefault((number, hull), [at, at])[1] = at

    def _tracks(self, s: Stretch, rows: list[int]) -> pl.DataFrame:
        who, n = self._real, len(self._real)
        if not rows or n == 0:
            return TRUE_TRACKS.empty()
        mmsi = np.concatenate([self._sent.mmsi_at(int(s.at_ms[k]))[who] for k in rows])
        at = self._start_us + 1000 * np.repeat(s.at_ms[rows], n)
        table = pl.DataFrame({
            "at": pl.Series(at, dtype=pl.Int64).cast(AT),
            "lon_deg": s.lon_deg[rows][:, who].ravel(), "lat_deg": s.lat_deg[rows][:, who].ravel(),
            "sog_kn": s.sog_kn[rows][:, who].ravel(), "cog_deg": s.cog_deg[rows][:, who].ravel(),
            "activity": pl.Series(s.activity[rows][:, who].ravel().astype(np.uint32)).replace_strict(
                list(range(len(ACTIVITIES))), list(ACTIVITIES), return_dtype=pl.Enum(ACTIVITIES)),
            "mmsi": pl.Series(mmsi).set(pl.Series(mmsi < 0), None),
        })  # fmt: skip
        actor = self._names.gather(np.tile(who, len(rows)))
        table = table.with_columns(actor, pl.lit(self.realm).alias("realm"))
        return table.select(pl.col(c).cast(t) for c, t in TRUE_TRACKS.schema.items())

    def _spells(self, end_ms: int) -> dict[int, list[Change]]:
        """What each real hull did, in order; each lasts until the next begins."""
        rows = np.concatenate(self._changes) if self._changes else np.empty((0, 7))
        rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
        spells: dict[int, list[Change]] = {int(h): [] for h in self._real}
        for k, (hull, at, activity, slow, beside, x, y) in enumerate(rows.tolist()):
            if hull in spells:
                until = rows[k + 1, 1] if k + 1 < len(rows) and rows[k + 1, 0] == hull else end_ms
                spells[int(hull)].append(Change(int(at), int(until), int(activity), bool(slow), int(beside), x, y))
        return spells
