"""`seaward plan`: what comes out, what each nation may see, mistakes and impossible plans in one message, and the answer to an alert."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.errors import InputError
from seaward.core.split import split
from seaward.core.tables import PLAN, RISK
from tests.patrol import plans

BLEND = plans.PLAN.replace('kind = "detect"\nrounds = 20', 'kind = "blend"\nrounds = 20\nmixture_rounds = 8')
ALERT = """\
format = "alert/1"
realm = "ex:small"
now = 2027-11-05T09:00:00Z

[[targets]]
id = "dark-1"
at = 2027-11-05T08:30:00Z
place = [-79.0, -11.2]
sog_kn = 8.0
cog_deg = 200.0
"""


def run(*args: str | Path):
    return CliRunner().invoke(app, ["plan", *map(str, args)], catch_exceptions=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    (folder / "small.toml").write_text(BLEND, encoding="utf-8")
    (folder / "alert.toml").write_text(ALERT, encoding="utf-8")
    ended = run(folder / "small.toml", "--out", folder / "out")
    assert ended.exit_code == 0, ended.output
    return folder


def told(made: Path, name: str = "plan.json", out: str = "out") -> dict:
    return json.loads((made / out / f"ex-small.{name}").read_text(encoding="utf-8"))


def test_a_plan_comes_with_its_bound_its_legs_and_tables_that_keep_their_contracts(made) -> None:
    plan = told(made)
    s = plan["summary"]
    assert 0 < s["acts_met"] <= s["acts_met_at_most"] <= s["acts_expected"]
    assert s["strategy"]["floor"] <= s["strategy"]["least_risk"] <= s["strategy"]["risk"] * (1 + 1e-9)
    assert {leg["asset"] for leg in plan["legs"]} == {"opv", "boat-1", "boat-2", "plane"}
    for table, name in ((PLAN, "plan.parquet"), (RISK, "risk.parquet")):
        rows = pl.read_parquet(made / "out" / f"ex-small.{name}")
        good, rejected = split(rows, table)
        assert len(good) == len(rows) > 0 and rejected.is_empty()
        assert rows["realm"].unique().to_list() == ["ex:small"]
    features = json.loads((made / "out" / "ex-small.plan.geojson").read_text(encoding="utf-8"))["features"]
    assert len(features) == len(plan["legs"])


def test_together_is_no_less_than_the_best_nation_alone(made) -> None:
    alone = told(made)["summary"]["alone"]
    assert [a["nations"] for a in alone] == [["pe"], ["us"], ["pe", "us"]]
    assert alone[-1]["acts_met"] >= 0.98 * max(a["acts_met"] for a in alone[:-1])


def test_a_nation_sees_of_others_what_they_show_and_nobody_sees_the_dice(made) -> None:
    us, pe = told(made, "plan.us.json"), told(made, "plan.pe.json")
    assert {leg["asset"] for leg in us["legs"]} == {"opv", "plane"}  # the boats show nothing
    assert {leg["task"] for leg in us["legs"] if leg["asset"] == "opv"} == {"search"}
    assert all("worth" not in leg for leg in us["legs"] if leg["asset"] == "opv")
    assert {a["id"] for a in pe["assets"]} == {"opv", "boat-1", "boat-2"}
    assert not {"summary", "paths", "risk", "strategy_sha256"} & (us.keys() | pe.keys())


def test_the_page_says_the_bound_and_that_it_is_an_exercise_in_both_languages(made) -> None:
    page = (made / "out" / "ex-small.plan.html").read_text(encoding="utf-8")
    assert "EXERCISE EXERCISE EXERCISE" in page and "EJERCICIO EJERCICIO EJERCICIO" in page
    assert "No plan meets more than" in page and "Not for navigation" in page
    assert "://" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_same_file_gives_the_same_plan(made, tmp_path) -> None:
    assert run(made / "small.toml", "--out", tmp_path / "again", "--lang", "es").exit_code == 0
    assert json.loads((tmp_path / "again" / "ex-small.plan.json").read_text(encoding="utf-8"))["legs"] == told(made)["legs"]


def test_an_alert_is_answered_with_who_where_and_when(made) -> None:
    ended = run("respond", made / "small.toml", made / "out", made / "alert.toml", "--out", made / "after")
    assert ended.exit_code == 0, ended.output
    answer = told(made, out="after")["answer"]
    assert [m["target"] for m in answer["meetings"]] + answer["unmet"] == ["dark-1"]
    assert "dark-1" in ended.output
    before = [leg for leg in told(made)["legs"] if leg["end"] <= "2027-11-05T09:00:00Z"]
    after = told(made, out="after")["legs"]
    assert all(any(leg["asset"] == new["asset"] and leg["start"] == new["start"] for new in after) for leg in before)
    again = run("respond", made / "small.toml", made / "after", made / "alert.toml", "--out", made / "later")
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize(
    ("language", "says", "page"),
    [("en", "no bound is proven", "not proven for the plan as changed"), ("es", "no hay cota demostrada", "sin demostrar para el plan cambiado")],
)
def test_a_plan_that_was_changed_says_what_it_is_worth_now_and_that_no_bound_is_proven_for_it(made, tmp_path, language, says, page) -> None:
    ended = run("respond", made / "small.toml", made / "out", made / "alert.toml", "--out", tmp_path / "after", "--lang", language)
    assert ended.exit_code == 0 and says in ended.output
    before = told(made)
    after = json.loads((tmp_path / "after" / "ex-small.plan.json").read_text(encoding="utf-8"))
    s = after["summary"]
    assert s["acts_met_at_most"] is None and s["gap"] is None and "strategy" not in s
    assert s["as_planned"]["acts_met"] == before["summary"]["acts_met"] and s["as_planned"]["strategy"] == before["summary"]["strategy"]
    assert s["acts_met"] <= s["acts_expected"]
    assert page in (tmp_path / "after" / "ex-small.plan.html").read_text(encoding="utf-8")
    again = run("respond", made / "small.toml", tmp_path / "after", made / "alert.toml", "--out", tmp_path / "again")
    assert again.exit_code == 0
    twice = json.loads((tmp_path / "again" / "ex-small.plan.json").read_text(encoding="utf-8"))["summary"]
    assert twice["as_planned"] == s["as_planned"], "what was planned is not what an earlier answer made of it"


def test_an_asset_that_is_not_where_the_plan_has_it_is_sent_from_where_it_is(made, tmp_path) -> None:
    """The check knows that it was seen there: what was sailed before is not known, and no leg jumps for it; the next answer knows it too."""
    (tmp_path / "alert.toml").write_text(ALERT + '\n[[assets]]\nid = "opv"\nplace = [-78.6, -12.9]\n', encoding="utf-8")
    for k in range(2):
        before = made / "out" if k == 0 else tmp_path / "0"
        ended = run("respond", made / "small.toml", before, tmp_path / "alert.toml", "--out", tmp_path / str(k))
        assert ended.exit_code == 0, ended.output
    found = json.loads((tmp_path / "1" / "ex-small.plan.json").read_text(encoding="utf-8"))
    assert [s["asset"] for s in found["seen"]] == ["opv", "opv"]
    first = next(leg for leg in found["legs"] if leg["asset"] == "opv" and leg["start"] >= found["seen"][0]["at"])
    assert first["way"][0] == pytest.approx([-78.6, -12.9], abs=1e-6)


def test_mistakes_end_in_one_message_in_the_language_asked_for(tmp_path) -> None:
    (tmp_path / "bad.toml").write_text(plans.PLAN.replace("days = 3", "dias = 3").replace("seed = 1", "seed = -1"), encoding="utf-8")
    ended = run(tmp_path / "bad.toml", "--out", tmp_path / "out", "--lang", "es")
    assert isinstance(ended.exception, InputError)
    assert "bad.toml:3: seed es -1" in str(ended.exception) and "falta days" in str(ended.exception)
    assert not (tmp_path / "out").exists()


def test_a_plan_that_nobody_can_sail_says_why_for_each_and_what_would_do(tmp_path) -> None:
    (tmp_path / "stuck.toml").write_text(plans.PLAN.replace("sea_state = 3", "").replace("days = 3", "days = 3\nsea_state = 8").replace(
        'nation = ', 'max_sea_state = 5\nnation = '), encoding="utf-8")  # fmt: skip
    ended = run(tmp_path / "stuck.toml", "--out", tmp_path / "out")
    assert isinstance(ended.exception, InputError)
    for name in ("opv", "boat-1", "boat-2", "plane"):
        assert f"{name} stays in port: the sea state is 8, its limit 5" in str(ended.exception)


@pytest.mark.parametrize(
    ("change", "part"),
    [(('realm = "ex:small"', 'realm = "ops"'), "the plan of ex:small"), (("2027-11-05T09", "2028-11-05T09"), "now lies outside"),
     (("T08:30", "T09:30"), "after now"), (("[[targets]]", "[[target]]"), "did you mean targets?")],
)  # fmt: skip
def test_an_alert_with_mistakes_says_where(made, tmp_path, change, part) -> None:
    (tmp_path / "alert.toml").write_text(ALERT.replace(*change), encoding="utf-8")
    ended = run("respond", made / "small.toml", made / "out", tmp_path / "alert.toml", "--out", tmp_path / "out")
    assert isinstance(ended.exception, InputError) and part in str(ended.exception)


OPV = '\n[[assets]]\nid = "opv"\n'
PLACE = "place = [-79.0, -11.2]"


@pytest.mark.parametrize(
    ("change", "more", "part"),
    [
        ((PLACE, "place = [-75.5, -11.2]"), "", "dark-1 lies on land"),
        ((PLACE, "place = [10.0, 50.0]"), "", "dark-1 lies outside the chart"),
        ((PLACE, "place = [-79.0, 90.0]"), "", "dark-1 lies outside the chart"),
        (("at = 2027-11-05T08", "at = 1970-11-05T08"), "", "more than 240 h old"),
        ((PLACE, PLACE), OPV + "place = [10.0, 50.0]", "opv is said to be outside the chart"),
        ((PLACE, PLACE), OPV + "place = [-75.5, -11.0]", "opv is said to be on land"),
        ((PLACE, PLACE), OPV + "leaves_at = 2027-11-05T08:00:00Z", "opv had to leave before now"),
        ((PLACE, PLACE), OPV + "leaves_at = 2027-11-05T12:00:00Z\nready_at = 2027-11-05T20:00:00Z", "opv is ready only when it must leave"),
        ((PLACE, PLACE), OPV + "out = true\n" + OPV + "out = false", "opv is named twice"),
        ((PLACE, PLACE), "".join(f'\n[[targets]]\nid = "t{k}"\nat = 2027-11-05T08:30:00Z\n{PLACE}\n' for k in range(100)), "give 20 at most"),
    ],
)
def test_an_alert_that_cannot_be_is_refused_at_once_and_not_answered_as_if_it_were(made, tmp_path, change, more, part) -> None:
    (tmp_path / "alert.toml").write_text(ALERT.replace(*change) + more, encoding="utf-8")
    ended = run("respond", made / "small.toml", made / "out", tmp_path / "alert.toml", "--out", tmp_path / "out")
    assert isinstance(ended.exception, InputError) and part in str(ended.exception), ended.output + repr(ended.exception)
    assert not (tmp_path / "out").exists()


def test_a_plan_file_changed_since_is_refused(made, tmp_path) -> None:
    (tmp_path / "small.toml").write_text(BLEND + "\n# changed\n", encoding="utf-8")
    ended = run("respond", tmp_path / "small.toml", made / "out", made / "alert.toml", "--out", tmp_path / "out")
    assert isinstance(ended.exception, InputError) and "another version" in str(ended.exception)
