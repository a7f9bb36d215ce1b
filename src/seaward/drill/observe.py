"""The sensors of a simulated sea: stretches of truth -> what each receiver hands over, as bytes of its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seaward.core.errors import RealmError
from seaward.core.realm import is_drill
from seaward.core.units import at_to_us
from seaward.drill import detections, vms
from seaward.drill.ais_send import Senders
from seaward.drill.coastal_ais import CoastalAis
from seaward.drill.coastal_radar import CoastalRadar
from seaward.drill.hold_back import MOST_HULLS, MOST_STATIONS
from seaward.drill.hulls import Cast, Stretch
from seaward.drill.looks import Looks
from seaward.drill.satellite_ais import SatelliteAis
from seaward.drill.scenario import Box, Sensor

PIECE_MS = 120_000  # of a stretch at a time: memory goes with it, results do not
_WHOLE: Box = (-180.0, -90.0, 180.0, 90.0)


class Receiver(Protocol):
    """One sensor at work; give it the stretches and messages in order."""

    suffix: str

    def take(self, sea: Stretch, sent: NDArray[np.void]) -> tuple[bytes, int]:
        """What is handed over by the end of a stretch, and how many lines or rows."""
        ...

    @property
    def held(self) -> int:
        """What is received but not yet handed over."""
        ...


@dataclass(frozen=True, slots=True)
class Observed:
    """What became of one sensor's file."""

    path: Path
    rows: int
    held: int  # still on its way when the exercise ended: messages, rows, looks or plots


class Sensors:
    """All sensors of a scenario over one sea.

    Parameters
    ----------
    cast
        Who sails.
    sensors
        In any order; none changes what another gives.
    start
        First moment of the exercise, with its time zone.
    realm
        `ex:<drill id>`.
    seed
        Of the scenario.
    bbox
        The area of the scenario, which a look without a footprint sees.

    Raises
    ------
    RealmError
        If the realm is not that of a drill.
    """

    def __init__(self, cast: Cast, sensors: Sequence[Sensor], start: datetime, realm: str, *, seed: int, bbox: Box = _WHOLE) -> None:
        if not is_drill(realm):
            raise RealmError(f"realm is {realm!r}; a simulated sea is only for ex:<drill id>")
        if len(cast.hulls.id) > MOST_HULLS or any(len(s.stations) > MOST_STATIONS for s in sensors):
            raise ValueError(f"{len(cast.hulls.id)} hulls; at most {MOST_HULLS} hulls, and {MOST_STATIONS} stations of a sensor, are simulated")
        start_ms = at_to_us(start) // 1000
        self._senders = Senders(cast)
        self.receivers: dict[str, Receiver] = {s.id: _receiver(s, cast, start_ms, realm, seed, bbox) for s in sensors}
        self.names = {s.id: f"{realm.replace(':', '-')}.{s.id}.{self.receivers[s.id].suffix}" for s in sensors}
        self.heads = {s.id: _head(s, realm) for s in sensors}

    def take(self, sea: Stretch) -> dict[str, tuple[bytes, int]]:
        """What each sensor hands over by the end of a stretch, and how many lines or rows; an id is a sensor's."""
        sent = self._senders.send(sea)
        return {name: receiver.take(sea, sent) for name, receiver in self.receivers.items()}


def observe(
    cast: Cast,
    stretches: Iterable[Stretch],
    sensors: Sequence[Sensor],
    start: datetime,
    folder: Path | str,
    realm: str,
    *,
    seed: int,
    bbox: Box = _WHOLE,
) -> dict[str, Observed]:
    """Write what each sensor hands over into a file of its own.

    Parameters
    ----------
    stretches
        The true sea, in order; where it is cut changes nothing.
    folder
        Where the files go, `<realm>.<sensor>.nmea` or `.csv` with the realm's colon as a dash.
    cast, sensors, start, realm, seed, bbox
        As of `Sensors`.

    Returns
    -------
    By sensor, its file, the lines or rows in it, and how many were still on their way when the sea ended: these are not written.
    """
    rig = Sensors(cast, sensors, start, realm, seed=seed, bbox=bbox)
    paths = {name: Path(folder) / file for name, file in rig.names.items()}
    count = dict.fromkeys(paths, 0)
    with ExitStack() as stack:
        files = {name: stack.enter_context(path.open("wb")) for name, path in paths.items()}
        for name, file in files.items():
            file.write(rig.heads[name])
        for sea in stretches:
            for piece in pieces(sea):
                for name, (text, n) in rig.take(piece).items():
                    files[name].write(text)
                    count[name] += n
    return {name: Observed(path, count[name], rig.receivers[name].held) for name, path in paths.items()}


def pieces(sea: Stretch) -> Iterator[Stretch]:
    """A stretch in pieces of two minutes, or of a tick where that is longer."""
    first = 0
    while first < len(sea.at_ms) - 1:
        last = max(first + 1, int(np.searchsorted(sea.at_ms, sea.at_ms[first] + PIECE_MS, "right")) - 1)
        cut: dict[str, Any] = {f.name: _rows(getattr(sea, f.name), slice(first, last + 1)) for f in fields(sea)}
        yield Stretch(**cut)
        first = last


def _rows(column: NDArray[Any] | None, which: slice) -> NDArray[Any] | None:
    return None if column is None else column[which]


def _receiver(sensor: Sensor, cast: Cast, start_ms: int, realm: str, seed: int, bbox: Box) -> Receiver:
    match sensor.kind:
        case "coastal_ais":
            return CoastalAis(sensor, cast, seed, start_ms)
        case "satellite_ais":
            return SatelliteAis(sensor, cast, seed, start_ms)
        case "vms":
            return vms.Vms(sensor, cast, seed, start_ms, realm)
        case "coastal_radar":
            return CoastalRadar(sensor, cast, seed, start_ms, realm)
        case "sar" | "optical" | "night_light":
            return Looks(sensor, cast, seed, start_ms, realm, bbox)
    raise ValueError(f"sensor {sensor.id} is of kind {sensor.kind!r}; it must be one of seaward.drill.scenario.SENSOR_KINDS")


def _head(sensor: Sensor, realm: str) -> bytes:
    """The first line: a comment where the format has comments, else the names of the columns."""
    if sensor.kind in ("coastal_ais", "satellite_ais"):
        return f"# EXERCISE EXERCISE EXERCISE {realm} {sensor.id}: simulated, not real\r\n".encode()
    return (vms.HEADER if sensor.kind == "vms" else detections.HEADER).encode()
