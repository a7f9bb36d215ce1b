"""The exercise over the API: players know what they were handed, control all of it and the clock; the review comes when it is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seaward.console.routes import FLOOR_ROUTES
from seaward.node.clock import DrillClock
from seaward.node.drilled import Drilled, Handed, Held
from tests.server.floor import Browser, browser, open_floor

START = datetime(2027, 11, 5, tzinfo=UTC)
CALLS = (
    Handed("I1", START, "phone", ("pe",), {"en": "a jigger", "es": "una potera"}),
    Handed("I2", START + timedelta(hours=5), "distress", ("pe",), {"en": "MAYDAY", "es": "MAYDAY"}),
    Handed("I3", None, "radio", ("pe",), {"en": "held", "es": "retenida"}, is_held=True),
)


@pytest.fixture
def player(tmp_path: Path):
    config = {"realm": "ex:prueba-27", "drill": {"start": START, "speed": 1.0}}
    with open_floor(tmp_path, feeds=False, config=config, routes=FLOOR_ROUTES) as (floor, server):
        yield floor, server, tmp_path / "review.html"


def drilled(review: Path, run=None, held: Held | None = None) -> Drilled:
    title = {"en": "A drill", "es": "Un ejercicio"}
    end, held = START + timedelta(hours=8), Held(frozenset({"I3"})) if held is None else held
    return Drilled("pe", title, START, end, CALLS, run, lambda: review if review.exists() else None, held)


def test_a_player_knows_what_it_was_handed_by_now_and_nothing_that_is_to_come(player) -> None:
    floor, server, review = player
    floor.node.drilled = drilled(review)
    with browser(server, "supervisor") as found:
        told = found.get("/api/v1/drill", headers={"Accept-Language": "es"}).json()
        assert (told["title"], told["is_control"], [i["text"] for i in told["injects"]]) == ("Un ejercicio", False, ["una potera"])
        assert "MAYDAY" not in found.get("/console/drill").text and "held" not in found.get("/console/drill").text
        refused = found.post("/api/v1/drill/clock", json={"speed": 10})
        assert refused.status_code == 422 and "control alone" in refused.json()["detail"] and floor.node.clock.speed == 1.0


def test_control_sees_all_and_sets_the_pace_which_is_kept_in_the_audit(player) -> None:
    floor, server, review = player
    assert isinstance(floor.node.clock, DrillClock)
    floor.node.drilled = drilled(review, floor.node.clock.run)
    with browser(server, "supervisor") as found:
        told = found.post("/api/v1/drill/clock", json={"speed": 30}).json()
        assert told["speed"] == 30.0 == floor.node.clock.speed and [i["is_given"] for i in told["injects"]] == [True, False, False]
        assert found.post("/api/v1/drill/clock", json={"speed": 0}).json()["speed"] == 0.0
        assert [r["subject"] for r in found.get("/api/v1/audit").json()["items"] if r["action"] == "drill.clock"] == ["ex:prueba-27"] * 2
        for odd in (-1, 1001, "fast", None, 1e9):
            assert found.post("/api/v1/drill/clock", json={"speed": odd}).status_code == 422
    with browser(server, "officer") as officer:
        assert officer.post("/api/v1/drill/clock", json={"speed": 1}).status_code == 403


def test_control_hands_over_what_it_held_once_and_players_have_it_then(player) -> None:
    floor, server, review = player
    held = Held(frozenset({"I3"}))
    with browser(server, "supervisor") as found:
        floor.node.drilled = drilled(review, held=held)
        refused = found.post("/api/v1/drill/injects/I3/release", headers={"Accept-Language": "es"})
        assert refused.status_code == 422 and "solo control" in refused.json()["detail"]
        floor.node.drilled = drilled(review, floor.node.clock.run, held)
        assert [i["is_held"] for i in found.get("/api/v1/drill").json()["injects"]] == [False, False, True]
        for name in ("I1", "I9", "%2e%2e"):
            assert found.post(f"/api/v1/drill/injects/{name}/release").status_code == 422
        told = found.post("/api/v1/drill/injects/I3/release").json()["injects"][2]
        assert told["is_given"] and not told["is_held"] and told["at"] is not None
        assert "not held" in found.post("/api/v1/drill/injects/I3/release").json()["detail"]
        assert [r["subject"] for r in found.get("/api/v1/audit").json()["items"] if r["action"] == "drill.released"] == ["I3"]
        floor.node.drilled = drilled(review, held=held)
        assert [i["id"] for i in found.get("/api/v1/drill").json()["injects"]] == ["I1", "I3"]
    assert held.taken() == ["I3"] and held.taken() == []
    with browser(server, "officer") as officer:
        assert officer.post("/api/v1/drill/injects/I3/release").status_code == 403


def test_the_review_is_there_once_it_is_written_and_may_ask_the_node_for_nothing(player) -> None:
    floor, server, review = player
    floor.node.drilled = drilled(review)
    with browser(server, "observer") as found:
        assert found.get("/console/review").status_code == 404 and not found.get("/api/v1/drill").json()["has_review"]
        review.write_text("<h1>Review</h1><script>1</script>")
        answer = found.get("/console/review")
        assert answer.text.startswith("<h1>Review") and answer.headers["content-security-policy"].startswith(
            "sandbox allow-scripts; default-src 'none'"
        )
        assert "/console/review" in found.get("/console/drill").text
    with Browser(base_url=server.url, timeout=30) as nobody:
        assert nobody.get("/console/review").status_code == 401


def test_a_node_in_a_drill_that_nobody_told_of_it_says_so_and_one_in_operations_is_in_none(player, tmp_path_factory: pytest.TempPathFactory) -> None:
    _, server, _ = player
    with browser(server, "observer") as found:
        told = found.get("/api/v1/drill").json()
        assert told["is_drill"] and not told["is_known"] and "nobody who runs it" in found.get("/console/drill").text
        assert 'data-view="drill"' in found.get("/").text
    with open_floor(tmp_path_factory.mktemp("ops"), feeds=False, routes=FLOOR_ROUTES) as (_, other), browser(other, "observer") as found:
        assert not found.get("/api/v1/drill").json()["is_drill"] and 'data-view="drill"' not in found.get("/").text
