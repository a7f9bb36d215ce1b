"""Reports and what is taken as known -> the event again, by the shipped code: what makes a pack, and what checks it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

import polars as pl

from seaward.behaviours import BEHAVIOURS
from seaward.behaviours.area import in_areas
from seaward.behaviours.behaviour import Behaviour, Context
from seaward.chart.shore import inland_m, shore_m
from seaward.core.errors import EvidenceError, ParameterError
from seaward.picture.positions import PictureParams, build_positions
from seaward.proof.known import Known

Row = dict[str, Any]
SAME = 1e-6  # two numbers are one if they differ by less, or by less of themselves: other processors round otherwise; ours
_COMPARED = ("realm", "event_id", "kind", "vessel_ids", "start_at", "end_at", "state", "lon_deg", "lat_deg", "probability", "reasons", "areas",
             "evidence", "method")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """By what an event is found: the behaviour with its parameters, those of the picture, and the moment up to which events are judged.

    `heard_until`: later reports were left out, as not yet received; None where nothing was.
    """

    behaviour: Behaviour
    params: Any
    picture: PictureParams
    as_of: datetime
    heard_until: datetime | None

    def said(self) -> Row:
        """As `parameters.json` says it."""
        b = self.behaviour
        return {
            "kind": b.kind, "method": b.method, "source": b.source, "as_of": self.as_of.astimezone(UTC).isoformat(),
            "heard_until": None if self.heard_until is None else self.heard_until.astimezone(UTC).isoformat(),
            "behaviour": asdict(self.params), "picture": asdict(self.picture), "lookback_s": b.lookback_s,
        }  # fmt: skip

    @staticmethod
    def of(said: Row) -> Rule:
        """The rule that `parameters.json` says.

        Raises
        ------
        EvidenceError
            If this program has no such behaviour in that version, or a parameter it does not know.
        """
        try:
            behaviour = behaviour_of(str(said["kind"]), str(said["method"]))
            params, picture = filled(behaviour.params, said["behaviour"]), filled(PictureParams(), said["picture"])
            as_of, heard = (None if said[k] is None else _aware(said[k]) for k in ("as_of", "heard_until"))
        except (KeyError, TypeError, ValueError, ParameterError) as e:
            raise EvidenceError(f"parameters.json: it does not say what it has to ({e})") from e
        if as_of is None:
            raise EvidenceError("parameters.json: as_of is not said")
        return Rule(behaviour, params, picture, as_of, heard)


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return at


def behaviour_of(kind: str, method: str) -> Behaviour:
    """The behaviour of this program that finds such events; EvidenceError where it is of another version."""
    found = next((b for b in BEHAVIOURS if b.kind == kind), None)
    if found is None or found.method != method:
        has = "has no such behaviour" if found is None else f"has {found.method}"
        raise EvidenceError(f"the event was found by {method}, and this version of Seaward {has}; use the version that found it")
    return found


def filled(default: Any, said: Row) -> Any:
    """Parameters of the kind of `default` with the values said."""
    names = {f.name for f in fields(default)}
    if unknown := sorted(set(said) ^ names):
        raise ValueError(f"parameters {', '.join(unknown)} are not known, or not said")
    return type(default)(**{k: tuple(v) if isinstance(v, list) else v for k, v in said.items()})


def derived(reports: pl.DataFrame, known: Known, rule: Rule) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find events of the rule's kind in reports.

    Parameters
    ----------
    reports
        REPORTS of whole identities, of one realm.
    known
        What else the behaviour may know.
    rule
        By what.

    Returns
    -------
    EVENTS and POSITIONS.
    """
    positions = build_positions(heard(reports, rule.heard_until), rule.picture).positions
    context = Context(shore_m=shore_m, hearing=known.hearing, areas=known.areas, inland_m=inland_m, places=known.places, vessels=known.vessels,
                      detections=known.detections)  # fmt: skip
    return in_areas(rule.behaviour.find(positions, context, rule.params, rule.as_of), context), positions


def heard(reports: pl.DataFrame, until: datetime | None) -> pl.DataFrame:
    """Reports that were received by a moment, as `watch` leaves the others out."""
    if until is None:
        return reports
    return reports.filter((pl.coalesce("received_at", "reported_at") <= until).fill_null(True))


def the_event(events: pl.DataFrame, event_id: str) -> Row | None:
    """The row of an event, with its names as texts."""
    found = events.filter(pl.col("event_id") == event_id)
    return found.with_columns(pl.col("realm", "state").cast(pl.String)).row(0, named=True) if len(found) else None


def differences(said: Row, found: Row | None) -> list[str]:
    """Which fields of an event that is said differ from those found, in words; nothing where it is the same."""
    if found is None:
        return ["the event is not found"]
    return [f"{name}: {_short(said[name])} is said, {_short(found[name])} is found"
            for name in _COMPARED if not _same(_plain(name, said[name]), _plain(name, found[name]))]  # fmt: skip


def _plain(name: str, value: Any) -> Any:
    return "open" if name == "state" and value == "revised" else value  # a version that follows another says so; a run cannot know


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=SAME, abs_tol=SAME)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def _short(value: Any) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text if len(text) <= 120 else text[:117] + "..."
