"""Who sails: assets in groups that can do the same, and where each of them begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seaward.patrol.lattice import Lattice, Start
from seaward.patrol.routes import Path, cover_of


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Assets that can do the same from the same place: any one of them can sail the routes of another."""

    lattice: Lattice
    start: Start
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """All assets of a plan."""

    groups: tuple[Group, ...]
    pots: int  # cells times epochs: what is found in one is found there once

    @property
    def member(self) -> list[int]:
        """Group of each asset."""
        return [k for k, g in enumerate(self.groups) for _ in range(g.count)]

    def cover(self, group: int, path: Path) -> NDArray[np.float64]:
        """Coverage that a route of a group gives to each pot, shape (pots,)."""
        pots, z = cover_of(self.groups[group].lattice, path)
        return np.bincount(pots, z, self.pots).astype(np.float64)  # of no looks it makes whole numbers

    def covers(self, paths: Sequence[Path]) -> NDArray[np.float64]:
        """Coverage of each asset's route, shape (assets, pots)."""
        return np.array([self.cover(k, path) for k, path in zip(self.member, paths, strict=True)])

    def by_group(self, paths: Sequence[Path]) -> list[list[Path]]:
        """Routes of assets as routes of groups."""
        return [[path for k, path in zip(self.member, paths, strict=True) if k == g] for g in range(len(self.groups))]
