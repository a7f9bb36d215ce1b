"""What one side of a link must not forget: the kinds of record of its log, packed."""

from __future__ import annotations

import msgspec

from seaward.exchange.bodies import AnyBody
from seaward.exchange.items import Item
from seaward.exchange.label import LabelRow, label_of, row_of


class _Record(msgspec.Struct, frozen=True, array_like=True):
    pass


class ToldRow(_Record, frozen=True):
    """That an object was released: its kind and id, the id it was released under, and in which version."""

    kind: str
    id: str
    name: str
    version: int


class Queued(_Record, frozen=True, tag=1):
    """An object waits to be sent. A withdrawal carries the name of what it withdraws."""

    number: int
    id: str
    version: int
    realm: str
    label: LabelRow
    own_unit: bool
    body: AnyBody
    name: str | None


class Built(_Record, frozen=True, tag=2):
    """A batch was signed, out of these objects."""

    epoch: int
    seq: int
    numbers: tuple[int, ...]
    told: tuple[ToldRow, ...]
    lost: int
    sealed: bytes


class Dropped(_Record, frozen=True, tag=3):
    """Objects that will not be sent, and whether the partner is told so as a gap."""

    numbers: tuple[int, ...]
    is_lost: bool


class Began(_Record, frozen=True, tag=4):
    """A new epoch, and the objects that are sent again in it, in order."""

    epoch: int
    prev: bytes
    lost: int  # dropped and not yet told
    again: tuple[int, ...]


class Receipted(_Record, frozen=True, tag=5):
    """The partner's signature under the log up to here."""

    epoch: int
    seq: int
    sealed: bytes


class LiveReserved(_Record, frozen=True, tag=6):
    """Numbers of batches of last values up to here may have been used."""

    epoch: int
    seq: int


class Accepted(_Record, frozen=True, tag=7):
    """A batch came in order; which of its messages were refused, and why."""

    epoch: int
    seq: int
    refused: tuple[tuple[int, str], ...]
    sealed: bytes


class Closed(_Record, frozen=True, tag=8):
    """The partner's own signature under the log that we signed."""

    epoch: int
    seq: int
    sealed: bytes


class Introduced(_Record, frozen=True, tag=9):
    """Keys of the partner, and its list of revoked ones, as its authority signed them."""

    certificates: tuple[bytes, ...]
    crl: bytes


class Entered(_Record, frozen=True, tag=10):
    """The partner began a new epoch; what we had of the old one."""

    epoch: int
    old_seq: int
    old_head: bytes


class Delivered(_Record, frozen=True, tag=11):
    """All up to here has been taken over by the rest of the node."""

    epoch: int
    seq: int


class OutState(_Record, frozen=True, tag=12):
    """The sending side as a whole, in place of the records before it."""

    epoch: int
    acked: int
    prev: bytes
    acked_head: bytes
    tree_size: int
    tree_peaks: tuple[bytes, ...]
    acked_lost: int
    lost: int
    next_number: int


class Told(_Record, frozen=True, tag=13):
    """What was released, in place of the records before."""

    rows: tuple[ToldRow, ...]


class Again(_Record, frozen=True, tag=16):
    """These of the objects that wait were in a batch of an earlier epoch, in this order."""

    numbers: tuple[int, ...]


class Doubted(_Record, frozen=True, tag=18):
    """The log was damaged: these objects may or may not have been sent."""

    keys: tuple[tuple[str, str], ...]


class InState(_Record, frozen=True, tag=14):
    """The receiving side as a whole."""

    epoch: int
    seq: int
    head: bytes
    tree_size: int
    tree_peaks: tuple[bytes, ...]
    recent: tuple[tuple[bytes, bytes], ...]
    lost: int
    refused: int
    closed: int
    before: tuple[int, int]
    is_damaged: bool = False


class Pending(_Record, frozen=True, tag=17):
    """A batch that was taken and not yet handed over: these of its messages are to be."""

    epoch: int
    seq: int
    before: tuple[int, int]
    lost: int
    rows: tuple[int, ...]
    sealed: bytes
    refused: tuple[tuple[int, str], ...] = ()


class Known(_Record, frozen=True, tag=15):
    """Which version of each object was received: kind, id, version, whether it was withdrawn."""

    rows: tuple[tuple[str, str, int, bool], ...]


class Whole(_Record, frozen=True, tag=19):
    """So many records stand for all that was before: where they are fewer, the end of the log is gone."""

    records: int


Record = (
    Queued
    | Built
    | Dropped
    | Began
    | Receipted
    | LiveReserved
    | Accepted
    | Closed
    | Introduced
    | Entered
    | Delivered
    | OutState
    | Told
    | InState
    | Known
    | Pending
    | Again
    | Doubted
    | Whole
)
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Record)


def pack_record(record: Record) -> bytes:
    """A record as bytes."""
    return _ENCODER.encode(record)


def unpack_record(data: bytes) -> Record | None:
    """A record from bytes; None where they are none."""
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError, ValueError, OverflowError):
        return None


def queued(number: int, item: Item, name: str | None) -> Queued:
    """An object as a record."""
    return Queued(number, item.id, item.version, item.realm, row_of(item.label), item.own_unit, item.body, name)  # type: ignore[arg-type]


def item_of(record: Queued) -> Item:
    """The object of a record."""
    return Item(record.id, record.version, record.realm, label_of(record.label), record.body, record.own_unit)
