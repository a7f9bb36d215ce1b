"""Port visits: coming, lying still, leaving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from seaward.behaviours import PORT_VISIT, Context
from seaward.behaviours.port_visit import PortVisitParams, find_port_visits
from seaward.chart.places import LEARNED, Places
from seaward.core.errors import ParameterError
from tests.behaviours.sea import M_DEG, after, codes, every, sea, vessel

PORT = Places(("Chimbote", ""), np.array([-78.6, -85.0]), np.array([-9.08, -9.08]), ("Puerto Mayor", LEARNED))


def call(since: float, until: float, km_off: float = 20.0, lon: float = -78.6) -> Callable[[float], tuple[float, float]]:
    """In port from one minute to another, coming and going at 10 kn from `km_off` to the west."""
    return lambda m: (lon - min(km_off * 1000, max(0.0, since - m, m - until) * 308.7) * M_DEG, -9.08)


def visits(rows: pl.DataFrame, as_of_h: float = 40.0, places: Places | None = PORT, **params: Any) -> list[dict[str, Any]]:
    return find_port_visits(rows, Context(places=places), PortVisitParams(**params), after(hours=as_of_h)).to_dicts()


def one(place: Callable[[float], tuple[float, float]], minutes: Sequence[float] = tuple(every(5, 1500)), **columns: Any) -> pl.DataFrame:
    return sea(vessel(1, minutes, place, **columns))


def test_a_vessel_that_comes_lies_still_and_leaves_made_a_visit_of_the_time_within_the_distances() -> None:
    (event,) = visits(one(call(300, 900)))
    assert event["areas"] == ["Chimbote"] and event["state"] == "closed"
    assert codes(event) == ["port_visit.came", "port_visit.stop", "port_visit.place", "port_visit.left"]
    # 3 km at 308.7 m a minute: ten minutes before; 4 km: 13 minutes after, seen at the next fix
    assert (event["start_at"], event["end_at"]) == (after(minutes=295), after(minutes=915))
    assert event["reasons"][1]["values"][0]["value"] == pytest.approx(10, abs=0.2)
    assert len(event["evidence"]) == 3


def test_a_vessel_still_there_has_an_open_visit_and_one_unheard_for_half_a_day_a_closed_one() -> None:
    (event,) = visits(one(call(300, 9999)), as_of_h=25)
    assert event["state"] == "open" and codes(event)[-1] == "port_visit.still_there"
    (event,) = visits(one(call(300, 9999)), as_of_h=40)
    assert event["state"] == "closed" and codes(event)[-1] == "port_visit.not_heard_since"


def test_a_vessel_that_was_there_when_first_heard_and_leaves_begins_with_the_end_of_its_stop() -> None:
    (event,) = visits(one(call(-1, 600)))
    assert codes(event) == ["port_visit.came_not_seen", "port_visit.place", "port_visit.left"]
    assert event["start_at"] == after(minutes=605)


@pytest.mark.parametrize(
    "rows",
    [
        one(call(-1, 9999)),
        one(lambda m: (-78.6 + (m - 700) * 308.7 * M_DEG, -9.08)),
        one(lambda m: (-78.6, -9.08 + (20_000 - min(16_500, m * 100)) * M_DEG)),
        one(call(300, 900), sog_kn=0.4),
    ],
    ids=["it_lies_at_its_berth_throughout", "it_passes_without_a_stop", "it_waits_3.5_km_out", "it_never_lies_still"],
)
def test_a_near_miss_makes_no_visit(rows: pl.DataFrame) -> None:
    assert visits(rows) == []


def test_a_vessel_that_swings_out_to_3_5_km_and_back_made_one_visit() -> None:
    def place(m: float) -> tuple[float, float]:
        return call(300, 900)(m) if not 500 < m < 600 else (-78.6 - 3_500 * M_DEG, -9.08)

    assert len(visits(one(place))) == 1


def test_a_transponder_switched_off_in_port_is_as_good_as_a_stop() -> None:
    minutes = [m for m in every(5, 1500) if not 300 < m < 640]
    (event,) = visits(one(call(300, 640), minutes, sog_kn=3.0))
    assert codes(event) == ["port_visit.came", "port_visit.gap", "port_visit.place", "port_visit.left"]


def test_of_a_vessel_unheard_for_half_a_day_the_coming_is_not_seen() -> None:
    minutes = [m for m in every(5, 1500) if not 100 < m < 830]
    assert [codes(e)[0] for e in visits(one(call(300, 900), minutes))] == ["port_visit.came_not_seen"]


def test_a_place_learned_from_stops_has_no_name_and_says_so() -> None:
    (event,) = visits(one(call(300, 900, lon=-85.0)))
    assert event["areas"] == [] and "port_visit.learned" in codes(event)


def test_without_speeds_and_with_two_vessels_mixed_up_each_has_its_visit() -> None:
    rows = sea(vessel(1, every(5, 1500), call(300, 900)), vessel(2, every(7, 1500), call(200, 950))).sample(fraction=1.0, shuffle=True, seed=1)
    assert sorted(e["vessel_ids"][0] for e in visits(rows)) == ["mmsi:100000001", "mmsi:100000002"]


def test_without_places_there_are_no_visits() -> None:
    assert visits(one(call(300, 900)), places=None) == []


def test_the_published_limits_are_the_defaults_and_nonsense_is_refused() -> None:
    assert PORT_VISIT.params == PortVisitParams(3_000, 4_000, 0.2, 0.5, 4 * 3_600)
    with pytest.raises(ParameterError, match="max_in_m"):
        PortVisitParams(min_out_m=2_000)
