"""Shapes and words -> SVG that is the same in a page and in a PDF: classes instead of colours, every text escaped, nothing fetched."""

from __future__ import annotations

import re

from markupsafe import escape

from seaward.report.document import own
from seaward.report.symbols import SYMBOLS
from seaward.report.words import shown

Point = tuple[float, float]
_VARIABLE = re.compile(r"var\(--([a-z_-]+)\)")
_NO_CHARACTER = re.compile("[\ufffe\uffff]")  # not allowed in XML 1.0


class Figure:
    """A drawing of a width and a height [px], with a name for those who cannot see it."""

    def __init__(self, width: float, height: float, name: str) -> None:
        self.width, self.height, self.name = width, height, name
        self._parts: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """A box from its upper left corner."""
        self._parts.append(f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.0):.1f}" height="{height:.1f}"/>')

    def line(self, points: list[Point], kind: str) -> None:
        """A line through points."""
        if len(points) > 1:
            self._parts.append(f'<path class="{kind}" d="M{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>')

    def shape(self, path: str, x: float, y: float, kind: str, scale: float = 1.0) -> None:
        """A path of its own coordinates, moved and scaled."""
        self._parts.append(f'<path class="{kind}" transform="translate({x:.1f} {y:.1f}) scale({scale:.2f})" d="{path}"/>')

    def symbol(self, event_kind: str, x: float, y: float, more: str = "") -> None:
        """The symbol of a kind of event."""
        self.shape(SYMBOLS.get(event_kind, SYMBOLS["other"]), x, y, f"f-sym {coloured(event_kind)} {more}".strip())

    def text(self, x: float, y: float, said: str, kind: str = "f-text", anchor: str = "start") -> None:
        """Words at the foot of a line."""
        self._parts.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_safe(said)}</text>')

    def __str__(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="fig" viewBox="0 0 {self.width:.0f} {self.height:.0f}" role="img" '
            f'aria-label="{_safe(self.name)}">{"".join(self._parts)}</svg>'
        )


def coloured(event_kind: str) -> str:
    """The class that gives the colour of a kind of event."""
    return f"f-{event_kind if event_kind in SYMBOLS else 'other'}"


def alone(svg: str, *more: str) -> str:
    """A drawing that carries its own style (that of all figures, and of further files), in the colours of day, for readers that know no page."""
    colours = dict(re.findall(r"--([a-z_-]+):(#[0-9a-f]+)", own("report.css").split("@media", maxsplit=1)[0]))
    said = "".join(own(name) for name in ("figures.css", *more))
    style = _VARIABLE.sub(lambda m: colours[m[1]], said).replace("ui-sans", "Libertinus Serif").replace("ui-mono", "DejaVu Sans Mono")
    head, _, rest = svg.partition(">")
    return f"{head}><style>{style}</style>{rest}"


def _safe(text: str) -> str:
    return str(escape(_NO_CHARACTER.sub("\ufffd", shown(text, 300))))
