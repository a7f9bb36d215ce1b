"""Two nodes of two nations on this machine: what one may give comes to the other, as exact as it may be, and nothing else ever does."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import polars as pl
import pytest

from seaward.core.tables import AT
from seaward.exchange.label import label_json
from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.sharing import made_label
from tests.exchange.nations import now
from tests.node.two_nations import GAPS, api, cli, event, two
from tests.store import kept as made
from tests.waiting import wait_for


def test_an_event_under_a_share_arrives_a_degraded_one_is_coarse_and_any_other_never_comes(tmp_path: Path) -> None:
    with two(tmp_path, PER=GAPS) as both:
        both.up()
        both.tell(event("e-gap"), event("e-enc", kind="encounter", lon_deg=-77.123456, lat_deg=-12.345678), event("e-loi", kind="loitering"))
        wait_for(lambda: len(both.got(kind="event")) == 2)
        got = both.got(kind="event")
        exact, coarse = got["e-gap"], next(v for k, v in got.items() if k.startswith("~"))
        assert exact["origin"] == "PER" and exact["body"]["lon_udeg"] == -77_500_000 and json.loads(exact["label"])["owner"] == "PER"
        assert coarse["body"]["kind"] == "encounter" and coarse["body"]["lon_udeg"] != -77_123_456 and coarse["body"]["error_m"] >= 5_000
        assert coarse["body"]["reasons"][0]["values"] == [] and exact["body"]["evidence"] == []
        assert both.usa.state.latest_events().is_empty() and both.usa.state.alerts().is_empty(), "a partner's event is no event of our own"
        wait_for(lambda: both.per.state.who_was_told("e-gap")["whom"].to_list() == ["USA"])
        both.tell(event("e-gap", 2, state="closed"), event("e-loi", 2, kind="loitering"))
        wait_for(lambda: both.got()["e-gap"]["version"] == 2)
        both.tell(event("e-gap", 3, state="withdrawn"))
        wait_for(lambda: both.got()["e-gap"]["state"] == "withdrawn")
        audit = both.per.state.audit_rows().filter(pl.col("action").str.starts_with("exchange."))
        assert {"exchange.granted"} == set(audit["action"]) and "e-loi" not in str(both.got())
        with api(both.usa) as ask:
            assert ask("health")["exchange"]["links"][0]["state"] == "up" and ask("exchange")["nation"] == "USA"
            rows = ask("exchange/objects?kind=event")["items"]
            assert {r["origin"] for r in rows} == {"PER"} and len(rows) == 2 and ask("events")["items"] == []
            found = ask("exchange/objects?format=geojson")["features"]
            assert any(f["geometry"]["coordinates"] == [-77.5, -12.25] and f["properties"]["label"]["rel"] == ["USA"] for f in found)
        changes = both.usa.state.changes_after(0, 1000)
        assert {"partner", "link"} <= {c.topic for c in changes}


def test_status_acknowledgement_proof_and_another_key_beside_running_nodes(tmp_path: Path) -> None:
    with two(tmp_path, PER=GAPS) as both:
        both.up()
        per, usa = both.homes["PER"].folder, both.homes["USA"].folder
        both.tell(event("e-1"))
        wait_for(lambda: "e-1" in both.got())
        cli("ack", "e-1", "--from", "PER", "--who", "hale", "--dir", usa, "--data", tmp_path / "USA" / "data")
        wait_for(lambda: any(r["kind"] == "ack" and r["body"]["about_id"] == "e-1" for r in both.got("PER").values()))
        assert next(iter(both.got("PER", kind="ack").values()))["body"]["by"] == "hale"
        wait_for(lambda: "last receipt" in cli("status", "--dir", per))
        wait_for(lambda: '"state": "up"' in cli("status", "--dir", per, "--json"))
        said = json.loads(cli("status", "--dir", per, "--json"))
        assert said["running"] and said["partners"][0]["link"]["state"] == "up" and said["partners"][0]["link"]["lost"] == 0
        wait_for(lambda: json.loads(cli("audit", "verify", "USA", "--dir", per, "--json"))["epochs"][0]["signed_by_both"] >= 1)
        wait_for(lambda: '"signed_by_both": 1' in cli("audit", "verify", "PER", "--dir", usa, "--json"))
        assert "is whole" in cli("audit", "verify", "PER", "--dir", usa)
        data = ("--data", tmp_path / "USA" / "data", "--dir", usa)
        assert "urn:oasis:names:tc:emergency:cap:1.2" in cli("export", "e-1", "--from", "PER", *data)
        again = cli("export", "e-1", "--from", "PER", *data)
        assert "<msgType>Update</msgType>" in again and "<references>seaward-PER,seaward-PER-ops-event-e-1-1-1," in again
        assert 'lon="-77.500000"' in cli("export", "e-1", "--from", "PER", "--as", "cot", *data)
        assert "<slab:Classification>LIMITED</slab:Classification>" in cli("export", "e-1", "--from", "PER", "--as", "label", *data)
        cli("rotate", "--lost", "--dir", per)
        wait_for(lambda: both.per.exchange is not None and both.per.exchange.starts == 2)
        both.tell(event("e-2"))
        wait_for(lambda: "e-2" in both.got())
        wait_for(lambda: any("keys" in c.body for c in both.usa.state.changes_after(0, 10_000) if c.topic == "link"))
        wait_for(lambda: json.loads(cli("audit", "verify", "PER", "--dir", usa, "--json"))["epochs"][-1]["signed_by_both"] >= 1)
        assert "is whole" in cli("audit", "verify", "PER", "--dir", usa) and "is whole" in cli("audit", "verify", "USA", "--dir", per)
        assert both.got()["e-2"]["version"] == 1 and list(both.got(kind="event")).count("e-1") == 1


def test_a_broken_rule_releases_nothing_and_is_said(tmp_path: Path) -> None:
    with two(tmp_path, PER=GAPS) as both:
        both.up()
        both.homes["PER"].write("rules.cedar", b"permit (principal, action, resource);")
        both.homes["PER"].write("rules.cases.json", b"[]")
        wait_for(lambda: "refused" in both.per.status()["exchange"]["why"])
        both.tell(event("e-1"))
        threading.Event().wait(2.0)
        assert both.got() == {} and both.per.engine.failures == 0
        for name in ("rules.cedar", "rules.cases.json"):
            (both.homes["PER"].folder / name).unlink()
        wait_for(lambda: "e-1" in both.got())


def test_positions_go_as_last_values_and_own_units_stay(tmp_path: Path) -> None:
    share = [{"what": ["track"], "to": ["USA"]}]
    with two(tmp_path, PER=share) as both:
        both.up()
        exchange = both.per.exchange
        assert exchange is not None
        row = {"mmsi": 760000001, "reported_at": now(), "received_at": now(), "lon_deg": -77.5, "lat_deg": -12.0, "sog_kn": 8.0, "cog_deg": 359.99,
               "heading_deg": 359.7, "nav_status": 0}  # fmt: skip
        exchange._labeller = replace(exchange._labeller, own_units=frozenset({760000002}))
        exchange._latest = lambda: pl.DataFrame([row, row | {"mmsi": 760000002}]).cast({"reported_at": AT, "received_at": AT})
        usa = both.usa.exchange
        assert usa is not None
        wait_for(lambda: bool(usa.links["PER"].tracks))
        with api(both.usa) as ask:
            rows = ask("exchange/tracks")["items"]
            assert ask("exchange/aivdm/PER", whole=False).count("!AIVDM") == 1
            assert [r["vessel_id"] for r in rows] == ["mmsi:760000001"] and rows[0]["origin"] == "PER" and rows[0]["own_vessel_id"] is None
        (message, _) = next(iter(usa.links["PER"].tracks.values()))
        assert message.body.lon_udeg != -77_500_000 and message.body.error_m >= 500, "tracks leave on a grid by the rules that come along"  # type: ignore[union-attr]
        threading.Event().wait(1.5)
        assert len(usa.links["PER"].tracks) == 1, "our own unit stays"


def test_what_a_person_releases_goes_and_what_they_take_back_is_withdrawn(tmp_path: Path) -> None:
    with two(tmp_path) as both:
        both.up()
        both.tell(event("e-1"), event("e-2"))
        label = label_json(made_label("PER", ["USA"]))
        both.per.state.release("event", "e-1", label, "vega", "they asked", datetime.now(UTC))
        both.per.state.release("event", "e-2", label_json(made_label("PER", ["ECU"])), "vega", None, datetime.now(UTC))
        wait_for(lambda: "e-1" in both.got())
        wait_for(lambda: "exchange.withheld" in set(both.per.state.audit_rows()["action"]))
        both.per.state.release("event", "e-1", None, "vega", "a mistake", datetime.now(UTC))
        wait_for(lambda: both.got()["e-1"]["state"] == "withdrawn")
        assert "e-2" not in both.got()


def test_a_cut_link_is_said_disturbs_nobody_and_gives_all_when_it_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.node.partner_link.SILENT_MS", 3_000)
    with two(tmp_path, PER=GAPS) as both:
        both.up()
        both.tell(event("e-0"))
        wait_for(lambda: "e-0" in both.got())
        both.cable.do("cut")
        for n in range(1, 6):
            both.tell(event(f"e-{n}"))
        wait_for(lambda: both.link("USA")["state"] == "down" and "exchange.link.down" in both.link("PER")["problems"])
        wait_for(lambda: both.states("USA")[-1] == "down")
        assert both.per.engine.failures == 0 and len(both.per.state.latest_events()) == 6
        both.cable.do("mend")
        wait_for(lambda: len(both.got()) == 6)
        wait_for(lambda: both.states("USA")[-1] == "up")
        told = both.states("USA")
        assert told[0] == "starting" and "down" in told and told[-1] == "up"


def test_a_partner_that_is_revoked_gets_nothing_more_within_seconds(tmp_path: Path) -> None:
    with two(tmp_path, PER=GAPS) as both:
        both.up()
        both.tell(event("e-before"))
        wait_for(lambda: "e-before" in both.got())
        record = both.homes["PER"].partner("USA")
        both.homes["PER"].keep(msgspec.structs.replace(record, state="revoked"))
        wait_for(lambda: both.per.status()["exchange"]["links"] == [], 30)
        wait_for(lambda: both.per.status()["exchange"]["serving"], 30)
        both.tell(event("e-after"))
        wait_for(lambda: "e-after" in both.per.state.latest_events()["event_id"].to_list())
        threading.Event().wait(3.0)
        assert "e-after" not in both.got() and both.per.engine.failures == 0


def test_a_drill_never_reaches_operations(tmp_path: Path) -> None:
    """The same keys, the same cable, and one side in a drill: nothing crosses, either way."""
    with two(tmp_path, realms=("ex:north-1", "ops"), PER=GAPS, USA=[{"what": ["event"], "to": ["PER"]}]) as both:
        wait_for(lambda: both.link("PER")["state"] == "never" and both.link("USA")["state"] == "never")
        both.tell(event("e-drill", realm="ex:north-1"))
        both.tell(event("e-real"), nation="USA")
        threading.Event().wait(4.0)
        assert both.got("USA") == {} and both.got("PER") == {}
        assert both.link("USA")["state"] == "never" and both.link("PER")["state"] == "never"


def test_a_node_without_keys_watches_all_the_same_and_says_why(tmp_path: Path) -> None:
    node = Node(config_of({"data": str(tmp_path / "data"), "chart": {"areas": []}, "exchange": {"home": str(tmp_path / "nowhere")}}))
    node.start()
    try:
        wait_for(lambda: "exchange init" in node.status()["exchange"]["why"])
        assert node.engine.failures == 0
    finally:
        node.stop()


def test_bytes_that_a_partner_forges_are_audited_once_and_lie_in_quarantine(tmp_path: Path) -> None:
    with two(tmp_path) as both:
        both.up()
        assert both.usa.exchange is not None and both.usa.exchange._loop is not None
        link = both.usa.exchange.links["PER"].link
        assert link is not None

        def forge() -> None:
            link._came.extend([os.urandom(50)] * 500 + [b"\xd2\x84" + bytes(200)] * 500)
            link._wake.set()

        both.usa.exchange._loop.call_soon_threadsafe(forge)
        wait_for(lambda: "exchange.link.refused" in both.link("USA")["problems"])
        wait_for(lambda: both.link("USA")["refused"] == 1_000)
        wait_for(lambda: len(_refused(both.usa)) == 2)
        refused = _refused(both.usa)
        assert {json.loads(b)["reason"] for b in refused["body"]} == {"too_short", "shape"}
        files = [*(both.homes["USA"].folder / "quarantine" / "ops" / "PER").glob("*.bin")]
        assert len(files) == 2 and all(f.stat().st_mode & 0o077 == 0 for f in files)
        assert both.got() == {} and both.usa.engine.failures == 0


def _refused(node: Node) -> pl.DataFrame:
    return node.state.audit_rows(subject="PER").filter(pl.col("action") == "exchange.refused")


def test_a_node_that_is_started_again_takes_and_gives_each_thing_once(tmp_path: Path) -> None:
    with two(tmp_path, PER=GAPS) as both:
        both.up()
        both.tell(*(event(f"e-{n}") for n in range(5)))
        wait_for(lambda: len(both.got()) == 5)
        for nation in ("USA", "PER"):
            config = both.nodes[nation].config
            both.nodes[nation].stop()
            if nation == "USA":
                both.tell(*(event(f"e-{n}") for n in range(5, 10)))
            both.nodes[nation] = Node(config)
            both.nodes[nation].start()
            wait_for(lambda: len(both.got()) == 10)
        both.up()
        both.tell(event("e-last"))
        wait_for(lambda: "e-last" in both.got())
        came = [c.id for c in both.usa.state.changes_after(0, 10_000) if c.topic == "partner"]
        assert sorted(came) == sorted([f"e-{n}" for n in range(10)] + ["e-last"])
        granted = both.per.state.audit_rows(limit=10_000).filter(pl.col("action") == "exchange.granted")
        assert len(granted) == 11, "a start audits nothing again"


def test_an_alert_goes_as_it_changes_and_is_withdrawn_when_it_is_none_any_more(tmp_path: Path) -> None:
    with two(tmp_path, PER=[{"what": ["alert"], "to": ["USA"]}]) as both:
        both.up()
        raised = made.alert("a-1")
        both.per.state.keep_alert(raised, made.change(raised, "raised"))
        wait_for(lambda: "a-1" in both.got(kind="alert"))
        taken, change = made.acknowledged(raised)
        both.per.state.keep_alert(taken, change)
        wait_for(lambda: both.got(kind="alert")["a-1"]["state"] == "acknowledged")
        assert both.got()["a-1"]["body"]["by"] is None, "names of persons stay by the rules that come along"
        gone = taken | {"mark": "withdrawn", "revision": 3}
        both.per.state.keep_alert(gone, made.change(gone, "withdrawn", taken))
        wait_for(lambda: both.got(kind="alert")["a-1"]["state"] == "withdrawn")
        assert both.usa.state.alerts().is_empty()
