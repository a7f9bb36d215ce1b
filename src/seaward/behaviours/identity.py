"""positions, vessels -> identity events: a number nobody can have, one number in two places, another name, the same ship under two numbers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import polars as pl

from seaward.behaviours.behaviour import LEFT_OUT, Behaviour, Context, check_range
from seaward.behaviours.columns import Columns, columns_of
from seaward.behaviours.events import EventRows, reason
from seaward.behaviours.lying import LyingLimits, lying_until
from seaward.core.geodesy import great_circle_m
from seaward.core.imo import imo_is_valid
from seaward.core.mid import drill_numbers, flag_of, is_assigned, is_exercise, kind_of
from seaward.core.realm import OPS
from seaward.core.tables import EVENTS
from seaward.core.units import HOUR_S, US_PER_S, at_to_us

_HEARD_US = round(8 * HOUR_S * US_PER_S)  # Global Fishing Watch gpsdio-segment: a longer silence ends a stretch
_TURNS, _TURNS_SHARE = 2, 0.05  # two hulls at one time are heard by turns; with fewer, one hull jumped there and back (as in `position`); ours
_MOST = 20  # vessels that share one identity; more are a test signal or a default; ours
_NEAR_US = round(24 * HOUR_S * US_PER_S)  # a fix this close says where a statement was made; ours


@dataclass(frozen=True, slots=True)
class IdentityParams:
    """Ours; the numbers after ITU-R M.585-9 and IMO resolution A.1117(30)."""

    min_apart_m: float = 1_852.0  # two hulls under one number: median distance between them
    min_together_s: float = 1_800.0  # heard side by side in time for so long,
    min_fixes: int = 10  # with so many fixes of the one that has fewer
    alike: float = 0.8  # share of letters in common (Ratcliff and Obershelp) from which two names are one, spelled or received differently
    still_m: float = 500.0  # a number nobody can have is no event while a day's fixes are so near their middle (Global Fishing Watch, "Anchorages"),
    still_sog_kn: float = 0.5  # no speed reported reaches this (Global Fishing Watch, "Port visits": faster is under way),
    still_anchorage_m: float = 4_000.0  # and a port given or stopping place learned is so near (as in loitering),
    still_shore_m: float = 5_000.0  # or the shore: nearer, our chart cannot tell a berth from the sea (`chart.shore`)

    def __post_init__(self) -> None:
        check_range("min_apart_m", self.min_apart_m, 100, 1_000_000, "m", "1852 is a mile, far beyond errors of position")
        check_range("min_together_s", self.min_together_s, 0, 30 * 86_400, "s", "give some minutes to some days")
        check_range("min_fixes", self.min_fixes, 2, 10_000, "", "a few fixes can be noise")
        check_range("alike", self.alike, 0.1, 1.0, "", "1 takes every letter seriously")
        check_range("still_m", self.still_m, 0, 10_000, "m", "500 is a stop; 0 leaves nothing out")
        check_range("still_sog_kn", self.still_sog_kn, 0.1, 5, "kn", "0.5 is the published speed of a vessel under way")
        check_range("still_anchorage_m", self.still_anchorage_m, 0, 1_000_000, "m", "0 leaves nothing out at ports and stopping places")
        check_range("still_shore_m", self.still_shore_m, 0, 1_000_000, "m", "0 leaves nothing out by the shore")


def sift_identity(positions: pl.DataFrame, context: Context, params: IdentityParams, as_of: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find identities that cannot be, are in two places, change, or are carried by two vessels, and tell those that are left out.

    A number nobody can have is an event from the first fix that moves or lies away from harbours and the shore. Nothing else is left out.

    Parameters
    ----------
    positions
        POSITIONS in any order, of whole identities (MMSI).
    context
        `vessels` with every identity they said; without it only numbers and hulls are judged. `places` and `shore_m`: for what is left out.
    params
        Thresholds.
    as_of
        Moment up to which reports are known.

    Returns
    -------
    events
        EVENTS; probability is null: how often such a thing is a mistake is not known.
    left_out
        LEFT_OUT, one per number nobody can have whose vessel has never moved: `harbour` or `shore`, by where it lay last.

    Limits
    ------
    Crews mistype names and numbers; a number left over from a former flag is common. Statements carry no place of their own: the event stands at the
    vessel's fix before it. A vessel that changed its flag and its number lawfully is named as one that goes under two numbers, one after the other.
    """
    c = columns_of(positions, as_of)
    if c is None:
        return EVENTS.empty(), pl.DataFrame(schema=LEFT_OUT)
    events = EventRows(IDENTITY.kind, IDENTITY.version, c.realm)
    mmsi = c.rows["mmsi"].gather(c.first[:-1]).to_numpy()
    said = context.vessels.filter(pl.col("identity").list.len() > 0).select("realm", "vessel_id", "mmsi", "identity", "first_at", "last_at")
    names = [c.vessel_of(int(row)) for row in c.first[:-1]]
    several = said.filter(pl.col("identity").list.len() > 1, pl.col("vessel_id").is_in(names))
    by_vessel = dict(several.select("vessel_id", "identity").iter_rows())
    pairs = _carried_by_two(said, as_of)
    for v, vessel in enumerate(names):
        _number(events, c, context, params, v, vessel, int(mmsi[v]))
        if vessel in by_vessel:
            _changes(events, c, params, v, vessel, by_vessel[vessel])
        for other in pairs.get(vessel, ()):
            _two_numbers(events, c, v, vessel, *other)
    for hulls in _hulls(mmsi):
        _several_places(events, c, params, hulls)
    return events.table(), events.left_out()


def find_identity(positions: pl.DataFrame, context: Context, params: IdentityParams, as_of: datetime) -> pl.DataFrame:
    """The events of `sift_identity`."""
    return sift_identity(positions, context, params, as_of)[0]


def _number(events: EventRows, c: Columns, context: Context, params: IdentityParams, v: int, vessel: str, mmsi: int) -> None:
    """A number that no station can have, once its vessel does more than lie where it was first heard: at a berth it is a transponder set wrongly."""
    if is_assigned(mmsi) or (c.realm != OPS and is_exercise(mmsi)):
        return
    a, b = int(c.first[v]), int(c.first[v + 1]) - 1
    end, is_open = int(c.at_us[b]), c.as_of_us - int(c.at_us[b]) <= _HEARD_US
    limits = LyingLimits(params.still_m, params.still_sog_kn, params.still_anchorage_m, params.still_shore_m)
    out, why = lying_until(c, context, limits, a, b + 1)
    if out > b:
        events.leave_out(why, is_open=is_open, start_us=int(c.at_us[a]), vessel_ids=[vessel], subject="number")
        return
    code = "identity.number_form" if kind_of(mmsi) == "unknown" else "identity.number_digits"
    _add(events, c, "number", int(c.at_us[out]), end, [vessel], b, [reason(code, mmsi=mmsi)], (out, b), is_open=is_open)


def _changes(events: EventRows, c: Columns, params: IdentityParams, v: int, vessel: str, identity: list[dict[str, Any]]) -> None:
    """Another name, call sign or IMO number than the one before."""
    for before, now in itertools.pairwise(identity):
        since_us = at_to_us(now["since_at"])
        if since_us > c.as_of_us:
            break
        changed = [f for f in ("imo", "name", "callsign") if _differs(f, before[f], now[f], params.alike)]
        row = _fix_near(c, v, since_us)
        if not changed or row is None:
            continue
        reasons = [reason(f"identity.{field}_changed") for field in changed]
        if now["imo"] and not imo_is_valid(now["imo"]):
            reasons.append(reason("identity.imo_check_digit", imo=now["imo"]))
        _add(events, c, "-".join(changed), since_us, since_us, [vessel], row, reasons, (row,), is_open=False)


def _two_numbers(events: EventRows, c: Columns, v: int, vessel: str, other: str, since_us: int, by_imo: bool, together: bool) -> None:
    """The same ship under another number."""
    row = _fix_near(c, v, since_us)
    if row is None:
        return
    reasons = [reason("identity.same_imo" if by_imo else "identity.same_name_and_callsign"),
               reason("identity.both_heard" if together else "identity.one_after_the_other")]  # fmt: skip
    _add(events, c, "copy", since_us, since_us, [vessel, other], row, reasons, (row,), is_open=False)


@dataclass(frozen=True, slots=True, order=True)
class _Apart:
    """A stretch of time in which two hulls under one number were heard, far from each other."""

    start_us: int
    v: int
    w: int
    end_us: int
    rows: tuple[int, int, int]  # first of one, first of the other, last of the one
    apart_m: float  # median


def _several_places(events: EventRows, c: Columns, params: IdentityParams, hulls: list[int]) -> None:
    """Hulls under one number, far from each other at one time. Of several so many pairs are told as join them all: one fewer."""
    kept: list[_Apart] = []
    for pair in sorted(p for v, w in itertools.combinations(hulls, 2) for p in _apart(c, params, v, w)):
        if pair.w not in _joined(pair.v, [k for k in kept if pair.start_us - k.end_us <= _HEARD_US]):
            kept.append(pair)
    for pair in kept:
        near = [k for k in kept if k.start_us - pair.end_us <= _HEARD_US and pair.start_us - k.end_us <= _HEARD_US]
        together_h = (pair.end_us - pair.start_us) / US_PER_S / HOUR_S
        reasons = [reason("identity.two_places", apart_km=pair.apart_m / 1000, together_h=together_h)]
        if len(near) > 1:
            reasons.append(reason("identity.several_places", hulls=len(_joined(pair.v, near))))
        a, other, _ = pair.rows
        _add(events, c, "places", pair.start_us, pair.end_us, [c.vessel_of(a), c.vessel_of(other)], a, reasons, pair.rows,
             is_open=c.as_of_us - pair.end_us <= _HEARD_US)  # fmt: skip


def _joined(hull: int, pairs: list[_Apart]) -> set[int]:
    """The hulls that pairs join to this one, itself included."""
    joined = {hull}
    while more := {h for p in pairs if (p.v in joined) != (p.w in joined) for h in (p.v, p.w)} - joined:
        joined |= more
    return joined


def _apart(c: Columns, params: IdentityParams, v: int, w: int) -> list[_Apart]:
    """Stretches of time in which two hulls were heard, far from each other."""
    few, many = sorted(((int(c.first[k]), int(c.first[k + 1])) for k in (v, w)), key=lambda s: s[1] - s[0])
    at, other = c.at_us[few[0] : few[1]], c.at_us[many[0] : many[1]]
    after = np.minimum(np.searchsorted(other, at), len(other) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(other[after] - at) < np.abs(other[before] - at), after, before)
    both = np.flatnonzero(np.abs(other[nearest] - at) <= params.min_together_s * US_PER_S)
    if len(both) < params.min_fixes:
        return []
    rows, others = few[0] + both, many[0] + nearest[both]
    apart_m = great_circle_m(c.lon_deg[rows], c.lat_deg[rows], c.lon_deg[others], c.lat_deg[others])
    found = []
    for part in np.split(np.arange(len(both)), np.flatnonzero(np.diff(at[both]) > _HEARD_US) + 1):
        start, end = int(at[both[part[0]]]), int(at[both[part[-1]]])
        median_m = float(np.median(apart_m[part]))
        if len(part) < params.min_fixes or end - start < params.min_together_s * US_PER_S or median_m < params.min_apart_m:
            continue
        turns = int((np.diff(np.searchsorted(other, at[both[part]])) > 0).sum())  # steps between whose ends the other was heard too
        if turns < max(_TURNS, _TURNS_SHARE * (len(part) - 1)):
            continue  # it was there and back: see `position`
        found.append(_Apart(start, v, w, end, (int(rows[part[0]]), int(others[part[0]]), int(rows[part[-1]])), median_m))
    return found


def _hulls(mmsi: np.ndarray) -> list[list[int]]:
    """Vessels under one number, for each number that several have; not of a number that more than `_MOST` have."""
    order = np.argsort(mmsi, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(mmsi[order])) + 1)
    return [g.tolist() for g in groups if 1 < len(g) <= _MOST]


def _carried_by_two(said: pl.DataFrame, as_of: datetime) -> dict[str, list[tuple[str, int, bool, bool]]]:
    """Of each vessel: others under another number with the same IMO number, or the same name and call sign; since when, whether by IMO number, and
    whether at one time. Of several numbers so many pairs as join them all: each with one that said it before, if there is one, at the same time.
    """
    each = said.explode("identity").unnest("identity").filter(pl.col("since_at") <= as_of, pl.col("first_at").is_not_null())
    drill = (pl.col("realm").cast(pl.String) != OPS) & drill_numbers()
    each = each.filter(pl.col("mmsi").is_between(200_000_000, 799_999_999) | drill)  # vessels, ITU-R M.585-9; those of drills in drills
    digits = [pl.col("imo") // 10**k % 10 for k in range(6, -1, -1)]
    total = pl.sum_horizontal(d * w for d, w in zip(digits[:6], range(7, 1, -1), strict=True))
    valid = pl.col("imo").is_between(1_000_000, 9_999_999) & (total % 10 == digits[6])  # as `imo_is_valid`
    name, sign = _plain_text("name"), _plain_text("callsign")
    keys = [
        each.filter(pl.col("imo").is_not_null()).filter(valid).with_columns(key=pl.format("{}", "imo"), by_imo=pl.lit(True)),
        each.with_columns(_n=name, _c=sign).filter(pl.col("_n").str.len_chars() >= 4, pl.col("_c").str.len_chars() >= 4)
        .with_columns(key=pl.format("{} {}", "_n", "_c"), by_imo=pl.lit(False)).drop("_n", "_c"),
    ]  # fmt: skip
    pairs: list[tuple[Any, ...]] = []
    for rows in keys:
        shared = rows.group_by("key", "by_imo", "vessel_id", "mmsi", "first_at", "last_at").agg(pl.col("since_at").min())
        shared = shared.filter(pl.col("mmsi").n_unique().over("key") > 1, pl.len().over("key") <= _MOST).sort("key", "since_at", "vessel_id")
        for _, group in shared.group_by("key", maintain_order=True):
            members = list(group.iter_rows(named=True))
            for k, two in enumerate(members):
                if before := [m for m in members[:k] if m["mmsi"] != two["mmsi"]]:
                    one = next((m for m in before if _at_one_time(m, two)), before[-1])
                    low, high = sorted((one, two), key=lambda m: m["vessel_id"])
                    since = max(one["since_at"], two["since_at"], low["first_at"])
                    pairs.append((since, not two["by_imo"], low["vessel_id"], high["vessel_id"], low["mmsi"], high["mmsi"], _at_one_time(one, two)))
    found: dict[str, list[tuple[str, int, bool, bool]]] = {}
    group_of: dict[int, set[int]] = {}  # numbers joined so far
    for since, not_by_imo, low_id, high_id, a, b, together in sorted(pairs):
        joined = group_of.setdefault(a, {a})
        if b not in joined:
            joined |= group_of.get(b, {b})
            group_of.update(dict.fromkeys(joined, joined))
            found.setdefault(low_id, []).append((high_id, at_to_us(since), not not_by_imo, together))
    return found


def _at_one_time(one: dict[str, Any], two: dict[str, Any]) -> bool:
    return bool(max(one["first_at"], two["first_at"]) < min(one["last_at"], two["last_at"]))


def _plain_text(column: str) -> pl.Expr:
    return pl.col(column).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")


def _differs(field: str, before: Any, now: Any, alike: float) -> bool:
    """Whether two statements of one field name two different things."""
    if before is None or now is None or before == now:
        return False
    if field == "imo":
        return imo_is_valid(int(before)) and imo_is_valid(int(now))  # otherwise one of them was received or typed wrongly
    a, b = ("".join(ch for ch in str(text).upper() if ch.isalnum()) for text in (before, now))
    return bool(a) and bool(b) and a != b and SequenceMatcher(None, a, b, autojunk=False).ratio() < alike


def _fix_near(c: Columns, v: int, at_us: int) -> int | None:
    """The vessel's last fix up to a day before a moment, else the first after it within a day."""
    a, b = int(c.first[v]), int(c.first[v + 1])
    k = a + int(np.searchsorted(c.at_us[a:b], at_us, "right"))
    if k > a and at_us - c.at_us[k - 1] <= _NEAR_US:
        return k - 1
    return k if k < b and c.at_us[k] - at_us <= _NEAR_US else None


def _add(
    events: EventRows, c: Columns, subject: str, start_us: int, end_us: int, who: list[str], row: int, reasons: list[dict[str, Any]],
    proof: tuple[int, ...], *, is_open: bool,
) -> None:  # fmt: skip
    flag = flag_of(int(c.rows["mmsi"][row]))
    if flag is None and subject != "number" and c.realm == OPS:
        reasons = [*reasons, reason("identity.flag_unknown")]
    events.add(
        is_open=is_open, start_us=start_us, end_us=end_us, vessel_ids=who, lon_deg=c.lon_deg[row], lat_deg=c.lat_deg[row],
        probability=None, reasons=reasons, evidence=c.evidence(*proof), subject=subject,
    )  # fmt: skip


IDENTITY = Behaviour(
    kind="identity",
    version=4,
    needs=("realm", "vessel_id", "mmsi", "at", "lon_deg", "lat_deg", "sog_kn", "feed", "raw_offset", "raw_length"),
    find=find_identity,
    params=IdentityParams(),
    source="ITU-R M.585-9 (numbers and their digits); IMO resolution A.1117(30) (IMO number)",
    partition="vessel",
    lookback_s=3 * 86_400.0,
    sift=sift_identity,
)
