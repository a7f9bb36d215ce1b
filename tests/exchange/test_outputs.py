"""Other people's forms: what they read is what was said, and a drill says that it is one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from defusedxml.ElementTree import fromstring
from pyais import decode

from seaward.exchange import bodies as b
from seaward.exchange.as_aivdm import as_aivdm
from seaward.exchange.as_cap import as_cap
from seaward.exchange.as_cot import as_cot
from seaward.exchange.cot import cot_xml
from seaward.exchange.items import Released
from tests.exchange.made import BODIES, EVENT, LABEL, NOW_MS, TRACK

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


def message(body: Any, id: str = "e1", version: int = 1) -> Released:
    return Released(id, version, LABEL, body)


@pytest.mark.parametrize(("realm", "how", "opex"), [("ops", "m-g", None), ("ex:north-1", "m-s", "e-north-1")])
def test_a_track_as_cot_is_where_it_is_and_a_drill_is_marked(realm: str, how: str, opex: str | None) -> None:
    found = fromstring(cot_xml(as_cot(message(TRACK, "mmsi:224000123"), "PER", realm, NOW_MS)))
    point, detail = found.find("point"), found.find("detail")
    assert found.get("how") == how and found.get("opex") == opex and found.get("version") == "2.0"
    assert (float(point.get("lon")), float(point.get("lat")), float(point.get("ce"))) == (-77.123456, -12.034567, 10.0)
    assert float(detail.find("track").get("speed")) == pytest.approx(8.3 * 1852 / 3600, abs=0.01) and detail.find("track").get("course") == "123.4"
    assert found.get("time") <= found.get("stale") and ("EXERCISE" in detail.find("contact").get("callsign")) == (realm != "ops")


def test_names_with_markup_stay_text() -> None:
    evil = message(msgspec.structs.replace(EVENT, kind="<b>&"), '"><x y="')
    assert fromstring(cot_xml(as_cot(evil, "PER", "ops", NOW_MS))).find("detail").find("remarks").text.startswith("<b>& open")
    assert fromstring(as_cap(evil, "PER", "ops", NOW_MS, "en")).find(f"{CAP}identifier").text.count("<") == 0


@pytest.mark.parametrize("realm", ["ops", "ex:north-1"])
def test_an_event_as_cap_has_all_that_the_standard_asks_for_in_its_order(realm: str) -> None:
    found = fromstring(as_cap(message(EVENT), "PER", realm, NOW_MS, "es"))
    order = ["identifier", "sender", "sent", "status", "msgType", "scope", "restriction", *(["note"] if realm != "ops" else []), "info"]
    assert [e.tag.removeprefix(CAP) for e in found] == order
    assert found.find(f"{CAP}status").text == ("Actual" if realm == "ops" else "Exercise")
    info = found.find(f"{CAP}info")
    assert [e.tag.removeprefix(CAP) for e in info][:6] == ["language", "category", "event", "urgency", "severity", "certainty"]
    assert info.find(f"{CAP}area").find(f"{CAP}circle").text == "-11.900000,-78.500000 0.100"


def test_a_correction_is_an_update_and_a_withdrawal_a_cancel() -> None:
    kinds = [(EVENT, 1, "Alert"), (EVENT, 2, "Update"), (b.Withdrawal("event", "withdrawn"), 2, "Cancel")]
    for body, version, kind in kinds:
        assert fromstring(as_cap(message(body, version=version), "PER", "ops", NOW_MS, "en")).find(f"{CAP}msgType").text == kind
    assert as_cap(message(b.Withdrawal("chat", "withdrawn")), "PER", "ops", NOW_MS, "en") is None


def test_every_kind_of_message_has_a_form_or_none_and_never_fails() -> None:
    for body in BODIES:
        event = as_cot(message(body), "PER", "ops", NOW_MS)
        for made in (None if event is None else cot_xml(event), as_cap(message(body), "PER", "ops", NOW_MS, "en")):
            assert made is None or fromstring(made) is not None


def test_pyais_reads_our_sentences_and_a_drill_says_so_first() -> None:
    text = as_aivdm([message(TRACK, "mmsi:224000123"), message(TRACK, "~pseudonym"), message(EVENT)], "PER", "ex:north-1")
    first, *lines = text.splitlines()
    assert first == "# EXERCISE EXERCISE EXERCISE ex:north-1" and len(lines) == 1
    found = decode(lines[0].split("\\")[-1]).asdict()
    assert found["mmsi"] == 224000123 and found["lon"] == pytest.approx(-77.123456, abs=2e-6) and found["speed"] == 8.3 and found["course"] == 123.4
    unknown = as_aivdm([message(b.Track(NOW_MS, 0, 0), "mmsi:000000001")], "PER", "ops")
    assert decode(unknown.strip().split("\\")[-1]).asdict()["heading"] == 511
