"""`detect --detections`: what is found, what is refused and where it shows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

import seaward
from seaward.core.errors import ParameterError


@pytest.fixture
def reports() -> pl.DataFrame:
    at = pl.datetime_range(pl.datetime(2027, 11, 4), pl.datetime(2027, 11, 5), "5m", time_unit="us", time_zone="UTC", eager=True)
    return pl.DataFrame({"mmsi": [760000001] * len(at), "reported_at": at, "lon_deg": [-80.0] * len(at), "lat_deg": [-13.0] * len(at)})


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    rows = ["lit,2027-11-04T06:01:00Z,-80.0,-13.0", "dark,2027-11-04T06:01:00Z,-80.2,-13.0", "andes,2027-11-04T06:01:00Z,-72.0,-13.5", "x,,-80,-13"]
    (tmp_path / "scene.csv").write_text("\n".join(["id,time,lon,lat", *rows]))
    return tmp_path / "scene.csv"


def test_a_contact_without_a_track_is_found_and_refused_rows_are_counted(reports: pl.DataFrame, scene: Path) -> None:
    found = seaward.detect(reports, detections=scene, kinds=["dark_contact"])
    assert found.events["vessel_ids"].to_list() == [["detection:scene.csv/dark"]]
    rows = found.rejected.select("feed", "raw_offset", "rule").cast({"feed": pl.String}).rows()
    assert rows == [("scene.csv", 2, "detection.ashore"), ("scene.csv", 3, "detection.time")]
    (given,) = found.summary["given"]
    assert (given["holds"], given["used"], given["refused"]) == ("detections", 2, 2)


def test_a_detection_that_two_files_hold_is_one_contact(reports: pl.DataFrame, scene: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.csv").write_text(scene.read_text() + "\nmore,2027-11-04T06:01:00Z,-80.4,-13.0")
    found = seaward.detect(reports, detections=[scene, tmp_path / "copy.csv"], kinds=["dark_contact"])
    assert sorted(found.events["vessel_ids"].explode()) == ["detection:copy.csv/more", "detection:scene.csv/dark"]
    duplicates = found.rejected.filter(pl.col("rule") == "detection.duplicate").select("feed", "raw_offset").cast({"feed": pl.String})
    assert duplicates.rows() == [("copy.csv", 0), ("copy.csv", 1)]


def test_far_from_every_vessel_it_is_found_too(reports: pl.DataFrame, tmp_path: Path) -> None:
    (tmp_path / "far.csv").write_text("time,lon,lat\n2027-11-04T06:01:00Z,-100,-30\n")
    assert "dark_contact" in seaward.detect(reports, detections=tmp_path / "far.csv").events["kind"].to_list()


def test_what_was_seen_after_the_last_report_is_refused_and_counted_not_passed_over(reports: pl.DataFrame, tmp_path: Path) -> None:
    rows = ["last,2027-11-05T00:00:00Z,-80.2,-13.0", "late,2027-11-05T00:00:01Z,-80.4,-13.0"]
    (tmp_path / "late.csv").write_text("\n".join(["id,time,lon,lat", *rows]))
    found = seaward.detect(reports, detections=tmp_path / "late.csv", kinds=["dark_contact"])
    assert found.events["vessel_ids"].to_list() == [["detection:late.csv/last"]]
    assert found.rejected.select("raw_offset", "rule").rows() == [(1, "detection.after_feeds")]
    (given,) = found.summary["given"]
    assert (given["used"], given["refused"], found.summary["tables"]["rejected"]) == (1, 1, 1)
    as_of = datetime(2027, 11, 5, 1, tzinfo=UTC)  # whoever says up to when reports are known has it judged
    known = seaward.detect(reports, detections=tmp_path / "late.csv", kinds=["dark_contact"], as_of=as_of)
    assert len(known.events) == 2 and known.rejected.is_empty()


def test_long_after_the_last_report_nothing_can_be_judged_whatever_as_of_says(reports: pl.DataFrame, tmp_path: Path) -> None:
    rows = ["soon,2027-11-05T00:59:00Z,-80.2,-13.0", "late,2027-11-05T01:00:01Z,-80.2,-13.0", "later,2027-11-05T20:00:00Z,-80.2,-13.0"]
    (tmp_path / "late.csv").write_text("\n".join(["id,time,lon,lat", *rows]))
    found = seaward.detect(reports, detections=tmp_path / "late.csv", as_of=datetime(2027, 11, 6, tzinfo=UTC))
    assert found.events.filter(pl.col("kind") == "dark_contact")["vessel_ids"].to_list() == [["detection:late.csv/soon"]]
    assert found.events.filter(pl.col("kind") == "dark_contact")["probability"][0] > 0
    assert found.rejected.select("raw_offset", "rule").rows() == [(1, "detection.after_feeds"), (2, "detection.after_feeds")]
    assert (found.summary["given"][0]["used"], found.summary["given"][0]["refused"]) == (1, 2)


def test_without_any_position_no_detection_counts_as_used(reports: pl.DataFrame, scene: Path) -> None:
    nowhere = reports.with_columns(lon_deg=pl.lit(None, pl.Float64))
    found = seaward.detect(nowhere, detections=scene, as_of=datetime(2027, 11, 6, tzinfo=UTC))
    assert (found.summary["given"][0]["used"], found.summary["given"][0]["refused"]) == (0, 4)


def test_without_detections_the_behaviour_is_not_among_those_looked_for(reports: pl.DataFrame) -> None:
    assert "dark_contact" not in seaward.detect(reports).summary["events_by_kind"]
    with pytest.raises(ParameterError, match="--detections"):
        seaward.detect(reports, kinds=["dark_contact"])


def test_the_report_shows_it(reports: pl.DataFrame, scene: Path, tmp_path: Path) -> None:
    seaward.api.detect_to_folder([reports], tmp_path / "out", detections=[scene], realm="ex:a")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "detection:scene.csv/dark" in page and "Contact without a track" in page
