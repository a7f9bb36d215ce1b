"""Any delimited rows, read by the kernel in pieces of any size, are what the slow reader and Python's csv module read from them."""

import csv
import math
import random
from datetime import UTC, datetime

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.core.split import split
from seaward.core.tables import REPORTS
from seaward.core.units import at_to_us
from seaward.feeds.batch import Batch, Chunk, LineCounts, ReadOptions
from seaward.feeds.csv_columns import split_line
from seaward.feeds.csv_rows import Refused, Row, read_row
from seaward.feeds.marinecadastre import MARINECADASTRE, _columns

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass"
GOOD = '367752440,2023-01-11T00:00:00,43.07917,-70.75733,0.0,35.0,95.0,"SAN, JOSE",IMO9307839,WDI9818,31,0,20,6,,52,A'
OPTIONS = ReadOptions("ex:t", "f")


def pieces(data: bytes, piece: int) -> list[Chunk]:
    chunks, start = [], 0
    while start < len(data):
        end = data.find(b"\n", min(len(data), start + piece)) + 1 or len(data)
        chunks.append(Chunk(start, data[start:end]))
        start = end
    return chunks


def read_all(data: bytes, piece: int = 1 << 20) -> Batch:
    batches = list(MARINECADASTRE.read(pieces(data, piece), OPTIONS))
    counts = LineCounts()
    for b in batches:
        counts += b.counts
    return Batch(*(pl.concat([getattr(b, t) for b in batches]) for t in ("reports", "static", "rejected")), counts)


def slow_rows(data: bytes) -> list[Row | Refused]:
    columns = _columns(data)
    lines = data.split(b"\n")
    return [read_row(line.removesuffix(b"\r"), columns) for line in (lines[:-1] if lines[-1] == b"" else lines)]


def assert_like_slow(data: bytes, piece: int = 1 << 20) -> None:
    got, wanted = read_all(data, piece), slow_rows(data)
    rows = [w for w in wanted if isinstance(w, Row)]
    r = got.reports
    assert r["mmsi"].to_list() == [w.mmsi for w in rows]
    assert r["reported_at"].dt.epoch("us").to_list() == [w.at_us for w in rows]
    for name, field in (("lon_deg", "lon_deg"), ("lat_deg", "lat_deg"), ("sog_kn", "sog_kn"), ("cog_deg", "cog_deg"), ("heading_deg", "heading_deg")):
        wanted_values = np.array([getattr(w, field) for w in rows], r[name].to_numpy().dtype)
        assert np.array_equal(r[name].fill_null(math.nan).to_numpy(), wanted_values, equal_nan=True), name
    assert r["nav_status"].fill_null(255).to_list() == [w.nav_status for w in rows]
    assert r["transceiver"].to_physical().fill_null(255).to_list() == [w.transceiver for w in rows]
    refused = [w for w in wanted if isinstance(w, Refused) and w.rule != "ignored"]
    assert got.rejected["rule"].to_list() == [w.rule for w in refused]
    assert got.counts == LineCounts(len(rows), 0, len(wanted) - len(rows) - len(refused), len(refused))
    assert split(r, REPORTS)[1].is_empty()
    lines = {int(o): data[o : o + n] for o, n in r.select("raw_offset", "raw_length").iter_rows()}
    columns = _columns(data)
    assert all(isinstance(read_row(line, columns), Row) for line in lines.values())
    assert len(lines) == len(rows)


number = st.one_of(
    st.floats(-200, 200).map(lambda x: f"{x:.5f}"),
    st.decimals(-200, 200, places=1).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["", "511", "360.0", "102.3", "91", "181", "-0.0", "+5", ".5", "5.", "1e1", "--1", "NA", "nan", " 7", "1,5", "12.3.4", "0" * 20]),
)
mmsi = st.one_of(st.integers(0, 10**9).map(str), st.sampled_from(["", "x", "1.0", "1.5", "-1", "999999999", "000000001"]))
time = st.one_of(
    st.datetimes(datetime(1985, 1, 1), datetime(2085, 1, 1)).map(lambda t: t.isoformat(timespec="seconds")),
    st.datetimes().map(lambda t: t.isoformat(sep=" ")),
    st.sampled_from(["2023-02-29T00:00:00", "2024-02-29T23:59:59Z", "2023-01-01T24:00:00", "2023-13-01T00:00:00", "2023-01-01X00:00:00",
                     "2023-01-01T00:00:00+05:00", "2023-01-01", "", "2023/01/01 00:00:00", "2023-01-01T00:00:60"]),
)  # fmt: skip
text = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)
row = st.tuples(
    mmsi, time, number, number, number, number, number, text, text, text, number, number, number, number, number, text, st.sampled_from("AB x")
)


def written(rows: list[tuple[str, ...]], end: str = "\n") -> bytes:
    lines = []
    for cells in rows:
        quoted = ['"' + c.replace('"', '""') + '"' if any(x in c for x in ',"') else c for c in cells]
        lines.append(",".join(quoted))
    return end.join([HEADER, *lines]).encode()


@settings(max_examples=150, deadline=None)
@given(st.lists(row, max_size=12), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from([1, 100, 1 << 20]))
def test_written_rows_are_read_as_the_slow_reader_reads_them(rows: list[tuple[str, ...]], end: str, ended: bool, piece: int) -> None:
    assert_like_slow(written(rows, end) + (end.encode() if ended else b""), piece)


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from('ab,"; '), max_size=80))
def test_fields_are_those_of_pythons_csv_module(line: str) -> None:
    wanted = next(csv.reader([line]), []) or [""]
    assert [f.decode() for f in split_line(line.encode(), b",")] == wanted


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.sampled_from('ab,"'), max_size=70), max_size=5), st.integers(0, 70))
def test_stray_quotes_do_not_move_a_column(names: list[str], shift: int) -> None:
    head, _, tail = GOOD.partition('"SAN, JOSE"')
    rows = ["," * 16 + "x" * shift, *(head + n + tail for n in names)]
    data = "\n".join([HEADER, *rows, GOOD]).encode()
    assert_like_slow(data)
    fields = [next(csv.reader([r]), []) for r in rows]
    assert read_all(data).counts.accepted == 1 + sum(len(f) == 17 and f[0] != "" for f in fields)


@settings(max_examples=100, deadline=None)
@given(st.decimals(-180, 180, places=9), st.integers(0, 9), st.integers(-9, 9))
def test_decimals_equal_what_float_reads(lon: object, places: int, lat: int) -> None:
    x = f"{lon:.{places}f}"
    data = f"MMSI,BaseDateTime,LON,LAT\n1,2023-01-01T00:00:00,{x},{lat}\n".encode()
    assert read_all(data).reports["lon_deg"].to_list() == [float(x)]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([1, 64, 1 << 20]))
def test_any_bytes_behind_a_header_end_in_counted_lines(data: bytes, piece: int) -> None:
    whole = (HEADER + "\n" + GOOD + "\n").encode() + data
    got = read_all(whole, piece)
    assert got.counts.lines == len(whole.split(b"\n")) - whole.endswith(b"\n")
    assert len(got.reports) == got.counts.accepted and len(got.rejected) == got.counts.rejected


def mutated(line: bytes, rng: random.Random) -> bytes:
    data = bytearray(line)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(data) + 1)
        what = rng.randrange(3)
        if what == 0:
            data[at : at + rng.randrange(3)] = b""
        elif what == 1:
            data[at:at] = bytes(rng.choices(b',"\r0123456789.-eE:T \x00\xff', k=rng.randrange(1, 4)))
        else:
            data[at : at + 1] = bytes([rng.randrange(256)])
    return bytes(data).replace(b"\n", b"")


def test_mutated_rows_are_read_as_the_slow_reader_reads_them() -> None:
    rng = random.Random(4)
    lines = [mutated(GOOD.encode(), rng) for _ in range(3_000)]
    assert_like_slow(HEADER.encode() + b"\n" + b"\n".join(lines) + b"\n", 100_000)


def test_pieces_of_any_size_give_the_same_tables() -> None:
    rows = [GOOD, "", "x", GOOD.replace("JOSE", 'J"O'), GOOD.replace("31,0", "30,0"), GOOD, GOOD.replace("367752440", "5")] * 30
    data = "\r\n".join([HEADER, *rows]).encode()
    whole = read_all(data)
    for piece in (1, 150, 1000):
        part = read_all(data, piece)
        assert part.reports.equals(whole.reports) and part.static.equals(whole.static) and part.rejected.equals(whole.rejected)
        assert part.counts == whole.counts


def test_an_identity_is_stated_once_until_it_changes() -> None:
    other = GOOD.replace("SAN, JOSE", "SAN JUAN")
    nothing = "7,2023-01-11T00:00:00,43.07917,-70.75733,0.0,35.0,95.0,,,,,0,,,,,A"
    got = read_all("\n".join([HEADER, GOOD, nothing, GOOD, other, other, GOOD]).encode(), 1).static
    assert got["name"].to_list() == ["SAN, JOSE", "SAN JUAN", "SAN, JOSE"]
    assert got.row(0)[6:] == (9307839, "SAN, JOSE", "WDI9818", 31, 20.0, 6.0, None, "A")


def test_a_report_keeps_its_values_and_its_place() -> None:
    report = read_all((HEADER + "\n" + GOOD).encode()).reports.row(0, named=True)
    assert report["raw_offset"] == len(HEADER) + 1 and report["raw_length"] == len(GOOD)
    assert report["reported_at"] == report["received_at"] == datetime(2023, 1, 11, tzinfo=UTC)
    assert (report["lon_deg"], report["lat_deg"], report["nav_status"], report["transceiver"]) == (-70.75733, 43.07917, 0, "A")
    assert at_to_us(report["reported_at"]) == 1_673_395_200_000_000
