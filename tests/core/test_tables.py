"""The contract at the edges: what splits off, with its reason."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.split import split
from seaward.core.tables import POSITIONS, REJECTED, REPORTS, TABLES

ROW = {
    "realm": "ops", "feed": "f", "raw_offset": 7, "raw_length": 40, "received_at": datetime(2027, 1, 1, tzinfo=UTC),
    "reported_at": datetime(2027, 1, 1, tzinfo=UTC), "message_type": 1, "mmsi": 100000001, "lon_deg": -77.2, "lat_deg": -12.0, "sog_kn": 3.0,
    "cog_deg": 90.0, "heading_deg": None, "nav_status": None, "second": 3, "transceiver": "A",
}  # fmt: skip


def rows(**changes: object) -> pl.DataFrame:
    return pl.DataFrame([ROW | changes], infer_schema_length=None)


def rule(**changes: object) -> list[str]:
    return split(rows(**changes), REPORTS)[1]["rule"].to_list()


def test_a_row_that_keeps_the_contract_passes_unchanged() -> None:
    good, rejected = split(rows(), REPORTS)
    assert rejected.is_empty()
    assert good.schema == REPORTS.schema
    assert good["lon_deg"][0] == -77.2


def test_a_latitude_of_91_is_refused_with_its_place_and_value() -> None:
    good, rejected = split(rows(lat_deg=91.0), REPORTS)
    assert good.is_empty()
    assert rejected.row(0, named=True) == {"realm": "ops", "feed": "f", "raw_offset": 7, "rule": "lat_deg.above", "value": "91.0"}


def test_each_rule_has_its_name() -> None:
    assert rule(mmsi=None) == ["mmsi.null"]
    assert rule(mmsi="ship") == ["mmsi.type"]
    assert rule(sog_kn=-1.0) == ["sog_kn.below"]
    assert rule(cog_deg=float("nan")) == ["cog_deg.nan"]
    assert rule(transceiver="C") == ["transceiver.type"]


def test_the_first_broken_rule_in_column_order_is_named() -> None:
    assert rule(mmsi=None, lat_deg=91.0) == ["mmsi.null"]


@given(st.lists(st.tuples(st.one_of(st.none(), st.floats()), st.one_of(st.none(), st.integers(-5, 2**33))), max_size=20))
def test_no_row_is_lost_whatever_it_holds(cells: list[tuple[float | None, int | None]]) -> None:
    table = pl.DataFrame(
        [ROW | {"lat_deg": lat, "mmsi": mmsi, "raw_offset": i} for i, (lat, mmsi) in enumerate(cells)] or [ROW], infer_schema_length=None,
        schema_overrides={"lat_deg": pl.Float64, "mmsi": pl.Int64},
    )  # fmt: skip
    good, rejected = split(table, REPORTS)
    assert sorted(good["raw_offset"].to_list() + rejected["raw_offset"].to_list()) == sorted(table["raw_offset"].to_list())
    assert good["lat_deg"].drop_nulls().is_between(-90, 90).all()


def test_the_input_is_not_changed() -> None:
    table = rows(lat_deg=91.0)
    before = table.clone()
    split(table, REPORTS)
    assert table.equals(before)


def test_realm_is_the_first_column_of_every_table() -> None:
    assert all(t.columns[0].name == "realm" and not t.columns[0].nullable for t in TABLES)


def test_every_column_with_a_unit_in_its_name_states_it() -> None:
    units = {"_deg": "degree", "_kn": "knot", "_m": "m"}
    for table in TABLES:
        for column in table.columns:
            for suffix, unit in units.items():
                if column.name.endswith(suffix):
                    assert column.unit == unit, (table.name, column.name)


def test_empty_tables_have_their_schema() -> None:
    assert POSITIONS.empty().schema == POSITIONS.schema
    assert split(REPORTS.empty(), REPORTS)[1].schema == REJECTED.schema
