"""Logs: one object a line, with fields; nothing that looks like a secret, whatever is logged."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seaward.server.floor import Floor
from seaward.server.logs import JsonLines, to_stream
from seaward.server.serving import Serving
from tests.server.floor import PASSWORD, browser


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    before = [(n, logging.getLogger(n).level, logging.getLogger(n).propagate) for n in ("seaward", "uvicorn")]
    handler = to_stream(logging.DEBUG, stream)
    yield stream
    for name, level, propagate in before:
        logger = logging.getLogger(name)
        logger.removeHandler(handler)
        logger.level, logger.propagate = level, propagate


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_requests_are_told_with_who_what_and_how_long(served: tuple[Floor, Serving], written: io.StringIO) -> None:
    with browser(served[1], "officer") as page:
        page.get("/api/v1/vessels?q=hidden")
        page.get("/api/v1/people")
    told = [x for x in lines(written) if x["message"] == "request"]
    vessels = next(x for x in told if x["route"] == "/api/v1/vessels")
    assert (vessels["who"], vessels["status"], vessels["method"], vessels["level"]) == ("officer", 200, "GET", "info") and vessels["seconds"] >= 0
    refused = next(x for x in lines(written) if x["message"] == "refused")
    assert (refused["code"], refused["who"], refused["what"]) == ("role", "officer", "GET /api/v1/people")


def test_no_secret_is_ever_written(served: tuple[Floor, Serving], written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served[0].node, "status", lambda: 1 / 0)
    with browser(served[1], "officer") as page:
        csrf, secret = page.headers["X-Seaward-CSRF"], dict(page.cookies)[f"seaward-{served[1].port}"]
        token = page.post("/api/v1/tokens", json={"label": "x", "role": "observer"}).json()["token"]
        page.get("/api/v1/health", headers={"Authorization": f"Bearer {token}"})
        page.post("/api/v1/session", json={"person": "officer", "password": "wrong " + PASSWORD})
        page.post("/api/v1/session", content=f'{{"person": "x", "password": "{PASSWORD}"', headers={"Content-Type": "application/json"})
    said = written.getvalue()
    assert "ZeroDivisionError" in said and len(lines(written)) > 5
    assert all(s not in said for s in (PASSWORD, csrf, secret, token))


def test_what_looks_like_a_secret_is_left_out(written: io.StringIO) -> None:
    log = logging.getLogger("seaward.test")
    log.warning(
        "with Bearer abc123 and seaward_%s", "x" * 43, extra={"password": "p4ss", "api_token": "t0k", "server": "nats://user:pw@host:4222", "n": 5}
    )
    (told,) = lines(written)
    assert all(s not in str(told) for s in ("abc123", "x" * 43, "p4ss", "t0k", "user:pw")) and told["n"] == 5 and "nats://" in told["server"]


@given(st.text(), st.dictionaries(st.text(min_size=1).map(lambda k: f"f_{k}"), st.one_of(st.text(), st.binary(), st.floats(), st.none())))
def test_every_record_is_one_line_of_json(message: str, fields: dict[str, Any]) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, message, (), None)
    record.__dict__.update(fields)
    line = JsonLines().format(record)
    assert "\n" not in line and line.isascii() and json.loads(line)["log"] == "x"
