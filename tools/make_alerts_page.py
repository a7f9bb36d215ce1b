"""alerts.rule_keys + tools/alerts_page.md -> docs/alerts.md. Run by hand when a key changes: python tools/make_alerts_page.py"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seaward.alerts.read_rules import default_rules
from seaward.alerts.rule_keys import FILE_KEYS, RULE_KEYS, Key

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "alerts.md"
_TEXT = ROOT / "tools" / "alerts_page.md"
_HEAD = "| key | value | unit | default | meaning |\n|---|---|---|---|---|"


def page() -> str:
    """The page as Markdown."""
    rules = [
        f"| `{r.id}` | {r.priority if not r.exclude else 'never'} | {', '.join(sorted(r.kinds))} | {r.title('en')} |" for r in default_rules().rules
    ]
    tables = {
        "FILE_KEYS": keys(FILE_KEYS),
        "RULE_KEYS": keys(RULE_KEYS),
        "RULES": "\n".join(["| rule | priority | kinds | what |", "|---|---|---|---|", *rules]),
    }
    text = _TEXT.read_text(encoding="utf-8")
    for mark, table in tables.items():
        text = text.replace(f"<!-- {mark} -->", table)
    return text


def keys(of: Sequence[Key]) -> str:
    """A table of keys."""
    rows = "\n".join(f"| `{k.name}` | {_value(k)} | {k.unit} | {k.default} | {k.meaning} |" for k in of)
    return f"{_HEAD}\n{rows}"


def _value(k: Key) -> str:
    span = "" if k.low is None or k.high is None else f"{k.low:g} to {k.high:g}"
    return {
        "choice": "one of " + ", ".join(k.choices), "choices": "list of " + ", ".join(k.choices), "patterns": "list of names",
        "flags": "list of codes", "numbers": f"list of whole numbers {span}", "number": span, "hours": "time-time",
        "offset": "+hh:mm", "switch": "true, false",
        "repeat": "{events, days}", "rules": "list of rules",
    }.get(k.type, "text")  # fmt: skip


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
