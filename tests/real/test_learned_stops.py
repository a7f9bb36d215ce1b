"""Stopping places learned from five minutes of the Danish feed, against ports that others list."""

from __future__ import annotations

from pathlib import Path

import seaward
from seaward.chart.read_places import read_places
from seaward.chart.shore import shore_m
from seaward.picture.stops import learn_stops, stopping_places


def test_three_in_four_places_learned_in_five_minutes_lie_within_five_kilometres_of_a_port_of_the_world_port_index(real_data: Path) -> None:
    found = seaward.detect(real_data / "nmea" / "dma_2013-11-12_full_feed.txt.gz", kinds=["port_visit"])
    learned = stopping_places(learn_stops(found.positions), shore_m)
    assert learned is not None and len(learned) == found.summary["learned_places"] >= 80
    _, away_m = read_places(real_data / "anchorages" / "WPI_ports.csv").places.nearest(learned.lon_deg, learned.lat_deg)
    assert (away_m < 5_000).mean() > 0.7 and away_m.max() < 20_000  # the index names one point of a port: Warnemünde is 8 km from that of Rostock
    assert found.events.is_empty()  # nobody comes and lies still within five minutes
