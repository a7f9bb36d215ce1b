"""The vessels at two moments -> what a page is told: those that moved or came, those that left. The same answer is made once for all who ask it."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.node.clock import moment
from seaward.server.as_json import as_json
from seaward.server.asked import Box
from seaward.server.sight import CLASSES, Seen, Sight, box_mask

FIELDS = ("mmsi", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "ship_class")
FINEST_STEP_DEG, FINEST_TURN_DEG = 2.0**-13, 6.0  # 14 m; with these the marks below fit into 64 bits
STILL_KN = 0.3  # slower ones are drawn without direction: at anchor the course is noise


@dataclass(frozen=True, slots=True)
class View:
    """What of the sea a page shows, and how finely.

    Parameters
    ----------
    box
        Part of the sea [degree]; None: all.
    step_deg
        A vessel is told of anew when it has left its cell of so many degrees; 0: with every report.
    turn_deg
        With a step, also when it turns by so many degrees, stops or sets out; 0: not for that.
    """

    box: Box | None = None
    step_deg: float = 0.0
    turn_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Held:
    """What a page was told last: of which moment and view, which vessels, and a mark of each that changes when it is to be told of anew."""

    number: int
    view: View
    mmsi: NDArray[np.uint32]
    marks: NDArray[np.int64]


class Places:
    """Where the vessels of one moment are, as arrays of shape (n,) by MMSI; those without a position are left out."""

    def __init__(self, seen: Seen) -> None:
        self.number, self.at_us = seen.number, seen.at_us
        self.rows = seen.rows.filter(pl.col("lon_deg").is_finite() & pl.col("lat_deg").is_finite())
        self.mmsi, self.lon_deg, self.lat_deg = (self.rows[name].to_numpy() for name in ("mmsi", "lon_deg", "lat_deg"))

    @cached_property
    def reports_us(self) -> NDArray[np.int64]:
        """When each was there or was heard [microseconds since 1970 UTC]."""
        return self.rows["reported_at"].fill_null(self.rows["received_at"]).to_physical().fill_null(0).to_numpy()

    @cached_property
    def classes(self) -> NDArray[np.int64]:
        """The class of each as a number."""
        return self.rows["ship_class"].to_physical().cast(pl.Int64).fill_null(len(CLASSES)).to_numpy()

    @cached_property
    def directions_deg(self) -> NDArray[np.float64]:
        """Where each points to, or goes to; NaN: unknown."""
        known = self.rows["heading_deg"].cast(pl.Float64).fill_nan(None).fill_null(self.rows["cog_deg"].cast(pl.Float64))
        return known.fill_null(math.nan).to_numpy()

    def marks(self, view: View) -> NDArray[np.int64]:
        """For each vessel what changes when a page with this view is to be told of it anew."""
        if not view.step_deg:
            return self.reports_us
        x, y = (np.floor((deg + half) / view.step_deg).astype(np.int64) for deg, half in ((self.lon_deg, 180.0), (self.lat_deg, 90.0)))
        mark = (x << 21 | y) << 5 | self.classes
        if not view.turn_deg:
            return mark
        still = self.rows["sog_kn"].fill_null(1.0).to_numpy() < STILL_KN
        turned = np.where(np.isnan(self.directions_deg), 62, np.floor(self.directions_deg % 360.0 / view.turn_deg))
        return mark << 6 | np.where(still, 63, turned).astype(np.int64)


class Window:
    """The view of one open page, which may be changed from any thread while the page is told of it."""

    def __init__(self, person: str, view: View) -> None:
        self.person, self.view, self.changed = person, view, asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def show(self, view: View) -> None:
        """Another view from now on."""
        self.view = view
        self._loop.call_soon_threadsafe(self.changed.set)


class Moving:
    """Differences between moments of `Sight`, and the windows of those who are told of them."""

    def __init__(self, sight: Sight) -> None:
        self.windows: dict[str, Window] = {}
        self._sight = sight
        self._looking: asyncio.Task[Seen] | None = None
        self._places = Places(sight.nothing)
        self._made: dict[tuple[Any, ...], asyncio.Task[tuple[bytes, Held]]] = {}  # of that moment alone

    async def since(self, held: Held | None, view: View) -> tuple[bytes, Held | None]:
        """What changed for a page that holds `held` (None: nothing yet) and shows `view`, as an event of a stream; empty where nothing did."""
        if self._looking is None or self._looking.done():  # one thread for all who wait
            self._looking = asyncio.create_task(asyncio.to_thread(self._sight.now))
        try:
            seen = await asyncio.shield(self._looking)
        except TimeoutError:  # the watch has too much to do: it moves nobody now, and the changes go on
            return b"", held
        if held is not None and (held.number, held.view) == (seen.number, view):
            return b"", held
        if self._places.number != seen.number:
            self._places, self._made = Places(seen), {}
        key = (None if held is None else (held.number, held.view), view)
        if key not in self._made:
            self._made[key] = asyncio.create_task(asyncio.to_thread(difference, self._places, held, view))
        return await asyncio.shield(self._made[key])

    def nothing(self) -> bytes:
        """That nothing changed: a page whose vessels lie still hears that the line is alive."""
        return _told(self._places, False, [], [])


def difference(places: Places, held: Held | None, view: View) -> tuple[bytes, Held]:
    """As `Moving.since`.

    The event `positions` has no number, so that resuming is by changes alone: {"at": ..., "whole": is it all, "fields": [...], "rows": [[...], ...],
    "gone": [mmsi, ...]}.
    """
    box = view.box
    inside = np.arange(len(places.mmsi)) if box is None else np.flatnonzero(box_mask(box, places.lon_deg, places.lat_deg))
    now = Held(places.number, view, places.mmsi[inside], places.marks(view)[inside])
    gone: list[int] = []
    if held is not None:
        gone = np.setdiff1d(held.mmsi, now.mmsi).tolist()
        if len(held.mmsi) and (held.view.step_deg, held.view.turn_deg) == (view.step_deg, view.turn_deg):
            place = np.minimum(np.searchsorted(held.mmsi, now.mmsi), len(held.mmsi) - 1)
            inside = inside[(held.mmsi[place] != now.mmsi) | (held.marks[place] != now.marks)]
        if not len(inside) and not gone:
            return b"", now
    return _told(places, held is None, _rows(places.rows[inside]), gone), now


def _told(places: Places, is_whole: bool, rows: list[tuple[Any, ...]], gone: list[int]) -> bytes:
    told = {"at": moment(places.at_us), "whole": is_whole, "fields": FIELDS, "rows": rows, "gone": gone}
    return b"event: positions\ndata: %s\n\n" % as_json(told)


def _rows(rows: pl.DataFrame) -> list[tuple[Any, ...]]:
    short = [_short(rows[name], digits) for name, digits in (("lon_deg", 5), ("lat_deg", 5), ("sog_kn", 1), ("cog_deg", 1), ("heading_deg", 0))]
    return list(zip(rows["mmsi"].to_list(), *short, rows["nav_status"].to_list(), rows["ship_class"].to_list(), strict=True))


def _short(column: pl.Series, digits: int) -> list[float | None]:
    return [None if v is None or math.isnan(v) else (round(v, digits) if digits else round(v)) for v in column.to_list()]
