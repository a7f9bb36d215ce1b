"""The patrol that is sailed, over the API: the plan as it stands and why, what is proposed to change it, and what was accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import polars as pl

from seaward.core.errors import OutputError
from seaward.core.ids import mmsi_of
from seaward.patrol.as_told import revision_of
from seaward.planning import for_nation
from seaward.sailing import Broken, Sailing, Standing, Unsailed
from seaward.server.answers import One
from seaward.server.asked import Asked, utc
from seaward.server.floor import Floor
from seaward.server.patrol_told import answer_words, changed_words, features_of, leg_words, places_words, plan_words, proposal_features
from seaward.server.problems import Problem

T = TypeVar("T")
OLDEST = timedelta(hours=96)  # a fix from before that says nothing any more; ours
_AIS_NM = 0.1  # one sigma of a place that a vessel says itself; ours
Deg = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Why = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class Wanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A target: an alert by its id; or its last fix, with one sigma of it, and what is known of its speed and course."""

    alert: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    id: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")] | None = None
    at: datetime | None = None
    lon_deg: Deg | None = None
    lat_deg: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    error_nm: Annotated[float, msgspec.Meta(ge=0, le=200)] | None = None
    sog_kn: Annotated[float, msgspec.Meta(ge=0, le=60)] | None = None
    cog_deg: Annotated[float, msgspec.Meta(ge=0, le=360)] | None = None
    max_kn: Annotated[float, msgspec.Meta(ge=0.1, le=80)] = 12.0
    turns_h: Annotated[float, msgspec.Meta(ge=0.1, le=500)] = 6.0
    worth: Annotated[float, msgspec.Meta(ge=0.001, le=1_000)] = 1.0


class Responding(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be met; `keep`: beside what the plan already goes to meet, which else is given up."""

    targets: Annotated[list[Wanted], msgspec.Meta(min_length=1, max_length=20)]
    within_h: Annotated[float, msgspec.Meta(ge=0.5, le=240)] = 24.0
    seed: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)] = 0
    keep: bool = True
    why: Why | None = None


class Changing(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Take a leg out; sail it, and what follows until port, some minutes later; or search the cell of another place, perhaps leaving later.

    `revision`: of the unit's legs as they were looked at; if they are others by now it is refused (409), for legs are counted anew.
    """

    do: Literal["take_out", "postpone", "move"]
    revision: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)] | None = None
    lon_deg: Deg | None = None
    lat_deg: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    why: Why | None = None


class Accepting(msgspec.Struct, forbid_unknown_fields=True):
    """Why; for the audit."""

    why: Why | None = None


def patrol(floor: Floor, asked: Asked) -> One:
    """The patrol as it stands; where there is none, or it cannot be used, `why` says so."""
    now = floor.now()
    told: dict[str, Any] = {"realm": floor.node.realm, "is_configured": floor.node.patrol is not None, "why": "", "plan": None, "words": [],
                            "assets": [], "answer": None, "proposals": []}  # fmt: skip
    try:
        sailing = _sailing(floor)
        stands = sailing.standing()
        places = sailing.where(stands, now, heard(floor))
        proposals = sailing.proposals(now)
    except (Unsailed, OutputError) as e:
        return One(told | {"why": e.told(asked.language) if isinstance(e, Unsailed) else str(e)}, keep=False, features=[])
    made = stands.made
    value = told | {
        "plan": {k: made[k] for k in ("plan_id", "title", "start", "end", "summary")}
        | {"number": stands.number, "accepted": stands.accepted, "is_begun": made["start"] <= _z(now), "is_over": made["end"] <= _z(now)},
        "words": plan_words(made, asked.language), "assets": _assets(sailing, stands, places, now, asked.language),
        "answer": None if "answer" not in made else made["answer"] | {"words": answer_words(made["answer"], asked.language)},
        "proposals": [in_words(p, asked.language) for p in proposals],
    }  # fmt: skip
    return One(value, features=features_of(made, places, _z(now)), keep=False)


def shown(floor: Floor, asked: Asked) -> One:
    """What one nation may see of the plan as it stands: what can be proposed to it."""
    made = _refusing(asked, lambda: _sailing(floor).standing()).made
    nation = asked.path["nation"]
    if nation not in {a["nation"] for a in made["assets"]}:
        raise Problem("not_found", what=nation[:60])
    return One(for_nation(made, nation), keep=False)


def proposal(floor: Floor, asked: Asked) -> One:
    """One proposal; as GeoJSON the legs that it would change."""
    sailing = _refusing(asked, lambda: _sailing(floor))
    told, made = _refusing(asked, lambda: sailing.proposal(_number(asked), floor.now()))
    return One(in_words(told, asked.language), features=proposal_features(told, made), keep=False)


def respond(floor: Floor, asked: Asked) -> One:
    """Propose how the patrol meets targets; it is not sailed until it is accepted."""
    body: Responding = asked.body
    now = floor.now()

    def work() -> dict[str, Any]:
        sailing = _sailing(floor)
        sailing.standing()  # says at once what is wrong with the plan
        wanted = [_wanted(floor, w, n, now) for n, w in enumerate(body.targets)]
        if body.keep:
            wanted += _still_open(floor, sailing, {w["id"] for w in wanted}, {w["alert_id"] for w in wanted if w["alert_id"]}, now)
        names = [w["id"] for w in wanted]
        if twice := next((n for n in names if names.count(n) > 1), None):
            raise Problem("body", where="/targets", what=f"two targets are called {twice}")
        return sailing.answer(wanted, now, body.within_h, body.seed, heard(floor), asked.caller.person, body.why, asked.language)

    return _proposed(floor, asked, _refusing(asked, work), body.why)


def change_leg(floor: Floor, asked: Asked) -> One:
    """Propose to take a leg out, to postpone it or to search elsewhere; refused with the rule that it would break."""
    body: Changing = asked.body
    if (body.do == "postpone" and body.minutes is None) or (body.do == "take_out" and body.minutes is not None):
        raise Problem("body", where="/minutes", what="give minutes with postpone, perhaps with move, and only then")
    if (body.do == "move") != (body.lon_deg is not None and body.lat_deg is not None) or (body.lon_deg is None) != (body.lat_deg is None):
        raise Problem("body", where="/lon_deg", what="give lon_deg and lat_deg with move, and only then")
    place = None if body.lon_deg is None or body.lat_deg is None else (body.lon_deg, body.lat_deg)
    leg = asked.path["leg"]
    number = int(leg) if leg.isascii() and leg.isdigit() and len(leg) < 8 else -1
    told = _refusing(asked, lambda: _sailing(floor).change(
        asked.path["asset"], number, body.do, body.minutes or 0, floor.now(), asked.caller.person, body.why, asked.language, place, body.revision,
    ))  # fmt: skip
    return _proposed(floor, asked, told, body.why)


def accept(floor: Floor, asked: Asked) -> One:
    """Have a proposal sailed from now on."""
    sailing = _refusing(asked, lambda: _sailing(floor))
    state, who, n, why = floor.node.state, asked.caller.person, _number(asked), asked.body.why

    @contextmanager
    def noted(told: dict[str, Any]) -> Iterator[None]:
        with state.together():
            state.audit(who, "patrol.accepted", told["plan_id"], {"n": n, "kind": told["kind"], "why": why}, floor.now())
            state.note("patrol", told["plan_id"], {"n": n, "state": "accepted"}, floor.now())
            yield

    told = _refusing(asked, lambda: sailing.accept(n, floor.now(), who, why, noted))
    floor.changes.poke()
    return One(in_words(told, asked.language), keep=False)


def heard(floor: Floor) -> dict[int, tuple[datetime, tuple[float, float]]]:
    """When and where vessels were heard last, by MMSI."""
    rows = floor.sight.now().rows.filter(pl.col("lon_deg").is_not_null() & pl.col("mmsi").is_not_null())
    at = rows.select(pl.coalesce("reported_at", "received_at"))["reported_at"]
    return {m: (t, (x, y)) for m, t, x, y in zip(rows["mmsi"], at, rows["lon_deg"], rows["lat_deg"], strict=True) if t is not None}


def _assets(sailing: Sailing, stands: Standing, places: list[dict[str, Any]], now: datetime, language: str) -> list[dict[str, Any]]:
    made, known = stands.made, {a.id: a for a in sailing.problem().assets}
    place_of = {p["asset"]: p for p in places}
    told = []
    for a in made["assets"]:
        legs = [leg | {"is_sailed": leg["end"] <= _z(now), "is_now": leg["start"] <= _z(now) < leg["end"], "words": leg_words(leg, made, language),
                       "may": _may(leg, now)} for leg in made["legs"] if leg["asset"] == a["id"]]  # fmt: skip
        place = place_of.get(a["id"])
        told.append({
            "id": a["id"], "nation": a["nation"], "kind": a["kind"], "mmsi": known[a["id"]].mmsi if a["id"] in known else None, "place": place,
            "words": [] if place is None else places_words([place], now, language), "legs": legs, "revision": revision_of(made, a["id"]),
        })  # fmt: skip
    return told


def _may(leg: Mapping[str, Any], now: datetime) -> list[str]:
    """What may be asked for about a leg; whether it can be is checked then."""
    if leg["start"] <= _z(now) or leg["task"] not in ("search", "intercept", "track"):
        return []
    return ["take_out", "postpone", "move"] if leg["task"] == "search" else ["take_out"]


def in_words(told: dict[str, Any], language: str) -> dict[str, Any]:
    """A proposal, with what it means as sentences."""
    at = datetime.fromisoformat(told["at"])
    words = answer_words(told["answer"], language) if "answer" in told else []
    return told | {"words": words, "place_words": places_words(told["places"], at, language), "change_words": changed_words(told, language)}


def _proposed(floor: Floor, asked: Asked, told: dict[str, Any], why: str | None) -> One:
    state, body = floor.node.state, {"n": told["n"], "kind": told["kind"], "targets": [t["id"] for t in told["targets"]], "why": why}
    with state.together():
        state.audit(asked.caller.person, "patrol.proposed", told["plan_id"], body, floor.now())
        state.note("patrol", told["plan_id"], {"n": told["n"], "state": "proposed"}, floor.now())
    floor.changes.poke()
    return One(in_words(told, asked.language), keep=False, location=f"/api/v1/patrol/answers/{told['n']}")


def _wanted(floor: Floor, w: Wanted, n: int, now: datetime) -> dict[str, Any]:
    """A target by the keys of an alert file."""
    rest = {"max_kn": w.max_kn, "turns_h": w.turns_h, "worth": w.worth}
    if w.alert is not None:
        if w.lon_deg is not None or w.lat_deg is not None or w.at is not None:
            raise Problem("body", where=f"/targets/{n}", what="give an alert, or a place and a moment, not both")
        told = _of_alert(floor, w.alert, now) | rest
        return told | {k: v for k in ("id", "error_nm", "sog_kn", "cog_deg") if (v := getattr(w, k)) is not None}
    if w.lon_deg is None or w.lat_deg is None:
        raise Problem("body", where=f"/targets/{n}", what="give an alert, or lon_deg and lat_deg")
    try:
        at = now if w.at is None else utc(w.at)
    except OverflowError:
        raise Problem("body", where=f"/targets/{n}/at", what="it lies outside the years 1 to 9999 in UTC") from None
    name = w.id or f"target-{n + 1}"
    _recent(name, at, now)
    return {"id": name, "alert_id": None, "by": "given", "at": at, "place": (w.lon_deg, w.lat_deg),
            "error_nm": 1.0 if w.error_nm is None else w.error_nm, "sog_kn": w.sog_kn, "cog_deg": w.cog_deg} | rest  # fmt: skip


def _of_alert(floor: Floor, name: str, now: datetime) -> dict[str, Any]:
    """Where who an alert is about was heard last; else where the alert is."""
    row = floor.node.state.alert(name)
    if row is None:
        raise Problem("not_found", what=name[:60])
    if row["mark"] is not None:
        raise Unsailed("alert_over", id=name[:8])
    target = {"id": f"{row['kind']}-{name[:8]}", "alert_id": name, "error_nm": 1.0, "sog_kn": None, "cog_deg": None}
    numbers = [m for v in row["vessel_ids"] if (m := mmsi_of(v)) is not None]
    seen = floor.sight.now().rows.filter(pl.col("mmsi").is_in(numbers) & pl.col("lon_deg").is_not_null() & pl.col("reported_at").is_not_null())
    if len(seen):
        last = seen.sort("reported_at").row(-1, named=True)
        at, place, by = min(last["reported_at"], now), (last["lon_deg"], last["lat_deg"]), "vessel"
        speed, course = (None if last[k] is None else float(last[k]) for k in ("sog_kn", "cog_deg"))
        target |= {"error_nm": _AIS_NM, "sog_kn": speed if speed is not None and speed <= 60 else None, "cog_deg": course}
    elif row["lon_deg"] is None:
        raise Unsailed("no_place", id=name[:8])
    else:
        at, place, by = min(row["end_at"], now), (row["lon_deg"], row["lat_deg"]), "alert"
    _recent(target["id"], at, now)
    return target | {"at": at, "place": place, "by": by}


def _recent(name: str, at: datetime, now: datetime) -> None:
    if at > now:
        raise Unsailed("fix_late", id=name)
    if now - at > OLDEST:
        raise Unsailed("fix_old", id=name, hours=OLDEST.total_seconds() / 3600)


def _still_open(floor: Floor, sailing: Sailing, ids: set[str], alerts: set[str], now: datetime) -> list[dict[str, Any]]:
    """What the plan goes to meet already: by its alert as that stands now; what asks for nothing any more is left out."""
    kept = []
    for t in sailing.still_open(now):
        if t["id"] in ids or t["alert_id"] in alerts:
            continue
        rest = {k: t[k] for k in ("max_kn", "turns_h", "worth")}
        try:
            fix = {"at": datetime.fromisoformat(t["at"]), "place": (t["place"][0], t["place"][1])}
            known = t if t["alert_id"] is None else _of_alert(floor, t["alert_id"], now) | {"id": t["id"]}
            kept.append(known | (fix if t["alert_id"] is None else {}) | rest)
        except (Problem, Unsailed):
            continue
    return kept


def _sailing(floor: Floor) -> Sailing:
    if floor.node.patrol is None:
        raise Unsailed("none")
    return floor.node.patrol


def _number(asked: Asked) -> int:
    n = asked.path["n"]
    return int(n) if n.isascii() and n.isdigit() and len(n) < 8 else -1


def _refusing(asked: Asked, work: Callable[[], T]) -> T:
    """What it gives; what it refuses as a problem, in words."""
    try:
        return work()
    except Unsailed as e:
        code = {"busy": "busy", "no_proposal": "not_found", "other_legs": "conflict"}.get(e.code, "refused")
        raise Problem(code, detail=e.told(asked.language), headers={"Retry-After": "5"} if code == "busy" else None) from e
    except Broken as e:
        raise Problem("refused", detail=e.told(asked.language)) from e
    except OutputError as e:
        raise Problem("full", detail=str(e)) from e


def _z(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
