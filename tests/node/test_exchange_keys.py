"""Keys and certificates while nodes run: renewed before they end, refused when they have ended, changed without loss; partners that come and go."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cryptography.hazmat.primitives import serialization

from seaward.exchange import certificates as c
from seaward.exchange.home import Home
from seaward.exchange.renewal import ends_of
from seaward.node.config import config_of
from seaward.node.node import Node
from tests.exchange.nations import agree, free_port, now
from tests.node.test_three_nations import got, tell
from tests.node.two_nations import GAPS, Two, cli, event, two
from tests.waiting import wait_for


def age(home: Home, link_days: int) -> None:
    """The certificate of the link as it would be that was made long ago: so many days are left; the key is the same."""
    key = serialization.load_pem_private_key((home.folder / "link.pem").read_bytes(), None)
    at = now() - timedelta(days=c.LINK_DAYS - link_days)
    home.write("link.crt.pem", c.certificate_pem(c.certify_link(home.authority(None), ["127.0.0.1", "localhost"], at, key)[1]))  # type: ignore[arg-type]


def age_signing(home: Home, days: int) -> None:
    public = serialization.load_pem_private_key((home.folder / "signing-1.pem").read_bytes(), None).public_key().public_bytes_raw()  # type: ignore[union-attr]
    home.write("signing-1.crt.der", c.certify_signing(home.authority(None), public, now() - timedelta(days=c.SIGNING_DAYS - days)))


def problems(both: Two, nation: str) -> list[str]:
    return both.link(nation).get("problems", [])


def audited(node: Node, action: str) -> pl.DataFrame:
    return node.state.audit_rows(limit=10_000).filter(pl.col("action") == action)


def test_what_ends_soon_is_renewed_by_the_node_and_partners_need_not_be_asked(tmp_path: Path) -> None:
    with two(tmp_path, PER=GAPS) as both:
        both.up()
        for node in both.nodes.values():
            node.stop()
        for nation, home in both.homes.items():
            age(home, 20)
            age_signing(home, 20)
            both.nodes[nation] = Node(both.nodes[nation].config)
            both.nodes[nation].start()
        both.up()
        both.tell(event("e-1"))
        wait_for(lambda: "e-1" in both.got())
        for nation, home in both.homes.items():
            ends = ends_of(home)
            assert min(ends.link, ends.signing) - now() > timedelta(days=390) and home.signing_numbers() == [1, 2]
            assert len(audited(both.nodes[nation], "exchange.renewed")) == 1
            assert {*problems(both, nation)} <= {"exchange.link.refused"}, "what came before the new key was introduced comes again"
            assert "ends soon" not in cli("status", "--dir", home.folder)


def test_without_its_authority_a_node_says_what_ends_soon_and_goes_on(tmp_path: Path) -> None:
    with two(tmp_path, PER=GAPS) as both:
        per = both.homes["PER"]
        age(per, 20)
        os.rename(per.folder / "authority.pem", tmp_path / "authority.pem")
        both.up()
        wait_for(lambda: problems(both, "PER") == ["exchange.link.link_key_ends"])
        assert problems(both, "USA") == []
        assert "our certificate of the link ends soon; renew it with `seaward exchange renew`" in cli("status", "--dir", per.folder)
        assert "nuestro certificado del enlace vence pronto" in cli("status", "--dir", per.folder, "--lang", "es")
        starts = both.per.exchange.starts  # type: ignore[union-attr]
        os.rename(tmp_path / "authority.pem", per.folder / "authority.pem")
        assert "holds until" in cli("renew", "--dir", per.folder)
        assert "Nothing ends within 60 days" in cli("renew", "--dir", per.folder)
        wait_for(lambda: both.per.exchange.starts > starts)  # type: ignore[union-attr]
        both.up()
        wait_for(lambda: problems(both, "PER") == [])


@pytest.mark.parametrize("whose", ["PER", "USA"], ids=["of the one that dials", "of the one that is dialled"])
def test_a_certificate_that_has_ended_is_refused_said_on_both_sides_and_mended_without_a_restart(tmp_path: Path, whose: str) -> None:
    with two(tmp_path, PER=GAPS, USA=[{"what": ["event"], "to": ["PER"]}]) as both:
        other = "USA" if whose == "PER" else "PER"
        home = both.homes[whose]
        both.up()
        os.rename(home.folder / "authority.pem", tmp_path / "authority.pem")
        key = (tmp_path / "authority.pem").read_bytes()
        home.write("authority.pem", key)
        age(home, -1)
        os.unlink(home.folder / "authority.pem")
        wait_for(lambda: "exchange.link.link_key_ended" in problems(both, whose), 120)
        both.tell(event("e-1"), nation=other)
        both.tell(event("e-2"), nation=whose)
        wait_for(lambda: "exchange.link.their_key_ended" in problems(both, other), 120)
        assert both.link(other)["state"] != "up" and "exchange.link.link_key_ended" not in problems(both, other)
        assert "has ended, and partners refuse us" in cli("status", "--dir", home.folder)
        wait_for(lambda: "certificate of a partner's link has ended" in cli("status", "--dir", both.homes[other].folder), 60)
        told = [r.body for r in both.nodes[other].state.changes_after(0, 10_000) if r.topic == "link"]
        assert any("their_key_ended" in b for b in told), "whoever follows the changes is told"
        home.write("authority.pem", key)
        cli("renew", "--dir", home.folder)
        both.up()
        wait_for(lambda: "e-1" in both.got(whose) and "e-2" in both.got(other), 120)
        wait_for(lambda: problems(both, "PER") == [] and problems(both, "USA") == [], 120)


def test_keys_are_changed_again_and_again_over_a_live_link_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    with two(tmp_path, PER=GAPS) as both:
        both.up()
        stop, told = threading.Event(), list[str]()

        def work() -> None:
            while not stop.wait(0.1):
                told.append(f"e-{len(told):04d}")
                both.tell(event(told[-1]))

        worker = threading.Thread(target=work)
        worker.start()
        try:
            for n, (nation, *words) in enumerate((("PER",), ("USA",), ("PER", "--lost"), ("USA", "--lost"), ("PER",))):
                cli("rotate", *words, "--dir", both.homes[nation].folder)
                wait_for(lambda n=n: sum(x.exchange.starts for x in both.nodes.values()) >= 3 + n, 30)  # type: ignore[union-attr,misc]
                wait_for(lambda: bool(told) and told[-1] in both.got(limit=10_000))
        finally:
            stop.set()
            worker.join()
        wait_for(lambda: set(told) == set(both.got(limit=10_000)))
        came = [r.id for r in both.usa.state.changes_after(0, 100_000) if r.topic == "partner"]
        assert came == told, "each once, in order"
        for mine, theirs in (("PER", "USA"), ("USA", "PER")):
            assert "is whole" in cli("audit", "verify", theirs, "--dir", both.homes[mine].folder)
        assert both.link("USA")["lost"] == both.link("PER")["lost"] == 0


def test_a_partner_that_is_agreed_with_while_the_nodes_run_is_linked_with_and_one_that_is_revoked_no_more(tmp_path: Path) -> None:
    homes = {n: Home(tmp_path / n / "exchange") for n in ("PER", "USA")}
    nodes = dict[str, Node]()
    for nation, home in homes.items():
        home.create(nation, "127.0.0.1", (free_port(), free_port()), now(), os.urandom, None)
        told: dict[str, Any] = {"home": str(home.folder), "share": [{"what": ["event"], "to": ["PER", "USA"]}]}
        nodes[nation] = Node(config_of({"data": str(tmp_path / nation / "data"), "chart": {"areas": []}, "exchange": told}))
        nodes[nation].start()
    try:
        per, usa = nodes["PER"], nodes["USA"]
        tell(per, event("p-before"))
        wait_for(lambda: all(n.status()["exchange"]["serving"] for n in nodes.values()))
        agree(homes["PER"], homes["USA"])
        wait_for(lambda: [[x["state"] for x in n.status()["exchange"]["links"]] for n in nodes.values()] == [["up"], ["up"]])
        wait_for(lambda: got(usa) == {("PER", "p-before")})
        cli("revoke", "USA", "--dir", homes["PER"].folder)
        wait_for(lambda: per.status()["exchange"]["serving"] and per.status()["exchange"]["links"] == [])
        tell(per, event("p-after"))
        threading.Event().wait(2.0)
        assert got(usa) == {("PER", "p-before")}
        agree(homes["PER"], Home(_anew(homes["USA"], "PER")))  # both begin anew
        wait_for(lambda: ("PER", "p-after") in got(usa))
    finally:
        for node in nodes.values():
            node.stop()


def _anew(home: Home, partner: str) -> Path:
    cli("revoke", partner, "--dir", home.folder)
    return home.folder
