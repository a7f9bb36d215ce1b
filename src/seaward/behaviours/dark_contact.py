"""positions, detections -> dark_contact events: what a sensor saw where no tracked vessel was, and a ship that transmits would have been heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.behaviours.audible import Audible
from seaward.behaviours.behaviour import Behaviour, Context, Exchange, check_range
from seaward.behaviours.columns import Columns, columns_of
from seaward.behaviours.events import EventRows, reason
from seaward.behaviours.looks import other_days, scenes, seen_again
from seaward.behaviours.whereabouts import Nearby, nearby
from seaward.core.errors import RealmError
from seaward.core.matching import best_pairs, chances
from seaward.core.tables import EVENTS, NAME
from seaward.core.units import HOUR_S, US_PER_S, at_to_us, nm_to_m

_SHOWN = 3  # vessels named in an event, and detections beside the one it is named after
_LENGTHS = (np.log(40.0), 1.0)  # mean and spread of the logarithm of lengths of ships of all kinds [m]; ours
_LENGTH_SPREAD = 0.3  # of the logarithm of a measured length where its error is not known; ours
_SAID_SPREAD = 0.05  # of the logarithm of a length said by the vessel; ours
_STRUCTURE = 2.0  # one other day on which something was seen there makes a structure twice as likely as a ship; ours


@dataclass(frozen=True, slots=True)
class DarkContactParams:
    """All ours."""

    unlit_per_km2: float = 0.001  # ships and false alarms without a track per square kilometre and scene, before looking
    detected_share: float = 0.8  # of tracked vessels in a scene that the sensor sees
    default_error_m: float = 300.0  # one sigma of a detection that does not say its own; moving ships are displaced in radar images
    max_silence_s: float = 12 * HOUR_S  # a vessel without a report for so long, before and after, explains nothing
    speed_spread: float = 0.3  # of its speed, by which a vessel strays from its velocity, while its own track says nothing of that
    turn_s: float = 3_600.0  # time in which it forgets it
    scene_s: float = 60.0  # detections of one sensor within this are one look: no vessel is seen twice in it
    heard_within_s: float = 3_600.0  # a ship heard so close in time would have been matched
    max_feed_quiet_s: float = 1_800.0  # a feed without a report for this long was down
    structure_m: float = 300.0  # detections days apart within this are perhaps a platform or a rock

    def __post_init__(self) -> None:
        check_range("unlit_per_km2", self.unlit_per_km2, 1e-9, 10, "per km2", "0.001 is one in 1,000 square kilometres")
        check_range("detected_share", self.detected_share, 0.01, 0.99, "", "0.8 is four in five")
        check_range("default_error_m", self.default_error_m, 1, 20_000, "m", "300 suits radar satellites")
        check_range("max_silence_s", self.max_silence_s, 600, 24 * HOUR_S, "s", "43200 is 12 hours")
        check_range("speed_spread", self.speed_spread, 0.01, 2, "", "0.3 is three tenths of the speed")
        check_range("turn_s", self.turn_s, 60, 86_400, "s", "3600 is an hour")
        check_range("scene_s", self.scene_s, 0, 3_600, "s", "60 suits a satellite; 1 a radar that turns")
        check_range("heard_within_s", self.heard_within_s, 600, self.max_silence_s, "s", "give at most max_silence_s; 3600 is an hour")
        check_range("max_feed_quiet_s", self.max_feed_quiet_s, 600, 86_400, "s", "feeds are watched in steps of 600 s")
        check_range("structure_m", self.structure_m, 0, 5_000, "m", "0 takes nothing for a structure")


def find_dark_contacts(positions: pl.DataFrame, context: Context, params: DarkContactParams, as_of: datetime) -> pl.DataFrame:
    """Find detections that no tracked vessel explains.

    Parameters
    ----------
    positions
        POSITIONS in any order, of all vessels that could be near a detection (see `companions`).
    context
        `detections`; `hearing` for the chance that a ship would have been heard, without which the probability is null; `vessels` for lengths;
        `shore_m` for the reader.
    params
        Thresholds.
    as_of
        Moment up to which reports and detections are known.

    Returns
    -------
    events
        EVENTS, one for each detection that the best assignment leaves without a vessel; those of one look that cannot be told from one ship are one
        (see `seen_again`). The vessel is called `detection:<feed>/<id>`. The probability is that of no tracked vessel, times that of hearing a ship
        that transmits, less where something was seen on other days. Open while reports within `max_silence_s` after it may still come.

    Limits
    ------
    False alarms of the sensor look like ships. A vessel that was switched off between two reports is taken to have sailed straight, and to have
    strayed from that as it does in the day before and the hours after. Looks of one sensor closer than `scene_s` count as one.
    """
    seen = context.detections.filter(pl.col("at") <= as_of).sort("at", "feed", "raw_offset") if len(context.detections) else context.detections
    if seen.is_empty():
        return EVENTS.empty()
    c = columns_of(positions, as_of)
    realms = {*seen["realm"].cast(pl.String).unique(), *([] if c is None else [c.realm])}
    if len(realms) > 1:
        raise RealmError(f"detections and positions are of the realms {', '.join(sorted(realms))}; give one at a time")
    scene = scenes(seen, params.scene_s)
    pairs = _pairs(c, seen, scene, context.vessels, params)
    matched, unmatched = np.zeros(len(seen), bool), np.ones(len(seen))
    matched[pairs["detection"].filter(pairs["taken"]).to_numpy()] = True
    np.subtract.at(unmatched, pairs["detection"].to_numpy(), pairs["chance"].to_numpy())
    again = seen_again(seen, scene, ~matched, params.default_error_m)
    days = other_days(seen, params.structure_m)
    shore = None if context.shore_m is None else context.shore_m(seen["lon_deg"].to_numpy(), seen["lat_deg"].to_numpy())
    audible = Audible(context.hearing, at_to_us(as_of), params.max_feed_quiet_s)
    of = {int(key[0]): part.head(_SHOWN) for key, part in pairs.group_by("detection", maintain_order=True)}  # type: ignore[call-overload]
    events = EventRows(DARK_CONTACT.kind, DARK_CONTACT.version, realms.pop())
    rows = seen.with_columns(pl.col("feed").cast(pl.String), at_us=pl.col("at").to_physical()).to_dicts()
    for n, others in again.items():
        d = rows[n]
        reasons = [reason("dark_contact.unmatched", unmatched_percent=100 * max(0.0, unmatched[n]))]
        heard = audible.about(d["lon_deg"], d["lat_deg"], d["at_us"], params.heard_within_s)
        probability = None
        if heard.chance is None:
            reasons.append(reason("dark_contact.reception_unknown"))
        else:
            probability = unmatched[n] * heard.chance / (1 + _STRUCTURE * days[n])
            within_h = params.heard_within_s / HOUR_S
            reasons.append(reason("dark_contact.heard", heard_percent=100 * heard.chance, within_h=within_h, share_percent=100 * heard.share))
            if heard.slots < params.heard_within_s * US_PER_S / 600e6:  # less than half of the time
                reasons.append(reason("dark_contact.receivers_down", up_min=10 * heard.slots))
        reasons += _described(d, params, None if shore is None else float(shore[n]), int(days[n]))
        if others:
            reasons.append(reason("dark_contact.seen_again", times=len(others) + 1))
        near = of.get(n)
        reasons += [reason("dark_contact.nobody")] if near is None else _candidates(near)
        evidence = [{"feed": rows[k]["feed"], "raw_offset": int(rows[k]["raw_offset"]), "raw_length": 0} for k in (n, *others[:_SHOWN])]
        if near is not None and c is not None:
            evidence += c.evidence(*(r for pair in near.select("before", "after").rows() for r in pair if r >= 0))
        events.add(
            is_open=d["at_us"] + params.max_silence_s * US_PER_S > at_to_us(as_of), start_us=d["at_us"], end_us=d["at_us"],
            vessel_ids=[f"detection:{d['feed']}/{d['detection_id']}"], lon_deg=d["lon_deg"], lat_deg=d["lat_deg"], probability=probability,
            reasons=reasons, evidence=evidence,
        )  # fmt: skip
    return events.table()


def _described(d: dict[str, Any], params: DarkContactParams, shore_m: float | None, days: int) -> list[dict[str, Any]]:
    """Of the detection itself."""
    known = d["error_m"] is not None
    reasons = [reason("dark_contact.error" if known else "dark_contact.error_assumed", error_m=d["error_m"] if known else params.default_error_m)]
    if d["length_m"] is not None:
        reasons.append(reason("dark_contact.length", length_m=d["length_m"]))
    if d["score"] is not None:
        reasons.append(reason("dark_contact.score", score=d["score"]))
    if shore_m is not None:
        reasons.append(reason("dark_contact.shore", shore_nm=shore_m / nm_to_m(1)))
    if days:
        reasons.append(reason("dark_contact.structure", days=days))
    return reasons


def _candidates(near: pl.DataFrame) -> list[dict[str, Any]]:
    """Of the vessels that came into question."""
    reasons = []
    for r in near.iter_rows(named=True):
        where = {"distance_km": r["distance_m"] / 1000, "error_km": r["sigma_m"] / 1000, "silent_min": r["silent_s"] / 60}
        reasons.append(reason("dark_contact.candidate", mmsi=r["mmsi"], **where))
        if r["taken_elsewhere"]:
            reasons.append(reason("dark_contact.taken", mmsi=r["mmsi"]))
        if r["length_ratio"] < 0.1:
            reasons.append(reason("dark_contact.length_differs", mmsi=r["mmsi"], said_m=r["said_m"]))
        if r["chance"] >= 0.05:
            reasons.append(reason("dark_contact.could_be", mmsi=r["mmsi"], chance_percent=100 * r["chance"]))
    return reasons


def _near(c: Columns, seen: pl.DataFrame, params: DarkContactParams) -> Nearby:
    return nearby(
        c, seen["at"].to_physical().to_numpy(), seen["lon_deg"].to_numpy(), seen["lat_deg"].to_numpy(),
        seen["error_m"].fill_null(params.default_error_m).to_numpy(), params.max_silence_s, params.speed_spread, params.turn_s,
    )  # fmt: skip


def _pairs(
    c: Columns | None, seen: pl.DataFrame, scene: NDArray[np.int64], vessels: pl.DataFrame, params: DarkContactParams
) -> pl.DataFrame:  # fmt: skip
    """Vessels in question by detection, the likeliest first: who, where, how likely, whether it is taken for this or for another detection."""
    near = None if c is None else _near(c, seen, params)
    if c is None or near is None or len(near.moment) == 0:
        return pl.DataFrame(schema={"detection": pl.Int64(), "taken": pl.Boolean(), "chance": pl.Float64()})
    row = np.maximum(near.before, near.after)
    who = c.rows.select(vessel_id=pl.col("vessel_id").cast(pl.String), mmsi="mmsi")[row]
    said = who.join(vessels.select("vessel_id", said_m=pl.col("length_m").cast(pl.Float64)).unique("vessel_id", keep="first"), on="vessel_id",
                    how="left", maintain_order="left")  # fmt: skip
    found = said.with_columns(
        detection=pl.Series(near.moment), scene=pl.Series(scene[near.moment]), before=pl.Series(near.before),
        after=pl.Series(near.after), distance_m=pl.Series(near.distance_m), sigma_m=pl.Series(near.sigma_m), silent_s=pl.Series(near.silent_s),
        weight=pl.Series(near.weight), seen_m=seen["length_m"][near.moment], seen_error_m=seen["length_error_m"][near.moment],
    ).sort("detection", "vessel_id")  # fmt: skip
    length = _length_ratio(*(found[name].to_numpy() for name in ("seen_m", "seen_error_m", "said_m")))
    ratio = _likelihood(found["distance_m"].to_numpy(), found["sigma_m"].to_numpy(), found["weight"].to_numpy()) * length
    ratio *= params.detected_share / (1 - params.detected_share) / (params.unlit_per_km2 * 1e-6)
    left = found["detection"].to_numpy()
    right = found.select(pl.struct("scene", "vessel_id").rank("dense") - 1).to_series().to_numpy().astype(np.int64)
    taken = best_pairs(left, right, ratio)
    found = found.with_columns(
        taken=pl.Series(taken), chance=pl.Series(chances(left, right, ratio)), ratio=pl.Series(ratio), length_ratio=pl.Series(length)
    )
    return found.with_columns(taken_elsewhere=pl.col("taken").any().over("scene", "vessel_id") & ~pl.col("taken")).sort(
        "detection", "ratio", "vessel_id", descending=[False, True, False]
    )


def _likelihood(distance_m: NDArray[np.float64], sigma_m: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Density of the vessel at the place of the detection [per m2]: normal where much is known of how it strays, with a tail where little is."""
    return (1 + (distance_m / sigma_m) ** 2 / 2 / weight) ** -(weight + 1) / (2 * np.pi * sigma_m**2)


def _length_ratio(seen_m: NDArray[np.float64], error_m: NDArray[np.float64], said_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much likelier the length seen is for a ship of the length said than for any ship; 1 where one of them is not known."""
    known = (seen_m > 0) & (said_m > 0)
    seen, said = np.log(np.where(known, seen_m, 1.0)), np.log(np.where(known, said_m, 1.0))
    measured = np.where(error_m > 0, np.clip(error_m / np.where(known, seen_m, 1.0), 0.05, 2.0), _LENGTH_SPREAD)
    own, all_ships = np.hypot(measured, _SAID_SPREAD), np.hypot(_LENGTHS[1], measured)
    ratio = np.exp(-(((seen - said) / own) ** 2) / 2 + ((seen - _LENGTHS[0]) / all_ships) ** 2 / 2) * all_ships / own
    return np.where(known, np.clip(ratio, 1e-3, 1e3), 1.0)  # a length said or measured wrongly happens once in a thousand


def near_detections(positions: pl.DataFrame, context: Context, params: DarkContactParams, as_of: datetime) -> pl.DataFrame:
    """Which of some whole vessels could have been near a detection: vessel_id."""
    c = columns_of(positions, as_of)
    seen = context.detections.filter(pl.col("at") <= as_of).sort("at", "feed", "raw_offset")
    if c is None or seen.is_empty():
        return pl.DataFrame(schema={"vessel_id": NAME})
    return c.rows.select("vessel_id")[c.first[:-1]][np.unique(_near(c, seen, params).vessel)]


def companions(places: pl.DataFrame, params: DarkContactParams) -> pl.Series:
    """The ids of vessels that could have been near a detection."""
    return places["vessel_id"].unique()


DARK_CONTACT = Behaviour(
    kind="dark_contact",
    version=3,
    needs=("realm", "vessel_id", "mmsi", "at", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "feed", "raw_offset", "raw_length"),
    find=find_dark_contacts,
    params=DarkContactParams(),
    source="ours; matching in the spirit of Paolo et al. 2024, doi:10.1038/s41586-023-06825-8, with optimal assignment over all pairs of a scene",
    partition="cell",
    lookback_s=48 * HOUR_S,
    exchange=Exchange(near_detections, companions),
)
