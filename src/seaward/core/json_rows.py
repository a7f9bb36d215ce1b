"""One row of a table <-> JSON that a person can read and a hash can name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def encode(row: Mapping[str, Any]) -> str:
    """A row as JSON: keys sorted, times as 2027-11-04T05:18:24.123456Z, nothing but ASCII; the same row gives the same text."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def parse(text: str) -> dict[str, Any]:
    """A row from its JSON: what is named `..._at` or `..._until` is a time; ValueError where it is no row."""
    row = json.loads(text)
    if not isinstance(row, dict):
        raise ValueError(f"a row is {type(row).__name__}; it must be an object of JSON")
    return {name: _timed(name, value) for name, value in row.items()}


def _timed(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _timed(k, v) for k, v in value.items()}
    if isinstance(value, list):
        return [_timed("", v) for v in value]
    return datetime.fromisoformat(value) if isinstance(value, str) and name.endswith(("_at", "_until")) else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    raise TypeError(f"a {type(value).__name__} cannot be kept in a row")
