"""A small watch floor for the tests of the server: a node that has heard six vessels, people of every role, and a browser that signs in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import polars as pl
from argon2 import PasswordHasher

from seaward.core.tables import EVENTS
from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.server.app import make_floor
from seaward.server.floor import Floor
from seaward.server.passwords import Passwords
from seaward.server.refusals import Refusals
from seaward.server.serving import Serving, serve
from seaward.server.sign_in import SignIn
from seaward.server.table import ROUTES
from tests.waiting import wait_for

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))  # tests sign in often
PASSWORD = "cuatro gaviotas miran el faro"
ROLES = ("observer", "officer", "supervisor", "admin")
HEAD = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass"
VESSELS = {  # mmsi: name, imo, call sign, type, longitude, latitude
    760000001: ("LUCERO", "9074729", "OA1234", 30, -77.5, -12.25),
    760000002: ("ESTRELLA DE MAR", "", "OA1235", 30, -77.6, -12.35),
    412000003: ("LU RONG YUAN YU 7", "", "BZ12", 30, -80.5, -13.0),
    367000004: ("CARGO ONE", "9074731", "WX1", 70, -78.5, -12.5),
    235000005: ("TANKER TWO", "", "GB2", 80, 179.99, -14.0),
    760000006: ("", "", "", 0, -79.0, -11.0),
}
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)


def heard() -> str:
    """Six hours of six vessels, a report every ten minutes, going east."""
    lines = [HEAD]
    for k in range(36):
        at = (START + timedelta(minutes=10 * k)).strftime("%Y-%m-%dT%H:%M:%S")
        for mmsi, (name, imo, callsign, kind, lon, lat) in VESSELS.items():
            east = (lon + 0.02 * k + 180) % 360 - 180
            lines.append(f"{mmsi},{at},{lat:.5f},{east:.5f},7.0,90.0,90,{name},{'IMO' + imo if imo else ''},{callsign},{kind or ''},0,40,8,,,A")
    return "\n".join(lines) + "\n"


def event(name: str = "e1", version: int = 1, **changes: Any) -> pl.DataFrame:
    row = {
        "realm": "ops", "event_id": name, "version": version, "state": "open", "kind": "gap", "start_at": START, "end_at": START + timedelta(hours=1),
        "vessel_ids": ["mmsi:760000001"], "lon_deg": -77.5, "lat_deg": -12.25, "probability": 0.75, "areas": ["Área Ñ"],
        "reasons": [{"code": "gap.duration", "values": [{"name": "duration_h", "value": 7.5}]}],
        "evidence": [{"feed": "coast", "raw_offset": 1, "raw_length": 2}], "method": "gap/1",
    }  # fmt: skip
    return pl.DataFrame([row | changes], schema=EVENTS.schema, strict=False)


def add_people(node: Node) -> None:
    now = datetime.now(UTC)
    for role in ROLES:
        node.state.add_person(role, f"{role.title()} Vega", role, QUICK.hash(PASSWORD), "test", now)
    node.state.add_person("robot", "A program", "officer", None, "test", now)


def floor_of(node: Node, **more: Any) -> Floor:
    now, routes = more.pop("now", lambda: datetime.now(UTC)), more.pop("routes", ROUTES)
    return make_floor(node, SignIn(node.state, Refusals(node.state, now), QUICK, now=now, **more), routes)


@contextlib.contextmanager
def open_floor(
    folder: Path, *, listen: dict[str, Any] | None = None, feeds: bool = True, config: dict[str, Any] | None = None, **more: Any
) -> Iterator[tuple[Floor, Serving]]:  # fmt: skip
    """A node that runs and is served on a free port, with its people."""
    drops = folder / "drops"
    drops.mkdir(parents=True, exist_ok=True)
    feed = [{"name": "coast", "kind": "folder", "path": str(drops)}] if feeds else []
    node = Node(
        config_of(
            {"data": str(folder / "data"), "feed": feed, "chart": {"areas": ["peru"]}, "listen": {"port": 0, **(listen or {})}, **(config or {})}
        )
    )
    node.start()
    try:
        add_people(node)
        if feeds:
            (drops / "coast.csv").write_text(heard())
            wait_for(lambda: node.health["coast"].reports == 36 * len(VESSELS))
            wait_for(lambda: node.live.window.rows == 36 * len(VESSELS))
        floor = floor_of(node, **more)
        server = serve(node, floor)
        try:
            yield floor, server
        finally:
            server.stop()
    finally:
        node.stop()


class Browser(httpx.Client):
    """Somebody at a page: keeps the cookie and sends the proof against forged requests."""

    def sign_in(self, person: str, password: str = PASSWORD) -> httpx.Response:
        answer = self.post("/api/v1/session", json={"person": person, "password": password})
        if answer.is_success:
            self.headers["X-Seaward-CSRF"] = answer.json()["csrf"]
        return answer


@contextlib.contextmanager
def browser(server: Serving, person: str | None = None) -> Iterator[Browser]:
    with Browser(base_url=server.url, timeout=30) as found:
        if person is not None:
            assert found.sign_in(person).status_code == 200
        yield found
