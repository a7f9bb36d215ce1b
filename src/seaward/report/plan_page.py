"""plan.json -> a patrol plan as one HTML page that opens offline and asks nobody for anything."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from seaward.core.catalogue import render
from seaward.core.realm import is_drill
from seaward.report.document import other, own, policy, template
from seaward.report.plan_view import plan_view
from seaward.report.visits_view import visits_view


def render_plan(made: dict[str, Any], language: str) -> str:
    """Write the page of a plan.

    Parameters
    ----------
    made
        As in plan.json.
    language
        `en` or `es`.

    Returns
    -------
    HTML, complete in itself; without scripts it says the same.
    """
    view = visits_view if made.get("kind") == "visits" else plan_view
    return page_of(view(made, language), made["realm"], language)


def page_of(view: dict[str, Any], realm: str, language: str) -> str:
    """A view as a page: kind, title, facts, note, front, sections."""

    def t(code: str, **values: Any) -> str:
        return render(code, values, language)

    css, js = "\n".join(own(name) for name in ("report.css", "figures.css", "review.css", "plan.css")), own("review.js")
    drill = is_drill(realm)
    return template("plan.html.j2").render(
        v=view,
        t=t,
        language=language,
        drill=t("report.drill") if drill else "",
        other_language=other(language),
        drill_other=render("report.drill", {}, other(language)) if drill else "",
        css=Markup(css),
        js=Markup(js),
        policy=policy(css, js),
        svg=Markup,
    )
