"""What a node sends on of what partners see: once, with whose it is, as labels allow."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from pyais import IterMessages

from seaward.exchange import bodies as b
from seaward.exchange.items import Released
from seaward.exchange.label import Label
from seaward.node.outlet_picture import Sighted
from tests.node.heard_outlets import NOW_MS, OTHER, SHIP, heard, listened, outlets, read_some, sighted

TOLD = b.Track(NOW_MS, -78_000_000, -13_000_000, 10, 83, 1_234)


def of_partner(*tracks: tuple[str, b.Body], **label: Any) -> tuple[tuple[str, Released], ...]:
    made = Label(**{"policy": "usa/1", "level": "LIMITED", "tlp": "AMBER", "owner": "USA", "rel": ("PER",), **label})
    return tuple(("USA", Released(name, 1, made, body)) for name, body in tracks)


def ids(table: dict[str, Any], seen: Sighted) -> tuple[set[str], dict[str, Any]]:
    """Who is told of, and how the outlet says it is."""
    with outlets({"kind": "tcp-server", "port": 0, "form": "cot", **table}, seen=lambda: seen) as out:
        data = read_some(listened(out))
        if table.get("form") == "aivdm":
            return {str(m.decode().mmsi) for m in IterMessages(line.split(b"\\")[-1] for line in data.splitlines())}, out.told()[0]
        return {h.uid.split(".track.")[1] for h in heard(data)}, out.told()[0]


def test_what_only_a_partner_sees_is_told_once_with_whose_it_is_and_what_is_both_is_ours() -> None:
    same = pl.DataFrame([{"realm": "ops", "origin": "USA", "track_id": "~same", "own_vessel_id": f"mmsi:{SHIP}", "how": "track", "probability": 0.9,
                          "times": 3, "apart_m": 10.0, "span_s": 60.0, "log_ratio": 5.0}])  # fmt: skip
    seen = sighted(SHIP, partners=of_partner(("~same", TOLD), ("~other", TOLD), (f"mmsi:{OTHER}", TOLD)), joined=same)
    assert ids({}, seen)[0] == {f"mmsi:{SHIP}", "~other", f"mmsi:{OTHER}"}
    assert ids({"partners": []}, seen)[0] == {f"mmsi:{SHIP}"}
    assert ids({"box": [-77.5, -12.5, -76.5, -11.5]}, seen)[0] == {f"mmsi:{SHIP}"}
    found, told = ids({"form": "aivdm"}, seen)
    assert found == {str(SHIP), str(OTHER)} and told["left_out"] == 1  # nobody could name the pseudonym


def test_of_one_number_that_several_partners_see_the_surest_fix_is_told_as_on_the_watch_floor() -> None:
    """A newer place on a grid does not hide an exact one of a minute ago; an exact one that is too old does not stand against it."""
    coarse, exact = b.Track(NOW_MS, -78_000_000, -13_000_000, 926), b.Track(NOW_MS - 60_000, -78_100_000, -13_000_000, 10)
    old = b.Track(NOW_MS - 500_000, -78_100_000, -13_000_000, 10)
    for fixes, told in (((coarse, exact), -78.1), ((exact, coarse), -78.1), ((old, coarse), -78.0)):
        partners = tuple((origin, m) for origin, fix in zip(("USA", "ECU"), fixes, strict=True) for _, m in of_partner((f"mmsi:{OTHER}", fix)))
        with outlets({"kind": "tcp-server", "port": 0, "form": "cot"}, seen=lambda partners=partners: sighted(SHIP, partners=partners)) as out:
            assert {h.mmsi: h.lon_deg for h in heard(read_some(listened(out)))}[OTHER] == pytest.approx(told)


def test_a_place_on_a_coarse_grid_is_no_place_to_steer_by() -> None:
    coarse = b.Track(NOW_MS, -78_000_000, -13_000_000, 926, 83, 1_234)
    assert ids({"form": "aivdm"}, sighted(SHIP, partners=of_partner((f"mmsi:{OTHER}", coarse))))[0] == {str(SHIP)}


@pytest.mark.parametrize(
    ("label", "readers", "goes"),
    [({}, "own", True), ({"tlp": "RED"}, "own", False), ({}, "others", False), ({"level": "PUBLIC", "tlp": "CLEAR"}, "others", False),
     ({"level": "PUBLIC", "tlp": "CLEAR", "orcon": False}, "others", True), ({"level": "LIMITED", "tlp": "GREEN", "orcon": False}, "others", False)],
)  # fmt: skip
def test_others_get_of_a_partners_only_what_its_owner_lets_go_on(label: dict[str, Any], readers: str, goes: bool) -> None:
    seen = sighted(SHIP, OTHER, partners=of_partner(("~x", TOLD), **label), own_units=frozenset({OTHER}))
    found, told = ids({"readers": readers}, seen)
    assert ("~x" in found) == goes and (f"mmsi:{OTHER}" in found) == (readers == "own")
    assert told["withheld"] == (not goes) + (readers == "others")


def test_others_do_not_learn_from_a_partner_where_our_own_units_are() -> None:
    """Neither by their number nor by a pseudonym that we know to be theirs, though their own AIS is silent."""
    joined = pl.DataFrame([{"realm": "ops", "origin": "USA", "track_id": "~ours", "own_vessel_id": f"mmsi:{OTHER}", "how": "track",
                            "probability": 0.9, "times": 3, "apart_m": 10.0, "span_s": 60.0, "log_ratio": 5.0}])  # fmt: skip
    tracks = of_partner(("~ours", TOLD), (f"mmsi:{OTHER}", TOLD), ("~x", TOLD), level="PUBLIC", tlp="CLEAR", orcon=False)
    seen = sighted(SHIP, partners=tracks, joined=joined, own_units=frozenset({OTHER}))
    assert ids({"readers": "others"}, seen)[0] == {f"mmsi:{SHIP}", "~x"}
    assert ids({}, seen)[0] == {f"mmsi:{SHIP}", "~x", "~ours", f"mmsi:{OTHER}"}


def test_what_is_old_or_of_the_future_is_not_told() -> None:
    seen = sighted(SHIP, partners=of_partner(("~old", b.Track(NOW_MS - 601_000, 0, 0)), ("~ahead", b.Track(NOW_MS + 90_000, 0, 0))))
    assert ids({}, seen)[0] == {f"mmsi:{SHIP}"}
