"""Alerts over the API: each verb, on the revision that was looked at; two who act at once; silences, lists and cases."""

from __future__ import annotations

import threading
from datetime import timedelta

import httpx
import polars as pl
import pytest

from seaward.alerting import Sight, offer
from seaward.server.floor import Floor
from seaward.server.serving import Serving
from tests.alerts.floor import RULES, table
from tests.alerts.floor import event as alarming
from tests.server.floor import Browser, browser

Served = tuple[Floor, Serving]


def raised(served: Served, *names: str) -> list[str]:
    """Alerts of events that the rules of the tests know, one each."""
    state, now = served[0].node.state, served[0].now()
    for n, name in enumerate(names or ("e1",)):
        row = alarming(name, vessel_ids=[f"mmsi:76000010{n}"]) | {"start_at": now - timedelta(hours=3), "end_at": now - timedelta(hours=1)}
        offer(state, table(row), Sight(RULES), now)
    return state.alerts()["alert_id"].to_list()


def do(page: Browser, name: str, verb: str, etag: str | None = None, **body: object) -> httpx.Response:
    etag = etag or page.get(f"/api/v1/alerts/{name}").headers["ETag"]
    return page.post(f"/api/v1/alerts/{name}/{verb}", json=body, headers={"If-Match": etag})


def test_every_verb_of_an_alert_is_done_in_the_name_of_who_asks(fresh: Served) -> None:
    (name,) = raised(fresh)
    with browser(fresh[1], "officer") as page:
        told = page.get(f"/api/v1/alerts/{name}").json()
        assert told["alert"]["state"] == "new" and told["verbs"] == ["acknowledge", "validate", "dismiss", "silence", "comment", "assign"]
        assert told["alert"]["words"] and all("{" not in w for w in told["alert"]["words"])
        until = (fresh[0].now() + timedelta(hours=6)).isoformat()
        for verb, body, state in (
            ("comment", {"why": "looking"}, "new"), ("acknowledge", {}, "acknowledged"), ("assign", {"person": "supervisor"}, "acknowledged"),
            ("silence", {"why": "known", "until": until}, "silenced"), ("reopen", {"why": "not known"}, "new"),
            ("validate", {"why": "seen"}, "validated"),
            ("dismiss", {"why": "no", "dismissal": "false_sensor"}, "dismissed"),
        ):  # fmt: skip
            answer = do(page, name, verb, **body)
            assert answer.status_code == 200 and answer.json()["alert"]["state"] == state, (verb, answer.text)
        told = answer.json()
        assert [c["verb"] for c in told["changes"]] == [
            "raised",
            "commented",
            "acknowledged",
            "assigned",
            "silenced",
            "reopened",
            "validated",
            "dismissed",
        ]
        assert {c["who"] for c in told["changes"][1:]} == {"officer"} and told["alert"]["assigned_to"] == "supervisor"
        assert answer.headers["ETag"].startswith('"8-')
    assert fresh[0].node.state.problems() == []


def test_of_two_who_decide_at_once_one_is_told_to_look_again(fresh: Served) -> None:
    (name,) = raised(fresh)
    with browser(fresh[1], "officer") as one, browser(fresh[1], "supervisor") as two:
        etag = one.get(f"/api/v1/alerts/{name}").headers["ETag"]
        answers: list[httpx.Response] = []
        ready = threading.Barrier(2)

        def decide(page: Browser, verb: str, **body: object) -> None:
            ready.wait()
            answers.append(do(page, name, verb, etag, **body))

        threads = [threading.Thread(target=decide, args=(one, "validate")), threading.Thread(target=decide, args=(two, "acknowledge"))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert sorted(a.status_code for a in answers) == [200, 412]
        lost = next(a for a in answers if a.status_code == 412).json()
        assert lost["code"] == "changed" and "its revision is 2, not 1" in lost["detail"]
        assert len(one.get(f"/api/v1/alerts/{name}").json()["changes"]) == 2


def test_a_verb_needs_the_revision_and_what_its_kind_needs(fresh: Served) -> None:
    (name,) = raised(fresh)
    with browser(fresh[1], "officer") as page:
        assert page.post(f"/api/v1/alerts/{name}/acknowledge", json={}).status_code == 428
        assert do(page, name, "acknowledge", '"x"').status_code == 400
        assert do(page, name, "dismiss", why="x").status_code == 422
        assert do(page, name, "dismiss", why="x", dismissal="maybe").status_code == 422
        assert do(page, name, "comment").status_code == 422
        assert do(page, name, "assign", person="nobody").status_code == 422
        assert do(page, name, "assign", person="observer").status_code == 422, "who may not act on it cannot have it"
        assert do(page, "none", "acknowledge", '"1"').status_code == 404
        refused = page.post(f"/api/v1/alerts/{name}/reopen", json={"why": "x"}, headers={"If-Match": '"1"', "Accept-Language": "es"}).json()
        assert refused["code"] == "refused" and "no se puede" in refused["detail"]
        assert do(page, name, "erase", '"1"').status_code == 404
    with browser(fresh[1], "observer") as page:
        assert do(page, name, "acknowledge").status_code == 403
    assert fresh[0].node.state.alert(name)["revision"] == 1  # type: ignore[index]


def test_alerts_come_page_by_page_and_by_what_they_are(fresh: Served) -> None:
    names = raised(fresh, *(f"e{n}" for n in range(9)))
    with browser(fresh[1], "officer") as page:
        do(page, names[0], "acknowledge")
        found: list[str] = []
        url: str | None = "/api/v1/alerts?limit=4"
        while url:
            answer = page.get(url)
            found += [r["alert_id"] for r in answer.json()["items"]]
            url = answer.links["next"]["url"] if "next" in answer.links else None
        assert sorted(found) == sorted(names) and len(set(found)) == 9
        assert [r["alert_id"] for r in page.get("/api/v1/alerts?state=acknowledged").json()["items"]] == [names[0]]
        assert len(page.get("/api/v1/alerts?live=true&state=new&state=silenced").json()["items"]) == 8
        assert page.get("/api/v1/alerts?live=false").json()["items"] == page.get("/api/v1/alerts?kind=drift").json()["items"] == []
        vessel = page.get("/api/v1/alerts?vessel=mmsi:760000103").json()["items"]
        assert len(vessel) == 1 and vessel[0]["words"]
        assert len(page.get("/api/v1/alerts?format=geojson").json()["features"]) == 9
        assert len(pl.read_ipc_stream(page.get("/api/v1/alerts?format=arrow").content)) == 9


def test_a_validated_alert_is_a_case_that_a_supervisor_closes(fresh: Served) -> None:
    (name,) = raised(fresh)
    with browser(fresh[1], "officer") as page:
        do(page, name, "validate", why="seen")
        assert [c["state"] for c in page.get("/api/v1/cases?state=open").json()["items"]] == ["open"]
        assert page.post(f"/api/v1/cases/{name}/close", json={"why": "done"}).status_code == 403
    with browser(fresh[1], "supervisor") as page:
        assert page.post(f"/api/v1/cases/{name}/close", json={"why": "done"}).json()["state"] == "closed"
        assert page.post(f"/api/v1/cases/{name}/close", json={"why": "done"}).status_code == 409
        assert page.post(f"/api/v1/cases/{name}/reopen", json={"why": "again"}).json()["state"] == "open"
        assert page.post("/api/v1/cases/none/close", json={"why": "done"}).status_code == 404


def test_a_silence_holds_for_what_it_names_and_is_lifted(fresh: Served) -> None:
    raised(fresh, "e1", "e2")
    until = (fresh[0].now() + timedelta(days=2)).isoformat()
    with browser(fresh[1], "supervisor") as page:
        answer = page.post("/api/v1/silences", json={"why": "known trials", "until": until, "vessel_id": "mmsi:760000100", "priority": "alarm"})
        assert answer.status_code == 201 and len(answer.json()["silenced"]) == 1
        (held,) = page.get("/api/v1/silences").json()["items"]
        assert held["vessel_id"] == "mmsi:760000100" and held["made_by"] == "supervisor"
        assert page.delete(f"/api/v1/silences/{held['silence_id']}").status_code == 204
        assert page.get("/api/v1/silences").json()["items"] == [] and len(page.get("/api/v1/silences?all=true").json()["items"]) == 1
        assert page.delete(f"/api/v1/silences/{held['silence_id']}").status_code == page.delete("/api/v1/silences/x").status_code == 404
        assert page.post("/api/v1/silences", json={"why": "all", "until": until}).status_code == 422


def test_a_watch_list_is_given_as_csv_and_taken_away(fresh: Served) -> None:
    csv = "name,imo,mmsi\nLUCERO,9074729,\nXY,,\nBAD,123,\n"
    with browser(fresh[1], "supervisor") as page:
        answer = page.put("/api/v1/lists/iuu-2027", content=csv, headers={"Content-Type": "text/csv; charset=utf-8"})
        assert answer.status_code == 200 and answer.json()["entries"] == 2 and {r["row"] for r in answer.json()["refused"]} == {3, 4}
        assert page.get("/api/v1/lists").json()["items"][0]["list"] == "iuu-2027"
        assert page.get("/api/v1/lists/iuu-2027").json()["items"][0]["imo"] == 9074729
        assert page.put("/api/v1/lists/iuu-2027", content=b"\0\xff" * 50, headers={"Content-Type": "text/csv"}).status_code == 422
        assert page.put("/api/v1/lists/a b", content=csv, headers={"Content-Type": "text/csv"}).status_code == 422
        assert page.put("/api/v1/lists/iuu-2027", json={}).status_code == 415
        assert page.delete("/api/v1/lists/iuu-2027").status_code == 204 and page.delete("/api/v1/lists/iuu-2027").status_code == 404


@pytest.mark.parametrize("person", ["supervisor", "admin"])
def test_what_people_do_is_followed_in_the_audit(fresh: Served, person: str) -> None:
    (name,) = raised(fresh)
    with browser(fresh[1], person) as page:
        do(page, name, "acknowledge", why="mine")
        rows = page.get("/api/v1/audit?who=" + person).json()["items"]
        assert [r["action"] for r in rows] == ["session.made", "alert.acknowledged"] and rows[-1]["subject"] == name
        first = page.get("/api/v1/audit?limit=3")
        second = page.get(first.links["next"]["url"])
        assert [r["seq"] for r in first.json()["items"] + second.json()["items"]][:6] == [1, 2, 3, 4, 5, 6]


def test_a_silence_of_what_is_not_there_is_refused_or_told(fresh: Served) -> None:
    until = (fresh[0].now() + timedelta(days=2)).isoformat()
    with browser(fresh[1], "supervisor") as page:
        refused = page.post("/api/v1/silences", json={"why": "x", "until": until, "rule": "no-such-rule"})
        assert refused.status_code == 422 and "no rule no-such-rule" in refused.json()["detail"] and "went-dark" in refused.json()["detail"]
        assert page.get("/api/v1/silences").json()["items"] == []
        of_area = page.post("/api/v1/silences", json={"why": "x", "until": until, "area": "Dominio maritimo del Peru"})
        assert of_area.status_code == 201 and "Dominio marítimo del Perú" in of_area.json()["notes"][0]
        of_vessel = page.post("/api/v1/silences", json={"why": "x", "until": until, "vessel_id": "mmsi:1"})
        assert of_vessel.status_code == 201 and "mmsi:1" in of_vessel.json()["notes"][0]
        known = page.post("/api/v1/silences", json={"why": "x", "until": until, "rule": "went-dark", "area": "dominio marítimo *"})
        assert known.status_code == 201 and known.json()["notes"] == []
