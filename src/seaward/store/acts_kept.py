"""The state of a node, which may be running -> its events, cases and what was dismissed: what a patrol learns risk from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl

from seaward.core.errors import InputError
from seaward.store.state_reading import StateReading


def acts_kept(data: Path, realm: str, until: datetime) -> tuple[pl.DataFrame, pl.DataFrame, frozenset[str]]:
    """Events; cases with their place and events (`event_ids`); events of dismissed alerts.

    Parameters
    ----------
    data
        Folder of the node.
    realm
        That it must be of.
    until
        What began later does not count.

    Raises
    ------
    InputError
        If the folder holds no state.
    RealmError
        If it is of another realm.
    """
    path = data / "state.sqlite"
    if not path.is_file():
        raise InputError(f"{path} is not there: no node has kept anything in {data}; name its folder in risk.node")
    with StateReading(path, realm) as state:
        events = state.latest_events(until=until)
        cases = state.cases().filter(pl.col("start_at") <= until).cast({"state": pl.String})
        alerts = state.alerts(alert_ids=cases["alert_id"].to_list())
        gone = state.alerts(states=["dismissed"])
    members = alerts.select("alert_id", "lon_deg", "lat_deg", event_ids=pl.col("members").list.eval(pl.element().struct.field("event_id")))
    dismissed = {m["event_id"] for own in gone["members"].to_list() for m in own}
    return events, cases.join(members, on="alert_id", how="left"), frozenset(dismissed)
