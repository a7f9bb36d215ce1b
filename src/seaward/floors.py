"""Nations' watch floors beside each other on this machine, on one simulated sea: keys, links, feeds, people and servers, in one process.

Each floor is a whole node with its own folder, keys and server; they know each other by the exchange alone. One clock serves the sea and all.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl

from seaward.console.routes import FLOOR_ROUTES
from seaward.core.errors import InputError
from seaward.core.tables import DEEDS
from seaward.core.units import at_to_us
from seaward.drill.cast import cast_of
from seaward.drill.scenario import Cell, Scenario, Words
from seaward.exchange import invitation
from seaward.exchange.home import Home
from seaward.exercise import Files
from seaward.node.clock import STANDING, DrillClock
from seaward.node.config import config_of
from seaward.node.drilled import Drilled, Handed, Held
from seaward.node.node import Node
from seaward.planning import plan_to_folder
from seaward.played import deeds_of
from seaward.server import serve
from seaward.server.app import make_floor
from seaward.server.passwords import Passwords
from seaward.store.outputs import Folder
from seaward.watch import Tell

_REPORTING = ("coastal_ais", "satellite_ais", "vms")  # followed as they grow; the others come as files of contacts
_TRUTH_HEAD = "MMSI,BaseDateTime,LAT,LON,SOG,COG,VesselName\n"
_TAKEN_S, _SETTLED_S = 5.0, 60.0  # real time in which a file of contacts is taken, and in which it is judged at most: ours


@dataclass(frozen=True, slots=True)
class Side:
    """A cell of the scenario, the nation that it stands for, who sits there, and which hulls it sails."""

    cell: str
    nation: str  # ISO 3166-1 alpha-3
    person: str
    name: str
    units: tuple[str, ...] = ()
    share: tuple[Mapping[str, Any], ...] = ()  # as in [[exchange.share]]
    plan: Path | None = None  # the patrol that is sailed


class Officer:
    """Somebody at a floor, over its API as a page would.

    Parameters
    ----------
    url
        Of the floor.
    person, password
        By which to sign in.
    language
        Of what the floor says.
    """

    def __init__(self, url: str, person: str, password: str, language: str) -> None:
        self.url, self.person, self.password, self._language, self._csrf = url, person, password, language, ""
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())).open

    def ask(self, path: str, body: Mapping[str, Any] | None = None, revision: int | None = None) -> Any:
        """What the API answers; a body is posted.

        Raises
        ------
        InputError
            With the floor's own sentence where it refuses.
        """
        if not self._csrf and path != "session":
            self._csrf = str(self.ask("session", {"person": self.person, "password": self.password})["csrf"])
        headers = {"Content-Type": "application/json", "Accept-Language": self._language} | ({"X-Seaward-CSRF": self._csrf} if self._csrf else {})
        headers |= {"If-Match": f'"{revision}"'} if revision is not None else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, headers)
        try:
            with self._open(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as e:
            raise InputError(f"{path}: {json.loads(e.read() or b'{}').get('detail', e.reason)}") from e


class Floors:
    """The floors of a scenario, made anew in a folder; a context in which they run.

    Parameters
    ----------
    scenario, beside
        What is drilled, and the folder in which its layers lie.
    files
        Of the run that the floors follow as it is written.
    sides
        Cells of the scenario, of different nations; of two, the first dials the second.
    language
        In which officers of the story are answered.
    """

    def __init__(self, scenario: Scenario, beside: Path, files: Files, sides: tuple[Side, ...], language: str) -> None:
        self.scenario, self.files, self.sides, self._language = scenario, files, sides, language
        self.clock, self.start_us = DrillClock(scenario.clock.start, STANDING), at_to_us(scenario.clock.start)
        self.officers: dict[str, Officer] = {}
        self.control: Officer | None = None
        self.pace: float | None = None  # times real time, as control wants it
        self.held = Held(frozenset(i.id for i in scenario.injects if i.hold))
        self.nodes: dict[str, Node] = {}
        self._beside, self._running = beside, ExitStack()
        hulls = cast_of(scenario).hulls
        self.mmsi = {name: int(n) for name, n in zip(hulls.id, hulls.mmsi, strict=True)}

    def plan(self, tell: Tell = lambda stage, share: None) -> None:
        """Plan the patrols that the floors sail, before they open."""
        for side in self.sides:
            if side.plan is not None:
                plan_to_folder(side.plan, self._folder(side) / "patrol", self._language, tell)

    def __enter__(self) -> Floors:
        homes = [self._home(side) for side in self.sides]
        for one, other in combinations(homes, 2):
            _agree(one, other)
        try:
            for side in self.sides:
                self._open(side)
            self._open_control()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def take(self, at_ms: int, handed: Mapping[str, bytes], truth: pl.DataFrame) -> None:
        """Drop the contacts that sensors handed over into the folders of those who see them; reports are followed in the files themselves.

        The truth goes to control alone.
        """
        with self._truth.open("a", encoding="utf-8") as file:
            for who, at, lon, lat, sog, cog in truth.select("actor", "at", "lon_deg", "lat_deg", "sog_kn", "cog_deg").iter_rows():
                file.write(f"{self.mmsi[who]},{at:%Y-%m-%dT%H:%M:%S},{lat:.5f},{lon:.5f},{sog:.1f},{cog:.1f},{who}\n")
        kinds = {s.id: s.kind for s in self.scenario.sensors}
        for sensor, rows in handed.items():
            if kinds[sensor] in _REPORTING:
                continue
            with self.files.of(f"{sensor}.csv").open("rb") as whole:
                head = whole.readline()
            for side in self.sides:
                if sensor in self._sees(side):
                    whole_file = self._folder(side) / "contacts" / f"{sensor}.{at_ms // 1000:06d}.csv"
                    whole_file.with_suffix(".part").write_bytes(head + rows)
                    whole_file.with_suffix(".part").rename(whole_file)

    def settle(self) -> None:
        """Let the players' watches judge what was handed over last."""
        time.sleep(_TAKEN_S)
        since_us, until = self.clock.now_us(), time.monotonic() + _SETTLED_S
        while any(node.live.judged_us < since_us for node in self.nodes.values()) and time.monotonic() < until:
            time.sleep(0.2)

    def deeds(self) -> None:
        """Keep what people did at the players' floors beside the run, for its review."""
        found = pl.concat([deeds_of(self.nodes[side.nation], side.cell, self.clock.shown) for side in self.sides])
        with Folder(self.files.folder, self.files.realm, {"deeds": self.files.deeds.name}) as folder:
            folder.add(DEEDS, found)

    def _folder(self, side: Side) -> Path:
        return self.files.folder / f"floor.{side.nation.lower()}"

    def _sees(self, side: Side) -> tuple[str, ...]:
        return next(c.sees for c in self.scenario.cells if c.id == side.cell)

    def _home(self, side: Side) -> Home:
        home = Home(self._folder(side) / "keys")
        home.create(side.nation, "127.0.0.1", (_free_port(), _free_port()), datetime.now(UTC), os.urandom, None)
        return home

    def _open(self, side: Side) -> None:
        """A player's floor: what its sensors see, its partner, its patrol."""
        folder, cell = self._folder(side), next(c for c in self.scenario.cells if c.id == side.cell)
        (folder / "contacts").mkdir()
        of = {s.id: self.files.of(f"{s.id}.{'csv' if s.kind == 'vms' else 'nmea'}").resolve()
              for s in self.scenario.sensors if s.id in cell.sees and s.kind in _REPORTING}  # fmt: skip
        feeds = [{"name": name.replace("_", "-"), "kind": "file", "path": str(path)} for name, path in of.items()]
        told: dict[str, Any] = {
            "realm": self.files.realm, "data": str(folder / "data"), "language": cell.lang, "listen": {"port": 0}, "feed": feeds,
            "chart": {"areas": [str(self._beside / file) for _, file in self.scenario.layers],
                      "ports": [str(self._beside / self.scenario.ports)] if self.scenario.ports else [], "detections": str(folder / "contacts")},
            "watch": {"sweep_s": 20.0, "reports": 1_000_000},
            "exchange": {"home": str(folder / "keys"), "track_s": 2.0, "own_units": [self.mmsi[u] for u in side.units], "share": [*side.share]},
        }  # fmt: skip
        if side.plan is not None:
            told["patrol"] = {"plan": str(side.plan), "folder": str(folder / "patrol")}
        self.nodes[side.nation], self.officers[side.nation] = self._serve(told, cell, side.person, side.name)

    def _open_control(self) -> None:
        """Control's floor: the truth as a feed of its own, no detector, no partner, and the clock."""
        cell = next((c for c in self.scenario.cells if c.role == "control"), Cell("control", "control"))
        folder = self.files.folder / "floor.control"
        folder.mkdir()
        self._truth.write_text(_TRUTH_HEAD, encoding="utf-8")
        told = {
            "realm": self.files.realm, "data": str(folder / "data"), "language": cell.lang, "listen": {"port": 0},
            "feed": [{"name": "truth", "kind": "file", "path": str(self._truth.resolve())}], "watch": {"behaviours": [], "reports": 1_000_000},
            "chart": {"areas": [str(self._beside / file) for _, file in self.scenario.layers]},
        }  # fmt: skip
        _, self.control = self._serve(told, cell, "control", "Control (EX)")

    @property
    def _truth(self) -> Path:
        return self.files.folder / "floor.control" / "truth.csv"

    def _serve(self, told: dict[str, Any], cell: Cell, person: str, name: str) -> tuple[Node, Officer]:
        node = Node(config_of(told), self.clock)
        node.drilled = self._drilled(cell)
        self._running.callback(node.stop)
        node.start()
        password = secrets.token_hex(8)
        node.state.add_person(person, name, "supervisor", Passwords().hash(password), "demo", datetime.now(UTC))
        server = serve(node, make_floor(node, routes=FLOOR_ROUTES))
        self._running.callback(server.stop)
        return node, Officer(server.url, person, password, self._language)

    def _drilled(self, cell: Cell) -> Drilled:
        """The exercise as a cell may know it."""
        start, is_control = self.scenario.clock.start, cell.role == "control"
        handed = tuple(
            Handed(i.id, None if i.at_ms is None else start + timedelta(milliseconds=i.at_ms), i.by, i.to, _both(i.text), i.hold)
            for i in self.scenario.injects if is_control or cell.id in i.to
        )  # fmt: skip
        title, page = self.scenario.exercise.title, self.files.of("review.html")
        return Drilled(cell.id, _both(title), start, start + timedelta(milliseconds=self.scenario.clock.length_ms), handed,
                       self._run if is_control else None, lambda: page if page.is_file() else None, self.held)  # fmt: skip

    def _run(self, speed: float) -> None:
        self.pace = speed
        self.clock.run(speed)


def sides_of(scenario: Scenario, plans: Mapping[str, Path], precision_m: int = 3_704) -> tuple[Side, ...]:
    """The players of a scenario: each with its nation, and sharing what it finds with all others.

    Parameters
    ----------
    scenario
        Its players name their nations.
    plans
        By nation, the patrol that it sails.
    precision_m
        Of the grid on which others see where an event or alert is.

    Raises
    ------
    InputError
        If a player names no nation, two name the same one, or a plan is of a nation that does not play.
    """
    players = [c for c in scenario.cells if c.role == "player"]
    nations = [c.nation for c in players]
    for cell in players:
        if not cell.nation:
            raise InputError(f"{cell.id} of {scenario.exercise.id} names no nation; write `nation: PER` or another into that cell")
        if nations.count(cell.nation) > 1:
            raise InputError(f"two players of {scenario.exercise.id} are of {cell.nation}; a nation has one floor: change one of them")
    for nation in plans.keys() - {*nations}:
        raise InputError(f"no player is of {nation}; a plan can be of {', '.join(nations)}")
    return tuple(
        Side(c.id, c.nation, c.id.replace("_", "-"), f"{c.id} (EX)", (), _all_found(nations, c.nation, precision_m), plans.get(c.nation))
        for c in players
    )


def _all_found(nations: Iterable[str], own: str, precision_m: int) -> tuple[Mapping[str, Any], ...]:
    to = [n for n in nations if n != own]
    return ({"what": ["event", "alert"], "to": to, "precision_m": precision_m}, {"what": ["track"], "to": to}) if to else ()


def _agree(one: Home, other: Home) -> None:
    """Both officers stand beside each other: the fingerprints are read out from file to file."""
    keys, at = [h.identity(None).key for h in (one, other)], datetime.now(UTC)
    letter = invitation.invite(one, other.nation.nation, keys[0], at, os.urandom)
    voiced = invitation.shown_fingerprint(invitation.read_letter(letter, at))
    back = invitation.answer(other, letter, keys[1], at, os.urandom, voiced)
    invitation.conclude(one, back, at, invitation.shown_fingerprint(invitation.read_letter(back, at)))


def _both(text: Words) -> dict[str, str]:
    return {"en": text.en, "es": text.es}


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
