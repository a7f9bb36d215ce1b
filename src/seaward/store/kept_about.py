"""What officers write down and photograph of a vessel -> kept with who and when, never changed, withdrawn with a reason and never erased."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from seaward.core.errors import InputError, StateError
from seaward.core.units import at_to_us
from seaward.store.codec import digest
from seaward.store.database import moment
from seaward.store.journal import Journal
from seaward.store.photos import Photo, get, put

LONGEST_NOTE: Final = 2_000
LONGEST_CAPTION: Final = 200
MOST_PHOTOS: Final = 40  # of one vessel, beside those withdrawn
_GONE = "w.at_us, w.who, w.why"


class Note(NamedTuple):
    """One note of a vessel; the last three are null while it stands."""

    number: int
    text: str
    at: datetime
    who: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_why: str | None


class KeptPhoto(NamedTuple):
    """One photo of a vessel; the last three are null while it stands."""

    number: int
    sha256: str
    kind: str
    bytes: int
    width: int
    height: int
    caption: str | None
    at: datetime
    who: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_why: str | None


class KeptAbout(Journal):
    """Notes and photos of vessels; see `State`."""

    @property
    def photo_folder(self) -> Path:
        """Where the files of photos are: beside the state."""
        return self.path.parent / "photos"

    def add_note(self, vessel_id: str, text: str, who: str, at: datetime) -> int:
        """Keep a note of a vessel; audited, and noted in the journal of changes (`vessel`).

        Parameters
        ----------
        vessel_id
            Such as `mmsi:760000001`.
        text
            1 to 2000 characters.
        who, at
            Who wrote it, when.

        Returns
        -------
        Its number.
        """
        if not text.strip() or len(text) > LONGEST_NOTE:
            raise InputError(f"a note has 1 to {LONGEST_NOTE} characters, and this one has {len(text.strip())}; write it anew")
        with self.together() as c:
            values = (self.realm, vessel_id, text, at_to_us(at), who)
            number = int(c.execute("INSERT INTO vessel_notes (realm, vessel_id, text, at_us, who) VALUES (?, ?, ?, ?, ?)", values).lastrowid or 0)
            self._tell("note", "added", vessel_id, number, {"digest": digest(text)}, who, at)
            return number

    def add_photo(self, vessel_id: str, photo: Photo, caption: str | None, who: str, at: datetime) -> int:
        """Keep a photo of a vessel: its file under its SHA-256, all else here; audited, and noted in the journal of changes (`vessel`).

        Parameters
        ----------
        vessel_id
            Such as `mmsi:760000001`.
        photo
            As `photo_of` gives it.
        caption
            At most 200 characters.
        who, at
            Who added it, when.

        Returns
        -------
        Its number.

        Raises
        ------
        InputError
            If the caption is too long.
        StateError
            If this vessel has it already, or as many as it may (`conflict`), or the disk is full (`full`).
        """
        if caption is not None and len(caption) > LONGEST_CAPTION:
            raise InputError(f"a caption has at most {LONGEST_CAPTION} characters, and this one has {len(caption)}; shorten it")
        with self.together() as c:
            standing = [p.sha256 for p in self.photos(vessel_id) if p.withdrawn_at is None]
            if photo.sha256 in standing or len(standing) >= MOST_PHOTOS:
                raise StateError(f"{vessel_id} has this photo already, or {MOST_PHOTOS}; withdraw one first", "conflict")
            is_new = put(self.photo_folder, photo)
            try:
                values = (self.realm, vessel_id, photo.sha256, photo.kind, len(photo.content), photo.width, photo.height, caption, at_to_us(at), who)
                number = int(c.execute(_INSERT_PHOTO, values).lastrowid or 0)
                self._tell("photo", "added", vessel_id, number, {"sha256": photo.sha256, "caption": caption}, who, at)
            except BaseException:
                if is_new:
                    (self.photo_folder / photo.sha256).unlink(missing_ok=True)
                raise
            return number

    def withdraw(self, what: str, vessel_id: str, number: int, who: str, why: str, at: datetime) -> None:
        """Withdraw a note or photo, with a reason; it stays kept, and a photo is shown no more.

        Raises
        ------
        StateError
            If the vessel has none of that number that still stands (`conflict`).
        """
        with self.together() as c:
            found = {n.number for n in (self.notes(vessel_id) if what == "note" else self.photos(vessel_id)) if n.withdrawn_at is None}
            if number not in found:
                raise StateError(f"{vessel_id} has no {what} {number} that could be withdrawn; see which there are", "conflict")
            c.execute("INSERT INTO vessel_withdrawn VALUES (?, ?, ?, ?, ?)", (what, number, at_to_us(at), who, why))
            self._tell(what, "withdrawn", vessel_id, number, {"why": why}, who, at)

    def notes(self, vessel_id: str) -> list[Note]:
        """All notes of a vessel, the newest first, with those withdrawn."""
        query = f"""SELECT n.number, text, n.at_us, n.who, {_GONE} FROM vessel_notes n
            LEFT JOIN vessel_withdrawn w ON w.what = 'note' AND w.number = n.number WHERE vessel_id = ? ORDER BY n.number DESC"""
        found = self.rows(query, (vessel_id,))
        return [Note(n, text, moment(at), who, moment(gone), *by) for n, text, at, who, gone, *by in found]  # type: ignore[arg-type]

    def written(self, limit: int = 5_000) -> list[tuple[str, str, datetime]]:
        """The last notes and captions that stand, the newest first: vessel, text, when."""
        found = self.rows(
            """SELECT vessel_id, text, at_us FROM (
            SELECT 'note' AS what, number, vessel_id, text, at_us FROM vessel_notes
            UNION ALL SELECT 'photo', number, vessel_id, caption, at_us FROM vessel_photos WHERE caption IS NOT NULL) n
            WHERE NOT EXISTS (SELECT 1 FROM vessel_withdrawn w WHERE w.what = n.what AND w.number = n.number)
            ORDER BY at_us DESC, what, number DESC LIMIT ?""",
            (limit,),
        )
        return [(vessel, text, moment(at)) for vessel, text, at in found]  # type: ignore[misc]

    def photos(self, vessel_id: str) -> list[KeptPhoto]:
        """All photos of a vessel, the newest first, with those withdrawn."""
        query = f"""SELECT n.number, sha256, kind, bytes, width, height, caption, n.at_us, n.who, {_GONE} FROM vessel_photos n
            LEFT JOIN vessel_withdrawn w ON w.what = 'photo' AND w.number = n.number WHERE vessel_id = ? ORDER BY n.number DESC"""
        found = self.rows(query, (vessel_id,))
        return [KeptPhoto(*row, moment(at), who, moment(gone), *by) for *row, at, who, gone, by_whom, why in found for by in [(by_whom, why)]]  # type: ignore[arg-type]

    def photo(self, sha256: str) -> bytes:
        """The content of a photo; StateError (`damaged`) where its file is gone or altered."""
        return get(self.photo_folder, sha256)

    def _about_problems(self) -> list[str]:
        """Notes that are not what the audit says of them, and photos whose files are gone or altered."""
        found = []
        said = dict(self.rows("SELECT json_extract(body, '$.number'), json_extract(body, '$.digest') FROM audit WHERE action = 'note.added'"))
        for number, text in self.rows("SELECT number, text FROM vessel_notes ORDER BY number"):
            if said.get(number) != digest(text):
                found.append(f"note {number}: altered")
        for (sha256,) in self.rows("SELECT DISTINCT sha256 FROM vessel_photos ORDER BY sha256"):
            try:
                self.photo(sha256)
            except StateError as e:
                found.append(str(e))
        return found

    def _tell(self, what: str, deed: str, vessel_id: str, number: int, more: dict[str, Any], who: str, at: datetime) -> None:
        self.audit(who, f"{what}.{deed}", vessel_id, {"number": number, **more}, at)
        self.note("vessel", vessel_id, {"what": what, "number": number, "withdrawn": deed == "withdrawn"}, at)


_INSERT_PHOTO = """INSERT INTO vessel_photos (realm, vessel_id, sha256, kind, bytes, width, height, caption, at_us, who)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
