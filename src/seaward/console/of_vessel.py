"""One vessel: who it says it is and said it was, where it is, what it did, its cases, whom it met and where it stopped, photos and notes."""

from __future__ import annotations

from typing import Any

from seaward.console.page import html
from seaward.console.reading import ago_s, names_of, one_of
from seaward.console.vessel_then import about_then, vessel_then
from seaward.server import of_about, of_vessels
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.roles import OFFICER, may
from seaward.server.route import Param
from seaward.store.kept_about import LONGEST_CAPTION, LONGEST_NOTE, MOST_PHOTOS
from seaward.store.photos import MOST_BYTES

VESSEL_PARAMS = (Param("at", "moment", "what was known at a moment that is over"),)


def vessel(floor: Floor, asked: Asked) -> Raw:
    """The card of a vessel."""
    then = asked.query["at"]
    told: dict[str, Any] = one_of(of_vessels.vessel, floor, asked) if then is None else vessel_then(floor, asked, then)
    noted = one_of(of_about.about, floor, asked)
    now, events = told["now"], told["events"]
    met = {v for e in events if e["kind"] == "encounter" for v in e["vessel_ids"] if not v.startswith(told["vessel_id"])}
    names = names_of(floor, met, asked.language)
    ports = [(e["start_at"], e["end_at"], ", ".join(e["areas"])) for e in events if e["kind"] == "port_visit"]
    at = (now["reported_at"] or now["received_at"]) if now else None
    return html(
        "vessel.html", floor, asked, vessel_id=told["vessel_id"], now_row=now, at=at, then=then,
        ago_s=None if at is None else ago_s(floor, at) if then is None else max(0.0, (then - at).total_seconds()), seen_by=told["seen_by"],
        hulls=told["hulls"], cases=told["cases"], events=events, risk=told["risk"], met=[(v, names.get(v, v)) for v in sorted(met)], ports=ports,
        about=noted if then is None else about_then(noted, then), can_write=then is None and may(asked.caller.role, OFFICER),
        longest_caption=LONGEST_CAPTION, most_bytes=MOST_BYTES, most_photos=MOST_PHOTOS, longest_note=LONGEST_NOTE,
    )  # fmt: skip
