"""Pieces that every page is made of: templates and files of this folder, data that cannot leave its element, the content policy."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template


@cache
def own(name: str) -> str:
    """The text of a file of this folder."""
    return files("seaward.report").joinpath(name).read_text(encoding="utf-8")


def template(name: str) -> Template:
    """A template of this folder; whatever it is given is escaped, and a name it does not know is an error."""
    return _environment().get_template(name)


def policy(css: str, js: str) -> str:
    """The content policy of a page: its own style and its own script by their hashes, and nothing else from anywhere."""
    return f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(js)}'; base-uri 'none'; form-action 'none'"


def json_in_html(data: object) -> str:
    """JSON that cannot end its script element or start another."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def other(language: str) -> str:
    """The language in which a banner is said too."""
    return "en" if language == "es" else "es"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=FunctionLoader(own))
