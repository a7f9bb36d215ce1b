"""What a cell saw is shown again from the recording alone, and nothing that it did not see."""

from __future__ import annotations

import pytest

from seaward.core.errors import InputError
from seaward.drill.recording import Ending, Record
from seaward.drill.replay import paced, seen, view_of

HEADER = {"cells": {"pe": ["coast"], "us": ["space"], "white": ["truth"]}, "sensors": {"coast": "ex-t.coast.nmea", "space": "ex-t.space.nmea"}}
RECORDS = [
    Record(0, 0, "header", "", HEADER),
    Record(1, 0, "sensor", "", {"sensor": "coast", "text": "a"}),
    Record(2, 10_000, "sensor", "", {"sensor": "space", "text": "b"}),
    Record(3, 20_000, "inject", "us", {"id": "I1"}),
    Record(4, 30_000, "truth", "", []),
    Record(5, 40_000, "sensor", "", {"sensor": "coast", "text": "c"}),
    Record(6, 50_000, "end", "", {}),
    Ending(7, True),
]


def shown(**asked: object) -> list[int]:
    return [r.seq for r in seen(RECORDS, view_of(HEADER, **asked)) if isinstance(r, Record)]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [1, 2, 3, 5]),
        ({"cell": "pe"}, [1, 5]),
        ({"cell": "us"}, [2, 3]),
        ({"cell": "white"}, [4]),
        ({"cell": "pe", "truth": True}, [1, 4, 5]),
        ({"sensor": "space"}, [2, 3]),
        ({"from_ms": 10_000, "until_ms": 40_000}, [2, 3]),
    ],
)
def test_a_cell_is_shown_its_sensors_and_its_injects_and_the_truth_only_where_it_may(asked: dict[str, object], expected: list[int]) -> None:
    assert shown(**asked) == expected


@pytest.mark.parametrize("asked", [{"cell": "nobody"}, {"sensor": "radar"}, {"cell": "pe", "sensor": "space"}])
def test_who_did_not_take_part_or_does_not_see_is_named_with_those_who_did(asked: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"pe|coast"):
        shown(**asked)


@pytest.mark.parametrize(("speed", "expected"), [(0.0, []), (10.0, [1.0, 1.0, 2.0])])
def test_records_wait_for_their_moment_at_the_speed_asked_for(speed: float, expected: list[float]) -> None:
    clock, waits = [100.0], []

    def wait(s: float) -> None:
        waits.append(round(s, 6))
        clock[0] += s

    assert list(paced(seen(RECORDS, view_of(HEADER)), 0, speed, lambda: clock[0], wait))[-1] == Ending(7, True)
    assert waits == expected
