"""drill.scenario_keys -> scenario.schema.json and docs/scenarios.md. Run by hand when a key changes: python tools/make_scenario_pages.py"""

from __future__ import annotations

import json
from pathlib import Path

from seaward.drill.keys import NEEDED, Key
from seaward.drill.scenario_keys import PARTS
from seaward.drill.scenario_schema import schema
from seaward.drill.scenario_values import shown

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "scenarios.md"
SCHEMA = ROOT / "src" / "seaward" / "drill" / "scenario.schema.json"
_HEAD = (ROOT / "tools" / "scenarios_head.md").read_text(encoding="utf-8")


def page() -> str:
    """The page as Markdown."""
    parts = [_HEAD]
    for part in PARTS.values():
        rows = "\n".join(_row(k) for k in part.keys)
        parts.append(f"## {part.name}\n\n{part.meaning}\n\n| key | value | unit | default | meaning |\n|---|---|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def schema_text() -> str:
    """The schema as JSON."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _row(k: Key) -> str:
    counts = f" (only {', '.join(k.counts)})" if k.counts else ""
    must = f"; needed for {', '.join(k.needed)}" if k.needed else ""
    unit = "" if k.unit == "duration" else k.unit
    return f"| `{k.name}` | {_type(k)} | {unit} | {_default(k)} | {k.meaning}{counts}{must} |"


def _type(k: Key) -> str:
    one = {
        "choice": "one of " + ", ".join(k.choices),
        "part": f"[{k.of}](#{k.of})",
        "words": "{en, es}",
        "place": "[lon, lat]",
        "switch": "true, false",
        "box": "[west, south, east, north]",
        "hull": "actor, or traffic/number",
        "ship_name": "name (EX)",
        "mmsi": "1xxxxxxxx, not 111xxxxxx",
        "files": "{name: file}",
        "shares": "class, or {class: share}, of " + ", ".join(k.choices),
        "measure": "duration or number",
    }.get(k.type, k.type)
    if k.low is not None and k.type in ("number", "integer") and k.high is not None:
        one += f" {k.low:.10g} to {k.high:.10g}"
    return one if k.many is None else f"{k.many[0]} {one}s" if k.many == (2, 2) else f"list of {one}"


def _default(k: Key) -> str:
    if k.default is NEEDED:
        return "**needed**"
    if k.default in (None, ()):
        return ""
    if k.type == "duration":
        return "" if k.default in (0, (0, 0)) else shown(k.default)
    if k.type == "shares":
        return ", ".join(name for name, _ in k.default)
    return str(k.default).lower() if isinstance(k.default, bool) else f"{k.default}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")
