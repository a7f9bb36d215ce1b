"""Notes and photos of vessels: kept, withdrawn, never changed; and pictures that are safe or refused."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seaward.core.errors import InputError, StateError
from seaward.store.kept_about import MOST_PHOTOS
from seaward.store.photos import MOST_BYTES, NotAPhoto, Photo, photo_of, put
from seaward.store.schema import MIGRATIONS
from seaward.store.state import State
from tests.store.kept import NOON, later
from tests.store.pictures import HTML, SERIAL, SVG, bomb, picture

V = "mmsi:760000001"


def files(state: State) -> list[str]:
    return sorted(os.listdir(state.photo_folder)) if state.photo_folder.is_dir() else []


def test_a_note_is_kept_withdrawn_and_both_are_in_the_audit(state: State) -> None:
    number = state.add_note(V, "Two boats\nalongside", "vega", NOON)
    assert [(n.text, n.who, n.at, n.withdrawn_at) for n in state.notes(V)] == [("Two boats\nalongside", "vega", NOON, None)]
    assert state.notes("mmsi:2") == []
    state.withdraw("note", V, number, "rojas", "another vessel", later(5))
    assert [(n.text, n.withdrawn_at, n.withdrawn_by, n.withdrawn_why) for n in state.notes(V)] == [
        ("Two boats\nalongside", later(5), "rojas", "another vessel")
    ]
    rows = [(a["who"], a["action"], a["subject"]) for a in state.audit_rows().iter_rows(named=True)]
    assert rows == [("vega", "note.added", V), ("rojas", "note.withdrawn", V)]
    assert [(c.topic, c.id) for c in state.changes_after(0)] == [("vessel", V)] * 2
    with pytest.raises(StateError, match="could be withdrawn"):
        state.withdraw("note", V, number, "rojas", "again", later(6))
    assert state.problems() == []


@pytest.mark.parametrize("text", ["", "  \n", "x" * 2_001])
def test_a_note_that_is_empty_or_too_long_is_refused(state: State, text: str) -> None:
    with pytest.raises(InputError):
        state.add_note(V, text, "vega", NOON)
    assert state.notes(V) == [] and state.last_seq() == 0


@pytest.mark.parametrize("table", ["vessel_notes", "vessel_photos", "vessel_withdrawn"])
def test_rows_are_only_ever_added(state: State, table: str) -> None:
    n = state.add_note(V, "one", "vega", NOON)
    state.add_photo(V, photo_of(picture()), None, "vega", NOON)
    state.withdraw("note", V, n, "vega", "why", NOON)
    for deed in (f"DELETE FROM {table}", f"UPDATE {table} SET who = 'other'"):
        with pytest.raises(StateError, match="only ever added"), state.together() as c:
            c.execute(deed)


def test_a_row_of_another_realm_is_refused_by_the_file(state: State) -> None:
    with pytest.raises(StateError, match="another realm"), state.together() as c:
        c.execute("INSERT INTO vessel_notes (realm, vessel_id, text, at_us, who) VALUES ('ex:x', 'mmsi:1', 't', 0, 'w')")


def test_a_photo_is_a_file_under_its_hash_for_its_owner_alone_and_one_for_two_vessels(state: State) -> None:
    photo = photo_of(picture())
    number = state.add_photo(V, photo, "port side", "vega", NOON)
    state.add_photo("mmsi:2", photo, None, "vega", NOON)
    assert files(state) == [photo.sha256] and state.photo(photo.sha256) == photo.content
    assert (state.photo_folder / photo.sha256).stat().st_mode & 0o777 == 0o600
    (kept,) = state.photos(V)
    assert (kept.sha256, kept.kind, kept.bytes, kept.width, kept.height, kept.caption) == (
        photo.sha256, "image/jpeg", len(photo.content), 64, 48, "port side",
    )  # fmt: skip
    with pytest.raises(StateError, match="already"):
        state.add_photo(V, photo, None, "vega", NOON)
    state.withdraw("photo", V, number, "vega", "wrong hull", later(1))
    state.add_photo(V, photo, None, "vega", later(2))  # once withdrawn it may come anew
    assert [p.withdrawn_why for p in state.photos(V)] == [None, "wrong hull"] and state.problems() == []


def test_a_vessel_has_at_most_forty_photos_and_what_is_refused_leaves_no_file(state: State) -> None:
    for n in range(MOST_PHOTOS):
        state.add_photo(V, photo_of(picture("PNG", shade=n)), None, "vega", NOON)
    before = files(state)
    with pytest.raises(StateError):
        state.add_photo(V, photo_of(picture("PNG", shade=200)), None, "vega", NOON)
    with pytest.raises(InputError):
        state.add_photo("mmsi:2", photo_of(picture("PNG", shade=201)), "c" * 201, "vega", NOON)
    assert files(state) == before and len(state.photos(V)) == MOST_PHOTOS
    state.withdraw("photo", V, state.photos(V)[0].number, "vega", "blurred", NOON)
    state.add_photo(V, photo_of(picture("PNG", shade=200)), None, "vega", NOON)


def test_a_row_that_fails_takes_its_file_with_it(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise StateError("no", "full")

    monkeypatch.setattr(state, "audit", fails)
    with pytest.raises(StateError):
        state.add_photo(V, photo_of(picture()), None, "vega", NOON)
    assert files(state) == [] and state.photos(V) == []


def test_a_disk_that_fails_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("seaward.store.photos.os.fsync", fails)
    with pytest.raises(StateError, match="free space"):
        put(tmp_path / "photos", photo_of(picture()))
    assert os.listdir(tmp_path / "photos") == []


def test_a_file_that_is_altered_or_gone_is_said_and_sending_it_again_mends_it(state: State) -> None:
    photo = photo_of(picture())
    state.add_photo(V, photo, None, "vega", NOON)
    (state.photo_folder / photo.sha256).write_bytes(b"<script>")
    with pytest.raises(StateError, match="altered"):
        state.photo(photo.sha256)
    assert len(state.problems()) == 1
    state.add_photo("mmsi:2", photo, None, "vega", NOON)
    assert state.problems() == []
    (state.photo_folder / photo.sha256).unlink()
    assert len(state.problems()) == 1


def test_an_altered_note_is_found(state: State) -> None:
    state.add_note(V, "one", "vega", NOON)
    with state.together() as c:
        c.execute("DROP TRIGGER vessel_notes_update")
        c.execute("UPDATE vessel_notes SET text = 'two'")
    assert state.problems() == ["note 1: altered"]


def test_a_state_of_the_form_before_is_brought_forward(tmp_path: Path) -> None:
    with State.open(tmp_path / "s", "ops", MIGRATIONS[:3]) as old:
        old.note("feed", "coast", {}, NOON)
    with State.open(tmp_path / "s", "ops") as state:
        state.add_note(V, "one", "vega", NOON)
        assert len(state.notes(V)) == 1 and len(state.changes_after(0)) == 2


@pytest.mark.parametrize(("form", "kind"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_place_and_camera_are_gone_and_the_pixels_are_there(form: str, kind: str) -> None:
    raw = picture(form, camera=True)
    with Image.open(io.BytesIO(raw)) as sent:
        assert SERIAL in raw and sent.getexif().get_ifd(0x8825), "the picture of the test says where it was taken"
    photo = photo_of(raw)
    with Image.open(io.BytesIO(photo.content)) as kept:
        kept.load()
        assert photo.kind == kind and kept.size == (64, 48) and not dict(kept.getexif()) and not {"exif", "xmp", "comment"} & {*kept.info}
        assert max(abs(a - b) for a, b in zip(kept.convert("RGB").getpixel((5, 5)), (90, 120, 160), strict=True)) < 6  # type: ignore[arg-type]
    assert SERIAL not in photo.content and photo_of(raw) == photo


def test_a_photo_on_its_side_is_set_upright() -> None:
    assert (photo_of(picture(turned=True)).width, photo_of(picture(turned=True)).height) == (48, 64)


def test_a_large_photo_is_kept_smaller() -> None:
    photo = photo_of(picture("JPEG", (6_000, 3_000)))
    assert (photo.width, photo.height) == (4_096, 2_048)


def test_what_hides_behind_or_in_a_picture_is_gone() -> None:
    for raw in (picture() + HTML, picture("PNG") + b"PK\x03\x04" + HTML):
        assert b"alert" in raw and b"alert" not in photo_of(raw).content


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "kind"), (SVG, "kind"), (HTML, "kind"), (b"GIF89a" + b"\0" * 100, "kind"), (b"%PDF-1.7\n", "kind"), (picture("GIF"), "kind"),
        (picture("TIFF"), "kind"), (picture("BMP"), "kind"), (picture(size=(800, 600))[:-700], "broken"),
        (picture("PNG", (300, 300))[:-60], "broken"),
        (bomb(), "pixels"), (bomb(9_000, 9_000), "pixels"), (picture() + b"\0" * MOST_BYTES, "bytes"),
    ],
)  # fmt: skip
def test_what_is_no_photo_or_too_much_of_one_is_refused(raw: bytes, rule: str) -> None:
    with pytest.raises(NotAPhoto) as refused:
        photo_of(raw)
    assert refused.value.rule == rule


SEEDS = [picture("JPEG", (40, 30), camera=True), picture("PNG", (40, 30), camera=True), picture("WEBP", (40, 30), camera=True)]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 3_000), st.binary(min_size=1, max_size=4)), max_size=6), st.binary(max_size=20))
def test_damaged_pictures_are_refused_or_safe_and_nothing_else_happens(seed: bytes, patches: list[tuple[int, bytes]], more: bytes) -> None:
    raw = bytearray(seed + more)
    for at, patch in patches:
        raw[at % len(raw) : at % len(raw) + len(patch)] = patch
    try:
        photo = photo_of(bytes(raw))
    except NotAPhoto:
        return
    assert isinstance(photo, Photo) and SERIAL not in photo.content and len(photo.content) <= MOST_BYTES
