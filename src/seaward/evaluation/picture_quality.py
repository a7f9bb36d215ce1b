"""POSITIONS against TRUE_TRACKS at given moments -> how complete, clear and accurate the picture was then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import KDTree

from seaward.core.errors import ParameterError
from seaward.core.geodesy import destination_deg, great_circle_m
from seaward.core.tables import AT
from seaward.core.units import EARTH_RADIUS_M, KN_MPS, NM_M
from seaward.evaluation.gospa import gospa_of_pairs

_F64, _I64 = NDArray[np.float64], NDArray[np.int64]
_SUMS = ("truths", "tracks", "truths_tracked", "tracks_on_truth", "paired", "id_switches")


@dataclass(frozen=True, slots=True)
class PictureQualityParams:
    """How a picture is judged."""

    c_m: float = NM_M  # ours: a mark a mile off is not that ship; cut-off of GOSPA, and of a track being on a truth
    p: float = 1.0  # ours: the parts of GOSPA then are metres and add up to it
    max_age_s: float = 1800.0  # ours: a track not heard for longer is no longer shown
    track: str = "vessel_id"  # or track_id: a number then changes with every break in reception

    def __post_init__(self) -> None:
        if not (self.c_m > 0 and self.p >= 1 and self.max_age_s > 0 and self.track in ("vessel_id", "track_id")):
            raise ParameterError(f"{self} makes no sense: c_m and max_age_s above 0, p 1 or more, track vessel_id or track_id")


def picture_quality(
    positions: pl.DataFrame, true_tracks: pl.DataFrame, moments: Sequence[datetime], params: PictureQualityParams | None = None
) -> pl.DataFrame:
    """Judge the picture at each moment.

    Parameters
    ----------
    positions
        Rows of POSITIONS. At a moment a track stands where its last report up to then puts it, carried on by speed and course where it gives both.
    true_tracks
        Rows of TRUE_TRACKS; between two rows a hull goes straight, before its first and after its last it is not there.
    moments
        Aware datetimes, in time order.

    Returns
    -------
    at, truths, tracks, gospa_m with its parts localisation, missed, false [m to the power p], paired, truths_tracked, tracks_on_truth, completeness
    (truths with a track), ambiguity (tracks on a truth, per such truth), spuriousness (tracks on no truth),
    position_error_m (mean of tracks on a truth),
    id_switches (truths whose track is another than it was when last they had one). Null where there is nothing to divide by.

    Limits
    ------
    By place alone: a track with a false name in the right place counts as right. Tracks that no pair takes are put on the nearest truth within `c_m`,
    which in crowded water may be a neighbour. A switch counts once the former track is gone or farther than `c_m`, as in CLEAR MOT.

    Source
    ------
    GOSPA: see `gospa`. Completeness, ambiguity, spuriousness, accuracy: Votruba et al. 2001, Single Integrated Air Picture (SIAP) Metrics.
    Switches: Bernardin and Stiefelhagen 2008, doi:10.1155/2008/246309.
    """
    params = params or PictureQualityParams()
    real, shown = _Ways(true_tracks, "actor"), _Ways(positions, params.track)
    held: dict[int, int] = {}
    rows = []
    for moment in moments:
        at_us = int(pl.Series([moment]).cast(AT).cast(pl.Int64)[0])
        truth, t_lon, t_lat = real.between(at_us)
        track, k_lon, k_lat = shown.carried_on(at_us, params.max_age_s)
        j, k, away = near(t_lon, t_lat, k_lon, k_lat, params.c_m)
        got = gospa_of_pairs(j, k, away, (len(truth), len(track)), params.c_m, params.p)
        on, error_m = _on(j, k, away, got.pair, len(track))
        switches = _switches(held, truth, track, got.pair, {(int(truth[a]), int(track[b])) for a, b in zip(j, k, strict=True)})
        tracked, placed = len(np.unique(on[on >= 0])), int((on >= 0).sum())
        rows.append(
            {
                "at": moment,
                "truths": len(truth),
                "tracks": len(track),
                "gospa_m": got.distance,
                "localisation": got.localisation,
                "missed": got.missed,
            }
            | {"false": got.false, "paired": int((got.pair >= 0).sum()), "truths_tracked": tracked, "tracks_on_truth": placed}
            | {"error_sum_m": float(error_m.sum()), "id_switches": switches}
        )
    schema = {"at": AT} | dict.fromkeys(("truths", "tracks"), pl.Int64)
    schema |= dict.fromkeys(("gospa_m", "localisation", "missed", "false"), pl.Float64)
    schema |= dict.fromkeys(("paired", "truths_tracked", "tracks_on_truth"), pl.Int64) | {"error_sum_m": pl.Float64, "id_switches": pl.Int64}
    return _shares(pl.DataFrame(rows, schema=schema))


def over_all(quality: pl.DataFrame) -> pl.DataFrame:
    """One row for all moments: sums over sums, and the mean GOSPA."""
    means = [pl.col(c).mean() for c in ("gospa_m", "localisation", "missed", "false")]
    return _shares(quality.select(pl.len().alias("moments"), *means, *(pl.col(c).sum() for c in (*_SUMS, "error_sum_m"))))


def near(t_lon: _F64, t_lat: _F64, k_lon: _F64, k_lat: _F64, c_m: float) -> tuple[_I64, _I64, _F64]:
    """Pairs of truth and track less than `c_m` apart [m], and how far."""
    if len(t_lon) == 0 or len(k_lon) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    reach = 2 * np.sin(min(c_m / EARTH_RADIUS_M, np.pi) / 2) * (1 + 1e-9)  # chord of the arc
    found = KDTree(_xyz(t_lon, t_lat)).sparse_distance_matrix(KDTree(_xyz(k_lon, k_lat)), reach, output_type="ndarray")
    found = found[np.lexsort((found["j"], found["i"]))]
    j, k = found["i"].astype(np.int64), found["j"].astype(np.int64)
    away = great_circle_m(t_lon[j], t_lat[j], k_lon[k], k_lat[k])
    return j[away < c_m], k[away < c_m], away[away < c_m]


def _xyz(lon_deg: _F64, lat_deg: _F64) -> _F64:
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def _on(j: _I64, k: _I64, away: _F64, pair: _I64, tracks: int) -> tuple[_I64, _F64]:
    """The truth each track is on, -1 for none, and how far from it [m]: that of its pair, else the nearest."""
    on, error_m = np.full(tracks, -1), np.zeros(tracks)
    for n in np.lexsort((j, away, pair[j] != k))[::-1].tolist():  # later writing wins: the pair, else the nearest
        on[k[n]], error_m[k[n]] = j[n], away[n]
    return on, error_m


def _switches(held: dict[int, int], truth: _I64, track: _I64, pair: _I64, close: set[tuple[int, int]]) -> int:
    """Truths whose track is another than before; keeps in `held` which track each truth has."""
    count = 0
    for who, k in zip(truth.tolist(), pair.tolist(), strict=True):
        if k < 0 or (who, held.get(who, -1)) in close:
            continue
        count += who in held
        held[who] = int(track[k])
    return count


def _shares(rows: pl.DataFrame) -> pl.DataFrame:
    def over(a: pl.Expr, b: str) -> pl.Expr:
        return pl.when(pl.col(b) > 0).then(a / pl.col(b))

    return rows.with_columns(
        completeness=over(pl.col("truths_tracked"), "truths"), ambiguity=over(pl.col("tracks_on_truth"), "truths_tracked"),
        spuriousness=over(pl.col("tracks") - pl.col("tracks_on_truth"), "tracks"), position_error_m=over(pl.col("error_sum_m"), "tracks_on_truth"),
    )  # fmt: skip


class _Ways:
    """Rows by who and time, found by a moment."""

    def __init__(self, rows: pl.DataFrame, who: str) -> None:
        moving = {c: pl.col(c).cast(pl.Float64) if c in rows.columns else pl.lit(None, pl.Float64).alias(c) for c in ("sog_kn", "cog_deg")}
        sorted_ = rows.select(pl.col(who).cast(pl.String).alias("who"), pl.col("at").cast(AT), "lon_deg", "lat_deg", *moving.values())
        sorted_ = sorted_.sort("who", "at", "lon_deg", "lat_deg")
        self._at = sorted_["at"].cast(pl.Int64).to_numpy()
        self._lon, self._lat, self._sog, self._cog = (
            sorted_[c].fill_null(np.nan).to_numpy() for c in ("lon_deg", "lat_deg", "sog_kn", "cog_deg")
        )  # fmt: skip
        code = sorted_["who"].rle_id().to_numpy()
        self._first = np.flatnonzero(np.diff(code, prepend=-1)) if len(code) else np.empty(0, np.int64)
        self._end = np.append(self._first[1:], len(code)).astype(np.int64) if len(code) else np.empty(0, np.int64)

    def _last(self, at_us: int) -> tuple[_I64, _I64]:
        """Who has a row up to the moment, and the last such row."""
        upto = np.concatenate([[0], np.cumsum(self._at <= at_us)])
        count = upto[self._end] - upto[self._first]
        who = np.flatnonzero(count)
        return who, self._first[who] + count[who] - 1

    def between(self, at_us: int) -> tuple[_I64, _F64, _F64]:
        who, row = self._last(at_us)
        inside = (row + 1 < self._end[who]) | (self._at[row] == at_us)
        who, row = who[inside], row[inside]
        after = np.minimum(row + 1, self._end[who] - 1)
        span = self._at[after] - self._at[row]
        share = np.divide(at_us - self._at[row], span, out=np.zeros(len(row)), where=span > 0)
        turn = (self._lon[after] - self._lon[row] + 180.0) % 360.0 - 180.0
        return who, self._lon[row] + share * turn, self._lat[row] + share * (self._lat[after] - self._lat[row])

    def carried_on(self, at_us: int, max_age_s: float) -> tuple[_I64, _F64, _F64]:
        who, row = self._last(at_us)
        age_s = (at_us - self._at[row]) / 1e6
        who, row, age_s = who[age_s <= max_age_s], row[age_s <= max_age_s], age_s[age_s <= max_age_s]
        way_m = np.nan_to_num(self._sog[row] * KN_MPS * age_s * np.isfinite(self._cog[row]))
        lon, lat = destination_deg(self._lon[row], self._lat[row], np.nan_to_num(self._cog[row]), way_m)
        return who, lon, lat
