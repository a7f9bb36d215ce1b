"""Places of others: the fishing ports of Peru against the World Port Index."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from seaward.chart.read_places import read_places
from seaward.core.geodesy import great_circle_m

_MATCHES_M = 5_000.0  # the World Port Index gives whole minutes, and a bay's name for its port


def _plain(name: str) -> set[str]:
    text = unicodedata.normalize("NFD", name.lower())
    return set("".join(c for c in text if not unicodedata.combining(c)).split()) - {"puerto", "del", "de"}


def test_every_major_port_of_peru_lies_within_five_kilometres_of_one_of_the_same_name_in_the_world_port_index(real_data: Path) -> None:
    ports, index = (read_places(real_data / "anchorages" / f"{name}.csv").places for name in ("peru", "WPI_ports"))
    which, away_m = index.nearest(ports.lon_deg, ports.lat_deg)
    major = [k for k, kind in enumerate(ports.kinds) if kind == "Puerto Mayor" and ports.names[k] != "General San Martín"]  # not in the index
    assert len(major) == 6
    for k in major:
        assert away_m[k] < _MATCHES_M and _plain(ports.names[k]) & _plain(index.names[which[k]]), ports.names[k]


def test_the_nearest_of_sixty_thousand_anchorages_is_the_nearest_of_all(real_data: Path) -> None:
    file = read_places(real_data / "anchorages" / "anchorage_overrides.csv")
    assert (len(file.places), [rule for _, rule, _ in file.refused]) == (60_409, ["port.longitude"])
    ports = read_places(real_data / "anchorages" / "peru.csv").places
    _, away_m = file.places.nearest(ports.lon_deg, ports.lat_deg)
    for k in range(len(ports)):
        assert abs(away_m[k] - great_circle_m(file.places.lon_deg, file.places.lat_deg, ports.lon_deg[k], ports.lat_deg[k]).min()) < 1
