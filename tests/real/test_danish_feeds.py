"""What a watch says of two real feeds: crowded harbours and fairways, for minutes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import seaward
from seaward.behaviours.behaviour import Context
from seaward.behaviours.identity import IdentityParams, find_identity
from seaward.chart.shore import shore_m

FEEDS = pytest.mark.parametrize(
    ("name", "lying", "sailing"), [("dma_2013-11-12_full_feed.txt.gz", 3, []), ("dma_2010-06-11_stream.txt", 6, ["mmsi:000000001"])]
)


@FEEDS
@pytest.mark.parametrize("ports", [["WPI_ports.csv"], []], ids=["ports given", "no ports given"])
def test_nothing_happens_in_and_out_of_danish_harbours_but_that_one_sails_under_a_number_nobody_can_have(
    real_data: Path, ports: list[str], name: str, lying: int, sailing: list[str]
) -> None:
    found = seaward.detect(str(real_data / "nmea" / name), ports=[real_data / "anchorages" / p for p in ports])
    assert [(e["kind"], e["vessel_ids"], e["reasons"][0]["code"]) for e in found.events.to_dicts()] == [
        ("identity", [who], "identity.number_form") for who in sailing
    ]
    assert sum(found.summary["events_left_out"]["identity"].values()) == lying


@FEEDS
def test_all_numbers_nobody_can_have_are_named_once_nothing_is_left_out(real_data: Path, name: str, lying: int, sailing: list[str]) -> None:
    found = seaward.detect(str(real_data / "nmea" / name), kinds=["identity"])
    moment = found.positions["at"].max()
    everything = find_identity(found.positions, Context(shore_m=shore_m), IdentityParams(still_m=0), moment)  # type: ignore[arg-type]
    assert len(everything) == lying + len(sailing)
    fastest = found.positions.group_by("vessel_id").agg(pl.col("sog_kn").max()).cast({"vessel_id": pl.String})
    speeds = everything.select(vessel_id=pl.col("vessel_ids").list.first()).join(fastest, on="vessel_id").filter(~pl.col("vessel_id").is_in(sailing))
    assert len(speeds) == lying and (speeds["sog_kn"] <= 0.2).all(), "what was left out lies still indeed"
