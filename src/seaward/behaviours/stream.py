"""How a live watch runs a behaviour: on which trailing window, and what it keeps of what it finds there.

Runs must follow each other by less than half of `lookback_s` less the shortest event, or an event can begin and pass unseen.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from seaward.behaviours.behaviour import Behaviour


def window_start(behaviour: Behaviour, known: pl.DataFrame, as_of: datetime) -> datetime:
    """Since when positions are needed at `as_of`: `lookback_s` before it and before the start of every open event."""
    starts = [as_of, *known.filter(pl.col("state") == "open", pl.col("kind") == behaviour.kind)["start_at"]]
    return min(starts) - timedelta(seconds=behaviour.lookback_s)


def merge(behaviour: Behaviour, known: pl.DataFrame, found: pl.DataFrame, start: datetime | None) -> pl.DataFrame:
    """Keep the last version of each event.

    Parameters
    ----------
    behaviour
        What was looked for.
    known
        Events so far (EVENTS).
    found
        Events of one run on a trailing window (EVENTS).
    start
        Start of that window; None where the window holds everything there is.

    Returns
    -------
    events
        `found` where it names a known event, and what is new. An event that begins in the older half of the lookback and was never
        seen before is the tail of an older one that the window has cut: it is left out.
    """
    if start is not None:
        cut = start + timedelta(seconds=behaviour.lookback_s / 2)
        found = found.filter((pl.col("start_at") >= cut) | pl.col("event_id").is_in(known["event_id"].implode()))
    return pl.concat([known.join(found, on="event_id", how="anti"), found]).sort("start_at", "event_id")
