"""A node with people, vessels and alerts, and its watch floor served on this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from seaward.alerting import Sight, offer
from seaward.console.routes import FLOOR_ROUTES
from seaward.server.floor import Floor
from seaward.server.serving import serve
from tests.alerts.floor import RULES, table
from tests.alerts.floor import event as alarming
from tests.node.two_nations import Two, two
from tests.server.floor import VESSELS, add_people, floor_of, open_floor


@contextlib.contextmanager
def opened(folder: Path, events: int = 4, **more: Any) -> Iterator[tuple[Floor, str]]:
    """The floor, with so many alerts, and where it is."""
    with open_floor(folder, routes=FLOOR_ROUTES, **more) as (floor, server):
        for n in range(events):
            told(floor, f"e{n}", vessel_ids=[f"mmsi:{[*VESSELS][n % len(VESSELS)]}"], lon_deg=-77.5 - n)
        yield floor, server.url


def told(floor: Floor, name: str, **changes: Any) -> str:
    """Have the watch tell of an event of the last hours, and raise an alert for it."""
    state, now = floor.node.state, floor.now()
    row = alarming(name, **{"vessel_ids": ["mmsi:760000001"], "lon_deg": -77.5, "lat_deg": -12.25} | changes)
    row |= {"start_at": now - timedelta(hours=3), "end_at": now - timedelta(hours=1)}
    state.record_events(table(row), now)
    offer(state, table(row), Sight(RULES), now)
    floor.changes.poke()
    return next(a["alert_id"] for a in state.alerts().iter_rows(named=True) if any(m["event_id"] == name for m in a["members"]))


@contextlib.contextmanager
def both_opened(folder: Path, **more: Any) -> Iterator[tuple[Two, dict[str, Floor], dict[str, str]]]:
    """Two nations linked, each with its floor: the nations, floors and addresses by nation."""
    floors, urls = dict[str, Floor](), dict[str, str]()
    with two(folder, **more) as both, contextlib.ExitStack() as stack:
        for nation, node in both.nodes.items():
            add_people(node)
            floors[nation] = floor_of(node, routes=FLOOR_ROUTES)
            server = serve(node, floors[nation])
            stack.callback(server.stop)
            urls[nation] = server.url
        both.up()
        yield both, floors, urls
