"""Notes and photos over the API: who may, what is refused, what is left of what was refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seaward.server.floor import Floor
from seaward.server.serving import Serving
from seaward.store.photos import MOST_BYTES
from tests.server.floor import Browser, browser, open_floor
from tests.store.pictures import HTML, SERIAL, SVG, bomb, picture

Served = tuple[Floor, Serving]
V = "/api/v1/vessels/mmsi:760000001"
JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_floor(Path(tmp_path_factory.mktemp("about")), feeds=False) as found:
        yield found


@pytest.fixture
def page(floor: Served) -> Iterator[Browser]:
    with browser(floor[1], "officer") as found:
        yield found


def files(floor: Served) -> list[str]:
    folder = floor[0].node.state.photo_folder
    return sorted(os.listdir(folder)) if folder.is_dir() else []


def test_a_note_is_written_read_and_withdrawn(fresh: Served) -> None:
    with browser(fresh[1], "officer") as page, browser(fresh[1], "observer") as other:
        told = page.post(f"{V}/notes", json={"text": "No lights"})
        assert told.status_code == 201 and told.json()["notes"][0]["who"] == "officer"
        number = told.json()["notes"][0]["number"]
        seen = other.get("/api/v1/vessels/760000001/notes").json()
        assert [n["text"] for n in seen["notes"]] == ["No lights"] and seen["realm"] == "ops" and seen["vessel_id"] == "mmsi:760000001"
        assert other.get(V).status_code == 200, "a vessel that is known by its notes alone has a card"
        assert page.post(f"{V}/notes/{number}/withdraw", json={"why": ""}).status_code == 422
        gone = page.post(f"{V}/notes/{number}/withdraw", json={"why": "mistaken"})
        assert gone.status_code == 200 and gone.json()["notes"][0]["withdrawn_why"] == "mistaken"
        assert page.post(f"{V}/notes/{number}/withdraw", json={"why": "again"}).status_code == 409
        for n in ("0", "99", "x", "-1", "1e3", "٣"):
            assert page.post(f"{V}/notes/{n}/withdraw", json={"why": "x"}).status_code == 404
        assert page.post(f"/api/v1/vessels/mmsi:2/notes/{number}/withdraw", json={"why": "x"}).status_code == 404


def test_a_photo_is_shown_without_its_place_and_cannot_run_anything(fresh: Served) -> None:
    with browser(fresh[1], "officer") as page, browser(fresh[1], "observer") as other:
        told = page.post(f"{V}/photos", params={"caption": " port side "}, content=picture(camera=True), headers=JPEG)
        assert told.status_code == 201, told.text
        (kept,) = told.json()["photos"]
        assert kept["caption"] == "port side" and kept["kind"] == "image/jpeg"
        shown = other.get(f"{V}/photos/{kept['sha256']}")
        assert shown.status_code == 200 and shown.headers["Content-Type"] == "image/jpeg" and SERIAL not in shown.content
        assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox" and shown.headers["Content-Disposition"] == "inline"
        assert shown.headers["X-Content-Type-Options"] == "nosniff" and "private" in shown.headers["Cache-Control"]
        assert other.get(f"/api/v1/vessels/mmsi:2/photos/{kept['sha256']}").status_code == 404, "of this vessel alone"
        assert "already" in page.post(f"{V}/photos", content=picture(camera=True), headers=JPEG).json()["detail"]
        assert page.post(f"{V}/photos/{kept['number']}/withdraw", json={"why": "another hull"}).status_code == 200
        assert other.get(f"{V}/photos/{kept['sha256']}").status_code == 404


def test_the_content_says_what_it_is_and_not_the_header(floor: Served, page: Browser) -> None:
    told = page.post("/api/v1/vessels/mmsi:3/photos", content=picture("PNG"), headers={"Content-Type": "image/svg+xml"})
    assert told.json()["photos"][0]["kind"] == "image/png"


@pytest.mark.parametrize(
    ("content", "says"),
    [(SVG, "JPEG, PNG or WebP"), (HTML, "JPEG, PNG or WebP"), (b"", "JPEG, PNG or WebP"), (picture(size=(800, 600))[:-700], "damaged"),
     (bomb(), "pixels"), (picture("GIF"), "JPEG, PNG or WebP")],
)  # fmt: skip
def test_what_is_no_photo_is_refused_in_words_and_leaves_nothing(floor: Served, page: Browser, content: bytes, says: str) -> None:
    before = files(floor)
    for media in ("image/png", "image/svg+xml"):
        answer = page.post(f"{V}/photos", content=content, headers={"Content-Type": media})
        assert answer.status_code == 422 and says in answer.json()["detail"]
    assert files(floor) == before
    assert "archivo" in page.post(f"{V}/photos", content=SVG, headers=JPEG | {"Accept-Language": "es"}).json()["detail"]


@pytest.mark.parametrize("media", ["text/html", "application/json", "multipart/form-data; boundary=x", "", "imagejpeg", "text/image/png"])
def test_a_body_that_does_not_say_to_be_a_picture_is_refused(page: Browser, media: str) -> None:
    assert page.post(f"{V}/photos", content=picture(), headers={"Content-Type": media}).status_code == 415


def test_a_photo_that_is_too_large_is_refused_and_the_connection_survives(floor: Served, page: Browser) -> None:
    before = files(floor)
    just = picture() + b"\0" * (MOST_BYTES - len(picture()))
    assert page.post("/api/v1/vessels/mmsi:4/photos", content=just, headers=JPEG).status_code == 201, "8 MB are taken"
    answer = page.post(f"{V}/photos", content=just + b"\0", headers=JPEG)
    assert answer.status_code == 413 and "connection" not in answer.headers

    def pieces() -> Iterator[bytes]:
        for _ in range(160):
            yield b"\xff" * 65_536

    assert page.post(f"{V}/photos", content=pieces(), headers=JPEG).status_code == 413
    assert page.get(f"{V}/notes").status_code == 200
    assert page.post(f"{V}/notes", content=b'{"text": "' + b"x" * (1 << 20) + b'"}', headers={"Content-Type": "application/json"}).status_code == 413
    assert len(files(floor)) <= len(before) + 1


def test_a_body_is_not_held_beyond_its_limit(monkeypatch: pytest.MonkeyPatch, floor: Served, page: Browser) -> None:
    """The limit holds while the body comes: what is over it is let go at once, and an endless one is cut."""
    monkeypatch.setattr("seaward.server.guard.PASSED_OVER_BYTES", 0)

    def endless() -> Iterator[bytes]:
        for _ in range(100_000):
            yield b"\xff" * 65_536
        raise AssertionError("the server took six gigabytes")

    try:
        answer = page.post(f"{V}/photos", content=endless(), headers=JPEG)
        assert answer.status_code == 413 and answer.headers["Connection"] == "close"
    except (OSError, __import__("httpx").TransportError):
        pass  # cut while it was being sent
    with browser(floor[1], "officer") as again:
        assert again.get(f"{V}/notes").status_code == 200


def test_only_a_few_large_bodies_are_taken_at_a_time(monkeypatch: pytest.MonkeyPatch, floor: Served, page: Browser) -> None:
    monkeypatch.setattr("seaward.server.guard.MOST_LARGE", 0)
    answer = page.post(f"{V}/photos", content=picture(), headers=JPEG)
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "2"


def test_observers_strangers_and_forged_pages_write_nothing(floor: Served) -> None:
    before = files(floor)
    v = "/api/v1/vessels/mmsi:5"
    with browser(floor[1], "observer") as observer, browser(floor[1]) as stranger, browser(floor[1], "officer") as forged:
        del forged.headers["X-Seaward-CSRF"]
        for who, status in ((observer, 403), (stranger, 401), (forged, 403)):
            for path, more in (
                ("notes", {"json": {"text": "x"}}), ("photos", {"content": picture(), "headers": JPEG}),
                ("notes/1/withdraw", {"json": {"why": "x"}}), ("photos/1/withdraw", {"json": {"why": "x"}}),
            ):  # fmt: skip
                assert who.post(f"{v}/{path}", **more).status_code == status, path  # type: ignore[arg-type]
        assert stranger.get(f"{v}/photos/{'0' * 64}").status_code == 401
        assert observer.get(f"{v}/notes").json() == {"realm": "ops", "vessel_id": "mmsi:5", "notes": [], "photos": []}
    assert files(floor) == before


@pytest.mark.parametrize(
    "name",
    ["..%2f..%2fstate.sqlite", "..%2fstate.sqlite", "%2e%2e", "..%5cstate.sqlite", "%2fetc%2fpasswd", "state.sqlite", "%00", "0" * 63, "F" * 64,
     "0" * 64, "0" * 64 + "%0a"],
)  # fmt: skip
def test_no_name_leads_out_of_the_photos(page: Browser, name: str) -> None:
    assert page.get(f"{V}/photos/{name}").status_code in (400, 404)
    assert page.post(f"/api/v1/vessels/{name}/notes", json={"text": "x"}).status_code in (400, 404, 405)


def test_long_and_odd_captions_are_refused_in_words(page: Browser) -> None:
    for caption, status in (("A" * 201, 400), ("a\0b", 400), ("A" * 10_000, 431)):
        assert page.post(f"{V}/photos", params={"caption": caption}, content=picture(), headers=JPEG).status_code == status
    assert page.post(f"{V}/photos?caption=%ff%fe", content=picture(), headers=JPEG).status_code == 400
    assert page.post(f"{V}/notes", json={"text": "A" * 10_000}).status_code == 422
    assert page.post(f"{V}/notes", json={"text": " \n "}).status_code == 422
    assert page.post(f"{V}/notes", json={"text": "x", "who": "admin"}).status_code == 422


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=80))
def test_any_text_comes_back_as_it_was_or_is_refused(page: Browser, text: str) -> None:
    answer = page.post("/api/v1/vessels/mmsi:6/notes", json={"text": text})
    assert answer.status_code == (201 if text.strip() else 422)
    if text.strip():
        assert answer.json()["notes"][0]["text"] == text
