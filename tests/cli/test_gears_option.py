"""`detect --gear` and `--gears`: whose gear is known, what is refused, and that fishing inside an area goes by the same gear."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import seaward
from seaward.cli.main import app
from seaward.core.errors import InputError, ParameterError, RealmError

TOWS, SLOW = 412_000_001, 412_000_002  # one to and fro at 3 knots; one straight on, at times at 1.7 knots


@pytest.fixture(scope="module")
def reports() -> pl.DataFrame:
    at = pl.datetime_range(pl.datetime(2027, 11, 4), pl.datetime(2027, 11, 4, 14), "5m", time_unit="us", time_zone="UTC", eager=True)
    tows = [3.0 if 24 <= k < 144 else 10.0 for k in range(len(at))]
    slow = [(5.5 if k % 42 < 12 else 1.7 if k % 42 < 30 else 6.5) for k in range(len(at))]

    def ship(mmsi: int, lon: float, sog_kn: list[float], turns: Callable[[int], bool]) -> pl.DataFrame:
        way = [v / 720 * (-1 if turns(k) else 1) for k, v in enumerate(sog_kn)]  # degrees in five minutes
        return pl.DataFrame({"mmsi": mmsi, "reported_at": at, "lon_deg": lon, "lat_deg": -13.5 + np.cumsum(way), "sog_kn": sog_kn})

    return pl.concat([ship(TOWS, -80.0, tows, lambda k: 24 <= k < 144 and k // 12 % 2 == 1), ship(SLOW, -79.5, slow, lambda k: False)])


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """Nobody may fish where both do."""
    ring = [[-81.0, -14.0], [-79.0, -14.0], [-79.0, -12.0], [-81.0, -12.0], [-81.0, -14.0]]
    area = {"type": "Feature", "properties": {"name": "Veda", "forbids": "fishing"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (tmp_path / "veda.json").write_text(json.dumps(area))
    return tmp_path / "veda.json"


def written(folder: Path, *rows: str, header: str = "mmsi,gear", name: str = "gears.csv") -> Path:
    (folder / name).write_text("\n".join([header, *rows]), encoding="utf-8")
    return folder / name


def said(events: pl.DataFrame, kind: str) -> dict[int, set[str]]:
    """By vessel, what is said of gears."""
    rows = events.filter(pl.col("kind") == kind).select("vessel_ids", "reasons").iter_rows()
    gears: dict[int, set[str]] = {}
    for who, reasons in rows:
        gears.setdefault(int(who[0].removeprefix("mmsi:")), set()).update(
            r["code"].removeprefix("fishing.") for r in reasons if r["code"].startswith(("fishing.given_", "fishing.gear_"))
        )
    return gears


def test_without_either_no_gear_is_asked_for(reports: pl.DataFrame, closed: Path) -> None:
    found = seaward.detect(reports, areas=closed, kinds=["fishing", "area"])
    assert said(found.events, "fishing") == said(found.events, "area") == {TOWS: set(), SLOW: set()}
    assert found.summary["parameters"]["fishing"]["gear"] == "any" and found.summary["parameters"]["fishing"]["gears"] == {}


def test_gears_of_single_vessels_go_before_the_gear_of_all_and_hold_inside_areas_too(reports: pl.DataFrame, closed: Path, tmp_path: Path) -> None:
    file = written(tmp_path, f"{SLOW},pots")
    for gears in (file, {str(SLOW): "pots"}, {f"mmsi:{SLOW}": "pots"}):
        found = seaward.detect(reports, areas=closed, kinds=["fishing", "area"], gear="trawl", gears=gears)
        told = {TOWS: {"given_trawl"}, SLOW: {"given_pots"}}
        assert said(found.events, "fishing") == said(found.events, "area") == told
        for kind in ("fishing", "area"):
            assert found.summary["parameters"][kind]["gear"] == "trawl" and found.summary["parameters"][kind]["gears"] == {"pots": 1}


def test_unknown_leaves_a_slow_straight_way_alone_inside_areas_too(reports: pl.DataFrame, closed: Path) -> None:
    found = seaward.detect(reports, areas=closed, gear="unknown", kinds=["fishing", "area"])
    assert {*said(found.events, "fishing")} == {*said(found.events, "area")} == {TOWS}


def test_rows_that_cannot_be_used_are_rejected_rows_with_their_number(reports: pl.DataFrame, tmp_path: Path) -> None:
    rows = [f"{TOWS},Trawl", "", "41200000,pots", f"{SLOW},harpoon", f"{TOWS},pots", ",pots", f"{SLOW}"]
    found = seaward.detect(reports, gears=written(tmp_path, *rows), kinds=["fishing"])
    refused = found.rejected.select("feed", "raw_offset", "rule", "value").cast({"feed": pl.String}).rows()
    assert refused == [
        ("gears", 3, "gear.mmsi", "41200000: pots"), ("gears", 4, "gear.name", f"{SLOW}: harpoon"), ("gears", 5, "gear.again", f"{TOWS}: pots"),
        ("gears", 6, "gear.mmsi", ": pots"), ("gears", 7, "gear.name", f"{SLOW}:"),
    ]  # fmt: skip
    (given,) = found.summary["given"]
    assert (given["holds"], given["used"], given["refused"]) == ("gears", 1, 5)
    assert said(found.events, "fishing")[TOWS] == {"given_trawl"}


def test_a_vessel_that_two_files_name_keeps_the_gear_of_the_first(reports: pl.DataFrame, tmp_path: Path) -> None:
    files = [written(tmp_path, f"{TOWS},trawl"), written(tmp_path, f"{TOWS},pots", f"{SLOW},pots", name="more.csv")]
    found = seaward.detect(reports, gears=files, kinds=["fishing"])
    assert found.rejected.select("feed", "raw_offset", "rule").cast({"feed": pl.String}).rows() == [("more", 1, "gear.again")]
    assert said(found.events, "fishing") == {TOWS: {"given_trawl"}, SLOW: {"given_pots"}}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Arte;MMSI", "purse-seine;412000001"),
        ("MMSI\tGear type", "412000001\tPurse Seine"),
        ("\ufeffmmsi,gear", '"412000001","PURSE_SEINE"'),
    ],
)
def test_separators_capitals_and_the_order_of_columns_do_not_matter(reports: pl.DataFrame, tmp_path: Path, header: str, row: str) -> None:
    path = tmp_path / "fleet.csv.gz"
    path.write_bytes(gzip.compress(f"{header}\r\n{row}\r\n".encode()))
    found = seaward.detect(reports, gears=path, kinds=["fishing"])
    assert found.summary["parameters"]["fishing"]["gears"] == {"purse_seine": 1} and found.rejected.is_empty()


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "no column for mmsi and gear; its columns are none"), ("mmsi,name\n1,a", "no column for gear"), ("mmsi,gear\n", "it has no rows"),
     ("mmsi,gear\n412000001,harpoon", "row 1: 412000001: harpoon.*trawl"), ("mmsi,gear\n\0", "is not text"),
     ("mmsi,gear\n" + "9" * 200_000, "not a CSV file of gears")],
    ids=["empty", "no gear", "header only", "no usable row", "binary", "a field without end"],
)  # fmt: skip
def test_a_file_of_which_nothing_can_be_used_is_refused_before_anything_is_read(reports: pl.DataFrame, tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "gears.csv").write_text(text)
    with pytest.raises(InputError, match=why):
        seaward.detect(reports, gears=tmp_path / "gears.csv")


def test_a_gear_that_is_none_and_a_file_of_another_drill_are_refused(reports: pl.DataFrame, tmp_path: Path) -> None:
    for given in ({"gear": "harpoon"}, {"gears": {str(TOWS): "harpoon"}}):
        with pytest.raises(ParameterError, match="'harpoon'; choose from unknown, any, trawl"):
            seaward.detect(reports, **given)  # type: ignore[arg-type]
    drill = written(tmp_path, f"{TOWS},trawl", name="ex-other.gears.csv")
    for realm in ("ops", "ex:mine"):
        with pytest.raises(RealmError, match="ex:other"):
            seaward.detect(reports, gears=drill, realm=realm)


def test_the_command_takes_both_and_says_what_was_used_and_refused(reports: pl.DataFrame, tmp_path: Path) -> None:
    reports.write_parquet(tmp_path / "reports.parquet")
    gears = written(tmp_path, f"{SLOW},pots", "1,pots")
    said_by = {"en": "gears: gears of 1 vessels used, rows refused 1", "es": "gears: artes de pesca de 1 naves usadas, filas rechazadas 1"}
    for language, line in said_by.items():
        out = tmp_path / language
        told = ["detect", str(tmp_path / "reports.parquet"), "--out", str(out), "--gear", "trawl", "--gears", str(gears), "--lang", language]
        result = CliRunner().invoke(app, [*told, "--kinds", "fishing"])
        assert result.exit_code == 0 and line in result.output
        assert said(pl.read_parquet(out / "events.parquet"), "fishing") == {TOWS: {"given_trawl"}, SLOW: {"given_pots"}}
        page = (out / "report.html").read_text(encoding="utf-8")
        assert {"en": "write its nine digits", "es": "escriba sus nueve dígitos"}[language] in page
        assert {"en": "number 2", "es": "número 2"}[language] in page


def test_the_command_refuses_a_gear_that_is_none(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["detect", "x.nmea", "--out", str(tmp_path / "out"), "--gear", "harpoon"])
    assert isinstance(result.exception, ParameterError) and "choose from" in str(result.exception)
