"""Findings -> rows of `core.tables.EVENTS`: one way to fill, name and order them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from seaward.behaviours.behaviour import LEFT_OUT
from seaward.core.geodesy import wrap_deg
from seaward.core.ids import event_id
from seaward.core.tables import EVENTS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def reason(code: str, **values: float) -> dict[str, Any]:
    """A code of the catalogues with the values its text asks for."""
    return {"code": code, "values": [{"name": name, "value": float(value)} for name, value in values.items()]}


class EventRows:
    """Collects the events of one behaviour; `table` gives them sorted by start and name, `left_out` what is none."""

    def __init__(self, kind: str, version: int, realm: str) -> None:
        self.kind, self.method, self.realm = kind, f"{kind}/{version}", realm
        self._rows: list[dict[str, Any]] = []
        self._left_out: list[tuple[str, str, str, datetime, str]] = []

    def add(
        self,
        *,
        is_open: bool,
        start_us: int,
        end_us: int,
        vessel_ids: Sequence[str],
        lon_deg: float,
        lat_deg: float,
        probability: float | None,
        reasons: list[dict[str, Any]],
        evidence: list[dict[str, Any]],
        subject: str = "",
        areas: Sequence[str] = (),
    ) -> None:
        """One event; times in microseconds since 1970 UTC. `subject` tells events of one kind, start and vessel from each other."""
        who = sorted(vessel_ids)
        self._rows.append(
            {
                "realm": self.realm,
                "event_id": event_id(self.kind, f"{self.method} {subject}".strip(), who, int(start_us)),
                "version": 1,
                "state": "open" if is_open else "closed",
                "kind": self.kind,
                "start_at": _EPOCH + timedelta(microseconds=int(start_us)),
                "end_at": _EPOCH + timedelta(microseconds=int(end_us)),
                "vessel_ids": who,
                "lon_deg": wrap_deg(float(lon_deg)),
                "lat_deg": float(lat_deg),
                "probability": None if probability is None else min(1.0, max(0.0, float(probability))),
                "areas": list(areas),
                "reasons": reasons,
                "evidence": evidence,
                "method": self.method,
            }
        )

    def leave_out(self, why: str, *, is_open: bool, start_us: int, vessel_ids: Sequence[str], subject: str = "") -> None:
        """One that is no event (named as `add` would), and which of `left_out.*` in the catalogues says why."""
        name = event_id(self.kind, f"{self.method} {subject}".strip(), sorted(vessel_ids), int(start_us))
        state, start_at = "open" if is_open else "closed", _EPOCH + timedelta(microseconds=int(start_us))
        self._left_out.append((name, self.kind, state, start_at, why))

    def left_out(self) -> pl.DataFrame:
        """All left out, as `LEFT_OUT`, in the order of events."""
        return pl.DataFrame(self._left_out, schema=LEFT_OUT, orient="row").sort("start_at", "event_id")

    def table(self) -> pl.DataFrame:
        """All events added, exactly in the schema of `EVENTS`."""
        if not self._rows:
            return EVENTS.empty()
        return pl.DataFrame(self._rows, schema=EVENTS.schema).sort("start_at", "event_id")
