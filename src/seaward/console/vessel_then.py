"""A moment that is over -> what the card of a vessel would have said then; its risk alone is of now, and the card says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from seaward.console.then import alerts_then, told_then
from seaward.core.ids import mmsi_of
from seaward.core.units import at_to_us
from seaward.node.clock import moment
from seaward.picture.positions import build_positions
from seaward.picture.vessels import build_vessels
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.of_events import listed
from seaward.server.of_vessels import moved, number_of, reports_of, risks
from seaward.server.partner_view import said_of

_BACK = timedelta(hours=24)  # how long before its reports are looked for; ours
_MOST_EVENTS = 50
_CASE_OF = {"validated": "open", "dismissed": "withdrawn"}  # state of an alert -> of its case


def vessel_then(floor: Floor, asked: Asked, at: datetime) -> dict[str, Any]:
    """As the API's `vessel`, of what had been received, published, decided and told by then.

    Limits
    ------
    Its reports are those of the 24 hours before. What it said of itself counts from when it was reported. That a partner's track is this vessel is
    what is known now; so is the risk. Partners' tracks are kept for six hours.
    """
    mmsi, _ = number_of(asked.path["vessel_id"])
    state = floor.node.state
    reports = reports_of(floor, mmsi, moved(at, -_BACK), at).filter(pl.col("received_at") <= at)
    said = floor.node.live.static().filter((pl.col("mmsi") == mmsi) & (pl.col("reported_at") <= at))
    hulls = build_vessels(build_positions(reports, floor.node.live.params.picture).positions, said)
    last = floor.sight.joined(reports.filter(pl.col("lon_deg").is_not_null()).sort("received_at").tail(1), said)
    names = sorted({f"mmsi:{mmsi}", *hulls["vessel_id"].to_list()})
    found = state.events_then(at, vessel_ids=names, limit=_MOST_EVENTS)
    events, words = listed(found.sort("end_at", descending=True), asked.language)
    return {
        "vessel_id": f"mmsi:{mmsi}", "now": last.row(0, named=True) if len(last) else None, "hulls": [*hulls.iter_rows(named=True)],
        "cases": [c for row in state.cases(vessel_ids=names).iter_rows(named=True) if (c := _case(floor, asked, row, at)) is not None],
        "events": [{**row, "words": words[n]} for n, row in enumerate(events.iter_rows(named=True))], "seen_by": _seen_by(floor, mmsi, at),
        "risk": risks(floor, asked, hulls, names),
    }  # fmt: skip


def about_then(told: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Notes and photos of then; a note that was withdrawn since stands, a photo that was withdrawn since is shown to nobody any more."""
    notes = [n if n["withdrawn_at"] is None or n["withdrawn_at"] <= at else n | {"withdrawn_at": None} for n in told["notes"] if n["at"] <= at]
    return told | {"notes": notes, "photos": [p for p in told["photos"] if p["at"] <= at]}


def _case(floor: Floor, asked: Asked, row: dict[str, Any], at: datetime) -> dict[str, Any] | None:
    """The case as it stood; None where it had not been opened."""
    if row["opened_at"] > at or row["changed_at"] <= at:
        return None if row["opened_at"] > at else row
    alert = alerts_then(floor, asked, at, alert_id=row["alert_id"])
    return row | {"state": _CASE_OF.get(alert[0]["state"] if alert else "", "open")}


def _seen_by(floor: Floor, mmsi: int, at: datetime) -> list[dict[str, Any]]:
    """What partners had told of it."""
    said = said_of(floor)
    found: list[dict[str, Any]] = []
    for origin, name, (at_us, lon, lat, error_m), own, how in told_then(floor, at_to_us(at)):
        if own is not None and mmsi_of(own) == mmsi:
            vessel = said.get((origin, name))
            found.append({"origin": origin, "track_id": name, "how": how, "at": moment(at_us), "lon_deg": lon / 1e6, "lat_deg": lat / 1e6,
                          "error_m": error_m, "name": vessel.name if vessel is not None else None})  # fmt: skip
    latest = {(row["origin"], row["track_id"]): row for row in found}  # each track in the order of its fixes
    return [*latest.values()]
