"""Who may do what where and when: the rule that the attributes of an area state."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from seaward.core.ais import SHIP_CLASSES

ACTIVITIES = ("entry", "fishing", "encounter", "loitering", "gap", "drift")


class RuleError(ValueError):
    """A rule that cannot be understood; the message says which part."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is forbidden, to whom, and in which part of the year. Nothing forbidden: the area only has a name."""

    forbids: frozenset[str] = frozenset()  # of ACTIVITIES
    flags: frozenset[str] = frozenset()  # ISO 3166 codes it binds; empty: all
    free_flags: frozenset[str] = frozenset()  # those it does not bind
    classes: frozenset[str] = frozenset()  # of SHIP_CLASSES; empty: all
    min_length_m: float = 0.0
    season: tuple[tuple[int, int], tuple[int, int]] | None = None  # first and last (month, day), both included; may go over the new year

    @staticmethod
    def of(properties: dict[str, Any]) -> Rule:
        """Read `forbids`, `flags`, `free_flags`, `classes`, `min_length_m` and `season` ("11-15/03-31"); others are left alone."""
        forbids, classes = _words(properties, "forbids"), _words(properties, "classes")
        if unknown := sorted(forbids - set(ACTIVITIES)):
            raise RuleError(f"forbids says {', '.join(unknown)}; choose from {', '.join(ACTIVITIES)}")
        if unknown := sorted(classes - set(SHIP_CLASSES)):
            raise RuleError(f"classes says {', '.join(unknown)}; choose from {', '.join(SHIP_CLASSES)}")
        flags, free = (frozenset(w.upper() for w in _words(properties, key)) for key in ("flags", "free_flags"))
        if wrong := sorted(w for w in flags | free if len(w) != 2 or not w.isalpha()):
            raise RuleError(f"flags says {', '.join(wrong)}; give ISO 3166 codes of two letters, such as PE")
        length = "min_length_m" if "min_length_m" in properties else "min_length"  # as Shapefiles, which cut names after ten letters, say it
        return Rule(forbids, flags, free, classes, metres(properties, length), _season(properties.get("season")))

    def binds(self, flag: str | None, ship_type: int | None, length_m: float | None, at: datetime) -> bool:
        """Whether it binds such a vessel at that moment; what is not known of the vessel does not free it."""
        if flag is not None and (flag in self.free_flags or (self.flags and flag not in self.flags)):
            return False
        if ship_type is not None and self.classes and not any(ship_type in SHIP_CLASSES[word] for word in self.classes):
            return False
        if length_m is not None and length_m < self.min_length_m:
            return False
        if self.season is None:
            return True
        (first, last), day = self.season, (at.astimezone(UTC).month, at.astimezone(UTC).day)
        return first <= day <= last if first <= last else day >= first or day <= last


def metres(properties: dict[str, Any], key: str) -> float:
    """A length of an area or its vessels [m]; 0 where none is given. RuleError where it is none."""
    try:
        said = float(properties.get(key) or 0.0)
    except (TypeError, ValueError, OverflowError):
        said = -1.0
    if not 0 <= said < math.inf:  # also refuses not-a-number
        raise RuleError(f"{key} is {str(properties.get(key))[:40]!r}; give metres")
    return said


def _words(properties: dict[str, Any], key: str) -> frozenset[str]:
    said = properties.get(key)
    if said is None or said == "":
        return frozenset()
    if isinstance(said, str):
        said = said.replace(";", ",").split(",")
    if not isinstance(said, list | tuple) or not all(isinstance(word, str) for word in said):
        raise RuleError(f"{key} is {said!r}; give words with commas between them, or a list of words")
    return frozenset(word.strip().lower() for word in said if word.strip())


def _season(said: Any) -> tuple[tuple[int, int], tuple[int, int]] | None:
    if said is None or said == "":
        return None
    try:
        first, last = (datetime.strptime(f"2024-{part.strip()}", "%Y-%m-%d") for part in str(said).split("/"))
    except ValueError as e:
        raise RuleError(f"season is {said!r}; give first and last day as 11-15/03-31") from e
    return (first.month, first.day), (last.month, last.day)
