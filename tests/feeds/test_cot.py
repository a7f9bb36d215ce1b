"""Cursor on Target: what we write is what we read in both forms, however it is cut; what is no vessel or of another realm is refused, with why."""

from __future__ import annotations

import random
from dataclasses import replace
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from takproto.functions import parse_proto, xml2message

from seaward.core.catalogue import catalogue
from seaward.core.split import split
from seaward.core.tables import REPORTS, STATIC
from seaward.exchange.cot import CotEvent, cot_tak, cot_xml, in_datagram, in_stream
from seaward.feeds.batch import Batch, Chunk, ReadOptions
from seaward.feeds.cot import COT, RULES
from seaward.feeds.cot_event import read_tak, read_xml
from seaward.feeds.cot_stream import MOST_BYTES, CotLines, datagram_lines
from seaward.feeds.read import recognise

NOW_MS = 1_800_000_000_000
ONE = CotEvent("u1", "a-f-S-X", "m-g", "ops", NOW_MS - 5_000, NOW_MS, NOW_MS + 600_000, -77.123456, -12.034567, 10.0, "BAP Guise", "", 760_000_001,
               4.2, 123.4)  # fmt: skip
TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30)
REALMS = st.one_of(st.just("ops"), st.from_regex(r"ex:[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True))
EVENTS = st.builds(
    CotEvent, TEXT, st.just("a-u-S-X"), st.just("m-g"), REALMS, st.integers(1, NOW_MS), st.just(NOW_MS), st.just(NOW_MS + 9), st.floats(-180, 180),
    st.floats(-90, 90), st.none() | st.floats(0, 1e6), TEXT, TEXT, st.none() | st.integers(1, 999_999_999), st.floats(0, 50), st.floats(0, 360),
)  # fmt: skip


def rows_of(lines: bytes, realm: str = "ops") -> Batch:
    return next(COT.read([Chunk(7, lines)], ReadOptions(realm, "tak")))


def rule_of(event: bytes, realm: str = "ops") -> str:
    found = rows_of(datagram_lines(event), realm)
    assert found.counts.lines == 1
    return found.rejected["rule"][0] if len(found.rejected) else "other" if found.counts.other else ""


@given(EVENTS)
def test_both_forms_say_the_same_and_each_drill_is_told(event: CotEvent) -> None:
    xml, tak = read_xml(cot_xml(event)), read_tak(cot_tak(event))
    assert xml is not None and xml == tak
    assert xml.at_us == event.at_ms * 1000 and xml.lon_deg == pytest.approx(event.lon_deg, abs=1e-6)
    assert xml.drills == (frozenset() if event.realm == "ops" else {event.realm[3:]})
    assert event.mmsi is None or xml.mmsi == event.mmsi
    assert xml.speed_mps == pytest.approx(event.speed_mps, abs=0.006)


@given(EVENTS)
def test_takproto_reads_our_messages_and_makes_the_same_of_our_xml(event: CotEvent) -> None:
    for framed in (in_stream(cot_tak(event)), in_datagram(cot_tak(event))):
        assert parse_proto(bytearray(framed)).SerializeToString() == cot_tak(event)
    theirs, ours = xml2message(cot_xml(replace(event, uid="u", error_m=5.0))).cotEvent, parse_proto(in_datagram(cot_tak(event))).cotEvent  # type: ignore[arg-type]
    assert (theirs.how, theirs.opex, theirs.detail.contact.callsign) == (ours.how, ours.opex, ours.detail.contact.callsign)
    assert (theirs.startTime, theirs.lon, theirs.detail.track.course) == (ours.startTime, ours.lon, ours.detail.track.course)


@given(st.lists(st.tuples(EVENTS, st.sampled_from(("xml", "declared", "tak"))), min_size=1, max_size=6), st.integers(1, 400))
@settings(max_examples=60)
def test_a_stream_is_cut_into_the_same_events_whatever_its_pieces(events: list[tuple[CotEvent, str]], piece: int) -> None:
    forms = {
        "xml": cot_xml,
        "declared": lambda e: b'<?xml version="1.0" encoding="UTF-8"?>\n' + cot_xml(e) + b"\n",
        "tak": lambda e: in_stream(cot_tak(e)),
    }
    data = b"".join(forms[form](e) for e, form in events)
    whole, lines = CotLines(), CotLines()
    cut = b"".join(lines.cut(data[i : i + piece]) for i in range(0, len(data), piece)) + lines.finish()
    assert cut == whole.cut(data) + whole.finish() and b"cot-junk" not in cut
    assert cut.count(b"\n") == len(events)


def test_a_unit_at_sea_becomes_a_report_and_a_name() -> None:
    lines = CotLines()
    data = lines.cut(cot_xml(ONE) + in_stream(cot_tak(replace(ONE, mmsi=760_000_002))))
    found = rows_of(data)
    for table, rows in ((REPORTS, found.reports), (STATIC, found.static)):
        assert len(split(rows, table)[1]) == 0
    assert found.reports["mmsi"].to_list() == [760_000_001, 760_000_002] and found.static["name"].to_list() == ["BAP Guise"] * 2
    row = found.reports.row(0, named=True)
    assert (row["lon_deg"], row["lat_deg"]) == (-77.123456, -12.034567) and row["cog_deg"] == pytest.approx(123.4)
    assert row["sog_kn"] == pytest.approx(4.2 * 3600 / 1852, abs=0.001) and row["reported_at"].timestamp() * 1000 == ONE.at_ms
    assert data[row["raw_offset"] - 7 :][: row["raw_length"]] == data.splitlines()[0]
    assert found.counts.accepted == 2 and recognise(data) is COT


def test_units_say_which_vessel_a_phone_is_by_uid_or_call_sign() -> None:
    lines = CotLines({"ANDROID-1": 760_000_009, "Guise": 760_000_008})
    event = replace(ONE, mmsi=None, uid="ANDROID-1")
    data = lines.cut(cot_xml(event) + in_stream(cot_tak(replace(event, uid="x", callsign="Guise"))) + cot_xml(replace(event, uid="y")))
    found = rows_of(data)
    assert found.reports["mmsi"].to_list() == [760_000_009, 760_000_008] and found.rejected["rule"].to_list() == ["cot_mmsi"]
    assert "y a-f-S-X BAP Guise" in found.rejected["value"][0]


@pytest.mark.parametrize(("change", "rule"), [
    ({}, ""), ({"type": "a-f-G-U-C"}, "cot_kind"), ({"type": "b-t-f"}, "cot_kind"), ({"type": "u-d-f"}, "cot_kind"), ({"type": "a-h-A"}, "cot_kind"),
    ({"type": "a-f-Sxx"}, "cot_kind"), ({"mmsi": None}, "cot_mmsi"), ({"mmsi": None, "uid": "MMSI-760000001"}, ""),
    ({"lon_deg": 0.0, "lat_deg": 0.0}, "cot_place"), ({"lat_deg": 95.0}, "position_range"), ({"at_ms": 1, "now_ms": 1}, "time_out_of_range"),
    ({"uid": "seaward.PER.ops.track.mmsi:1"}, "cot_own"), ({"type": "t-x-c-t"}, "other"), ({"realm": "ex:n1"}, "cot_exercise"),
])  # fmt: skip
def test_what_cannot_be_a_track_is_refused_with_its_reason(change: dict[str, object], rule: str) -> None:
    event = replace(ONE, **change)  # type: ignore[arg-type]
    assert rule_of(cot_xml(event)) == rule == rule_of(in_datagram(cot_tak(event)))


MARKS = {
    "opex of an exercise": ('opex="e-n1" how="m-g"', "", "n1"), "opex of a simulation": ('opex="S-N1" how="m-g"', "", "n1"),
    "opex without a name": ('opex="e" how="m-g"', "", ""), "simulated": ('how="m-s"', "", ""), "in words": ('how="m-g"', "EXERCISE ex:n1 BOAT", "n1"),
    "in words alone": ('how="m-g"', "EXERCISE BOAT", ""), "words and opex": ('opex="e-n1" how="m-s"', "EXERCISE BOAT", "n1"),
    "two drills": ('opex="e-n1" how="m-s"', "EXERCISE ex:n2 BOAT", "n1 n2"), "an operation": ('opex="o-real" how="m-g"', "", None),
}  # fmt: skip


@pytest.mark.parametrize("name", MARKS)
def test_a_drill_never_enters_the_real_sea_nor_the_real_sea_a_drill(name: str) -> None:
    attributes, callsign, drill = MARKS[name]
    event = (
        f'<event version="2.0" uid="MMSI-760000001" type="a-f-S" {attributes} time="2027-01-15T08:00:00Z" start="2027-01-15T08:00:00Z" '
        f'stale="2027-01-15T09:00:00Z"><point lat="-12" lon="-77" hae="0" ce="1" le="1"/><detail><contact callsign={quoteattr(callsign)}/></detail>'
        "</event>"
    ).encode()
    assert rule_of(event, "ops") == ("" if drill is None else "cot_exercise")
    assert rule_of(event, "ex:n1") == ("cot_not_exercise" if drill is None else "" if drill == "n1" else "cot_other_drill")


def test_xml_that_would_swell_or_reach_out_is_refused() -> None:
    bomb = b'<!DOCTYPE e [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    for event in (bomb + cot_xml(ONE).replace(b"BAP", b"&b;"), cot_xml(ONE).replace(b"BAP", b"&b;")):
        lines = datagram_lines(event)
        assert not len(rows_of(lines).reports) and rows_of(lines).counts.rejected >= 1
    assert read_xml(bomb + cot_xml(ONE)) is None


def test_events_too_long_and_noise_are_told_and_what_follows_is_read() -> None:
    lines = CotLines()
    long = in_stream(b"x" * (MOST_BYTES + 1)) + b"<event " + b"y" * (2 * MOST_BYTES) + b"</event>"
    data = b"noise" + cot_xml(ONE) + cot_xml(ONE)[:80] + cot_xml(ONE) + long + in_stream(cot_tak(ONE))
    cut = b"".join(lines.cut(data[i : i + 1000]) for i in range(0, len(data), 1000)) + lines.finish()
    found = rows_of(cut)
    assert found.counts.accepted == 3 and found.counts.rejected >= 4 and max(len(line) for line in cut.splitlines()) < 1 << 16
    assert set(found.rejected["rule"]) == {"cot_unreadable"}


def mutated(chance: random.Random) -> bytes:
    event = replace(ONE, realm=chance.choice(("ops", "ex:n1")), uid=chance.choice(("u1", "MMSI-760000001")))
    data = bytearray(chance.choice((cot_xml(event), in_stream(cot_tak(event)), in_datagram(cot_tak(event)))))
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(data))
        what = chance.randrange(4)
        if what == 0:
            data[at] = chance.randrange(256)
        elif what == 1:
            del data[at : at + chance.randrange(1, 20)]
        elif what == 2:
            data[at:at] = chance.randbytes(chance.randrange(1, 9))
        else:
            data[at:at] = data[chance.randrange(len(data)) :][:40]
        if not data:
            return b"<"
    return bytes(data)


def fuzz(seed: int, times: int) -> None:
    """Whatever comes: no failure, each line in one count, rows within their bounds, and nothing that still says it is of a drill in the real sea."""
    chance = random.Random(seed)
    stream = CotLines({"u1": 760_000_009})
    for _ in range(times):
        data = mutated(chance)
        cut = datagram_lines(data) if chance.random() < 0.5 else stream.cut(data)
        if not cut:
            continue
        found = rows_of(cut)
        assert found.counts.lines == cut.count(b"\n") and len(split(found.reports, REPORTS)[1]) == 0 and len(found.rejected) == found.counts.rejected
        for row in found.reports.iter_rows(named=True):
            line = cut[row["raw_offset"] - 7 :][: row["raw_length"]]
            assert b"EXERCISE ex:n1" not in line, line


def test_mutated_events_end_in_a_count() -> None:
    fuzz(1, 1_500)


@pytest.mark.soak
def test_a_million_mutated_events_end_in_a_count() -> None:
    fuzz(2, 1_000_000)


def test_every_rule_has_its_words() -> None:
    for language in ("en", "es"):
        assert all(f"rule.{rule}" in catalogue(language) for rule in RULES)
