"""An event, what is known of its vessels, rules -> the rule that alerts it, with what was met; or why it is not alerted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import polars as pl

from seaward.alerts.alert import Reason, reason
from seaward.alerts.lists import Lists, Match
from seaward.alerts.rules import Rule, Rules, fits, rank
from seaward.core.ais import SHIP_CLASSES
from seaward.core.mid import flag_of
from seaward.core.tables import VESSELS


@dataclass(frozen=True, slots=True)
class Vessel:
    """What rules may ask of a vessel; null or `unknown` where it is not known."""

    vessel_id: str
    mmsi: int | None = None
    flag: str | None = None
    ship_type: int | None = None
    length_m: float | None = None
    lists: tuple[Match, ...] = ()
    name: str | None = None

    @property
    def ship_class(self) -> str:
        """Of `rules.CLASSES`, by the type it declares."""
        if self.ship_type is None:
            return "unknown"
        return next((word for word, types in SHIP_CLASSES.items() if self.ship_type in types), "other")


class Judged(NamedTuple):
    """What the rules make of an event: the rule that alerts it with what was met, or why not (no_rule, excluded, in_port, feed_down)."""

    verdict: str
    rule: Rule | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """When vessels did what before: (vessel, kind) -> (event, start, probability); for rules on repeat offence."""

    deeds: Mapping[tuple[str, str], list[tuple[str, datetime, float | None]]] = field(default_factory=dict)

    @staticmethod
    def of(events: pl.DataFrame) -> Past:
        """From EVENTS, one version of each; withdrawn ones do not count."""
        deeds: dict[tuple[str, str], list[tuple[str, datetime, float | None]]] = {}
        for row in events.select("event_id", "state", "kind", "vessel_ids", "start_at", "probability").iter_rows(named=True):
            if row["state"] != "withdrawn":
                for vessel in row["vessel_ids"]:
                    deeds.setdefault((vessel, row["kind"]), []).append((row["event_id"], row["start_at"], row["probability"]))
        return Past(deeds)

    def count(self, vessel: str, kinds: Iterable[str], since: datetime, until: datetime, min_probability: float) -> int:
        """How many events of these kinds began from `since` to `until`, with at least that probability where one is asked for."""
        found = {name for kind in kinds for name, start, p in self.deeds.get((vessel, kind), ())
                 if since <= start <= until and (min_probability == 0 or (p is not None and p >= min_probability))}  # fmt: skip
        return len(found)


def vessels_of(vessel_ids: Iterable[str], known: pl.DataFrame, lists: Lists) -> dict[str, Vessel]:
    """What is known of vessels, from VESSELS; of those not in it, what their name says.

    Everything a vessel ever said counts for the lists: who takes another name stays on them.
    """
    wanted = sorted({*vessel_ids})
    rows = {r["vessel_id"]: r for r in known.select(VESSELS.schema.names()).filter(pl.col("vessel_id").is_in(wanted)).iter_rows(named=True)}
    found = {}
    for vessel in wanted:
        row: dict[str, Any] = rows.get(vessel, {})
        digits = vessel.removeprefix("mmsi:").split("#")[0]
        mmsi = row.get("mmsi") or (int(digits) if digits.isdigit() else None)
        said = [row, *(row.get("identity") or ())]
        imos, names, calls = ({s[c] for s in said if s.get(c)} for c in ("imo", "name", "callsign"))
        flag = None if mmsi is None else flag_of(mmsi)
        on = lists.matches(mmsi, imos, names, calls)
        found[vessel] = Vessel(vessel, mmsi, flag, row.get("ship_type"), row.get("length_m"), on, row.get("name"))
    return found


def judge(event: Mapping[str, Any], vessels: Mapping[str, Vessel], rules: Rules, past: Past, *, near_port: bool, feed_down: bool) -> Judged:
    """What the rules make of one event.

    Parameters
    ----------
    event
        A row of EVENTS that is not withdrawn.
    vessels
        Its vessels by name.
    rules
        In their order: of those it meets, the one of the highest priority, and of these the first, alerts it.
    past
        What its vessels did before.
    near_port
        Whether it lies at a port, anchorage or stopping place.
    feed_down
        Whether the feed that heard the vessel last is down; a gap is then no sign of anything.
    """
    who = [vessels.get(v, Vessel(v)) for v in event["vessel_ids"]]
    met: list[tuple[int, int, Rule, tuple[Reason, ...]]] = []
    port_alone = False
    for place, rule in enumerate(rules.rules):
        said = _meets(rule, event, who, past)
        if said is None:
            continue
        if rule.exclude:
            return Judged("excluded", rule, said)
        if near_port and not rule.in_port:
            port_alone = True
        else:
            met.append((rank(rule.priority), place, rule, said))
    if not met:
        return Judged("in_port" if port_alone else "no_rule")
    if event["kind"] == "gap" and feed_down:
        return Judged("feed_down")
    _, _, rule, said = min(met, key=lambda m: m[:2])
    return Judged("raised", rule, said)


def _meets(rule: Rule, event: Mapping[str, Any], who: list[Vessel], past: Past) -> tuple[Reason, ...] | None:
    """What of a rule an event meets, in words; None where it does not meet all of it."""
    if rule.kinds and event["kind"] not in rule.kinds:
        return None
    said = [reason("kind", kind=event["kind"])]
    if rule.areas:
        if (inside := next((a for a in event["areas"] for p in rule.areas if fits(p, a)), None)) is None:
            return None
        said.append(reason("area", area=inside))
    if any(fits(p, a) for a in event["areas"] for p in rule.not_areas):
        return None
    if rule.min_probability:
        if event["probability"] is None or event["probability"] < rule.min_probability:
            return None
        said.append(reason("probability", percent=f"{100 * event['probability']:.0f}", limit=f"{100 * rule.min_probability:.0f}"))
    if rule.min_hours:
        lasted_h = (event["end_at"] - event["start_at"]).total_seconds() / 3600
        if lasted_h < rule.min_hours:
            return None
        said.append(reason("duration", hours=f"{lasted_h:.1f}", limit=f"{rule.min_hours:g}"))
    if rule.hours:
        local = event["start_at"] + timedelta(minutes=rule.offset_min)
        minute, (since, until) = local.hour * 60 + local.minute, rule.hours
        if not (since <= minute < until if since < until else minute >= since or minute < until):
            return None
        said.append(reason("hours", began=f"{minute // 60:02d}:{minute % 60:02d}", offset=offset_text(rule.offset_min)))
    if rule.asks_vessel:
        of_vessels = [found for v in who if (found := _meets_vessel(rule, event, v, past)) is not None]
        if not of_vessels:
            return None
        said += of_vessels[0]
    return tuple(said)


def _meets_vessel(rule: Rule, event: Mapping[str, Any], vessel: Vessel, past: Past) -> list[Reason] | None:
    """What of a rule one vessel meets; None where it does not meet all that is asked of a vessel."""
    said = []
    if (rule.flags and vessel.flag not in rule.flags) or vessel.flag in rule.not_flags:
        return None
    if rule.flags or rule.not_flags:
        said.append(reason("flag", vessel=vessel.vessel_id, flag=vessel.flag or "?"))
    if (rule.classes and vessel.ship_class not in rule.classes) or vessel.ship_class in rule.not_classes:
        return None
    if rule.ship_types and vessel.ship_type not in rule.ship_types:
        return None
    if rule.classes or rule.ship_types or rule.not_classes:
        said.append(reason("class", vessel=vessel.vessel_id, ship_class=vessel.ship_class))
    if rule.min_length_m:
        if vessel.length_m is None or vessel.length_m < rule.min_length_m:
            return None
        said.append(reason("length", vessel=vessel.vessel_id, length_m=f"{vessel.length_m:.0f}", limit=f"{rule.min_length_m:g}"))
    if any(fits(p, m.list) for p in rule.not_lists for m in vessel.lists):
        return None
    if rule.lists:
        on = [m for m in vessel.lists if any(fits(p, m.list) for p in rule.lists)]
        if not on:
            return None
        said += [reason(f"list_by_{m.by}", vessel=vessel.vessel_id, list=m.list, row=str(m.row)) for m in on]
    if rule.repeat_events:
        kinds = rule.kinds or {event["kind"]}
        since = event["start_at"] - timedelta(days=rule.repeat_days)
        count = past.count(vessel.vessel_id, kinds, since, event["start_at"], rule.min_probability)
        if count < rule.repeat_events:
            return None
        said.append(reason("repeat", vessel=vessel.vessel_id, count=str(count), days=f"{rule.repeat_days:g}"))
    return said


def offset_text(offset_min: int) -> str:
    """An offset from UTC, such as -05:00."""
    hours, minutes = divmod(abs(offset_min), 60)
    return f"{'-' if offset_min < 0 else '+'}{hours:02d}:{minutes:02d}"
