"""A trawler among others that the same coast station hears."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from seaward.behaviours.behaviour import Context
from seaward.behaviours.gap import DISABLING, GapParams, find_gaps
from seaward.core.errors import ParameterError
from seaward.core.hearing import HEARD, SILENCES, Hearing
from seaward.core.tables import VESSELS
from seaward.picture.reception import learn_hearing
from tests.behaviours.sea import M_DEG, NOON, after, at_rest, codes, every, sea, steaming, vessel

LAST = after(hours=24)


def others(until_min: float = 24 * 60 + 5, feed: str = "coast") -> list[pl.DataFrame]:
    return [vessel(n, every(5, until_min), at_rest(-78.5 + 0.05 * n, -12.5), feed=feed) for n in range(10, 14)]


def trawler(silent_h: float, *, since_h: float = 6, sog_kn: float = 3.0, until_min: float = 24 * 60 + 5) -> pl.DataFrame:
    minutes = [m for m in every(5, until_min) if not since_h * 60 < m < (since_h + silent_h) * 60]
    return vessel(1, minutes, steaming(-78.5, -12.9, 0.01), sog_kn=sog_kn, cog_deg=0.0)


def found(positions: pl.DataFrame, as_of: datetime = LAST, context: Context | None = None) -> pl.DataFrame:
    context = context or Context(hearing=learn_hearing(positions))
    return find_gaps(positions, context, GapParams(), as_of)


def test_seven_silent_hours_where_others_are_heard_are_a_gap_on_purpose() -> None:
    event = found(sea(trawler(7), *others())).row(0, named=True)
    assert (event["start_at"], event["end_at"], event["state"]) == (after(hours=6), after(hours=13), "closed")
    assert event["probability"] > 0.9
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


def test_a_moored_vessel_may_be_silent_for_sixty_hours() -> None:
    def events(shore_m: float, sog_kn: float = 0.1) -> pl.DataFrame:
        positions = sea(trawler(7, sog_kn=sog_kn), *others())
        return found(positions, context=Context(shore_m=lambda lon, lat: np.full(len(lon), shore_m), hearing=learn_hearing(positions)))

    assert events(500.0).is_empty()
    assert len(events(500.0, sog_kn=3.0)) == len(events(50_000.0)) == 1


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


def tables(hearing: Hearing) -> list[pl.DataFrame]:
    return [hearing.heard, hearing.silences, hearing.unheard, hearing.feeds, hearing.around]


def test_hearing_of_parts_adds_up_to_the_whole() -> None:
    positions = sea(trawler(7), *others())
    whole = learn_hearing(positions)
    parts = [learn_hearing(positions.filter(pl.col("mmsi") == 100000001)), learn_hearing(positions.filter(pl.col("mmsi") != 100000001))]
    for made in (Hearing.add(parts), Hearing.add(parts[::-1]), learn_hearing(positions.sample(fraction=1.0, shuffle=True, seed=2))):
        assert all(a.equals(b) for a, b in zip(tables(made), tables(whole), strict=True))


def test_hearing_counts_slots_heard_and_slots_silent() -> None:
    hearing = learn_hearing(vessel(1, [0, 5, 10, 60], at_rest(-78.4, -12.4)))
    place = {"cell": 406 * 720 + 310, "feed": "coast", "transceiver": "A", "pace": 2}
    assert hearing.heard.rows(named=True) == [place | {"heard": 3, "followed": 1, "vessels": 1}]
    noon = int(NOON.timestamp()) // 600
    assert hearing.silences.rows(named=True) == [
        place | {"vessel_id": "mmsi:100000001", "slot": noon + 1, "slots": 4},
        place | {"vessel_id": "mmsi:100000001", "slot": noon + 6, "slots": None},
    ]
    assert hearing.feeds["slot_at"].to_list() == [after(minutes=m) for m in (0, 10, 60)]
    assert hearing.around.rows(named=True) == [
        {"feed": "coast", "degree": 101 * 180 + 77, "half_hour": noon // 3, "vessel_slots": 2},
        {"feed": "coast", "degree": 101 * 180 + 77, "half_hour": noon // 3 + 2, "vessel_slots": 1},
    ]
    assert hearing.map("ops").row(0, named=True) == {
        "realm": "ops", "lon_deg": -78.5, "lat_deg": -12.5, "vessels": 1, "heard": 3, "silent": 4, "share_heard": 3 / 7
    }  # fmt: skip


def test_the_chance_of_a_silence_follows_from_how_often_silences_of_each_age_end() -> None:
    """By hand, for two vessels of one kind, cell and pace, of which one kept silences of one and of two slots."""
    from seaward.behaviours.silence import Ears, LastHeard, slots_of

    place = {"cell": 406 * 720 + 310, "feed": "coast", "transceiver": "A", "pace": 0}
    hearing = Hearing(
        heard=pl.DataFrame([place | {"heard": 2000, "followed": 1990, "vessels": 2}], schema=HEARD),
        silences=pl.DataFrame([place | {"vessel_id": "b", "slot": 1000, "slots": k} for k in (1, 2)], schema=SILENCES),
    )
    trials, ends = (997, 2, 1), (995, 1, 1)  # of ages 1, 2 and 3: half of the 1,990 slots followed are the other vessel's
    believed = [0.5, 0.0, 0.0]
    for age in range(3):  # the feed as a whole; what is believed of an age weighs like five slots
        believed[age] = (ends[age] + 5 * believed[max(0, age - 1)]) / (trials[age] + 5)
    for _ in ("vessels of its kind", "in cells around"):
        believed = [(e + 5 * b) / (t + 5) for e, t, b in zip(ends, trials, believed, strict=True)]
    expected_ends = -sum(np.log(1 - min(0.95, b)) for b in believed)
    ears = Ears(hearing, 2_000_000 * 600_000_000, 1800)
    slots = slots_of(3000 * 600_000_000, 3004 * 600_000_000)
    where = np.full(len(slots), -78.4), np.full(len(slots), -12.4)
    silence = ears.weigh(
        int(slots[0]) * 600_000_000, int(slots[-1]) * 600_000_000, LastHeard("a", "A", 0, {"coast": 1.0}, slots[:1], 1), *where, ended=True
    )
    assert silence.chance == pytest.approx((1 + expected_ends / 12) ** -12, rel=1e-9)  # gamma frailty


def test_a_receiver_that_stops_within_a_file_makes_no_gaps() -> None:
    stopped = sea(trawler(0), *others()).filter(~pl.col("at").is_between(after(hours=5), after(hours=14)))
    elsewhere = [vessel(n, every(5, 24 * 60 + 5), at_rest(-60.0, 40.0 + n / 100)) for n in range(30, 60)]
    assert found(sea(stopped, *elsewhere)).is_empty()


def test_a_feed_that_stops_makes_no_gaps_though_another_hears_more_in_the_same_place() -> None:
    stopped = sea(trawler(0), *others()).filter(~pl.col("at").is_between(after(hours=5), after(hours=14)))
    satellite = [vessel(n, every(5, 24 * 60 + 5), at_rest(-78.5 + n / 1000, -12.6), feed="satellite") for n in range(30, 60)]
    assert found(sea(stopped, *satellite)).is_empty()


def test_one_vessel_with_a_clock_days_ahead_makes_nobody_silent_until_then() -> None:
    ahead = vessel(30, every(10, 24 * 60), at_rest(-78.2, -12.5), start=NOON + timedelta(days=400))
    events = found(sea(trawler(0), *others(), ahead), as_of=NOON + timedelta(days=401))
    assert events.is_empty()


def test_a_vessel_alone_in_its_waters_says_nothing_of_reception() -> None:
    event = found(sea(trawler(7))).row(0, named=True) if len(found(sea(trawler(7)))) else None
    assert event is None or event["probability"] is None


def test_a_vessel_that_falls_silent_every_day_does_not_teach_that_silence_is_normal() -> None:
    days = 5
    until = days * 24 * 60.0
    nightly = vessel(1, [m for m in every(5, until) if m % 1440 < 900], at_rest(-78.5, -12.9), sog_kn=3.0, cog_deg=0.0)
    events = found(sea(nightly, *others(until)), as_of=after(hours=24 * days))
    closed = events.filter(pl.col("state") == "closed")
    assert len(closed) == days - 1 and closed["probability"].min() > 0.9  # type: ignore[operator]


def test_where_others_fall_silent_too_a_silence_is_less_suspect() -> None:
    patchy = [vessel(n, [m for m in every(5, 24 * 60 + 5) if (m // 420 + n) % 3], at_rest(-78.48, -12.88)) for n in range(10, 16)]
    event = found(sea(trawler(7), *patchy)).filter(pl.col("vessel_ids").list.contains("mmsi:100000001")).row(0, named=True)
    assert event["probability"] < 0.5


def test_a_hull_of_few_fixes_under_a_number_heard_elsewhere_makes_no_gap() -> None:
    hulls = pl.DataFrame(
        {"vessel_id": ["mmsi:100000001", "mmsi:100000001#2"], "mmsi": [100000001] * 2, "positions": [5, 500], "first_at": [NOON] * 2,
         "last_at": [LAST] * 2}
    ).cast({"mmsi": pl.UInt32, "positions": pl.UInt32, "first_at": VESSELS.schema["first_at"], "last_at": VESSELS.schema["last_at"]})  # fmt: skip
    positions = sea(trawler(7), *others())
    believed = pl.concat([VESSELS.empty(), hulls], how="diagonal")
    assert found(positions, context=Context(hearing=learn_hearing(positions), vessels=believed)).is_empty()


def test_beacons_make_no_gap() -> None:
    positions = sea(trawler(7).with_columns(mmsi=pl.lit(972123456, pl.UInt32)), *others())
    assert found(positions).is_empty()


def test_the_published_rule_for_disabling_can_be_asked_for_and_is_named() -> None:
    positions = sea(trawler(13), *others())
    far, near = (Context(shore_m=lambda lon, lat, m=m: np.full(len(lon), m), hearing=learn_hearing(positions)) for m in (200_000.0, 50_000.0))
    assert "gap.disabling" in codes(found(positions, context=far).row(0, named=True))
    assert "gap.disabling" not in codes(found(positions, context=near).row(0, named=True))
    assert len(find_gaps(positions, far, DISABLING, LAST)) == 1
    assert find_gaps(positions, near, DISABLING, LAST).is_empty()


def test_a_place_a_vessel_jumped_to_and_came_back_from_makes_no_gap() -> None:
    minutes = every(2, 24 * 60 + 5)
    home = vessel(1, [m for m in minutes if not 600 <= m < 660], at_rest(-80.0))
    false = vessel(1, [m for m in minutes if 600 <= m < 660], at_rest(-78.0), name="mmsi:100000001#2")
    around = [vessel(n, every(5, 24 * 60 + 5), at_rest(x, -12.05)) for n, x in ((12, -80.1), (13, -80.2), (14, -78.1), (15, -78.2))]
    assert found(sea(home, false, *around)).is_empty()
    gone = home.filter(pl.col("at") < after(minutes=600))
    ids = found(sea(gone, false, *around))["vessel_ids"].to_list()
    assert ids == [["mmsi:100000001"], ["mmsi:100000001#2"]], "what does not come back is silent here, and then there"


def passes(number: int, hours: float, silent: tuple[float, float] = (0, 0)) -> pl.DataFrame:
    """Heard by a satellite for twelve minutes of every ninety."""
    minutes = [m for m in every(3, hours * 60) if m % 90 < 12 and not silent[0] * 60 < m < silent[1] * 60]
    return vessel(number, minutes, at_rest(-78.5 + 0.05 * number, -12.5), feed="satellite")


def test_a_satellite_between_its_passes_is_not_down_so_a_day_of_silence_is_seen() -> None:
    positions = sea(passes(1, 48, silent=(12, 30)), *(passes(n, 48) for n in range(10, 20)))
    event = found(positions, after(hours=48)).row(0, named=True)
    assert event["start_at"] <= after(hours=12) and event["end_at"] >= after(hours=30) and event["probability"] > 0.1
    assert found(sea(passes(1, 48, silent=(12, 17)), *(passes(n, 48) for n in range(10, 20))), after(hours=48)).is_empty()


def test_a_satellite_that_stops_for_a_day_makes_nobody_dark() -> None:
    positions = sea(*(passes(n, 72, silent=(20, 44)) for n in range(10, 20)))
    assert found(positions, after(hours=72)).is_empty()
