"""A moment -> what the watch knew then: where vessels were last heard before it, contacts, partners' tracks, the patrol; alerts are the queue's."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from seaward.console.then import contacts_then, events_then, heard_by, partners_then, patrol_then
from seaward.core.units import at_to_us
from seaward.server.answers import One
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.moving import FIELDS
from seaward.server.of_vessels import kept_reports, moved
from seaward.server.problems import Problem
from seaward.server.route import Param

BACK = timedelta(hours=2)  # who was silent for longer was not on the chart; ours
PAST_PARAMS = (Param("at", "moment", "the moment, received until then"),)


def past(floor: Floor, asked: Asked) -> One:
    """What was known at a moment."""
    at = asked.query["at"]
    if at is None or at > floor.now():
        raise Problem("bad_value", name="at", value=str(at), wanted="a moment that is over")
    last = _heard(floor, at)
    told = {"detections": contacts_then(floor, asked, at), "events": events_then(floor, at),
            "partners": partners_then(floor, at, set(last["mmsi"])), "patrols": patrol_then(floor, at, heard_by(last))}  # fmt: skip
    return One({"at": at, "whole": True, "fields": FIELDS, "rows": last.select(FIELDS).rows(), "gone": [], **told}, keep=False)


def _heard(floor: Floor, at: datetime) -> pl.DataFrame:
    """The last report of each vessel that had come by then; of those kept on disk, what was reported within two hours of it."""
    columns = ["mmsi", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "received_at"]
    since = moved(at, -BACK)
    known = pl.col("received_at").is_between(since, at) & pl.col("lon_deg").is_not_null() & pl.col("mmsi").is_not_null()
    kept = kept_reports(floor, since, moved(at, BACK), known).select(columns)

    def of_window() -> pl.DataFrame:
        window = floor.node.live.window
        return window.of(np.arange(len(window.slots.numbers)), at_to_us(at), at_to_us(since))

    held: pl.DataFrame = floor.node.run(of_window).filter(known).select(columns)
    last = pl.concat([kept, held]).sort("received_at").group_by("mmsi").last().sort("mmsi")
    classes = floor.sight.now().rows.select("mmsi", pl.col("ship_class").cast(pl.String))
    return last.join(classes, on="mmsi", how="left").with_columns(
        pl.col("lon_deg", "lat_deg").round(5), pl.col("sog_kn", "cog_deg").cast(pl.Float64).round(1), pl.col("heading_deg").cast(pl.Float64).round(0)
    )
