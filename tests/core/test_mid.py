"""Numbers of stations by their form and their digits."""

from __future__ import annotations

import pytest

from seaward.core.mid import flag_of, is_assigned, is_exercise, kind_of


@pytest.mark.parametrize(
    ("mmsi", "kind", "flag"),
    [
        (760_123_456, "vessel", "PE"), (338_123_456, "vessel", "US"), (366_000_123, "vessel", "US"),
        (735_057_000, "vessel", "EC"), (725_000_815, "vessel", "CL"),
        (412_345_678, "vessel", "CN"), (2_191_000, "coast", "DK"), (76_012_345, "group", "PE"), (111_219_501, "aircraft", "DK"),
        (992_191_234, "aid", "DK"), (987_601_234, "craft", "PE"), (836_612_345, "handheld", "US"), (972_123_456, "beacon", None),
        (100_000_001, "unknown", None), (0, "unknown", None), (999_999_999, "aid", None), (299_123_456, "vessel", None),
    ],
)  # fmt: skip
def test_form_and_flag(mmsi: int, kind: str, flag: str | None) -> None:
    assert (kind_of(mmsi), flag_of(mmsi)) == (kind, flag)


@pytest.mark.parametrize("mmsi", [0, 1, 111_111_111, 123_456_789, 200_000_000, 299_123_456, 760_000_000, 760_999_999, 999_999_999, 1_193_046])
def test_numbers_nobody_can_have(mmsi: int) -> None:
    assert not is_assigned(mmsi)


@pytest.mark.parametrize("mmsi", [760_123_456, 2_191_000, 972_123_456, 111_760_001])
def test_numbers_a_station_can_have(mmsi: int) -> None:
    assert is_assigned(mmsi)


def test_a_number_of_a_drill_starts_with_one_and_is_none_of_an_aircraft() -> None:
    assert [m for m in (100_000_000, 111_123_456, 160_046_341, 199_999_999, 200_000_000, 99_999_999) if is_exercise(m)] == [
        100_000_000, 160_046_341, 199_999_999,
    ]  # fmt: skip
    assert not any(is_assigned(m) for m in (100_000_000, 160_046_341, 199_999_999))
