"""Inputs -> cleaned tracks and explained events, as tables or as files: the shell around `watch`, for Python and for the command."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from seaward import __version__
from seaward.behaviours.gears import ANY
from seaward.core.errors import InputError, ParameterError, RealmError
from seaward.core.realm import OPS, check_realm
from seaward.core.split import split
from seaward.core.tables import AT, EVENTS, POSITIONS, RECEPTION, REJECTED, REPORTS, STATIC, VESSELS, Table
from seaward.core.units import at_to_us
from seaward.feeds.batch import EARLIEST_US, LATEST_US, Batch, Chunk, LineCounts, ReadOptions
from seaward.feeds.nmea import NMEA
from seaward.feeds.read import Input, feed_name, read
from seaward.feeds.source import STDIN
from seaward.given import Given, GivenPath
from seaward.store.outputs import Folder, Memory, events_geojson
from seaward.store.spool import Spool
from seaward.watch import Seen, Tell, WatchParams, watch

if TYPE_CHECKING:
    import geopandas

MEMORY_BYTES = 2 << 30  # of reports or positions held before they go to disk; the job stays within three times this
BUCKET_BYTES = 48 << 20  # of input to a bucket: small enough that a bucket's work fits the cache of a laptop twice over in memory
Inputs = str | os.PathLike[str] | pl.DataFrame | pa.Table
Say = Callable[[str, float], None]


def _silent(stage: str, share: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found: tables as in `seaward.core.tables`, and the summary."""

    positions: pl.DataFrame
    vessels: pl.DataFrame
    events: pl.DataFrame
    rejected: pl.DataFrame
    reception: pl.DataFrame
    summary: dict[str, Any]

    def events_geo(self) -> geopandas.GeoDataFrame:
        """Events as a GeoDataFrame of points in WGS84 (needs `pip install seaward[geo]`)."""
        return _geo(self.events)

    def positions_geo(self) -> geopandas.GeoDataFrame:
        """Positions as a GeoDataFrame of points in WGS84 (needs `pip install seaward[geo]`)."""
        return _geo(self.positions)


def _geo(rows: pl.DataFrame) -> geopandas.GeoDataFrame:
    try:
        import geopandas  # noqa: PLC0415 - an optional extra
    except ImportError as e:
        raise InputError("GeoDataFrames need geopandas; install it with: pip install 'seaward[geo]'") from e
    frame = pl.DataFrame(rows).to_pandas()
    return geopandas.GeoDataFrame(frame, geometry=geopandas.points_from_xy(frame["lon_deg"], frame["lat_deg"]), crs="EPSG:4326")


class TableInput:
    """A table of reports, given in place of a file."""

    def __init__(self, rows: pl.DataFrame | pa.Table, name: str, realm: str) -> None:
        frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(pl.from_arrow(rows))
        if not {"reported_at", "received_at"} & {*frame.columns}:
            raise InputError(f"the table {name} has no time; a table of reports has a column reported_at or received_at")
        missing = [c.name for c in REPORTS.columns if c.name not in frame.columns and not c.nullable and c.name not in _FILLED]
        if missing:
            raise InputError(f"the table {name} lacks the columns {', '.join(missing)}; a table of reports has {', '.join(REPORTS.schema)}")
        self.name, self.format, self.sha256, self.size_bytes, self.broken, self.share = name, "table", "", int(frame.estimated_size()), "", 0.0
        fill: dict[str, Any] = {"realm": realm, "feed": name, "raw_length": 0, "message_type": 0}
        frame = frame.with_columns(pl.lit(v).alias(k) for k, v in fill.items() if k not in frame.columns)
        if "raw_offset" not in frame.columns:
            frame = frame.with_row_index("raw_offset")
        frame = frame.with_columns(pl.lit(None, c.dtype).alias(c.name) for c in REPORTS.columns if c.name not in frame.columns)
        good, broken = split(_castable(frame, name), REPORTS)
        moments = [pl.col(c).to_physical().is_between(EARLIEST_US, LATEST_US).fill_null(True) for c in ("reported_at", "received_at")]
        in_range = good.select(pl.all_horizontal(moments)).to_series()
        late = good.filter(~in_range).select(
            "realm", "feed", "raw_offset", rule=pl.lit("time_out_of_range"), value=pl.coalesce("reported_at", "received_at").cast(pl.String)
        )
        self._good, self._rejected = good.filter(in_range), pl.concat([broken, late.cast(dict(REJECTED.schema))])  # type: ignore[arg-type]
        foreign = self._good.filter(pl.col("realm").cast(pl.String) != realm)
        if not foreign.is_empty():
            raise RealmError(f"the table {name} holds rows of realm {foreign['realm'][0]!r}, but {realm!r} is asked for")
        self.counts = LineCounts(accepted=len(self._good), rejected=len(self._rejected))

    def __iter__(self) -> Iterator[Batch]:
        self.share = 1.0
        yield Batch(self._good, STATIC.empty(), self._rejected, self.counts, Counter(self._good["message_type"].to_list()))


def _castable(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """The columns of REPORTS, if each is of a kind that can be what it should be."""
    for column in REPORTS.columns:
        given = frame[column.name].dtype
        wanted = "times, such as pl.Datetime('us', 'UTC')" if column.dtype == AT else "numbers" if column.dtype.is_numeric() else "text"
        fits = given.is_temporal() and given != pl.Time and not isinstance(given, pl.Duration) if column.dtype == AT else not given.is_temporal()
        if given != pl.Null and (not fits or given.is_nested()):
            raise InputError(f"the column {column.name} of the table {name} is {given}; give {wanted}")
    return frame


_FILLED = ("realm", "feed", "raw_offset", "raw_length", "message_type")


def _open(inputs: Sequence[Any], realm: str, start: datetime | None, column_map: str | os.PathLike[str] | None) -> list[Input | TableInput]:
    if not inputs:
        raise InputError("no input was given; name at least one file, or - for standard input")
    start_us = _start_us(start)
    if [os.fspath(i) for i in inputs if isinstance(i, str | os.PathLike)].count(STDIN) > 1:
        raise InputError("- is given more than once, but there is one standard input")
    names: Counter[str] = Counter()
    opened: list[Input | TableInput] = []
    for given in inputs:
        if isinstance(given, pl.DataFrame | pa.Table):
            opened.append(TableInput(given, f"table{len(opened) + 1}", realm))
            continue
        if not isinstance(given, str | os.PathLike):
            raise InputError(f"an input is a {type(given).__name__}; give a path, a Polars DataFrame or an Arrow table")
        path = os.fspath(given)
        name = "stdin" if path == STDIN else feed_name(path)
        names[name] += 1
        feed = name if names[name] == 1 else f"{name}#{names[name]}"
        opened.append(read(path, realm, start_us=start_us, column_map=None if column_map is None else Path(column_map), feed=feed))
    return opened


def _start_us(start: datetime | None) -> int | None:
    """Where sentences without time are placed [microseconds since 1970 UTC]."""
    if start is None:
        return None
    at_us = at_to_us(start)
    if not EARLIEST_US <= at_us <= LATEST_US:
        raise ParameterError(f"the start of the recording is {start.isoformat()}; it must be from 1990 to 2079, as the times of reports must")
    return at_us


def run(
    inputs: Sequence[Inputs],
    sink: Memory | Folder,
    *,
    realm: str = OPS,
    kinds: Iterable[str] | None = None,
    as_of: datetime | None = None,
    start: datetime | None = None,
    column_map: str | os.PathLike[str] | None = None,
    given: Given | None = None,
    tell: Tell = _silent,
    memory_bytes: int = MEMORY_BYTES,
) -> dict[str, Any]:
    """Detect into a sink and return the summary; see `detect` for the parameters."""
    check_realm(realm)
    given = given or Given()
    params = given.applied(WatchParams.of(kinds), asked=kinds is not None)
    opened = _open(inputs, realm, start, column_map)
    buckets = min(1024, max(8, -(-sum(i.size_bytes for i in opened) // BUCKET_BYTES)))
    stages = _Stages(tell)
    if not given.refused.is_empty():
        sink.add(REJECTED, given.refused)
    with Spool(buckets, memory_bytes) as reports, Spool(buckets, memory_bytes) as kept:
        seen = watch(opened, params, as_of, reports, kept, sink, stages)
        spilled = reports.spilled_bytes + kept.spilled_bytes
    if any(b.kind == "dark_contact" for b in params.behaviours):
        given = given.judged_until(seen.judged_until)
    if len(given.unheard):
        sink.add(REJECTED, given.unheard)
    seen.rows[REJECTED.name] += len(given.refused) + len(given.unheard)
    return _summary(opened, seen, params, realm, as_of, start, stages.seconds(), spilled) | {"given": list(given.files)}


class _Stages:
    """Seconds per stage, told on to whoever shows progress."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._stage, self._since, self._seconds = tell, "read", time.perf_counter(), Counter[str]()

    def __call__(self, stage: str, share: float) -> None:
        if stage != self._stage:
            self._end(stage)
        self._tell(stage, share)

    def _end(self, stage: str) -> None:
        now = time.perf_counter()
        self._seconds[self._stage] += now - self._since  # type: ignore[assignment]
        self._stage, self._since = stage, now

    def seconds(self) -> dict[str, float]:
        self._end("done")
        return {k: round(v, 3) for k, v in self._seconds.items()}


def _summary(
    opened: Sequence[Input | TableInput], seen: Seen, params: WatchParams, realm: str, as_of: datetime | None, start: datetime | None,
    seconds: dict[str, float], spilled_bytes: int,
) -> dict[str, Any]:  # fmt: skip
    lines = LineCounts()
    for i in opened:
        lines += i.counts
    known = as_of or seen.as_of
    tables = {t.name: seen.rows[t.name] for t in (POSITIONS, VESSELS, EVENTS, REJECTED, RECEPTION)}
    return {
        "seaward": __version__,
        "realm": realm,
        "as_of": None if known is None else known.isoformat(),
        "start": None if start is None else start.isoformat(),
        "inputs": [
            {"name": i.name, "format": i.format, "bytes": i.size_bytes, "sha256": i.sha256, "broken": i.broken, "lines": _lines(i.counts)}
            for i in opened
        ],
        "lines": _lines(lines),
        "message_types": {str(k): v for k, v in sorted(seen.message_types.items())},
        "tables": {"reports": seen.reports} | tables,
        "left_out": dict(sorted(seen.dropped.items())),
        "learned_places": seen.learned_places,
        "events_by_kind": dict(sorted(seen.events_by_kind.items())),
        "events_left_out": {
            kind: {why: n for (of, why), n in sorted(seen.events_left_out.items()) if of == kind}
            for kind in sorted({of for of, _ in seen.events_left_out})
        },
        "parameters": {"picture": asdict(params.picture)}
        | {b.kind: {"version": b.version, "source": b.source} | _parameters(b.params) for b in params.behaviours},
        "seconds": seconds,
        "spilled_bytes": spilled_bytes,
    }


def _parameters(params: Any) -> dict[str, Any]:
    """Of a behaviour, by name; of gears of single vessels how many work each, as there may be thousands."""
    values = asdict(params)
    return values | {"gears": dict(sorted(Counter(gear for _, gear in values["gears"]).items()))} if "gears" in values else values


def _lines(counts: LineCounts) -> dict[str, int]:
    return {"read": counts.lines} | asdict(counts)


def detect(
    inputs: Inputs | Sequence[Inputs],
    *,
    realm: str = OPS,
    kinds: Iterable[str] | None = None,
    as_of: datetime | None = None,
    start: datetime | None = None,
    column_map: str | os.PathLike[str] | None = None,
    areas: GivenPath | Sequence[GivenPath] = (),
    ports: GivenPath | Sequence[GivenPath] = (),
    detections: GivenPath | Sequence[GivenPath] = (),
    gear: str = ANY,
    gears: GivenPath | Sequence[GivenPath] | Mapping[str, str] = (),
    tell: Tell = _silent,
) -> Detection:
    """Turn raw feeds or tables of reports into cleaned tracks and explained events.

    Parameters
    ----------
    inputs
        Paths (`-` is standard input), Polars or Arrow tables of reports (see `seaward.core.tables.REPORTS`), or one of them.
    realm
        `ops`, or `ex:<drill id>`.
    kinds
        Behaviours to look for, such as `["gap", "encounter"]`; all when None.
    as_of
        Later reports are left out, as if not yet received; None: up to the last.
    start
        Where reports without any time are placed; None: they are decoded, but are no positions.
    column_map
        TOML file that says which column of a CSV or Parquet input means what.
    areas
        Files of areas with their rules (GeoJSON; others with the `geo` extra); `peru` is the layer in the package.
    ports
        CSV files of ports, anchorages and landing places: columns name, latitude, longitude (or other common names), and a category if there is one.
    detections
        Files of what other sensors saw (CSV, GeoJSON, Parquet); see `seaward.core.tables.DETECTIONS`.
    gear
        What all vessels fish with: `trawl`, `dredge`, `purse_seine`, `longline`, `squid_jig`, `pots`, `gillnet`; `unknown`: their tracks have to
        tell; `any`: no gear is asked for, slow speeds are enough.
    gears
        The same for single vessels, which goes before `gear`: by vessel_id or MMSI, or CSV files with the columns mmsi and gear.
    tell
        Called with a stage and the share of it that is done.

    Returns
    -------
    Detection with positions, vessels, events, rejected, reception (Polars) and summary.

    Raises
    ------
    InputError, MapError, ParameterError, RealmError
    """
    several: Sequence[Any] = inputs if isinstance(inputs, list | tuple) else [inputs]
    memory = Memory()
    summary = run(several, memory, realm=realm, kinds=kinds, as_of=as_of, start=start, column_map=column_map,
                  given=_given(realm, areas, ports, detections, as_of, gear, gears), tell=tell)  # fmt: skip
    positions, vessels, events, rejected, reception = (memory.table(t) for t in (POSITIONS, VESSELS, EVENTS, REJECTED, RECEPTION))
    return Detection(positions, vessels, events, rejected, reception, summary)


def _given(realm: str, areas: Any, ports: Any, detections: Any, as_of: datetime | None, gear: str, gears: Any) -> Given:
    """What is given beside feeds, where one path may stand for a list of one."""
    areas, ports, detections, gears = ([g] if isinstance(g, str | os.PathLike) else g for g in (areas, ports, detections, gears))
    return Given.read(check_realm(realm), areas, ports, detections, as_of, gear, gears)


def detect_to_folder(
    inputs: Sequence[Inputs], out: Path, *, language: str = "en", report: bool = True, realm: str = OPS, areas: Sequence[GivenPath] = (),
    ports: Sequence[GivenPath] = (), detections: Sequence[GivenPath] = (), gear: str = ANY, gears: Sequence[GivenPath] | Mapping[str, str] = (),
    tell: Tell = _silent, **how: Any,
) -> dict[str, Any]:  # fmt: skip
    """Detect, and write every output into `out`: all of them complete, or none; see `detect` for the rest."""
    given = _given(realm, areas, ports, detections, how.get("as_of"), gear, gears)
    with Folder(out, realm, replaces=("report.html",)) as folder:
        kept = _Kept(folder)
        summary = run(inputs, kept, realm=realm, given=given, tell=tell, **how)  # type: ignore[arg-type]
        folder.text("events.geojson", events_geojson(kept.table(EVENTS)))
        if report:
            tell("report", 0.0)
            from seaward.report.page import render_report  # noqa: PLC0415 - not needed without a report

            since = time.perf_counter()
            positions, events, vessels, rejected = (kept.table(t) for t in (POSITIONS, EVENTS, VESSELS, REJECTED))
            chart = {"areas": given.areas, "places": given.places, "reception": kept.table(RECEPTION)}
            page = render_report(positions, events, vessels, rejected, summary, language, **chart)
            folder.text("report.html", page)
            summary["seconds"]["report"] = round(time.perf_counter() - since, 3)
        folder.text("summary.json", json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    return summary


_KEPT_ROWS = {POSITIONS.name: 4_000_000, REJECTED.name: 100_000, VESSELS.name: 1_000_000}  # what a page can show, and more


class _Kept(Memory):
    """Writes every row to a folder, and keeps what the report shows: events, vessels, and a bounded share of the rest."""

    def __init__(self, folder: Folder) -> None:
        super().__init__()
        self._folder = folder
        self._count: Counter[str] = Counter()

    def add(self, table: Table, rows: pl.DataFrame) -> None:
        self._folder.add(table, rows)
        room = _KEPT_ROWS.get(table.name, len(rows) + 1) - self._count[table.name]
        if room > 0:
            super().add(table, rows.head(room))
            self._count[table.name] += min(room, len(rows))


def decode(
    path: str | os.PathLike[str], *, realm: str = OPS, start: datetime | None = None, column_map: str | os.PathLike[str] | None = None
) -> Iterator[pl.DataFrame]:
    """Decode an input message by message, without any judgement.

    Returns
    -------
    Tables of one row per message, `message_type` of every type, as they are read; for CSV and Parquet the reports.
    """
    source = read(str(path), check_realm(realm), start_us=_start_us(start),
                  column_map=None if column_map is None else Path(column_map), messages=True)  # fmt: skip
    for batch in source:
        rows = batch.reports if batch.messages is None else batch.messages
        if not rows.is_empty():
            yield rows


def decode_to_file(
    path: str, out: Path, *, realm: str = OPS, start: datetime | None = None, column_map: Path | None = None, tell: Tell = _silent
) -> tuple[dict[str, int], int]:
    """Decode an input into one Parquet file, complete or not there; returns the line counts and the rows written."""
    source = read(path, check_realm(realm), start_us=_start_us(start), column_map=column_map, messages=True)
    messages, rows = Table("messages", "one message", ()), 0
    with Folder(out.parent, realm, {"messages": out.name}) as folder:
        for batch in source:
            decoded = batch.reports if batch.messages is None else batch.messages
            if not decoded.is_empty():
                folder.add(messages, decoded)
                rows += len(decoded)
            tell("read", source.share)
        if rows == 0:
            nothing = next(NMEA.read([Chunk(0, b"\n")], ReadOptions(realm, source.name, messages=True)))
            folder.add(messages, REPORTS.empty() if nothing.messages is None else nothing.messages)
    return _lines(source.counts), rows
