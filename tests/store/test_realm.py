"""Nothing of a drill gets among what is real, whichever table it comes in, whatever its name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seaward
from seaward.api import detect_to_folder
from seaward.core.errors import RealmError
from seaward.core.tables import TABLES, Table
from seaward.store.outputs import Folder

NOON = datetime(2027, 11, 4, 12, tzinfo=UTC)


def row_of(table: Table, realm: str | None) -> pl.DataFrame:
    """One row, all of it unknown but its realm."""
    return pl.DataFrame({c: [realm if c == "realm" else None] for c in table.schema}, schema=table.schema, strict=False)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
@pytest.mark.parametrize("realm", ["ex:pacifico-27", "ex:ops", "OPS", "", None])
def test_a_row_of_a_drill_or_of_no_realm_is_refused_by_a_folder_of_real_results(tmp_path: Path, table: Table, realm: str | None) -> None:
    with pytest.raises(RealmError, match="refused"), Folder(tmp_path, "ops") as folder:
        folder.add(table, row_of(table, realm))
    assert not list(tmp_path.iterdir())


@given(st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["ops ", "ex:", "ex:a", "Ops", "ops\x00"])).filter(lambda r: r != "ops"))
def test_no_realm_but_its_own_gets_in(tmp_path_factory: pytest.TempPathFactory, realm: str | None) -> None:
    rows = row_of(TABLES[0], "ops").with_columns(realm=pl.Series([realm], dtype=pl.String))
    with pytest.raises(RealmError), Folder(tmp_path_factory.mktemp("out"), "ops") as folder:
        folder.add(TABLES[0], rows)


def test_a_row_without_the_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RealmError), Folder(tmp_path, "ops") as folder:
        folder.add(TABLES[0], pl.DataFrame({"mmsi": [1]}))


def test_a_table_of_a_drill_is_no_input_of_a_real_watch_and_the_other_way_round() -> None:
    reports = pl.DataFrame({"realm": "ex:a", "mmsi": [100_000_001], "received_at": [NOON], "lon_deg": [-80.0], "lat_deg": [-12.0]})
    for realm in ("ops", "ex:b"):
        with pytest.raises(RealmError, match="ex:a"):
            seaward.detect(reports, realm=realm)
    with pytest.raises(RealmError, match="'ops'"):
        seaward.detect(reports.with_columns(realm=pl.lit("ops")), realm="ex:a")


SENTENCE = "!AIVDM,1,1,,A,13aGmP0P00PD;88MD5MTDww@2D0k,0*4D\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ex-pacifico-27.coast.nmea", SENTENCE),
        ("feed.nmea", f"# EXERCISE EXERCISE EXERCISE ex:pacifico-27 coast: simulated, not real\r\n{SENTENCE}"),
        ("feed.nmea", f"# Simulated, EXERCISE EXERCISE EXERCISE\n{SENTENCE}"),
    ],
    ids=["by_its_name", "by_its_first_line", "by_a_first_line_that_names_no_drill"],
)
def test_a_file_of_a_drill_is_no_input_of_a_real_watch(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(RealmError, match="never mixed"):
        seaward.detect(tmp_path / name, start=NOON)
    if "pacifico" in name + text:
        with pytest.raises(RealmError, match="ex:pacifico-27"):
            seaward.detect(tmp_path / name, start=NOON, realm="ex:other")
    assert seaward.detect(tmp_path / name, start=NOON, realm="ex:pacifico-27").summary["realm"] == "ex:pacifico-27"


def test_detections_of_a_drill_are_not_taken_for_real(tmp_path: Path) -> None:
    (tmp_path / "ex-a.sar.csv").write_text("time,lon,lat\n2027-11-04T12:00:00Z,-80,-12\n")
    (tmp_path / "feed.nmea").write_text(SENTENCE)
    with pytest.raises(RealmError, match="ex:a"):
        seaward.detect(tmp_path / "feed.nmea", start=NOON, detections=tmp_path / "ex-a.sar.csv")


def test_results_of_a_drill_and_real_ones_do_not_lie_in_one_folder(tmp_path: Path) -> None:
    (tmp_path / "feed.nmea").write_text(SENTENCE)
    detect_to_folder([tmp_path / "feed.nmea"], tmp_path / "out", realm="ex:a", start=NOON)
    before = sorted(p.name for p in (tmp_path / "out").iterdir())
    with pytest.raises(RealmError, match="choose another folder"):
        detect_to_folder([tmp_path / "feed.nmea"], tmp_path / "out", start=NOON)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == before
