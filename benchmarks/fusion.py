"""How well partners' tracks are joined with our own: `python -m benchmarks.fusion` prints the tables of docs/scores-fusion.md.

Simulated seas of eight hours by the drill room: ships in lanes, at anchor, at berths, tugs, fishing boats, a third of them without AIS. We hear them
by three coastal stations and a satellite that passes; what we do not hear has gaps. The partner sees seven in ten of all hulls, ours or not, by
a sensor of its own (80 m where the hull sends nothing, else 10 m), and lets us know the last fix of each step without identity: on a grid, times
rounded down, hours late. What it lets us know is made by the same code as in the exchange (`exchange.degrade`). Truth is which hull each track is.

Peers, in the same run on the same tracks: nearest neighbour (each of the partner's tracks to the vessel of ours nearest to its last fix), the same
one to one (Hungarian), and one to one by the mean distance over all common times. Each with the best gate of three, chosen on these seas: in their
favour.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import linear_sum_assignment

from seaward.core.geodesy import great_circle_m
from seaward.core.tables import JOINED, PARTNER_VESSELS, POSITIONS, REPORTS
from seaward.core.units import HOUR_S, US_PER_S
from seaward.evaluation.gospa import gospa
from seaward.exchange.bodies import Track
from seaward.exchange.degrade import Detail, degrade, pseudonym
from seaward.exchange.grid import cell_of
from seaward.exercise import run_exercise
from seaward.feeds.read import read
from seaward.picture.fusion import fuse, own_of, theirs_of
from seaward.picture.near_tracks import Own, Theirs, all_where
from seaward.picture.partner_trails import PartnerTrails
from seaward.picture.placed import placed
from seaward.picture.positions import PictureParams, build_positions

_SCENARIO = """
format: drill/1
exercise: {{id: FUSION, title: {{en: Fusion, es: Fusión}}, realm: "ex:fusion"}}
seed: 1
clock: {{start: "2027-06-18T11:00:00Z", length: 8h}}
area: {{bbox: [-81.5, -15.0, -75.5, -9.0]}}
cells: [{{id: pe_watch, role: player, lang: es, sees: [ais_coast, ais_sat]}}, {{id: white, role: control, lang: en, sees: [truth]}}]
sensors:
  - id: ais_coast
    kind: coastal_ais
    loss: 0.2
    stations:
      - {{id: st_callao, at: [-77.20, -12.08], height_m: 280}}
      - {{id: st_huacho, at: [-77.62, -11.13], height_m: 120, outage: [3h, 4h30m]}}
      - {{id: st_pisco, at: [-76.28, -13.80], height_m: 180}}
  - {{id: ais_sat, kind: satellite_ais, first: 10m, every: 45m, pass: 11m, receive: 0.6, delay: 25m}}
traffic:
  - {{id: lane, kind: cargo, count: {0}, pattern: lane, spread_nm: 4, speed_kn: [11, 17],
     route: [[-80.3, -9.1], [-79.6, -10.0], [-78.3, -12.0], [-77.2, -14.0], [-76.9, -14.9]]}}
  - {{id: tank, kind: tanker, count: {1}, pattern: lane, spread_nm: 4,
     route: [[-77.2, -14.9], [-77.6, -14.0], [-78.7, -12.0], [-80.1, -10.0], [-80.7, -9.1]]}}
  - {{id: ocean, kind: cargo, count: {2}, pattern: lane, spread_nm: 8, route: [[-81.3, -11.0], [-79.5, -11.6], [-77.5, -12.1]]}}
  - {{id: roads, kind: tanker, count: {3}, pattern: anchored, around: [-77.26, -12.01], radius_nm: 2.5}}
  - {{id: arts, kind: artisanal, count: {4}, pattern: day_fishing, radius_nm: 12, ais: {{B_CS: 0.5, none: 0.5}},
     ports: [[-76.82, -12.48], [-77.64, -11.12]]}}
  - {{id: squid, kind: squid_jigger, count: {5}, pattern: ground, around: [-79.7, -12.6], radius_nm: 30, ais: {{A: 0.6, none: 0.4}}}}
"""
DENSITIES = {"sparse": (8, 5, 4, 6, 10, 8), "usual": (26, 12, 8, 14, 30, 24), "dense": (90, 50, 30, 40, 100, 90)}
GRIDS_M = {"0 nm": 0, "1 nm": 1852, "5 nm": 9260}
DELAYS_S = {"0 h": 0, "1 h": 3600, "3 h": 10_800}
PEERS = ("nearest", "one to one", "mean distance")
GATES_M = (500.0, 2_000.0, 5_000.0)
NOBODY = pl.DataFrame(schema={"vessel_id": pl.String, "mmsi": pl.UInt32, "imo": pl.UInt32, "name": pl.String, "callsign": pl.String})
_HISTORY_S = 6 * HOUR_S


@dataclass(frozen=True, slots=True)
class Sea:
    """One simulated sea: our positions and reports, where each hull was, and what it sent."""

    reports: pl.DataFrame
    truth: pl.DataFrame
    end_us: int


def simulate(density: str, seed: int) -> Sea:
    """By the drill room."""
    with tempfile.TemporaryDirectory(prefix="seaward-") as folder:
        path = Path(folder) / "fusion.yaml"
        path.write_text(_SCENARIO.format(*DENSITIES[density]), encoding="utf-8")
        files = run_exercise(path, Path(folder) / "out", seed=seed)
        truth = pl.read_parquet(files.true_tracks)
        feeds = [p for p in (Path(folder) / "out").iterdir() if "ais_" in p.name]
        reports = pl.concat([b.reports for p in feeds for b in read(str(p), files.realm)])
    end_us = int(truth["at"].to_physical().max())  # type: ignore[arg-type]
    return Sea(reports, truth, end_us)


def partner_view(sea: Sea, seed: int, grid_m: int, until_us: int, share: float = 0.7) -> tuple[pl.DataFrame, dict[str, str]]:
    """PARTNER_FIXES of a partner that knows the sea up to a moment, and which hull each of its tracks is."""
    rng = np.random.default_rng([seed, 77])
    detail = Detail(grid_m, 600 if grid_m else 0, frozenset({"identity"}))
    secret = seed.to_bytes(8, "big") * 4
    trails, hulls = PartnerTrails(cell_of), {}
    for (actor,), rows in sea.truth.sort("actor", "at").group_by("actor", maintain_order=True):
        seen, sends, noise, phase = (
            rng.random() < share,
            rows["mmsi"].null_count() < len(rows),
            rng.normal(0, 1, (2, len(rows))),
            rng.integers(0, 600),
        )
        if not seen:
            continue
        name = pseudonym("track", str(actor), secret)
        hulls[name] = str(actor)
        error_m = 10.0 if sends else 80.0
        at = rows["at"].to_physical().to_numpy()
        lon, lat = rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy()
        lat = lat + noise[0] * error_m / 111_195
        lon = lon + noise[1] * error_m / 111_195 / np.cos(np.radians(lat))
        for k in np.flatnonzero((at > until_us - _HISTORY_S * US_PER_S) & (at <= until_us)):
            if (at[k] // US_PER_S + phase) % 180 >= 60:  # it sees each vessel every three minutes
                continue
            body = Track(int(at[k] // 1000), round(lon[k] * 1e6), round(lat[k] * 1e6), None if sends else 80)
            said = degrade(body, detail, lambda kind, i: None, secret)
            assert isinstance(said, Track)
            trails.add(name, said.at_ms * 1000, said.lon_udeg, said.lat_udeg, said.error_m, int(at[k]))
    return trails.table("ex:fusion", "USA"), hulls


def own_view(sea: Sea, until_us: int) -> tuple[pl.DataFrame, dict[str, str]]:
    """POSITIONS that we have at a moment, and which hull each vessel is."""
    heard = pl.coalesce("received_at", "reported_at").to_physical() <= until_us
    positions = build_positions(sea.reports.filter(heard).select(REPORTS.schema.names()), PictureParams()).positions.select(POSITIONS.schema.names())
    sent = sea.truth.drop_nulls("mmsi").group_by("mmsi").agg(pl.col("actor").cast(pl.String).first())
    of = dict(sent.iter_rows())
    names = positions.select(pl.col("vessel_id").cast(pl.String), "mmsi").unique()
    return positions, {v: of.get(m, "") for v, m in names.iter_rows()}


def distances(theirs: Theirs, own: Own, way: str) -> np.ndarray:
    """How far apart a peer holds each track and each vessel to be [m], shape (tracks, vessels); 1e9: it does not know."""
    total, count = np.zeros((len(theirs.names), len(own.names))), np.zeros((len(theirs.names), len(own.names)))
    for i in range(len(theirs.names)):
        rows = range(theirs.first[i], theirs.first[i + 1]) if way == "mean distance" else [theirs.first[i + 1] - 1]
        for k in rows:
            now = all_where(int(theirs.at_us[k] + theirs.step_us[k] // 2), own)
            off = np.hypot((now[:, 0] - theirs.lon_deg[k]) * np.cos(np.radians(now[:, 1])), now[:, 1] - theirs.lat_deg[k]) * 111_195
            known = now[:, 2] >= 0
            total[i] += np.where(known, off, 0.0)
            count[i] += known
    most = count.max(axis=1, keepdims=True)
    return np.where((count > 0) & (count >= 0.5 * most), total / np.maximum(1, count), 1e9)


def nearest(theirs: Theirs, own: Own, off_m: np.ndarray, way: str, gate_m: float) -> dict[str, str]:
    """What a peer joins."""
    gate = gate_m + 0.75 * theirs.cell_m[theirs.first[1:] - 1]
    cost = np.where(off_m <= gate[:, None], off_m, 1e7)
    if way == "nearest":
        pairs = [(i, int(np.argmin(cost[i]))) for i in range(len(cost))] if cost.size else []
    else:
        pairs = list(zip(*linear_sum_assignment(cost), strict=True))
    return {theirs.names[i][1]: own.names[v] for i, v in pairs if cost[i, v] < 1e7}


def pictures(sea: Sea, fixes: pl.DataFrame, own: Own, found: pl.DataFrame, truly: dict[str, str]) -> dict[str, np.ndarray]:
    """Of some pictures of all hulls at the end: GOSPA (5 km, p = 1) by hull, its parts (places off, missed, false), GOSPA (20 km), and how many
    vessels each shows. `truly`: the vessel of ours that each track is."""
    at_us = sea.end_us
    last = sea.truth.filter(pl.col("at").to_physical() == at_us)
    theirs = theirs_of(fixes)
    now, rows = all_where(at_us, own), theirs.first[1:] - 1
    known, better = now[:, 2] >= 0, now[:, :2].copy()
    place = {name: v for v, name in enumerate(own.names)}
    for p in placed(theirs, own, found, at_us):
        better[place[p.vessel_id]], known[place[p.vessel_id]] = (p.lon_deg, p.lat_deg), True
    ours, best = now[now[:, 2] >= 0, :2], better[known]
    seen = np.column_stack([theirs.lon_deg[rows], theirs.lat_deg[rows]])
    joined = set(found["track_id"].to_list())
    alone = seen[[name not in joined for _, name in theirs.names]]
    strangers = seen[[name not in truly for _, name in theirs.names]]
    shown = {"own": ours, "own, placed by the surer": best, "partner": seen, "both, joined": np.concatenate([best, alone]),
             "both, were every join known": np.concatenate([best, strangers]), "both, not joined": np.concatenate([ours, seen])}  # fmt: skip
    truth = last.select("lon_deg", "lat_deg").to_numpy()
    rows = {}
    for name, p in shown.items():
        off = great_circle_m(truth[:, :1], truth[:, 1:], p[:, 0], p[:, 1])
        near, far = gospa(off, 5_000.0), gospa(off, 20_000.0)
        rows[name] = np.array([*(np.array([*near[:4], far.distance]) / len(truth)), len(p)])
    return rows


def places(sea: Sea, fixes: pl.DataFrame, own: Own, found: pl.DataFrame, track_of: dict[str, str]) -> list[tuple[float, float, bool]]:
    """Of each vessel that is joined, at the end: how far our own track is from the hull [m], how far what we say of it is, and whether a partner's
    fix was taken."""
    theirs, now = theirs_of(fixes), all_where(sea.end_us, own)
    last = sea.truth.filter(pl.col("at").to_physical() == sea.end_us)
    true = {str(a): (x, y) for a, x, y in last.select("actor", "lon_deg", "lat_deg").iter_rows()}
    taken, place, rows = {p.vessel_id: p for p in placed(theirs, own, found, sea.end_us)}, {name: v for v, name in enumerate(own.names)}, []
    for track, vessel in found.select("track_id", "own_vessel_id").iter_rows():
        v, hull = place.get(vessel), true.get(track_of[track])
        if v is None or hull is None or now[v, 2] < 0:
            continue
        off = float(great_circle_m(hull[0], hull[1], now[v, 0], now[v, 1]))
        p = taken.get(vessel)
        rows.append((off, off if p is None else float(great_circle_m(hull[0], hull[1], p.lon_deg, p.lat_deg)), p is not None))
    return rows


def scored(joined: dict[str, str], track_of: dict[str, str], vessel_of: dict[str, str], fixes: pl.DataFrame) -> tuple[int, int, int]:
    """Right, wrong, and how many there were to find: tracks of hulls that we see too."""
    ours = {actor: v for v, actor in vessel_of.items()}
    could = {t for t in set(fixes["track_id"]) if track_of[t] in ours}
    right = sum(track_of[t] == vessel_of[v] for t, v in joined.items())
    return right, len(joined) - right, len(could)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs=2, default=(101, 108), metavar=("FIRST", "LAST"))
    parser.add_argument("--densities", nargs="*", default=list(DENSITIES))
    args = parser.parse_args()
    sums: dict[tuple[str, str, str, str], np.ndarray] = {}
    stated: list[tuple[float, bool]] = []
    spent: dict[str, list[tuple[int, int, float]]] = {}
    flicker, scores = np.zeros(3, np.int64), dict[tuple[str, str, str], list[np.ndarray]]()
    said: dict[tuple[str, str], list[tuple[float, float, bool]]] = {}
    for density in args.densities:
        for seed in range(args.seeds[0], args.seeds[1] + 1):
            sea = simulate(density, seed)
            positions, vessel_of = own_view(sea, sea.end_us)
            own = own_of(positions)
            for grid, delay in ((g, d) for g in GRIDS_M for d in DELAYS_S):
                fixes, track_of = partner_view(sea, seed, GRIDS_M[grid], sea.end_us - DELAYS_S[delay] * US_PER_S)
                began = time.perf_counter()
                found = fuse(fixes, PARTNER_VESSELS.empty(), positions, NOBODY, JOINED.empty())
                spent.setdefault(density, []).append((len(track_of), len(vessel_of), time.perf_counter() - began))
                ways = {"seaward": dict(found.select("track_id", "own_vessel_id").iter_rows())}
                theirs = theirs_of(fixes)
                for way in PEERS:
                    off_m = distances(theirs, own, way)
                    ways |= {f"{way} {gate:.0f}": nearest(theirs, own, off_m, way, gate) for gate in GATES_M}
                if delay == "0 h":
                    ours = {actor: v for v, actor in vessel_of.items() if actor}
                    truly = {t: ours[actor] for t, actor in track_of.items() if actor in ours}
                    for name, row in pictures(sea, fixes, own, found, truly).items():
                        scores.setdefault((density, grid, name), []).append(row)
                said.setdefault((grid, delay), []).extend(places(sea, fixes, own, found, track_of))
                for way, joined in ways.items():
                    sums.setdefault((density, grid, delay, way), np.zeros(3, np.int64))
                    sums[density, grid, delay, way] += scored(joined, track_of, vessel_of, fixes)
                rows = found.select("track_id", "own_vessel_id", "probability").iter_rows()
                stated += [(p, track_of[t] == vessel_of[v]) for t, v, p in rows]
            flicker += _flicker(sea, seed)
    _say(sums)
    print("\n| ships | grid | picture | GOSPA, 5 km [m] | places off | missed | false | GOSPA, 20 km [m] | vessels shown |")
    print("|---|---|---|---|---|---|---|---|---|")
    for key, rows in scores.items():
        print("|", " | ".join(key), "|", " | ".join(f"{x:,.0f}" for x in np.mean(rows, axis=0)), "|")
    print("\n| grid | late by | vessels joined | own track off [m]: mean, median | as said | placed by the partner | of these worse by 100 m |")
    print("|---|---|---|---|---|---|---|")
    for (grid, delay), pairs in said.items():
        a = np.array(pairs)
        took = a[:, 2] > 0
        worse = np.mean(a[took, 1] > a[took, 0] + 100) if took.any() else 0.0
        before, after = (f"{np.mean(a[:, n]):,.0f}, {np.median(a[:, n]):,.0f}" for n in (0, 1))
        print(f"| {grid} | {delay} | {len(a):,} | {before} | {after} | {took.mean():.3f} | {worse:.3f} |")
    sure = np.array(stated)
    print(f"\nProbability stated {sure[:, 0].mean():.4f} on average, right {sure[:, 1].mean():.4f} of {len(sure)} joins.")
    print(f"Rounds each ten minutes for three hours: {flicker[0]} joins, {flicker[1]} ended; {flicker[2]} tracks joined anew after an end.")
    for density, rows in spent.items():
        tracks, vessels, seconds = np.median(np.array(rows), axis=0)
        print(f"{density}: {tracks:.0f} tracks, {vessels:.0f} vessels, {1000 * seconds:.0f} ms a round")


def _say(sums: dict[tuple[str, str, str, str], np.ndarray]) -> None:
    print(
        "| ships | grid | late by | to find | Seaward: right, wrong | precision | recall |", " | ".join(f"{p}: precision, recall" for p in PEERS), "|"
    )
    print("|---" * (7 + len(PEERS)) + "|")
    for key in dict.fromkeys(k[:3] for k in sums):
        right, wrong, could = sums[*key, "seaward"]
        cells = [*key, str(could), f"{right}, {wrong}", f"{right / max(1, right + wrong):.3f}", f"{right / max(1, could):.3f}"]
        for way in PEERS:
            best = max((sums[*key, f"{way} {gate:.0f}"] for gate in GATES_M), key=lambda s: 2 * s[0] / max(1, s.sum()))
            cells.append(f"{best[0] / max(1, best[0] + best[1]):.3f}, {best[0] / max(1, best[2]):.3f}")
        print("|", " | ".join(cells), "|")


def _flicker(sea: Sea, seed: int) -> tuple[int, int, int]:
    """Joins, ends of joins, and joins anew of tracks that had been joined, while the last three hours pass (grid of 1 nm)."""
    joined, ever, joins, ends, again = JOINED.empty(), set[str](), 0, 0, 0
    for minutes in range(180, -1, -10):
        now_us = sea.end_us - minutes * 60 * US_PER_S
        fixes, _ = partner_view(sea, seed, 1852, now_us)
        positions, _ = own_view(sea, now_us)
        new = fuse(fixes, PARTNER_VESSELS.empty(), positions, NOBODY, joined)
        a, b = (set(j.select("track_id", "own_vessel_id").rows()) for j in (joined, new))
        joins, ends, again = joins + len(b - a), ends + len(a - b), again + sum(t in ever for t, _ in b - a)
        ever |= {t for t, _ in b}
        joined = new
    return joins, ends, again


if __name__ == "__main__":
    main()
