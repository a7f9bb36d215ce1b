"""`detect --ports`: what is used, what is refused and where it shows."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import seaward
from seaward.cli.detect import Language, detect
from seaward.core.errors import InputError


def berthed() -> pl.DataFrame:
    at = pl.datetime_range(pl.datetime(2027, 11, 4), pl.datetime(2027, 11, 5), "5m", time_unit="us", time_zone="UTC", eager=True)
    return pl.DataFrame({"mmsi": [760000001] * len(at), "reported_at": at, "lon_deg": [-82.0] * len(at), "lat_deg": [-12.0] * len(at)})


def test_rows_of_ports_that_cannot_be_used_are_rejected_rows_and_the_summary_counts_them(tmp_path: Path) -> None:
    (tmp_path / "puertos.csv").write_text("nombre,lat,lon\nCallao,-12.05,-77.15\nMal,99,0\n", encoding="utf-8")
    found = seaward.detect(berthed(), ports=tmp_path / "puertos.csv")
    assert found.rejected.select("feed", "raw_offset", "rule").cast({"feed": pl.String}).rows() == [("puertos", 2, "port.latitude")]
    (given,) = found.summary["given"]
    assert (given["holds"], given["used"], given["refused"]) == ("ports", 1, 1)


def test_a_file_that_is_not_there_is_said_before_anything_is_read() -> None:
    with pytest.raises(InputError, match="nowhere"):
        seaward.detect(berthed(), ports="nowhere.csv")


def test_what_a_port_leaves_out_is_counted_by_reason_in_the_summary_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # two vessels alongside for a day, 5.6 km from a port: a meeting is left out within 10 km of it, a stay within 4 km
    (tmp_path / "ports.csv").write_text("name,lat,lon\nRoads,-12.05,-82.0\n", encoding="utf-8")
    pair = pl.concat([berthed(), berthed().with_columns(mmsi=pl.lit(760000002, pl.Int64), lat_deg=pl.lit(-12.001))])
    pair.write_parquet(tmp_path / "pair.parquet")
    given = {"kinds": "encounter,loitering", "ports": [str(tmp_path / "ports.csv")]}
    detect([str(tmp_path / "pair.parquet")], tmp_path / "out", no_report=True, **given)  # type: ignore[arg-type]
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["events_by_kind"] == {"encounter": 0, "loitering": 2} and summary["events_left_out"] == {"encounter": {"harbour": 1}}
    assert "Encounter: 0 (left out: 1 near a port or stopping place)" in capsys.readouterr().out
    detect([str(tmp_path / "pair.parquet")], tmp_path / "out", lang=Language.es, **given)  # type: ignore[arg-type]
    assert "Encuentro en la mar: 0 (omitidos: 1 cerca de un puerto o lugar de detención)" in capsys.readouterr().out
    assert "Eventos omitidos por parámetros" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
