"""Files that are complete or not there."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from seaward.core.errors import OutputError
from seaward.core.tables import EVENTS, POSITIONS, REJECTED
from seaward.store.outputs import POSITION_COLUMNS, Folder, events_geojson

REFUSED = pl.DataFrame({"realm": ["ops"], "feed": ["f"], "raw_offset": [3], "rule": ["checksum"], "value": ["!AIVDM"]}).cast(dict(REJECTED.schema))  # type: ignore[arg-type]


def test_every_table_is_written_even_when_empty(tmp_path: Path) -> None:
    with Folder(tmp_path / "out", "ops") as folder:
        folder.add(REJECTED, REFUSED)
        folder.add(REJECTED, REFUSED)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "events.parquet",
        "positions.parquet",
        "reception.parquet",
        "rejected.parquet",
        "vessels.parquet",
    ]
    assert len(pl.read_parquet(tmp_path / "out" / "rejected.parquet")) == 2
    assert pl.read_parquet(tmp_path / "out" / "positions.parquet").columns == list(POSITION_COLUMNS)
    assert pl.read_parquet(tmp_path / "out" / "events.parquet").columns == list(EVENTS.schema)


def test_a_failure_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("old")
    with pytest.raises(RuntimeError), Folder(tmp_path, "ops") as folder:
        folder.add(REJECTED, REFUSED)
        folder.text("summary.json", "new")
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["summary.json"]
    assert (tmp_path / "summary.json").read_text() == "old"


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another folder"), Folder(tmp_path / "file", "ops"):
        pass


def test_a_full_disk_is_said_so_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.ParquetWriter.write_table", full)
    with pytest.raises(OutputError, match=r"No space left.*half-written"), Folder(tmp_path, "ops") as folder:
        folder.add(REJECTED, REFUSED)
    assert not list(tmp_path.iterdir())


def test_geojson_is_readable_when_there_is_nothing(tmp_path: Path) -> None:
    assert json.loads(events_geojson(EVENTS.empty())) == {"type": "FeatureCollection", "features": []}


def test_positions_keep_their_times_through_the_file(tmp_path: Path) -> None:
    row = {
        "realm": "ops",
        "vessel_id": "mmsi:1",
        "mmsi": 1,
        "track_id": "t",
        "lon_deg": 1.5,
        "lat_deg": 2.5,
        "cog_deg": 1.0,
        "feed": "f",
        "quality": "good",
    }
    unknown = dict.fromkeys(("sog_kn", "heading_deg", "nav_status", "transceiver"))
    times = {"at": [1_700_000_000_123_456, 1_700_000_001_000_000], "raw_offset": [5, 6], "raw_length": 1}
    one = pl.DataFrame(row | unknown | times).select(list(POSITIONS.schema)).cast(dict(POSITIONS.schema))  # type: ignore[arg-type]
    with Folder(tmp_path, "ops") as folder:
        folder.add(POSITIONS, one)
    back = pl.read_parquet(tmp_path / "positions.parquet")
    assert back["at"].equals(one["at"])
    assert back["raw_offset"].to_list() == [5, 6]
