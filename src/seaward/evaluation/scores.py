"""A matching -> how well each kind was found, how late, with how many false alarms, and how far its probabilities hold: tables by kind."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from seaward.core.intervals import Interval, wilson
from seaward.core.tables import AT
from seaward.evaluation.intervals import quantile, rate
from seaward.evaluation.matching import Matching

BINS = 10  # tenths, as in reliability tables since Murphy and Winkler 1977, doi:10.2307/2346866
_RIGHT = pl.col("verdict") == "hit"


def vessel_days(tracks: pl.DataFrame, who: str = "vessel_id") -> float:
    """How long vessels were watched [day]: the distinct hours of UTC in which each has a row, over 24.

    Parameters
    ----------
    tracks
        Rows of POSITIONS, or of TRUE_TRACKS with `who="actor"`.

    Limits
    ------
    A vessel heard once in three hours counts a third of its time.
    """
    hours = tracks.select(pl.col(who).cast(pl.String), pl.col("at").dt.truncate("1h"))
    return hours.n_unique() / 24 if len(hours) else 0.0


def scores(matching: Matching, days: float | None = None) -> pl.DataFrame:
    """Counts, precision, recall and false alarms, one row per kind that was raised or happened.

    Parameters
    ----------
    days
        Vessel-days watched; None: not known, and the columns that need them are null.

    Returns
    -------
    realm, kind; truths = hits + missed + covered, events = hits + repeats + false; precision = hits / (hits + false)
    and recall = hits / (hits + missed), each with `_low`, `_high` (Wilson, 95 %) and `_few`; precision_strict (repeats false)
    and recall_strict (covered missed);
    false_per_1000_vessel_days with its interval (Garwood); truths_per_1000_vessel_days: how rare the thing is.
    """
    rows = []
    for kind in sorted({*matching.events["kind"]} | {*matching.truth["kind"]}):
        said, real = (side.filter(pl.col("kind") == kind)["verdict"] for side in (matching.events, matching.truth))
        n = {v: int((said == v).sum()) for v in ("hit", "repeat", "false")} | {v: int((real == v).sum()) for v in ("missed", "covered")}
        alarms = rate(n["false"], days or 0.0)
        rows.append(
            {"realm": matching.realm, "kind": kind, "truths": len(real), "events": len(said), "hits": n["hit"], "missed": n["missed"]}
            | {"covered": n["covered"], "false": n["false"], "repeats": n["repeat"]}
            | _named("precision", wilson(n["hit"], n["hit"] + n["false"]))
            | _named("recall", wilson(n["hit"], n["hit"] + n["missed"]))
            | {"precision_strict": wilson(n["hit"], len(said)).value, "recall_strict": wilson(n["hit"], len(real)).value}
            | _named("false_per_1000_vessel_days", Interval(*(None if x is None else 1000 * x for x in alarms[:3]), few=alarms.few))
            | {"truths_per_1000_vessel_days": 1000 * len(real) / days if days else None}
        )
    return pl.DataFrame(rows, schema_overrides=_FLOATS)


def detection_delays(
    matching: Matching, opened_at: Mapping[str, object], observable_at: Mapping[str, object] | None = None, until: object = None
) -> pl.DataFrame:
    """How long from onset, and from when it could be seen, until an event was raised: median and nine tenths, misses censored.

    Parameters
    ----------
    opened_at
        When each event was first raised, by event_id (aware datetimes). Its start is not that moment: a gap is raised hours later.
    observable_at
        When each truth could first be seen by any sensor, by truth_id.
    until
        Until when the watch went on; None: until each truth ended. A miss waited until then.

    Returns
    -------
    kind, since (onset, observable), n, seen, early (raised before; counted as 0), median_s and p90_s with `_low`, `_high`, `_few`.
    Of a hit and its repeats the one raised first counts. Covered truths, and hits whose event has no moment, are left out.
    """
    raised: dict[str, list[int]] = {}
    known = matching.events.filter(pl.col("verdict") != "false").select("event_id", "truth_id")
    for event, truth in known.iter_rows():
        if event in opened_at:
            raised.setdefault(truth, []).append(_us(opened_at[event]))
    rows = []
    for kind in sorted({*matching.truth["kind"]}):
        of_kind = matching.truth.filter((pl.col("kind") == kind) & (pl.col("verdict") != "covered"))
        for since in ("onset", "observable"):
            waits: list[tuple[int, bool]] = []
            for name, start, end, verdict in of_kind.select("truth_id", "start_at", "end_at", "verdict").iter_rows():
                begin = start if since == "onset" else (observable_at or {}).get(name)
                if begin is None or (verdict == "hit" and name not in raised):
                    continue
                then = min(raised[name]) if verdict == "hit" else _us(end if until is None else until)
                waits.append((then - _us(begin), verdict == "hit"))
            delay_s, seen = np.array([max(0, w) / 1e6 for w, _ in waits]), [s for _, s in waits]
            rows.append(
                {
                    "realm": matching.realm,
                    "kind": kind,
                    "since": since,
                    "n": len(waits),
                    "seen": sum(seen),
                    "early": sum(w < 0 and s for w, s in waits),
                }
                | _named("median_s", quantile(delay_s, seen, 0.5))
                | _named("p90_s", quantile(delay_s, seen, 0.9))
            )
    return pl.DataFrame(rows, schema_overrides=_FLOATS)


def calibration(matching: Matching) -> pl.DataFrame:
    """Brier score of the probabilities of each kind, and what it is made of; repeats and events without a probability are left out.

    Returns
    -------
    kind, n, base_rate (share that is right), brier = reliability - resolution + uncertainty + within_bins; skill = 1 - brier / uncertainty.

    Limits
    ------
    Over what was raised alone: what was missed has no probability. The base rate is that of events, not of vessels at sea.

    Source
    ------
    Brier 1950; Murphy 1973, doi:10.1175/1520-0450(1973)012<0595:ANVPOT>2.0.CO;2; the part within bins as in Stephenson et al. 2008,
    doi:10.1175/2007WAF2006116.1.
    """
    rows = []
    for (kind,), one in _judged(matching).group_by("kind", maintain_order=True):
        p, y = one["probability"].to_numpy(), one["right"].to_numpy()
        bins = one.group_by("bin").agg(n=pl.len(), stated=pl.col("probability").mean(), came=pl.col("right").mean())
        weight, stated, came = (bins[c].to_numpy() for c in ("n", "stated", "came"))
        base, brier = float(y.mean()), float(((p - y) ** 2).mean())
        parts = [float((weight * x).sum() / len(one)) for x in ((stated - came) ** 2, (came - base) ** 2)]
        unsure = base * (1 - base)
        rows.append(
            {"realm": matching.realm, "kind": kind, "n": len(one), "base_rate": base, "brier": brier, "reliability": parts[0], "resolution": parts[1]}
            | {"uncertainty": unsure, "within_bins": brier - parts[0] + parts[1] - unsure, "skill": 1 - brier / unsure if unsure else None}
        )
    names = ("base_rate", "brier", "reliability", "resolution", "uncertainty", "within_bins", "skill")
    return pl.DataFrame(rows, schema={"realm": pl.String, "kind": pl.String, "n": pl.Int64} | dict.fromkeys(names, pl.Float64))


def reliability(matching: Matching) -> pl.DataFrame:
    """Of events whose stated probability lies in each tenth, how many were right: kind, bin_low, n, stated (mean), right and its Wilson interval."""
    binned = (
        _judged(matching).group_by("kind", "bin", maintain_order=True).agg(n=pl.len(), stated=pl.col("probability").mean(), k=pl.col("right").sum())
    )
    rows = [
        {"realm": matching.realm, "kind": r["kind"], "bin_low": r["bin"] / BINS, "n": r["n"], "stated": r["stated"]}
        | _named("right", wilson(int(r["k"]), r["n"]))
        for r in binned.iter_rows(named=True)
    ]
    schema = {"realm": pl.String, "kind": pl.String, "bin_low": pl.Float64, "n": pl.Int64, "stated": pl.Float64, "right": pl.Float64}
    return pl.DataFrame(rows, schema=schema | {"right_low": pl.Float64, "right_high": pl.Float64, "right_few": pl.Boolean})


def _judged(matching: Matching) -> pl.DataFrame:
    stated = matching.events.filter(pl.col("probability").is_not_null() & (pl.col("verdict") != "repeat"))
    tenth = (pl.col("probability") * BINS).floor().clip(0, BINS - 1).cast(pl.Int64)
    return stated.with_columns(right=_RIGHT.cast(pl.Float64), bin=tenth).sort("kind", "bin", "event_id")


def _named(name: str, figure: Interval) -> dict[str, float | bool | None]:
    return {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high, f"{name}_few": figure.few}


def _us(at: object) -> int:
    return int(pl.Series([at]).cast(AT).cast(pl.Int64)[0])


_FLOATS = {
    f"{name}{end}": pl.Float64 for name in ("precision", "recall", "false_per_1000_vessel_days", "median_s", "p90_s") for end in ("", "_low", "_high")
} | dict.fromkeys(("precision_strict", "recall_strict", "truths_per_1000_vessel_days"), pl.Float64)
