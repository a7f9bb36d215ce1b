"""Searches: probability is neither made nor lost, empty searches move it elsewhere, plans keep below their bound and can be sailed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.core.errors import ParameterError, RealmError
from seaward.patrol.crowd import after, search_bound
from seaward.patrol.mistakes import PlanError
from seaward.patrol.read_search import SearchAsked, Searched, area_nm2, read_search, read_searched
from seaward.patrol.search import Found, adrift, contained_nm2, map_cells, plan
from seaward.patrol.sweeps import fitted
from seaward.patrol.verify import verify

SEARCH = """\
format = "search/1"
realm = "ex:small"
seed = 1
[search]
start = 2027-11-04T11:00:00Z
hours = 10
drifts = 600
rounds = 6
[wind]
kn = 12.0
from_deg = 160.0
[current]
kn = 0.5
to_deg = 320.0
[[lost]]
id = "raft"
object = "raft"
at = 2027-11-04T05:00:00Z
place = [-77.8, -12.2]
error_nm = 3.0
[[assets]]
id = "boat"
nation = "pe"
kind = "boat"
count = 2
base = [-77.20, -12.05]
speed_kn = 16.0
sweep_day_nm = 2.0
sweep_night_nm = 0.5
endurance_h = 10.0
[[assets]]
id = "plane"
nation = "us"
kind = "aircraft"
base = [-77.11, -12.02]
speed_kn = 120.0
sweep_day_nm = 1.0
endurance_h = 5.0
pattern = "SS"
"""


def read(text: str = SEARCH, **files: str) -> SearchAsked:
    folder = Path(mkdtemp())
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")
    (folder / "small.toml").write_text(text, encoding="utf-8")
    return read_search(folder / "small.toml")


@cache
def found() -> Found:
    return plan(read())


def test_probability_is_neither_made_nor_lost() -> None:
    f = found()
    held = f.crowd.held().reshape(f.problem.epochs, -1).sum(axis=1)
    outside = [f.crowd.weight[row < 0].sum() for row in f.crowd.pot]
    assert held + outside == pytest.approx(1.0) and (held > 0.9).all()
    half, most = contained_nm2(f.crowd, f.problem.cells, 0)
    assert 0 < half <= most <= f.problem.cells.area_nm2.sum()


def test_a_search_keeps_below_its_bound_breaks_no_rule_and_its_parts_add_up() -> None:
    f = found()
    assert 0 < f.success <= f.at_will <= f.bound <= 1
    assert verify(f.legs, f.problem.asked.assets, f.problem.cells, {}, 3, f.problem.hours) == []
    assert f.success == pytest.approx(f.crowd.found(np.sum(f.covers, axis=0)))
    assert f.success <= sum(f.crowd.found(c) for c in f.covers) + 1e-12
    assert f.bound <= search_bound(f.problem.fleet, f.crowd)[0] + 1e-12


def test_each_search_leg_is_a_pattern_within_its_sub_area_that_begins_and_ends_at_its_place() -> None:
    f = found()
    searches = [k for k, leg in enumerate(f.legs) if leg.task == "search"]
    assert searches == sorted(f.sweeps) and {s.kind for s in f.sweeps.values()} >= {"PS", "SS"}
    for k in searches:
        sweep, leg = f.sweeps[k], f.legs[k]
        assert (len(leg.way) > 2) == bool(sweep.kind) and leg.way[0] == leg.way[-1]
        assert bool(sweep.kind) != bool(sweep.why_not)
        if sweep.kind:
            assert leg.cover == pytest.approx(sweep.sweep_nm * sweep.track_nm / f.problem.cells.area_nm2[leg.cell])


@pytest.mark.parametrize("kind", ["PS", "CS", "SS", "VS"])
def test_patterns_asked_for_fit_a_leg_with_time(kind) -> None:
    f = found()
    k = max(f.sweeps, key=lambda k: f.legs[k].end_h - f.legs[k].start_h)
    leg = f.legs[k]
    asset = next(a for a in f.problem.assets if a.id == leg.asset)
    sweep = fitted(f.problem, asset, leg, kind)
    assert sweep.kind == kind and 0 < sweep.track_nm <= asset.speed_kn * (leg.end_h - leg.start_h) and sweep.csp == sweep.turns[0]


def test_who_was_last_known_on_land_is_refused_instead_of_searched_for_somewhere_at_sea() -> None:
    with pytest.raises(PlanError, match=r"raft: place lies on land, .* nm from the sea"):
        read(SEARCH.replace("place = [-77.8, -12.2]", "place = [-74.0, -10.0]"))


def test_the_same_file_gives_the_same_search() -> None:
    assert plan(read()).legs == found().legs


@settings(max_examples=25)
@given(st.floats(-78.4, -77.6), st.floats(-12.4, -11.9), st.floats(0.1, 0.6), st.floats(0.05, 3.0))
def test_an_empty_search_leaves_less_where_it_looked_and_more_elsewhere(west, south, side, coverage) -> None:
    drift = found().drift
    box = (west, south, west + side, south + side)
    left, success = after(drift, [Searched("", 0.0, 2.0, box, coverage)])
    assert left.sum() == pytest.approx(1.0) and 0 <= success < 1
    lon, lat = drift.lon_deg[drift.at(0) : drift.at(2) + 1], drift.lat_deg[drift.at(0) : drift.at(2) + 1]
    inside = (lon >= box[0]) & (lon <= box[2]) & (lat >= box[1]) & (lat <= box[3])
    always, never = inside.all(axis=0) & ~drift.stranded[drift.at(2)], ~inside.any(axis=0)
    if always.any() and never.any():
        ratio = left / drift.weight
        assert ratio[never].min() >= 1 - 1e-12
        assert ratio[always].max() == pytest.approx(ratio[never].max() * np.exp(-coverage))
    assert success == pytest.approx(1 - (drift.weight / left)[never].mean()) if never.any() else True


def test_what_was_searched_in_vain_lowers_what_the_same_search_would_find_again() -> None:
    f, asked = found(), read()
    c = f.problem.cells
    best = int(f.crowd.held()[: len(c)].argmax())
    box = (float(c.west_deg[best]), float(c.south_deg[best]), float(c.west_deg[best]) + c.cell_deg, float(c.south_deg[best]) + c.cell_deg)
    again = plan(asked, [Searched("boat", -1.0, 0.0, box, 2.0)])
    assert again.before > 0
    where = (c.lon_deg[best], c.lat_deg[best])
    now = again.problem.cells.at(np.array([where[0]]), np.array([where[1]]))[0]
    assert again.crowd.held()[now] < f.crowd.held()[best]


def test_a_look_at_the_drifts_alone_needs_no_assets_and_says_where_most_are() -> None:
    asked = read()
    drift = adrift(asked.lost, asked.wind, asked.current, 24.0, 3, 500)
    cells = map_cells(drift, 0.0)
    m = drift.at(12.0)
    assert (cells.at(drift.lon_deg[m], drift.lat_deg[m]) >= 0).mean() > 0.9 and 1 < len(cells) <= 240


def test_who_is_ashore_before_the_search_begins_is_not_searched_at_sea() -> None:
    text = SEARCH.replace("[-77.8, -12.2]", "[-77.25, -12.05]").replace("error_nm = 3.0", "error_nm = 0.1").replace("to_deg = 320.0", "to_deg = 90.0")
    with pytest.raises(ParameterError, match="ashore"):
        plan(read(text.replace("kn = 0.5", "kn = 6.0").replace("kn = 12.0", "kn = 0.0").replace("[current]", "[current]\nerror_kn = 0.0")))


GRID = "at,lon_deg,lat_deg,east_kn,north_kn\n" + "".join(
    f"2027-11-0{d}T00:00:00Z,{x},{y},0.1,{0.2 * d}\n" for d in (4, 5) for x in (-79, -76) for y in (-13, -11)
)


def test_wind_and_current_come_as_one_value_by_time_or_on_a_grid() -> None:
    grid = read(SEARCH.replace("kn = 0.5\nto_deg = 320.0", 'file = "sea.csv"'), sea__csv=GRID).current
    assert grid.east_kn.shape == (2, 2, 2) and grid.hours.tolist() == [-11.0, 13.0]
    text = SEARCH.replace("kn = 12.0\nfrom_deg = 160.0", "") + "[[winds]]\nat = 2027-11-04T05:00:00Z\nkn = 10.0\nfrom_deg = 180.0\n"
    wind = read(text).wind
    assert wind.north_kn.ravel().tolist() == pytest.approx([10.0]) and wind.hours.tolist() == [-6.0]


@pytest.mark.parametrize(
    ("change", "said"),
    [(("kn = 12.0\n", ""), "wind is not said in one way"), (('object = "raft"', 'object = "rafts"'), "object is rafts"),
     (("at = 2027-11-04T05", "at = 2027-11-04T15"), "not last known in the two weeks before"), (("[[lost]]", "[[missing]]"), "nothing says who"),
     (("error_nm = 3.0", "to = [-77.5, -12.0]"), "no moment at its end"), (("drifts = 600", "drift = 600"), "did you mean drifts?"),
     (('kn = 0.5\nto_deg = 320.0', 'file = "none.csv"'), "none.csv cannot be used"), (('pattern = "SS"', 'pattern = "ZZ"'), "pattern is ZZ"),
     (("error_nm = 3.0", "until = 2027-11-04T04:00:00Z"), "until of raft comes before at")],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(change, said) -> None:
    assert change[0] in SEARCH
    with pytest.raises(PlanError, match=r"small.toml:\d+: ") as e:
        read(SEARCH.replace(*change, 1))
    assert said in str(e.value)


def test_flow_files_of_another_realm_are_refused() -> None:
    with pytest.raises(RealmError):
        read(SEARCH.replace("kn = 0.5\nto_deg = 320.0", 'file = "ex-other.sea.csv"'), **{"ex-other__sea__csv": GRID})


RECORD = """\
format = "searched/1"
realm = "ex:small"
[[searched]]
start = 2027-11-04T09:00:00Z
end = 2027-11-04T10:00:00Z
box = [-78.0, -12.4, -77.8, -12.2]
sweep_nm = 1.0
track_nm = 20.0
"""


def record(text: str) -> list[Searched]:
    path = Path(mkdtemp()) / "searched.toml"
    path.write_text(text, encoding="utf-8")
    return read_searched(path, read())


def test_a_record_says_coverage_or_sweep_width_and_tracks() -> None:
    (done,) = record(RECORD)
    assert done.coverage == pytest.approx(20.0 / area_nm2((-78.0, -12.4, -77.8, -12.2))) and (done.start_h, done.end_h) == (-2.0, -1.0)
    for change, said in (
        (("ex:small", "ops"), "the record is of ops"), (("track_nm = 20.0\n", ""), "how thoroughly"), (("T10:", "T08:"), "ends before it begins"),
    ):  # fmt: skip
        with pytest.raises(PlanError, match=said):
            record(RECORD.replace(*change))
