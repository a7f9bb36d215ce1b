"""What a node knows of the exercise that it takes part in: its title and times, what a cell is handed, and for control the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    """

    cell: str
    title: Mapping[str, str]
    start: datetime
    end: datetime
    injects: tuple[Handed, ...]
    run: Callable[[float], None] | None
    review: Callable[[], Path | None]
