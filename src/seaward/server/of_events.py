"""Events: pages of their last versions, and one with every version, who was told of which, and what the rules made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from seaward.core.catalogue import catalogue
from seaward.core.tables import AT, EVENT_STATES, EVENTS, Column, Table
from seaward.core.units import US_PER_S, at_to_us
from seaward.report.texts import parts, rounded, said
from seaward.server.answers import One, Rows, point
from seaward.server.asked import Asked, cursor_of
from seaward.server.floor import Floor
from seaward.server.partner_view import told_by
from seaward.server.problems import Problem
from seaward.server.route import Param

KINDS = tuple(sorted(code.removeprefix("kind.") for code in catalogue("en") if code.startswith("kind.")))
EVENTS_LISTED = Table("events_listed", "the last version of an event", (
    *(c for c in EVENTS.columns if c.name != "evidence"),
    Column("evidence_reports", pl.UInt32(), "how many reports it rests on", low=0),
    Column("published_at", AT, "when this version was published"),
))  # fmt: skip
EVENTS_PARAMS = (
    Param("kind", "choice", "kinds", many=True, choices=KINDS),
    Param("state", "choice", "states", many=True, choices=EVENT_STATES),
    Param("vessel", "name", "vessels, such as mmsi:760000001", many=True),
    Param("area", "name", "names of areas", many=True),
    Param("bbox", "bbox", "west,south,east,north [degree]; over 180 where west is more than east"),
    Param("since", "moment", "ended at or after"),
    Param("until", "moment", "began at or before"),
    Param("probability", "number", "at least so probable", low=0, high=1),
    Param("alerted", "flag", "only those of an alert; false: only those that raised none"),
)


def events(floor: Floor, asked: Asked) -> Rows:
    """The last version of each event, the last to start first."""
    q, after = asked.query, asked.cursor(int, str)
    found = floor.node.state.page_of_events(
        q["limit"] + 1, None if after is None else (after[0], after[1]), kinds=q["kind"], states=q["state"], vessel_ids=q["vessel"], areas=q["area"],
        box=q["bbox"], since=q["since"], until=q["until"], probability=q["probability"],
        alerted=q["alerted"],
    )  # fmt: skip
    page, words = listed(found.head(q["limit"]), asked.language)
    following = None
    if len(found) > len(page):
        following = cursor_of(at_to_us(page["start_at"][-1]) // US_PER_S, page["event_id"][-1])
    return Rows(page, following, "event_id", words={"words": words})


def event(floor: Floor, asked: Asked) -> One:
    """One event: its last version with its evidence, all versions, who was told of which, the verdict of the rules, and the alerts it is in."""
    name, state = asked.path["event_id"], floor.node.state
    versions = state.event_versions(name)
    if versions.is_empty():
        raise Problem("not_found", what=name[:60])
    rows = [*versions.iter_rows(named=True)]
    words = [in_words(row["reasons"], asked.language) for row in rows]
    last = {**rows[-1], "words": words[-1]}
    verdicts = state.verdicts(event_id=name)
    return One(
        {
            "event": last, "versions": [{k: v for k, v in row.items() if k != "evidence"} | {"words": words[n]} for n, row in enumerate(rows)],
            "told_by": told_by(floor, name),
            "told": [*state.who_was_told(name).iter_rows(named=True)], "verdict": verdicts.row(0, named=True) if len(verdicts) else None,
        },
        features=[point(last, "event_id")],
    )  # fmt: skip


def listed(found: pl.DataFrame, language: str) -> tuple[pl.DataFrame, list[list[str]]]:
    """Events without their evidence, and their reasons in words."""
    rows = found.with_columns(evidence_reports=pl.col("evidence").list.len()).select(EVENTS_LISTED.schema.names())
    return rows, [in_words(reasons, language) for reasons in rows["reasons"].to_list()]


def in_words(reasons: Sequence[dict[str, Any]], language: str) -> list[str]:
    """Reasons of an event as sentences."""
    told = []
    for reason in reasons:
        of = parts(reason["code"], tuple(v["name"] for v in reason["values"]), language)
        told.append(said(of, rounded(of, [v["value"] for v in reason["values"]]), language))
    return told
