"""Nodes of YAML -> parts of a scenario by the table of keys: values with their lines, and every mistake of a single value."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from seaward.core.catalogue import LANGUAGES
from seaward.drill.keys import NEEDED, Key, Part
from seaward.drill.mistakes import Mistake
from seaward.drill.scenario import Words
from seaward.drill.scenario_keys import PARTS, TIMES
from seaward.drill.scenario_values import WrongError, value_of
from seaward.drill.yaml_lines import Listing, Mapping, Node, Refused, Scalar

BAD = object()  # a value whose mistake is told
_NUMBERS_OF_SHIPS = ("imo", "imo_number", "omi")  # keys that people look for, and which no scenario has


@dataclass(slots=True)
class Found:
    """One part as read: values by key, without those that are wrong; lines of the keys, and of the items of lists."""

    part: Part
    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    items: dict[str, list[int]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)  # keys given with a mistake
    said: str | None = None  # by the key that says which others count

    def get(self, key: str) -> Any:
        """A value, or None."""
        return self.values.get(key)

    def parts(self, key: str) -> list[Found]:
        """The parts in a list of parts."""
        return self.values.get(key) or []

    def each(self, key: str) -> list[tuple[int, Any]]:
        """Items of a list with their lines."""
        value = self.values.get(key)
        return [] if value is None else list(zip(self.items[key], value, strict=True)) if key in self.items else [(self.lines[key], value)]


class Reading:
    """Reads parts and gathers mistakes."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes

    def wrong(self, line: int, code: str, **values: Any) -> Any:
        """Note a mistake."""
        self.mistakes.append(Mistake(line, code, values))
        return BAD

    def part(self, node: Node, part: Part) -> Any:
        """Read one part; BAD where it is no mapping."""
        if isinstance(node, Refused):
            return BAD
        if not isinstance(node, Mapping):
            return self.wrong(node.line, "not_mapping", part=part.name, keys=", ".join(k.name for k in part.keys if k.default is NEEDED))
        found = Found(part, node.line)
        names = [k.name for k in part.keys]
        said = found.said = self._said(node, part)
        for name, value in node.values.items():
            key = part.key(name)
            if key is None:
                self._unknown(node.lines[name], name, names, part)
            elif not key.means(said):
                found.told.add(name)
                self.wrong(node.lines[name], "key_without_meaning", key=name, switch=part.switch, said=said, counts=", ".join(key.counts))
            else:
                self._take(found, key, value, node.lines[name])
        for key in part.keys:
            if key.name not in node.values and key.must(said):
                self.wrong(node.line, "missing_key", key=key.name, part=part.name, meaning=key.meaning)
        return found

    def _said(self, node: Mapping, part: Part) -> str | None:
        value, key = node.values.get(part.switch), part.key(part.switch)
        return value.text if isinstance(value, Scalar) and key is not None and value.text in key.choices else None

    def _unknown(self, line: int, name: str, names: list[str], part: Part) -> None:
        if name.lower() in _NUMBERS_OF_SHIPS:
            self.wrong(line, "imo", key=name)
        elif near := get_close_matches(name[:80], names, 1, 0.6):
            self.wrong(line, "unknown_key_near", key=name, part=part.name, near=near[0])
        else:
            self.wrong(line, "unknown_key", key=name, part=part.name, known=", ".join(names))

    def _take(self, found: Found, key: Key, node: Node, line: int) -> None:
        found.lines[key.name] = line
        lines: list[int] = []
        type_ = key.type if key.type != "measure" else "duration" if found.said in TIMES else "number"
        value = self._many(node, key, lines) if key.many is not None else self.one(node, key, type_)
        if value is BAD:
            found.told.add(key.name)
            return
        found.values[key.name] = value
        if key.many is not None:
            found.items[key.name] = lines

    def _many(self, node: Node, key: Key, lines: list[int]) -> Any:
        if isinstance(node, Refused):
            return BAD
        low, high = key.many or (0, 0)
        if not isinstance(node, Listing):
            return self.wrong(node.line, "not_list", key=key.name)
        if not low <= len(node.items) <= high:
            return self.wrong(node.line, "list_size", key=key.name, count=len(node.items), low=low, high=high)
        values, is_good = [], True
        for item in node.items:
            value = self.one(item, key, key.type)
            if value is BAD:
                is_good = False
            else:
                values.append(value)
                lines.append(item.line)
        return tuple(values) if key.type != "part" and is_good else values if key.type == "part" else BAD

    def one(self, node: Node, key: Key, type_: str) -> Any:
        """One value of a key, or one item of its list."""
        if isinstance(node, Refused):
            return BAD
        if type_ == "part":
            return self.part(node, PARTS[key.of])
        if type_ == "words":
            return self._words(node, key)
        if type_ == "place":
            return self._degrees(node, key, "place", (180.0, 90.0))
        if type_ == "box":
            return self._degrees(node, key, "box", (180.0, 90.0, 180.0, 90.0))
        if type_ == "files":
            return self._files(node, key)
        if type_ == "shares":
            return self._shares(node, key)
        if not isinstance(node, Scalar):
            return self.wrong(node.line, "not_single", key=key.name)
        try:
            value = value_of(node, key, type_)
        except WrongError as e:
            return self.wrong(node.line, e.code, **e.values)
        if type_ == "choice" and value not in key.choices:
            near = get_close_matches(value[:80], key.choices, 1, 0.6)
            return self.wrong(
                node.line, "choice_near" if near else "choice", key=key.name, value=value, near="".join(near), choices=", ".join(key.choices)
            )
        return value

    def _words(self, node: Node, key: Key) -> Any:
        if not isinstance(node, Mapping):
            return BAD if isinstance(node, Refused) else self.wrong(node.line, "missing_translation", key=key.name, missing=", ".join(LANGUAGES))
        texts: dict[str, str] = {}
        for language, value in node.values.items():
            if language not in LANGUAGES:
                self.wrong(node.lines[language], "unknown_key", key=language, part=key.name, known=", ".join(LANGUAGES))
            elif (text := self.one(value, Key(f"{key.name}.{language}", "text", ""), "text")) is not BAD:
                texts[language] = text
        if missing := [language for language in LANGUAGES if language not in node.values]:
            self.wrong(node.line, "missing_translation", key=key.name, missing=", ".join(missing))
        return Words(**texts) if len(texts) == len(LANGUAGES) else BAD

    def _degrees(self, node: Node, key: Key, code: str, bounds: tuple[float, ...]) -> Any:
        if isinstance(node, Refused):
            return BAD
        if not isinstance(node, Listing) or len(node.items) != len(bounds):
            return self.wrong(node.line, code, key=key.name)
        values = [self.one(item, Key(key.name, "number", ""), "number") for item in node.items]
        if any(v is BAD for v in values):
            return BAD
        if any(abs(v) > bound for v, bound in zip(values, bounds, strict=True)):
            is_swapped = len(values) == 2 and abs(values[0]) <= 90 and abs(values[1]) <= 180
            return self.wrong(node.line, "place_swapped" if is_swapped else "degrees", key=key.name, value=values, other=values[::-1])
        return tuple(values)

    def _files(self, node: Node, key: Key) -> Any:
        if not isinstance(node, Mapping):
            return self.wrong(node.line, "files", key=key.name)
        pairs = []
        for name, value in node.values.items():
            file = self.one(value, Key(f"{key.name}.{name}", "file", ""), "file")
            if file is not BAD:
                pairs.append((name, file, node.lines[name]))
        return tuple(pairs) if len(pairs) == len(node.values) else BAD

    def _shares(self, node: Node, key: Key) -> Any:
        if isinstance(node, Scalar):
            value = self.one(node, Key(key.name, "choice", "", choices=key.choices), "choice")
            return BAD if value is BAD else ((value, 1.0),)
        if not isinstance(node, Mapping) or not node.values:
            return self.wrong(node.line, "shares", key=key.name, choices=", ".join(key.choices))
        shares = []
        for name, value in node.values.items():
            if name not in key.choices:
                shares.append(self.wrong(node.lines[name], "choice", key=key.name, value=name, near="", choices=", ".join(key.choices)))
            else:
                shares.append((name, self.one(value, Key(f"{key.name}.{name}", "number", "", low=0, high=1), "number")))
        if any(s is BAD or s[1] is BAD for s in shares):
            return BAD
        total = sum(share for _, share in shares)
        return tuple(shares) if abs(total - 1) < 1e-6 else self.wrong(node.line, "shares_sum", key=key.name, total=total)
