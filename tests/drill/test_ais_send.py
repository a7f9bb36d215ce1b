"""When transmitters send, and what they say of the truth."""

from __future__ import annotations

import numpy as np
import pytest

from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M
from seaward.drill.ais_intervals import interval_ms
from seaward.drill.ais_send import CARELESS, COARSE, COARSE_SHARE, GNSS_M, HOLDS_COURSE, NO_HEADING, PER_DEG, Senders, _turn_said
from seaward.drill.coastal_ais import DUCT, CoastalAis, reach_factor, station_keys
from seaward.drill.hulls import ANCHORED, FISHING, MOORED, UNDER_WAY, FalsePlace
from seaward.drill.line_of_sight import antenna_m, horizon_m
from seaward.drill.satellite_ais import SatelliteAis, survival
from seaward.drill.scenario import Sensor, Station
from tests.drill.sensor_sea import CALLAO, COAST, SEED, cast, cut, sea

TABLE = [  # ITU-R M.1371-5 annex 1, tables 1 and 2: class, knots, status, turning, seconds
    (1, 0.0, 1, False, 180), (1, 3.0, 5, False, 180), (1, 3.1, 1, False, 10), (1, 0.0, 0, False, 10), (1, 14.0, 0, False, 10),
    (1, 14.0, 0, True, 10 / 3), (1, 14.1, 0, False, 6), (1, 23.0, 0, False, 6), (1, 23.0, 0, True, 2), (1, 23.1, 0, False, 2), (1, 23.1, 0, True, 2),
    (1, 8.0, 7, False, 10),
    (2, 2.0, 0, False, 180), (2, 2.1, 0, False, 30), (2, 14.0, 0, False, 30), (2, 14.1, 0, False, 15), (2, 23.0, 0, True, 15),
    (2, 23.1, 0, False, 5), (3, 2.0, 0, False, 180), (3, 2.1, 0, False, 30), (3, 30.0, 0, True, 30),
]  # fmt: skip


@pytest.mark.parametrize(("ais_class", "knots", "status", "is_turning", "seconds"), TABLE)
def test_intervals_are_those_of_the_table(ais_class, knots, status, is_turning, seconds) -> None:
    assert interval_ms(ais_class, knots, status, is_turning) == pytest.approx(1000 * seconds, abs=1)


def gaps_s(rows, n: int, kinds: tuple[int, ...]) -> np.ndarray:
    mine = rows[np.isin(rows["kind"], kinds)]
    return np.concatenate([np.diff(mine["at_ms"][mine["hull"] == h]) / 1000 for h in range(n)])


SAILING = [
    ("A", 9.0, 0.0, UNDER_WAY, 10), ("A", 9.0, 1.0, UNDER_WAY, 10 / 3), ("A", 18.0, 0.0, UNDER_WAY, 6), ("A", 18.0, 1.0, UNDER_WAY, 2),
    ("A", 30.0, 0.0, UNDER_WAY, 2), ("B_SO", 9.0, 0.0, UNDER_WAY, 30), ("B_SO", 18.0, 0.0, UNDER_WAY, 15), ("B_SO", 30.0, 0.0, UNDER_WAY, 5),
    ("B_CS", 30.0, 0.0, UNDER_WAY, 30), ("B_CS", 0.5, 0.0, UNDER_WAY, 180),
]  # fmt: skip


@pytest.mark.parametrize(("ais_class", "knots", "turn", "activity", "seconds"), SAILING)
def test_ships_keep_their_intervals_to_a_fifth(ais_class, knots, turn, activity, seconds) -> None:
    rows = Senders(cast(ais_class=ais_class)).send(sea(minutes=40, sog_kn=knots, turn_deg_s=turn, activity=activity))
    gaps = gaps_s(rows, 8, (1, 3, 18))[40:]
    assert np.median(gaps) == pytest.approx(seconds, rel=0.05) and gaps.min() > 0.79 * seconds
    assert set(rows["kind"]) == ({3 if turn else 1, 5} if ais_class == "A" else {18, 24})


def test_static_data_comes_every_six_minutes() -> None:
    gaps = gaps_s(Senders(cast()).send(sea(minutes=60)), 8, (5,))
    assert len(gaps) == 72 and set(gaps) == {360.0}


def test_a_ship_that_speeds_up_sends_sooner_at_once() -> None:
    slow, fast = sea(minutes=10, sog_kn=1.0), sea(minutes=10, sog_kn=30.0)
    sog = np.concatenate([slow.sog_kn, fast.sog_kn[1:]])
    both = sea(minutes=20)
    both.sog_kn[:] = sog
    rows = Senders(cast(ais_class="B_SO")).send(both)
    rows = rows[rows["kind"] == 18]
    first = [rows["at_ms"][(rows["hull"] == h) & (rows["at_ms"] > 600_000)].min() for h in range(8)]
    assert max(first) < 600_000 + 16_000 and len({int(t) for t in first}) > 4


def test_ships_do_not_send_in_step() -> None:
    rows = Senders(cast(n=200)).send(sea(n=200, minutes=3))
    rows = rows[rows["kind"] == 1]
    first = np.array([rows["at_ms"][rows["hull"] == h].min() for h in range(200)])
    share = np.histogram(first, 5, (0, 10_000))[0] / 200
    assert np.abs(share - 0.2).max() < 0.12


@pytest.mark.parametrize("ticks", [1, 5, 33])
def test_the_length_of_stretches_changes_no_message(ticks) -> None:
    whole, sender = sea(minutes=40, turn_deg_s=0.2), Senders(cast())
    parts = np.concatenate([sender.send(s) for s in cut(whole, ticks)])
    parts = parts[np.lexsort((parts["at_ms"], parts["hull"]))]
    assert np.array_equal(parts, Senders(cast()).send(whole)) and len(parts) > 1000


def test_another_hull_changes_no_message_of_the_others() -> None:
    more = Senders(cast(n=9)).send(sea(n=9))
    assert np.array_equal(more[more["hull"] < 8], Senders(cast()).send(sea()))


def test_places_are_steps_of_a_ten_thousandth_of_a_minute_near_the_truth() -> None:
    rows = Senders(cast(n=60)).send(sea(n=60, minutes=20))
    rows = rows[rows["kind"] == 1]
    east = (rows["lon"] / PER_DEG - rows["lon_deg"]) * 60 * NM_M * np.cos(np.radians(rows["lat_deg"]))
    north = (rows["lat"] / PER_DEG - rows["lat_deg"]) * 60 * NM_M
    for error in (east, north):
        assert abs(np.median(error)) < 1.5 and np.percentile(np.abs(error), 68) == pytest.approx(GNSS_M, rel=0.25)
    by_hull = north[rows["hull"] == 0]
    assert np.corrcoef(by_hull[:-1], by_hull[1:])[0, 1] > 0.8
    assert np.abs(rows["sog"] - 90).max() < 5 and np.abs(rows["cog"] - 1800).max() < 50 and np.abs(rows["heading"] - 180).max() < 6


def test_class_b_and_boats_send_no_heading() -> None:
    for said in ({"ais_class": "B_SO"}, {"length_m": 12.0}):
        rows = Senders(cast(**said)).send(sea())
        assert (rows["heading"][np.isin(rows["kind"], (1, 18))] == NO_HEADING).all()


def test_hulls_without_a_transmitter_send_nothing() -> None:
    assert len(Senders(cast(ais_class="none")).send(sea())) == 0


def test_most_crews_set_their_status_and_some_do_not() -> None:
    n = 400
    for activity, right in ((UNDER_WAY, 0), (ANCHORED, 1), (MOORED, 5)):
        rows = Senders(cast(n=n)).send(sea(n=n, minutes=4, sog_kn=0.1, activity=activity))
        good = len({int(h) for h in rows["hull"][(rows["kind"] == 1) & (rows["status"] == right)]}) / n
        assert 1 - CARELESS - 0.08 < good < 1.0
    rows = Senders(cast(n=n, kind="trawler")).send(sea(n=n, minutes=4, activity=FISHING))
    assert 0.25 < len({int(h) for h in rows["hull"][rows["status"] == 7]}) / n < 0.55


def test_a_careless_crew_at_anchor_sends_every_ten_seconds() -> None:
    rows = Senders(cast(n=100)).send(sea(n=100, minutes=20, sog_kn=0.1, activity=ANCHORED))
    rows = rows[rows["kind"] == 1]
    count = np.bincount(rows["hull"], minlength=100)
    said = np.array([rows["status"][rows["hull"] == h][0] for h in range(100)])
    assert (count[np.isin(said, (1, 5))] < 10).all() and (count[said == 0] > 100).all() and (said == 0).any()


@pytest.mark.parametrize("pattern", ["offset", "circle", "jump"])
def test_false_places_are_said_where_they_should_be(pattern) -> None:
    false = FalsePlace(0, 300_000, 600_000, pattern, -76.0, -11.0, 800.0, 5_000.0, -3_000.0)
    rows = Senders(cast(n=2, false_places=(false,))).send(sea(n=2))
    rows = rows[rows["kind"] == 1]
    off = great_circle_m(rows["lon"] / PER_DEG, rows["lat"] / PER_DEG, rows["lon_deg"], rows["lat_deg"])
    during = (rows["hull"] == 0) & (rows["at_ms"] >= 300_000) & (rows["at_ms"] < 600_000)
    assert (off[~during] < 100).all() and during.sum() > 25
    if pattern == "offset":
        assert off[during] == pytest.approx(np.full(during.sum(), np.hypot(5_000, 3_000)), rel=0.02)
        return
    from_centre = great_circle_m(rows["lon"][during] / PER_DEG, rows["lat"][during] / PER_DEG, -76.0, -11.0)
    assert from_centre == pytest.approx(np.full(during.sum(), 800.0 if pattern == "circle" else 0.0), abs=25)


def test_the_horizon_is_that_of_the_books() -> None:
    assert horizon_m(100.0) == pytest.approx(41_220, rel=0.002)  # 4.12 km times the root of the height [m]: ITU-R P.834 with k = 4/3, by hand


def test_nothing_is_heard_beyond_the_line_of_sight_of_the_day() -> None:
    n, station = 400, Station("EX-CALLAO", CALLAO.at, 60.0)
    true = sea(n=n, minutes=5)
    true.lat_deg[:] = station.at[1] - np.linspace(0.0, 2.5, n)
    true.lon_deg[:] = station.at[0]
    people, sensor = cast(n=n), Sensor("coast", "coastal_ais", (station,))
    rows = Senders(people).send(true)
    factor = reach_factor(station_keys(SEED, sensor, "days")[0], 150_000.0)
    row, _, received = CoastalAis(sensor, people, SEED, 0).heard(true.at_ms, np.full((1, len(true.at_ms)), factor), rows)
    reach = factor * (horizon_m(60.0) + horizon_m(float(antenna_m(150.0))))
    away = great_circle_m(rows["lon_deg"], rows["lat_deg"], *station.at)
    assert 0.9 * reach < away[row].max() < reach and (away > reach).sum() > 1000
    share = np.isin(np.arange(len(rows)), row)
    assert share[away < 0.5 * reach].mean() > 0.9
    assert 0.05 < share[(away > 0.9 * reach) & (away < reach)].mean() < 0.7
    assert (received > rows["at_ms"][row]).all()


def test_days_differ_and_change_without_a_step() -> None:
    key = station_keys(SEED, COAST, "days")[0]
    factors = [reach_factor(key, h * 3_600_000.0) for h in range(24 * 60)]
    assert 0.85 < min(factors) < max(factors) < DUCT[1] and max(factors) > 1.2
    assert np.abs(np.diff(factors)).max() < 0.07


def test_a_station_out_of_order_hears_nothing() -> None:
    people = cast()
    sensor = Sensor("coast", "coastal_ais", (Station("EX-CALLAO", CALLAO.at, 60.0, (300_000, 900_000)),))
    rows = Senders(people).send(sea())
    row, _, _ = CoastalAis(sensor, people, SEED, 0).heard(sea().at_ms, np.ones((1, 181)), rows)
    at = rows["at_ms"][row]
    assert not ((at >= 300_000) & (at < 900_000)).any() and (at < 300_000).sum() > 100


def test_several_stations_hear_one_message() -> None:
    people, rows = cast(), Senders(cast()).send(sea())
    stations = (CALLAO, Station("EX-ISLA", (-77.2, -12.2), 80.0))
    row, station, _ = CoastalAis(Sensor("coast", "coastal_ais", stations), people, SEED, 0).heard(sea().at_ms, np.ones((2, 181)), rows)
    assert set(station) == {0, 1} and 1.8 < len(row) / len(set(row)) <= 2.0


def test_the_more_ships_in_view_the_fewer_messages_reach_the_satellite() -> None:
    sensor = Sensor("space", "satellite_ais", every_ms=3_600_000, pass_ms=600_000, receive=1.0)
    shares = []
    for n in (10, 200, 600):
        people = cast(n=n)
        rows = Senders(people).send(sea(n=n, minutes=15))
        row = SatelliteAis(sensor, people, SEED, 0).heard(sea(n=n, minutes=15).at_ms, rows)
        assert rows["at_ms"][row].max() < 600_000
        shares.append(len(row) / (rows["at_ms"] < 600_000).sum())
    assert shares[0] > 0.95 and shares[0] > 1.5 * shares[1] > 3 * shares[2] > 0
    assert survival(4_500.0) == pytest.approx(np.exp(-2.0))


def test_a_pass_is_handed_over_after_its_delay() -> None:
    people, whole = cast(), sea(minutes=60)
    sensor = Sensor("space", "satellite_ais", every_ms=1_200_000, first_ms=0, pass_ms=600_000, receive=1.0, delay_ms=420_000)
    satellite, sender = SatelliteAis(sensor, people, SEED, 0), Senders(people)
    lines = {int(s.at_ms[-1]): satellite.take(s, sender.send(s))[1] for s in cut(whole, 1)}
    assert sorted(t for t, n in lines.items() if n) == [1_020_000, 2_220_000, 3_420_000]
    assert satellite.held == 0


def at_rest(n: int = 300):
    rows = Senders(cast(n=n)).send(sea(n=n, minutes=20, sog_kn=0.0))
    return rows[rows["kind"] == 1]


def test_ships_at_rest_mostly_say_no_speed_and_some_sets_always_say_a_little() -> None:
    rows = at_rest()
    zero = np.array([(rows["sog"][rows["hull"] == h] == 0).mean() for h in range(300)])
    assert np.median(zero) > 0.9 and zero.mean() < 0.95 and zero.min() < 0.5 and rows["sog"].max() < 10


def test_a_share_of_sets_keeps_its_course_at_rest() -> None:
    rows = at_rest()
    held = np.array([len({*rows["cog"][rows["hull"] == h]}) == 1 for h in range(300)])
    assert held.mean() == pytest.approx(HOLDS_COURSE, abs=0.08)


def test_places_at_rest_creep_by_decimetres_from_report_to_report() -> None:
    rows = at_rest(100)
    steps = np.concatenate([np.abs(np.diff(rows["lat"][rows["hull"] == h])) for h in range(100)]) / PER_DEG * 60 * NM_M
    assert 0.1 < steps.mean() < 0.5


def test_headings_at_rest_mostly_stay_the_same_degree() -> None:
    rows = at_rest(100)
    same = np.mean([np.mean(np.diff(rows["heading"][rows["hull"] == h]) == 0) for h in range(100)])
    assert 0.65 < same < 0.9


def test_marks_of_the_fix_are_those_of_the_set() -> None:
    rows = at_rest()
    marks = [{*rows["marks"][rows["hull"] == h]} for h in range(300)]
    assert all(len(m) == 1 for m in marks)
    assert np.mean([bool(min(m) & COARSE) for m in marks]) == pytest.approx(COARSE_SHARE, abs=0.08)


@pytest.mark.parametrize(
    ("deg_min", "has_indicator", "said"),
    [
        (0, True, 0),
        (9, True, 14),
        (-9, True, -14),
        (100, True, 47),
        (2, True, 0),
        (9, False, 0),
        (11, False, 127),
        (-11, False, -127),
        (1e4, True, 126),
    ],
)
def test_turns_are_said_as_the_root_of_the_rate_or_as_some_turn(deg_min, has_indicator, said) -> None:
    assert _turn_said(float(deg_min), has_indicator) - 128 == said  # 4.733 times the root of 9 is 14.2: M.1371-5 table 48


def test_only_ships_with_a_gyro_say_a_rate_of_turn() -> None:
    for length, has in ((150.0, True), (12.0, False)):
        rows = Senders(cast(length_m=length)).send(sea(turn_deg_s=1.0))
        assert ((rows["turn"][np.isin(rows["kind"], (1, 3))] != 0) == has).all()


def test_waves_move_the_course_of_a_ship_by_less_than_a_degree_and_hardly_its_speed() -> None:
    rows = Senders(cast(n=60)).send(sea(n=60, sog_kn=10.0))
    rows = rows[rows["kind"] == 1]
    steps = np.concatenate([np.abs(np.diff(rows["cog"][rows["hull"] == h])) for h in range(60)]) / 10
    assert 0.3 < np.median(steps) < 1.0 and np.percentile(np.abs(rows["sog"] - 100), 95) <= 1
