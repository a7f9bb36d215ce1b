"""A message and what a partner is granted -> the message as the partner gets it. Never random: the same in, the same out.

What comes out depends on the cell of the grid, the step of time and the fields left in, and on nothing finer: whoever changes the message within
them gets the same bytes.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
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
    tells = FIELDS.get(type(body))
    if tells is None or tells.keys() != {*body.__struct_fields__}:
        raise ParameterError(f"{type(body).__name__} has fields whose meaning is not in exchange/fields.py; add them there before it can be sent")
    gone = {t for group in detail.without for t in GROUPS[group]}
    changed: dict[str, Any] = {}
    lon: str = ""
    for field, tell in tells.items():
        value = getattr(body, field)
        if tell is Tells.LON:
            lon = field
        elif tell is Tells.LAT:
            if detail.precision_m and value is not None and getattr(body, lon) is not None:
                changed[lon], changed[field] = snap(getattr(body, lon), value, detail.precision_m)
            elif detail.precision_m:
                changed[lon] = changed[field] = None  # half a position is none
        elif tell is Tells.REFERENCE:
            changed[field] = _references(body, field, value, named, secret)
        elif tell is Tells.LEGS:
            changed[field] = () if "text" in detail.without else tuple(degrade(leg, detail, named, secret) for leg in value)
        elif tell in gone:
            changed[field] = _nothing(body, field, tell, value)
        elif tell is not Tells.PLAIN:
            changed[field] = _coarse(tell, value, detail)
    return msgspec.structs.replace(body, **changed)


def _coarse(tell: Tells, value: Any, detail: Detail) -> Any:
    if tell is Tells.TIME:
        return value if value is None or not detail.step_ms else value // detail.step_ms * detail.step_ms
    if not detail.precision_m:
        return value
    match tell:
        case Tells.ERROR:
            return error_on_grid_m(value, detail.precision_m)
        case Tells.SPEED:
            return None if value is None else (value + 5) // 10 * 10
        case Tells.BEARING_DDEG:
            return None if value is None else (value + _EIGHTH_DDEG // 2) // _EIGHTH_DDEG * _EIGHTH_DDEG % 3_600
        case Tells.BEARING_DEG:
            return None if value is None else (value + _EIGHTH_DEG // 2) // _EIGHTH_DEG * _EIGHTH_DEG % 360
        case Tells.REASONS:
            return tuple(Reason(r.code) for r in value)
        case Tells.PLACES | Tells.EVIDENCE:
            return ()
        case Tells.TEXT:
            return "" if isinstance(value, str) else None
    return value


def _nothing(body: Body, field: str, tell: Tells, value: Any) -> Any:
    if isinstance(value, tuple):
        return ()
    return "" if isinstance(body, Leg) else None


def _references(body: Body, field: str, value: Any, named: Named, secret: bytes) -> Any:
    kind = REFERS_TO.get(field) or getattr(body, "about_kind", None) or "event"
    if value is None:
        return None
    ids = value if isinstance(value, tuple) else (value,)
    released = tuple(named(kind, i) or pseudonym(kind, i, secret) for i in ids)
    return released if isinstance(value, tuple) else released[0]


def without_references(body: Body) -> Body:
    """A message without the ids of others that it refers to."""
    found = {f: () if isinstance(getattr(body, f), tuple) else None for f, tell in FIELDS.get(type(body), {}).items() if tell is Tells.REFERENCE}
    return msgspec.structs.replace(body, **found)


def newest_ms(body: Body) -> int:
    """The latest moment that a message tells of [ms since 1970 UTC]; 0 where it tells of none."""
    moments = [getattr(body, f) for f, tell in FIELDS.get(type(body), {}).items() if tell is Tells.TIME]
    return max((m for m in moments if m is not None), default=0)
