"""Who is whom: one to one, near misses of every tolerance, repeats and covered truths."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import InputError, ParameterError, RealmError
from seaward.core.tables import EVENTS, TRUE_TRACKS
from seaward.evaluation.matching import match_events
from seaward.evaluation.tolerances import TOLERANCES
from tests.evaluation.made import NOON, event, events_of, truth, truth_of


def verdicts(events: pl.DataFrame, real: pl.DataFrame) -> tuple[list[str], list[str]]:
    found = match_events(events, real)
    return found.events.sort("event_id")["verdict"].to_list(), found.truth.sort("truth_id")["verdict"].to_list()


@pytest.mark.parametrize("kind", sorted(TOLERANCES))
def test_a_pair_just_within_a_tolerance_is_one_and_just_beyond_it_two(kind: str) -> None:
    tolerance = TOLERANCES[kind]
    real = truth_of(truth("t", kind=kind))
    for beyond, expected in ((-1, (["hit"], ["hit"])), (1, (["false"], ["missed"]))):
        late = event("e", kind=kind, start_s=7200 + tolerance.time_s + beyond, end_s=99_999)
        far = event("e", kind=kind, north_m=tolerance.distance_m + beyond)
        assert verdicts(events_of(late), real) == expected
        assert verdicts(events_of(far), real) == expected


def test_another_vessel_is_another_event_and_none_named_goes_by_place_and_time() -> None:
    real = truth_of(truth("t"))
    assert verdicts(events_of(event("e", vessel_ids=["mmsi:100000002"])), real) == (["false"], ["missed"])
    assert verdicts(events_of(event("e", vessel_ids=["mmsi:100000001#2"])), real) == (["hit"], ["hit"])
    assert verdicts(events_of(event("e", vessel_ids=["detection:radar/7"])), real) == (["hit"], ["hit"])


def test_an_event_that_names_a_vessel_is_not_of_a_hull_that_sent_nothing() -> None:
    real = truth_of(truth("t", vessel_ids=[]))
    assert verdicts(events_of(event("e")), real) == (["false"], ["missed"])
    assert verdicts(events_of(event("e", vessel_ids=["detection:radar/7"])), real) == (["hit"], ["hit"])
    way = {"realm": "ex:test", "actor": "one", "at": NOON, "lon_deg": -80.0, "lat_deg": 0.0, "sog_kn": 0.0, "cog_deg": 0.0, "activity": "adrift"}
    for number, expected in ((100_000_001, "hit"), (100_000_002, "false"), (None, "false")):
        tracks = pl.DataFrame([way | {"mmsi": number}], schema=TRUE_TRACKS.schema)  # as a monitoring centre knows it by
        assert match_events(events_of(event("e")), real, true_tracks=tracks).events["verdict"].to_list() == [expected]


def test_several_events_of_one_truth_are_one_hit_and_repeats() -> None:
    assert verdicts(events_of(event("a"), event("b", start_s=600), event("c", start_s=50_000, end_s=60_000)), truth_of(truth("t"))) == (
        ["hit", "repeat", "false"], ["hit"],
    )  # fmt: skip


def test_an_event_over_several_truths_is_one_hit_and_covers_the_rest() -> None:
    real = truth_of(truth("t", end_s=1000), truth("u", start_s=3000), truth("v", start_s=50_000, end_s=60_000))
    assert verdicts(events_of(event("a")), real) == (["hit"], ["hit", "covered", "missed"])


def test_the_pairing_is_the_best_of_all_and_not_the_nearest_first() -> None:
    events = events_of(event("a", north_m=0), event("b", north_m=-5000))
    found = match_events(events, truth_of(truth("t", north_m=500), truth("u", north_m=5500)))
    assert dict(found.events.select("event_id", "truth_id").iter_rows()) == {"a": "u", "b": "t"}


def test_the_last_version_counts_and_what_was_withdrawn_does_not() -> None:
    events = events_of(event("a"), event("a", version=2, start_s=90_000, end_s=91_000), event("b", state="withdrawn"))
    assert verdicts(events, truth_of(truth("t"))) == (["false"], ["missed"])


def test_a_truth_that_moves_is_found_where_its_hull_was() -> None:
    way = pl.DataFrame(
        [{"realm": "ex:test", "actor": "one", "at": truth("t")[at], "lon_deg": -80.0, "lat_deg": lat, "sog_kn": 9, "cog_deg": 0,
          "activity": "under_way",
          "mmsi": None} for at, lat in (("start_at", 0.0), ("end_at", 0.4))], schema=TRUE_TRACKS.schema,
    )  # fmt: skip
    events, real = events_of(event("e", kind="dark_contact", start_s=3600, end_s=3600, lat_deg=0.2)), truth_of(truth("t", kind="dark_contact"))
    assert match_events(events, real).events["verdict"][0] == "false"
    assert match_events(events, real, true_tracks=way).events["verdict"][0] == "hit"


def test_another_realm_no_truth_a_truth_named_twice_and_an_unknown_kind_are_refused() -> None:
    with pytest.raises(RealmError, match="ex:test and ops"):
        match_events(events_of(event("e", realm="ops")), truth_of(truth("t")))
    with pytest.raises(InputError, match="nothing to score against"):
        match_events(events_of(event("e")), truth_of())
    with pytest.raises(InputError, match="named twice"):
        match_events(events_of(event("e")), truth_of(truth("t"), truth("t")))
    with pytest.raises(ParameterError, match="rain"):
        match_events(events_of(event("e", kind="rain")), truth_of(truth("t")))


def test_without_events_all_is_missed() -> None:
    assert match_events(EVENTS.empty(), truth_of(truth("t"))).truth["verdict"].to_list() == ["missed"]


places = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 8)), max_size=8)


@given(places, places.filter(bool), st.randoms(use_true_random=False))
def test_pairs_are_one_to_one_counted_alike_on_both_sides_and_the_same_in_any_order(left, right, random) -> None:
    rows = [event(f"e{k}", start_s=h * 1000, end_s=h * 1000 + 2000, north_m=d * 1500) for k, (h, d) in enumerate(left)]
    real = [truth(f"t{k}", start_s=h * 1000, end_s=h * 1000 + 2000, north_m=d * 1500) for k, (h, d) in enumerate(right)]
    found = match_events(events_of(*rows), truth_of(*real))
    hits, hit = (side.filter(pl.col("verdict") == "hit") for side in (found.events, found.truth))
    assert {*hits.select("event_id", "truth_id").iter_rows()} == {*hit.select("event_id", "truth_id").iter_rows()}
    assert hits["truth_id"].n_unique() == len(hits) <= min(len(rows), len(real))
    assert found.events.filter(pl.col("verdict") == "false")["truth_id"].null_count() == (found.events["verdict"] == "false").sum()
    random.shuffle(rows)
    random.shuffle(real)
    again = match_events(events_of(*rows), truth_of(*real))
    assert again.events.equals(found.events) and again.truth.equals(found.truth)
