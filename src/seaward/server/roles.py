"""Roles from the least to the most, and whether one may do what asks for another. Pure."""

from __future__ import annotations

from typing import Final

from seaward.store.kept_people import ROLES

ANYONE: Final = "anyone"  # what may be asked without signing in
OBSERVER, OFFICER, SUPERVISOR, ADMIN = ROLES


def may(role: str | None, needed: str) -> bool:
    """Whether a person of a role (None: nobody signed in) may do what asks for `needed`; what asks for no known role is for nobody."""
    if needed == ANYONE:
        return True
    return role in ROLES and needed in ROLES and ROLES.index(role) >= ROLES.index(needed)


def lower(one: str, other: str) -> str:
    """The lesser of two roles."""
    return min(one, other, key=ROLES.index)
