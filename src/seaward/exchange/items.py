"""An object as its owner holds it, and the same as it lies on the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from seaward.core.errors import ParameterError, RealmError
from seaward.core.realm import check_realm, is_drill
from seaward.exchange.bodies import KINDS, AnyBody, Body, Drill, Plan, Withdrawal
from seaward.exchange.label import Label, disorder

Id = Annotated[str, Meta(min_length=1, max_length=96)]
Version = Annotated[int, Meta(ge=1, le=2**32 - 1)]
_MMSI = re.compile(r"mmsi:(\d{9})")
Key = tuple[str, str]  # kind and id: what corrections, withdrawals and last values go by


@dataclass(frozen=True, slots=True)
class Item:
    """One object offered for release, whole."""

    id: str  # event_id, vessel_id or another name that the owner gave
    version: int  # 1, then one more per revision
    realm: str
    label: Label
    body: Body
    own_unit: bool = False  # tells where a unit of one's own is, was or will be

    def __post_init__(self) -> None:
        check_realm(self.realm)
        if not 1 <= len(self.id) <= 96 or self.id.startswith("~") or not 1 <= self.version < 2**32:
            said = f"an object has id {self.id!r} and version {self.version}"
            raise ParameterError(f"{said}; give 1 to 96 characters, not beginning with ~ (pseudonyms do), and versions from 1 on")
        if why := disorder(self.label):
            raise ParameterError(f"the label of {self.id} is not in order: {why}")
        if isinstance(self.body, Drill) and not is_drill(self.realm):
            raise RealmError(f"control of a drill was offered in realm {self.realm!r}; give the realm of the drill, ex:<id>")

    @property
    def kind(self) -> str:
        return KINDS[type(self.body)]

    @property
    def key(self) -> Key:
        return self.kind, self.id

    @property
    def tells_own_units(self) -> bool:
        return self.own_unit or isinstance(self.body, Plan)


@dataclass(frozen=True, slots=True)
class Released:
    """The same object as one partner gets it: perhaps coarser, perhaps under another name."""

    id: str
    version: int
    label: Label
    body: Body

    @property
    def kind(self) -> str:
        return KINDS[type(self.body)]

    @property
    def key(self) -> Key:
        return self.kind, self.id

    @property
    def target(self) -> Key:
        """What it is about: of a withdrawal, what is withdrawn."""
        return (self.body.kind, self.id) if isinstance(self.body, Withdrawal) else self.key


class Row(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One message on the wire."""

    id: Annotated[int, Meta(ge=0, le=999_999_999)] | Id  # a number stands for mmsi:<nine digits>
    version: Version
    label: Annotated[int, Meta(ge=0, le=255)]  # which label of its batch
    body: AnyBody


def wire_id(id: str) -> int | str:
    """`mmsi:224000123` as a number; everything else as it is."""
    found = _MMSI.fullmatch(id)
    return int(found[1]) if found else id


def object_id(wire: int | str) -> str:
    """The id that `wire_id` was given."""
    return f"mmsi:{wire:09d}" if isinstance(wire, int) else wire
