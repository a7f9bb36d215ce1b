"""Two nodes of two nations on this machine: what one watch says comes to the other, each thread goes its way on both sides, and nothing else does."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.errors import SeawardError, UsageError
from seaward.exchange import bodies as b
from seaward.exchange.items import Item
from seaward.node.node import Node
from seaward.server.refusals import Refusals
from seaward.server.serving import serve
from seaward.server.sign_in import SignIn
from seaward.sharing import made_label
from seaward.store.state import State
from tests.exchange.nations import now
from tests.node.two_nations import Two, event, two
from tests.waiting import wait_for

HOSTILE = ("[red]\x1b[2J\u202e'; DROP TABLE talk; -- <script>" * 100)[:4_000]


class Watch:
    """The officer of one nation, at the command line."""

    def __init__(self, both: Two, folder: Path, nation: str, who: str, realm: str = "ops") -> None:
        self.nation, self.who = nation, who
        self._where = ["--dir", str(both.homes[nation].folder), "--data", str(folder / nation / "data"), "--realm", realm]

    def say(self, *words: object, fails: str = "") -> str:
        done = CliRunner().invoke(app, ["exchange", *map(str, words), "--who", self.who, *self._where])
        if fails:
            assert isinstance(done.exception, SeawardError) and fails in str(done.exception), (done.output, done.exception)
        else:
            assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    def desk(self, *words: object) -> dict[str, Any]:
        done = CliRunner().invoke(app, ["exchange", "desk", *map(str, words), "--all", "--json", *self._where])
        assert done.exit_code == 0, (done.output, done.exception)
        return json.loads(done.stdout)

    def page(self, *words: object) -> str:
        done = CliRunner().invoke(app, ["exchange", "desk", *map(str, words), *self._where])
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    def only(self, kind: str) -> dict[str, Any]:
        found = [t for t in self.desk()["threads"] if t["kind"] == kind]
        assert len(found) == 1, found
        return found[0]

    def waits(self, kind: str, state: str) -> dict[str, Any]:
        """The one thread of a kind, once it is in a state."""
        wait_for(lambda: [t["state"] for t in self.desk()["threads"] if t["kind"] == kind] == [state])
        return self.only(kind)


def watches(both: Two, folder: Path, realm: str = "ops") -> tuple[Watch, Watch]:
    return Watch(both, folder, "PER", "vega", realm), Watch(both, folder, "USA", "hale", realm)


def test_requests_tasks_plans_and_chat_go_their_way_on_both_sides_and_a_restart_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with two(tmp_path) as both:
        both.up()
        per, usa = watches(both, tmp_path)
        # a request: an event that was not released is not given away by an answer, then it is, and arrives
        both.tell(event("e-1"))
        usa.say("ask", "track", "--to", "PER", "--about", "vessel:mmsi:760000001", "--due", "6h", "--text", "since noon?")
        asked = per.waits("request", "open")
        assert asked["turn"] == "PER" and asked["about"] == {"kind": "vessel", "id": "mmsi:760000001"} and asked["owner"] == "USA"
        per.say("answer", asked["thread"][:6], "answered", "--found", "e-1", fails="--release")
        per.say("answer", asked["thread"][:6], "answered", "--found", "e-9", "--release", fails="there is no event e-9")
        assert both.got() == {}
        per.say("answer", asked["thread"][:6], "answered", "--found", "e-1", "--release", "--text", "this gap")
        answered = usa.waits("request", "answered")
        assert answered["turn"] is None and answered["messages"][1]["body"]["found"] == ["e-1"]
        wait_for(lambda: "e-1" in both.got(kind="event"))
        per.say("answer", asked["thread"], "nothing", fails="is over")
        # two tasks: one is done, one declined
        per.say("task", "board", "--to", "USA", "--until", "8h", "--unit", "USCGC Stone", "--about", "event:e-1", "--at=-77.5,-12.25")
        task = usa.waits("task", "asked")
        assert task["body"]["lon_udeg"] == -77_500_000 and task["about"]["id"] == "e-1" and task["due_us"] is not None
        usa.say("reply", task["thread"], "complete", fails="does not come next")
        usa.say("reply", task["thread"], "accept", "--text", "on our way")
        usa.say("reply", task["thread"], "accept", fails="already")
        assert per.waits("task", "accepted")["turn"] == "USA"
        usa.say("reply", task["id"], "complete")
        per.waits("task", "complete")
        wait_for(lambda: {m["delivery"] for m in usa.only("task")["messages"]} == {None, "arrived"})
        # chat both ways, with everything a screen could obey
        usa.say("chat", HOSTILE, "--to", "PER")
        per.say("chat", "recibido", "--to", "USA")
        wait_for(lambda: [len(w.only("chat")["messages"]) if w.desk()["threads"] else 0 for w in (per, usa)] == [2, 2])
        assert HOSTILE in [m["text"] for m in per.only("chat")["messages"]]
        for page in (per.page("--all"), one := per.page(per.only("chat")["thread"])):
            assert "\x1b" not in page and "\u202e" not in page and "[red]" in one and len(page.splitlines()) < 20, page
        per.say("chat", HOSTILE + "x", "--to", "USA", fails="4,000")
        before = {n: w.desk()["threads"] for n, w in (("PER", per), ("USA", usa))}
        for nation in ("PER", "USA"):
            config = both.nodes[nation].config
            both.nodes[nation].stop()
            if nation == "PER":  # said while nobody runs
                per.say("task", "search", "--to", "USA", "--until", "3h")
                per.say("ask", "imagery", "--to", "USA")
                per.say(
                    "withdraw", next(t["id"] for t in per.desk()["threads"] if t["kind"] == "request" and t["owner"] == "PER"), "--why", "no more"
                )
            both.nodes[nation] = Node(config)
            both.nodes[nation].start()
        both.up()
        wait_for(lambda: sorted(t["state"] for t in usa.desk()["threads"] if t["kind"] == "task") == ["asked", "complete"], 60)
        search = next(t for t in usa.desk()["threads"] if t["state"] == "asked")
        usa.say("reply", search["thread"], "decline", "--text", "no fuel")
        wait_for(lambda: sorted(t["state"] for t in per.desk()["threads"] if t["kind"] == "task") == ["complete", "declined"])
        assert not [t for t in usa.desk()["threads"] if t["owner"] == "PER" and t["kind"] == "request"], "what never left is not taken back either"
        for nation, watch in (("PER", per), ("USA", usa)):
            now = {t["thread"]: t for t in watch.desk()["threads"]}
            for old in before[nation]:
                assert [m["number"] for m in now[old["thread"]]["messages"]] == [m["number"] for m in old["messages"]], "nothing doubled"
            assert watch.desk()["strays"] == [] and not any(m["wrong"] for t in now.values() for m in t["messages"])


def plan_folder(folder: Path, realm: str = "ops") -> Path:
    """What `seaward plan` writes for the USA, of units of three nations."""
    at = {"start": "2027-01-01T00:00:00Z", "end": "2027-01-01T10:00:00Z"}
    way = [[-78.0, -12.0], [-79.0, -12.0], [-79.0, -11.0]]
    units = {"BAP Melo": "PE", "Stone": "US", "X": "EC"}
    legs = [{"asset": a, "nation": n, "leg": 0, "task": "search", **at, "way": way, "speed_kn": 12.0, "cell": 1} for a, n in units.items()]
    assets = [{"id": a, "nation": n, "kind": "ship"} for a, n in units.items()]
    shown = {"realm": realm, "plan_id": "ab" * 16, "title": "t", **at, "for": "US", "assets": assets, "legs": legs}
    folder.mkdir(exist_ok=True)
    (folder / "plan.US.json").write_text(json.dumps(shown))
    return folder


def test_a_plan_is_proposed_and_agreed_a_rescue_opens_an_operation_and_what_the_gate_refuses_is_told(tmp_path: Path) -> None:
    with two(tmp_path) as both:
        both.up()
        per, usa = watches(both, tmp_path)
        folder = plan_folder(tmp_path / "plan")
        per.say("plan", folder, "--to", "USA", "--as", "PE", fails="cannot be read")
        per.say("plan", folder, "--to", "USA", "--level", "RESTRICTED", fails="above what USA is cleared for")
        assert per.desk()["threads"] == [], "what the gate refuses is not kept"
        assert "1 legs" in per.say("plan", folder, "--to", "USA")
        plan = usa.waits("plan", "proposed")
        assert {leg["unit"] for leg in plan["body"]["legs"]} == {"BAP Melo", "Stone"} and len(plan["body"]["legs"]) == 4
        assert plan["messages"][0]["level"] == "LIMITED" and plan["is_overdue"] is False
        per.say("plan", folder, "--to", "USA", "--as", "US", "--ours", "PE", fails="already")
        usa.say("reply", plan["thread"], "agree")
        assert per.waits("plan", "agreed")["turn"] is None
        usa.say("reply", plan["thread"], "decline", fails="already")
        per.say("withdraw", plan["id"])
        usa.waits("plan", "withdrawn")
        per.say("control", "start", "--to", "USA", fails="in a drill alone")
        per.say("rescue", "distress", "--to", "USA", "--persons", "4", "--at=-77.9,-12.1", "--open", "2h", "--coordinator", "MRCC Callao")
        rescue = usa.waits("rescue", "distress")
        assert rescue["body"]["persons"] == 4 and [o.kind for o in both.homes["PER"].operations()] == ["rescue"]
        assert both.homes["PER"].operations()[0].id == rescue["id"] and rescue["messages"][0]["body"]["coordinator"] == "MRCC Callao"
        usa.say("chat", "helicopter in 40 min", "--to", "PER", "--room", rescue["id"])
        per.say("rescue", "ended", "--thread", per.only("rescue")["thread"])
        ended = usa.waits("rescue", "ended")
        assert ended["body"]["persons"] == 4 and both.homes["PER"].operations() == ()
        assert per.waits("chat", "open")["id"] == rescue["id"]


def test_replies_that_a_partner_may_not_give_change_nothing_and_are_shown(tmp_path: Path) -> None:
    with two(tmp_path) as both:
        both.up()
        per, usa = watches(both, tmp_path)
        per.say("task", "board", "--to", "USA", "--until", "8h")
        task = usa.waits("task", "asked")
        assert both.usa.exchange is not None
        link = both.usa.exchange.links["PER"]

        def forge(name: str, body: b.Body) -> None:
            """A partner with other software: its own machine would not let it."""
            item = Item(name, 1, "ops", made_label("USA", ["PER"]), body)
            both.usa.exchange._loop.call_soon_threadsafe(lambda: link.offer(item))  # type: ignore[union-attr]

        for n, (of, state, text) in enumerate([
            (task["id"], "complete", None), (task["id"], "accepted", HOSTILE), (task["id"], "accepted", None),
            ("PER-task-never", "accepted", "\x00\x1b]0;"),
            (task["id"], "declined", None), (task["id"], "complete", None),
        ]):  # fmt: skip
            forge(f"r-{n}", b.TaskReply(of, state, int(time.time() * 1000), text))  # type: ignore[arg-type]
        forge("p", b.Plan("agreed", 1, 2, (), None))
        wait_for(lambda: len(per.only("task")["messages"]) == 6 and len(per.desk()["strays"]) == 2)
        found = per.waits("task", "declined")
        assert [m["wrong"] for m in found["messages"]] == [None, "order", None, "twice", None, "over"]
        assert [(s["kind"], s["wrong"]) for s in per.desk()["strays"]] == [("task_reply", "unknown"), ("plan", "not_owner")]
        page = per.page("--all") + per.page(found["thread"])
        assert "\x1b" not in page and "\x00" not in page and "it changed nothing" in page


def test_control_of_a_drill_goes_in_the_drill_alone(tmp_path: Path) -> None:
    with two(tmp_path, realms=("ex:north-1", "ex:north-1")) as both:
        both.up()
        per, usa = watches(both, tmp_path, "ex:north-1")
        per.say("control", "pause", "--to", "USA", fails="does not come next")
        per.say("control", "start", "--to", "USA", "--text", "STARTEX")
        assert usa.waits("control", "running")["verbs"] == ["pause", "stop", "inject", "note"]
        usa.say("control", "stop", "--to", "PER")
        per.waits("control", "stopped")
        assert "ex:north-1" in per.page("--all")


@pytest.mark.parametrize("words", [("task", "board", "--to", "ECU", "--until", "8h"), ("chat", "hello", "--to", "ECU")], ids=["task", "chat"])
def test_nothing_is_said_to_those_with_whom_nothing_is_agreed(tmp_path: Path, words: tuple[str, ...]) -> None:
    both = Two(tmp_path)
    both.cable.stop()
    data = tmp_path / "kept"
    data.mkdir()
    State.open(data / "state.sqlite", "ops").close()
    where = ["--dir", str(both.homes["PER"].folder), "--data", str(data)]
    done = CliRunner().invoke(app, ["exchange", *words, "--who", "vega", *where])
    assert isinstance(done.exception, UsageError) and "nothing is agreed with ECU" in str(done.exception)


def test_the_api_says_hears_and_refuses_as_the_command_line_does(tmp_path: Path) -> None:
    both = Two(tmp_path)
    both.per.start()
    try:
        state = both.per.state
        tokens = {}
        for role in ("officer", "supervisor"):
            state.add_person(role, role, role, None, "test", now())
            signing = SignIn(state, Refusals(state, now), now=now)
            tokens[role] = signing.make_token(state.person(role), role, "t", 600, "test")[0]  # type: ignore[arg-type]
        server = serve(both.per)
        try:

            def ask(method: str, path: str, body: object = None, role: str = "officer") -> httpx.Response:
                head = {"Authorization": f"Bearer {tokens[role]}", "Accept-Language": "en"}
                return httpx.request(method, f"{server.url}/api/v1/exchange/{path}", json=body, headers=head, timeout=20)

            until = (now() + timedelta(hours=6)).isoformat()
            made = ask("POST", "tasks", {"to": "USA", "what": "board", "until": until, "lon_deg": -77.5, "lat_deg": -12.25, "text": HOSTILE})
            assert made.status_code == 201, made.text
            task = made.json()
            assert task["state"] == "asked" and task["turn"] == "USA" and task["rule"] == "work-between-watches" and task["verbs"] == ["withdraw"]
            assert task["messages"][0]["delivery"] == "waiting" and task["messages"][0]["who"] == "officer" and task["messages"][0]["text"] == HOSTILE
            listed = ask("GET", "threads?partner=USA&kind=task&over=false").json()
            assert listed["nation"] == "PER" and [t["thread"] for t in listed["threads"]] == [task["thread"]] and listed["strays"] == []
            assert ask("GET", f"threads/{task['thread']}").json()["id"] == task["id"]
            refusals = [
                ("tasks", {"to": "ECU", "what": "board", "until": until}, 422, "nothing is agreed with ECU"),
                ("tasks", {"to": "USA", "what": "board", "until": until, "level": "RESTRICTED"}, 422, "above what USA is cleared for"),
                ("tasks", {"to": "USA", "what": "board", "until": "1990-01-01T00:00:00Z"}, 422, "not after the beginning"),
                ("chat", {"to": "USA", "text": "x" * 4_001}, 422, "length"),
                ("chat", {"to": "USA", "text": "x", "tlp": "RED"}, 422, "RED"),
                ("requests", {"to": "USA", "what": "track", "about_kind": "event", "about_id": "e-9"}, 422, "there is no event e-9"),
                ("controls", {"to": "USA", "control": "start"}, 422, "in a drill alone"),
                ("rescues", {"to": "USA", "phase": "alert", "open_s": 3_600}, 403, "supervisor"),
                (f"threads/{task['thread']}/reply", {"verb": "accept"}, 422, "now possible: withdraw"),
                (f"threads/{task['thread']}/answer", {"state": "nothing"}, 422, "no request"),
                ("threads/0123456789abcdef/withdraw", {}, 404, ""),
            ]  # fmt: skip
            for path, body, status, words in refusals:
                refused = ask("POST", path, body)
                assert refused.status_code == status and words in refused.text, (path, refused.text)
            assert ask("POST", f"threads/{task['thread']}/withdraw", {"why": "sea too high"}).json()["state"] == "withdrawn"
            assert "over" in ask("POST", f"threads/{task['thread']}/withdraw", {}).text
            rescue = ask("POST", "rescues", {"to": "USA", "phase": "alert", "persons": 3, "open_s": 3_600}, "supervisor").json()
            assert [o.id for o in both.homes["PER"].operations()] == [rescue["id"]]
            assert ask("POST", f"threads/{rescue['thread']}/phase", {"phase": "ended"}).json()["body"]["persons"] == 3
            assert both.homes["PER"].operations() == ()
            chat = ask("POST", "chat", {"to": "USA", "text": "hola"}).json()
            assert chat["kind"] == "chat" and chat["id"] == "watch" and ask("GET", "threads").json()["threads"][0]["thread"] == chat["thread"]
            audit = state.audit_rows(limit=1_000)
            done = {(r["who"], r["action"]) for r in audit.iter_rows(named=True)}
            assert {("officer", "exchange.said"), ("officer", "exchange.unsaid"), ("supervisor", "exchange.opened")} <= done
            assert "sea too high" in "".join(audit["body"])
            assert {"said"} <= {c.topic for c in state.changes_after(0, 1_000)}
        finally:
            server.stop()
    finally:
        both.per.stop()
        both.cable.stop()
