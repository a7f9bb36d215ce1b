"""Two nodes: what the other sees and what we see is one picture, ours alone stays ours, and who a pseudonym is stays here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest

from seaward.core.tables import JOINED, PARTNER_VESSELS, POSITIONS, REJECTED, REPORTS, STATIC
from seaward.exchange.bodies import Event, Track, Vessel, Withdrawal
from seaward.exchange.grid import error_on_grid_m, snap
from seaward.exchange.items import Released
from seaward.feeds.batch import Batch, LineCounts
from seaward.node.fusing import Fusing
from seaward.node.partner_link import wall_ms
from seaward.node.partner_tracks import GONE_US, STALE_US, PartnerTracks
from seaward.sharing import kept_rows, made_label
from seaward.store.state import State
from tests.node.two_nations import Two, api, event, two
from tests.waiting import wait_for

LABEL = made_label("PER", ["USA"])
MINUTE_US = 60_000_000


def heard(mmsi: int, lon: float, lat: float, now_us: int, hours: float = 3.0) -> Batch:
    """Reports of a vessel that goes east at ten knots until now."""
    at = now_us - np.arange(int(hours * 30), -1, -1) * 2 * MINUTE_US
    rows = pl.DataFrame({"reported_at": at, "lon_deg": place(lon, lat, at, now_us)[0], "lat_deg": lat}).with_columns(
        realm=pl.lit("ops"), feed=pl.lit("coast"), raw_offset=pl.int_range(pl.len()) + mmsi * 1000, raw_length=pl.lit(40), received_at="reported_at",
        message_type=pl.lit(1), mmsi=pl.lit(mmsi), sog_kn=pl.lit(10.0), cog_deg=pl.lit(90.0),
    )  # fmt: skip
    missing = [pl.lit(None).alias(c) for c in REPORTS.schema if c not in rows.columns]
    reports = rows.with_columns(missing).select(pl.col(c).cast(t) for c, t in REPORTS.schema.items())
    return Batch(reports, STATIC.empty(), REJECTED.empty(), LineCounts())


def place(lon: float, lat: float, at_us: Any, now_us: int) -> tuple[Any, float]:
    return lon + (at_us - now_us) / 3.6e9 * 10 / 60 / np.cos(np.radians(lat)), lat


def seen(name: str, lon: float, lat: float, now_us: int) -> list[Released]:
    """What a partner lets us know of such a vessel over three hours: on a grid of a mile, each ten minutes."""
    found = []
    for k in range(18, -1, -1):
        at = now_us - k * 10 * MINUTE_US
        x, y = snap(*(round(float(v) * 1e6) for v in place(lon, lat, at, now_us)), 1852)
        found.append(Released(name, 1, LABEL, Track(at // 1000 // 600_000 * 600_000, x, y, error_on_grid_m(None, 1852), 100, 900)))
    return found


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Two]:
    with two(tmp_path) as found:
        found.up()
        yield found


def take(both: Two, *messages: Released) -> None:
    exchange = both.usa.exchange
    assert exchange is not None
    exchange.fusing.tracks["PER"].take(messages, wall_ms() * 1000)


def test_the_picture_is_one_with_both_sources_and_theirs_alone_stays_theirs(both: Two) -> None:
    now_us = both.usa.clock.now_us()
    both.usa.run(lambda: [both.usa.live.take(heard(m, lon, -12.0, now_us), now_us) for m, lon in ((760000001, -77.5), (760000002, -79.5))])
    take(both, *seen("~pseudo-01", -77.5, -12.0, now_us), *seen("mmsi:760000002", -79.5, -12.0, now_us), *seen("~alone", -85.0, -12.0, now_us))
    take(both, Released("mmsi:760000009", 1, LABEL, Vessel(now_us // 1000, 760000009, None, "LEJANA")), *seen("mmsi:760000009", -84.0, -12.0, now_us))
    exchange = both.usa.exchange
    assert exchange is not None
    wait_for(lambda: len(exchange.fusing.joined) == 2, 120)
    with api(both.usa) as ask:
        rows = {r["picture_id"]: r for r in ask("picture")["items"]}
        assert set(rows) == {"mmsi:760000001", "mmsi:760000002", "PER:~alone", "PER:mmsi:760000009"}
        one = rows["mmsi:760000001"]
        assert one["owner"] == "own" and [(s["origin"], s["track_id"], s["how"]) for s in one["seen_by"]] == [("PER", "~pseudo-01", "track")]
        assert (
            one["seen_by"][0]["probability"] > 0.95
            and one["seen_by"][0]["error_m"] >= 500
            and json.loads(one["seen_by"][0]["label"])["owner"] == "PER"
        )
        assert rows["mmsi:760000002"]["seen_by"][0]["how"] == "identity"
        far = rows["PER:mmsi:760000009"]
        assert (
            far["owner"] == "partner" and far["own_vessel_id"] is None and far["name"] == "LEJANA" and far["error_m"] >= 500 and not far["is_stale"]
        )
        assert {r["picture_id"] for r in ask("picture?owner=partner")["items"]} == {"PER:~alone", "PER:mmsi:760000009"}
        assert len(ask("picture?limit=3")["items"]) == 3 and len(ask("picture?format=geojson")["features"]) == 4
        assert {r["vessel_id"] for r in ask("vessels")["items"]} == {"mmsi:760000001", "mmsi:760000002"}, "theirs are counted as none of ours"
        assert ask("vessels/mmsi:760000001")["seen_by"][0]["track_id"] == "~pseudo-01"
        told = {r["vessel_id"]: (r["own_vessel_id"], r["joined_by"]) for r in ask("exchange/tracks")["items"]}
        assert told["~pseudo-01"] == ("mmsi:760000001", "track") and told["~alone"] == (None, None)
    assert both.usa.state.latest_events().is_empty() and both.usa.state.alerts().is_empty()
    changes = [json.loads(c.body) for c in both.usa.state.changes_after(0, 10_000) if c.topic == "joined"]
    assert {(c["track_id"], c["how"]) for c in changes if c["kind"] == "vessel" and c["joined"]} == {
        ("~pseudo-01", "track"),
        ("mmsi:760000002", "identity"),
    }
    # revoked: gone at once, from the picture and from the disk
    exchange.fusing.save()
    home = both.homes["USA"]
    assert [*home.folder.glob("tracks/*.bin")] and all(p.stat().st_mode & 0o077 == 0 for p in home.folder.glob("tracks/*.bin"))
    home.keep(msgspec.structs.replace(home.partner("PER"), state="revoked"))
    wait_for(lambda: exchange.tracks() == [] and exchange.fusing.joined.is_empty())
    assert not [*home.folder.glob("tracks/*.bin")]
    with api_again(both) as ask:
        assert {r["picture_id"]: r["seen_by"] for r in ask("picture")["items"]} == {"mmsi:760000001": [], "mmsi:760000002": []}


def api_again(both: Two) -> Any:
    """As `api`, where the person is known already."""
    both.usa.state.add_person = lambda *_: None  # type: ignore[method-assign]
    return api(both.usa)


def test_a_partner_that_is_far_surer_says_where_a_vessel_is_and_a_coarse_one_moves_nothing(both: Two) -> None:
    now_us = both.usa.clock.now_us()
    ago_us = now_us - 150 * MINUTE_US

    def told() -> None:
        both.usa.live.take(heard(760000001, float(place(-77.5, -12.0, ago_us, now_us)[0]), -12.0, ago_us), now_us)  # silent since
        both.usa.live.take(heard(760000002, -79.5, -12.0, now_us), now_us)

    both.usa.run(told)
    exact = [
        msgspec.structs.replace(
            m.body, lon_udeg=round(float(place(-77.5, -12.0, 1000 * m.body.at_ms, now_us)[0]) * 1e6), lat_udeg=-12_000_000, error_m=10
        )  # type: ignore[union-attr]
        for m in seen("mmsi:760000001", -77.5, -12.0, now_us)
    ]
    take(both, *(Released("mmsi:760000001", 1, LABEL, body) for body in exact), *seen("mmsi:760000002", -79.5, -12.0, now_us))  # type: ignore[arg-type]
    exchange = both.usa.exchange
    assert exchange is not None
    wait_for(lambda: len(exchange.fusing.joined) == 2 and bool(exchange.fusing.placed), 120)
    with api(both.usa) as ask:
        rows = {r["picture_id"]: r for r in ask("picture")["items"]}
        silent, coarse = rows["mmsi:760000001"], rows["mmsi:760000002"]
        last = exact[-1]
        assert (silent["owner"], silent["placed_by"], silent["error_m"]) == ("own", "PER", 10.0) and silent["sog_kn"] is None
        assert (silent["lon_deg"], silent["lat_deg"]) == (last.lon_udeg / 1e6, -12.0)
        assert coarse["placed_by"] is None and coarse["error_m"] is None and abs(coarse["lon_deg"] + 79.5) < 0.001
        assert {r["vessel_id"]: r["lon_deg"] for r in ask("vessels")["items"]}["mmsi:760000001"] < -77.8, "our own tables say what we heard"
    both.homes["USA"].keep(msgspec.structs.replace(both.homes["USA"].partner("PER"), state="revoked"))
    wait_for(lambda: exchange.fusing.placed == {})


def _udeg(message: Released, now_us: int) -> int:
    assert isinstance(message.body, Track)
    return round(float(place(-77.5, -12.0, 1000 * message.body.at_ms, now_us)[0]) * 1e6)


def test_who_a_pseudonym_is_goes_to_nobody(tmp_path: Path) -> None:
    share = [{"what": ["track", "event", "alert"], "to": ["PER"], "precision_m": 0}]
    with two(tmp_path, USA=share) as both:
        both.up()
        now_us = both.usa.clock.now_us()
        both.usa.run(lambda: both.usa.live.take(heard(760000001, -77.5, -12.0, now_us), now_us))
        take(both, *seen("~pseudo-01", -77.5, -12.0, now_us))
        exchange = both.usa.exchange
        assert exchange is not None and both.per.exchange is not None
        wait_for(lambda: len(exchange.fusing.joined) == 1, 120)
        both.tell(event("e-own", vessel_ids=["mmsi:760000001"]), nation="USA")
        wait_for(lambda: "e-own" in both.got("PER") and bool(both.per.exchange.tracks()))  # type: ignore[union-attr]
        offered = exchange.links["PER"].link
        assert offered is not None
        everything = json.dumps(both.got("PER"), default=str) + str(both.per.exchange.tracks())
        assert "mmsi:760000001" in everything and "pseudo" not in everything and "joined" not in everything
        assert "pseudo" not in str(offered.dialogue.sender.offered.told) and "pseudo" not in str(both.usa.state.said("PER"))
        logs = [p.read_bytes() for p in (both.homes["USA"].folder / "logs").rglob("*") if p.is_file()]
        assert logs and not any(b"pseudo-01" in data for data in logs), "it is in nothing that was or will be sent"


def test_an_event_that_both_tell_is_one_with_both_sources(both: Two) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    start = now - timedelta(hours=2)
    both.tell(event("e-ours", kind="gap", vessel_ids=["mmsi:760000001"], lon_deg=-77.5, lat_deg=-12.25), nation="USA")
    since_ms, until_ms = int(start.timestamp()) * 1000 + 60_000, int(now.timestamp()) * 1000
    body = Event("closed", "gap", since_ms, until_ms, ("mmsi:760000001",), -77_510_000, -12_250_000, 540, 900, (), (), (), "gap/1")
    other = msgspec.structs.replace(body, vessel_ids=("mmsi:760000005",))
    rows = kept_rows([Released("~e-theirs", 1, LABEL, body), Released("~e-other", 1, LABEL, other)])
    both.usa.state.take_in("PER", None, rows, now)
    exchange = both.usa.exchange
    assert exchange is not None
    wait_for(lambda: exchange.fusing.events == {("PER", "~e-theirs", "e-ours")})
    with api(both.usa) as ask:
        found = {r["picture_id"]: r for r in ask("picture/events")["items"]}
        assert set(found) == {"e-ours", "PER:~e-other"} and found["PER:~e-other"]["owner"] == "partner"
        assert [(t["origin"], t["id"], t["error_m"]) for t in found["e-ours"]["told_by"]] == [("PER", "~e-theirs", 540.0)]
        assert ask("events/e-ours")["told_by"][0]["id"] == "~e-theirs" and len(ask("events")["items"]) == 1
        assert [r["picture_id"] for r in ask("picture/events?owner=own&kind=gap")["items"]] == ["e-ours"]
    both.usa.state.take_in("PER", None, kept_rows([Released("~e-theirs", 2, LABEL, Withdrawal("event", "recalled"))]), now)
    wait_for(lambda: exchange.fusing.events == frozenset())
    members = [m["event_id"] for row in both.usa.state.alerts()["members"].to_list() for m in row]
    assert members == ["e-ours"], "what partners tell raises no alert of ours"


def test_tracks_fade_by_age_and_survive_a_restart(tmp_path: Path) -> None:
    now_us = wall_ms() * 1000
    tracks = PartnerTracks("PER", "ops")
    tracks.take([*seen("~a", -77.5, -12.0, now_us), Released("~a", 1, LABEL, Vessel(1, None, None, "X"))], now_us)
    again = PartnerTracks("PER", "ops")
    again.unpack(tracks.packed(), now_us + MINUTE_US)
    assert again.trails.table("ops", "PER").equals(tracks.trails.table("ops", "PER")) and again.last.keys() == tracks.last.keys()
    assert again.said()["name"].to_list() == ["X"]
    for data in (b"", b"\x93", os.urandom(200), tracks.packed()[:-5], tracks.packed().replace(b"ops", b"opx")):
        other = PartnerTracks("PER", "ops")
        other.unpack(data, now_us)
        assert not other.last
    again.fade(now_us + STALE_US)
    assert len(again.last) == 2
    again.fade(now_us + GONE_US + 1)
    assert not again.last and not len(again.trails)
    tracks.take([Released("~a", 2, LABEL, Withdrawal("track", "recalled"))], now_us)
    assert not len(tracks.trails) and [*tracks.last] == ["vessel ~a"]


def test_a_round_without_partners_or_positions_joins_nothing_and_says_nothing(tmp_path: Path) -> None:
    from seaward.exchange.home import Home

    with State.open(tmp_path / "state.sqlite", "ops") as state:
        fusing = Fusing(Home(tmp_path / "home"), "ops", state, lambda *_: POSITIONS.empty(), STATIC.empty)
        assert fusing.turn(wall_ms() * 1000) >= 2.0 and fusing.joined.is_empty() and state.last_seq() == 0
        fusing.keep(["PER"], 0)
        fusing.tracks["PER"].take(seen("~a", -77.5, -12.0, wall_ms() * 1000), wall_ms() * 1000)
        fusing.turn(wall_ms() * 1000)
        assert fusing.joined.is_empty() and [json.loads(c.body)["came"] for c in state.changes_after(0, 9)] == [["~a"]]


def test_a_join_that_holds_goes_on_after_a_restart_where_a_new_one_would_not_be_made(tmp_path: Path) -> None:
    """The join is surer than what parts it (0.5), not as sure as what would make it anew (0.95)."""
    from seaward.exchange.home import Home
    from seaward.picture.fusion import fuse

    now_us = 1_800_000_000_000_000
    home = Home(tmp_path / "home")
    own = _positions(now_us)
    theirs = seen("~a", -77.5, -12.0, now_us)
    with State.open(tmp_path / "state.sqlite", "ops") as state:

        def fusing() -> Fusing:
            return Fusing(home, "ops", state, lambda *_: own, STATIC.empty)

        first = fusing()
        first.keep(["PER"], now_us)
        first.tracks["PER"].take(theirs, now_us)
        first.turn(now_us)
        assert first.joined.select("track_id", "own_vessel_id", "how").rows() == [("~a", "mmsi:760000001", "track")]
        first.save()
        told = state.last_seq()
        again = fusing()
        again.keep(["PER"], now_us)
        assert again.joined.equals(first.joined) and len(again.tracks["PER"].trails)
        own = _two_alike(own)  # a stranger that sails close by
        anew = fuse(again.tracks["PER"].trails.table("ops", "PER"), PARTNER_VESSELS.empty(), own, again._vessels(), JOINED.empty())
        assert anew.is_empty(), "and so it is in this test"
        again.turn(now_us)
        assert again.joined["own_vessel_id"].to_list() == ["mmsi:760000001"]
        since = [json.loads(c.body)["kind"] for c in state.changes_after(told, 100) if c.topic == "joined"]
        assert "vessel" not in since, "nothing is told anew"
        again.save()
        for data in (b"", os.urandom(300), (home.folder / "tracks/ops.joined").read_bytes()[:-40]):
            home.write("tracks/ops.joined", data)
            damaged = fusing()
            damaged.keep(["PER"], now_us)
            assert damaged.joined.is_empty()
        again.save()
        gone = fusing()
        gone.keep([], now_us)
        assert gone.joined.is_empty()
        after = fusing()
        after.keep(["PER"], now_us)
        assert after.joined.is_empty(), "what a revoked partner told is gone from the disk"


def _positions(now_us: int) -> pl.DataFrame:
    from seaward.picture.positions import PictureParams, build_positions

    return build_positions(heard(760000001, -77.5, -12.0, now_us).reports, PictureParams()).positions.select(POSITIONS.schema.names())


def _two_alike(own: pl.DataFrame) -> pl.DataFrame:
    other = own.with_columns(
        vessel_id=pl.lit("mmsi:760000002").cast(POSITIONS.schema["vessel_id"]), mmsi=pl.lit(760000002).cast(POSITIONS.schema["mmsi"]),
        lon_deg=pl.col("lon_deg") + 0.0015,
    )  # fmt: skip
    return pl.concat([own, other])
