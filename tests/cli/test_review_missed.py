"""What the watch of a cell missed, as the review holds it: its stages, and what people did about it all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import polars as pl

from seaward.review import _truth

START = datetime(2027, 11, 4, 12, tzinfo=UTC)


def test_a_truth_that_was_missed_has_its_stages_beside_one_that_was_found() -> None:
    row = {"truth_id": "t1", "kind": "gap", "start_at": START, "end_at": START, "actors": ["a"], "intent": "transfer", "lon_deg": -78.0,
           "lat_deg": -12.0, "areas": []}  # fmt: skip

    def cell(name: str, verdict: str) -> SimpleNamespace:
        matched = pl.DataFrame({"truth_id": ["t1"], "verdict": [verdict], "event_id": ["e1"]})
        return SimpleNamespace(
            cell=SimpleNamespace(id=name), truth=pl.DataFrame({"truth_id": ["t1"]}), matching=SimpleNamespace(truth=matched),
            observable={"t1": {"coast": START + timedelta(minutes=5)}}, missed_why={"t1": "not_raised"} if verdict == "missed" else {},
            opened_at={"e1": START + timedelta(minutes=30)}, events=pl.DataFrame({"event_id": ["e1"], "probability": [0.5]}),
        )  # fmt: skip

    played = SimpleNamespace(stages=lambda cell, _: {"tasked": START + timedelta(hours=1)} if cell == "pe" else {})
    told = _truth(row, SimpleNamespace(actors=[]), [cell("pe", "missed"), cell("us", "hit")], played)  # type: ignore[arg-type,list-item]
    assert told["found"]["pe"] is None and {*told["missed_chain"]} == {"pe"} and told["missed_why"] == {"pe": "review.missed.not_raised"}
    at = {c["stage"]: c["at"] for c in told["missed_chain"]["pe"]}
    assert (at["onset"], at["observable"], at["opened"], at["tasked"]) == (
        "2027-11-04T12:00:00Z", "2027-11-04T12:05:00Z", None, "2027-11-04T13:00:00Z")  # fmt: skip
    assert {c["stage"]: c["at"] for c in told["found"]["us"]["chain"]}["opened"] == "2027-11-04T12:30:00Z"
