"""What counts as an act: cases, events and contacts without a track, each by its chance, and the same one once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from seaward.core.errors import InputError, RealmError
from seaward.patrol.acts import CASE, CASE_COLUMNS, DARK, DETECTION_COLUMNS, EVENT, EVENT_COLUMNS, Known, acts_of
from seaward.patrol.problem import problem_of
from seaward.patrol.read_risk import read_risk
from tests.patrol.plans import PLAN, asked

AT = datetime(2027, 10, 1, tzinfo=UTC)
MOMENT = pl.Datetime("us", "UTC")
TEXT = {"realm": pl.String, "event_id": pl.String, "alert_id": pl.String, "state": pl.String, "kind": pl.String}


def frame(columns: tuple[str, ...], *rows: dict) -> pl.DataFrame:
    types = {c: TEXT.get(c, MOMENT if c in ("at", "start_at") else pl.UInt32 if c == "version" else pl.Float64) for c in columns}
    more = {"event_ids": pl.List(pl.String)} if any("event_ids" in r for r in rows) else {}
    return pl.DataFrame(list(rows), types | more, orient="row")


def event(name: str = "e", **changes) -> dict:
    return {"realm": "ex:small", "event_id": name, "version": 1, "state": "closed", "kind": "fishing", "start_at": AT, "lon_deg": -79.5,
            "lat_deg": -11.5, "probability": None} | changes  # fmt: skip


def case(name: str = "c", **changes) -> dict:
    return {"realm": "ex:small", "alert_id": name, "state": "open", "kind": "gap", "start_at": AT, "lon_deg": -80.5, "lat_deg": -12.5} | changes


def contact(**changes) -> dict:
    return {"realm": "ex:small", "at": AT, "lon_deg": -78.5, "lat_deg": -13.0, "state": "without_track"} | changes


def weights(events=(), cases=(), detections=(), dismissed=(), kinds=()) -> tuple[list[float], Counter]:
    refused: Counter[str] = Counter()
    columns = DETECTION_COLUMNS + (("probability",) if any("probability" in d for d in detections) else ())
    tables = frame(EVENT_COLUMNS, *events), frame(CASE_COLUMNS, *cases), frame(columns, *detections)
    return acts_of(*tables, frozenset(dismissed), kinds, refused)["weight"].to_list(), refused


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"events": [event(probability=0.4)]}, [0.4]),
        ({"events": [event()]}, [EVENT]),
        ({"events": [event(event_id=None, lat_deg=-11.5 - k) for k in range(3)]}, [EVENT] * 3),
        ({"events": [event(event_id=""), event(event_id="", lat_deg=-9.0), event("0", lat_deg=-10.0)]}, [EVENT] * 3),
        ({"cases": [case(alert_id=None), case(alert_id=None, lat_deg=-9.0)]}, [CASE, CASE]),
        ({"events": [event(kind="dark_contact")]}, [DARK]),
        ({"events": [event(kind="dark_contact", probability=0.7)]}, [0.7]),
        ({"events": [event(probability=0.3), event(version=2, state="withdrawn")]}, []),
        ({"cases": [case(), case("d", state="closed"), case("w", state="withdrawn")]}, [CASE, CASE]),
        ({"detections": [contact(), contact(lat_deg=-9.5, state="with_track")]}, [DARK]),
        ({"detections": [contact(probability=0.9), contact(lat_deg=-9.5, probability=None)]}, [0.9, DARK]),
        ({"detections": [contact(probability=7.0)]}, [1.0]),
    ],
)
def test_each_kind_of_find_counts_by_the_chance_that_it_was_an_act(given, told) -> None:
    assert weights(**given)[0] == told


def test_the_events_of_a_case_stand_behind_it_and_those_that_officers_dismissed_do_not_count() -> None:
    events = [event("a", probability=0.3), event("b", probability=0.5), event("c", probability=0.6)]
    told, refused = weights(events, [case(event_ids=["a"])], dismissed=["b"])
    assert sorted(told) == [0.6, CASE] and refused["risk.event_dismissed"] == 1


def test_a_contact_near_an_event_in_place_and_time_is_that_one_and_others_are_their_own() -> None:
    near = contact(lon_deg=-79.52, lat_deg=-11.51, at=AT + timedelta(minutes=40))
    late, far = near | {"at": AT + timedelta(minutes=90)}, near | {"lon_deg": -79.6}
    assert weights([event(probability=0.5)], detections=[near])[0] == [0.5]
    assert weights([event(probability=0.5)], detections=[late, far])[0] == [0.5, DARK, DARK]
    across = weights([event(probability=0.5, lon_deg=179.99)], detections=[contact(lon_deg=-179.99, lat_deg=-11.5)])[0]
    assert across == [0.5]


def test_rows_that_say_too_little_are_counted_and_not_guessed() -> None:
    told, refused = weights(
        [event(lon_deg=None), event("f", probability=float("nan")), event("g", start_at=None)], [case(lat_deg=None)],
        [contact(state="not_judged"), contact(lon_deg=500.0), contact(state=None)],
    )  # fmt: skip
    assert told == [] and refused["risk.event_without_place"] == 4
    assert refused["risk.detection_not_judged"] == 2 and refused["risk.detection_without_place"] == 1


def test_kinds_hold_for_cases_too() -> None:
    assert weights([event(probability=0.5)], [case()], kinds=("gap",))[0] == [CASE]


CASES = "realm,alert_id,state,kind,start_at,lon_deg,lat_deg\nex:small,a1,open,gap,2027-10-01T00:00:00Z,-80.5,-12.5\n"
CONTACTS = (
    "realm,at,lon_deg,lat_deg,state\nex:small,2027-10-02T03:00:00Z,-78.5,-13.0,without_track\nex:small,2027-10-02T03:00:00Z,-79.5,-11.0,with_track\n"
)


def risked(line: str, known: Known | None = None, **files: str):
    a = asked(PLAN.replace("act_h = 36.0", f"act_h = 36.0\n{line}"), **files)
    cells = problem_of(a).cells
    return a, cells, read_risk(a, cells, known)


def test_files_of_cases_and_contacts_are_read_into_their_cells() -> None:
    _, cells, found = risked('cases = ["cases.csv"]\ndetections = ["seen.csv"]', cases__csv=CASES, seen__csv=CONTACTS)
    assert found.seen.weight.tolist() == [CASE, DARK] and not found.refused
    places = [(cells.west_deg[k], cells.south_deg[k]) for k in found.seen.cell]
    assert places == [(-81.0, -13.0), (-79.0, -13.0)]


def test_what_a_node_knows_counts_beside_the_files() -> None:
    known = Known(frame(EVENT_COLUMNS, event("a", probability=0.5), event("b")), frame(CASE_COLUMNS, case(event_ids=["b"])), frozenset(["a"]))
    _, _, found = risked('detections = ["seen.csv"]', known, seen__csv=CONTACTS)
    assert found.seen.weight.tolist() == [CASE, DARK] and found.refused == {"risk.event_dismissed": 1}


@pytest.mark.parametrize("column", ["b;c", "\"['b', 'c']\"", '"[""b"", ""c""]"', "5", ""])
def test_events_of_cases_are_read_from_a_table_without_lists_too(column) -> None:
    known = Known(frame(EVENT_COLUMNS, event("b"), event("5")), frame(CASE_COLUMNS, case(event_ids=["x"])), frozenset())
    head, row, _ = CASES.split("\n")
    for also in (None, known):
        _, _, found = risked('cases = ["cases.csv"]', also, cases__csv=f"{head},event_ids\n{row},{column}\n")
        assert len(found.seen.weight) == (1 if also is None else 4 if not column else 3)


@pytest.mark.parametrize(
    ("line", "files", "error", "part"),
    [
        ('cases = ["cases.csv"]', {"cases__csv": CASES.replace("ex:small", "ops")}, RealmError, "never mixed"),
        ('detections = ["seen.csv"]', {"seen__csv": CONTACTS.replace("ex:small", "ex:other")}, RealmError, "never mixed"),
        ('detections = ["seen.csv"]', {"seen__csv": CONTACTS.replace(",state", ",status")}, InputError, "lacks the columns state"),
        ('cases = ["ex-other.cases.csv"]', {}, RealmError, "never mixed"),
    ],
)
def test_files_of_another_realm_or_without_what_is_needed_are_refused(line, files, error, part) -> None:
    with pytest.raises(error, match=part):
        risked(line, **files)


@pytest.mark.parametrize(
    "junk", ["", "\x00\x01", "realm,at,lon_deg,lat_deg,state\n,,,,\n,soon,east,north,maybe\n", "realm,at,lon_deg,lat_deg,state\n"]
)
def test_junk_is_refused_or_counted(junk) -> None:
    try:
        _, _, found = risked('detections = ["seen.csv"]', seen__csv=junk)
    except (InputError, RealmError) as e:
        assert "seen.csv" in str(e)
    else:
        assert found.seen.weight.tolist() == []


@pytest.mark.parametrize(
    ("changes", "weights"),
    [
        ({"start_at": pl.lit(float("nan")), "lat_deg": -11.5}, []),
        ({"start_at": pl.lit("2027-10-01T00:00:00Z").cast(pl.Categorical)}, [1.0]),
        ({"start_at": pl.lit(AT).dt.date()}, [1.0]),
        ({"event_id": pl.lit(7)}, [1.0]),
        ({"event_id": pl.lit(b"\xff")}, "give ids as text"),
        ({"event_id": pl.lit([["a"]])}, "give ids as text"),
        ({"start_at": pl.lit(1_790_812_800)}, "give moments as"),
    ],
)
def test_columns_of_other_kinds_are_read_where_they_can_be_and_else_refused_in_words(changes, weights) -> None:
    a = asked(PLAN.replace("act_h = 36.0", 'act_h = 36.0\nevents = ["e.parquet"]'))
    rows = frame(EVENT_COLUMNS, event()).with_columns(**{k: v if isinstance(v, pl.Expr) else pl.lit(v) for k, v in changes.items()})
    rows.write_parquet(a.folder / "e.parquet")
    if isinstance(weights, str):
        with pytest.raises(InputError, match=weights):
            read_risk(a, problem_of(a).cells)
    else:
        assert read_risk(a, problem_of(a).cells).seen.weight.tolist() == weights
