"""DEEDS and the truth -> whom each deed is about, what became of an inject, and the stages that people add to the chain of a truth. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from seaward.core.geodesy import great_circle_m
from seaward.core.tables import AT, EVENTS
from seaward.core.units import NM_M
from seaward.evaluation.matching import match_events

NEAR_NM: Final = 5.0  # a place so near to a hull is meant for it; ours
SCENE_NM: Final = 1.0  # a unit so near to a hull is on the scene; ours
_AROUND = timedelta(minutes=10)  # of a deed, in which a hull is looked for
OF_ACTION: Final[Mapping[str, str]] = {
    "open_case": "validated", "close_case": "dismissed", "share": "shared", "acknowledge": "acknowledged", "answer": "answered",
    "task_unit": "tasked",
}  # fmt: skip
OF_STAGE: Final[Mapping[str, str]] = {"opened": "raised", "acknowledged": "acknowledged", "shared": "shared", "tasked": "tasked"}


class Outcome(NamedTuple):
    """What became of what an inject asked for: met, late, not_met, no_player; when it was done, in which cell and by whom."""

    code: str
    at: datetime | None = None
    cell: str | None = None
    who: str | None = None


def about(deeds: pl.DataFrame, truth: pl.DataFrame, tracks: pl.DataFrame, actors: Collection[str]) -> pl.DataFrame:
    """DEEDS with `truth_id` and `actors` beside: what each is about, and the hulls that did it, sorted.

    Parameters
    ----------
    deeds, truth, tracks
        DEEDS, TRUTH and TRUE_TRACKS of one realm.
    actors
        Hulls of the scenario that a place alone may be about.

    Returns
    -------
    Of a deed with an event those of the truth that it was or repeats, as `match_events` has it; of one with a place alone the nearest hull within
    `NEAR_NM`; none where it is about nothing that happened.
    """
    if deeds.is_empty():
        return deeds.with_columns(truth_id=pl.lit(None, pl.String), actors=pl.Series([], dtype=pl.List(pl.String)))
    events = deeds.filter(pl.col("event_id").is_not_null() & pl.col("kind").is_in(truth["kind"].unique().implode())).unique("event_id", keep="last")
    rows = [dict.fromkeys(EVENTS.schema) | {k: r[k] for k in ("realm", *_EVENT)} | {"version": 1, "state": "closed", "areas": [], "reasons": [],
            "evidence": [], "method": "floor/1"} for r in events.select("realm", *_EVENT).iter_rows(named=True)]  # fmt: skip
    said = match_events(pl.DataFrame(rows, schema=EVENTS.schema, strict=False), truth, true_tracks=tracks, realm=deeds["realm"][0]).events
    did = dict(truth.select("truth_id", "actors").iter_rows())
    truths = {e: t for e, t, verdict in said.select("event_id", "truth_id", "verdict").iter_rows() if verdict != "false"}
    mine = tracks.filter(pl.col("actor").cast(pl.String).is_in([*actors]))
    what = [truths.get(event) for event in deeds["event_id"]]
    each = zip(what, deeds.iter_rows(named=True), strict=True)
    whom = [_nearest(row, mine) if row["event_id"] is None else sorted(did.get(t, [])) for t, row in each]
    return deeds.with_columns(truth_id=pl.Series(what, dtype=pl.String), actors=pl.Series(whom, dtype=pl.List(pl.String)))


_EVENT = ("event_id", "kind", "vessel_ids", "start_at", "end_at", "lon_deg", "lat_deg")


def _nearest(deed: Mapping[str, Any], tracks: pl.DataFrame) -> list[str]:
    if deed["lon_deg"] is None or deed["lat_deg"] is None:
        return []
    at = pl.lit(deed["at"], AT)
    there = tracks.filter(pl.col("at").is_between(at - _AROUND, at + _AROUND)).sort((pl.col("at") - at).abs()).unique("actor", keep="first")
    if there.is_empty():
        return []
    off_nm = great_circle_m(there["lon_deg"].to_numpy(), there["lat_deg"].to_numpy(), deed["lon_deg"], deed["lat_deg"]) / NM_M
    k = int(np.argmin(off_nm))
    return [str(there["actor"][k])] if off_nm[k] <= NEAR_NM else []


def stages(deeds: pl.DataFrame, cell: str, truth: Mapping[str, Any], tracks: pl.DataFrame, units: Collection[str]) -> dict[str, datetime]:
    """When a cell came to each stage of a truth; of a stage that it did not come to there is none.

    Parameters
    ----------
    deeds
        As `about` gives them. Those about this truth count, and those about a place alone where one of its actors was, from its begin on.
    cell, truth
        Whose, and of what: a row of TRUTH.
    tracks
        TRUE_TRACKS.
    units
        Hulls that may be sent. On the scene is who of them first comes within `SCENE_NM` of one of the actors after a unit was sent.
    """
    of_place = pl.col("event_id").is_null() & (pl.col("at") >= pl.lit(truth["start_at"], AT)) & _has(truth["actors"])
    mine = deeds.filter((pl.col("cell").cast(pl.String) == cell) & ((pl.col("truth_id") == truth["truth_id"]) | of_place))
    first = dict(mine.group_by(pl.col("deed").cast(pl.String)).agg(pl.col("at").min()).iter_rows())
    found: dict[str, datetime] = {stage: first[deed] for stage, deed in OF_STAGE.items() if deed in first}
    if "tasked" in found and (there := _on_scene(tracks, truth["actors"], units, found["tasked"])) is not None:
        found["on_scene"] = there
    return found


def first_done(deeds: pl.DataFrame, cell: str, actor: str, deed: str) -> datetime | None:
    """When a cell first did something about a hull, whichever of its acts that was about."""
    mine = deeds.filter((pl.col("cell").cast(pl.String) == cell) & (pl.col("deed").cast(pl.String) == deed) & _has([actor]))
    at: datetime | None = mine["at"].min()  # type: ignore[assignment]
    return at


def _has(actors: Collection[str]) -> pl.Expr:
    return pl.col("actors").list.set_intersection([*actors]).list.len() > 0


def _on_scene(tracks: pl.DataFrame, actors: Collection[str], units: Collection[str], since: datetime) -> datetime | None:
    later = tracks.filter(pl.col("at") >= since).select("at", "lon_deg", "lat_deg", who=pl.col("actor").cast(pl.String))
    both = later.filter(pl.col("who").is_in([*units])).join(later.filter(pl.col("who").is_in([*actors])), on="at", suffix="_there")
    if both.is_empty():
        return None
    off_m = great_circle_m(*(both[c].to_numpy() for c in ("lon_deg", "lat_deg", "lon_deg_there", "lat_deg_there")))
    at: datetime | None = both.filter(pl.Series(off_m <= SCENE_NM * NM_M))["at"].min()  # type: ignore[assignment]
    return at


def outcome(deeds: pl.DataFrame, cells: Collection[str], action: str, actor: str | None, at: datetime, within: timedelta) -> Outcome:
    """What became of what an inject asked of these cells: done before it already counts as done."""
    mine = deeds.filter(pl.col("cell").cast(pl.String).is_in([*cells]) & (pl.col("deed").cast(pl.String) == OF_ACTION[action]))
    if actor is not None:
        mine = mine.filter(pl.col("actors").list.contains(actor))
    if mine.is_empty():
        return Outcome("not_met" if {*cells} & {*deeds["cell"].cast(pl.String)} else "no_player")
    first = mine.sort("at").row(0, named=True)
    return Outcome("met" if first["at"] <= at + within else "late", first["at"], str(first["cell"]), first["who"])
