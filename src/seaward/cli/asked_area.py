"""AREA as a user names it -> a polygon: a box W,S,E,N, a file, or the name of an area in the layers given."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from typer.core import TyperCommand

from seaward.chart.read_areas import read_areas
from seaward.core.catalogue import render
from seaward.core.errors import InputError, ParameterError
from seaward.core.foreign_text import one_line

_NUMBER = r"\s*[-+]?\d+(?:\.\d*)?\s*"
_BOX = re.compile(rf"{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}")
_SHOWN = 12  # names in a message


class MayBeginWithMinus(TyperCommand):
    """A command whose argument may be a box west of Greenwich: -79,-13,-77,-11 is no option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if "--" not in args:
            boxes = [a for a in args if a.startswith("-") and _BOX.fullmatch(a)]
            args = [a for a in args if a not in boxes] + (["--", *boxes] if boxes else [])
        return super().parse_args(ctx, args)


def area_named(text: str, layers: Sequence[str], language: str) -> tuple[str, BaseGeometry]:
    """What to call it, and the polygon within -180..180.

    Raises
    ------
    ParameterError
        If it is a box with an edge where none can be, or a name that no area or several have.
    InputError
        If it is a file that holds no area.
    """
    if _BOX.fullmatch(text):
        return text, _box(*(float(v) for v in text.split(",")))
    if Path(text).suffix or Path(text).exists():
        return Path(text).name, _of_file(text, language)
    named: dict[str, list[BaseGeometry]] = {}
    for layer in layers:
        for area in read_areas(layer).areas:
            named.setdefault(area.name, []).append(area.shape)
    wanted = text.casefold().strip()
    fit = [n for n in named if n.casefold() == wanted] or [n for n in named if wanted and wanted in n.casefold()]
    if len(fit) == 1:
        return fit[0], shapely.union_all(named[fit[0]])
    code, known = ("several_areas", fit) if fit else ("unknown_area", [*named])
    shown = "; ".join(one_line(n) for n in known[:_SHOWN]) + (" ..." if len(known) > _SHOWN else "")
    raise ParameterError(render(f"cli.query.{code}", {"name": repr(one_line(text)[:80]), "known": shown}, language))


def _box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90 and west != east):
        raise ParameterError(
            f"the box {west:g},{south:g},{east:g},{north:g} is none; write W,S,E,N in degrees, S below N; W above E crosses 180 degrees"
        )
    if west < east:
        return shapely.box(west, south, east, north)
    parts = [shapely.box(a, south, b, north) for a, b in ((west, 180.0), (-180.0, east)) if a < b]
    return shapely.union_all(parts)


def _of_file(text: str, language: str) -> BaseGeometry:
    if not Path(text).exists():
        raise InputError(f"{text} is not there; name a file of areas, an area of a layer, or a box as W,S,E,N in degrees")
    found = read_areas(text)
    if found.notes or found.refused:
        told = {"name": found.name, "used": len(found.areas), "mended": len(found.notes), "refused": len(found.refused)}
        print(render("cli.areas", told, language), file=sys.stderr)
    return shapely.union_all([a.shape for a in found.areas])
