"""`seaward plan export` and `seaward plan read`: a plan to the bridge as route files and orders, and a route file back, shown and checked."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from seaward.bridge.mistakes import RouteError
from seaward.bridge.route import Route, course_and_nm, stamp
from seaward.cli.detect import Language
from seaward.core.catalogue import render
from seaward.core.errors import InputError, ParameterError
from seaward.orders import orders_to_folder
from seaward.passage import check_route, export, read_route
from seaward.patrol.mistakes import PlanError
from seaward.report.plan_view import broken_said
from seaward.report.words import position, shown, spoken


class Kind(StrEnum):
    """Kinds of files."""

    rtz = "rtz"
    rtzp = "rtzp"
    gpx = "gpx"
    cot = "cot"
    csv = "csv"
    order = "order"


class RtzVersion(StrEnum):
    """Versions of RTZ."""

    first = "1.0"
    second = "1.1"
    third = "1.2"


Spoken = Annotated[Language, typer.Option(help="Language of orders and messages.")]


def export_routes(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="Folder of a plan, its plan.json, or the file of a nation.", show_default=False)],
    kind: Annotated[Kind, typer.Option("--as", help="Kind of file.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the files.", show_default=False)],
    asset: Annotated[str | None, typer.Option(help="Asset; all that sail without it.", show_default=False)] = None,
    rtz: Annotated[RtzVersion, typer.Option(help="Version of RTZ.")] = RtzVersion.third,
    zone: Annotated[float | None, typer.Option(min=-14, max=14, help="Order: local time, hours ahead of UTC; by default of the base's zone.")] = None,
    lang: Spoken = Language.en,
) -> None:
    """Write a plan for the bridge: a route file for each sortie, or a printed order. From a nation's file no more than that nation may see."""
    written = orders_to_folder(plan, asset, out, lang.value, zone) if kind is Kind.order else export(plan, kind.value, asset, out, rtz.value)
    for path in written:
        print(path)


def read_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A route: .rtz, .rtzp, .gpx, .cot or .csv.", show_default=False)],
    against: Annotated[Path | None, typer.Option(metavar="PLANFILE", help="Plan file (TOML) to check it against.", show_default=False)] = None,
    asset: Annotated[str | None, typer.Option(help="Asset of the plan file.", show_default=False)] = None,
    lang: Spoken = Language.en,
) -> None:
    """Show a route file; with --against, check it by the rules of an asset: exit 1 where one is broken."""
    try:
        route = read_route(file)
        if against is None and asset is not None:
            raise ParameterError("--asset names an asset of a plan file: give that with --against PLANFILE")
        if against is not None and not (asset or route.asset):
            raise ParameterError("the file does not say whose route it is: give --asset ID")
        checked, broken = (route, []) if against is None else check_route(route, file.name, against, asset or route.asset)
    except (RouteError, PlanError) as e:
        raise InputError(e.told(lang.value)) from e
    for line in lines_of(checked, lang.value):
        print(line)
    for note in route.notes:
        print(render(note, {}, lang.value))
    if against is None:
        return
    name = asset or route.asset
    if not broken:
        print(render("cli.route.right", {"asset": name}, lang.value))
        return
    print(render("cli.route.broken", {"count": len(broken), "asset": name}, lang.value))
    for b, waypoint in broken:
        print(f"{shown(waypoint, 60) or '-'}: {broken_said(b, lang.value)}")
    raise typer.Exit(1)


def lines_of(route: Route, language: str) -> list[str]:
    """A route in lines: name, arrival and departure, place, course, miles, knots, task."""
    legs = [(0.0, 0.0), *(course_and_nm(p.place, q.place, q.rhumb) for p, q in zip(route.waypoints, route.waypoints[1:], strict=False))]
    told = {"name": shown(route.name, 120), "count": len(route.waypoints), "nm": sum(nm for _, nm in legs)}
    lines = [render("cli.route.named", told | {"realm": route.realm or render("cli.route.unmarked", {}, language)}, language)]
    for k, (w, (course, nm)) in enumerate(zip(route.waypoints, legs, strict=True)):
        times = " - ".join(stamp(m) for m in dict.fromkeys((w.arrive, w.leave)) if m is not None)
        way = f"{round(course) % 360:03d}° {nm:7.1f} nm" if k else ""
        speed = f"{w.speed_kn:5.1f} kn" if w.speed_kn else ""
        task = w.stay or w.task
        said = render(f"plan.page.task.{task}", {}, language) if task else ""
        name, where = shown(w.name, 60) or str(k + 1), position(*w.place, language)
        row = f"{name:<8} {times:<43} {where}  {spoken(way, language):<16} {spoken(speed, language):<9} {said}"
        lines.append(row.rstrip())
    return lines
