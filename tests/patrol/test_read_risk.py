"""Files of risk: events of the same realm, effort with rows that make no sense counted, expectations, and clear words for the rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seaward.core.errors import InputError, RealmError
from seaward.core.tables import EVENTS
from seaward.patrol.problem import problem_of
from seaward.patrol.read_risk import read_risk
from tests.patrol.plans import PLAN, asked

PRIOR = """{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "north", "acts_per_1000_nm2": 0.5},
"geometry": {"type": "Polygon", "coordinates": [[[-82, -11], [-78, -11], [-78, -9], [-82, -9], [-82, -11]]]}}]}"""
EFFORT = """at,lon_deg,lat_deg,hours,sweep_nm,speed_kn
2027-10-01T00:00:00Z,-79.5,-11.5,6,20,14
2027-10-02T00:00:00Z,-79.5,-11.5,-6,20,14
2027-10-03T00:00:00Z,-179.5,-111.5,6,20,14
soon,-79.5,-11.5,6,20,14
2027-10-05T00:00:00Z,10.0,50.0,6,20,14
"""


def learned(line: str, **files: str):
    a = asked(PLAN.replace("act_h = 36.0", f"act_h = 36.0\n{line}"), **files)
    return a, read_risk(a, problem_of(a).cells)


def events(folder: Path, realm: str) -> None:
    at = datetime(2027, 10, 1, tzinfo=UTC)
    row = {"realm": realm, "event_id": "e", "version": 1, "state": "closed", "kind": "fishing", "start_at": at, "end_at": at, "vessel_ids": ["v"],
           "lon_deg": -79.5, "lat_deg": -11.5, "probability": 0.4, "areas": [], "reasons": [], "evidence": [], "method": "m"}  # fmt: skip
    rows = [row, row | {"version": 2, "probability": 0.9}, row | {"event_id": "f", "state": "withdrawn"}, row | {"event_id": "g", "kind": "gap"}]
    pl.DataFrame(rows, schema=EVENTS.schema).write_parquet(folder / "events.parquet")


def test_effort_that_makes_no_sense_is_counted_and_the_rest_is_used() -> None:
    _, found = learned('effort = ["effort.csv"]', effort__csv=EFFORT)
    assert found.refused["risk.effort_makes_no_sense"] == 3
    assert (found.looked.cell >= 0).sum() == 1  # the other good one lies outside the area
    assert found.looked.cover[0] == pytest.approx(6 * 20 * 14 / 3_536, rel=0.01)


def test_the_latest_version_of_an_event_counts_and_withdrawn_ones_and_other_kinds_do_not() -> None:
    a = asked(PLAN.replace("act_h = 36.0", 'act_h = 36.0\nevents = ["events.parquet"]\nkinds = ["fishing"]'))
    events(a.folder, "ex:small")
    found = read_risk(a, problem_of(a).cells)
    assert found.seen.weight.tolist() == [0.9] and (found.seen.cell >= 0).all()


def test_events_of_another_realm_are_refused() -> None:
    a = asked(PLAN.replace("act_h = 36.0", 'act_h = 36.0\nevents = ["events.parquet"]'))
    events(a.folder, "ops")
    with pytest.raises(RealmError, match="'ops' and the plan of 'ex:small'"):
        read_risk(a, problem_of(a).cells)


def test_a_file_named_after_another_drill_is_refused() -> None:
    with pytest.raises(RealmError, match="never mixed"):
        learned('effort = ["ex-other.effort.csv"]', ex_other="")


def test_expectations_hold_for_the_cells_they_touch() -> None:
    a, found = learned('priors = ["prior.geojson"]', prior__geojson=PRIOR)
    cells = problem_of(a).cells
    told = np.isfinite(found.expected)
    assert (found.expected[told] == 0.5).all() and told.any()
    assert (cells.lat_deg[told] > -11.2).all() and not told[cells.lat_deg < -11.6].any()


@pytest.mark.parametrize(
    ("line", "files", "part"),
    [
        ('effort = ["none.csv"]', {}, "cannot be read"),
        ('effort = ["effort.csv"]', {"effort__csv": "at,lon_deg\n1,2\n"}, "lacks the columns lat_deg"),
        ('priors = ["prior.geojson"]', {"prior__geojson": PRIOR.replace("0.5", '"much"')}, "give acts present per 1,000 nm2"),
        ('effort = ["effort.csv"]', {"effort__csv": EFFORT.splitlines()[0] + "\n1790812800,-79.5,-11.5,6,20,14\n"}, "at is Int64; give moments as"),
        ('priors = ["prior.geojson"]', {"prior__geojson": "{"}, "not valid JSON"),
    ],
)
def test_files_that_cannot_be_used_say_why(line, files, part) -> None:
    with pytest.raises(InputError, match=part):
        learned(line, **files)


def sailed(folder: Path, **changes) -> Path:
    leg = {"asset": "opv", "task": "search", "start": "2027-11-01T06:00:00Z", "end": "2027-11-01T12:00:00Z", "way": [[-79.5, -11.5]]}
    able = {"sweep_day_nm": 20.0, "sweep_night_nm": 12.0, "speed_kn": 14.0}
    made = {"realm": "ex:small", "assets": [{"id": "opv", "particulars": able}], "legs": [leg, leg | {"task": "transit"}]} | changes
    (folder / "past").mkdir(exist_ok=True)
    (folder / "past" / "ex-small.plan.json").write_text(json.dumps(made), encoding="utf-8")
    return folder


def test_a_patrol_that_was_sailed_is_past_effort_by_its_folder_or_file_beside_tables() -> None:
    for named in ("past", "past/ex-small.plan.json"):
        a = asked(PLAN.replace("act_h = 36.0", f'act_h = 36.0\neffort = ["{named}", "effort.csv"]'), effort__csv=EFFORT)
        sailed(a.folder)
        cells = problem_of(a).cells
        found = read_risk(a, cells)
        assert found.looked.cover.tolist()[:1] == [pytest.approx(6 * 16 * 14 / 3_536, rel=0.01)] and len(found.looked.cover) == 3
        assert found.looked.at[0] == np.datetime64("2027-11-01T09:00:00") and cells.west_deg[found.looked.cell[0]] == -80.0


@pytest.mark.parametrize(
    ("changes", "error", "part"),
    [({"realm": "ops"}, RealmError, "never mixed"), ({"assets": []}, InputError, "no plan whose searches"), ({"legs": 7}, InputError, "no plan"),
     ({"legs": [{"task": "search", "asset": "opv", "start": "soon"}]}, InputError, "no plan whose searches can be read")],
)  # fmt: skip
def test_a_plan_of_another_realm_or_none_is_no_past_effort(changes, error, part) -> None:
    a = asked(PLAN.replace("act_h = 36.0", 'act_h = 36.0\neffort = ["past"]'))
    sailed(a.folder, **changes)
    with pytest.raises(error, match=part):
        read_risk(a, problem_of(a).cells)
