"""What the sensors write: read back by the feeds, the same however the sea is cut, each on its own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seaward.core.errors import RealmError
from seaward.drill.hulls import FISHING, UNDER_WAY, Claim, FalsePlace
from seaward.drill.observe import Observed, observe
from seaward.feeds.detections import read_detections
from seaward.feeds.read import Input, read
from tests.drill.sensor_sea import BBOX, COAST, REALM, SEED, SENSORS, START, cast, cut, sea

FALSE = (
    FalsePlace(0, 0, 10**9, "circle", -77.3, -12.2, 500.0),
    FalsePlace(-1, 0, 10**9, "jump", -77.1, -12.0, around_deg=(-77.29, -12.3), within_m=9e3),
)
CLAIM = Claim(1, 60_000, 10**9, 199_000_000, "OTHER (EX)", "EX99")


def run(folder: Path, sensors=SENSORS, ticks: int = 1000, minutes: float = 40.0, **said) -> dict[str, Observed]:
    folder.mkdir(exist_ok=True)
    return observe(cast(**said), cut(sea(minutes=minutes), ticks), sensors, START, folder, REALM, seed=SEED, bbox=BBOX)


def hashes(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def fed(path: Path) -> tuple[Input, pl.DataFrame, pl.DataFrame]:
    """The input once read, its reports and its identity statements."""
    given = read(str(path), REALM)
    found = list(given)
    return given, pl.concat(b.reports for b in found), pl.concat(b.static for b in found)


@pytest.mark.parametrize("ticks", [1, 7, 60])
def test_where_the_sea_is_cut_changes_no_byte(tmp_path, ticks) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert all(o.rows > 0 for name, o in run(whole, false_places=FALSE, claims=(CLAIM,)).items() if name != "lamps")
    run(parts, ticks=ticks, false_places=FALSE, claims=(CLAIM,))
    assert hashes(whole) == hashes(parts)


def test_a_sensor_taken_away_changes_no_byte_of_the_others(tmp_path) -> None:
    run(tmp_path / "all")
    every = hashes(tmp_path / "all")
    for gone in SENSORS:
        run(tmp_path / gone.id, tuple(s for s in SENSORS if s != gone))
        kept = hashes(tmp_path / gone.id)
        assert kept == {name: h for name, h in every.items() if f".{gone.id}." not in name}


def test_one_more_hull_changes_no_line_of_the_others_ashore(tmp_path) -> None:
    few, more = (run(tmp_path / str(n), (COAST,), n=n)["coast"].path.read_bytes().splitlines()[1:] for n in (5, 6))
    sentences = {line[line.index(b"c:") :] for line in more}
    single = [line[line.index(b"c:") :] for line in few if b"g:" not in line]
    assert single and all(line in sentences for line in single)


def test_another_seed_gives_another_feed(tmp_path) -> None:
    one, other = (run(tmp_path / str(seed), (COAST,), seed=seed)["coast"].path.read_bytes() for seed in (7, 8))
    assert one != other


def test_names_of_files_and_first_lines_say_that_it_is_an_exercise(tmp_path) -> None:
    files = run(tmp_path)
    assert files["coast"].path.name == "ex-pacifico-27.coast.nmea" and files["sar"].path.name == "ex-pacifico-27.sar.csv"
    assert files["coast"].path.read_bytes().startswith(b"# EXERCISE EXERCISE EXERCISE ex:pacifico-27")
    assert all(line.startswith("ex:pacifico-27,") for line in files["centre"].path.read_text().splitlines()[1:])


@pytest.mark.parametrize("realm", ["ops", "ex", "", "ex:Pacifico"])
def test_a_realm_that_is_no_drill_is_refused(tmp_path, realm) -> None:
    with pytest.raises(RealmError):
        observe(cast(), [], SENSORS, START, tmp_path, realm, seed=SEED)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ais_class", ["A", "B_SO", "B_CS"])
def test_the_feeds_read_every_line_of_nmea(tmp_path, ais_class) -> None:
    files = run(tmp_path, ais_class=ais_class)
    for name in ("coast", "space"):
        given, _, static = fed(files[name].path)
        assert given.format == "nmea" and given.counts.rejected == 0 and given.counts.ignored == 1
        assert given.counts.accepted == files[name].rows > 100
        names = set(static["name"].drop_nulls())
        assert names <= {f"SHIP {i} (EX)" for i in range(8)} and len(names) > 2


def test_the_feeds_read_every_row_of_the_monitoring_centre(tmp_path) -> None:
    files = run(tmp_path)
    given, rows, _ = fed(files["centre"].path)
    assert given.format == "vms" and given.counts.rejected == 0 and given.counts.accepted == files["centre"].rows == len(rows) > 8
    assert set(rows["mmsi"]) <= set(range(100_000_000, 100_000_008)) and rows["sog_kn"].to_list() == pytest.approx([9.0] * len(rows))


@pytest.mark.parametrize("name", ["sar", "radar"])
def test_the_feeds_read_every_detection(tmp_path, name) -> None:
    files = run(tmp_path)
    good, rejected = read_detections(files[name].path, REALM)
    assert len(good) == files[name].rows > 5 and rejected.is_empty()
    _, refused = read_detections(files[name].path, "ops")
    assert len(refused) == files[name].rows


def test_lines_stand_in_order_of_reception(tmp_path) -> None:
    for name in ("coast", "space"):
        times = [int(line.split("c:")[1][:10]) for line in run(tmp_path, minutes=90)[name].path.read_text().splitlines()[1:]]
        assert times == sorted(times) and len(times) > 1000


def test_false_places_and_claims_are_in_the_feed_and_the_truth_is_untouched(tmp_path) -> None:
    true = sea()
    before = [x.copy() for x in (true.lon_deg, true.lat_deg)]
    files = observe(cast(false_places=FALSE, claims=(CLAIM,)), [true], (COAST,), START, tmp_path, REALM, seed=SEED)
    assert all(np.array_equal(a, b) for a, b in zip(before, (true.lon_deg, true.lat_deg), strict=True))
    reports = fed(files["coast"].path)[1]
    circling = reports.filter(reports["mmsi"] == 100_000_000)
    away = np.hypot((circling["lon_deg"] + 77.3).to_numpy() * np.cos(np.radians(12.2)), (circling["lat_deg"] + 12.2).to_numpy()) * 111_195
    assert len(circling) > 100 and np.median(away) == pytest.approx(500, abs=20)
    claimed = reports.filter(reports["mmsi"] == 199_000_000)
    assert len(claimed) > 100 and (claimed["lat_deg"] - (-12.06)).abs().max() < 0.1
    first = reports.filter(reports["mmsi"] == 100_000_001)
    assert first["received_at"].max() <= claimed["received_at"].min()


def test_interference_deceives_only_those_truly_within(tmp_path) -> None:
    jammed = (FalsePlace(-1, 0, 10**9, "jump", -76.9, -12.0, around_deg=(float(sea().lon_deg[0, 0]), -12.05), within_m=2_000.0),)
    reports = fed(run(tmp_path, (COAST,), minutes=2, false_places=jammed)["coast"].path)[1]
    near = (reports["lon_deg"] - (-76.9)).abs() < 0.001
    assert set(reports.filter(near)["mmsi"]) == {100_000_000, 100_000_001} and len(set(reports.filter(~near)["mmsi"])) >= 6


def test_a_transmitter_that_is_off_is_silent_and_still_on_radar(tmp_path) -> None:
    files = run(tmp_path, switches=((2, 600_000, False), (2, 1_200_000, True)))
    reports = fed(files["coast"].path)[1]
    minute = (reports.filter(reports["mmsi"] == 100_000_002)["received_at"] - START).dt.total_seconds() / 60
    assert not ((minute > 10.1) & (minute < 19.9)).any() and (minute < 10).sum() > 30 and (minute > 20).sum() > 30
    _, dark = read_detections(files["radar"].path, REALM)
    assert dark.is_empty()


def test_a_transmitter_without_a_hull_is_heard_and_not_seen(tmp_path) -> None:
    files = run(tmp_path, is_real=False)
    assert files["coast"].rows > 100 and files["radar"].rows == 0 and files["centre"].rows == 0


def test_lamps_are_seen_at_work_and_by_night_only(tmp_path) -> None:
    noon, night = START.replace(hour=17), START.replace(hour=5)
    cases = (
        (night, FISHING, "squid_jigger", True), (noon, FISHING, "squid_jigger", False), (night, FISHING, "trawler", False),
        (night, UNDER_WAY, "squid_jigger", False),
    )  # fmt: skip
    for start, activity, kind, seen in cases:
        files = observe(cast(kind=kind), [sea(activity=activity)], SENSORS[4:5], start, tmp_path, REALM, seed=SEED, bbox=BBOX)
        assert (files["lamps"].rows > 0) == seen
