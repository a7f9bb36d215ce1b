"""A node's folder, running or not -> an event of its state with all its pack needs, from the bytes in its raw journals."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl

from seaward.core.errors import InputError
from seaward.core.tables import EVENTS
from seaward.core.units import US_PER_S, at_to_us
from seaward.evidence.build import Told
from seaward.evidence.derivation import Row, behaviour_of
from seaward.evidence.from_results import Case, one_event, ruled
from seaward.evidence.gathering import gather
from seaward.evidence.givens import GivenFiles
from seaward.evidence.journals import JournalOrigin
from seaward.live import LiveParams
from seaward.picture.positions import PictureParams
from seaward.store.raw_reading import feeds_in
from seaward.store.state import State
from seaward.watch import Tell

STATE, RAW = "state.sqlite", "raw"  # below a node's folder


def from_node(data: Path, realm: str, event: str, version: int | None, given: GivenFiles, tell: Tell) -> Case:
    """Gather an event that a node told.

    Parameters
    ----------
    data
        Folder of the node.
    realm
        `ops` or `ex:<drill id>`; RealmError where the node is of another.
    event
        Its name, or the beginning of it.
    version
        Which of its versions; None: the last that was not a withdrawal.
    given
        Files of areas, ports and detections that the node has.
    tell
        Called with a stage and the share of it that is done.

    Raises
    ------
    InputError
        If the folder holds no state, no such event or no bytes.
    EvidenceError
        If the event does not come out of the bytes.
    """
    if not (data / STATE).is_file():
        raise InputError(f"{data} is no folder of a node: it holds no {STATE}; name one with --data, or results of detect with --results")
    with State.open(data / STATE, realm) as state:
        name = str(one_event(state.latest_events(), event, str(data / STATE))["event_id"])
        versions = state.event_versions(name)
        whom = [(w, v, at) for w, v, at in state.who_was_told(name).select("whom", "version", "at").iter_rows()]
    rows = versions.select(list(EVENTS.schema)).with_columns(pl.col("realm", "state").cast(pl.String)).to_dicts()
    published: list[datetime] = versions["published_at"].to_list()
    n = _chosen(rows, version, name)
    as_of = _as_of(rows[n], published[n])
    read = given.read(realm, as_of)
    rule, params = ruled(behaviour_of(rows[n]["kind"], rows[n]["method"]), PictureParams(), as_of, published[n], read.given)
    lookback_us, window_us = (int(s * US_PER_S) for s in (2 * rule.behaviour.lookback_s, LiveParams().window_s))
    since_us = min(at_to_us(rows[n]["start_at"]) - lookback_us, at_to_us(as_of) - window_us)
    feeds = feeds_in(data / RAW)
    if not feeds:
        raise InputError(f"{data / RAW} holds no bytes of any feed; without them nothing can be shown")
    origins = [JournalOrigin(data / RAW, realm, feed, since_us, at_to_us(published[n])) for feed in feeds]
    try:
        gathered = gather([o for o in origins if o.frames], rows[n], rule, params, exact=False, tell=tell)
    finally:
        for o in origins:
            o.close()
    return Case(gathered, Told(rows, [*published], whom), int(rows[n]["version"]), read.named)


def _chosen(rows: list[Row], version: int | None, name: str) -> int:
    """Which of the versions is told of."""
    if version is None:
        return max(n for n, row in enumerate(rows) if row["state"] != "withdrawn" or n == 0)
    for n, row in enumerate(rows):
        if row["version"] == version and row["state"] != "withdrawn":
            return n
    there = ", ".join(str(r["version"]) for r in rows if r["state"] != "withdrawn")
    raise InputError(f"event {name} has no version {version} that says it happened; there are {there}")


def _as_of(row: Row, published: datetime) -> datetime:
    """Up to which moment the node judged when it told a version: a silence that lasts ends with that moment."""
    return row["end_at"] if row["kind"] == "gap" and row["state"] != "closed" else published
