"""What may be done with an object -> one label, as JSON for people and as a packed row for the wire, with one hash for both.

The schema is open: `label.schema.json` beside this file is what other software checks against. Levels follow EU and NATO practice of three open
steps; `tlp` is the Traffic Light Protocol 2.0 (FIRST, 2022); `lei` and `ppi` are the indicators of MISE (law enforcement, privacy); `purpose` and
`personal_data` are the usage restrictions of the CISE data model 1.5.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from seaward.core.errors import InputError

LEVELS = ("PUBLIC", "LIMITED", "RESTRICTED")
TLPS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")

_END = r"$(?!\n)"  # in Python $ alone also matches before a last line feed
Nation = Annotated[str, Meta(pattern="^[A-Z]{3}" + _END, description="ISO 3166-1 alpha-3 code")]
Token = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._/:+-]{0,63}" + _END, description="a short name without spaces")]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with a time zone")]


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operation under which the object may be opened further, until a moment: event-based relaxation."""

    operation: Token
    until: Moment


class Handling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How exact and how soon, whatever a rule of release would give."""

    precision_m: Annotated[int, Meta(ge=0, le=1_000_000, description="grid that positions are snapped to [m]; 0 as measured")] = 0
    delay_s: Annotated[int, Meta(ge=0, le=31_622_400, description="age a position must have [s]")] = 0
    hold_until: Annotated[Moment | None, Meta(description="not released before")] = None


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The conditions an owner puts on one object."""

    policy: Annotated[Token, Meta(description="the policy of release it was labelled under, such as per-default/1")]
    level: Literal["PUBLIC", "LIMITED", "RESTRICTED"]
    tlp: Annotated[Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"], Meta(description="RED never leaves through the exchange")]
    owner: Annotated[Nation, Meta(description="whose it is")]
    rel: Annotated[tuple[Nation, ...], Meta(max_length=64, description="nations it may go to, sorted")] = ()
    lei: Annotated[bool, Meta(description="law enforcement information")] = False
    ppi: Annotated[bool, Meta(description="protected personal information")] = False
    scope: Annotated[tuple[Scope, ...], Meta(max_length=16, description="operations under which it opens further")] = ()
    purpose: Annotated[Token | None, Meta(description="what it may be used for")] = None
    personal_data: bool = False
    orcon: Annotated[bool, Meta(description="originator control: only the owner passes it on")] = True
    handling: Handling = Handling()


class _ScopeRow(Scope, array_like=True, frozen=True, forbid_unknown_fields=True):
    pass


class _HandlingRow(Handling, array_like=True, frozen=True, forbid_unknown_fields=True):
    pass


class LabelRow(Label, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A label as it lies on the wire: the same fields in the same order, without their names."""

    scope: Annotated[tuple[_ScopeRow, ...], Meta(max_length=16)] = ()
    handling: _HandlingRow = _HandlingRow()


_ENCODER = msgspec.msgpack.Encoder()


def read_label(text: str | bytes) -> Label:
    """Read a label from JSON.

    Raises
    ------
    InputError
        If it does not fit the schema, or its nations are not sorted or named twice.
    """
    try:
        label = msgspec.json.decode(text, type=Label)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise InputError(f"a label does not fit label.schema.json: {e}; docs/exchange.md shows one") from e
    if why := disorder(label):
        raise InputError(f"a label does not fit label.schema.json: {why}")
    return label


@lru_cache(maxsize=4096)
def disorder(label: Label) -> str:
    """Why a label is not in its one written form; empty when it is. One form, so that equal labels have equal hashes."""
    if list(label.rel) != sorted(set(label.rel)):
        return f"rel is {', '.join(label.rel)}; name each nation once, in alphabetical order"
    operations = [s.operation for s in label.scope]
    if operations != sorted(set(operations)):
        return f"scope names {', '.join(operations)}; name each operation once, in alphabetical order"
    return ""


@lru_cache(maxsize=4096)
def row_of(label: Label) -> LabelRow:
    """The same label as a row."""
    return msgspec.convert(label, LabelRow, from_attributes=True)


@lru_cache(maxsize=4096)
def label_of(row: LabelRow) -> Label:
    """The same label with named fields."""
    return msgspec.convert(row, Label, from_attributes=True)


def labels_hash(labels: Sequence[Label]) -> bytes:
    """SHA-256 (32 bytes) of labels in their order, each packed as on the wire; binds them to a signed header."""
    return hashlib.sha256(b"".join(_packed(label) for label in labels)).digest()


@lru_cache(maxsize=4096)
def _packed(label: Label) -> bytes:
    return _ENCODER.encode(row_of(label))


def label_json(label: Label) -> str:
    """A label as JSON, every field written out."""
    return msgspec.json.encode(label).decode()


def label_schema() -> dict[str, object]:
    """The JSON schema (2020-12) of a label; `label.schema.json` holds it."""
    schema = msgspec.json.schema(Label)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Seaward label, version 1", **schema}
