"""Why events were false and truths missed, each cause with what tells it from the next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from seaward.core.tables import DETECTIONS, TRUE_TRACKS
from seaward.evaluation.causes import dark_truth, why_false, why_missed
from seaward.evaluation.matching import match_events
from tests.evaluation.made import DEG_PER_M, NOON, event, events_of, truth, truth_of

MMSI = 100_000_001


def tracks(*rows: tuple[str, float, int | None], north_m: float = 0.0) -> pl.DataFrame:
    """Rows of (actor, minute, number sent), at one place."""
    common = {"realm": "ex:test", "lon_deg": -80.0, "lat_deg": north_m * DEG_PER_M, "sog_kn": 0.0, "cog_deg": 0.0, "activity": "under_way"}
    return pl.DataFrame([common | {"actor": a, "at": NOON + timedelta(minutes=m), "mmsi": n} for a, m, n in rows], schema=TRUE_TRACKS.schema)


SENDS = tracks(*(("one", m, MMSI) for m in range(0, 300, 10)))
SILENT = tracks(*(("one", m, None) for m in range(0, 300, 10)))


def detection(north_m: float = 0.0, error_m: float | None = 100.0) -> pl.DataFrame:
    row = {"realm": "ex:test", "feed": "sar", "raw_offset": 0, "detection_id": "d1", "at": NOON + timedelta(minutes=60), "lon_deg": -80.0,
           "lat_deg": north_m * DEG_PER_M, "error_m": error_m, "length_m": None, "length_error_m": None, "sensor": "sar", "score": None}  # fmt: skip
    return pl.DataFrame([row], schema=DETECTIONS.schema)


@pytest.mark.parametrize(
    ("sea", "north_m", "expected"),
    [(SENDS, 390, ("one", False)), (SILENT, 390, ("one", True)), (SILENT, 410, (None, None)), (SILENT.clear(), 0, (None, None))],
)
def test_a_detection_is_of_the_hull_within_three_errors_and_a_hundred_metres(sea: pl.DataFrame, north_m: float, expected: tuple[Any, Any]) -> None:
    assert dark_truth(detection(north_m), sea).select("actor", "is_dark").row(0) == expected


def cause_of(raised: dict[str, Any], happened: list[dict[str, Any]], sea: pl.DataFrame = SENDS, seen: pl.DataFrame | None = None) -> str | None:
    events, real = events_of(event("e", **raised)), truth_of(*happened)
    matching = match_events(events, real, true_tracks=sea, realm="ex:test")
    return why_false(matching, events, real, sea, dark_truth(detection(), sea) if seen is None else seen).get("e")


FAR = truth("t", north_m=1e6, vessel_ids=["mmsi:100000009"])


def test_a_hit_has_no_cause() -> None:
    assert cause_of({}, [truth("t")]) is None


def test_causes_of_false_events() -> None:
    assert cause_of({"kind": "gap"}, [FAR]) == "transmitting"
    assert cause_of({"kind": "gap"}, [FAR], SILENT) == "unknown"
    assert cause_of({"kind": "loitering"}, [FAR]) == "lawful"
    assert cause_of({"kind": "loitering"}, [truth("t", kind="fishing")]) == "other_truth"
    assert cause_of({"kind": "loitering"}, [truth("t", kind="fishing", start_s=7200 + 3601, end_s=20_000)]) == "lawful"


def test_causes_of_false_contacts() -> None:
    contact = {"kind": "dark_contact", "vessel_ids": ["detection:sar/d1"], "start_s": 3600, "end_s": 3600}
    assert cause_of(contact, [FAR], SENDS) == "heard_vessel"
    assert cause_of(contact, [FAR], SILENT) == "unknown"
    assert cause_of(contact, [FAR], SENDS, dark_truth(detection(5_000), SENDS)) == "sensor"


def missed(happened: dict[str, Any], raised: list[dict[str, Any]] | None = None, *, seen: bool = True, has_areas: bool = True) -> str | None:
    events, real = events_of(*(event(f"e{n}", **r) for n, r in enumerate(raised or []))), truth_of(truth("t", **happened))
    matching = match_events(events, real, realm="ex:test")
    return why_missed(matching, events, real, {"t": {"coast": NOON}} if seen else {}, has_areas).get("t")


def test_causes_of_misses() -> None:
    assert missed({}, [{}]) is None
    assert missed({}, seen=False) == "not_seen"
    assert missed({"kind": "area"}, has_areas=False) == "no_areas" and missed({"kind": "area"}) == "not_raised"
    assert missed({"actors": ["one", "two"]}) == "one_sided"
    assert missed({"actors": ["one", "two"], "vessel_ids": ["mmsi:100000001", "mmsi:100000002"]}) == "not_raised"
    assert missed({"kind": "loitering"}, [{"kind": "fishing"}]) == "found_as"
    assert missed({"kind": "loitering"}, [{"kind": "fishing", "vessel_ids": ["mmsi:100000009"]}]) == "not_raised"
