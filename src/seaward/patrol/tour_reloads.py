"""Visits by vehicles that come home in between, rest, refuel and go again whenever that is best: through PyVRP (`pip install seaward[patrol]`).

PyVRP empties what a vehicle carries when it reloads, and knows no limit of one trip. So each visit is given a load, its share of the trip that it was
found in, with the limit of a trip as capacity; trips are measured, loads mended, and it is asked again. What is too long after all loses visits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seaward.core.errors import ParameterError
from seaward.patrol.tours import Timed, Visits, timed

_FINE = 1_000_000  # whole units that the longest time is told in
_PRIZES = 1_000_000  # whole units that a mean prize is told in: a way must not outweigh a visit
_FAR = 1 << 40
ASKED = 6  # times that PyVRP is asked, with loads mended between; ours
Trip = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sorties:
    """The trips of each vehicle, in order; the first begins at its start, the others at its end; who is away has a first trip, if an empty one."""

    trips: tuple[tuple[Trip, ...], ...]
    prize: float
    rounds: int


def sorties_timed(v: Visits, rest: NDArray[np.float64], out: NDArray[np.float64], vehicle: int, trips: Sequence[Trip]) -> list[Timed] | None:
    """When the trips of a vehicle take place, each as soon as it can; None where one breaks a limit or a window.

    Parameters
    ----------
    v
        `ready` and `due` of a vehicle hold all its trips, `limit` holds each.
    rest
        Between trips, shape (m,).
    out
        How long each vehicle has been out already, shape (m,): its first trip is so much shorter.
    """
    found, ready = list[Timed](), float(v.ready[vehicle])
    for k, trip in enumerate(trips):
        start = v.start if k == 0 else v.end
        limit = v.limit - out if k == 0 else v.limit
        when = timed(replace(v, start=start, ready=np.where(np.arange(len(v.ready)) == vehicle, ready, v.ready), limit=limit), vehicle, trip)
        if when is None:
            return None
        found.append(when)
        ready = when.back + float(rest[vehicle])
    return found


def vrp_sorties(
    v: Visits, rest: NDArray[np.float64], out: NDArray[np.float64], seed: int, stop: Callable[[], Any], asked: int = ASKED
) -> Sorties:  # fmt: skip
    """Trips by PyVRP, with returns to the base between.

    Parameters
    ----------
    v, rest, out
        As in `sorties_timed`.
    seed
        Of its choices.
    stop
        Makes a stopping criterion of PyVRP, as `lambda: pyvrp.stop.MaxIterations(2000)`; one for each time it is asked.
    asked
        How often it is asked.

    Returns
    -------
    The best trips; each keeps its limits and windows.

    Raises
    ------
    ParameterError
        If PyVRP is not installed.

    Limits
    ------
    No bound. Between two trips a vehicle leaves again from its base as soon as it has rested, or later where a window opens later.
    """
    try:
        import pyvrp  # noqa: PLC0415 - optional
    except ImportError as e:
        raise ParameterError("PyVRP is not installed: `pip install seaward[patrol]`, or leave the choice to the search of seaward") from e
    depots = {int(x) for x in (*v.start, *v.end)}
    who = [x for x in range(len(v.prize)) if v.prize[x] > 0 and x not in depots and v.may[:, x].any()]
    best, rounds = Sorties(tuple(tuple(_tidy(v, a, ())) for a in range(len(v.pace))), 0.0, 0), 0
    if not who:
        return best
    load = _first_loads(v)
    for k in range(asked):
        data = _problem(pyvrp, v, rest, out, who, load)
        found = pyvrp.solve(data, stop=stop(), seed=seed + k, display=False)
        rounds += int(found.num_iterations)
        trips: list[list[Trip]] = [[] for _ in v.pace]
        for route in found.best.routes():
            trips[route.vehicle_type()] = _trips_of(route, who)
        for a, own in enumerate(trips):
            for number, trip in enumerate(own):
                load = _mended(v, a, number, trip, load)
        kept = _filled(v, rest, out, who, [_shortened(v, rest, out, a, own) for a, own in enumerate(trips)])
        prize = float(sum(v.prize[list(t)].sum() for own in kept for t in own))
        if prize > best.prize:
            best = Sorties(tuple(tuple(own) for own in kept), prize, rounds)
    return replace(best, rounds=rounds)


def _trips_of(route: Any, who: Sequence[int]) -> list[Trip]:
    """Clients between depots; the first trip, from where the vehicle is, also where it is empty."""
    trips: list[list[int]] = []
    for step in route:
        if step.is_client():
            trips[-1].append(who[step.idx])
        else:
            trips.append([])
    return [tuple(t) for t in trips[:-1]]


def _tidy(v: Visits, vehicle: int, trips: Sequence[Trip]) -> list[Trip]:
    """Without empty trips, but for the way home of a vehicle that is not there."""
    away = v.start[vehicle] != v.end[vehicle]
    return [t for k, t in enumerate(trips or ((),)) if t or (away and k == 0)]


def _first_loads(v: Visits) -> NDArray[np.float64]:
    """Of each visit: what it takes, and the way from the nearest other place."""
    near = v.travel.min(axis=0) + np.where(np.eye(len(v.prize)) > 0, np.inf, 0.0)
    way = near.min(axis=0)
    return v.service + np.where(np.isfinite(way), way, 0.0)


def _mended(v: Visits, vehicle: int, number: int, trip: Trip, load: NDArray[np.float64]) -> NDArray[np.float64]:
    """Loads of visits by what they take of the trip they are in; together they make its length."""
    travel = v.travel[v.pace[vehicle]]
    stops = [int((v.start if number == 0 else v.end)[vehicle]), *trip, int(v.end[vehicle])]
    ways = [float(travel[p, q]) for p, q in pairwise(stops)]
    load = load.copy()
    for k, x in enumerate(trip):
        load[x] = v.service[x] + ways[k] * (1.0 if k == 0 else 0.5) + ways[k + 1] * (1.0 if k == len(trip) - 1 else 0.5)
    return load


def _problem(pyvrp: Any, v: Visits, rest: NDArray[np.float64], out: NDArray[np.float64], who: Sequence[int], load: NDArray[np.float64]) -> Any:
    """The same as PyVRP understands it: nodes as locations; a base has a second depot for each vehicle, where it rests before it goes again."""
    m, fine = len(v.pace), _FINE / max(float((v.due - v.ready).max()), 1e-9)
    unit = _PRIZES / max(float(v.prize[list(who)].mean()), 1e-12)

    def whole(t: float, up: bool = True) -> int:
        return int(np.clip(np.ceil(t * fine - 1e-6) if up else np.floor(t * fine + 1e-6), 0, _FAR))

    def latest(x: int) -> int:  # not before it opens: a window shorter than a unit, or the whole of none, is judged in hours afterwards
        return max(whole(float(v.opens[x])), whole(float(min(v.closes[x], v.due.max())), False))

    nodes = [*sorted({int(x) for x in (*v.start, *v.end)}), *who]
    at = {x: k for k, x in enumerate(nodes)}
    depots = [pyvrp.Depot(at[int(v.start[k])]) for k in range(m)] + [pyvrp.Depot(at[int(v.end[k])]) for k in range(m)]
    depots += [pyvrp.Depot(at[int(v.end[k])], service_duration=whole(float(rest[k]))) for k in range(m)]
    clients = [
        pyvrp.Client(
            at[x], pickup=[whole(float(load[x]))], service_duration=whole(float(v.service[x])), tw_early=whole(float(v.opens[x])),
            tw_late=latest(x), prize=max(1, int(v.prize[x] * unit)), required=False,
        )
        for x in who
    ]  # fmt: skip
    ways, types = [], []
    for k in range(m):
        with np.errstate(invalid="ignore"):
            way = np.minimum(np.where(np.isfinite(v.travel[v.pace[k]]), np.ceil(v.travel[v.pace[k]] * fine - 1e-6), _FAR), _FAR).astype(np.int64)
        barred = np.array([not v.may[k, x] and x in who for x in range(len(v.prize))])
        way[:, barred] = way[barred] = _FAR
        np.fill_diagonal(way, 0)
        ways.append(way[np.ix_(nodes, nodes)])
        early, late, most = float(v.ready[k]), float(v.due[k]), whole(float(v.limit[k]), False)
        types.append(
            pyvrp.VehicleType(
                1, capacity=[most], start_depot=k, end_depot=m + k, tw_early=whole(early), tw_late=whole(late, False),
                initial_load=[min(most, whole(float(out[k])))], unit_distance_cost=1, profile=k, reload_depots=[2 * m + k],
            )
        )  # fmt: skip
    return pyvrp.ProblemData([pyvrp.Location(0, 0) for _ in nodes], clients, depots, types, ways, ways)


def _shortened(v: Visits, rest: NDArray[np.float64], out: NDArray[np.float64], vehicle: int, trips: list[Trip]) -> list[Trip]:
    """Without the visits worth least of the first trip that is too long or too late, until all hold."""
    kept = _tidy(v, vehicle, [tuple(x for x in t if v.may[vehicle, x]) for t in trips])
    while any(kept) and sorties_timed(v, rest, out, vehicle, kept) is None:
        bad = next(k for k in range(len(kept)) if kept[k] and sorties_timed(v, rest, out, vehicle, kept[: k + 1]) is None)
        worst = min(kept[bad], key=lambda x: (float(v.prize[x]), x))
        kept[bad] = tuple(x for x in kept[bad] if x != worst)
        kept = _tidy(v, vehicle, kept)
    return kept


def _filled(v: Visits, rest: NDArray[np.float64], out: NDArray[np.float64], who: Sequence[int], trips: list[list[Trip]]) -> list[list[Trip]]:
    """With what is left put where it fits, the worthiest first, also into a trip of its own at the end."""
    there = {x for own in trips for t in own for x in t}
    for x in sorted((x for x in who if x not in there), key=lambda x: (-float(v.prize[x]), x)):
        for a, own in enumerate(trips):
            if not v.may[a, x]:
                continue
            ways = [[*own[:k], (*t[:p], x, *t[p:]), *own[k + 1 :]] for k, t in enumerate(own) for p in range(len(t) + 1)]
            fits = [w for w in [*ways, [*own, (x,)]] if sorties_timed(v, rest, out, a, w) is not None]
            if fits:
                trips[a] = min(fits, key=lambda w: sum(t.back - t.depart for t in sorties_timed(v, rest, out, a, w) or ()))
                break
    return trips
