"""Every request -> let through with who asks, or refused: by host, route, role, forgery, size and time. What no row of the table allows is denied."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import ipaddress
import logging
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seaward.core.errors import StateError
from seaward.server.asked import Caller
from seaward.server.floor import Floor
from seaward.server.problems import Problem, language_of
from seaward.server.roles import ANYONE, may
from seaward.server.route import Route
from seaward.server.sign_in import csrf_of

log = logging.getLogger("seaward.server")
BODY_BYTES = 1 << 20
PASSED_OVER_BYTES = 8 << 20  # of a body that is too large: who sends it is told why only if they may finish
BODY_S = 15.0  # a body must have come by then
LARGE_BODY_S = 60.0  # one that may be larger; ours: 8 MB at 1 Mbit/s
MOST_LARGE = 4  # bodies that may be larger and are in memory at a time
HEADER_BYTES = 16 << 10  # ours: what a browser sends is a tenth of it
QUERY_BYTES = 8 << 10
CSRF = "x-seaward-csrf"
SAFE = ("GET", "HEAD")
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


@dataclass(frozen=True, slots=True)
class Passed:
    """What the guard found out, for the route."""

    route: Route
    caller: Caller
    path: dict[str, str]
    language: str
    request_id: str
    body: bytes
    cookie: str | None


class Guard:
    """Stands before the app.

    Parameters
    ----------
    app
        Behind it.
    floor
        Who is who, and what is kept of refusals.
    routes
        The table.
    names
        Hosts that a request may name, beside addresses in numbers, which no name server can turn to another's page.
    tls
        Whether the server speaks TLS.
    """

    def __init__(self, app: ASGIApp, floor: Floor, routes: Sequence[Route], names: Sequence[str] = (), *, tls: bool = False) -> None:
        self._app, self._floor, self._tls = app, floor, tls
        self._names = {"localhost", *(n.lower() for n in names)}
        self._routes = [(pattern(r.path), r) for r in routes]
        self._large = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        began, request_id, headers = time.monotonic(), secrets.token_hex(8), Headers(scope=scope)
        language = language_of(headers.get("accept-language", ""), self._floor.node.config.language)
        address = scope["client"][0] if scope.get("client") else ""
        status = [0]
        watched = _watched(send, status, self._tls)
        route: Route | None = None
        caller = Caller(address=address)
        try:
            self._sizes(scope, headers)
            self._host(headers)
            route, path = self._route(scope)
            caller, cookie = await self._who(scope, headers, route, address)
            self._allowed(route, caller, headers, scope, cookie)
            with self._room(route):
                body = b"" if scope["method"] in SAFE else await self._body(receive, headers, route)
                scope["seaward"] = Passed(route, caller, path, language, request_id, body, cookie)
                await self._app(scope, receive, watched)
        except Problem as problem:
            if problem.status in (401, 403, 421) and problem.code != "sign_in":
                what = f"{scope['method'][:10]} {route.path if route else '-'}"
                await asyncio.to_thread(self._floor.refusals.refused, caller.person, problem.code, address, what)
            await problem.response(language, request_id)(scope, receive, watched)
        except StateError as e:
            log.error("the state refused", extra={"request": request_id, "why": str(e), "problem": e.problem})
            await Problem("state", headers={"Retry-After": "5"}).response(language, request_id)(scope, receive, watched)
        except Exception:
            log.exception("a request failed", extra={"request": request_id, "route": route.path if route else None})
            if not status[0]:
                await Problem("failed").response(language, request_id)(scope, receive, watched)
        seconds = time.monotonic() - began
        self._floor.counts.answered(_method(scope), route.path if route else "-", status[0], seconds)
        log.info("request", extra={"request": request_id, "method": _method(scope), "route": route.path if route else None, "status": status[0],
                                   "seconds": round(seconds, 4), "who": caller.person, "address": address})  # fmt: skip

    def _sizes(self, scope: Scope, headers: Headers) -> None:
        if sum(len(k) + len(v) for k, v in headers.raw) > HEADER_BYTES or len(scope["query_string"]) + len(scope["path"]) > QUERY_BYTES:
            raise Problem("headers", most=HEADER_BYTES)

    def _host(self, headers: Headers) -> None:
        """A page of another name, which a name server has turned to our address, is told apart by the host it asks for."""
        named = headers.getlist("host")
        host = re.sub(r":\d{1,5}$", "", named[0].strip().lower()) if len(named) == 1 else ""
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(host.strip("[]"))
            return
        if host not in self._names:
            raise Problem("host", host=host[:60])

    def _route(self, scope: Scope) -> tuple[Route, dict[str, str]]:
        allowed: list[str] = []
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        for form, route in self._routes:
            if found := form.fullmatch(scope["path"]):
                if route.method == method:
                    return route, found.groupdict()
                allowed.append(route.method)
        if allowed:
            raise Problem("method", headers={"Allow": ", ".join(sorted({*allowed, *(["HEAD"] if "GET" in allowed else [])}))})
        raise Problem("not_found", what=scope["path"][:60])

    async def _who(self, scope: Scope, headers: Headers, route: Route, address: str) -> tuple[Caller, str | None]:
        cookie = cookie_of(headers.get("cookie", ""), cookie_name(scope, tls=self._tls))
        authorization = headers.get("authorization")
        if cookie is None and authorization is None:
            return Caller(address=address), None
        try:
            return await asyncio.to_thread(self._floor.sign_in.who, authorization, cookie, address), cookie if authorization is None else None
        except Problem:
            if route.role == ANYONE:  # such as to sign in again
                return Caller(address=address), cookie
            raise

    def _allowed(self, route: Route, caller: Caller, headers: Headers, scope: Scope, cookie: str | None) -> None:
        if not may(caller.role, route.role):
            if caller.role is None:
                raise Problem("not_signed_in", headers={"WWW-Authenticate": "Bearer"})
            raise Problem("role", role=caller.role, needed=route.role)
        if route.by_session and caller.by != "session":
            raise Problem("session_only")
        if scope["method"] in SAFE or caller.by == "token":
            return
        site, origin = headers.get("sec-fetch-site", "same-origin"), headers.get("origin")
        ours = f"{'https' if self._tls else 'http'}://{headers.get('host', '')}"
        if site not in ("same-origin", "none") or (origin is not None and origin.lower() != ours.lower()):
            raise Problem("csrf")
        if caller.by == "session" and not hmac.compare_digest(headers.get(CSRF, "").encode(), csrf_of(cookie or "").encode()):
            raise Problem("csrf")

    @contextlib.contextmanager
    def _room(self, route: Route) -> Iterator[None]:
        """Only a few large bodies at a time, so that they cannot fill the memory; the others are told to come back."""
        if route.most_bytes is None:
            yield
            return
        if self._large >= MOST_LARGE:
            raise Problem("busy", headers={"Retry-After": "2", "Connection": "close"})
        self._large += 1
        try:
            yield
        finally:
            self._large -= 1

    async def _body(self, receive: Receive, headers: Headers, route: Route) -> bytes:
        """The whole body: no more than it may have, before it may have to."""
        wanted = route.text or "application/json"
        most = route.most_bytes or BODY_BYTES
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_S if route.most_bytes is None else LARGE_BODY_S):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Problem("too_slow", headers={"Connection": "close"})
                    size += len(message.get("body", b""))
                    if size <= most:
                        parts.append(message.get("body", b""))
                    else:
                        parts.clear()
                        if size > most + PASSED_OVER_BYTES:
                            raise Problem("too_large", most=most, headers={"Connection": "close"})
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            raise Problem("too_slow", headers={"Connection": "close"}) from None
        if size > most:
            raise Problem("too_large", most=most)
        body = b"".join(parts)
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        if (body or route.body is not None or route.text is not None) and not _fits(media, wanted):
            raise Problem("media_type", given=media[:60] or "-", wanted=wanted)
        return body


def _fits(media: str, wanted: str) -> bool:
    return media.startswith(wanted[:-1]) if wanted.endswith("/*") else media == wanted


def pattern(path: str) -> re.Pattern[str]:
    """A path of the table as a pattern; `{name}` takes anything without a slash, up to 200 characters."""
    return re.compile("".join(f"(?P<{p[1:-1]}>[^/]{{1,200}})" if p.startswith("{") else re.escape(p) for p in re.split(r"(\{\w+\})", path)))


def cookie_name(scope: Scope, *, tls: bool) -> str:
    """The name of our cookie: with the port, as browsers keep cookies by host alone and two nodes may run on one."""
    return f"{'__Host-' if tls else ''}seaward-{scope['server'][1] if scope.get('server') else 0}"


def cookie_of(header: str, name: str) -> str | None:
    """The value of a cookie; None where it is not there."""
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name and value:
            return value.strip('"')
    return None


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "-"


def _watched(send: Send, status: list[int], tls: bool) -> Any:
    """Sends on, with the headers that every answer has."""

    async def watched(message: Message) -> None:
        if message["type"] == "http.response.start":
            status[0] = message["status"]
            there = {name.lower() for name, _ in message.get("headers", [])}
            more = [h for h in HEADERS if h[0] not in there]
            if tls:
                more.append((b"strict-transport-security", b"max-age=31536000"))
            message["headers"] = [*message.get("headers", []), *more]
        await send(message)

    return watched
