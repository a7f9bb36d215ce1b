"""A running node -> the application that serves its API: the table of routes behind the guard."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Served
from starlette.types import ASGIApp

from seaward.node.node import Node
from seaward.server.changes import Changes
from seaward.server.counts import Counts
from seaward.server.dispatch import Dispatch
from seaward.server.feed_changes import FeedChanges
from seaward.server.floor import Floor
from seaward.server.guard import Guard, Passed
from seaward.server.moving import Moving
from seaward.server.problems import Problem
from seaward.server.refusals import Refusals
from seaward.server.route import Route
from seaward.server.sight import Sight
from seaward.server.sign_in import SignIn
from seaward.server.table import ROUTES


def make_floor(node: Node, sign_in: SignIn | None = None, routes: Sequence[Route] = ROUTES) -> Floor:
    """What the routes of a node stand on.

    Parameters
    ----------
    node
        Running.
    sign_in
        Who is who; None: by the people of the node's state.
    routes
        The table; a page that stands on the API gives its own beside `table.ROUTES`.
    """
    refusals = sign_in.refusals if sign_in is not None else Refusals(node.state, _now)
    sight = Sight(node)
    return Floor(node, sign_in or SignIn(node.state, refusals, now=_now), refusals, sight, Changes(node.state), Counts(), Moving(sight),
                 tuple(routes))  # fmt: skip


def make_app(floor: Floor, names: Sequence[str] = (), *, tls: bool = False) -> ASGIApp:
    """The application.

    Parameters
    ----------
    floor
        What it stands on.
    names
        Hosts that requests may name.
    tls
        Whether it is served by TLS.
    """
    dispatch, routes = Dispatch(floor), floor.routes
    feeds = FeedChanges(floor.node)

    @contextlib.asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        floor.node.listeners.append(floor.changes.poke)

        def also() -> None:
            feeds.note()
            floor.refusals.settle()

        following = asyncio.create_task(floor.changes.run(also=also))
        try:
            yield
        finally:
            floor.changes.stop()
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            floor.node.listeners.remove(floor.changes.poke)
            await asyncio.to_thread(floor.refusals.settle, all_of_it=True)
            await asyncio.to_thread(dispatch.close)

    served = [Served(path, dispatch, methods=sorted({r.method for r in routes if r.path == path})) for path in dict.fromkeys(r.path for r in routes)]
    app = Starlette(routes=served, lifespan=living, exception_handlers={Problem: _refuse, Exception: _failed})
    return Guard(app, floor, routes, names, tls=tls)


def _now() -> datetime:
    """People sign in by the wall clock, also at a node whose watch runs by that of a drill."""
    return datetime.now(UTC)


async def _refuse(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    passed: Passed = request.scope["seaward"]
    return problem.response(passed.language, passed.request_id)


async def _failed(request: Request, _: Exception) -> Response:
    return await _refuse(request, Problem("failed"))
