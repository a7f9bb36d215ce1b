"""The query, the body and the headers of a request -> typed values, or a refusal that says what to write instead. Pure but for what it is given."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from seaward.server.problems import Problem
from seaward.server.route import LONGEST_VALUE, MOST_VALUES, Param, Route

FORMS = {"json": "application/json", "geojson": "application/geo+json", "arrow": "application/vnd.apache.arrow.stream"}


class Box(NamedTuple):
    """A part of the sea [degree]; it goes over 180 where west is more than east."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: person (empty: nobody signed in), role, and whether by a `session` or a `token`."""

    person: str = ""
    role: str | None = None
    by: str = ""
    token_hash: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, ready to be answered."""

    caller: Caller
    language: str
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    form: str = "json"
    revision: int | None = None
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def cursor(self, *kinds: type) -> list[Any] | None:
        """Where the page before ended: one value of each kind; None on the first page."""
        text = self.query.get("cursor")
        if text is None:
            return None
        try:
            values = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
            json.dumps(values, ensure_ascii=False).encode()  # refuses half a character, which nothing kept has
        except (ValueError, RecursionError, binascii.Error):
            raise Problem("bad_cursor") from None
        if not isinstance(values, list) or [type(v) for v in values] != [*kinds] or any(isinstance(v, int) and abs(v) >= 1 << 63 for v in values):
            raise Problem("bad_cursor")
        return values


def cursor_of(*values: Any) -> str:
    """Where a page ends, for `Asked.cursor`."""
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).rstrip(b"=").decode()


def read_query(pairs: Iterable[tuple[str, str]], params: tuple[Param, ...]) -> dict[str, Any]:
    """Values of a query by name; what is not given has the parameter's own value."""
    known = {p.name: p for p in params}
    given: dict[str, list[str]] = {}
    for name, text in pairs:
        if name not in known:
            choices = ", ".join(known) or "-"
            raise Problem("unknown_parameter", name=name[:60], choices=choices)
        given.setdefault(name, []).append(text)
    values: dict[str, Any] = {p.name: p.otherwise for p in params}
    for name, texts in given.items():
        param = known[name]
        if len(texts) > (MOST_VALUES if param.many else 1):
            raise Problem("bad_value", name=name, value=f"{len(texts)} x", wanted="once" if not param.many else f"at most {MOST_VALUES}")
        read = [_read(param, text) for text in texts]
        values[name] = read if param.many else read[0]
    return values


def read_body(raw: bytes, route: Route) -> Any:
    """The body as its route wants it."""
    if route.text is not None:
        return raw
    if route.body is None:
        if raw.strip():
            raise Problem("body", where="/", what="no body is taken here")
        return None
    try:
        return msgspec.json.decode(raw or b"{}", type=route.body)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        what, _, where = str(e).partition(" - at `$")
        pointer = "/" + where.rstrip("`").replace("[", ".").replace("]", "").strip(".").replace(".", "/")
        raise Problem("body", where=pointer, what=what, errors=[{"pointer": pointer, "detail": what}]) from None


def utc(at: datetime) -> datetime:
    """A moment in UTC; without a zone it is taken as UTC. OverflowError where that lies outside the years 1 to 9999."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def form_of(accept: str, asked: str | None, route: Route) -> str:
    """json, geojson or arrow: as `?format=` says, else by Accept."""
    forms = ["json", *(["geojson"] if route.geo else []), *(["arrow"] if route.arrow else [])]
    if asked is not None:
        return asked
    if not accept.strip() or not route.media_type.startswith("application/json"):
        return "json"
    best, found = 0.0, ""
    for part in accept[:1000].split(","):
        media, *rest = (p.strip().lower() for p in part.split(";"))
        weight = next((_number(r[2:]) for r in rest if r.startswith("q=")), 1.0)
        fitting = [f for f in forms if media in ("*/*", "application/*", FORMS[f])]
        if fitting and weight > best:
            best, found = weight, fitting[0]
    if not found:
        raise Problem("not_acceptable", choices=", ".join(FORMS[f] for f in forms))
    return found


def revision_of(if_match: str | None) -> int:
    """The revision that If-Match names: the number before the dash of an ETag of an alert."""
    if not if_match:
        raise Problem("no_revision")
    text = if_match.strip().removeprefix("W/").strip('"').partition("-")[0]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Problem("bad_value", name="If-Match", value=if_match[:60], wanted='"<revision>"')
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _read(param: Param, text: str) -> Any:
    if len(text) > (2_000 if param.name == "cursor" else LONGEST_VALUE) or "\0" in text:
        raise _bad(param, text, f"at most {LONGEST_VALUE} characters")
    if param.kind in ("text", "name"):
        return text
    if param.kind == "choice":
        if text not in param.choices:
            raise _bad(param, text, ", ".join(param.choices))
        return text
    if param.kind == "flag":
        if text not in ("true", "false"):
            raise _bad(param, text, "true, false")
        return text == "true"
    if param.kind == "moment":
        return _moment(param, text)
    if param.kind == "bbox":
        return _box(param, text)
    return _amount(param, text)


def _amount(param: Param, text: str) -> float | int:
    try:
        value: float | int = int(text) if param.kind == "whole" else float(text)
    except ValueError:
        value = float("nan")
    low, high = param.low if param.low is not None else float("-inf"), param.high if param.high is not None else float("inf")
    if not text.isascii() or "_" in text or not low <= value <= high:
        raise _bad(param, text, f"{low:g} .. {high:g}")
    return value


def _moment(param: Param, text: str) -> datetime:
    try:
        return utc(datetime.fromisoformat(text.replace(" ", "+")))  # a + that was not encoded comes as a blank
    except (ValueError, OverflowError):
        raise _bad(param, text, "2027-11-04T12:00:00Z") from None


def _box(param: Param, text: str) -> Box:
    try:
        west, south, east, north = (float(p) for p in text.split(","))
    except ValueError:
        raise _bad(param, text, "west,south,east,north") from None
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise _bad(param, text, "west,south,east,north")
    return Box(west, south, east, north)


def _bad(param: Param, text: str, wanted: str) -> Problem:
    return Problem("bad_value", name=param.name, value=text[:60], wanted=wanted)
