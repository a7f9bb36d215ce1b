"""Realms, names of events, and the catalogues."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.catalogue import LANGUAGES, catalogue, fields, render
from seaward.core.errors import RealmError
from seaward.core.ids import event_id
from seaward.core.realm import check_realm, is_drill
from seaward.core.tables import REPORTS
from seaward.core.units import at_to_us, kn_to_mps, mps_to_kn, nm_to_m
from seaward.picture.positions import PictureParams, build_positions


@pytest.mark.parametrize("realm", ["", "OPS", "ex:", "ex:A", "drill", "ex:a b", "ops ", None])
def test_a_realm_that_is_not_plain_is_refused(realm: str) -> None:
    with pytest.raises(RealmError, match="must be 'ops' or"):
        check_realm(realm)


def test_a_drill_is_told_from_operations() -> None:
    assert is_drill("ex:peru-2027")
    assert not is_drill("ops")


def test_two_who_saw_the_same_name_it_the_same() -> None:
    assert event_id("encounter", "encounter/1", ["mmsi:2", "mmsi:1"], 5_000_000) == event_id(
        "encounter", "encounter/1", ["mmsi:1", "mmsi:2"], 5_400_000
    )


def test_another_vessel_kind_method_or_second_is_another_event() -> None:
    one = ("gap", "gap/1", ["mmsi:1"], 5_000_000)
    others = [("loitering", *one[1:]), ("gap", "gap/2", *one[2:]), (*one[:2], ["mmsi:2"], one[3]), (*one[:3], 6_000_000)]
    assert len({event_id(*one), *(event_id(*o) for o in others)}) == 5


def test_both_languages_have_every_text_and_ask_for_the_same_values() -> None:
    english, spanish = (catalogue(language) for language in LANGUAGES)
    assert english.keys() == spanish.keys()
    for code, text in english.items():
        assert set(fields(text)) == set(fields(spanish[code])), code


def test_an_unknown_code_is_shown_not_lost() -> None:
    assert render("no.such.code", {"x": 3}, "es") == "no.such.code (x=3)"


def test_an_unknown_language_says_which_there_are() -> None:
    with pytest.raises(ValueError, match="en, es"):
        catalogue("fr")


@given(st.floats(0, 1e6))
def test_knots_come_back(speed_kn: float) -> None:
    assert mps_to_kn(kn_to_mps(speed_kn)) == pytest.approx(speed_kn)


def test_units_by_hand() -> None:
    assert nm_to_m(2) == 3704
    assert kn_to_mps(3.6) == pytest.approx(1.852)


def test_a_moment_without_a_zone_is_refused() -> None:
    from datetime import UTC, datetime

    with pytest.raises(ValueError, match="no time zone"):
        at_to_us(datetime(2027, 1, 1))
    assert at_to_us(datetime(1970, 1, 2, tzinfo=UTC)) == 86_400_000_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_to_leave_a_report_out_has_its_words(language: str) -> None:
    reasons = build_positions(REPORTS.empty(), PictureParams()).dropped.keys() | {"after_as_of"}
    assert {f"report.left_out.{r}" for r in reasons} <= catalogue(language).keys()


@pytest.mark.parametrize("code", ["doctor.memory_low", "cli.plan.alone", "plan.broken.speed", "patrol.take_out", "demo.shared"])
def test_every_number_with_decimals_has_a_comma_in_spanish_wherever_it_is_shown(code: str) -> None:
    values = dict.fromkeys(fields(catalogue("es")[code]), 12345.678)
    assert "12345," in render(code, values, "es").replace("\u202f", "") and "12345." in render(code, values, "en").replace(",", "")


def test_thousands_in_spanish_are_not_taken_for_decimals() -> None:
    values = {"reports": 18_630, "rejected": 7}
    assert render("console.feed.counts", values, "es") == "18\u202f630 reportes tomados, 7 líneas rechazadas"
    assert "18,630 reports" in render("console.feed.counts", values, "en")
    assert "3\u202f704 m" in render("exchange.explain.precision", {"precision_m": 3_704}, "es")
    assert "1\u202f234,5 kB" in render(
        "cli.exchange.sent", dict.fromkeys(("waiting", "held", "unreceipted", "receipt_s"), 0) | {"sent_kb": 1_234.5}, "es"
    )
