"""What a plan file asks for, and the chart -> cells, steps and a fleet; and what cannot be done, with the nearest change that makes it possible."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from seaward.chart.shore import inland_m
from seaward.core.sun import sun_elevation_deg
from seaward.core.units import HOUR_S, NM_M, US_PER_S, at_to_us
from seaward.patrol.assets import Asset
from seaward.patrol.cells import Cells, NoCells, Waters, cells_of, waters_of
from seaward.patrol.fleet import Fleet, Group
from seaward.patrol.lattice import Lattice, Reach, Start, lattice_of
from seaward.patrol.mistakes import Mistake, PlanError
from seaward.patrol.obstacles import Obstacle, shut_in, too_short
from seaward.patrol.read_plan import Asked

STEPS_H = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0)
_CROSSES = 1.2  # cells that a step must be able to cross; the slowest ship would not get on otherwise
_LEVELS = 4  # of light, between night and day
_DAYLIGHT_DEG = -0.833  # height of the sun at sunrise: Astronomical Almanac
INLAND_NM = 6.0  # of a base or place from the shore: its raster may take a bay, or a berth 5 km from it, for land; ours


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """All that planning needs."""

    asked: Asked
    cells: Cells
    assets: tuple[Asset, ...]  # that sail, in the order of the fleet
    waters: tuple[Waters, ...]  # by group
    fleet: Fleet
    epochs: int
    obstacles: tuple[Obstacle, ...]

    @property
    def hours(self) -> float:
        return self.asked.horizon["days"] * 24.0

    def at(self, hours: float) -> datetime:
        """Moment of the plan."""
        return self.asked.start + timedelta(hours=hours)

    def hour(self, at: datetime) -> float:
        """Hours since the plan begins."""
        return (at - self.asked.start).total_seconds() / 3600.0


def problem_of(asked: Asked, cells: Cells | None = None) -> Problem:
    """Build it, of the cells given or else of those of the area asked for.

    Raises
    ------
    PlanError
        If a base is not at the sea of the area, or a step too short.
    """
    cells = cells or cells_asked(asked)
    _check_bases(asked, cells)
    epochs = max(1, math.ceil(asked.horizon["days"] * 24.0 / asked.risk["act_h"] - 1e-9))
    kinds: dict[Asset, list[Asset]] = {}
    for asset in asked.assets:
        kinds.setdefault(replace(asset, id="", shows=(), mmsi=None), []).append(asset)
    groups, waters, sailing, obstacles = [], [], list[Asset](), list[Obstacle]()
    ways: dict[tuple[bool, tuple[str, ...], tuple[str, ...]], Waters] = {}
    between: dict[tuple[int, float], NDArray[np.float64]] = {}
    for kind, same in kinds.items():
        key = (kind.flies, kind.only, kind.closed)
        if key not in ways:
            ways[key] = _opened(asked, cells, *key)
        lattice = _lattice(asked, cells, kind, ways[key], between)
        if isinstance(lattice, list):
            obstacles += [replace(o, asset=a.id) for a in same for o in lattice]
            continue
        groups.append(Group(lattice, Start(len(cells)), len(same)))
        waters.append(ways[key])
        sailing += same
    return Problem(asked, cells, tuple(sailing), tuple(waters), Fleet(tuple(groups), len(cells) * epochs), epochs, tuple(obstacles))


def cells_asked(asked: Asked) -> Cells:
    """The cells of the area that a plan file asks for.

    Raises
    ------
    PlanError
        If there is none, with the limit that leaves none.
    """
    a = asked.area
    try:
        return cells_of(a["box"], a["cell_deg"], a["off_nm"] or math.inf, a["least_sea"], [asked.areas[name].shape for name in a["within"]])
    except NoCells as e:
        needs = math.floor(e.needs * 1e4) / 1e4 if e.code == "least_sea" else float(math.ceil(e.needs))
        values = {"has": float(e.has), "needs": needs, "names": ", ".join(a["within"])}
        raise PlanError(asked.name, [Mistake(asked.area_line, f"area_{e.code}", values)]) from e


def _check_bases(asked: Asked, cells: Cells) -> None:
    wrong = []
    for asset in asked.assets:
        line = asked.lines[asset.id]
        if not cells.grid.contains(*asset.base):
            wrong.append(Mistake(line, "base_outside", {"id": asset.id}))
        elif not asset.flies and float(inland_m(*asset.base)) / NM_M > INLAND_NM:
            lon, lat, off_m = cells.grid.to_sea(*asset.base)
            wrong.append(Mistake(line, "base_inland", {"id": asset.id, "nm": round(off_m / NM_M, 1), "lon": f"{lon:.3f}", "lat": f"{lat:.3f}"}))
    if wrong:
        raise PlanError(asked.name, wrong)


def step_of(asked: Asked, cells: Cells, asset: Asset, speed_kn: float) -> float:
    """Length of a step [h] of an asset: the one asked for, else the shortest in which it crosses a cell; a whole number of them makes the horizon."""
    need_h = max(cells.side_nm * (_CROSSES if asset.flies else 1.0) / speed_kn, asked.horizon.get("least_step_h", 0.0))
    said = asked.horizon["step_h"]
    if said is not None and not asset.flies:
        if said < need_h - 1e-9:
            shortest = next((s for s in STEPS_H if s >= need_h), math.ceil(need_h))
            raise PlanError(asked.name, [Mistake(asked.lines.get(asset.id, 1), "step", {"id": asset.id, "said": said, "need": float(shortest)})])
        return said
    return next((s for s in STEPS_H if s >= need_h), float(math.ceil(need_h)))


def _opened(asked: Asked, cells: Cells, flies: bool, only: tuple[str, ...], closed: tuple[str, ...]) -> Waters:
    return waters_of(cells, flies, *([asked.areas[n].shape for n in names] for names in (only, closed)))


def _lattice(
    asked: Asked, cells: Cells, asset: Asset, waters: Waters, between: dict[tuple[int, float], NDArray[np.float64]]
) -> Lattice | list[Obstacle]:  # fmt: skip
    """Its steps, or all that keeps it in port."""
    said = asked.horizon["sea_state"]
    state = min(said, asset.max_sea_state)
    held = [Obstacle(asset.id, "sea_state", asset.max_sea_state, said)] if state < said else []
    speed_kn = asset.speed_in(state)
    named = replace(asset, id=next(i.id for i in asked.assets if replace(i, id="", shows=(), mmsi=None) == asset))
    step_h = step_of(asked, cells, named, speed_kn)
    days = asked.horizon["days"]
    steps = math.floor(days * 24.0 / step_h + 1e-9)
    port_nm = waters.from_nm(*asset.base)
    if not np.isfinite(port_nm).any():
        return [*held, shut_in(asset, waters, lambda only, closed: _opened(asked, cells, asset.flies, only, closed))]
    need_h = 2 * max(1, math.ceil(float(port_nm.min()) / (speed_kn * step_h) - 1e-9)) * step_h
    if held := held + too_short(asset, state, need_h, step_h, days):
        return held
    sortie_h, _ = asset.sortie_h(state)
    key = (id(waters), speed_kn * step_h)
    if key not in between:
        between[key] = waters.between_nm(speed_kn * step_h)
    level, sweeps = _light(asked.start, cells, steps, step_h, asset.sweep_day_nm, asset.sweep_night_nm)
    epoch = (np.arange(steps) * step_h / asked.risk["act_h"] + 1e-9).astype(np.int64)
    reach = Reach(speed_kn, sweeps, sortie_h, asset.rest_h, asset.depart_every_h)
    return lattice_of(reach, step_h, between[key], port_nm, cells.area_nm2, cells.side_nm, level, epoch)


def _light(start: datetime, cells: Cells, steps: int, step_h: float, day_nm: float, night_nm: float) -> tuple[NDArray[np.int64], tuple[float, ...]]:
    """Level of light of each step at the middle of the area, and the sweep width at each level."""
    if day_nm == night_nm:
        return np.zeros(steps, np.int64), (day_nm,)
    lon, lat = float(cells.lon_deg[len(cells) // 2]), float(cells.lat_deg.mean())
    first = at_to_us(start)
    share = []
    for k in range(steps):
        moments = [first + int((k + (m + 0.5) / 6) * step_h * HOUR_S * US_PER_S) for m in range(6)]
        share.append(np.mean([sun_elevation_deg(at, lon, lat) > _DAYLIGHT_DEG for at in moments]))
    level = np.rint(np.array(share) * _LEVELS).astype(np.int64)
    return level, tuple(night_nm + (day_nm - night_nm) * k / _LEVELS for k in range(_LEVELS + 1))


def of_nations(problem: Problem, nations: Sequence[str]) -> Fleet:
    """The fleet of some nations alone."""
    groups, k = [], 0
    for g in problem.fleet.groups:
        count = sum(a.nation in nations for a in problem.assets[k : k + g.count])
        k += g.count
        if count:
            groups.append(Group(g.lattice, g.start, count))
    return Fleet(tuple(groups), problem.fleet.pots)
