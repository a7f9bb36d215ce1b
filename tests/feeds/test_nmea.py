"""The NMEA reader on lines written by hand: every rule, every kind of time, multi-part messages in any order."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import reduce

import polars as pl
import pyais
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.core.catalogue import LANGUAGES, catalogue
from seaward.core.tables import REJECTED, REPORTS, STATIC
from seaward.feeds.ais_bits import RULES
from seaward.feeds.batch import Batch, Chunk, LineCounts, ReadOptions
from seaward.feeds.nmea import NMEA

ONE = b"!AIVDM,1,1,,B,15NBj>PP1gG>1PVKTDTUJOv00<0M,0*09"
TWO = (b"!AIVDM,2,1,1,,53B?8r021g8HuHtk:20dTpN1<D5L5U>22222220002R0L33Aa?4i@H888888,0*6E", b"!AIVDM,2,2,1,,88888888888,2*6C")
GPS = b"$GPGGA,184353.07,1929.045,S,02410.506,E,1,04,2.6,100.00,M,-33.9,M,,0000*6D"
AT = datetime(2013, 7, 2, tzinfo=UTC)  # 1372723200


def summed(body: bytes, mark: bytes = b"!") -> bytes:
    return mark + body + b"*%02X" % reduce(lambda a, b: a ^ b, body, 0)


def cut(data: bytes, sizes: list[int]) -> list[Chunk]:
    """Pieces of whole lines of about the given sizes, in turn."""
    chunks, at, turn = [], 0, 0
    while at < len(data):
        end = data.find(b"\n", at + sizes[turn % len(sizes)] - 1) + 1
        end = end or len(data)
        chunks.append(Chunk(at, data[at:end]))
        at, turn = end, turn + 1
    return chunks


def read(data: bytes, sizes: list[int] | None = None, *, messages: bool = False, **options: object) -> Batch:
    """All tables of the data; with `messages` those of a second reading, which must count the same."""
    got = read_once(data, sizes, **options)
    if messages:
        every = read_once(data, sizes, messages=True, **options)
        assert (every.counts, every.message_types) == (got.counts, got.message_types) and every.rejected.equals(got.rejected)
        got.messages = every.messages
    return got


def read_once(data: bytes, sizes: list[int] | None = None, **options: object) -> Batch:
    batches = list(NMEA.read(cut(data, sizes or [1 << 30]), ReadOptions("ops", "test", **options)))  # type: ignore[arg-type]
    counts = LineCounts()
    for b in batches:
        counts += b.counts
    messages = [b.messages for b in batches if b.messages is not None]
    return Batch(
        pl.concat([REPORTS.empty(), *(b.reports for b in batches)]), pl.concat([STATIC.empty(), *(b.static for b in batches)]),
        pl.concat([REJECTED.empty(), *(b.rejected for b in batches)]).sort("raw_offset"), counts, sum((b.message_types for b in batches), start=type(batches[0].message_types)()) if batches else {},  # noqa: E501
        pl.concat(messages) if messages else None,
    )  # fmt: skip


def lines_of(data: bytes) -> int:
    return data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))


def position(lon: float, lat: float) -> bytes:
    return pyais.encode_dict({"type": 1, "mmsi": 200000001, "lon": lon, "lat": lat}, talker_id="AI")[0].encode()


@pytest.mark.parametrize("rule, line", [
    ("not_nmea", b"foobar"),
    ("not_nmea", b"\\s:one"),
    ("not_nmea", b"\xff\xfe\x00\x01"),
    ("malformed", summed(b"AIVDM,1,2,,A,15NBj>PP1gG>1PVKTDTUJOv00<0M,0")),
    ("malformed", summed(b"AIVDM,1,1,,A,15NBj>PP1gG>1PVKTDTUJOv00<0M,6")),
    ("malformed", ONE + b"9"),
    ("checksum", ONE[:-2] + b"0A"),
    ("checksum", GPS[:-2] + b"00"),
    ("checksum_missing", ONE[:-3]),
    ("tag_checksum", b"\\c:1372723200*00\\"),
    ("empty_payload", b"!AIVDM,1,1,,B,,0*25"),
    ("payload_character", summed(b"AIVDM,1,1,,A,15NBj>PP1gG>1PVK\\DTUJOv00<0M,0")),
    ("payload_length", summed(b"AIVDM,1,1,,A,8" + b"0" * 200 + b",0")),
    ("message_type", summed(b"AIVDM,1,1,,A,05NBj>PP1gG>1PVKTDTUJOv00<0M,0")),
    ("message_type", summed(b"AIVDM,1,1,,A,L5NBj>PP1gG>1PVKTDTUJOv00<0M,0")),
    ("part_number", summed(b"AIVDM,1,1,,A,H42O5580000000000000000000,0")),
    ("too_short", summed(b"AIVDM,1,1,,A,15NBj>,0")),
    ("too_short", summed(b"AIVDM,1,1,,A,15NBj>PP1gG>1PVKTDT,0")),
    ("position_range", position(0, 100)),
    ("position_range", position(200, 0)),
    ("incomplete_message", TWO[0]),
    ("incomplete_message", TWO[1]),
])  # fmt: skip
def test_each_rule_refuses_its_line_and_keeps_its_neighbours(rule: str, line: bytes):
    got = read(ONE + b"\n" + line + b"\n" + ONE)
    assert got.rejected.select("raw_offset", "rule", "value").rows() == [(len(ONE) + 1, rule, line.decode("latin-1").replace("\0", "\\x00")[:200])]
    assert got.counts == LineCounts(accepted=2, rejected=1)
    assert got.reports["raw_offset"].to_list() == [0, len(ONE) + len(line) + 2]


def test_every_rule_has_a_text_in_every_language():
    assert all(f"rule.{rule}" in catalogue(language) for rule in RULES for language in LANGUAGES)


@pytest.mark.parametrize("line, at", [
    (ONE, None),
    (b"\\" + summed(b"s:one,c:1372723200", b"") + b"\\" + ONE, AT),
    (b"\\" + summed(b"c:1372723200000", b"") + b"\\" + ONE, AT),
    (b"\\1G2:0125,c:1372723200\\" + ONE, AT),
    (b"\\c:1372723200*00\\" + ONE, None),
    (b"\\" + summed(b"c:1372723200", b"") + b"\\\n" + ONE, AT),
    (b"1372723200," + ONE, AT),
    (b"1372723200.500 " + ONE, AT.replace(microsecond=500_000)),
    (b"2013-07-02 00:00:00 " + ONE, AT),
    (b"2013-07-02T00:00:00.25Z;" + ONE, AT.replace(microsecond=250_000)),
    (b"2013-02-30 00:00:00 " + ONE, None),
    (ONE + b",1372723200", AT),
    (ONE + b",1daasd4218,,1372723200", AT),
    (summed(b"PGHP,1,2013,7,2,0,0,0,120,219,,2190067,1,09", b"$") + b"\n" + ONE, AT.replace(microsecond=120_000)),
    (summed(b"PGHP,1,2013,7,2,0,0,0,120,219,,2190067,1,09", b"$") + b"\n" + ONE + b",1372723200", AT),
], ids=lambda v: v.decode()[:40] if isinstance(v, bytes) else "")  # fmt: skip
def test_a_time_is_found_wherever_it_stands(line: bytes, at: datetime | None):
    got = read(line + b"\r\n")
    assert got.reports["received_at"].to_list() == [at] == got.reports["reported_at"].to_list()
    assert got.counts.accepted == 1 and got.counts.other == line.count(b"\n") and got.counts.rejected == 0


def test_a_tag_block_alone_speaks_for_one_sentence_only_but_pghp_for_all_that_follow():
    tag, clock = b"\\" + summed(b"c:1372723200", b"") + b"\\", summed(b"PGHP,1,2013,7,3,0,0,0,0,219,,2190067,1,09", b"$")
    assert read(b"\n".join([tag, ONE, ONE])).reports["received_at"].to_list() == [AT, None]
    assert read(b"\n".join([tag, GPS, ONE])).reports["received_at"].to_list() == [None]
    assert read(b"\n".join([clock, ONE, ONE])).reports["received_at"].to_list() == [AT.replace(day=3)] * 2


def test_sentences_without_time_are_placed_at_start_when_it_is_given():
    got = read(ONE + b"\n" + ONE + b",1372723200", start_us=1_000_000)
    assert got.reports["received_at"].to_list() == [datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), AT]


@pytest.mark.parametrize("talker", [b"AB", b"AN", b"BS", b"BY", b"SA", b"SS", b"AI"])
@pytest.mark.parametrize("sentence", [b"VDM", b"VDO"])
def test_all_talkers_are_read(talker: bytes, sentence: bytes):
    got = read(summed(talker + sentence + ONE[6:-3]), messages=True)
    assert got.messages is not None and got.messages["talker"].to_list() == [talker.decode()] and got.messages["channel"].to_list() == ["B"]


def test_lines_end_as_they_like_and_checksums_are_written_as_they_like():
    lower = summed(b"AIVDM,1,1,,A,181:Jqh02c1Qra`E46I<@9n@059l,0")
    lower = lower[:-2] + lower[-2:].lower()
    data = ONE + b"\r\n" + ONE + b"  \t\n" + lower + b"\n\n# comment\n   \n" + GPS + b"\n$PFOO,INVALID\n" + ONE
    got = read(data)
    assert got.counts == LineCounts(accepted=4, other=2, ignored=3)
    assert got.reports["raw_length"].to_list() == [len(ONE), len(ONE), len(lower), len(ONE)]


def test_a_message_of_two_parts_is_one_row_from_its_first_line_to_the_end_of_its_last():
    got = read(b"\n".join([ONE, TWO[0], GPS, TWO[1], ONE]))
    assert got.counts == LineCounts(accepted=4, other=1) and got.message_types == {1: 2, 5: 1}
    assert got.static.select("raw_offset", "raw_length").rows() == [(len(ONE) + 1, len(TWO[0]) + len(GPS) + len(TWO[1]) + 2)]


def parts(mmsi: int, sequence: int, channel: str = "A") -> list[bytes]:
    fields = {"type": 5, "mmsi": mmsi, "shipname": f"SHIP {mmsi}", "callsign": "OA", "destination": "CALLAO", "imo": 9134270}
    return [line.encode() for line in pyais.encode_dict(fields, talker_id="AI", radio_channel=channel, seq_id=sequence)]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 400))
def test_parts_may_come_interleaved_and_in_any_order(seed: int, size: int):
    lines = [line for k in range(18) for line in parts(200_000_000 + k, k % 9, "AB"[k // 9])]
    random.Random(seed).shuffle(lines)
    got = read(b"\n".join(lines), [size])
    assert sorted(got.static["name"].to_list()) == [f"SHIP {200_000_000 + k}" for k in range(18)]
    assert got.counts == LineCounts(accepted=len(lines))


def test_a_missing_part_costs_only_its_own_message():
    first, second = parts(200_000_001, 1), parts(200_000_002, 2)
    got = read(b"\n".join([first[0], *second]), [1])
    assert got.static["mmsi"].to_list() == [200_000_002]
    assert got.rejected.select("raw_offset", "rule").rows() == [(0, "incomplete_message")] and got.counts == LineCounts(accepted=2, rejected=1)


def test_groups_keep_messages_of_two_receivers_apart():
    one, two = parts(200_000_001, 1), parts(200_000_002, 1)
    tag = lambda k, n, group: b"\\" + summed(b"g:%d-%d-%d" % (k, n, group), b"") + b"\\"  # noqa: E731
    data = b"\n".join([tag(1, 2, 7) + one[0], tag(1, 2, 8) + two[0], tag(2, 2, 7) + one[1], tag(2, 2, 8) + two[1]])
    assert read(data).static["name"].to_list() == ["SHIP 200000001", "SHIP 200000002"]


def test_parts_wait_in_bounded_number_and_the_oldest_gives_way():
    lines = [summed(b"AIVDM,2,1,%d,A,53B?8r021g8HuHtk:20dTpN1<D5L5U>2222222,0" % k) for k in range(1000)]
    got = read(b"\n".join(lines), [5000])
    assert got.counts == LineCounts(rejected=1000) and got.rejected["raw_offset"].n_unique() == 1000


def test_unknown_values_are_null():
    none = {"lon": 181, "lat": 91, "speed": 102.3, "course": 360, "heading": 511, "status": 15, "second": 60, "turn": -128}
    got = read(pyais.encode_dict({"type": 1, "mmsi": 1, **none}, talker_id="AI")[0].encode(), messages=True)
    assert got.counts.accepted == 1 and got.messages is not None
    for name in ("lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "second"):
        assert got.reports[name].to_list() == [None] == got.messages[name].to_list()
    static = read(b"\n".join(line.encode() for line in pyais.encode_dict({"type": 5, "mmsi": 1}, talker_id="AI"))).static
    assert all(static[name].to_list() == [None] for name in ("imo", "name", "callsign", "ship_type", "length_m", "beam_m", "destination"))


def test_every_kind_of_station_is_told():
    kinds = {1: "A", 18: "B", 19: "B", 4: "base", 21: "aid", 9: "sar", 27: "A"}
    data = b"\n".join(
        line.encode() for k in kinds for line in pyais.encode_dict({"type": k, "mmsi": 1, "lon": 1, "lat": 1}, talker_id="AI", seq_id=k % 9)
    )
    got = read(data)
    assert dict(got.reports.select("message_type", "transceiver").rows()) == kinds


def test_tables_keep_their_contract():
    got = read(b"\n".join([ONE, *TWO, b"junk"]))
    assert (got.reports.schema, got.static.schema, got.rejected.schema) == (REPORTS.schema, STATIC.schema, REJECTED.schema)


def test_it_recognises_nmea_and_nothing_else():
    assert all(NMEA.recognise(head) for head in (ONE, b"\\c:1\\" + ONE, b"1372723200," + ONE, b"junk\n" + ONE, b"$PGHP,1,2013", GPS))
    assert not any(NMEA.recognise(head) for head in (b"", b"MMSI,BaseDateTime,LAT,LON\n1,2,3,4", b"\x00" * 100, b"$1,200.50,paid*\n"))


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=600), size=st.integers(1, 200))
def test_any_bytes_are_counted_line_by_line(data: bytes, size: int):
    got = read(data, [size], messages=True)
    assert got.counts.lines == lines_of(data) and got.counts.rejected == len(got.rejected)


WORDS = [
    ONE,
    *TWO,
    GPS,
    b"\\c:1372723200*5D\\",
    b"\\g:1-2-3\\",
    b"\n",
    b"\r\n",
    b"\\r\\n",
    b"!",
    b"$",
    b"*",
    b",",
    b"\0",
    b"\xff",
    b"# c",
    b"$PGHP,1,2013,7",
    b" ",
]


@settings(max_examples=300, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), max_size=30), sizes=st.lists(st.integers(1, 300), min_size=1, max_size=5))
def test_cutting_the_input_changes_nothing(words: list[bytes], sizes: list[int]):
    data = b"".join(words)
    whole, pieces = read(data, messages=True), read(data, sizes, messages=True)
    assert whole.counts == pieces.counts and whole.counts.lines == lines_of(data) and whole.counts.rejected == len(whole.rejected)
    assert whole.rejected.equals(pieces.rejected) and whole.reports.equals(pieces.reports) and whole.static.equals(pieces.static)
    if data:
        assert whole.messages is not None and pieces.messages is not None and whole.messages.equals(pieces.messages)
