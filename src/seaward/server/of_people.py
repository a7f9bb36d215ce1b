"""Signing in and out, one's own password and tokens, and the people of the node."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from seaward.core.foreign_text import one_line
from seaward.server.answers import One, Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.passwords import check_password
from seaward.server.problems import Problem
from seaward.server.roles import may
from seaward.server.sign_in import Session, csrf_of
from seaward.store.kept_people import Person, Token

DAY_S = 86_400.0
PersonName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
Role = Literal["observer", "officer", "supervisor", "admin"]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


class SigningIn(msgspec.Struct, forbid_unknown_fields=True):
    """A name and a password."""

    person: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    password: Secret


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """The password now, and the one from now on."""

    password: Secret
    new_password: Secret


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    """A token for a program: what for, with which role at most, for how many days."""

    label: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    role: Role
    days: Annotated[float, msgspec.Meta(gt=0, le=366)] = 90.0


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody new; without a password they can use tokens alone."""

    person: PersonName
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    role: Role
    password: Secret | None = None


class ChangedPerson(msgspec.Struct, forbid_unknown_fields=True):
    """What changes of somebody; a new role, a new password or disabling ends their sessions and tokens."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    role: Role | None = None
    password: Secret | None = None
    disabled: bool | None = None


def sign_in(floor: Floor, asked: Asked) -> One:
    """Begin a session: the answer has the proof that later requests must carry, and sets the cookie."""
    session = floor.sign_in.sign_in(asked.body.person, asked.body.password, asked.caller.address, asked.headers["cookie"] or None)
    told = _who(session.person, session.person.role, "session") | {"csrf": session.csrf, "expires_at": session.expires_at}
    return One(told, headers={"Set-Cookie": _cookie(asked, session)}, keep=False)


def session(floor: Floor, asked: Asked) -> One:
    """Who asks, and the proof for a page that was loaded anew."""
    person = floor.node.state.person(asked.caller.person)
    if person is None:
        raise Problem("expired")
    told = _who(person, asked.caller.role or "", asked.caller.by)
    return One(told | ({"csrf": csrf_of(asked.headers["cookie"])} if asked.caller.by == "session" else {}), keep=False)


def sign_out(floor: Floor, asked: Asked) -> Raw:
    """End the session."""
    floor.sign_in.sign_out(asked.caller.token_hash, asked.caller.person)
    return Raw(headers={"Set-Cookie": _cookie(asked, None)})


def change_password(floor: Floor, asked: Asked) -> Raw:
    """Give oneself another password: all sessions and tokens end."""
    person = floor.node.state.person(asked.caller.person)
    if person is None:
        raise Problem("expired")
    floor.sign_in.check(person, asked.body.password, asked.caller.address)
    new = check_password(asked.body.new_password, person.person, person.name)
    floor.node.state.change_person(person.person, person.person, floor.sign_in.now(), password_hash=floor.sign_in.passwords.hash(new))
    return Raw(headers={"Set-Cookie": _cookie(asked, None)})


def tokens(floor: Floor, asked: Asked) -> One:
    """One's own tokens and sessions, without their secrets."""
    return One({"items": [_token(t) for t in floor.node.state.tokens(asked.caller.person)]}, keep=False)


def new_token(floor: Floor, asked: Asked) -> One:
    """A token for a program of one's own; its secret is shown this once."""
    person = floor.node.state.person(asked.caller.person)
    if person is None:
        raise Problem("expired")
    if not may(person.role, asked.body.role):
        raise Problem("role", role=person.role, needed=asked.body.role)
    secret, expires_at = floor.sign_in.make_token(person, asked.body.role, one_line(asked.body.label), asked.body.days * DAY_S, person.person)
    return One({"token": secret, "role": asked.body.role, "expires_at": expires_at}, keep=False)


def end_token(floor: Floor, asked: Asked) -> Raw:
    """End one of one's own tokens or sessions, named by the beginning of its hash."""
    found = [
        t for t in floor.node.state.tokens(asked.caller.person) if t.token_hash.startswith(asked.path["token"]) and len(asked.path["token"]) >= 12
    ]
    if len(found) != 1:
        raise Problem("not_found", what=asked.path["token"][:60])
    floor.node.state.revoke_token(found[0].token_hash, asked.caller.person, floor.sign_in.now())
    return Raw()


def people(floor: Floor, asked: Asked) -> One:
    """All people."""
    return One({"items": [_person(p) for p in floor.node.state.people()]}, keep=False)


def new_person(floor: Floor, asked: Asked) -> One:
    """Add somebody."""
    body: NewPerson = asked.body
    kept = None if body.password is None else floor.sign_in.passwords.hash(check_password(body.password, body.person, body.name))
    floor.node.state.add_person(body.person, one_line(body.name), body.role, kept, asked.caller.person, floor.sign_in.now())
    return _found(floor, body.person)


def change_person(floor: Floor, asked: Asked) -> One:
    """Change somebody; nobody can take the role or the sign-in from themselves, so that one who may is left."""
    name, body = asked.path["person"], asked.body
    there = _found(floor, name)
    if name == asked.caller.person and (body.disabled or (body.role is not None and body.role != "admin")):
        raise Problem("conflict")
    kept = None if body.password is None else floor.sign_in.passwords.hash(check_password(body.password, name, there.value["name"]))
    floor.node.state.change_person(name, asked.caller.person, floor.sign_in.now(), name=None if body.name is None else one_line(body.name),
                                   role=body.role, password_hash=kept, disabled=body.disabled)  # fmt: skip
    return _found(floor, name)


def _found(floor: Floor, name: str) -> One:
    person = floor.node.state.person(name)
    if person is None:
        raise Problem("not_found", what=name[:60])
    return One(_person(person), keep=False)


def _person(person: Person) -> dict[str, Any]:
    return {"person": person.person, "name": person.name, "role": person.role, "by_password": person.password_hash is not None,
            "made_at": person.made_at, "disabled_at": person.disabled_at}  # fmt: skip


def _who(person: Person, role: str, by: str) -> dict[str, Any]:
    return {"person": person.person, "name": person.name, "role": role, "by": by}


def _token(token: Token) -> dict[str, Any]:
    return {"token": token.token_hash[:16], "kind": token.kind, "label": token.label, "role": token.role, "made_at": token.made_at,
            "expires_at": token.expires_at, "used_at": token.used_at, "revoked_at": token.revoked_at}  # fmt: skip


def _cookie(asked: Asked, session: Session | None) -> str:
    """Sets the cookie of a session, or takes it away; gone with the browser at the latest."""
    tls = asked.headers["scheme"] == "https"
    name = f"{'__Host-' if tls else ''}seaward-{asked.headers['port']}"
    value, age = (session.secret, "") if session is not None else ("", "; Max-Age=0")
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Strict{'; Secure' if tls else ''}{age}"
