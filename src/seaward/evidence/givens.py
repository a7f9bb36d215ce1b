"""Names of files of areas, ports, detections and gears -> what the watch takes, and the name and hash of each for the pack."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from seaward.behaviours.gears import ANY
from seaward.given import Given, GivenPath


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """What was read, and of each file: name, holds, sha256 (empty for a layer that comes with Seaward)."""

    given: Given
    named: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class GivenFiles:
    """Files that a watch was given beside its feeds."""

    areas: Sequence[GivenPath] = ()
    ports: Sequence[GivenPath] = ()
    detections: Sequence[GivenPath] = ()
    gear: str = ANY
    gears: Sequence[GivenPath] = ()

    def read(self, realm: str, as_of: datetime) -> ReadFiles:
        """Read all of them; InputError where one cannot be."""
        given = Given.read(realm, self.areas, self.ports, self.detections, as_of, self.gear, self.gears)
        paths = [*self.areas, *self.ports, *self.detections, *self.gears]
        named = [
            {"name": file["name"], "holds": file["holds"], "sha256": hashlib.sha256(Path(p).read_bytes()).hexdigest() if Path(p).is_file() else ""}
            for p, file in zip(paths, given.files, strict=True)
        ]
        return ReadFiles(given, named)
