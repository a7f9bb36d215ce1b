"""A message and what a partner is granted -> the message as the partner gets it. Never random: the same in, the same out.

What comes out depends on the cell of the grid, the step of time and the fields left in, and on nothing finer: whoever changes the message within
them gets the same bytes.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import msgspec

from seaward.core.errors import ParameterError
from seaward.exchange.bodies import LAST_VALUE, Body, Leg, Reason
from seaward.exchange.fields import FIELDS, GROUPS, REFERS_TO, Tells
from seaward.exchange.grid import error_on_grid_m, snap

SLOW_MPS = (
    5  # ours: about ten knots; a step of time is at least as long as a vessel so fast takes through a cell, or crossings would tell where it is
)
_EIGHTH_DDEG, _EIGHTH_DEG = 450, 45


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of an object a partner may see."""

    precision_m: int = 0  # width of the grid; 0 as measured
    round_s: int = 0  # step of time; 0 as measured
    without: frozenset[str] = frozenset()  # names of GROUPS left out

    def __post_init__(self) -> None:
        if self.precision_m < 0 or self.round_s < 0:
            raise ParameterError(f"precision is {self.precision_m} m and step of time {self.round_s} s; neither can be below 0")
        if unknown := self.without - GROUPS.keys():
            raise ParameterError(f"{', '.join(sorted(unknown))} cannot be left out; choose from {', '.join(GROUPS)}")

    @property
    def step_ms(self) -> int:
        """Step of time [ms]: as asked for, and no shorter than a slow crossing of a cell."""
        return 1000 * max(self.round_s, -(-self.precision_m // SLOW_MPS))

    def is_within(self, other: Detail) -> bool:
        """Whether this tells nothing that `other` does not."""
        return self.precision_m >= other.precision_m and self.step_ms >= other.step_ms and self.without >= other.without

    def hides_name(self, kind: str) -> bool:
        """Whether an id of this kind must go under another name: a track's is its MMSI, and others may be hashes of vessels and a start."""
        return "identity" in self.without or (kind not in LAST_VALUE and (self.precision_m > 0 or self.round_s > 0))


Named = Callable[[str, str], str | None]  # kind, id -> the id it was released under, None where it was not


def pseudonym(kind: str, id: str, secret: bytes) -> str:
    """Another name for an object: the same each time for one partner, and telling nothing without the secret. 54 bits of HMAC-SHA-256."""
    digest = hmac.digest(secret, f"{kind}\x1f{id}".encode(), "sha256")
    return "~" + base64.urlsafe_b64encode(digest[:9])[:9].decode()


def degrade(body: Body, detail: Detail, named: Named, secret: bytes) -> Body:
    """What of a message a partner gets.

    Parameters
    ----------
    body
        The whole message.
    detail
        What is granted.
    named
        The ids that objects it refers to were released under; one that was not is given a pseudonym.
    secret
        Of the partner's pseudonyms.

    Raises
    ------
    ParameterError
        If a field of it is not in `FIELDS`: what is not known cannot be sent.
    """
    plan = _plan(type(body), detail)
    values = list(msgspec.structs.astuple(body))
    for at, change in plan.changes:
        values[at] = change(values[at])
    for lon, lat in plan.positions:
        is_whole = values[lon] is not None and values[lat] is not None  # half a position is none
        values[lon], values[lat] = snap(values[lon], values[lat], detail.precision_m) if is_whole else (None, None)
    names_vessels = not detail.precision_m and not detail.hides_name("vessel")
    for at, field in plan.references:
        values[at] = _references(body, field, values[at], named, secret, names_vessels)
    for at in plan.legs:
        values[at] = tuple(degrade(leg, detail, named, secret) for leg in values[at])
    return type(body)(*values)


Change = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is done to one kind of message at one detail, by the places of its fields."""

    changes: tuple[tuple[int, Change], ...]
    positions: tuple[tuple[int, int], ...]
    references: tuple[tuple[int, str], ...]
    legs: tuple[int, ...]


@lru_cache(maxsize=1024)
def _plan(kind: type[Body], detail: Detail) -> _Plan:
    tells = FIELDS.get(kind)
    if tells is None or tells.keys() != {*kind.__struct_fields__}:
        raise ParameterError(f"{kind.__name__} has fields whose meaning is not in exchange/fields.py; add them there before it can be sent")
    gone = {t for group in detail.without for t in GROUPS[group]}
    changes: list[tuple[int, Change]] = []
    positions, references, legs, lon = [], [], [], -1
    for at, field in enumerate(kind.__struct_fields__):
        tell = tells[field]
        if tell is Tells.LON:
            lon = at
        elif tell is Tells.LAT:
            if detail.precision_m:
                positions.append((lon, at))
        elif tell is Tells.REFERENCE:
            references.append((at, field))
        elif tell is Tells.LEGS and "text" not in detail.without:
            legs.append(at)
        elif tell in gone or tell is Tells.LEGS:
            changes.append((at, _nothing_of_leg if kind is Leg else _nothing))
        elif (change := _coarse(tell, detail)) is not None:
            changes.append((at, change))
    return _Plan(tuple(changes), tuple(positions), tuple(references), tuple(legs))


def _coarse(tell: Tells, detail: Detail) -> Change | None:
    """What makes a field coarser; None where it stays as it is."""
    step_ms, precision_m = detail.step_ms, detail.precision_m
    if tell is Tells.TIME and step_ms:
        return lambda v: None if v is None else v // step_ms * step_ms
    if tell is Tells.ERROR and precision_m:
        return lambda v: error_on_grid_m(v, precision_m)
    return _ON_A_GRID.get(tell) if precision_m else None


_ON_A_GRID: dict[Tells, Change] = {
    Tells.SPEED: lambda v: None if v is None else (v + 5) // 10 * 10,
    Tells.BEARING_DDEG: lambda v: None if v is None else (v + _EIGHTH_DDEG // 2) // _EIGHTH_DDEG * _EIGHTH_DDEG % 3_600,
    Tells.BEARING_DEG: lambda v: None if v is None else (v + _EIGHTH_DEG // 2) // _EIGHTH_DEG * _EIGHTH_DEG % 360,
    Tells.REASONS: lambda v: tuple(Reason(r.code) for r in v),
    Tells.PLACES: lambda v: (),
    Tells.EVIDENCE: lambda v: (),
    Tells.TEXT: lambda v: "" if isinstance(v, str) else None,
}


def _nothing(value: Any) -> Any:
    return () if isinstance(value, tuple) else None


def _nothing_of_leg(value: Any) -> Any:
    return () if isinstance(value, tuple) else ""


def _references(body: Body, field: str, value: Any, named: Named, secret: bytes, names_vessels: bool) -> Any:
    kind = REFERS_TO.get(field) or getattr(body, "about_kind", None) or "event"
    if value is None:
        return None
    if kind == "vessel" and names_vessels and not value.startswith("~"):
        return value  # who a vessel is, and no object of anybody's
    ids = value if isinstance(value, tuple) else (value,)
    released = tuple(named(kind, i) or pseudonym(kind, i, secret) for i in ids)
    return released if isinstance(value, tuple) else released[0]


def without_references(body: Body) -> Body:
    """A message without the ids of others that it refers to."""
    found = {f: () if isinstance(getattr(body, f), tuple) else None for f, tell in FIELDS.get(type(body), {}).items() if tell is Tells.REFERENCE}
    return msgspec.structs.replace(body, **found)


def newest_ms(body: Body) -> int:
    """The latest moment that a message tells of [ms since 1970 UTC]; 0 where it tells of none."""
    moments = [getattr(body, f) for f in _times(type(body))]
    return max((m for m in moments if m is not None), default=0)


@cache
def _times(kind: type[Body]) -> tuple[str, ...]:
    return tuple(f for f, tell in FIELDS.get(kind, {}).items() if tell is Tells.TIME)
