"""plan.json -> what its page says: figures, the chart, who does what, what cooperation gains, what is not known; words only, laid out elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seaward.core.catalogue import render
from seaward.core.realm import is_drill
from seaward.report.blocks import Cell, figures, notes, section, table
from seaward.report.plan_map import plan_chart
from seaward.report.words import moment, position, shown, spoken

MAX_LEGS = 400  # of one asset on the page; all are in plan.json


def plan_view(made: dict[str, Any], language: str) -> dict[str, Any]:
    """Everything the page says.

    Parameters
    ----------
    made
        As in plan.json.
    language
        `en` or `es`.
    """

    def t(code: str, **values: Any) -> str:
        return spoken(render(f"plan.page.{code}", values, language), language)

    s = made["summary"]
    mark = render("report.drill", {}, language) if is_drill(made["realm"]) else ""
    sections = [
        section("map", t("map"), [figures([{"svg": plan_chart(made, language, mark)}], looks="zoom"), notes([t("map_says")], "soft")]),
        section("who", t("who"), [notes([t("why_says")], "soft"), *(asset_table(made, a, t, language) for a in made["assets"])]),
        section("alone", t("alone"), [_alone(s, t)]),
        section("unknown", t("unknown"), [notes(_unknown(made, t, language))]),
    ]
    if "answer" in made:
        sections.insert(0, section("answer", t("answer"), [_answer(made["answer"], t, language), notes(_handed(made["answer"], t, language))]))
    return {
        "kind": t("kind"), "title": shown(made["title"], 120), "realm": made["realm"], "front": [_front(s, t)], "sections": sections,
        "facts": [(t("from"), _when(made["start"])), (t("to"), _when(made["end"])), (t("realm"), made["realm"]), (t("id"), made["plan_id"][:12])],
        "note": t("not_navigation"),
    }  # fmt: skip


def _when(text: str) -> str:
    return moment(datetime.fromisoformat(text))


def _front(s: dict[str, Any], t: Any) -> dict[str, Any]:
    rows: list[list[str | Cell]] = [
        [t("acts_expected"), t("acts", n=s["acts_expected"])],
        [t("acts_met"), t("acts", n=s["acts_met"])],
    ]
    if "as_planned" in s:
        was = s["as_planned"]
        rows += [
            [t("at_most"), t("no_bound")],
            [t("was_met"), t("acts", n=was["acts_met"])],
            [t("was_at_most"), t("acts", n=was["acts_met_at_most"])],
        ]
    else:
        rows += [[t("at_most"), t("acts", n=s["acts_met_at_most"])], [t("gap"), t("percent", n=100 * s["gap"])]]
    if "strategy" in s:
        g = s["strategy"]
        rows += [
            [t("plans"), f"{g['plans']}"],
            [t("risk_without"), t("figure", n=g["without_patrol"])],
            [t("risk_best"), t("figure", n=g["of_best_plan"])],
            [t("risk"), t("figure", n=g["risk"])],
            [t("floor"), t("figure", n=g["floor"])],
        ]
    return table([t("figure_head"), "#" + t("value_head")], rows, looks="front")


def asset_table(made: dict[str, Any], asset: dict[str, Any], t: Any, language: str) -> dict[str, Any] | None:
    """The legs of an asset."""
    legs = [leg for leg in made["legs"] if leg["asset"] == asset["id"]]
    if not legs:
        return None
    whole = made["summary"].get("acts_met") or 1.0
    rows: list[list[str | Cell]] = []
    for leg in legs[:MAX_LEGS]:
        lon, lat = leg["way"][-1]
        why = (
            t("why", n=leg["worth"], percent=100 * leg["worth"] / whole)
            if leg["task"] == "search"
            else t("for", target=leg["target"])
            if leg["target"]
            else ""
        )
        speed = t("knots", n=leg["speed_kn"]) if leg["speed_kn"] else "–"
        rows.append(
            [(_when(leg["start"]), "mono"), (_when(leg["end"]), "mono"), t(f"task.{leg['task']}"), (position(lon, lat, language), "mono"), speed, why]
        )
    head = [t("from"), t("to"), t("task"), t("where"), "#" + t("speed"), t("why_head")]
    more = t("more_legs", n=len(legs) - MAX_LEGS) if len(legs) > MAX_LEGS else ""
    return table(head, rows, f"{shown(asset['id'], 40)} ({asset['nation'].upper()})", more)


def _alone(s: dict[str, Any], t: Any) -> dict[str, Any]:
    rows: list[list[str | Cell]] = [
        [" + ".join(n.upper() for n in a["nations"]), f"{a['assets']}", t("acts", n=a["acts_met"]), t("acts", n=a["acts_met_at_most"])]
        for a in s["alone"]
    ]
    single = [a["acts_met"] for a in s["alone"][:-1]]
    more = ""
    if single:
        together = s["alone"][-1]["acts_met"]
        more = t("gain", best=max(single), together=together, percent=100 * (together / max(*single, 1e-9) - 1))
    return table([t("nations"), "#" + t("assets"), "#" + t("acts_met"), "#" + t("at_most")], rows, more=more)


def _unknown(made: dict[str, Any], t: Any, language: str) -> list[str]:
    s = made["summary"]
    told = [render(f"plan.{note}", {}, language) for note in s["notes"]]
    told += [spoken(render(f"plan.{reason}", {"n": n}, language), language) for reason, n in s.get("refused", {}).items()]
    told += [spoken(render(f"plan.obstacle.{o['constraint']}", o, language), language) for o in s["obstacles"]]
    told += [spoken(render(f"plan.uncovered.{u['constraint']}", u, language), language) for u in s.get("uncovered", ())]
    told += [t("short", where=position(c["lon_deg"], c["lat_deg"], language)) for c in s["short"][:20]]
    unknown = sum(not c["is_known"] for c in made["risk"])
    return [*told, t("unknown_cells", n=unknown, all=len(made["risk"])), t("model"), t("deterrence"), t("checked")]


def _answer(answer: dict[str, Any], t: Any, language: str) -> dict[str, Any]:
    rows: list[list[str | Cell]] = []
    for m in answer["meetings"]:
        w = m["watcher"]
        how = t("handed", watcher=w["asset"], at=_when(w["meet"]), chance=100 * w["chance"]) if w else ""
        where = (position(m["lon_deg"], m["lat_deg"], language), "mono")
        rows.append(
            [(shown(m["target"], 40), "bold"), shown(m["asset"], 40), where, (_when(m["meet"]), "mono"), t("percent", n=100 * m["chance"]), how]
        )
    return table([t("target"), t("asset"), t("where"), t("when"), "#" + t("chance"), t("how")], rows, looks="front")


def _handed(answer: dict[str, Any], t: Any, language: str) -> list[str]:
    del language
    alone = [t("alone_chance", asset=m["asset"], target=m["target"], chance=100 * m["alone"]) for m in answer["meetings"] if m["watcher"]]
    unmet = [t("unmet", target=shown(target, 40)) for target in answer["unmet"]]
    cost = t("cost", before=answer["acts_met_had_nobody_been_sent"], now=answer["acts_met_from_now"])
    return [*alone, *unmet, cost, t("meeting_model")]


def broken_said(broken: Any, language: str) -> str:
    """A rule that a plan breaks (`patrol.verify.Broken`) in words, with the nearest change."""
    values = {"has": broken.has, "limit": broken.limit, "over": broken.has - broken.limit, "short": broken.limit - broken.has}
    return spoken(render(f"plan.broken.{broken.rule}", values, language), language)
