"""What a monitoring centre is told: hourly, late, sealed."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from seaward.core.geodesy import great_circle_m
from seaward.drill.hulls import Claim, FalsePlace
from seaward.drill.observe import observe
from seaward.drill.scenario import Sensor
from tests.drill.sensor_sea import REALM, SEED, START, cast, cut, sea

HOURLY = Sensor("centre", "vms", every_ms=3_600_000, carriers=("cargo",))


def told(tmp_path, sensor: Sensor = HOURLY, n: int = 40, minutes: float = 300.0, ticks: int = 10_000, **said) -> pl.DataFrame:
    made = observe(cast(n, **said), cut(sea(n, minutes), ticks), (sensor,), START, tmp_path, REALM, seed=SEED)["centre"]
    rows = pl.read_csv(made.path)
    assert len(rows) == made.rows
    return rows.with_columns(pl.col("timestamp").str.to_datetime(time_zone="UTC"))


def test_carriers_are_polled_every_hour_each_in_its_own_minute(tmp_path) -> None:
    rows = told(tmp_path)
    gaps = rows.sort("mmsi", "timestamp").select(pl.col("timestamp").diff().over("mmsi")).to_series().drop_nulls()
    assert set(gaps) <= {timedelta(hours=1), timedelta(hours=2)} and (gaps == timedelta(hours=1)).mean() > 0.95
    assert rows["mmsi"].n_unique() == 40 and rows["timestamp"].dt.minute().n_unique() > 20
    assert 0.97 * 200 < len(rows) <= 200


def test_kinds_that_carry_none_are_not_polled(tmp_path) -> None:
    made = observe(cast(kind="go_fast"), [sea()], (HOURLY,), START, tmp_path, REALM, seed=SEED)["centre"]
    assert made.rows == 0 and made.held == 0


def test_rows_are_near_the_truth_and_in_order_of_arrival(tmp_path) -> None:
    rows = told(tmp_path)
    seconds = (rows["timestamp"] - START).dt.total_seconds().to_numpy()
    assert (np.diff(seconds) >= 0).all()
    true = sea(40, 300)
    hull = rows["mmsi"].to_numpy() - 100_000_000
    lat = np.array([np.interp(t * 1000, true.at_ms, true.lat_deg[:, h]) for t, h in zip(seconds, hull, strict=True)])
    off = great_circle_m(rows["longitude"], rows["latitude"], true.lon_deg[0, hull], lat)
    assert np.median(off) == pytest.approx(14, abs=6) and off.max() < 60


def test_what_is_late_is_told_later_and_not_before_the_end(tmp_path) -> None:
    late = Sensor("centre", "vms", every_ms=3_600_000, carriers=("cargo",), delay_ms=3_600_000)
    made = observe(cast(40), cut(sea(40, 150), 10), (late,), START, tmp_path, REALM, seed=SEED)["centre"]
    rows = pl.read_csv(made.path).with_columns(pl.col("timestamp").str.to_datetime(time_zone="UTC"))
    assert rows["timestamp"].max() <= START + timedelta(minutes=90) and made.held > 30  # type: ignore[operator]


def test_the_transponder_tells_the_true_identity_though_ais_is_off_or_lies(tmp_path) -> None:
    claim, circle = Claim(0, 0, 1 << 40, 199_000_000, "OTHER (EX)", "EX9"), FalsePlace(0, 0, 1 << 40, "jump", -70.0, 0.0)
    lies = told(tmp_path, claims=(claim,), false_places=(circle,), switches=((1, 0, False),))
    assert lies.equals(told(tmp_path))


def test_interference_deceives_the_transponder_too(tmp_path) -> None:
    jammed = FalsePlace(-1, 3_600_000, 7_200_000, "jump", -76.0, -11.0, around_deg=(-77.29, -12.3), within_m=10**6)
    rows = told(tmp_path, false_places=(jammed,))
    hour = (rows["timestamp"] - START).dt.total_seconds() / 3600
    there = great_circle_m(rows["longitude"], rows["latitude"], -76.0, -11.0) < 100
    assert (there == ((hour >= 1) & (hour < 2)).to_numpy()).all() and there.sum() > 30
