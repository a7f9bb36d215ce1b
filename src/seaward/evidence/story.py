"""event.json of a pack -> the event it tells of, its other parts held against each other; what nothing in the pack can show is named."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from seaward.core.errors import EvidenceError
from seaward.core.json_rows import encode, parse
from seaward.core.realm import is_drill
from seaward.core.tables import EVENTS
from seaward.evidence.derivation import Row, differences
from seaward.proof.manifest import MARK, Manifest

SAID_ALONE = ("told", "versions", "window", "given", "account")
"""What rests on the word of the signer: `cli.evidence.alone.<name>` of the catalogue says it to people."""
_TIME = pl.coalesce("reported_at", "received_at")


def event_of(story: Row, manifest: Manifest) -> Row:
    """The event that the pack tells of, as a row of EVENTS; EvidenceError where it is not the one of the manifest."""
    event = _row(story.get("event"), "its event")
    if (event["realm"], event["event_id"], event["version"]) != (manifest.realm, manifest.event_id, manifest.version):
        raise EvidenceError(
            f"event.json: its event is not version {manifest.version} of {manifest.event_id} in {manifest.realm}, as manifest.json says"
        )
    return event


def marked(name: str, said: Row, realm: str) -> None:
    """Refuse a file whose realm, or mark of an exercise, is not that of the pack."""
    if said.get("realm") != realm or said.get("mark") != (MARK if is_drill(realm) else ""):
        raise EvidenceError(f"{name}: its realm or its mark of an exercise is not that of a pack of {realm}")


def held_together(story: Row, found: Row, version: int, reports: pl.DataFrame) -> list[str]:
    """What is said beside the event, as far as it can be held against the event and the reports.

    Parameters
    ----------
    story
        event.json.
    found
        The event as it follows from the bytes.
    version
        That the pack is of.
    reports
        REPORTS that are packed.

    Returns
    -------
    What differs from the version that was told, as the pack says it.

    Raises
    ------
    EvidenceError
        If a part is of another form, or does not fit the others.

    Limits
    ------
    Who was told, when, and what earlier versions said cannot be derived: see `SAID_ALONE`.
    """
    versions = _versions(story.get("versions"), found)
    if version not in versions:
        raise EvidenceError(f"event.json: versions does not hold version {version}, which the pack is of")
    differs = story.get("told_differs")
    if not isinstance(differs, list) or not all(isinstance(d, str) for d in differs):
        raise EvidenceError("event.json: told_differs is no list of texts")
    if {_field(d) for d in differs} != {_field(d) for d in differences(versions[version], found)}:
        raise EvidenceError("event.json: told_differs is not what the version in versions differs in from the event")
    told = story.get("told")
    if not isinstance(told, list):
        raise EvidenceError("event.json: told is no list")
    for n, row in enumerate(told, 1):
        if not isinstance(row, dict) or set(row) != {"whom", "version", "at"} or not isinstance(row["whom"], str) or not row["whom"].strip():
            raise EvidenceError(f"event.json: row {n} of told does not say whom, version and at")
        if type(row["version"]) is not int or row["version"] not in versions:
            raise EvidenceError(f"event.json: row {n} of told is of version {str(row['version'])[:20]}, which is not among the versions")
        if _moment(row["at"], f"row {n} of told") < versions[row["version"]]["start_at"]:
            raise EvidenceError(f"event.json: row {n} of told is from {row['at']}, before the event began")
    _window(story, reports)
    _given(story.get("given"))
    return [*differs]


def _versions(said: Any, found: Row) -> dict[int, Row]:
    if not isinstance(said, list) or not said:
        raise EvidenceError("event.json: versions is no list of the versions of the event")
    versions: dict[int, Row] = {}
    for n, part in enumerate(said, 1):
        if not isinstance(part, dict) or set(part) != {"event", "published_at"}:
            raise EvidenceError(f"event.json: row {n} of versions does not say event and published_at")
        row, at = _row(part["event"], f"row {n} of versions"), part["published_at"]
        if any(row[k] != found[k] for k in ("realm", "event_id", "kind")) or type(row["version"]) is not int:
            raise EvidenceError(f"event.json: row {n} of versions is of another event")
        if row["version"] <= max(versions, default=0):
            raise EvidenceError(f"event.json: row {n} of versions is not later than the one before")
        if at is not None and _moment(at, f"row {n} of versions") < row["start_at"]:
            raise EvidenceError(f"event.json: row {n} of versions was published before the event began")
        versions[row["version"]] = row
    return versions


def _window(story: Row, reports: pl.DataFrame) -> None:
    window, left_out = story.get("window"), story.get("reports_left_out")
    if type(left_out) is not int or left_out < 0:
        raise EvidenceError("event.json: reports_left_out is no number of reports")
    if window is None:
        return
    if not isinstance(window, list) or len(window) != 2:
        raise EvidenceError("event.json: window is no pair of moments")
    since, until = (_moment(t, "window") for t in window)
    if not reports.select(_TIME.is_between(since, until).all()).item():
        raise EvidenceError("event.json: a report lies outside the window")


def _given(said: Any) -> None:
    kinds = {"name": str, "holds": str, "sha256": str}
    if not isinstance(said, list) or not all(isinstance(g, dict) and {k: type(v) for k, v in g.items()} == kinds for g in said):
        raise EvidenceError("event.json: given is no list of files, each with name, holds and sha256")


def _row(said: Any, what: str) -> Row:
    try:
        row = parse(encode(said))
        whole = set(row) == set(EVENTS.schema) and all(row[k].tzinfo is not None for k in ("start_at", "end_at"))
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        raise EvidenceError(f"event.json: {what} does not say what it has to ({e})") from e
    if not whole:
        raise EvidenceError(f"event.json: {what} is no event")
    return row


def _moment(text: Any, what: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        at = datetime.min
    if at.tzinfo is None:
        raise EvidenceError(f"event.json: {what} has {str(text)[:40]!r}, which is no moment with its zone")
    return at


def _field(difference: str) -> str:
    return difference.partition(":")[0]  # the values are shown short, and other processors round otherwise
