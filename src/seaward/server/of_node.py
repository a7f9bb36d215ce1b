"""How the node is: alive, well, its feeds, its changes as they come, its metrics, and the document of its API."""

from __future__ import annotations

from typing import Any

from seaward.core.catalogue import render
from seaward.core.version import VERSION
from seaward.server.answers import One, Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor
from seaward.server.metrics import exposition
from seaward.server.moving import FINEST_STEP_DEG, FINEST_TURN_DEG
from seaward.server.problems import Problem
from seaward.server.route import Param
from seaward.server.stream import MOST_OF_ONE, MOST_STREAMS, Stream, since_of, view_of

VIEW_PARAMS = (
    Param("bbox", "bbox", "positions only of this part of the sea"),
    Param("step_deg", "number", "of a vessel again only when it has left its cell of so many degrees; without: with every report",
          low=FINEST_STEP_DEG, high=10, otherwise=0.0),
    Param("turn_deg", "number", "with step_deg: also when it has turned by so many degrees, stopped or set out",
          low=FINEST_TURN_DEG, high=180, otherwise=0.0),
)  # fmt: skip
CHANGES_PARAMS = (
    Param("since", "whole", "number of the last change known; Last-Event-ID goes before it", low=0, high=2**53),
    Param("positions", "flag", "also where vessels are, each second what changed", otherwise=False),
    *VIEW_PARAMS,
)


def alive(floor: Floor, asked: Asked) -> One:
    """That the node answers; nothing of what it knows."""
    return One({"alive": True}, keep=False)


def health(floor: Floor, asked: Asked) -> One:
    """How the node is."""
    status: dict[str, Any] = floor.node.status()
    feeds = [_worded(f, asked.language) for f in status["feeds"]]
    outlets = [o | {"words": [render(p, {}, asked.language) for p in o["problems"]]} for o in status["outlets"]]
    return One({**status, "feeds": feeds, "outlets": outlets, "version": VERSION, "streams": floor.counts.streams}, keep=False)


def feeds(floor: Floor, asked: Asked) -> One:
    """How each feed is."""
    return One({"realm": floor.node.realm, "items": [_worded(f, asked.language) for f in floor.node.status()["feeds"]]}, keep=False)


def feed(floor: Floor, asked: Asked) -> One:
    """How one feed is."""
    for found in floor.node.status()["feeds"]:
        if found["feed"] == asked.path["feed"]:
            return One(_worded(found, asked.language), keep=False)
    raise Problem("not_found", what=asked.path["feed"][:60])


def changes(floor: Floor, asked: Asked) -> Stream:
    """What changes, as it does."""
    since_of(asked)
    if floor.counts.streams >= MOST_STREAMS or floor.counts.streams_of(asked.caller.person) >= MOST_OF_ONE:
        raise Problem("busy", headers={"Retry-After": "10"})
    return Stream(floor, asked)


def show(floor: Floor, asked: Asked) -> One:
    """Another part of the sea, or more or less finely, for a stream that is open."""
    window = floor.moving.windows.get(asked.path["stream"])
    if window is None or window.person != asked.caller.person:
        raise Problem("not_found", what=asked.path["stream"][:60])
    window.show(view_of(asked))
    return One({"stream": asked.path["stream"]}, keep=False)


def metrics(floor: Floor, asked: Asked) -> Raw:
    """Counters and gauges for Prometheus."""
    body, media_type = exposition(floor)
    return Raw(body, media_type)


def _worded(feed: dict[str, Any], language: str) -> dict[str, Any]:
    refused = [r | {"words": render(f"rule.{r['rule']}", {}, language)} for r in feed["refused"]]
    return feed | {"refused": refused, "words": [render(p, {}, language) for p in feed["problems"]]}
