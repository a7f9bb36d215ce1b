"""OGC API - Features: what GDAL, which QGIS stands on, reads of a running node, and what the standard asks for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import httpx
import pytest

from seaward.server.floor import Floor
from seaward.server.serving import Serving
from tests.server.floor import START, VESSELS, Browser

ROOT = "/api/v1/ogc"
Served = tuple[Floor, Serving]


def token(served: Served) -> str:
    person = served[0].node.state.person("observer")
    assert person is not None
    return served[0].sign_in.make_token(person, "observer", "test", 3_600, "test")[0]


READ = """
import json, sys, pyogrio
address, more = sys.argv[1], json.loads(sys.argv[2])
if not more:
    print(json.dumps([row[0] for row in pyogrio.list_layers(address)]))
else:
    frame = pyogrio.read_dataframe(address, **{k: tuple(v) if isinstance(v, list) else v for k, v in more.items()})
    rows = frame.drop(columns="geometry").astype(str).to_dict("records")
    print(json.dumps([r | {"at": [g.bounds[0], g.bounds[1]], "crs": str(frame.crs)} for r, g in zip(rows, frame.geometry)]))
"""


def gdal(served: Served, secret: str | None = None, **more: Any) -> Any:
    """What GDAL reads: in a process of its own, as it holds all threads of the one it is in."""
    env = os.environ | {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token(served) if secret is None else secret, "GDAL_HTTP_TIMEOUT": "30"}
    program = [sys.executable, "-c", READ, f"OAPIF:{served[1].url}{ROOT}", json.dumps(more)]
    done = subprocess.run(program, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    return json.loads(done.stdout)


def test_gdal_lists_the_layers_and_reads_each(served: Served, officer: Browser) -> None:
    assert gdal(served) == ["picture", "events", "areas"]
    vessels = gdal(served, layer="picture")
    ours = {r["picture_id"]: r for r in officer.get("/api/v1/picture").json()["items"]}
    assert len(vessels) == len(VESSELS) == len(ours)
    for row in vessels:
        assert row["at"] == [pytest.approx(ours[row["id"]][k], abs=1e-6) for k in ("lon_deg", "lat_deg")] and "4326" in row["crs"]
    assert {r["kind"] for r in gdal(served, layer="events")} == {"gap", "encounter"}
    assert len(gdal(served, layer="areas")) == len(officer.get("/api/v1/areas").json()["items"]) == 2


def test_gdal_asks_for_a_part_of_the_sea_and_pages_through_the_rest(served: Served) -> None:
    whole, part = gdal(served, layer="picture"), gdal(served, layer="picture", bbox=[-78.0, -13.0, -76.0, -12.0])
    inside = {r["id"] for r in whole if -78 <= r["at"][0] <= -76 and -13 <= r["at"][1] <= -12}
    assert 0 < len(part) < len(whole) and {r["id"] for r in part} == inside
    assert sorted(r["id"] for r in gdal(served, layer="events", PAGE_SIZE="2")) == [f"e{n}" for n in range(7)]


def test_without_signing_in_gdal_gets_nothing(served: Served) -> None:
    with pytest.raises(AssertionError, match="401"):
        gdal(served, "wrong", layer="picture")


def ask(officer: Browser, path: str, **query: Any) -> Any:
    answer = officer.get(f"{ROOT}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_links_lead_from_the_landing_page_to_every_feature_and_all_answer_with_their_type(officer: Browser) -> None:
    seen: set[str] = set()
    todo = [str(officer.base_url).rstrip("/") + ROOT]
    while todo and len(seen) < 60:
        url = todo.pop()
        if url in seen:
            continue
        seen.add(url)
        answer = officer.get(url)
        assert answer.status_code == 200, url
        body = answer.json()
        for at in (body, *body.get("collections", ())):
            for link in at.get("links", ()):
                if link["rel"] == "self" and at is body:
                    assert httpx.URL(link["href"]).path == httpx.URL(url).path and answer.headers["content-type"] == link["type"]
                elif link["rel"] in ("conformance", "data", "items", "collection", "next"):
                    todo.append(link["href"])
    assert len(seen) >= 8
    assert ask(officer, "/conformance")["conformsTo"][0].endswith("/conf/core")


def test_pages_hold_every_feature_once(officer: Browser) -> None:
    for name, count in (("picture", len(VESSELS)), ("events", 7)):
        found, url = list[str](), f"{ROOT}/collections/{name}/items?limit=2"
        while url:
            body = officer.get(url).json()
            assert body["numberReturned"] == len(body["features"]) <= 2
            found += [f["id"] for f in body["features"]]
            url = next((link["href"] for link in body["links"] if link["rel"] == "next"), "")
        assert len(found) == len(set(found)) == count


def test_times_are_moments_or_intervals_with_open_ends(officer: Browser) -> None:
    def events(text: str) -> int:
        return ask(officer, "/collections/events/items", datetime=text)["numberReturned"]

    hour = timedelta(hours=1)
    stamp = [(START + n * hour).strftime("%Y-%m-%dT%H:%M:%SZ") for n in (-2, -1, 0, 1, 2, 3)]
    assert [events(f"{stamp[0]}/{stamp[1]}"), events(f"../{stamp[1]}"), events(f"{stamp[4]}/.."), events(f"{stamp[4]}/")] == [0] * 4
    assert [events(f"{stamp[0]}/{stamp[5]}"), events(stamp[2]), events(stamp[3]), events(f"{stamp[3]}/.."), events("../.."), events("/")] == [7] * 6
    assert ask(officer, "/collections/picture/items", datetime=f"../{stamp[0]}")["numberReturned"] == 0


def test_a_box_may_lie_over_180_have_heights_and_reach_beyond_the_world(officer: Browser) -> None:
    def vessels(text: str) -> set[int]:
        return {f["properties"]["mmsi"] for f in ask(officer, "/collections/picture/items", bbox=text)["features"]}

    assert vessels("170,-20,-170,0") == vessels("170,-20,0,-170,0,100") == {235000005}
    assert vessels("-1000,-500,1000,500") == set(VESSELS)
    assert (
        len(ask(officer, "/collections/areas/items", bbox="-82,-12,-77,-5")["features"])
        > 0
        == len(ask(officer, "/collections/areas/items", bbox="10,10,11,11")["features"])
    )


@pytest.mark.parametrize(
    "query",
    ["bbox=1,2,3", "bbox=1,2,3,x", "bbox=nan,0,1,1", "bbox=0,5,1,1", "bbox=", "datetime=yesterday", "datetime=2027-01-01/2026-01-01",
     "datetime=a/b/c", "datetime=..", "datetime=", "limit=0", "limit=x", "cursor=%00", "cursor=W10", "cursor=e30", "colour=red",
     "bbox=1,1,2,2&bbox=1,1,2,2", "datetime=9999-12-31T23:59:59-23:59"],
)  # fmt: skip
def test_nonsense_is_refused_with_what_to_write(officer: Browser, query: str) -> None:
    answer = officer.get(f"{ROOT}/collections/events/items?{query}")
    assert answer.status_code == 400 and answer.headers["content-type"] == "application/problem+json"


def test_what_is_not_there_is_not_found_and_a_feature_is_found_by_its_name(officer: Browser) -> None:
    for path in ("/collections/secrets", "/collections/secrets/items", "/collections/events/items/none", "/collections/picture/items/..%2f.."):
        assert officer.get(ROOT + path).status_code == 404
    event = ask(officer, "/collections/events/items/e1")
    assert event["id"] == "e1" and event["properties"]["exercise"] is False and "evidence" not in event["properties"]
    assert ask(officer, "/collections/picture/items/mmsi:760000001")["properties"]["name"] == "LUCERO"
    name = ask(officer, "/collections/areas/items")["features"][0]["id"]
    assert ask(officer, f"/collections/areas/items/{name}")["id"] == name
