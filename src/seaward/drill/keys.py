"""How a key of a scenario is described: its type, bounds, default and when it counts. The reader, the JSON Schema and the page of docs follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NEEDED = object()  # the default of a key that must be given

ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}"
HULL = rf"{ID}(/[1-9][0-9]{{0,4}})?"  # an actor, or the n-th hull of a traffic
DURATION = r"(?=[0-9])([0-9]{1,3}d)?([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?"
MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})"
FILE = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"  # beside the scenario: no folders
SHIP_NAME = r"[A-Z0-9 .&'-]{1,15} \(EX\)"  # 20 characters of six bits, ITU-R M.1371-5 table 47
MMSI_LOW, MMSI_HIGH = 100_000_000, 199_999_999  # no station has such a number, ITU-R M.585-9: ships start with 2 to 7
MMSI_AIRCRAFT = 111  # but search and rescue aircraft start so


@dataclass(frozen=True, slots=True)
class Key:
    """One key of one kind of part."""

    name: str  # as written
    type: str  # id, hull, text, words, ship_name, mmsi, number, integer, switch, duration, moment, place, box, choice, file, shares, files, part
    meaning: str
    default: Any = NEEDED
    field: str = ""  # of the dataclass; the name when empty
    many: tuple[int, int] | None = None  # a list of so many
    low: float | None = None
    high: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    of: str = ""  # part: which
    counts: tuple[str, ...] = ()  # only for these values of the switch key of its part; always when empty
    needed: tuple[str, ...] = ()  # must be given for these values of it

    @property
    def into(self) -> str:
        """The field of the dataclass."""
        return self.field or (f"{self.name}_ms" if self.type == "duration" else self.name)

    def must(self, said: str | None) -> bool:
        """Whether it has to be given, where the switch key says `said`."""
        return self.default is NEEDED or said in self.needed

    def means(self, said: str | None) -> bool:
        """Whether it counts, where the switch key says `said`."""
        return not self.counts or said is None or said in self.counts


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of mapping in a scenario."""

    name: str
    meaning: str
    keys: tuple[Key, ...]
    switch: str = ""  # the key that says which others count

    def key(self, name: str) -> Key | None:
        """The key of that name."""
        return next((k for k in self.keys if k.name == name), None)
