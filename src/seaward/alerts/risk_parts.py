"""What is known of one vessel -> the points of each part of its risk, every point with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from seaward.alerts.matching import Vessel
from seaward.alerts.rules import fits
from seaward.core.errors import ParameterError
from seaward.core.mid import FLAGS, is_assigned, is_exercise

DAY_S = 86_400.0


class Part(NamedTuple):
    """Points for one reason: `part` is likelihood, impact or hidden; `code` of the catalogue as `risk.<code>`, with its values."""

    part: str
    code: str
    points: float
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class RiskParams:
    """Points and times; all ours, for want of published ones: a fisheries centre should set its own (Ford and Wilcox 2022 show how)."""

    window_days: float = 365.0  # what happened earlier does not count
    half_life_days: float = 90.0  # an event counts half after so long
    case_half_life_days: float = 365.0
    deed_points: Mapping[str, float] = field(
        default_factory=lambda: {"area": 3.0, "gap": 1.5, "encounter": 1.5, "identity": 1.0, "position": 1.0, "loitering": 0.5}
    )
    most_per_kind: float = 3.0  # a hundred loiterings are no proof
    case_points: float = 4.0
    most_for_cases: float = 6.0
    list_points: float = 5.0
    name_points: float = 2.0  # on a list by name or call sign alone
    lists: tuple[str, ...] = ("iuu*",)  # the watch lists that count; * stands for any letters
    flags: Mapping[str, float] = field(default_factory=dict)  # points by flag (ISO 3166), as the user gives them
    default_probability: float = 0.5  # of an event whose chance is not known
    hours_per_point: float = 24.0  # silent so long: one point of being hard to see

    def __post_init__(self) -> None:
        for name in ("window_days", "half_life_days", "case_half_life_days", "hours_per_point"):
            if not 0 < getattr(self, name) <= 36_500:
                raise ParameterError(f"{name} is {getattr(self, name)}; it must be above 0 and at most 36500")
        if not 0 <= self.default_probability <= 1:
            raise ParameterError(f"default_probability is {self.default_probability}; it must be from 0 to 1")
        for flag, points in self.flags.items():
            if flag not in FLAGS.values() or not 0 <= points <= 9:
                raise ParameterError(f"the flag {flag!r} has {points} points; give ISO 3166 codes such as PE, and points from 0 to 9")


_LENGTHS = ((70.0, 4.0), (45.0, 3.0), (24.0, 2.0), (15.0, 1.0))  # from so long on [m], so many points; ours. 24 and 45 m divide fleets in fisheries
_BY_CLASS = {"fishing": 1.0, "cargo": 2.0, "tanker": 2.0}  # what carries the catch or fuel of many does more harm than one boat; ours


def parts_of(
    vessel: Vessel, events: Sequence[Mapping[str, Any]], cases: Sequence[Mapping[str, Any]], as_of: datetime, params: RiskParams, *, drill: bool
) -> list[Part]:
    """All points of a vessel, in a fixed order.

    Parameters
    ----------
    vessel
        What is known of it.
    events
        Rows of EVENTS it took part in, one version each, none withdrawn.
    cases
        Rows of CASES of it that are open or closed.
    as_of
        The moment it is judged at; what began later, or before the window, does not count.
    params
        Points.
    drill
        Whether it is of a drill, where numbers are such as no station has.
    """
    mine = [e for e in events if 0 <= (as_of - e["start_at"]).total_seconds() <= params.window_days * DAY_S]
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for event in sorted(mine, key=lambda e: (e["start_at"], e["event_id"])):
        by_kind.setdefault(event["kind"], []).append(event)
    return [
        *_likelihood(vessel, by_kind, [c for c in cases if c["opened_at"] <= as_of], as_of, params),
        *_impact(vessel, by_kind),
        *_hidden(vessel, by_kind, as_of, params, drill),
    ]


def _likelihood(
    vessel: Vessel, by_kind: Mapping[str, list[Any]], cases: Sequence[Mapping[str, Any]], as_of: datetime, params: RiskParams
) -> list[Part]:
    found = []
    for kind in sorted(params.deed_points):
        if kind in by_kind:
            worth = sum(_chance(e, params) * _fade(e["start_at"], as_of, params.half_life_days) for e in by_kind[kind])
            points = min(params.most_per_kind, params.deed_points[kind] * worth)
            found.append(Part("likelihood", "deeds", points, {"kind": kind, "count": str(len(by_kind[kind])), "days": f"{params.window_days:g}"}))
    if cases:
        worth = sum(_fade(c["opened_at"], as_of, params.case_half_life_days) for c in cases)
        found.append(Part("likelihood", "cases", min(params.most_for_cases, params.case_points * worth), {"count": str(len(cases))}))
    for match in vessel.lists:
        if any(fits(p, match.list) for p in params.lists):
            sure = match.by in ("imo", "mmsi")
            points = params.list_points if sure else params.name_points
            found.append(Part("likelihood", "list" if sure else "list_by_name", points, {"list": match.list, "row": str(match.row)}))
    if vessel.flag is not None and vessel.flag in params.flags:
        found.append(Part("likelihood", "flag", params.flags[vessel.flag], {"flag": vessel.flag}))
    return found


def _impact(vessel: Vessel, by_kind: Mapping[str, list[Any]]) -> list[Part]:
    found = []
    if vessel.length_m is not None:
        if (points := next((p for least, p in _LENGTHS if vessel.length_m >= least), 0.0)) > 0:
            found.append(Part("impact", "length", points, {"length_m": f"{vessel.length_m:.0f}"}))
    else:
        found.append(Part("impact", "length_unknown", 1.0, {}))  # as a vessel of middling length
    if vessel.ship_class in _BY_CLASS:
        found.append(Part("impact", "class", _BY_CLASS[vessel.ship_class], {"ship_class": vessel.ship_class}))
    if inside := sorted({a for e in by_kind.get("area", ()) for a in e["areas"]}):
        found.append(Part("impact", "area", 3.0, {"area": inside[0], "count": str(len(inside))}))
    if "encounter" in by_kind:
        found.append(Part("impact", "encounter", 1.0, {"count": str(len(by_kind["encounter"]))}))
    return found


def _hidden(vessel: Vessel, by_kind: Mapping[str, list[Any]], as_of: datetime, params: RiskParams, drill: bool) -> list[Part]:
    found = []
    silent_h = sum(_chance(e, params) * (min(e["end_at"], as_of) - e["start_at"]).total_seconds() / 3600 for e in by_kind.get("gap", ()))
    if silent_h > 0:
        found.append(Part("hidden", "silent", min(4.0, silent_h / params.hours_per_point), {"hours": f"{silent_h:.0f}"}))
    for kind in ("identity", "position"):
        if kind in by_kind:
            points = min(4.0, 2.0 * sum(_chance(e, params) for e in by_kind[kind]))
            found.append(Part("hidden", kind, points, {"count": str(len(by_kind[kind]))}))
    if vessel.ship_type is None:
        found.append(Part("hidden", "type_unknown", 1.0, {}))
    if vessel.mmsi is None or not (is_assigned(vessel.mmsi) or (drill and is_exercise(vessel.mmsi))):
        found.append(Part("hidden", "number", 2.0, {}))
    return found


def _chance(event: Mapping[str, Any], params: RiskParams) -> float:
    return params.default_probability if event["probability"] is None else float(event["probability"])


def _fade(at: datetime, as_of: datetime, half_life_days: float) -> float:
    """How much of something is left by its age: 1 when new, a half after the half-life."""
    return 0.5 ** (max(0.0, (as_of - at).total_seconds()) / DAY_S / half_life_days)
