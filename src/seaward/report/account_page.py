"""The account of an event as one HTML page that opens offline and asks nobody for anything; it has no script."""

from __future__ import annotations

from markupsafe import Markup

from seaward.core.catalogue import render
from seaward.report.account import Account, view
from seaward.report.document import other, own, policy, template
from seaward.report.symbols import SYMBOLS


def render_account(account: Account, language: str) -> str:
    """Write the account of an event.

    Parameters
    ----------
    account
        What it is told from.
    language
        `en` or `es`.

    Returns
    -------
    HTML, complete in itself: no request leaves the page, and its content policy forbids any.

    Limits
    ------
    Those of `account.view`.
    """

    def t(code: str, **values: object) -> str:
        return render(code, values, language)

    css = "\n".join(own(name) for name in ("report.css", "figures.css", "review.css", "account.css"))
    return template("account.html.j2").render(
        v=view(account, language), t=t, language=language, drill=account.is_drill, other_language=other(language),
        drill_other=render("report.drill", {}, other(language)), css=Markup(css), policy=policy(css, ""), svg=Markup, symbols=SYMBOLS,
    )  # fmt: skip
