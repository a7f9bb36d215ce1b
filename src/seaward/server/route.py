"""What one route of the API is: its path, who may ask, what it takes, what it gives. From these come the app, the checks and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from seaward.core.tables import Table

PREFIX = "/api/v1"
MOST_VALUES = 50  # of one parameter that may be repeated
LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a query.

    `kind` is text, name, number, whole, flag, moment, bbox or choice; `many` may be given several times.
    """

    name: str
    kind: str
    meaning: str
    many: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    otherwise: Any = None


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    Parameters
    ----------
    method, path
        As HTTP has them; `{name}` in a path stands for anything but a slash.
    role
        The least that may ask; `anyone` for what needs no signing in.
    does
        Called with the floor and what was asked, in a thread; gives an `answers.Answer`. With `streams`, in the loop, it gives an ASGI application.
    summary, tag
        For the document.
    params
        Of the query; any other is refused.
    body
        What a JSON body must be; None: no body. `text` names another media type, or a family such as `image/*`, whose bytes are taken as they are.
    most_bytes
        Of a body that may be larger than others; only few of these are taken at a time.
    rows
        Table whose rows are given, or the schema of one object.
    shapes
        Whether the rows can be had as GeoJSON and as Arrow.
    paged
        Whether limit and cursor are taken.
    revised
        Whether If-Match with the revision is asked for.
    status
        Of success.
    by_session
        Whether a token is not enough: only somebody who signed in with a password may.
    """

    method: str
    path: str
    role: str
    does: Callable[..., Any]
    summary: str
    tag: str
    params: tuple[Param, ...] = ()
    body: type[msgspec.Struct] | None = None
    text: str | None = None
    most_bytes: int | None = None
    rows: Table | None = None
    answer: Any = None
    geo: bool = False
    arrow: bool = False
    paged: bool = False
    revised: bool = False
    status: int = 200
    by_session: bool = False
    streams: bool = False
    media_type: str = "application/json"
    refusals: tuple[str, ...] = field(default=())

    @property
    def all_params(self) -> tuple[Param, ...]:
        """Its own, and those that paging and formats bring."""
        formats = ("json", *(("geojson",) if self.geo else ()), *(("arrow",) if self.arrow else ()))
        more = PAGING if self.paged else ()
        return self.params + more + ((Param("format", "choice", "form of the answer; else by Accept", choices=formats),) if len(formats) > 1 else ())


PAGING = (
    Param("limit", "whole", "rows at most", low=1, high=10_000, otherwise=1_000),
    Param("cursor", "text", "`next` of the page before"),
)
