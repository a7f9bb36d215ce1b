"""A route <-> CSV, one row a waypoint: for spreadsheets and for people, with positions in degrees and in degrees and decimal minutes."""

from __future__ import annotations

import csv
import io

from seaward.bridge.marks import claimed_realm
from seaward.bridge.mistakes import Mistake, RouteError
from seaward.bridge.own import backwards, origin, told_of, told_of_route, waypoint_of
from seaward.bridge.route import Route, course_and_nm
from seaward.core.foreign_text import one_line

COLUMNS = (
    "realm", "route", "plan", "nation", "asset", "sortie", "number", "name", "lat_deg", "lon_deg", "lat", "lon", "arrive", "leave", "speed_kn",
    "course_deg", "distance_nm", "task", "stay", "line",
)  # fmt: skip
DECIMALS = 7  # of degrees: a centimetre
_MOST_BYTES = 4_000_000


def minutes(value_deg: float, width: int, letters: str) -> str:
    """Degrees and decimal minutes in ASCII, such as 12-03.500S."""
    degrees, thousandths = divmod(round(abs(value_deg) * 60_000), 60_000)
    return f"{degrees:0{width}d}-{thousandths / 1000:06.3f}{letters[value_deg < 0]}"


def write_table(route: Route) -> bytes:
    """Write a route.

    Returns
    -------
    UTF-8 with a header; decimal points, whatever the language, so that every reader reads the same. Positions to 1e-7 degree.
    """
    out = io.StringIO()
    rows: csv.DictWriter[str] = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")  # RFC 4180
    rows.writeheader()
    for k, w in enumerate(route.waypoints):
        lon = round((w.lon_deg + 180.0) % 360.0 - 180.0, DECIMALS)
        lon = lon if lon < 180.0 else -180.0
        row = told_of_route(route) | told_of(w) | {"route": route.name, "number": str(k + 1), "name": w.name}
        row |= {"lat_deg": f"{w.lat_deg:.{DECIMALS}f}", "lon_deg": f"{lon:.{DECIMALS}f}"}
        row |= {"lat": minutes(w.lat_deg, 2, "NS"), "lon": minutes(lon, 3, "EW")}
        if k:
            course, nm = course_and_nm(route.waypoints[k - 1].place, w.place, w.rhumb)
            row |= {"course_deg": f"{round(course, 1) % 360:05.1f}", "distance_nm": f"{nm:.2f}"}
        rows.writerow(row)
    return out.getvalue().encode()


def read_table(name: str, raw: bytes) -> Route:
    """Read a route; `lat_deg` and `lon_deg` must be there, all other columns may be missing. RouteError with every mistake."""
    if len(raw) > _MOST_BYTES:
        raise RouteError(name, [Mistake(1, "large", {"kb": len(raw) // 1000, "most": _MOST_BYTES // 1000})])
    try:
        text = raw.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), restkey="more", restval="", strict=True)
        rows = [({k: v for k, v in row.items() if isinstance(k, str) and isinstance(v, str)}, reader.line_num) for row in reader]
        head = list(reader.fieldnames or ())
    except UnicodeDecodeError as e:
        raise RouteError(name, [Mistake(1, "encoding", {"why": e.reason})]) from e
    except csv.Error as e:
        raise RouteError(name, [Mistake(1, "not_csv", {"why": str(e)})]) from e
    if lacking := [c for c in ("lat_deg", "lon_deg") if c not in head]:
        raise RouteError(name, [Mistake(1, "columns", {"lacking": ", ".join(lacking), "there": ", ".join(map(str, head[:12])) or "-"})])
    wrong: list[Mistake] = []
    points = [waypoint_of(r.get("name", ""), r["lat_deg"], r["lon_deg"], r, line, wrong) for r, line in rows]
    whole = [p for p in points if p is not None]
    if len(rows) < 2:
        wrong.append(Mistake(1, "few", {"element": "row", "parent": "table", "count": len(rows), "least": 2}))
    for key in ("realm", "route"):
        if len(said := {r.get(key, "") for r, _ in rows}) > 1:
            wrong.append(Mistake(1, "mixed", {"column": key, "said": ", ".join(sorted(said))}))
    if not wrong:
        wrong += backwards(whole, [line for _, line in rows])
    if wrong:
        raise RouteError(name, wrong)
    told = rows[0][0]
    title = one_line(told.get("route", ""))[:120]
    notes = () if any(p.arrive for p in whole) else ("route.note.no_times",)
    return Route(title, claimed_realm(told.get("realm") or None, title, [p.name for p in whole]), tuple(whole), **origin(told), notes=notes)
