"""How the rooms join, on one page: inputs -> reports by bucket of vessels -> positions -> events.

The same functions serve a file, a window of a live feed and a partition of a cluster. No clock and no file here: inputs
come as iterables of batches, results go to a sink, progress to a function.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import polars as pl

from seaward.behaviours import BEHAVIOURS
from seaward.behaviours.area import in_areas
from seaward.behaviours.behaviour import Behaviour, Context
from seaward.behaviours.dark_contact import DarkContactParams
from seaward.chart.areas import Areas
from seaward.chart.places import Places
from seaward.chart.shore import inland_m, shore_m
from seaward.core.errors import ParameterError
from seaward.core.hearing import Hearing
from seaward.core.stops import Stops
from seaward.core.tables import DETECTIONS, EVENTS, POSITIONS, RECEPTION, REJECTED, STATIC, VESSELS, Table
from seaward.feeds.batch import Batch
from seaward.picture.positions import PictureParams, build_positions
from seaward.picture.reception import learn_hearing
from seaward.picture.stops import learn_stops, stopping_places
from seaward.picture.vessels import build_vessels
from seaward.store.spool import Spool

T = TypeVar("T")
U = TypeVar("U")
Tell = Callable[[str, float], None]  # (stage, share done from 0 to 1)


_SAID_ROWS = 1_000_000  # identity statements held before those said before are left out


class Sink(Protocol):
    """Where finished rows go."""

    def add(self, table: Table, rows: pl.DataFrame) -> None: ...


class Feed(Protocol):
    """An input: batches, and how far it is read."""

    def __iter__(self) -> Iterator[Batch]: ...
    @property
    def share(self) -> float: ...


class Reports(Protocol):
    """Reports by bucket of whole vessels: a `store.spool.Spool`, or what a live watch holds."""

    @property
    def buckets(self) -> int: ...
    def take(self, bucket: int) -> pl.DataFrame | None: ...


@dataclass(frozen=True, slots=True)
class WatchParams:
    """What a watch looks for, and how much room it has."""

    behaviours: tuple[Behaviour, ...] = BEHAVIOURS
    areas: Areas | None = None
    places: Places | None = None
    detections: pl.DataFrame | None = None
    picture: PictureParams = field(default_factory=PictureParams)
    threads: int = 2

    @staticmethod
    def of(kinds: Iterable[str] | None) -> WatchParams:
        """The behaviours of these kinds; all when None."""
        if kinds is None:
            return WatchParams()
        known = {b.kind: b for b in BEHAVIOURS}
        if unknown := [k for k in kinds if k not in known]:
            raise ParameterError(f"no behaviour is called {', '.join(unknown)}; choose from {', '.join(known)}")
        return replace(WatchParams(), behaviours=tuple(known[k] for k in kinds))


@dataclass(slots=True)
class Seen:
    """What a watch counted on the way."""

    as_of: datetime | None = None
    judged_until: datetime | None = None  # later detections cannot be judged; None: none can
    reports: int = 0
    message_types: Counter[int] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)  # reports that are no positions, by reason
    learned_places: int = 0
    events_by_kind: Counter[str] = field(default_factory=Counter)
    events_left_out: Counter[tuple[str, str]] = field(default_factory=Counter)  # candidates that a parameter leaves out, by kind and reason


def watch(inputs: Iterable[Feed], params: WatchParams, as_of: datetime | None, reports: Spool, kept: Spool, sink: Sink, tell: Tell) -> Seen:
    """Read the inputs, build the picture, find the behaviours.

    Parameters
    ----------
    inputs
        Each an iterable of batches of one realm.
    params
        Behaviours with their parameters.
    as_of
        Later reports are left out; None: the latest time reported.
    reports, kept
        Spools of as many buckets each, for reports and for positions.
    sink
        Receives positions, vessels, events and rejected rows.
    tell
        Called with a stage and the share of it that is done.
    """
    seen = Seen()
    static = read_inputs(inputs, as_of, reports, sink, seen, tell)
    judge(params, static, as_of, reports, kept, sink, seen, tell)
    return seen


def judge(
    params: WatchParams, static: pl.DataFrame, as_of: datetime | None, reports: Reports, kept: Spool, sink: Sink, seen: Seen, tell: Tell
) -> Context:
    """Reports and identity statements to the picture and the events, which is `watch` without its reading; returns what the behaviours knew."""
    context = _picture(params, static, reports, kept, sink, seen, tell)
    context = _judged(context, params, as_of, seen)
    if seen.rows[POSITIONS.name]:
        _behaviours(params, as_of or seen.as_of, context, kept, sink, seen, tell)  # type: ignore[arg-type]
    return context


def read_inputs(inputs: Iterable[Feed], as_of: datetime | None, reports: Spool, sink: Sink, seen: Seen, tell: Tell) -> pl.DataFrame:
    """Bytes to reports in their buckets; identity statements come back, each said once."""
    said: list[pl.DataFrame] = []
    for feed in inputs:
        for batch in feed:
            _give(sink, REJECTED, batch.rejected, seen)
            rows = batch.reports
            if as_of is not None:
                known = rows.filter((pl.coalesce("received_at", "reported_at") <= as_of).fill_null(True))
                seen.dropped["after_as_of"] += len(rows) - len(known)
                rows = known
            seen.reports += len(rows)
            seen.message_types += batch.message_types
            reports.add(rows)
            if not batch.static.is_empty():
                said.append(said_once(batch.static))
                if sum(len(s) for s in said) > _SAID_ROWS + 2 * len(said[0]):
                    said = [said_once(pl.concat(said))]
            tell("read", feed.share)
    return said_once(pl.concat(said)) if said else STATIC.empty()


def _picture(params: WatchParams, static: pl.DataFrame, reports: Reports, kept: Spool, sink: Sink, seen: Seen, tell: Tell) -> Context:
    """Reports to positions, bucket by bucket, and what the receivers as a whole could hear."""
    heard: list[Hearing] = []
    stopped: list[Stops] = []
    realm: str | None = None

    def one(bucket: int) -> Any:
        rows = reports.take(bucket)
        if rows is None:
            return None
        picture = build_positions(rows, params.picture)
        mine = static.filter(pl.col("mmsi").is_in(rows["mmsi"].unique().implode()))
        return picture, build_vessels(picture.positions, mine), learn_hearing(picture.positions), learn_stops(picture.positions)

    vessels: list[pl.DataFrame] = []
    for bucket, result in enumerate(_in_order(one, range(reports.buckets), params.threads)):
        tell("picture", (bucket + 1) / reports.buckets)
        if result is None:
            continue
        picture, believed, part, stops = result
        for reason, n in picture.dropped.items():
            seen.dropped[reason] += n
        _give(sink, REJECTED, picture.rejected, seen)
        _give(sink, VESSELS, believed, seen)
        if not picture.positions.is_empty():
            _give(sink, POSITIONS, picture.positions, seen)
            latest = picture.positions["at"].max()
            seen.as_of = max(seen.as_of, latest) if seen.as_of else latest  # type: ignore[assignment, type-var]
            kept.put(bucket, picture.positions)
            vessels.append(believed)
            heard.append(part)
            stopped.append(stops)
            realm = str(picture.positions["realm"][0])
    hearing = Hearing.add(heard)
    if realm is not None:
        _give(sink, RECEPTION, hearing.map(realm), seen)
    learned = stopping_places(Stops.add(stopped), shore_m)
    seen.learned_places = 0 if learned is None else len(learned)
    return Context(
        shore_m=shore_m,
        inland_m=inland_m,
        hearing=hearing,
        areas=params.areas,
        places=Places.join([params.places, learned]),
        detections=DETECTIONS.empty() if params.detections is None else params.detections,
        vessels=pl.concat(vessels) if vessels else VESSELS.empty(),
    )


def _judged(context: Context, params: WatchParams, as_of: datetime | None, seen: Seen) -> Context:
    """With the detections that can be judged: up to the last report of all feeds. Where `as_of` says that no later one is missing, a ship seen a
    little after it would have been heard a little before: within what `dark_contact` looks at for that.
    """
    if seen.as_of is None:
        return context
    seen.judged_until = seen.as_of
    if as_of is not None:
        within_s = next((b.params.heard_within_s for b in params.behaviours if isinstance(b.params, DarkContactParams)), 0.0)
        seen.judged_until = min(as_of, seen.as_of + timedelta(seconds=within_s))
    return replace(context, detections=context.detections.filter(pl.col("at") <= seen.judged_until))


def _behaviours(params: WatchParams, as_of: datetime, context: Context, kept: Spool, sink: Sink, seen: Seen, tell: Tell) -> None:
    """Positions to events: vessel by vessel where that is enough, and across vessels from what is left of them."""
    alone = [b for b in params.behaviours if b.exchange is None]
    across = [(b, b.exchange) for b in params.behaviours if b.exchange is not None]

    def one(bucket: int) -> Any:
        rows = kept.see(bucket)
        if rows is None:
            return [], []
        return [b.sifted(rows, context, as_of) for b in alone], [e.places(rows, context, b.params, as_of) for b, e in across]

    found: list[tuple[pl.DataFrame, pl.DataFrame]] = []
    places: list[list[pl.DataFrame]] = [[] for _ in across]
    for bucket, (events, parts) in enumerate(_in_order(one, range(kept.buckets), params.threads)):
        tell("behaviours", (bucket + 1) / kept.buckets)
        found += events
        for whole, part in zip(places, parts, strict=False):
            whole.append(part)
    for (behaviour, exchange), whole in zip(across, places, strict=True):
        together = exchange.companions(pl.concat(whole), behaviour.params).implode()
        rows = [rows.filter(pl.col("vessel_id").is_in(together)) for bucket in range(kept.buckets) if (rows := kept.see(bucket)) is not None]
        found.append(behaviour.sifted(pl.concat(rows), context, as_of))
    events = in_areas(pl.concat(e for e, _ in found), context).sort("start_at", "kind", "event_id") if found else EVENTS.empty()
    for _, left_out in found:
        seen.events_left_out.update({(kind, why): n for kind, why, n in left_out.group_by("kind", "why").len().iter_rows()})
    seen.events_by_kind.update({b.kind: 0 for b in params.behaviours} | dict(events["kind"].value_counts().iter_rows()))
    _give(sink, EVENTS, events, seen)


def _give(sink: Sink, table: Table, rows: pl.DataFrame, seen: Seen) -> None:
    if not rows.is_empty():
        sink.add(table, rows)
        seen.rows[table.name] += len(rows)


def said_once(static: pl.DataFrame) -> pl.DataFrame:
    """Each different identity statement of a vessel, where it was first said."""
    what = [c for c in static.columns if c not in ("raw_offset", "raw_length", "reported_at", "feed")]
    return static.sort("reported_at", "feed", "raw_offset", nulls_last=True).unique(subset=what, keep="first", maintain_order=True)


def _in_order(work: Callable[[T], U], items: Iterable[T], threads: int) -> Iterator[U]:
    """Results in the order of the items, at most `threads` + 1 of them in memory."""
    with ThreadPoolExecutor(threads) as pool:
        waiting = []
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()
