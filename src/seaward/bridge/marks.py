"""A drill's route says so in its name, in every waypoint and in its status; names of waypoints fit NMEA 0183."""

from __future__ import annotations

import re
import string

from seaward.core.errors import RealmError
from seaward.core.foreign_text import one_line
from seaward.core.realm import OPS, is_drill

NAME_CHARACTERS = 6  # that receivers of WPL, RTE, BOD and RMB sentences keep: NMEA 0183 leaves the length open, GPS sets of its time keep six
MOST_WAYPOINTS = 1_000 + 26 * 36 * 36
STATUS = "EXERCISE EXERCISE EXERCISE - EJERCICIO EJERCICIO EJERCICIO"
NOT_NAVIGATION = "Not for navigation - No apto para la navegación"
_LETTERS = {"port": "P", "transit": "W", "search": "S", "intercept": "I", "track": "T"}
_DIGITS = string.digits + string.ascii_uppercase
_FIT = re.compile(r"[A-Z0-9]{1,6}")  # no field, sum or sentence mark (, * $ ! \ ^ ~), no space
_DRILL_WAYPOINT = re.compile(r"EX[A-Z][0-9A-Z]{3}")
_DRILL_ROUTE = re.compile(r"ex-([a-z0-9][a-z0-9_-]{0,62})\.")


def waypoint_name(realm: str, task: str, number: int) -> str:
    """A name of at most six characters, letters and digits, of its own in a route; in a drill it begins with EX, otherwise it never does.

    Parameters
    ----------
    realm
        `ops`, or `ex:<drill id>`.
    task
        What is done there, or on the way there.
    number
        Of the waypoint in its route, from 1.

    Raises
    ------
    ValueError
        If a route has more waypoints than there are names.
    """
    if not 0 < number < MOST_WAYPOINTS:
        raise ValueError(f"waypoint {number} has no name of {NAME_CHARACTERS} characters left")
    n = number - 1_000 + 10 * 36 * 36  # from the 1,000th on A00, A01, ...
    digits = f"{number:03d}" if number < 1_000 else _DIGITS[n // 1296] + _DIGITS[n // 36 % 36] + _DIGITS[n % 36]
    return f"{'EX' if is_drill(realm) else ''}{_LETTERS.get(task, 'W')}{digits}"


def fits_nmea(name: str) -> bool:
    """Whether a name passes through NMEA 0183 as it is."""
    return _FIT.fullmatch(name) is not None


def route_name(realm: str, asset: str, sortie: int) -> str:
    """Name of a route and, without its ending, of its file; a drill's begins with the realm and says exercise."""
    before = f"{realm.replace(':', '-')}.EXERCISE." if is_drill(realm) else ""
    return f"{before}{asset}.{sortie}"


def claimed_realm(said: str | None, name: str, waypoints: list[str]) -> str | None:
    """The realm that a route file tells of: said outright, or by its name, or by the names of its waypoints.

    Returns
    -------
    `ops`, `ex:<id>`, `ex:` where the drill is not named, None where nothing is said, as in files of others.

    Raises
    ------
    RealmError
        If it says one thing here and another there.
    """
    named = _DRILL_ROUTE.match(name)
    marked = f"ex:{named[1]}" if named else "ex:" if "EXERCISE" in name.upper() or any(map(_DRILL_WAYPOINT.fullmatch, waypoints)) else None
    if said is not None and marked is not None and said != marked and (said == OPS or marked != "ex:"):
        raise RealmError(
            f"the route {name[:80]!r} says it is of {one_line(said)[:80]} and bears the marks of {marked}; it is refused: ask who made it"
        )
    return said or marked


def check_route_realm(claimed: str | None, name: str, realm: str) -> None:
    """Refuse a route of another realm; in a drill also one that does not say that it is of a drill.

    Parameters
    ----------
    claimed
        As `claimed_realm` told.
    name
        Of the file.
    realm
        Of the plan it is held against.

    Raises
    ------
    RealmError
    """
    right = claimed in (None, OPS) if realm == OPS else claimed in (realm, "ex:")
    if not right:
        shown = one_line(claimed)[:80] if claimed else "no realm that it says"
        raise RealmError(f"{name} is of {shown}, the plan of {realm}; routes of drills and of the sea are never mixed")
