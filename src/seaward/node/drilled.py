"""What a node knows of the exercise that it takes part in: its title and times, what a cell is handed, and for control the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Handed:
    """One inject: something that cells are told from outside the sensors."""

    id: str
    at: datetime | None  # None: only when control releases it, or after something else
    by: str  # phone, radio, ...
    to: tuple[str, ...]  # cells
    text: Mapping[str, str]  # by language
    is_held: bool = False  # until control releases it


@dataclass(slots=True)
class Held:
    """What control holds back until it releases it; one for all floors of an exercise."""

    names: frozenset[str]
    released: dict[str, datetime] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)  # released, and not recorded yet

    def release(self, name: str, at: datetime) -> bool:
        """Hand it over from this moment on; False where it is not held, or not any more."""
        if name not in self.names or name in self.released:
            return False
        self.released[name] = at
        self.fresh.append(name)
        return True

    def taken(self) -> list[str]:
        """What was released since the last call."""
        fresh, self.fresh = self.fresh, []
        return fresh


@dataclass(frozen=True, slots=True)
class Drilled:
    """The exercise as one cell may know it.

    Parameters
    ----------
    cell
        Of the scenario.
    title
        By language.
    start, end
        Of the exercise, by its own clock.
    injects
        What the cell is handed; all of them for control.
    run
        Sets how many times faster than real time the clock runs; control's alone.
    review
        The after-action review, once it is written.
    held
        What control holds back.
    """

    cell: str
    title: Mapping[str, str]
    start: datetime
    end: datetime
    injects: tuple[Handed, ...]
    run: Callable[[float], None] | None
    review: Callable[[], Path | None]
    held: Held = field(default_factory=lambda: Held(frozenset()))
