"""The text of a TOML file and its keys -> values, and every mistake with its line."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from seaward.core.toml_lines import Lines, lines_of
from seaward.patrol.assets import SHOWN
from seaward.patrol.keys import Key
from seaward.patrol.mistakes import Mistake, PlanError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_NATION = re.compile(r"[A-Za-z]{2}")
_WHERE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


class Told:
    """A TOML file being read; mistakes gather."""

    def __init__(self, name: str, raw: bytes) -> None:
        self.name, self.mistakes = name, list[Mistake]()
        try:
            text = raw.decode("utf-8-sig").replace("\r\n", "\n")
            self.root: dict[str, Any] = tomllib.loads(text)
            self.lines: Lines = lines_of(text)
        except UnicodeDecodeError as e:
            raise PlanError(name, [Mistake(1, "not_text", {"why": e.reason})]) from e
        except (tomllib.TOMLDecodeError, RecursionError) as e:
            at = _WHERE.search(str(e))
            line = int(at[1]) if at and at[1] else max(1, text.count("\n") + 1)
            raise PlanError(name, [Mistake(line, "not_toml", {"why": _WHERE.sub("", str(e)).strip()})]) from e

    def wrong(self, path: Sequence[str | int], code: str, **values: Any) -> None:
        """Note a mistake at a key."""
        self.mistakes.append(Mistake(self.lines.of(*path), code, values))

    def raise_mistakes(self) -> None:
        """PlanError if there are any."""
        if self.mistakes:
            raise PlanError(self.name, self.mistakes)

    def known(self, tables: Sequence[str]) -> None:
        """Note tables and keys of the root that there are not."""
        for name in self.root:
            if name not in tables:
                self._unknown((name,), name, "", tables)

    def tables(self, name: str) -> list[dict[str, Any]]:
        """A list of tables; none where it is missing or of another kind."""
        said = self.root.get(name, [])
        if isinstance(said, list) and all(isinstance(t, dict) for t in said):
            return said
        self.wrong((name,), "not_tables", name=name)
        return []

    def table(self, keys: Sequence[Key], *path: str | int, rest: Sequence[str] = ()) -> dict[str, Any]:
        """The values of a table, defaults where nothing is said; None for a value that is wrong.

        Parameters
        ----------
        keys
            What it may say.
        path
            To it; none for the root.
        rest
            Further names that are read elsewhere.
        """
        said: Any = self.root
        for part in path:
            said = said.get(part, {}) if isinstance(said, dict) else said[part]
        where = ".".join(str(p) for p in path if isinstance(p, str)) or "the file"
        if not isinstance(said, dict):
            self.wrong(path, "not_table", name=where)
            said = {}
        if path:
            for name in said:
                if name not in {k.name for k in keys} and name not in rest:
                    self._unknown((*path, name), name, where, [k.name for k in keys])
        values: dict[str, Any] = {}
        for key in keys:
            if key.name not in said:
                values[key.name] = key.default
                if key.required:
                    self.wrong(path, "missing", key=key.name, part=where, meaning=key.meaning)
                continue
            values[key.name] = self._value((*path, key.name), key, said[key.name])
        return values

    def _unknown(self, path: Sequence[str | int], name: str, part: str, known: Sequence[str]) -> None:
        near = difflib.get_close_matches(name, known, 1)
        if near:
            self.wrong(path, "unknown_near", key=name, part=part or "the file", near=near[0])
        else:
            self.wrong(path, "unknown", key=name, part=part or "the file", known=", ".join(known))

    def _value(self, path: Sequence[str | int], key: Key, said: Any) -> Any:
        value = _read(key, said)
        if value is None:
            self.wrong(path, "kind", key=key.name, said=repr(said), wanted=key.kind, meaning=key.meaning)
        elif key.kind == "choice" and value not in key.choices:
            self.wrong(path, "choice", key=key.name, said=value, choices=", ".join(key.choices))
            value = None
        elif key.kind in ("number", "whole") and not key.low <= value <= key.high:
            self.wrong(path, "range", key=key.name, said=float(value), low=float(key.low), high=float(key.high), unit=key.unit)
            value = None
        return value


def _number(said: Any) -> float | None:
    return float(said) if isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said) else None


def _numbers(said: Any, count: int) -> list[float] | None:
    if not isinstance(said, list) or len(said) != count:
        return None
    found = [_number(v) for v in said]
    return None if None in found else [v for v in found if v is not None]


def _read(key: Key, said: Any) -> Any:
    """The value, None where it is of another kind."""
    kind = key.kind
    if kind == "number":
        return _number(said)
    if kind == "whole":
        return said if isinstance(said, int) and not isinstance(said, bool) else None
    if kind == "flag":
        return said if isinstance(said, bool) else None
    if kind in ("text", "choice"):
        return said if isinstance(said, str) else None
    if kind == "id":
        return said if isinstance(said, str) and _ID.fullmatch(said) else None
    if kind == "nation":
        return said.lower() if isinstance(said, str) and _NATION.fullmatch(said) else None
    if kind == "moment":
        return _moment(said)
    if kind == "place":
        at = _numbers(said, 2)
        return (at[0], at[1]) if at and -180 <= at[0] <= 180 and -90 <= at[1] <= 90 else None
    if kind == "box":
        b = _numbers(said, 4)
        fits = b and all(-180 <= x <= 180 for x in (b[0], b[2])) and -85 <= b[1] < b[3] <= 85 and b[0] != b[2]
        return tuple(b) if b and fits else None
    if kind == "texts":
        return tuple(said) if isinstance(said, list) and all(isinstance(t, str) for t in said) else None
    if kind == "speeds":
        return _speeds(said)
    if kind == "shows":
        right = isinstance(said, dict) and all(_NATION.fullmatch(n) and how in SHOWN for n, how in said.items())
        return tuple((n.lower(), how) for n, how in said.items()) if right else None
    raise AssertionError(kind)


def _speeds(said: Any) -> tuple[tuple[int, float], ...] | None:
    if not isinstance(said, dict):
        return None
    found = [(int(s), _number(kn)) for s, kn in said.items() if s.isdigit() and int(s) <= 9]
    right = [(s, kn) for s, kn in found if kn is not None and kn > 0]
    return tuple(sorted(right)) if len(right) == len(said) else None


def _moment(said: Any) -> datetime | None:
    """A moment with its zone."""
    if isinstance(said, str):
        try:
            said = datetime.fromisoformat(said)
        except ValueError:
            return None
    if not isinstance(said, datetime) or said.tzinfo is None or not 1970 <= said.year <= 2199:
        return None
    return said.astimezone(UTC)
