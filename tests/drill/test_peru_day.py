"""The day off Peru: well formed, repeatable, not to be taken for real, and with what it promises in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pyais import decode

from seaward.chart.shore import shore_m
from seaward.core.geodesy import great_circle_m
from seaward.core.units import HOUR_S, nm_to_m
from tests.made_up_day.ais_encode import checksum
from tests.made_up_day.fleet import Ship, peru_fleet
from tests.made_up_day.peru_aids import SCENE_S, UNTRACKED_DEG, write_peru_aids
from tests.made_up_day.peru_day import BAD_CHECKSUMS, peru_day_lines, write_peru_day
from tests.made_up_day.reception import transmissions

START = datetime(2027, 11, 4, tzinfo=UTC)
LINE = re.compile(r"\\((?:g:\d-\d-\d+,)?s:(EX-[A-Z]+),c:(\d{10}))\*([0-9A-F]{2})\\!(AIVDM,[12],[12],\d?,[AB],[0-W`-w]+,[0-5])\*([0-9A-F]{2})")


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return peru_day_lines(seed=1, start=START)


@pytest.fixture(scope="module")
def fixes() -> dict[str, pl.DataFrame]:
    return {s.name: transmissions(s, 1, n) for n, s in enumerate(peru_fleet(1))}


def test_every_line_has_the_form_of_nmea_and_all_but_a_few_checksums_hold(lines: list[str]) -> None:
    matches = [LINE.fullmatch(line) for line in lines[1:]]
    assert all(matches)
    assert sum(checksum(m[5]) != m[6] for m in matches if m) == BAD_CHECKSUMS
    assert all(checksum(m[1]) == m[4] for m in matches if m)
    assert 50_000 < len(lines) < 150_000


def test_lines_come_in_the_order_and_within_the_day(lines: list[str]) -> None:
    seconds = [int(m[3]) for line in lines if (m := LINE.fullmatch(line))]
    assert seconds == sorted(seconds)
    assert seconds[0] >= START.timestamp() and seconds[-1] - START.timestamp() <= 24 * 3600 + 2


def test_a_seed_gives_the_same_day_and_another_gives_another(lines: list[str], tmp_path: Path) -> None:
    count = write_peru_day(tmp_path / "day", seed=1, start=START)
    assert (tmp_path / "day").read_bytes() == "".join(f"{line}\r\n" for line in lines).encode()
    assert count == len(lines)
    assert peru_day_lines(seed=2, start=START) != lines


def test_no_identity_can_be_real(lines: list[str]) -> None:
    for ship in peru_fleet(1):
        assert ship.name.endswith(" (EX)") and len(ship.name) <= 20
        assert str(ship.mmsi)[0] == "1" and len(str(ship.mmsi)) == 9 and not str(ship.mmsi).startswith("111")
    single = [line.split("\\")[2] for line in lines[1::40] if ",1,1,," in line]
    assert {decode(s).msg_type for s in single} >= {1, 18, 24}
    assert all(str(decode(s).mmsi).startswith("100") for s in single)


def test_a_message_heard_by_two_stations_is_there_twice(lines: list[str]) -> None:
    payloads = pl.Series([m[5] for line in lines if (m := LINE.fullmatch(line))])
    assert payloads.is_duplicated().mean() > 0.05


def test_a_station_is_out_for_forty_minutes(lines: list[str]) -> None:
    heard_s = np.array([int(m[3]) for line in lines if (m := LINE.fullmatch(line)) and m[2] == "EX-CALLAO"])
    longest = np.diff(heard_s)
    assert 2400 <= longest.max() < 2460
    assert heard_s[longest.argmax()] == pytest.approx(START.timestamp() + 14 * 3600, abs=60)


def test_a_jigger_is_silent_for_nine_hours_while_others_are_heard(fixes: dict[str, pl.DataFrame]) -> None:
    at = fixes["JIGGER 05 (EX)"]["at_s"]
    assert float(at.diff().max()) / HOUR_S == pytest.approx(9, abs=0.1)  # type: ignore[arg-type]
    assert all(float(f["at_s"].diff().max()) < 600 for name, f in fixes.items() if name != "JIGGER 05 (EX)")  # type: ignore[arg-type]


def test_a_carrier_and_a_jigger_lie_alongside_far_from_the_coast(fixes: dict[str, pl.DataFrame]) -> None:
    a, b = fixes["REEFER 1 (EX)"], fixes["JIGGER 11 (EX)"]
    at = np.arange(8.02, 11.48, 0.1) * HOUR_S
    place = [[np.interp(at, f["at_s"], f[c]) for c in ("lon_deg", "lat_deg")] for f in (a, b)]
    assert great_circle_m(*place[0], *place[1]).max() < 250
    assert shore_m(*place[0]).min() > nm_to_m(190)
    for f in (a, b):
        assert f.filter(pl.col("at_s").is_between(8.05 * HOUR_S, 11.45 * HOUR_S))["sog_kn"].mean() < 1  # type: ignore[operator]


def test_a_carrier_waits_six_hours_offshore(fixes: dict[str, pl.DataFrame]) -> None:
    waiting = fixes["REEFER 2 (EX)"].filter(pl.col("at_s").is_between(11.1 * HOUR_S, 17.2 * HOUR_S))
    assert waiting["sog_kn"].max() < 2  # type: ignore[operator]
    assert shore_m(waiting["lon_deg"], waiting["lat_deg"]).min() > nm_to_m(20)


def test_a_large_ship_drifts_sideways(fixes: dict[str, pl.DataFrame]) -> None:
    adrift = fixes["BULKER 7 (EX)"].filter(pl.col("at_s").is_between(14.3 * HOUR_S, 16.9 * HOUR_S))
    across = np.abs((adrift["heading_deg"].to_numpy() - adrift["cog_deg"].to_numpy() + 180) % 360 - 180)
    assert ((across > 60) & (across < 120)).mean() > 0.97
    assert adrift["sog_kn"].mean() == pytest.approx(1.8, abs=0.15)


def test_one_number_is_used_by_two_hulls_far_apart() -> None:
    two = [s for s in peru_fleet(1) if s.mmsi == 100_009_991]
    assert len(two) == 2
    assert great_circle_m(two[0].way[0, 1], two[0].way[0, 2], two[1].way[0, 1], two[1].way[0, 2]) > nm_to_m(400)


def test_a_ship_calls_at_callao_and_leaves(fixes: dict[str, pl.DataFrame]) -> None:
    calls = fixes["CABOTAGE 1 (EX)"]
    away_m = great_circle_m(calls["lon_deg"], calls["lat_deg"], -77.26, -12.02)
    still = calls.filter(pl.Series(away_m < 3_000) & (pl.col("sog_kn") < 0.5))["at_s"]
    assert away_m[0] > 20_000 and away_m[-1] > 20_000 and (still.max() - still.min()) / HOUR_S > 7  # type: ignore[operator]


def test_a_ship_says_for_fifty_minutes_that_it_is_elsewhere(fixes: dict[str, pl.DataFrame]) -> None:
    said = fixes["CABOTAGE 2 (EX)"]
    false = said.filter(pl.Series(great_circle_m(said["lon_deg"], said["lat_deg"], -77.11, -12.02) < 100))["at_s"]
    assert (false.max() - false.min()) / 60 == pytest.approx(49, abs=1.5)  # type: ignore[operator]
    assert said["sog_kn"].max() < 6, "its log does not follow the false place"  # type: ignore[operator]


def test_the_radar_sees_the_silent_jigger_and_one_ship_nobody_tracks(tmp_path: Path, fixes: dict[str, pl.DataFrame]) -> None:
    aids = write_peru_aids(tmp_path, seed=1, start=START)
    seen = pl.read_csv(aids.detections)
    assert 10 < len(seen) < 30 and seen["timestamp"].unique().to_list() == ["2027-11-04T10:00:00+00:00"]
    jigger = next(s for s in peru_fleet(1) if s.name == "JIGGER 05 (EX)")
    place = [float(np.interp(SCENE_S, jigger.way[:, 0], jigger.way[:, k])) for k in (1, 2)]
    for lon, lat in (place, UNTRACKED_DEG):
        assert great_circle_m(seen["longitude"], seen["latitude"], lon, lat).min() < 800
    again = write_peru_aids(tmp_path, seed=1, start=START)
    assert pl.read_csv(again.detections).equals(seen)


def test_ships_keep_off_the_land_and_sail_at_speeds_that_ships_have(fixes: dict[str, pl.DataFrame]) -> None:
    everything = pl.concat(fixes.values())
    assert everything["sog_kn"].max() < 20  # type: ignore[operator]
    assert (shore_m(everything["lon_deg"], everything["lat_deg"]) > 0).mean() > 0.995


def test_ships_differ_only_where_the_seed_may_move_them() -> None:
    def kept(s: Ship) -> tuple[object, ...]:
        return s.mmsi, s.name, s.ship_type, s.class_b

    assert [kept(s) for s in peru_fleet(1)] == [kept(s) for s in peru_fleet(2)]
