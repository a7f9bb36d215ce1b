"""Input nobody plans for, each as it once went wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

import seaward
from seaward.api import decode_to_file, detect_to_folder
from seaward.core.errors import InputError, MapError, OutputError, ParameterError, RealmError

GOOD = b"!AIVDM,1,1,,A,16:=?;0P00`SstvFnFbeGH6L088h,0*44\n"
START = datetime(2027, 11, 4, tzinfo=UTC)


def feed(tmp_path: Path, content: bytes, name: str = "feed") -> Path:
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


def run(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "seaward", *words], check=False, capture_output=True, timeout=120)


def many(lines: int) -> bytes:
    """Lines that no packer makes small."""
    return b"".join(f"#{os.urandom(20).hex()}\n".encode() + GOOD for _ in range(lines))


@pytest.mark.parametrize("damage", ["cut", "junk behind", "bytes changed"])
def test_a_damaged_zstd_archive_gives_its_good_part_and_says_so(tmp_path: Path, damage: str) -> None:
    packed = zstandard.ZstdCompressor(write_checksum=True).compress(many(30_000))  # without, what was changed may unpack to something
    packed = {"cut": packed[: len(packed) * 2 // 3], "junk behind": packed + b"garbage!",
              "bytes changed": packed[: len(packed) // 2] + bytes(50) + packed[len(packed) // 2 + 50 :]}[damage]  # fmt: skip
    found = seaward.detect(feed(tmp_path, packed), start=START)
    assert found.summary["inputs"][0]["broken"] and "truncated_input" in found.rejected["rule"].to_list()
    assert found.summary["lines"]["accepted"] > (29_999 if damage == "junk behind" else 8_000)


def test_a_zstd_stream_may_begin_with_a_frame_to_be_skipped(tmp_path: Path) -> None:
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    found = seaward.detect(feed(tmp_path, skipped + zstandard.ZstdCompressor().compress(GOOD)), start=START)
    assert found.summary["lines"]["accepted"] == 1 and not found.summary["inputs"][0]["broken"]


def test_a_drill_kept_as_parquet_is_never_taken_for_real(tmp_path: Path) -> None:
    drill = seaward.detect(feed(tmp_path, GOOD), realm="ex:d1", start=START)
    drill.positions.write_parquet(tmp_path / "drill.parquet")
    with pytest.raises(RealmError, match="ex:d1"):
        seaward.detect(tmp_path / "drill.parquet")
    assert len(seaward.detect(tmp_path / "drill.parquet", realm="ex:d1").positions) == 1


def test_standard_input_is_given_once() -> None:
    with pytest.raises(InputError, match="more than once"):
        seaward.detect(["-", "-"])


def test_a_folder_in_the_place_of_a_file_changes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "report.html").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"report\.html is a folder"):
        detect_to_folder([feed(tmp_path, GOOD)], out)
    assert [p.name for p in out.iterdir()] == ["report.html"]


def test_without_a_report_none_of_an_earlier_run_stays(tmp_path: Path) -> None:
    detect_to_folder([feed(tmp_path, GOOD)], tmp_path / "out", start=START)
    detect_to_folder([feed(tmp_path, GOOD)], tmp_path / "out", start=START, report=False)
    assert not (tmp_path / "out" / "report.html").exists() and (tmp_path / "out" / "summary.json").exists()


@pytest.mark.parametrize("content", [b"", b"!AIVDM,1,1,,A,16:=?;0P00`SstvFnFbeGH6L088h,0*45\n" * 3])
def test_decoding_nothing_writes_an_empty_table(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "decoded.parquet").write_bytes(b"old")
    assert decode_to_file(str(feed(tmp_path, content)), tmp_path / "decoded.parquet")[1] == 0
    rows = pl.read_parquet(tmp_path / "decoded.parquet")
    assert rows.is_empty() and "message_type" in rows.columns


@pytest.mark.parametrize("ends", [b"\r", b"\r\n", b"\n"])
def test_lines_end_as_on_any_system(tmp_path: Path, ends: bytes) -> None:
    found = seaward.detect(feed(tmp_path, (GOOD * 5).replace(b"\n", ends)), start=START)
    assert found.summary["lines"]["read"] == found.summary["lines"]["accepted"] == 5


def test_a_first_line_without_end_is_refused_and_the_rest_read(tmp_path: Path) -> None:
    found = seaward.detect(feed(tmp_path, b"x" * 3_000_000 + b"\n" + GOOD * 2), start=START)
    assert found.summary["lines"] == {"read": 3, "accepted": 2, "other": 0, "ignored": 0, "rejected": 1}
    assert found.rejected.select("raw_offset", "rule").rows() == [(0, "line_too_long")]
    assert found.positions["raw_offset"].to_list() == [3_000_001]


@pytest.mark.parametrize(
    "before", [b"\\s:rORBCOMM-STATION-000123,c:1426032000,T:2015-03-11 00.00.00,d:destination01*2F\\", b"1372723200;", b"1372723200|"]
)
def test_sentences_are_recognised_behind_long_tag_blocks_and_other_marks(tmp_path: Path, before: bytes) -> None:
    assert seaward.detect(feed(tmp_path, before + GOOD)).summary["inputs"][0]["format"] == "nmea"


def test_other_sentences_may_come_first_for_long(tmp_path: Path) -> None:
    other = b"$GPGGA,184353.07,1929.045,S,02410.506,E,1,04,2.6,100.00,M,-33.9,M,,0000*6D\n"
    assert seaward.detect(feed(tmp_path, other * 2000 + GOOD), start=START).summary["lines"]["accepted"] == 1


def test_a_map_is_for_tables_and_leaves_sentences_alone(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text('[columns]\nmmsi = "a"\ntime = "b"\nlon = "c"\nlat = "d"\n')
    table = feed(tmp_path, b"a,b,c,d\n200000001,2027-11-04T00:00:00,-80,-12\n", "table")
    found = seaward.detect([feed(tmp_path, GOOD), table], column_map=tmp_path / "map.toml", start=START)
    assert [i["format"] for i in found.summary["inputs"]] == ["nmea", "mapped"] and len(found.positions) == 2


@pytest.mark.parametrize("pattern", ["%d-%d", "%Q", "abc%", "%H:%M"])
def test_a_time_pattern_without_a_date_is_refused(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "map.toml").write_text(f'time = "{pattern}"\n[columns]\nmmsi = "a"\ntime = "b"\nlon = "c"\nlat = "d"\n')
    with pytest.raises(MapError, match="tells no date"):
        seaward.detect(feed(tmp_path, b"a,b,c,d\n1,2,3,4\n"), column_map=tmp_path / "map.toml")


ROWS = {"mmsi": pa.array([1, 2], pa.int32()), "time": pa.array([START, START], pa.timestamp("us", "UTC")), "lon": pa.array([1.0, 2.0]),
        "lat": pa.array([1.0, 2.0])}  # fmt: skip


@pytest.mark.parametrize(("column", "values"), [
    ("name", pa.array([b"\xff\xfe", b"a"])), ("name", pa.array([["a"], ["b"]])),
    ("name", pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64()))),
    ("lon", pa.array([1, 2], pa.decimal256(50, 2))), ("imo", pa.array([[1], [2]])),
])  # fmt: skip
def test_a_type_that_cannot_be_read_is_named(tmp_path: Path, column: str, values: pa.Array) -> None:
    pq.write_table(pa.table(ROWS | {column: values}), tmp_path / "odd.parquet")
    with pytest.raises(InputError, match=f"column {column}"):
        seaward.detect(tmp_path / "odd.parquet")


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_arrays([*ROWS.values(), ROWS["lon"]], names=[*ROWS, "lon"]), tmp_path / "twice.parquet")
    with pytest.raises(InputError, match="several columns called lon"):
        seaward.detect(tmp_path / "twice.parquet")


def test_a_time_beyond_all_calendars_is_a_rejected_row(tmp_path: Path) -> None:
    pq.write_table(pa.table(ROWS | {"time": pa.array([10**15, 1_800_000_000], pa.timestamp("s"))}), tmp_path / "far.parquet")
    found = seaward.detect(tmp_path / "far.parquet")
    assert found.rejected["rule"].to_list() == ["time"] and len(found.positions) == 1


def test_parquet_through_a_pipe_is_told_what_it_needs(tmp_path: Path) -> None:
    pq.write_table(pa.table(ROWS), tmp_path / "p.parquet")
    packed = feed(tmp_path, zstandard.ZstdCompressor().compress((tmp_path / "p.parquet").read_bytes()))
    with pytest.raises(InputError, match="plain file"):
        seaward.detect(packed)


@pytest.mark.parametrize("start", ["1500-01-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00"])
def test_a_recording_cannot_begin_when_no_report_could(tmp_path: Path, start: str) -> None:
    with pytest.raises(ParameterError, match="1990 to 2079"):
        seaward.detect(feed(tmp_path, GOOD), start=datetime.fromisoformat(start))


def test_the_command_never_ends_in_a_traceback(tmp_path: Path) -> None:
    good = str(feed(tmp_path, GOOD))
    odd = os.fsencode(tmp_path) + b"/n\xff.txt"
    Path(os.fsdecode(odd)).write_bytes(GOOD)
    for words, code in (
        (("detect", good, "--out", str(tmp_path / "a"), "--as-of", "0001-01-01T00:00:00+14:00"), 2),
        (("detect", good, "--out", str(tmp_path / "b"), "--start", "9999-12-31T23:59:59-12:00"), 2),
        (("detect", os.fsdecode(odd), "--out", str(tmp_path / "c")), 0),
        (("detect", good, "--out", os.fsdecode(os.fsencode(tmp_path) + b"/o\xff")), 2),
        (("detect", "/proc/self/mem", "--out", str(tmp_path / "d")), 2),
    ):
        done = run(*words)
        assert (done.returncode, b"Traceback" in done.stderr) == (code, False), (words, done.stderr)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_leaves_nothing(tmp_path: Path, how: signal.Signals) -> None:
    read, write = os.pipe()
    out = tmp_path / "out"
    with subprocess.Popen([sys.executable, "-m", "seaward", "detect", "-", "--out", str(out)], stdin=read, stderr=subprocess.PIPE) as process:
        os.write(write, GOOD * 500)
        for _ in range(600):
            if out.exists() and any(out.iterdir()):
                break
            if process.poll() is not None:
                break
            signal.sigtimedwait([], 0.1)
        process.send_signal(how)
        os.close(write)
        os.close(read)
        said = process.communicate(timeout=60)[1]
    assert process.returncode in (130, 143) and b"Traceback" not in said
    assert not out.exists() or not any(out.iterdir())


@pytest.mark.parametrize("column", ["received_at", "reported_at"])
def test_nothing_after_as_of_is_looked_at_whichever_time_a_table_has(column: str) -> None:
    hours = [START + timedelta(hours=h) for h in range(10)]
    table = pl.DataFrame({"mmsi": [200000001] * 10, column: hours, "lon_deg": [-80.0] * 10, "lat_deg": [-12.0] * 10})
    assert len(seaward.detect(table, as_of=START + timedelta(hours=4)).positions) == 5


FIXES = {"mmsi": [200000001] * 2, "reported_at": [START] * 2, "lon_deg": [-80.0] * 2, "lat_deg": [-12.0] * 2}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (pl.LazyFrame(FIXES), "an input is a LazyFrame; give a path"),
        (pl.DataFrame(FIXES | {"reported_at": ["2027-11-04 00:00"] * 2}), "reported_at of the table table1 is String; give times"),
        (pl.DataFrame(FIXES | {"reported_at": [1, 2]}), "is Int64; give times"),
        (pl.DataFrame(FIXES | {"mmsi": [[1], [2]]}), "the column mmsi of the table table1 is List"),
        (pl.DataFrame(FIXES | {"sog_kn": [START] * 2}), "give numbers"),
        (5, "an input is a int"),
    ],
    ids=["lazy", "text times", "numbers for times", "lists", "times for numbers", "a number"],
)
def test_a_table_that_cannot_be_reports_says_what_to_give(given: object, told: str) -> None:
    with pytest.raises(InputError, match=told):
        seaward.detect(given)  # type: ignore[arg-type]


def test_times_outside_1990_to_2079_are_rejected_in_tables_too() -> None:
    found = seaward.detect(pl.DataFrame(FIXES | {"reported_at": [START, datetime(3027, 1, 1, tzinfo=UTC)]}))
    assert len(found.positions) == 1 and found.rejected["rule"].to_list() == ["time_out_of_range"]
