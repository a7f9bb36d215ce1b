"""A plan whose risk comes from a node's own folder: what officers validated and dismissed counts as such."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.alerting import Sight, offer
from seaward.cli.main import app
from seaward.core.errors import InputError, RealmError
from seaward.store.state import State
from tests.alerts.floor import RULES, at, event, table
from tests.cli.calling import caller, said
from tests.patrol import plans

PLAN = plans.PLAN.replace('realm = "ex:small"', 'realm = "ops"').replace("act_h = 36.0", 'act_h = 36.0\nsmooth_nm = 0\nwatched = 0.5\nnode = "data"')
PLAN = PLAN.replace("2027-11-04T17", "2027-11-06T17").replace("rounds = 20", "rounds = 1")
WHO = ("--who", "vega", "--at", "2027-11-04T14:00:00Z")


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """Four gaps in cells of their own, of 60 %: one validated, one dismissed, one left, one withdrawn."""
    (tmp_path / "data").mkdir()
    rows = [event(f"e{k}", vessel_ids=[f"mmsi:76000000{k}"], lon_deg=-79.5, lat_deg=-13.5 + k) for k in range(4)]
    with State.open(tmp_path / "data" / "state.sqlite", "ops") as state:
        offer(state, table(*rows), Sight(RULES), at(1))
        state.record_events(table(*rows), at(1))
        state.record_events(table(rows[3] | {"version": 2, "state": "withdrawn"}), at(2))
    run = caller(tmp_path / "data")
    names = {a["vessel_ids"][0]: a["alert_id"] for a in said(run("alerts", "list", "--all", "--json"))}
    run("alerts", "validate", names["mmsi:760000000"], *WHO, "--why", "boarded")
    run("alerts", "dismiss", names["mmsi:760000001"], "false_sensor", *WHO, "--why", "a buoy")
    return tmp_path


def planned(folder: Path, text: str = PLAN):
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["plan", str(folder / "plan.toml"), "--out", str(folder / "out")])


def test_a_case_weighs_more_than_an_event_and_what_was_dismissed_or_withdrawn_no_more_than_a_cell_without_any(node) -> None:
    ended = planned(node)
    assert ended.exit_code == 0, ended.output + repr(ended.exception)
    made = json.loads((node / "out" / "plan.json").read_text(encoding="utf-8"))
    acts = {(c["west"], c["south"]): c["acts"] for c in made["risk"]}
    validated, dismissed, left, withdrawn = (acts[-80.0, -14.0 + k] for k in range(4))
    empty = acts[-81.0, -12.0]
    assert validated > 1.2 * left > left > 1.2 * empty
    assert dismissed == pytest.approx(empty, rel=0.05) and withdrawn == pytest.approx(empty, rel=0.05)
    assert made["summary"]["refused"] == {"risk.event_dismissed": 1}
    assert "Events whose alerts officers dismissed, left out of the risk: 1." in ended.output
    assert "officers dismissed" in (node / "out" / "plan.html").read_text(encoding="utf-8")


def test_a_node_of_another_realm_or_none_is_refused(node) -> None:
    ended = planned(node, PLAN.replace('realm = "ops"', 'realm = "ex:small"'))
    assert isinstance(ended.exception, RealmError)
    ended = planned(node, PLAN.replace('node = "data"', 'node = "nowhere"'))
    assert isinstance(ended.exception, InputError) and "risk.node" in str(ended.exception)
