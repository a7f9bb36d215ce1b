"""The same picture, events and areas as OGC API - Features, which QGIS and GDAL open as layers.

Source: OGC 17-069r4, OGC API - Features, Part 1: Core, with the classes "core" and "geojson".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import polars as pl
import shapely

from seaward.core.realm import is_drill
from seaward.core.units import US_PER_S, at_to_us
from seaward.server.answers import Feature, One, Raw, point
from seaward.server.as_json import as_json
from seaward.server.asked import Asked, Box, cursor_of, utc
from seaward.server.floor import Floor
from seaward.server.of_chart import area_features
from seaward.server.of_events import listed
from seaward.server.of_picture import whole_picture
from seaward.server.problems import Problem
from seaward.server.route import PREFIX, Param
from seaward.server.sight import in_box

ROOT = f"{PREFIX}/ogc"
GEOJSON, JSON = "application/geo+json", "application/json"
ITEMS_PARAMS = (
    Param("bbox", "text", "four or six numbers: west,south,east,north [degree]; over 180 where west is more than east"),
    Param("datetime", "text", "a moment, or two with a slash between; .. for an open end"),
    Param("limit", "whole", "features at most; above 10,000 it is 10,000", low=1, high=2**31 - 1, otherwise=1_000),
    Param("cursor", "text", "where the page before ended: follow its link `next`"),
)
_MOST = 10_000
_CRS = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_CONFORMS = [f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{c}" for c in ("core", "geojson")]
_WORLD = Box(-180.0, -90.0, 180.0, 90.0)
Interval = tuple[datetime | None, datetime | None]
Page = tuple[list[Feature], str | None]


@dataclass(frozen=True, slots=True)
class Collection:
    """One layer: what it is, and how a page of it and one of its features are found."""

    name: str
    title: str
    means: str
    page: Callable[[Floor, Asked, Box | None, Interval, int], Page]
    one: Callable[[Floor, Asked, str], Feature | None]


def landing(floor: Floor, asked: Asked) -> One:
    """Where it begins."""
    document = {"href": f"{_host(asked)}{PREFIX}/openapi.json", "rel": "service-desc", "type": "application/vnd.oai.openapi+json;version=3.1"}
    pages = (("", "self"), ("/conformance", "conformance"), ("/collections", "data"))
    links = [*(_link(asked, path, rel, JSON) for path, rel in pages), document]
    title = "Seaward" if not is_drill(floor.node.realm) else f"EXERCISE {floor.node.realm} - Seaward"
    return One({"title": title, "description": f"What the watch knows, realm {floor.node.realm}.", "links": links}, keep=False)


def conformance(floor: Floor, asked: Asked) -> One:
    """What of the standard is kept."""
    return One({"conformsTo": _CONFORMS}, keep=False)


def collections(floor: Floor, asked: Asked) -> One:
    """The layers."""
    told = [_told(c, floor, asked) for c in COLLECTIONS.values()]
    return One({"links": [_link(asked, "/collections", "self", JSON)], "collections": told}, keep=False)


def collection(floor: Floor, asked: Asked) -> One:
    """One layer."""
    return One(_told(_named(asked), floor, asked), keep=False)


def items(floor: Floor, asked: Asked) -> Raw:
    """A page of one layer."""
    found, q = _named(asked), asked.query
    features, following = found.page(floor, asked, _box(q["bbox"]), _interval(q["datetime"]), min(q["limit"], _MOST))
    at = f"/collections/{found.name}"
    given = {k: str(v) for k, v in q.items() if v is not None and k != "cursor"}
    here = given | ({"cursor": q["cursor"]} if q["cursor"] else {})
    links = [_link(asked, f"{at}/items", "self", GEOJSON, here), _link(asked, at, "collection", JSON)]
    if following is not None:
        links.append(_link(asked, f"{at}/items", "next", GEOJSON, given | {"cursor": following}))
    made = [_marked(f, floor) for f in features]
    body = {"type": "FeatureCollection", "realm": floor.node.realm, "timeStamp": floor.now(), "numberReturned": len(made), "links": links,
            "features": made}  # fmt: skip
    return Raw(as_json(body), GEOJSON)


def item(floor: Floor, asked: Asked) -> Raw:
    """One feature of a layer."""
    found, name = _named(asked), asked.path["feature"]
    feature = found.one(floor, asked, name)
    if feature is None:
        raise Problem("not_found", what=name[:60])
    at = f"/collections/{found.name}"
    links = [_link(asked, f"{at}/items/{quote(name, safe='')}", "self", GEOJSON), _link(asked, at, "collection", JSON)]
    return Raw(as_json(_marked(feature, floor) | {"links": links}), GEOJSON)


# -- the layers


def _picture(floor: Floor, asked: Asked, box: Box | None, between: Interval, limit: int) -> Page:
    rows, after, (since, until) = whole_picture(floor), asked.cursor(str), between
    if box is not None:
        rows = rows.filter(in_box(box))
    if since is not None:
        rows = rows.filter(pl.col("at") >= since)
    if until is not None:
        rows = rows.filter(pl.col("at") <= until)
    rows = rows.sort("picture_id")
    if after is not None:
        rows = rows.filter(pl.col("picture_id") > after[0])
    page = rows.head(limit)
    return _vessels(page), cursor_of(page["picture_id"][-1]) if len(rows) > len(page) else None


def _one_vessel(floor: Floor, asked: Asked, name: str) -> Feature | None:
    return next(iter(_vessels(whole_picture(floor).filter(pl.col("picture_id") == name))), None)


def _vessels(rows: pl.DataFrame) -> list[Feature]:
    plain = rows.with_columns(seen_by=pl.col("seen_by").list.eval(pl.element().struct.field("origin")).list.unique(maintain_order=True))
    return [point(r, "picture_id") for r in plain.iter_rows(named=True)]


def _events(floor: Floor, asked: Asked, box: Box | None, between: Interval, limit: int) -> Page:
    after = asked.cursor(int, str)
    found = floor.node.state.page_of_events(limit + 1, None if after is None else (after[0], after[1]), box=box, since=between[0], until=between[1])
    page = found.head(limit)
    following = cursor_of(at_to_us(page["start_at"][-1]) // US_PER_S, page["event_id"][-1]) if len(found) > len(page) else None
    return _told_events(page, asked), following


def _one_event(floor: Floor, asked: Asked, name: str) -> Feature | None:
    versions = floor.node.state.event_versions(name)
    if versions.is_empty():
        return None
    row = versions.row(-1, named=True)
    return point({k: v for k, v in row.items() if k not in ("evidence", "reasons")}, "event_id")


def _told_events(page: pl.DataFrame, asked: Asked) -> list[Feature]:
    rows, words = listed(page, asked.language)
    made = [{k: v for k, v in r.items() if k != "reasons"} | {"words": " ".join(w)} for r, w in zip(rows.iter_rows(named=True), words, strict=True)]
    return [point(r, "event_id") for r in made]


def _areas(floor: Floor, asked: Asked, box: Box | None, between: Interval, limit: int) -> Page:
    """All there are: there is no next page of areas, as there are never so many; they hold at all times."""
    features = area_features(floor)
    if box is None:
        return features, None
    asked_for = shapely.union_all(_boxes(box))
    return [f for f in features if shapely.geometry.shape(f["geometry"]).intersects(asked_for)], None


def _one_area(floor: Floor, asked: Asked, name: str) -> Feature | None:
    return next((f for f in area_features(floor) if f["id"] == name), None)


COLLECTIONS = {c.name: c for c in (
    Collection("picture", "Vessels", "all vessels as last heard, ours and those that only partners see", _picture, _one_vessel),
    Collection("events", "Events", "the last version of each event", _events, _one_event),
    Collection("areas", "Areas", "areas and what is forbidden there", _areas, _one_area),
)}  # fmt: skip


# -- what the standard asks for


def _named(asked: Asked) -> Collection:
    found = COLLECTIONS.get(asked.path["collection"])
    if found is None:
        raise Problem("not_found", what=asked.path["collection"][:60])
    return found


def _told(found: Collection, floor: Floor, asked: Asked) -> dict[str, Any]:
    at, words = f"/collections/{found.name}", "EXERCISE " if is_drill(floor.node.realm) else ""
    return {"id": found.name, "title": words + found.title, "description": found.means, "itemType": "feature", "crs": [_CRS],
            "extent": {"spatial": {"bbox": [list(_WORLD)], "crs": _CRS}},
            "links": [_link(asked, at, "self", JSON), _link(asked, f"{at}/items", "items", GEOJSON)]}  # fmt: skip


def _marked(feature: Feature, floor: Floor) -> Feature:
    realm = floor.node.realm
    return feature | {"properties": {"exercise": is_drill(realm), "realm": realm} | feature["properties"]}


def _host(asked: Asked) -> str:
    return f"{asked.headers.get('scheme', 'http')}://{asked.headers.get('host', '')}"


def _link(asked: Asked, path: str, rel: str, media_type: str, query: dict[str, str] | None = None) -> dict[str, str]:
    href = f"{_host(asked)}{ROOT}{path}" + (f"?{urlencode(query)}" if query else "")
    return {"href": href, "rel": rel, "type": media_type}


def _box(text: str | None) -> Box | None:
    """A box; heights are passed over, and what reaches beyond the world is cut to it, as maps that show more than all of it ask."""
    if text is None:
        return None
    try:
        numbers = [float(p) for p in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(math.isfinite(n) for n in numbers):
        raise Problem("bad_value", name="bbox", value=text[:60], wanted="west,south,east,north")
    west, south, east, north = numbers if len(numbers) == 4 else (numbers[0], numbers[1], numbers[3], numbers[4])
    if south > north:
        raise Problem("bad_value", name="bbox", value=text[:60], wanted="west,south,east,north")
    return Box(max(-180.0, min(180.0, west)), max(-90.0, south), max(-180.0, min(180.0, east)), min(90.0, north))


def _boxes(box: Box) -> list[shapely.Polygon]:
    if box.west <= box.east:
        return [shapely.box(*box)]
    return [shapely.box(box.west, box.south, 180.0, box.north), shapely.box(-180.0, box.south, box.east, box.north)]


def _interval(text: str | None) -> Interval:
    """Since when and until when; None for an open end."""
    if text is None:
        return None, None
    parts = text.split("/")
    try:
        moments = [None if p in ("", "..") and len(parts) == 2 else utc(datetime.fromisoformat(p.replace(" ", "+"))) for p in parts]
    except (ValueError, OverflowError):
        moments = []
    if not 1 <= len(moments) <= 2 or (len(moments) == 2 and None not in moments and moments[0] > moments[1]):  # type: ignore[operator]
        raise Problem("bad_value", name="datetime", value=text[:60], wanted="2027-11-04T12:00:00Z, 2027-11-04T00:00:00Z/..")
    return moments[0], moments[-1]
