"""The gate: no field of a denied object and no more precision than allowed ever leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import ParameterError, RealmError
from seaward.exchange import bodies as b
from seaward.exchange.degrade import Detail, pseudonym
from seaward.exchange.explain import explain
from seaward.exchange.grid import snap
from seaward.exchange.items import Item, object_id, wire_id
from seaward.exchange.label import LEVELS, Handling, Label, Scope
from seaward.exchange.operations import Operation, lasting, open_for
from seaward.exchange.policy import Refusal, default_policy, load_policy
from seaward.exchange.release import Gate, Grant, Partner, moment
from tests.exchange.made import BODIES, ECU, EVENT, NOW, NOW_MS, TRACK, USA, item, items, label, operation, operations, partners

POLICY = default_policy()
GATE = Gate("PER", "ops", POLICY)
OPEN_CASES = '[{"say": "a", "kind": "%s", "rel": ["USA"], "to": "USA", "expect": "all"}]'
OPEN = load_policy(
    '@id("all") @precision_m("0") @round_s("0") @delay_s("0") @without("")\npermit (principal, action, resource);', OPEN_CASES % "track", "open"
)
"""The most careless set of rules there can be: what holds for it is the floor."""


def none_named(kind: str, id: str) -> None:
    return None


@given(items, partners, st.lists(operations, max_size=3), st.sampled_from([POLICY, OPEN]))
def test_nothing_passes_the_floor_whatever_the_rules(it: Item, partner: Partner, opened: list[Operation], policy: Any) -> None:
    gate = Gate("PER", "ops", policy, tuple(opened))
    grant = gate.decide(it, partner, NOW_MS)
    if isinstance(grant, Refusal):
        assert explain(it, partner, gate, NOW_MS).released is None
        return
    said = it.label
    reach = {s.operation for s in said.scope if s.until > NOW} & {o.id for o in opened if o.is_open(partner.nation, NOW)}
    assert it.realm == "ops" and said.tlp != "RED" and said.owner != partner.nation
    assert LEVELS.index(said.level) <= LEVELS.index(partner.clearance)
    assert said.owner == "PER" or not said.orcon
    assert partner.nation in said.rel or reach
    if policy is OPEN:
        assert not it.tells_own_units
    relaxed = grant.rule in ("rescue-opens-tracks", "pursuit-opens-tracks")
    if not relaxed:
        assert grant.detail.precision_m >= said.handling.precision_m
        assert grant.due_ms >= (
            0 if not said.handling.delay_s else said.handling.delay_s * 1_000 + it.body.at_ms if isinstance(it.body, b.Track) else 0
        )
    else:
        assert reach


@given(items, partners, st.lists(operations, max_size=3))
def test_what_leaves_has_the_grid_in_it_and_no_name_that_is_held_back(it: Item, partner: Partner, opened: list[Operation]) -> None:
    gate = Gate("PER", "ops", POLICY, tuple(opened))
    grant = gate.decide(it, partner, NOW_MS)
    if isinstance(grant, Refusal):
        return
    left = gate.released(it, grant, partner, none_named)
    body: Any = left.body
    if grant.detail.precision_m and getattr(body, "lon_udeg", None) is not None:
        assert snap(body.lon_udeg, body.lat_udeg, grant.detail.precision_m) == (body.lon_udeg, body.lat_udeg)
        assert body.error_m >= grant.detail.precision_m / 3.5
        assert left.label.handling.precision_m == grant.detail.precision_m
    for group, field in (("persons", "by"), ("persons", "coordinator"), ("text", "text"), ("evidence", "evidence"), ("identity", "vessel_ids")):
        if group in grant.detail.without and field in body.__struct_fields__:
            assert not getattr(body, field)
    theirs = {o.id for o in opened if partner.nation in o.partners}
    assert {s.operation for s in left.label.scope} <= theirs
    assert left.label.handling.hold_until is None


def test_a_track_goes_on_a_grid_of_a_mile() -> None:
    grant = GATE.decide(item(), USA, NOW_MS)
    assert isinstance(grant, Grant) and (grant.rule, grant.detail.precision_m, grant.detail.step_ms) == ("tracks-on-a-grid", 1_852, 600_000)
    left: Any = GATE.released(item(), grant, USA, none_named).body
    assert (left.lon_udeg, left.lat_udeg) == snap(TRACK.lon_udeg, TRACK.lat_udeg, 1_852) and left.error_m == 535  # sqrt(10^2 + 1852^2 / 12)
    assert left.at_ms == (NOW_MS - 5_000) // 600_000 * 600_000 and left.sog_dkn == 80 and left.cog_ddeg == 1_350


def test_a_rescue_opens_tracks_for_its_time_and_closes_by_itself() -> None:
    gate = Gate("PER", "ops", POLICY, (operation(hours=2),))
    it = item(label=label(rel=(), scope=(Scope("op-1", NOW + timedelta(hours=1)),), handling=Handling(precision_m=5_000)))
    assert gate.decide(it, ECU, NOW_MS) == Refusal("policy.none")
    grant = gate.decide(it, USA, NOW_MS)
    assert isinstance(grant, Grant) and grant.rule == "rescue-opens-tracks" and grant.detail.precision_m == 0
    assert grant.until_ms == NOW_MS + 3_600_000  # the label ends before the operation
    assert isinstance(gate.decide(it, USA, NOW_MS + 3_599_999), Grant)
    assert gate.decide(it, USA, NOW_MS + 3_600_000) == Refusal("policy.none")
    assert gate.decide(it, USA, NOW_MS - 3_600_001) == Refusal("policy.none")  # before it was opened


def test_own_units_leave_only_by_a_rule_that_says_so() -> None:
    own = item(own_unit=True)
    assert GATE.decide(own, USA, NOW_MS) == Refusal("floor.own_unit")
    opened = Gate("PER", "ops", POLICY, (operation(),))
    assert isinstance(opened.decide(replace(own, label=label(scope=(Scope("op-1", NOW + timedelta(hours=1)),))), USA, NOW_MS), Grant)
    pursuit = Gate("PER", "ops", POLICY, (operation("pursuit"),))
    assert pursuit.decide(replace(own, label=label(scope=(Scope("op-1", NOW + timedelta(hours=1)),))), USA, NOW_MS) == Refusal("floor.own_unit")


def test_delay_and_hold_say_when_it_may_leave() -> None:
    delayed = GATE.decide(item(EVENT, label=label(handling=Handling(delay_s=3_600))), USA, NOW_MS)
    assert isinstance(delayed, Grant) and delayed.due_ms == EVENT.end_ms + 1 + 3_600_000
    stepped = GATE.decide(item(label=label(handling=Handling(delay_s=3_600))), USA, NOW_MS)
    assert (
        isinstance(stepped, Grant) and stepped.due_ms == (TRACK.at_ms // 600_000 + 1) * 600_000 + 3_600_000
    )  # old enough even at the end of its step
    held = GATE.decide(item(EVENT, label=label(handling=Handling(hold_until=NOW + timedelta(hours=5)))), USA, NOW_MS)
    assert isinstance(held, Grant) and held.due_ms == NOW_MS + 5 * 3_600_000


def test_anothers_object_is_passed_on_only_with_consent() -> None:
    theirs = item(EVENT, label=label(owner="ECU"))
    assert GATE.decide(theirs, USA, NOW_MS) == Refusal("floor.orcon")
    assert isinstance(GATE.decide(replace(theirs, label=label(owner="ECU", orcon=False)), USA, NOW_MS), Grant)
    assert GATE.decide(item(EVENT, label=label(owner="USA", orcon=False)), USA, NOW_MS) == Refusal("floor.theirs")


def test_persons_stay_unnamed_where_the_label_says_personal() -> None:
    case = BODIES[11]  # a chat line
    assert isinstance(case, b.Chat)
    grant = GATE.decide(item(case, label=label(personal_data=True)), USA, NOW_MS)
    assert isinstance(grant, Grant)
    left: Any = GATE.released(item(case, label=label(personal_data=True)), grant, USA, none_named).body
    assert left.by is None and left.text == case.text


@pytest.mark.parametrize("kind", ["track", "event"])
def test_an_id_that_would_tell_goes_under_another_name(kind: str) -> None:
    coarse = Grant("x", Detail(precision_m=1_000, without=frozenset({"identity"})), 0, None)
    it = item(TRACK if kind == "track" else EVENT)
    assert GATE.released(it, coarse, USA, none_named).id == pseudonym(kind, it.id, USA.secret)
    assert GATE.released(it, Grant("x", Detail(), 0, None), USA, none_named).id == it.id


def test_who_a_vessel_is_does_not_leave_where_identity_is_held_back() -> None:
    rules = OPEN.rules, '@id("all") @precision_m("0") @round_s("0") @delay_s("0") @without("identity")\npermit (principal, action, resource);'
    gate = Gate("PER", "ops", load_policy(rules[1], OPEN_CASES % "track", "nameless"))
    assert gate.decide(item(BODIES[1]), USA, NOW_MS) == Refusal("floor.empty")


def test_control_of_a_drill_stays_in_its_drill() -> None:
    drill = item(BODIES[13])
    assert GATE.decide(drill, USA, NOW_MS) == Refusal("floor.realm")
    assert isinstance(Gate("PER", "ex:north-1", POLICY).decide(drill, USA, NOW_MS), Grant)
    with pytest.raises(RealmError):
        replace(drill, realm="ops")


def test_explain_says_by_which_rule_and_what_leaves_in_both_languages() -> None:
    told = explain(item(), USA, GATE, NOW_MS)
    assert told.is_allowed and "tracks-on-a-grid" in told.lines("en")[0] and any("1,852 m" in line for line in told.lines("en"))
    assert any("lon_deg: -77.1" in line and "changed" in line for line in told.lines("en"))
    denied = explain(item(), ECU, GATE, NOW_MS)
    assert denied.lines("es")[0].startswith("track mmsi:224000123 NO se enviaría a ECU") and denied.grant is None
    assert denied.lines("en")[1] == "no rule permits it"


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
@pytest.mark.parametrize("language", ["en", "es"])
def test_explain_has_words_for_every_kind(body: b.Body, language: str) -> None:
    gate = Gate("PER", "ex:north-1" if isinstance(body, b.Drill) else "ops", OPEN)
    assert explain(item(body), USA, gate, NOW_MS).lines(language)


def test_operations_that_never_end_or_have_no_zone_are_refused() -> None:
    with pytest.raises(ParameterError, match="72 hours"):
        Operation("op", "rescue", frozenset(), NOW, NOW + timedelta(hours=73))
    with pytest.raises(ParameterError, match="zone"):
        Operation("op", "rescue", frozenset(), NOW.replace(tzinfo=None), NOW)
    assert open_for([operation()], "ECU", NOW) == () and lasting((Scope("a", NOW),), NOW) == frozenset()


@given(st.one_of(st.integers(0, 999_999_999).map(lambda n: f"mmsi:{n:09d}"), st.text(min_size=1, max_size=96)))
def test_an_id_comes_back_from_the_wire(id: str) -> None:
    assert object_id(wire_id(id)) == id


@pytest.mark.parametrize("wrong", [{"id": ""}, {"id": "x" * 97}, {"id": "~x"}, {"version": 0}, {"label": label(rel=("USA", "ECU"))}])
def test_an_object_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        item(**wrong)


def test_a_partner_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ParameterError, match="clearance"):
        Partner("USA", b"x" * 32, "SECRET")
    with pytest.raises(ParameterError, match="secret"):
        Partner("USA", b"x")


def test_a_field_of_a_denied_object_is_nowhere_in_what_leaves_of_another() -> None:
    """An alert refers to an event that the partner may not see: its id, a hash of vessel and start, must not go along."""
    alert = b.Alert("7" * 32, "gap", "alarm", "new", NOW_MS, None, None, None, None, None)
    grant = GATE.decide(item(alert), USA, NOW_MS)
    assert isinstance(grant, Grant)
    assert b"7777" not in msgspec.msgpack.encode(GATE.released(item(alert), grant, USA, none_named).body)


def test_an_answer_that_is_remembered_holds_no_longer_than_its_operation_and_counts_for_one_label_alone() -> None:
    opened = Operation("sar", "rescue", frozenset({"USA"}), moment(NOW_MS), moment(NOW_MS + 60_000))
    gate = Gate("PER", "ops", POLICY, (opened,))
    label = Label("per/1", "LIMITED", "AMBER", "PER", scope=(Scope("sar", moment(NOW_MS + 30_000)),))
    it = Item("o1", 1, "ops", label, b.Chat("watch", NOW_MS, None, "x"))
    for at_ms, is_open in (
        (NOW_MS - 1, False),
        (NOW_MS, True),
        (NOW_MS + 29_999, True),
        (NOW_MS + 30_000, False),
        (NOW_MS, True),
        (NOW_MS - 1, False),
    ):
        assert isinstance(gate.decide(it, USA, at_ms), Grant) is is_open, at_ms
    assert isinstance(gate.decide(it, ECU, NOW_MS), Refusal)
    assert isinstance(gate.decide(replace(it, label=Label("per/1", "LIMITED", "AMBER", "PER")), USA, NOW_MS), Refusal)
