"""Named places: which is nearest, and files of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.chart.places import Places
from seaward.chart.read_places import read_places
from seaward.core.errors import InputError
from seaward.core.geodesy import great_circle_m

THREE = Places(("Callao", "Suva", "Nome"), np.array([-77.15, 178.44, -165.4]), np.array([-12.05, -18.14, 64.5]), ("", "", ""))


def test_by_hand_one_degree_north_of_callao_is_sixty_miles_on_bearing_zero() -> None:
    which, away_m = THREE.nearest([-77.15], [-11.05])
    assert which.tolist() == [0] and away_m[0] == pytest.approx(111_195, abs=1)
    assert THREE.bearing_deg(which, [-77.15], [-11.05])[0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("lon", [-179.0, 181.0, 541.0])
def test_across_180_degrees_the_nearest_is_found_and_lies_to_the_west(lon: float) -> None:
    which, away_m = THREE.nearest([lon], [-18.14])
    assert which.tolist() == [1] and away_m[0] == pytest.approx(great_circle_m(178.44, -18.14, -179, -18.14), abs=1)
    assert THREE.bearing_deg(which, [lon], [-18.14])[0] == pytest.approx(90, abs=1)


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=20), st.floats(-180, 180), st.floats(-90, 90))
def test_no_other_place_is_nearer(points: list[tuple[float, float]], lon: float, lat: float) -> None:
    lons, lats = (np.array(c, float) for c in zip(*points, strict=True))
    _, away_m = Places(tuple("x" * len(points)), lons, lats, ("",) * len(points)).nearest([lon], [lat])
    assert away_m[0] <= great_circle_m(lons, lats, lon, lat).min() + 0.5


def test_joined_places_are_those_of_all() -> None:
    both = Places.join([THREE, None, THREE])
    assert both is not None and len(both) == 6
    assert Places.join([None, THREE]) is THREE and Places.join([]) is None


@pytest.mark.parametrize(
    "text",
    [
        "iso3,label,sublabel,latitude,longitude,category\nPER,Máncora,,-4.1068,-81.0497,Caleta\n",
        "NOMBRE;Latitud;Longitud;Tipo\r\nMáncora;-4,1068;-81,0497;Caleta\r\n",
        "lon\tlat\tname\tkind\n278.9503\t-4.1068\tMáncora\tCaleta\n-81.0497\t-4.1068\tMáncora\tCaleta\n",
    ],
    ids=["commas", "semicolons_and_decimal_commas", "tabs_with_a_row_that_counts_to_360"],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1"])
def test_columns_are_found_by_common_names_in_common_dialects(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "ports.csv").write_bytes(text.encode(encoding))
    found = read_places(tmp_path / "ports.csv")
    assert (found.name, found.places.names, found.places.kinds) == ("ports", ("Máncora",), ("Caleta",))
    assert (found.places.lon_deg[0], found.places.lat_deg[0]) == (pytest.approx(-81.0497), -4.1068)


def test_bad_rows_are_refused_by_number_and_rule_and_the_others_kept(tmp_path: Path) -> None:
    rows = ["Callao,-12.05,-77.15", "Swapped,-177.1,-12", "No number,x,-77", "Nowhere,0,0", ",-12,-77", "", "Short,-12", "Brazil,-15.8,-60,9"]
    rows += ["Inf,inf,1"]
    (tmp_path / "p.csv.gz").write_bytes(gzip.compress("\n".join(["name,lat,lon", *rows]).encode()))
    found = read_places(tmp_path / "p.csv.gz")
    assert found.places.names == ("Callao", "Brazil")
    assert [(n, rule) for n, rule, _ in found.refused] == [
        (2, "port.latitude"), (3, "port.latitude"), (4, "port.position"), (5, "port.name"), (7, "port.longitude"), (9, "port.latitude")
    ]  # fmt: skip
    assert [(n, rule) for n, rule, _ in found.notes] == [(8, "port.inland")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"name,lat\nCallao,-12\n", "longitude"),
        (b"", "no column"),
        (b"name,lat,lon\n", "no rows"),
        (b"name,lat,lon\nCallao,x,y\n", "row 1"),
        (b"\x1f\x8bnot gzip", "damaged"),
        (b"PK\x00\x00", "not text"),
        (b"name,lat,lon\nCallao,-12,05,-77,15\n", "decimal commas"),
    ],
    ids=["a_column_missing", "empty", "header_alone", "no_usable_row", "damaged_gzip", "binary", "decimal_commas_between_commas"],
)
def test_a_file_without_a_usable_place_is_refused_with_what_to_do(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "p.csv").write_bytes(content)
    with pytest.raises(InputError, match=says):
        read_places(tmp_path / "p.csv")


def test_a_name_on_two_lines_is_one_name_and_lines_before_the_header_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text('\n\nname,lat,lon\n"Caleta\nde Chorrillos",-12.16,-77.03\n"a\x1b[31m",-12,-77\n', encoding="utf-8")
    assert read_places(tmp_path / "p.csv").places.names == ("Caleta de Chorrillos", "a [31m")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_places(tmp_path / "none.csv")
