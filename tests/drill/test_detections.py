"""What looks and radars see and miss, and where."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from seaward.chart.shore import shore_m
from seaward.core.geodesy import great_circle_m
from seaward.core.sun import sun_elevation_deg
from seaward.core.units import at_to_us
from seaward.drill.detections import area_km2, chance_by_length, false_alarms
from seaward.drill.line_of_sight import antenna_m, horizon_m
from seaward.drill.observe import observe
from seaward.drill.scenario import Sensor, Station
from seaward.feeds.detections import read_detections
from tests.drill.sensor_sea import BBOX, CALLAO, REALM, SEED, START, cast, cut, sea

DAY = datetime(2027, 11, 4, 17, tzinfo=UTC)


def seen(tmp_path, sensor: Sensor, n: int = 400, start: datetime = START, minutes: float = 30.0, **said) -> pl.DataFrame:
    made = observe(cast(n, **said), [sea(n, minutes)], (sensor,), start, tmp_path, REALM, seed=SEED, bbox=BBOX)[sensor.id]
    return read_detections(made.path, REALM)[0] if made.rows else pl.DataFrame()


def test_half_are_seen_at_the_least_length_and_more_of_the_large() -> None:
    chance = chance_by_length(np.array([1.0, 15.0, 40.0, 300.0]), 0.9, 15.0)
    assert chance[1] == pytest.approx(0.45) and chance[0] < 0.05 and chance[3] == pytest.approx(0.9) and (np.diff(chance) > 0).all()


@pytest.mark.parametrize(("length_m", "low", "high"), [(150.0, 0.84, 0.96), (15.0, 0.38, 0.52), (6.0, 0.0, 0.12)])
def test_a_radar_satellite_misses_by_length(tmp_path, length_m, low, high) -> None:
    sensor = Sensor("sar", "sar", passes_ms=(600_000,), footprint=(-80.0, -18.0, -77.0, -11.0))
    assert low < len(seen(tmp_path, sensor, length_m=length_m)) / 400 < high


def test_a_detection_is_off_by_its_error_and_measures_the_length(tmp_path) -> None:
    sensor = Sensor("sar", "sar", passes_ms=(600_000,), footprint=(-80.0, -18.0, -77.0, -11.0), error_m=80.0)
    rows = seen(tmp_path, sensor)
    true_lon, true_lat = sea(400).lon_deg[60], sea(400).lat_deg[60]
    nearest = [np.abs(true_lat - lat).argmin() for lat in rows["lat_deg"]]
    east = (rows["lon_deg"].to_numpy() - true_lon[nearest]) * 111_195 * np.cos(np.radians(rows["lat_deg"].to_numpy()))
    assert np.std(east) == pytest.approx(80, rel=0.15) and (rows["error_m"] == 80).all()
    assert rows["length_m"].median() == pytest.approx(150, rel=0.05) and rows["length_error_m"].median() == pytest.approx(22.5, rel=0.05)
    assert (rows["at"] == START.replace(minute=10)).all()


def test_pictures_are_taken_by_daylight_only(tmp_path) -> None:
    sensor = Sensor("eye", "optical", passes_ms=(600_000,), footprint=(-80.0, -18.0, -77.0, -11.0), false_per_1000_km2=1.0)
    assert len(seen(tmp_path, sensor, start=DAY)) > 300 and seen(tmp_path, sensor, start=DAY.replace(hour=4)).is_empty()


def test_the_sun_stands_where_almanacs_say() -> None:
    def height(lon: float, lat: float, *when: int) -> float:
        return sun_elevation_deg(at_to_us(datetime(*when, tzinfo=UTC)), lon, lat)  # type: ignore[arg-type]

    assert height(0.0, 51.48, 2024, 6, 20, 12) == pytest.approx(90 - 51.48 + 23.44, abs=0.3)  # the June solstice at Greenwich, by hand
    assert height(0.0, 0.0, 2024, 3, 20, 6) == pytest.approx(0.0, abs=2.0)  # sunrise at the equinox, less the equation of time of 7 min
    assert height(-77.0, -12.0, 2027, 11, 4, 4) < -50


def test_false_alarms_are_as_many_as_said_and_at_sea() -> None:
    box = (-82.0, -14.0, -76.0, -8.0)
    assert area_km2((0.0, 0.0, 1.0, 1.0)) == pytest.approx(12_364, rel=0.001)  # a square degree at the equator, by hand
    lon, lat = false_alarms((-90.0, -14.0, -84.0, -8.0), 1.0, np.random.default_rng(1))
    assert len(lon) == pytest.approx(area_km2((-90.0, -14.0, -84.0, -8.0)) / 1000, rel=0.2)
    lon, lat = false_alarms(box, 2.0, np.random.default_rng(1))
    assert (shore_m(lon, lat) > 0).all() and 0.5 * area_km2(box) / 500 < len(lon) < 0.97 * area_km2(box) / 500


def test_the_order_of_detections_does_not_tell_which_are_false(tmp_path) -> None:
    sensor = Sensor("sar", "sar", passes_ms=(600_000,), false_per_1000_km2=2.0)
    rows = seen(tmp_path, sensor, n=60)
    assert rows["lon_deg"].is_sorted() and len(rows) > 60


def test_a_look_is_handed_over_after_its_delay(tmp_path) -> None:
    people = cast()
    sensor = Sensor("sar", "sar", passes_ms=(0, 600_000, 1_500_000), footprint=BBOX, delay_ms=700_000)
    made = observe(people, cut(sea(minutes=30), 1), (sensor,), START, tmp_path, REALM, seed=SEED)["sar"]
    times = set(read_detections(made.path, REALM)[0]["at"])
    assert times == {START, START.replace(minute=10)} and made.held == 1


def test_a_coastal_radar_sees_no_farther_than_its_horizon(tmp_path) -> None:
    station = Station("EX-CALLAO", CALLAO.at, 80.0, (600_000, 1_000_000))
    sensor = Sensor("radar", "coastal_radar", (station,), every_ms=300_000, error_m=1.0, detect=1.0)
    for length_m in (15.0, 200.0):
        rows = seen(tmp_path, sensor, length_m=length_m)
        reach_m = horizon_m(80.0) + horizon_m(float(antenna_m(np.array(length_m))))
        away = great_circle_m(rows["lon_deg"], rows["lat_deg"], *CALLAO.at)
        assert 0.95 * reach_m < away.max() < reach_m + 5
        minutes = {t.minute for t in rows["at"]}
        assert minutes == {5, 20, 25, 30}


def test_clutter_comes_from_the_sea_within_the_radar_horizon(tmp_path) -> None:
    sensor = Sensor("radar", "coastal_radar", (CALLAO,), every_ms=600_000, detect=0.0, false_per_1000_km2=20.0)
    rows = seen(tmp_path, sensor)
    assert len(rows) > 20 and great_circle_m(rows["lon_deg"], rows["lat_deg"], *CALLAO.at).max() < horizon_m(60.0) + horizon_m(2.0) + 10
