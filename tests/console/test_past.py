"""What was known at a moment: the last report of each vessel until then, also at the ends of time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from seaward.server.floor import Floor
from seaward.server.serving import Serving
from tests.server.floor import START, browser


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
