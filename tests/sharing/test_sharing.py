"""What the watch tells, as objects of the exchange; what partners send, as rows."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from seaward.core.errors import InputError
from seaward.core.tables import AT
from seaward.exchange import bodies as b
from seaward.exchange.items import Released
from seaward.exchange.label import label_json
from seaward.exchange.operations import Operation
from seaward.sharing import Labeller, Share, alert_item, event_item, kept_rows, made_label, released_of, track_items
from tests.exchange.made import BODIES, LABEL
from tests.store.kept import NOON, alert, event

SHARES = (Share(("event",), ("USA",), ("gap",)), Share(("event", "alert", "track"), ("ECU", "USA"), ("encounter",), precision_m=5_000, follows=True))
US = Labeller("PER", "ops", SHARES)


def row(**changes: Any) -> dict[str, Any]:
    return event(**changes).row(0, named=True)


def test_the_first_share_that_speaks_of_it_labels_it_and_without_one_nothing_is_an_object() -> None:
    one, other = event_item(row(), US), event_item(row(kind="encounter"), US)
    assert one is not None and one.label.rel == ("USA",) and one.label.handling.precision_m == 0 and one.label.owner == "PER"
    assert other is not None and other.label.rel == ("ECU", "USA") and other.label.handling.precision_m == 5_000
    assert event_item(row(kind="loitering"), US) is None and event_item(row(), Labeller("PER", "ops")) is None


def test_what_a_person_released_goes_before_the_shares() -> None:
    found = event_item(row(), US, label_json(made_label("PER", ["ECU"], "RESTRICTED", "AMBER+STRICT", 100, 60)))
    assert found is not None and found.label.rel == ("ECU",) and found.label.level == "RESTRICTED" and found.label.handling.delay_s == 60
    with pytest.raises(InputError, match="does not fit"):
        made_label("PER", ["usa"])


def test_an_event_is_said_in_whole_units_and_cut_to_what_the_wire_takes() -> None:
    found = event_item(row(lon_deg=-77.1234567, probability=None, areas=["x" * 100, ""], vessel_ids=[f"mmsi:{n:09d}" for n in range(300)]), US)
    assert found is not None and isinstance(found.body, b.Event)
    assert found.body.lon_udeg == -77_123_457 and found.body.probability_pm is None and found.body.areas == ("x" * 64,)
    assert len(found.body.vessel_ids) == 256 and found.body.start_ms == int(NOON.timestamp() * 1000)


def test_own_units_and_open_operations_are_on_the_object() -> None:
    operation = Operation("sar-1", "rescue", frozenset({"USA"}), NOON, NOON + timedelta(hours=6))
    ours = Labeller("PER", "ops", SHARES, frozenset({760000001}), (operation,))
    one, other = event_item(row(), ours), event_item(row(kind="encounter"), ours)
    assert one is not None and one.own_unit and one.label.scope == ()
    assert other is not None and [s.operation for s in other.label.scope] == ["sar-1"]


def test_an_alert_names_its_event_and_who_answered() -> None:
    members = [{"event_id": "e7"}]
    found = alert_item(alert(kind="encounter", members=members, answered_by="vega", state="acknowledged", revision=3), US)
    assert found is not None and isinstance(found.body, b.Alert) and found.version == 3
    assert (found.body.event_id, found.body.by, found.body.state, found.body.priority) == ("e7", "vega", "acknowledged", "warning")


def test_positions_heard_since_are_tracks_and_unknown_stays_unknown() -> None:
    base = {"mmsi": 760000001, "reported_at": NOON, "received_at": NOON, "lon_deg": 179.9999999, "lat_deg": -12.0, "sog_kn": None, "cog_deg": 359.99,
            "heading_deg": 359.9, "nav_status": None}  # fmt: skip
    rows = [base, base | {"mmsi": 2, "lon_deg": None}, base | {"mmsi": 3, "received_at": NOON - timedelta(hours=1), "sog_kn": 200.0}]
    latest = pl.DataFrame(rows).cast({"reported_at": AT, "received_at": AT})
    since_us = int((NOON - timedelta(minutes=1)).timestamp() * 1e6)
    labeller = Labeller("PER", "ops", (Share(("track",), ("USA",)),))
    (found,) = track_items(latest, labeller, since_us)
    assert found.id == "mmsi:760000001" and found.body == b.Track(int(NOON.timestamp() * 1000), 180_000_000, -12_000_000, None, None, 0, 0, None, "a")
    assert {i.id: i.body.sog_dkn for i in track_items(latest, labeller, 0)}["mmsi:000000003"] == 1_022  # type: ignore[union-attr]
    assert track_items(latest, Labeller("PER", "ops"), 0) == []


@pytest.mark.parametrize("body", BODIES, ids=lambda body: b.KINDS[type(body)])
def test_every_kind_of_message_is_a_row_of_plain_json(body: Any) -> None:
    (kept,) = kept_rows([Released("e1", 2, LABEL, body)])
    assert kept["kind"] == b.KINDS[type(body)] and set(json.loads(kept["body"])) == set(body.__struct_fields__) and kept["state"]


def test_a_kept_event_becomes_a_message_again_and_a_withdrawn_one_its_withdrawal() -> None:
    body = next(x for x in BODIES if isinstance(x, b.Event))
    (kept,) = kept_rows([Released("e1", 2, LABEL, body)])
    again = released_of(kept)
    assert isinstance(again.body, b.Event) and (again.body.lon_udeg, again.body.vessel_ids, again.label) == (body.lon_udeg, body.vessel_ids, LABEL)
    assert released_of(kept | {"state": "withdrawn"}).body == b.Withdrawal("event", "withdrawn")
