"""What hulls did and what they said -> the things that really happened, each with who, when and where.

Told from what a hull was doing, as it was ordered to, never from the rule of a detector. The place is where it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from seaward.chart.areas import Areas
from seaward.chart.places import Places
from seaward.core.ids import event_id
from seaward.core.tables import AT, TRUTH
from seaward.core.units import US_PER_S
from seaward.drill.gears import longest_pause_ms
from seaward.drill.hulls import (
    ADRIFT,
    ALONGSIDE,
    ANCHORED,
    MOORED,
    SEARCHING,
    WAITING,
    WORK,
    WORKING,
    Cast,
)  # fmt: skip
from seaward.drill.scenario import GEARS
from seaward.drill.transmitters import Transmitters

ENCOUNTER_MS = 600_000  # alongside for less is no transfer; ours: ten minutes
STAY_MS = 1_800_000  # ours: who waits or drifts for less is not said to
PORT_M = 9_260.0  # ours: 5 nm, the roads of a port


class Change(NamedTuple):
    """What a hull does from one moment to another, and where it began."""

    from_ms: int
    to_ms: int
    activity: int
    is_slow: bool
    beside: int
    lon_deg: float
    lat_deg: float


class Stay(NamedTuple):
    """A hull in an area."""

    hull: int
    area: int
    from_ms: int
    to_ms: int
    lon_deg: float
    lat_deg: float


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that happened."""

    kind: str
    from_ms: int
    to_ms: int
    hulls: tuple[int, ...]
    lon_deg: float
    lat_deg: float
    mmsis: frozenset[int]
    areas: tuple[str, ...] | None = None  # None: those it lies in


@dataclass(slots=True)
class Deeds:
    """Collects them."""

    cast: Cast
    sent: Transmitters
    end_ms: int
    spells: dict[int, list[Change]]
    stays: list[Stay]
    areas: Areas | None
    ports: Places | None
    start_us: int
    found: list[Deed] = field(default_factory=list)

    def all(self, at: Mapping[tuple[int, int], tuple[float, float]], victims: Mapping[tuple[int, int], tuple[int, int]]) -> Deeds:
        """Everything: `at` has places by (moment, hull), `victims` spans by (number of a false place, hull)."""
        stays: dict[int, list[Stay]] = {}
        for stay in sorted(self.stays, key=lambda s: (s.hull, s.from_ms, s.area)):
            stays.setdefault(stay.hull, []).append(stay)
        for hull, spells in self.spells.items():
            work = self._fishing(hull, spells)
            self._in_areas(hull, work, stays.get(hull, []))
            self._waiting(hull, spells)
            self._port_visits(hull, spells)
            for a, b in self.sent.off(hull):
                if a < self.end_ms:
                    self._add("gap", a, min(b, self.end_ms), (hull,), at[a, hull])
        self._encounters()
        self._identities(at)
        for number, false in enumerate(self.cast.false_places):
            if false.hull >= 0 and false.from_ms < self.end_ms:
                self._add("position", false.from_ms, min(false.to_ms, self.end_ms), (false.hull,), at[false.from_ms, false.hull])
            for (which, hull), (a, b) in victims.items():
                if which == number:
                    self._add("position", a, min(b, false.to_ms, self.end_ms), (hull,), at[-1 - number, hull])
        return self

    def rows(self, realm: str, start_us: int, intents: Mapping[str, str]) -> pl.DataFrame:
        """The table."""
        if not self.found:
            return TRUTH.empty()
        self.found = once(self.found)
        ids = self.cast.hulls.id
        lon, lat = (np.array([getattr(d, f"{c}_deg") for d in self.found]) for c in ("lon", "lat"))
        names = self.areas.names_at(lon, lat) if self.areas is not None else [[] for _ in self.found]
        table = []
        for d, within in zip(self.found, names, strict=True):
            actors = sorted(ids[h] for h in d.hulls)
            table.append({
                "realm": realm, "truth_id": event_id(d.kind, "truth", actors, start_us + 1000 * d.from_ms), "kind": d.kind,
                "start_at": start_us + 1000 * d.from_ms, "end_at": start_us + 1000 * d.to_ms, "actors": actors,
                "vessel_ids": sorted(f"mmsi:{m:09d}" for m in d.mmsis), "lon_deg": d.lon_deg, "lat_deg": d.lat_deg,
                "intent": next((intents[a] for a in actors if intents.get(a, "none") != "none"), "none"),
                "areas": sorted(within) if d.areas is None else list(d.areas),
            })  # fmt: skip
        schema = {c: pl.Int64() if t == AT else pl.String() if c == "realm" else t for c, t in TRUTH.schema.items()}
        frame = pl.DataFrame(table, schema=schema).sort("start_at", "kind", pl.col("actors").list.join(","), "truth_id")
        return frame.select(pl.col(c).cast(t) for c, t in TRUTH.schema.items())

    def _add(
        self, kind: str, a: int, b: int, hulls: Iterable[int], place: tuple[float, float], areas: tuple[str, ...] | None = None,
        mmsis: frozenset[int] | None = None,
    ) -> None:  # fmt: skip
        who = tuple(hulls)
        said = mmsis if mmsis is not None else frozenset(m for h in who for m in self.sent.identities(h, max(a - 1, 0), b))
        self.found.append(Deed(kind, a, b, who, *place, said, areas))

    def _pause_ms(self, hull: int) -> int:
        """The longest pause of the gears that a hull works by its orders; of one that is ordered later, of any."""
        o = self.cast.orders
        rows = slice(int(o.first[hull]), int(o.first[hull + 1]))
        gears = np.unique(o.gear[rows][o.what[rows] == WORK]).tolist() or range(len(GEARS))
        return max(longest_pause_ms(GEARS[g]) for g in gears)

    def _fishing(self, hull: int, spells: list[Change]) -> list[tuple[int, int]]:
        pause = self._pause_ms(hull)
        joined: list[list[Any]] = []
        for s in spells:
            if s.activity in WORKING:
                if joined and s.from_ms - joined[-1][1] <= pause:
                    joined[-1][1] = s.to_ms
                else:
                    joined.append([s.from_ms, s.to_ms, (s.lon_deg, s.lat_deg)])
        for a, b, place in joined:
            self._add("fishing", a, b, (hull,), place)
        return [(s.from_ms, s.to_ms) for s in spells if s.activity in WORKING]

    def _in_areas(self, hull: int, work: list[tuple[int, int]], stays: list[Stay]) -> None:
        """Stays where entry is forbidden; else, where fishing is, from the first work there to the last."""
        hulls = self.cast.hulls
        if self.areas is None:
            return
        for stay in stays:
            area, begun = self.areas.areas[stay.area], datetime.fromtimestamp(self.start_us / US_PER_S + stay.from_ms / 1000, UTC)
            if not area.rule.binds(None, int(hulls.ship_type[hull]) or None, float(hulls.length_m[hull]), begun):
                continue
            inside = [(max(a, stay.from_ms), min(b, stay.to_ms)) for a, b in work if a < stay.to_ms and b > stay.from_ms]
            if "entry" in area.rule.forbids:
                inside = [(stay.from_ms, stay.to_ms)]
            elif "fishing" not in area.rule.forbids:
                continue
            if inside:
                self._add("area", inside[0][0], inside[-1][1], (hull,), (stay.lon_deg, stay.lat_deg), (area.name,))

    def _waiting(self, hull: int, spells: list[Change]) -> None:
        """Loitering and drifting; the pauses of a crew at its gear are neither."""
        crew = (*WORKING, SEARCHING)
        run: list[Change] = []
        for k in range(len(spells) + 1):
            s = spells[k] if k < len(spells) else None
            if s is not None and s.activity in (WAITING, ADRIFT):
                run.append(s)
                continue
            if run:
                before = spells[k - len(run) - 1].activity if k > len(run) else -1
                after = s.activity if s is not None else -1
                if before not in crew and after not in crew and run[-1].to_ms - run[0].from_ms >= STAY_MS:
                    self._add("loitering", run[0].from_ms, run[-1].to_ms, (hull,), (run[0].lon_deg, run[0].lat_deg))
                for r in run:
                    if r.activity == ADRIFT and r.to_ms - r.from_ms >= STAY_MS:
                        self._add("drift", r.from_ms, r.to_ms, (hull,), (r.lon_deg, r.lat_deg))
                run = []

    def _port_visits(self, hull: int, spells: list[Change]) -> None:
        """Those that it was seen to come for: it lies there until it leaves or the exercise ends."""
        if self.ports is None:
            return
        for k, s in enumerate(spells):
            lies = s.activity in (MOORED, ANCHORED)
            if k == 0 or not lies or spells[k - 1].activity in (MOORED, ANCHORED):
                continue
            last = k
            while last + 1 < len(spells) and spells[last + 1].activity in (MOORED, ANCHORED):
                last += 1
            which, away = self.ports.nearest(s.lon_deg, s.lat_deg)
            if away[0] <= PORT_M:
                self._add("port_visit", s.from_ms, spells[last].to_ms, (hull,), (s.lon_deg, s.lat_deg), (self.ports.names[int(which[0])],))

    def _encounters(self) -> None:
        """Pairs of which one lay alongside the other, both slow, the other not moored."""
        pairs: dict[tuple[int, int], list[Change]] = {}
        for hull, spells in self.spells.items():
            for s in spells:
                if s.activity == ALONGSIDE and s.is_slow and s.beside in self.spells and not self._moored(s.beside, s.from_ms):
                    pairs.setdefault((min(hull, s.beside), max(hull, s.beside)), []).append(s)
        for pair, parts in sorted(pairs.items()):
            joined: list[list[Any]] = []
            for s in sorted(parts):
                if joined and s.from_ms - joined[-1][1] <= ENCOUNTER_MS:
                    joined[-1][1] = max(joined[-1][1], s.to_ms)
                else:
                    joined.append([s.from_ms, s.to_ms, (s.lon_deg, s.lat_deg)])
            for a, b, place in joined:
                if b - a >= ENCOUNTER_MS:
                    self._add("encounter", a, b, pair, place)

    def _moored(self, hull: int, at_ms: int) -> bool:
        return any(s.activity == MOORED and s.from_ms <= at_ms < s.to_ms for s in self.spells[hull])

    def _identities(self, at: Mapping[tuple[int, int], tuple[float, float]]) -> None:
        """Claims, and transmitters that share a number: the copy is whoever has no hull, or both."""
        hulls = self.cast.hulls
        for c in self.cast.claims:
            if c.from_ms < self.end_ms:
                both = frozenset({int(hulls.mmsi[c.hull]), c.mmsi})
                self._add("identity", c.from_ms, min(c.to_ms, self.end_ms), (c.hull,), at[c.from_ms, c.hull], mmsis=both)
        sharing: dict[int, list[int]] = {}
        for hull, mmsi in enumerate(hulls.mmsi.tolist()):
            if hulls.ais_class[hull] > 0:
                sharing.setdefault(mmsi, []).append(hull)
        for mmsi, group in sharing.items():
            for k, one in enumerate(group):
                for other in group[k + 1 :]:
                    spans = [(max(a, c), min(b, d)) for a, b in self.sent.on(one) for c, d in self.sent.on(other)]
                    spans = [(a, min(b, self.end_ms)) for a, b in spans if a < min(b, self.end_ms)]
                    if spans:
                        who = tuple(h for h in (one, other) if not hulls.is_real[h]) or (one, other)
                        place = float(hulls.start_deg[who[0], 0]), float(hulls.start_deg[who[0], 1])
                        self._add("identity", spans[0][0], spans[-1][1], who, place, mmsis=frozenset({mmsi}))


def once(found: Iterable[Deed]) -> list[Deed]:
    """Deeds of a kind by the same hulls from the same moment as one, as long as the longest.

    A plan may order two things at once, and areas may overlap.
    """
    kept: dict[tuple[str, tuple[int, ...], int], Deed] = {}
    for d in found:
        key = d.kind, tuple(sorted(d.hulls)), d.from_ms
        b = kept.get(key, d)
        areas = None if b.areas is None or d.areas is None else tuple(dict.fromkeys((*b.areas, *d.areas)))
        kept[key] = replace(b, to_ms=max(b.to_ms, d.to_ms), mmsis=b.mmsis | d.mmsis, areas=areas)
    return list(kept.values())
