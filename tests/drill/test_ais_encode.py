"""What we encode, pyais reads back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyais import decode

from tests.made_up_day import ais_encode

MMSI = st.integers(0, 999_999_999)
NAME = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ()-.", min_size=1, max_size=20).map(str.strip).filter(bool)


def back(payload: ais_encode.Payload, sequence: int = 3):
    return decode(*ais_encode.sentences(payload, ["A"], [sequence])[0], error_if_checksum_invalid=True)


@given(
    MMSI,
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.floats(0, 102.2),
    st.floats(0, 359.9),
    st.integers(0, 359),
    st.integers(0, 59),
    st.integers(0, 15),
)
def test_a_class_a_position_comes_back(mmsi, lon, lat, sog, cog, heading, second, nav) -> None:
    got = back(ais_encode.position_a([mmsi], [lon], [lat], [sog], [cog], [heading], [second], [nav]))
    assert (got.msg_type, got.mmsi, got.heading, got.second, int(got.status), got.raim, got.radio) == (1, mmsi, heading, second, nav, False, 0)
    assert (got.lon, got.lat) == pytest.approx((lon, lat), abs=1.5e-6)
    assert got.speed == pytest.approx(sog, abs=0.051) and got.course == pytest.approx(cog, abs=0.051)


@settings(max_examples=40)
@given(MMSI, st.floats(-180, 180), st.floats(-90, 90), st.integers(0, 59))
def test_a_class_b_position_comes_back(mmsi, lon, lat, second) -> None:
    got = back(ais_encode.position_b([mmsi], [lon], [lat], [4.2], [359.99], [np.nan], [second]))
    assert (got.msg_type, got.mmsi, got.heading, got.second, got.course) == (18, mmsi, 511, second, 0.0)
    assert (got.lon, got.lat) == pytest.approx((lon, lat), abs=1.5e-6)


def test_what_is_unknown_is_sent_as_not_available() -> None:
    nan = [np.nan]
    got = back(ais_encode.position_a([1], nan, nan, nan, nan, nan, [60], [15]))
    assert (got.lon, got.lat, got.speed, got.course, got.heading) == (181.0, 91.0, 102.3, 360.0, 511)


@settings(max_examples=40)
@given(MMSI, NAME, st.sampled_from([30, 52, 70, 80]), st.integers(9, 400), st.integers(2, 60))
def test_a_voyage_message_comes_back_from_two_sentences(mmsi, name, kind, length, beam) -> None:
    got = back(ais_encode.voyage([mmsi], [name], ["EX00001"], [kind], [length], [beam], ["CALLAO (EX)"]))
    assert (got.msg_type, got.mmsi, got.shipname, got.callsign, got.ship_type, got.destination) == (5, mmsi, name, "EX00001", kind, "CALLAO (EX)")
    assert (got.to_bow + got.to_stern, got.to_port + got.to_starboard, got.imo) == (length, beam, 0)


@settings(max_examples=40)
@given(MMSI, NAME, st.sampled_from([30, 52, 70, 80]), st.integers(3, 60), st.integers(1, 20))
def test_class_b_names_and_sizes_come_back(mmsi, name, kind, length, beam) -> None:
    assert back(ais_encode.static_name([mmsi], [name])).shipname == name
    got = back(ais_encode.static_size([mmsi], ["EX00002"], [kind], [length], [beam]))
    assert (got.mmsi, got.partno, got.ship_type, got.callsign, got.to_bow + got.to_stern, got.to_port + got.to_starboard) == (
        mmsi, 1, kind, "EX00002", length, beam,
    )  # fmt: skip


def test_many_are_encoded_as_each_alone() -> None:
    lon, lat = np.linspace(-179, 179, 50), np.linspace(-80, 80, 50)
    fields = (np.arange(50), lon, lat, lat * 0 + 3, lat * 0 + 9, lat * 0 + 10, np.arange(50), np.full(50, 7))
    together = ais_encode.sentences(ais_encode.position_a(*fields), ["AB"[n % 2] for n in range(50)], [0] * 50)
    alone = [ais_encode.sentences(ais_encode.position_a(*(f[n : n + 1] for f in fields)), ["AB"[n % 2]], [0])[0] for n in range(50)]
    assert together == alone


def test_no_sentence_is_longer_than_the_standard_allows() -> None:
    parts = ais_encode.sentences(ais_encode.voyage([1], ["X" * 20], ["EX"], [70], [99], [9], ["Y" * 20]), ["A"], [5])[0]
    assert len(parts) == 2 and max(map(len, parts)) + 2 <= 82
