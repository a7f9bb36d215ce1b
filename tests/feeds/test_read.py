"""The door of the room: formats recognised, every input accounted for, misuse told in words."""

import gzip
import hashlib
import io
import resource
import sys
from pathlib import Path

import polars as pl
import pytest
import zstandard

from seaward.core.catalogue import catalogue
from seaward.core.errors import InputError, RealmError
from seaward.feeds.batch import Batch
from seaward.feeds.csv_rows import RULES
from seaward.feeds.read import FORMATS, Input, read, recognise
from tests.feeds.test_csv_rows import GOOD, HEADER

MARINE = (HEADER + "\n" + GOOD + "\n").encode()
NEW = (
    b"mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,length,width,draft,cargo,transceiver\n"
    b"366996430,2026-03-31 00:00:00,-82.55641,38.40362,0.1,295.2,100,CAPT JEFF IRBY,,WDK7088,31,12,20,8,3.3,,A\n"
)
DANISH = (
    b"# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,Cargo type,Width,Length,"
    b"Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D\r\n"
    b'31/12/2015 23:59:59,Class A,219000001,56.5,11.25,Engaged in fishing,,2.5,90.1,511,Unknown,OX,"HAVFRUEN, II",Fishing,,5,20,GPS,2.1,'
    b"Esbjerg,,AIS,,,,\r\n"
    b"31/12/2015 23:59:59,Base Station,2190068,57.1,8.6,Unknown value,,,,,Unknown,,,Undefined,,,,GPS,,,,AIS,,,,\r\n"
    b"31/12/2015 23:59:59,AtoN,992190001,91.000000,0.000000,Unknown value,,,,,Unknown,,,Undefined,,,,GPS,,,,AIS,,,,\r\n"
    b"12/31/2015 23:59:59,Class B,219000002,56.5,11.25,,,,,,,,,,,,,,,,,AIS,,,,\r\n"
)
VESSELS = (
    b"Vessel_ID;Name;Timestamp;Lat;Lon;Speed;Course\n77;ANA;2024-05-01 10:00:00;-12,5;-77,25;4,5;10\nPE-1;B;2024-05-01 10:00:00;-12,5;-77,25;;\n"
)


def taken(path: Path | str, **how: object) -> tuple[Input, Batch]:
    source = read(str(path), "ops", **how)  # type: ignore[arg-type]
    batches = list(source)
    if not batches:
        return source, Batch(*[pl.DataFrame()] * 3, source.counts)
    return source, Batch(*(pl.concat([getattr(b, t) for b in batches]) for t in ("reports", "static", "rejected")), source.counts)


def write(tmp_path: Path, data: bytes, name: str = "input") -> Path:
    (tmp_path / name).write_bytes(data)
    return tmp_path / name


@pytest.mark.parametrize(("data", "name"), [(MARINE, "marinecadastre"), (NEW, "marinecadastre"), (DANISH, "dma"), (VESSELS, "vms"),
                                            (b"\xef\xbb\xbf\r\n" + MARINE, "marinecadastre")])  # fmt: skip
def test_a_format_is_recognised_by_its_header(data: bytes, name: str) -> None:
    assert recognise(data).name == name
    assert next(f.name for f in FORMATS if f.recognise(data)) == name


def test_what_is_no_format_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"(?s)marinecadastre.*begins with 'a\\x00\\xe9,b'.*--map"):
        read(str(write(tmp_path, b"a\x00\xe9,b\n1,2\n")), "ops")


@pytest.mark.parametrize(("missing", "says"), [("MMSI", "mmsi"), ("BaseDateTime", "time"), ("LAT", "lat"), ("LON", "lon")])
def test_missing_columns_are_named(tmp_path: Path, missing: str, says: str) -> None:
    data = MARINE.replace(missing.encode(), b"Other", 1)
    with pytest.raises(InputError, match=rf"lacks a column for {says} \(as one of .*Other"):
        taken(write(tmp_path, data))


def test_new_marinecadastre_names_give_the_same_columns(tmp_path: Path) -> None:
    _, got = taken(write(tmp_path, NEW))
    row = got.reports.row(0, named=True)
    assert (row["mmsi"], row["lon_deg"], row["lat_deg"], row["heading_deg"], row["nav_status"], row["transceiver"]) == (
        366996430,
        -82.55641,
        38.40362,
        100,
        12,
        "A",
    )
    assert got.static["callsign"].to_list() == ["WDK7088"]


def test_danish_rows_keep_their_kinds_and_words(tmp_path: Path) -> None:
    source, got = taken(write(tmp_path, DANISH))
    assert got.reports["transceiver"].to_list() == ["A", "base", "aid"]
    assert got.reports["nav_status"].to_list() == [7, None, None]
    assert got.reports["lat_deg"].to_list() == [56.5, 57.1, None]
    assert str(got.reports["reported_at"][0]) == "2015-12-31 23:59:59+00:00"
    assert got.static.select("name", "ship_type", "length_m", "beam_m", "destination").row(0) == ("HAVFRUEN, II", 30, 20.0, 5.0, "Esbjerg")
    assert got.rejected.select("rule", "value", "raw_offset").rows() == [("time", "12/31/2015 23:59:59", DANISH.index(b"12/31"))]
    assert (source.counts.accepted, source.counts.ignored, source.counts.rejected) == (3, 1, 1)


def test_vessel_monitoring_rows_take_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    _, got = taken(write(tmp_path, VESSELS))
    assert got.reports.select("mmsi", "lon_deg", "lat_deg", "sog_kn", "cog_deg").rows() == [(77, -77.25, -12.5, 4.5, 10.0)]
    assert got.rejected.select("rule", "value").rows() == [("mmsi", "PE-1")]


def test_order_extra_columns_and_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    cells = dict(zip(HEADER.split(","), next(iter(__import__("csv").reader([GOOD]))), strict=True))
    names = ["Extra", *reversed(HEADER.split(","))]
    row = ",".join('"' + cells.get(n, 'a""b,') + '"' for n in names)
    _, got = taken(write(tmp_path, ("\ufeff" + ",".join(names) + "\r\n" + row + "\r\n").encode()))
    _, plain = taken(write(tmp_path, MARINE, "plain"))
    what = got.reports.columns[4:]
    assert got.reports.select(what).equals(plain.reports.select(what))
    assert got.static["name"].to_list() == ["SAN, JOSE"]


@pytest.mark.parametrize(("cell", "to", "rule"), [
    ("367752440", "1000000000", "mmsi"), ("367752440", "", "mmsi"), ("2023-01-11T", "2023-02-30T", "time"),
    ("2023-", "1970-", "time_out_of_range"), ("2023-", "2099-", "time_out_of_range"), ("43.07917", "north", "latitude"),
    ("-70.75733", "?", "longitude"), ("43.07917", "90.5", "position_range"),
    ("-70.75733", "-180.5", "position_range"), (",52,A", ",52", "columns"), (",52,A", ",52,A,", "columns"),
])  # fmt: skip
def test_a_bad_row_says_which_rule_it_breaks(tmp_path: Path, cell: str, to: str, rule: str) -> None:
    source, got = taken(write(tmp_path, MARINE + GOOD.replace(cell, to).encode() + b"\n"))
    assert got.rejected.select("raw_offset", "rule").rows() == [(len(MARINE), rule)]
    assert source.counts.accepted == 1


@pytest.mark.parametrize(("cell", "to", "column"), [
    (",95.0,", ",511,", "heading_deg"), (",35.0,", ",360.0,", "cog_deg"), (",0.0,", ",102.3,", "sog_kn"), ("43.07917", "91", "lat_deg"),
    ("-70.75733", "181", "lon_deg"), (",31,0,", ",31,15,", "nav_status"),
])  # fmt: skip
def test_what_stands_for_unknown_becomes_null(tmp_path: Path, cell: str, to: str, column: str) -> None:
    source, got = taken(write(tmp_path, (HEADER + "\n" + GOOD.replace(cell, to) + "\n").encode()))
    assert got.reports[column].to_list() == [None] and source.counts.accepted == 1


def test_latin_1_names_and_nuls_are_read(tmp_path: Path) -> None:
    _, got = taken(write(tmp_path, MARINE.replace(b"SAN, JOSE", b"JOS\xc9\x00 PE\xd1A")))
    assert got.static["name"].to_list() == ["JOSÉ PEÑA"]


@pytest.mark.parametrize("cell", ["6e331", "-6e331", "nan", "1e2"])
def test_a_ship_type_beyond_all_numbers_is_unknown_and_breaks_nothing(tmp_path: Path, cell: str) -> None:
    _, got = taken(write(tmp_path, f"{HEADER}\n{GOOD.replace(',31,', f',{cell},')}\n".encode()))
    assert got.static["ship_type"].to_list() == [100 if cell == "1e2" else None]


def test_several_gzip_members_with_padding_are_one_input_and_what_follows_them_is_said(tmp_path: Path) -> None:
    head, tail = gzip.compress(HEADER.encode() + b"\n"), gzip.compress((GOOD + "\n").encode())
    source, got = taken(write(tmp_path, head + bytes(300_000) + tail + bytes(70_000), "padded"))
    assert source.counts.accepted == len(got.reports) == 1 and not source.broken
    source, got = taken(write(tmp_path, head + tail + b"junk", "junk"))
    assert len(got.reports) == 1 and source.broken and got.rejected["rule"].to_list() == ["truncated_input"]


def test_a_header_that_comes_again_is_ignored(tmp_path: Path) -> None:
    source, _ = taken(write(tmp_path, MARINE + b"\n" + MARINE))
    assert (source.counts.accepted, source.counts.ignored, source.counts.rejected) == (2, 3, 0)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_compressed_inputs_give_what_plain_ones_give(tmp_path: Path, pack: object) -> None:
    data = MARINE + (GOOD + "\n").encode() * 9_000
    packed = write(tmp_path, pack(data), "packed")  # type: ignore[operator]
    mine, theirs = taken(packed, feed="f"), taken(write(tmp_path, data), feed="f")
    assert mine[1].reports.equals(theirs[1].reports) and mine[1].static.equals(theirs[1].static)
    assert mine[0].sha256 == hashlib.sha256(packed.read_bytes()).hexdigest() and mine[0].size_bytes == packed.stat().st_size


def test_a_truncated_archive_gives_its_good_part_and_says_so(tmp_path: Path) -> None:
    data = MARINE + b"".join(GOOD.replace("367752440", str(i)).encode() + b"\n" for i in range(9_000))
    source, got = taken(write(tmp_path, gzip.compress(data)[:-2_000]))
    assert source.broken and got.rejected["rule"][-1] == "truncated_input"
    assert 0 < len(got.reports) < 9_001
    assert source.counts.lines <= data.count(b"\n")


def test_a_line_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long"
    with path.open("wb") as file:
        file.write(MARINE)
        for _ in range(60):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + GOOD.encode() + b"\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    source, got = taken(path)
    assert source.counts.accepted == 2
    assert got.rejected["rule"].to_list() in (["line_too_long"], ["columns"])
    assert source.counts.lines == 4
    if sys.platform == "linux":
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


@pytest.mark.parametrize(("data", "lines"), [(b"", 0), (b"\n \r\n", 2), (b"\x00\xef", None)])
def test_an_empty_input_is_no_error(tmp_path: Path, data: bytes, lines: int | None) -> None:
    source, _ = taken(write(tmp_path, data))
    assert source.format == "empty"
    assert lines is None or source.counts.lines == source.counts.ignored == lines


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MARINE)))
    source, got = taken("-")
    assert source.name == "stdin" and source.size_bytes == len(MARINE) and len(got.reports) == 1
    assert source.sha256 == hashlib.sha256(MARINE).hexdigest()


def test_the_feed_may_be_named(tmp_path: Path) -> None:
    _, got = taken(write(tmp_path, MARINE), feed="input#2")
    assert got.reports["feed"].cast(pl.String).to_list() == ["input#2"]


def test_a_foreign_realm_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RealmError):
        read(str(write(tmp_path, MARINE)), "OPS")


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_rule_has_its_words(language: str) -> None:
    assert [r for r in RULES if f"rule.{r}" not in catalogue(language)] == []
