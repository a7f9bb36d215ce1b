"""Parquet -> batches, row group by row group: MarineCadastre names, the names of our own reports and positions, or a map.

`raw_offset` is the number of the row in the file, `raw_length` is 0, a line is a row.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from seaward.core.errors import InputError, RealmError
from seaward.core.tables import AT, REPORTS, STATIC, TRANSCEIVERS
from seaward.feeds.batch import EARLIEST_US, LATEST_US, Batch, LineCounts, ReadOptions
from seaward.feeds.csv_columns import IDENTITY, REQUIRED, Units, is_number, plain_name
from seaward.feeds.csv_numbers import DMY, EPOCH_MS, EPOCH_S, MDY, OTHER_TIME
from seaward.feeds.csv_tables import Said, rejected_table
from seaward.feeds.csv_words import NAV_STATUS, SHIP_TYPES, STATIONS
from seaward.feeds.mapped import ColumnMap, places_of
from seaward.feeds.vms import KNOWN as VMS_KNOWN

MAGIC = b"PAR1"
BATCH_ROWS = 1 << 17
WORKERS = 2
REALM = "realm"
_ZONE = r"(Z|([+-])(\d{2}):?(\d{2}))$"
_READABLE = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal128, pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view,
             pa.types.is_timestamp, pa.types.is_date, pa.types.is_boolean, pa.types.is_null)  # fmt: skip
KNOWN = VMS_KNOWN | {
    "time": ("basedatetime", "receivedat", "reportedat", *VMS_KNOWN["time"]),
    "nav_status": ("navstatus", "status", "navigationalstatus"),
    "transceiver": ("transceiver", "transceiverclass", "typeofmobile"),
    "ship_type": ("shiptype", "vesseltype"),
    "destination": ("destination",),
}
_TIME_TEXT = {DMY: "%d/%m/%Y %H:%M:%S", MDY: "%m/%d/%Y %H:%M:%S"}


def read_parquet(path: Path, options: ReadOptions, column_map: ColumnMap | None) -> Iterator[Batch]:
    """Read a Parquet file.

    Raises
    ------
    InputError, MapError
        If the file is broken, or a required column is not there.
    """
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            named = _named(names, column_map, path)
            _check_types(file.schema_arrow, named, path)
            first, said, units = 0, Said(), column_map.units if column_map else Units()
            with ThreadPoolExecutor(WORKERS) as pool:
                making: deque[Future[_Part]] = deque()
                for part in file.iter_batches(BATCH_ROWS, columns=sorted({*named.values(), *({REALM} & {*names})})):
                    rows = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([part])))
                    _check_realm(rows, options, path)
                    making.append(pool.submit(_part, rows, named, first, options, units))
                    first += len(rows)
                    if len(making) > WORKERS:
                        yield _whole(making.popleft().result(), said, units)
                while making:
                    yield _whole(making.popleft().result(), said, units)
    except (pa.ArrowException, OSError) as e:
        raise InputError(f"{path} is not a whole Parquet file ({e}); write it again") from e
    except pl.exceptions.PolarsError as e:
        raise InputError(f"{path} holds values that cannot be read ({e}); write its columns as numbers, texts and times") from e


def _check_realm(rows: pl.DataFrame, options: ReadOptions, path: Path) -> None:
    """Rows that say of which realm they are must be of the one that is asked for."""
    if REALM in rows.columns:
        said = rows[REALM].cast(pl.String).unique()
        if foreign := [r for r in said if r != options.realm]:
            raise RealmError(f"{path} holds rows of realm {foreign[0]!r}, but {options.realm!r} is asked for; say which with --realm")


def _check_types(schema: pa.Schema, named: dict[str, str], path: Path) -> None:
    """Numbers, texts, times, and texts as dictionaries can be read."""
    for column in {*named.values(), *({REALM} & {*schema.names})}:
        if schema.names.count(column) > 1:
            raise InputError(f"{path} has several columns called {column}; keep one")
        kind = schema.field(column).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if not any(fits(kind) for fits in _READABLE):
            raise InputError(f"{path} has {kind} in the column {column}; write it as a number, a text or a time")


def _named(names: list[str], column_map: ColumnMap | None, path: Path) -> dict[str, str]:
    """Column of the file by meaning."""
    if column_map is not None:
        return {m: names[i] for m, i in places_of(column_map, names).items()}
    plain = {plain_name(n): n for n in reversed(names)}
    found = {m: next(plain[a] for a in aliases if a in plain) for m, aliases in KNOWN.items() if any(a in plain for a in aliases)}
    if missing := [m for m in REQUIRED if m not in found]:
        raise InputError(f"{path} lacks a column for {', '.join(missing)}. It has: {', '.join(names)}. Say which is which with --map")
    return found


class _Part(NamedTuple):
    """What can be made of some rows alone: their batch without identity statements, the cells that state identities, and their hashes."""

    batch: Batch
    identity: pl.DataFrame
    hashes: NDArray[np.uint64]


def _whole(part: _Part, said: Said, units: Units) -> Batch:
    """The batch with the statements that differ from the last of their vessel; parts must come in order."""
    return replace(part.batch, static=_static(part, said, units))


def _part(rows: pl.DataFrame, named: dict[str, str], first: int, options: ReadOptions, units: Units) -> _Part:
    raw = rows.select(pl.col(column).alias(meaning) for meaning, column in named.items())
    given = pl.DataFrame({m: _emptied(raw[m], units) for m in raw.columns if m not in IDENTITY})
    checked = given.select(
        raw_offset=pl.int_range(first, first + len(rows), dtype=pl.Int64),
        at_us=_time_us(given["time"], units),
        **{m: _number(given[m], factor) for m, factor in
           (("mmsi", 1.0), ("lon", units.degrees), ("lat", units.degrees))},
    )  # fmt: skip
    mmsi, lon, lat, at = (pl.col(c) for c in ("mmsi", "lon", "lat", "at_us"))
    nowhere = lon.is_null() | lat.is_null() | (lon == 181.0) | (lat == 91.0)
    rule = (
        pl.when(~(mmsi.is_between(0, 999_999_999) & (mmsi == mmsi.floor())).fill_null(False)).then(pl.lit("mmsi"))
        .when(at.is_null()).then(pl.lit("time"))
        .when(~at.is_between(EARLIEST_US, LATEST_US)).then(pl.lit("time_out_of_range"))
        .when(lon.is_null() & given["lon"].is_not_null()).then(pl.lit("longitude"))
        .when(lat.is_null() & given["lat"].is_not_null()).then(pl.lit("latitude"))
        .when(~nowhere & ~(lon.is_between(-180, 180) & lat.is_between(-90, 90))).then(pl.lit("position_range"))
    )  # fmt: skip
    checked = checked.with_columns(rule=rule, **{m: pl.when(nowhere).then(None).otherwise(pl.col(m)) for m in ("lon", "lat")})
    bad = checked["rule"].is_not_null()
    refused = [(r["raw_offset"], r["rule"], _shown(given, r["raw_offset"] - first, r["rule"])) for r in checked.filter(bad).iter_rows(named=True)]
    whole, good = given.filter(~bad), checked.filter(~bad)

    def optional(meaning: str, high: float, factor: float = 1.0) -> pl.Series:
        if meaning not in whole.columns:
            return pl.Series(meaning, [None], pl.Float64).new_from_index(0, len(whole))
        x = _number(whole[meaning], factor)
        return x.set(~x.is_between(0.0, high).fill_null(True), None)

    at_series = good["at_us"].cast(AT)
    reports = pl.DataFrame({
        "realm": pl.Series([options.realm]).new_from_index(0, len(good)), "feed": pl.Series([options.feed]).new_from_index(0, len(good)),
        "raw_offset": good["raw_offset"], "raw_length": pl.zeros(len(good), pl.Int32, eager=True), "received_at": at_series, "reported_at": at_series,
        "message_type": pl.Series([0], dtype=pl.UInt8).new_from_index(0, len(good)),
        "mmsi": good["mmsi"], "lon_deg": good["lon"], "lat_deg": good["lat"],
        "sog_kn": optional("sog", 102.2, units.knots), "cog_deg": optional("cog", 359.95), "heading_deg": optional("heading", 359.0),
        "nav_status": _code(whole, "nav_status", NAV_STATUS, 14), "second": pl.Series([None], dtype=pl.UInt8).new_from_index(0, len(good)),
        "transceiver": _transceiver(whole),
    }).cast(dict(REPORTS.schema))  # type: ignore[arg-type]  # fmt: skip
    counts = LineCounts(accepted=len(good), rejected=len(refused))
    types = Counter({0: len(good)} if len(good) else {})
    identity = raw.select(m for m in IDENTITY if m in raw.columns)
    if identity.width:
        identity = identity.filter(~bad)
    batch = Batch(reports, STATIC.empty(), rejected_table(refused, options), counts, types)
    return _Part(batch, identity, identity.hash_rows(seed=1).to_numpy() | np.uint64(1))  # a hash of 0 would say nothing


def _shown(given: pl.DataFrame, row: int, rule: str) -> str:
    """The cell that breaks a rule; a time beyond what can be written is shown as its number."""
    cell = {"mmsi": "mmsi", "longitude": "lon", "latitude": "lat", "position_range": "lon"}.get(rule, "time")
    if rule == "position_range":
        return f"{given['lon'][row]}, {given['lat'][row]}"[:200]
    column = given[cell]
    at = column.to_physical()[row] if column.dtype.is_temporal() else None
    year_s = {"ms": 1e3, "us": 1e6, "ns": 1e9}.get(getattr(column.dtype, "time_unit", ""), 1.0) * 31_557_600
    return str(at) if at is not None and abs(at) > 7_000 * year_s else str(column[row])[:200]


def _emptied(cells: pl.Series, units: Units) -> pl.Series:
    """Cells with what stands for unknown as null."""
    if cells.dtype.is_float():
        cells = cells.fill_nan(None)
    if cells.dtype == pl.Categorical or isinstance(cells.dtype, pl.Enum):
        cells = cells.cast(pl.String)
    if cells.dtype == pl.String:
        cells = cells.str.strip_chars()
        return cells.set(cells.is_in(["", *units.nulls]).fill_null(False), None)
    numbers = [float(n) for n in units.nulls if is_number(n)]
    if not numbers or not cells.dtype.is_numeric():
        return cells
    return cells.to_frame("x").select(pl.when(pl.col("x").cast(pl.Float64).is_in(numbers)).then(None).otherwise(pl.col("x")).alias(cells.name))[
        cells.name
    ]


def _number(cells: pl.Series, factor: float = 1.0) -> pl.Series:
    numbers = cells.cast(pl.Float64, strict=False).fill_nan(None) if cells.dtype.is_numeric() or cells.dtype == pl.String else None
    if numbers is None:
        return pl.Series(cells.name, [None], pl.Float64).new_from_index(0, len(cells))
    return numbers if factor == 1.0 else numbers * factor


def _time_us(cells: pl.Series, units: Units) -> pl.Series:
    """Microseconds since 1970 UTC; null where a time cannot be read."""
    if isinstance(cells.dtype, pl.Datetime):
        at = cells.dt.replace_time_zone("UTC") if cells.dtype.time_zone is None else cells
        return at.dt.epoch("us")
    if cells.dtype == pl.Date:
        return cells.cast(pl.Datetime("us")).dt.epoch("us")
    if units.time_kind in (EPOCH_S, EPOCH_MS):
        return (_number(cells) * (1e6 if units.time_kind == EPOCH_S else 1e3)).round().cast(pl.Int64, strict=False)
    if cells.dtype != pl.String:
        return pl.Series(cells.name, [None], pl.Int64).new_from_index(0, len(cells))
    if units.time_kind == OTHER_TIME or units.time_kind in _TIME_TEXT:
        return cells.str.to_datetime(_TIME_TEXT.get(units.time_kind, units.time_text), time_unit="us", strict=False).dt.epoch("us")
    tail = cells.str.slice(19)
    plain = cells.str.slice(0, 19).str.replace("T", " ", literal=True) + tail.str.replace(_ZONE, "")
    at_us = plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False).dt.epoch("us")
    sign, hours, minutes = (tail.str.extract(_ZONE, k) for k in (2, 3, 4))
    ahead_us = (hours.cast(pl.Int64) * 60 + minutes.cast(pl.Int64)) * 60_000_000
    return at_us - (ahead_us * (sign + "1").cast(pl.Int64)).fill_null(0)


def _words(cells: pl.Series, words: dict[str, int]) -> pl.Series:
    lower = {w.lower(): c for w, c in words.items()}
    known = {text: lower[text.lower()] for text in cells.drop_nulls().unique() if text.lower() in lower}
    return cells.replace_strict(known, default=None, return_dtype=pl.UInt8)


def _code(whole: pl.DataFrame, meaning: str, words: dict[str, int], high: int) -> pl.Series:
    """Numbers, or words for them, as whole numbers from 0 to `high`."""
    if meaning not in whole.columns:
        return pl.Series(meaning, [None], pl.UInt8).new_from_index(0, len(whole))
    cells = whole[meaning]
    x = _number(cells)
    x = x.set(~(x.is_between(0, high) & (x == x.floor())).fill_null(True), None).cast(pl.UInt8)
    return x.fill_null(_words(cells, words)) if cells.dtype == pl.String else x


def _transceiver(whole: pl.DataFrame) -> pl.Series:
    if "transceiver" not in whole.columns or whole["transceiver"].dtype != pl.String:
        return pl.Series("transceiver", [None], pl.Enum(TRANSCEIVERS)).new_from_index(0, len(whole))
    words = STATIONS | {w: i for i, w in enumerate(TRANSCEIVERS)}
    return _words(whole["transceiver"], words).cat.to(pl.Enum(TRANSCEIVERS))


def _static(part: _Part, said: Said, units: Units) -> pl.DataFrame:
    """Identity statements that differ from the last of their vessel."""
    identity, reports = part.identity, part.batch.reports
    if identity.is_empty():
        return STATIC.empty()
    differs = said.differs(reports["mmsi"].to_numpy(), part.hashes)
    whole = pl.DataFrame({m: _emptied(identity[m].filter(pl.Series(differs)), units) for m in identity.columns})
    reports = reports.filter(pl.Series(differs))

    def text(meaning: str) -> pl.Series:
        if meaning not in whole.columns:
            return pl.Series(meaning, [None], pl.String).new_from_index(0, len(whole))
        return whole[meaning].cast(pl.String)

    def size(meaning: str, high: float) -> pl.Series:
        x = _number(whole[meaning]) if meaning in whole.columns else pl.Series(meaning, [None], pl.Float64).new_from_index(0, len(whole))
        return x.set(~((x > 0) & (x <= high)).fill_null(True), None).cast(pl.Float32)

    kind = _code(whole, "ship_type", SHIP_TYPES, 255)
    statements = reports.select("realm", "feed", "raw_offset", "raw_length", "reported_at", "mmsi").with_columns(
        imo=text("imo").str.to_uppercase().str.strip_prefix("IMO").cast(pl.Float64, strict=False).cast(pl.UInt32, strict=False).replace(0, None),
        name=text("name"), callsign=text("callsign"), ship_type=kind.set((kind == 0).fill_null(False), None),
        length_m=size("length", 1022), beam_m=size("beam", 126), destination=text("destination"), transceiver=reports["transceiver"],
    ).select(STATIC.schema.names()).cast(dict(STATIC.schema))  # type: ignore[arg-type]  # fmt: skip
    return statements.filter(pl.any_horizontal(pl.col(w).is_not_null() for w in STATIC.schema.names()[6:-1]))
