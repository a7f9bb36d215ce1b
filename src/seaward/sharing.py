"""Event versions, alerts and positions of the watch -> objects of the exchange under their labels; messages of partners -> rows to keep. No clock.

Nothing is shared unless a person released it (`State.release`) or a standing share of the configuration labels it; the rules of release then decide.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import msgspec
import polars as pl

from seaward.core.units import US_PER_S, at_to_us
from seaward.exchange import bodies as b
from seaward.exchange.items import Item, Released
from seaward.exchange.label import Handling, Label, Scope, label_json, read_label
from seaward.exchange.operations import Operation

_MS_US = US_PER_S // 1000
_LONGEST_NAME = 64  # of a code on the wire (bodies.Code)
_PARTS: dict[str, type[msgspec.Struct]] = {"legs": b.Leg, "reasons": b.Reason, "evidence": b.Evidence}
What = Literal["event", "alert", "track"]


@dataclass(frozen=True, slots=True)
class Share:
    """A standing decision: what is labelled for whom. `kinds` are behaviours, None all; `follows`: an open operation opens it further."""

    what: tuple[What, ...]
    to: tuple[str, ...]
    kinds: tuple[str, ...] | None = None
    level: str = "LIMITED"
    tlp: str = "AMBER"
    precision_m: int = 0
    delay_s: int = 0
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Labeller:
    """Whose objects they are, and how they are labelled where nobody decided otherwise."""

    nation: str
    realm: str
    shares: tuple[Share, ...] = ()
    own_units: frozenset[int] = frozenset()
    operations: tuple[Operation, ...] = ()

    def label(self, what: What, kind: str | None) -> Label | None:
        """The label of the first share that speaks of this; None where none does."""
        for share in self.shares:
            if what in share.what and (share.kinds is None or kind is None or kind in share.kinds):
                scope = tuple(Scope(o.id, o.until) for o in sorted(self.operations, key=lambda o: o.id)) if share.follows else ()
                return made_label(self.nation, share.to, share.level, share.tlp, share.precision_m, share.delay_s, scope)
        return None


def made_label(
    nation: str, to: Iterable[str], level: str = "LIMITED", tlp: str = "AMBER", precision_m: int = 0, delay_s: int = 0, scope: tuple[Scope, ...] = ()
) -> Label:
    """A label of a nation's own object; InputError where a value is none that a label can have."""
    said = Label(f"{nation.lower()}/1", level, tlp, nation, tuple(sorted(set(to))), scope=scope, handling=Handling(precision_m, delay_s))  # type: ignore[arg-type]
    return _in_order(said)


@lru_cache(maxsize=1024)
def _in_order(said: Label) -> Label:
    return read_label(label_json(said))


def event_item(row: Mapping[str, Any], labeller: Labeller, released: str | None = None) -> Item | None:
    """An event version as an object.

    Parameters
    ----------
    row
        Of EVENTS.
    labeller
        Who we are, and the standing shares.
    released
        The label that a person gave it, as JSON; it goes before the shares.

    Returns
    -------
    The object; None where nothing labels it.
    """
    label = read_label(released) if released is not None else labeller.label("event", row["kind"])
    if label is None:
        return None
    body = b.Event(
        row["state"], row["kind"], _ms(row["start_at"]), _ms(row["end_at"]), _names(row["vessel_ids"]), _udeg(row["lon_deg"]), _udeg(row["lat_deg"]),
        None, None if row["probability"] is None else round(1000 * row["probability"]), _names(row["areas"]),
        tuple(b.Reason(r["code"][:_LONGEST_NAME], _values(r["values"])) for r in row["reasons"][:64]),
        tuple(b.Evidence(e["feed"], e["raw_offset"], e["raw_length"]) for e in row["evidence"][:512]), row["method"],
    )  # fmt: skip
    return Item(row["event_id"], row["version"], labeller.realm, label, body, _is_own(row["vessel_ids"], labeller))


def alert_item(row: Mapping[str, Any], labeller: Labeller, released: str | None = None) -> Item | None:
    """An alert as it stands as an object; see `event_item`. What has a mark is no alert any more: withdraw it."""
    label = read_label(released) if released is not None else labeller.label("alert", row["kind"])
    if label is None:
        return None
    about = row["members"][0]["event_id"] if row["members"] else None
    body = b.Alert(about, row["kind"], row["priority"], row["state"], _ms(row["changed_at"]), _udeg(row["lon_deg"]), _udeg(row["lat_deg"]), None,
                   row["answered_by"], None)  # fmt: skip
    return Item(row["alert_id"], row["revision"], labeller.realm, label, body, _is_own(row["vessel_ids"], labeller))


def track_items(latest: pl.DataFrame, labeller: Labeller, since_us: int) -> list[Item]:
    """Vessels that reported after a moment as objects.

    Parameters
    ----------
    latest
        The last report of each vessel (mmsi, reported_at, received_at, lon_deg, lat_deg, sog_kn, cog_deg, heading_deg, nav_status).
    labeller
        Who we are, and the standing shares; without one for tracks nothing comes back.
    since_us
        Only those that were received after it [us since 1970 UTC].
    """
    label = labeller.label("track", None)
    if label is None or latest.is_empty():
        return []
    at = pl.coalesce("reported_at", "received_at")
    fresh = latest.filter(pl.col("received_at").to_physical() > since_us, pl.col("lon_deg").is_not_null(), at.is_not_null()).with_columns(at=at)
    columns = ("mmsi", "at", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status")
    return [
        Item(f"mmsi:{mmsi:09d}", 1, labeller.realm, label,
             b.Track(_ms(when), _udeg(lon), _udeg(lat), None, _whole(sog, 10, 1_022), None if cog is None else round(10 * cog) % 3_600,
                     None if heading is None else round(heading) % 360, nav, "a"), mmsi in labeller.own_units)
        for mmsi, when, lon, lat, sog, cog, heading, nav in fresh.select(columns).iter_rows()
    ]  # fmt: skip


def said_item(kind: str, name: str, version: int, body: str, label: str | None, partner: str, labeller: Labeller) -> Item:
    """What a person said to one partner as an object; `body` is the JSON of a body of that kind, `label` that of a label, None for the usual one."""
    given = made_label(labeller.nation, (partner,)) if label is None else read_label(label)
    return Item(name, version, labeller.realm, given, read_body(kind, body))


def read_body(kind: str, body: str) -> b.Body:
    """A body from the JSON of its named fields."""
    return body_of({k: t for t, k in b.KINDS.items()}[kind], json.loads(body))  # type: ignore[arg-type]


def body_of(kind: type[b.Body], said: Mapping[str, Any]) -> b.Body:
    """A body from named fields."""
    return msgspec.convert([kind.__struct_config__.tag, *(_rows_of(f, said.get(f)) for f in kind.__struct_fields__)], kind)


def _rows_of(field: str, value: Any) -> Any:
    """What a field holds, its parts as rows."""
    part = _PARTS.get(field)
    if part is None or not isinstance(value, list | tuple):
        return value
    return [[row.get(f) for f in part.__struct_fields__] if isinstance(row, dict) else row for row in value]


def kept_rows(messages: Sequence[Released]) -> list[dict[str, Any]]:
    """Messages of a partner as rows for `State.take_in`."""
    rows = []
    for m in messages:
        if isinstance(m.body, b.Withdrawal):
            kind, state, said = m.body.kind, "withdrawn", {}
        else:
            kind, said = m.kind, named(m.body)
            state = str(said.get("state") or said.get("phase") or "told")
        body = json.dumps(said, ensure_ascii=True, sort_keys=True)
        rows.append({"kind": kind, "id": m.id, "version": m.version, "state": state, "label": label_json(m.label), "body": body,
                     "is_said": not isinstance(m.body, b.Withdrawal)})  # fmt: skip
    return rows


def released_of(row: Mapping[str, Any]) -> Released:
    """A kept event or alert of a partner as a message again, without its reasons and evidence; one that was taken back as its withdrawal."""
    made = {k: t for t, k in b.KINDS.items()}[row["kind"]]
    body: b.Body
    if row["state"] == "withdrawn":
        body = b.Withdrawal(row["kind"], "withdrawn")
    else:
        body = body_of(made, json.loads(row["body"]) | {"reasons": [], "evidence": []})
    return Released(row["id"], row["version"], read_label(row["label"]), body)


def named(body: b.Body) -> dict[str, Any]:
    """A body with the names of its fields, ready for JSON."""
    return {f: _plain(getattr(body, f)) for f in body.__struct_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {f: _plain(getattr(value, f)) for f in value.__struct_fields__}
    return [_plain(v) for v in value] if isinstance(value, tuple) else value


def _ms(at: datetime) -> int:
    return at_to_us(at) // _MS_US


def _udeg(deg: float | None) -> Any:
    return None if deg is None else round(deg * 1_000_000)


def _whole(value: float | None, scale: int, most: int) -> int | None:
    return None if value is None or not math.isfinite(value) else min(most, round(scale * value))


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(n[:_LONGEST_NAME] for n in list(names)[:256] if n)


def _values(values: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, float], ...]:
    return tuple((v["name"][:_LONGEST_NAME], float(v["value"])) for v in values if v["value"] is not None and math.isfinite(v["value"]))[:32]


def _is_own(vessel_ids: Iterable[str], labeller: Labeller) -> bool:
    return any(v[5:14].isdecimal() and int(v[5:14]) in labeller.own_units for v in vessel_ids if v.startswith("mmsi:"))
