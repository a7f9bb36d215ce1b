"""Events to alerts: one for one situation, none where there is no reason, none lost."""

from __future__ import annotations

import contextlib
import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.alerts.life import Refused
from seaward.alerts.raise_alerts import Known, raise_alerts
from seaward.alerts.rules import Rule, Rules
from seaward.chart.places import Places
from seaward.core.errors import RealmError
from tests.alerts.floor import CHINA, GAPS, PERU, RULES, Book, at, event, listed, silence, table, vessel


def test_an_event_that_meets_a_rule_becomes_an_alert_with_the_rule_and_what_was_met() -> None:
    book = Book()
    outcome = book.offer(event(areas=["Reserva"]))
    alert = book.one
    assert (alert.state, alert.priority, alert.rule, alert.kind, alert.areas) == ("new", "warning", "gaps", "gap", ("Reserva",))
    assert [r["code"] for r in alert.reasons] == ["alert.kind", "alert.probability"]
    assert outcome.verdicts == (("e1", 1, "raised", "gaps"),) and book.verbs == ["raised"]
    book.check()


def test_an_event_that_meets_none_makes_no_alert_and_says_so() -> None:
    book = Book()
    assert book.offer(event(probability=0.4), event("e2", kind="fishing")).verdicts == (("e1", 1, "no_rule", None), ("e2", 1, "no_rule", None))
    assert not book.alerts


def test_of_several_rules_the_highest_priority_counts_and_of_these_the_first() -> None:
    book = Book()
    book.offer(event(probability=0.95))
    assert (book.one.rule, book.one.priority) == ("sure", "alarm")


def test_nothing_is_alerted_in_port_but_by_a_rule_that_looks_there() -> None:
    callao = Places(("Callao",), np.array([-78.0]), np.array([-12.0]), ("port",))
    visits = Rule("visits", "warning", kinds=frozenset({"port_visit"}), in_port=True)
    book = Book(Rules((GAPS, visits)), places=callao)
    verdicts = book.offer(event(lat_deg=-12.02), event("e2", lat_deg=-12.03), event("e3", kind="port_visit")).verdicts
    assert [v[2] for v in verdicts] == ["in_port", "raised", "raised"]  # 2.2 km, 3.3 km: the limit is 3 km


def test_a_gap_is_not_alerted_while_its_feed_is_down_and_is_once_it_is_up() -> None:
    book = Book()
    assert book.offer(event(), event("e2", kind="encounter"), down=frozenset({"coast"})).verdicts[0] == ("e1", 1, "feed_down", None)
    assert [a.kind for a in book.alerts] == ["encounter"]
    book.offer(event(), hours=2)
    assert [a.kind for a in book.alerts] == ["encounter", "gap"]


def test_an_alert_stays_when_its_feed_goes_down_later() -> None:
    book = Book()
    book.offer(event())
    book.offer(event(version=2, until_h=5), hours=5, down=frozenset({"coast"}))
    assert book.one.mark is None and book.one.end_at == at(5)


def test_a_rule_that_excludes_wins_over_all_others() -> None:
    tugs = Rule("tugs", exclude=True, classes=frozenset({"towing"}))
    book = Book(Rules((GAPS, tugs)), vessels=vessel(ship_type=52))
    assert book.offer(event()).verdicts == (("e1", 1, "excluded", "tugs"),)


def test_the_same_again_soon_after_joins_the_alert_without_asking_again() -> None:
    book = Book()
    book.offer(event())
    book.do("acknowledge")
    book.offer(event("e2", since_h=6.9, until_h=8), hours=8)
    assert book.one.state == "acknowledged" and len(book.one.members) == 2 and book.verbs == ["raised", "acknowledged", "updated"]
    book.offer(event("e3", since_h=14.1, until_h=15), hours=15)
    assert len(book.open) == 2
    book.check()


def test_another_vessel_is_another_alert() -> None:
    book = Book()
    book.offer(event(), event("e2", vessel_ids=[CHINA]))
    assert len(book.open) == 2


def test_one_meeting_seen_as_three_things_is_one_alert() -> None:
    book = Book()
    book.offer(event("l1", kind="loitering"))
    book.offer(event("l2", kind="loitering", vessel_ids=[CHINA]))
    assert len(book.open) == 2
    book.offer(event("m", kind="encounter", vessel_ids=[CHINA, PERU]))
    assert book.partition() == {frozenset({"l1", "l2", "m"})} and book.one.vessel_ids == (CHINA, PERU)
    assert book.verbs == ["raised", "raised", "updated", "merged"]
    (merged,) = (a for a in book.alerts if a.mark == "merged")
    assert merged.merged_into == book.one.alert_id
    book.check()


def test_a_loitering_twenty_miles_away_is_another_situation() -> None:
    book = Book()
    book.offer(event("l1", kind="loitering"), event("m", kind="encounter", vessel_ids=[CHINA, PERU], lat_deg=-12.34))
    assert len(book.open) == 2


def test_what_hung_together_by_an_event_that_is_withdrawn_is_divided_and_keeps_how_far_it_was() -> None:
    book = Book()
    book.offer(event("x"), event("y", since_h=5, until_h=6), event("z", since_h=10, until_h=11))
    book.do("acknowledge")
    book.offer(event("y", 2, since_h=5, until_h=6, state="withdrawn"), hours=12)
    assert book.partition() == {frozenset({"x"}), frozenset({"z"})}
    assert {a.state for a in book.open} == {"acknowledged"} and book.verbs[-1] == "divided"
    book.check()


def test_a_withdrawn_event_marks_its_alert_which_keeps_its_state_and_history() -> None:
    book = Book()
    book.offer(event())
    book.do("acknowledge")
    book.offer(event(version=2, state="withdrawn"), hours=3)
    alert = book.one
    assert (alert.mark, alert.state, alert.ongoing) == ("withdrawn", "acknowledged", False) and not book.open
    assert book.verbs == ["raised", "acknowledged", "withdrawn"]
    book.offer(event(version=3), hours=4)
    assert (book.one.mark, book.one.state, book.one.alarmed_at, book.verbs[-1]) == (None, "new", at(4), "restored")
    book.check()


def test_a_withdrawn_event_that_was_never_alerted_stays_quiet() -> None:
    book = Book()
    assert book.offer(event(state="withdrawn")).verdicts == (("e1", 1, "withdrawn", None),) and not book.alerts


def test_a_revised_event_asks_again_only_when_its_priority_rises() -> None:
    book = Book()
    book.offer(event())
    book.do("acknowledge")
    book.offer(event(version=2, until_h=3, probability=0.8), hours=3)
    assert book.one.state == "acknowledged" and book.one.members[0].version == 2
    book.offer(event(version=3, until_h=4, probability=0.95), hours=4)
    assert (book.one.state, book.one.priority, book.one.answered_at, book.verbs[-1]) == ("new", "alarm", None, "escalated")
    book.offer(event(version=4, until_h=5, probability=0.6), hours=5)
    assert (book.one.state, book.one.priority) == ("new", "warning")
    book.check()


def test_an_event_that_meets_no_rule_any_more_lapses() -> None:
    book = Book()
    book.offer(event())
    assert book.offer(event(version=2, probability=0.1), hours=2).verdicts == (("e1", 2, "no_rule", "gaps"),)
    assert book.one.mark == "lapsed" and book.verbs[-1] == "lapsed"


def test_an_event_that_only_goes_on_is_no_news() -> None:
    book = Book()
    book.offer(event())
    assert book.offer(event(version=2, until_h=1.4, probability=0.65), hours=2).steps == ()
    assert len(book.offer(event(version=3, until_h=1.5), hours=2).steps) == 1
    assert len(book.offer(event(version=4, until_h=1.5, state="closed"), hours=2).steps) == 1
    assert not book.one.ongoing


def test_an_old_version_that_comes_late_changes_nothing() -> None:
    book = Book()
    book.offer(event(version=2, state="closed", until_h=3))
    assert book.offer(event(version=1)).steps == ()


@pytest.mark.parametrize("why", ["false_sensor", "true_lawful"])
def test_a_dismissed_alert_takes_no_new_events_and_asks_again_only_when_its_own_rises(why: str) -> None:
    book = Book()
    book.offer(event())
    first = book.do("dismiss", why="looked at", dismissal=why)
    book.offer(event("e2", since_h=3, until_h=4), hours=4)
    new = next(a for a in book.alerts if a.alert_id != first.alert_id)
    assert (new.state, new.follows) == ("new", first.alert_id)
    book.offer(event(version=2, until_h=2), hours=5)
    assert next(a for a in book.alerts if a.alert_id == first.alert_id).state == "dismissed"
    book.offer(event(version=3, until_h=2, probability=0.95), hours=6)
    again = next(a for a in book.alerts if a.alert_id == first.alert_id)
    assert (again.state, again.dismissal, again.priority) == ("new", None, "alarm")
    book.check()


def test_a_case_grows_and_stays_a_case_even_when_its_priority_rises() -> None:
    book = Book()
    book.offer(event())
    book.do("validate")
    book.offer(event("e2", since_h=3, until_h=4, probability=0.95), hours=4)
    assert (book.one.state, book.one.priority, len(book.one.members), book.verbs[-1]) == ("validated", "alarm", 2, "escalated")


@pytest.mark.parametrize("what", [{"vessel_id": PERU}, {"rule": "gaps"}, {"area": "Reserva*"}, {"kind": "gap"}, {"vessel_id": PERU, "kind": "gap"}])
def test_what_a_silence_covers_is_kept_silently_until_it_ends_and_then_asks(what: dict[str, str]) -> None:
    book = Book(silences=[silence(**what)])
    book.offer(event(areas=["Reserva de Paracas"]))
    assert (book.one.state, book.one.silenced_until) == ("silenced", at(2))
    assert book.offer(hours=1.9).steps == ()
    book.offer(hours=2)
    assert (book.one.state, book.verbs[-1], book.one.silenced_until) == ("new", "woken", None)
    book.check()


@pytest.mark.parametrize("what", [{"vessel_id": CHINA}, {"rule": "sure"}, {"area": "Otra"}, {"kind": "drift"}, {"vessel_id": PERU, "kind": "drift"}])
def test_a_silence_of_something_else_does_not_cover(what: dict[str, str]) -> None:
    book = Book(silences=[silence(**what)])
    book.offer(event(areas=["Reserva de Paracas"]))
    assert book.one.state == "new"


def test_a_silence_does_not_hide_what_is_of_a_higher_priority() -> None:
    book = Book(silences=[silence(vessel_id=PERU)])
    book.offer(event())
    book.offer(event(version=2, probability=0.95), hours=1)
    assert (book.one.state, book.one.priority) == ("new", "alarm")


def test_a_silence_that_ends_after_the_event_wakes_nobody() -> None:
    book = Book(silences=[silence(vessel_id=PERU)])
    book.offer(event())
    book.offer(event(version=2, state="closed"), hours=1.5)
    assert book.offer(hours=3).steps == () and book.one.state == "silenced"


def test_a_silence_for_this_occurrence_lasts_as_long_as_the_alert() -> None:
    book = Book()
    book.offer(event())
    quiet = book.do("silence", why="known tug")
    for hours in (5, 10):
        book.offer(event(f"e{hours}", since_h=hours, until_h=hours + 1), hours=hours + 1, silences=[silence(until_h=None, alert_id=quiet.alert_id)])
        assert book.one.state == "silenced"


def test_a_repeat_offence_counts_what_the_vessel_did_before_within_the_days() -> None:
    again = Rule("again", "alarm", kinds=frozenset({"gap"}), repeat_events=3, repeat_days=30)
    book = Book(Rules((again,)))
    assert [book.offer(event(f"e{d}", since_h=24 * d, until_h=24 * d + 1)).verdicts[0][2] for d in (0, 10, 29, 45, 46)] == [
        "no_rule", "no_rule", "raised", "no_rule", "raised",
    ]  # fmt: skip
    said = {v["name"]: v["value"] for v in book.alerts[0].reasons[-1]["values"]}
    assert said == {"vessel": PERU, "count": "3", "days": "30"}


def test_a_vessel_on_a_list_is_found_also_under_a_name_it_gave_before() -> None:
    rule = Rule("listed", "alarm", lists=("iuu*",))
    before = {"since_at": at(-100), "imo": None, "name": "LUCERO I", "callsign": None, "ship_type": None, "length_m": None}
    book = Book(Rules((rule,)), lists=listed(name="LUCERO *"), vessels=vessel(name="ESTRELLA", identity=[before]))
    book.offer(event())
    assert book.one.reasons[-1]["code"] == "alert.list_by_name"


@pytest.mark.parametrize("realm", ["ex:a", "OPS"])
def test_another_realm_is_refused(realm: str) -> None:
    with pytest.raises(RealmError, match="refused"):
        Book().offer(event(realm=realm))
    book = Book()
    book.offer(event())
    with pytest.raises(RealmError, match="refused"):
        raise_alerts(table(event()), Known("ops", RULES, earlier=[replace(book.one, realm=realm)]), at(1))


KINDS = st.sampled_from(["gap", "loitering", "encounter"])
MADE = st.lists(
    st.tuples(KINDS, st.integers(0, 30), st.integers(0, 5), st.sets(st.sampled_from(["mmsi:1", "mmsi:2", "mmsi:3"]), min_size=1, max_size=2),
              st.sampled_from([-12.0, -12.1, -12.5]), st.booleans(), st.sampled_from([0.2, 0.6, 0.95])),
    min_size=1, max_size=9,
)  # fmt: skip


@given(MADE, st.integers(0, 10_000))
def test_the_order_in_which_events_come_does_not_change_the_groups(made: list[tuple[str, int, int, set[str], float, bool, float]], seed: int) -> None:
    versions = []
    for n, (kind, since, lasts, vessels, lat, withdrawn, p) in enumerate(made):
        one = event(f"e{n}", 1, since, since + lasts, kind=kind, vessel_ids=sorted(vessels), lat_deg=lat, probability=p)
        versions.append(one)
        if withdrawn:
            versions.append(one | {"version": 2, "state": "withdrawn"})
    together = Book()
    together.offer(*versions)
    shuffled = [*versions]
    random.Random(seed).shuffle(shuffled)
    seen: dict[str, int] = {}
    one_by_one = Book()
    for v in shuffled:
        if v["version"] > seen.get(v["event_id"], 0):  # the store publishes the last version it has
            seen[v["event_id"]] = v["version"]
            one_by_one.offer(v)
    assert one_by_one.partition() == together.partition()
    assert {(a.priority, a.kind, frozenset(a.vessel_ids)) for a in one_by_one.open} == {
        (a.priority, a.kind, frozenset(a.vessel_ids)) for a in together.open
    }
    for book in (together, one_by_one):
        book.check()
        held = [m.event_id for a in book.open for m in a.live]
        assert len(held) == len({*held})


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("offer"), st.integers(0, 4), st.sampled_from(["open", "closed", "withdrawn"]), st.sampled_from([0.2, 0.6, 0.95])),
            st.tuples(st.sampled_from(["acknowledge", "validate", "dismiss", "silence", "reopen", "comment"]), st.integers(0, 4)),
        ),
        max_size=25,
    )
)
def test_whatever_happens_the_history_only_grows_and_makes_the_alerts(deeds: list[tuple]) -> None:  # type: ignore[type-arg]
    book = Book()
    counter = itertools.count(1)
    for n, deed in enumerate(deeds):
        before = [*book.history]
        if deed[0] == "offer":
            _, i, state, p = deed
            book.offer(event(f"e{i}", next(counter), 4 * i, 4 * i + 1, state=state, probability=p), hours=n)
        elif book.alerts:
            alert = book.alerts[deed[1] % len(book.alerts)]
            with contextlib.suppress(Refused):
                book.do(deed[0], n, "why", alert, **({"dismissal": "false_sensor"} if deed[0] == "dismiss" else {}))
        assert book.history[: len(before)] == before
    book.check()


def test_inputs_are_not_changed_and_twice_is_the_same() -> None:
    book = Book()
    events = table(event(), event("e2", since_h=3))
    copy = events.clone()
    one, two = (book.offer(*events.to_dicts()) for _ in range(2))
    assert events.equals(copy) and two.steps == () and [v[:3] for v in one.verdicts] == [v[:3] for v in two.verdicts]
