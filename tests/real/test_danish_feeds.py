"""What a watch says of two real feeds: crowded harbours and fairways, for minutes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import seaward


@pytest.mark.parametrize(("name", "numbers"), [("dma_2013-11-12_full_feed.txt.gz", 3), ("dma_2010-06-11_stream.txt", 7)])
def test_nothing_happens_in_and_out_of_danish_harbours_but_numbers_nobody_can_have(real_data: Path, name: str, numbers: int) -> None:
    found = seaward.detect(str(real_data / "nmea" / name), ports=real_data / "anchorages" / "WPI_ports.csv")
    codes = found.events["reasons"].list.eval(pl.element().struct.field("code")).list.join(" ").to_list()
    assert len(codes) == numbers and {*codes} <= {"identity.number_form", "identity.number_digits"}
