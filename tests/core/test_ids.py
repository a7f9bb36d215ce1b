"""Names of vessels, and of the files of a realm."""

from __future__ import annotations

import pytest

from seaward.core.errors import RealmError
from seaward.core.ids import mmsi_of
from seaward.core.realm import file_prefix


@pytest.mark.parametrize(
    ("name", "number"),
    [("mmsi:760000001", 760000001), ("mmsi:760000001#2", 760000001), ("mmsi:", None), ("mmsi:76000000\u0661", None), ("mmsi:7600000011", None),
     ("760000001", None), ("detection:a/1", None), ("mmsi:-1", None), ("", None)],
)  # fmt: skip
def test_the_mmsi_in_the_name_of_a_vessel(name: str, number: int | None) -> None:
    assert mmsi_of(name) == number


def test_files_of_a_drill_begin_with_its_realm() -> None:
    assert (file_prefix("ops"), file_prefix("ex:north-1")) == ("", "ex-north-1.")
    with pytest.raises(RealmError):
        file_prefix("ex:../etc")
