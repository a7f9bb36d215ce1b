"""Every page of a behaviour has its picture, small, and drawn by the tool."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from seaward.behaviours import BEHAVIOURS

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "behaviours"
KINDS = [b.kind for b in BEHAVIOURS]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_a_behaviour_shows_its_picture_in_less_than_40_kb(kind: str) -> None:
    assert re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (PAGES / f"{kind}.md").read_text(encoding="utf-8")) == [f"{kind}.svg"]
    drawn = (PAGES / f"{kind}.svg").read_bytes()
    assert len(drawn) < 40_000
    texts = [t.text or "" for t in ElementTree.fromstring(drawn).iter(f"{SVG}text")]
    assert any(t.startswith(f"{kind}: ") and t.endswith("(simulated)") for t in texts)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_a_behaviour_says_where_its_score_is_and_what_it_gets_wrong(kind: str) -> None:
    text = (PAGES / f"{kind}.md").read_text(encoding="utf-8")
    assert re.search(r"\]\(\.\./scores[a-z-]*\.md\)", text) and "> **Known weaknesses**" in text


def test_every_page_is_that_of_a_behaviour() -> None:
    assert {p.stem for p in PAGES.glob("*.md")} == {p.stem for p in PAGES.glob("*.svg")} == set(KINDS)


def test_the_tool_draws_one_picture_of_each_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["make_pictures.py", str(tmp_path)])
    runpy.run_path(str(ROOT / "tools" / "make_pictures.py"), run_name="__main__")
    assert sorted(p.stem for p in tmp_path.iterdir()) == sorted(KINDS)
    for drawn in tmp_path.iterdir():  # the event itself, and at least a line or a mark of what led to it
        shapes = [*ElementTree.fromstring(drawn.read_bytes()).iter(f"{SVG}path"), *ElementTree.fromstring(drawn.read_bytes()).iter(f"{SVG}circle")]
        assert sum("#c2410c" in s.attrib.values() for s in shapes) >= 1 and len(shapes) >= 4
