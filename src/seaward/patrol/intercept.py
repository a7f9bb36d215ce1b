"""Assets where they are and clouds of targets -> who could meet which target, where, when, with what chance; alone, or after another has found it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from seaward.chart.sea_field import SeaField, sea_field
from seaward.chart.sea_grid import SeaGrid
from seaward.patrol.assets import Asset
from seaward.patrol.solver import INF, programme, values
from seaward.patrol.targets import Cloud, apart_nm, wander_nm

_PLACES = 24  # tried at each moment: the middle of the cloud, and possible places
_EVERY_H = 0.5  # moments tried
SEARCH_H = 2.0  # about the place of meeting, at most; ours
_LATER = 0.004  # what an hour later costs, as a share of the chance: of two equal meetings the sooner; ours
_WATCHERS = 3  # per target that are tried with every interceptor


@dataclass(frozen=True, slots=True, eq=False)
class Hunter:
    """An asset as it is when the alert comes."""

    asset: Asset
    place: tuple[float, float]
    ready_h: float  # when it can leave that place, since the plan begins
    leaves_h: float  # when it must be home at the latest, since the plan begins
    speed_kn: float
    sweep_nm: float
    grid: SeaGrid  # where it may sail
    home: SeaField | None  # ways to its base; None for what flies


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """One way to meet a target."""

    target: str
    hunter: int
    place: tuple[float, float]
    arrive_h: float  # since the plan begins
    meet_h: float
    until_h: float  # end of the search about the place
    chance: float
    met: NDArray[np.float64]  # by way of the target
    watcher: Meeting | None = None  # who finds it first and says where it is
    alone: float = 0.0  # chance without the watcher


def meetings(hunters: Sequence[Hunter], clouds: Sequence[Cloud], now_h: float, until_h: float) -> list[Meeting]:
    """All meetings worth looking at: the best of each hunter with each target, and those that a watcher makes better.

    Parameters
    ----------
    hunters
        Assets that can take part.
    clouds
        Of the targets.
    now_h, until_h
        Between which meetings are looked for, since the plan begins.

    Limits
    ------
    A target within half a sweep width of the place when the hunter is there is met; others of the cloud by random search for up to two hours. The
    watcher tells the interceptor without delay, and keeps the target in sight until it must leave.
    """
    ways = [_ways(h, until_h) for h in hunters]
    alone = {(k, c.target.id): m for k, h in enumerate(hunters) for c in clouds if (m := _alone(k, h, ways[k], c, now_h, until_h)) is not None}
    found = [m for (k, _), m in alone.items() if hunters[k].asset.boards or not any(h.asset.boards for h in hunters)]
    for c in clouds:
        watchers = sorted((m for (k, t), m in alone.items() if t == c.target.id and hunters[k].asset.tracks), key=lambda m: -m.chance)
        for w in watchers[:_WATCHERS]:
            for k, h in enumerate(hunters):
                if k != w.hunter and h.asset.boards:
                    m = _after(k, h, ways[k], c, w, hunters[w.hunter], alone.get((k, c.target.id)), now_h, until_h)
                    if m is not None:
                        found.append(m)
    return found


def choose(found: Sequence[Meeting], clouds: Sequence[Cloud]) -> list[Meeting]:
    """Of all meetings those that together are worth most: each hunter and watcher in one, each target in one.

    Returns
    -------
    By target; found by an integer programme, so there is no better choice among them.
    """
    if not found:
        return []
    worth = {c.target.id: c.target.worth for c in clouds}
    first = min(m.meet_h for m in found)
    value = np.array([worth[m.target] * m.chance * math.exp(-_LATER * (m.meet_h - first)) for m in found])
    users = [[("t", m.target), ("h", m.hunter), *([("h", m.watcher.hunter)] if m.watcher else [])] for m in found]
    number = {key: k for k, key in enumerate(dict.fromkeys(key for u in users for key in u))}
    rows = [number[key] for u in users for key in u]
    cols = [k for k, u in enumerate(users) for _ in u]
    a = sp.csc_matrix((np.ones(len(rows)), (rows, cols)), shape=(len(number), len(found)))
    n = len(found)
    solver = programme(-value, np.zeros(n), np.ones(n), a, np.full(len(number), -INF), np.ones(len(number)), whole=True)
    solver.run()
    return [m for m, x in zip(found, values(solver), strict=True) if x > 0.5]


def middle_of(lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> tuple[float, float]:
    """The median of places, right across 180 degrees."""
    turned = (lon_deg - lon_deg[0] + 180.0) % 360.0 - 180.0
    return float((lon_deg[0] + np.median(turned) + 180.0) % 360.0 - 180.0), float(np.median(lat_deg))


def _ways(h: Hunter, until_h: float) -> SeaField | None:
    if h.asset.flies:
        return None
    return sea_field(h.grid, h.place, limit=max(0.0, until_h - h.ready_h) * h.speed_kn * 1852.0 + 1.0)


def _travel_h(h: Hunter, ways: SeaField | None, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    nm = apart_nm(*h.place, lon, lat) if ways is None else np.maximum(ways.at(lon, lat) / 1852.0, apart_nm(*h.place, lon, lat))
    return nm / h.speed_kn


def _home_h(h: Hunter, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    nm = apart_nm(*h.asset.base, lon, lat) if h.home is None else h.home.at(lon, lat) / 1852.0
    return nm / h.speed_kn


def _alone(k: int, h: Hunter, ways: SeaField | None, c: Cloud, now_h: float, until_h: float) -> Meeting | None:
    """The best meeting of one hunter and one target."""
    begin = max(now_h, h.ready_h, float(c.hours[0]))
    moments = np.unique([c.at(t) for t in np.arange(begin, until_h + 1e-9, _EVERY_H)])
    if len(moments) == 0:
        return None
    tried = np.linspace(0, c.lon_deg.shape[1] - 1, _PLACES - 1).astype(int)
    best: Meeting | None = None
    best_value = 0.0
    lon0 = c.lon_deg[:, :1]
    turned = (c.lon_deg - lon0 + 180.0) % 360.0 - 180.0
    lons = np.column_stack([lon0[:, 0] + turned.mean(axis=1), c.lon_deg[:, tried]])
    lats = np.column_stack([c.lat_deg.mean(axis=1), c.lat_deg[:, tried]])
    travel = _travel_h(h, ways, lons[moments], lats[moments])
    home = _home_h(h, lons[moments], lats[moments])
    for m, t, hours, back in zip(moments.tolist(), c.hours[moments].tolist(), travel, home, strict=True):
        can = np.flatnonzero((h.ready_h + hours <= t + 1e-9) & (t + back <= h.leaves_h))
        if len(can) == 0:
            continue
        near = apart_nm(lons[m, can, None], lats[m, can, None], c.lon_deg[m], c.lat_deg[m]) <= h.sweep_nm / 2
        share = near.mean(axis=1)
        p = int(share.argmax())
        j = int(can[p])
        search_h = max(0.0, min(SEARCH_H, h.leaves_h - t - float(back[j]), until_h - t))
        sought = 0.9 * -math.expm1(-h.sweep_nm * h.speed_kn * search_h / c.spread_nm2(m))
        chance = float(share[p] + (1 - share[p]) * sought)
        value = chance * math.exp(-_LATER * (t - now_h))
        if value > best_value:
            met = np.where(near[p], 1.0, sought)
            place = (float((lons[m, j] + 180.0) % 360.0 - 180.0), float(lats[m, j]))
            best = Meeting(c.target.id, k, place, h.ready_h + float(hours[j]), t, t + search_h, chance, met, alone=chance)
            best_value = value
    return best


def _after(
    k: int, h: Hunter, ways: SeaField | None, c: Cloud, w: Meeting, watcher: Hunter, alone: Meeting | None, now_h: float, until_h: float
) -> Meeting | None:  # fmt: skip
    """The meeting of a hunter that is told by a watcher where the target is, from when it finds it until it must leave."""
    found_at = c.at(w.meet_h)
    stays_h = watcher.leaves_h - float(_home_h(watcher, np.array([w.place[0]]), np.array([w.place[1]]))[0])
    if h.ready_h > until_h or stays_h <= w.meet_h:
        return None
    here_h = max(w.meet_h, h.ready_h)  # until then it sails towards the place where the watcher looks
    whole = float(_travel_h(h, ways, np.array([w.place[0]]), np.array([w.place[1]]))[0])
    if not math.isfinite(whole):
        return None
    straight = float(apart_nm(*h.place, np.array([w.place[0]]), np.array([w.place[1]]))[0])
    longer = max(1.0, whole * h.speed_kn / max(straight, 1e-6)) if straight > 1 else 1.0
    done = min(1.0, max(0.0, here_h - h.ready_h) / max(whole, 1e-9))
    lon = h.place[0] + ((w.place[0] - h.place[0] + 180.0) % 360.0 - 180.0) * done
    lat = h.place[1] + (w.place[1] - h.place[1]) * done
    later = np.arange(found_at, len(c.hours))
    later = later[(c.hours[later] >= here_h - 1e-9) & (c.hours[later] <= until_h + 1e-9)]
    if len(later) == 0:
        return None
    nm = apart_nm(lon, lat, c.lon_deg[later], c.lat_deg[later]) * longer
    back_h = _home_h(h, c.lon_deg[later].mean(axis=1), c.lat_deg[later].mean(axis=1))
    time_h = c.hours[later][:, None]
    can = (nm <= h.speed_kn * (time_h - here_h) + h.sweep_nm / 2) & (time_h + back_h[:, None] <= h.leaves_h)
    first = np.where(can.any(axis=0), can.argmax(axis=0), -1).astype(np.int64)
    meet = np.where(first >= 0, c.hours[later][np.maximum(first, 0)], np.inf)
    unseen_h = np.maximum(0.0, meet - stays_h)  # since the watcher left
    sigma = wander_nm(c.target, np.where(np.isfinite(unseen_h), unseen_h, 0.0))
    sure = np.where(sigma > 0, -np.expm1(-((h.sweep_nm / 2) ** 2) / (2 * np.maximum(sigma, 1e-9) ** 2)), 1.0)
    told = np.where(np.isfinite(meet), sure, 0.0)
    own = alone.met if alone is not None else np.zeros(len(told))
    met = w.met * told + (1 - w.met) * own
    chance, by_itself = float(met.mean()), alone.chance if alone is not None else 0.0
    if chance <= by_itself or not np.isfinite(meet).any():
        return None
    typical = float(np.median(meet[np.isfinite(meet)]))
    m = c.at(typical)
    place = middle_of(c.lon_deg[m], c.lat_deg[m])
    if not h.asset.flies and not h.grid.contains(*place):  # no way is known there
        return None
    return Meeting(c.target.id, k, place, typical, typical, typical, chance, met, w, by_itself)
