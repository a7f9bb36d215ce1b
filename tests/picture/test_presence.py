"""Who was in an area: reports inside, and ways that cross it between two reports; the same as a shape asked at every moment."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.picture.presence import PRESENCE, presence
from tests.picture.made_tracks import START, Track, tracks

BOX = shapely.box(-78, -13, -77, -12)


def seconds(at: object) -> float:
    return (at - START) / timedelta(seconds=1)  # type: ignore[operator]


def test_a_visit_goes_from_border_to_border() -> None:
    (found,) = presence(tracks([(0, -78.5, -12.5), (600, -77.5, -12.5), (1200, -76.5, -12.5)]), BOX, 3600).to_dicts()
    assert (found["seen"], found["reports"], found["stays"]) == ("reported", 1, 1)
    assert (seconds(found["first_in_at"]), seconds(found["last_in_at"]), found["longest_stay_s"]) == (300, 900, 600)
    assert seconds(found["first_report_at"]) == seconds(found["last_report_at"]) == 600


def test_a_crossing_between_two_reports_an_hour_apart_is_passed() -> None:
    track = [(0, -78.5, -12.5), (3600, -76.5, -12.5)]
    (found,) = presence(tracks(track), BOX, 3600).to_dicts()
    assert (found["seen"], found["reports"], found["first_report_at"]) == ("passed", 0, None)
    assert (seconds(found["first_in_at"]), seconds(found["last_in_at"])) == (900, 2700)
    assert presence(tracks(track), BOX, 3599).is_empty(), "longer than what is taken to be known"


def test_the_longest_of_several_stays_and_a_report_without_a_way() -> None:
    track = [(0, -77.5, -12.5), (600, -77.5, -11.5), (1200, -77.5, -11.5), (4200, -77.5, -12.5), (9000, -77.5, -12.5), (99_000, -77.2, -12.2)]
    (found,) = presence(tracks(track), BOX, 7200).to_dicts()
    assert (found["stays"], found["reports"]) == (3, 4)
    assert found["longest_stay_s"] == 9000 - 2700 and found["in_area_s"] == 300 + 6300 and seconds(found["last_in_at"]) == 99_000


def test_two_reports_of_one_moment_are_two() -> None:
    assert presence(tracks([(0, -77.5, -12.5), (0, -77.4, -12.5)]), BOX, 60)["reports"].to_list() == [2]


@pytest.mark.parametrize("lons", [(179.9, -179.9), (-179.9, 179.9)])
def test_across_180_degrees(lons: tuple[float, float]) -> None:
    area = shapely.union_all([shapely.box(179.95, -1, 180, 1), shapely.box(-180, -1, -179.95, 1)])
    (found,) = presence(tracks([(0, lons[0], 0), (3600, lons[1], 0)]), area, 3600).to_dicts()
    assert (found["seen"], found["stays"]) == ("passed", 1) and found["longest_stay_s"] == pytest.approx(1800, abs=0.01)
    assert presence(tracks([(0, 180.0, 0.5)]), area, 60)["reports"].to_list() == [1]


def test_a_hole_is_outside_and_the_border_inside() -> None:
    ring = shapely.Polygon(BOX.exterior, [shapely.box(-77.6, -12.6, -77.4, -12.4).exterior])
    assert presence(tracks([(0, -77.5, -12.5), (60, -77.5, -12.5)]), ring, 60).is_empty()
    assert presence(tracks([(0, -78, -12.5)]), ring, 60)["seen"].to_list() == ["reported"]
    (found,) = presence(tracks([(0, -77.9, -12.5), (900, -77.0, -12.5)]), ring, 3600).to_dicts()
    assert found["stays"] == 2


def test_nobody_gives_nothing() -> None:
    assert presence(tracks(), BOX, 60).schema == PRESENCE and presence(tracks([(0, 0, 0), (5, 1, 1)]), BOX, 60).is_empty()


corners = st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=7)
fixes = st.lists(st.tuples(st.integers(1, 900), st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)), min_size=1, max_size=8)


@given(ring=corners, one=fixes, other=fixes, middle=st.sampled_from([0.0, 180.0, -77.0]))
@settings(max_examples=150, deadline=None)
def test_the_same_as_asking_the_shape_at_every_moment(ring: list, one: list, other: list, middle: float) -> None:
    shape = shapely.Polygon(ring).buffer(0.01)
    if not shape.is_valid or shape.is_empty:
        return
    world = shapely.box(-180, -90, 180, 90)
    moved = [shapely.transform(shape, lambda xy, k=k: xy + np.array([middle + k, 0])) for k in (0, 360, -360)]
    area = shapely.union_all([shapely.intersection(m, world) for m in moved])

    def sail(steps: list) -> Track:
        s = np.cumsum([dt for dt, _, _ in steps])
        return [(float(a), (x + middle + 180) % 360 - 180, y) for a, (_, x, y) in zip(s, steps, strict=True)]

    sailed = [sail(one), sail(other)]
    found = {r["mmsi"] - 760_000_000: r for r in presence(tracks(*sailed), area, 600).to_dicts()}
    for n, track in enumerate(sailed, 1):
        fine: list[tuple[float, float, float]] = []
        for (s0, x0, y0), (s1, x1, y1) in pairwise(track):
            a, b = ((x - middle + 180) % 360 - 180 for x in (x0, x1))
            if s1 - s0 <= 600:
                fine += [(s0 + (s1 - s0) * f, a + (b - a) * f, y0 + (y1 - y0) * f) for f in np.linspace(0, 1, 401)]
        inside = shapely.intersects_xy(shape, [x for _, x, _ in fine], [y for _, _, y in fine]) if fine else np.zeros(0, bool)
        hits = [s for (s, _, _), i in zip(fine, inside, strict=True) if i]
        reports = sum(bool(shapely.intersects_xy(shape, (x - middle + 180) % 360 - 180, y)) for _, x, y in track)
        deep = sum(bool(shapely.intersects_xy(shape.buffer(-1e-9), (x - middle + 180) % 360 - 180, y)) for _, x, y in track)
        if n not in found:
            assert not hits or not shapely.intersects_xy(shape.buffer(-1e-6), [x for _, x, _ in fine], [y for _, _, y in fine]).any()
            assert deep == 0
            continue
        assert deep <= found[n]["reports"] <= reports or found[n]["reports"] == reports
        if hits:
            assert seconds(found[n]["first_in_at"]) <= min(hits) + 0.002 and seconds(found[n]["last_in_at"]) >= max(hits) - 0.002
            assert found[n]["in_area_s"] == pytest.approx(_inside_s(shape, track, middle), abs=0.05)


def _inside_s(shape: shapely.Geometry, track: Track, middle: float) -> float:
    whole = 0.0
    for (s0, x0, y0), (s1, x1, y1) in pairwise(track):
        a, b = (((x - middle + 180) % 360 - 180, y) for x, y in ((x0, y0), (x1, y1)))
        if s1 - s0 > 600:
            continue
        line = shapely.LineString([a, b])
        share = shapely.intersection(line, shape).length / line.length if line.length > 0 else float(shapely.intersects(shape, shapely.Point(a)))
        whole += share * (s1 - s0)
    return whole
