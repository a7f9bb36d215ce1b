"""A node's folder of history -> its parts that count and their rows, read while the node may be writing: nothing is made, moved or removed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from seaward.core.errors import InputError, RealmError
from seaward.core.realm import check_realm
from seaward.core.tables import Table

BESIDE = ".joining"  # outside the folders of tables, where no pattern of a reader finds it
CELL = ((pl.col("lat_deg").floor() + 90) * 360 + (pl.col("lon_deg").floor() + 180)).cast(pl.Int32)
"""Number of the cell of one degree: 360 x (whole degrees of latitude + 90) + whole degrees of longitude + 180; null without a place."""


@dataclass(slots=True)
class Manifest:
    """Which parts count, and up to which byte each feed is in them."""

    realm: str
    kept_to: dict[str, int] = field(default_factory=dict)
    next_part: int = 0
    parts: dict[str, int] = field(default_factory=dict)  # path below the history -> rows


class HistoryReading:
    """The settled reports of one realm in a folder, as one manifest names them.

    Parameters
    ----------
    root
        Folder; one that is not there has no rows.
    realm
        Of all rows; RealmError where the folder is of another.

    Limits
    ------
    A node joins the parts of an hour later on: one that was named may be gone when it is read. Read the manifest again then.
    """

    def __init__(self, root: Path, realm: str) -> None:
        self.root = root
        self.manifest = self._load(check_realm(realm))

    def parts(self, table: Table, since: datetime | None = None, until: datetime | None = None) -> list[tuple[Path, datetime | None]]:
        """Files that hold rows of a table reported between two moments, and the hour each holds; None: without a time."""
        found = [p for p in sorted(self.manifest.parts) if p.startswith(f"{table.name}/") and overlaps(p, since, until)]
        return [(self._place(p), None if "/date=none/" in p else hour_of(p.rpartition("/")[0])) for p in found]

    def scan(self, table: Table, since: datetime | None = None, until: datetime | None = None, where: pl.Expr | None = None) -> pl.LazyFrame:
        """Rows of a table, without the columns of the folder, reported from one moment to another (both included).

        `where` may ask for `cell` too, by which the rows of a part are sorted.
        """
        parts = [path for path, _ in self.parts(table, since, until)]
        if not parts:
            return table.empty().lazy()
        rows = pl.scan_parquet(parts, hive_partitioning=False)
        rows = (rows if where is None else rows.filter(where)).select(list(table.schema))
        at = pl.coalesce([c for c in ("reported_at", "received_at") if c in table.schema])
        rows = rows.filter(at >= since) if since is not None else rows
        rows = rows.filter(at <= until) if until is not None else rows
        return rows.with_columns(pl.col(c).cast(t) for c, t in table.schema.items())

    def _place(self, part: str) -> Path:
        """Where a part lies: a crash may have left it beside, until the node starts again."""
        beside = self.root / BESIDE / part
        return beside if not (self.root / part).exists() and beside.exists() else self.root / part

    def _load(self, realm: str) -> Manifest:
        try:
            told: dict[str, Any] = json.loads((self.root / "manifest.json").read_bytes())
            manifest = Manifest(str(told["realm"]), dict(told["kept_to"]), int(told["next_part"]), dict(told["parts"]))
        except FileNotFoundError:
            return Manifest(realm)
        except (ValueError, KeyError, TypeError, OSError) as e:
            raise InputError(f"{self.root / 'manifest.json'} cannot be read ({e}); restore it from a backup, or move the folder away: "
                             "what the journal still holds is then written again") from e  # fmt: skip
        if manifest.realm != realm:
            raise RealmError(f"{self.root} holds the history of realm {manifest.realm!r}, and this node is of {realm!r}; choose another folder")
        return manifest


def hour_of(folder: str) -> datetime:
    """When the hour of a folder begins; 1970 for rows without a time."""
    _, day, hour = folder.split("/")
    if day == "date=none":
        return datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return datetime.fromisoformat(f"{day[5:]}T{hour[5:]}:00:00+00:00")


def overlaps(path: str, since: datetime | None, until: datetime | None) -> bool:
    """Whether the hour of a part touches a time."""
    begin = hour_of(path.rpartition("/")[0])
    return (until is None or begin <= until) and (since is None or begin + timedelta(hours=1) > since)
