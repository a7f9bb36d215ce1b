"""The page itself: signing in, or the frame that the parts are loaded into."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from seaward.console.assets import charts, contents, missing
from seaward.console.of_queue import QUEUE_PARAMS, queue
from seaward.console.page import html, script_words
from seaward.console.reading import kinds_of
from seaward.core.tables import PRIORITIES
from seaward.report.symbols import SYMBOLS
from seaward.server.answers import Raw
from seaward.server.asked import Asked, read_query
from seaward.server.floor import Floor
from seaward.server.sign_in import csrf_of


def page(floor: Floor, asked: Asked) -> Raw:
    """The watch floor for who signed in; a form to sign in for all others."""
    asked = replace(asked, language=asked.query["lang"] or asked.language)
    version = contents()[1]
    if gone := missing():
        return html("broken.html", floor, asked, 503, version=version, gone=gone)
    if not asked.caller.person or asked.caller.by != "session":
        return html("sign_in.html", floor, asked, version=version, words=script_words(asked.language))
    person = floor.node.state.person(asked.caller.person)
    return html(
        "floor.html", floor, asked, version=version, words=script_words(asked.language), csrf=csrf_of(asked.headers["cookie"]),
        name=person.name if person else asked.caller.person, charts=charts(floor), kinds=kinds_of(asked.language), priorities=PRIORITIES,
        symbols=SYMBOLS, queue=_queue(floor, asked),
    )  # fmt: skip


def _queue(floor: Floor, asked: Asked) -> Markup:
    """What asks for a decision comes with the page; nothing where the watch has too much to do, and the page asks for it again."""
    try:
        return Markup(queue(floor, replace(asked, query=read_query((), QUEUE_PARAMS))).body.decode())
    except TimeoutError:
        return Markup("")
