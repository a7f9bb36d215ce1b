"""Events and alerts as they stand -> page after page, filtered: a page begins after the last row of the one before, whatever came since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from seaward.core.tables import ALERTS, AT, EVENTS
from seaward.core.units import at_to_us
from seaward.store.codec import AMONG, decode, listed
from seaward.store.journal import Journal

_LATEST = "NOT EXISTS (SELECT 1 FROM event_versions n WHERE n.event_id = r.event_id AND n.version > r.version)"
_START = "r.start_us / 1000000"  # to the second it is part of an event's name (core.ids), so it never changes
_LON, _LAT = "json_extract(r.payload, '$.lon_deg')", "json_extract(r.payload, '$.lat_deg')"
After = tuple[int, str]  # of the last row of the page before: start [s since 1970 UTC], or raising [microseconds], and name
Box = tuple[float, float, float, float]  # west, south, east, north [degree]; over 180 where west is more than east


class KeptPages(Journal):
    """Pages; see `State`."""

    def page_of_events(
        self,
        limit: int,
        after: After | None = None,
        *,
        kinds: Iterable[str] | None = None,
        states: Iterable[str] | None = None,
        vessel_ids: Iterable[str] | None = None,
        areas: Iterable[str] | None = None,
        box: Box | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        probability: float | None = None,
        alerted: bool | None = None,
    ) -> pl.DataFrame:
        """The last version of each event, as EVENTS with `published_at`: the last to start first.

        Parameters
        ----------
        limit
            Rows at most.
        after
            The last row of the page before. None is passed over or given twice.
        kinds, states, vessel_ids, areas, box
            Only of these.
        since, until
            Only those that ended at or after `since` and began at or before `until`.
        probability
            Only those that are at least so probable.
        alerted
            True: only those of an alert; False: only those of none.
        """
        parts: list[tuple[str, list[Any]]] = [(_LATEST, []), *_common(after, "r.event_id", areas, box, since, until)]
        for column, wanted in (("kind", kinds), ("state", states)):
            if wanted is not None:
                parts.append((f"r.{column} {AMONG}", [listed(wanted)]))
        if vessel_ids is not None:
            parts.append((f"r.event_id IN (SELECT event_id FROM event_vessels WHERE vessel_id {AMONG})", [listed(vessel_ids)]))
        if probability is not None:
            parts.append(("json_extract(r.payload, '$.probability') >= ?", [probability]))
        if alerted is not None:
            parts.append((f"{'' if alerted else 'NOT '}EXISTS (SELECT 1 FROM alert_events a WHERE a.event_id = r.event_id)", []))
        found = self._page("event_versions", "r.payload, r.published_us", parts, "r.event_id", limit)
        rows = decode([payload for payload, _ in found], EVENTS)
        return rows.with_columns(pl.Series("published_at", [at for _, at in found], pl.Int64).cast(AT))

    def page_of_alerts(
        self,
        limit: int,
        after: After | None = None,
        *,
        states: Iterable[str] | None = None,
        priorities: Iterable[str] | None = None,
        rules: Iterable[str] | None = None,
        kinds: Iterable[str] | None = None,
        vessel_ids: Iterable[str] | None = None,
        areas: Iterable[str] | None = None,
        box: Box | None = None,
        marked: bool | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> pl.DataFrame:
        """Alerts as they stand, as ALERTS, the last raised first; parameters as `page_of_events`, `after` with the time of raising.

        Parameters
        ----------
        states, priorities, rules, kinds, vessel_ids, areas, box
            Only of these.
        marked
            False: only those that still ask for something; True: only the others; None: all.
        """
        parts: list[tuple[str, list[Any]]] = _common(after, "r.alert_id", areas, box, since, until, order="r.raised_us")
        for column, wanted in (("r.state", states), ("r.priority", priorities), ("r.rule", rules), ("json_extract(r.payload, '$.kind')", kinds)):
            if wanted is not None:
                parts.append((f"{column} {AMONG}", [listed(wanted)]))
        if vessel_ids is not None:
            parts.append((f"r.alert_id IN (SELECT alert_id FROM alert_vessels WHERE vessel_id {AMONG})", [listed(vessel_ids)]))
        if marked is not None:
            parts.append((f"r.mark IS {'NOT ' if marked else ''}NULL", []))
        found = self._page("alerts", "r.payload", parts, "r.alert_id", limit, order="r.raised_us")
        return decode([payload for (payload,) in found], ALERTS)

    def _page(
        self, table: str, columns: str, parts: Sequence[tuple[str, list[Any]]], name: str, limit: int, order: str = _START
    ) -> list[tuple[Any, ...]]:
        where = " AND ".join(["1", *(p for p, _ in parts)])
        query = f"SELECT {columns} FROM {table} r WHERE {where} ORDER BY {order} DESC, {name} LIMIT ?"
        return self.rows(query, [*(v for _, values in parts for v in values), limit])


def _common(
    after: After | None, name: str, areas: Iterable[str] | None, box: Box | None, since: datetime | None, until: datetime | None,
    order: str = _START,
) -> list[tuple[str, list[Any]]]:  # fmt: skip
    parts: list[tuple[str, list[Any]]] = []
    if after is not None:
        parts.append((f"({order} < ? OR ({order} = ? AND {name} > ?))", [after[0], after[0], after[1]]))
    if areas is not None:
        parts.append((f"EXISTS (SELECT 1 FROM json_each(r.payload, '$.areas') WHERE value {AMONG})", [listed(areas)]))
    if box is not None:
        west, south, east, north = box
        across = f"{_LON} BETWEEN ? AND ?" if west <= east else f"({_LON} >= ? OR {_LON} <= ?)"
        parts.append((f"{across} AND {_LAT} BETWEEN ? AND ?", [west, east, south, north]))
    if since is not None:
        parts.append(("r.end_us >= ?", [at_to_us(since)]))
    if until is not None:
        parts.append(("r.start_us <= ?", [at_to_us(until)]))
    return parts
