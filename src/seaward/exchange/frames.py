"""What is signed and sent: batches of messages, receipts for them, checkpoints of the log, introductions of keys. Packed, checked, one form only."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from seaward.exchange.bodies import KINDS, LAST_VALUE, Drill, Event, Ms, Withdrawal
from seaward.exchange.items import Released, Row, object_id, wire_id
from seaward.exchange.label import LabelRow, Nation, disorder, label_of, labels_hash, row_of
from seaward.exchange.seal import MOST_BYTES, Broken

Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
RealmName = Annotated[str, Meta(pattern=r"^(ops|ex:[a-z0-9][a-z0-9_-]{0,62})$(?!\n)")]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Number = Annotated[int, Meta(ge=1, le=2**53)]
Blob = Annotated[bytes, Meta(max_length=8_192)]
HISTORY: Literal[0] = 0
LIVE: Literal[1] = 1  # lanes: every message in order, and the newest value of each
NO_HASH = bytes(32)  # before the first of an epoch
MOST_ROWS, MOST_LABELS = 2_048, 64  # ours


class _Signed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What every signed thing begins with."""

    origin: Nation
    to: Nation
    realm: RealmName
    created_ms: Ms
    epoch: Count  # of the sender of batches, from 1 on; grows when the sender could not go on where it was


class Batch(_Signed, frozen=True, tag=1):
    """Messages of one lane, in order."""

    lane: Literal[0, 1]
    seq: Number  # from 1 in each epoch and lane
    prev: Hash  # SHA-256 of the batch before in its lane, sealed; of the first in an epoch, the last known to be received, or zeros
    labels_hash: Hash
    expires_ms: Ms
    lost: Count  # messages of this lane dropped by the sender so far in this epoch: a visible gap
    held: Count  # messages that wait behind this batch
    labels: Annotated[tuple[LabelRow, ...], Meta(min_length=1, max_length=MOST_LABELS)]
    rows: Annotated[tuple[Row, ...], Meta(min_length=1, max_length=MOST_ROWS)]


class Receipt(_Signed, frozen=True, tag=2):
    """What was received so far of the other's batches, and so a signature under the log of them."""

    seq: Count  # the last batch of history in order; 0 before the first
    head: Hash  # its SHA-256
    root: Hash  # of the tree over all of the epoch up to it
    live_seq: Count  # the highest batch of last values
    live_seen: Annotated[int, Meta(ge=0, le=2**62 - 1)]  # bit n: batch live_seq - n was received
    live_from: Count  # the first of these since the receiver began to keep them; 0 before any: what came earlier is gone
    lost: Count  # messages the sender said it dropped, as seen here
    refused: Count  # batches and messages put in quarantine so far
    closed: Count  # the last batch for which the sender signed the log too
    key: Annotated[bytes, Meta(max_length=8)]  # of the sender: the one that signed what was verified last; empty before anything was
    crl: Count  # number of the newest list of revoked keys held of the sender
    problem: Annotated[str, Meta(max_length=32, pattern=r"^[a-z_]*$(?!\n)")]  # why the newest could not be taken; empty when all is well


class Introduction(_Signed, frozen=True, tag=4):
    """Keys certified by the nation's authority, and its list of revoked ones; signed by one of these keys, so that the other need not know it yet."""

    certificates: Annotated[tuple[Blob, ...], Meta(min_length=1, max_length=4)]  # DER
    crl: Blob  # DER, RFC 5280; empty where there is none


class Checkpoint(_Signed, frozen=True, tag=3):
    """The sender's own signature under the log that a receipt signed."""

    seq: Number
    head: Hash
    root: Hash


Signed = Batch | Receipt | Checkpoint | Introduction
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Signed)


def pack(signed: Signed) -> bytes:
    """As bytes to be sealed."""
    return _ENCODER.encode(signed)


def unpack(payload: bytes) -> Signed | Broken:
    """Bytes that were sealed, checked in every way that needs no memory of what came before.

    Refused is whatever is not in the one form that `pack` gives, so that no two byte strings mean the same.
    """
    if len(payload) > MOST_BYTES:
        return Broken("too_long")
    try:
        signed = _DECODER.decode(payload)
        if _ENCODER.encode(signed) != payload:
            return Broken("form")
    except (msgspec.DecodeError, RecursionError, ValueError, OverflowError):  # ValidationError is a DecodeError; a timestamp of year 10,000 overflows
        return Broken("form")
    return (_unsound(signed) or signed) if isinstance(signed, Batch) else signed


def _unsound(batch: Batch) -> Broken | None:
    if batch.epoch < 1:
        return Broken("form")
    labels = [label_of(row) for row in batch.labels]
    if len(set(labels)) != len(labels) or any(disorder(label) for label in labels) or labels_hash(labels) != batch.labels_hash:
        return Broken("label_form")
    for row in batch.rows:
        if row.label >= len(labels):
            return Broken("label_form")
        about = row.body.kind if isinstance(row.body, Withdrawal) else KINDS[type(row.body)]
        if (about in LAST_VALUE) != (batch.lane == LIVE):
            return Broken("lane")
        if isinstance(row.body, Drill) and batch.realm == "ops":
            return Broken("realm")
        if isinstance(row.body, Event) and not all(math.isfinite(v) for r in row.body.reasons for _, v in r.values):
            return Broken("form")
    return None


def rows_of(released: Sequence[Released]) -> tuple[tuple[LabelRow, ...], tuple[Row, ...], bytes]:
    """Messages as rows with the labels they share, and the hash of those."""
    places: dict[object, int] = {}
    rows = tuple(Row(wire_id(r.id), r.version, places.setdefault(r.label, len(places)), r.body) for r in released)  # type: ignore[arg-type]
    labels = list(places)
    return tuple(row_of(label) for label in labels), rows, labels_hash(labels)  # type: ignore[arg-type]


def messages_of(batch: Batch) -> list[Released]:
    """The messages of a batch."""
    labels = [label_of(row) for row in batch.labels]
    return [Released(object_id(row.id), row.version, labels[row.label], row.body) for row in batch.rows]


def row_bytes(released: Released) -> int:
    """How long a message is on the wire, without what its batch costs [byte]."""
    return len(_ENCODER.encode(Row(wire_id(released.id), released.version, 0, released.body)))  # type: ignore[arg-type]


def sealed_hash(sealed: bytes) -> bytes:
    """SHA-256 of a sealed batch: what the next one names, and an entry of the log."""
    return hashlib.sha256(sealed).digest()
