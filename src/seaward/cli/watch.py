"""`seaward watch [CONFIG]`: the node and its API, until it is told to stop."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from seaward.cli.detect import Language
from seaward.console.routes import FLOOR_ROUTES
from seaward.core.catalogue import render
from seaward.core.errors import ParameterError
from seaward.node.config import Config, config_of, read_config
from seaward.node.feed_url import EXAMPLES, feed_of, shown
from seaward.node.node import Node
from seaward.server import serve
from seaward.server.app import make_floor
from seaward.server.logs import to_stream

DATA = Path("seaward-data")


def watch(
    config: Annotated[
        Path | None, typer.Argument(metavar="[CONFIG]", help="The node's configuration (TOML); see docs/node.md.", show_default=False)
    ] = None,
    feed: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="A feed beside those configured, such as udp://127.0.0.1:10110; may be given again.")
    ] = None,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder in which everything is kept.")] = None,
    realm: Annotated[str | None, typer.Option(metavar="REALM", help="ops, or ex:<drill id> for a drill.")] = None,
    port: Annotated[int | None, typer.Option(metavar="N", min=0, max=65535, help="Port of the API on this machine; 0: any free one.")] = None,
    lang: Annotated[Language | None, typer.Option(help="Language of messages.")] = None,
    log: Annotated[str, typer.Option(metavar="LEVEL", help="Logs from this level on: debug, info, warning, error.")] = "warning",
) -> None:
    """Watch live feeds: keep what they give, find behaviours as they happen, and serve the API.

    Without a configuration it starts an empty node on this machine. Ctrl-C stops it with everything safe.
    """
    level = logging.getLevelNamesMapping().get(log.upper())
    if level is None:
        raise ParameterError(f"--log is {log!r}; choose debug, info, warning or error")
    told = given(config, feed or [], data, realm, port)
    language = lang.value if lang is not None else told.language
    to_stream(level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(told, language, stop)


def given(config: Path | None, feeds: list[str], data: Path | None, realm: str | None, port: int | None) -> Config:
    """The configuration, with what the command line says beside it."""
    told = read_config(config) if config is not None else config_of({})
    more: dict[str, object] = {}
    if data is not None:
        more["data"] = data
    if realm is not None:
        more["realm"] = realm
    if port is not None:
        more["listen"] = {**told.listen.model_dump(), "port": port}
    if feeds:
        more["feed"] = [*(f.model_dump() for f in told.feed), *(feed_of(url) for url in feeds)]
    return config_of({**told.model_dump(), **more}, "the command line") if more else told


def run(config: Config, language: str, stop: threading.Event) -> None:
    """Start, say what there is to know, wait, and stop in order."""
    new = not (config.data / "state.sqlite").exists()
    node = Node(config)
    try:
        _say("watch.compiling", language)
        node.start()
        server = serve(node, make_floor(node, routes=FLOOR_ROUTES))
        try:
            _greet(node, server.url, language, new=new)
            while not stop.wait(0.5):
                pass
            _say("watch.stopping", language)
        finally:
            server.stop()
    finally:
        node.stop()
    _say("watch.stopped", language, data=config.data)


def _greet(node: Node, url: str, language: str, *, new: bool) -> None:
    config = node.config
    _say("watch.watches", language, realm=config.realm, data=config.data)
    _say("watch.url", language, url=url)
    for feed in config.feed:
        _say("watch.feed", language, feed=feed.name, what=shown(feed))
    for outlet in config.outlet:
        _say("watch.outlet", language, outlet=outlet.name, what=shown(outlet), form=outlet.form)
    if new:
        _say("watch.empty", language)
    if not any(p.disabled_at is None for p in node.state.people()):
        _say("watch.nobody", language, data=config.data)
    if not config.feed:
        _say("watch.no_feeds", language)
        for kind in ("udp", "tcp", "serial", "folder"):
            print(f"  seaward watch --feed {EXAMPLES[kind]:<40} # {render(f'watch.how_{kind}', {}, language)}", flush=True)


def _say(code: str, language: str, **values: object) -> None:
    print(render(code, values, language), flush=True)
    sys.stdout.flush()
