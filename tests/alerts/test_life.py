"""What may be done with an alert, by whom, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from seaward.alerts.life import _TO, DISMISSALS, VERBS, Refused, act, allowed, assign
from seaward.core.catalogue import catalogue
from seaward.core.tables import ALERT_STATES
from tests.alerts.floor import Book, at, event

STATES = {
    "new": [], "acknowledged": ["acknowledge"], "validated": ["validate"], "dismissed": ["dismiss"], "silenced": ["silence"],
}  # fmt: skip
LEADS_TO = {  # state -> verb -> state after it; every other verb is refused
    "new": {"acknowledge": "acknowledged", "validate": "validated", "dismiss": "dismissed", "silence": "silenced", "comment": "new"},
    "acknowledged": {"validate": "validated", "dismiss": "dismissed", "silence": "silenced", "reopen": "new", "comment": "acknowledged"},
    "validated": {"dismiss": "dismissed", "reopen": "acknowledged", "comment": "validated"},
    "dismissed": {"validate": "validated", "dismiss": "dismissed", "reopen": "new", "comment": "dismissed"},
    "silenced": {"acknowledge": "acknowledged", "validate": "validated", "dismiss": "dismissed", "silence": "silenced", "reopen": "new",
                 "comment": "silenced"},
}  # fmt: skip


def in_state(state: str) -> Book:
    book = Book()
    book.offer(event())
    for verb in STATES[state]:
        book.do(verb, why="so", **({"dismissal": "true_lawful"} if verb == "dismiss" else {}))
    return book


@pytest.mark.parametrize("state", ALERT_STATES)
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_leads_where_it_should_or_is_refused_in_words(state: str, verb: str) -> None:
    book = in_state(state)
    what = {"dismissal": "false_position"} if verb == "dismiss" else {}
    if verb in LEADS_TO[state]:
        after = book.do(verb, 2, "because", **what)
        assert after.state == LEADS_TO[state][verb] and book.history[-1].who == "vega" and book.history[-1].at == at(2)
        assert verb in allowed(book.alerts[0]) or verb not in LEADS_TO[after.state]
        book.check()
    else:
        with pytest.raises(Refused) as e:
            book.do(verb, 2, "because", **what)
        assert catalogue("en")[f"alert.state.{state}"] in str(e.value) and catalogue("es")[f"alert.state.{state}"] in e.value.told("es")


def test_the_table_of_the_program_is_the_one_written_here() -> None:
    assert {(verb, state): to for state, verbs in LEADS_TO.items() for verb, to in verbs.items()} == _TO


def test_the_first_answer_counts_until_it_asks_again() -> None:
    book = in_state("acknowledged")
    assert (book.one.answered_at, book.one.answered_by) == (at(1), "vega")
    assert book.do("validate", 2).answered_at == at(1)
    assert book.do("dismiss", 3, "no", dismissal="duplicate").answered_at == at(1)
    again = book.do("reopen", 4, "after all")
    assert (again.answered_at, again.answered_by, again.alarmed_at, again.dismissal) == (None, None, at(4), None)


@pytest.mark.parametrize(
    ("verb", "what", "code"),
    [
        ("erase", {}, "verb"), ("dismiss", {"dismissal": "false_sensor"}, "why"), ("silence", {}, "why"), ("comment", {"why": "  "}, "why"),
        ("dismiss", {"why": "x"}, "dismissal"), ("dismiss", {"why": "x", "dismissal": "maybe"}, "dismissal"),
        ("acknowledge", {"dismissal": "duplicate"}, "dismissal"), ("acknowledge", {"until": at(5)}, "until"),
        ("silence", {"why": "x", "until": at(2)}, "until"), ("silence", {"why": "x", "until": at(2) + timedelta(days=367)}, "until"),
        ("comment", {"why": "x" * 2001}, "why_long"), ("acknowledge", {"who": " \n"}, "nobody"),
    ],
    ids=lambda p: p if isinstance(p, str) else "",
)  # fmt: skip
def test_what_is_missing_or_makes_no_sense_is_refused(verb: str, what: dict, code: str) -> None:  # type: ignore[type-arg]
    book = Book()
    book.offer(event())
    said = {"who": "vega", "when": at(2), "why": None} | what
    with pytest.raises(Refused) as e:
        act(book.one, verb, said.pop("who"), said.pop("when"), said.pop("why"), **said)
    assert e.value.code == code and e.value.told("es") != e.value.told("en")


def test_a_clock_that_was_set_back_keeps_nobody_from_acting() -> None:
    """The moment is what the clock said; the revision gives the order."""
    book = Book()
    book.offer(event())
    first = book.do("acknowledge", 4)
    after = book.do("validate", 3, "seen")
    assert after.changed_at == at(3) < first.changed_at and after.revision == first.revision + 1 and after.state == "validated"


def test_a_year_is_the_longest_silence_and_this_occurrence_has_no_end() -> None:
    book = Book()
    book.offer(event())
    assert book.do("silence", 2, "x", until=at(2) + timedelta(days=366)).silenced_until == at(2) + timedelta(days=366)
    assert book.do("silence", 3, "x").silenced_until is None and book.one.silenced_priority == "warning"


def test_an_alert_that_went_into_another_can_only_be_commented() -> None:
    book = Book()
    book.offer(event("x"), event("z", since_h=10, until_h=11))
    book.offer(event("y", since_h=5, until_h=6))
    merged = next(a for a in book.alerts if a.mark == "merged")
    with pytest.raises(Refused, match=merged.merged_into):
        book.do("acknowledge", 3, alert=merged)
    book.do("comment", 3, "see the other", alert=merged)
    assert allowed(merged) == ("comment",)


@pytest.mark.parametrize("state", ALERT_STATES)
def test_an_alert_is_given_to_somebody_in_every_state_and_stays_in_it(state: str) -> None:
    book = in_state(state)
    before = book.one
    for to in ("ruiz", None):
        book.keep(assign(book.one, to, "vega", at(2)))
        assert (book.one.assigned_to, book.one.state, book.one.answered_at) == (to, state, before.answered_at)
    book.check()
    with pytest.raises(Refused, match="who does it"):
        assign(book.one, "ruiz", " ", at(3))


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_word_of_the_life_of_an_alert_is_in_the_catalogue(language: str) -> None:
    texts = catalogue(language)
    assert {f"alert.dismissal.{d}" for d in DISMISSALS} | {f"alert.state.{s}" for s in ALERT_STATES} <= texts.keys()
