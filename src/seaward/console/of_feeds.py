"""How feeds and links are: at a glance in the head of the page, and in full."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from seaward.console.page import html
from seaward.console.reading import ago_s, one_of
from seaward.node.clock import moment
from seaward.server import of_exchange, of_node
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor


def chips(floor: Floor, asked: Asked) -> Raw:
    """One mark for each feed and link."""
    return html("chips.html", floor, asked, speed=floor.node.clock.speed, wall=datetime.now(UTC), **_told(floor, asked))


def feeds(floor: Floor, asked: Asked) -> Raw:
    """All that is known of each."""
    return html("feeds.html", floor, asked, health=one_of(of_node.health, floor, asked), **_told(floor, asked))


def _told(floor: Floor, asked: Asked) -> dict[str, Any]:
    rows = [f | {"ago_s": None if f["last_us"] is None else ago_s(floor, moment(f["last_us"]))} for f in one_of(of_node.feeds, floor, asked)["items"]]
    links = one_of(of_exchange.exchange, floor, asked)["links"]
    return {"feeds": rows, "links": links}
