"""What stands before the app: forged requests, foreign hosts, sizes, slow peers, headers, and words for every refusal."""

from __future__ import annotations

import json
import socket
import time

import httpx
import pytest

from seaward.core.catalogue import catalogue
from seaward.server.floor import Floor
from seaward.server.guard import pattern
from seaward.server.problems import STATUS, language_of
from seaward.server.serving import Serving
from tests.server.floor import PASSWORD, Browser, browser

Served = tuple[Floor, Serving]


def raw(server: Serving, data: bytes, wait_s: float = 5.0) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), wait_s) as peer:
        peer.sendall(data)
        got = b""
        while piece := peer.recv(65_536):
            got += piece
            if b"\r\n\r\n" in got and len(got.split(b"\r\n\r\n", 1)[1]) >= 2:
                break
        return got


def test_a_change_without_the_proof_of_our_page_is_refused(served: Served) -> None:
    with browser(served[1], "officer") as page:
        token = {"label": "x", "role": "observer"}
        proof = page.headers.pop("X-Seaward-CSRF")
        assert page.post("/api/v1/tokens", json=token).json()["code"] == "csrf"
        assert page.post("/api/v1/tokens", json=token, headers={"X-Seaward-CSRF": "0" * 64}).status_code == 403
        with browser(served[1], "officer") as other:
            assert page.post("/api/v1/tokens", json=token, headers={"X-Seaward-CSRF": other.headers["X-Seaward-CSRF"]}).status_code == 403
        right = {"X-Seaward-CSRF": proof}
        assert page.post("/api/v1/tokens", json=token, headers=right | {"Origin": "https://evil.example"}).status_code == 403
        assert page.post("/api/v1/tokens", json=token, headers=right | {"Origin": "null"}).status_code == 403
        assert page.post("/api/v1/tokens", json=token, headers=right | {"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert page.post("/api/v1/tokens", json=token, headers=right | {"Origin": served[1].url, "Sec-Fetch-Site": "same-origin"}).status_code == 201
        assert page.get("/api/v1/session").json()["csrf"] == proof, "a page that was loaded anew learns it again"


def test_a_form_of_a_foreign_page_cannot_sign_anybody_in(served: Served) -> None:
    with browser(served[1]) as page:
        body = json.dumps({"person": "officer", "password": PASSWORD})
        for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            assert page.post("/api/v1/session", content=body, headers={"Content-Type": media}).status_code == 415
        assert (
            page.post("/api/v1/session", content=body, headers={"Content-Type": "application/json", "Origin": "http://evil.example"}).status_code
            == 403
        )


def test_the_cookie_is_for_our_pages_alone_and_changes_at_sign_in(served: Served) -> None:
    with browser(served[1]) as page:
        planted = {"Cookie": f"seaward-{served[1].port}=planted"}
        answer = page.post("/api/v1/session", json={"person": "officer", "password": PASSWORD}, headers=planted)
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie and "planted" not in cookie and "Secure" not in cookie
        assert answer.headers["Cache-Control"] == "no-store"


def test_signing_out_ends_the_session_for_whoever_has_its_cookie(served: Served) -> None:
    with browser(served[1], "officer") as page:
        cookie = dict(page.cookies)
        assert page.delete("/api/v1/session").status_code == 204
        assert httpx.get(f"{served[1].url}/api/v1/session", cookies=cookie).json()["code"] == "expired"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8707", "127.0.0.1.evil.example", "", "localhost.evil.example"])
def test_a_request_for_another_host_is_refused(served: Served, host: str) -> None:
    """Name servers of a hostile page can point its name at us; its browser then takes our answers for the page's own."""
    answer = httpx.get(f"{served[1].url}/api/v1/alive", headers={"Host": host})
    assert answer.status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:99", "127.0.0.1", "[::1]:8707", "10.1.2.3"])
def test_a_request_for_this_machine_is_taken(served: Served, host: str) -> None:
    assert httpx.get(f"{served[1].url}/api/v1/alive", headers={"Host": host}).status_code == 200


def test_bodies_heads_and_queries_are_bounded(served: Served, officer: Browser) -> None:
    big = b'{"person": "' + b"x" * (1 << 20) + b'", "password": "y"}'
    assert officer.post("/api/v1/session", content=big, headers={"Content-Type": "application/json"}).status_code == 413

    def pieces():  # type: ignore[no-untyped-def]
        for _ in range(40):
            yield b" " * 65_536

    assert officer.post("/api/v1/session", content=pieces(), headers={"Content-Type": "application/json"}).status_code == 413
    assert officer.get("/api/v1/vessels", headers={"X-Long": "y" * 20_000}).status_code == 431
    assert officer.get("/api/v1/vessels?q=" + "y" * 9_000).status_code == 431
    assert raw(served[1], b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.1 4")


def test_deep_and_broken_bodies_are_refused_with_their_place(officer: Browser) -> None:
    def told(content: bytes) -> dict:
        answer = officer.post("/api/v1/tokens", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422 and answer.headers["Content-Type"] == "application/problem+json"
        return answer.json()

    told(b"[" * 100_000)
    told(b"\xff\xfe")
    told(b"null")
    assert told(b'{"label": 5, "role": "observer"}')["errors"][0]["pointer"] == "/label"
    assert told(b'{"label": "x", "role": "captain"}')["errors"][0]["pointer"] == "/role"
    assert "days" in told(b'{"label": "x", "role": "observer", "days": 1e9}')["errors"][0]["pointer"]


def test_a_body_that_never_ends_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.server.guard.BODY_S", 0.3)
    head = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    assert raw(served[1], head).startswith(b"HTTP/1.1 408")


def test_a_connection_without_a_request_is_closed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.server.serving.FIRST_BYTES_S", 0.3)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", served[1].port), 5.0) as peer:
        peer.sendall(b"GET /api/v1/ali")
        with pytest.raises(ConnectionResetError):
            if not peer.recv(100):
                raise ConnectionResetError
    assert time.monotonic() - began < 4


def test_what_is_no_http_is_refused_and_the_server_goes_on(served: Served) -> None:
    for junk in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n", b"GET\r\n\r\n", b"\0" * 1000 + b"\r\n\r\n"):
        raw(served[1], junk)
    raw(served[1], b"GET /api/v1/alive HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n")
    assert httpx.get(f"{served[1].url}/api/v1/alive").json() == {"alive": True}


def test_every_answer_has_the_headers_of_a_careful_server(served: Served, officer: Browser) -> None:
    for path in ("/api/v1/vessels", "/api/v1/alive", "/nothing"):
        headers = officer.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "Server" not in headers and not any(k.lower().startswith("access-control") for k in headers)
    with browser(served[1]) as stranger:
        assert stranger.get("/api/v1/vessels", headers={"Origin": "http://evil.example"}).headers.get("Access-Control-Allow-Origin") is None


def test_refusals_speak_the_language_of_who_asks(served: Served) -> None:
    url = f"{served[1].url}/api/v1/vessels"
    english = httpx.get(url, headers={"Accept-Language": "fr, en;q=0.5, es;q=0.4"}).json()
    spanish = httpx.get(url, headers={"Accept-Language": "es-PE,es;q=0.9,en;q=0.8"}).json()
    assert english["title"] == "Nobody is signed in" and spanish["title"] == "Nadie ha iniciado sesión"
    assert english["type"] == spanish["type"] == "urn:seaward:problem:not_signed_in" and english["status"] == 401
    assert english["instance"] != spanish["instance"]


@pytest.mark.parametrize(
    ("header", "found"), [("", "es"), ("de", "es"), ("en", "en"), ("EN-us", "en"), ("es;q=0.1,en;q=0.2", "en"), ("en;q=x", "es"), ("*", "es")]
)
def test_the_language_is_the_best_of_those_there_are(header: str, found: str) -> None:
    assert language_of(header, "es") == found


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_refusal_has_its_words(language: str) -> None:
    texts = catalogue(language)
    assert all(f"problem.{code}" in texts and f"problem.{code}.what" in texts for code in STATUS)
    assert {c.split(".")[1] for c in texts if c.startswith("problem.")} == set(STATUS)


def test_queries_are_refused_in_words(officer: Browser) -> None:
    def code(query: str) -> tuple[int, str]:
        answer = officer.get(f"/api/v1/vessels?{query}")
        return answer.status_code, answer.json()["code"]

    assert code("colour=red") == (400, "unknown_parameter")
    assert code("limit=0") == code("limit=10001") == code("limit=1_0") == code("limit=%D9%A1") == (400, "bad_value")
    assert code("bbox=1,2,3") == code("bbox=nan,0,1,1") == code("bbox=0,10,0,5") == code("limit=1&limit=2") == (400, "bad_value")
    assert code("since=yesterday") == code("class=boat") == code("&".join(["flag=PE"] * 51)) == (400, "bad_value")
    assert code("cursor=zzzz") == code("cursor=WzEsMl0") == code("cursor=WzFlOTk5XQ") == (400, "bad_cursor")
    assert code("q=%FF") == (400, "bad_request")


def test_a_path_of_the_table_is_matched_whole() -> None:
    form = pattern("/api/v1/vessels/{vessel_id}/track")
    found = form.fullmatch("/api/v1/vessels/mmsi:1#2/track")
    assert found and found["vessel_id"] == "mmsi:1#2"
    assert not form.fullmatch("/api/v1/vessels/a/b/track") and not form.fullmatch("/api/v1/vessels//track")
    assert not form.fullmatch("/api/v1/vessels/a/trackX") and not form.fullmatch("/api/v1/vessels/" + "a" * 201 + "/track")


def test_refused_requests_are_in_the_audit_with_who_and_what(served: Served) -> None:
    with browser(served[1], "observer") as page:
        assert page.get("/api/v1/people").status_code == 403
    rows = served[0].node.state.audit_rows(who="observer").to_dicts()
    assert any(r["action"] == "request.refused" and "GET /api/v1/people" in r["body"] for r in rows)


def test_a_failure_of_ours_tells_nothing_of_its_inside(served: Served, officer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served[0].node, "status", lambda: 1 / 0)
    answer = officer.get("/api/v1/health")
    assert answer.status_code == 500 and "division" not in answer.text and answer.json()["code"] == "failed"


def test_a_name_of_a_file_that_is_no_text_breaks_no_answer(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    health = next(iter(served[0].node.health.values()))
    monkeypatch.setattr(health, "connection", lambda *_: None)  # the folder, looked into meanwhile, would say its own name again
    name = b"lista_\xf1.csv".decode("utf-8", "surrogateescape")
    health.refuse(name, "empty_input", name, served[0].node.clock.now_us())
    health.peer = name  # as if it came past all that mends it
    with browser(served[1], "officer") as page:
        for path in ("health", "feeds", f"feeds/{health.feed}"):
            assert page.get(f"/api/v1/{path}").status_code == 200
        told = page.get(f"/api/v1/feeds/{health.feed}", headers={"Accept-Language": "es"}).json()
    assert told["peer"] == "lista_?.csv" and told["refused"][0]["words"] == catalogue("es")["rule.empty_input"]
    health.refused.clear()
