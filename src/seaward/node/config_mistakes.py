"""What pydantic finds wrong with a configuration -> one line a mistake: where, what, and what to write instead. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic_core import PydanticCustomError

FEED_KINDS = ("udp", "tcp", "tcp-server", "serial", "file", "folder", "nats")
_NAME = "it cannot be a name; use a-z, 0-9, - and _, beginning with a letter or a digit, such as callao-1"
_FIXES = {  # types of https://docs.pydantic.dev/latest/errors/validation_errors/
    "int_type": "it must be a whole number; write it without quotes and point, such as 10",
    "int_from_float": "it must be a whole number; write it without a point, such as 10",
    "float_type": "it must be a number; write it without quotes, such as 1.5",
    "finite_number": "it must be a number with an end; write one such as 1.5",
    "bool_type": "it must be true or false; write it without quotes",
    "string_type": "it must be a text; write it in quotes",
    "path_type": "it must be the name of a file or a folder; write it in quotes",
    "tuple_type": 'it must be a list; write it in brackets, such as ["a", "b"]',
    "string_too_short": "it is empty; write what it has to name",
    "model_type": "it must be a table; write its keys below a line [table], or [[table]] where there may be several",
    "model_attributes_type": "it must be a table; write its keys below a line [table], or [[table]] where there may be several",
    "union_tag_not_found": f"no kind is given; write kind = one of udp, tcp, tcp-server, or for feeds also {', '.join(FEED_KINDS[3:])}, in quotes",
}


def at(path: tuple[str | int, ...], said: str) -> PydanticCustomError:
    """A mistake of a whole table that is to be told at one of its keys."""
    return PydanticCustomError("told_at", "{said}", {"said": said, "path": path})


def dotted(path: Sequence[str | int]) -> str:
    """A key for people: lists are counted from 1."""
    return ".".join(str(p + 1) if isinstance(p, int) else p for p in path) or "as a whole"


def mistake(error: Any, name: str, line_of: Any, keys_at: Callable[[list[Any]], list[str]]) -> str:
    """One mistake in words.

    Parameters
    ----------
    error
        One of `ValidationError.errors()`.
    name
        Of the configuration.
    line_of
        Gives the line of a key; None where there are no lines.
    keys_at
        Gives the keys that the table of a key may have.
    """
    kind, ctx = error["type"], error.get("ctx", {})
    path = [p for n, p in enumerate(error["loc"]) if not (p in FEED_KINDS and n == 2 and error["loc"][0] in ("feed", "outlet"))]
    path += [*ctx.get("path", ()), *(["kind"] if kind == "union_tag_invalid" else [])]
    place = f"{name}, line {line_of(*path)}" if line_of is not None else name
    where = dotted(path)
    if kind == "extra_forbidden":
        allowed = keys_at(path)
        near = get_close_matches(str(path[-1]), allowed, 1, 0.6)
        meant = f"did you mean {near[0]}? " if near else ""
        return f"{place}: {where} is no key; {meant}" + (f"choose from {', '.join(allowed)}" if allowed else "leave it out")
    if kind == "missing":
        return f"{place}: {where} is not there, and is needed; add a line {path[-1]} = ..."
    given = ctx.get("tag") if kind == "union_tag_invalid" else error.get("input")
    shown = "" if isinstance(given, dict) or kind in ("told_at", "union_tag_not_found") else f" (it is {str(given)[:60]!r})"
    return f"{place}: {where}: {_said(error, ctx, given)}{shown}"


def _words(expected: str) -> list[str]:
    return [c.strip("' ") for c in expected.split(",")]


def _said(error: Any, ctx: dict[str, Any], given: Any) -> str:
    kind = error["type"]
    if kind in _FIXES:
        return _FIXES[kind]
    if kind in ("union_tag_invalid", "literal_error"):
        choices = _words(ctx["expected_tags"] if kind == "union_tag_invalid" else ctx["expected"].replace(" or ", ", "))
        near = get_close_matches(str(given), choices, 1, 0.6)
        return "it is no such word; " + (f"did you mean {near[0]}? " if near else "") + f"choose from {', '.join(choices)}"
    if kind == "string_pattern_mismatch":
        return "it is no nation; write three capital letters, such as PER" if "A-Z" in ctx["pattern"] else _NAME
    said = error["msg"].removeprefix("Value error, ")
    said = said[:1].lower() + said[1:]
    return said.replace("input should be", "it must be") + ("" if ";" in said else "; write another")
