"""Casts: what a scenario says becomes hulls, orders and claims; who is added changes nobody else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.core.errors import ParameterError
from seaward.core.units import NM_M
from seaward.drill import hulls
from seaward.drill.cast import cast_of
from seaward.drill.hulls import Cast
from seaward.drill.identities import Asked, is_made_up, numbers_of
from seaward.drill.scenario import GEARS, Actor, Step, Traffic
from tests.drill.scenarios_of_tests import ACTORS, CALLAO, HOUR_MS, TRAFFIC, scenario


@pytest.fixture(scope="module")
def cast() -> Cast:
    return cast_of(scenario())


def of(cast: Cast, who: str) -> dict[str, tuple]:
    """All that a cast says of one hull, numbers of others as ids."""
    n = cast.hulls.id.index(who)
    h, o = cast.hulls, cast.orders
    rows = slice(int(o.first[n]), int(o.first[n + 1]))
    said = {c: str(np.asarray(getattr(h, c))[n]) for c in h.__dataclass_fields__}
    orders = {c: str(getattr(o, c)[rows].tolist()) for c in o.__dataclass_fields__ if c not in ("first", "other")}
    others = [h.id[k] if k >= 0 else None for k in o.other[rows]]
    switches = [(int(a), bool(on)) for k, a, on in zip(cast.switches.hull, cast.switches.at_ms, cast.switches.is_on, strict=True) if k == n]
    claims = [(c.from_ms, c.to_ms, c.mmsi, c.name) for c in cast.claims if c.hull == n]
    places = [str(replace(p, hull=0)) for p in cast.false_places if p.hull == n]
    return {"said": tuple(said.items()), "orders": tuple(orders.items()), "rest": (others, switches, claims, places)}


def rows(cast: Cast, who: str) -> list[tuple[int, int]]:
    n = cast.hulls.id.index(who)
    part = slice(int(cast.orders.first[n]), int(cast.orders.first[n + 1]))
    return list(zip(cast.orders.what[part].tolist(), cast.orders.until_ms[part].tolist(), strict=True))


def test_hulls_are_sorted_by_id_and_columns_have_their_types(cast) -> None:
    h, o = cast.hulls, cast.orders
    assert list(h.id) == sorted(h.id) and len(h.id) == sum(t.count for t in TRAFFIC) + len(ACTORS)
    assert (h.key.dtype, h.mmsi.dtype, h.ship_type.dtype, h.ais_class.dtype, h.is_real.dtype) == (np.uint64, np.int64, np.int64, np.uint8, np.bool_)
    assert h.start_deg.shape == (len(h.id), 2) and np.isfinite(h.start_deg).all()
    assert o.first[0] == 0 and o.first[-1] == len(o.what) and (np.diff(o.first) > 0).all()
    assert (o.what.dtype, o.until_ms.dtype, o.other.dtype) == (np.uint8, np.int64, np.int64)
    assert np.isfinite(o.lon_deg[o.what == hulls.SAIL]).all() and (o.speed_kn[o.what == hulls.SAIL] > 0).all()
    assert ((o.other >= 0) == (o.what == hulls.MEET)).all()


def test_no_identity_can_be_real_and_no_two_hulls_share_one_but_copies(cast) -> None:
    h = cast.hulls
    assert all(is_made_up(m) for m in h.mmsi.tolist())
    assert len(set(h.mmsi[h.is_real].tolist())) == h.is_real.sum()
    assert all(name.endswith("(EX)") and len(name) <= 20 for name in h.name)
    assert all(len(c) == 7 for c in h.callsign)
    assert not is_made_up(111_234_567) and not is_made_up(200_000_000) and not is_made_up(99_999_999)


def test_the_same_scenario_gives_the_same_cast_and_another_seed_other_plans_under_the_same_numbers(cast) -> None:
    again, other = cast_of(scenario()), cast_of(scenario(seed=8))
    assert all(of(cast, who) == of(again, who) for who in cast.hulls.id)
    assert np.array_equal(cast.hulls.mmsi, other.hulls.mmsi)
    assert not np.array_equal(cast.hulls.start_deg, other.hulls.start_deg) and not np.array_equal(cast.hulls.key, other.hulls.key)


NEW_ACTOR = st.builds(
    Actor, st.text("abcxyz", min_size=1, max_size=6).map("new{}".format), st.sampled_from(("cargo", "trawler", "go_fast")),
    st.tuples(st.floats(-83.0, -80.0), st.floats(-14.0, -11.0)),
    st.sampled_from(((), (Step(0, "work"),), (Step(HOUR_MS, "meet", actor="jig07"),), (Step(0, "claim", actor="lane/3"),))),
)  # fmt: skip
NEW_TRAFFIC = st.builds(
    Traffic, st.text("abcxyz", min_size=1, max_size=6).map("more{}".format), st.sampled_from(("cargo", "tanker")), st.integers(1, 3),
    st.sampled_from(("lane", "anchored", "moored", "port_calls")), st.just(((-83.0, -6.0), (-81.0, -13.0))), st.just((CALLAO,)),
    st.just((-77.3, -12.1)),
)  # fmt: skip


@settings(max_examples=15)
@given(NEW_ACTOR, NEW_TRAFFIC, st.integers(0, len(ACTORS)), st.integers(0, len(TRAFFIC)))
def test_whoever_is_added_changes_no_other_hull(cast, actor, traffic, at, at2) -> None:
    more = cast_of(scenario(traffic=(*TRAFFIC[:at2], traffic, *TRAFFIC[at2:]), actors=(*ACTORS[:at], actor, *ACTORS[at:])))
    assert len(more.hulls.id) == len(cast.hulls.id) + 1 + traffic.count
    changed = [who for who in cast.hulls.id if of(cast, who) != of(more, who)]
    assert changed == []


def test_a_larger_count_changes_no_ship_that_was_there() -> None:
    for traffic in TRAFFIC:
        if traffic.serves:  # those that serve share their work out
            continue
        few = cast_of(scenario(traffic=(traffic,), actors=()))
        many = cast_of(scenario(traffic=(replace(traffic, count=traffic.count + 3),), actors=()))
        assert [who for who in few.hulls.id if of(few, who) != of(many, who)] == [], traffic.id


def test_two_ids_that_lead_to_one_number_get_two_and_the_first_keeps_its_own() -> None:
    alone = numbers_of([Asked("b", "cargo")])["b"]
    both = numbers_of([Asked("a", "cargo", mmsi=alone), Asked("b", "cargo")])
    assert both["a"] == alone != both["b"] and is_made_up(both["b"])
    assert numbers_of([Asked("b", "cargo"), Asked("c", "cargo")])["b"] == alone


def test_steps_become_orders_that_end_when_the_next_begins(cast) -> None:
    jig = rows(cast, "jig07")
    assert jig == [(hulls.SAIL, 5 * HOUR_MS), (hulls.STEER, 5 * HOUR_MS), (hulls.WORK, 10 * HOUR_MS), (hulls.DRIFT, 24 * HOUR_MS)]
    n = cast.hulls.id.index("jig07")
    work = int(cast.orders.first[n]) + 2
    assert cast.orders.gear[work] == GEARS.index("squid_jig") and cast.orders.radius_m[work] == pytest.approx(4 * NM_M)
    assert cast.hulls.length_m[n] == 60.0


def test_a_meeting_names_the_other_and_ends_when_it_says(cast) -> None:
    reefer = rows(cast, "reef3")
    assert reefer[:3] == [(hulls.STEER, 9 * HOUR_MS), (hulls.MEET, 12 * HOUR_MS), (hulls.STEER, 13 * HOUR_MS)]
    assert all(what == hulls.SAIL for what, _ in reefer[3:])
    n = cast.hulls.id.index("reef3")
    assert cast.hulls.id[cast.orders.other[int(cast.orders.first[n]) + 1]] == "jig07"


def test_a_false_copy_has_no_hull_and_sends_the_identity_of_another(cast) -> None:
    h = cast.hulls
    ghost, copied = h.id.index("ghost"), h.id.index("lane/2")
    assert not h.is_real[ghost] and h.is_real.sum() == len(h.id) - 1
    assert (h.mmsi[ghost], h.name[ghost], h.length_m[ghost]) == (h.mmsi[copied], h.name[copied], h.length_m[copied])
    assert tuple(h.start_deg[ghost]) == (-79.0, -12.5)


def test_transmitters_switch_when_told_and_one_to_be_switched_on_later_is_off_before(cast) -> None:
    assert of(cast, "jig07")["rest"][1] == [(2 * HOUR_MS, False), (14 * HOUR_MS, True)]
    assert of(cast, "ghost")["rest"][1] == [(0, False), (4 * HOUR_MS, True)]


def test_claims_follow_each_other_with_identities_of_others_of_nobody_and_as_asked_for(cast) -> None:
    first, second, third = of(cast, "swap")["rest"][2]
    lane = cast.hulls.id.index("lane/1")
    assert first == (3 * HOUR_MS, 6 * HOUR_MS, cast.hulls.mmsi[lane], cast.hulls.name[lane])
    assert second[:2] == (6 * HOUR_MS, 8 * HOUR_MS) and second[2] not in cast.hulls.mmsi and is_made_up(second[2])
    assert third == (8 * HOUR_MS, 24 * HOUR_MS, 123_456_789, "OTHER (EX)")


def test_false_places_of_every_pattern_and_of_everyone_within_an_interference(cast) -> None:
    n = cast.hulls.id.index("ring")
    circle, offset, jump = (p for p in cast.false_places if p.hull == n)
    assert (circle.pattern, circle.lon_deg, circle.lat_deg, circle.radius_m) == ("circle", -78.0, -10.5, NM_M)
    assert (offset.east_m, offset.north_m, offset.to_ms) == (10 * NM_M, -5 * NM_M, 4 * HOUR_MS)
    assert (jump.pattern, jump.lon_deg, jump.to_ms) == ("jump", -79.0, 24 * HOUR_MS)
    (all_,) = (p for p in cast.false_places if p.hull == -1)
    assert (all_.around_deg, all_.within_m, all_.lon_deg) == ((-77.3, -12.1), 12 * NM_M, -77.11)


def test_a_boat_in_distress_is_named_with_those_aboard(cast) -> None:
    (distress,) = cast.distress
    assert (cast.hulls.id[distress.hull], distress.at_ms, distress.persons) == ("boat9", 7 * HOUR_MS, 4)


@pytest.mark.parametrize(
    ("actor", "word"),
    [
        (Actor("lane/1", "cargo", (-80.0, -12.0)), "two hulls"),
        (Actor("x", "submarine", (-80.0, -12.0)), "no kind"),
        (Actor("x", "cargo", (-80.0, -12.0), mmsi=760_000_001), "could be"),
        (Actor("x", "cargo", (-80.0, -12.0), copies="nobody"), "takes no part"),
        (Actor("x", "cargo", (-80.0, -12.0), (Step(0, "meet", actor="nobody"),)), "takes no part"),
        (Actor("x", "cargo", (-80.0, -12.0), (Step(0, "claim", actor="nobody"),)), "takes no part"),
        (Actor("x", "cargo", (-80.0, -12.0), (Step(0, "claim", mmsi=111_000_001),)), "could be"),
        (Actor("x", "cargo", (-80.0, -12.0), (Step(0, "false_place"),)), "needs"),
        (Actor("x", "cargo", (-80.0, -12.0), (Step(0, "sail"),)), "needs a place"),
        (Actor("x", "cargo", (-80.0, -12.0), (Step(0, "fly"),)), "no deed"),
    ],
)
def test_what_cannot_be_cast_is_refused_with_a_reason(actor, word) -> None:
    with pytest.raises(ParameterError, match=word):
        cast_of(scenario(traffic=TRAFFIC[:1], actors=(actor,)))


def test_an_empty_scenario_is_an_empty_sea() -> None:
    empty = cast_of(scenario(traffic=(), actors=()))
    assert empty.hulls.id == () and empty.orders.first.tolist() == [0] and empty.hulls.start_deg.shape == (0, 2)
