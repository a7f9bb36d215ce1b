"""A plan that was made -> the order of each asset, for its bridge: what its nation may see, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seaward.bridge.route import Route, course_and_nm, moment_of, stamp
from seaward.core.errors import InputError
from seaward.core.geodesy import great_circle_m
from seaward.core.realm import is_drill
from seaward.core.units import HOUR_S, NM_M
from seaward.passage import asset_of, exported, plan_made, routes_in, seen_by
from seaward.report.order_page import render_order
from seaward.report.order_pdf import render_order_pdf
from seaward.store.outputs import Folder

_EVERY = timedelta(minutes=10)  # at which assets are held against each other
_HARBOUR_NM = 20.0  # about the own base, where others are near as a matter of course


def order_of(made: dict[str, Any], asset: str, zone_h: float | None = None) -> dict[str, Any]:
    """What the order of an asset says, ready for JSON.

    Parameters
    ----------
    made
        A plan, or what a nation was given of it.
    asset
        Its id.
    zone_h
        Local time, hours ahead of UTC; by default that of the zone in which the base lies.

    Returns
    -------
    Sorties with their waypoints, hours, miles and fuel; who else is near.

    Raises
    ------
    InputError
        If there is no such asset, it stays in port, or it is another nation's: orders are for each nation to give.
    """
    nation = asset_of(made, asset)["nation"]
    if made.get("for", nation) != nation:
        raise InputError(f"{asset} is of {nation.upper()}, which alone gives it orders; from what {made['for'].upper()} was given, export its route")
    seen = seen_by(made, nation)
    routes = routes_in(seen, asset)
    own = [leg for leg in seen["legs"] if leg["asset"] == asset]
    told = asset_of(seen, asset)
    base = routes[0].waypoints[0].place
    return {
        "realm": seen["realm"], "plan_id": seen["plan_id"], "title": seen["title"], "start": seen["start"], "end": seen["end"],
        "asset": asset, "nation": nation, "kind": told["kind"], "particulars": told.get("particulars", {}),
        "zone_h": float(round(base[0] / 15.0)) if zone_h is None else zone_h,
        "sorties": [_sortie(route, own, told.get("particulars", {})) for route in routes], "near": _near(own, seen, asset, base),
        "patterns": [{"area": leg["cell"], "start": leg["start"], "end": leg["end"], **leg["pattern"]} for leg in own if leg.get("pattern")],
    }  # fmt: skip


def _sortie(route: Route, legs: Sequence[dict[str, Any]], particulars: dict[str, Any]) -> dict[str, Any]:
    points, run_nm = [], 0.0
    done = {(leg["task"], leg["start"] if len(leg["way"]) == 1 else leg["end"]): leg for leg in legs}
    ends = len(route.waypoints) - 1 if route.waypoints[-1].place == route.waypoints[0].place else 0
    for k, w in enumerate(route.waypoints):
        course, nm = course_and_nm(route.waypoints[k - 1].place, w.place, w.rhumb) if k else (None, None)
        run_nm += nm or 0.0
        at = stamp(w.arrive) if w.arrive else ""
        leg = done.get((w.stay, at)) or done.get((w.task, at)) or {}
        task = w.stay or ("port" if k in (0, ends) else w.task) or "transit"
        points.append({
            "name": w.name, "task": task, "arrive": at or None, "leave": stamp(w.leave) if w.leave and w.leave != w.arrive else None,
            "lon_deg": w.lon_deg, "lat_deg": w.lat_deg, "course_deg": course, "nm": nm, "speed_kn": w.speed_kn, "coverage": leg.get("coverage"),
            "worth": leg.get("worth"), "target": leg.get("target"),
        })  # fmt: skip
    first, last = route.waypoints[0].leave, route.waypoints[-1].leave or route.waypoints[-1].arrive
    assert first is not None and last is not None
    hours = (last - first).total_seconds() / HOUR_S
    burnt = particulars.get("burns_t_h", 0.0) * hours if particulars.get("fuel_t") is not None else None
    return {"number": route.sortie, "name": route.name, "depart": stamp(first), "back": stamp(last), "hours": hours, "nm": run_nm, "fuel_t": burnt,
            "points": points}  # fmt: skip


def _near(own: Sequence[dict[str, Any]], seen: dict[str, Any], asset: str, base: tuple[float, float]) -> list[dict[str, Any]]:
    """Nearest approach of each other asset of which something may be seen, outside harbour waters."""
    first = moment_of(seen["start"])
    count = int((moment_of(seen["end"]) - first) / _EVERY) + 1
    mine = _places(own, first, count)
    mine[great_circle_m(mine[:, 0], mine[:, 1], *base) <= _HARBOUR_NM * NM_M] = np.nan
    told = []
    for other in seen["assets"]:
        legs = [leg for leg in seen["legs"] if leg["asset"] == other["id"]]
        if other["id"] == asset or not any(leg["task"] != "port" for leg in legs):
            continue
        theirs = _places(legs, first, count)
        nm = great_circle_m(mine[:, 0], mine[:, 1], theirs[:, 0], theirs[:, 1]) / NM_M
        if np.isnan(nm).all():
            continue
        k = int(np.nanargmin(nm))
        at = first + k * _EVERY
        task = next((leg["task"] for leg in legs if moment_of(leg["start"]) <= at <= moment_of(leg["end"])), "")
        told.append({"asset": other["id"], "nation": other["nation"], "kind": other["kind"], "nm": float(nm[k]), "at": stamp(at),
                     "lon_deg": float(theirs[k, 0]), "lat_deg": float(theirs[k, 1]), "task": task, "shows": other.get("shows", "full")})  # fmt: skip
    return sorted(told, key=lambda o: o["nm"])


def _places(legs: Sequence[dict[str, Any]], first: datetime, count: int) -> NDArray[np.float64]:
    """Where an asset is every ten minutes, shape (count, 2); not a number where it is in port or not told."""
    out = np.full((count, 2), np.nan)
    grid = np.arange(count) * _EVERY.total_seconds()
    for leg in legs:
        if leg["task"] == "port":
            continue
        start, end = ((moment_of(leg[k]) - first).total_seconds() for k in ("start", "end"))
        inside = (grid >= start) & (grid <= end)
        way = np.array(leg["way"], np.float64)
        lon = np.degrees(np.unwrap(np.radians(way[:, 0])))
        run = np.concatenate([[0.0], np.cumsum([float(great_circle_m(*p, *q)) for p, q in pairwise(way.tolist())])])
        share = start + (end - start) * (run / run[-1] if run[-1] > 0 else run)
        out[inside, 0] = (np.interp(grid[inside], share, lon) + 180.0) % 360.0 - 180.0
        out[inside, 1] = np.interp(grid[inside], share, way[:, 1])
    return out


def orders_to_folder(path: Path, asset: str | None, out: Path, language: str, zone_h: float | None = None) -> list[Path]:
    """Write the orders of one asset, or of all that sail and may be ordered from this file, each as a page and as a PDF.

    Returns
    -------
    The files.
    """
    made = plan_made(path)
    names = (
        [asset] if asset is not None else [a for a in exported(made) if asset_of(made, a)["nation"] == made.get("for", asset_of(made, a)["nation"])]
    )
    orders = [order_of(made, a, zone_h) for a in names]
    before = f"{made['realm'].replace(':', '-')}.EXERCISE." if is_drill(made["realm"]) else ""
    written = []
    with Folder(out, made["realm"], {"orders": "order"}) as folder:
        for order in orders:
            stem = f"{before}{order['asset']}.order"
            folder.text(f"{stem}.html", render_order(order, language))
            folder.raw(f"{stem}.pdf", render_order_pdf(order, language))
            written += [out / f"{stem}.html", out / f"{stem}.pdf"]
    return written
