"""Traffic of a scenario -> the plan of each of its hulls."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seaward.core.errors import ParameterError
from seaward.drill.chance import generator
from seaward.drill.fishing_fleets import day_fishing, ground
from seaward.drill.harbour_work import harbour_work
from seaward.drill.in_port import anchored, moored, port_calls
from seaward.drill.itinerary import Itinerary
from seaward.drill.lanes import ferry, lane
from seaward.drill.pattern import Member
from seaward.drill.scenario import AIS_CLASSES, Scenario, Traffic
from seaward.drill.waters import Waters

PATTERNS: dict[str, Callable[[Member], Itinerary]] = {
    "lane": lane, "ferry": ferry, "anchored": anchored, "moored": moored, "ground": ground, "day_fishing": day_fishing, "port_calls": port_calls,
    "harbour_work": harbour_work,
}  # fmt: skip
_NEEDS = {
    "lane": ("route",), "ferry": ("route",), "anchored": ("around",), "moored": ("ports",), "ground": ("around",), "day_fishing": ("ports",),
    "port_calls": ("ports",), "harbour_work": ("ports", "around"),
}  # fmt: skip
_GOLDEN = 0.6180339887498949  # multiples of it fill the circle evenly, however many there are


def ids_of(traffic: Traffic) -> list[str]:
    """Ids of the hulls of a traffic."""
    return [f"{traffic.id}/{n + 1}" for n in range(traffic.count)]


def plans_of(scenario: Scenario, traffic: Traffic, waters: Waters, served: Mapping[str, Itinerary]) -> dict[str, Itinerary]:
    """What the hulls of one traffic do.

    Parameters
    ----------
    scenario
        For its seed and clock.
    traffic
        Which.
    waters
        Of the area of the scenario.
    served
        Plans of the hulls that it serves.

    Returns
    -------
    The plan of each hull, by id; begun before the exercise where that tells what goes on when it starts.

    Raises
    ------
    ParameterError
        If the pattern is not known, lacks what it needs, or no way at sea joins its places.
    """
    if traffic.pattern not in PATTERNS:
        raise ParameterError(f"traffic {traffic.id}: no pattern {traffic.pattern!r}; one of {', '.join(PATTERNS)}")
    if not any(getattr(traffic, name) for name in _NEEDS[traffic.pattern]):
        raise ParameterError(f"traffic {traffic.id}: pattern {traffic.pattern} needs {' or '.join(_NEEDS[traffic.pattern])}")
    first = float(generator(scenario.seed, traffic.id, "phase").uniform())
    berths: list[tuple[float, float]] = []
    plans = {}
    for n, who in enumerate(ids_of(traffic)):
        rng = generator(scenario.seed, who, "plan")
        phase = (first + n * _GOLDEN) % 1.0
        member = Member(who, traffic, rng, phase, waters, scenario.clock.start, scenario.clock.length_ms, n, berths, dict(served))
        plans[who] = PATTERNS[traffic.pattern](member)
    return plans


def ais_class_of(seed: int, who: str, traffic: Traffic) -> int:
    """The class of the transmitter of a hull, by the shares of its traffic."""
    total = sum(share for _, share in traffic.ais)
    u = float(generator(seed, who, "ais").uniform()) * total
    for name, share in traffic.ais:
        if u < share:
            return AIS_CLASSES.index(name)
        u -= share
    return AIS_CLASSES.index(traffic.ais[-1][0])
