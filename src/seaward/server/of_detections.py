"""Contacts of sensors that ask for no transponder, and whether a tracked vessel explains each."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from seaward.core.tables import DETECTIONS, Column, Table
from seaward.core.units import at_to_us
from seaward.server.answers import Rows
from seaward.server.asked import Asked, cursor_of
from seaward.server.floor import Floor
from seaward.server.of_vessels import moved
from seaward.server.route import Param
from seaward.server.sight import in_box

WITH, WITHOUT, NOT_JUDGED = STATES = ("with_track", "without_track", "not_judged")
DETECTIONS_LISTED: Final = Table("detections_listed", "one contact, and what the watch makes of it", (
    Column("id", pl.String(), "its name for good: the feed and the number of its row"),
    *DETECTIONS.columns,
    Column("state", pl.Enum(STATES), "whether the last sweep explained it by a tracked vessel; without_track: an event stands for it"),
    Column("event_id", pl.String(), "that event", nullable=True),
))  # fmt: skip
DETECTIONS_PARAMS: Final = (
    Param("since", "moment", "seen at or after; 12 h before `until` where it is not given"),
    Param("until", "moment", "seen at or before; now where it is not given"),
    Param("bbox", "bbox", "west,south,east,north [degree]; over 180 where west is more than east"),
    Param("state", "choice", "what the watch makes of them", many=True, choices=STATES),
)
_BACK = timedelta(hours=12)  # as long as a vessel's silence may explain one


def detections(floor: Floor, asked: Asked) -> Rows:
    """Contacts, the last seen first.

    Limits
    ------
    An event that stands for more than four looks at one contact names four; the others read as explained.
    """
    q, until = asked.query, asked.query["until"] or floor.now()
    since, live = q["since"] or moved(until, -_BACK), floor.node.live
    held = live.params.detections
    rows = (DETECTIONS.empty() if held is None else held).filter(pl.col("at").is_between(since, until))
    if q["bbox"] is not None:
        rows = rows.filter(in_box(q["bbox"]))
    rows = _judged(floor, rows, live.judged_us).sort(["at", "feed", "raw_offset"], descending=[True, False, False])
    if q["state"] is not None:
        rows = rows.filter(pl.col("state").is_in(q["state"]))
    if (after := asked.cursor(int, str, int)) is not None:
        at, feed, row = pl.lit(after[0]), pl.col("feed").cast(pl.String), pl.col("raw_offset")
        at_us = pl.col("at").dt.epoch("us")
        rows = rows.filter((at_us < at) | (at_us == at) & ((feed > after[1]) | (feed == after[1]) & (row > after[2])))
    page = rows.head(q["limit"])
    last = page.row(-1, named=True) if len(rows) > len(page) else None
    following = None if last is None else cursor_of(at_to_us(last["at"]), last["feed"], last["raw_offset"])
    return Rows(page, following, "id")


def _judged(floor: Floor, rows: pl.DataFrame, judged_us: int) -> pl.DataFrame:
    """What the last sweep made of each."""
    rows = rows.with_columns(name=pl.col("feed").cast(pl.String), id=pl.format("{}/{}", pl.col("feed").cast(pl.String), "raw_offset"))
    found = rows.join(_without_track(floor, rows), on=["name", "raw_offset"], how="left", maintain_order="left")
    is_judged = pl.col("at").dt.epoch("us") <= judged_us
    state = pl.when(pl.col("event_id").is_not_null()).then(pl.lit(WITHOUT)).when(is_judged).then(pl.lit(WITH)).otherwise(pl.lit(NOT_JUDGED))
    return found.with_columns(state=state.cast(pl.Enum(STATES))).select(DETECTIONS_LISTED.schema.names())


def _without_track(floor: Floor, rows: pl.DataFrame) -> pl.DataFrame:
    """Which of them an event stands for: name of the feed, raw_offset, event_id."""
    none = pl.DataFrame(schema={"name": pl.String, "raw_offset": pl.Int64, "event_id": pl.String})
    if rows.is_empty():
        return none
    first = rows.select(pl.col("at").min()).item()
    events = floor.node.state.latest_events(kinds=["dark_contact"], states=["open", "revised", "closed"], since=first)
    if events.is_empty():
        return none
    said = events.select("event_id", "evidence").explode("evidence").unnest("evidence").with_columns(name=pl.col("feed").cast(pl.String))
    contacts = said.filter(pl.col("raw_length") == 0, pl.col("name").is_in(rows["name"].unique().to_list()))  # others are reports of vessels
    return contacts.select(none.columns).unique(["name", "raw_offset"], keep="first", maintain_order=True)
