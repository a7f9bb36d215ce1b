"""Whether data is real (`ops`) or of a drill (`ex:<id>`): first column of every table, never absent, never guessed."""

from __future__ import annotations

import re

from seaward.core.errors import RealmError

OPS = "ops"
_REALM = re.compile(r"ops|ex:[a-z0-9][a-z0-9_-]{0,62}")


def check_realm(realm: object) -> str:
    """Return `realm` if it is well formed; raise RealmError otherwise."""
    if not isinstance(realm, str) or not _REALM.fullmatch(realm):
        raise RealmError(f"realm is {realm!r}; it must be 'ops' or 'ex:<drill id>' with a-z, 0-9, - or _ in the id")
    return realm


def is_drill(realm: str) -> bool:
    """True for the realm of a drill."""
    return check_realm(realm) != OPS
