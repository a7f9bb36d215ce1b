"""Whether data is real (`ops`) or of a drill (`ex:<id>`): first column of every table, never absent, never guessed."""

from __future__ import annotations

import re
from functools import lru_cache

from seaward.core.errors import RealmError

OPS = "ops"
_ID = r"[a-z0-9][a-z0-9_-]{0,62}"
_REALM = re.compile(rf"ops|ex:{_ID}")
_NAMED = re.compile(rf"ex-({_ID})\..+")  # files of a drill begin with their realm
_MARKED = re.compile(rb"^[^\n]{0,80}EXERCISE EXERCISE EXERCISE ?(?:ex:(" + _ID.encode() + rb"))?")


@lru_cache(maxsize=256)
def _is_realm(realm: str) -> bool:
    return _REALM.fullmatch(realm) is not None


def check_realm(realm: object) -> str:
    """Return `realm` if it is well formed; raise RealmError otherwise."""
    if not isinstance(realm, str) or not _is_realm(realm):
        raise RealmError(f"realm is {realm!r}; it must be 'ops' or 'ex:<drill id>' with a-z, 0-9, - or _ in the id")
    return realm


def is_drill(realm: str) -> bool:
    """True for the realm of a drill."""
    return check_realm(realm) != OPS


def file_prefix(realm: str) -> str:
    """With which names of files begin: `ex-<id>.` in a drill, nothing in operations."""
    return f"{realm.replace(':', '-')}." if is_drill(realm) else ""


def drill_of(realm: str) -> str:
    """The id of the drill that a realm is of; an empty text in operations."""
    return realm.removeprefix("ex:") if is_drill(realm) else ""


def check_claim(name: str, head: bytes, realm: str) -> None:
    """Refuse an input that says it is of a drill where another realm is asked for.

    Parameters
    ----------
    name
        Of the file, without its folder.
    head
        Its first bytes.
    realm
        Asked for.

    Raises
    ------
    RealmError
        If the name (`ex-<id>.`) or the first line (EXERCISE EXERCISE EXERCISE) tells of another realm.
    """
    named, marked = _NAMED.fullmatch(name), _MARKED.match(head)
    said = {f"ex:{m}" for m in (named[1] if named else "", (marked[1] or b"").decode() if marked else "") if m}
    if not said and not marked:
        return
    if said - {realm} or not is_drill(realm):
        which = " and ".join(sorted(said)) or "a drill"
        raise RealmError(f"{name} is of {which}, but {realm} is asked for; drill data is never mixed with real data: say --realm ex:<id> for a drill")
