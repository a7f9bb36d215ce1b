"""A route read back is the route that was written, in every format: names, places, times to the second, speeds, tasks, realm."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings

from seaward.bridge.cot import read_cot, write_cot
from seaward.bridge.gpx import read_gpx, write_gpx
from seaward.bridge.marks import fits_nmea
from seaward.bridge.read_rtz import read_rtz
from seaward.bridge.route import Stretch, course_and_nm, routes_of, stretches_of, timed
from seaward.bridge.table import read_table, write_table
from seaward.bridge.write_rtz import write_rtz, write_rtzp
from tests.bridge.made_up_routes import LEGS, START, leg, made_up, routes

FORMATS = {
    "rtz 1.0": (lambda r: write_rtz(r, "1.0"), read_rtz, "rtz"),
    "rtz 1.1": (lambda r: write_rtz(r, "1.1"), read_rtz, "rtz"),
    "rtz 1.2": (lambda r: write_rtz(r, "1.2"), read_rtz, "rtz"),
    "rtzp": (write_rtzp, read_rtz, "rtzp"),
    "gpx": (write_gpx, read_gpx, "gpx"),
    "cot": (write_cot, read_cot, "cot"),
    "csv": (write_table, read_table, "csv"),
}


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=50)
@given(routes())
def test_what_is_read_is_what_was_written(kind, route) -> None:
    write, read, ending = FORMATS[kind]
    raw = write(route)
    assert read(f"{route.name}.{ending}", raw) == route
    assert write(route) == raw


def test_legs_become_routes_from_port_to_port_and_legs_again() -> None:
    found = made_up()
    assert [r.name for r in found] == ["ex-small.EXERCISE.opv.1", "ex-small.EXERCISE.opv.2"]
    sailed = [s for r in found for s in stretches_of(r)]
    told = [x for x in LEGS if x["task"] != "port"]
    assert [(s.task, len(s.way)) for s in sailed] == [(x["task"], len(x["way"])) for x in told]
    for s, x in zip(sailed, told, strict=True):
        assert [list(p) for p in s.way] == x["way"]
        assert f"{s.start:%Y-%m-%dT%H:%M:%SZ}" == x["start"] and f"{s.end:%Y-%m-%dT%H:%M:%SZ}" == x["end"]
        assert (s.speed_kn or 0.0) == x["speed_kn"]


@pytest.mark.parametrize("realm", ["ops", "ex:small"])
def test_names_fit_nmea_and_are_a_routes_own_and_only_a_drills_begin_with_ex(realm) -> None:
    for route in made_up(realm):
        names = [w.name for w in route.waypoints]
        assert len(set(names)) == len(names) and all(map(fits_nmea, names))
        assert all(n.startswith("EX") == (realm != "ops") for n in names)


def test_a_drill_says_so_in_every_part_of_every_file() -> None:
    route = made_up()[0]
    rtz = fromstring(write_rtz(route))
    assert "EXERCISE" in rtz[0].get("routeName", "") and "EJERCICIO" in rtz[0].get("routeStatus", "") and "EXERCISE" in rtz[0].get("vesselName", "")
    gpx = fromstring(write_gpx(route))
    points = [p for p in gpx.iter() if p.tag.endswith("rtept")]
    assert all("EXERCISE ex:small" in "".join(p.itertext()) for p in points) and len(points) == len(route.waypoints)
    cot = fromstring(write_cot(route))
    assert (cot.get("how"), cot.get("opex")) == ("m-s", "e-small")
    assert all("EXERCISE ex:small" in x.get("remarks", "") for x in cot.iter("link"))
    rows = list(csv.DictReader(io.StringIO(write_table(route).decode())))
    assert all(r["realm"] == "ex:small" and r["name"].startswith("EX") for r in rows)
    real = made_up("ops")[0]
    assert not any(b"EXERCISE" in write(real) or b"EJERCICIO" in write(real) for write, _, _ in FORMATS.values())


def test_gpx_keeps_the_planned_speed_where_opencpn_looks_for_it_and_guids_are_unique() -> None:
    said = [write_gpx(r).decode() for r in made_up()]
    assert "<opencpn:planned_speed>14.000</opencpn:planned_speed>" in said[0]
    guids = [part.split("<")[0] for text in said for part in text.split("<opencpn:guid>")[1:]]
    assert len(set(guids)) == len(guids) == sum(len(r.waypoints) + 1 for r in made_up())


def test_courses_and_miles_are_those_worked_by_hand() -> None:
    assert course_and_nm((0.0, 0.0), (1.0, 0.0)) == pytest.approx((90.0, 60.04), abs=0.01)
    assert course_and_nm((10.0, 50.0), (10.0, 49.0), True) == pytest.approx((180.0, 60.04), abs=0.01)
    assert course_and_nm((179.5, 0.0), (-179.5, 0.0), True) == pytest.approx((90.0, 60.04), abs=0.01)
    # mid-latitude sailing from 40 N 70 W to 45 N 60 W: tan(course) = 10 / (60.45 - 43.71 in stretched degrees) by tables of meridional parts
    course, nm = course_and_nm((-70.0, 40.0), (-60.0, 45.0), True)
    assert course == pytest.approx(55.9, abs=0.1) and nm == pytest.approx(535.0, abs=1.5)
    assert course_and_nm((-70.0, 40.0), (-60.0, 45.0))[1] < nm


def test_a_route_without_times_gets_them_from_its_speeds() -> None:
    route = made_up()[1]
    from dataclasses import replace

    bare = replace(route, waypoints=tuple(replace(w, arrive=None, leave=None, stay="") for w in route.waypoints))
    found = timed(bare, START, 10.0)
    assert found.waypoints[0].leave == START
    first = found.waypoints[1]
    hours = course_and_nm(route.waypoints[0].place, first.place)[1] / 14.0
    assert first.arrive is not None and abs(first.arrive - START - timedelta(hours=hours)) < timedelta(seconds=1)


def test_a_way_of_one_course_is_looked_at_along_that_course() -> None:
    from dataclasses import replace

    route = made_up()[1]
    bent = replace(route, waypoints=tuple(replace(w, rhumb=k > 0) for k, w in enumerate(route.waypoints)))
    (first, *_) = stretches_of(bent)
    assert isinstance(first, Stretch) and len(first.way) > 2
    courses = [course_and_nm(p, q, True)[0] for p, q in zip(first.way, first.way[1:], strict=False)]
    assert max(courses) - min(courses) < 0.01


def test_a_sortie_that_does_not_come_home_has_no_port_at_its_end() -> None:
    (route,) = routes_of([leg("port", 0, 1, (-77.2, -12.0)), leg("transit", 1, 5, (-77.2, -12.0), (-78.0, -12.0))], "ops", "p")
    assert [w.name for w in route.waypoints] == ["P001", "W002"]
