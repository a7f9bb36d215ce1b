"""What several parts of the page read: routes of the API with their defaults, names of vessels, how long ago something was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from seaward.core.catalogue import render
from seaward.core.ids import mmsi_of
from seaward.report.symbols import KINDS
from seaward.server.answers import One, Rows
from seaward.server.asked import Asked, read_query
from seaward.server.floor import Floor
from seaward.server.route import PAGING, Param


def rows_of(route: Callable[[Floor, Asked], Rows], params: tuple[Param, ...], floor: Floor, asked: Asked, **query: Any) -> list[dict[str, Any]]:
    """The rows that a route of the API gives, with their words."""
    answer = route(floor, replace(asked, query=read_query((), params + PAGING) | query, form="json"))
    return [{**row, **{name: texts[n] for name, texts in answer.words.items()}} for n, row in enumerate(answer.rows.iter_rows(named=True))]


def one_of(route: Callable[[Floor, Asked], One], floor: Floor, asked: Asked, params: tuple[Param, ...] = ()) -> Any:
    """The object that a route of the API gives for the path that was asked."""
    return route(floor, replace(asked, query=read_query((), params), form="json")).value


def names_of(floor: Floor, vessel_ids: Iterable[str], language: str) -> dict[str, str]:
    """Names by vessel, of those that said one lately; of contacts without a track, what their sensor calls them."""
    vessel_ids = set(vessel_ids)
    contacts = {v: render("console.contact", {"name": v.rpartition("/")[2]}, language) for v in vessel_ids if v.startswith("detection:")}
    wanted = {v: m for v in vessel_ids if (m := mmsi_of(v)) is not None}
    rows = floor.sight.now().rows.filter(pl.col("mmsi").is_in(sorted(set(wanted.values()))), pl.col("name").is_not_null())
    known = dict(rows.select("mmsi", "name").iter_rows())
    return contacts | {v: known[n] for v, n in wanted.items() if n in known}


def kinds_of(language: str) -> dict[str, str]:
    """Kinds of events in words, in the order of the legend."""
    return {k: render(f"kind.{k}", {}, language) for k in KINDS}


def people_of(floor: Floor) -> list[tuple[str, str]]:
    """Who may be given an alert: names to sign in by, and names in full."""
    return [(p.person, p.name) for p in floor.node.state.people() if p.disabled_at is None and p.role != "observer"]


def ago_s(floor: Floor, at: datetime) -> float:
    """How long ago something was for the node [s]; not below zero."""
    return max(0.0, (floor.now() - at).total_seconds())


def by_then(rows: list[dict[str, Any]], column: str, at: datetime | None) -> list[dict[str, Any]]:
    """Rows whose moment in a column is over by a moment; all of them where it is now."""
    return [r for r in rows if at is None or r[column] <= at]
