"""The verbs on a node's data: what they print, what they keep, how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.alerting import Sight, offer
from seaward.alerts.read_rules import default_text
from seaward.cli.main import app
from seaward.store.state import State
from tests.alerts.floor import CHINA, PERU, RULES, at, event, table
from tests.cli.calling import Run, caller, said

LATER = "2027-11-04T14:00:00Z"


@pytest.fixture
def node(tmp_path: Path) -> Path:
    with State.open(tmp_path / "state.sqlite", "ops") as state:
        offer(state, table(event(areas=["Reserva"]), event("e2", vessel_ids=[CHINA], probability=0.95)), Sight(RULES), at(1))
    return tmp_path


@pytest.fixture
def run(node: Path) -> Run:
    return caller(node)


def names(run: Run) -> dict[str, str]:
    return {a["vessel_ids"][0]: a["alert_id"] for a in said(run("alerts", "list", "--all", "--json"))}


def test_the_list_shows_alarms_first_and_only_what_asks(run: Run) -> None:
    lines = run("alerts", "list").stdout.splitlines()
    assert [word in line for word, line in zip(("alarm", "warning"), [x for x in lines if "mmsi:" in x], strict=True)] == [True, True]
    assert "12°00.000'S 078°00.000'W" in lines[-2] + lines[-3]
    run("alerts", "ack", names(run)[PERU], "--who", "vega", "--at", LATER)
    assert [a["state"] for a in said(run("alerts", "list", "--json", "--state", "new"))] == ["new"]
    assert "No alerts ask" in run("alerts", "list", "--state", "validated").stdout
    assert "alarma" in run("alerts", "list", "--lang", "es").stdout


def test_an_alert_is_shown_with_its_reasons_and_everything_done_with_it(run: Run) -> None:
    name = names(run)[PERU]
    run("alerts", "comment", name[:6], "--who", "vega", "--why", "called on\nVHF 16", "--at", LATER)
    text = run("alerts", "show", name).stdout
    assert "kind: AIS gap" in text and "probability 60 % (rule: 50 % or more)" in text and "14:00:00Z vega - comment: called on VHF 16" in text
    whole = said(run("alerts", "show", name, "--json"))
    assert [c["verb"] for c in whole["history"]] == ["raised", "commented"] and whole["alert"]["members"][0]["areas"] == ["Reserva"]


def test_an_alert_is_given_to_somebody_and_back(run: Run) -> None:
    name = names(run)[PERU]
    who = ("--who", "vega", "--at", LATER)
    assert "is with soto" in run("alerts", "assign", name, "soto", *who, "--why", "knows the fleet").stdout
    kept = said(run("alerts", "show", name, "--json"))["alert"]
    assert (kept["assigned_to"], kept["state"]) == ("soto", "new"), "nothing is answered by it"
    assert said(run("alerts", "assign", name, *who, "--json"))["assigned_to"] is None
    assert "a cargo de" in run("alerts", "assign", name, "soto", *who, "--lang", "es").stdout


def test_each_deed_is_kept_with_who_and_why(run: Run, node: Path) -> None:
    peru, china = names(run)[PERU], names(run)[CHINA]
    who = ("--who", "vega", "--at", LATER)
    assert said(run("alerts", "ack", peru, *who, "--json"))["state"] == "acknowledged"
    assert "validated" in run("alerts", "validate", peru, *who, "--why", "seen").stdout
    run("alerts", "dismiss", china, "false_position", *who, "--why", "GNSS")
    run("alerts", "reopen", china, *who, "--why", "after all")
    run("alerts", "silence", china, *who, "--why", "tug", "--for", "2h")
    with State.open(node / "state.sqlite", "ops") as state:
        assert state.cases()["alert_id"].to_list() == [peru] and state.verify_audit().is_whole
        assert state.audit_rows(who="vega")["action"].to_list() == [
            "alert.acknowledged", "alert.validated", "case.open", "alert.dismissed", "alert.reopened", "alert.silenced", "silence.made",
        ]  # fmt: skip
        assert state.silences()["until_at"].to_list() == [at(4)]


def test_silences_are_shown_and_lifted(run: Run) -> None:
    wide = ("alerts", "silence", "--who", "vega", "--why", "survey", "--at", LATER)
    assert "silent now: 1" in run(*wide, "--vessel", PERU, "--for", "7d").stdout
    assert "1: vessel_id=mmsi:760000001" in run("alerts", "silences", "--at", LATER).stdout
    run("alerts", "lift", "1", "--who", "vega", "--at", LATER)
    assert "No silence" in run("alerts", "silences", "--at", LATER).stdout and len(said(run("alerts", "silences", "--all", "--json"))) == 1
    run("alerts", "lift", "1", "--who", "vega", fails="no silence 1")
    run(*wide, fails="either an alert is named")
    run(*wide, "--kind", "gap", fails="needs an end")
    run(*wide, "--kind", "gap", "--for", "7d", "--until", LATER, fails="say the same thing")
    run(*wide, "--kind", "gap", "--for", "soon", fails="no duration")
    run(*wide, "--kind", "gap", "--for", "400d", fails="at most a year away")
    run(*wide, "--kind", "gap", "--for", "1h", "--priority", "loud", fails="choose from alarm")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("alerts", "ack", "zz", "--who", "v"), "there is no alert zz"),
        (("alerts", "ack", "ALERT"), "--who"),
        (("alerts", "ack", "ALERT", "--who", "v", "--at", "2020-01-01T00:00Z"), "lies before the last change"),
        (("alerts", "dismiss", "ALERT", "maybe", "--who", "v", "--why", "x", "--at", LATER), "the class maybe does not fit"),
        (("alerts", "dismiss", "ALERT", "maybe", "--who", "v", "--why", "x", "--at", LATER, "--lang", "es"), "la clase maybe no encaja"),
        (("alerts", "reopen", "ALERT", "--who", "v", "--why", "x", "--at", LATER), "reopen cannot be done with an alert that is new"),
        (("alerts", "list", "--state", "open"), "--state names open; choose from new"),
        (("alerts", "list", "--realm", "ex:a"), "is of realm 'ops'"),
        (("alerts", "stats", "--watch", "5h", "--at", LATER), "does not divide the day"),
        (("alerts", "stats", "--since", "noon"), "is no moment"),
        (("risk", "--flags", "Peru"), "write it as XX=2"),
        (("lists", "remove", "iuu", "--who", "v"), "no list iuu is in use"),
        (("lists", "list", "iuu"), "no list iuu is in use"),
    ],
    ids=lambda p: p if isinstance(p, str) else " ".join(p)[:40],
)  # fmt: skip
def test_what_cannot_be_done_is_said(run: Run, words: tuple[str, ...], message: str) -> None:
    run(*(names(run)[PERU] if w == "ALERT" else w for w in words), fails=message)


def test_a_folder_without_a_node_is_told_and_nothing_is_made_there(run: Run, tmp_path: Path) -> None:
    run("alerts", "list", data=tmp_path / "none", fails="no node has kept anything")
    assert not (tmp_path / "none").exists()


def test_the_load_of_each_watch_is_shown(run: Run) -> None:
    run("alerts", "dismiss", names(run)[PERU], "false_sensor", "--who", "vega", "--why", "x", "--at", LATER)
    stats = said(run("alerts", "stats", "--since", "2027-11-04T12:00Z", "--at", "2027-11-04T16:00Z", "--json"))
    assert [(w["raised"], w["answered"], w["median_s"], w["false"]) for w in stats] == [(2, 1, 3600.0, 1)]
    text = run("alerts", "stats", "--since", "2027-11-04T12:00Z", "--at", "2027-11-04T16:00Z").stdout
    assert "2027-11-04 12:00Z" in text and "1 h 00 min" in text and "100% [21%, 100%] (too few)" in text


def test_rules_are_checked_with_line_and_fix_and_against_the_lists_in_use(run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(CliRunner().invoke(app, ["alerts", "rules", "default"]).stdout, encoding="utf-8")
    bad.write_text(default_text().replace('"alarm"', '"alarms"'), encoding="utf-8")
    assert good.read_text(encoding="utf-8") == default_text()
    ended = run("alerts", "rules", "check", str(good))
    assert "ok: good.toml, rules 13, of which excluding 1" in ended.stdout and "No list fits iuu*" in ended.stdout
    ended = CliRunner().invoke(app, ["alerts", "rules", "check", str(bad), "--lang", "es"])
    assert ended.exit_code == 2 and "bad.toml:17: priority es alarms; ¿quiso decir alarm?" in ended.stderr
    ended = CliRunner().invoke(app, ["alerts", "rules", "check", str(bad), "--json"])
    assert ended.exit_code == 2 and [m["code"] for m in json.loads(ended.stdout)] == ["choice_near"] * 3
    assert CliRunner().invoke(app, ["alerts", "rules", "check", str(tmp_path / "no.toml")]).exit_code != 0


def test_lists_are_added_shown_and_removed(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "iuu.csv"
    file.write_text("Vessel Name,IMO\nTHUNDER,6905408\nBAD,1\n,\n,9\n")
    ended = run("lists", "add", "iuu", str(file), "--who", "vega", "--at", LATER, data=tmp_path / "new")
    assert "iuu: entries 2" in ended.stdout and "row 3 refused" in ended.stderr and "row 5 refused" in ended.stderr
    assert "iuu: entries 2, from iuu.csv, 2027-11-04 14:00Z, vega" in run("lists", "list", data=tmp_path / "new").stdout
    assert "6905408  THUNDER" in run("lists", "list", "iuu", data=tmp_path / "new").stdout
    assert said(run("lists", "add", "iuu", str(file), "--who", "v", "--json"))["refused"][0] == {"row": 3, "rule": "list.imo", "text": "1"}
    run("lists", "remove", "iuu", "--who", "vega", "--lang", "es")
    assert said(run("lists", "list", "--json")) == []
    run("lists", "add", "two words", str(file), "--who", "v", fails="is none for a list")


def test_a_list_of_a_drill_is_not_taken_for_real(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "ex-a.iuu.csv"
    file.write_text("mmsi\n100000001\n")
    run("lists", "add", "iuu", str(file), "--who", "vega", fails="never mixed")


def test_vessels_are_ranked_with_their_reasons(run: Run) -> None:
    rows = said(run("risk", "--at", "2027-11-05T12:00Z", "--json", "--flags", "CN=2"))
    assert [(r["rank"], r["vessel_id"]) for r in rows] == [(1, CHINA), (2, PERU)]
    text = run("risk", "--at", "2027-11-05T12:00Z", "--vessel", PERU, "--lang", "es").stdout
    assert "AIS" in text and "eslora desconocida" in text and CHINA not in text


def test_what_was_found_to_be_false_does_not_count_as_risk(run: Run) -> None:
    before = said(run("risk", "--at", "2027-11-05T12:00Z", "--json", "--vessel", PERU))[0]["likelihood"]
    run("alerts", "dismiss", names(run)[PERU], "false_sensor", "--who", "vega", "--why", "x", "--at", LATER)
    after = said(run("risk", "--at", "2027-11-05T12:00Z", "--json", "--vessel", PERU))
    assert before > 1 and after == []


def test_a_drill_says_so_first(tmp_path: Path) -> None:
    with State.open(tmp_path / "state.sqlite", "ex:a") as state:
        offer(state, table(event(realm="ex:a")), Sight(RULES), at(1))
    for words in (("alerts", "list"), ("risk", "--at", LATER)):
        ended = CliRunner().invoke(app, [*words, "--data", str(tmp_path), "--realm", "ex:a"])
        assert ended.stdout.startswith("EXERCISE EXERCISE EXERCISE")


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_moment_at_the_ends_of_time_is_refused_with_how_to_write_it(run: Run, moment: str) -> None:
    silence = ("silence", "--kind", "gap", "--who", "vega", "--why", "x", "--until", moment)
    for verb in (("stats", "--at", moment), ("stats", "--since", moment), silence):
        assert "2027-11-04T12:00:00Z" in str(run("alerts", *verb, fails="moment").exception)


def test_a_rule_for_an_area_that_is_not_there_is_told_with_its_line_and_near_names(run: Run, tmp_path: Path) -> None:
    text = 'format = "alerts/1"\n[[rule]]\nid = "a"\npriority = "alarm"\nareas = ["Dominio maritimo del Peru", "dominio marítimo *"]\n'
    (tmp_path / "r.toml").write_text(text)
    told = run("alerts", "rules", "check", str(tmp_path / "r.toml")).stdout
    assert "ok: r.toml" in told and "r.toml:5: rule a asks for the area Dominio maritimo del Peru" in told and "Dominio marítimo del Perú" in told
    (odd,) = said(run("alerts", "rules", "check", str(tmp_path / "r.toml"), "--json"))["missing_areas"]
    assert odd["line"] == 5 and odd["code"] == "area_missing_near"
    square = {"type": "Polygon", "coordinates": [[[-78, -12], [-77, -12], [-77, -11], [-78, -12]]]}
    feature = {"type": "Feature", "properties": {"name": "Dominio maritimo del Peru"}, "geometry": square}
    (tmp_path / "own.geojson").write_text(json.dumps(feature))
    own = ("--areas", str(tmp_path / "own.geojson"), "--areas", "peru")
    assert said(run("alerts", "rules", "check", str(tmp_path / "r.toml"), "--json", *own))["missing_areas"] == []
