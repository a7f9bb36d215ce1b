"""What alert rules are: conditions on events, and how soon somebody must look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from re import IGNORECASE, Pattern, compile

from seaward.core.ais import SHIP_CLASSES
from seaward.core.tables import PRIORITIES

KINDS = ("gap", "encounter", "loitering", "drift", "fishing", "area", "identity", "position", "port_visit", "dark_contact")
CLASSES = (*SHIP_CLASSES, "other", "unknown")
FORMAT = "alerts/1"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: an event that meets all of its conditions is alerted, or never (`exclude`). A condition that is empty is met by all.

    Conditions on a vessel (flag, class, length, list) must all be met by one vessel of the event. What is not known of it meets no condition but
    those that exclude it.
    """

    id: str
    priority: str = "caution"  # of PRIORITIES
    kinds: frozenset[str] = frozenset()
    areas: tuple[str, ...] = ()  # names; * stands for any letters
    not_areas: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()  # ISO 3166, two letters; from the number
    not_flags: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()  # of CLASSES
    not_classes: frozenset[str] = frozenset()
    ship_types: frozenset[int] = frozenset()  # ITU-R M.1371-5 table 53
    min_length_m: float = 0.0
    min_probability: float = 0.0
    min_hours: float = 0.0  # the event lasted so long [h]
    hours: tuple[int, int] | None = None  # minutes of the day from and before which it began; may go over midnight
    offset_min: int = 0  # of that day from UTC [min], east positive
    lists: tuple[str, ...] = ()  # names of watch lists; * stands for any letters
    not_lists: tuple[str, ...] = ()
    repeat_events: int = 0  # so many events of its kinds by the vessel, this one included,
    repeat_days: float = 0.0  # within so many days
    in_port: bool = False  # also events at a port, anchorage or stopping place
    exclude: bool = False
    title_en: str = ""
    title_es: str = ""

    def title(self, language: str) -> str:
        """What it is called; its id where it has no title."""
        return (self.title_es if language == "es" else self.title_en) or self.id

    @property
    def asks_vessel(self) -> bool:
        """Whether it asks anything of a vessel."""
        return bool(
            self.flags or self.not_flags or self.classes or self.not_classes or self.ship_types or self.min_length_m or self.lists
            or self.not_lists or self.repeat_events
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules in the order of their file: of those of one priority that an event meets, the first gives the alert its name."""

    rules: tuple[Rule, ...]
    name: str = ""
    digest: str = ""  # SHA-256 of the file
    group_hours: float = 6.0  # ours: events of one kind and vessel this close in time are one situation

    def order(self, rule_id: str) -> int:
        """Place of a rule in the file; after all others where it is not there any more."""
        return next((i for i, r in enumerate(self.rules) if r.id == rule_id), len(self.rules))

    def missing_lists(self, there: Iterable[str]) -> list[str]:
        """Names of watch lists that rules ask for and that fit none of those there: such rules never alert."""
        known = [*there]
        asked = {pattern for rule in self.rules for pattern in (*rule.lists, *rule.not_lists)}
        return sorted(p for p in asked if not any(fits(p, name) for name in known))


def rank(priority: str) -> int:
    """0 for the highest priority."""
    return PRIORITIES.index(priority)


def fits(pattern: str, name: str) -> bool:
    """Whether a name is what a pattern says, capitals or not; * stands for any letters."""
    return _compiled(pattern).fullmatch(name) is not None


@cache
def _compiled(pattern: str) -> Pattern[str]:
    plain = pattern.replace("[", "[[]").replace("?", "[?]")  # only * is special
    return compile(translate(plain), IGNORECASE)
