"""Tracks -> AIVDM sentences for chart plotters, each behind a TAG block that says when and whose; those of a drill say so on a line before."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from seaward.core.realm import OPS
from seaward.exchange.bodies import Track
from seaward.exchange.items import Released


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
    from pyais import encode_dict  # noqa: PLC0415 - loads slowly

    lines = [] if realm == OPS else [f"# EXERCISE EXERCISE EXERCISE {realm}"]
    for message in tracks:
        body, mmsi = message.body, message.id.removeprefix("mmsi:")
        if not isinstance(body, Track) or not mmsi.isdecimal():
            continue
        said = {
            "msg_type": 1, "mmsi": int(mmsi), "lon": body.lon_udeg / 1e6, "lat": body.lat_udeg / 1e6, "accuracy": False,
            "speed": 102.3 if body.sog_dkn is None else body.sog_dkn / 10, "course": 360.0 if body.cog_ddeg is None else body.cog_ddeg / 10,
            "heading": 511 if body.heading_deg is None else body.heading_deg, "status": 15 if body.nav_status is None else body.nav_status,
            "turn": -128.0, "second": body.at_ms // 1000 % 60,
        }  # fmt: skip
        tag = f"c:{body.at_ms // 1000},s:{origin}"
        lines += [f"\\{tag}*{reduce(lambda a, c: a ^ ord(c), tag, 0):02X}\\{sentence}" for sentence in encode_dict(said, sentence_type="VDM")]
    return "".join(f"{line}\r\n" for line in lines)
