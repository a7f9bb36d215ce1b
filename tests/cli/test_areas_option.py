"""`detect --areas`: what is used, what is refused and where it shows."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import seaward
from seaward.core.errors import InputError, ParameterError

SQUARE = [[-81.0, -13.0], [-79.0, -13.0], [-79.0, -11.0], [-81.0, -11.0], [-81.0, -13.0]]


@pytest.fixture
def reports() -> pl.DataFrame:
    at = pl.datetime_range(pl.datetime(2027, 11, 4), pl.datetime(2027, 11, 5), "5m", time_unit="us", time_zone="UTC", eager=True)
    lon = [-82.0 + k * 3 / len(at) for k in range(len(at))]
    return pl.DataFrame({"mmsi": [760000001] * len(at), "reported_at": at, "lon_deg": lon, "lat_deg": [-12.0] * len(at)})


def zones(folder: Path) -> Path:
    def feature(name: str, forbids: str) -> dict[str, object]:
        return {"type": "Feature", "properties": {"name": name, "forbids": forbids}, "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}

    path = folder / "zones.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature("Reserva <b>", "entry"), feature("Bad", "flying")]}))
    return path


def test_entries_are_found_refused_features_are_rejected_rows_and_the_summary_counts_both(tmp_path: Path, reports: pl.DataFrame) -> None:
    found = seaward.detect(reports, areas=zones(tmp_path))
    assert found.events.filter(pl.col("kind") == "area")["areas"].to_list() == [["Reserva <b>"]]
    assert found.rejected.select("feed", "raw_offset", "rule").cast({"feed": pl.String}).rows() == [("zones", 2, "area.rule")]
    (given,) = found.summary["given"]
    assert (given["name"], given["used"], given["refused"]) == ("zones", 1, 1) and found.summary["tables"]["rejected"] == 1


def test_without_areas_the_behaviour_is_not_among_those_looked_for(reports: pl.DataFrame) -> None:
    assert "area" not in seaward.detect(reports).summary["events_by_kind"]
    with pytest.raises(ParameterError, match="--areas"):
        seaward.detect(reports, kinds=["area"])


def test_a_file_that_is_not_there_is_said_before_anything_is_read(reports: pl.DataFrame) -> None:
    with pytest.raises(InputError, match="nowhere"):
        seaward.detect(reports, areas="nowhere.json")


def test_the_report_draws_them_and_takes_no_markup_from_names(tmp_path: Path, reports: pl.DataFrame) -> None:
    seaward.api.detect_to_folder([reports], tmp_path / "out", areas=[zones(tmp_path), "peru"])
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Reserva <b>" not in page and "Dominio mar" in page


def test_what_was_mended_and_what_was_refused_is_said_with_its_number_in_the_report(tmp_path: Path, reports: pl.DataFrame) -> None:
    path = zones(tmp_path)
    said = json.loads(path.read_text())
    said["features"][0]["geometry"]["coordinates"][0].pop()
    path.write_text(json.dumps(said))
    for language, mended, refused in (("en", "outline was not closed", "number 2"), ("es", "no estaba cerrado", "número 2")):
        seaward.api.detect_to_folder([reports], tmp_path / language, language=language, areas=[path])
        page = (tmp_path / language / "report.html").read_text(encoding="utf-8")
        assert mended in page and refused in page and "byte 2" not in page
