"""The patrol over the API: as it stands and why; answers and changes are proposals, checked before they are shown, sailed once accepted."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from seaward import sailing
from seaward.answering import legs_made, seen_of
from seaward.core.catalogue import render
from seaward.core.errors import InputError
from seaward.node.config import config_of
from seaward.node.config_files import not_there
from seaward.node.node import Node
from seaward.patrol.change_leg import CannotChange, move
from seaward.patrol.read_plan import read_plan
from seaward.planning import check
from seaward.server.floor import Floor
from seaward.server.serving import Serving
from tests.console.opened import told
from tests.server.floor import browser, open_floor
from tests.server.patrols import PLAN, START, patrol_in, report
from tests.waiting import wait_for

P = "/api/v1/patrol"
Sailed = tuple[Floor, Serving, Path]
PLACE = {"lon_deg": -78.2, "lat_deg": -12.4, "error_nm": 1.0}


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Sailed]:
    with open_floor(tmp_path, config=patrol_in(tmp_path)) as (floor, server):
        yield floor, server, tmp_path / "night"


def ask(server: Serving, method: str, path: str, body: Any = None, person: str = "officer", status: int | None = None, **headers: str) -> Any:
    with browser(server, person) as page:
        answer = page.request(method, path, **({} if body is None else {"json": body}), headers=headers)
    if status is not None:
        assert answer.status_code == status, answer.text
    return answer.json()


def later(server: Serving, task: str = "search") -> dict[str, Any]:
    """A leg of the ship that is still to come, with port somewhere after it."""
    ship = next(a for a in ask(server, "GET", P)["assets"] if a["id"] == "OPV-1")
    return next(leg for leg in ship["legs"] if leg["may"] and leg["task"] == task)


def revisions(server: Serving) -> dict[str, str]:
    return {a["id"]: a["revision"] for a in ask(server, "GET", P)["assets"]}


def test_the_plan_is_told_with_value_bound_legs_and_why(night: Sailed) -> None:
    _, server, _ = night
    with browser(server, "observer") as page:
        found = page.get(P, headers={"Accept-Language": "en"}).json()
        shapes = page.get(P, params={"format": "geojson"}).json()
    s = found["plan"]["summary"]
    assert found["is_configured"] and found["why"] == "" and found["plan"]["number"] == 0 and found["plan"]["is_begun"]
    assert s["acts_met"] <= s["acts_met_at_most"] and f"{s['acts_met_at_most']:.1f}" in found["words"][0]
    assert [a["id"] for a in found["assets"]] == ["OPV-1", "CUTTER-1", "MPA-1"]
    legs = [leg for a in found["assets"] for leg in a["legs"]]
    assert all(leg["words"] for leg in legs if leg["task"] == "search") and {leg["task"] for leg in legs} >= {"search", "transit", "port"}
    assert sum(f["properties"]["what"] == "leg" for f in shapes["features"]) == len(legs)
    assert sum(f["properties"]["what"] == "asset" for f in shapes["features"]) == 3


def test_where_assets_are_comes_from_the_picture_where_it_is_fresh_and_is_said_to_be_stale_where_not(night: Sailed) -> None:
    _, server, folder = night
    (folder.parent / "drops" / "now.csv").write_text(report(760000006, -78.4, -12.0))
    wait_for(lambda: _place(server, "OPV-1")["lon_deg"] == -78.4)  # counted is not yet seen
    ship = _place(server, "OPV-1")
    assert ship["source"] == "picture" and ship["is_taken"] and ship["lat_deg"] == -12.0 and ship["off_nm"] > 1
    assert _place(server, "CUTTER-1")["source"] == "unheard" and _place(server, "MPA-1")["source"] == "plan"
    made = ask(server, "POST", f"{P}/answers", {"targets": [{"lon_deg": -78.45, "lat_deg": -12.05}]}, status=201)
    (meeting,) = made["answer"]["meetings"]
    assert meeting["asset"] == "OPV-1"
    sent = json.loads((folder / "patrol.answers" / "1" / "plan.json").read_text())
    leg = next(leg for leg in sent["legs"] if leg["target"] and leg["task"] == "transit")
    assert leg["asset"] == "OPV-1" and leg["way"][0] == [-78.4, -12.0]
    with browser(server, "officer") as page:
        said = page.get(f"{P}/answers/1", headers={"Accept-Language": "es"}).json()["place_words"]
    assert "según el cuadro" in said[0] and "no se la oye" in said[1]


def test_a_ship_that_was_heard_too_long_ago_is_stale_and_taken_as_planned(night: Sailed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.patrol.now.FRESH_H", 1e-4)
    _, server, _ = night
    ship = _place(server, "OPV-1")
    assert (
        ship["source"] == "stale"
        and not ship["is_taken"]
        and (ship["lon_deg"], ship["lat_deg"]) == (ship["planned_lon_deg"], ship["planned_lat_deg"])
    )
    (words,) = next(a for a in ask(server, "GET", P, **{"Accept-Language": "en"})["assets"] if a["id"] == "OPV-1")["words"]
    assert "STALE" in words


def _place(server: Serving, asset: str) -> dict[str, Any]:
    return next(a for a in ask(server, "GET", P)["assets"] if a["id"] == asset)["place"]


def test_an_alert_is_answered_as_a_proposal_and_sailed_only_once_accepted(night: Sailed) -> None:
    floor, server, folder = night
    name = told(floor, "e1", vessel_ids=["mmsi:760000009"], lon_deg=-78.3, lat_deg=-12.6)
    before = ask(server, "GET", P)
    made = ask(server, "POST", f"{P}/answers", {"targets": [{"alert": name}], "why": "oscuro"}, status=201)
    assert made["n"] == 1 and made["state"] == "proposed" and made["targets"][0]["by"] == "alert" and made["targets"][0]["alert_id"] == name
    assert made["answer"]["meetings"] and any(c["is_changed"] and c["sent_to"] for c in made["changes"])
    after = ask(server, "GET", P)
    assert after["plan"]["number"] == 0 and after["answer"] is None and after["assets"][0]["legs"] == before["assets"][0]["legs"]
    done = ask(server, "POST", f"{P}/answers/1/accept", {"why": "vamos"}, status=200)
    assert done["state"] == "accepted" and done["accepted"]["by"] == "officer"
    now = ask(server, "GET", P)
    assert now["plan"]["number"] == 1 and now["plan"]["accepted"]["why"] == "vamos" and now["answer"]["meetings"]
    rows = floor.node.state.audit_rows(who="officer").filter(pl.col("action").str.starts_with("patrol."))
    assert rows["action"].to_list() == ["patrol.proposed", "patrol.accepted"] and "vamos" in rows["body"][1] and "oscuro" in rows["body"][0]
    assert [c.topic for c in floor.node.state.changes_after(0, 500)].count("patrol") == 2
    again = ask(server, "POST", f"{P}/answers/1/accept", {}, status=422)
    assert again["code"] == "refused" and (folder / "patrol" / "plan.json").exists()


def test_a_second_alert_does_not_call_back_who_was_sent_to_the_first(night: Sailed) -> None:
    _, server, _ = night
    first = ask(server, "POST", f"{P}/answers", {"targets": [PLACE | {"id": "one"}]}, status=201)
    ask(server, "POST", f"{P}/answers/{first['n']}/accept", {}, status=200)
    other = PLACE | {"id": "two", "lon_deg": -77.9, "lat_deg": -11.4}
    second = ask(server, "POST", f"{P}/answers", {"targets": [other]}, status=201)
    assert {m["target"] for m in second["answer"]["meetings"]} | set(second["answer"]["unmet"]) == {"one", "two"}
    alone = ask(server, "POST", f"{P}/answers", {"targets": [other], "keep": False}, status=201)
    assert {m["target"] for m in alone["answer"]["meetings"]} == {"two"}
    assert any("one" in c["freed_from"] for c in alone["changes"])


def test_a_proposal_upon_a_plan_that_has_changed_is_not_sailed_nor_one_that_is_old(night: Sailed, monkeypatch: pytest.MonkeyPatch) -> None:
    _, server, _ = night
    for _ in range(3):
        ask(server, "POST", f"{P}/answers", {"targets": [PLACE]}, status=201)
    ask(server, "POST", f"{P}/answers/2/accept", {}, status=200)
    assert ask(server, "GET", f"{P}/answers/3")["state"] == "overtaken"
    no = ask(server, "POST", f"{P}/answers/3/accept", {}, status=422, **{"Accept-Language": "en"})
    assert no["detail"] == render("patrol.refused.is_overtaken", {"n": "3"}, "en")
    ask(server, "POST", f"{P}/answers", {"targets": [PLACE]}, status=201)
    monkeypatch.setattr("seaward.sailing.LATE", timedelta(0))
    wait_for(lambda: ask(server, "GET", f"{P}/answers/4")["state"] == "late")
    ask(server, "POST", f"{P}/answers/4/accept", {}, status=422)
    assert ask(server, "GET", P)["plan"]["number"] == 2


def test_a_leg_is_taken_out_and_what_is_left_keeps_every_rule(night: Sailed) -> None:
    floor, server, folder = night
    leg = later(server)
    made = ask(server, "POST", f"{P}/legs/OPV-1/{leg['leg']}", {"do": "take_out", "why": "niebla"}, status=201)
    assert made["kind"] == "take_out" and made["worth"] == leg["worth"]
    assert [c["asset"] for c in made["changes"] if c["is_changed"]] == ["OPV-1"]
    ask(server, "POST", f"{P}/answers/1/accept", {}, status=200)
    ship = next(a for a in ask(server, "GET", P)["assets"] if a["id"] == "OPV-1")
    assert leg["cell"] not in [x["cell"] for x in ship["legs"] if x["task"] == "search" and x["start"] == leg["start"]]
    assert floor.node.patrol is not None
    problem, whole = floor.node.patrol.problem(), json.loads((folder / "patrol.answers" / "1" / "plan.json").read_text())
    assert check(problem, legs_made(problem, whole), seen=seen_of(problem, whole)) == []
    # an alert is answered with the plan as it was changed, and what was taken out does not come back
    ask(server, "POST", f"{P}/answers", {"targets": [PLACE | {"lon_deg": -79.4, "lat_deg": -13.5}]}, status=201)


def test_a_leg_is_postponed_or_refused_with_the_rule_and_how_far_it_could_be(night: Sailed) -> None:
    _, server, _ = night
    leg = later(server)
    url = f"{P}/legs/OPV-1/{leg['leg']}"
    no = ask(server, "POST", url, {"do": "postpone", "minutes": 1_440}, status=422, **{"Accept-Language": "en"})
    assert "at most" in no["detail"] or "cannot be sailed later" in no["detail"]
    most = int(next((w for w in no["detail"].split() if w.isdigit() and int(w) > 1), "0"))
    if most:
        assert ask(server, "POST", url, {"do": "postpone", "minutes": most}, status=201)["state"] == "proposed"
        ask(server, "POST", url, {"do": "postpone", "minutes": most + 1}, status=422)


def test_a_search_is_moved_to_another_cell_and_what_is_proposed_keeps_every_rule(night: Sailed) -> None:
    floor, server, folder = night
    stands = floor.node.patrol
    assert stands is not None
    leg, problem, seen = later(server), stands.problem(), revisions(server)
    legs, now_h = legs_made(problem, stands.standing().made), problem.hour(floor.now())
    fits, refused = [], set()
    for cell, place in enumerate(zip(problem.cells.lon_deg.tolist(), problem.cells.lat_deg.tolist(), strict=True)):
        try:
            own = move(problem, legs, "OPV-1", leg["leg"], place, 0.0, now_h)
        except CannotChange as e:
            refused.add(e.code)
            continue
        broken = {b.rule for b in check(problem, own, seen=seen_of(problem, stands.standing().made))}
        assert not broken & {"gap", "overlap", "jump", "speed", "home", "search", "cover", "backwards"}, (cell, broken)
        assert [x.task for x in own][-1] == "port" and cell in [x.cell for x in own]
        fits += [] if broken else [(cell, place)]
    assert fits and "same_cell" in refused
    cell, place = fits[0]
    url = f"{P}/legs/OPV-1/{leg['leg']}"
    made = ask(server, "POST", url, {"do": "move", "lon_deg": place[0], "lat_deg": place[1], "why": "lights seen"}, status=201)
    assert made["kind"] == "move" and any("moved" in w or "trasladada" in w for w in made["change_words"])
    ask(server, "POST", f"{P}/answers/1/accept", {}, status=200)
    ship = next(a for a in ask(server, "GET", P)["assets"] if a["id"] == "OPV-1")
    assert cell in [x["cell"] for x in ship["legs"] if x["task"] == "search"]
    whole = json.loads((folder / "patrol.answers" / "1" / "plan.json").read_text())
    assert check(problem, legs_made(problem, whole), seen=seen_of(problem, whole)) == []
    no = ask(server, "POST", url, {"do": "take_out", "revision": seen["OPV-1"]}, status=409, **{"Accept-Language": "en"})
    assert no["detail"] == render("patrol.refused.other_legs", {"asset": "OPV-1"}, "en") and no["code"] == "conflict"
    now = revisions(server)
    assert now["OPV-1"] != seen["OPV-1"] and now["CUTTER-1"] == seen["CUTTER-1"]  # who is not changed is not asked to look again
    url = f"{P}/legs/OPV-1/{later(server)['leg']}"
    no = ask(server, "POST", url, {"do": "postpone", "minutes": 1_440, "revision": now["OPV-1"]}, status=422, **{"Accept-Language": "en"})
    assert "at most" in no["detail"] or "cannot be sailed later" in no["detail"]
    for body, says in (
        ({"do": "move"}, "lon_deg"), ({"do": "move", "lon_deg": -78.0}, "lon_deg"),
        ({"do": "take_out", "lon_deg": -78.0, "lat_deg": -12.0}, "lon_deg"),
        ({"do": "move", "lon_deg": 10.0, "lat_deg": 50.0}, "no cell"), ({"do": "move", "lon_deg": 999, "lat_deg": 0}, ""),
    ):  # fmt: skip
        assert says in ask(server, "POST", url, body, status=422, **{"Accept-Language": "en"})["detail"]


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("answers", {"targets": [{"alert": "0" * 32}]}, 404, ""),
        ("answers", {"targets": []}, 422, ""),
        ("answers", {"targets": [PLACE | {"lat_deg": 91}]}, 422, ""),
        ("answers", {"targets": [{"lon_deg": -78.0}]}, 422, "lat_deg"),
        ("answers", {"targets": [PLACE, PLACE | {"id": "target-1"}]}, 422, "target-1"),
        ("answers", {"targets": [PLACE | {"alert": "x"}]}, 422, "not both"),
        ("answers", {"targets": [PLACE | {"lon_deg": 10.0}]}, 422, "outside the area"),
        ("answers", {"targets": [PLACE | {"lon_deg": -76.6, "lat_deg": -11.6}]}, 422, "on land"),
        ("answers", {"targets": [PLACE | {"at": "2031-01-01T00:00:00Z"}]}, 422, "future"),
        ("answers", {"targets": [PLACE | {"at": "2020-01-01T00:00:00Z"}]}, 422, "older than 96 h"),
        ("answers", {"targets": [PLACE | {"at": "0001-01-01T00:00:00+14:00"}]}, 422, "years"),
        ("answers", {"targets": [PLACE | {"id": "../../etc"}]}, 422, ""),
        ("answers", {"targets": [PLACE] * 21}, 422, ""),
        ("answers", {"targets": [PLACE], "nonsense": 1}, 422, "nonsense"),
        ("answers/99/accept", {}, 404, "no proposal 99"),
        ("answers/..%2f1/accept", {}, 404, ""),
        ("answers/-1/accept", {}, 404, ""),
        ("legs/NOBODY/1", {"do": "take_out"}, 422, "no unit NOBODY"),
        ("legs/OPV-1/9999", {"do": "take_out"}, 422, "no leg"),
        ("legs/OPV-1/x", {"do": "take_out"}, 422, "no leg"),
        ("legs/OPV-1/1", {"do": "take_out"}, 422, "begun"),
        ("legs/OPV-1/1", {"do": "postpone"}, 422, "minutes"),
        ("legs/OPV-1/1", {"do": "postpone", "minutes": 10**9}, 422, ""),
    ],
)
def test_bad_input_is_refused_in_words(spoilt: Sailed, path: str, body: dict[str, Any], status: int, says: str) -> None:
    answer = ask(spoilt[1], "POST", f"{P}/{path}", body, status=status, **{"Accept-Language": "en"})
    assert says in answer["detail"]
    assert not (spoilt[2] / "patrol.answers").exists()


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sailed]:
    folder = tmp_path_factory.mktemp("spoilt")
    with open_floor(folder, config=patrol_in(folder)) as (floor, server):
        yield floor, server, folder / "night"


def test_a_body_that_is_huge_is_refused(spoilt: Sailed) -> None:
    with browser(spoilt[1], "officer") as page:
        assert page.post(f"{P}/answers", json={"targets": [PLACE], "why": "x" * 2_000_000}).status_code == 413
        assert page.post(f"{P}/answers", json={"targets": [PLACE], "why": "x" * 2_001}).status_code == 422


def test_an_alert_that_asks_for_nothing_any_more_and_one_without_a_place_are_refused(spoilt: Sailed) -> None:
    floor, server, _ = spoilt
    state = floor.node.state
    name = told(floor, "p1", vessel_ids=["mmsi:760000009"], lon_deg=-78.3, lat_deg=-12.6)
    row = state.alert(name)
    assert row is not None

    class Without:
        def alert(self, _: str) -> dict[str, Any]:
            return row | {"lon_deg": None, "lat_deg": None}

        def __getattr__(self, key: str) -> Any:
            return getattr(state, key)

    floor.node.state = Without()  # type: ignore[assignment]
    try:
        no = ask(server, "POST", f"{P}/answers", {"targets": [{"alert": name}]}, status=422, **{"Accept-Language": "en"})
        assert "has no place" in no["detail"]
    finally:
        floor.node.state = state
    told(floor, "p1", version=2, state="withdrawn", vessel_ids=["mmsi:760000009"], lon_deg=-78.3, lat_deg=-12.6)
    no = ask(server, "POST", f"{P}/answers", {"targets": [{"alert": name}]}, status=422, **{"Accept-Language": "en"})
    assert "asks for nothing" in no["detail"]


def test_a_vessel_that_is_heard_is_met_where_it_was_heard_last_and_not_where_the_alert_began(spoilt: Sailed) -> None:
    floor, server, _ = spoilt
    name = told(floor, "heard", vessel_ids=["mmsi:367000004"], lon_deg=-79.9, lat_deg=-13.9)
    try:
        made = ask(server, "POST", f"{P}/answers", {"targets": [{"alert": name}]}, status=201)
    finally:
        shutil.rmtree(spoilt[2] / "patrol.answers", ignore_errors=True)
    (target,) = made["targets"]
    assert target["by"] == "vessel" and abs(target["place"][0] - -77.8) < 0.01 and target["sog_kn"] == 7.0


def test_without_a_plan_everything_says_so_and_nothing_fails(served: tuple[Floor, Serving]) -> None:
    found = ask(served[1], "GET", P, **{"Accept-Language": "es"}, status=200)
    assert not found["is_configured"] and found["plan"] is None and found["why"] == render("patrol.refused.none", {}, "es")
    with browser(served[1], "officer") as page:
        assert page.get(P, params={"format": "geojson"}).json()["features"] == []
    for path, body in (("answers", {"targets": [PLACE]}), ("answers/1/accept", {}), ("legs/OPV-1/1", {"do": "take_out"})):
        no = ask(served[1], "POST", f"{P}/{path}", body, status=422, **{"Accept-Language": "en"})
        assert no["detail"] == render("patrol.refused.none", {}, "en")


def test_a_plan_file_that_was_changed_or_spoilt_since_is_said_and_answers_nothing(night: Sailed) -> None:
    _, server, folder = night
    plan = folder / "night.plan.toml"
    whole = plan.read_text()
    for text, says in ((whole.replace("seed = 5", "seed = 6"), "has changed since"), (whole.replace('id = "OPV-1"', "id = 3"), "has changed since")):
        plan.write_text(text)
        found = ask(server, "GET", P, **{"Accept-Language": "en"}, status=200)
        assert found["plan"] is None and says in found["why"]
        assert says in ask(server, "POST", f"{P}/answers", {"targets": [PLACE]}, status=422, **{"Accept-Language": "en"})["detail"]
    plan.write_text(whole)
    assert ask(server, "GET", P)["plan"]
    (folder / "patrol" / "plan.json").write_text("{ not json")
    assert "holds no plan that can be read" in ask(server, "GET", P, **{"Accept-Language": "en"})["why"]


def test_a_plan_of_another_realm_stops_the_start_and_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    told_of = patrol_in(tmp_path)
    plan = Path(told_of["patrol"]["plan"])
    plan.write_text(PLAN.format(start=START).replace('realm = "ops"', 'realm = "ex:other-27"'))
    with pytest.raises(InputError, match="ex:other-27"):
        Node(config_of({"data": str(tmp_path / "data"), **told_of}))
    gone = not_there(config_of({"patrol": {"plan": str(tmp_path / "no.toml"), "folder": str(tmp_path / "no")}}))
    assert [m.path for m in gone] == [("patrol", "plan"), ("patrol", "folder")] and "seaward plan FILE --out DIR" in gone[1].what
    with pytest.raises(InputError, match="folder"):
        config_of({"patrol": {"plan": "x.toml"}})


def test_two_answers_at_once_get_two_numbers_and_only_one_of_them_is_sailed(night: Sailed) -> None:
    _, server, _ = night
    status: list[int] = []

    def one(n: int) -> None:
        with browser(server, "officer") as page:
            status.append(page.post(f"{P}/answers", json={"targets": [PLACE | {"lon_deg": -78.0 - n / 10}]}).status_code)

    workers = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    assert set(status) <= {201, 503} and status.count(201) >= 2
    proposals = ask(server, "GET", P)["proposals"]
    assert [p["n"] for p in proposals] == [*range(status.count(201), 0, -1)]
    ask(server, "POST", f"{P}/answers/1/accept", {}, status=200)
    ask(server, "POST", f"{P}/answers/2/accept", {}, status=422)


def test_the_watch_goes_on_while_an_answer_is_worked_out(night: Sailed, monkeypatch: pytest.MonkeyPatch) -> None:
    floor, server, folder = night
    begun, go = threading.Event(), threading.Event()
    real = sailing.answered

    def slow(*a: Any) -> Any:
        begun.set()
        go.wait(20)
        return real(*a)

    monkeypatch.setattr(sailing, "answered", slow)
    worker = threading.Thread(target=lambda: ask(server, "POST", f"{P}/answers", {"targets": [PLACE]}))
    worker.start()
    assert begun.wait(20)
    try:
        (folder.parent / "drops" / "more.csv").write_text(report(760000006, -78.4, -12.0))
        wait_for(lambda: floor.node.health["coast"].reports > 216)
        assert ask(server, "GET", P)["plan"]["number"] == 0 and told(floor, "meanwhile")
    finally:
        go.set()
        worker.join()


def test_what_a_nation_may_see_is_shown_to_officers_alone(spoilt: Sailed) -> None:
    found = ask(spoilt[1], "GET", f"{P}/shown/us", status=200)
    assert found["for"] == "us" and {a["id"] for a in found["assets"]} == {"OPV-1", "CUTTER-1", "MPA-1"}
    ours = ask(spoilt[1], "GET", f"{P}/shown/pe", status=200)
    assert {a["id"] for a in ours["assets"]} == {"OPV-1"}
    ask(spoilt[1], "GET", f"{P}/shown/xx", status=404)
    ask(spoilt[1], "GET", f"{P}/shown/us", person="observer", status=403)


@pytest.mark.parametrize(("change", "code"), [
    (('id = "OPV-1"', 'id = "OPV-1"\ncount = 2'), "mmsi_of_many"), (("mmsi = 999000111", "mmsi = 760000006"), "mmsi_twice"),
])  # fmt: skip
def test_one_number_is_of_one_asset(tmp_path: Path, change: tuple[str, str], code: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(PLAN.format(start=datetime(2027, 11, 5, tzinfo=UTC)).replace(*change))
    with pytest.raises(InputError) as found:
        read_plan(path)
    assert code in [m.code for m in found.value.mistakes]  # type: ignore[attr-defined]
