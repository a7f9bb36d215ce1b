"""A template, the words of a language and values -> HTML under a strict policy. All foreign text is escaped and made visible."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from seaward.core.catalogue import catalogue, render
from seaward.core.realm import drill_of
from seaward.report.review_words import lasting
from seaward.report.symbols import SYMBOLS
from seaward.report.words import duration, number, position, shown, spoken
from seaward.server.answers import Raw
from seaward.server.asked import Asked
from seaward.server.floor import Floor

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_OF_SCRIPTS = "console.js."  # texts that scripts need


def html(template: str, floor: Floor, asked: Asked, status: int | None = None, **values: Any) -> Raw:
    """A page or a piece of one.

    Parameters
    ----------
    template
        Its file in `templates`.
    floor, asked
        Of the route.
    status
        Of HTTP, where it is not the route's.
    values
        For the template, beside the language, the realm, the moment and who asks.
    """
    text = _environment(asked.language).get_template(template).render(
        lang=asked.language, realm=floor.node.realm, exercise=exercise_of(floor.node.realm), now=floor.now(), who=asked.caller, **values
    )  # fmt: skip
    headers = {"Content-Security-Policy": POLICY, "Content-Language": asked.language, "Vary": "Accept-Language, Cookie"}
    return Raw(text.encode(), "text/html; charset=utf-8", headers, status)


def exercise_of(realm: str) -> str | None:
    """The name of the drill that a realm is; None in operations."""
    return drill_of(realm).upper() or None


def script_words(language: str) -> dict[str, str]:
    """Texts for scripts, by the end of their code."""
    return {code.removeprefix(_OF_SCRIPTS): text for code, text in catalogue(language).items() if code.startswith(_OF_SCRIPTS)}


@cache
def _environment(language: str) -> Environment:
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=FunctionLoader(_template))
    made.globals.update(t=lambda code, **values: render(code, values, language), position=lambda lon, lat: position(lon, lat, language),
                        number=lambda value: number(value, language), symbol=lambda kind: SYMBOLS.get(kind, SYMBOLS["other"]))  # fmt: skip
    made.filters.update(shown=shown, z=_z, hm=_hm, spoken=lambda text: spoken(str(text), language), lasted=duration, waited=lasting, data=_data)
    return made


def _template(name: str) -> str:
    return files("seaward.console").joinpath("templates", name).read_text(encoding="utf-8")


def _z(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")


def _hm(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%H:%MZ")


def _data(value: Mapping[str, Any]) -> Markup:
    """JSON for a script element: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
