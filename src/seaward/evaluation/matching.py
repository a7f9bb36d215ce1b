"""EVENTS and TRUTH -> who is whom, one to one, and a verdict on every event and every truth.

An event is a `hit` (the one taken for a truth), a `repeat` (fits a truth that another event was taken for: not false, not another hit) or `false`.
A truth is `hit`, `covered` (fits only events that were taken for another truth: not missed, not another hit) or `missed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from seaward.core.errors import InputError, ParameterError, RealmError
from seaward.core.geodesy import great_circle_m
from seaward.core.realm import check_realm
from seaward.core.tables import AT
from seaward.core.units import US_PER_S
from seaward.evaluation.tolerances import TOLERANCES, Tolerance

NAMES_A_VESSEL = "mmsi:"  # other names, such as detection:<file>/<id>, say where something was seen, not who it was

_I64, _F64 = NDArray[np.int64], NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Matching:
    """Verdicts on both sides.

    `events`: realm, event_id, kind, start_at, end_at, probability, verdict, truth_id (of the hit; of the nearest truth for a repeat), distance_m.
    `truth`: realm, truth_id, kind, start_at, end_at, verdict, event_id (of the hit; of the nearest event where covered), distance_m.
    """

    realm: str
    events: pl.DataFrame
    truth: pl.DataFrame


class _Pairs(NamedTuple):
    """What could be whom: numbers of events and truths, how far apart [m], and how badly each fits (0 to 2)."""

    event: _I64
    truth: _I64
    distance_m: _F64
    misfit: _F64


def one_realm(tables: Iterable[pl.DataFrame]) -> str:
    """The realm that all rows of all tables are of.

    Raises
    ------
    RealmError
        If a row has none, or two differ.
    InputError
        If there is no row at all, so that no realm is known.
    """
    realms = sorted({r for t in tables if not t.is_empty() for r in t["realm"].cast(pl.String).unique().to_list()}, key=str)
    if not realms:
        raise InputError("no table holds a row, so their realm is not known; give tables with rows")
    for realm in realms:
        check_realm(realm)
    if len(realms) > 1:
        raise RealmError(f"rows of the realms {' and '.join(realms)} are offered together; score each drill against its own truth")
    return realms[0]


def match_events(
    events: pl.DataFrame,
    truth: pl.DataFrame,
    tolerances: Mapping[str, Tolerance] = TOLERANCES,
    true_tracks: pl.DataFrame | None = None,
    realm: str | None = None,
) -> Matching:
    """Find which event is which truth: of each kind as many pairs as can be, and of such pairings the one that fits best.

    Parameters
    ----------
    events
        Rows of `core.tables.EVENTS` (realm, event_id, version, state, kind, start_at, end_at, vessel_ids, lon_deg, lat_deg, probability are used).
        Of several versions of an event the latest counts; withdrawn events are left out.
    truth
        Rows of `core.tables.TRUTH`.
    tolerances
        By kind; a pair must overlap in time within `time_s`, lie within `distance_m`, and share a vessel where both name one (`mmsi:...`, without
        the number of the hull); of hulls that sent nothing, one that they
        send at another time (by `true_tracks`). Limits included.
    true_tracks
        Rows of `core.tables.TRUE_TRACKS`. With them a truth also stands where its hulls were when the event began: without, only at its own point.
    realm
        Of all rows, where it is known: then nothing need have happened, and every event is false.

    Returns
    -------
    Matching; independent of the order of the rows.

    Raises
    ------
    InputError
        If a truth is named twice, or there is none.
    ParameterError
        If a kind has no tolerance.
    RealmError
        If rows are of different realms.

    Limits
    ------
    Kinds are scored apart: fishing found as loitering is a false alarm and a miss. A long event that covers many truths makes none of them missed.

    Source
    ------
    Rectangular assignment (Crouse 2016, doi:10.1109/TAES.2016.140952), in each connected part by itself.
    """
    if truth.is_empty() and realm is None:
        raise InputError("the table of truth has no rows: there is nothing to score against")
    if truth["truth_id"].n_unique() < len(truth):
        twice = truth["truth_id"].filter(truth["truth_id"].is_duplicated())[0]
        raise InputError(f"the truth {twice!r} is named twice; give each once")
    tables = [events, truth] if true_tracks is None else [events, truth, true_tracks]
    said_realm = one_realm(tables) if realm is None or any(len(t) for t in tables) else check_realm(realm)
    if realm not in (None, said_realm):
        raise RealmError(f"rows of the realm {said_realm!r} are offered where {realm!r} is scored")
    found = latest(events)
    truth = truth.with_columns(pl.col("start_at", "end_at").cast(AT)).sort("start_at", "truth_id")
    if strange := sorted(({*found["kind"]} | {*truth["kind"]}) - tolerances.keys()):
        raise ParameterError(f"no tolerance is given for {', '.join(strange)}; known are {', '.join(tolerances)}")
    wheres = _Wheres(true_tracks)
    said, real = _Verdicts(len(found), "false"), _Verdicts(len(truth), "missed")
    for kind in sorted({*found["kind"]} & {*truth["kind"]}):
        e_at, t_at = (np.flatnonzero((side["kind"] == kind).to_numpy()) for side in (found, truth))
        pairs = _candidates(found[e_at], truth[t_at], tolerances[kind], wheres)
        taken = _assign(pairs)
        es, ts = e_at[pairs.event], t_at[pairs.truth]
        said.tell(es, ts, pairs, taken, "repeat")
        real.tell(ts, es, pairs, taken, "covered")
    return Matching(
        said_realm,
        said.on(found, "event_id", truth, "truth_id", ("probability",)),
        real.on(truth, "truth_id", found, "event_id", ()),
    )


def latest(events: pl.DataFrame) -> pl.DataFrame:
    """The last version of each event, without those withdrawn; sorted by start and name."""
    last = events.sort("event_id", "version").unique("event_id", keep="last", maintain_order=True)
    stands = last.filter(pl.col("state").cast(pl.String) != "withdrawn")
    return stands.with_columns(pl.col("start_at", "end_at").cast(AT)).sort("start_at", "event_id")


def _candidates(events: pl.DataFrame, truth: pl.DataFrame, tolerance: Tolerance, wheres: _Wheres) -> _Pairs:
    """Every pair within the tolerances."""
    e_start, e_end, t_start, t_end = (_us(t, c) for t in (events, truth) for c in ("start_at", "end_at"))
    slack_us = int(tolerance.time_s * US_PER_S)
    e_lon, e_lat, t_lon, t_lat = (t[c].to_numpy() for t in (events, truth) for c in ("lon_deg", "lat_deg"))
    e_who, t_who = (_named(t) for t in (events, truth))
    actors = truth["actors"].to_list() if wheres.known and "actors" in truth.columns else [[]] * len(truth)
    hulls = truth["actors"].to_list() if "actors" in truth.columns else [[]] * len(truth)
    could = [who or frozenset().union(*(wheres.names.get(a, ()) for a in of)) for who, of in zip(t_who, hulls, strict=True)]
    is_hull = [bool(of) for of in hulls]  # one that sent nothing may still be known by its own number to a monitoring centre, but by no other
    rows: list[tuple[int, int, float, float]] = []
    for t in range(len(truth)):
        until = int(np.searchsorted(e_start, t_end[t] + slack_us, side="right"))  # events are sorted by start
        near = np.flatnonzero(e_end[:until] >= t_start[t] - slack_us)
        if len(near) == 0:
            continue
        away = great_circle_m(e_lon[near], e_lat[near], t_lon[t], t_lat[t])
        if actors[t]:
            away = np.minimum(away, wheres.away_m(actors[t], np.clip(e_start[near], t_start[t], t_end[t]), e_lon[near], e_lat[near]))
        for e, distance_m in zip(near[away <= tolerance.distance_m].tolist(), away[away <= tolerance.distance_m].tolist(), strict=True):
            if e_who[e] and (could[t] or is_hull[t]) and e_who[e].isdisjoint(could[t]):
                continue
            late_us = abs(int(e_start[e]) - int(t_start[t]))
            misfit = distance_m / max(tolerance.distance_m, 1.0) + late_us / max(late_us + slack_us, 1)
            rows.append((e, t, distance_m, misfit))
    table = np.array(rows, np.float64).reshape(-1, 4)
    return _Pairs(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], table[:, 3])


def _assign(pairs: _Pairs) -> NDArray[np.bool_]:
    """Which pairs are taken: the most, and among as many those with the least misfit in sum; shape (n,)."""
    taken = np.zeros(len(pairs.event), bool)
    if len(taken) == 0:
        return taken
    events, truths = int(pairs.event.max()) + 1, int(pairs.truth.max()) + 1
    links = coo_array((np.ones(len(taken)), (pairs.event, pairs.truth + events)), shape=(events + truths,) * 2)
    part = connected_components(links, directed=False)[1][pairs.event]
    order = np.argsort(part, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        es, e_at = np.unique(pairs.event[rows], return_inverse=True)
        ts, t_at = np.unique(pairs.truth[rows], return_inverse=True)
        gain = np.zeros((len(es), len(ts)))
        gain[e_at, t_at] = 2.0 * min(gain.shape) + 3.0 - pairs.misfit[rows]  # one pair more outweighs the misfit (0 to 2) of all
        chosen = np.zeros(gain.shape, bool)
        chosen[linear_sum_assignment(gain, maximize=True)] = True
        taken[rows] = chosen[e_at, t_at]
    return taken


class _Verdicts:
    """Verdicts on one side, each with the row of the other side it is about."""

    def __init__(self, rows: int, otherwise: str) -> None:
        self.verdict = np.full(rows, otherwise, dtype=object)
        self.other, self.distance_m = np.full(rows, -1), np.full(rows, np.nan)

    def tell(self, mine: _I64, other: _I64, pairs: _Pairs, taken: NDArray[np.bool_], beside: str) -> None:
        best_last = np.lexsort((other, pairs.misfit, ~taken))[::-1]  # later writing wins: the pair taken, else the best fit
        self.verdict[mine], self.verdict[mine[taken]] = beside, "hit"
        for k in best_last.tolist():
            self.other[mine[k]], self.distance_m[mine[k]] = other[k], pairs.distance_m[k]

    def on(self, rows: pl.DataFrame, own: str, others: pl.DataFrame, name: str, more: tuple[str, ...]) -> pl.DataFrame:
        columns = rows.select(pl.col("realm").cast(pl.String), own, "kind", "start_at", "end_at", *more)
        names = [None if k < 0 else others[name][k] for k in self.other.tolist()]
        return columns.with_columns(
            pl.Series("verdict", self.verdict.tolist(), pl.String),
            pl.Series(name, names, pl.String),
            pl.Series("distance_m", self.distance_m, pl.Float64).fill_nan(None),
        )


class _Wheres:
    """Where hulls really were, by TRUE_TRACKS."""

    def __init__(self, true_tracks: pl.DataFrame | None) -> None:
        self._ways: dict[str, tuple[_I64, _F64, _F64]] = {}
        self.names: dict[str, frozenset[str]] = {}  # what each hull ever sends
        if true_tracks is not None and "mmsi" in true_tracks.columns:
            sent = true_tracks.drop_nulls("mmsi").select(pl.col("actor").cast(pl.String), pl.col("mmsi").cast(pl.Int64)).unique()
            for actor, mmsi in sent.iter_rows():
                self.names[actor] = self.names.get(actor, frozenset()) | {f"{NAMES_A_VESSEL}{mmsi:09d}"}
        if true_tracks is not None:
            rows = true_tracks.select(pl.col("actor").cast(pl.String), pl.col("at").cast(AT), "lon_deg", "lat_deg").sort("actor", "at")
            for (actor,), way in rows.group_by("actor", maintain_order=True):
                self._ways[str(actor)] = _us(way, "at"), np.unwrap(way["lon_deg"].to_numpy(), period=360.0), way["lat_deg"].to_numpy()

    @property
    def known(self) -> bool:
        return bool(self._ways)

    def away_m(self, actors: list[str], at_us: _I64, lon_deg: _F64, lat_deg: _F64) -> _F64:
        """Distance to the nearest of the hulls [m] at each moment; infinite where none is known. Before and after its rows a hull stands still."""
        nearest = np.full(len(at_us), np.inf)
        for actor in actors:
            if actor in self._ways:
                t, lon, lat = self._ways[actor]
                nearest = np.minimum(nearest, great_circle_m(lon_deg, lat_deg, np.interp(at_us, t, lon), np.interp(at_us, t, lat)))
        return nearest


def _named(rows: pl.DataFrame) -> list[frozenset[str]]:
    """The vessels each row names, without the number of the hull."""
    return [frozenset(v.split("#")[0] for v in (who or ()) if v and v.startswith(NAMES_A_VESSEL)) for who in rows["vessel_ids"].to_list()]


def _us(rows: pl.DataFrame, column: str) -> _I64:
    return rows[column].cast(AT).cast(pl.Int64).to_numpy()
