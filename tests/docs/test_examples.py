"""Every Python example in the documents runs."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from seaward.evaluation.tolerances import TOLERANCES
from seaward.exercise import run_exercise

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = [(page, code) for page in PAGES for code in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)]


@pytest.fixture(scope="module")
def sea(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sea")
    run_exercise("two-floors", folder / "out" / "demo")  # what `make demo` leaves
    return folder


@pytest.mark.parametrize(("page", "code"), EXAMPLES, ids=[f"{p.relative_to(ROOT)}-{i}" for i, (p, _) in enumerate(EXAMPLES)])
def test_the_example_runs(page: Path, code: str, sea: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sea)
    exec(compile(code, str(page), "exec"), {"__name__": "example"})


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_page_of_tables_says_what_the_tables_are() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "make_tables_page.py"))
    assert made["PAGE"].read_text(encoding="utf-8") == made["page"](), "run: python tools/make_tables_page.py"


def test_the_page_of_evaluation_lists_the_tolerances_that_are_used() -> None:
    text = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    listed = {kind: (float(s), float(m)) for kind, s, m in re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \|$", text, re.M)}
    assert listed == {kind: (t.time_s, t.distance_m) for kind, t in TOLERANCES.items()}
