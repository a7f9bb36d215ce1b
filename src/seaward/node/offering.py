"""Names of what may be shared, or what people said -> objects to offer, many at a time: a node may keep tens of thousands of each."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from seaward.core.errors import SeawardError
from seaward.exchange.items import Item, Key
from seaward.sharing import Labeller, alert_item, event_item, said_item
from seaward.store.kept_talk import Talk
from seaward.store.state import State

log = logging.getLogger("seaward.node")


def objects(state: State, labeller: Labeller, names: Sequence[Key]) -> list[tuple[Key, Item | None]]:
    """Events and alerts as they are to be offered, in order, None where one must be taken back; what cannot be put on the wire is left out."""
    found: dict[Key, Item | None] = {}
    for kind in dict.fromkeys(kind for kind, _ in names):
        of_kind = [name for k, name in names if k == kind]
        labels, rows = state.labels_of(kind, of_kind), _rows(state, kind, of_kind)
        for name in of_kind:
            row = rows.get(name)
            try:
                if labels.get(name, "") is None or (row is not None and kind == "alert" and row["mark"] is not None):
                    found[(kind, name)] = None
                elif row is not None:
                    found[(kind, name)] = (event_item if kind == "event" else alert_item)(row, labeller, labels.get(name))
            except (SeawardError, ValueError) as e:  # one object that cannot be put on the wire does not stop the others
                _cannot(kind, name, e)
    return [(key, found[key]) for key in names if key in found]


def said_items(rows: Sequence[Talk], labeller: Labeller) -> list[Item | None]:
    """What was said as objects; None where it was taken back, or cannot be put on the wire."""
    return [_said(row, labeller) for row in rows]


def _said(row: Talk, labeller: Labeller) -> Item | None:
    try:
        return None if row.body is None else said_item(row.kind, row.id, row.version, row.body, row.label, row.partner, labeller)
    except (SeawardError, ValueError) as e:  # nor does this
        _cannot(row.kind, row.id, e)
        return None


def _rows(state: State, kind: str, names: list[str]) -> dict[str, dict[str, Any]]:
    """Events or alerts as they stand, by name; one that cannot be read does not hide the others."""
    try:
        if kind == "event":
            return {r["event_id"]: r for r in state.latest_events(event_ids=names).iter_rows(named=True)}
        return {r["alert_id"]: r for r in state.alerts(alert_ids=names).iter_rows(named=True)} if kind == "alert" else {}
    except SeawardError as e:
        if len(names) > 1:
            return {key: row for name in names for key, row in _rows(state, kind, [name]).items()}
        _cannot(kind, names[0], e)
        return {}


def _cannot(kind: str, name: str, e: Exception) -> None:
    log.error("an object cannot be offered", extra={"kind": kind, "object": name, "why": str(e)[:200]})
