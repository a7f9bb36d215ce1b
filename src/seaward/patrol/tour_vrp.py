"""The same visits through PyVRP, an optional dependency (`pip install seaward[patrol]`): a second opinion, and hard windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from seaward.core.errors import ParameterError
from seaward.patrol.tours import Tours, Visits, timed

_FINE = 1_000_000  # whole units that the longest limit is told in
_PRIZES = 1_000_000  # whole units that a mean prize is told in: a way must not outweigh a visit
_FAR = 1 << 40  # longer than any limit


def vrp_tours(v: Visits, seed: int, stop: Any) -> Tours:
    """Tours by PyVRP.

    Parameters
    ----------
    v
        Who may visit what.
    seed
        Of its choices.
    stop
        A stopping criterion of PyVRP, as `pyvrp.stop.MaxIterations(5000)`.

    Returns
    -------
    The best tours, of which each keeps its limits.

    Raises
    ------
    ParameterError
        If PyVRP is not installed, or found nothing that keeps all limits.

    Limits
    ------
    Times are rounded up to a millionth of the longest limit, so that what it finds can be sailed. No bound.
    """
    try:
        import pyvrp  # noqa: PLC0415 - optional
    except ImportError as e:
        raise ParameterError("PyVRP is not installed: `pip install seaward[patrol]`, or leave the choice to the search of seaward") from e
    n, limit = len(v.prize), np.minimum(v.limit, v.due - v.ready)
    fine = _FINE / float(limit.max())
    pace = {int(p): k for k, p in enumerate(np.unique(v.pace))}
    ways = []
    for p in pace:
        with np.errstate(invalid="ignore"):
            ceil = np.where(np.isfinite(v.travel[p]), np.ceil(v.travel[p] * fine - 1e-6), _FAR)
        way = np.minimum(ceil, _FAR).astype(np.int64)
        np.fill_diagonal(way, 0)
        ways.append(way)
    depots = sorted({int(x) for x in (*v.start, *v.end)})
    clients = [x for x in range(n) if v.prize[x] > 0 and x not in depots and v.may[:, x].any()]
    order = [*depots, *clients]
    unit = _PRIZES / max(float(v.prize.mean()), 1e-12)

    def whole(t: float, up: bool) -> int:
        return int(min(np.ceil(t * fine - 1e-6) if up else np.floor(t * fine + 1e-6), _FAR))

    kinds: list[tuple[int, bytes]] = []
    distances = []
    for k in range(len(v.pace)):
        key = (int(v.pace[k]), v.may[k].tobytes())
        if key not in kinds:
            kinds.append(key)
            way = ways[pace[key[0]]].copy()
            barred = ~v.may[k]
            barred[depots] = False
            way[:, barred] = way[barred] = _FAR
            np.fill_diagonal(way, 0)
            distances.append(way[np.ix_(order, order)])
    types = [
        pyvrp.VehicleType(
            1, start_depot=depots.index(int(v.start[k])), end_depot=depots.index(int(v.end[k])), tw_early=whole(float(v.ready[k]), True),
            tw_late=whole(float(v.due[k]), False), shift_duration=whole(float(limit[k]), False), unit_distance_cost=1,
            profile=kinds.index((int(v.pace[k]), v.may[k].tobytes())),
        )
        for k in range(len(v.pace))
    ]  # fmt: skip
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in order],
        [
            pyvrp.Client(
                len(depots) + i, service_duration=whole(float(v.service[x]), True), tw_early=whole(float(v.opens[x]), True),
                tw_late=max(whole(float(v.opens[x]), True), whole(float(v.closes[x]), False)), prize=max(1, int(v.prize[x] * unit)), required=False,
            )
            for i, x in enumerate(clients)
        ],
        [pyvrp.Depot(i) for i in range(len(depots))], types, distances, distances,
    )  # fmt: skip
    found = pyvrp.solve(data, stop=stop, seed=seed, display=False)
    if not found.is_feasible():
        raise ParameterError("PyVRP found no tours that keep all limits; give it more time, or leave the choice to the search of seaward")
    nodes: list[tuple[int, ...]] = [()] * len(v.pace)
    for route in found.best.routes():
        nodes[route.vehicle_type()] = tuple(clients[a.idx] for a in route if a.is_client())
    for k, tour in enumerate(nodes):
        if tour and timed(v, k, tour) is None:
            raise ParameterError("PyVRP says that a tour keeps its limits and it does not; please report the case")
    return Tours(tuple(nodes), float(sum(v.prize[list(t)].sum() for t in nodes)), int(found.num_iterations))
