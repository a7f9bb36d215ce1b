"""The compiled encoder: equal to the plain one sentence by sentence, and read back by pyais."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyais import NMEAMessage, decode

from seaward.drill.ais_bytes import DESTINATION, Pen, six_bit
from seaward.drill.ais_send import PER_DEG, SENT
from seaward.drill.hulls import Cast, Claim
from seaward.drill.scenario import AIS_CLASSES
from tests.drill.sensor_sea import cast
from tests.made_up_day import ais_encode

START_MS = 1_825_200_000_000
NAME = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ()-.", min_size=1, max_size=20).map(str.strip).filter(bool)
MOTION = {
    "at_ms": st.integers(0, 10**9), "number": st.integers(0, 10**6), "lon": st.integers(-180 * PER_DEG, 180 * PER_DEG),
    "lat": st.integers(-90 * PER_DEG, 90 * PER_DEG), "sog": st.integers(0, 1022), "cog": st.integers(0, 3599),
    "heading": st.sampled_from([511, *range(0, 360, 7)]), "status": st.integers(0, 15),
}  # fmt: skip


def a_ship(mmsi: int = 100_000_000, ais_class: str = "A", name: str = "SHIP (EX)", kind: int = 70, length: int = 150, beam: int = 25) -> Cast:
    given = cast(1)
    hulls = replace(
        given.hulls, mmsi=np.array([mmsi]), name=(name,), ship_type=np.array([kind]), length_m=np.array([float(length)]),
        beam_m=np.array([float(beam)]), ais_class=np.array([AIS_CLASSES.index(ais_class)], np.uint8),
    )  # fmt: skip
    return replace(given, hulls=hulls)


def row(kind: int, **said: int) -> np.ndarray:
    rows = np.zeros(1, SENT)
    for name, value in {"kind": kind, **said}.items():
        rows[name] = value
    return rows


def written(ship: Cast, rows: np.ndarray, received_ms: int = 0) -> list[str]:
    n = len(rows)
    text, lines = Pen(ship, ["EX-CALLAO"], START_MS).write(rows, np.zeros(n, np.int64), np.full(n, received_ms))
    parts = text.decode("ascii").split("\r\n")
    assert parts[-1] == "" and len(parts) == lines + 1
    return parts[:-1]


def bare(line: str) -> str:
    return line[line.index("!") :]


@given(st.integers(0, 999_999_999), st.sampled_from([1, 3, 18]), st.sampled_from(["B_SO", "B_CS"]), st.fixed_dictionaries(MOTION))
def test_positions_come_back_as_sent(mmsi, kind, class_b, said) -> None:
    ship = a_ship(mmsi, "A" if kind != 18 else class_b)
    (line,) = written(ship, row(kind, **said))
    got = decode(bare(line), error_if_checksum_invalid=True)
    assert (got.msg_type, got.mmsi, got.heading, got.second) == (kind, mmsi, said["heading"], (START_MS + said["at_ms"]) // 1000 % 60)
    assert (round(got.lon * PER_DEG), round(got.lat * PER_DEG)) == pytest.approx((said["lon"], said["lat"]), abs=0.7)  # pyais rounds to 1e-6
    assert (round(got.speed * 10), round(got.course * 10)) == (said["sog"], said["cog"])
    assert NMEAMessage(bare(line).encode()).channel == "AB"[said["number"] % 2]
    if kind == 18:
        assert (got.cs, got.display, got.dsc, got.band, got.msg22) == (class_b == "B_CS", False, True, True, True)
    else:
        assert (int(got.status), got.raim, got.radio) == (said["status"], False, 0)


@given(st.integers(0, 999_999_999), st.sampled_from([1, 18]), st.fixed_dictionaries(MOTION))
def test_positions_are_those_of_the_plain_encoder(mmsi, kind, said) -> None:
    second = [(START_MS + said["at_ms"]) // 1000 % 60]
    heading = np.nan if said["heading"] == 511 else said["heading"]
    fields = ([mmsi], [said["lon"] / PER_DEG], [said["lat"] / PER_DEG], [said["sog"] / 10], [said["cog"] / 10], [heading], second)
    payload = ais_encode.position_b(*fields) if kind == 18 else ais_encode.position_a(*fields, [said["status"]])
    expected = ais_encode.sentences(payload, ["AB"[said["number"] % 2]], [0])[0]
    assert [bare(line) for line in written(a_ship(mmsi, "A" if kind == 1 else "B_CS"), row(kind, **said))] == expected


@settings(max_examples=60)
@given(st.integers(0, 999_999_999), NAME, st.sampled_from([30, 52, 70, 80]), st.integers(9, 400), st.integers(2, 60))
def test_identities_come_back_and_are_those_of_the_plain_encoder(mmsi, name, kind, length, beam) -> None:
    ship = a_ship(mmsi, "A", name, kind, length, beam)
    lines = written(ship, row(5))
    got = decode(*(bare(line) for line in lines), error_if_checksum_invalid=True)
    assert (got.mmsi, got.shipname, got.callsign, got.ship_type, got.destination, got.imo) == (mmsi, name, "EX00000", kind, DESTINATION, 0)
    assert (got.to_bow + got.to_stern, got.to_port + got.to_starboard) == (length, beam)
    sequence = [int(bare(lines[0]).split(",")[3])]
    payload = ais_encode.voyage([mmsi], [name], ["EX00000"], [kind], [length], [beam], [DESTINATION])
    assert [bare(line) for line in lines] == ais_encode.sentences(payload, ["A"], sequence)[0]
    a, b = (bare(line) for line in written(a_ship(mmsi, "B_SO", name, kind, length, beam), row(24)))
    assert [a] == ais_encode.sentences(ais_encode.static_name([mmsi], [name]), ["A"], [0])[0]
    assert [b] == ais_encode.sentences(ais_encode.static_size([mmsi], ["EX00000"], [kind], [length], [beam]), ["A"], [0])[0]
    assert decode(a).shipname == name and decode(b).callsign == "EX00000" and decode(b).to_bow + decode(b).to_stern == length


def test_a_tag_block_names_the_station_the_second_and_the_group() -> None:
    (one,) = written(a_ship(), row(1), received_ms=1_999)
    tag = "s:EX-CALLAO,c:1825200001"
    assert one.startswith(f"\\{tag}*{ais_encode.checksum(tag)}\\!AIVDM,1,1,,A,")
    first, second = written(a_ship(), row(5), received_ms=2_000)
    for n, line in enumerate((first, second), 1):
        tag = f"g:{n}-2-1,s:EX-CALLAO,c:1825200002"
        assert line.startswith(f"\\{tag}*{ais_encode.checksum(tag)}\\!AIVDM,2,{n},1,A,")


def test_groups_are_counted_from_one_to_9999_and_again() -> None:
    lines = written(a_ship(), np.repeat(row(5), 10_001))
    groups = [int(line.split("-")[2].split(",")[0]) for line in lines[::2]]
    assert groups == [*range(1, 10_000), 1, 2]


def test_no_sentence_is_longer_than_the_standard_allows() -> None:
    rows = np.concatenate([row(k, lon=-180 * PER_DEG, lat=-90 * PER_DEG) for k in (1, 5, 18, 24)])
    assert max(len(bare(line)) + 2 for line in written(a_ship(199_999_999, name="X" * 25), rows)) <= 82


def test_a_claim_is_sent_with_the_type_and_size_of_the_hull() -> None:
    ship = replace(a_ship(length=90), claims=(Claim(0, 0, 1, 199_123_456, "OTHER (EX)", "EXO"),))
    got = decode(*(bare(line) for line in written(ship, row(5, who=1))))
    assert (got.mmsi, got.shipname, got.callsign, got.to_bow + got.to_stern, got.ship_type) == (199_123_456, "OTHER (EX)", "EXO", 90, 70)


def test_what_the_six_bit_alphabet_lacks_becomes_a_blank_or_a_question_mark() -> None:
    assert six_bit(["Añ_b"], 5).tolist() == [[1, 63, 31, 32, 0]]


@pytest.mark.parametrize("kind", [1, 18])
def test_marks_and_the_rate_of_turn_come_back_as_sent(kind) -> None:
    ship = a_ship(ais_class="A" if kind == 1 else "B_CS")
    for marks, accuracy, raim in ((0, True, False), (1, False, False), (2, True, True), (3, False, True)):
        (line,) = written(ship, row(kind, marks=marks, turn=128 + 14))
        got = decode(bare(line))
        assert (bool(got.accuracy), bool(got.raim)) == (accuracy, raim)
        assert kind == 18 or got.turn == pytest.approx(14**2 / 4.733**2, rel=0.1)
