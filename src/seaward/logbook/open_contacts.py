"""The open alerts of a node, running or not -> contacts to check: what, where it was heard last, and what checking it is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import shapely
from shapely.geometry.base import BaseGeometry

from seaward.core.ids import mmsi_of
from seaward.core.tables import PRIORITIES
from seaward.logbook.book import Logbook

PRIZES: Mapping[str, float] = {"alarm": 9.0, "warning": 3.0, "caution": 1.0}  # of a check by priority of the alert; no published number, ours
OPEN = ("new", "acknowledged")
_ID = 40  # letters of an id

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class OfNode:
    """Which alerts are to be checked, and how."""

    age_h: float = 24.0  # since their last event ended, when the plan begins
    priorities: tuple[str, ...] = PRIORITIES
    states: tuple[str, ...] = OPEN
    kinds: tuple[str, ...] | None = None  # of event; all without it
    area: BaseGeometry | None = None
    minutes: float = 60.0  # that a check takes
    board: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A contact as the node knows it."""

    id: str
    alert_id: str
    priority: str
    place: Place
    at: datetime  # when it was there
    by: str  # vessel: heard there by AIS; alert: the place of the event


@dataclass(frozen=True, slots=True)
class OpenContacts:
    """Contacts, the most urgent first, and how many alerts gave none."""

    found: tuple[Found, ...]
    left: Mapping[str, int] = field(default_factory=dict)  # no_place, outside, on_land, named


def open_contacts(
    book: Logbook, of: OfNode, start: datetime, where: Callable[[Place], str], named: frozenset[str] = frozenset()
) -> OpenContacts:  # fmt: skip
    """Contacts of the alerts that ask for something.

    Parameters
    ----------
    book
        Of the node.
    of
        Which alerts.
    start
        When the plan begins: what was heard or raised later does not count, and ages are reckoned from it.
    where
        Of a place, why it cannot be gone to (`outside`, `on_land`); nothing where it can.
    named
        Ids that the list has already: what people wrote stands.

    Limits
    ------
    A contact stays where it was heard last; a vessel that went on is not there any more.
    """
    if not book.state_is_there:
        return OpenContacts(())
    since = start - timedelta(hours=of.age_h)
    with book.state() as state:
        rows = state.alerts(states=of.states, priorities=of.priorities, marked=False, since=since, until=start)
    rows = rows.filter(pl.col("raised_at") <= start)
    if of.kinds is not None:
        rows = rows.filter(pl.col("kind").is_in(of.kinds))
    heard = _heard(book, rows, since, start)
    found, left = list[Found](), Counter[str]()
    for row in rows.sort("raised_at", "alert_id").to_dicts():
        contact = _contact(row, heard)
        if contact is None:
            left["no_place"] += 1
        elif of.area is not None and not of.area.covers(shapely.Point(contact.place)):
            continue  # not asked for
        elif why := where(contact.place):
            left[why] += 1
        elif contact.id in named:
            left["named"] += 1
        else:
            found.append(contact)
    return OpenContacts(tuple(sorted(found, key=lambda c: PRIORITIES.index(c.priority))), dict(left))


def toml_of(contacts: OpenContacts, of: OfNode) -> str:
    """The same as tables of a visit list."""
    parts = []
    for c in contacts.found:
        said = f"# alert {c.alert_id}, {c.priority}, there at {c.at:%Y-%m-%dT%H:%M:%SZ} by its {'AIS' if c.by == 'vessel' else 'event'}"
        lines = ["[[contacts]]", said, f'id = "{c.id}"', f"place = [{c.place[0]:.5f}, {c.place[1]:.5f}]", f"prize = {PRIZES[c.priority]}"]
        parts.append("\n".join([*lines, f"minutes = {float(of.minutes)}", f"board = {str(of.board).lower()}"]))
    return "".join(f"\n{p}\n" for p in parts)


def _contact(row: dict[str, Any], heard: Mapping[int | None, tuple[datetime, Place]]) -> Found | None:
    """Where who an alert is about was heard last after its event; else where the event is."""
    name = f"{row['kind']}-{row['alert_id'][:8]}"[:_ID]
    after = [fix for v in row["vessel_ids"] if (fix := heard.get(mmsi_of(v))) is not None and fix[0] >= row["end_at"]]
    if after:
        at, place = max(after)
        return Found(name, row["alert_id"], row["priority"], place, at, "vessel")
    if row["lon_deg"] is None or row["lat_deg"] is None:
        return None
    return Found(name, row["alert_id"], row["priority"], (row["lon_deg"], row["lat_deg"]), row["end_at"], "alert")


def _heard(book: Logbook, alerts: pl.DataFrame, since: datetime, until: datetime) -> dict[int | None, tuple[datetime, Place]]:
    """When and where each vessel of some alerts was heard last."""
    wanted = sorted({m for ids in alerts["vessel_ids"].to_list() for v in ids if (m := mmsi_of(v)) is not None})
    if not wanted:
        return {}
    is_placed = pl.col("lon_deg").is_between(-180, 180) & pl.col("lat_deg").is_between(-90, 90)
    rows = book.reports(since, until, pl.col("mmsi").is_in(pl.Series(wanted, dtype=pl.UInt32).implode()) & is_placed)
    last = rows.filter(pl.col("reported_at").is_not_null()).sort("reported_at").group_by("mmsi").last().collect()
    return {r["mmsi"]: (r["reported_at"], (r["lon_deg"], r["lat_deg"])) for r in last.select("mmsi", "reported_at", "lon_deg", "lat_deg").to_dicts()}
