"""What a user gives beside feeds (areas, ports, detections, gears), judged and counted: files -> what the watch takes, what is refused or mended."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from seaward.behaviours.area import AreaParams
from seaward.behaviours.fishing import FishingParams
from seaward.behaviours.gears import ANY, CHOICE
from seaward.chart.areas import Area, Areas
from seaward.chart.places import Places
from seaward.chart.read_areas import read_areas
from seaward.chart.read_places import read_places
from seaward.chart.shore import shore_m
from seaward.core.errors import ParameterError
from seaward.core.realm import check_claim
from seaward.core.tables import REJECTED
from seaward.feeds.detections import off_the_shore, read_detections
from seaward.feeds.gears import read_gears
from seaward.watch import WatchParams

_NEEDS = {"area": "areas", "dark_contact": "detections"}  # behaviours that find nothing without what the user gives
GivenPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Given:
    """Areas, ports, detections, gears, what was refused of them (feature or row number for the byte), and per file what was used and mended."""

    areas: Areas | None = None
    places: Places | None = None
    detections: pl.DataFrame | None = None
    gear: str = ANY  # of all vessels but those in `gears`
    gears: Mapping[str, str] = field(default_factory=dict)  # by vessel_id or MMSI
    refused: pl.DataFrame = field(default_factory=REJECTED.empty)
    files: tuple[dict[str, Any], ...] = ()
    unheard: pl.DataFrame = field(default_factory=REJECTED.empty)  # detections that could not be judged

    @staticmethod
    def read(
        realm: str,
        areas: Sequence[GivenPath] = (),
        ports: Sequence[GivenPath] = (),
        detections: Sequence[GivenPath] = (),
        as_of: datetime | None = None,
        gear: str = ANY,
        gears: Sequence[GivenPath] | Mapping[str, str] = (),
    ) -> Given:
        """Read every file. InputError: one holds nothing usable; ParameterError: a gear is none; RealmError: a file is of another drill."""
        of_gears: Sequence[GivenPath] = () if isinstance(gears, Mapping) else gears
        known = dict(FishingParams(gear, gears if isinstance(gears, Mapping) else ()).gears)
        for path in (*detections, *of_gears):
            check_claim(Path(path).name, b"", realm)
        read: list[Area] = []
        refused: list[tuple[str, str, int, str, str]] = []
        files: list[dict[str, Any]] = []
        for path in areas:
            found = read_areas(path)
            read += found.areas
            refused += [(realm, found.name, number, rule, text[:200]) for number, rule, text in found.refused]
            mended = [{"feature": number, "rule": rule, "what": text} for number, rule, text in found.notes]
            files.append({"name": found.name, "holds": "areas", "used": len(found.areas), "refused": len(found.refused), "mended": mended})
        places: list[Places] = []
        for path in ports:
            file = read_places(path)
            places.append(file.places)
            refused += [(realm, file.name, number, rule, text[:200]) for number, rule, text in file.refused]
            odd = [{"feature": number, "rule": rule, "what": text} for number, rule, text in file.notes]
            files.append({"name": file.name, "holds": "ports", "used": len(file.places), "refused": len(file.refused), "mended": odd})
        seen: list[pl.DataFrame] = []
        for path in detections:
            good, bad = read_detections(path, realm, as_of, taken=[f["name"] for f in files])
            good, again = _new(good, seen)
            good, ashore = off_the_shore(good, shore_m)
            bad = pl.concat([bad, again, ashore]).sort("raw_offset")
            seen.append(good)
            refused += bad.cast({"realm": pl.String, "feed": pl.String}).rows()
            name = str((good if len(good) else bad)["feed"][0])
            files.append({"name": name, "holds": "detections", "used": len(good), "refused": len(bad), "mended": []})
        for path in of_gears:
            told = read_gears(path, CHOICE, known)
            known |= told.gears
            refused += [(realm, told.name, number, rule, text[:200]) for number, rule, text in told.refused]
            files.append({"name": told.name, "holds": "gears", "used": len(told.gears), "refused": len(told.refused), "mended": []})
        rows = pl.DataFrame(refused, schema=REJECTED.schema, orient="row") if refused else REJECTED.empty()
        chart = Areas(tuple(read)) if read else None
        return Given(chart, Places.join(places), pl.concat(seen) if seen else None, gear, known, rows, tuple(files))

    def judged_until(self, last: datetime | None) -> Given:
        """With detections later than `last` (see `watch.Seen`; None: no report) told as refused: whether a ship was heard then is not known."""
        if self.detections is None:
            return self
        late = self.detections if last is None else self.detections.filter(pl.col("at") > last)
        rows = late.select("realm", "feed", "raw_offset", rule=pl.lit("detection.after_feeds"), value=pl.col("at").cast(pl.String))
        by_feed = dict(late.group_by(pl.col("feed").cast(pl.String)).len().iter_rows())
        files = tuple(
            {**f, "used": f["used"] - by_feed[f["name"]], "refused": f["refused"] + by_feed[f["name"]]}
            if f["holds"] == "detections" and f["name"] in by_feed else f
            for f in self.files
        )  # fmt: skip
        return replace(self, files=files, unheard=rows.cast(dict(REJECTED.schema)))  # type: ignore[arg-type]

    def applied(self, params: WatchParams, *, asked: bool) -> WatchParams:
        """The watch with this chart; behaviours that would have nothing to go by are left out, unless they were asked for."""
        without = [b.kind for b in params.behaviours if b.kind in _NEEDS and getattr(self, _NEEDS[b.kind]) is None]
        if asked and without:
            option = _NEEDS[without[0]]
            raise ParameterError(f"the behaviour {without[0]} needs {option}; give a file of them with --{option} (in Python: {option}=)")
        left = tuple(replace(b, params=self._with_gears(b.params)) for b in params.behaviours if b.kind not in without)
        return replace(params, areas=self.areas, places=self.places, detections=self.detections, behaviours=left)

    def _with_gears(self, params: Any) -> Any:
        """What a behaviour goes by, with the gears given where it asks for gears."""
        return replace(params, gear=self.gear, gears=self.gears) if isinstance(params, FishingParams | AreaParams) else params


def _new(detections: pl.DataFrame, seen: Sequence[pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Detections that no file before holds at the same moment and place; the others as REJECTED: told twice, each would be two contacts."""
    if not seen:
        return detections, REJECTED.empty()
    known = pl.concat([s.select("at", "lon_deg", "lat_deg") for s in seen])
    again = detections.join(known, on=["at", "lon_deg", "lat_deg"], how="semi")
    rows = again.select("realm", "feed", "raw_offset", rule=pl.lit("detection.duplicate"), value=pl.col("detection_id").cast(pl.String))
    return detections.join(known, on=["at", "lon_deg", "lat_deg"], how="anti", maintain_order="left"), rows.cast(dict(REJECTED.schema))  # type: ignore[arg-type]
