"""review.json -> the after-action review of a drill as one HTML page that opens offline and asks nobody for anything."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from seaward.core.catalogue import render
from seaward.report.document import other, own, policy, template
from seaward.report.review_view import view
from seaward.report.symbols import SYMBOLS


def render_review(review: dict[str, Any], language: str) -> str:
    """Write the review of a drill.

    Parameters
    ----------
    review
        As in review.json: what an exercise hands over.
    language
        `en` or `es`.

    Returns
    -------
    HTML, complete in itself: no request leaves the page, and its content policy forbids any. Without scripts it says the same; the script only
    comes nearer on the chart and keeps what is written into its fields when the page is saved.

    Raises
    ------
    RealmError
        If the realm is not that of a drill.

    Limits
    ------
    Those of `review_view.view`.
    """

    def t(code: str, **values: Any) -> str:
        return render(code, values, language)

    css, js = "\n".join(own(name) for name in ("report.css", "figures.css", "review.css")), own("review.js")
    return template("review.html.j2").render(
        v=view(review, language),
        t=t,
        language=language,
        drill=t("report.drill"),
        other_language=other(language),
        drill_other=render("report.drill", {}, other(language)),
        css=Markup(css),
        js=Markup(js),
        policy=policy(css, js),
        svg=Markup,
        symbols=SYMBOLS,
    )
