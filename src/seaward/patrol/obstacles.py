"""An asset that cannot sail -> every constraint that holds it, what it has, and the nearest change that lets it sail."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from seaward.core.units import NM_M
from seaward.patrol.assets import Asset
from seaward.patrol.cells import Waters

MOST_DAYS = 60.0  # that a plan lasts: no endurance beyond it can be asked for
Opened = Callable[[tuple[str, ...], tuple[str, ...]], Waters]  # `only` and `closed` -> where an asset may go


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an asset stays in port: which constraint, what it has, what it would need."""

    asset: str
    constraint: str  # endurance, fuel, horizon, slow, sea_state, waters_none, waters_base, waters_way, no_way
    has: float
    needs: float
    step_h: float = 0.0  # in which ways are counted
    has_t: float = 0.0  # of fuel
    needs_t: float = 0.0
    areas: str = ""  # that hold it, as the plan file names them
    drop: str = ""  # of those, the fewest without which it can sail

    def told(self) -> dict[str, Any]:
        """Ready for JSON, and for the catalogue."""
        return asdict(self)


def too_short(asset: Asset, sea_state: int, need_h: float, step_h: float, days: float) -> list[Obstacle]:
    """Of endurance, fuel and horizon all that do not last for the shortest patrol."""
    steps, speed_kn = math.floor(days * 24.0 / step_h + 1e-9), asset.speed_in(sea_state)
    if need_h > MOST_DAYS * 24.0:
        return [Obstacle(asset.id, "slow", speed_kn, need_h, step_h)]
    burn, found = asset.burns_t_h(speed_kn), list[Obstacle]()
    if math.floor(asset.endurance_h / step_h + 1e-9) * step_h < need_h:
        found.append(Obstacle(asset.id, "endurance", asset.endurance_h, rounded_up(need_h, 10), step_h))
    if asset.fuel_t is not None and burn > 0:
        lasts_h = asset.fuel_t * (1 - asset.reserve) / burn
        if math.floor(lasts_h / step_h + 1e-9) * step_h < need_h:
            found.append(Obstacle(asset.id, "fuel", lasts_h, need_h, step_h, asset.fuel_t, rounded_up(need_h * burn / (1 - asset.reserve), 100)))
    if steps * step_h < need_h:
        found.append(Obstacle(asset.id, "horizon", days, rounded_up(need_h / 24.0, 100), step_h))
    return found


def rounded_up(value: float, parts: int) -> float:
    """Rounded up as far as it is shown: what is named must be enough."""
    return math.ceil(value * parts - 1e-6) / parts


def shut_in(asset: Asset, waters: Waters, opened: Opened) -> Obstacle:
    """Which areas keep an asset from every cell, and the fewest that must go.

    Parameters
    ----------
    asset
        That reaches no cell.
    waters
        Where it may go.
    opened
        Where it might go with other areas.
    """
    parts = _parts(asset)

    def sails(gone: Sequence[tuple[str, tuple[str, ...]]]) -> bool:
        only = () if ("only", asset.only) in gone else asset.only
        closed = tuple(n for n in asset.closed if ("closed", (n,)) not in gone)
        return bool(np.isfinite(opened(only, closed).from_nm(*asset.base)).any())

    if not parts or not sails(parts):
        return Obstacle(asset.id, "no_way", 0.0, 0.0, areas=_named(parts))
    fewest = next(([p] for p in parts if sails([p])), None)
    if fewest is None:
        fewest = list(parts)
        for p in parts:
            if len(fewest) > 1 and sails([q for q in fewest if q != p]):
                fewest.remove(p)
    off_nm = 0.0 if waters.flies or waters.grid.land.all() else waters.grid.to_sea(*asset.base)[2] / NM_M
    kind = "waters_none" if not waters.may.any() else "waters_base" if not waters.leaves_port(*asset.base) else "waters_way"
    return Obstacle(asset.id, kind, off_nm, 0.0, areas=_named(parts), drop=_named(fewest))


def named_areas(asset: Asset) -> str:
    """The areas that hold an asset, as its table has them."""
    return _named(_parts(asset))


def _parts(asset: Asset) -> list[tuple[str, tuple[str, ...]]]:
    return [*(("only", asset.only),) * bool(asset.only), *(("closed", (name,)) for name in asset.closed)]


def _named(parts: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """As a plan file has it."""
    closed = [n for key, names in parts for n in names if key == "closed"]
    only = [n for key, names in parts for n in names if key == "only"]
    return "; ".join(f"{key} = {', '.join(names)}" for key, names in (("only", only), ("closed", closed)) if names)
