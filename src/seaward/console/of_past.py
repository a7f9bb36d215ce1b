"""A moment -> what the watch knew then: where vessels were last heard before it, and which alerts stood."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from seaward.core.units import at_to_us
from seaward.server.answers import One
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.moving import FIELDS
from seaward.server.of_vessels import kept_reports, moved
from seaward.server.problems import Problem
from seaward.server.route import Param

BACK = timedelta(hours=2)  # who was silent for longer was not on the chart; ours
_ASKING = ("new", "acknowledged")
PAST_PARAMS = (Param("at", "moment", "the moment, received until then"),)


def past(floor: Floor, asked: Asked) -> One:
    """What was known at a moment."""
    at = asked.query["at"]
    if at is None or at > floor.now():
        raise Problem("bad_value", name="at", value=str(at), wanted="a moment that is over")
    rows = _heard(floor, at)
    return One({"at": at, "whole": True, "fields": FIELDS, "rows": rows.rows(), "gone": [], "alerts": _stood(floor, at)}, keep=False)


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
    shown = last.join(classes, on="mmsi", how="left").with_columns(
        pl.col("lon_deg", "lat_deg").round(5), pl.col("sog_kn", "cog_deg").cast(pl.Float64).round(1), pl.col("heading_deg").cast(pl.Float64).round(0)
    )
    return shown.select(FIELDS)


def _stood(floor: Floor, at: datetime) -> list[str]:
    """Alerts that asked for something then."""
    changes = floor.node.state.alert_changes(until=at).sort("at", "revision").group_by("alert_id", maintain_order=True).last()
    rows: list[dict[str, Any]] = [*changes.iter_rows(named=True)]
    return [row["alert_id"] for row in rows if row["state"] in _ASKING]
