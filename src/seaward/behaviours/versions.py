"""What runs find, one after the other -> versions of events: opened, revised, closed, withdrawn. Nothing told is ever overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from seaward.core.tables import EVENTS

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToldParams:
    """What of an open event is worth another version; all ours. A closed event is told whenever anything of it changes."""

    probability_step: float = 0.05
    end_step: timedelta = timedelta(minutes=10)


class Told:
    """The last version of each event, and which next version a run of the behaviours makes of it.

    Parameters
    ----------
    known
        EVENTS told before, one row each: what a node that starts anew reads back.
    params
        What is worth another version.
    """

    def __init__(self, known: pl.DataFrame | None = None, params: ToldParams | None = None) -> None:
        self.params = params or ToldParams()
        self._last: dict[str, Row] = {} if known is None else {row["event_id"]: row for row in known.to_dicts()}

    def __len__(self) -> int:
        return len(self._last)

    def table(self) -> pl.DataFrame:
        """The last version of each event, also of those withdrawn, in order of start."""
        return _events(self._last.values())

    def open_events(self) -> Iterable[Row]:
        """Those that last."""
        return [row for row in self._last.values() if row["state"] in ("open", "revised")]

    def take(self, found: pl.DataFrame, could: Callable[[Row], bool], *, exact: bool = False) -> pl.DataFrame:
        """Compare what a run found with what was told.

        Parameters
        ----------
        found
            EVENTS of one run.
        could
            Whether the run would have found this event again if it were still so; those that it did not are withdrawn.
        exact
            Tell every change of open events too.

        Returns
        -------
        EVENTS: the new versions, to be told.
        """
        new: list[Row] = []
        seen = set()
        for row in found.to_dicts():
            seen.add(row["event_id"])
            before = self._last.get(row["event_id"])
            if before is None:
                new.append(row | {"version": 1})
            elif before["state"] == "withdrawn" or self._worth_telling(before, row, exact):
                state = "revised" if row["state"] == "open" and before["state"] != "withdrawn" else row["state"]
                new.append(row | {"version": before["version"] + 1, "state": state})
        for name, before in self._last.items():
            if name not in seen and before["state"] != "withdrawn" and could(before):
                new.append(before | {"version": before["version"] + 1, "state": "withdrawn"})
        self._last |= {row["event_id"]: row for row in new}
        return _events(new)

    def forget(self, before: datetime) -> None:
        """Let go of closed and withdrawn events that ended before a moment: no run will find them again."""
        self._last = {k: r for k, r in self._last.items() if r["end_at"] >= before or r["state"] in ("open", "revised")}

    def _worth_telling(self, before: Row, row: Row, exact: bool) -> bool:
        is_open, was_open = row["state"] == "open", before["state"] in ("open", "revised")
        if is_open != was_open:
            return True
        if exact or not is_open:
            return any(before[k] != row[k] for k in row if k not in ("version", "state"))
        if (before["probability"] is None) != (row["probability"] is None):
            return True
        step = abs((before["probability"] or 0.0) - (row["probability"] or 0.0))
        return (
            step >= self.params.probability_step
            or row["end_at"] - before["end_at"] >= self.params.end_step
            or before["areas"] != row["areas"]
            or [r["code"] for r in before["reasons"]] != [r["code"] for r in row["reasons"]]
        )


def _events(rows: Iterable[Row]) -> pl.DataFrame:
    return pl.DataFrame([*rows], schema=EVENTS.schema).sort("start_at", "event_id") if rows else EVENTS.empty()
