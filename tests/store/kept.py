"""A small state with variants: events, an alert and its changes, for the tests of the store."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from seaward.core.json_rows import encode
from seaward.core.tables import EVENTS, WATCH_LIST

NOON = datetime(2027, 11, 4, 12, tzinfo=UTC)


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def event(name: str = "e1", version: int = 1, **changes: Any) -> pl.DataFrame:
    row = {
        "realm": "ops", "event_id": name, "version": version, "state": "open", "kind": "gap", "start_at": NOON, "end_at": later(30),
        "vessel_ids": ["mmsi:760000001"], "lon_deg": -77.5, "lat_deg": -12.25, "probability": 0.75, "areas": ["Área Ñ"],
        "reasons": [{"code": "gap.duration", "values": [{"name": "duration_h", "value": 7.5}]}],
        "evidence": [{"feed": "coast", "raw_offset": 1, "raw_length": 2}], "method": "gap/1",
    }  # fmt: skip
    return pl.DataFrame([row | changes], schema=EVENTS.schema, strict=False)


def alert(name: str = "a1", revision: int = 1, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "realm": "ops", "alert_id": name, "revision": revision, "state": "new", "priority": "warning", "mark": None, "rule": "gap-at-sea",
        "kind": "gap", "vessel_ids": ["mmsi:760000001"], "start_at": NOON, "end_at": later(30), "ongoing": True, "lon_deg": -77.5, "lat_deg": -12.25,
        "probability": 0.75, "areas": [], "reasons": [{"code": "alert.kind", "values": [{"name": "kind", "value": "gap"}]}], "members": [],
        "raised_at": NOON, "alarmed_at": NOON, "changed_at": NOON, "changed_by": "watch", "answered_at": None, "answered_by": None,
        "dismissal": None, "silenced_until": None, "silenced_priority": None, "merged_into": None, "follows": None, "assigned_to": None,
    }  # fmt: skip
    return row | changes


def change(after: dict[str, Any], verb: str, before: dict[str, Any] | None = None, why: str | None = None) -> dict[str, Any]:
    fresh = {k: v for k, v in after.items() if before is None or before[k] != v}
    return {
        "realm": after["realm"], "alert_id": after["alert_id"], "revision": after["revision"], "at": after["changed_at"], "who": after["changed_by"],
        "verb": verb, "state": after["state"], "priority": after["priority"], "why": why, "body": encode(fresh),
    }  # fmt: skip


def acknowledged(before: dict[str, Any], who: str = "vega", minutes: float = 5) -> tuple[dict[str, Any], dict[str, Any]]:
    at = later(minutes)
    fresh = {"revision": before["revision"] + 1, "state": "acknowledged", "changed_at": at, "changed_by": who, "answered_at": at, "answered_by": who}
    return before | fresh, change(before | fresh, "acknowledged", before)


def iuu_list(name: str = "iuu") -> pl.DataFrame:
    row = {"realm": "ops", "list": name, "row": 2, "mmsi": 760000001, "imo": None, "name": "LUCERO*", "callsign": None, "note": "seen before"}
    return pl.DataFrame([row, row | {"row": 3, "mmsi": None, "name": None, "imo": 9074729}], schema=WATCH_LIST.schema)


def body(text: str) -> dict[str, Any]:
    return json.loads(text)
