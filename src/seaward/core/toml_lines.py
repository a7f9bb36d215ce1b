"""The text of a valid TOML file -> the line of each of its tables and keys, which tomllib does not tell."""

from __future__ import annotations

import tomllib
from typing import Any

Path = tuple[str | int, ...]


class Lines:
    """Lines, from 1, of what a TOML file says."""

    def __init__(self, found: dict[Path, int]) -> None:
        self._found = found

    def of(self, *path: str | int) -> int:
        """Line of a table or key, such as `of("rule", 2, "priority")`; of the nearest thing around it where it has none of its own."""
        for end in range(len(path), 0, -1):
            if path[:end] in self._found:
                return self._found[path[:end]]
        return 1


def lines_of(text: str) -> Lines:
    """Find the lines of tables and keys.

    Parameters
    ----------
    text
        What `tomllib.loads` reads without complaint.

    Limits
    ------
    Keys within braces have the line of the statement they are in.
    """
    found: dict[Path, int] = {}
    around: Path = ()
    counts: dict[Path, int] = {}
    place = 0
    text = text.replace("\r\n", "\n")
    while place < len(text):
        if text[place] in " \t\n":
            place += 1
        elif text[place] == "#":
            place = _line_end(text, place)
        elif text[place] == "[":
            many = text.startswith("[[", place)
            begin = place + 1 + many
            end = _after_key(text, begin, "]")
            around = _below(_names(text[begin:end]), counts)
            if many:
                counts[around] = counts.get(around, -1) + 1
                around = (*around, counts[around])
            found.setdefault(around, text.count("\n", 0, place) + 1)
            place = end + 1 + many
        else:
            equals = _after_key(text, place, "=")
            path = (*around, *_names(text[place:equals]))
            for end in range(len(around) + 1, len(path) + 1):
                found.setdefault(path[:end], text.count("\n", 0, place) + 1)
            place = _after_value(text, equals + 1)
    return Lines(found)


def _below(names: Path, counts: dict[Path, int]) -> Path:
    """Names of a header, with the number of the last table where one of them is a list of tables; not for the last name."""
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return (*path, names[-1])


def _names(dotted: str) -> Path:
    """The names in a header or before an equals sign, however quoted."""
    read: Any = tomllib.loads(f"{dotted.strip()} = 0")
    names: list[str] = []
    while isinstance(read, dict):
        (name, read), *_ = read.items()
        names.append(name)
    return tuple(names)


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _after_key(text: str, place: int, mark: str) -> int:
    """Where the mark after a key is."""
    while text[place] != mark:
        place = _after_text(text, place) if text[place] in "\"'" else place + 1
    return place


def _after_value(text: str, place: int) -> int:
    """Where the value, which may go over several lines, ends."""
    depth = 0
    while place < len(text):
        c = text[place]
        if c in "\"'":
            place = _after_text(text, place)
            continue
        if c == "#":
            place = _line_end(text, place)
            continue
        if c == "\n" and depth == 0:
            return place
        depth += (c in "[{") - (c in "]}")
        place += 1
    return place


def _after_text(text: str, place: int) -> int:
    """Where a quoted text ends."""
    quote = text[place]
    mark = quote * 3 if text.startswith(quote * 3, place) else quote
    place += len(mark)
    while not text.startswith(mark, place):
        place += 2 if text[place] == "\\" and quote == '"' else 1
    place += len(mark)
    if len(mark) == 3:  # up to two quotes may stand before the closing three
        while text.startswith(quote, place):
            place += 1
    return place
