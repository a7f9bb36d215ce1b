"""RTZ against its own schemas and the samples of its makers: what we write is valid, valid samples are read, wrong ones refused with the reason."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.bridge.mistakes import RouteError
from seaward.bridge.read_rtz import read_rtz
from seaward.bridge.rtz_rules import MOST_BYTES, VERSIONS, moment
from seaward.bridge.write_rtz import write_rtz
from seaward.core.errors import InputError
from tests.bridge.made_up_routes import made_up, routes

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "patrol" / "rtz"
SAMPLES = sorted((DATA / "SampleFiles").rglob("*.rtz*"))
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the schemas and samples of RTZ (../shared/data/patrol/rtz) are not here")
REFUSED = {
    "EsotericRouteInfoError": (10, "extension does not belong in routeInfo"),
    "EsotericScheduleError": (51, "windDirection of scheduleElement is 370"),
    "DuplicateWaypointIdError": (11, "waypoint id 11 is there twice"),
    "GeometryTypeError": (25, "GreatCircle, no kind of line"),
    "MissingWaypointIdError": (8, "waypoint lacks id"),
    "NegativeRevisionError": (8, "revision of waypoint is -1"),
    "NonsenseGeometryTypeError": (25, "Nonsense, no kind of line"),
    "RouteNameDoesNotMatchFilenameError": (3, "the route is called RouteNameDoesMatchFilename"),
    "ScheduleError": (50, "2020-02-30"),
    "10SimpleLegExtension": (15, "extensions does not belong in leg"),
    "11SimpleLegExtension": (15, "extensions does not belong in leg"),
    "12AndOldSTMSchema": (59, "waypoint lacks revision"),
}


@cache
def schema(version: str) -> Any:
    xmlschema = pytest.importorskip("xmlschema")
    return xmlschema.XMLSchema(str(DATA / f"rtz_{version.replace('.', '_')}.xsd"))


@needs_data
@pytest.mark.parametrize("path", SAMPLES, ids=[p.name for p in SAMPLES])
def test_valid_samples_are_read_and_wrong_ones_are_refused_with_the_line_and_the_reason(path) -> None:
    expected = REFUSED.get(path.stem)
    if expected is None:
        assert len(read_rtz(path.name, path.read_bytes()).waypoints) in (6, 12)
        return
    with pytest.raises(RouteError) as caught:
        read_rtz(path.name, path.read_bytes())
    line, part = expected
    assert any(m.line == line and part in m.text("en") for m in caught.value.mistakes), str(caught.value)
    assert "route.wrong" not in caught.value.told("es")


@needs_data
def test_times_geometry_and_defaults_of_a_full_sample_are_read() -> None:
    path = next(p for p in SAMPLES if p.stem == "RTZ1.2AllOptionalElementsAndAttributes")
    route = read_rtz(path.name, path.read_bytes())
    assert [w.name for w in route.waypoints] == ["Hitachi LNG Terminal", "Pilots", "WP 3", "WP 4", "WP 5", "Los Angeles Pilots"]
    assert [w.rhumb for w in route.waypoints] == [False, True, False, False, True, True]  # the default is a great circle here
    assert f"{route.waypoints[0].leave:%d %H:%M}" == "18 00:00" and f"{route.waypoints[2].arrive:%d %H:%M:%S}" == "25 17:36:25"
    assert route.waypoints[5].speed_kn == 20.0 and route.realm is None


@needs_data
@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=25)
@given(routes())
def test_what_is_written_is_valid_by_the_schema_of_its_version(version, route) -> None:
    schema(version).validate(write_rtz(route, version).decode())


_VALUES = st.one_of(
    st.sampled_from(("", " 1 ", "-1", "+3", "0x1", "1e3", "360", "359.99", "5.0", "5.01", "10", "-0", "180", "-180.0", "91", "Loxodrome", "PT2H", "P",
                     "02:00:00", "24:00:00", "2027-02-29T00:00:00Z", "2028-02-29T00:00:00Z", "2027-01-01T24:00:00Z", "2027-01-01T00:00:00+14:00",
                     "NaN",
                     "INF", ".5", "5.")),
    st.decimals(-400, 400, allow_nan=False, places=2).map(str),
)  # fmt: skip


@needs_data
@pytest.mark.parametrize("version", VERSIONS)
@given(st.data())
def test_a_changed_file_is_refused_when_its_schema_refuses_it(version, data) -> None:
    """One attribute, one element moved, doubled or removed: our rules and the schema's judge alike."""
    from xml.etree.ElementTree import fromstring, tostring

    from seaward.bridge.rtz_rules import broken_rules
    from seaward.bridge.xml_in import nodes_of

    full = f"RTZ{version}{'Mandatory' if version == '1.0' else 'AllOptional'}ElementsAndAttributes"
    raw = next(p for p in SAMPLES if p.stem == full).read_bytes() if data.draw(st.booleans()) else write_rtz(made_up()[0], version)
    root = fromstring(raw)
    parents = [e for e in root.iter() if "extension" not in e.tag and len(e) and e.tag.startswith("{")]
    element = data.draw(st.sampled_from([c for p in parents for c in p if "extension" not in c.tag]))
    deed = data.draw(st.sampled_from(("value", "value", "value", "drop", "new", "double", "remove", "words")))
    parent = next(p for p in parents if element in list(p))
    if deed in ("value", "drop") and element.attrib:
        key = data.draw(st.sampled_from(sorted(element.attrib)))
        if deed == "drop":
            del element.attrib[key]
        else:
            element.set(key, data.draw(_VALUES))
    elif deed == "new":
        element.set(data.draw(st.sampled_from(("radius", "stay", "speedWindow", "wrong", "vesselGM", "safetyDepth", "etdWindowAfter", "pitch"))),
                    data.draw(_VALUES))  # fmt: skip
    elif deed == "double":
        parent.append(element)
    elif deed == "remove":
        parent.remove(element)
    else:
        element.text = "words"
    changed = tostring(root)
    ours = not list(broken_rules(nodes_of("x.rtz", changed, MOST_BYTES), version))
    assert ours == schema(version).is_valid(changed.decode())


def test_a_route_too_large_for_the_standard_is_not_written() -> None:
    from dataclasses import replace

    route = made_up()[0]
    long = replace(route, waypoints=route.waypoints * 300)
    with pytest.raises(InputError, match="RTZ allows 400"):
        write_rtz(long)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [("2027-11-04T17:00:00Z", "2027-11-04 17:00:00"), ("2027-11-04T12:00:00-05:00", "2027-11-04 17:00:00"),
     ("2027-11-04T17:00:00.5", "2027-11-04 17:00:00"), ("2027-11-04T24:00:00Z", "2027-11-05 00:00:00"), ("2027-02-30T00:00:00Z", None),
     ("0000-01-01T00:00:00Z", None), ("9999-12-31T24:00:00Z", None), ("2027-11-04", None), ("2027-11-04T17:00:00+15:00", None)],
)  # fmt: skip
def test_moments(said, wanted) -> None:
    found = moment(said)
    assert (found and f"{found:%Y-%m-%d %H:%M:%S}") == wanted
