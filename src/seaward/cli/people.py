"""`seaward people`: who may sign in at a node. Passwords come from a prompt or a file, never from the command line, where others could read them."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.detect import Language
from seaward.core.catalogue import render
from seaward.core.errors import InputError, ParameterError, StateError
from seaward.core.foreign_text import one_line
from seaward.core.realm import OPS
from seaward.node.config import read_config
from seaward.server.passwords import Passwords, check_password
from seaward.server.refusals import Refusals
from seaward.server.sign_in import SignIn
from seaward.store.kept_people import ROLES, Person
from seaward.store.state import State

app = typer.Typer(name="people", help="Who may sign in at a node.", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="The node's configuration, for its folder and realm.")]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="The node's folder, where there is no configuration.")]
Realm = Annotated[str, typer.Option("--realm", metavar="REALM", help="ops, or ex:<drill id>.")]
Lang = Annotated[Language, typer.Option(help="Language of messages.")]
Name = Annotated[str, typer.Argument(metavar="PERSON", help="Name to sign in by.", show_default=False)]
Role = Annotated[str, typer.Option("--role", metavar="ROLE", help=f"{', '.join(ROLES)}.")]
PasswordFile = Annotated[Path | None, typer.Option("--password-file", metavar="FILE", help="Its first line is the password; else it is asked for.")]
_HERE = "command line"


@app.command("add")
def add(
    person: Name, role: Role = "officer", name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Rank and name, as shown.")] = "",
    password_file: PasswordFile = None, tokens_only: Annotated[bool, typer.Option("--tokens-only", help="For a program: no password.")] = False,
    config: Config = None, data: Data = None, realm: Realm = OPS, lang: Lang = Language.en,
) -> None:  # fmt: skip
    """Add somebody who may sign in."""
    _checked(person, role)
    shown = one_line(name) or person
    kept = None if tokens_only else Passwords().hash(check_password(_password(password_file), person, shown))
    with _state(config, data, realm) as state:
        state.add_person(person, shown, role, kept, _HERE, _now())
    print(render("people.added", {"person": person, "name": shown, "role": role}, lang.value))


@app.command("list")
def list_people(config: Config = None, data: Data = None, realm: Realm = OPS, lang: Lang = Language.en) -> None:
    """List who there is."""
    with _state(config, data, realm) as state:
        people = state.people()
    if not people:
        print(render("people.none", {}, lang.value))
    for p in people:
        print(f"{p.person:<20} {p.role:<11} {'-' if p.disabled_at is None else 'disabled':<9} {p.name}")


@app.command("role")
def role(
    person: Name, role: Annotated[str, typer.Argument(metavar="ROLE", help=f"{', '.join(ROLES)}.", show_default=False)],
    config: Config = None, data: Data = None, realm: Realm = OPS, lang: Lang = Language.en,
) -> None:  # fmt: skip
    """Give somebody another role; their sessions and tokens end."""
    _checked(person, role)
    with _state(config, data, realm) as state:
        state.change_person(person, _HERE, _now(), role=role)
    print(render("people.changed", {"person": person, "role": role}, lang.value))


@app.command("password")
def password(
    person: Name, password_file: PasswordFile = None, config: Config = None, data: Data = None, realm: Realm = OPS, lang: Lang = Language.en,
) -> None:  # fmt: skip
    """Give somebody another password; their sessions and tokens end."""
    with _state(config, data, realm) as state:
        there = _found(state, person)
        kept = Passwords().hash(check_password(_password(password_file), person, there.name))
        state.change_person(person, _HERE, _now(), password_hash=kept)
    print(render("people.changed", {"person": person, "role": there.role}, lang.value))


@app.command("disable")
def disable(
    person: Name, undo: Annotated[bool, typer.Option("--undo", help="Let them sign in again.")] = False,
    config: Config = None, data: Data = None, realm: Realm = OPS, lang: Lang = Language.en,
) -> None:  # fmt: skip
    """Let somebody sign in no more."""
    with _state(config, data, realm) as state:
        state.change_person(person, _HERE, _now(), disabled=not undo)
    print(render("people.enabled" if undo else "people.disabled", {"person": person}, lang.value))


@app.command("token")
def token(
    person: Name, label: Annotated[str, typer.Option("--label", metavar="TEXT", help="What it is for.")] = "command line",
    role: Role = "observer", days: Annotated[float, typer.Option("--days", metavar="N", min=0.01, max=366, help="How long it holds.")] = 90,
    config: Config = None, data: Data = None, realm: Realm = OPS, lang: Lang = Language.en,
) -> None:  # fmt: skip
    """Make a token for a program that asks in somebody's name."""
    _checked(person, role)
    with _state(config, data, realm) as state:
        there = _found(state, person)
        secret, until = SignIn(state, Refusals(state, _now), now=_now).make_token(there, role, one_line(label), days * 86_400, _HERE)
        given = state.tokens(person)[0].role
    print(render("people.token", {"until": f"{until:%Y-%m-%d %H:%MZ}", "role": given}, lang.value), file=sys.stderr)
    print(secret)


def _state(config: Path | None, data: Path | None, realm: str) -> State:
    if config is not None:
        told = read_config(config, files=False)
        data, realm = data or told.data, told.realm
    folder = data or Path("seaward-data")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return State.open(folder / "state.sqlite", realm)


def _found(state: State, person: str) -> Person:
    there = state.person(person)
    if there is None:
        raise StateError(f"there is no person {person!r}; see who there is with `seaward people list`", "conflict")
    return there


def _checked(person: str, role: str) -> None:
    if role not in ROLES:
        raise ParameterError(f"the role is {role!r}; choose one of {', '.join(ROLES)}")
    if not (
        person.isascii() and person.replace(".", "").replace("-", "").replace("_", "").isalnum() and person == person.lower() and len(person) <= 63
    ):
        raise ParameterError(f"the name {person!r} cannot be signed in by; use a-z, 0-9, dot, - and _, at most 63 characters")


def _password(file: Path | None) -> str:
    if file is not None:
        try:
            if file.stat().st_mode & 0o077:
                raise InputError(f"{file} can be read by others; say: chmod 600 {file}")
            return file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as e:
            raise InputError(f"{file} cannot be read ({e}); name a file whose first line is the password") from e
    if not sys.stdin.isatty():
        raise InputError("there is nobody to ask for the password; give it by --password-file")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise InputError("the two passwords differ; nothing was changed")
    return first


def _now() -> datetime:
    return datetime.now(UTC)
