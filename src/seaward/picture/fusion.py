"""Fixes of partners, positions of our own -> which of the partners' tracks are vessels that we see too, how likely, and why.

By identity first; then, for tracks without one, by where they were over time. One to one for each partner; a vessel of ours is the hub, so what
several partners see of it is one vessel. What comes out is our own inference: it says who a pseudonym is, and must not leave the node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.arrays import array_of
from seaward.core.by_vessel import by_vessel
from seaward.core.errors import ParameterError, RealmError
from seaward.core.matching import best_pairs, chances
from seaward.core.tables import JOINED
from seaward.core.units import FIX_ERROR_M, US_PER_S
from seaward.picture.near_tracks import Own, Theirs, near_tracks, unseen_density
from seaward.picture.same_track import compare

_MOST_LOG = 300.0  # of a ratio: beyond it nothing is surer
_SAME_NUMBER_LOG = 6.9  # one statement of a number in a thousand is wrong or borrowed; ours
_NAME_LOG = 3.0  # a name or call sign that agrees, or does not: typed by hand; ours
_KEEP_LOG = 2.3  # by how much another must be likelier before a join goes over to it; ours
_IDENTITY = ("imo", "name", "callsign")


@dataclass(frozen=True, slots=True)
class FusionParams:
    """When two tracks are one vessel; all ours."""

    join: float = 0.95  # probability from which tracks without an identity are joined
    part: float = 0.5  # and below which they part again
    times: int = 3  # common times at least
    span_s: float = 1_200.0  # over at least so long
    broken_share: float = 0.1  # of the common times at which speed and errors may be broken: mistakes of a receiver

    def __post_init__(self) -> None:
        if not 0 < self.part <= self.join < 1:
            raise ParameterError(f"tracks are joined from {self.join} and part below {self.part}; give 0 < part <= join < 1")
        if self.times < 2 or self.span_s < 0 or not 0 <= self.broken_share <= 0.5:
            raise ParameterError(f"times {self.times}, span_s {self.span_s}, broken_share {self.broken_share}; give 2 or more, 0 or more, 0 to 0.5")


def fuse(
    fixes: pl.DataFrame, said: pl.DataFrame, positions: pl.DataFrame, vessels: pl.DataFrame, before: pl.DataFrame, params: FusionParams | None = None
) -> pl.DataFrame:
    """Join the tracks of partners with our vessels.

    Parameters
    ----------
    fixes
        PARTNER_FIXES, some hours of each track; in any order.
    said
        PARTNER_VESSELS: who the partners say these are.
    positions
        POSITIONS of our own over the same time and six hours around it: vessel_id, mmsi, at, lon_deg, lat_deg, sog_kn, cog_deg, feed, raw_offset.
    vessels
        VESSELS, or any table with vessel_id, mmsi, imo, name and callsign; also those not heard for long, which are known by their number alone.
    before
        JOINED as this gave before, so that a join lasts until something else is clearly likelier; empty at first.
    params
        Thresholds.

    Returns
    -------
    joined
        JOINED: at most one row for each track and, of each partner, for each vessel of ours, but for rows of `how` `elsewhere`: the same number, at a
        place where our vessel cannot be; these are not joined.

    Raises
    ------
    RealmError
        If the inputs are of several realms.

    Limits
    ------
    Vessels that lie or sail together within a cell of the partner's grid cannot be told apart, and are not joined. A track with a number of its own
    is joined by that alone. Tracks of two partners that neither we see are one only where both say the same number.
    """
    params = params or FusionParams()
    realms = {str(r) for t in (fixes, positions) for r in t["realm"].unique().to_list()}
    if len(realms) > 1:
        raise RealmError(f"tracks are of the realms {', '.join(sorted(realms))}; give one at a time")
    fixes = fixes.drop_nulls(["at", "lon_deg", "lat_deg"]).filter(pl.col("lon_deg").is_finite(), pl.col("lat_deg").is_between(-90, 90))
    positions = positions.drop_nulls(["at", "lon_deg", "lat_deg"]).filter(pl.col("lon_deg").is_finite(), pl.col("lat_deg").is_between(-90, 90))
    if fixes.is_empty():
        return JOINED.empty()
    theirs, own = theirs_of(fixes), own_of(positions)
    realm = realms.pop()
    rows = _by_identity(theirs, own, said, vessels, params)
    rows += _by_track(theirs, own, said, vessels, before, rows, params)
    made = pl.DataFrame([{"realm": realm, **r} for r in rows], schema={**JOINED.schema, "realm": pl.String()}, orient="row")
    return made.cast(dict(JOINED.schema)).sort("origin", "track_id")  # type: ignore[arg-type]


def theirs_of(fixes: pl.DataFrame) -> Theirs:
    """Fixes of partners as columns: track after track, each in time order."""
    rows = fixes.sort("origin", "track_id", "at", "received_at", "lon_deg", "lat_deg")
    rows = rows.unique(["origin", "track_id", "at"], keep="last", maintain_order=True)
    keys = rows.select(pl.struct("origin", "track_id").rle_id()).to_series().to_numpy()
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    cell = array_of(rows["cell_m"].fill_null(0.0).fill_nan(0.0).cast(pl.Float64)).clip(0.0)
    error = array_of(rows["error_m"].fill_null(FIX_ERROR_M).fill_nan(FIX_ERROR_M).cast(pl.Float64)).clip(FIX_ERROR_M)
    error = np.sqrt(np.maximum(FIX_ERROR_M**2, np.where(cell > 0, error**2 - cell**2 / 12, error**2)))
    step_us = (array_of(rows["step_s"].fill_null(0.0).fill_nan(0.0).cast(pl.Float64)).clip(0.0) * US_PER_S).astype(np.int64)
    names = rows[first].select("origin", "track_id").rows()
    return Theirs(names, np.append(first, len(rows)).astype(np.int64), array_of(rows["at"].to_physical()).astype(np.int64), step_us,
                  array_of(rows["lon_deg"]).astype(np.float64), array_of(rows["lat_deg"]).astype(np.float64), error, cell)  # fmt: skip


def own_of(positions: pl.DataFrame) -> Own:
    """Positions of our own as columns: vessel after vessel, each in time order."""
    if positions.is_empty():
        none = np.zeros(0)
        return Own([], [], np.zeros(1, np.int64), np.zeros(0, np.int64), none, none, none, none)
    rows, first = by_vessel(positions.sort(pl.col("vessel_id").cast(pl.String), "at", "raw_offset"))
    names = rows["vessel_id"].cast(pl.String).gather(first[:-1].tolist()).to_list()
    mmsi = rows["mmsi"].gather(first[:-1].tolist()).to_list()
    columns = (array_of(rows[c].cast(pl.Float64).fill_null(float("nan"))).astype(np.float64) for c in ("lon_deg", "lat_deg", "sog_kn", "cog_deg"))
    return Own(names, mmsi, first, array_of(rows["at"].to_physical()).astype(np.int64), *columns)


def _by_identity(theirs: Theirs, own: Own, said: pl.DataFrame, vessels: pl.DataFrame, params: FusionParams) -> list[dict[str, Any]]:
    """Tracks that bear the number of a vessel of ours: with the hull that fits best, or with none where no hull can have been there."""
    hulls: dict[Any, list[int]] = {}
    for v, mmsi in enumerate(own.mmsi):
        hulls.setdefault(("mmsi", mmsi), []).append(v)
    imo = {r["vessel_id"]: r["imo"] for r in vessels.select("vessel_id", "imo").drop_nulls().iter_rows(named=True)}
    for v, name in enumerate(own.names):
        if name in imo:
            hulls.setdefault(("imo", imo[name]), []).append(v)
    known = _known(said)
    silent = {m: v for v, m in vessels.select("vessel_id", "mmsi").drop_nulls().sort("vessel_id", descending=True).iter_rows()}
    unheard: list[tuple[int, str]] = []
    pairs: list[tuple[int, int]] = []
    for i, key in enumerate(theirs.names):
        who = known.get(key, {})
        number = _number(key[1], who)
        here = hulls.get(("mmsi", number), []) if number is not None else hulls.get(("imo", who.get("imo")), []) if who.get("imo") else []
        pairs += [(i, v) for v in here if number is None or not _contradicts(who, imo.get(own.names[v]))]
        if number is not None and not here and number in silent and not _contradicts(who, imo.get(silent[number])):
            unheard.append((i, silent[number]))
    found = _compared(theirs, own, pairs)
    log = _SAME_NUMBER_LOG + np.clip(found[:, 0], -30.0, 30.0)
    possible = found[:, 2] <= params.broken_share * found[:, 1]
    sure = float(1.0 / (1.0 + np.exp(-_SAME_NUMBER_LOG)))
    first = {(theirs.names[i][0], v): i for i, v in reversed(unheard)}
    rows = [_row(theirs.names[i], v, "identity", sure, np.zeros(5)) for (_, v), i in first.items()]
    taken: set[tuple[str, int]] = set()
    order = np.lexsort((np.arange(len(pairs)), -np.where(possible, log, -np.inf)))
    best: dict[int, int] = {}
    for n in order.tolist():
        i, v = pairs[n]
        hub = (theirs.names[i][0], v)
        if i in best or hub in taken:
            continue
        best[i] = n
        probability = float(1.0 / (1.0 + np.exp(-log[n])))
        is_one = bool(possible[n]) and probability >= params.part
        if is_one:
            taken.add(hub)
        rows.append(_row(theirs.names[i], own.names[v], "identity" if is_one else "elsewhere", probability if possible[n] else 0.0, found[n]))
    return rows


def _by_track(
    theirs: Theirs, own: Own, said: pl.DataFrame, vessels: pl.DataFrame, before: pl.DataFrame, known_rows: Sequence[dict[str, Any]],
    params: FusionParams,
) -> list[dict[str, Any]]:  # fmt: skip
    """Tracks without a number, over all pairs that could be, one to one for each partner."""
    known, ours = _known(said), _ours(vessels, said, known_rows)
    done = {(r["origin"], r["own_vessel_id"]) for r in known_rows if r["how"] == "identity"}
    joined = {(r["origin"], r["track_id"]) for r in known_rows if r["how"] == "identity"}
    free = np.array([k not in joined and _number(k[1], known.get(k, {})) is None for k in theirs.names], bool)
    if not free.any():
        return []
    held = {(o, t): v for o, t, v in before.filter(pl.col("how") == "track").select("origin", "track_id", "own_vessel_id").iter_rows()}
    track, vessel = near_tracks(theirs, own, free)
    place = {name: v for v, name in enumerate(own.names)}
    more = [(i, place[held[k]]) for i, k in enumerate(theirs.names) if free[i] and held.get(k) in place]
    pairs = sorted({*zip(track.tolist(), vessel.tolist(), strict=True), *more})
    pairs = [(i, v) for i, v in pairs if (theirs.names[i][0], own.names[v]) not in done]
    who = [_alike(known.get(theirs.names[i]), ours.get(own.names[v])) for i, v in pairs]
    pairs, alike = [p for p, w in zip(pairs, who, strict=True) if w is not None], [w for w in who if w is not None]
    if not pairs:
        return []
    found = _compared(theirs, own, pairs)
    good = (found[:, 1] >= params.times) & (found[:, 2] <= params.broken_share * found[:, 1])
    log = np.clip(found[:, 0] + np.array(alike), -_MOST_LOG, _MOST_LOG)
    stays = np.array([held.get(theirs.names[i]) == own.names[v] for i, v in pairs], bool)
    rows: list[dict[str, Any]] = []
    origin = np.array([theirs.names[i][0] for i, _ in pairs])
    for partner in sorted(set(origin.tolist())):
        at = np.flatnonzero(good & (origin == partner) & (log > -_MOST_LOG / 10))
        if not len(at):
            continue
        left = np.unique([pairs[n][0] for n in at], return_inverse=True)[1]
        right = np.unique([pairs[n][1] for n in at], return_inverse=True)[1]
        ratio = np.exp(log[at])
        chance = np.clip(chances(left, right, ratio), 0.0, 1.0)
        taken = best_pairs(left, right, ratio * np.exp(_KEEP_LOG * stays[at]))
        for m in np.flatnonzero(taken).tolist():
            n = int(at[m])
            enough = chance[m] >= params.part if stays[n] else chance[m] >= params.join and found[n, 4] >= params.span_s
            if enough:
                rows.append(_row(theirs.names[pairs[n][0]], own.names[pairs[n][1]], "track", float(chance[m]), found[n]))
    return rows


def _compared(theirs: Theirs, own: Own, pairs: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """As `same_track.compare`."""
    if not pairs:
        return np.zeros((0, 5))
    track, vessel = (np.array(x, np.int64) for x in zip(*pairs, strict=True))
    density = unseen_density(theirs)[track]
    return compare(track, vessel, theirs.first, theirs.at_us, theirs.step_us, theirs.lon_deg, theirs.lat_deg, theirs.error_m, theirs.cell_m, density,
                   own.first, own.at_us, own.lon_deg, own.lat_deg, own.sog_kn, own.cog_deg)  # fmt: skip


def _row(key: tuple[str, str], name: str, how: str, probability: float, found: NDArray[np.float64]) -> dict[str, Any]:
    return {"origin": key[0], "track_id": key[1], "own_vessel_id": name, "how": how, "probability": min(1.0, probability), "times": int(found[1]),
            "apart_m": float(found[3]) if found[1] else None, "span_s": float(found[4]), "log_ratio": float(found[0])}  # fmt: skip


def _known(said: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    return {(r["origin"], r["track_id"]): r for r in said.sort("origin", "track_id", "at", nulls_last=False).iter_rows(named=True)}


def _ours(vessels: pl.DataFrame, said: pl.DataFrame, joined: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Who each vessel of ours is: as it says itself; what it does not say, as partners say that know it by its number."""
    ours = {r["vessel_id"]: {k: r[k] for k in _IDENTITY} for r in vessels.select("vessel_id", *_IDENTITY).iter_rows(named=True)}
    known = _known(said)
    for r in joined:
        if r["how"] == "identity":
            mine, who = ours.setdefault(r["own_vessel_id"], dict.fromkeys(_IDENTITY)), known.get((r["origin"], r["track_id"]), {})
            for name in _IDENTITY:
                mine[name] = mine[name] if mine[name] is not None else who.get(name)
    return ours


def _number(track_id: str, who: dict[str, Any]) -> int | None:
    """The MMSI that a track bears, by its name or as its partner says."""
    number = track_id.removeprefix("mmsi:").partition("#")[0]
    return int(number) if track_id.startswith("mmsi:") and number.isdecimal() and len(number) <= 9 else who.get("mmsi")


def _contradicts(who: dict[str, Any], imo: int | None) -> bool:
    return who.get("imo") is not None and imo is not None and who["imo"] != imo


def _alike(who: dict[str, Any] | None, ours: dict[str, Any] | None) -> float | None:
    """Log of how much likelier what is said of both is for one vessel; None where it cannot be one."""
    if not who or not ours:
        return 0.0
    if _contradicts(who, ours["imo"]):
        return None
    total = 0.0
    for name in ("name", "callsign"):
        a, b = (_letters(x.get(name)) for x in (who, ours))
        if a and b:
            total += _NAME_LOG if a == b else -_NAME_LOG
    return total


def _letters(text: Any) -> str:
    return "".join(c for c in str(text or "").upper() if c.isalnum())
