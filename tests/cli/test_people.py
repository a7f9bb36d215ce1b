"""`seaward people`: who may sign in, kept by the command line; passwords never on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.errors import SeawardError
from seaward.server.passwords import Passwords
from seaward.store.state import State

PASSWORD = "cuatro gaviotas miran el faro"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.cli.people.Passwords", lambda: Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)))


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    path.chmod(0o600)
    return path


def people(folder: Path, *words: object) -> str:
    done = CliRunner().invoke(app, ["people", *map(str, words), "--data", str(folder / "data")])
    if done.exception is not None:
        raise done.exception
    return done.output


def test_people_are_added_changed_and_disabled_and_every_deed_is_audited(tmp_path: Path, password: Path) -> None:
    assert "nobody yet" in people(tmp_path, "list")
    assert PASSWORD not in people(tmp_path, "add", "vega", "--name", "Tte. Vega", "--password-file", password)
    people(tmp_path, "add", "robot", "--tokens-only", "--role", "observer")
    token = people(tmp_path, "token", "robot", "--role", "admin", "--days", 1)
    assert re.search(r"^seaward_\S+$", token, re.M) and "role observer" in token, "not more than the person's role"
    people(tmp_path, "role", "vega", "admin")
    people(tmp_path, "password", "vega", "--password-file", password)
    people(tmp_path, "disable", "robot")
    listed = people(tmp_path, "list")
    assert re.search(r"vega +admin +- +Tte. Vega", listed) and re.search(r"robot +observer +disabled", listed)
    people(tmp_path, "disable", "robot", "--undo")
    with State.open(tmp_path / "data" / "state.sqlite", "ops") as state:
        actions = state.audit_rows()["action"].to_list()
        assert actions == ["person.added", "person.added", "token.made", *["person.changed"] * 4] and PASSWORD not in str(state.audit_rows().rows())
        assert state.tokens("robot")[0].revoked_at is not None
    assert (tmp_path / "data" / "state.sqlite").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add", "Vega!"], "cannot be signed in by"), (["add", "vega", "--role", "captain"], "choose one of"), (["add", "vega"], "nobody to ask"),
        (["role", "nobody", "admin"], "no person"), (["token", "nobody"], "no person"), (["list", "--realm", "drill"], "must be 'ops'"),
        (["add", "vega", "--password-file", "/no/such/file"], "cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(tmp_path: Path, words: list[str], told: str) -> None:
    with pytest.raises(SeawardError, match=told):
        people(tmp_path, *words)


def test_a_password_file_must_be_closed_to_others_and_its_password_hard_to_guess(tmp_path: Path, password: Path) -> None:
    password.chmod(0o644)
    with pytest.raises(SeawardError, match="chmod 600"):
        people(tmp_path, "add", "vega", "--password-file", password)
    password.chmod(0o600)
    password.write_text("short")
    with pytest.raises(SeawardError, match="choose one of 15"):
        people(tmp_path, "add", "vega", "--password-file", password)
    assert "nobody yet" in people(tmp_path, "list")


def test_nobody_is_added_twice_and_people_of_another_realm_are_not_these(tmp_path: Path, password: Path) -> None:
    people(tmp_path, "add", "vega", "--password-file", password)
    with pytest.raises(SeawardError, match="already"):
        people(tmp_path, "add", "vega", "--password-file", password)
    with pytest.raises(SeawardError, match="realm"):
        people(tmp_path, "list", "--realm", "ex:drill")


def test_the_folder_and_realm_come_from_the_configuration_too(tmp_path: Path, password: Path) -> None:
    (tmp_path / "node.toml").write_text('data = "there"\nrealm = "ex:drill"\n')
    done = CliRunner().invoke(
        app, ["people", "add", "vega", "--password-file", str(password), "--config", str(tmp_path / "node.toml"), "--lang", "es"]
    )
    assert done.exit_code == 0 and "se agregó" in done.output
    with State.open(tmp_path / "there" / "state.sqlite", "ex:drill") as state:
        assert [p.person for p in state.people()] == ["vega"]


def test_no_option_takes_a_password(tmp_path: Path) -> None:
    for verb in ("add", "password"):
        said = CliRunner().invoke(app, ["people", verb, "--help"]).output
        assert "--password-file" in said and not re.search(r"--password\b(?!-file)", said)
