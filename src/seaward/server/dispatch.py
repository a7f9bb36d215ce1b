"""A request that the guard let through -> the route's function, in one of a few threads and not for ever -> its answer."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as WatchTimeout
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from seaward.core.errors import InputError, ParameterError, RealmError, StateError
from seaward.server.answers import respond
from seaward.server.asked import Asked, form_of, read_body, read_query, revision_of
from seaward.server.floor import Floor
from seaward.server.guard import Passed
from seaward.server.problems import Problem

log = logging.getLogger("seaward.server")
THREADS = 8
MOST_WAITING = 128  # requests that run or wait for a thread; the others are told to come back
LONGEST_S = 20.0


class Dispatch:
    """Answers what the guard lets through: an ASGI application for the routes of the table."""

    def __init__(self, floor: Floor, longest_s: float = LONGEST_S) -> None:
        self._floor, self._longest_s = floor, longest_s
        self._threads = ThreadPoolExecutor(THREADS, "answers")
        self._lock, self._waiting = threading.Lock(), 0

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        passed: Passed = scope["seaward"]
        response: ASGIApp = await self._in_time(lambda: self._answer(scope, passed))
        await response(scope, receive, send)

    def _answer(self, scope: Scope, passed: Passed) -> ASGIApp:
        route, headers = passed.route, Headers(scope=scope)
        try:
            query = read_query(_pairs(scope["query_string"]), route.all_params)
            form = form_of(headers.get("accept", ""), query.pop("format", None), route)
            asked = Asked(
                passed.caller, passed.language, passed.path, query, read_body(passed.body, route), form,
                revision_of(headers.get("if-match")) if route.revised else None, scope["path"],
                {"if-none-match": headers.get("if-none-match", ""), "range": headers.get("range", ""),
                 **({"last-event-id": i} if (i := headers.get("last-event-id")) else {}),
                 "cookie": passed.cookie or "", "port": str((scope.get("server") or ("", 0))[1]), "scheme": scope["scheme"],
                 "host": headers.get("host", "")},
            )  # fmt: skip
            seq = self._floor.node.state.last_seq()
            answer = route.does(self._floor, asked)
            if route.streams:
                return answer
            return respond(answer, asked, route.status, self._floor.node.realm, seq)
        except StateError as e:
            raise _state(e) from e
        except (InputError, ParameterError, RealmError) as e:
            raise Problem("refused", detail=str(e)) from e

    async def _in_time(self, job: Callable[[], Any]) -> Any:
        with self._lock:
            if self._waiting >= MOST_WAITING:
                raise Problem("busy", headers={"Retry-After": "1"})
            self._waiting += 1
        work = self._threads.submit(job)
        work.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(work), self._longest_s)
        except WatchTimeout:
            raise Problem("busy", headers={"Retry-After": "5"}) from None

    def _done(self, _: object) -> None:
        with self._lock:
            self._waiting -= 1


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=400)
    except (ValueError, UnicodeDecodeError):
        raise Problem("bad_request") from None


def _state(e: StateError) -> Problem:
    log.error("the state refused", extra={"why": str(e), "problem": e.problem})
    if e.problem == "conflict":
        return Problem("conflict")
    return Problem("full" if e.problem == "full" else "state", headers={"Retry-After": "5"})
