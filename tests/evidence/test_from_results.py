"""Evidence from files of any format: the lines, what is needed to read them, and refusals in words."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from seaward.api import detect_to_folder
from seaward.core.errors import EvidenceError, InputError
from seaward.evidence.build import pack
from seaward.evidence.check import verify
from seaward.evidence.from_results import Case, from_results
from seaward.evidence.givens import GivenFiles
from seaward.evidence.origins import shown_in_file
from seaward.proof.container import unseal

from .conftest import KEY, START, Day, silent

BOATS, HOURS = 9, 48
MAP = 'delimiter = ";"\ndecimal = ","\ntime = "%d-%m-%Y %H:%M"\n[columns]\nmmsi = "Nave"\ntime = "Cuando"\nlat = "Y"\nlon = "X"\n'


def fixes() -> list[tuple[int, datetime, float, float]]:
    """Nine boats every hour of two days; one of them silent for ten hours."""
    return [
        (760000001 + boat, START + timedelta(hours=hour, minutes=5 * boat), -12 - 0.1 * boat - 0.01 * hour, -78.5)
        for hour in range(HOURS)
        for boat in range(BOATS)
        if not (boat == 4 and 8 <= hour < 18)
    ]


def csv(path: Path) -> Path:
    rows = [f"{m},{at:%Y-%m-%d %H:%M:%S},{lat:.5f},{lon:.5f},2.0,180.0" for m, at, lat, lon in fixes()]
    path.write_text("\n\nMMSI,BaseDateTime,LAT,LON,SOG,COG\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def mapped(path: Path) -> Path:
    rows = [f"{m};{at:%d-%m-%Y %H:%M};{lat:.5f};{lon:.5f}".replace(".", ",") for m, at, lat, lon in fixes()]
    path.write_text("Nave;Cuando;Y;X\r\n" + "\r\n".join(rows), encoding="utf-8")
    return path


def with_gatehouse(day: Day, path: Path) -> Path:
    """The day with its times in `$PGHP` lines before the sentences, not in the sentences."""
    lines = []
    for line in day.feed.read_text(encoding="ascii").splitlines():
        heard = re.match(r"\\([^\\]*)\\(.*)", line)
        at = re.search(r"c:(\d+)", heard[1]) if heard else None
        if heard and at:
            t = datetime.fromtimestamp(int(at[1]), UTC)
            said = f"PGHP,1,{t.year},{t.month},{t.day},{t.hour},{t.minute},{t.second},0,316,,2190047,1,00"
            checksum = 0
            for byte in said.encode():
                checksum ^= byte
            lines.append(f"${said}*{checksum:02X}")
        lines.append(heard[2] if heard else line)
    path.write_text("\r\n".join(lines) + "\r\n", encoding="ascii")
    return path


def of(path: Path, out: Path, column_map: Path | None = None, kind: str = "gap", realm: str = "ops", **how: object) -> Case:
    """Watch a file, and gather its first event of a kind."""
    detect_to_folder([str(path)], out, realm=realm, report=False, column_map=column_map, **how)  # type: ignore[arg-type]
    name = pl.read_parquet(out / "events.parquet").filter(pl.col("kind") == kind)["event_id"][0]
    return from_results(out, name, [str(path)], GivenFiles(), column_map, silent)


def packed(case: Case) -> bytes:
    return pack(case.gathered, case.told, case.version, case.given, KEY, "0.1.0")


@pytest.mark.parametrize("made", [csv, mapped], ids=["a known table", "a table with a map"])
def test_of_a_table_the_header_goes_with_the_rows(made: Callable[[Path], Path], tmp_path: Path) -> None:
    column_map = None
    if made is mapped:
        column_map = tmp_path / "map.toml"
        column_map.write_text(MAP, encoding="utf-8")
    content = packed(of(made(tmp_path / "vms.csv"), tmp_path / "out", column_map))
    files = unseal(content)
    if column_map is not None:
        column_map.unlink()
        assert files["feeds/1.map.toml"].decode() == MAP
    assert re.match(rb"\s*(MMSI,|Nave;)", files["feeds/1.raw"])
    found = verify(content)
    assert found.event["kind"] == "gap" and not found.is_exercise
    assert b"EXERCISE" not in b"".join(files.values()) and b"EJERCICIO" not in b"".join(files.values())
    assert shown_in_file(found.cut, str(tmp_path / "vms.csv")) == "vms.csv"


def test_of_a_compressed_file_bytes_are_those_within_and_the_hash_that_of_the_file(tmp_path: Path) -> None:
    plain = csv(tmp_path / "vms.csv")
    path = tmp_path / "vms.csv.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    found = verify(packed(of(path, tmp_path / "out")))
    assert shown_in_file(found.cut, str(path)) == "vms.csv.gz"
    with pytest.raises(EvidenceError, match="no feed of the pack was cut from such a file"):
        shown_in_file(found.cut, str(plain))


def test_times_that_stand_in_the_lines_before_go_with_the_sentences(day: Day, tmp_path: Path) -> None:
    case = of(with_gatehouse(day, tmp_path / "hour.nmea"), tmp_path / "out", realm="ex:demo")
    content = packed(case)
    assert unseal(content)["feeds/1.raw"].count(b"$PGHP") >= len(case.gathered.reports)
    assert verify(content).event["vessel_ids"] == ["mmsi:100000689"]


def test_reports_later_than_as_of_stay_out(day: Day, tmp_path: Path) -> None:
    as_of = START + timedelta(hours=13)
    case = of(day.feed, tmp_path / "out", realm="ex:demo", as_of=as_of)
    found = verify(packed(case))
    assert found.event["state"] == "open" and found.event["end_at"] == as_of
    assert case.gathered.reports["received_at"].max() <= as_of  # type: ignore[operator]


def test_what_was_not_watched_is_refused(day: Day, tmp_path: Path) -> None:
    name, given = day.name_of("gap"), day.given
    changed = tmp_path / "day.nmea"
    changed.write_bytes(day.feed.read_bytes().replace(b"s:EX", b"s:AX", 1))
    with pytest.raises((InputError, EvidenceError), match="not the file that was watched"):
        from_results(day.results, name, [str(changed)], given, None, silent)
    with pytest.raises(InputError, match=r"0 inputs are given, and the results are of 1 \(day\.nmea\)"):
        from_results(day.results, name, [], given, None, silent)
    other = tmp_path / "other.nmea"
    other.write_bytes(b"x")
    with pytest.raises(InputError, match=r"is given where the results are of day\.nmea"):
        from_results(day.results, name, [str(other)], given, None, silent)
    with pytest.raises(InputError, match="standard input cannot be read again"):
        from_results(day.results, name, ["-"], given, None, silent)
    with pytest.raises(InputError, match="cannot be read"):
        from_results(tmp_path, name, [str(day.feed)], given, None, silent)
    with pytest.raises(EvidenceError, match="areas"):
        from_results(day.results, day.name_of("area"), [str(day.feed)], GivenFiles(), None, silent)
    with pytest.raises(EvidenceError, match="give those that the watch was given"):
        from_results(day.results, day.name_of("dark_contact"), [str(day.feed)], GivenFiles([day.aids.areas]), None, silent)


def test_results_of_another_version_are_refused(day: Day, tmp_path: Path) -> None:
    events = day.events.with_columns(pl.when(pl.col("kind") == "gap").then(pl.lit("gap/1")).otherwise("method").alias("method"))
    (tmp_path / "summary.json").write_bytes((day.results / "summary.json").read_bytes())
    events.write_parquet(tmp_path / "events.parquet")
    with pytest.raises(EvidenceError, match="was found by gap/1, and this version of Seaward has gap/"):
        from_results(tmp_path, day.name_of("gap"), [str(day.feed)], day.given, None, silent)


def test_parquet_has_no_lines_to_show(tmp_path: Path) -> None:
    path, out = tmp_path / "vms.parquet", tmp_path / "out"
    rows = [(m, at, lat, lon) for m, at, lat, lon in fixes()]
    pl.DataFrame(rows, schema=["mmsi", "time", "lat", "lon"], orient="row").write_parquet(path)
    detect_to_folder([str(path)], out, report=False)
    name = pl.read_parquet(out / "events.parquet")["event_id"][0]
    with pytest.raises(InputError, match="holds Parquet, from which no evidence can be cut"):
        from_results(out, name, [str(path)], GivenFiles(), None, silent)


def test_a_name_that_a_spreadsheet_would_run_is_disarmed(day: Day, pack_of: Callable[[str], bytes]) -> None:
    from seaward.core.tables import STATIC
    from seaward.evidence.tables import statements_csv
    from seaward.proof.feeds import CutFeed

    said = {
        "realm": "ops",
        "feed": "f",
        "raw_offset": 0,
        "raw_length": 3,
        "mmsi": 1,
        "name": "=HYPERLINK(1)",
        "callsign": "@X",
        "destination": "LIMA",
    }
    table = statements_csv(pl.DataFrame([said], schema=STATIC.schema, strict=False), [CutFeed("f", "ops", "nmea", ((0, 3, None),), b"abc")])
    assert b"'=HYPERLINK(1),'@X," in table and b",LIMA\r\n" in table
    assert json.loads(unseal(pack_of("gap"))["manifest.json"])["format"] == "seaward-evidence/1"
