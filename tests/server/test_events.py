"""Events over the API: pages that stay whole while events come, filters, one event in all its versions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from seaward.server.floor import Floor
from seaward.server.serving import Serving
from tests.server.floor import START, Browser, browser, event


def test_pages_neither_lose_nor_double_while_events_come(fresh: tuple[Floor, Serving]) -> None:
    state, now = fresh[0].node.state, fresh[0].now()
    for n in range(25):
        state.record_events(event(f"e{n:02d}", start_at=START + timedelta(minutes=n // 3)), now)
    with browser(fresh[1], "observer") as page:
        found: list[str] = []
        url: str | None = "/api/v1/events?limit=4"
        while url:
            answer = page.get(url)
            found += [r["event_id"] for r in answer.json()["items"]]
            state.record_events(event(f"new{len(found):02d}", start_at=START + timedelta(hours=1)), now)
            state.record_events(event("e03", len(found), start_at=START + timedelta(minutes=1), end_at=START + timedelta(hours=len(found))), now)
            url = answer.links["next"]["url"] if "next" in answer.links else None
    assert [f for f in found if f.startswith("e")] == [f"e{n:02d}" for n in sorted(range(25), key=lambda n: (-(n // 3), n))]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=gap", {"e1", "e3", "e5"}), ("kind=gap&kind=encounter", {f"e{n}" for n in range(7)}), ("state=closed", set()),
        ("vessel=mmsi:760000001", {f"e{n}" for n in range(7)}), ("vessel=mmsi:1", set()), ("area=%C3%81rea%20%C3%91", {f"e{n}" for n in range(7)}),
        ("area=other", set()), ("bbox=-80,-13,-79,-12", {"e2"}), ("bbox=170,-13,-83,-12", {"e6"}), ("bbox=170,-13,-84,-12", set()),
        ("since=2020-01-01T00:00:00Z&until=2020-02-01T00:00:00Z", set()), ("probability=0.75", {f"e{n}" for n in range(7)}),
        ("probability=0.76", set()),
    ],
)  # fmt: skip
def test_filters_meet_the_events_they_name(officer: Browser, query: str, found: set[str]) -> None:
    assert {r["event_id"] for r in officer.get(f"/api/v1/events?{query}").json()["items"]} == found


def test_reasons_are_words_in_the_language_asked_for(officer: Browser) -> None:
    english = officer.get("/api/v1/events?limit=1").json()["items"][0]
    spanish = officer.get("/api/v1/events?limit=1", headers={"Accept-Language": "es"})
    assert english["words"] == ["silent for 7.5 h"] and english["evidence_reports"] == 1 and "evidence" not in english
    assert spanish.json()["items"][0]["words"] == ["sin transmitir durante 7,5 h"] and spanish.headers["Content-Language"] == "es"


def test_one_event_tells_its_versions_and_who_was_told(fresh: tuple[Floor, Serving]) -> None:
    state, now = fresh[0].node.state, fresh[0].now()
    state.record_events(event("e1"), now)
    state.record_events(event("e1", 2, state="withdrawn"), now)
    state.told("e1", 1, "usa", now)
    state.keep_verdicts([("e1", 2, "withdrawn", None)], now)
    with browser(fresh[1], "observer") as page:
        answer = page.get("/api/v1/events/e1")
        told = answer.json()
        assert [v["state"] for v in told["versions"]] == ["open", "withdrawn"] and told["event"]["state"] == "withdrawn"
        assert told["event"]["evidence"] == [{"feed": "coast", "raw_offset": 1, "raw_length": 2}]
        assert [(t["whom"], t["version"]) for t in told["told"]] == [("usa", 1)] and told["verdict"]["verdict"] == "withdrawn"
        assert page.get("/api/v1/events/e1", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        state.told("e1", 2, "usa", now)
        assert page.get("/api/v1/events/e1", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200
        geo = page.get("/api/v1/events/e1?format=geojson").json()
        assert geo["features"][0]["geometry"]["coordinates"] == [-77.5, -12.25]
        assert page.get("/api/v1/events/nothing").status_code == 404
