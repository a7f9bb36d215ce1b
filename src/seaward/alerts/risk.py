"""Vessels, events, cases, watch lists -> vessels by risk: likelihood, impact, how hard to see, each with what it is made of.

As in a failure mode and effects analysis (IEC 60812:2018), three parts from 1 to 10 are multiplied. Likelihood and impact, and the four levels, are
what fisheries control in the European Union asks for (Implementing Decision (EU) 2018/1986, article 5). The points are ours, and shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from seaward.alerts.lists import Lists
from seaward.alerts.matching import vessels_of
from seaward.alerts.risk_parts import Part, RiskParams, parts_of
from seaward.core.catalogue import render
from seaward.core.realm import is_drill

PARTS = ("likelihood", "impact", "hidden")
LEVELS = (("very_high", 200.0), ("high", 100.0), ("medium", 40.0), ("low", 0.0))  # from so high a product on; bounds ours
_MOST = 10.0
RISK = pl.Schema({
    "realm": pl.String, "rank": pl.Int64, "vessel_id": pl.String, "name": pl.String, "flag": pl.String, "risk": pl.Float64, "level": pl.String,
    "likelihood": pl.Float64, "impact": pl.Float64, "hidden": pl.Float64,
    "parts": pl.List(pl.Struct({
        "part": pl.String(), "code": pl.String(), "points": pl.Float64(),
        "values": pl.List(pl.Struct({"name": pl.String(), "value": pl.String()})),
    })),
})  # fmt: skip


def vessel_risk(
    realm: str, vessels: pl.DataFrame, events: pl.DataFrame, cases: pl.DataFrame, lists: Lists, as_of: datetime, params: RiskParams | None = None
) -> pl.DataFrame:
    """Rank vessels by risk.

    Parameters
    ----------
    realm
        Of all that is given.
    vessels
        VESSELS; also those without any event are ranked.
    events
        EVENTS, one version of each; withdrawn ones do not count. Leave out what a person found to be false.
    cases
        CASES; withdrawn ones do not count.
    lists
        Watch lists.
    as_of
        The moment; nothing later is looked at.
    params
        Points.

    Returns
    -------
    RISK, the highest risk first, those of equal risk by name: parts from 1 to 10, their product from 1 to 1,000, its level, and every point with its
    reason. A part is 1 and the sum of its points, at most 10.

    Limits
    ------
    A rank to look at vessels by, not a probability: the points were not fitted to anything, and what no feed heard is not in it.

    Source
    ------
    IEC 60812:2018; Implementing Decision (EU) 2018/1986, article 5; on eliciting weights Ford and Wilcox 2022, doi:10.1093/icesjms/fsac027.
    """
    params = params or RiskParams()
    deeds = _by_vessel(events.filter(pl.col("state") != "withdrawn"))
    of_cases = _by_vessel(cases.filter(pl.col("state") != "withdrawn"))
    known = vessels_of({*vessels["vessel_id"].to_list(), *deeds, *of_cases}, vessels, lists)
    rows = []
    for vessel_id, vessel in known.items():
        parts = parts_of(vessel, deeds.get(vessel_id, ()), of_cases.get(vessel_id, ()), as_of, params, drill=is_drill(realm))
        of = {name: min(_MOST, 1.0 + sum(p.points for p in parts if p.part == name)) for name in PARTS}
        risk = of["likelihood"] * of["impact"] * of["hidden"]
        level = next(word for word, least in LEVELS if risk >= least)
        rows.append({"realm": realm, "rank": 0, "vessel_id": vessel_id, "name": vessel.name, "flag": vessel.flag, "risk": risk, "level": level, **of,
                     "parts": [_row(p) for p in parts]})  # fmt: skip
    rows.sort(key=lambda r: (-round(r["risk"], 9), r["vessel_id"]))
    return pl.DataFrame([r | {"rank": n} for n, r in enumerate(rows, 1)], schema=RISK)


def part_text(part: Mapping[str, Any], language: str) -> str:
    """One part of a risk in words, with its points."""
    values = {v["name"]: v["value"] for v in part["values"]}
    if "kind" in values:
        values["kind"] = render(f"kind.{values['kind']}", {}, language)
    if "ship_class" in values:
        values["ship_class"] = render(f"alert.ship_class.{values['ship_class']}", {}, language)
    return f"+{part['points']:.1f} {render('risk.' + part['code'], values, language)}"


def _by_vessel(table: pl.DataFrame) -> dict[str, Sequence[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in table.iter_rows(named=True):
        for vessel in row["vessel_ids"]:
            found.setdefault(vessel, []).append(row)
    return dict(found)


def _row(part: Part) -> dict[str, Any]:
    return {"part": part.part, "code": part.code, "points": part.points, "values": [{"name": k, "value": v} for k, v in part.values.items()]}
