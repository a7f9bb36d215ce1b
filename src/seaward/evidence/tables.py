"""Reports, statements and positions of a pack <-> its CSV tables, each row with the byte where it stands in the pack and stood in its feed."""

from __future__ import annotations

import io
from collections.abc import Sequence

import polars as pl

from seaward.core.errors import EvidenceError
from seaward.core.tables import AT
from seaward.core.units import FIX_ERROR_M
from seaward.evidence.decoding import accuracy_said
from seaward.proof.feeds import CutFeed

_FINE_M, _COARSE_M = 0.19, 185.2  # a ten-thousandth and a tenth of a minute of arc: ITU-R M.1371-5 tables 48 and 83
_LONG_RANGE = 27  # the message that says a tenth of a minute
_INDEX = {"feed": pl.String(), "raw_offset": pl.Int64(), "raw_length": pl.Int32(), "mmsi": pl.UInt32()}
_TIMES = ("reported_at", "received_at")
_ISO = "%Y-%m-%dT%H:%M:%S%.6fZ"


def reports_csv(reports: pl.DataFrame, feeds: Sequence[CutFeed]) -> bytes:
    """Which lines of the packed bytes are the reports that the event is re-derived from."""
    rows = placed(reports, feeds)
    return _csv(rows.select("realm", "file", "at_byte", *_INDEX, *_TIMES, "message_type", "lon_deg", "lat_deg"))


def statements_csv(statements: pl.DataFrame, feeds: Sequence[CutFeed]) -> bytes:
    """What the vessels said they are, each different statement where it was first said among the packed bytes."""
    rows = placed(statements, feeds)
    said = ("imo", "name", "callsign", "ship_type", "length_m", "beam_m", "destination")
    return _csv(rows.select("realm", "file", "at_byte", *_INDEX, "reported_at", *(_no_formula(c) for c in said)))


def positions_csv(positions: pl.DataFrame, feeds: Sequence[CutFeed], accuracy: pl.DataFrame) -> bytes:
    """Every position of the vessels with its time, its error as far as the message states it, and its report.

    Parameters
    ----------
    positions
        POSITIONS made of the packed reports.
    accuracy
        `accuracies` of the feeds.
    """
    rows = with_errors(placed(positions, feeds), accuracy).sort("vessel_id", "at", "feed", "raw_offset")
    rows = rows.with_columns(latitude=_minutes("lat_deg", 2, "N", "S"), longitude=_minutes("lon_deg", 3, "E", "W"))
    names = ("realm", "vessel_id", "at", "latitude", "longitude", "lat_deg", "lon_deg", "error_m", "error_said", "resolution_m", "sog_kn", "cog_deg",
             "heading_deg", "quality", "file", "at_byte", "feed", "raw_offset", "raw_length")  # fmt: skip
    return _csv(rows.select(names))


def accuracies(feeds: Sequence[CutFeed]) -> pl.DataFrame:
    """What the messages of all feeds say of their accuracy: feed, raw_offset, mmsi, accuracy, message_type."""
    return pl.concat([accuracy_said(f).with_columns(feed=pl.lit(f.name)) for f in feeds])


def with_errors(positions: pl.DataFrame, accuracy: pl.DataFrame) -> pl.DataFrame:
    """Positions with `error_m` (one sigma along each axis; null: not stated), `error_said` and `resolution_m`."""
    rows = positions.with_columns(pl.col("feed").cast(pl.String))
    once = accuracy.unique(["feed", "raw_offset", "mmsi"], keep="first", maintain_order=True)
    rows = rows.join(once, on=["feed", "raw_offset", "mmsi"], how="left", maintain_order="left")
    said = pl.col("accuracy")
    return rows.with_columns(
        error_m=pl.when(said).then(FIX_ERROR_M),
        error_said=pl.when(said).then(pl.lit("to_10_m")).when(~said).then(pl.lit("over_10_m")).otherwise(pl.lit("not_stated")),
        resolution_m=pl.when(pl.col("message_type") == _LONG_RANGE).then(_COARSE_M).when(said.is_not_null()).then(_FINE_M),
    )


def index_of(data: bytes) -> pl.DataFrame:
    """feed, raw_offset, raw_length, mmsi, reported_at, received_at of each report, from reports.csv; EvidenceError where it is none."""
    try:
        rows = pl.read_csv(io.BytesIO(data), infer_schema=False)
        rows = rows.select(
            *(pl.col(c).cast(t) for c, t in _INDEX.items()),
            *(pl.col(c).str.to_datetime(_ISO, time_unit="us").dt.replace_time_zone("UTC").cast(AT) for c in _TIMES),
        )
    except pl.exceptions.PolarsError as e:
        raise EvidenceError(f"reports.csv: it cannot be read ({str(e).splitlines()[0]})") from e
    if rows.is_duplicated().any():
        raise EvidenceError("reports.csv: it names a report twice")
    return rows


def placed(rows: pl.DataFrame, feeds: Sequence[CutFeed]) -> pl.DataFrame:
    """Rows with the file of the pack that holds them, and the byte at which they stand in it."""
    by_name = {f.name: (n, f) for n, f in enumerate(feeds, 1)}
    rows = rows.with_columns(pl.col(c).cast(pl.String) for c in ("realm", "feed", "vessel_id", "quality") if c in rows.columns)
    where = [(f"feeds/{by_name[name][0]}.raw", by_name[name][1].place(at)) for name, at in rows.select("feed", "raw_offset").iter_rows()]
    return rows.with_columns(pl.Series("file", [f for f, _ in where], pl.String), pl.Series("at_byte", [at for _, at in where], pl.Int64))


def _no_formula(column: str) -> pl.Expr:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it: vessels choose their names."""
    text = pl.col(column)
    return pl.when(text.cast(pl.String).str.contains(r"^[=+\-@]")).then(pl.format("'{}", text)).otherwise(text.cast(pl.String)).alias(column)


def _minutes(column: str, width: int, plus: str, minus: str) -> pl.Expr:
    """Degrees and decimal minutes to a thousandth, such as 12 03.500 S."""
    thousandths = (pl.col(column).abs() * 60_000).round().cast(pl.Int64)
    degrees, rest = thousandths // 60_000, thousandths % 60_000
    minutes = pl.format("{}.{}", (rest // 1000).cast(pl.String).str.zfill(2), (rest % 1000).cast(pl.String).str.zfill(3))
    letter = pl.when(pl.col(column) < 0).then(pl.lit(minus)).otherwise(pl.lit(plus))
    return pl.format("{} {} {}", degrees.cast(pl.String).str.zfill(width), minutes, letter)


def _csv(rows: pl.DataFrame) -> bytes:
    times = [c for c, t in rows.schema.items() if isinstance(t, pl.Datetime)]
    return rows.with_columns(pl.col(times).dt.strftime(_ISO)).write_csv(line_terminator="\r\n").encode()
