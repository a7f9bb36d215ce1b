"""Two distributions -> a small SVG: cumulative shares, the real feed drawn through, the simulated one dashed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
WIDE, HIGH, LEFT, BOTTOM = 420, 220, 46, 44


def cumulative(value: F64, weight: F64, points: int = 120) -> tuple[F64, F64]:
    """Values at evenly spaced cumulative shares."""
    order = np.argsort(value)
    share = np.cumsum(weight[order]) / weight.sum()
    at = np.linspace(0, 1, points)
    return value[order][np.minimum(np.searchsorted(share, at), len(value) - 1)], at


def svg(title: str, curves: dict[str, tuple[F64, F64]]) -> str:
    """Curves of (values, weights) by name; the axis holds the middle 96 % of all."""
    drawn = {name: cumulative(*c) for name, c in curves.items()}
    low = min(float(v[2]) for v, _ in drawn.values())
    high = max(float(v[-3]) for v, _ in drawn.values())
    high = high if high > low else low + 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif" font-size="11" fill="#222">',
        f'<rect width="{WIDE}" height="{HIGH}" fill="#fff"/>',
    ]
    for k in range(5):
        y, x = _y(k / 4), LEFT + (WIDE - LEFT - 12) * k / 4
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDE - 12}" stroke="#ddd"/><text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{25 * k} %</text>')
        parts.append(f'<text x="{x:.1f}" y="{HIGH - BOTTOM + 16}" text-anchor="middle">{low + (high - low) * k / 4:.3g}</text>')
    looks = ('stroke="#0b5394"', 'stroke="#b45309" stroke-dasharray="6 3"')
    for n, ((name, (value, share)), look) in enumerate(zip(drawn.items(), looks, strict=False)):
        x = LEFT + (WIDE - LEFT - 12) * np.clip((value - low) / (high - low), 0, 1)
        path = "M" + "L".join(f"{a:.1f} {_y(b):.1f}" for a, b in zip(x, share, strict=True))
        parts.append(f'<path d="{path}" fill="none" stroke-width="1.8" {look}/>')
        parts.append(f'<path d="M{WIDE - 130} {HIGH - 70 + 14 * n}h24" stroke-width="1.8" {look}/>')
        parts.append(f'<text x="{WIDE - 100}" y="{HIGH - 66 + 14 * n}">{name}</text>')
    parts.append(f'<text x="{WIDE / 2}" y="{HIGH - 8}" text-anchor="middle">{title}</text></svg>\n')
    return "".join(parts)


def _y(share: float) -> float:
    return 12 + (HIGH - BOTTOM - 12) * (1 - share)
