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
        What is known of the older half of the lookback, where the window may have cut what an event rests on, and what is found in its newer half.
        Open events are never in the older half: `window_start` sees to that.
    """
    if start is not None:
        cut = start + timedelta(seconds=behaviour.lookback_s / 2)
        found = found.filter(pl.col("start_at") >= cut)
    return pl.concat([known.join(found, on="event_id", how="anti"), found]).sort("start_at", "event_id")
