"""Who each hull says it is, and whose words are whose."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from seaward.core.split import split
from seaward.core.tables import VESSELS
from seaward.picture.positions import PictureParams, build_positions
from seaward.picture.vessels import build_vessels
from tests.picture.picture_sea import START, reports, sail, static


def vessels(fixes: list[dict[str, Any]], said: list[dict[str, Any]]) -> pl.DataFrame:
    positions = build_positions(reports(fixes), PictureParams()).positions
    rows = [r | {"reported_at": START + timedelta(seconds=r["after_s"])} for r in said]
    frame = static([{k: v for k, v in r.items() if k != "after_s"} for r in rows])
    got = build_vessels(positions, frame)
    assert got.schema == VESSELS.schema
    assert split(got, VESSELS)[1].is_empty()
    assert_frame_equal(got, build_vessels(positions.sample(fraction=1, shuffle=True, seed=3), frame.reverse()))
    return got


def test_the_latest_words_are_shown_and_the_earlier_kept() -> None:
    got = vessels(sail(10, 40, 9), [{"after_s": 9, "name": "AURORA"}, {"after_s": 5, "name": "DAWN", "imo": 9_074_729, "length_m": 30.0}])
    row = got.row(0, named=True)
    assert (row["name"], row["imo"], row["length_m"], row["positions"]) == ("AURORA", 9_074_729, 30.0, 9)
    assert [i["name"] for i in row["identity"]] == ["DAWN", "AURORA"]
    assert row["identity"][0]["since_at"] == START + timedelta(seconds=5)


def test_words_said_again_are_one_identity() -> None:
    got = vessels(sail(10, 40, 9), [{"after_s": k, "name": "DAWN"} for k in range(5)])
    assert len(got["identity"][0]) == 1


def test_parts_of_one_identity_do_not_look_like_changes_back_and_forth() -> None:
    got = vessels(sail(10, 40, 9), [{"after_s": k, "name": "DAWN"} if k % 2 else {"after_s": k, "callsign": "OA123"} for k in range(6)])
    assert [(i["name"], i["callsign"]) for i in got["identity"][0]] == [(None, "OA123"), ("DAWN", "OA123")]


def test_a_vessel_that_never_says_who_it_is_has_a_row_all_the_same() -> None:
    row = vessels(sail(10, 40, 9), []).row(0, named=True)
    assert row["name"] is None and row["identity"] == [] and row["transceiver"] == "A"


def test_words_without_any_position_have_a_row_all_the_same() -> None:
    row = vessels(sail(10, 40, 3), [{"after_s": 1, "name": "GHOST", "mmsi": 77}]).row(0, named=True)
    assert (row["vessel_id"], row["positions"], row["first_at"]) == ("mmsi:000000077", 0, None)


def test_words_without_time_count_but_date_nothing() -> None:
    positions = build_positions(reports(sail(10, 40, 3)), PictureParams()).positions
    row = build_vessels(positions, static([{"name": "DAWN"}])).row(0, named=True)
    assert row["name"] == "DAWN" and row["identity"] == []


def test_each_hull_under_one_number_gets_the_words_of_its_transponder() -> None:
    fixes = sail(10, 40, 40) + sail(12, 41, 40, after_s=7, transceiver="B")
    got = vessels(fixes, [{"after_s": 600, "name": "BIG", "length_m": 200.0}, {"after_s": 601, "name": "SMALL", "length_m": 9.0, "transceiver": "B"}])
    assert dict(got.select("vessel_id", "name").iter_rows()) == {"mmsi:224000001": "BIG", "mmsi:224000001#2": "SMALL"}


def test_each_hull_under_one_number_gets_the_words_of_its_time() -> None:
    fixes = sail(10, 40, 40) + sail(60, -40, 40, after_s=7_200)
    got = vessels(fixes, [{"after_s": 600, "name": "FIRST"}, {"after_s": 8_000, "name": "SECOND"}])
    assert got["name"].to_list() == ["FIRST", "SECOND"]


def test_each_hull_under_one_number_gets_the_words_its_receiver_heard() -> None:
    fixes = sail(10, 40, 40) + sail(60, -40, 40, after_s=7, feed="b.nmea")
    said = [{"after_s": 60 * k + 30, "name": n, "feed": f} for k in range(20) for n, f in (("HERE", "a.nmea"), ("THERE", "b.nmea"))]
    got = vessels(fixes, said)
    assert got["name"].to_list() == ["HERE", "THERE"]
    assert [len(i) for i in got["identity"]] == [1, 1]
