"""A folder that `detect` wrote, with the files it read -> an event of it with all its pack needs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from seaward.behaviours.behaviour import Behaviour
from seaward.core.errors import EvidenceError, InputError, ParameterError
from seaward.core.realm import check_realm
from seaward.core.tables import EVENTS
from seaward.core.units import at_to_us
from seaward.evidence.build import Told
from seaward.evidence.derivation import Row, Rule, behaviour_of, filled
from seaward.evidence.gathering import Gathered, gather
from seaward.evidence.givens import GivenFiles
from seaward.evidence.origins import FileOrigin
from seaward.feeds.read import feed_name
from seaward.feeds.source import STDIN
from seaward.given import Given
from seaward.picture.positions import PictureParams
from seaward.watch import Tell, WatchParams

_GEARS = ("gear", "gears")  # parameters that are given in files; a summary only counts them
_LEAST_DIGITS = 8  # of an event's name, where it is given by its beginning


@dataclass(frozen=True, slots=True)
class Case:
    """An event, gathered, with how it was told."""

    gathered: Gathered
    told: Told
    version: int
    given: list[Row]


def from_results(results: Path, event: str, inputs: Sequence[str], given: GivenFiles, column_map: Path | None, tell: Tell) -> Case:
    """Gather an event of a folder of results.

    Parameters
    ----------
    results
        Folder with events.parquet and summary.json.
    event
        Its name, or the beginning of it.
    inputs
        The files that `detect` read, in the same order.
    given
        Files of areas, ports and detections that it was given.
    column_map
        Its column map.
    tell
        Called with a stage and the share of it that is done.

    Raises
    ------
    InputError
        If the folder or a file cannot be read, or the files are not those that were watched.
    EvidenceError
        If the event does not come out of them.
    """
    summary, events = _summary(results), _events(results)
    realm = check_realm(summary.get("realm"))
    row = one_event(events, event, f"{results / 'events.parquet'}")
    origins = _origins(summary, realm, inputs, column_map)
    as_of = _as_of(summary)
    read = given.read(realm, as_of)
    rule, params = ruled(_behaviour(summary, row), _picture(summary), as_of, as_of if _left_out(summary) else None, read.given)
    gathered = gather(origins, row, rule, params, exact=True, tell=tell)
    return Case(gathered, Told([row], [None], []), int(row["version"]), read.named)


def one_event(events: pl.DataFrame, event: str, where: str) -> Row:
    """The one event whose name begins so; InputError where there is none, or several."""
    found = events.filter(pl.col("event_id").str.starts_with(event))
    if len(event) < _LEAST_DIGITS or found["event_id"].n_unique() != 1:
        what = "none" if found.is_empty() else f"{found['event_id'].n_unique()} events"
        raise InputError(f"{where} has {what} with the name {event!r}; give its name, or at least {_LEAST_DIGITS} digits of its beginning")
    return found.with_columns(pl.col("realm", "state").cast(pl.String)).row(-1, named=True)


def _summary(results: Path) -> dict[str, Any]:
    path = results / "summary.json"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(said, dict) and {"realm", "as_of", "inputs", "parameters"} <= said.keys():
            return said
        raise ValueError("it is no summary of detect")
    except (OSError, ValueError) as e:
        raise InputError(f"{path} cannot be read ({e}); name the folder that `seaward detect` wrote") from e


def _events(results: Path) -> pl.DataFrame:
    path = results / "events.parquet"
    try:
        with path.open("rb") as file:
            rows = pl.read_parquet(file)
        return rows.select(pl.col(c).cast(t) for c, t in EVENTS.schema.items())
    except (OSError, pl.exceptions.PolarsError) as e:
        raise InputError(f"{path} cannot be read ({str(e).splitlines()[0]}); name the folder that `seaward detect` wrote") from e


def _origins(summary: dict[str, Any], realm: str, inputs: Sequence[str], column_map: Path | None) -> list[FileOrigin]:
    """The inputs under the names of their feeds, each with the hash that the summary has of it."""
    watched = summary["inputs"]
    if len(inputs) != len(watched):
        named = ", ".join(str(i["name"]) for i in watched)
        raise InputError(f"{len(inputs)} inputs are given, and the results are of {len(watched)} ({named}); give them in that order with --input")
    if STDIN in inputs:
        raise InputError("standard input cannot be read again; give a file with --input")
    start = summary.get("start")
    start_us = None if start is None else at_to_us(datetime.fromisoformat(start))
    names: Counter[str] = Counter()
    found = []
    for path, said in zip(inputs, watched, strict=True):
        name = feed_name(path)
        names[name] += 1
        feed = name if names[name] == 1 else f"{name}#{names[name]}"
        if feed != said["name"] and said["name"] != "stdin":
            raise InputError(f"{path} is given where the results are of {said['name']}; give the inputs in the order of the results")
        found.append(FileOrigin(path, realm, str(said["name"]), start_us, column_map, str(said["sha256"])))
    return found


def ruled(behaviour: Behaviour, picture: PictureParams, as_of: datetime, heard_until: datetime | None, given: Given) -> tuple[Rule, WatchParams]:
    """By what an event was found, with the gears that the watch was given, and the watch that finds it again."""
    params = given.applied(replace(WatchParams(), behaviours=(behaviour,)), asked=False)
    if not params.behaviours:
        raise EvidenceError(f"an event of the kind {behaviour.kind} is found with areas or detections alone; give those that the watch was given")
    with_gears = params.behaviours[0]
    return Rule(with_gears, with_gears.params, picture, as_of, heard_until), params


def _behaviour(summary: dict[str, Any], row: Row) -> Behaviour:
    """The behaviour that found the event, with the parameters that the summary names; gears are given anew."""
    behaviour = behaviour_of(row["kind"], row["method"])
    own = asdict(behaviour.params)
    try:
        said = {k: v for k, v in summary["parameters"][row["kind"]].items() if k in own and k not in _GEARS}
        return replace(behaviour, params=filled(behaviour.params, said | {k: own[k] for k in _GEARS if k in own}))
    except (KeyError, TypeError, ValueError, ParameterError) as e:
        raise EvidenceError(f"the summary does not say by which parameters the event was found ({e})") from e


def _picture(summary: dict[str, Any]) -> PictureParams:
    try:
        return filled(PictureParams(), summary["parameters"]["picture"])
    except (KeyError, TypeError, ValueError, ParameterError) as e:
        raise EvidenceError(f"the summary does not say by which parameters tracks were built ({e})") from e


def _as_of(summary: dict[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(summary["as_of"])
    except (TypeError, ValueError) as e:
        raise EvidenceError(f"the summary does not say up to which moment events were judged ({e})") from e


def _left_out(summary: dict[str, Any]) -> bool:
    """Whether reports were left out as not yet received."""
    return bool(summary.get("left_out", {}).get("after_as_of"))
