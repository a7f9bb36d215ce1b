"""A map makes a foreign table readable; a wrong map is told what is wrong with it."""

from pathlib import Path

import pytest

from seaward.core.errors import MapError
from tests.feeds.test_read import taken, write

DATA = b"Boat|When|X|Y|V|Label\n12|03-05-2024 10:30|-77,5|-12,25|18,52|a\nNA|03-05-2024 10:30|-77,5|-12,25|-9|b\n13|03-05-2024 10:31|-999|-999|-9|c\n"
MAP = """delimiter = "|"
decimal = ","
time = "%d-%m-%Y %H:%M"
speed_unit = "km/h"
nulls = ["NA", "-999"]
[columns]
mmsi = "Boat"
time = "When"
lon = "X"
lat = "Y"
sog = "V"
name = "Label"
"""


def read_mapped(tmp_path: Path, data: bytes, text: str):
    return taken(write(tmp_path, data), column_map=write(tmp_path, text.encode(), "map.toml"))


def test_a_map_gives_units_times_points_and_unknowns(tmp_path: Path) -> None:
    source, got = read_mapped(tmp_path, DATA, MAP)
    assert source.format == "mapped"
    assert got.reports.select("mmsi", "lon_deg", "lat_deg").rows() == [(12, -77.5, -12.25), (13, None, None)]
    assert got.reports["sog_kn"].to_list() == [pytest.approx(10.0, abs=1e-5), None]
    assert str(got.reports["reported_at"][0]) == "2024-05-03 10:30:00+00:00"
    assert got.rejected["rule"].to_list() == ["mmsi"]
    assert got.static["name"].to_list() == ["a", "c"]


@pytest.mark.parametrize(("time", "cell"), [("iso", "2024-05-03T10:30:00"), ("dmy", "03/05/2024 10:30:00"), ("mdy", "05/03/2024 10:30:00"),
                                            ("epoch_s", "1714732200"), ("epoch_ms", "1714732200000")])  # fmt: skip
def test_times_may_be_written_in_five_ways(tmp_path: Path, time: str, cell: str) -> None:
    text = f'time = "{time}"\n[columns]\nmmsi = "a"\ntime = "b"\nlon = "c"\nlat = "d"\n'
    _, got = read_mapped(tmp_path, f"a,b,c,d\n1,{cell},2,3\n".encode(), text)
    assert str(got.reports["reported_at"][0]) == "2024-05-03 10:30:00+00:00"


@pytest.mark.parametrize(("old", "new", "says"), [
    ('"Boat"', '"Ship"', r"does not have: Ship \(for mmsi\).*Boat, When"),
    ("decimal", "decimals", "unknown key decimals"),
    ("name =", "title =", "unknown meaning title"),
    ('mmsi = "Boat"\n', "", "does not say which column is mmsi"),
    ("km/h", "mph", "expected 'kn' or 'm/s' or 'km/h'"),
    ('time = "%d-%m-%Y %H:%M"', 'time = "noon"', "expected iso"),
    ('delimiter = "|"', 'delimiter = "||"', "one character"),
    ('delimiter = "|"', "delimiter = 5", "delimiter = 5"),
    ("[columns]", "[column]", r"unknown key column"),
    ('"NA"', "1", "nulls"),
    ("decimal = ", "decimal = = ", "not TOML"),
])  # fmt: skip
def test_a_wrong_map_is_told_what_is_wrong(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(MapError, match=says):
        read_mapped(tmp_path, DATA, MAP.replace(old, new))


def test_a_map_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"no\.toml cannot be read"):
        taken(write(tmp_path, DATA), column_map=tmp_path / "no.toml")
