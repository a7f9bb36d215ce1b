"""The page of the architecture draws the imports that there are, and names files that there are."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
CODE = ROOT / "src" / "seaward"


@pytest.fixture(scope="module")
def tool() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tools" / "make_house_page.py"))


def test_the_page_of_the_architecture_draws_the_imports(tool: dict[str, Any]) -> None:
    assert PAGE.read_text(encoding="utf-8") == tool["page"](), "run: python tools/make_house_page.py"


def test_every_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*\.(?:py|js))`", PAGE.read_text(encoding="utf-8")))
    assert {"watch.py", "exchange/release.py", "console/static/floor.js"} <= named and len(named) > 40
    assert {n for n in named if not (CODE / n).is_file()} - {"__init__.py"} == set()


def test_what_follows_from_other_arrows_is_not_drawn_and_nothing_else_is_lost(tool: dict[str, Any]) -> None:
    found = {"cli": {"c"}, "a": {"b", "c", "core"}, "b": {"c"}, "c": {"core"}, "core": set()}
    assert tool["needed"](found) == [("a", "b"), ("b", "c")]


def test_a_room_without_a_storey_and_an_arrow_upwards_are_refused(tool: dict[str, Any]) -> None:
    found = tool["imports"]()
    with pytest.raises(ValueError, match=r"\['attic'\]"):
        tool["picture"](found | {"attic": set()})
    with pytest.raises(ValueError, match=r"\('core', 'node'\)"):
        tool["picture"](found | {"core": {"node"}})
