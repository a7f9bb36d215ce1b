"""`seaward replay FILE --to udp://127.0.0.1:10110`: a file becomes a live feed again."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Annotated

import typer

from seaward.cli.detect import Language, moment
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.core.errors import ParameterError
from seaward.core.realm import OPS
from seaward.core.units import at_to_us
from seaward.feeds.timed import Piece, Timed
from seaward.node.replay import Pace, between, due, from_now
from seaward.node.send_to import TARGETS, Target


def replay(
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="A file of AIS (NMEA) or CSV, also .gz or .zst; - is standard input.", show_default=False)
    ],
    to: Annotated[str, typer.Option("--to", metavar="URL", help=f"Where to: {', '.join(TARGETS)} (standard output).", show_default=False)],
    speed: Annotated[float, typer.Option(metavar="N", min=0.001, max=1e6, help="Times real time.")] = 1.0,
    rate: Annotated[
        float | None, typer.Option(metavar="N", min=0.001, max=1e7, help="So many lines each second, whatever moments they bear.", show_default=False)
    ] = None,
    retime: Annotated[bool, typer.Option("--retime", help="Move the moments in TAG blocks so that the file begins now.")] = False,
    since: Annotated[str | None, typer.Option("--from", metavar="T", help="Lines from this moment (UTC) on.", show_default=False)] = None,
    until: Annotated[str | None, typer.Option(metavar="T", help="Lines before this moment (UTC).", show_default=False)] = None,
    longest_pause_s: Annotated[float, typer.Option(metavar="S", min=0.0, help="Longer pauses of the file are cut to so much [s].")] = 60.0,
    realm: Annotated[str, typer.Option(metavar="REALM", help="ops, or ex:<drill id> for data of a drill.")] = OPS,
    lang: Annotated[Language, typer.Option(help="Language of messages.")] = Language.en,
) -> None:
    """Send a file to a running watch, or to any other receiver, at the pace at which it was received.

    The bytes of each line are sent as they are. A node counts old moments as late: replay with --retime, or give it a drill clock.
    """
    if retime and (speed != 1.0 or rate is not None):
        raise ParameterError("--retime goes with real time alone: faster, the file would run ahead of the clock; leave out --speed and --rate")
    timed = Timed(source, realm)
    pieces: Iterable[Piece] = timed
    if since is not None or until is not None:
        bounds = [None if t is None else at_to_us(moment(t)) for t in (since, until)]
        pieces = between(pieces, bounds[0], bounds[1], keep_first=not timed.is_nmea)
    if retime:
        pieces = from_now(pieces, time.time_ns() // 1000)
    sent, began_s = 0, time.monotonic()
    with Shown(lang.value) as shown, Target(to) as target:
        if target.listens:
            typer.echo(target.listens, err=True)
        for lines in due(pieces, Pace(speed, rate, longest_pause_s), time.monotonic):
            time.sleep(lines.wait_s)
            target.send(lines.lines)
            sent += lines.count
            shown("replay", timed.share)
    said = {"lines": sent, "seconds": time.monotonic() - began_s, "overlong": timed.overlong, "why": timed.broken}
    typer.echo(render("cli.replayed", said, lang.value), err=True)
    if timed.overlong:
        typer.echo(render("cli.replay_overlong", said, lang.value), err=True)
    if timed.broken:
        typer.echo(render("cli.replay_broken", said, lang.value), err=True)
        raise typer.Exit(2)
