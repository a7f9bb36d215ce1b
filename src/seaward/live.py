"""The watch while it happens: batches in as they come, versions of events out. No clock and no socket here: moments are arguments.

`look` judges, within seconds, the vessels that their newest reports ask for; `sweep` judges everything there is, by the same function as a file is
(`watch.judge`), so that what a node says in the end is what `detect` says of the same reports, in whatever order and however late they came.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import KDTree

from seaward.behaviours.area import in_areas
from seaward.behaviours.behaviour import Behaviour, Context
from seaward.behaviours.versions import Row, Told, ToldParams
from seaward.chart.shore import inland_m, shore_m
from seaward.core.tables import AT, EVENTS, POSITIONS, REPORTS, STATIC, VESSELS, Table
from seaward.core.units import US_PER_S, at_to_us
from seaward.feeds.batch import Batch
from seaward.picture.attention import NEVER, Attention, AttentionParams
from seaward.picture.positions import build_positions
from seaward.picture.vessels import build_vessels
from seaward.store.spool import Spool
from seaward.store.window import Window
from seaward.watch import Seen, WatchParams, judge, said_once

_SWEEP_BUCKETS = 64
_EARTH_M = 6_371_008.8  # mean radius, IUGG
_NAMES = ("name", "callsign", "imo", "ship_type")
_SEEN = np.uint64(1 << 63)  # of a set of areas: that it is known, also where it is empty
_SAID_MOST = 200_000  # ours: statements held before old ones are let go of
_SAID = [c for c in STATIC.schema if c not in ("raw_offset", "raw_length", "reported_at", "feed")]


@dataclass(frozen=True, slots=True)
class LiveParams:
    """How a live watch spends its time and memory; all ours."""

    window_s: float = 4 * 86_400.0  # the longest lookback of a behaviour
    rows: int = 20_000_000  # reports held at most: 1.8 GB
    look_rows: float = 400_000.0  # a look costs no more than to judge so many rows: about half a second of one core
    costly: tuple[str, ...] = ("fishing", "area")  # asked only of vessels that something flags, and of the others in turn
    costly_factor: float = 6.0  # how much more these cost per row
    near_m: float = 2_000.0  # vessels that far from one looked at are looked at with it, for meetings
    slow_kn: float = 5.0  # both, to be looked at together
    memory_bytes: int = 512 << 20  # of positions held in a sweep before they go to disk
    attention: AttentionParams = field(default_factory=AttentionParams)
    told: ToldParams = field(default_factory=ToldParams)


@dataclass(slots=True)
class Looked:
    """What one look or sweep did: EVENTS to be told, and how much it looked at."""

    versions: pl.DataFrame
    vessels: int = 0
    rows: int = 0
    since: dict[int, int] = field(default_factory=dict)  # by MMSI: since when a vessel looked at has had something new [us]
    known: pl.DataFrame = field(default_factory=VESSELS.empty)  # of the vessels looked at


class Live:
    """A standing watch over the reports of one realm.

    `take`, `look` and the reading properties belong to one thread; `sweep` may run in another at the same time.

    Parameters
    ----------
    realm
        Of everything it takes.
    params
        What it looks for; as for a file.
    live
        How it spends its time and memory.
    known
        EVENTS told before.
    """

    def __init__(self, realm: str, params: WatchParams, live: LiveParams | None = None, known: pl.DataFrame | None = None) -> None:
        self.realm, self.params, self.live = realm, params, live or LiveParams()
        self.window = Window(realm, self.live.rows)
        self.attention = Attention(self.live.attention)
        self.told = Told(known, self.live.told)
        self.context = Context(shore_m=shore_m, inland_m=inland_m, areas=params.areas, places=params.places)
        self.dropped: Counter[str] = Counter()
        self.seen = Seen()  # of the last sweep
        self.judged_us = 0  # up to when it judged [us since 1970 UTC]
        self._said: list[pl.DataFrame] = []
        self._said_at: dict[int, int] = {}
        self._said_most = _SAID_MOST
        self._lock = threading.Lock()
        self._inside: NDArray[np.uint64] = np.zeros(0, np.uint64)

    def begin_anew(self) -> None:
        """Let go of all reports, as when nothing was heard yet; what was told and said stays."""
        self.window = Window(self.realm, self.live.rows)
        self.attention = Attention(self.live.attention)
        self._inside = np.zeros(0, np.uint64)

    def take(self, batch: Batch, now_us: int) -> None:
        """Take in one batch of a feed, received now [microseconds since 1970 UTC]."""
        slots, rows = self.window.add(batch.reports)
        self.attention.note(slots, rows, now_us)
        self._across_borders(slots, rows, now_us)
        self._say(batch.static, now_us)

    def detections(self, rows: pl.DataFrame) -> None:
        """Take in contacts of other sensors (DETECTIONS); the next sweep judges them."""
        before = self.params.detections
        self.params = replace(self.params, detections=rows if before is None else pl.concat([before, rows]))

    def static(self) -> pl.DataFrame:
        """Identity statements, each different one of a vessel where it was first said."""
        with self._lock:
            if len(self._said) > 1:
                self._said = [said_once(pl.concat(self._said))]
            return self._said[0] if self._said else STATIC.empty()

    def look(self, as_of: datetime, now_us: int) -> Looked:
        """Judge the vessels that ask for it, and others in turn; tell what changed."""
        count = self.window.count[: self.attention.count].astype(np.int64)
        heavy, light, since = self.attention.pick(at_to_us(as_of), now_us, count + 20, self.live.look_rows / self.live.costly_factor)
        slots = np.concatenate([heavy, light])
        extra = self.live.look_rows - self.live.costly_factor * float(count[slots].sum())
        more = self._more_in_turn(slots, count, extra, now_us)
        slots = np.concatenate([slots, more])
        if not len(slots):
            return Looked(EVENTS.empty())
        company = self._company(slots)
        everyone = np.union1d(slots, company)
        reports = self.window.of(everyone, at_to_us(as_of))
        positions = build_positions(reports, self.params.picture).positions
        if positions.is_empty():
            return Looked(EVENTS.empty(), len(everyone), len(reports))
        numbers = self.window.slots.numbers
        context = self._context_of(positions)
        found, judged = [], {}
        for behaviour in self.params.behaviours:
            of = self._asked(behaviour, heavy, light, more, company)
            if of is None or not len(of):
                continue
            mine = positions if len(of) == len(everyone) else positions.filter(pl.col("mmsi").is_in(pl.Series(numbers[of]).implode()))
            found.append(behaviour.find(mine, context, behaviour.params, as_of))
            if behaviour.partition == "vessel":
                judged[behaviour.kind] = set(numbers[of].tolist())
        events = in_areas(pl.concat(found), context) if found else EVENTS.empty()
        events, could = self._within_window(events, lambda row: row["kind"] in judged and _numbers(row) <= judged[row["kind"]])
        asked = dict(zip(numbers[np.concatenate([heavy, light])].tolist(), since.tolist(), strict=True))
        return Looked(self.told.take(events, could), len(everyone), len(reports), asked, context.vessels)

    def sweep(self, as_of: datetime, *, exact: bool = False) -> Callable[[], Looked]:
        """Judge all there is up to a moment, as a file is judged; what it returns is called in the thread of `look`, and tells what changed."""
        self.window.forget(at_to_us(as_of) - int(self.live.window_s * US_PER_S))
        behaviours = tuple(b for b in self.params.behaviours if b.kind != "dark_contact" or self.params.detections is not None)
        params, kept, seen = replace(self.params, behaviours=behaviours), _Kept(), Seen()
        with Spool(_SWEEP_BUCKETS, self.live.memory_bytes) as positions:
            context = judge(params, self.static(), as_of, _Held(self.window, as_of), positions, kept, seen, lambda stage, share: None)

        def tell() -> Looked:
            self.context, self.seen, self.judged_us = context, seen, at_to_us(as_of)
            kinds = {b.kind for b in behaviours}
            events, could = self._within_window(kept.events, lambda row: row["kind"] in kinds)
            versions = self.told.take(events, could, exact=exact)
            since = as_of - timedelta(seconds=2 * self.live.window_s)
            self.told.forget(since)
            self._forget_said(since)
            if self.params.detections is not None:
                self.params = replace(self.params, detections=self.params.detections.filter(pl.col("at") >= since))
            return Looked(versions, seen.rows["vessels"], seen.rows[POSITIONS.name], known=context.vessels)

        return tell

    def recent(self, since_us: int, until_us: int, numbers: NDArray[np.uint32] | None, rows: int, every_us: int) -> pl.DataFrame:
        """Where vessels were for a while, thinned and cleaned; may be called from any thread.

        Parameters
        ----------
        since_us, until_us
            From when to when they are heard [us since 1970 UTC].
        numbers
            MMSIs; None: all.
        rows
            Reports looked at, more or less; above it they are thinned further.
        every_us
            At most one report of a vessel in that time [us].

        Returns
        -------
        POSITIONS.
        """
        window, found = self.window, []
        held = window.slots.numbers
        slots = np.arange(len(held)) if numbers is None else np.flatnonzero(np.isin(held, numbers))
        every_us = int(every_us * max(1.0, (until_us - since_us) / every_us * len(slots) / rows))
        for start in range(0, len(slots), 2_000):  # in parts: the watch takes reports in between
            found.append(window.of(slots[start : start + 2_000], None, since_us, every_us))
        reports = pl.concat(found) if found else REPORTS.empty()
        return build_positions(reports, self.params.picture).positions if len(reports) else POSITIONS.empty()

    def latest(self) -> pl.DataFrame:
        """The last report of each vessel heard: REPORTS without raw_length, message_type and second."""
        state = self.attention.state
        heard = np.flatnonzero(state["band"] >= 0)
        return self.window.newest(heard, state[heard])

    def _say(self, static: pl.DataFrame, now_us: int) -> None:
        """Keep statements that say something new of a vessel, or the same earlier; a vessel that says something new is looked at."""
        if static.is_empty():
            return
        what = _hashes(static)
        at = static["reported_at"].to_physical().fill_null(NEVER).to_list()
        fresh = [n for n, (h, t) in enumerate(zip(what, at, strict=True)) if t < self._said_at.get(h, NEVER + 1)]
        if not fresh:
            return
        changed = sorted({n for n in fresh if what[n] not in self._said_at})
        for n in fresh:
            self._said_at[what[n]] = min(at[n], self._said_at.get(what[n], NEVER))
        with self._lock:
            self._said.append(said_once(static[fresh]))
            if len(self._said) > 256:
                self._said = [said_once(pl.concat(self._said))]
        slots = self.window.slots.of(np.unique(static["mmsi"].to_numpy()[changed]).astype(np.uint32))
        known = slots[(slots >= 0) & (slots < self.attention.count)]
        self.attention.flag(known, now_us)

    def _forget_said(self, since: datetime) -> None:
        """Once many statements are held: let go of those first said before a moment, but for the newest name, callsign, ... of each vessel."""
        if len(self._said_at) < self._said_most:
            return
        at = pl.col("reported_at")
        newest = [at == at.filter(pl.col(c).is_not_null()).max().over("mmsi") for c in _NAMES]
        said = self.static().filter(pl.any_horizontal((at >= since).fill_null(True), *newest))
        with self._lock:
            self._said = [said]
        self._said_at = dict(zip(_hashes(said), said["reported_at"].to_physical().fill_null(NEVER).to_list(), strict=True))
        self._said_most = max(_SAID_MOST, 2 * len(said))

    def _across_borders(self, slots: NDArray[np.int32], rows: NDArray[Any], now_us: int) -> None:
        """Flag vessels whose newest place lies in other areas than the one before."""
        if self.params.areas is None or not len(slots):
            return
        if len(self._inside) < self.attention.count:
            self._inside = np.concatenate([self._inside, np.zeros(2 * self.attention.count - len(self._inside), np.uint64)])
        last = np.zeros(self.attention.count, np.int64) - 1
        last[slots] = np.arange(len(slots))
        moved = np.flatnonzero(last >= 0)
        state = self.attention.state[moved]
        inside = np.zeros(len(moved), np.uint64)
        points, areas = self.params.areas.inside(np.ascontiguousarray(state["lon_deg"]), np.ascontiguousarray(state["lat_deg"]))
        np.bitwise_xor.at(inside, points, (areas.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))
        inside |= _SEEN
        crossed = (inside != self._inside[moved]) & (self._inside[moved] != 0)
        self._inside[moved] = inside
        self.attention.flag(moved[crossed], now_us)

    def _more_in_turn(self, chosen: NDArray[np.int64], count: NDArray[np.int64], budget: float, now_us: int) -> NDArray[np.int64]:
        """Others that moved, for the behaviours that cost little."""
        state = self.attention.state
        rest = np.setdiff1d(np.flatnonzero(state["newest"] >= now_us - 5 * US_PER_S), chosen)
        rest = rest[np.argsort(state["looked"][rest], kind="stable")]
        return rest[: int(np.searchsorted(np.cumsum(count[rest]), budget))]

    def _company(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Slow vessels near a slow one that is looked at, and whoever shares an open event with one."""
        state = self.attention.state
        slow = np.flatnonzero((state["band"] >= 0) & (state["sog_kn"] <= self.live.slow_kn))
        near: NDArray[np.int64] = np.zeros(0, np.int64)
        asked = np.intersect1d(slow, slots)
        if len(asked) and len(slow):
            places = _on_sphere(state["lon_deg"][slow], state["lat_deg"][slow])
            of = _on_sphere(state["lon_deg"][asked], state["lat_deg"][asked])
            hits = KDTree(places).query_ball_point(of, self.live.near_m / _EARTH_M)
            others = [slow[h] for h in hits if 1 < len(h) <= 50]  # a crowd at a quay meets nobody; the sweep judges it
            near = np.unique(np.concatenate(others)) if others else near
        chosen = set(self.window.slots.numbers[slots].tolist())
        also = {m for row in self.told.open_events() if len(row["vessel_ids"]) > 1 for who in [_numbers(row)] if who & chosen for m in who}
        if also:
            found = self.window.slots.of(np.array(sorted(also), np.uint32))
            near = np.union1d(near, found[found >= 0])
        return near[near < self.attention.count]

    def _asked(self, behaviour: Behaviour, heavy: NDArray[np.int64], light: NDArray[np.int64], more: NDArray[np.int64],
               company: NDArray[np.int64]) -> NDArray[np.int64] | None:  # fmt: skip
        """Which vessels a look asks a behaviour about; None where only a sweep does."""
        if behaviour.kind == "dark_contact":
            return None
        if behaviour.kind in self.live.costly:
            return np.concatenate([heavy, light])
        if behaviour.kind == "encounter":
            return company
        if behaviour.partition == "vessel":
            return np.concatenate([heavy, light, more])
        jumped = np.flatnonzero(self.attention.state["jumped"] > 0)
        return np.intersect1d(jumped, np.concatenate([heavy, light, more, company]))

    def _context_of(self, positions: pl.DataFrame) -> Context:
        """What the last sweep learned, with the vessels looked at now."""
        mine = self.static().filter(pl.col("mmsi").is_in(positions["mmsi"].unique().implode()))
        return replace(self.context, vessels=build_vessels(positions, mine), areas=self.params.areas)

    def _within_window(self, events: pl.DataFrame, could: Callable[[Row], bool]) -> tuple[pl.DataFrame, Callable[[Row], bool]]:
        """Events that the window shows whole, and whether it would show another: as `behaviours.stream.merge`."""
        if self.window.since_us < 0:
            return events, could
        cuts = {b.kind: self.window.since_us + int(b.lookback_s / 2 * US_PER_S) for b in self.params.behaviours}
        cut_of = pl.col("kind").replace_strict(cuts, default=NEVER, return_dtype=pl.Int64).cast(AT)
        return events.filter(pl.col("start_at") >= cut_of), lambda row: at_to_us(row["start_at"]) >= cuts.get(row["kind"], NEVER) and could(row)


class _Held:
    """What a window holds, by bucket, for `watch.judge`."""

    def __init__(self, window: Window, as_of: datetime) -> None:
        self.buckets, self._window, self._until = _SWEEP_BUCKETS, window, at_to_us(as_of)
        self._slots = np.arange(window.slots.count)

    def take(self, bucket: int) -> pl.DataFrame | None:
        rows = self._window.of(self._slots[bucket :: self.buckets], self._until)
        return None if rows.is_empty() else rows


class _Kept:
    """Of a sweep's tables the events."""

    def __init__(self) -> None:
        self.events = EVENTS.empty()

    def add(self, table: Table, rows: pl.DataFrame) -> None:
        if table is EVENTS:
            self.events = pl.concat([self.events, rows])


def _hashes(static: pl.DataFrame) -> list[int]:
    """What each statement says, as a number."""
    return static.select(_SAID).with_columns(pl.col("realm", "transceiver").cast(pl.String)).hash_rows().to_list()


def _numbers(row: Row) -> set[int]:
    """The MMSIs of an event's vessels; a contact without a track has none."""
    return {int(name[5:14]) for name in row["vessel_ids"] if name.startswith("mmsi:")}


def _on_sphere(lon_deg: NDArray[Any], lat_deg: NDArray[Any]) -> NDArray[np.float64]:
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
