"""Plan files: what is read, and every mistake at once, with its line and what to write, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import InputError
from seaward.patrol.mistakes import PlanError
from seaward.patrol.problem import problem_of
from tests.patrol.plans import PLAN, asked


def mistakes(text: str) -> PlanError:
    with pytest.raises(PlanError) as caught:
        problem_of(asked(text))
    return caught.value


def test_what_is_asked_is_read_with_defaults() -> None:
    a = asked()
    assert [x.id for x in a.assets] == ["opv", "boat-1", "boat-2", "plane"]
    assert a.assets[1].sweep_night_nm == 10.0 and a.assets[0].max_sea_state == 9
    assert (a.realm, a.risk["half_life_days"], a.horizon["sea_state"]) == ("ex:small", 180.0, 3)
    assert a.assets[0].shows == (("us", "area"),) and a.assets[3].shows == ()


def test_all_mistakes_are_told_at_once_each_with_its_line() -> None:
    text = PLAN.replace('nation = "us"', 'nation = "USA"').replace("speed_kn = 14.0", "speed_kn = 1400.0").replace("cell_deg", "cel_deg")
    text = text.replace('realm = "ex:small"', 'realm = "drill"').replace("rest_h = 10.0", "closed = ['nowhere']")
    said = mistakes(text).told("en").splitlines()
    lines = text.splitlines()
    assert len(said) == 5
    for needle, part in (
        ("drill", "realm"),
        ("cel_deg", "did you mean cell_deg?"),
        ("1400", "0.5 to 500"),
        ("nowhere", "no area"),
        ("USA", "nation"),
    ):
        line = next(k for k, row in enumerate(lines, 1) if needle in row)
        assert any(row.startswith(f"small.toml:{line}: ") and part in row for row in said), (needle, said)


def test_mistakes_are_told_in_spanish_too() -> None:
    told = mistakes(PLAN.replace("days = 3", "days = 300")).told("es")
    assert told.startswith("small.toml:7: days es 300 d; dé de 0.25 a 60 d")


@pytest.mark.parametrize(
    ("change", "line", "part"),
    [
        (("days = 3", "days = "), 7, "not valid TOML"),
        (("seed = 1\n", ""), 1, "lacks seed"),
        (("base = [-77.20, -12.05]\nspeed_kn = 14.0", "base = [-12.05, -77.20]\nspeed_kn = 14.0"), 20, "outside the area"),
        (("base = [-77.20, -12.05]\nspeed_kn = 14.0", "base = [-76.2, -11.0]\nspeed_kn = 14.0"), 20, "nm from the sea"),
        (("days = 3", "days = 3\nstep_h = 2.0"), 21, "too short"),
        (("fuel_t = 20.0", "fuel_t = 0"), 43, "no fuel"),
        (("burn_t_h = 0.2\nburn_cube = 0.0001\n", ""), 43, "burns none"),
        (("sweep_day_nm = 20.0\nsweep_night_nm = 12.0", "sweep_day_nm = 0\nsweep_night_nm = 0"), 26, "sees nothing"),
        (('id = "plane"', 'id = "opv"'), 49, "named before"),
        (("start = 2027-11-04T17:00:00Z", "start = 2027-11-04T17:00:00"), 6, "moment"),
        (("box = [-82.0, -14.0, -76.0, -9.0]", "box = [-82.0, -9.0, -76.0, -14.0]"), 10, "box"),
    ],
    ids=lambda v: v[1][:24] if isinstance(v, tuple) else None,
)
def test_a_mistake_is_told_where_it_is(change, line, part) -> None:
    assert change[0] in PLAN
    error = mistakes(PLAN.replace(*change))
    assert part in str(error), str(error)
    assert abs(error.mistakes[0].line - line) <= 1


def test_a_base_on_land_is_told_the_nearest_open_water_and_that_is_enough() -> None:
    inland = "base = [-76.6, -12.05]"
    text = PLAN.replace("base = [-77.20, -12.05]\nspeed_kn = 14.0", f"{inland}\nspeed_kn = 14.0")
    error = mistakes(text)
    (wrong,) = error.mistakes
    named = f"[{wrong.values['lon']}, {wrong.values['lat']}]"
    assert wrong.code == "base_inland" and named in error.told("en") and named in error.told("es")
    assert "opv" in {a.id for a in problem_of(asked(text.replace(inland, f"base = {named}"))).assets}


def test_a_file_without_assets_says_so() -> None:
    assert "no asset is named" in str(mistakes(PLAN[: PLAN.index("[[assets]]")]))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_reason(raw) -> None:
    from seaward.patrol.told import Told

    try:
        Told("x.toml", raw).raise_mistakes()
    except InputError as e:
        assert "x.toml:" in str(e)


def test_every_asset_that_must_stay_says_which_constraint_and_the_nearest_change() -> None:
    text = PLAN.replace("endurance_h = 240.0", "endurance_h = 3.0").replace("fuel_t = 20.0", "fuel_t = 0.5")
    text = text.replace('kind = "aircraft"', 'kind = "aircraft"\nmax_sea_state = 2')
    found = problem_of(asked(text))
    told = {o.asset: (o.constraint, o.has, o.needs) for o in found.obstacles}
    assert told["opv"] == ("endurance", 3.0, 12.0)
    assert told["boat-1"][0] == "fuel" and told["boat-1"][1] < told["boat-1"][2]
    assert told["plane"] == ("sea_state", 2, 3)
    assert found.assets == ()
    mended = text.replace("endurance_h = 3.0", "endurance_h = 12.0")  # the change that was named is enough
    assert [a.id for a in problem_of(asked(mended)).assets] == ["opv"]
