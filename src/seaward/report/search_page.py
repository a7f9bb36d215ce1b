"""plan.json of a search -> one HTML page that opens offline: figures, charts, sub areas with their patterns, who does what, what is not known."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from markupsafe import Markup

from seaward.core.catalogue import render
from seaward.core.realm import is_drill
from seaward.report.blocks import Cell, figures, notes, section, table
from seaward.report.document import other, own, policy, template
from seaward.report.plan_map import plan_chart
from seaward.report.words import moment, position, shown, spoken

_MOST_ROWS = 400
_CHARTS = 4


def render_search(made: dict[str, Any], language: str) -> str:
    """Write the page of a search.

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

    def t(code: str, **values: Any) -> str:
        return render(code, values, language)

    css, js = "\n".join(own(name) for name in ("report.css", "figures.css", "review.css", "plan.css")), own("review.js")
    drill = is_drill(made["realm"])
    return template("plan.html.j2").render(
        v=search_view(made, language),
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


def search_view(made: dict[str, Any], language: str) -> dict[str, Any]:
    """Everything the page says; words only."""

    def t(code: str, **values: Any) -> str:
        return spoken(render(f"search.page.{code}", values, language), language)

    s = made["summary"]
    sections = [
        section("map", t("map"), [*_charts(made, t, language), notes([t("map_says")], "soft")]),
        section("areas", t("areas"), [notes([t("areas_say")], "soft"), _areas(made, t, language)]),
        section("datum", t("datum"), [_datums(s, t, language), _ways(s, t)]),
        section("who", t("who"), [_legs(made, a, t, language) for a in made["assets"]]),
        section("unknown", t("unknown"), [notes(_unknown(made, t, language))]),
    ]
    rows: list[list[str | Cell]] = [
        [t("success"), t("percent", n=100 * s["success"])],
        [t("at_most"), t("percent", n=100 * s["success_at_most"])],
        [t("at_will"), t("percent", n=100 * s["success_at_will"])],
        [t("gap_at_will"), t("percent", n=100 * s["gap_at_will"])],
        [t("ashore"), t("percent", n=100 * s["ashore"])],
    ]
    if s["records"]:
        rows.insert(0, [t("already"), t("percent", n=100 * s["already"])])
    facts = [(t("from"), _when(made["start"])), (t("to"), _when(made["end"])), (t("realm"), made["realm"]), (t("id"), made["plan_id"][:12])]
    return {
        "kind": t("kind"), "title": shown(made["title"], 120), "realm": made["realm"], "note": t("not_navigation"), "facts": facts,
        "front": [table([t("figure_head"), "#" + t("value_head")], rows, looks="front")], "sections": sections,
    }  # fmt: skip


def _when(text: str) -> str:
    return moment(datetime.fromisoformat(text))


def _charts(made: dict[str, Any], t: Any, language: str) -> list[dict[str, Any]]:
    """The map at a few moments, the datum on it; legs on the first."""
    mark = render("report.drill", {}, language) if is_drill(made["realm"]) else ""
    moments = made["map"]
    chosen = sorted({round(k * (len(moments) - 1) / max(1, _CHARTS - 1)) for k in range(_CHARTS)})
    blocks = []
    for n, e in enumerate(chosen):
        cells = [c | {"acts": p} for c, p in zip(made["risk"], moments[e]["cells"], strict=True)]
        datum = made["summary"]["datums"][e]
        at = [{"lon_deg": datum["lon_deg"], "lat_deg": datum["lat_deg"], "target": t("datum_mark")}]
        chart = {"risk": cells, "legs": made["legs"] if n == 0 else [], "answer": {"meetings": at}}
        blocks.append(figures([{"svg": plan_chart(chart, language, mark)}], title=_when(moments[e]["at"]), looks="zoom"))
    return blocks


def _areas(made: dict[str, Any], t: Any, language: str) -> dict[str, Any]:
    rows: list[list[str | Cell]] = []
    searches = [leg for leg in made["legs"] if leg["task"] == "search"]
    for leg in searches[:_MOST_ROWS]:
        p = leg["pattern"]
        kind = t(f"pattern.{p['kind']}") if p["kind"] else t(f"why_not.{p['why_not']}")
        rows.append([
            f"{leg['cell']}", shown(leg["asset"], 40), (_when(leg["start"]), "mono"), (_when(leg["end"]), "mono"), kind,
            (position(p["csp"][0], p["csp"][1], language), "mono"), t("nm", n=p["spacing_nm"]) if p["kind"] else "–", t("figure", n=leg["coverage"]),
            t("percent", n=100 * p["poc"]), t("percent", n=100 * p["pod"]), t("percent", n=100 * p["pos"]),
        ])  # fmt: skip
    head = ["#" + t("area"), t("asset"), t("from"), t("to"), t("pattern"), t("csp"), "#" + t("spacing"), "#" + t("coverage")]
    more = t("more", n=len(searches) - _MOST_ROWS) if len(searches) > _MOST_ROWS else ""
    return table([*head, "#POC", "#POD", "#POS"], rows, more=more)


def _datums(s: dict[str, Any], t: Any, language: str) -> dict[str, Any]:
    rows: list[list[str | Cell]] = [
        [(_when(d["at"]), "mono"), (position(d["lon_deg"], d["lat_deg"], language), "mono"), t("area_nm2", n=d["half_nm2"]),
         t("area_nm2", n=d["ninety_nm2"])]
        for d in s["datums"]
    ]  # fmt: skip
    return table([t("when"), t("datum_mark"), "#" + t("half"), "#" + t("ninety")], rows)


def _ways(s: dict[str, Any], t: Any) -> dict[str, Any]:
    rows: list[list[str | Cell]] = [[shown(w["id"], 40), shown(w["object"], 40), t("percent", n=100 * w["chance"])] for w in s["ways"]]
    return table([t("way"), t("object"), "#" + t("chance")], rows)


def _legs(made: dict[str, Any], asset: dict[str, Any], t: Any, language: str) -> dict[str, Any] | None:
    legs = [leg for leg in made["legs"] if leg["asset"] == asset["id"]]
    rows: list[list[str | Cell]] = []
    for leg in legs[:_MOST_ROWS]:
        why = t("why", percent=100 * leg["worth"]) if leg["task"] == "search" else ""
        task = spoken(render(f"plan.page.task.{leg['task']}", {}, language), language)
        lon, lat = leg["way"][-1]
        rows.append([(_when(leg["start"]), "mono"), (_when(leg["end"]), "mono"), task, (position(lon, lat, language), "mono"), why])
    return table([t("from"), t("to"), t("task"), t("where"), t("why_head")], rows, f"{shown(asset['id'], 40)} ({asset['nation'].upper()})")


def _unknown(made: dict[str, Any], t: Any, language: str) -> list[str]:
    s = made["summary"]
    told = [spoken(render(f"plan.obstacle.{o['constraint']}", o, language), language) for o in s["obstacles"]]
    return [*told, t("drift_model", n=s["drifts"]), t("leeway_source"), t("search_model"), t("bound_says"), t("checked")]
