"""What marks a Cursor on Target event of a drill, for every writer of such events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seaward.core.cot import event, marks
from seaward.core.errors import RealmError
from seaward.core.realm import drill_of

AT = datetime(2027, 1, 1, 0, 0, 0, 5_999, UTC)


def test_the_drill_of_a_realm_is_its_id_and_operations_have_none() -> None:
    assert (drill_of("ops"), drill_of("ex:north-1"), drill_of("ex:ex")) == ("", "north-1", "ex")
    with pytest.raises(RealmError):
        drill_of("ex:")


def test_a_drill_is_marked_in_three_places_and_operations_in_none() -> None:
    assert marks("ops", "m-g") == ("m-g", "", "")
    assert marks("ex:north-1", "m-g") == ("m-s", "e-north-1", "EXERCISE ex:north-1 ")


def test_an_event_has_what_the_base_schema_asks_for() -> None:
    made = event("u\n1", "a-u-S", marks("ops", "m-g"), (AT, AT, AT), ("-77.0", "-12.0"))
    assert made.attrib == {
        "version": "2.0",
        "uid": "u 1",
        "type": "a-u-S",
        "how": "m-g",
        **dict.fromkeys(("time", "start", "stale"), "2027-01-01T00:00:00.005Z"),
    }
    assert made[0].attrib == {"lat": "-12.0", "lon": "-77.0", "hae": "9999999.0", "ce": "9999999.0", "le": "9999999.0"}
