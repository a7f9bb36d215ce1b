"""Reception and feed health -> how loud a silence is: how much of it counts, and how likely it is without intent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.units import US_PER_S

SLOT_US = 600 * US_PER_S  # ten minutes, as in the tables of reception and feed health
_PRIOR_SLOTS = 5.0  # weight of what is believed of a cell before anyone was heard there [slots]; ours
_PRIOR_HEARD = 0.01  # a cell where nobody was ever heard is taken for one out of reach; ours
_MOST_HEARD = 0.7  # vessels differ in antenna and power, and cells have edges: no slot counts for more than this; ours
_RETURN_SLOTS = 6.0  # weight of the plain hearing rate in the rate at which silences end [slots]; ours


@dataclass(frozen=True, slots=True)
class Silence:
    """What a silence amounts to."""

    counted_s: float  # time in which feeds that hear there were up
    outage_s: float  # the rest
    expected: float | None  # slots of ten minutes in which a report was to be expected
    log_chance: float | None  # natural logarithm of the chance of such a silence while transmitting; None where reception is not known


class Ears:
    """Answers for one `find`: built from the tables of `Context`, restricted to what is known at `as_of`."""

    def __init__(self, feeds: pl.DataFrame, reception: pl.DataFrame, as_of_us: int, max_quiet_s: float) -> None:
        spoken = feeds.filter((pl.col("reports") > 0) & (pl.col("slot_at").to_physical() <= as_of_us)).sort("slot_at")
        self._spoken = {
            str(name[0]): part["slot_at"].to_physical().to_numpy() // SLOT_US for name, part in spoken.group_by("feed", maintain_order=True)
        }
        self._quiet_slots = max(1, int(max_quiet_s * US_PER_S) // SLOT_US)
        self._cells: dict[tuple[int, int], dict[str, tuple[int, int, int]]] = {}
        for lon, lat, feed, heard, silent, silences in reception.select(
            "cell_lon_deg", "cell_lat_deg", "feed", "heard", "silent", "silences"
        ).iter_rows():
            self._cells.setdefault((lon, lat), {})[str(feed)] = (heard, silent, silences)

        self.last_us = max((int(slots[-1]) + 1 for slots in self._spoken.values()), default=1 << 32) * SLOT_US

    @property
    def knows_feeds(self) -> bool:
        return bool(self._spoken)

    @property
    def knows_reception(self) -> bool:
        return bool(self._cells)

    def weigh(self, start_us: int, end_us: int, feed: str, lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64], *, ended: bool) -> Silence:
        """Weigh the silence of one vessel.

        Parameters
        ----------
        start_us, end_us
            Last report and next one, or the moment up to which it is known [microseconds since 1970 UTC].
        feed
            By which it was last heard.
        lon_deg, lat_deg
            Where it is thought to be in each slot from that of `start_us` to that of `end_us` [degree], shape (slots,).
        ended
            Whether a report ended it, so that it is among the silences of `reception` and must be left out of them.
        """
        asked_us = end_us
        end_us = min(end_us, self.last_us) if not ended else end_us
        lon_deg, lat_deg = lon_deg[: end_us // SLOT_US - start_us // SLOT_US + 1], lat_deg[: end_us // SLOT_US - start_us // SLOT_US + 1]
        slots = np.arange(start_us // SLOT_US, end_us // SLOT_US + 1)
        inside_us = np.minimum((slots + 1) * SLOT_US, end_us) - np.maximum(slots * SLOT_US, start_us)
        cells = list(zip(np.floor(lon_deg).astype(int).tolist(), np.floor(lat_deg).astype(int).tolist(), strict=True))
        audible = self._audible(slots, feed, cells[0])
        counted_s = float((inside_us * audible).sum()) / US_PER_S
        outage_s = (asked_us - start_us) / US_PER_S - counted_s
        if not self._cells:
            return Silence(counted_s, outage_s, None, None)
        own = max(0, len(slots) - 2) if ended else 0
        rates = {cell: self._rates(cell, own if cell == cells[0] else 0) for cell in set(cells)}
        heard, ends = np.array([rates[cell] for cell in cells]).T
        weight = audible * (inside_us / SLOT_US)
        return Silence(counted_s, outage_s, float((weight * heard).sum()), float((weight * np.log1p(-np.minimum(ends, _MOST_HEARD))).sum()))

    def _audible(self, slots: NDArray[np.int64], feed: str, cell: tuple[int, int]) -> NDArray[np.float64]:
        """Share of the hearing in the cell that was up, per slot: feeds count by how often they are the one that hears there."""
        if not self._spoken:
            return np.ones(len(slots))
        shares = {name: heard for name, (heard, _, _) in self._cells.get(cell, {}).items() if heard} or {feed: 1}
        whole = sum(shares.values())
        return np.minimum(1.0, sum(self._up(name, slots) * (heard / whole) for name, heard in sorted(shares.items())))

    def _up(self, feed: str, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        """1 per slot in which the feed worked: it spoke, or was quiet for less than what makes an outage."""
        spoken = self._spoken.get(feed)
        if spoken is None:
            return np.zeros(len(slots))
        up = np.zeros(len(slots), bool)
        up[spoken[np.searchsorted(spoken, slots[0]) : np.searchsorted(spoken, slots[-1], "right")] - slots[0]] = True
        edges = np.flatnonzero(np.diff(np.concatenate(([True], up, [True])).astype(np.int8)))
        for a, b in edges.reshape(-1, 2):
            if b - a < self._quiet_slots:
                up[a:b] = True
        return up.astype(np.float64)

    def _rates(self, cell: tuple[int, int], own_slots: int) -> tuple[float, float]:
        """Chance per slot to be heard, and chance per slot that a silence ends, without the silence in question."""
        rows = self._cells.get(cell, {}).values()
        heard, silent, silences = (sum(row[k] for row in rows) for k in range(3))
        silent, silences = max(0, silent - own_slots), max(0, silences - (1 if own_slots else 0))
        p_heard = (heard + _PRIOR_SLOTS * _PRIOR_HEARD) / (heard + silent + _PRIOR_SLOTS)
        return p_heard, (silences + _RETURN_SLOTS * p_heard) / (silent + _RETURN_SLOTS)
