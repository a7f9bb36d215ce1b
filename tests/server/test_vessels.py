"""Vessels over the API: as last heard, filtered, page by page, and their tracks."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from tests.console.opened import opened
from tests.server.floor import VESSELS, Browser


def test_all_vessels_are_told_with_who_they_are(officer: Browser) -> None:
    answer = officer.get("/api/v1/vessels")
    assert answer.status_code == 200 and answer.headers["Seaward-Realm"] == "ops"
    rows = {r["mmsi"]: r for r in answer.json()["items"]}
    assert set(rows) == set(VESSELS)
    lucero = rows[760000001]
    assert (lucero["name"], lucero["imo"], lucero["flag"], lucero["ship_class"]) == ("LUCERO", 9074729, "PE", "fishing")
    assert lucero["lon_deg"] == round(-77.5 + 0.7, 5) and lucero["sog_kn"] == 7.0 and lucero["reported_at"].endswith("Z")
    assert rows[760000006]["name"] is None and rows[760000006]["ship_class"] is None


def test_pages_follow_one_another_to_the_last(officer: Browser) -> None:
    found: list[int] = []
    url: str | None = "/api/v1/vessels?limit=2"
    while url:
        answer = officer.get(url)
        found += [r["mmsi"] for r in answer.json()["items"]]
        url = answer.links["next"]["url"] if "next" in answer.links else None
    assert found == sorted(VESSELS)


def test_filters_meet_the_vessels_they_name(officer: Browser) -> None:
    def asked(query: str) -> set[int]:
        return {r["mmsi"] for r in officer.get(f"/api/v1/vessels?{query}").json()["items"]}

    assert asked("class=fishing&class=tanker") == {760000001, 760000002, 412000003, 235000005}
    assert asked("flag=cn") == {412000003}
    assert asked("bbox=-78,-13,-76,-12") == {760000001, 760000002, 367000004}
    assert asked("bbox=178,-20,-175,0") == {235000005}, "over 180 degrees"
    assert asked("q=lucero") == {760000001} and asked("q=9074") == {760000001, 367000004} and asked("q=OA123") == {760000001, 760000002}
    assert asked("feed=nowhere") == set() and asked("since=2099-01-01T00:00:00Z") == set()
    assert asked("area=nowhere") == set()


def test_the_same_answer_is_not_sent_twice(officer: Browser) -> None:
    first = officer.get("/api/v1/vessels?flag=PE")
    again = officer.get("/api/v1/vessels?flag=PE", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.content and again.headers["ETag"] == first.headers["ETag"]


def test_vessels_come_as_geojson_and_as_arrow(officer: Browser) -> None:
    geo = officer.get("/api/v1/vessels", headers={"Accept": "application/geo+json"})
    assert geo.headers["Content-Type"] == "application/geo+json"
    feature = geo.json()["features"][-1]
    assert feature["geometry"]["type"] == "Point" and feature["id"] == "mmsi:760000006" and "lon_deg" not in feature["properties"]
    arrow = officer.get("/api/v1/vessels?format=arrow")
    assert arrow.headers["Content-Type"] == "application/vnd.apache.arrow.stream"
    assert set(pl.read_ipc_stream(io.BytesIO(arrow.content))["mmsi"]) == set(VESSELS)
    assert officer.get("/api/v1/vessels", headers={"Accept": "image/png"}).status_code == 406


def test_a_track_is_cleaned_and_in_order_of_time(officer: Browser) -> None:
    rows = officer.get("/api/v1/vessels/mmsi:760000001/track").json()["items"]
    assert len(rows) == 36 and [r["at"] for r in rows] == sorted(r["at"] for r in rows) and {r["quality"] for r in rows} == {"good"}
    every_hour = officer.get("/api/v1/vessels/760000001/track?every_s=3600").json()["items"]
    assert 6 <= len(every_hour) <= 7
    first = officer.get("/api/v1/vessels/760000001/track?limit=20")
    second = officer.get(first.links["next"]["url"])
    assert first.json()["items"] + second.json()["items"] == rows


def test_a_track_over_180_degrees_is_cut_there(officer: Browser) -> None:
    line = officer.get("/api/v1/vessels/235000005/track?format=geojson").json()["features"][0]
    assert line["geometry"]["type"] == "MultiLineString" and len(line["geometry"]["coordinates"]) == 2
    assert len(line["properties"]["at"]) == 36


def test_a_vessel_is_told_whole(officer: Browser) -> None:
    told = officer.get("/api/v1/vessels/mmsi:760000001").json()
    assert told["now"]["name"] == "LUCERO" and told["hulls"][0]["identity"][0]["name"] == "LUCERO"
    assert len(told["events"]) == 7 and told["events"][0]["words"] == ["silent for 7.5 h"]


def test_a_vessels_risk_is_told_with_its_parts_and_reasons(tmp_path: Path) -> None:
    """An event of an alert that was dismissed as false does not count, one that stands does."""
    with opened(tmp_path, events=2) as (_, url), Browser(base_url=url, timeout=30) as officer:
        assert officer.sign_in("officer").is_success
        (risk,) = officer.get("/api/v1/vessels/760000001").json()["risk"]
        assert risk["likelihood"] > 1.0 and risk["risk"] == pytest.approx(risk["likelihood"] * risk["impact"] * risk["hidden"])
        assert risk["words"] and risk["words"][0].startswith("+")
        assert risk["word"] in officer.get("/console/vessels/mmsi:760000001").text
        (alert,) = officer.get("/api/v1/alerts?vessel=mmsi:760000001").json()["items"]
        false = {"dismissal": "false_sensor", "why": "echo"}
        assert officer.post(f"/api/v1/alerts/{alert['alert_id']}/dismiss", json=false, headers={"If-Match": f'"{alert["revision"]}"'}).is_success
        (after,) = officer.get("/api/v1/vessels/760000001").json()["risk"]
        assert after["likelihood"] == 1.0


def test_a_vessel_nobody_heard_is_not_found_and_takes_no_room(served: tuple, officer: Browser) -> None:
    before = served[0].node.live.window.slots.count
    assert officer.get("/api/v1/vessels/mmsi:123456789").status_code == 404
    assert officer.get("/api/v1/vessels/lucero").status_code == 404
    assert officer.get("/api/v1/vessels/123456789/track").json()["items"] == []
    assert served[0].node.live.window.slots.count == before
