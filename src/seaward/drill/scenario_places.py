"""Places and files of a scenario: inside its box, at sea where ships are, longitude first, and files that can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seaward.chart.read_areas import read_areas
from seaward.chart.read_places import read_places
from seaward.chart.shore import inland_m
from seaward.core.errors import InputError
from seaward.drill.scenario_parts import Found, Reading

SHORE_ERROR_M = 5000.0  # of chart.shore near the shore: a place less far inland may be a berth
STATION_INLAND_M = 20_000.0  # ours: a mountain behind the coast; the chart tells up to 24 km apart
WIDEST_DEG = 180.0


def check_places(read: Reading, root: Found) -> None:
    """Note every place outside the box, or on land where it may not be."""
    area = root.get("area")
    box = area.get("bbox") if area else None
    if box is not None and not (box[1] < box[3] and 0 < (box[2] - box[0]) % 360 <= WIDEST_DEG):
        read.wrong(area.lines["bbox"], "box_order", value=list(box))
        box = None
    for actor in root.parts("actors"):
        _place(read, box, actor.lines.get("start", 0), actor.get("start"), SHORE_ERROR_M)
        for step in actor.parts("plan"):
            _place(read, box, step.lines.get("to", 0), step.get("to"), None if step.get("do") == "false_place" else SHORE_ERROR_M)
    for traffic in root.parts("traffic"):
        for key in ("route", "ports", "around"):
            for line, place in [(traffic.lines[key], traffic.get(key))] if key == "around" and traffic.get(key) else traffic.each(key):
                _place(read, box, line, place, SHORE_ERROR_M)
    for sensor in root.parts("sensors"):
        for station in sensor.parts("stations"):
            _place(read, box, station.lines.get("at", 0), station.get("at"), STATION_INLAND_M)
        look = sensor.get("footprint")
        if look is not None and not (look[1] < look[3] and 0 < (look[2] - look[0]) % 360 <= WIDEST_DEG):
            read.wrong(sensor.lines["footprint"], "box_order", value=list(look))
        elif look is not None and box is not None and not _overlap(look, box):
            read.wrong(sensor.lines["footprint"], "footprint_outside", value=list(look), box=list(box))
    for part in root.parts("interference") + root.parts("weather"):
        _place(read, box, part.lines.get("around", 0), part.get("around"), None)
        _place(read, box, part.lines.get("to", 0), part.get("to"), None)


def _place(read: Reading, box: Any, line: int, place: Any, may_be_inland_m: float | None) -> None:
    if place is None:
        return
    if box is not None and not _in(box, place):
        swapped = (place[1], place[0])
        code = "place_swapped" if abs(place[0]) <= 90 and _in(box, swapped) else "place_outside"
        read.wrong(line, code, value=list(place), other=list(swapped), box=list(box))
    elif may_be_inland_m is not None and (inland := float(inland_m(*place))) > may_be_inland_m:
        read.wrong(line, "on_land" if may_be_inland_m == SHORE_ERROR_M else "station_inland", value=list(place), inland_km=inland / 1000)


def _in(box: Any, place: Any) -> bool:
    west, south, east, north = box
    return south <= place[1] <= north and (place[0] - west) % 360 <= (east - west) % 360


def _overlap(a: Any, b: Any) -> bool:
    return a[1] < b[3] and b[1] < a[3] and ((a[0] - b[0]) % 360 < (b[2] - b[0]) % 360 or (b[0] - a[0]) % 360 < (a[2] - a[0]) % 360)


def check_files(read: Reading, root: Found, folder: Path) -> None:
    """Note every layer or list of ports that is missing, or of which anything would be refused."""
    area = root.get("area")
    if not area:
        return
    for _, file, line in area.get("layers") or ():
        try:
            refused = read_areas(folder / file).refused
            if refused:
                read.wrong(line, "file_refused", file=file, number=refused[0][0], why=refused[0][2])
        except InputError as e:
            read.wrong(line, "file_unreadable", file=file, why=e)
    if file := area.get("ports"):
        try:
            refused = read_places(folder / file).refused
            if refused:
                read.wrong(area.lines["ports"], "file_refused", file=file, number=refused[0][0], why=refused[0][2])
        except InputError as e:
            read.wrong(area.lines["ports"], "file_unreadable", file=file, why=e)
