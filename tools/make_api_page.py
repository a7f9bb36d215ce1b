"""The table of routes in docs/api.md, from the program's own: `python tools/make_api_page.py`."""

from __future__ import annotations

import re
from pathlib import Path

from seaward.server.table import ROUTES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "api.md"


def page() -> str:
    """The page with the table as it should be."""
    lines = ["| route | role | what |", "|---|---|---|"]
    for r in ROUTES:
        forms = [f for f, there in (("GeoJSON", r.geo), ("Arrow", r.arrow)) if there]
        also = f" ({', '.join(forms)})" if forms else ""
        lines.append(f"| `{r.method} {r.path}` | {r.role}{', *session*' if r.by_session else ''} | {r.summary}{also} |")
    said = PAGE.read_text(encoding="utf-8")
    return re.sub(r"(<!-- routes -->\n).*?(<!-- /routes -->)", lambda m: m[1] + "\n".join(lines) + "\n" + m[2], said, flags=re.S)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
