"""tables -> the files a user gets, all complete or none: written under a temporary name, renamed at the end."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from seaward.core.errors import OutputError, RealmError
from seaward.core.realm import check_realm
from seaward.core.tables import EVENTS, POSITIONS, RECEPTION, REJECTED, VESSELS, Table

POSITION_COLUMNS = (
    "realm", "vessel_id", "mmsi", "track_id", "at", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "feed", "raw_offset",
    "quality",
)  # fmt: skip
_ENCODING = {"at": "DELTA_BINARY_PACKED", "raw_offset": "DELTA_BINARY_PACKED"}  # rows are in time order within a vessel
ROW_GROUP_ROWS = 1 << 20


class Memory:
    """Outputs kept as tables: for the Python API and for tests."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pl.DataFrame]] = {}
        self.summary: dict[str, Any] = {}

    def add(self, table: Table, rows: pl.DataFrame) -> None:
        if not rows.is_empty():
            self._parts.setdefault(table.name, []).append(rows)

    def table(self, table: Table) -> pl.DataFrame:
        parts = self._parts.get(table.name)
        return pl.concat(parts) if parts else table.empty()


class Folder:
    """Outputs as files in a folder, shown all at once when the `with` block ends well, and not at all otherwise.

    Files in `replaces` that an earlier run left and this one does not write are removed then: they would tell of another run.
    Rows of another realm are refused, and so is a folder that holds the results of one.
    """

    def __init__(self, path: Path, realm: str, names: dict[str, str] | None = None, replaces: tuple[str, ...] = ()) -> None:
        self.path, self._realm, self._replaces = path, check_realm(realm), replaces
        self._names = names or {}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._files: list[str] = []

    def __enter__(self) -> Folder:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._temporary = Path(tempfile.mkdtemp(prefix=".seaward-", dir=self.path))
        except OSError as e:
            raise OutputError(f"{self.path} cannot be written to ({e.strerror}); choose another folder with --out") from e
        if not self._names:
            self._refuse_a_mix()
        return self

    def _refuse_a_mix(self) -> None:
        """Results of a drill and of the real sea never lie in one folder."""
        try:
            there = json.loads((self.path / "summary.json").read_text(encoding="utf-8")).get("realm", self._realm)
        except (OSError, ValueError, AttributeError):
            return
        if there != self._realm:
            self._temporary.rmdir()
            raise RealmError(f"{self.path} holds results of realm {there!r}, and these are of {self._realm!r}; choose another folder with --out")

    def add(self, table: Table, rows: pl.DataFrame) -> None:
        """Append rows to `<table>.parquet`; RealmError where one is not of this folder's realm."""
        said = rows["realm"].unique().cast(pl.String).to_list() if "realm" in rows.columns else [None]
        if foreign := [r for r in said if r != self._realm]:
            raise RealmError(f"a row of {table.name} is of realm {foreign[0]!r} and is refused: {self.path} is for {self._realm!r} alone")
        columns = POSITION_COLUMNS if table is POSITIONS else list(table.schema)
        arrow = rows.select(columns or rows.columns).to_arrow()
        name = self._names.get(table.name, f"{table.name}.parquet")
        try:
            if table.name not in self._writers:
                self._writers[table.name] = _writer(self._temporary / name, arrow.schema)
                self._files.append(name)
            self._writers[table.name].write_table(arrow.cast(self._writers[table.name].schema), row_group_size=ROW_GROUP_ROWS)
        except OSError as e:
            raise self._full(e) from e

    def text(self, name: str, content: str) -> None:
        """Write a text file."""
        self.raw(name, content.encode())

    def raw(self, name: str, content: bytes) -> None:
        """Write a file as it is."""
        try:
            (self._temporary / name).write_bytes(content)
        except OSError as e:
            raise self._full(e) from e
        self._files.append(name)

    def _full(self, e: OSError) -> OutputError:
        why = e.strerror or e
        return OutputError(
            f"{self.path} cannot be written to ({why}); free space there or choose another folder with --out. Nothing was left half-written"
        )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            for table in (POSITIONS, VESSELS, EVENTS, REJECTED, RECEPTION):
                if kind is None and not self._names and table.name not in self._writers:
                    self.add(table, table.empty())
            for writer in self._writers.values():
                writer.close()
            if kind is None:
                if blocked := [name for name in (*self._files, *self._replaces) if (self.path / name).is_dir()]:
                    raise OutputError(f"{self.path / blocked[0]} is a folder where a file belongs; move it or choose another --out")
                for name in self._replaces:
                    if name not in self._files:
                        (self.path / name).unlink(missing_ok=True)
                for name in self._files:
                    os.replace(self._temporary / name, self.path / name)
        except OSError as e:
            if kind is None:
                raise self._full(e) from e
        finally:
            for left in self._temporary.glob("*"):
                left.unlink()
            self._temporary.rmdir()


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Positions are many: packed by encoding alone, which readers undo faster than compression; the rest is small and compressed."""
    if "raw_offset" not in schema.names or "track_id" not in schema.names:
        return pq.ParquetWriter(path, schema, compression="zstd")
    plain = [f.name for f in schema if pa.types.is_floating(f.type) or f.name in _ENCODING]
    return pq.ParquetWriter(
        path,
        schema,
        compression="none",
        use_dictionary=[f.name for f in schema if f.name not in plain],  # pyright: ignore[reportArgumentType] - its types know bool only
        column_encoding=_ENCODING,
        write_statistics=["mmsi", "at", "lon_deg", "lat_deg"],  # pyright: ignore[reportArgumentType]
    )


def events_geojson(events: pl.DataFrame) -> str:
    """Events as a GeoJSON FeatureCollection (RFC 7946), one point each."""
    rows = events.with_columns(
        pl.col("start_at", "end_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"), pl.col("realm").cast(pl.String), pl.col("state").cast(pl.String)
    )
    features = [
        {
            "type": "Feature",
            "id": row["event_id"],
            "geometry": {"type": "Point", "coordinates": [round(row.pop("lon_deg"), 6), round(row.pop("lat_deg"), 6)]},
            "properties": row,
        }
        for row in rows.iter_rows(named=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
