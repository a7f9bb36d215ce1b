"""Cells, one kind of asset and a horizon -> where it can be after each step, and how thoroughly it has looked there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Steps of one kind of asset between cells; node number `cells` is its port."""

    step_h: float
    first: NDArray[np.int64]  # of the moves from each cell, and the end; shape (cells + 1,)
    to: NDArray[np.int32]  # cell a move leads to, one step later; shape (moves,)
    cover: NDArray[np.float64]  # coverage z of that cell by a move, by level of light; shape (levels, moves)
    finds: NDArray[np.float64]  # 1 - exp(-cover)
    home: NDArray[np.int64]  # steps between each cell and the port, straight; shape (cells,)
    out_cover: NDArray[np.float64]  # coverage of a cell by the last step of the way out to it; shape (levels, cells)
    out_finds: NDArray[np.float64]
    level: NDArray[np.int64]  # of light in each step; shape (steps,)
    epoch: NDArray[np.int64]  # of each step; shape (steps,)
    departs: NDArray[np.bool_]  # whether the asset may leave port at the beginning of each step; shape (steps,)
    sortie: int  # steps at most from port to port
    rest: int  # steps in port between sorties

    @property
    def steps(self) -> int:
        return len(self.level)

    @property
    def cells(self) -> int:
        return len(self.home)


@dataclass(frozen=True, slots=True)
class Start:
    """Where an asset is when planning begins: a node, the step, and the steps since it left port (0 in port)."""

    node: int
    step: int = 0
    age: int = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """What a lattice needs to know of an asset; checked where it is read."""

    speed_kn: float
    sweep_nm: tuple[float, ...]  # by level of light
    sortie_h: float  # at most from port to port, fuel and endurance together
    rest_h: float
    depart_every_h: float = 0.0  # 0: any step


def lattice_of(
    reach: Reach,
    step_h: float,
    between_nm: NDArray[np.float64],
    from_port_nm: NDArray[np.float64],
    area_nm2: NDArray[np.float64],
    side_nm: float,
    level: NDArray[np.int64],
    epoch: NDArray[np.int64],
) -> Lattice:
    """Build the steps.

    Parameters
    ----------
    reach
        Of the asset.
    step_h
        Length of a step [h].
    between_nm
        Way between cells [nm], infinite where there is none or the asset may not go; shape (cells, cells).
    from_port_nm
        Way from the port [nm], likewise; shape (cells,).
    area_nm2
        Sea of each cell [nm2]; shape (cells,).
    side_nm
        Side of a cell [nm].
    level, epoch
        Of each step; shape (steps,).

    Returns
    -------
    The lattice.

    Limits
    ------
    A step is looked for in the cell it ends in alone, for the time left after the way there (half of it between neighbours): what is seen on the
    way through others does not count, so coverage is understated.

    Source
    ------
    Coverage z = W v t / A: Koopman 1956-57, Stone 1975; random search, probability of detection 1 - exp(-z).
    """
    steps, n = len(level), len(area_nm2)
    hop_nm = reach.speed_kn * step_h
    reachable = between_nm <= hop_nm * (1 + 1e-9)
    one, two = np.nonzero(reachable)
    sweep = np.asarray(reach.sweep_nm)[:, None]
    looked_h = step_h - np.maximum(between_nm[one, two] / 2, between_nm[one, two] - side_nm / 2) / reach.speed_kn
    cover = sweep * reach.speed_kn * np.maximum(looked_h, 0.0) / area_nm2[two]
    ways = np.where(np.isfinite(from_port_nm), from_port_nm, 1e9)
    home = np.maximum(1, np.ceil(ways / hop_nm - 1e-9)).astype(np.int64)
    out_h = np.where(np.isfinite(from_port_nm), home * step_h - np.maximum(ways - side_nm / 2, ways / 2) / reach.speed_kn, 0.0)
    out_cover = sweep * reach.speed_kn * np.clip(out_h, 0.0, step_h) / area_nm2
    every = max(1, round(reach.depart_every_h / step_h))
    return Lattice(
        step_h, np.searchsorted(one, np.arange(n + 1)).astype(np.int64), two.astype(np.int32), cover, -np.expm1(-cover), home, out_cover,
        -np.expm1(-out_cover), level, epoch, np.arange(steps) % every == 0, max(0, math.floor(reach.sortie_h / step_h + 1e-9)),
        math.ceil(reach.rest_h / step_h - 1e-9),
    )  # fmt: skip
