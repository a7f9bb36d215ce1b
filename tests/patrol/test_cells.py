"""Cells: their sea, their number at a place, ways around land and closed waters, 180 degrees."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from seaward.core.errors import ParameterError
from seaward.core.geodesy import great_circle_m
from seaward.patrol.cells import cells_of, waters_of

PERU = (-86.0, -20.0, -70.0, -1.0)


def test_cells_hold_sea_within_the_distance_asked_for_and_know_their_number() -> None:
    cells = cells_of(PERU, 1.0, 210.0, 0.5)
    assert 80 <= len(cells) <= 95
    assert all(cells.grid.is_sea(x, y) for x, y in zip(cells.lon_deg, cells.lat_deg, strict=True))
    assert np.array_equal(cells.at(cells.lon_deg, cells.lat_deg), np.arange(len(cells)))
    assert cells.at(np.array([-60.0, -85.9, 10.0]), np.array([-12.0, 50.0, -12.0])).tolist() == [-1, -1, -1]


def test_an_open_cell_has_the_area_of_its_degrees() -> None:
    cells = cells_of((-120.0, -20.0, -118.0, -18.0), 1.0)
    by_hand = 60.04**2 * np.cos(np.radians([-19.5, -19.5, -18.5, -18.5]))
    assert cells.area_nm2 == pytest.approx(by_hand, rel=1e-3)


def test_ways_between_cells_go_around_land_and_closed_waters() -> None:
    cells = cells_of((-83.0, -8.0, -79.0, -3.0), 0.5)
    open_nm = waters_of(cells, False).between_nm(200.0)
    straight = great_circle_m(cells.lon_deg[:, None], cells.lat_deg[:, None], cells.lon_deg[None], cells.lat_deg[None]) / 1852.0
    known = np.isfinite(open_nm)
    assert (open_nm[known] >= straight[known] - 1e-6).all()
    assert (open_nm[known] > 1.05 * straight[known]).any()  # around Punta Negra
    assert np.allclose(open_nm, open_nm.T)
    closed = waters_of(cells, False, closed=[shapely.box(-90.0, -6.5, -79.0, -5.5)])
    assert not closed.may.all()
    assert np.isinf(closed.between_nm(1_000.0)[np.ix_(cells.lat_deg < -6.6, cells.lat_deg > -5.4)]).all()


def test_an_asset_that_flies_goes_straight_but_looks_only_where_it_may() -> None:
    cells = cells_of((-83.0, -8.0, -79.0, -3.0), 0.5)
    waters = waters_of(cells, True, only=[shapely.box(-83.0, -6.0, -81.0, -4.0)])
    nm = waters.from_nm(-79.0, -8.0)
    assert np.isfinite(nm[waters.may]).all() and np.isinf(nm[~waters.may]).all()


def test_a_ship_that_may_not_leave_its_waters_has_no_way_through_others() -> None:
    cells = cells_of((-83.0, -8.0, -79.0, -3.0), 0.5)
    two = [shapely.box(-83.0, -8.0, -82.0, -7.0), shapely.box(-83.0, -4.0, -82.0, -3.0)]
    nm = waters_of(cells, False, only=two).between_nm(1_000.0)
    assert np.isinf(nm[np.ix_(cells.lat_deg < -6.5, cells.lat_deg > -4.5)]).all()


def test_across_180_degrees_cells_go_on() -> None:
    cells = cells_of((178.0, -20.0, -178.0, -18.0), 1.0)
    assert len(cells) == 8 and cells.lon_deg.min() < 0 < cells.lon_deg.max()
    assert np.array_equal(cells.at(cells.lon_deg, cells.lat_deg), np.arange(8))
    assert np.isfinite(waters_of(cells, False).between_nm(70.0)).sum() > 8 * 3


@pytest.mark.parametrize(("box", "cell_deg"), [((-80, 10, -70, 5), 1.0), ((-180, -80, 180, 80), 0.1), ((20.0, 0.0, 22.0, 2.0), 1.0)])
def test_an_area_without_cells_or_with_too_many_is_refused(box, cell_deg) -> None:
    with pytest.raises(ParameterError, match=r"cells|no cell"):
        cells_of(box, cell_deg)
