"""A trawler among others that the same coast station hears."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
from sea import M_DEG, NOON, after, at_rest, codes, every, sea, steaming, vessel

from seaward.behaviours.behaviour import Context
from seaward.behaviours.gap import GapParams, find_gaps
from seaward.core.errors import ParameterError
from seaward.picture.reception import feed_health, learn_reception

LAST = after(hours=24)


def others(until_min: float = 24 * 60 + 5, feed: str = "coast") -> list[pl.DataFrame]:
    return [vessel(n, every(5, until_min), at_rest(-78.5 + 0.05 * n, -12.5), feed=feed) for n in range(10, 14)]


def trawler(silent_h: float, *, since_h: float = 6, sog_kn: float = 3.0, until_min: float = 24 * 60 + 5) -> pl.DataFrame:
    minutes = [m for m in every(5, until_min) if not since_h * 60 < m < (since_h + silent_h) * 60]
    return vessel(1, minutes, steaming(-78.5, -12.9, 0.01), sog_kn=sog_kn, cog_deg=0.0)


def found(positions: pl.DataFrame, as_of: datetime = LAST, context: Context | None = None) -> pl.DataFrame:
    context = context or Context(feeds=feed_health(positions), reception=learn_reception(positions))
    return find_gaps(positions, context, GapParams(), as_of)


def test_seven_silent_hours_where_others_are_heard_are_a_gap_on_purpose() -> None:
    event = found(sea(trawler(7), *others())).row(0, named=True)
    assert (event["start_at"], event["end_at"], event["state"]) == (after(hours=6), after(hours=13), "closed")
    assert event["probability"] == pytest.approx(0.1 / (0.1 + 0.9 * 0.02), rel=1e-3)  # reception explains nothing; a breakdown may
    assert event["evidence"] == [
        {"feed": "coast", "raw_offset": 1_000_000 + 7200, "raw_length": 80},
        {"feed": "coast", "raw_offset": 1_000_000 + 7300, "raw_length": 80},
    ]


def test_less_than_six_hours_is_not_a_gap() -> None:
    assert found(sea(trawler(5.9), *others())).is_empty()


def test_six_hours_sharp_are_not_a_gap() -> None:
    assert found(sea(trawler(6), *others())).is_empty()


def test_a_vessel_not_heard_since_is_an_open_gap() -> None:
    event = found(sea(trawler(100), *others())).row(0, named=True)
    assert (event["state"], event["start_at"], event["end_at"]) == ("open", after(hours=6), LAST)
    assert codes(event)[0] == "gap.duration_open"


def test_when_the_feed_stops_its_vessels_do_not_become_dark() -> None:
    positions = sea(trawler(0), *others()).filter(~pl.col("at").is_between(after(hours=5), after(hours=14)))
    assert found(positions).is_empty()


def test_an_outage_inside_a_silence_does_not_count() -> None:
    positions = sea(trawler(9), *others()).filter(~pl.col("at").is_between(after(hours=8), after(hours=12)))
    assert found(positions).is_empty()
    assert "gap.feed_outage" in codes(
        found(sea(trawler(11), *others()).filter(~pl.col("at").is_between(after(hours=8), after(hours=12)))).row(0, named=True)
    )


def test_another_feed_that_never_hears_there_does_not_stand_in_for_one_that_stopped() -> None:
    near = sea(trawler(0), *others()).filter(~pl.col("at").is_between(after(hours=5), after(hours=14)))
    far = vessel(30, every(5, 24 * 60), at_rest(-60.0, 40.0), feed="far")
    assert found(sea(near, far)).is_empty()


def test_the_end_of_all_data_is_not_a_gap() -> None:
    assert found(sea(trawler(0), *others()), as_of=LAST + timedelta(days=30)).is_empty()


def test_without_feed_health_only_silences_that_ended_are_reported() -> None:
    assert found(sea(trawler(100), *others()), context=Context()).is_empty()
    event = found(sea(trawler(7), *others()), context=Context()).row(0, named=True)
    assert event["probability"] is None
    assert {"gap.feed_health_unknown", "gap.reception_unknown"} <= set(codes(event))


def test_a_moored_vessel_is_less_suspect_than_one_under_way() -> None:
    patchy = [vessel(n, [m for m in every(5, 24 * 60 + 5) if (m // 180) % 2 == n % 2], at_rest(-78.4, -12.5)) for n in range(10, 14)]
    under_way, moored = (
        found(sea(trawler(7, sog_kn=s), *patchy)).filter(pl.col("vessel_ids").list.contains("mmsi:100000001"))["probability"][0] for s in (3.0, 0.1)
    )
    assert moored < under_way


def test_a_vessel_that_sails_out_of_reach_is_less_suspect_than_one_that_stays() -> None:
    def leaves(minute: float) -> tuple[float, float]:
        return -78.8 - minute * 9 * 1852 / 60 * M_DEG, -12.9

    away = vessel(1, every(5, 65), leaves, sog_kn=9.0, cog_deg=270.0)
    gone, stays = (
        found(sea(v, *others()), after(hours=8))["probability"][0] for v in (away, vessel(1, every(5, 65), at_rest(-78.8, -12.9), sog_kn=1.0))
    )
    assert gone < 0.8 < stays


def test_a_threshold_that_makes_no_sense_says_what_to_do() -> None:
    with pytest.raises(ParameterError, match="21600 is the published 6 hours"):
        GapParams(min_gap_s=0)


def test_reception_and_feed_health_of_parts_add_up_to_the_whole() -> None:
    from seaward.picture.reception import combine, combine_health

    positions = sea(trawler(7), *others())
    parts = [positions.filter(pl.col("mmsi") == 100000001), positions.filter(pl.col("mmsi") != 100000001)]
    assert combine([learn_reception(p) for p in parts]).equals(learn_reception(positions))
    assert combine_health([feed_health(p) for p in parts]).equals(feed_health(positions))
    assert learn_reception(positions.sample(fraction=1.0, shuffle=True, seed=2)).equals(learn_reception(positions))
    assert feed_health(positions.sample(fraction=1.0, shuffle=True, seed=2)).equals(feed_health(positions))


def test_reception_counts_slots_heard_and_slots_silent() -> None:
    table = learn_reception(vessel(1, [0, 5, 10, 60], at_rest(-78.5, -12.5))).row(0, named=True)
    assert table == {"cell_lon_deg": -79, "cell_lat_deg": -13, "feed": "coast", "heard": 3, "silent": 4, "silences": 1}
    assert NOON in feed_health(vessel(1, [0, 5], at_rest()))["slot_at"]
