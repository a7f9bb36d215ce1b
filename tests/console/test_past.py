"""What was known at a moment: the last report of each vessel until then, also at the ends of time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from seaward.console.routes import FLOOR_ROUTES
from seaward.core.tables import DETECTIONS, JOINED
from seaward.core.units import at_to_us
from seaward.node.partner_tracks import PartnerTracks
from seaward.server.floor import Floor
from seaward.server.serving import Serving
from tests.server.floor import START, browser, open_floor
from tests.server.patrols import patrol_in


def test_vessels_are_where_they_had_been_heard_by_then(served_floor: tuple[Floor, Serving]) -> None:
    _, server = served_floor
    end = START + timedelta(hours=6)  # not now: the tests before this one took their time
    with browser(server, "observer") as page:
        now = page.get("/console/past", params={"at": end.isoformat()}).json()
        assert len(now["rows"]) == 6 and now["fields"][:3] == ["mmsi", "lon_deg", "lat_deg"]
        an_hour_ago = page.get("/console/past", params={"at": (end - timedelta(hours=1)).isoformat()}).json()
        east_deg = [(b[1] - a[1]) % 360 for a, b in zip(an_hour_ago["rows"], now["rows"], strict=True)]
        assert all(0.08 < d < 0.16 for d in east_deg)  # five or six reports of ten minutes earlier, 0.02 degrees each
        assert page.get("/console/past", params={"at": (end - timedelta(hours=9)).isoformat()}).json()["rows"] == []


@pytest.mark.parametrize(("at", "status"), [("0001-01-01T00:00:00Z", 200), ("9999-12-31T23:59:59Z", 400), ("soon", 400), ("", 400)])
def test_moments_at_the_ends_of_time_are_answered_or_refused(served_floor: tuple[Floor, Serving], at: str, status: int) -> None:
    with browser(served_floor[1], "observer") as page:
        assert page.get("/console/past", params={"at": at}).status_code == status


def test_partners_contacts_and_the_patrol_are_of_that_moment(tmp_path: Path) -> None:
    with open_floor(tmp_path, routes=FLOOR_ROUTES, config=patrol_in(tmp_path), feeds=False) as (floor, server), browser(server, "observer") as page:
        end = floor.now()
        seen = PartnerTracks("USA", "ops")
        for minutes, lon in ((50, -80_000_000), (30, -80_100_000), (10, -80_200_000)):
            seen.trails.add("t1", at_to_us(end - timedelta(minutes=minutes)), lon, -12_000_000, 900, at_to_us(end - timedelta(minutes=minutes - 5)))
        fusing = SimpleNamespace(joined=JOINED.empty(), tracks={"USA": seen}, placed={}, events=frozenset())
        floor.node.exchange = SimpleNamespace(fusing=fusing, tracks=list)  # type: ignore[assignment]
        looks = [dict.fromkeys(DETECTIONS.schema) | {"realm": "ops", "feed": "sar", "raw_offset": n, "detection_id": f"d{n}", "sensor": "s",
                 "at": end - timedelta(minutes=m), "lon_deg": -79.0, "lat_deg": -15.0} for n, m in enumerate((60, 20))]  # fmt: skip
        floor.node.live.detections(pl.DataFrame(looks, schema=DETECTIONS.schema))

        def then(minutes: float) -> dict:
            answer = page.get("/console/past", params={"at": (end - timedelta(minutes=minutes)).isoformat()})
            assert answer.status_code == 200, answer.text
            return answer.json()

        places = {m: [f["geometry"]["coordinates"][0] for f in then(m)["partners"]] for m in (55, 47, 40, 10, 0)}
        assert places == {55: [], 47: [], 40: [-80.0], 10: [-80.1], 0: [-80.2]}, "known from when it came, not from when it was so"
        assert [len(then(m)["detections"]) for m in (70, 40, 0)] == [0, 1, 2]
        floor.node.exchange = None
        sailing = floor.node.patrol
        assert sailing is not None
        target = {"id": "t", "place": (-78.2, -12.4), "error_nm": 1.0, "sog_kn": None, "cog_deg": None, "max_kn": 12.0, "turns_h": 6.0, "worth": 1.0}
        made = sailing.answer([target | {"at": floor.now()}], floor.now(), 24.0, 0, {}, "officer", None, "en")
        sailing.accept(made["n"], floor.now(), "officer", None)
        before = {f["properties"]["what"] for f in then(5)["patrols"]}
        assert "meeting" not in before and "leg" in before
        end = floor.now()
        assert "meeting" in {f["properties"]["what"] for f in then(0)["patrols"]}
