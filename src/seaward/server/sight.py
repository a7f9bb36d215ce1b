"""The live watch -> one table of all vessels as last heard, made at most once a second whoever asks, and read by everybody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.ais import SHIP_CLASSES
from seaward.core.mid import flag_of
from seaward.core.tables import AT, NAME, REPORTS, STATIC, TRANSCEIVERS, Column, Table
from seaward.node.node import Node
from seaward.server.asked import Box

FRESH_S = 1.0  # ours: as often as a page is told of movements
CLASSES = (*SHIP_CLASSES, "other")
_CLASS_OF = {number: name for name, numbers in SHIP_CLASSES.items() for number in numbers}
_SAID = ("name", "callsign", "imo", "ship_type", "length_m", "beam_m", "destination")
_REPORT = {c.name: c for c in REPORTS.columns}
_STATIC = {c.name: c for c in STATIC.columns}

VESSELS_NOW = Table("vessels_now", "one vessel, its last report as it came and the last that it said of itself", (
    _REPORT["realm"],
    Column("vessel_id", pl.String(), "mmsi:NNN"),
    _REPORT["mmsi"],
    Column("flag", pl.String(), "ISO 3166 code of the flag that gave the MMSI", nullable=True),
    *(_STATIC[name] for name in _SAID[:4]),
    Column("ship_class", pl.Enum(CLASSES), "class of that type", nullable=True),
    *(_STATIC[name] for name in _SAID[4:]),
    Column("reported_at", AT, "when it says it was there", nullable=True),
    Column("received_at", AT, "when that was received", nullable=True),
    *(_REPORT[name] for name in ("lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status")),
    Column("transceiver", pl.Enum(TRANSCEIVERS), "kind of station", nullable=True),
    Column("feed", NAME, "where it was heard", nullable=True),
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """All vessels at one moment: VESSELS_NOW by MMSI, a number that grows, and when it was looked [microseconds since 1970 UTC]."""

    number: int
    at_us: int
    rows: pl.DataFrame


class Sight:
    """What all vessels do now.

    Parameters
    ----------
    node
        Running.
    now_s
        A clock that only goes forward [s].
    """

    def __init__(self, node: Node, now_s: Callable[[], float] = time.monotonic) -> None:
        self._node, self._now_s = node, now_s
        self._lock = threading.Lock()
        self.nothing = Seen(0, 0, VESSELS_NOW.empty())
        self._seen, self._looked_s = self.nothing, float("-inf")
        self._flags: dict[int, str | None] = {}

    def now(self) -> Seen:
        """The vessels, `FRESH_S` old or little more. One caller looks again and waits for the watch; the others get meanwhile what is there."""
        if not self._lock.acquire(blocking=self._seen.number == 0):
            return self._seen
        try:
            if self._now_s() - self._looked_s >= FRESH_S:
                latest: pl.DataFrame = self._node.run(self._node.live.latest)
                at_us = self._node.clock.now_us()
                self._seen = Seen(self._seen.number + 1, at_us, self.joined(latest, self._node.live.static()))
                self._looked_s = self._now_s()
            return self._seen
        finally:
            self._lock.release()

    def joined(self, latest: pl.DataFrame, static: pl.DataFrame) -> pl.DataFrame:
        """VESSELS_NOW of reports, each the last of its vessel, and of what vessels said of themselves (STATIC)."""
        said = static.sort("reported_at", nulls_last=False).group_by("mmsi").agg(pl.col(c).drop_nulls().last() for c in _SAID)
        rows = latest.join(said, on="mmsi", how="left")
        numbers = rows["mmsi"].to_list()
        for number in numbers:
            if number not in self._flags:
                self._flags[number] = flag_of(number)
        named = rows.with_columns(
            vessel_id=pl.format("mmsi:{}", "mmsi"),
            flag=pl.Series([self._flags[n] for n in numbers], dtype=pl.String),
            ship_class=pl.col("ship_type").replace_strict(_CLASS_OF, default="other", return_dtype=pl.String),
        ).with_columns(ship_class=pl.when(pl.col("ship_type").is_not_null()).then("ship_class"))
        return named.select(pl.col(c.name).cast(c.dtype) for c in VESSELS_NOW.columns).sort("mmsi")


def in_box(box: Box) -> pl.Expr:
    """Whether a row lies in a part of the sea."""
    lon, lat = pl.col("lon_deg"), pl.col("lat_deg")
    within = lon.is_between(box.west, box.east) if box.west <= box.east else (lon >= box.west) | (lon <= box.east)
    return within & lat.is_between(box.south, box.north)


def box_mask(box: Box, lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.bool_]:
    """As `in_box` for arrays of shape (n,)."""
    west = (lon_deg >= box.west) & (lon_deg <= box.east) if box.west <= box.east else (lon_deg >= box.west) | (lon_deg <= box.east)
    return west & (lat_deg >= box.south) & (lat_deg <= box.north)
