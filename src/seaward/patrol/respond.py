"""A plan being sailed and an alert -> who meets which target, where and when, and what the others do from now on; what was sailed stays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seaward.chart.sea_grid import SeaGrid
from seaward.patrol.cells import field_from
from seaward.patrol.coverage import Effort, plan_routes
from seaward.patrol.fleet import Fleet, Group
from seaward.patrol.held import Held, State, held_of, is_called_off, must_turn, state_of, when_ready
from seaward.patrol.intercept import Hunter, Meeting, choose, meetings
from seaward.patrol.lattice import Lattice, Start
from seaward.patrol.looked import looked_at
from seaward.patrol.problem import Problem
from seaward.patrol.routes import Path, cover_of
from seaward.patrol.take_up import SPARE_H, after, is_home_by, known_step, resume, takes_up, way_h
from seaward.patrol.targets import Target, cloud_of
from seaward.patrol.voyage import Leg, asset_legs, joined, length_nm, part_of, way_of

AT_TARGET_H = 1.0  # beside a target that was met; boarding times are for each nation to set
REPLAN = Effort(24, 6)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What is to be done."""

    meetings: tuple[Meeting, ...]  # chosen; hunters are numbers of assets
    considered: tuple[Meeting, ...]  # all that were compared
    unmet: tuple[str, ...]  # targets nobody can meet
    paths: tuple[Path, ...]  # routes as they now are; of those sent to meet, from where they take up patrol again
    legs: tuple[Leg, ...]
    value: float  # acts expected to be met by patrol from now on
    before: float  # the same, had nobody been sent


def respond(
    problem: Problem, paths: Sequence[Path], legs: Sequence[Leg], weight: NDArray[np.float64], targets: Sequence[Target], now_h: float,
    within_h: float, seed: int, held: Mapping[str, Held] | None = None, effort: Effort = REPLAN,
) -> Answer:  # fmt: skip
    """Answer an alert.

    Parameters
    ----------
    problem
        Of the plan.
    paths, legs
        The plan as it is sailed, or as an earlier answer left it; by asset.
    weight
        What pots held when the plan began, shape (pots,).
    targets
        To be met; their fixes lie before now.
    now_h
        Since the plan begins.
    within_h
        From now, in which targets are to be met.
    seed
        Of the targets' possible ways.
    held
        What is known of assets beyond the plan, by id.
    effort
        For the assets that go on patrolling.

    Returns
    -------
    The answer.

    Limits
    ------
    Those of `intercept.meetings`. A step that an asset is in is sailed to its end before it is sent elsewhere on patrol, but not before a meeting.
    Who was sent by an earlier answer, and is not sent elsewhere now, ends that task first; who still lies in port and could not end it in time,
    by what is told of it now, stays.
    """
    held = {i: replace(h, leaves_h=None) if (h.leaves_h or 0.0) >= problem.hours else h for i, h in (held or {}).items()}
    until_h = min(problem.hours, now_h + within_h)
    states = [state_of(problem, k, legs, now_h, held_of(problem, k, held)) for k in range(len(problem.assets))]
    hunters, numbers = _hunters(problem, states, held, now_h)
    grid = problem.cells.grid
    clouds = [cloud_of(t, grid, until_h, seed + k) for k, t in enumerate(targets)]
    found = [_numbered(m, numbers) for m in meetings(hunters, clouds, now_h, until_h)]
    leaves = {k: h.leaves_h for h, k in zip(hunters, numbers, strict=True)}
    chosen = choose(found, clouds)
    possible = found
    while late := [m for m in chosen if not _comes_home(problem, states, leaves, m)]:
        possible = [m for m in possible if m not in late]  # fields of distance round; the way itself is what counts
        chosen = choose(possible, clouds)
    sent = {m.hunter: m for m in chosen} | {m.watcher.hunter: m.watcher for m in chosen if m.watcher}
    stays = {m.watcher.hunter: m for m in chosen if m.watcher}
    return _go_on(problem, paths, legs, weight, now_h, states, chosen, found, sent, stays, targets, effort, seed, held, leaves)


def _comes_home(problem: Problem, states: list[State], leaves: Mapping[int, float], m: Meeting) -> bool:
    """Whether who meets, and who watches, can be back in time."""
    out_h, back_h = way_h(problem, m.hunter, states[m.hunter].place, m.place), way_h(problem, m.hunter, m.place)
    comes = states[m.hunter].ready_h + out_h + back_h + SPARE_H <= leaves[m.hunter]
    return comes and (m.watcher is None or _comes_home(problem, states, leaves, m.watcher))


def _go_on(
    problem: Problem, paths: Sequence[Path], legs: Sequence[Leg], weight: NDArray[np.float64], now_h: float, states: list[State],
    chosen: list[Meeting], found: list[Meeting], sent: dict[int, Meeting], stays: dict[int, Meeting], targets: Sequence[Target],
    effort: Effort, seed: int, held: Mapping[str, Held], leaves: Mapping[int, float],
) -> Answer:  # fmt: skip
    """Legs of those sent, new routes of all others."""
    member = problem.fleet.member
    groups, begin, own, seen = [], list[Path](), dict[int, list[Leg]](), np.zeros(problem.fleet.pots)
    fixed, anew, known = [], list[int](), dict[int, int]()  # whose routes no longer hold; steps up to which routes stay
    for k, path in enumerate(paths):
        x = problem.fleet.groups[member[k]].lattice
        asset = problem.assets[k].id
        known_of = held_of(problem, k, held)
        start = None
        if k in sent:
            own[k], start = _task(problem, k, states[k], sent[k], stays.get(k), now_h, leaves[k], known_of.leaves_h)
        elif states[k].is_elsewhere and len(path) and must_turn(problem, k, legs, states[k], known_of, now_h):
            free = takes_up(problem, k, states[k].place, now_h, states[k].left_h or 0.0, known_of.leaves_h)
            own[k], start = [], when_ready(free, x, known_of)
        elif states[k].left_h is None and not known_of.out and is_called_off(asset, legs, known_of, now_h):
            own[k], start = [], Start(x.cells, min(math.ceil(states[k].ready_h / x.step_h - 1e-9), x.steps))
        if start is not None:
            seen += looked_at(problem, asset, legs, now_h)
            groups.append(Group(x, start, 1))
            begin.append(np.empty(0, np.int32))
            if k not in sent:
                anew.append(k)
            continue
        if not len(path):  # on its way home since an earlier answer
            seen += looked_at(problem, asset, legs, problem.hours)
            groups.append(Group(x, Start(x.cells, x.steps), 1))
            begin.append(path)
            fixed.append(k)
            continue
        step = known_step(path, math.ceil(now_h / x.step_h - 1e-9))
        if path[step] == x.cells:
            step = _rested(path, step, x.cells, x.rest)
        seen += looked_at(problem, asset, legs, step * x.step_h)
        start = Start(int(path[step]), step, _age(path, step, x, asset, legs))
        ready = start if known_of.out else when_ready(start, x, known_of)
        rest = path.copy()
        rest[:step] = -1
        known[k] = step
        if known_of.out:
            fixed.append(k)
        elif ready != start or not (known_of.leaves_h is None or is_home_by(x, rest, known_of.leaves_h)):
            anew.append(k)
            rest = np.empty(0, np.int32)
        groups.append(Group(x, ready, 1))
        begin.append(rest)
    fleet = Fleet(tuple(groups), problem.fleet.pots)
    left = weight * np.exp(-seen)
    before = _value(problem, paths, left, now_h)
    for k in [*sent, *anew]:  # they take up patrol again where they are, the others as they were
        cover = fleet.covers(begin).sum(axis=0)
        begin[k] = resume(fleet, k, left * np.exp(-cover), effort.width, held_of(problem, k, held).leaves_h)
    fixed += [k for k in range(len(paths)) if held_of(problem, k, held).leaves_h is not None and k not in fixed]  # else bettered past that hour
    plan = plan_routes(fleet, left, seed, effort, None, begin, fixed)
    new_legs: list[Leg] = []
    whole: list[Path] = []
    remaining = left * np.exp(-plan.cover)
    for k, path in enumerate(plan.paths):
        x = problem.fleet.groups[member[k]].lattice
        if k in own:
            here, at_h = (own[k][-1].way[-1], own[k][-1].end_h) if own[k] else (states[k].place, now_h)
            whole_path, rest_legs = after(problem, k, path, here, at_h, remaining)
            new_legs += joined([*_cut(problem, k, legs, now_h), *own[k], *rest_legs])
            whole.append(whole_path)
        elif not len(paths[k]):
            whole.append(path)
            new_legs += [leg for leg in legs if leg.asset == problem.assets[k].id]
        else:
            step = groups[k].start.step
            whole_path = path.copy()
            whole_path[: known[k] + 1] = paths[k][: known[k] + 1]
            whole_path[known[k] + 1 : step + 1] = x.cells  # in port until it is ready
            whole.append(whole_path)
            first_h = float(np.argmax(whole_path >= 0)) * x.step_h  # what an earlier answer ordered before that stays
            ordered = [leg for leg in legs if leg.asset == problem.assets[k].id and leg.start_h < first_h - 1e-9]
            if ordered and ordered[-1].task == "port":  # in port since before that step, and longer
                ordered[-1] = replace(ordered[-1], end_h=min(ordered[-1].end_h, first_h))
            new_legs += joined([*ordered, *asset_legs(problem, k, member[k], whole_path, remaining)])
    unmet = tuple(t.id for t in targets if t.id not in {m.target for m in chosen})
    return Answer(tuple(chosen), tuple(found), unmet, tuple(whole), tuple(new_legs), plan.value, before)


def _hunters(problem: Problem, states: list[State], held: Mapping[str, Held], now_h: float) -> tuple[list[Hunter], list[int]]:
    state = problem.asked.horizon["sea_state"]
    hunters, numbers = [], []
    for k, (a, s) in enumerate(zip(problem.assets, states, strict=True)):
        h = held_of(problem, k, held)
        if h.out or not (a.boards or a.tracks):
            continue
        grid = problem.waters[problem.fleet.member[k]].grid
        leaves = min(
            problem.hours, (s.ready_h if s.left_h is None else s.left_h) + a.sortie_h(state)[0], math.inf if h.leaves_h is None else h.leaves_h
        )
        sweep = (a.sweep_day_nm + a.sweep_night_nm) / 2
        home = None if a.flies else field_from(grid, a.base)
        hunters.append(Hunter(a, s.place, max(now_h, s.ready_h), leaves, a.speed_in(state), sweep, grid, home))
        numbers.append(k)
    return hunters, numbers


def _numbered(m: Meeting, numbers: list[int]) -> Meeting:
    watcher = None if m.watcher is None else replace(m.watcher, hunter=numbers[m.watcher.hunter])
    return replace(m, hunter=numbers[m.hunter], watcher=watcher)


def _rested(path: Path, step: int, port: int, rest: int) -> int:
    """The step from which an asset in port may leave again: once it has rested, or when its route has it leave, which counts what came before."""
    came = leaves = step
    while came > 0 and path[came - 1] == port:
        came -= 1
    while leaves + 1 < len(path) and path[leaves + 1] == port:
        leaves += 1
    return min(leaves, max(step, came + rest)) if came > 0 else step


def _age(path: Path, step: int, x: Lattice, asset: str, legs: Sequence[Leg]) -> int:
    """Steps since port; where an earlier answer cut the route, told by the legs."""
    if path[step] == x.cells:
        return 0
    before = np.flatnonzero(path[: step + 1] == x.cells)
    if len(before):
        return step - int(before[-1])
    left_h = max((leg.end_h for leg in legs if leg.asset == asset and leg.task == "port" and leg.end_h <= step * x.step_h), default=0.0)
    return math.ceil(step - left_h / x.step_h - 1e-9)


def _task(
    problem: Problem, k: int, s: State, m: Meeting, chain: Meeting | None, now_h: float, leaves_h: float, home_by_h: float | None
) -> tuple[list[Leg], Start]:  # fmt: skip
    """Legs of an asset that is sent: out to the place, there; and where it may take up patrol again: near there, or from port once it has rested."""
    a = problem.assets[k]
    speed = a.speed_in(problem.asked.horizon["sea_state"])
    grid: SeaGrid = problem.waters[problem.fleet.member[k]].grid
    way = way_of(grid, s.place, m.place, a.flies)
    ready = max(now_h, s.ready_h)
    arrive = ready + length_nm(way) / speed
    left = ready if s.left_h is None else s.left_h
    done = chain.meet_h if chain else m.meet_h + (AT_TARGET_H if m.watcher else 0.0)  # a watcher stays until the other has come, if it can
    until = max(arrive, min(max(m.until_h, done), leaves_h - SPARE_H - way_h(problem, k, m.place)))
    legs = []
    if s.left_h is None and ready > now_h:
        legs.append(Leg(a.id, a.nation, "port", now_h, ready, (a.base,), 0.0))
    legs.append(Leg(a.id, a.nation, "transit", ready, arrive, way, speed, target=m.target))
    if until > arrive:
        legs.append(Leg(a.id, a.nation, "track" if chain else "intercept", arrive, until, (way[-1],), 0.0, target=m.target))
    return legs, takes_up(problem, k, way[-1], until, left, home_by_h)


def _cut(problem: Problem, k: int, legs: Sequence[Leg], now_h: float) -> list[Leg]:
    """Legs of an asset up to now."""
    kept = []
    for leg in legs:
        if leg.asset != problem.assets[k].id or leg.start_h >= now_h:
            continue
        if leg.end_h <= now_h:
            kept.append(leg)
            continue
        share = (now_h - leg.start_h) / (leg.end_h - leg.start_h)
        way = part_of(leg.way, share)
        kept.append(replace(leg, end_h=now_h, way=way, cover=leg.cover * share, worth=leg.worth * share))
    return kept


def _value(problem: Problem, paths: Sequence[Path], left: NDArray[np.float64], now_h: float) -> float:
    """What the old plan would still have met from now on."""
    cover = np.zeros(problem.fleet.pots)
    for k, path in zip(problem.fleet.member, paths, strict=True):
        x = problem.fleet.groups[k].lattice
        if not len(path):
            continue
        rest = path.copy()
        rest[: known_step(path, math.ceil(now_h / x.step_h - 1e-9))] = -1
        pots, z = cover_of(x, rest)
        np.add.at(cover, pots, z)
    return float(left @ -np.expm1(-cover))
