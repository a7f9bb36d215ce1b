"""A recording -> what a cell saw, record by record: from the file alone, without the scenario, the sea or a sensor.

seen     which records a cell is given
paced    the same, each at its moment
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from seaward.core.errors import InputError
from seaward.drill.recording import Ending, Record

Clock = Callable[[], float]  # [s]


@dataclass(frozen=True, slots=True)
class View:
    """What is asked of a recording.

    Parameters
    ----------
    sensors
        Whose texts are given.
    cells
        Whose injects are given.
    truth
        Whether the truth is.
    from_ms, until_ms
        Moments of the exercise [ms], from the first on and before the second; without end when None.
    """

    sensors: frozenset[str]
    cells: frozenset[str]
    truth: bool
    from_ms: int = 0
    until_ms: int | None = None


def view_of(
    header: dict[str, Any], *, cell: str | None = None, sensor: str | None = None, truth: bool = False, from_ms: int = 0, until_ms: int | None = None
) -> View:
    """What a cell may see by the header of a recording; of all cells when none is named, the truth then only if it is asked for.

    Raises
    ------
    InputError
        If there is no such cell or sensor, the cell does not see the sensor, or the header names none.
    """
    cells, sensors = header.get("cells"), header.get("sensors")
    if not isinstance(cells, dict) or not isinstance(sensors, dict):
        raise InputError("the recording does not say which cells and sensors took part; only a recording of `drill run` can be replayed")
    if cell is not None and cell not in cells:
        raise InputError(f"no cell {cell} took part; give one of {', '.join(cells)}")
    if sensor is not None and sensor not in sensors:
        raise InputError(f"no sensor {sensor} took part; give one of {', '.join(sensors)}")
    sees = cells[cell] if cell is not None else list(sensors)
    if sensor is not None and sensor not in sees:
        raise InputError(f"{cell} does not see {sensor}; it sees {', '.join(sees) or 'no sensor'}")
    given = [s for s in sees if s in sensors] if sensor is None else [sensor]
    return View(frozenset(given), frozenset(cells if cell is None else [cell]), truth or (cell is not None and "truth" in sees), from_ms, until_ms)


def seen(records: Iterable[Record | Ending], view: View) -> Iterator[Record | Ending]:
    """The records that a view shows, and last the ending of the recording, as far as it was read: reading stops at the end of the view."""
    for r in records:
        if isinstance(r, Ending):
            yield r
        elif view.until_ms is not None and r.at_ms >= view.until_ms and r.kind != "end":
            return
        elif r.at_ms >= view.from_ms and _shows(view, r):
            yield r


def paced(
    found: Iterable[Record | Ending], from_ms: int, speed: float, now_s: Callable[[], float], wait_s: Callable[[float], None]
) -> Iterator[Record | Ending]:
    """The same records, each no earlier than its moment at `speed` times the clock; at once when that is 0.

    Parameters
    ----------
    now_s, wait_s
        A clock that never goes back, and what waits by it.
    """
    begun_s = now_s() if speed > 0 else 0.0
    for r in found:
        if speed > 0 and isinstance(r, Record):
            early_s = begun_s + (r.at_ms - from_ms) / 1000.0 / speed - now_s()
            if early_s > 0:
                wait_s(early_s)
        yield r


def _shows(view: View, r: Record) -> bool:
    if r.kind == "sensor":
        return r.body["sensor"] in view.sensors
    if r.kind == "inject":
        return r.cell in view.cells
    return r.kind == "truth" and view.truth
