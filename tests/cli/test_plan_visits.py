"""`seaward plan visits`: the example as its documents say, and lists with mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.errors import InputError

LIST = (Path(__file__).parents[2] / "scenarios" / "visit-list.toml").read_text(encoding="utf-8")


def run(folder: Path, text: str, lang: str = "en"):
    (folder / "list.toml").write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["plan", "visits", str(folder / "list.toml"), "--out", str(folder / "out"), "--lang", lang])


def test_the_example_says_who_checks_what_what_is_left_out_and_what_no_plan_exceeds(tmp_path) -> None:
    ended = run(tmp_path, LIST)
    assert ended.exit_code == 0, ended.output
    made = json.loads((tmp_path / "out" / "ex-pacifico-27.plan.json").read_text(encoding="utf-8"))
    s, checks = made["summary"], [leg for leg in made["legs"] if leg["task"] == "intercept"]
    assert len(checks) == s["visited"] and s["visited"] + len(made["left_out"]) == s["contacts"] == 10
    assert 0 < s["prize"] <= s["prize_at_most"] <= s["prize_of_all"]
    assert "late-1" in {o["contact"] for o in made["left_out"]}
    page = (tmp_path / "out" / "ex-pacifico-27.plan.html").read_text(encoding="utf-8")
    assert "EXERCISE EXERCISE EXERCISE" in page and "Left out, and why" in page and "late-1 is left out" in page


def test_ten_thousand_contacts_are_refused_at_once_and_not_searched_for_hours(tmp_path) -> None:
    many = "".join(f'[[contacts]]\nid = "c{k}"\nplace = [-80.0, -13.0]\n' for k in range(10_000))
    ended = run(tmp_path, LIST.split("[[contacts]]")[0] + many)
    assert isinstance(ended.exception, InputError) and "10000 contacts are named; give 1000 at most" in str(ended.exception)


@pytest.mark.parametrize(
    ("change", "part"),
    [(("[-80.6, -13.2]", "[-75.0, -13.0]"), "dark-1 lies on land"), (("[-80.6, -13.2]", "[-80.6, 13.2]"), "dark-1 lies outside the area"),
     (("closes = 2027-11-06T15", "closes = 2027-11-05T15"), "closes before the plan begins"),
     (('id = "dark-2"', 'id = "dark-1"'), "named before"), (("minutes", "minuts"), "did you mean minutes?")],
)  # fmt: skip
def test_a_list_with_mistakes_says_where_and_what_to_write(tmp_path, change, part) -> None:
    assert change[0] in LIST
    ended = run(tmp_path, LIST.replace(*change))
    assert isinstance(ended.exception, InputError) and part in str(ended.exception)
    assert not (tmp_path / "out").exists()


def test_where_nobody_can_check_anything_each_contact_says_why(tmp_path) -> None:
    ended = run(tmp_path, LIST.replace("sea_state = 3", "sea_state = 8").replace('nation = "', 'max_sea_state = 4\nnation = "'), "es")
    assert isinstance(ended.exception, InputError) and "dark-1 queda fuera: el estado del mar es 8" in str(ended.exception)
