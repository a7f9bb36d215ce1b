"""A rule file (TOML) -> rules.Rules, or every mistake in it with its line and what to do."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib.resources import files
from typing import Any

from seaward.alerts.mistakes import Mistake, RulesError
from seaward.alerts.rule_keys import FILE_KEYS, NEEDED, REPEAT_KEYS, RULE_KEYS, Key
from seaward.alerts.rules import Rule, Rules
from seaward.core.catalogue import LANGUAGES
from seaward.core.mid import FLAGS
from seaward.core.toml_lines import Lines, lines_of

DEFAULT = "default"
MOST_BYTES = 1 << 20  # ours: the default file has 4 kB
_BAD = object()
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_OFFSET = re.compile(r"([+-])(0\d|1[0-4]):([0-5]\d)")
_PLACE = re.compile(r"\(at line (\d+), column \d+\)")


def default_text() -> str:
    """The rules that come with the program, as a file to begin with."""
    return files("seaward.alerts").joinpath("rules.toml").read_text(encoding="utf-8")


def default_rules() -> Rules:
    """The rules that come with the program."""
    return rules_of(default_text().encode(), DEFAULT)


def rules_of(raw: bytes, name: str) -> Rules:
    """Read rules.

    Parameters
    ----------
    raw
        The bytes of a TOML file.
    name
        Of the file.

    Raises
    ------
    RulesError
        If anything in it is wrong; names all mistakes.
    """
    mistakes: list[Mistake] = []
    said, at = _toml(raw, name)
    read = _Reading(at, mistakes)
    top = read.keys(said, FILE_KEYS, ())
    parts = said.get("rule")
    rules: list[Rule] = []
    if "rule" in said and (not isinstance(parts, list) or not all(isinstance(p, dict) for p in parts)):
        read.wrong(("rule",), "rule_list")
    elif not parts:
        mistakes.append(Mistake(1, "none"))
    else:
        rules = [_rule(read, part, number) for number, part in enumerate(parts)]
        _together(read, parts, rules)
    if mistakes:
        raise RulesError(name, mistakes)
    return Rules(tuple(rules), name, hashlib.sha256(raw).hexdigest(), **{k: v for k, v in top.items() if k == "group_hours"})


def _toml(raw: bytes, name: str) -> tuple[dict[str, Any], Lines]:
    if len(raw) > MOST_BYTES:
        raise RulesError(name, [Mistake(1, "too_large", {"bytes": len(raw), "most": MOST_BYTES})])
    try:
        text = raw.decode("utf-8-sig")
        return tomllib.loads(text), lines_of(text)
    except UnicodeDecodeError as e:
        raise RulesError(name, [Mistake(raw.count(b"\n", 0, e.start) + 1, "not_utf8")]) from e
    except (tomllib.TOMLDecodeError, RecursionError) as e:
        place = _PLACE.search(str(e))
        line = int(place[1]) if place else raw.count(b"\n") + 1
        raise RulesError(name, [Mistake(line, "syntax", {"problem": _PLACE.sub("", str(e)).strip()})]) from e


class _Reading:
    """Values as their keys ask for them; what is wrong is noted."""

    def __init__(self, at: Lines, mistakes: list[Mistake]) -> None:
        self.at, self._mistakes = at, mistakes
        self.meant: set[str] = set()  # keys that unknown ones of the last table are near to

    def wrong(self, path: Sequence[str | int], code: str, **values: Any) -> Any:
        self._mistakes.append(Mistake(self.at.of(*path), code, values))
        return _BAD

    def keys(self, said: dict[str, Any], keys: Sequence[Key], path: tuple[str | int, ...]) -> dict[str, Any]:
        """The values of a table by key; unknown and missing keys are noted."""
        names = [k.name for k in keys]
        self.meant = set()
        for name in said:
            if name not in names:
                near = get_close_matches(name, names, 1, 0.6)
                self.meant.update(near)
                self.wrong((*path, name), "unknown_key_near" if near else "unknown_key", key=name, near="".join(near), known=", ".join(names))
        read: dict[str, Any] = {}
        for key in keys:
            if key.name not in said:
                if key.default == NEEDED and key.type != "rules" and key.name not in self.meant:
                    self.wrong(path, "missing_key", key=key.name)
            elif key.type in _READERS:
                value = _READERS[key.type](self, key, said[key.name], (*path, key.name))
                if value is not _BAD:
                    read[key.name] = value
        return read

    def text(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, str) and value.strip():
            return value.strip()
        return self.wrong(path, "text", key=key.name, value=value)

    def id(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, str) and ID.fullmatch(value):
            return value
        return self.wrong(path, "id_form", key=key.name, value=value)

    def choice(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, str) and value in key.choices:
            return value
        near = get_close_matches(str(value), key.choices, 1, 0.6)
        code = "choice_near" if near else "choice"
        return self.wrong(path, code, key=key.name, value=value, near="".join(near), choices=", ".join(key.choices))

    def several(self, key: Key, value: Any, path: tuple[str | int, ...], one: Callable[[Key, Any, tuple[str | int, ...]], Any]) -> Any:
        if not isinstance(value, list) or not value:
            return self.wrong(path, "list", key=key.name, value=value)
        read = [one(key, v, path) for v in value]
        return _BAD if any(r is _BAD for r in read) else tuple(read)

    def choices(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        read = self.several(key, value, path, self.choice)
        return read if read is _BAD else frozenset(read)

    def patterns(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        return self.several(key, value, path, self.text)

    def flags(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        def one(key: Key, flag: Any, path: tuple[str | int, ...]) -> Any:
            if isinstance(flag, str) and flag.upper() in _ISO:
                return flag.upper()
            return self.wrong(path, "flag", key=key.name, value=flag)

        read = self.several(key, value, path, one)
        return read if read is _BAD else frozenset(read)

    def numbers(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        read = self.several(key, value, path, self.whole)
        return read if read is _BAD else frozenset(read)

    def whole(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, float):
            return self.wrong(path, "whole", key=key.name, value=value)
        return self.number(key, value, path)

    def number(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self.wrong(path, "number", key=key.name, value=value)
        if not (key.low or 0.0) <= value <= (key.high or 0.0):  # also refuses not-a-number
            shown, high = (f"{v:g} {key.unit}".strip() for v in (value, key.high or 0.0))
            return self.wrong(path, "range", key=key.name, value=shown, low=key.low, high=high)
        return value

    def switch(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        return value if isinstance(value, bool) else self.wrong(path, "switch", key=key.name, value=value)

    def hours(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        form = _HOURS.fullmatch(value.replace(" ", "")) if isinstance(value, str) else None
        if form is None:
            return self.wrong(path, "hours", key=key.name, value=value)
        since, until = int(form[1]) * 60 + int(form[2]), int(form[3]) * 60 + int(form[4])
        if since == until or until > 24 * 60:
            return self.wrong(path, "hours", key=key.name, value=value)
        return since, until

    def offset(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        form = _OFFSET.fullmatch(value.strip()) if isinstance(value, str) else None
        if form is None or int(form[2]) * 60 + int(form[3]) > 14 * 60:
            return self.wrong(path, "offset", key=key.name, value=value)
        return (int(form[2]) * 60 + int(form[3])) * (-1 if form[1] == "-" else 1)

    def title(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, str) and value.strip():
            return dict.fromkeys(LANGUAGES, value.strip())
        if isinstance(value, dict) and {*value} == {*LANGUAGES} and all(isinstance(v, str) and v.strip() for v in value.values()):
            return {k: v.strip() for k, v in value.items()}
        return self.wrong(path, "title", key=key.name, value=value)

    def repeat(self, key: Key, value: Any, path: tuple[str | int, ...]) -> Any:
        if not isinstance(value, dict) or {*value} != {"events", "days"}:
            return self.wrong(path, "repeat", key=key.name, value=value)
        events, days = (read(REPEAT_KEYS[i], value[REPEAT_KEYS[i].name], path) for i, read in ((0, self.whole), (1, self.number)))
        return _BAD if _BAD in (events, days) else (events, days)


_ISO = frozenset(FLAGS.values())
_READERS: dict[str, Callable[[_Reading, Key, Any, tuple[str | int, ...]], Any]] = {
    "text": _Reading.text, "id": _Reading.id, "choice": _Reading.choice, "choices": _Reading.choices, "patterns": _Reading.patterns,
    "flags": _Reading.flags, "numbers": _Reading.numbers, "number": _Reading.number, "switch": _Reading.switch, "hours": _Reading.hours,
    "offset": _Reading.offset, "title": _Reading.title, "repeat": _Reading.repeat,
}  # fmt: skip


def _rule(read: _Reading, part: dict[str, Any], number: int) -> Rule:
    said: dict[str, Any] = read.keys(part, RULE_KEYS, ("rule", number))
    if "priority" not in part and part.get("exclude") is not True and "priority" not in read.meant:
        read.wrong(("rule", number), "missing_key", key="priority")
    if "priority" in part and part.get("exclude") is True:
        read.wrong(("rule", number, "priority"), "priority_of_exclude")
    if "offset" in part and "hours" not in part:
        read.wrong(("rule", number, "offset"), "offset_alone")
    if "port_visit" in said.get("kinds", ()) and not said.get("exclude") and not said.get("in_port"):
        read.wrong(("rule", number, "kinds"), "never_in_port")
    title, repeat = said.pop("title", None), said.pop("repeat", (0, 0.0))
    if "offset" in said:
        said["offset_min"] = said.pop("offset")
    said |= {"repeat_events": repeat[0], "repeat_days": float(repeat[1])}
    said |= {f"title_{language}": text for language, text in (title or {}).items()}
    said.setdefault("id", f"#{number + 1}")
    return Rule(**said)


def _together(read: _Reading, parts: list[dict[str, Any]], rules: list[Rule]) -> None:
    """What rules say together: names twice, a rule that nothing can meet, a file that never alerts."""
    first: dict[str, int] = {}
    for number, part in enumerate(parts):
        name = part.get("id")
        if isinstance(name, str) and name in first:
            read.wrong(("rule", number, "id"), "id_twice", id=name, first=first[name])
        elif isinstance(name, str):
            first[name] = read.at.of("rule", number, "id")
    for number, rule in enumerate(rules):
        for key in ("areas", "flags", "classes", "lists"):
            both = {*getattr(rule, key)} & {*getattr(rule, f"not_{key}")}
            if both and {*getattr(rule, key)} <= both:
                read.wrong(("rule", number, f"not_{key}"), "contradiction", key=key, value=", ".join(sorted(both)))
    if rules and all(r.exclude for r in rules):
        read.wrong(("rule", 0), "only_excludes")
