"""Tracks -> AIVDM sentences for chart plotters, each behind a TAG block that says when and whose.

AIS has no mark of an exercise that a plotter shows. What is of a drill is therefore marked wherever there is room: a line before, a text in every
TAG block, the destination, and before every name; a position alone, of which a plotter reads nothing else, has none of these.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import reduce
from typing import Any

from seaward.core.realm import OPS
from seaward.exchange.items import Released
from seaward.exchange.shown_track import ShownTrack, shown

MARK = "EXERCISE"
EXACT_M = 100.0  # ours: what is known no better is no position to steer by, and a plotter cannot say that it is not
_NAME, _CALLSIGN = 20, 7  # characters, ITU-R M.1371-5 table 52
_MOST_MMSI = 999_999_999


def as_aivdm(tracks: Iterable[Released], origin: str, realm: str) -> str:
    """Position reports of class A (ITU-R M.1371-5, message 1), one a line; tracks without an MMSI are left out, as nobody could name them.

    Parameters
    ----------
    tracks
        Messages with a track.
    origin
        Whose they are: the source in the TAG block.
    realm
        `ops`, or `ex:<drill id>`: the first line of what is of a drill says EXERCISE three times.
    """
    found = [t for m in tracks if (t := shown(m, origin)) is not None]
    return exercise_line(realm) + "".join(position(t, realm) for t in found if can_be_said(t))


def can_be_said(track: ShownTrack, exact: bool = False) -> bool:
    """Whether AIS has a way to say it: it needs an MMSI, and, where that is asked for, a place that is good enough to steer by."""
    return track.mmsi is not None and 0 < track.mmsi <= _MOST_MMSI and not (exact and (track.error_m or 0.0) > EXACT_M)


def exercise_line(realm: str) -> str:
    """What stands before all that is of a drill; an empty text in operations."""
    return "" if realm == OPS else f"# EXERCISE EXERCISE EXERCISE {realm}\r\n"


def position(track: ShownTrack, realm: str) -> str:
    """Where it is: message 1, or 18 of class B."""
    said = {
        "msg_type": 18 if track.is_class_b else 1, "mmsi": track.mmsi, "lon": track.lon_deg, "lat": track.lat_deg,
        "accuracy": track.error_m is not None and track.error_m <= 10.0,  # M.1371-5 table 48
        "speed": 102.3 if track.sog_kn is None else min(track.sog_kn, 102.2), "course": 360.0 if track.cog_deg is None else track.cog_deg % 360.0,
        "heading": 511 if track.heading_deg is None else round(track.heading_deg) % 360,
        "status": 15 if track.nav_status is None else track.nav_status, "turn": -128.0, "second": track.at_ms // 1000 % 60,
    }  # fmt: skip
    return _sentences(said, track, realm)


def identity(track: ShownTrack, realm: str, number: int = 0) -> str:
    """Who it says it is: message 5, or 24 A and B of class B; an empty text where nothing is known.

    Parameters
    ----------
    number
        Of the message, from 0 to 9: the parts of one have the same.
    """
    mark = "" if realm == OPS else f"{MARK} "
    name, callsign = six_bit(mark + (track.name or ""), _NAME), six_bit(track.callsign or "", _CALLSIGN)
    if not (track.name or track.callsign or track.imo or track.ship_type):
        return ""
    told = {"mmsi": track.mmsi, "shipname": name, "callsign": callsign, "ship_type": track.ship_type or 0}
    if track.is_class_b:
        return "".join(_sentences({**told, "msg_type": 24, "partno": part}, track, realm) for part in (0, 1))
    told |= {"msg_type": 5, "imo": track.imo or 0, "destination": mark.strip(), "seq_id": number}
    return _sentences(told, track, realm)


def six_bit(text: str, length: int) -> str:
    """Text in the alphabet of AIS (M.1371-5 table 47): capitals without accents; what it lacks is a blank, as is `@`, which would end the text."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).upper()
    return " ".join("".join(c if " " <= c <= "_" and c != "@" else " " for c in plain).split())[:length].strip()


def _sentences(said: dict[str, Any], track: ShownTrack, realm: str) -> str:
    from pyais import encode_dict  # noqa: PLC0415 - loads slowly

    tag = f"c:{track.at_ms // 1000},s:{track.owner}" + ("" if realm == OPS else f",t:{MARK} {realm}")
    tagged = f"\\{tag}*{reduce(lambda a, c: a ^ ord(c), tag, 0):02X}\\"
    return "".join(f"{tagged}{sentence}\r\n" for sentence in encode_dict(said, sentence_type="VDM", seq_id=said.pop("seq_id", 0)))
