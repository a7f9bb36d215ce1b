"""`seaward query track`, `area`, `closest`: what a watch asks of a node's log book, in words and in forms for programs."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import polars as pl
import pytest
import shapely
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.cli.track_geojson import as_geojson
from seaward.cli.track_mf_json import as_mf_json
from seaward.core.errors import SeawardError
from seaward.core.tables import STATIC
from seaward.logbook.questions import near_boxes
from seaward.store.history import History
from tests.cli.calling import Run, caller, said
from tests.cli.logbook_node import EAST, MOORED, NORTH, make_node, reports, way
from tests.picture.made_tracks import tracks

BOX = "-77.6,-12.4,-77.4,-12.3"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_node(tmp_path_factory.mktemp("node"))


@pytest.fixture
def run(node: Path) -> Run:
    return caller(node, "query")


def test_the_history_of_a_vessel_has_its_track_names_and_what_was_told_of_it(run: Run) -> None:
    text = run("track", str(NORTH)).stdout
    for words in ("12°30.000'S 077°30.000'W", "RED ONE", "=BLUE[bold]", "Event: AIS gap", "Alert: AIS gap, alarm", "2027-11-04 10:00:00Z"):
        assert words in text
    assert "Trazas" in run("track", str(NORTH), "--lang", "es").stdout and "078°00,000'O" in run("track", str(NORTH), "--lang", "es").stdout
    whole = said(run("track", f"mmsi:{NORTH}", "--format", "json"))
    assert len(whole["positions"]) == 121 and len(whole["vessels"][0]["identity"]) == 2 and len(whole["events"]) == 1 and whole["realm"] == "ops"


def test_the_newest_position_is_there_before_it_is_settled(run: Run) -> None:
    positions = said(run("track", str(MOORED), "--format", "json"))["positions"]
    assert positions[-1]["at"] == "2027-11-04T10:03:00.000000Z"
    later = said(run("track", str(MOORED), "--format", "json", "--from", "2027-11-04T10:01:00Z", "--until", "2027-11-04T11:00:00Z"))["positions"]
    assert len(later) == 1


def test_a_track_as_lines_on_a_chart(run: Run, tmp_path: Path) -> None:
    whole = said(run("track", str(EAST), "--format", "geojson"))
    (line,) = whole["features"]
    assert line["geometry"]["type"] == "LineString" and len(line["geometry"]["coordinates"]) == len(line["properties"]["times"]) == 121
    run("track", str(EAST), "--out", str(tmp_path / "a.geojson"))
    assert json.loads((tmp_path / "a.geojson").read_text()) == whole
    run("track", str(EAST), "--out", str(tmp_path / "a.parquet"))
    assert pl.read_parquet(tmp_path / "a.parquet").height == 121


def test_a_line_is_cut_at_180_degrees() -> None:
    made = json.loads(as_geojson(tracks([(0, 179.9, 0.0), (60, -179.9, 0.2), (120, 179.9, 0.0)]), "ex:x"))
    (feature,) = made["features"]
    assert feature["geometry"]["coordinates"] == [[[179.9, 0], [180, 0.1]], [[-180, 0.1], [-179.9, 0.2], [-180, 0.1]], [[180, 0.1], [179.9, 0]]]
    assert feature["properties"]["exercise"] is True


def test_movingpandas_reads_a_track_as_moving_points(run: Run, tmp_path: Path) -> None:
    run("track", str(EAST), "--out", str(tmp_path / "a.mfjson"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs: that the time zone is dropped
        import movingpandas

        (track,) = movingpandas.read_mf_json(str(tmp_path / "a.mfjson"), traj_id_property="track_id").trajectories
    rows = pl.DataFrame(said(run("track", str(EAST), "--format", "json"))["positions"])
    assert list(track.df.geometry.x) == rows["lon_deg"].round(6).to_list() and list(track.df.geometry.y) == rows["lat_deg"].round(6).to_list()
    assert [t.isoformat() for t in track.df.index] == [t[:19] for t in rows["at"].to_list()]
    assert track.df["sog_kn"].to_list() == rows["sog_kn"].round(2).to_list()


def test_a_moving_point_is_cut_at_180_degrees_needs_two_moments_and_says_that_it_is_an_exercise() -> None:
    rows = tracks([(0, 179.8, 0.0), (60, 179.9, 0.0), (120, -179.9, 0.2), (180, -179.8, 0.2), (240, 179.9, 0.0)]).with_columns(sog_kn=float("nan"))
    made = json.loads(as_mf_json(rows, "ex:x"))
    assert [f["temporalGeometry"]["coordinates"] for f in made["features"]] == [[[179.8, 0], [179.9, 0]], [[-179.9, 0.2], [-179.8, 0.2]]]
    assert all(f["properties"]["exercise"] and f["temporalProperties"][0]["sog_kn"]["values"] == [None, None] for f in made["features"])
    for f in made["features"]:  # 19-045r3: as many coordinates as moments, moments in order
        moments = f["temporalGeometry"]["datetimes"]
        assert (
            len(moments) == len(f["temporalGeometry"]["coordinates"]) and moments == sorted(set(moments)) and f["time"] == [moments[0], moments[-1]]
        )
    assert json.loads(as_mf_json(rows.clear(), "ops"))["features"] == []


@pytest.mark.parametrize("form", ["box", "file", "separator"])
def test_who_was_in_an_area(form: str, node: Path, tmp_path: Path) -> None:
    shape = shapely.box(-77.6, -12.4, -77.4, -12.3)
    (tmp_path / "box.geojson").write_text(json.dumps({"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": {}}))
    where = {"box": [BOX], "file": [str(tmp_path / "box.geojson")], "separator": []}[form]
    tail = ["--", BOX] if form == "separator" else []
    ended = CliRunner().invoke(app, ["query", "area", *where, "--data", str(node), "--format", "json", *tail])
    assert ended.exit_code == 0, ended.output
    rows = {r["mmsi"]: r for r in said(ended)}
    assert rows.keys() == {NORTH, EAST} and all(r["seen"] == "reported" and r["realm"] == "ops" for r in rows.values())
    assert rows[NORTH]["reports"] == 37 and rows[NORTH]["longest_stay_s"] == pytest.approx(2160, abs=1)


def test_who_only_passed_between_two_reports_is_told_apart(run: Run) -> None:
    narrow = "-77.5945,-12.36,-77.5935,-12.34"  # EAST sails over it within a minute
    rows = said(run("area", narrow, "--format", "json"))
    assert [(r["mmsi"], r["seen"], r["reports"], r["first_report_at"]) for r in rows] == [(EAST, "passed", 0, None)]
    assert "passed" in run("area", narrow).stdout and "cruzó" in run("area", narrow, "--lang", "es").stdout
    assert said(run("area", narrow, "--format", "json", "--most-gap", "59s")) == []
    assert "Nobody is known" in run("area", narrow, "--most-gap", "59s").stdout


def test_only_the_time_asked_for_counts(run: Run) -> None:
    (row,) = [r for r in said(run("area", BOX, "--format", "json", "--from", "2027-11-04T08:40:30Z", "--until", "2027-11-04T08:50:30Z"))
              if r["mmsi"] == NORTH]  # fmt: skip
    assert row["first_in_at"] == "2027-11-04T08:40:30.000000Z" and row["longest_stay_s"] == 600 and row["reports"] == 10


def test_a_named_area_of_a_layer(run: Run) -> None:
    assert {r["mmsi"] for r in said(run("area", "dominio marítimo", "--format", "json"))} == {NORTH, EAST, MOORED}
    run("area", "nowhere", fails="Dominio marítimo del Perú")
    run("area", "perú", fails="fits several areas")
    run("area", "perú", "--lang", "es", fails="varias áreas")


def test_an_area_across_180_degrees(run: Run, tmp_path: Path) -> None:
    rows = reports(way(EAST, 179.9, 0.5, 90.0, 12.0, 2.0))
    History(tmp_path / "history", "ops").add(rows, STATIC.empty(), {})
    (row,) = said(run("area", "179.95,0,-179.95,1", "--format", "json", data=tmp_path))
    assert row["stays"] == 1 and row["longest_stay_s"] == pytest.approx(1800, rel=0.01)
    (east,) = said(run("area", "-180,0,-179.95,1", "--format", "json", data=tmp_path))
    assert east["longest_stay_s"] == pytest.approx(900, rel=0.02)


def test_the_closest_approach(run: Run) -> None:
    (row,) = said(run("closest", str(NORTH), "--format", "json"))
    assert row["other_mmsi"] == EAST and row["distance_m"] == pytest.approx(737, abs=5) and row["at"].startswith("2027-11-04T08:55:1")
    assert row["error_m"] > 14 and row["at_edge"] is False
    text = run("closest", str(NORTH)).stdout
    assert "0.40 nm" in text and "12°20.795'S" in text and "Error up to" in text
    assert "0,40 mn" in run("closest", str(NORTH), "--lang", "es").stdout
    assert said(run("closest", str(NORTH), "--other", str(MOORED), "--format", "json")) == []
    assert said(run("closest", str(NORTH), "--within-nm", "0.3", "--format", "json")) == []
    assert "No vessel is known" in run("closest", str(NORTH), "--until", "2027-11-04T08:30:00Z").stdout
    assert len(said(run("closest", str(NORTH), "--within-nm", "100", "--format", "json"))) == 2


def test_a_vessel_that_nobody_heard(run: Run) -> None:
    ended = run("track", "700000009")
    assert "Nothing of vessel 700000009" in ended.stderr
    assert said(run("closest", "700000009", "--format", "json")) == []
    assert said(run("track", "700000009", "--format", "geojson")) == {"type": "FeatureCollection", "features": []}


def test_a_drill_says_so(run: Run, tmp_path: Path) -> None:
    drill = make_node(tmp_path / "drill", "ex:mine")
    run("area", BOX, data=drill, fails="ex:mine")
    assert "EXERCISE EXERCISE" in run("track", str(NORTH), "--realm", "ex:mine", data=drill).stdout
    ended = run("closest", str(NORTH), "--realm", "ex:mine", "--format", "json", data=drill)
    assert said(ended)[0]["realm"] == "ex:mine" and "EXERCISE" in ended.stderr


@pytest.mark.parametrize(
    ("words", "fails"),
    [
        (("track", "abc"), "is no MMSI"),
        (("track", "0"), "is no MMSI"),
        (("track", "760000001", "--from", "yesterday"), "is no moment"),
        (("track", "760000001", "--from", "2027-11-05", "--until", "2027-11-04"), "exchange them"),
        (("track", "760000001", "--format", "arrow"), "name a file with --out"),
        (("track", "760000001", "--data", "no-such-folder"), "holds nothing of a node"),
        (("area", "1,2,3"), "no area"),
        (("area", "-79,-11,-77,-13"), "S below N"),
        (("area", "-279,-13,-77,-11"), "W,S,E,N in degrees"),
        (("area", "no-such.geojson"), "is not there"),
        (("area", BOX, "--most-gap", "3 days"), "is no duration"),
        (("area", BOX, "--most-gap", "30h"), "at most"),
        (("area", BOX, "--areas", "no-such.geojson", "--odd"), "No such option"),
        (("closest", "760000001", "--other", "760000001"), "name another vessel"),
        (("closest", "760000001", "--within-nm", "0"), "within_nm"),
        (("closest", "760000001", "--within-nm", "nan"), "within_nm"),
    ],
)
def test_misuse_says_what_to_do(words: tuple[str, ...], fails: str, node: Path) -> None:
    more = [] if "--data" in words else ["--data", str(node)]
    ended = CliRunner().invoke(app, ["query", *words, *more])
    assert isinstance(ended.exception, SeawardError) or ended.exit_code == 2, ended.output
    assert fails in str(ended.exception) + ended.output


def test_cells_hold_every_place_of_their_boxes() -> None:
    places = pl.DataFrame({"lon_deg": [-180.0, 180.0, 179.99, 0.0, -77.5], "lat_deg": [0.0, 0.0, 0.0, 90.0, -12.5]})
    from seaward.store.history_reading import CELL

    rows = places.with_columns(cell=CELL)
    assert rows.filter(near_boxes([(179.5, -1, 180.5, 1)]))["lon_deg"].to_list() == [-180.0, 180.0, 179.99]
    assert rows.filter(near_boxes([(-180.5, -1, -179.5, 1)]))["lon_deg"].to_list() == [-180.0, 180.0, 179.99]
    assert rows.filter(near_boxes([(-78, 89, -77, 91), (-78, -13, -77.2, -12)]))["lat_deg"].to_list() == [-12.5]
    assert near_boxes([(-180, -90, 180, 90)]) is None
