"""The second thread must not show."""

from __future__ import annotations

import pytest
from polars.testing import assert_frame_equal

from seaward.behaviours import BEHAVIOURS, Behaviour, Context, columns
from seaward.core.errors import RealmError
from tests.behaviours.sea import M_DEG, after, every, sea, steaming, vessel


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda b: b.kind)
def test_two_halves_side_by_side_give_what_one_pass_gives(behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    positions = sea(
        *(vessel(n, every(6, 400), lambda m, n=n: (-85.0 + n * 50 * M_DEG, -12.0)) for n in range(5)),
        *(vessel(n, every(6, 400), steaming(-80.0, n / 10, 2.0), sog_kn=2.0, cog_deg=0.0, heading_deg=90.0) for n in range(5, 9)),
    )
    one = behaviour.find(positions, Context(), behaviour.params, after(days=1))
    monkeypatch.setattr(columns, "_WORTH_TWO", 1)
    assert_frame_equal(behaviour.find(positions, Context(), behaviour.params, after(days=1)), one)
    assert_frame_equal(behaviour.find(positions.head(20), Context(), behaviour.params, after(days=1)).head(0), one.head(0))


def test_rows_of_two_realms_are_refused() -> None:
    positions = sea(vessel(1, [0, 10], steaming(0, 0, 5)), vessel(2, [0, 10], steaming(0, 0, 5), realm="ex:one"))
    with pytest.raises(RealmError, match="one at a time"):
        columns.columns_of(positions, after(days=1))
