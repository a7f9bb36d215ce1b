"""A route file of an ECDIS (RTZ 1.0, 1.1 or 1.2, or the RTZP that holds one) -> a route; or everything that is wrong with it."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import PurePosixPath

from seaward.bridge.marks import claimed_realm
from seaward.bridge.mistakes import Mistake, RouteError
from seaward.bridge.own import TASKS, origin
from seaward.bridge.route import Route, Waypoint
from seaward.bridge.rtz_rules import MOST_BYTES, VERSIONS, broken_rules, moment, namespace
from seaward.bridge.xml_in import Node, nodes_of

_MOST_PACKED = 20_000_000  # of an RTZP with what is attached


@dataclass(frozen=True, slots=True)
class _Timing:
    arrive: datetime | None = None
    leave: datetime | None = None
    speed_kn: float | None = None


def read_rtz(name: str, raw: bytes) -> Route:
    """Read a route.

    Parameters
    ----------
    name
        Of the file; without its ending it must be the name of the route, as the standard asks.
    raw
        Its bytes; of an RTZP, the whole archive.

    Returns
    -------
    The route, with the times of its first schedule.

    Raises
    ------
    RouteError
        With every mistake, its line and what to do.
    RealmError
        If it tells of two realms.

    Limits
    ------
    Radii, cross track limits, draughts, weather, and schedules after the first are checked and not kept.
    """
    if raw[:2] == b"PK":
        name, raw = _unpacked(name, raw)
    root = nodes_of(name, raw, MOST_BYTES)
    version = next((v for v in VERSIONS if (root.namespace, root.tag) == (namespace(v), "route")), None)
    if version is None:
        raise RouteError(name, [Mistake(root.line, "not_rtz", {"element": root.tag, "namespace": root.namespace or "-"})])
    wrong = list(broken_rules(root, version))
    said = root.attributes.get("version", version)
    if said != version:
        wrong.append(Mistake(root.line, "version", {"said": said, "version": version}))
    if wrong:
        raise RouteError(name, wrong)
    info, listed = root.child("routeInfo"), root.child("waypoints")
    assert info is not None and listed is not None
    waypoints = listed.all("waypoint")
    ids = [int(w.attributes["id"]) for w in waypoints]
    wrong = [*_wrong_info(name, info), *_wrong_ids(waypoints, ids)]
    schedules = [s for part in root.all("schedules") for s in part.all("schedule")]
    timings = [_timings(schedule, ids, wrong) for schedule in schedules]
    for schedule, timing in zip(schedules, timings, strict=True):
        wrong += _wrong_times(schedule, ids, timing)
    if wrong:
        raise RouteError(name, wrong)
    return _route(root, info, listed, waypoints, timings, len(schedules))


def _unpacked(name: str, raw: bytes) -> tuple[str, bytes]:
    """The one route of an RTZP."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            found = [i for i in archive.infolist() if i.filename.lower().endswith(".rtz")]
            if len(raw) > _MOST_PACKED or len(found) != 1 or found[0].file_size > MOST_BYTES:
                raise RouteError(name, [Mistake(1, "rtzp", {"count": len(found)})])
            with archive.open(found[0]) as packed:
                return PurePosixPath(found[0].filename.replace("\\", "/")).name, packed.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as e:
        raise RouteError(name, [Mistake(1, "zip", {"why": str(e)})]) from e


def _wrong_info(name: str, info: Node) -> list[Mistake]:
    wrong = []
    start, stop = (moment(info.attributes[k]) if k in info.attributes else None for k in ("validityPeriodStart", "validityPeriodStop"))
    if start and stop and start >= stop:
        wrong.append(Mistake(info.line, "validity", {}))
    if (stem := PurePosixPath(name).stem) != info.attributes["routeName"]:
        wrong.append(Mistake(info.line, "file_name", {"route": info.attributes["routeName"], "file": stem}))
    return wrong


def _wrong_ids(waypoints: list[Node], ids: list[int]) -> list[Mistake]:
    return [Mistake(w.line, "id_twice", {"id": i}) for k, (w, i) in enumerate(zip(waypoints, ids, strict=True)) if i in ids[:k]] if len(
        set(ids)) < len(ids) else []  # fmt: skip


def _timings(schedule: Node, ids: list[int], wrong: list[Mistake]) -> dict[str, dict[int, _Timing]]:
    """What a schedule says of each waypoint: set by hand, and calculated."""
    known = set(ids)
    told: dict[str, dict[int, _Timing]] = {}
    for kind in ("manual", "calculated"):
        told[kind] = {}
        for e in (e for part in schedule.all(kind) for e in part.all("scheduleElement", "sheduleElement")):
            i, at = int(e.attributes["waypointId"]), e.attributes
            if i not in known:
                wrong.append(Mistake(e.line, "schedule_id", {"id": i}))
                continue
            arrive, leave = (moment(at[k]) if k in at else None for k in ("eta", "etd"))
            if arrive and leave and leave < arrive:
                wrong.append(Mistake(e.line, "leaves_early", {"id": i, "eta": at["eta"], "etd": at["etd"]}))
            told[kind][i] = _Timing(arrive, leave, float(at["speed"]) if "speed" in at else None)
    return told


def _wrong_times(schedule: Node, ids: list[int], told: dict[str, dict[int, _Timing]]) -> list[Mistake]:
    """Times that go backwards along the route."""
    wrong = []
    for part in told.values():
        moments = [(i, m) for i in ids if i in part for m in (part[i].arrive, part[i].leave) if m is not None]
        wrong += [
            Mistake(schedule.line, "backwards", {"id": j, "at": f"{b:%Y-%m-%d %H:%M:%SZ}", "before": i, "earlier": f"{a:%Y-%m-%d %H:%M:%SZ}"})
            for (i, a), (j, b) in pairwise(moments)
            if b < a
        ]
    return wrong


def _own(node: Node) -> Mapping[str, str]:
    """What our extension of an element says."""
    found = (e for part in node.all("extensions") for e in part.all("extension") if e.attributes.get("manufacturer") == "Seaward")
    return next((e.attributes for e in found), {})


def _task(own: Mapping[str, str], key: str, usual: str) -> str:
    said = own.get(key, usual)
    return said if said in TASKS else usual


def _route(root: Node, info: Node, listed: Node, waypoints: list[Node], timings: list[dict[str, dict[int, _Timing]]], schedules: int) -> Route:
    default = listed.child("defaultWaypoint")
    default_leg = default.child("leg") if default else None
    usual = default_leg.attributes.get("geometryType", "Loxodrome") if default_leg else "Loxodrome"
    first = timings[0] if timings else {"manual": {}, "calculated": {}}
    points = []
    for k, w in enumerate(waypoints):
        i, own = int(w.attributes["id"]), _own(w)
        by_hand, reckoned = first["manual"].get(i, _Timing()), first["calculated"].get(i, _Timing())
        arrive, leave = reckoned.arrive or by_hand.arrive, reckoned.leave or by_hand.leave
        leave = leave or (arrive if k < len(waypoints) - 1 else None)
        arrive = arrive or (leave if k else None)
        at, leg = w.child("position"), w.child("leg")
        assert at is not None
        how = leg.attributes.get("geometryType", usual) if leg else usual
        points.append(Waypoint(
            w.attributes.get("name", ""), float(at.attributes["lon"]), float(at.attributes["lat"]), arrive, leave,
            (reckoned.speed_kn if reckoned.speed_kn is not None else by_hand.speed_kn) if k else None, _task(own, "task", "transit") if k else "",
            _task(own, "stay", ""), how == "Loxodrome" and k > 0,
        ))  # fmt: skip
    own, name = _own(root), info.attributes["routeName"]
    notes = [*(["route.note.schedules"] if schedules > 1 else []), *([] if schedules else ["route.note.no_times"])]
    realm = claimed_realm(own.get("realm"), name, [p.name for p in points])
    return Route(name, realm, tuple(points), **origin(own), notes=tuple(notes))
