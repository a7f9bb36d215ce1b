"""Notes and photos of a vessel: what officers wrote down and photographed, and what they withdrew."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from seaward.core.catalogue import render
from seaward.server.answers import One, Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.of_vessels import number_of
from seaward.server.problems import Problem
from seaward.server.route import Param
from seaward.store.kept_about import LONGEST_CAPTION, LONGEST_NOTE, MOST_PHOTOS
from seaward.store.photos import MOST_BYTES, NotAPhoto, photo_of

PHOTO_PARAMS = (Param("caption", "text", f"what is seen, at most {LONGEST_CAPTION} characters"),)
_SHA = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[1-9][0-9]{0,14}")
_SHOWN = {"Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "inline", "Cache-Control": "private, max-age=300"}


class Noting(msgspec.Struct, forbid_unknown_fields=True):
    """What is noted."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NOTE)]


class Withdrawal(msgspec.Struct, forbid_unknown_fields=True):
    """Why; needed."""

    why: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


def about(floor: Floor, asked: Asked) -> One:
    """Notes and photos of a vessel, the newest first, with those withdrawn."""
    vessel_id, state = _vessel(asked), floor.node.state
    return One({
        "realm": floor.node.realm, "vessel_id": vessel_id, "notes": [n._asdict() for n in state.notes(vessel_id)],
        "photos": [p._asdict() for p in state.photos(vessel_id)],
    }, keep=False)  # fmt: skip


def new_note(floor: Floor, asked: Asked) -> One:
    """Write a note of a vessel; it cannot be changed, only withdrawn."""
    if not asked.body.text.strip():
        raise Problem("refused", detail=render("refused.note_empty", {}, asked.language))
    floor.node.state.add_note(_vessel(asked), asked.body.text, asked.caller.person, floor.now())
    return _done(floor, asked)


def new_photo(floor: Floor, asked: Asked) -> One:
    """Add a photo of a vessel: the bytes of a JPEG, PNG or WebP file. It is written anew without place, camera or anything hidden in it."""
    vessel_id, state = _vessel(asked), floor.node.state
    caption = (asked.query["caption"] or "").strip() or None
    try:
        photo = photo_of(asked.body)
    except NotAPhoto as e:
        values = {"most_mb": MOST_BYTES >> 20}
        raise Problem("refused", detail=render(f"refused.photo_{e.rule}", values, asked.language)) from None
    with state.together():
        standing = [p.sha256 for p in state.photos(vessel_id) if p.withdrawn_at is None]
        if photo.sha256 in standing:
            raise Problem("refused", detail=render("refused.photo_there", {}, asked.language))
        if len(standing) >= MOST_PHOTOS:
            raise Problem("refused", detail=render("refused.photo_many", {"most": MOST_PHOTOS}, asked.language))
        state.add_photo(vessel_id, photo, caption, asked.caller.person, floor.now())
    return _done(floor, asked)


def photo(floor: Floor, asked: Asked) -> Raw:
    """A photo that was not withdrawn."""
    sha256 = asked.path["sha"]
    for known in floor.node.state.photos(_vessel(asked)) if _SHA.fullmatch(sha256) else ():
        if known.sha256 == sha256 and known.withdrawn_at is None:
            return Raw(floor.node.state.photo(sha256), known.kind, _SHOWN)
    raise Problem("not_found", what=sha256[:60])


def withdraw_note(floor: Floor, asked: Asked) -> One:
    """Withdraw a note, with a reason; it stays kept and is shown as withdrawn."""
    return _withdraw(floor, asked, "note", asked.path["n"])


def withdraw_photo(floor: Floor, asked: Asked) -> One:
    """Withdraw a photo, with a reason; its row is shown as withdrawn, itself no more."""
    return _withdraw(floor, asked, "photo", asked.path["n"])


def _withdraw(floor: Floor, asked: Asked, what: str, number: str) -> One:
    vessel_id = _vessel(asked)
    rows: Callable[[str], list[Any]] = floor.node.state.notes if what == "note" else floor.node.state.photos
    if not _NUMBER.fullmatch(number) or int(number) not in {row.number for row in rows(vessel_id)}:
        raise Problem("not_found", what=number[:60])
    floor.node.state.withdraw(what, vessel_id, int(number), asked.caller.person, asked.body.why, floor.now())
    return _done(floor, asked)


def _done(floor: Floor, asked: Asked) -> One:
    floor.changes.poke()
    return about(floor, asked)


def _vessel(asked: Asked) -> str:
    return f"mmsi:{number_of(asked.path['vessel_id'])[0]}"
