"""reports that are settled -> Parquet parts by day and hour, sorted by cell; which parts count, and how far each feed is kept, in one manifest.

`<table>/date=2027-03-05/hour=13/000017.parquet`: any reader of Parquet takes the folder while a node writes. A part is written whole or not at all;
the manifest, replaced at once, says which count. What a crash leaves beside it is removed and written again from the journal: none twice, none lost.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from seaward.core.tables import REPORTS, STATIC, Table
from seaward.store.disk import FileDisk
from seaward.store.history_reading import BESIDE, CELL, HistoryReading, Manifest, hour_of, overlaps

KEPT = (REPORTS, STATIC)
ROW_GROUP_ROWS = 1 << 17
_EXCHANGE = 2  # linux/fs.h RENAME_EXCHANGE


class History(HistoryReading):
    """The settled reports of one realm in a folder. One process writes.

    Parameters
    ----------
    root
        Folder.
    realm
        Of all rows; RealmError where the folder is of another.
    """

    def __init__(self, root: Path, realm: str) -> None:
        self._disk = FileDisk(root)
        super().__init__(root, realm)
        self._clear()

    def add(self, reports: pl.DataFrame, static: pl.DataFrame, kept_to: dict[str, int]) -> int:
        """Keep rows for good, and that each feed is now kept up to a byte; returns how many parts that made.

        OSError where the disk takes nothing: nothing is kept then, and it can be tried again.
        """
        made: dict[str, int] = {}
        number = self.manifest.next_part
        try:
            for table, rows in ((REPORTS, reports), (STATIC, static)):
                for name, part in _by_hour(table, rows):
                    path = f"{table.name}/{name}/{number:06d}.parquet"
                    _write(self.root / path, part)
                    made[path], number = len(part), number + 1
            after = Manifest(self.manifest.realm, self.manifest.kept_to | kept_to, number, self.manifest.parts | made)
            self._disk.replace("manifest.json", _text(after))
        except OSError:
            for path in made:
                (self.root / path).unlink(missing_ok=True)
            raise
        self.manifest = after
        return len(made)

    def newest(self, table: Table, since: datetime, rows: int | None = None, until: datetime | None = None) -> Iterator[pl.DataFrame]:
        """Rows of a table by the hour, in order, reported from one moment to another or at none; where so many do, the newest hours of them."""
        hours: dict[datetime, int] = {}
        undated = [self.root / p for p in self.manifest.parts if p.startswith(f"{table.name}/date=none/")]
        if undated:
            yield pl.read_parquet(undated, hive_partitioning=False).select(pl.col(c).cast(t) for c, t in table.schema.items())
        for path, count in self.manifest.parts.items():
            if path.startswith(f"{table.name}/") and overlaps(path, since, until):
                hour = hour_of(path.rpartition("/")[0])
                hours[hour] = hours.get(hour, 0) + count
        chosen, held = [], 0
        for hour in sorted(hours, reverse=True):
            if rows is not None and held >= rows:
                break
            chosen.append(hour)
            held += hours[hour]
        for hour in reversed(chosen):
            last = hour + timedelta(hours=1) - timedelta(microseconds=1)
            yield self.scan(table, max(since, hour), last if until is None else min(last, until)).collect()

    def compact(self, before: datetime, most: int = 4) -> int:
        """Join the parts of up to so many hours that ended before a moment; returns how many parts went. A reader sees an hour before or after."""
        joined = 0
        by_hour: dict[str, list[str]] = {}
        for path in self.manifest.parts:
            by_hour.setdefault(path.rpartition("/")[0], []).append(path)
        ripe = [h for h, parts in sorted(by_hour.items()) if len(parts) > 1 and hour_of(h) + timedelta(hours=1) <= before]
        for hour in ripe[:most]:
            joined += self._join(hour, by_hour[hour])
        return joined

    def oldest(self) -> datetime | None:
        """The first hour of which something is kept; rows without a time do not count."""
        return min((hour_of(p.rpartition("/")[0]) for p in self.manifest.parts if "/date=none/" not in p), default=None)

    def forget(self, before: date) -> int:
        """Remove the days before one; returns how many parts went. Rows without a time stay."""
        old = [p for p in self.manifest.parts if "/date=none/" not in p and hour_of(p.rpartition("/")[0]).date() < before]
        if old:
            self._replace({p: n for p, n in self.manifest.parts.items() if p not in set(old)})
            for path in old:
                (self.root / path).unlink(missing_ok=True)
            for day in {(self.root / p).parent.parent for p in old}:
                shutil.rmtree(day, ignore_errors=True)
        return len(old)

    def _join(self, hour: str, parts: list[str]) -> int:
        """The new folder and the old change places in one step; what a crash leaves is cleared at the next start."""
        rows = pl.concat(pl.read_parquet(self.root / p, hive_partitioning=False) for p in parts).sort("cell", "mmsi", "at", nulls_last=True)
        number = self.manifest.next_part
        beside = self.root / BESIDE / hour
        shutil.rmtree(beside, ignore_errors=True)
        name = f"{number:06d}.parquet"
        _write(beside / name, rows)
        kept = {p: n for p, n in self.manifest.parts.items() if p not in set(parts)} | {f"{hour}/{name}": len(rows)}
        _exchange(beside, self.root / hour)
        self.manifest.next_part = number + 1
        self._replace(kept)
        shutil.rmtree(beside, ignore_errors=True)
        return len(parts) - 1

    def _replace(self, parts: dict[str, int]) -> None:
        after = Manifest(self.manifest.realm, self.manifest.kept_to, self.manifest.next_part, parts)
        self._disk.replace("manifest.json", _text(after))
        self.manifest = after

    def _clear(self) -> None:
        """Put right what a crash left: an hour that changed places without its manifest goes back, and parts that do not count are removed."""
        for beside in self.root.glob(f"{BESIDE}/*/date=*/hour=*"):
            hour = self.root / beside.relative_to(self.root / BESIDE)
            counted = [p for p in self.manifest.parts if p.startswith(f"{hour.relative_to(self.root).as_posix()}/")]
            if counted and not all((self.root / p).exists() for p in counted) and all((beside / Path(p).name).exists() for p in counted):
                _exchange(beside, hour)
        shutil.rmtree(self.root / BESIDE, ignore_errors=True)
        for path in self.root.glob("*/date=*/hour=*/*"):
            if path.relative_to(self.root).as_posix() not in self.manifest.parts:
                path.unlink(missing_ok=True)


def _by_hour(table: Table, rows: pl.DataFrame) -> Iterable[tuple[str, pl.DataFrame]]:
    """Rows by the hour they were reported in, each sorted by cell, vessel and time, with those as columns of their own."""
    if rows.is_empty():
        return
    at = pl.coalesce([c for c in ("reported_at", "received_at") if c in table.schema])
    cell = CELL if "lon_deg" in table.schema else pl.lit(None, pl.Int32)
    dated = rows.with_columns(cell=cell, at=at, hour=at.dt.strftime("date=%Y-%m-%d/hour=%H").fill_null("date=none/hour=00"))
    for (hour,), part in dated.sort("hour", "cell", "mmsi", "at", nulls_last=True).group_by("hour", maintain_order=True):
        yield str(hour), part.drop("hour")


def _write(path: Path, rows: pl.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.new")  # no name that a reader of *.parquet takes
    try:
        rows.write_parquet(temporary, compression="zstd", row_group_size=ROW_GROUP_ROWS, statistics=True)
        fd = os.open(temporary, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(temporary, path)
    except pl.exceptions.ComputeError as e:
        raise OSError(str(e)) from e
    finally:
        temporary.unlink(missing_ok=True)


def _exchange(one: Path, other: Path) -> None:
    """Let two folders change places in one step where the system can; else in two."""
    library = ctypes.CDLL(None, use_errno=True)
    renameat2 = getattr(library, "renameat2", None)
    if renameat2 is not None and renameat2(-100, os.fsencode(one), -100, os.fsencode(other), _EXCHANGE) == 0:
        return
    aside = other.with_name(f".{other.name}.old")
    os.replace(other, aside)
    os.replace(one, other)
    os.replace(aside, one)


def _text(manifest: Manifest) -> bytes:
    told = {"realm": manifest.realm, "kept_to": manifest.kept_to, "next_part": manifest.next_part, "parts": manifest.parts}
    return json.dumps(told, indent=0, sort_keys=True).encode()
