"""plan.json of a visit list -> what its page says: figures, the chart, who checks what and when, what is left out and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seaward.core.catalogue import render
from seaward.core.realm import is_drill
from seaward.report.blocks import Cell, bullets, figures, notes, section, table
from seaward.report.plan_map import plan_chart
from seaward.report.plan_view import asset_table
from seaward.report.words import moment, shown, spoken


def visits_view(made: dict[str, Any], language: str) -> dict[str, Any]:
    """Everything the page says; as `plan_view`."""

    def t(code: str, **values: Any) -> str:
        return spoken(render(f"plan.page.{code}", values, language), language)

    def u(code: str, **values: Any) -> str:
        return spoken(render(f"visits.page.{code}", values, language), language)

    s = made["summary"]
    mark = render("report.drill", {}, language) if is_drill(made["realm"]) else ""
    rows: list[list[str | Cell]] = [
        [u("visited"), u("of", **s)],
        [u("prize"), t("acts", n=s["prize"])],
        [u("all"), t("acts", n=s["prize_of_all"])],
        [u("at_most"), u("no_bound") if s["prize_at_most"] is None else t("acts", n=s["prize_at_most"])],
    ]
    if s["gap"] is not None:
        rows.append([t("gap"), t("percent", n=100 * s["gap"])])
    why = [spoken(render(f"visits.why.{o['constraint']}", {**o, "contact": shown(o["contact"], 40)}, language), language) for o in made["left_out"]]
    sections = [
        section("map", t("map"), [figures([{"svg": plan_chart(made, language, mark)}], looks="zoom")]),
        section("who", t("who"), [asset_table(made, a, t, language) for a in made["assets"]]),
        section("left", u("left"), [bullets(why) if why else notes([u("none")])]),
        section("unknown", t("unknown"), [notes([u("model"), u("checked")])]),
    ]
    front = table([t("figure_head"), "#" + t("value_head")], rows, looks="front")
    start, end = (moment(datetime.fromisoformat(made[k])) for k in ("start", "end"))
    return {
        "kind": u("kind"), "title": shown(made["title"], 120), "realm": made["realm"], "front": [front], "sections": sections,
        "facts": [(t("from"), start), (t("to"), end), (t("realm"), made["realm"]), (t("id"), made["plan_id"][:12])],
        "note": t("not_navigation"),
    }  # fmt: skip
