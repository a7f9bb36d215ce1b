"""Other people's forms: what they read is what was said, and a drill says that it is one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from pyais import IterMessages, decode

from seaward.exchange import bodies as b
from seaward.exchange.as_aivdm import as_aivdm, identity, position, six_bit
from seaward.exchange.as_cap import as_cap
from seaward.exchange.as_cot import as_cot, track_cot
from seaward.exchange.as_label import as_stanag_4774
from seaward.exchange.cot import cot_tak, cot_xml
from seaward.exchange.items import Released
from seaward.exchange.label import Handling, Label, Scope
from seaward.exchange.shown_track import ShownTrack
from seaward.feeds.cot_event import read_tak, read_xml
from tests.exchange.cap_rules import mistakes
from tests.exchange.made import BODIES, EVENT, LABEL, NOW, NOW_MS, TRACK

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
    assert fromstring(as_cap(evil, "PER", "ops", NOW_MS, "en").xml).find(f"{CAP}identifier").text.count("<") == 0


@pytest.mark.parametrize("realm", ["ops", "ex:north-1"])
def test_an_event_as_cap_has_all_that_the_standard_asks_for_in_its_order(realm: str) -> None:
    found = fromstring(as_cap(message(EVENT), "PER", realm, NOW_MS, "es").xml)
    order = ["identifier", "sender", "sent", "status", "msgType", "scope", "restriction", *(["note"] if realm != "ops" else []), "incidents", "info"]
    assert [e.tag.removeprefix(CAP) for e in found] == order
    assert found.find(f"{CAP}status").text == ("Actual" if realm == "ops" else "Exercise")
    info = found.find(f"{CAP}info")
    assert [e.tag.removeprefix(CAP) for e in info][:6] == ["language", "category", "event", "urgency", "severity", "certainty"]
    assert info.find(f"{CAP}area").find(f"{CAP}circle").text == "-11.900000,-78.500000 0.100"


def test_what_follows_another_message_names_it_and_what_nobody_was_told_is_no_correction() -> None:
    """CAP 1.2, 3.2.1: an Update and a Cancel refer to what they follow; there was none in it, and no reader could tell what was taken back."""
    told = list[str]()
    versions = ((EVENT, 3, "Alert"), (EVENT, 3, "Update"), (msgspec.structs.replace(EVENT, state="revised"), 4, "Update"),
                (b.Withdrawal("event", "withdrawn"), 4, "Cancel"))  # fmt: skip
    for n, (body, version, kind) in enumerate(versions):
        made = as_cap(message(body, version=version), "PER", "ops", NOW_MS + 1000 * n, "en", told)
        assert made is not None and mistakes(made.xml) == []
        found = fromstring(made.xml)
        assert found.find(f"{CAP}msgType").text == kind and (found.findtext(f"{CAP}references") or "").split() == told
        told.append(made.reference)
    assert len(set(told)) == 4
    assert as_cap(message(b.Withdrawal("event", "withdrawn")), "PER", "ops", NOW_MS, "en") is None
    assert as_cap(message(b.Withdrawal("chat", "withdrawn")), "PER", "ops", NOW_MS, "en", told) is None


@pytest.mark.parametrize("realm", ["ops", "ex:north-1"])
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", ["e1", 'a b,c<d>&"é\u202e', "x" * 96])
def test_every_message_as_cap_keeps_the_rules_of_the_standard(body: b.Body, realm: str, name: str) -> None:
    made = as_cap(message(body, name), "PER", realm, NOW_MS, "es")
    assert made is None or mistakes(made.xml) == []


def test_the_rules_find_what_is_wrong() -> None:
    good = as_cap(message(EVENT), "PER", "ops", NOW_MS, "en").xml
    for old, new in ((b"<scope>Restricted</scope>", b""), (b">Actual<", b">Real<"), (b"-00:00<", b"Z<"), (b">Alert<", b">Update<"),
                     (b"<sender>", b"<sender>a b"), (b"<urgency>Unknown</urgency>", b""), (b"<incidents>", b"<place>x</place><incidents>"),
                     (b"<event>", b"<event></event><event>"), (b"Restricted<", b"Secret<")):  # fmt: skip
        assert old in good and mistakes(good.replace(old, new)), new


def test_every_kind_of_message_has_a_form_or_none_and_never_fails() -> None:
    for body in BODIES:
        event = as_cot(message(body), "PER", "ops", NOW_MS)
        assert event is None or fromstring(cot_xml(event)) is not None


SLAB = "{urn:nato:stanag:4774:confidentialitymetadatalabel:1:0}"


def test_a_label_as_stanag_4774_says_all_that_it_says() -> None:
    label = Label("per-default/1", "LIMITED", "AMBER+STRICT", "PER", ("ECU", "USA"), True, True, (Scope("sar-12", NOW),), "fisheries", True, True,
                  Handling(2_000, 3_600, NOW))  # fmt: skip
    for realm in ("ops", "ex:north-1"):
        top = fromstring(as_stanag_4774(label, realm, NOW_MS))
        told, made = top
        assert (top.tag, told.tag) == (f"{SLAB}originatorConfidentialityLabel", f"{SLAB}ConfidentialityInformation")
        assert (made.tag, made.text) == (f"{SLAB}CreationDateTime", "2027-01-15T08:00:00Z")
        assert told.findtext(f"{SLAB}PolicyIdentifier") == "per-default/1" and told.findtext(f"{SLAB}Classification") == "LIMITED"
        assert told.findtext(f"{SLAB}PrivacyMark") == (None if realm == "ops" else "EXERCISE ex:north-1")
        order = [e.tag.removeprefix(SLAB) for e in told if e.tag != f"{SLAB}PrivacyMark"]
        assert order[:2] == ["PolicyIdentifier", "Classification"] and set(order[2:]) == {"Category"}
        said = [(c.get("TagName"), c.get("Type"), [v.text for v in c]) for c in told.iter(f"{SLAB}Category")]
        assert said == [
            ("Releasable To", "PERMISSIVE", ["PER", "ECU", "USA"]), ("Traffic Light Protocol", "RESTRICTIVE", ["TLP:AMBER+STRICT"]),
            ("Handling", "RESTRICTIVE", ["Originator Controlled"]), ("Handling", "RESTRICTIVE", ["Law Enforcement"]),
            ("Handling", "RESTRICTIVE", ["Protected Personal Information"]), ("Handling", "RESTRICTIVE", ["Personal Data"]),
            ("Purpose", "RESTRICTIVE", ["fisheries"]), ("Not Before", "RESTRICTIVE", ["2027-01-15T08:00:00+0000"]), ("Owner", "INFORMATIVE", ["PER"]),
            ("Operation", "INFORMATIVE", ["sar-12 until 2027-01-15T08:00:00+0000"]),
            ("Degraded", "INFORMATIVE", ["precision 2000 m", "delay 3600 s"]),
        ]  # fmt: skip
    assert fromstring(as_stanag_4774(Label("<&>", "PUBLIC", "CLEAR", "PER"), "ops", NOW_MS))[0][0].text == "<&>"


def test_pyais_reads_our_sentences_and_a_drill_says_so_first() -> None:
    text = as_aivdm([message(TRACK, "mmsi:224000123"), message(TRACK, "~pseudonym"), message(EVENT)], "PER", "ex:north-1")
    first, *lines = text.splitlines()
    assert first == "# EXERCISE EXERCISE EXERCISE ex:north-1" and len(lines) == 1
    found = decode(lines[0].split("\\")[-1]).asdict()
    assert found["mmsi"] == 224000123 and found["lon"] == pytest.approx(-77.123456, abs=2e-6) and found["speed"] == 8.3 and found["course"] == 123.4
    unknown = as_aivdm([message(b.Track(NOW_MS, 0, 0), "mmsi:000000001")], "PER", "ops")
    assert decode(unknown.strip().split("\\")[-1]).asdict()["heading"] == 511


@settings(max_examples=100)
@given(st.text(st.characters(), max_size=60), st.text(st.characters(), max_size=12), st.sampled_from(["ops", "ex:north-1"]), st.booleans())
def test_whatever_a_vessel_calls_itself_every_form_can_be_read_and_says_one_thing(name: str, callsign: str, realm: str, is_class_b: bool) -> None:
    track = ShownTrack(
        "mmsi:760000001", "PER", NOW_MS, -77.5, -12.5, 760_000_001, 10.0, 8.3, 123.4, 120, 0, name, callsign, 9_074_729, 30, is_class_b
    )
    made = track_cot(track, realm, NOW_MS)
    for said in (read_xml(cot_xml(made)), read_tak(cot_tak(made))):
        assert said is not None and (said.mmsi, said.lon_deg, said.lat_deg) == (760_000_001, -77.5, -12.5)
        assert "north-1" in said.drills if realm != "ops" else True
    lines = (position(track, realm) + identity(track, realm)).split("\r\n")[:-1]
    assert all(line.isascii() and line.isprintable() and line.startswith("\\c:") and line.count("!AIVDM") == 1 for line in lines)
    found = [m.decode() for m in IterMessages(line.split("\\")[-1].encode() for line in lines)]
    assert {m.mmsi for m in found} == {760_000_001} and found[0].lon == pytest.approx(-77.5)
    assert next(m.shipname for m in found if hasattr(m, "shipname")) == six_bit(("" if realm == "ops" else "EXERCISE ") + name, 20)
