"""Made-up legs and routes, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from seaward.bridge.marks import route_name, waypoint_name
from seaward.bridge.route import Route, Waypoint, routes_of, stamp

START = datetime(2027, 11, 4, 17, tzinfo=UTC)
TASKS = ("transit", "search", "intercept", "track")


def leg(task: str, start_h: float, end_h: float, *way: tuple[float, float], speed_kn: float = 14.0, asset: str = "opv") -> dict[str, Any]:
    """A leg as in plan.json."""
    at = [stamp(START + timedelta(hours=h)) for h in (start_h, end_h)]
    speed = speed_kn if len(way) > 1 else 0.0
    return {"asset": asset, "nation": "pe", "task": task, "start": at[0], "end": at[1], "way": [list(p) for p in way], "speed_kn": speed,
            "cell": None, "coverage": 0.0, "worth": 0.0, "target": None}  # fmt: skip


CALLAO, OUT, FAR = (-77.2, -12.05), (-78.5, -13.5), (-79.5, -13.5)
LEGS = [
    leg("port", 0, 2, CALLAO),
    leg("transit", 2, 11.5, CALLAO, (-77.325, -12.025), OUT), leg("search", 11.5, 20, OUT),
    leg("transit", 20, 24.2, OUT, FAR), leg("search", 24.2, 30, FAR), leg("track", 30, 31, FAR),
    leg("transit", 31, 43, FAR, CALLAO),
    leg("port", 43, 60, CALLAO),
    leg("transit", 60, 69.5, CALLAO, OUT), leg("search", 69.5, 72, OUT), leg("transit", 72, 81.5, OUT, CALLAO),
    leg("port", 81.5, 96, CALLAO),
]  # fmt: skip


def made_up(realm: str = "ex:small") -> list[Route]:
    """Two sorties."""
    return routes_of(LEGS, realm, "0123456789abcdef")


@st.composite
def routes(draw: st.DrawFn, realms: tuple[str, ...] = ("ops", "ex:small")) -> Route:
    """Any route that a plan could hold."""
    realm = draw(st.sampled_from(realms))
    count = draw(st.integers(2, 12))
    at, points = START + timedelta(seconds=draw(st.integers(0, 10**7))), []
    degrees = st.integers(-899_999_999, 899_999_999)
    for k in range(1, count + 1):
        lat, lon = draw(degrees) / 1e7, draw(st.integers(-1_800_000_000, 1_799_999_999)) / 1e7
        if k == 1:
            points.append(Waypoint(waypoint_name(realm, "port", k), lon, lat, None, at))
            continue
        at += timedelta(seconds=draw(st.integers(1, 200_000)))
        stay = draw(st.sampled_from(("", *TASKS[1:])))
        arrive, leave = at, at + timedelta(seconds=draw(st.integers(1, 90_000)) if stay else 0)
        at = leave
        task = draw(st.sampled_from(TASKS))
        speed, last = draw(st.integers(1, 500_000)) / 1000, k == count
        points.append(Waypoint(
            waypoint_name(realm, stay or task, k), lon, lat, arrive, None if last and not stay else leave, speed, task, stay, draw(st.booleans()),
        ))  # fmt: skip
    sortie = draw(st.integers(1, 99))
    return Route(route_name(realm, "OPV-1", sortie), realm, tuple(points), "OPV-1", "pe", "0123456789abcdef", sortie)
