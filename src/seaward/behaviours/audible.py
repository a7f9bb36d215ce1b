"""Hearing -> the chance that a ship that transmits would have been heard near a place about a moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from seaward.behaviours.receivers import Receivers
from seaward.behaviours.silence import cells_around, cells_of, weighed
from seaward.core.hearing import SLOT_US, Hearing
from seaward.core.units import US_PER_S

_WEIGHT = 5.0  # slots unheard, beside which those seen count: little seen is little known; ours
_MOST_HEARD = 0.95  # no slot counts for more than this; ours


@dataclass(frozen=True, slots=True)
class Heard:
    """What can be said of reception there and then."""

    chance: float | None  # None: nobody ever was heard, or passed unheard, around there
    share: float  # of ten minutes in which vessels there are heard
    slots: float  # of ten minutes about the moment in which the receivers that hear there worked


class Audible:
    """Answers for one run: built from `Context.hearing`, restricted to what is known at `as_of_us`."""

    def __init__(self, hearing: Hearing, as_of_us: int, max_quiet_s: float) -> None:
        self._receivers = Receivers(hearing, as_of_us, max_quiet_s)
        self._feeds = sorted(hearing.heard["feed"].unique().to_list())
        heard = hearing.heard.group_by("cell", "feed").agg(pl.col("heard").sum())
        cells = pl.concat([heard["cell"], hearing.unheard["cell"]]).unique().sort()
        columns = [pl.DataFrame({"cell": cells}).join(hearing.unheard, on="cell", how="left")["silent"]]
        for feed in self._feeds:
            columns.append(pl.DataFrame({"cell": cells}).join(heard.filter(pl.col("feed") == feed), on="cell", how="left")["heard"])
        self._cells = cells.to_numpy().astype(np.int64)
        self._counts = np.stack([c.fill_null(0).to_numpy() for c in columns], axis=1).astype(float)  # silent, then heard by each feed

    def about(self, lon_deg: float, lat_deg: float, at_us: int, within_s: float) -> Heard:
        """The chance to be heard at least once within `within_s` of a moment.

        Limits
        ------
        Rates are those of the vessels that sail there, by and large; how much the next one differs from them is taken as a gamma frailty of shape 1
        (Vaupel et al. 1979, doi:10.2307/2061224): cautious. Vessels that fell silent on purpose count as unheard.
        """
        cell = int(cells_of(np.array([lon_deg]), np.array([lat_deg]))[0])
        silent, *heard = weighed(self._cells, self._counts, cells_around(cell)).tolist() if len(self._cells) else [0.0]
        total = sum(heard)
        if total + silent == 0:
            return Heard(None, 0.0, 0.0)
        share = min(_MOST_HEARD, total / (total + silent + _WEIGHT))
        slots = np.arange((at_us - int(within_s * US_PER_S)) // SLOT_US, (at_us + int(within_s * US_PER_S)) // SLOT_US + 1)
        up = sum(n / total * float(self._receivers.up(feed, slots).sum()) for feed, n in zip(self._feeds, heard, strict=True) if n)
        return Heard(1.0 - 1.0 / (1.0 - np.log1p(-share) * up), share, up)
