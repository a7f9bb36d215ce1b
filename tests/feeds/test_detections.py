"""What other sensors saw, in three formats and many states."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import InputError
from seaward.core.split import split
from seaward.core.tables import DETECTIONS, REJECTED
from seaward.feeds.detections import off_the_shore, read_detections

AT = datetime(2027, 11, 4, 12, tzinfo=UTC)
CSV = """id,timestamp,detect_lat,detect_lon,length_m,sensor,score
a,2027-11-04T12:00:00Z,-12.5,-80.0,45,S1A,0.9
"""


def put(folder: Path, text: str | bytes, name: str = "scene.csv") -> Path:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / name


def rules(rejected: pl.DataFrame) -> list[tuple[int, str]]:
    return rejected.select("raw_offset", "rule").rows()


def test_the_usual_names_of_columns_are_known(tmp_path: Path) -> None:
    good, bad = read_detections(put(tmp_path, CSV), "ops")
    assert good.schema == DETECTIONS.schema and bad.is_empty() and split(good, DETECTIONS)[1].is_empty()
    assert good.cast({"feed": pl.String, "realm": pl.String, "sensor": pl.String}).rows() == [
        ("ops", "scene.csv", 0, "a", AT, -80.0, -12.5, None, 45.0, None, "S1A", 0.9)
    ]


def test_csv_geojson_parquet_and_gzip_give_the_same(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [-80.0, -12.5]}
    properties = {"timestamp": "2027-11-04T12:00:00Z", "length_m": 45, "sensor": "S1A", "score": 0.9, "id": "a"}
    collection = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": point, "properties": properties}]}
    table = pl.DataFrame({"id": ["a"], "at": [AT], "lat_deg": [-12.5], "lon_deg": [-80.0], "length_m": [45], "sensor": ["S1A"], "score": [0.9]})
    table.write_parquet(tmp_path / "scene.parquet")
    expected = read_detections(put(tmp_path, CSV), "ops")[0].drop("feed")
    for path in (put(tmp_path, json.dumps(collection), "scene.json"), tmp_path / "scene.parquet", put(tmp_path, gzip.compress(CSV.encode()), "s.gz")):
        good, bad = read_detections(path, "ops")
        assert bad.is_empty() and good.drop("feed").equals(expected)


@pytest.mark.parametrize(
    "text",
    ["2027-11-04 12:00:00", "2027/11/04 12:00", "2027-11-04T07:00:00-05:00", "2027-11-04T12:00:00.000+0000", "1825329600", "1825329600000",
     "2027-11-04 12:00:00 UTC", "2027-11-04T12:00Z"],
)  # fmt: skip
def test_times_are_read_as_they_are_written(tmp_path: Path, text: str) -> None:
    good, _ = read_detections(put(tmp_path, f"time;lon;lat\n{text};-80;-12\n"), "ops")
    assert good["at"].to_list() == [AT] and good["detection_id"].to_list() == ["0"]


def test_decimal_commas_are_read_between_semicolons(tmp_path: Path) -> None:
    good, bad = read_detections(put(tmp_path, "time;lat;lon;length_m\n2027-11-04T12:00:00Z;-12,5;-80,25;45,5\n"), "ops")
    assert bad.is_empty() and good.select("lat_deg", "lon_deg", "length_m").rows() == [(-12.5, -80.25, 45.5)]


def test_decimal_commas_between_commas_are_refused_and_not_read_as_another_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="decimal commas"):
        read_detections(put(tmp_path, "time,lat,lon\n2027-11-04T12:00:00Z,-12,05,-77,85\n"), "ops")


def test_each_bad_row_is_refused_with_its_number_and_the_rest_is_used(tmp_path: Path) -> None:
    rows = ["a,,-80,-12", "b,2027-11-04T12:00:00Z,-190,-12", "c,2027-11-04T12:00:00Z,-80,x", "d,2027-11-04T12:00:00Z,-80,-12",
            "d,2027-11-04T12:00:00Z,-81,-12", "e,2027-11-05T12:00:00Z,-80,-12", "f,1970-01-01T00:00:00Z,-80,-12", "g,noon,-80,-12", "h",
            "i,2027-11-04T12:00:00Z,-80,-12,77,x,y"]  # fmt: skip
    good, bad = read_detections(put(tmp_path, "\n".join(["id,time,lon,lat", *rows])), "ops", as_of=AT)
    assert good["detection_id"].to_list() == ["d", "i"]
    assert [(n, rule.removeprefix("detection.")) for n, rule in rules(bad)] == [
        (0, "time"), (1, "place"), (2, "place"), (4, "duplicate"), (5, "future"), (6, "time_out_of_range"), (7, "time"), (8, "place")
    ]  # fmt: skip
    assert bad.schema == REJECTED.schema


def test_what_cannot_be_is_unknown_and_not_a_reason_to_refuse(tmp_path: Path) -> None:
    good, _ = read_detections(
        put(tmp_path, "time,lon,lat,length_m,error_m\n2027-11-04T12:00:00Z,-80,-12,0,-5\n2027-11-04T12:00:00Z,-80,-12,nan,1e9\n"), "ops"
    )
    assert good["length_m"].to_list() == [None, None] and good["error_m"].to_list() == [None, None]


def test_rows_of_another_realm_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "realm,time,lon,lat\nops,2027-11-04T12:00:00Z,-80,-12\nex:peru,2027-11-04T12:00:00Z,-80,-12\n")
    good, bad = read_detections(path, "ex:peru")
    assert good["realm"].to_list() == ["ex:peru"] and rules(bad) == [(0, "detection.realm")] and bad["realm"].to_list() == ["ex:peru"]


def test_features_that_are_no_points_are_refused(tmp_path: Path) -> None:
    time = {"time": "2027-11-04T12:00:00Z"}
    features = [{"geometry": None, "properties": time}, 7, {"geometry": {"type": "Polygon", "coordinates": []}},
                {"geometry": {"type": "Point", "coordinates": [-80, -12]}, "properties": {**time, "lat": 3, "x": {"y": 1}}}]  # fmt: skip
    good, bad = read_detections(put(tmp_path, json.dumps(features), "s.geojson"), "ops")
    assert good["lat_deg"].to_list() == [-12.0] and set(bad["rule"]) == {"detection.not_a_point"} and len(bad) == 3


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "{", "[1]", b"PAR1 broken", b"\x1f\x8bbroken", "\x00\xff\n"])
def test_a_file_without_detections_ends_in_a_message(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(InputError, match="scene"):
        read_detections(put(tmp_path, text), "ops")
    with pytest.raises(InputError, match="nowhere"):
        read_detections(tmp_path / "nowhere.csv", "ops")


def test_a_second_file_of_one_name_is_told_apart(tmp_path: Path) -> None:
    assert read_detections(put(tmp_path, CSV), "ops", taken=["scene.csv"])[0]["feed"].to_list() == ["scene.csv#2"]


def test_on_land_or_within_its_error_of_the_shore_it_is_left_out(tmp_path: Path) -> None:
    rows = "\n".join(f"2027-11-04T12:00:00Z,{lon},-12,{error}" for lon, error in ((0, ""), (1, ""), (3, 5_000), (3, 1_000)))
    good, _ = read_detections(put(tmp_path, "time,lon,lat,error_m\n" + rows), "ops")
    sea, ashore = off_the_shore(good, lambda lon, lat: np.asarray(lon) * 400.0)
    assert sea["detection_id"].to_list() == ["3"] and set(ashore["rule"]) == {"detection.ashore"}


def test_columns_in_many_pieces_are_told_from_those_ashore(tmp_path: Path) -> None:
    rows = "\n".join(f"2027-11-04T12:00:0{n},{lon},-12" for n, lon in enumerate((3, 3, 1, 1)))
    good, _ = read_detections(put(tmp_path, "time,lon,lat\n" + rows), "ops")
    pieces = good.with_columns(pl.concat([good[c][:2], good[c][2:]], rechunk=False) for c in ("lon_deg", "lat_deg"))  # as of a longer CSV
    sea, ashore = off_the_shore(pieces, lambda lon, lat: np.asarray(lon) * 400.0)
    assert len(sea) == 2 and ashore["value"].to_list() == ["1.0, -12.0: 400.0 m from the shore"] * 2


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12)), min_size=1, max_size=5))
def test_any_text_ends_in_rows_or_in_a_message(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]) -> None:
    body = "time,lon,lat\n" + "\n".join(",".join(r) for r in rows)
    try:
        good, bad = read_detections(put(tmp_path_factory.mktemp("d"), body.encode("utf-8", "replace")), "ops")
    except InputError:
        return
    assert len(good) + len(bad) >= 1
