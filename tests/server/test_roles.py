"""All routes and all roles: who may ask for what, written down a second time, by hand."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from seaward.server.floor import Floor
from seaward.server.roles import ANYONE, may
from seaward.server.route import Route
from seaward.server.serving import Serving
from seaward.server.table import ROUTES
from tests.server.floor import ROLES, Browser, browser, open_floor

WHO_MAY = """
GET /metrics observer
GET /api/v1/alive anyone
GET /api/v1/openapi.json anyone
GET /api/v1/health observer
GET /api/v1/feeds observer
GET /api/v1/feeds/{feed} observer
GET /api/v1/exchange observer
GET /api/v1/exchange/objects observer
GET /api/v1/exchange/tracks observer
GET /api/v1/exchange/aivdm/{origin} observer
GET /api/v1/picture observer
GET /api/v1/picture/events observer
GET /api/v1/changes observer
POST /api/v1/changes/{stream}/view observer
GET /api/v1/vessels observer
GET /api/v1/vessels/{vessel_id} observer
GET /api/v1/vessels/{vessel_id}/track observer
GET /api/v1/vessels/{vessel_id}/notes observer
POST /api/v1/vessels/{vessel_id}/notes officer
POST /api/v1/vessels/{vessel_id}/notes/{n}/withdraw officer
POST /api/v1/vessels/{vessel_id}/photos officer
GET /api/v1/vessels/{vessel_id}/photos/{sha} observer
POST /api/v1/vessels/{vessel_id}/photos/{n}/withdraw officer
GET /api/v1/events observer
GET /api/v1/events/{event_id} observer
GET /api/v1/alerts observer
GET /api/v1/alerts/{alert_id} observer
POST /api/v1/alerts/{alert_id}/acknowledge officer
POST /api/v1/alerts/{alert_id}/validate officer
POST /api/v1/alerts/{alert_id}/dismiss officer
POST /api/v1/alerts/{alert_id}/silence officer
POST /api/v1/alerts/{alert_id}/reopen officer
POST /api/v1/alerts/{alert_id}/comment officer
POST /api/v1/alerts/{alert_id}/assign officer
GET /api/v1/exchange/explain observer
POST /api/v1/exchange/releases officer
POST /api/v1/exchange/releases/take-back officer
GET /api/v1/exchange/threads observer
GET /api/v1/exchange/threads/{thread} observer
POST /api/v1/exchange/requests officer
POST /api/v1/exchange/tasks officer
POST /api/v1/exchange/plans officer
POST /api/v1/exchange/rescues officer
POST /api/v1/exchange/chat officer
POST /api/v1/exchange/cases officer
POST /api/v1/exchange/controls officer
POST /api/v1/exchange/threads/{thread}/answer officer
POST /api/v1/exchange/threads/{thread}/reply officer
POST /api/v1/exchange/threads/{thread}/phase officer
POST /api/v1/exchange/threads/{thread}/withdraw officer
GET /api/v1/patrol observer
GET /api/v1/patrol/shown/{nation} officer
POST /api/v1/patrol/answers officer
GET /api/v1/patrol/answers/{n} observer
POST /api/v1/patrol/answers/{n}/accept officer
POST /api/v1/patrol/legs/{asset}/{leg} officer
GET /api/v1/cases observer
POST /api/v1/cases/{alert_id}/close supervisor
POST /api/v1/cases/{alert_id}/reopen supervisor
POST /api/v1/silences supervisor
DELETE /api/v1/silences/{silence_id} supervisor
PUT /api/v1/lists/{name} supervisor
DELETE /api/v1/lists/{name} supervisor
GET /api/v1/silences observer
GET /api/v1/lists observer
GET /api/v1/lists/{name} observer
GET /api/v1/detections observer
GET /api/v1/areas observer
GET /api/v1/ogc observer
GET /api/v1/ogc/conformance observer
GET /api/v1/ogc/collections observer
GET /api/v1/ogc/collections/{collection} observer
GET /api/v1/ogc/collections/{collection}/items observer
GET /api/v1/ogc/collections/{collection}/items/{feature} observer
GET /api/v1/drill observer
POST /api/v1/drill/clock supervisor
POST /api/v1/drill/injects/{inject}/release supervisor
GET /api/v1/record observer
GET /api/v1/audit supervisor
POST /api/v1/session anyone
GET /api/v1/session observer
DELETE /api/v1/session observer session
POST /api/v1/session/password observer session
GET /api/v1/tokens observer
POST /api/v1/tokens observer session
DELETE /api/v1/tokens/{token} observer session
GET /api/v1/people admin
POST /api/v1/people admin session
PATCH /api/v1/people/{person} admin session
""".strip().splitlines()
LEAST = {(line.split()[0], line.split()[1]): line.split()[2] for line in WHO_MAY}
BY_SESSION = {(line.split()[0], line.split()[1]) for line in WHO_MAY if line.endswith(" session")}
EVERY = [(route, role) for route in ROUTES for role in (None, *ROLES)]


def test_the_table_of_routes_is_the_one_that_was_agreed() -> None:
    assert {(r.method, r.path): r.role for r in ROUTES} == LEAST
    assert {(r.method, r.path) for r in ROUTES if r.by_session} == BY_SESSION


def test_a_role_may_what_lesser_roles_may_and_unknown_ones_nothing() -> None:
    for n, role in enumerate(ROLES):
        assert [may(role, needed) for needed in ROLES] == [k <= n for k in range(4)]
        assert not may(role, "captain") and not may("captain", role) and not may(None, role) and may(role, ANYONE)


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Floor, Serving]]:
    with open_floor(Path(tmp_path_factory.mktemp("roles")), feeds=False) as found:
        yield found


@pytest.fixture(scope="module")
def tokens(floor: tuple[Floor, Serving]) -> dict[str, str]:
    made = {}
    for role in ROLES:
        person = floor[0].node.state.person(role)
        assert person is not None
        made[role] = floor[0].sign_in.make_token(person, role, "test", 3_600, "test")[0]
    return made


@pytest.fixture(scope="module")
def pages(floor: tuple[Floor, Serving]) -> Iterator[dict[str | None, Browser]]:
    with contextlib.ExitStack() as open_pages:
        yield {role: open_pages.enter_context(browser(floor[1], role)) for role in (None, *ROLES)}


def ask(client: httpx.Client, route: Route, **more: Any) -> int:
    path = route.path
    names = ("feed", "vessel_id", "event_id", "name", "token", "person", "alert_id", "silence_id", "thread", "collection", "feature", "nation", "n",
             "asset", "leg", "sha")  # fmt: skip
    for name in names:
        path = path.replace(f"{{{name}}}", "999999999999")
    with client.stream(route.method, path, **more) as answer:
        return answer.status_code


@pytest.mark.parametrize(("route", "role"), EVERY, ids=[f"{r.method} {r.path} as {role or 'nobody'}" for r, role in EVERY])
def test_each_route_lets_in_whom_it_must_and_nobody_else(
    route: Route, role: str | None, pages: dict[str | None, Browser], tokens: dict[str, str]
) -> None:
    least = LEAST[(route.method, route.path)]
    allowed = least == "anyone" or (role is not None and ROLES.index(role) >= ROLES.index(least))
    body = (
        {"content": b'{"no such field": 1}', "headers": {"Content-Type": route.text or "application/json"}}
        if route.method in ("POST", "PATCH", "PUT")
        else {}
    )
    if (route.method, route.path) != ("DELETE", "/api/v1/session"):  # it would end the session that other cases use
        status = ask(pages[role], route, **body)
        assert (status not in (401, 403)) == allowed, status
        assert allowed or status == (403 if role else 401)
    if role is not None:
        body.setdefault("headers", {})
        body["headers"] = {**body["headers"], "Authorization": f"Bearer {tokens[role]}"}
        with httpx.Client(base_url=pages[role].base_url) as program:
            status = ask(program, route, **body)
        by_token = allowed and (route.method, route.path) not in BY_SESSION
        assert (status not in (401, 403)) == by_token, status


def test_what_is_not_in_the_table_is_denied(pages: dict[str | None, Browser]) -> None:
    admin = pages["admin"]
    for path in ("/", "/api", "/api/v1", "/api/v1/", "/api/v1/vessels/", "/docs", "/api/v1/secret", "/api/v1/vessels/a/b/c", "/../etc/passwd", "//"):
        assert admin.get(path).status_code == 404, path
    for method in ("PUT", "DELETE", "PATCH", "POST", "OPTIONS", "TRACE", "CONNECT", "FETCH"):
        answer = admin.request(method, "/api/v1/vessels")
        assert answer.status_code == 405 and answer.headers["Allow"] == "GET, HEAD", method
    assert admin.head("/api/v1/vessels").status_code == 200


def test_every_change_over_the_api_asks_for_a_role() -> None:
    assert [(r.method, r.path) for r in ROUTES if r.role == ANYONE and r.method not in ("GET",)] == [("POST", "/api/v1/session")]
