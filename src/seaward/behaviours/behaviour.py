"""The frame every behaviour stands in: what it needs, what it gives, how it is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.chart.areas import Areas
from seaward.chart.places import Places
from seaward.core.errors import ParameterError
from seaward.core.hearing import Hearing
from seaward.core.tables import AT, DETECTIONS, VESSELS

LEFT_OUT = pl.Schema({"event_id": pl.String(), "kind": pl.String(), "state": pl.String(), "start_at": AT, "why": pl.String()})
"""What would be an event but for a parameter that leaves it out: the name and state it would have, and which of `left_out.*` in the catalogues."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a behaviour may know beside positions. The same for a file, a window of it and a partition of it."""

    shore_m: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]] | None = None  # lon, lat [degree] -> distance to shore [m]
    hearing: Hearing = field(default_factory=Hearing)  # what the receivers could hear
    areas: Areas | None = None  # with their names and rules
    inland_m: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]] | None = None  # lon, lat [degree] -> from the sea [m]
    places: Places | None = None  # ports and anchorages given, and stopping places learned
    vessels: pl.DataFrame = field(default_factory=VESSELS.empty)
    detections: pl.DataFrame = field(default_factory=DETECTIONS.empty)


@dataclass(frozen=True, slots=True)
class Exchange:
    """How a behaviour between vessels is found where no partition holds them all: small places first, then whole tracks of few vessels.

    `places(positions, context, params, as_of)` gives, of any whole vessels, what may bring them together; `companions(places, params)` gives, of the
    places of all vessels, the ids of those that `find` must see. `find` of their positions alone equals `find` of all.
    """

    places: Callable[[pl.DataFrame, Context, Any, datetime], pl.DataFrame]
    companions: Callable[[pl.DataFrame, Any], pl.Series]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way of moving that a watch wants to hear of.

    `find` is pure: it reads columns, mutates nothing, knows no clock but `as_of`, looks at no row after `as_of`, and gives
    the same events for a file, for trailing windows of it (see `stream`), and for a partition of it.
    """

    kind: str
    version: int
    needs: tuple[str, ...]  # columns of `positions` it reads
    find: Callable[[pl.DataFrame, Context, Any, datetime], pl.DataFrame]  # (positions, context, params, as_of) -> events
    params: Any  # published defaults
    source: str  # who defined it, where
    partition: Literal["vessel", "cell"]  # vessel: any split by vessel_id; cell: by place, with a halo
    lookback_s: float  # a window that starts this long before as_of and before every open event loses nothing
    exchange: Exchange | None = None  # for a partition by cell
    sift: Callable[[pl.DataFrame, Context, Any, datetime], tuple[pl.DataFrame, pl.DataFrame]] | None = None  # as `find`; events and LEFT_OUT

    def sifted(self, positions: pl.DataFrame, context: Context, as_of: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Events, and what is left out with the reason (LEFT_OUT), of behaviours that leave something out."""
        if self.sift is None:
            return self.find(positions, context, self.params, as_of), pl.DataFrame(schema=LEFT_OUT)
        return self.sift(positions, context, self.params, as_of)

    @property
    def method(self) -> str:
        return f"{self.kind}/{self.version}"


def check_range(name: str, value: float, low: float, high: float, unit: str, advice: str) -> None:
    """Raise ParameterError unless `low <= value <= high`; the message says what to do."""
    if not low <= value <= high:  # also refuses not-a-number
        raise ParameterError(f"{name} is {value} {unit}; it must be from {low:g} to {high:g} {unit}: {advice}")
