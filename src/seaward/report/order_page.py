"""The order of an asset as one HTML page that opens offline and asks nobody for anything."""

from __future__ import annotations

from typing import Any

from seaward.report.order_view import order_view
from seaward.report.plan_page import page_of


def render_order(order: dict[str, Any], language: str) -> str:
    """Write the page of an order: HTML, complete in itself; in a drill with the words of an exercise above, below and on every printed page."""
    return page_of(order_view(order, language), order["realm"], language)
