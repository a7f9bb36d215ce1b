"""`seaward plan visits --node`: the open alerts of a node as contacts, which of them, from where, and how the list can be planned again."""

from __future__ import annotations

import json
import shlex
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.alerting import Sight, offer
from seaward.cli.main import app
from seaward.core.errors import InputError, ParameterError, RealmError
from seaward.store.state import State
from tests.alerts.floor import CHINA, RULES, at, event, table
from tests.cli.logbook_node import EAST, NORTH, make_node

ROOT = Path(__file__).parents[2]
LIST = """\
format = "visits/1"
realm = "ops"
seed = 1

[horizon]
start = 2027-11-04T14:00:00Z
days = 2

[area]
box = [-84.0, -16.0, -75.0, -8.0]

[search]
rounds = 640
bound_steps = 0

[[assets]]
id = "OPV"
nation = "pe"
kind = "ship"
base = [-77.20, -12.05]
speed_kn = 18.0
endurance_h = 480.0
boards = true
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An alarm for NORTH (heard after its event), a warning in the south, one a day old, one on land, one outside, one dismissed, one of a place."""
    folder = make_node(tmp_path / "seaward-data")
    with State.open(folder / "state.sqlite", "ops") as state:
        said = [
            event("south", vessel_ids=[CHINA], lat_deg=-14.0, since_h=0, until_h=1), event("old", vessel_ids=["mmsi:1"], since_h=-30, until_h=-29),
            event("land", vessel_ids=["mmsi:2"], lon_deg=-75.5, lat_deg=-12.0), event("far", vessel_ids=["mmsi:3"], lon_deg=-100.0),
            event("moves", vessel_ids=[f"mmsi:{EAST}"], since_h=-3.9, until_h=-3.5, lon_deg=-77.9, kind="loitering"),
            event("drifts", vessel_ids=[], lat_deg=-10.0, lon_deg=-79.0, kind="encounter"),
        ]  # fmt: skip
        offer(state, table(*said), Sight(RULES), at(1.5))
    return folder


def run(folder: Path, *options: str | Path, text: str = LIST):
    (folder / "list.toml").write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["plan", "visits", str(folder / "list.toml"), "--out", str(folder / "out"), *map(str, options)])


def contacts(folder: Path) -> dict[str, dict]:
    return {c["id"]: c for c in tomllib.loads((folder / "out" / "visits.toml").read_text(encoding="utf-8"))["contacts"]}


def kinds(folder: Path) -> list[str]:
    return sorted(f"{c['id'].split('-')[0]}{c['place'][1]:.1f}" for c in contacts(folder).values())


def test_open_alerts_become_contacts_where_their_vessels_were_heard_last_and_the_rest_is_counted(tmp_path, data) -> None:
    ended = run(tmp_path, "--node", data)
    assert ended.exit_code == 0, ended.output + repr(ended.exception)
    made = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
    assert made["summary"]["from_node"] == {"taken": 4, "no_place": 0, "outside": 1, "on_land": 1, "named": 0}
    assert "From the node: 4 contacts" in ended.output
    found = contacts(tmp_path)
    assert sorted(c["prize"] for c in found.values()) == [3.0, 3.0, 3.0, 9.0]
    loitering = next(c for name, c in found.items() if name.startswith("loitering"))
    heard_h = 2.0  # EAST went on at 6 kn for two hours from 08:00
    assert loitering["place"] == pytest.approx([-77.6 + 6 * heard_h / 60 / 0.9768, -12.35], abs=0.01)
    alarm = next(c for c in found.values() if c["prize"] == 9.0)
    assert alarm["place"] == [-78.0, -12.0], f"{NORTH} was not heard after its gap, so the event's own place counts"
    assert {leg["target"] for leg in made["legs"] if leg["task"] == "intercept"} <= set(found)


def test_the_list_that_was_written_gives_the_same_plan_without_the_node(tmp_path, data) -> None:
    assert run(tmp_path, "--node", data).exit_code == 0
    whole = (tmp_path / "out" / "visits.toml").read_text(encoding="utf-8")
    (tmp_path / "again").mkdir()
    assert run(tmp_path / "again", text=whole).exit_code == 0
    one, two = (json.loads((p / "out" / "plan.json").read_text(encoding="utf-8")) for p in (tmp_path, tmp_path / "again"))
    assert one["legs"] == two["legs"] and one["asked_sha256"] == two["asked_sha256"]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--priority", "alarm"], ["gap-12.0"]),
        (["--kind", "encounter,loitering"], ["encounter-10.0", "loitering-12.3"]),
        (["--in", "-79,-15,-77,-13"], ["gap-14.0"]),
        (["--age", "48h", "--kind", "gap"], ["gap-12.0", "gap-12.0", "gap-14.0"]),
        (["--age", "30m"], None),
        (["--state", "validated"], None),
    ],
)
def test_only_those_that_are_asked_for_are_taken(tmp_path, data, options, left) -> None:
    ended = run(tmp_path, "--node", data, *options)
    if left is None:
        assert isinstance(ended.exception, InputError) and "has no open alert that fits" in str(ended.exception)
        return
    assert ended.exit_code == 0, ended.output + repr(ended.exception)
    assert kinds(tmp_path) == left


def test_what_people_wrote_stands_beside_what_the_node_has_and_before_it(tmp_path, data) -> None:
    assert run(tmp_path, "--node", data, "--kind", "encounter").exit_code == 0
    (name,) = contacts(tmp_path)
    mine = f'{LIST}\n[[contacts]]\nid = "{name}"\nplace = [-78.5, -11.0]\nprize = 77.0\n'
    assert run(tmp_path, "--node", data, "--minutes", "20", "--board", text=mine).exit_code == 0
    found = contacts(tmp_path)
    assert len(found) == 4 and found[name] == {"id": name, "place": [-78.5, -11.0], "prize": 77.0}
    assert all(c["minutes"] == 20.0 and c["board"] for n, c in found.items() if n != name)


@pytest.mark.parametrize(
    ("options", "error", "part"),
    [
        (["--priority", "urgent"], ParameterError, "choose of alarm, warning, caution"), (["--age", "soon"], ParameterError, "no duration"),
        (["--state", ","], ParameterError, "names nothing"), (["--in", "Atlantis"], ParameterError, "Atlantis"),
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused(tmp_path, data, options, error, part) -> None:
    ended = run(tmp_path, "--node", data, *options)
    assert isinstance(ended.exception, error) and part in str(ended.exception)


@pytest.mark.parametrize("said", ["contacts = []", 'contacts = [{ id = "mine", place = [-78.0, -12.0] }]'])
def test_contacts_in_brackets_to_which_none_can_be_added_are_refused_in_words(tmp_path, data, said) -> None:
    (tmp_path / "list.toml").write_text(LIST.replace("seed = 1", f"seed = 1\n{said}"), encoding="utf-8")
    ended = CliRunner().invoke(app, ["plan", "visits", str(tmp_path / "list.toml"), "--out", str(tmp_path / "out"), "--node", str(data)])
    assert isinstance(ended.exception, InputError)
    assert "list.toml:4: contacts are written in brackets" in str(ended.exception) and "[[contacts]]" in str(ended.exception)


def test_without_a_node_contacts_in_brackets_are_as_good_as_others(tmp_path) -> None:
    (tmp_path / "list.toml").write_text(LIST.replace("seed = 1", 'seed = 1\ncontacts = [{ id = "mine", place = [-78.0, -12.0] }]'), encoding="utf-8")
    where = ["--out", str(tmp_path / "out"), "--in", "-80,-15,-76,-9"]
    ended = CliRunner().invoke(app, ["plan", "visits", str(tmp_path / "list.toml"), *where])
    assert ended.exit_code == 0, ended.exception


def test_a_list_of_a_drill_takes_nothing_from_a_real_node_and_a_folder_of_nothing_is_said_to_be_one(tmp_path, data) -> None:
    ended = run(tmp_path, "--node", data, text=LIST.replace('"ops"', '"ex:drill"'))
    assert isinstance(ended.exception, RealmError)
    ended = run(tmp_path, "--node", tmp_path / "nowhere")
    assert isinstance(ended.exception, InputError) and "holds nothing of a node" in str(ended.exception)
    assert not (tmp_path / "out").exists()


def test_the_example_of_the_page_runs(tmp_path, data, monkeypatch) -> None:
    page = (ROOT / "docs" / "patrol.md").read_text(encoding="utf-8")
    (line,) = [row for row in page.splitlines() if row.startswith("seaward plan visits") and "--node" in row]
    (tmp_path / "tonight.toml").write_text(LIST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(app, shlex.split(line, comments=True)[1:])
    assert ended.exit_code == 0, ended.output + repr(ended.exception)
    assert (tmp_path / "visits" / "visits.toml").is_file()
