"""The vessels at two moments -> what a page is told: those that moved or came, those that left. The same answer is made once for all who ask it."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.node.clock import moment
from seaward.server.as_json import as_json
from seaward.server.asked import Box
from seaward.server.sight import Seen, Sight, box_mask

_KEPT = 256  # answers kept for others who ask the same; ours
FIELDS = ("mmsi", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "ship_class")


@dataclass(frozen=True, slots=True)
class Held:
    """What a page was told last: of which moment, and which vessels with which report [microseconds since 1970 UTC]."""

    number: int
    mmsi: NDArray[np.uint32]
    at_us: NDArray[np.int64]


class Moving:
    """Differences between moments of `Sight`."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._looking: asyncio.Task[Seen] | None = None
        self._made: OrderedDict[tuple[Any, ...], asyncio.Task[tuple[bytes, Held]]] = OrderedDict()

    async def since(self, held: Held | None, box: Box | None) -> tuple[bytes, Held | None]:
        """What changed for a page that holds `held` (None: nothing yet) of a part of the sea, as an event of a stream; empty where nothing did."""
        if self._looking is None or self._looking.done():  # one thread for all who wait
            self._looking = asyncio.create_task(asyncio.to_thread(self._sight.now))
        try:
            seen = await asyncio.shield(self._looking)
        except TimeoutError:  # the watch has too much to do: it moves nobody now, and the changes go on
            return b"", held
        if held is not None and held.number == seen.number:
            return b"", held
        key = (None if held is None else held.number, seen.number, box)
        if key not in self._made:
            self._made[key] = asyncio.create_task(asyncio.to_thread(difference, seen, held, box))
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        return await asyncio.shield(self._made[key])


def difference(seen: Seen, held: Held | None, box: Box | None) -> tuple[bytes, Held]:
    """As `Moving.since`.

    The event `positions` has no number, so that resuming is by changes alone: {"at": ..., "whole": is it all, "fields": [...], "rows": [[...], ...],
    "gone": [mmsi, ...]}.
    """
    rows = seen.rows.drop_nulls(["lon_deg", "lat_deg"])
    if box is not None:
        rows = rows.filter(box_mask(box, rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy()))
    mmsi = rows["mmsi"].to_numpy()
    at_us = rows["reported_at"].fill_null(rows["received_at"]).to_physical().fill_null(0).to_numpy()
    now = Held(seen.number, mmsi, at_us)
    gone: list[int] = []
    if held is not None:
        place = np.searchsorted(held.mmsi, mmsi)
        inside = np.minimum(place, max(len(held.mmsi) - 1, 0))
        same = (held.mmsi[inside] == mmsi) & (held.at_us[inside] == at_us) if len(held.mmsi) else np.zeros(len(mmsi), bool)
        rows = rows.filter(~same)
        gone = np.setdiff1d(held.mmsi, mmsi).tolist()
        if rows.is_empty() and not gone:
            return b"", now
    told = {"at": moment(seen.at_us), "whole": held is None, "fields": FIELDS, "rows": _rows(rows), "gone": gone}
    return b"event: positions\ndata: %s\n\n" % as_json(told), now


def _rows(rows: pl.DataFrame) -> list[tuple[Any, ...]]:
    short = [_short(rows[name], digits) for name, digits in (("lon_deg", 5), ("lat_deg", 5), ("sog_kn", 1), ("cog_deg", 1), ("heading_deg", 0))]
    return list(zip(rows["mmsi"].to_list(), *short, rows["nav_status"].to_list(), rows["ship_class"].to_list(), strict=True))


def _short(column: pl.Series, digits: int) -> list[float | None]:
    return [None if v is None or math.isnan(v) else (round(v, digits) if digits else round(v)) for v in column.to_list()]
