"""The desk of the exchange at the command line, without a node: cases, plans, and all of it in Spanish as in English."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.catalogue import catalogue
from seaward.core.errors import SeawardError
from seaward.exchange import bodies as b
from seaward.exchange.items import Released
from seaward.sharing import kept_rows, made_label
from seaward.store.state import State
from tests.cli.test_exchange import agreed, secret  # noqa: F401 - a fixture
from tests.node.test_desk import plan_folder
from tests.store.kept import alert, change, event

Say = Callable[..., str]


@pytest.fixture
def say(tmp_path: Path, secret: Path) -> Say:  # noqa: F811
    """The officer of Peru, whose watch has an event, an alert of it, and a case."""
    per, _ = agreed(tmp_path, secret)
    (tmp_path / "data").mkdir()
    with State.open(tmp_path / "data/state.sqlite", "ops") as state:
        state.record_events(event("e-1"), datetime.now(UTC))
        raised = alert("alert-0001", members=[{"event_id": "e-1", "version": 1}])
        state.keep_alert(raised, change(raised, "raised"))
        state.open_case(raised, "vega", "seen twice", datetime.now(UTC))

    def run(*words: object, who: bool = True, fails: str = "") -> str:
        more = ["--who", "vega"] if who else []
        done = CliRunner().invoke(app, ["exchange", *map(str, words), *more, "--dir", str(per), "--data", str(tmp_path / "data")])
        if fails:
            assert isinstance(done.exception, SeawardError) and fails in str(done.exception), (done.output, done.exception)
        else:
            assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    return run


def threads(say: Say) -> list[dict[str, Any]]:
    return json.loads(say("desk", "--all", "--json", who=False))["threads"]


def test_a_case_is_shared_told_again_closed_and_taken_back(say: Say) -> None:
    say("case", "nothing", "--to", "USA", fails="no case")
    assert "case" in say("case", "alert-0001", "--to", "USA", "--title", "The squid fleet", "--text", "two transfers")
    [thread] = threads(say)
    body = thread["messages"][-1]["body"]
    assert (thread["kind"], thread["state"], body["title"], body["vessel_ids"]) == ("case", "open", "The squid fleet", ["mmsi:760000001"])
    say("case", "alert", "--to", "USA", "--text", "a third one")
    [thread] = threads(say)
    assert thread["messages"][-1]["body"]["title"] == "The squid fleet" and thread["messages"][-1]["text"] == "a third one"
    say("case", "alert-0001", "--to", "USA", "--close")
    assert [t["state"] for t in threads(say)] == ["closed"]
    say("withdraw", "alert-0001")
    assert [t["state"] for t in threads(say)] == ["withdrawn"]


def test_the_desk_speaks_spanish_and_every_word_of_it_is_in_both_catalogues(say: Say, tmp_path: Path) -> None:
    es = ("--lang", "es")
    said = say("ask", "track", "--to", "USA", "--about", "event:e-1", "--due", "6h", "--text", "¿desde el mediodía?", *es)
    assert f"{catalogue('es')['desk.kind.request']} " in said and f"{catalogue('en')['desk.kind.request']} " not in said
    say("task", "board", "--to", "USA", "--until", "8h", "--at=-77.5,-12.25", *es)
    say("case", "alert-0001", "--to", "USA", *es)
    say("rescue", "distress", "--to", "USA", "--persons", "4", "--at=-77.9,-12.1", *es)
    say("chat", "recibido", "--to", "USA", *es)
    say("plan", plan_folder(tmp_path / "plan"), "--to", "USA", *es)
    _heard(tmp_path)
    spanish, english = (say("desk", "--all", "--lang", lang, who=False) for lang in ("es", "en"))
    for kind in ("request", "task", "case", "rescue", "plan", "chat"):
        assert catalogue("es")[f"desk.kind.{kind}"] in spanish and catalogue("en")[f"desk.kind.{kind}"] in english, kind
    for key in ("cli.desk.kind", "cli.desk.due", "cli.desk.us"):
        assert catalogue("es")[key].replace("{partner}", "USA") in spanish
    for thread in threads(say):
        pages = {lang: say("desk", thread["thread"], "--lang", lang, who=False) for lang in ("es", "en")}
        assert catalogue("es")[f"desk.state.{thread['state']}"] in pages["es"] and pages["es"] != pages["en"]
        assert not [w for w in ("cli.desk", "desk.state", "desk.kind", "desk.message", "desk.delivery", "{") if w in pages["es"] + pages["en"]]
        if thread["verbs"]:
            assert ", ".join(thread["verbs"]) in pages["es"]
    say("reply", "no-such-thread", "accept", *es, fails="no-such-thread")
    say("task", "board", "--to", "USA", "--until", "1h", "--since", "2h", *es, fails="--until")
    say("ask", "track", "--to", "CHL", *es, fails="CHL")


def _heard(folder: Path) -> None:
    """The USA asks too, and answers out of turn."""
    label = made_label("USA", ["PER"])
    with State.open(folder / "data/state.sqlite", "ops") as state:
        asked = Released("usa-request-1", 1, label, b.Request("identity", None, None, None, None, 1_800_000_000_000, "who is it?"))
        state.take_in("USA", None, kept_rows([asked, Released("usa-a-1", 1, label, b.Answer("per-request-none", "answered", 1, (), None))]),
                      datetime.now(UTC))  # fmt: skip


def test_a_plan_finds_how_its_file_names_the_partner_or_says_that_it_does_not(say: Say, tmp_path: Path) -> None:
    folder = plan_folder(tmp_path / "plan")
    say("plan", folder, "--to", "USA", "--as", "PE", fails="cannot be read")
    text = (folder / "plan.US.json").read_text()
    (folder / "plan.UA.json").write_text(text)
    say("plan", folder, "--to", "USA", fails="not plain which is USA; say it with --as")
    assert "1 legs" in say("plan", folder, "--to", "USA", "--as", "US")
    (folder / "plan.UA.json").unlink()
    (folder / "plan.US.json").rename(folder / "plan.GB.json")
    say("plan", folder, "--to", "USA", fails="has plans for GB")
    (folder / "plan.GB.json").write_text("[1]")
    say("plan", folder, "--to", "USA", "--as", "GB", fails="no plan that may be shown")
