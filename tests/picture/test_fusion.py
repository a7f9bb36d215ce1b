"""Tracks of partners are joined with our own where they are one vessel, and with nothing else."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seaward.core.errors import ParameterError, RealmError
from seaward.core.geodesy import destination_deg, great_circle_m
from seaward.core.tables import JOINED, PARTNER_FIXES, PARTNER_VESSELS, POSITIONS
from seaward.core.units import US_PER_S, kn_to_mps
from seaward.exchange.grid import cell_of, error_on_grid_m, snap
from seaward.picture.fusion import FusionParams, fuse
from seaward.picture.partner_trails import LENGTH, PartnerTrails

START_US = int(datetime(2027, 6, 1, tzinfo=UTC).timestamp()) * US_PER_S
NOBODY = JOINED.empty()
GRID_M = 1852


def sailed(lon: float, lat: float, cog: float, sog_kn: float, at_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a vessel is that keeps course and speed."""
    return destination_deg(np.full(len(at_s), lon), np.full(len(at_s), lat), np.full(len(at_s), cog), kn_to_mps(sog_kn) * at_s)


def ours(*vessels: tuple[int, float, float, float, float], every_s: float = 120.0, hours: float = 4.0, realm: str = "ops") -> pl.DataFrame:
    """POSITIONS of vessels: MMSI, longitude, latitude, course, speed."""
    at = np.arange(0, hours * 3600, every_s)
    parts = []
    for mmsi, lon, lat, cog, sog in vessels:
        x, y = sailed(lon, lat, cog, sog, at)
        parts.append(pl.DataFrame({"mmsi": np.full(len(at), mmsi), "vessel_id": f"mmsi:{mmsi}", "at": START_US + (at * 1e6).astype(np.int64),
                                   "lon_deg": x,
                                   "lat_deg": y, "sog_kn": np.full(len(at), sog), "cog_deg": np.full(len(at), cog)}))  # fmt: skip
    if not parts:
        return POSITIONS.empty()
    rows = pl.concat(parts).with_columns(realm=pl.lit(realm), track_id=pl.col("vessel_id"), feed=pl.lit("a"), raw_offset=pl.int_range(pl.len()),
                                         raw_length=pl.lit(0), quality=pl.lit("good"))  # fmt: skip
    return rows.with_columns(pl.lit(None).alias(c) for c in POSITIONS.schema if c not in rows.columns).select(
        pl.col(c).cast(t) for c, t in POSITIONS.schema.items()
    )


def theirs(*tracks: tuple[str, str, float, float, float, float], grid_m: int = GRID_M, step_s: int = 600, hours: float = 4.0, realm: str = "ops",
           seed: int = 0) -> pl.DataFrame:  # fmt: skip
    """PARTNER_FIXES of what a partner lets us know: origin, name, and as `ours`."""
    rng = np.random.default_rng(seed)
    trails = {origin: PartnerTrails(cell_of) for origin, *_ in tracks}
    for origin, name, lon, lat, cog, sog in tracks:
        for begin in np.arange(0, hours * 3600, max(step_s, 300)):
            at_s = begin + rng.uniform(0, step_s)
            x, y = (float(v[0]) for v in sailed(lon, lat, cog, sog, np.array([at_s])))
            u, v, error = round(x * 1e6), round(y * 1e6), 10
            if grid_m:
                (u, v), error = snap(u, v, grid_m), error_on_grid_m(None, grid_m)
            told_s = int(at_s // step_s * step_s) if step_s else int(at_s)
            trails[origin].add(name, START_US + told_s * US_PER_S, u, v, error, START_US + int(at_s * 1e6))
    tables = [t.table(realm, origin) for origin, t in trails.items()]
    return pl.concat(tables) if tables else PARTNER_FIXES.empty()


def who(*rows: dict[str, Any]) -> pl.DataFrame:
    """PARTNER_VESSELS."""
    return pl.DataFrame([{"realm": "ops", "at": START_US, **r} for r in rows], schema=PARTNER_VESSELS.schema) if rows else PARTNER_VESSELS.empty()


def said(*rows: dict[str, Any]) -> pl.DataFrame:
    """Who our own vessels say they are."""
    schema = {"vessel_id": pl.String, "mmsi": pl.UInt32, "imo": pl.UInt32, "name": pl.String, "callsign": pl.String}
    return pl.DataFrame(list(rows), schema=schema)


def joined(fixes: pl.DataFrame, positions: pl.DataFrame, *, known: pl.DataFrame | None = None, vessels: pl.DataFrame | None = None,
           before: pl.DataFrame = NOBODY) -> dict[tuple[str, str], tuple[str, str]]:  # fmt: skip
    found = fuse(fixes, who() if known is None else known, positions, said() if vessels is None else vessels, before)
    return {(o, t): (v, h) for o, t, v, h in found.select("origin", "track_id", "own_vessel_id", "how").iter_rows()}


def test_a_pseudonym_that_sails_with_one_of_ours_is_that_vessel_though_its_places_lie_on_a_grid() -> None:
    own = ours((701, -78.0, -12.0, 30, 10), (702, -78.1, -12.1, 210, 8), (703, -77.95, -12.0, 30, 4))
    assert joined(theirs(("USA", "~a", -78.0, -12.0, 30, 10)), own) == {("USA", "~a"): ("mmsi:701", "track")}


def test_what_the_join_says_of_itself_is_a_probability_how_often_and_how_far() -> None:
    row = fuse(theirs(("USA", "~a", -78.0, -12.0, 30, 10)), who(), ours((701, -78.0, -12.0, 30, 10)), said(), NOBODY).row(0, named=True)
    assert row["probability"] > 0.99 and row["times"] == 24 and row["apart_m"] < GRID_M and row["span_s"] == 23 * 600 and row["log_ratio"] > 5


def test_a_pseudonym_that_none_of_ours_can_be_stays_the_partners() -> None:
    own = ours((701, -78.0, -12.0, 30, 10), (702, -78.1, -12.1, 210, 8))
    assert joined(theirs(("USA", "~a", -77.0, -12.0, 90, 10)), own) == {}
    assert joined(theirs(("USA", "~a", -78.0, -12.0, 120, 10)), own) == {}, "it only began where ours did"


def test_two_that_lie_in_one_cell_cannot_be_told_apart_and_are_not_joined() -> None:
    own = ours((701, -78.0, -12.0, 0, 0), (702, -78.002, -12.001, 0, 0))
    assert joined(theirs(("USA", "~a", -78.0, -12.0, 0, 0)), own) == {}


def test_one_look_alone_joins_nothing() -> None:
    own = ours((701, -78.0, -12.0, 30, 10))
    assert joined(theirs(("USA", "~a", -78.0, -12.0, 30, 10), hours=0.3), own) == {}


def test_each_of_ours_is_at_most_one_track_of_a_partner() -> None:
    own = ours((701, -78.0, -12.0, 30, 10))
    found = joined(theirs(("USA", "~a", -78.0, -12.0, 30, 10), ("USA", "~b", -78.003, -12.0, 30, 10)), own)
    assert len(found) <= 1


def test_a_number_joins_at_once_with_its_zeros_and_a_hull_that_fits() -> None:
    own = ours((7, -78.0, -12.0, 30, 10), (702, -77.0, -12.1, 210, 8))
    assert joined(theirs(("USA", "mmsi:000000007", -78.0, -12.0, 30, 10), hours=0.3), own) == {("USA", "mmsi:000000007"): ("mmsi:7", "identity")}
    hull = pl.when(pl.col("mmsi") == 702).then(pl.lit("mmsi:7#2")).otherwise(pl.lit("mmsi:7"))
    hulls = own.with_columns(vessel_id=hull.cast(own.schema["vessel_id"]), mmsi=pl.lit(7, pl.UInt32))
    assert joined(theirs(("USA", "mmsi:000000007", -77.0, -12.1, 210, 8)), hulls) == {("USA", "mmsi:000000007"): ("mmsi:7#2", "identity")}


def test_a_number_where_ours_cannot_be_is_said_and_not_joined() -> None:
    own = ours((701, -78.0, -12.0, 30, 10))
    found = fuse(theirs(("USA", "mmsi:000000701", -70.0, -20.0, 30, 10)), who(), own, said(), NOBODY)
    assert found["how"].to_list() == ["elsewhere"] and found["probability"].to_list() == [0.0]


def test_a_vessel_that_we_have_not_heard_for_long_is_joined_by_its_number() -> None:
    own = ours((701, -78.0, -12.0, 30, 10))
    vessels = said({"vessel_id": "mmsi:702", "mmsi": 702, "imo": None, "name": None, "callsign": None})
    assert joined(theirs(("USA", "mmsi:000000702", -77.0, -12.0, 30, 10)), own, vessels=vessels) == {
        ("USA", "mmsi:000000702"): ("mmsi:702", "identity")
    }
    assert joined(theirs(("USA", "mmsi:000000702", -77.0, -12.0, 30, 10)), POSITIONS.empty(), vessels=vessels) != {}


def test_identities_that_contradict_each_other_block_and_those_that_agree_support() -> None:
    own, fixes = ours((701, -78.0, -12.0, 30, 10)), theirs(("USA", "~a", -78.0, -12.0, 30, 10))
    vessels = said({"vessel_id": "mmsi:701", "mmsi": 701, "imo": 9_074_729, "name": "SOL", "callsign": "OA1"})
    other = {"origin": "USA", "track_id": "~a", "mmsi": None, "imo": None, "name": None, "callsign": None}
    assert joined(fixes, own, known=who(other | {"imo": 9_176_187}), vessels=vessels) == {}
    assert joined(fixes, own, known=who(other | {"mmsi": 702}), vessels=vessels) == {}, "it bears another number"
    assert joined(fixes, own, known=who(other | {"name": "Sol "}), vessels=vessels) == {("USA", "~a"): ("mmsi:701", "track")}
    assert joined(fixes, own, known=who(other | {"imo": 9_074_729}), vessels=vessels) == {("USA", "~a"): ("mmsi:701", "identity")}


def test_what_two_partners_see_of_one_of_ours_is_one_vessel_and_a_third_ship_number_blocks() -> None:
    own = ours((701, -78.0, -12.0, 30, 10))
    fixes = theirs(("USA", "mmsi:000000701", -78.0, -12.0, 30, 10), ("ECU", "~e", -78.0, -12.0, 30, 10))
    assert {v for v, _ in joined(fixes, own).values()} == {"mmsi:701"} and len(joined(fixes, own)) == 2
    usa = {"origin": "USA", "track_id": "mmsi:000000701", "mmsi": 701, "imo": 9_074_729, "name": None, "callsign": None}
    ecu = {"origin": "ECU", "track_id": "~e", "mmsi": None, "imo": 9_176_187, "name": None, "callsign": None}
    assert joined(fixes, own, known=who(usa, ecu)) == {("USA", "mmsi:000000701"): ("mmsi:701", "identity")}


def test_a_join_stays_while_another_is_little_likelier() -> None:
    own = ours((701, -78.0, -12.0, 0, 0), (702, -78.004, -12.002, 0, 0))
    fixes = theirs(("USA", "~a", -78.001, -12.0005, 0, 0))
    held = fuse(theirs(("USA", "~a", -78.0, -12.0, 30, 10)), who(), ours((701, -78.0, -12.0, 30, 10)), said(), NOBODY)
    assert joined(fixes, own) == {}
    kept = fuse(fixes, who(), own, said(), held)
    assert kept.is_empty() or kept["own_vessel_id"].to_list() == ["mmsi:701"]
    far = ours((701, -70.0, -12.0, 0, 0), (702, -78.004, -12.002, 0, 0))
    assert ("mmsi:701", "track") not in joined(fixes, far, before=held).values(), "but it ends where it cannot be"


def test_nothing_in_gives_nothing_out_and_bad_rows_change_nothing() -> None:
    own, fixes = ours((701, -78.0, -12.0, 30, 10)), theirs(("USA", "~a", -78.0, -12.0, 30, 10))
    assert joined(PARTNER_FIXES.empty(), own) == {} and joined(fixes, POSITIONS.empty()) == {}
    bad = fixes.with_columns(track_id=pl.lit("~bad"), lon_deg=pl.lit(float("nan")))
    none = fixes.with_columns(track_id=pl.lit("~none"), error_m=pl.lit(None, pl.Float64), lat_deg=pl.lit(91.0))
    silent = own.with_columns(sog_kn=pl.lit(float("nan"), pl.Float32), cog_deg=pl.lit(None, pl.Float32))
    assert joined(pl.concat([fixes, bad, none]), silent) == {("USA", "~a"): ("mmsi:701", "track")}
    with pytest.raises(RealmError, match="ex:a, ops"):
        joined(theirs(("USA", "~a", 0, 0, 0, 5), realm="ex:a"), own)
    for wrong in ({"join": 1.0}, {"part": 0.96}, {"times": 1}, {"broken_share": 0.9}):
        with pytest.raises(ParameterError):
            FusionParams(**wrong)


@pytest.mark.parametrize(("lon", "lat"), [(179.95, -40.0), (-179.98, 10.0), (20.0, 89.5), (120.0, -89.2), (0.0, 0.0)])
def test_it_holds_across_180_degrees_and_near_the_poles(lon: float, lat: float) -> None:
    own = ours((701, lon, lat, 80, 12), (702, lon, lat - math.copysign(0.2, lat), 100, 12))
    assert joined(theirs(("USA", "~a", lon, lat, 80, 12)), own) == {("USA", "~a"): ("mmsi:701", "track")}


def test_a_long_silence_of_ours_counts_once_and_not_at_each_of_its_times() -> None:
    own = ours((701, -78.0, -12.0, 90, 10))
    hours = (pl.col("at").cast(pl.Int64) - START_US) / 3.6e9
    own = own.filter((hours < 0.4) | (hours > 3.6))
    bend = (1 - ((hours - 2) / 1.6) ** 2).clip(0) * 0.05  # five kilometres off at most
    bent = theirs(("USA", "~a", -78.0, -12.0, 90, 10), grid_m=0, step_s=0).with_columns(lat_deg=pl.col("lat_deg") + bend)
    assert joined(bent, own) == {("USA", "~a"): ("mmsi:701", "track")}, "how far it strayed in one silence is one surprise, not thirty"


vessel = st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3), st.floats(0, 359), st.floats(0, 25))


@settings(max_examples=40, deadline=None)
@given(st.lists(vessel, max_size=6), st.lists(vessel, max_size=4), st.sampled_from([0, 1852, 9260]), st.floats(-180, 179.9), st.floats(-80, 80),
       st.integers(0, 1 << 30))  # fmt: skip
def test_order_changes_nothing_and_all_that_is_joined_could_be(
    seen: list[Any], only: list[Any], grid_m: int, lon0: float, lat0: float, seed: int
) -> None:
    def placed(v: Any) -> tuple[float, float, float, float]:
        return (lon0 + v[0] + 180) % 360 - 180, lat0 + v[1], v[2], v[3]

    own = ours(*((700 + n, *placed(v)) for n, v in enumerate(seen)))
    tracks = [(o, f"~{o}{n}", *placed(v)) for o in ("USA", "ECU") for n, v in enumerate([*seen[::2], *only])]
    fixes = theirs(*tracks, grid_m=grid_m, step_s=600 if grid_m else 0, hours=3)
    found = fuse(fixes, who(), own, said(), NOBODY)
    again = fuse(fixes.sample(fraction=1, shuffle=True, seed=seed), who(), own.sample(fraction=1, shuffle=True, seed=seed), said(), NOBODY)
    assert found.drop("log_ratio", "probability").equals(again.drop("log_ratio", "probability"))
    assert found.select(pl.struct("origin", "track_id").is_duplicated().any()).item() in (False, None)
    assert found.select(pl.struct("origin", "own_vessel_id").is_duplicated().any()).item() in (False, None)
    for row in found.iter_rows(named=True):
        within_bounds(row, fixes, own, grid_m)


def within_bounds(row: dict[str, Any], fixes: pl.DataFrame, own: pl.DataFrame, grid_m: int) -> None:
    """Nine in ten of the partner's fixes lie within its cell, its error and 60 knots of a fix of ours."""
    mine = own.filter(pl.col("vessel_id").cast(pl.String) == row["own_vessel_id"])
    at, lon, lat = mine["at"].to_physical().to_numpy(), mine["lon_deg"].to_numpy(), mine["lat_deg"].to_numpy()
    out = 0
    rows = fixes.filter(pl.col("origin") == row["origin"], pl.col("track_id") == row["track_id"])
    for f in rows.iter_rows(named=True):
        since, until = (int(f["at"].timestamp() * 1e6) + n for n in (0, int(f["step_s"] * 1e6)))
        away_s = np.maximum(0, np.maximum(since - at, at - until)) / 1e6
        reach = kn_to_mps(60) * (away_s + 120) + 0.75 * 1.05 * grid_m + 100 + kn_to_mps(26) * f["step_s"]
        out += not (great_circle_m(f["lon_deg"], f["lat_deg"], lon, lat) <= reach).any()
    assert out <= 0.1 * len(rows) + 1


def test_ten_thousand_tracks_are_held_against_ours_by_near_ones_alone() -> None:
    from seaward.picture.fusion import own_of, theirs_of
    from seaward.picture.near_tracks import near_tracks

    rng = np.random.default_rng(5)
    places = [(1000 + n, *rng.uniform((-90, -20, 0, 0), (-70, 0, 359, 15))) for n in range(10_000)]
    own = ours(*places, every_s=1200, hours=2)
    fixes = own.filter(pl.col("at").cast(pl.Int64) >= START_US + 3600 * US_PER_S).select(
        pl.lit("ops").cast(PARTNER_FIXES.schema["realm"]).alias("realm"), origin=pl.lit("USA"), track_id=pl.format("~{}", "mmsi"), at="at",
        step_s=pl.lit(0.0), lon_deg="lon_deg", lat_deg="lat_deg", error_m=pl.lit(100.0), cell_m=pl.lit(0.0), received_at="at",
    )  # fmt: skip
    a, b = theirs_of(fixes), own_of(own)
    track, _vessel = near_tracks(a, b, np.ones(len(a.names), bool))
    assert len(track) < 40 * 10_000, "of a hundred million pairs few are looked at"
    found = fuse(fixes, who(), own, said(), NOBODY)
    right = (found["track_id"].str.slice(1) == found["own_vessel_id"].str.slice(5)).sum()
    assert right == len(found) and right > 9_500


def test_trails_hold_the_last_fixes_of_the_last_tracks_and_tell_steps_and_cells() -> None:
    trails = PartnerTrails(cell_of, most=300)
    for n in range(400):
        u, v = snap(-78_000_000 + 1000 * n, -12_000_000, GRID_M)
        trails.add(f"~{n}", START_US + n * 600 * US_PER_S, u, v, 535, START_US + n)
    rows = trails.table("ops", "USA")
    assert len(trails) == 300 and set(rows["step_s"]) == {600.0} and set(rows["cell_m"]) == {1852.0} and "~99" not in rows["track_id"].to_list()
    for n in range(100):
        trails.add("~399", START_US + (400 + n) * 600 * US_PER_S, 0, 0, None, START_US)
    trails.add("~399", START_US, 5, 5, None, START_US)
    mine = trails.table("ops", "USA").filter(pl.col("track_id") == "~399")
    assert len(mine) == LENGTH and mine["at"].is_sorted() and mine["error_m"].null_count() == LENGTH and (mine["lon_deg"] == 0).all()
    trails.drop("~399")
    trails.drop("nobody")
    assert len(trails) == 299 and "~399" not in trails.table("ops", "USA")["track_id"].to_list()
    assert sorted(trails.forget(START_US + 250)) == sorted(f"~{n}" for n in range(100, 250)) and len(trails) == 149
    with pytest.raises(ParameterError):
        PartnerTrails(cell_of, most=0)


def test_trails_take_a_fix_soon_after_another_in_its_place() -> None:
    trails = PartnerTrails(cell_of)
    for s in range(0, 1200, 10):
        trails.add("~a", START_US + s * US_PER_S, s, 0, 10, START_US)
    rows = trails.table("ops", "USA")
    assert 9 <= len(rows) <= 12 and rows["lon_deg"].max() == 1190e-6
