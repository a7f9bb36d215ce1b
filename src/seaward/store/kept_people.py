"""People with their roles, hashes of their passwords and of what they sign in by -> kept, every change audited. The hashes mean nothing here."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from seaward.core.errors import StateError
from seaward.core.units import at_to_us
from seaward.store.database import moment
from seaward.store.journal import Journal

ROLES = ("observer", "officer", "supervisor", "admin")  # each may do what those before it may
_PERSON = "person, name, role, password_hash, made_us, disabled_us"
_TOKEN = "token_hash, person, kind, label, role, made_us, expires_us, used_us, revoked_us"


class Person(NamedTuple):
    """Somebody who may sign in; `password_hash` is opaque here, and null for those who use tokens alone."""

    person: str
    name: str
    role: str
    password_hash: str | None
    made_at: datetime
    disabled_at: datetime | None


class Token(NamedTuple):
    """What somebody is known by after signing in (session), or a program by (token); only its hash is kept. `role` is the most it may, if not all."""

    token_hash: str
    person: str
    kind: str
    label: str
    role: str | None
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it can be used at a moment."""
        return self.revoked_at is None and self.made_at <= at < self.expires_at


class KeptPeople(Journal):
    """People and tokens; see `State`."""

    def add_person(self, person: str, name: str, role: str, password_hash: str | None, who: str, at: datetime) -> None:
        """Keep a new person; StateError (`conflict`) where there is one of that name, or the role is none of `ROLES`."""
        with self.together() as c:
            if self.person(person) is not None:
                raise StateError(f"there is a person {person!r} already; choose another name, or change that one", "conflict")
            c.execute("INSERT INTO people VALUES (?, ?, ?, ?, ?, NULL)", (person, name, _role(role), password_hash, at_to_us(at)))
            self.audit(who, "person.added", person, {"name": name, "role": role}, at)

    def change_person(
        self, person: str, who: str, at: datetime, *, name: str | None = None, role: str | None = None, password_hash: str | None = None,
        disabled: bool | None = None,
    ) -> None:  # fmt: skip
        """Change what is given; a new password, role or disabling ends all sessions and tokens of the person. StateError where there is none."""
        with self.together() as c:
            there = self.person(person)
            if there is None:
                raise StateError(f"there is no person {person!r}; see who there is", "conflict")
            until = there.disabled_at if disabled is None else (at if disabled else None)
            c.execute(
                "UPDATE people SET name = coalesce(?, name), role = coalesce(?, role), password_hash = coalesce(?, password_hash), disabled_us = ?"
                " WHERE person = ?",
                (name, None if role is None else _role(role), password_hash, None if until is None else at_to_us(until), person),
            )
            if password_hash is not None or role is not None or disabled:
                c.execute("UPDATE tokens SET revoked_us = ? WHERE person = ? AND revoked_us IS NULL", (at_to_us(at), person))
            said = {"name": name, "role": role, "password": None if password_hash is None else True, "disabled": disabled}
            self.audit(who, "person.changed", person, {k: v for k, v in said.items() if v is not None}, at)

    def person(self, person: str) -> Person | None:
        """One person; None where there is none of that name."""
        found = self.rows(f"SELECT {_PERSON} FROM people WHERE person = ?", (person,))
        return _person(*found[0]) if found else None

    def people(self) -> list[Person]:
        """All people by name, also those who may not sign in any more."""
        return [_person(*row) for row in self.rows(f"SELECT {_PERSON} FROM people ORDER BY person")]

    def add_token(
        self, token_hash: str, person: str, kind: str, label: str, expires_at: datetime, at: datetime, *, role: str | None = None,
        who: str | None = None,
    ) -> None:  # fmt: skip
        """Keep that a person is known by what has this hash, as a `session` or a `token`, until it expires.

        Parameters
        ----------
        role
            The most it may; None: what the person may.
        who
            Who made it, if not the person.
        """
        with self.together() as c:
            c.execute(f"INSERT INTO tokens ({_TOKEN}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                      (token_hash, person, kind, label, None if role is None else _role(role), at_to_us(at), at_to_us(expires_at)))  # fmt: skip
            self.audit(who or person, f"{kind}.made", person, {"label": label, "role": role, "expires_at": expires_at}, at)

    def token(self, token_hash: str) -> Token | None:
        """The token of this hash, whether it still holds or not; None where there is none."""
        found = self.rows(f"SELECT {_TOKEN} FROM tokens WHERE token_hash = ?", (token_hash,))
        return _token(*found[0]) if found else None

    def tokens(self, person: str) -> list[Token]:
        """All tokens of a person, the last made first."""
        return [_token(*row) for row in self.rows(f"SELECT {_TOKEN} FROM tokens WHERE person = ? ORDER BY made_us DESC, token_hash", (person,))]

    def token_used(self, token_hash: str, at: datetime) -> None:
        """Keep when a token was last used; each call waits for the disk, so not for every request."""
        with self.together() as c:
            c.execute("UPDATE tokens SET used_us = ? WHERE token_hash = ?", (at_to_us(at), token_hash))

    def revoke_token(self, token_hash: str, who: str, at: datetime) -> bool:
        """End a session or token; False where it had ended or there is none."""
        with self.together() as c:
            there = self.token(token_hash)
            if there is None or there.revoked_at is not None:
                return False
            c.execute("UPDATE tokens SET revoked_us = ? WHERE token_hash = ?", (at_to_us(at), token_hash))
            self.audit(who, f"{there.kind}.ended", there.person, {"label": there.label}, at)
            return True


def _role(role: str) -> str:
    if role not in ROLES:
        raise StateError(f"the role is {role!r}; choose one of {', '.join(ROLES)}", "conflict")
    return role


def _person(person: str, name: str, role: str, password_hash: str | None, made_us: int, disabled_us: int | None) -> Person:
    return Person(person, name, role, password_hash, moment(made_us), moment(disabled_us))  # type: ignore[arg-type]


def _token(token_hash: str, person: str, kind: str, label: str, role: str | None, *times_us: int | None) -> Token:
    return Token(token_hash, person, kind, label, role, *(moment(t) for t in times_us))  # type: ignore[arg-type]
