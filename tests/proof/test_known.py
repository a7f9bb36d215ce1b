"""What is taken as known comes back exactly as it was, or is refused in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
import shapely
from polars.testing import assert_frame_equal

from seaward.chart.areas import Area, Areas
from seaward.chart.places import Places
from seaward.chart.rules import Rule
from seaward.core.errors import EvidenceError
from seaward.core.hearing import AROUND, FEEDS, HEARD, SILENCES, UNHEARD, Hearing
from seaward.core.tables import DETECTIONS, VESSELS
from seaward.proof.known import Known, as_files, from_files

NOON = datetime(2027, 11, 4, 12, 0, 0, 123456, tzinfo=UTC)


def known() -> Known:
    identity = [{"since_at": NOON, "imo": 9074729, "name": "Ñ (EX)", "callsign": None, "ship_type": 30, "length_m": 61.3}]
    vessel = {"realm": "ops", "vessel_id": "mmsi:760000001", "mmsi": 760000001, "name": "LUCERO", "length_m": 61.3, "transceiver": "A",
              "first_at": NOON, "positions": 3, "identity": identity}  # fmt: skip
    seen = {
        "realm": "ops",
        "feed": "radar",
        "raw_offset": 1,
        "detection_id": "a",
        "at": NOON,
        "lon_deg": -77.1,
        "lat_deg": 0.1 + 0.2,
        "error_m": None,
    }
    place = {"cell": 5, "feed": "coast", "transceiver": None, "pace": 2}
    hearing = Hearing(
        pl.DataFrame([place | {"heard": 9, "followed": 8, "vessels": 2}], schema=HEARD),
        pl.DataFrame([place | {"vessel_id": "mmsi:760000001", "slot": 3, "slots": None}], schema=SILENCES),
        pl.DataFrame([{"cell": 5, "silent": 2}], schema=UNHEARD),
        pl.DataFrame([{"feed": "coast", "slot_at": NOON, "vessels": 4}], schema=FEEDS),
        pl.DataFrame([{"feed": "coast", "degree": 7, "half_hour": 8, "vessel_slots": 1}], schema=AROUND),
    )
    rule = Rule(frozenset({"fishing"}), frozenset({"PE"}), frozenset({"US"}), frozenset({"fishing"}), 15.5, ((11, 15), (3, 31)))
    hole = shapely.Polygon([(-78, -12), (-77, -12), (-77, 0.1 + 0.2)], [[(-77.5, -11.9), (-77.4, -11.9), (-77.4, -11.8)]])
    return Known(
        pl.DataFrame([vessel], schema=VESSELS.schema, strict=False), pl.DataFrame([seen], schema=DETECTIONS.schema, strict=False), hearing,
        Places(("Callao", ""), np.array([-77.2, 179.9]), np.array([-12.0, 1 / 3]), ("port", "learned")),
        Areas((Area("Área", hole, rule, 50.0, "made up"), Area("B", shapely.MultiPolygon([shapely.box(1, 1, 2, 2), shapely.box(3, 3, 4, 4)])))),
    )  # fmt: skip


def test_what_is_known_comes_back_exactly() -> None:
    before, after = known(), from_files(as_files(known()), "ops")
    assert_frame_equal(after.vessels, before.vessels)
    assert_frame_equal(after.detections, before.detections)
    for name in ("heard", "silences", "unheard", "feeds", "around"):
        assert_frame_equal(getattr(after.hearing, name), getattr(before.hearing, name))
    assert after.places is not None and before.places is not None and after.areas is not None and before.areas is not None
    assert (after.places.names, after.places.kinds) == (before.places.names, before.places.kinds)
    assert np.array_equal(after.places.lat_deg, before.places.lat_deg) and np.array_equal(after.places.lon_deg, before.places.lon_deg)
    for a, b in zip(after.areas.areas, before.areas.areas, strict=True):
        assert (a.name, a.rule, a.accuracy_m, a.source) == (b.name, b.rule, b.accuracy_m, b.source) and a.shape.equals_exact(b.shape, 0.0)


def test_what_is_not_known_makes_no_file() -> None:
    assert [*as_files(Known())] == ["known/vessels.json"]
    assert from_files(as_files(Known()), "ops").areas is None


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("vessels.json", {"mmsi": ["x"]}),
        ("vessels.json", {"mmsi": [-1]}),
        ("vessels.json", {"name": []}),
        ("vessels.json", {"transceiver": ["Z"]}),
        ("vessels.json", {"more": [1]}),
        ("detections.json", {"at": ["now"]}),
        ("reception.json", {"heard": 3}),
        ("reception.json", {"feeds": None}),
        ("places.json", {"lon_deg": [1e999, 0]}),
        ("places.json", {"names": ["one"]}),
        ("places.json", {"lat_deg": "north"}),
        ("areas.geojson", {"features": [{}]}),
        ("areas.geojson", {"features": 1}),
        ("areas.geojson", {"features": [{"properties": {}, "geometry": {"type": "Point", "coordinates": [0, 0]}}]}),
    ],
)
def test_what_cannot_be_is_refused_with_its_file(name: str, change: dict[str, object]) -> None:
    files = as_files(known())
    path = f"known/{name}"
    files[path] = json.dumps(json.loads(files[path]) | change).encode()
    with pytest.raises(EvidenceError, match=path):
        from_files(files, "ops")
