"""Some letters or digits -> vessels, alerts and areas that have them."""

from __future__ import annotations

from seaward.console.page import html
from seaward.console.reading import kinds_of, rows_of
from seaward.server import of_alerts, of_chart, of_vessels
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.route import Param

MOST = 12
SEARCH_PARAMS = (Param("q", "text", "part of a name, call sign, number or area", otherwise=""),)


def search(floor: Floor, asked: Asked) -> Raw:
    """What is found, the vessels first."""
    text = asked.query["q"].strip()
    vessels, alerts, areas = [], [], []
    if text:
        vessels = rows_of(of_vessels.vessels, of_vessels.VESSELS_PARAMS, floor, asked, q=text, limit=MOST)
        ids = [v["vessel_id"] for v in vessels]
        alerts = rows_of(of_alerts.alerts, of_alerts.ALERTS_PARAMS, floor, asked, vessel=ids, limit=MOST) if ids else []
        areas = [a for a in rows_of(of_chart.areas, (), floor, asked) if text.casefold() in a["name"].casefold()][:MOST]
    return html("search.html", floor, asked, q=text, vessels=vessels, alerts=alerts, areas=areas, kinds=kinds_of(asked.language))
