"""What receivers, disks and people really hand over: each ends in rejected rows or a clear message, and the good rest is used."""

from __future__ import annotations

import gzip
import itertools
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import seaward
from seaward.api import detect_to_folder
from seaward.core.errors import InputError, MapError, OutputError

GOOD = b"!AIVDM,1,1,,A,16:=?;0P00`SstvFnFbeGH6L088h,0*44"
START = datetime(2027, 11, 4, tzinfo=UTC)
HEADER = b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass\n"


def row(mmsi: object = 367752440, at: str = "2023-01-11T00:00:00", lat: object = -12.1, lon: object = -77.3, name: str = "SAN JOSE") -> bytes:
    return f"{mmsi},{at},{lat},{lon},3.0,90.0,95.0,{name},,WDI9818,31,0,12,4,3,52,A\n".encode("latin-1")


def watch(tmp_path: Path, content: bytes, name: str = "feed") -> seaward.Detection:
    path = tmp_path / name
    path.write_bytes(content)
    found = seaward.detect(path, start=START)
    lines = found.summary["lines"]
    assert lines["read"] == lines["accepted"] + lines["other"] + lines["ignored"] + lines["rejected"]
    return found


@pytest.mark.parametrize(
    ("dirt", "rejected"),
    [
        (b"\x00\xff\xfe\x80" * 20 + b"\n", 1),
        (GOOD.replace(b"*44", b"*45") + b"\n", 1),
        (b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C\n", 1),
        (b"x" * 300_000 + b"\n", 1),
        (b"\xe9\xf1o de la ni\xf1a\n", 1),
        (b"\n\n# comment\n", 0),
        (b"$GPGGA,184353.07,1929.045,S,02410.506,E,1,04,2.6,100.00,M,-33.9,M,,0000*6D\n", 0),
    ],
)
def test_a_dirty_line_costs_nothing_but_itself(dirt: bytes, rejected: int, tmp_path: Path) -> None:
    found = watch(tmp_path, GOOD + b"\n" + dirt + GOOD.replace(b",A,", b",B,").replace(b"*44", b"*47") + b"\n")
    assert found.summary["lines"]["rejected"] == rejected
    assert found.summary["message_types"] == {"1": 2}
    assert found.rejected["raw_offset"].to_list() == [len(GOOD) + 1] * rejected


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (row(at="1970-01-01T00:00:00"), "time"),
        (row(at="2099-01-01T00:00:00"), "time"),
        (row(at="yesterday"), "time"),
        (row(lat=95), "position"),
        (row(lat="north"), "latitude"),
        (row(mmsi="ship"), "mmsi"),
        (row(mmsi=9_999_999_999), "mmsi"),
        (b"1,2,3\n", "columns"),
    ],
)
def test_a_bad_row_is_rejected_by_its_rule_and_the_rest_is_used(bad: bytes, rule: str, tmp_path: Path) -> None:
    found = watch(tmp_path, HEADER + row() + bad + row(at="2023-01-11T00:01:00"))
    assert len(found.positions) == 2
    assert len(found.rejected) == 1
    assert found.rejected["rule"][0].startswith(rule)
    assert found.rejected["raw_offset"].to_list() == [len(HEADER) + len(row())]


@pytest.mark.parametrize("mmsi", [0, 999999999])
def test_a_senseless_mmsi_is_kept_as_claimed(mmsi: int, tmp_path: Path) -> None:
    found = watch(tmp_path, HEADER + row(mmsi) + row(mmsi, at="2023-01-11T00:01:00"))
    assert found.positions["mmsi"].to_list() == [mmsi] * 2


def test_latin_1_names_and_nuls_are_read(tmp_path: Path) -> None:
    found = watch(tmp_path, HEADER + row(name="NI\xd1A\x00 BLANCA"))
    assert found.vessels["name"].to_list() == ["NI\xd1A BLANCA"]


def test_rows_in_any_order_of_time_give_the_same_track(tmp_path: Path) -> None:
    rows = [row(at=f"{datetime(2023, 1, 11) + timedelta(minutes=7 * i):%Y-%m-%dT%H:%M:%S}", lon=-77.3 + i / 500) for i in range(60)]
    forward = watch(tmp_path, HEADER + b"".join(rows)).positions
    random.Random(4).shuffle(rows)
    backward = watch(tmp_path, HEADER + b"".join(rows)).positions
    assert forward.drop("raw_offset").equals(backward.drop("raw_offset"))


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lacks a column for lon"):
        watch(tmp_path, HEADER.replace(b",LON", b"") + row())


def test_a_truncated_archive_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    packed = gzip.compress(
        HEADER + b"".join(row(at=f"2023-01-11T{h:02}:{m:02}:00", lon=-77 + m / 1e4) for h, m in itertools.product(range(24), range(60)))
    )
    found = watch(tmp_path, packed[: len(packed) // 2], "feed.csv.gz")
    assert 0 < len(found.positions) < 24 * 60
    assert "truncated_input" in found.rejected["rule"].to_list()
    assert found.summary["inputs"][0]["broken"]


def test_what_is_no_feed_at_all_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--map"):
        watch(tmp_path, b"Dear Sir,\nplease find attached\n")


@pytest.mark.parametrize("text", ["not toml [", "[columns]\nnonsense = 'A'\n", "[columns]\nmmsi = 'NOPE'\nreceived_at = 'BaseDateTime'\n"])
def test_a_wrong_map_says_what_is_wrong(text: str, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(text)
    (tmp_path / "feed.csv").write_bytes(HEADER + row())
    with pytest.raises(MapError, match=r"map\.toml"):
        seaward.detect(tmp_path / "feed.csv", column_map=tmp_path / "map.toml")


def test_a_disk_that_fills_leaves_the_old_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "feed.csv").write_bytes(HEADER + row())
    out = tmp_path / "out"
    detect_to_folder([tmp_path / "feed.csv"], out, report=False)
    before = {p.name: p.read_bytes() for p in out.iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left"):
        detect_to_folder([tmp_path / "feed.csv"], out, report=False)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before


def test_an_event_id_does_not_depend_on_the_number_of_buckets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.made_up_day.peru_day import write_peru_day

    write_peru_day(tmp_path / "day", seed=5, start=START)
    one = seaward.detect(tmp_path / "day", realm="ex:t")
    monkeypatch.setattr("seaward.api.BUCKET_BYTES", 100_000)
    monkeypatch.setattr("seaward.api.MEMORY_BYTES", 0)
    many = seaward.detect(tmp_path / "day", realm="ex:t")
    assert many.events.equals(one.events)
    assert many.positions.sort("vessel_id", "at").equals(one.positions.sort("vessel_id", "at"))


def mutated(line: bytes, rng: random.Random) -> bytes:
    """A line with something done to it."""
    ways: list[Callable[[bytes], bytes]] = [
        lambda b: bytes(rng.choice((c, rng.randrange(256))) if rng.random() < 0.05 else c for c in b),
        lambda b: b[: rng.randrange(len(b) + 1)],
        lambda b: b[rng.randrange(len(b) + 1) :],
        lambda b: b + b,
        lambda b: b.replace(b",", b",,", 1),
    ]
    return rng.choice(ways)(line)


@pytest.mark.parametrize("kind", ["nmea", "csv"])
def test_mutated_lines_never_crash_and_every_line_is_counted(kind: str, tmp_path: Path) -> None:
    rng = random.Random(11)
    lines = [mutated(GOOD if kind == "nmea" else row()[:-1], rng) for _ in range(3000)]
    content = (GOOD + b"\n" if kind == "nmea" else HEADER + row()) + b"\n".join(lines) + b"\n"
    found = watch(tmp_path, content)
    assert found.summary["lines"]["read"] == content.count(b"\n")
    assert json.dumps(found.summary)
    assert isinstance(found.rejected, pl.DataFrame)
