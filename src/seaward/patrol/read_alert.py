"""An alert file and a plan -> targets, the moment, and what is known of assets; or every mistake at once, with its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seaward.chart.shore import inland_m
from seaward.core.units import NM_M
from seaward.core.whole_file import whole_file
from seaward.patrol.held import Held
from seaward.patrol.keys import ALERT, HELD, TARGET
from seaward.patrol.problem import INLAND_NM, Problem
from seaward.patrol.targets import Target
from seaward.patrol.told import Told

MOST_TARGETS = 20  # at once, as many as the API takes
OLDEST_H = 240.0  # of a last fix: nobody knows after ten days, and the ways it may have gone fill the memory


@dataclass(frozen=True, slots=True, eq=False)
class Alert:
    """What is to be answered."""

    now_h: float
    within_h: float
    seed: int
    targets: tuple[Target, ...]
    held: dict[str, Held]


def read_alert(path: Path, problem: Problem) -> Alert:
    """Read an alert file.

    Raises
    ------
    PlanError
        With every mistake, its line and what to write instead.
    """
    told = Told(path.name, whole_file(path, "name an alert file (TOML)"))
    told.known((*(k.name for k in ALERT), "targets", "assets"))
    root = told.table(ALERT)
    asked = problem.asked

    def hours(at: Any) -> float:
        return (at - asked.start).total_seconds() / 3600.0

    if root["realm"] is not None and root["realm"] != asked.realm:
        told.wrong(("realm",), "alert_realm", said=root["realm"], realm=asked.realm)
    now_h = hours(root["now"]) if root["now"] is not None else 0.0
    if not 0 <= now_h < problem.hours:
        told.wrong(("now",), "now_outside", start=problem.at(0).isoformat(), end=problem.at(problem.hours).isoformat())
    targets, seen = [], dict[str, int]()
    if not told.tables("targets"):
        told.wrong(("targets",), "no_targets")
    if len(told.tables("targets")) > MOST_TARGETS:
        told.wrong(("targets",), "many_targets", n=len(told.tables("targets")), most=MOST_TARGETS)
        told.raise_mistakes()
    for k in range(len(told.tables("targets"))):
        count = len(told.mistakes)
        v = told.table(TARGET, "targets", k)
        if v["at"] is not None and root["now"] is not None and v["at"] > root["now"]:
            told.wrong(("targets", k, "at"), "target_late", id=v["id"])
        if v["id"] in seen:
            told.wrong(("targets", k, "id"), "id_twice", id=v["id"], first=seen[v["id"]])
        if v["at"] is not None and root["now"] is not None and (root["now"] - v["at"]).total_seconds() > OLDEST_H * 3600:
            told.wrong(("targets", k, "at"), "target_old", id=v["id"], most=OLDEST_H)
        _check_place(told, ("targets", k, "place"), "target", v["id"], v["place"], problem)
        if len(told.mistakes) == count:
            seen[v["id"]] = told.lines.of("targets", k, "id")
            fastest_kn = max(v["max_kn"], v["sog_kn"] or 0.0)
            fix_h, worth = hours(v["at"]), v["worth"]
            targets.append(Target(v["id"], fix_h, v["place"], v["error_nm"], v["sog_kn"], v["cog_deg"], fastest_kn, v["turns_h"], worth))
    held: dict[str, Held] = {}
    known = {a.id: a for a in problem.assets}
    for k in range(len(told.tables("assets"))):
        v = told.table(HELD, "assets", k)
        if v["id"] is not None and v["id"] not in known:
            told.wrong(("assets", k, "id"), "unknown_asset", id=v["id"], known=", ".join(known))
        elif v["id"] in held:
            told.wrong(("assets", k, "id"), "asset_twice", id=v["id"])
        elif v["id"] is not None:
            if v["place"] is not None and not v["out"]:
                _check_place(told, ("assets", k, "place"), "held", v["id"], v["place"], problem, known[v["id"]].flies)
            if v["leaves_at"] is not None and root["now"] is not None and v["leaves_at"] <= root["now"]:
                told.wrong(("assets", k, "leaves_at"), "leaves_past", id=v["id"])
            elif v["leaves_at"] is not None and v["ready_at"] is not None and v["ready_at"] >= v["leaves_at"]:
                told.wrong(("assets", k, "ready_at"), "ready_late", id=v["id"])
            leaves_h, ready_h = (None if v[key] is None else hours(v[key]) for key in ("leaves_at", "ready_at"))
            held[v["id"]] = Held(v["place"], leaves_h, ready_h, v["out"])
    told.raise_mistakes()
    return Alert(now_h, root["within_h"], root["seed"], tuple(targets), held)


def _check_place(
    told: Told, path: tuple[str | int, ...], whose: str, name: Any, place: tuple[float, float] | None, problem: Problem, flies: bool = False
) -> None:  # fmt: skip
    """Note a place off the chart of the plan, or on land."""
    if place is None or flies:
        return
    if not problem.cells.grid.contains(*place):
        told.wrong(path, f"{whose}_outside", id=name)
    elif (nm := float(inland_m(*place)) / NM_M) > INLAND_NM:
        told.wrong(path, f"{whose}_on_land", id=name, nm=round(nm))
