"""The order of an asset -> what its page and its PDF say: who, when, where, how fast, on what fuel, why, who is near; laid out elsewhere."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from seaward.core.catalogue import render
from seaward.core.realm import is_drill
from seaward.core.units import HOUR_S
from seaward.report.blocks import Cell, bullets, figures, notes, section, table
from seaward.report.order_map import order_chart
from seaward.report.words import moment, position, shown, spoken

_ZONES = "YXWVUTSRQPONZABCDEFGHIKLM"  # of the seas, from 12 hours behind UTC to 12 ahead
_NEAR_NM = 60.0


def order_view(order: dict[str, Any], language: str) -> dict[str, Any]:
    """Everything the order says.

    Parameters
    ----------
    order
        As `orders.order_of` makes it.
    language
        `en` or `es`.
    """

    def t(code: str, **values: Any) -> str:
        return spoken(render(f"order.{code}", values, language), language)

    mark = render("report.drill", {}, language) if is_drill(order["realm"]) else ""
    zone = zone_name(order["zone_h"])
    sections = [
        section("map", t("chart"), [figures([{"svg": order_chart(order, language, mark), "name": t("chart")}], looks="zoom")]),
        *(section(f"sortie-{s['number']}", t("sortie_head", n=s["number"], depart=_z(s["depart"])), _legs(order, s, t, language, zone))
          for s in order["sorties"]),
        *([section("patterns", t("patterns"), [_patterns(order, language)])] if order.get("patterns") else []),
        section("near", t("near"), [_near(order, t, language), notes([t("near_says")], "soft")]),
        section("comms", t("comms"), [_comms(t), notes([t("comms_says")], "soft")]),
        section("limits", t("limits"), [bullets([t("not_navigation"), t("limit_search"), t("limit_fuel"), t("limit_land")])]),
        section("signed", t("signed"), [_signed(t)]),
    ]  # fmt: skip
    p = order["particulars"]
    facts = [
        (t("unit"), f"{shown(order['asset'], 40)} ({order['nation'].upper()})"), (t("kind_of"), t(f"kind.{order['kind']}")),
        (t("from"), _z(order["start"])), (t("to"), _z(order["end"])), (t("zone"), t("zone_is", zone=zone, hours=_signed_h(order["zone_h"]))),
        (t("realm"), order["realm"]), (t("plan"), order["plan_id"][:12]),
    ]  # fmt: skip
    if p:
        facts.insert(2, (t("can"), t("can_is", kn=p["speed_kn"], sea=p["sea_state"], day=p["sweep_day_nm"], night=p["sweep_night_nm"])))
    return {
        "kind": t("kind"), "title": shown(order["title"], 120), "unit": shown(order["asset"], 40), "realm": order["realm"], "facts": facts,
        "note": t("not_navigation"), "front": [_sorties(order, t, zone)], "sections": sections,
    }  # fmt: skip


def _signed_h(hours: float) -> str:
    return f"{hours:+.1f}".removesuffix(".0")


def zone_name(hours: float) -> str:
    """The letter of a time zone of the seas; for others its hours."""
    return _ZONES[int(hours) + 12] if hours == int(hours) and -12 <= hours <= 12 else f"{hours:+.1f} h"


def _z(text: str) -> str:
    return moment(datetime.fromisoformat(text))


def _local(text: str, order: dict[str, Any]) -> str:
    return (datetime.fromisoformat(text) + timedelta(hours=order["zone_h"])).strftime("%d %H:%M")


def _hour(text: str | None) -> str:
    return "–" if text is None else datetime.fromisoformat(text).strftime("%d %H:%MZ")


def _sorties(order: dict[str, Any], t: Any, zone: str) -> dict[str, Any]:
    p = order["particulars"]
    rows: list[list[str | Cell]] = []
    for s in order["sorties"]:
        spare = t("hours", n=p["endurance_h"] - s["hours"]) if p else t("not_told")
        fuel, fuel_spare = t("not_told"), t("not_told")
        if p and s["fuel_t"] is not None:
            fuel, fuel_spare = t("tons", n=s["fuel_t"]), t("tons", n=p["fuel_t"] * (1 - p["reserve"]) - s["fuel_t"])
        searches = sum(q["task"] == "search" for q in s["points"])
        rows.append([
            (str(s["number"]), "bold"), (_z(s["depart"]), "mono"), (_local(s["depart"], order), "mono"), (_z(s["back"]), "mono"),
            (_local(s["back"], order), "mono"), t("hours", n=s["hours"]), spare, t("miles", n=s["nm"]), fuel, fuel_spare, str(searches),
        ])  # fmt: skip
    head = [
        t("sortie"), t("depart"), t("local", zone=zone), t("back"), t("local", zone=zone), "#" + t("out"), "#" + t("spare_h"), "#" + t("distance"),
        "#" + t("fuel"), "#" + t("spare_t"), "#" + t("searches"),
    ]  # fmt: skip
    more = t("reserve", percent=100 * p["reserve"], rest=p["rest_h"]) if p else ""
    return table(head, rows, more=more, looks="front")


def _legs(order: dict[str, Any], s: dict[str, Any], t: Any, language: str, zone: str) -> list[dict[str, Any]]:
    rows: list[list[str | Cell]] = []
    points = s["points"]
    for k, q in enumerate(points):
        cover = "" if not q["coverage"] else t("cover", z=q["coverage"], percent=100 * -math.expm1(-q["coverage"]))
        local = "–".join(_local(m, order) for m in (q["arrive"], q["leave"]) if m)
        task = render(f"plan.page.task.{q['task']}", {}, language)
        rows.append([
            (q["name"], "mono"), (task, "" if q["task"] in ("transit", "port") else "bold"),
            (_hour(q["arrive"]), "mono"), (_hour(q["leave"]), "mono"),
            (local, "mono"), (position(q["lon_deg"], q["lat_deg"], language), "mono"),
            "–" if q["course_deg"] is None or q["nm"] < 0.05 else f"{round(q['course_deg']) % 360:03d}°",
            "–" if q["nm"] is None else t("miles", n=q["nm"]), t("knots", n=q["speed_kn"]) if q["speed_kn"] else "–", cover, _why(points, k, t),
        ])  # fmt: skip
    head = [t("point"), t("task"), t("arrive"), t("leave"), t("local", zone=zone), t("where"), "#" + t("course"), "#" + t("distance"),
        "#" + t("speed"),
            t("cover_head"), t("why")]  # fmt: skip
    days = t("days", first=_z(s["depart"])[:10], last=_z(s["back"])[:10])
    return [notes([days], "lead"), table(head, rows, looks="small")]


def _why(points: list[dict[str, Any]], k: int, t: Any) -> str:
    q = points[k]
    if q["target"]:
        return t("for", target=shown(q["target"], 40))
    if q["task"] == "search":
        return t("why_search", n=q["worth"]) if q["worth"] is not None else ""
    if q["task"] == "port":
        return t("why_depart" if k == 0 else "why_home")
    ahead = next((p["name"] for p in points[k + 1 :] if p["task"] != "transit"), "")
    return t("why_way", name=ahead) if ahead else ""


def _patterns(order: dict[str, Any], language: str) -> dict[str, Any]:
    """The pattern of each search of somebody missing: which, from where, how far apart; the turning points are in the sorties."""

    def t(code: str, **values: Any) -> str:
        return spoken(render(f"search.page.{code}", values, language), language)

    rows: list[list[str | Cell]] = [
        [str(p["area"]), (_hour(p["start"]), "mono"), (_hour(p["end"]), "mono"),
         (t(f"pattern.{p['kind']}"), "bold") if p["kind"] else t(f"why_not.{p['why_not']}"), (position(p["csp"][0], p["csp"][1], language), "mono"),
         t("nm", n=p["spacing_nm"]) if p["kind"] else "–", t("nm", n=p["track_nm"]) if p["kind"] else "–", t("nm", n=p["sweep_nm"])]
        for p in order["patterns"]
    ]  # fmt: skip
    head = ["#" + t("area"), t("from"), t("to"), t("pattern"), t("csp"), "#" + t("spacing"), "#" + t("track"), "#" + t("sweep")]
    return table(head, rows, looks="small")


def _near(order: dict[str, Any], t: Any, language: str) -> dict[str, Any]:
    rows: list[list[str | Cell]] = [
        [(f"{shown(o['asset'], 40)} ({o['nation'].upper()})", "bold" if o["nm"] <= _NEAR_NM else ""), t(f"kind.{o['kind']}"), t("miles", n=o["nm"]),
         (_z(o["at"]), "mono"), (position(o["lon_deg"], o["lat_deg"], language), "mono"),
         render(f"plan.page.task.{o['task']}", {}, language) if o["task"] else "–", ("", "fill")]
        for o in order["near"]
    ]  # fmt: skip
    head = [t("unit"), t("kind_of"), "#" + t("nearest"), t("when"), t("where"), t("its_task"), t("channel")]
    return table(head, rows, more="" if rows else t("nobody"))


def _comms(t: Any) -> dict[str, Any]:
    rows: list[list[str | Cell]] = [
        [t(f"comms.{k}"), ("", "fill"), ("", "fill"), ("", "fill")] for k in ("report", "between", "working", "distress", "data")
    ]
    return table([t("comms.use"), t("comms.first"), t("comms.second"), t("comms.times")], rows)


def _signed(t: Any) -> dict[str, Any]:
    rows: list[list[str | Cell]] = [[t(f"signed.{k}"), ("", "fill"), ("", "fill"), ("", "fill")] for k in ("ordered", "received")]
    return table(["", t("signed.name"), t("signed.signature"), t("signed.at")], rows)


def departs_s(order: dict[str, Any]) -> int:
    """Moment of the first departure [s since 1970 UTC], which dates the document."""
    return int(datetime.fromisoformat(order["sorties"][0]["depart"]).timestamp() // HOUR_S * HOUR_S)
