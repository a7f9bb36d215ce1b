"""Areas: files as people write them, rules, distances to borders, and the layer of Peru."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from seaward.chart.areas import Area, Areas, border_m
from seaward.chart.read_areas import PERU, read_areas
from seaward.chart.rules import Rule, RuleError
from seaward.core.errors import InputError
from seaward.core.geodesy import geodesic_m

REAL = Path(__file__).parents[3] / "shared" / "data" / "areas" / "gfw_eezs.json"
SQUARE = [[-80.0, -13.0], [-77.0, -13.0], [-77.0, -10.0], [-80.0, -10.0], [-80.0, -13.0]]


def feature(ring: object = None, **properties: object) -> dict[str, object]:
    coordinates = [SQUARE if ring is None else ring]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": coordinates}}


def written(folder: Path, *features: object, **more: object) -> Path:
    path = folder / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)} | more), encoding="utf-8")
    return path


def test_a_zone_with_its_rule_is_read(tmp_path: Path) -> None:
    found = read_areas(written(tmp_path, feature(name="Reserva", forbids="fishing, entry", flags="pe", season="11-15/03-31", accuracy_m=100)))
    (area,) = found.areas
    assert (area.name, area.accuracy_m, found.notes, found.refused) == ("Reserva", 100.0, [], [])
    assert area.rule == Rule(frozenset({"fishing", "entry"}), flags=frozenset({"PE"}), season=((11, 15), (3, 31)))


@pytest.mark.parametrize(
    ("ring", "note"),
    [
        (SQUARE[:-1], "area.unclosed"),
        ([[y, x] for x, y in [[-120, -13], [-100, -13], [-100, -10], [-120, -10], [-120, -13]]], "area.swapped"),
        ([[170, -13], [190, -13], [190, -10], [170, -10], [170, -13]], "area.wrapped"),
        ([[170, -13], [-170, -13], [-170, -10], [170, -10], [170, -13]], "area.wrapped"),
        ([[0, 80], [90, 80], [180, 80], [-90, 80], [0, 80]], "area.pole"),
        ([[-12, -78], [-12, -77], [-11, -77], [-11, -78], [-12, -78]], "area.inland"),  # off Callao with its axes swapped
    ],
)  # fmt: skip
def test_what_can_be_mended_safely_is_mended_and_said(tmp_path: Path, ring: object, note: str) -> None:
    found = read_areas(written(tmp_path, feature(ring, name="Zona")))
    assert len(found.areas) == 1 and note in [rule for _, rule, _ in found.notes]


@pytest.mark.parametrize(
    ("broken", "rule", "word"),
    [
        (feature([[-80, -10], [-79, -9], [-79, -10], [-80, -9], [-80, -10]], name="Bow tie"), "area.shape", "crosses itself"),
        (feature([[500_000, 8_600_000], [600_000, 8_600_000], [600_000, 8_700_000], [500_000, 8_600_000]], name="UTM"), "area.shape", "WGS84"),
        (feature([], name="Empty"), "area.shape", ""),
        (feature([[-80, -10], [-79, -9]], name="Line"), "area.shape", "three corners"),
        (feature([[-80, -10], [-79, "x"], [-79, -9], [-80, -10]], name="Text"), "area.shape", "numbers"),
        (feature([[-80, -10], [-79, float("nan")], [-79, -9], [-80, -10]], name="NaN"), "area.shape", "number"),
        ({"type": "Feature", "properties": {}, "geometry": None}, "area.shape", "no geometry"),
        ({"type": "Feature", "properties": None, "geometry": {"type": "Point", "coordinates": [1, 2]}}, "area.shape", "Point"),
        ("no feature", "area.shape", "no geometry"),
        (feature(name="Flies", forbids="flying"), "area.rule", "choose from"),
        (feature(name="Flag", forbids="entry", flags="PERU"), "area.rule", "two letters"),
        (feature(name="Season", season="summer"), "area.rule", "11-15/03-31"),
        (feature(name="Length", min_length_m="long"), "area.rule", "metres"),
        (feature(name="Sure", accuracy_m="very"), "area.rule", "metres"),
        (feature(name="NaN", accuracy_m=float("nan")), "area.rule", "metres"),
        (feature(name="Far", accuracy_m=10**400), "area.rule", "metres"),
        (feature(name="Endless", min_length_m=float("inf")), "area.rule", "metres"),
        (feature(name="Less than nothing", min_length_m=-3), "area.rule", "metres"),
        ({"type": "Feature", "properties": {}, "geometry": "POLYGON"}, "area.shape", "GeoJSON"),
        ({"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": 5}}, "area.shape", "list"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_its_number_and_the_rest_is_read(tmp_path: Path, broken: object, rule: str, word: str) -> None:
    found = read_areas(written(tmp_path, feature(name="Good"), broken))
    assert [a.name for a in found.areas] == ["Good"]
    ((number, said, text),) = found.refused
    assert number == 2 and said == rule and word in text


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b"{}", b'{"type":"FeatureCollection","features":[]}', b"\x1f\x8b broken", b"PK\x03\x04", b"\x00" * 100, b"[" * 100_000],
)  # fmt: skip
def test_a_file_without_a_usable_area_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "zones.geojson"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"give|export|fetch|pip install|name a file"):
        read_areas(path)


def test_another_coordinate_reference_is_refused(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32718"}}
    with pytest.raises(InputError, match="export it in WGS84"):
        read_areas(written(tmp_path, feature(name="UTM"), crs=crs))


def test_a_zone_without_a_name_gets_one_and_says_so(tmp_path: Path) -> None:
    found = read_areas(written(tmp_path, feature()))
    assert found.areas[0].name == "zones 1" and found.notes == [(1, "area.without_name", "zones 1")]


def test_the_words_of_a_rule_are_found_in_capitals_too(tmp_path: Path) -> None:
    (area,) = read_areas(written(tmp_path, feature(NOMBRE="Reserva", FORBIDS="Fishing", MIN_LENGTH=12))).areas
    assert area.name == "Reserva" and area.rule == Rule(frozenset({"fishing"}), min_length_m=12.0)


def test_a_name_of_blanks_or_with_marks_no_file_can_hold_does_not_stop_the_watch(tmp_path: Path) -> None:
    found = read_areas(written(tmp_path, feature(name="  ", nombre="Zona"), feature(name="a\ud800b\x00\n\x1b[31m", source="\ud800")))
    assert [a.name for a in found.areas] == ["Zona", "a b [31m"] and found.areas[1].source == "" and found.notes == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_of_the_encoding_are_understood(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, feature(name="Ñandú"))
    path.write_text(json.dumps(json.loads(path.read_text()), ensure_ascii=False), encoding=encoding)
    assert read_areas(path).areas[0].name == "Ñandú"


def test_ten_thousand_parts_are_one_area(tmp_path: Path) -> None:
    x, y = np.meshgrid(np.arange(100) * 0.1 - 80, np.arange(100) * 0.1 - 15)
    parts = [[[[a, b], [a + 0.05, b], [a + 0.05, b + 0.05], [a, b + 0.05], [a, b]]] for a, b in zip(x.ravel(), y.ravel(), strict=True)]
    many = {"type": "Feature", "properties": {"name": "Many"}, "geometry": {"type": "MultiPolygon", "coordinates": parts}}
    areas = Areas(tuple(read_areas(written(tmp_path, many)).areas))
    assert areas.names_at(np.array([-79.975, -79.925]), np.array([-14.975, -14.975])) == [["Many"], []]


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "parquet"])
def test_a_box_wider_than_180_degrees_is_the_same_in_every_format(tmp_path: Path, suffix: str) -> None:
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.GeoDataFrame({"name": ["Ancho"]}, geometry=[shapely.box(-100, -10, 100, 10)], crs=4326)
    path = tmp_path / f"ancho.{suffix}"
    frame.to_parquet(path) if suffix == "parquet" else frame.to_file(path)
    found = read_areas(path)
    assert found.areas[0].shape.area == pytest.approx(200 * 20) and ("area.wide", "Ancho") in [note[1:] for note in found.notes]


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "parquet"])
def test_geopackage_shapefile_and_geoparquet_are_read_in_any_reference(tmp_path: Path, suffix: str) -> None:
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.GeoDataFrame({"name": ["Reserva"], "forbids": ["entry"]}, geometry=[shapely.Polygon(SQUARE)], crs=4326).to_crs(32718)
    path = tmp_path / f"zones.{suffix}"
    frame.to_parquet(path) if suffix == "parquet" else frame.to_file(path)
    (area,) = read_areas(path).areas
    assert area.name == "Reserva" and area.rule.forbids == {"entry"}
    assert area.shape.symmetric_difference(shapely.Polygon(SQUARE)).area < 1e-3


@given(st.floats(-85, 85), st.floats(-179, 179), st.floats(0.05, 0.9))
def test_the_distance_to_a_border_is_that_of_the_ellipsoid(lat: float, lon: float, half_deg: float) -> None:
    square = shapely.box(lon - 0.01, lat - half_deg, lon + 0.01, lat + half_deg)  # north and south are further than east and west
    expected = float(geodesic_m(lon, lat, lon + 0.01, lat))
    assert border_m(square, np.array([lon]), np.array([lat]))[0] == pytest.approx(expected, rel=0.01)


def test_cuts_at_180_degrees_and_the_pole_are_no_borders() -> None:
    across = shapely.MultiPolygon([shapely.box(170, -20, 180, -10), shapely.box(-180, -20, -170, -10)])
    assert border_m(across, np.array([180.0, -180.0]), np.array([-15.0, -15.0])) == pytest.approx(5 * 111_195, rel=0.01)
    assert border_m(shapely.box(-180, -90, 180, 90), np.array([0.0]), np.array([0.0]))[0] == np.inf


JULY, JANUARY = datetime(2027, 7, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "flag", "ship_type", "length_m", "at", "binds"),
    [
        (Rule(), "PE", 30, 20.0, JULY, True),
        (Rule(flags=frozenset({"CN"})), "PE", 30, 20.0, JULY, False),
        (Rule(flags=frozenset({"CN"})), None, 30, 20.0, JULY, True),
        (Rule(free_flags=frozenset({"PE"})), "PE", 30, 20.0, JULY, False),
        (Rule(classes=frozenset({"fishing"})), "PE", 70, 20.0, JULY, False),
        (Rule(classes=frozenset({"fishing"})), "PE", None, 20.0, JULY, True),
        (Rule(min_length_m=15.0), "PE", 30, 12.0, JULY, False),
        (Rule(min_length_m=15.0), "PE", 30, None, JULY, True),
        (Rule(season=((11, 15), (3, 31))), "PE", 30, 20.0, JANUARY, True),
        (Rule(season=((11, 15), (3, 31))), "PE", 30, 20.0, JULY, False),
        (Rule(season=((6, 1), (7, 1))), "PE", 30, 20.0, JULY, True),
    ],
)  # fmt: skip
def test_what_is_not_known_of_a_vessel_does_not_free_it_of_a_rule(rule, flag, ship_type, length_m, at, binds) -> None:
    assert rule.binds(flag, ship_type, length_m, at) is binds


def test_a_rule_in_a_wrong_form_is_refused() -> None:
    with pytest.raises(RuleError, match="words"):
        Rule.of({"forbids": 7})


def test_overlapping_areas_are_all_named() -> None:
    box = shapely.box(-80, -13, -77, -10)
    areas = Areas((Area("One", box), Area("Two", box.buffer(1)), Area("Far", shapely.box(0, 0, 1, 1))))
    assert areas.names_at(np.array([-78.0, 50.0]), np.array([-12.0, 50.0])) == [["One", "Two"], []]


class TestPeru:
    """The layer in the package."""

    domain, strip = (a.shape for a in read_areas(PERU).areas)

    def test_it_is_valid_and_each_run_of_vertices_has_a_source(self) -> None:
        packed = gzip.decompress(files("seaward.chart").joinpath("peru.geojson.gz").read_bytes())
        for one in json.loads(packed)["features"]:
            runs, ring = one["properties"]["vertices"], one["geometry"]["coordinates"][0]
            assert [r[0] for r in runs] == [0, *(r[1] + 1 for r in runs[:-1])] and runs[-1][1] == len(ring) - 1
            assert {r[2] for r in runs} == set(one["properties"]["sources"])
            assert "not a legal boundary" in one["properties"]["source"] and shapely.Polygon(ring).is_valid

    def test_agreed_points_lie_on_its_border(self) -> None:
        start, a = (-(70 + 22 / 60 + 49.8 / 3600), -(18 + 21 / 60 + 0.42 / 3600)), (-71.7823, -18.35012)
        assert float(geodesic_m(*start, *a)) == pytest.approx(80 * 1852, abs=60)  # along the parallel it is 10 m more
        for lon, lat in (start, a, (-84.0, -(3 + 23 / 60 + 31.65 / 3600))):
            assert border_m(self.domain, np.array([lon]), np.array([lat]))[0] < 60

    def test_places_at_sea_and_in_port_lie_where_they_should(self) -> None:
        inside = {"Callao roads": (-77.2, -12.05), "off Paita": (-82.5, -5.0), "off Ilo": (-72.0, -18.2)}
        outside = {"Arica roads": (-70.36, -18.45), "Guayaquil": (-80.5, -3.2), "mile 210": (-81.6, -12.6), "Iquique": (-70.5, -20.2)}
        for places, expected in ((inside, True), (outside, False)):
            for name, (lon, lat) in places.items():
                assert self.domain.contains(shapely.Point(lon, lat)) is expected, name

    def test_the_strip_is_five_miles_wide_and_within_the_domain(self) -> None:
        assert self.strip.difference(self.domain).area < 1e-4  # degrees squared: both are simplified to 50 m
        assert self.strip.contains(shapely.Point(-77.20, -12.05)) and not self.strip.contains(shapely.Point(-77.30, -12.25))

    @pytest.mark.skipif(not REAL.exists(), reason="the polygons of others are not in this folder")
    def test_it_agrees_with_an_independent_simplified_polygon(self) -> None:
        shapes = {f["properties"]["name"]: shapely.geometry.shape(f["geometry"]) for f in json.loads(REAL.read_text(encoding="utf-8"))}
        other = shapes["Peru"]
        assert self.domain.intersection(other).area / self.domain.union(other).area > 0.9
        for lon, lat in ((-71.78, -18.35), (-73.73, -19.97), (-73.73, -20.21), (-84.47, -3.39)):  # A, B, C and the north-west corner of theirs
            assert border_m(self.domain, np.array([lon]), np.array([lat]))[0] < (25_000 if lon < -80 else 6_000)


@pytest.mark.skipif(not REAL.exists(), reason="the polygons of others are not in this folder")
@pytest.mark.parametrize(("file", "refused"), [("gfw_rfmos.json", 0), ("gfw_fao.json", 0), ("gfw_eezs.json", 1)])
def test_published_areas_are_read_and_what_cannot_be_told_is_refused(file: str, refused: int) -> None:
    found = read_areas(REAL.parent / file)
    assert len(found.refused) == refused and all("crosses itself" in text for _, _, text in found.refused)
