"""Watch lists as others export them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.alerts.lists import Lists, Match, read_list
from seaward.core.errors import InputError
from tests.alerts.floor import listed

TMT = """\ufeffVessel Name,Previous Names,IMO Number,IRCS,Flag,RFMO,Reason
"THUNDER","WUHAN N 4; KUKO",6905408,5NTV21,Unknown,CCAMLR,"Fishing, unlicensed"
"SONGHUA","",9042001,,Togo,CCAMLR,
"""


def test_an_export_with_its_own_column_names_is_read_with_earlier_names_and_notes() -> None:
    read = read_list(TMT.encode(), "iuu", "ops")
    assert read.columns == {"name": "Vessel Name", "earlier": "Previous Names", "imo": "IMO Number", "callsign": "IRCS"}
    assert read.entries.select("row", "imo", "name", "callsign").rows() == [
        (2, 6905408, "THUNDER", "5NTV21"), (2, 6905408, "WUHAN N 4", None), (2, 6905408, "KUKO", None), (3, 9042001, "SONGHUA", None),
    ]  # fmt: skip
    assert read.entries["note"][0] == "RFMO: CCAMLR; Reason: Fishing, unlicensed" and read.refused == ()
    assert read.entries["realm"].cast(pl.String).unique().to_list() == ["ops"]


def test_a_spanish_list_with_semicolons_in_latin_1_is_read() -> None:
    raw = "Número MMSI;Nombre del buque;Número OMI;Señal de llamada;Observaciones\n760000001;Ñandú;OMI 9074729;OA-1234;visto\n".encode("latin-1")
    (row,) = read_list(raw, "propia", "ops").entries.select("mmsi", "imo", "name", "callsign", "note").rows()
    assert row == (760000001, 9074729, "NANDU", "OA1234", "Observaciones: visto")


def test_an_imo_number_may_have_its_letters_before_it() -> None:
    assert read_list(b"imo\nIMO9074729\nIMO 9042001\n", "l", "ops").entries["imo"].to_list() == [9074729, 9042001]


def test_an_imo_number_may_have_a_colon_before_it() -> None:
    assert read_list(b'imo\n"IMO: 9074729"\nOMI:9042001\n', "l", "ops").entries["imo"].to_list() == [9074729, 9042001]


def test_a_row_with_more_fields_than_the_header_is_refused_whole() -> None:
    read = read_list(b"IMO,name\n9,074,729,X\n9042001,SONGHUA,,\n", "l", "ops")
    assert read.refused == ((2, "list.too_many", "9, 074, 729, X"),)
    assert read.entries.select("row", "imo", "name").rows() == [(3, 9042001, "SONGHUA")]


@pytest.mark.parametrize("first", ["sep=;\r\n", "SEP=;\n", '"sep=;"\n', "sep=;;\n"])
def test_the_separator_that_excel_says_above_the_header_is_used(first: str) -> None:
    read = read_list(f"{first}name;flag, state\nDON PEPE;PE\n".encode(), "l", "ops")
    assert read.entries.select("row", "name").rows() == [(2, "DON PEPE")] and read.columns == {"name": "name"}


def test_bad_numbers_are_refused_with_their_row_and_what_is_good_beside_them_is_kept() -> None:
    raw = b"mmsi,imo,name\n1234567890,9074729,A SHIP\n,9074728,OTHER\nx,,\n,,\n\n0,1234568,\n760000001,,AB\n"
    read = read_list(raw, "l", "ops")
    kept = read.entries.select("row", "mmsi", "imo", "name").rows()
    assert kept == [(2, None, 9074729, "A SHIP"), (3, None, None, "OTHER"), (8, 760000001, None, None)]
    assert read.refused == (
        (2, "list.mmsi", "1234567890"), (3, "list.imo", "9074728"), (4, "list.mmsi", "x"), (7, "list.imo", "1234568"), (8, "list.name_short", "AB"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "what"),
    [(b"", "has no column"), (b"a,b\n1,2\n", "its columns are a, b"), (b"mmsi\nx\n", "row 2: x"), (b"mmsi\n", "it has no rows"),
     (b"mmsi\0\n", "not text"), (b'name\n"' + b"x" * 200_000, "no CSV file")],
    ids=["empty", "other_columns", "nothing_good", "no_rows", "no_text", "endless_cell"],
)  # fmt: skip
def test_a_file_without_anything_to_use_is_told(raw: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what):
        read_list(raw, "l", "ops")


@given(st.binary(max_size=300))
def test_whatever_a_file_holds_it_is_a_list_or_a_message(raw: bytes) -> None:
    for head in (b"mmsi,imo,name,previous names\n", b""):
        try:
            read = read_list(head + raw, "l", "ops")
            assert len(read.entries) and read.entries.select("mmsi", "imo", "name", "callsign").null_count().row(0) != (len(read.entries),) * 4
        except InputError:
            pass


def test_a_vessel_is_found_by_number_call_sign_or_name_the_surest_first() -> None:
    lists = Lists(read_list(TMT.encode(), "iuu", "ops").entries)
    assert lists.names == ("iuu",)
    assert lists.matches(None, [6905408], ["x"], []) == (Match("iuu", 2, "imo"),)
    assert lists.matches(1, [], ["kuko"], ["5NTV-21"]) == (Match("iuu", 2, "callsign"),)
    assert lists.matches(1, [], ["Wuhan  N.4"], []) == (Match("iuu", 2, "name"),)
    assert lists.matches(1, [], ["WUHAN"], []) == ()


def test_a_name_is_no_match_where_the_hulls_are_known_to_be_two() -> None:
    lists = Lists(read_list(TMT.encode(), "iuu", "ops").entries)
    assert lists.matches(1, [9074729], ["THUNDER"], []) == ()


def test_a_pattern_of_names_finds_all_that_begin_so() -> None:
    lists = listed(name="LU RONG YUAN YU *")
    assert lists.matches(1, [], ["LU RONG YUAN YU 668"], []) == (Match("iuu", 2, "name"),)
    assert lists.matches(1, [], ["LU RONG YUAN"], []) == ()
