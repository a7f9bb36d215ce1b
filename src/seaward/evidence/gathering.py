"""An event, and the feeds it was found in -> the bytes it is re-derived from, what is taken as known, and the event again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from seaward.behaviours.behaviour import Context
from seaward.chart.areas import Areas
from seaward.core.errors import EvidenceError
from seaward.core.hearing import Hearing
from seaward.core.tables import DETECTIONS, EVENTS, POSITIONS, REPORTS, STATIC, Table
from seaward.evidence.decoding import decoded
from seaward.evidence.derivation import Row, Rule, derived, differences, heard, the_event
from seaward.evidence.origins import Origin
from seaward.feeds.batch import Batch
from seaward.proof.feeds import CutFeed
from seaward.proof.known import Known
from seaward.store.spool import Spool
from seaward.watch import Feed, Seen, Tell, WatchParams, judge, read_inputs, said_once

AFTER = timedelta(hours=12)  # behind its end, what may still bear on an event: no behaviour looks further ahead than 8 h; ours
_HEARD = ("gap", "position", "dark_contact")  # behaviours that ask what the receivers could hear
_PLACED = ("encounter", "loitering", "port_visit")  # and those that ask where vessels lie
_LINES_BEFORE = (0, 1, 2, 8)  # lines before a report that are taken along until its time stands in the bytes; ours
_BUCKETS, _MEMORY_BYTES = 64, 1 << 30
_TIME = pl.coalesce("reported_at", "received_at")
_KEY = ("feed", "raw_offset", "raw_length", "mmsi")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a pack is made of.

    Attributes
    ----------
    event
        As re-derived from `reports` and `known`.
    told_differs
        What differs from the version that was told; of results of `detect` nothing does.
    reports, statements
        REPORTS and STATIC of the vessels concerned, as the packed bytes give them.
    positions
        POSITIONS made of these.
    window
        From when to when all reports of the vessels are there; None for all there were.
    others
        Reports of the same vessels outside the window that are not packed.
    """

    event: Row
    told_differs: list[str]
    rule: Rule
    known: Known
    feeds: list[CutFeed]
    reports: pl.DataFrame
    statements: pl.DataFrame
    positions: pl.DataFrame
    window: tuple[datetime, datetime] | None
    others: int


def gather(origins: Sequence[Origin], told: Row, rule: Rule, params: WatchParams, *, exact: bool, tell: Tell) -> Gathered:
    """Watch the feeds anew, and cut out what one event rests on.

    Parameters
    ----------
    origins
        All feeds the watch had.
    told
        The event as it was told: a row of EVENTS.
    rule
        By what it was found.
    params
        Areas, places and detections that the watch was given.
    exact
        Whether the event must come out as it was told, or may differ where a live watch knew less of the reception when it told it.

    Raises
    ------
    EvidenceError
        If the event does not come out of these feeds.
    """
    params = replace(params, behaviours=(rule.behaviour,), picture=rule.picture)
    numbers = numbers_of(told)
    keeping, events, context, near = _watched(origins, params, rule, numbers, told, tell)
    found = the_event(events, told["event_id"])
    if found is None:
        raise EvidenceError(
            f"the event {told['event_id']} does not come out of these inputs; were they, and the areas, ports and detections, the same?"
        )
    told_differs = differences(told, found)
    if told_differs and exact:
        raise EvidenceError(f"these inputs give the event otherwise than it was told ({'; '.join(told_differs)}); are they the same?")
    if near - numbers:
        numbers |= near
        keeping = _Keeping(origins, numbers, tell)
        for feed in keeping.feeds:
            for _ in feed:
                pass
    reports, static = keeping.rows(rule.heard_until)
    rule = replace(rule, params=_own_gears(rule.params, numbers))
    known = _known(context, rule.behaviour.kind, numbers, found, reports)
    for window in _windows(rule, found):
        chosen = reports if window is None else reports.filter(_TIME.is_between(*window))
        if not differences(found, the_event(derived(chosen, known, rule)[0], found["event_id"])):
            break
    else:
        raise EvidenceError(
            f"the event {told['event_id']} does not follow from the reports of its vessels alone; this is a fault of Seaward: report it"
        )
    tell("cut", 0.0)
    said = said_once(static if window is None else static.filter((pl.col("reported_at") <= window[1]).fill_null(True)))
    feeds = [_cut(o, chosen.filter(pl.col("feed") == o.name), said.filter(pl.col("feed") == o.name)) for o in origins]
    feeds = [f for f in feeds if f is not None]
    again, statements = read_back(feeds, chosen)
    events, positions = derived(again, known, rule)
    if odd := differences(found, the_event(events, found["event_id"])):
        raise EvidenceError(f"the bytes cut out give the event otherwise ({'; '.join(odd)}); this is a fault of Seaward: report it")
    tell("cut", 1.0)
    return Gathered(found, told_differs, rule, known, feeds, again, statements, positions, window, len(reports) - len(chosen))


def read_back(feeds: Sequence[CutFeed], chosen: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The chosen reports, and the statements of their vessels, as packed bytes give them.

    Parameters
    ----------
    chosen
        feed, raw_offset, raw_length, mmsi of each report; also the columns of REPORTS that it has must come out the same.

    Raises
    ------
    EvidenceError
        If a report does not come out of the bytes once and as chosen.
    """
    parts = [decoded(feed) for feed in feeds]
    reports, static = pl.concat([REPORTS.empty(), *(r for r, _ in parts)]), pl.concat([STATIC.empty(), *(s for _, s in parts)])
    key = [pl.col("feed").cast(pl.String), *(pl.col(c) for c in _KEY[1:])]
    wanted = chosen.select(key)
    found = reports.with_columns(key[0].alias("_feed")).join(
        wanted.rename({"feed": "_feed"}), on=["_feed", *_KEY[1:]], how="semi", maintain_order="left"
    )
    found = found.drop("_feed").sort(key)
    same = [c for c in chosen.columns if c in REPORTS.schema]
    if len(found) != len(chosen) or not _rows(found, same).equals(_rows(chosen, same)):
        raise EvidenceError(f"the packed bytes give {len(found)} of {len(chosen)} reports, or another time or place for one of them")
    said = static.filter(pl.col("mmsi").is_in(chosen["mmsi"].unique().implode()))
    return found, said_once(said)


def numbers_of(event: Row) -> set[int]:
    """The MMSIs of an event's vessels; a contact without a track has none."""
    return {int(name[5:14]) for name in event["vessel_ids"] if name.startswith("mmsi:")}


class _Keeping:
    """Feeds that pass, while the rows of some vessels are kept."""

    def __init__(self, origins: Sequence[Origin], numbers: set[int], tell: Tell) -> None:
        self.feeds = [_Passing(o.feed(), sorted(numbers), tell) for o in origins]

    def rows(self, heard_until: datetime | None) -> tuple[pl.DataFrame, pl.DataFrame]:
        reports = pl.concat([REPORTS.empty(), *(r for f in self.feeds for r in f.reports)])
        static = pl.concat([STATIC.empty(), *(s for f in self.feeds for s in f.static)])
        return heard(reports, heard_until).sort(pl.col("feed").cast(pl.String), *_KEY[1:]), static


class _Passing:
    def __init__(self, feed: Feed, numbers: list[int], tell: Tell) -> None:
        self._feed, self._numbers, self._tell = feed, numbers, tell
        self.reports: list[pl.DataFrame] = []
        self.static: list[pl.DataFrame] = []

    @property
    def share(self) -> float:
        return self._feed.share

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._feed:
            for rows, kept in ((batch.reports, self.reports), (batch.static, self.static)):
                mine = rows.filter(pl.col("mmsi").is_in(self._numbers))
                if len(mine):
                    kept.append(mine)
            self._tell("read", self.share)
            yield batch


class _Found:
    """Of a watch's tables the events."""

    def __init__(self) -> None:
        self.events = EVENTS.empty()

    def add(self, table: Table, rows: pl.DataFrame) -> None:
        if table is EVENTS:
            self.events = pl.concat([self.events, rows])


def _watched(
    origins: Sequence[Origin], params: WatchParams, rule: Rule, numbers: set[int], told: Row, tell: Tell
) -> tuple[_Keeping, pl.DataFrame, Context, set[int]]:
    """Watch all feeds for one behaviour: what was kept of the vessels, the events, what the behaviour knew, and who else bears on the event."""
    keeping, found, seen = _Keeping(origins, numbers, tell), _Found(), Seen()
    with Spool(_BUCKETS, _MEMORY_BYTES) as reports, Spool(_BUCKETS, _MEMORY_BYTES) as kept:
        static = read_inputs(keeping.feeds, rule.heard_until, reports, found, seen, tell)
        context = judge(params, static, rule.as_of, reports, kept, found, seen, tell)
        near = _near_detection(kept, context, rule, told) if rule.behaviour.kind == "dark_contact" and seen.rows[POSITIONS.name] else set()
    return keeping, found.events, context, near


def _near_detection(kept: Spool, context: Context, rule: Rule, told: Row) -> set[int]:
    """Vessels that could have been near any contact of the look in which a contact was seen: they are shared out among its contacts."""
    exchange = rule.behaviour.exchange
    assert exchange is not None
    here = context.detections.filter((pl.col("at") - told["start_at"]).abs() <= timedelta(seconds=float(rule.params.scene_s)))
    of_look = replace(context, detections=here)
    places = [exchange.places(rows, of_look, rule.params, rule.as_of) for b in range(kept.buckets) if (rows := kept.see(b)) is not None]
    ids = exchange.companions(pl.concat(places), rule.params).cast(pl.String).to_list() if places else []
    return {int(name[5:14]) for name in ids}


def _known(context: Context, kind: str, numbers: set[int], event: Row, reports: pl.DataFrame) -> Known:
    """Of what the watch knew, what this behaviour asks for."""
    return Known(
        vessels=context.vessels.filter(pl.col("mmsi").is_in(sorted(numbers))).sort("vessel_id"),
        detections=context.detections if kind == "dark_contact" else DETECTIONS.empty(),
        hearing=_nameless(context.hearing, numbers) if kind in _HEARD else Hearing(),
        places=context.places if kind in _PLACED else None,
        areas=_touched(context.areas, event, reports),
    )


def _nameless(hearing: Hearing, numbers: set[int]) -> Hearing:
    """Reception without the names of other vessels, which nobody needs to judge these."""
    own = pl.col("vessel_id").str.slice(5, 9).is_in([f"{n:09d}" for n in sorted(numbers)])
    return replace(hearing, silences=hearing.silences.with_columns(vessel_id=pl.when(own).then("vessel_id").otherwise(pl.lit("other"))))


def _own_gears(params: Any, numbers: set[int]) -> Any:
    """Parameters without the gears of other vessels."""
    if not getattr(params, "gears", ()):
        return params
    of_vessels = {f"{n:09d}" for n in numbers}
    return replace(params, gears=tuple((v, gear) for v, gear in params.gears if v.removeprefix("mmsi:").partition("#")[0].zfill(9) in of_vessels))


def _touched(areas: Areas | None, event: Row, reports: pl.DataFrame) -> Areas | None:
    """The areas in which the event or a report lies, and others of their names, which are told apart by their order."""
    if areas is None:
        return None
    placed = reports.select("lon_deg", "lat_deg").drop_nulls()
    placed = pl.concat([placed, pl.DataFrame({"lon_deg": [float(event["lon_deg"])], "lat_deg": [float(event["lat_deg"])]})])
    _, number = areas.inside(placed["lon_deg"].to_numpy(), placed["lat_deg"].to_numpy())
    names = {areas.areas[n].name for n in set(number.tolist())}
    kept = tuple(a for a in areas.areas if a.name in names)
    return Areas(kept) if kept else None


def _windows(rule: Rule, event: Row) -> Iterator[tuple[datetime, datetime] | None]:
    """Stretches of time from narrow to wide: one lookback before the start of the event to half a day after its end, two before, all there is."""
    lookback = timedelta(seconds=rule.behaviour.lookback_s)
    yield event["start_at"] - lookback, event["end_at"] + AFTER
    yield event["start_at"] - 2 * lookback, event["end_at"] + lookback
    yield None


def _cut(origin: Origin, reports: pl.DataFrame, static: pl.DataFrame) -> CutFeed | None:
    """The bytes of reports and statements of one feed, with so many lines before them that their times come out."""
    spans = [*reports.select("raw_offset", "raw_length").iter_rows(), *static.select("raw_offset", "raw_length").iter_rows()]
    if not spans:
        return None
    for lines_before in _LINES_BEFORE:
        feed = origin.cut(spans, lines_before)
        try:
            read_back([feed], reports)
            return feed
        except EvidenceError as e:
            problem: Any = e
    raise EvidenceError(f"the reports in feed {origin.name} do not come out of their own lines: {problem}")


def _rows(table: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    return table.select(pl.col(c).cast(pl.String) if isinstance(table[c].dtype, pl.Categorical) else pl.col(c) for c in names)
