"""The demo day -> `docs/behaviours/*.svg`, a picture of one event of each kind, drawn from what `detect` finds in it.

python -m tools.make_pictures [FOLDER]
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

import seaward
from seaward.behaviours import BEHAVIOURS
from seaward.chart.coast import coastline
from seaward.core.geodesy import distance_m
from seaward.core.units import DEG_M, NM_M
from tests.made_up_day.peru_aids import CLOSED_BOX_DEG, write_peru_aids
from tests.made_up_day.peru_day import write_peru_day

PAGES = Path(__file__).parents[1] / "docs" / "behaviours"
START = datetime(2027, 11, 4, tzinfo=UTC)
WIDE, HIGH, EDGE, FOOT = 720.0, 400.0, 30.0, 44.0
INK, SEA, LAND, SUBJECT, EVENT, OTHER = "#1b2733", "#f3f7fa", "#dcd6c8", "#2f6f9f", "#c2410c", "#a9b8c4"
SCALES_NM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
CALM = timedelta(hours=2)  # of track before and after the event
LEAST_DEG = {
    "dark_contact": 2.4,
    "gap": 0.15,
    "area": 1.2,
    "port_visit": 0.12,
    "encounter": 0.03,
}  # of the picture's height, where more than the track


@dataclass(frozen=True)
class Frame:
    """Where the picture looks, and how degrees become pixels."""

    west: float
    north: float
    px_deg: float  # of latitude
    squeeze: float  # cosine of the latitude

    @staticmethod
    def around(lon: np.ndarray, lat: np.ndarray, least_deg: float) -> Frame:
        mid = float(lon.min() + lon.max()) / 2, float(lat.min() + lat.max()) / 2
        squeeze = float(np.cos(np.radians(mid[1])))
        spans = (float(np.ptp(lon)) * squeeze / (WIDE - 2 * EDGE), float(np.ptp(lat)) / (HIGH - 2 * EDGE), least_deg / HIGH)
        px_deg = 1 / max(*spans, 1e-5)
        return Frame(mid[0] - WIDE / 2 / px_deg / squeeze, mid[1] + HIGH / 2 / px_deg, px_deg, squeeze)

    def window(self) -> shapely.Polygon:
        """What it shows [degree]."""
        return shapely.box(self.west, self.north - HIGH / self.px_deg, self.west + WIDE / self.px_deg / self.squeeze, self.north)

    def xy(self, lon: Any, lat: Any) -> np.ndarray:
        return np.stack([(np.asarray(lon) - self.west) * self.squeeze * self.px_deg, (self.north - np.asarray(lat)) * self.px_deg], axis=-1).round(1)


def path(xy: np.ndarray, closed: bool = False) -> str:
    """SVG path in steps, without the points that do not show."""
    xy = shapely.get_coordinates(shapely.simplify(shapely.LineString(xy), 0.7)).round(1)
    return f"M{xy[0][0]:g} {xy[0][1]:g}l" + " ".join(f"{x:.1f} {y:.1f}" for x, y in np.diff(xy, axis=0)) + ("z" if closed else "")


def picture(kind: str, event: dict[str, Any], positions: pl.DataFrame, names: dict[str, str], seen: pl.DataFrame) -> str:
    """One event with the tracks about it."""
    around = positions.filter(pl.col("at").is_between(event["start_at"] - CALM, event["end_at"] + CALM))
    mine = around.filter(pl.col("vessel_id").is_in(event["vessel_ids"]))
    at_event = [event["lon_deg"]], [event["lat_deg"]]
    frame = Frame.around(*(np.concatenate([mine[c].to_numpy(), at]) for c, at in zip(("lon_deg", "lat_deg"), at_event, strict=True)),
                         LEAST_DEG.get(kind, 0.02))  # fmt: skip
    box = shapely.box(-5, -5, WIDE + 5, HIGH + 5)
    drawn = [f'<rect width="{WIDE:g}" height="{HIGH + FOOT:g}" fill="{SEA}"/>']
    for outer, *_ in coastline():
        if not frame.window().intersects(shapely.box(*outer.min(axis=0), *outer.max(axis=0))):
            continue
        for part in shapely.get_parts(shapely.Polygon(outer).intersection(frame.window())):
            if part.geom_type == "Polygon" and not part.is_empty:
                drawn.append(f'<path d="{path(frame.xy(*np.array(part.exterior.coords).T), True)}" fill="{LAND}"/>')
    if kind == "area":
        west, south, east, north = CLOSED_BOX_DEG
        corners = frame.xy([west, east, east, west], [south, south, north, north])
        drawn.append(f'<path d="{path(corners, True)}" fill="{EVENT}" fill-opacity=".08" stroke="{EVENT}" stroke-dasharray="6 4"/>')
    others = around.filter(~pl.col("vessel_id").is_in(event["vessel_ids"]))
    for rows in others.partition_by("track_id", maintain_order=True):
        line = shapely.simplify(shapely.LineString(frame.xy(rows["lon_deg"], rows["lat_deg"])), 1.0) if len(rows) > 1 else shapely.LineString()
        for part in shapely.get_parts(line.intersection(box)):
            if part.geom_type == "LineString" and part.length > 4:
                drawn.append(f'<path d="{path(np.array(part.coords))}" class="t" stroke="{OTHER}"/>')
    for rows in mine.sort("at").partition_by("vessel_id", maintain_order=True):
        for since, until, colour, width in (
            (event["start_at"] - CALM, event["start_at"], SUBJECT, 1.5), (event["end_at"], event["end_at"] + CALM, SUBJECT, 1.5),
            (event["start_at"], event["end_at"], EVENT, 2.5),
        ):  # fmt: skip
            part = rows.filter(pl.col("at").is_between(since, until))
            if len(part) > 1:
                dash = ' stroke-dasharray="5 5"' if kind == "gap" and colour == EVENT else ""
                d = path(frame.xy(part["lon_deg"], part["lat_deg"]))
                drawn.append(f'<path d="{d}" class="t" stroke="{colour}" stroke-width="{width}"{dash}/>')
            if len(part) and colour == EVENT:
                (x, y) = frame.xy(part["lon_deg"][0], part["lat_deg"][0])
                drawn.append(f'<circle cx="{x:g}" cy="{y:g}" r="3" fill="{EVENT}"/>')
    if kind == "dark_contact":
        for x, y in frame.xy(seen["longitude"], seen["latitude"]):
            if 0 < x < WIDE and 0 < y < HIGH:
                drawn.append(f'<path d="M{x:g} {y - 5:g}l5 5-5 5-5-5z" fill="none" stroke="{SUBJECT}"/>')
    (x, y) = frame.xy(event["lon_deg"], event["lat_deg"])
    drawn.append(f'<circle cx="{x:g}" cy="{y:g}" r="9" fill="none" stroke="{EVENT}" stroke-width="2"/>')
    drawn += foot(kind, event, names, frame)
    style = "<style>text{font:13px sans-serif}.t{fill:none;stroke-linejoin:round}</style>"
    title = f"<title>{escape(kind)} in a simulated day off Peru</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE:g} {HIGH + FOOT:g}" role="img">'
    return "\n".join([head, title, style, *drawn, "</svg>", ""])


def foot(kind: str, event: dict[str, Any], names: dict[str, str], frame: Frame) -> list[str]:
    """Who and when, and a scale."""
    deg_px = 1 / frame.px_deg
    scale_nm = max((s for s in SCALES_NM if s * NM_M / DEG_M / deg_px < WIDE / 5), default=SCALES_NM[0])
    length = scale_nm * NM_M / DEG_M / deg_px
    times = f"{event['start_at']:%H:%M}" + ("" if event["start_at"] == event["end_at"] else f" to {event['end_at']:%H:%M}") + " UTC"
    who = ", ".join(dict.fromkeys(names.get(v) or v for v in event["vessel_ids"]))
    y = HIGH + FOOT / 2
    return [
        f'<rect y="{HIGH:g}" width="{WIDE:g}" height="{FOOT:g}" fill="#fff"/>',
        f'<text x="12" y="{y + 5:g}" fill="{INK}">{escape(kind)}: {escape(who)}, {times}, 4 November 2027 (simulated)</text>',
        f'<path d="M{WIDE - 12 - length:.1f} {y + 8:g}v5h{length:.1f}v-5" fill="none" stroke="{INK}"/>',
        f'<text x="{WIDE - 12:g}" y="{y:g}" fill="{INK}" text-anchor="end">{scale_nm:g} nm</text>',
    ]


def example(kind: str, events: pl.DataFrame, positions: pl.DataFrame) -> dict[str, Any]:
    """The event that shows most: of most vessels, then closed, then the longest; of fishing the one whose vessel goes furthest."""
    rows = events.filter(pl.col("kind") == kind).with_columns(last=pl.col("end_at") - pl.col("start_at"), n=pl.col("vessel_ids").list.len())
    if kind == "loitering":  # one that is no part of the meeting
        met = events.filter(pl.col("kind") == "encounter")["vessel_ids"].explode().to_list()
        rows = rows.filter(~pl.col("vessel_ids").list.eval(pl.element().is_in(met)).list.any())
    found = rows.sort("n", pl.col("state") == "closed", "last", "event_id", descending=True).to_dicts()
    if kind == "fishing":
        found.sort(key=lambda e: (e["state"] != "closed", -_span_m(positions.filter(pl.col("vessel_id") == e["vessel_ids"][0]))))
    return found[0]


def _span_m(rows: pl.DataFrame) -> float:
    return float(distance_m(*(float(rows[c].to_numpy()[k]) for k in (0, len(rows) // 2) for c in ("lon_deg", "lat_deg"))))


def pictures() -> dict[str, str]:
    """SVG by kind."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_peru_day(folder / "day.nmea", seed=1, start=START)
        aids = write_peru_aids(folder, seed=1, start=START)
        found = seaward.detect(folder / "day.nmea", realm="ex:demo", areas=aids.areas, ports=aids.ports, detections=aids.detections)
        seen = pl.read_csv(aids.detections)
    positions = found.positions.with_columns(pl.col("vessel_id", "track_id").cast(pl.String)).sort("track_id", "at")
    names = dict(found.vessels.select(pl.col("vessel_id").cast(pl.String), "name").iter_rows())
    kinds = [b.kind for b in BEHAVIOURS]
    return {kind: picture(kind, example(kind, found.events, positions), positions, names, seen) for kind in kinds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=PAGES)
    folder = parser.parse_args().folder
    for kind, drawn in pictures().items():
        (folder / f"{kind}.svg").write_text(drawn, encoding="utf-8")
        print(f"{kind}.svg: {len(drawn.encode()):,} bytes")


if __name__ == "__main__":
    main()
