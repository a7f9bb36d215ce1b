"""The page of alerts says what the rules are and what may be done."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from seaward.alerts.life import _TO, DISMISSALS

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_alerts_has_every_key_and_every_rule_that_comes_along() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "make_alerts_page.py"))
    assert made["PAGE"].read_text(encoding="utf-8") == made["page"](), "run: python tools/make_alerts_page.py"
    assert "<!--" not in made["page"]()


def test_the_table_of_the_page_is_what_may_be_done() -> None:
    text = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    head = ["acknowledge", "validate", "dismiss", "silence", "reopen"]
    rows = re.findall(r"^\| (new|acknowledged|validated|dismissed|silenced) \|(.*)\|$", text, re.M)
    said = {(verb, state): cell.split()[0] for state, cells in rows for verb, cell in zip(head, cells.split("|"), strict=True) if cell.strip()}
    assert said == {deed: to for deed, to in _TO.items() if deed[0] != "comment"}
    assert any(d in text for d in DISMISSALS)
