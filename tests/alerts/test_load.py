"""How heavy watches were, counted by hand."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from seaward.alerts.load import watch_load
from seaward.core.errors import ParameterError
from seaward.core.intervals import wilson
from seaward.core.tables import ALERT_CHANGES
from tests.alerts.floor import CHINA, PERU, Book, at, event, silence

HOUR = timedelta(hours=1)


def rows(book: Book) -> pl.DataFrame:
    return pl.DataFrame([c.row() for c in book.history], schema=ALERT_CHANGES.schema)


def load(book: Book, since_h: float = 0, until_h: float = 8, length_h: float = 4) -> list[dict]:  # type: ignore[type-arg]
    dismissals = [(a.alert_id, a.dismissal) for a in book.alerts]
    return watch_load(rows(book), at(since_h), at(until_h), length_h * HOUR, dismissals).to_dicts()


def busy() -> Book:
    """Four alerts at 13:00, answered after 10, 20 and 120 min and never; one of them false."""
    book = Book()
    book.offer(*(event(f"e{i}", vessel_ids=[f"mmsi:{i}"]) for i in range(4)), hours=1)
    one, two, three, _ = sorted(book.alerts, key=lambda a: a.vessel_ids)
    book.do("acknowledge", 1 + 10 / 60, alert=one)
    book.do("dismiss", 1 + 20 / 60, "x", two, dismissal="false_sensor")
    book.do("validate", 3, alert=three)
    return book


def test_a_watch_is_counted_as_by_hand() -> None:
    first, second = load(busy())
    assert (first["start_at"], first["end_at"]) == (at(0), at(4))
    assert [first[c] for c in ("raised", "asked_again", "alarms", "answered", "silent")] == [4, 0, 0, 3, 0]
    assert (first["median_s"], first["p90_s"]) == (20 * 60, None)  # the fourth of four was never answered
    assert (first["open_at_end"], second["open_at_end"]) == (1, 1)
    assert [first[c] for c in ("validated", "dismissed", "false")] == [1, 1, 1]
    assert tuple(first[c] for c in ("false_share", "false_low", "false_high", "false_few")) == wilson(1, 2)
    assert second["raised"] == 0 and second["median_s"] is None and second["false_share"] is None


def test_an_alert_that_asks_again_counts_again_and_one_raised_silently_does_not() -> None:
    book = Book(silences=[silence(vessel_id=CHINA, until_h=20)])
    book.offer(event(), event("e2", vessel_ids=[CHINA]))
    book.do("acknowledge", 1.5, alert=next(a for a in book.alerts if a.vessel_ids == (PERU,)))
    book.offer(event(version=2, probability=0.95), hours=2)
    (watch,) = load(book, until_h=4)
    assert [watch[c] for c in ("raised", "asked_again", "alarms", "answered", "silent", "open_at_end")] == [1, 1, 1, 1, 1, 1]


def test_what_is_withdrawn_unanswered_is_neither_open_nor_slow() -> None:
    book = Book()
    book.offer(event())
    book.offer(event(version=2, state="withdrawn"), hours=2)
    (watch,) = load(book, until_h=4)
    assert (watch["raised"], watch["answered"], watch["open_at_end"], watch["median_s"]) == (1, 0, 0, None)


def test_what_is_reopened_counts_by_its_last_decision() -> None:
    book = busy()
    two = next(a for a in book.alerts if a.state == "dismissed")
    book.do("reopen", 5, "looked again", two)
    book.do("validate", 6, None, next(a for a in book.alerts if a.alert_id == two.alert_id))
    first, second = load(book)
    assert (first["dismissed"], first["false"], second["validated"], second["asked_again"]) == (0, 0, 1, 1)


def test_watches_begin_at_multiples_of_their_length_from_midnight() -> None:
    starts = [w["start_at"] for w in load(Book(), since_h=1.5, until_h=13, length_h=6)]
    assert starts == [at(0), at(6), at(12)]


@pytest.mark.parametrize("length_h", [0, 5, 25, 1 / 60])
def test_a_watch_that_does_not_divide_the_day_is_refused(length_h: float) -> None:
    with pytest.raises(ParameterError, match="divide the day"):
        load(Book(), length_h=length_h)


def test_too_many_watches_are_refused() -> None:
    with pytest.raises(ParameterError, match="too many"):
        load(Book(), until_h=24 * 365 * 5)
