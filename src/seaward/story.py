"""The story of a joint night, played at two watch floors by officers over their floors' API: each step is done, then looked for where it must show.

A step that does not happen before the sea ends is missed, and said so; nothing here takes it for granted.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from seaward.core.errors import SeawardError
from seaward.core.geodesy import great_circle_m
from seaward.core.units import NM_M, at_to_us
from seaward.drill.hulls import SAIL
from seaward.drill.kernel import Action
from seaward.floors import Floors
from seaward.node.clock import moment
from seaward.report.words import position

STEPS = ("found", "taken", "shared", "partner", "joined", "replanned", "agreed", "mayday", "tasked", "met")
# minutes of the night by which floors that keep up have done a step; ours: sweep of the radar at 60, of the satellite at 70, the inject at 88
_DUE_MIN = {"found": 66, "taken": 67, "shared": 67, "partner": 75, "joined": 76, "replanned": 77, "agreed": 78, "mayday": 91, "tasked": 93}
_LOOK_S = 0.2  # real time between two looks
_MET_NM = 1.0  # a ship so close to the place of the meeting has come to it; ours
_CLOSE_NM = 2.0  # contacts of two sensors so close are of one vessel, for the story; the watch decides by its own measure
_SHIP_KN = 20.0
Say = Callable[[str, dict[str, Any]], None]  # a code of the catalogue and its values


class Missed(SeawardError):
    """The sea ended before a step happened."""


@dataclass(frozen=True, slots=True)
class Night:
    """Who is who in the scenario."""

    home: str = "PER"
    partner: str = "USA"
    offender: str = "jig07"
    ship: str = "patrol1"
    cutter: str = "cutter1"
    boat: str = "bote1"
    mayday: str = "I2"  # the inject
    asset: str = "PATRULLERA-1"  # as the plan calls the ship
    unit: str = "CUTTER 1 (EX)"


class Story:
    """Plays in a thread of its own while the sea runs.

    Parameters
    ----------
    floors
        Running.
    say
        Told each step that happened.
    language
        Of what is shown.
    """

    def __init__(self, floors: Floors, say: Say, language: str) -> None:
        self.floors, self.night, self.say, self.language = floors, Night(), say, language
        self.done: list[str] = []
        self.problem = ""
        self.orders: queue.SimpleQueue[tuple[str, float, float]] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._play, name="story", daemon=True)
        self._us, self._them = floors.officers[self.night.home], floors.officers[self.night.partner]

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """The sea has ended: what did not happen by now is missed."""
        self._ended.set()
        self._thread.join(60.0)

    def awaited(self, at_ms: int) -> str:
        """The step that should have been done by now and may still be; empty if there is none."""
        if self.problem or len(self.done) == len(STEPS):
            return ""
        step = STEPS[len(self.done)]
        return step if at_ms > _DUE_MIN.get(step, at_ms) * 60_000 else ""

    def given(self, at_ms: int) -> list[Action]:
        """Orders to hulls since the last call, from a moment on until the end."""
        clock, found = self.floors.scenario.clock, []
        while not self.orders.empty() and at_ms < clock.length_ms:
            hull, lon, lat = self.orders.get()
            found.append(Action(at_ms, hull, SAIL, clock.length_ms, lon, lat, _SHIP_KN))
        return found

    def _play(self) -> None:
        alert: dict[str, Any] = {}
        try:
            self._until(lambda: self._linked() or None)
            self._us.ask("exchange/controls", {"to": self.night.partner, "control": "start"})
            alert = self._found()
            self._taken(alert)
            self._shared(alert)
            self._partner()
            self._joined(alert)
            meeting = self._replanned(alert)
            self._agreed()
            self._mayday()
            self._met(meeting)
        except Missed as e:
            self.problem = str(e)
        except Exception as e:
            self.problem = f"{type(e).__name__}: {e}"

    def _now_ms(self) -> int:
        return (self.floors.clock.now_us() - at_to_us(self.floors.scenario.clock.start)) // 1000

    def _until(self, holds: Callable[[], Any]) -> Any:
        """What it gives once it gives something; Missed when the sea ends first."""
        while (found := holds()) is None:
            if self._ended.wait(_LOOK_S):
                raise Missed(STEPS[len(self.done)])
        return found

    def _tell(self, step: str, **values: Any) -> None:
        at = moment(self.floors.clock.now_us()).strftime("%H:%MZ")
        self.say(f"demo.{step}", {"at": at} | values)
        self.done.append(step)

    def _linked(self) -> bool:
        return all(any(link["state"] == "up" for link in o.ask("exchange")["links"]) for o in (self._us, self._them))

    # -- the steps

    def _dark(self, officer: Any) -> dict[str, Any] | None:
        """An alert about a contact without a track in a restricted area."""
        found = [a for a in officer.ask("alerts?kind=dark_contact&live=true")["items"] if a["areas"]]
        return found[0] if found else None

    def _found(self) -> dict[str, Any]:
        alert = self._until(lambda: self._dark(self._us))
        why = " ".join(alert["words"][:2])
        self._tell("found", place=self._at(alert), area=alert["areas"][0], percent=100 * (alert["probability"] or 0), why=why,
                   url=f"{self._us.url}/#alert={alert['alert_id']}")  # fmt: skip
        return alert

    def _taken(self, alert: dict[str, Any]) -> None:
        for verb in ("acknowledge", "validate"):
            now = self._us.ask(f"alerts/{alert['alert_id']}")["alert"]
            self._us.ask(f"alerts/{alert['alert_id']}/{verb}", {}, revision=now["revision"])
        case = self._until(lambda: next((c for c in self._us.ask("cases")["items"] if c["alert_id"] == alert["alert_id"]), None))
        self._tell("taken", name=case.get("opened_by", self._us.person))

    def _shared(self, alert: dict[str, Any]) -> None:
        def came() -> dict[str, Any] | None:
            for row in self._them.ask("exchange/objects")["items"]:
                body = row["body"] if isinstance(row["body"], dict) else json.loads(row["body"])
                if row["kind"] == "event" and row["origin"] == self.night.home and body["kind"] == "dark_contact" and body["error_m"]:
                    return body
            return None

        body = self._until(came)
        off_m = _apart_nm((alert["lon_deg"], alert["lat_deg"]), (body["lon_udeg"] / 1e6, body["lat_udeg"] / 1e6)) * NM_M
        if off_m < 1.0:
            raise Missed("shared: the place that the partner got is the exact one")
        self._tell("shared", error_nm=body["error_m"] / NM_M, off_nm=off_m / NM_M, url=f"{self._them.url}/")

    def _partner(self) -> None:
        alert = self._until(lambda: self._dark(self._them))
        self._tell("partner", place=self._at(alert), percent=100 * (alert["probability"] or 0), url=f"{self._them.url}/#alert={alert['alert_id']}")

    def _joined(self, alert: dict[str, Any]) -> None:
        """Our event is told by the partner too: one vessel, seen by both."""

        def one() -> dict[str, Any] | None:
            rows = self._us.ask("picture/events?kind=dark_contact")["items"]
            return next((r for r in rows if r["owner"] == "own" and any(t["origin"] == self.night.partner for t in r["told_by"])
                         and _apart_nm((r["lon_deg"], r["lat_deg"]), (alert["lon_deg"], alert["lat_deg"])) < _CLOSE_NM), None)  # fmt: skip

        row = self._until(one)
        told = next(t for t in row["told_by"] if t["origin"] == self.night.partner)
        self._tell("joined", apart_nm=_apart_nm((row["lon_deg"], row["lat_deg"]), (told["lon_deg"], told["lat_deg"])))

    def _replanned(self, alert: dict[str, Any]) -> dict[str, Any]:
        """Answer the alert with the patrol that is out, and have the answer sailed."""
        began = time.monotonic()
        told = self._us.ask("patrol/answers", {"targets": [{"alert": alert["alert_id"]}], "within_h": 6.0})
        took_s = time.monotonic() - began
        meeting = next((m for m in told["answer"]["meetings"] if m["asset"] == self.night.asset), None)
        if meeting is None:
            raise Missed(f"replanned: {' '.join(told['words'])}")
        self._us.ask(f"patrol/answers/{told['n']}/accept", {})
        self.orders.put((self.night.ship, meeting["lon_deg"], meeting["lat_deg"]))
        watcher = meeting["watcher"]
        self._tell("replanned", took_s=took_s, asset=meeting["asset"], meet=meeting["meet"][11:16] + "Z", percent=100 * meeting["chance"],
                   watcher=watcher["asset"] if watcher else "-", url=f"{self._us.url}/")  # fmt: skip
        return dict(meeting)

    def _agreed(self) -> None:
        """The partner's own part of the new plan is proposed, and it agrees."""
        shown = self._us.ask("patrol/shown/us")
        made = self._us.ask("exchange/plans", {"to": self.night.partner, "plan": shown, "theirs": "us"})
        theirs = self._until(lambda: self._thread_of(self._them, "plan", "proposed"))
        self._them.ask(f"exchange/threads/{theirs['thread']}/reply", {"verb": "agree"})
        self._until(lambda: True if self._us.ask(f"exchange/threads/{made['thread']}")["state"] == "agreed" else None)
        self._tell("agreed", name=self._them.person)

    def _mayday(self) -> None:
        """The inject; the rescue is told to the partner, whose cutter is asked for and sent."""
        inject = next(i for i in self.floors.scenario.injects if i.id == self.night.mayday)
        self._until(lambda: True if self._now_ms() >= (inject.at_ms or 0) else None)
        text = inject.text.es if self.language == "es" else inject.text.en
        self._us.ask("exchange/controls", {"to": self.night.partner, "control": "inject", "text": text})
        boat = self._vessel(self.night.boat)
        spot = {"lon_deg": boat["lon_deg"], "lat_deg": boat["lat_deg"], "error_m": 500}
        self._us.ask("exchange/rescues", {"to": self.night.partner, "phase": "distress", "persons": 4, "text": text, **spot})
        self._until(lambda: self._thread_of(self._them, "rescue", "distress"))
        self._tell("mayday", text=text, place=position(boat["lon_deg"], boat["lat_deg"], self.language))
        until = datetime.now(UTC) + timedelta(hours=2)
        made = self._us.ask(
            "exchange/tasks", {"to": self.night.partner, "what": "rescue", "unit": self.night.unit, "until": until.isoformat(), **spot}
        )
        theirs = self._until(lambda: self._thread_of(self._them, "task", "asked"))
        self._them.ask(f"exchange/threads/{theirs['thread']}/reply", {"verb": "accept"})
        self._until(lambda: True if self._us.ask(f"exchange/threads/{made['thread']}")["state"] == "accepted" else None)
        self.orders.put((self.night.cutter, boat["lon_deg"], boat["lat_deg"]))
        self._tell("tasked", unit=self.night.unit)

    def _met(self, meeting: dict[str, Any]) -> None:
        """By our own picture the ship is where it was to meet the contact."""
        place = (meeting["lon_deg"], meeting["lat_deg"])

        def there() -> dict[str, Any] | None:
            ship = self._vessel(self.night.ship)
            return ship if _apart_nm((ship["lon_deg"], ship["lat_deg"]), place) < _MET_NM else None

        ship = self._until(there)
        self._tell("met", asset=self.night.asset, place=position(ship["lon_deg"], ship["lat_deg"], self.language))

    # -- what they look at

    def _at(self, row: dict[str, Any]) -> str:
        return position(row["lon_deg"], row["lat_deg"], self.language)

    def _vessel(self, hull: str) -> dict[str, Any]:
        """As our picture has it last."""
        mmsi = self.floors.mmsi[hull]

        def last() -> dict[str, Any] | None:
            row = self.floors.nodes[self.night.home].run(self.floors.nodes[self.night.home].live.latest).filter(pl.col("mmsi") == mmsi)
            return row.row(0, named=True) if len(row) and row["lon_deg"][0] is not None else None

        found: dict[str, Any] = self._until(last)
        return found

    def _thread_of(self, officer: Any, kind: str, state: str) -> dict[str, Any] | None:
        rows = officer.ask(f"exchange/threads?kind={kind}")["threads"]
        return next((t for t in rows if t["state"] == state), None)


def closest_nm(files: Any, night: Night) -> float:
    """How close ship and offender truly came after all [nm]: for who reviews, not for who watches."""
    tracks = pl.read_parquet(files.true_tracks)
    one, other = (tracks.filter(pl.col("actor") == who) for who in (night.ship, night.offender))
    both = one.join(other, on="at", suffix="_other")
    apart = [_apart_nm((r["lon_deg"], r["lat_deg"]), (r["lon_deg_other"], r["lat_deg_other"])) for r in both.iter_rows(named=True)]
    return min(apart, default=float("inf"))


def _apart_nm(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(great_circle_m(one[0], one[1], other[0], other[1])) / NM_M
