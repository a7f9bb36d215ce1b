"""Batches: packed, read back, and refused in every form but one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.exchange import bodies as b
from seaward.exchange.frames import HISTORY, LIVE, NO_HASH, Batch, Checkpoint, Receipt, messages_of, pack, row_bytes, rows_of, unpack
from seaward.exchange.items import Released
from seaward.exchange.label import labels_hash
from seaward.exchange.seal import Broken
from tests.exchange.made import BODIES, EVENT, LABEL, NOW_MS, TRACK, batch, label, labels

released = st.builds(Released, st.sampled_from(["mmsi:224000123", "e1", "~abcdefghi"]), st.integers(1, 2**32 - 1), labels, st.sampled_from(BODIES))
RECEIPT = Receipt("USA", "PER", "ops", NOW_MS, 5, 7, b"h" * 32, b"r" * 32, 9, 3, 1, 0, 1, 6, b"k" * 8, 2, "")
CHECKPOINT = Checkpoint("PER", "USA", "ops", NOW_MS, 5, 7, b"h" * 32, b"r" * 32)


@given(st.lists(released, min_size=1, max_size=5), st.sampled_from(["ops", "ex:north-1"]))
def test_a_batch_comes_back_with_every_message_and_label(messages: list[Released], realm: str) -> None:
    lane = LIVE if all(m.kind in b.LAST_VALUE for m in messages) else HISTORY
    made = batch(*messages, lane=lane, realm=realm)
    mixed = any((m.kind in b.LAST_VALUE) != (lane == LIVE) for m in messages)
    drill = any(m.kind == "drill" for m in messages) and realm == "ops"
    back = unpack(pack(made))
    if mixed or drill:
        assert isinstance(back, Broken)
    else:
        assert back == made and messages_of(made) == messages


@pytest.mark.parametrize("signed", [RECEIPT, CHECKPOINT])
def test_receipts_and_checkpoints_come_back(signed: Any) -> None:
    assert unpack(pack(signed)) == signed


def test_an_update_of_a_track_takes_no_more_than_45_bytes() -> None:
    """The most that every field of an AIS track can take, and as it is most of the time."""
    longest = b.Track(2**41, -180_000_000, -90_000_000, 60_000, 1_022, 3_599, 359, 14, "a")
    assert row_bytes(Released("mmsi:999999999", 255, LABEL, longest)) <= 45
    assert row_bytes(Released("mmsi:224000123", 1, LABEL, TRACK)) == 38


def test_messages_share_their_labels() -> None:
    other = label(lei=True)
    rows = rows_of([Released("e1", 1, LABEL, EVENT), Released("e2", 1, other, EVENT), Released("e3", 1, LABEL, EVENT)])
    assert [r.label for r in rows[1]] == [0, 1, 0] and len(rows[0]) == 2 and rows[2] == labels_hash([LABEL, other])


def _changed(**changes: Any) -> bytes:
    return pack(batch(**changes))


def _raw(change: Any) -> bytes:
    said = msgspec.msgpack.decode(pack(batch()))
    change(said)
    return msgspec.msgpack.encode(said)


def _row(at: int, value: Any) -> Any:
    return lambda said: said[14][0].__setitem__(at, value)


NOT_A_NUMBER = msgspec.structs.replace(EVENT, reasons=(b.Reason("x", (("y", float("nan")),)),))
WRONG = {
    "a label bound by another hash": (_changed(labels_hash=NO_HASH), "label_form"),
    "a row without a label": (_raw(_row(2, 1)), "label_form"),
    "a track in the lane of history": (pack(batch(Released("mmsi:224000123", 1, LABEL, TRACK))), "lane"),
    "an event in the lane of last values": (_changed(lane=LIVE), "lane"),
    "control of a drill in operations": (pack(batch(Released("d", 1, LABEL, BODIES[13]))), "realm"),
    "a realm of no form": (_changed(realm="Ops"), "form"),
    "a realm with a line feed": (_changed(realm="ops\n"), "form"),
    "no rows": (_changed(rows=()), "form"),
    "no labels": (_changed(labels=()), "form"),
    "a sequence of 0": (_changed(seq=0), "form"),
    "a short hash": (_changed(prev=b"x"), "form"),
    "a third lane": (_changed(lane=2), "form"),
    "an unknown kind of signed thing": (_raw(lambda said: said.__setitem__(0, 5)), "form"),
    "an unknown kind of message": (_raw(lambda said: said[14][0][3].__setitem__(0, 99)), "form"),
    "a field too many": (_raw(lambda said: said.append(1)), "form"),
    "a field too few": (_raw(lambda said: said.pop()), "form"),
    "a version of 0": (_raw(_row(1, 0)), "form"),
    "a latitude beyond the pole": (_raw(lambda said: said[14][0][3].__setitem__(7, 90_000_001)), "form"),
    "a float for a whole number": (_raw(lambda said: said.__setitem__(5, 5.0)), "form"),
    "a longer form of the same number": (pack(batch()).replace(b"\x05\x00\x01", b"\xcc\x05\x00\x01", 1), "form"),
    "bytes behind the end": (pack(batch()) + b"\x00", "form"),
    "a value that is no number": (pack(batch(Released("e", 1, LABEL, NOT_A_NUMBER))), "form"),
    "nations of a label out of order": (pack(batch(Released("e", 1, label(rel=("USA", "ECU")), EVENT))), "label_form"),
    "arrays in arrays without end": (b"\x91" * 60_000, "form"),
    "an array of four thousand million": (b"\xdd\xff\xff\xff\xff", "form"),
    "nothing": (b"", "form"),
    "more than a sealed message can hold": (b"\xc0" * 70_000, "too_long"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_not_in_the_one_form_is_refused_with_its_reason(wrong: str) -> None:
    payload, reason = WRONG[wrong]
    assert unpack(payload) == Broken(reason)


@given(st.data())
def test_a_payload_with_a_changed_byte_is_refused_or_says_something_else_in_the_one_form(data: Any) -> None:
    payload = bytearray(pack(batch()))
    payload[data.draw(st.integers(0, len(payload) - 1))] ^= data.draw(st.integers(1, 255))
    found = unpack(bytes(payload))
    assert isinstance(found, Broken) or (pack(found) == payload and found != batch())


@given(st.binary(max_size=400))
def test_any_bytes_are_taken_without_a_crash(data: bytes) -> None:
    found = unpack(data)
    assert isinstance(found, Broken | Batch | Receipt | Checkpoint)
