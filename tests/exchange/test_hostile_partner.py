"""A partner whose server is in the hands of someone hostile: what it may ask for is its own next messages, and nothing else answers."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import time
from pathlib import Path

import pytest
from cryptography import x509

from seaward.exchange import certificates as c
from seaward.exchange.nats_tokens import USER, credentials, new_nkey
from tests.exchange.made import EVENT, item
from tests.exchange.nations import Nations, answer, free_port, hostile, manager_of, now, run, until, until_async

STREAM = "PER_USA_ops_history"


ATTEMPTS = {
    "names of streams": ("$JS.API.STREAM.NAMES", b""),
    "list of streams": ("$JS.API.STREAM.LIST", b""),
    "account": ("$JS.API.INFO", b""),
    "stream info": (f"$JS.API.STREAM.INFO.{STREAM}", b""),
    "purge": (f"$JS.API.STREAM.PURGE.{STREAM}", b""),
    "delete": (f"$JS.API.STREAM.DELETE.{STREAM}", b""),
    "a message by number": (f"$JS.API.STREAM.MSG.GET.{STREAM}", b'{"seq":1}'),
    "a message directly": (f"$JS.API.DIRECT.GET.{STREAM}", b'{"seq":1}'),
    "a new stream": ("$JS.API.STREAM.CREATE.mine", b'{"name":"mine","subjects":["out.>"]}'),
    "a new consumer": (f"$JS.API.CONSUMER.CREATE.{STREAM}.mine", json.dumps({"stream_name": STREAM, "config": {"durable_name": "mine"}}).encode()),
    "consumer info": (f"$JS.API.CONSUMER.INFO.{STREAM}.USA", b""),
    "deleting the consumer": (f"$JS.API.CONSUMER.DELETE.{STREAM}.USA", b""),
    "the request under its own name": (f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.USA", b"1"),
    "another partner's messages": ("link.PER.PER_ECU_ops_history", b"1"),
    "a forged publish": ("out.USA.ops.history.history", b"forged"),
    "the system": ("$SYS.REQ.SERVER.PING", b""),
    "the system's accounts": ("$SYS.REQ.ACCOUNT.PING.INFO", b""),
    "another inbox": ("_INBOX.x", b"x"),
    "a foreign subject": ("node.alerts", b"x"),
    "a subject with more tokens": (f"link.PER.{STREAM}.USA", b"1"),
}


def test_a_hostile_partner_gets_no_answer_to_anything_but_its_own_request(tmp_path: Path) -> None:
    async def trying() -> None:
        async with Nations(tmp_path) as both:
            both.per.link("USA")
            both.per.links["USA"].offer(item(EVENT))
            await until(lambda: both.per.links["USA"].health.published > 1)
            owner, manager = await manager_of(both)
            before = [(s.config.name, s.state.messages, s.state.consumer_count) for s in await manager.streams_info()]
            enemy = await hostile(both.usa, "PER")
            await until_async(lambda: answer(enemy, f"link.PER.{STREAM}", b"1"))  # the one door there is: sealed bytes come through it
            for name, (subject, data) in ATTEMPTS.items():
                assert await answer(enemy, subject, data) == "", name
            after = [(s.config.name, s.state.messages, s.state.consumer_count) for s in await manager.streams_info()]
            assert [(n, c_) for n, _, c_ in after] == [(n, c_) for n, _, c_ in before]
            assert next(m for n, m, _ in after if n == STREAM) == next(m for n, m, _ in before if n == STREAM)
            await enemy.close()
            await owner.close()

    run(trying())


def test_a_leaf_that_dials_has_as_little_to_fear_from_a_hostile_server(tmp_path: Path) -> None:
    """The other way round: the listening side tries the same on the one that dials."""

    async def trying() -> None:
        async with Nations(tmp_path) as both:
            both.usa.link("PER")
            await until(lambda: both.usa.links["PER"].health.published > 0)
            enemy = await hostile(both.per, "USA")
            for name, (subject, data) in ATTEMPTS.items():
                turned = subject.replace("PER_USA", "USA_PER").replace("link.PER", "link.USA").replace("out.USA", "out.PER")
                assert await answer(enemy, turned, data) == "", name
            await enemy.close()

    run(trying())


def test_bytes_put_into_our_inbox_are_quarantined_and_fill_no_memory(tmp_path: Path) -> None:
    async def flooding() -> None:
        async with Nations(tmp_path) as both:
            both.per.link("USA")
            enemy = await hostile(both.usa, "PER")
            asked = await enemy.subscribe("link.USA.>")
            request = await asked.next_msg(timeout=20)
            for n in range(20_000):
                await enemy.publish(request.reply, os.urandom(50) if n % 2 else b"\xd2\x84" + bytes(200))
            await enemy.flush()
            await until(lambda: len(both.per.quarantined) > 1_000)
            assert both.per.came == [] and {*both.per.quarantined} <= {"shape", "too_short"}
            assert len(both.per.links["USA"]._came) <= 4_096
            await asyncio.wait_for(both.per.unlink("USA"), 20)
            await enemy.close()

    run(flooding())


@pytest.mark.parametrize("how", ["another authority with the right name", "a certificate that was not agreed", "the token of another user"])
def test_a_leaf_with_the_right_name_and_the_wrong_key_is_refused(tmp_path: Path, how: str) -> None:
    async def coming() -> None:
        async with Nations(tmp_path) as both:
            per = both.per
            assert per.server is not None
            await per.server.stop()
            if how == "the token of another user":
                record = per.home.partner("USA")
                wrong = new_nkey(USER, os.urandom(32))
                config = per.home.folder / "server" / "USA-leaf.creds"
                config.write_text(credentials(record.leaf_token, wrong))
            else:
                authority = c.new_authority("PER", now()) if how.startswith("another") else per.home.authority(None)
                key, certificate = c.certify_link(authority, ["127.0.0.1"], now())
                per.home.write("link.pem", c.key_pem(key, None))
                per.home.write("link.crt.pem", c.certificate_pem(certificate))
            await per.server.start()
            per.link("USA")
            both.usa.link("PER")
            await asyncio.sleep(3)
            assert both.usa.links["PER"].dialogue.status().last_heard_ms is None and not both.per.links["USA"].health.is_answered

    run(coming())


def test_a_leaf_is_told_no_address_to_go_to_instead(tmp_path: Path) -> None:
    async def asking() -> None:
        async with Nations(tmp_path) as both:
            folder = both.per.home.folder
            context = ssl.create_default_context(cafile=str(both.usa.home.folder / "authority.crt.pem"))
            context.load_cert_chain(folder / "link.crt.pem", folder / "link.pem")
            reader, writer = await asyncio.open_connection("127.0.0.1", both.proxy.to, ssl=context, server_hostname="127.0.0.1")
            info = json.loads((await reader.readline()).removeprefix(b"INFO "))
            writer.close()
            assert not info.get("connect_urls") and not info.get("leafnode_urls")
            config = (folder / "server" / "nats.conf").read_text()
            assert "ignore_discovered_servers: true" in config and "sync_interval: always" in config and "no_advertise: true" in config

    run(asking())


def test_a_key_of_one_partner_opens_nothing_of_another(tmp_path: Path) -> None:
    """Accounts, users, pseudonyms and pins are each partner's own."""
    from seaward.exchange.home import Home
    from seaward.exchange.server_plan import plan_server
    from tests.exchange.nations import agree

    homes = {}
    for nation in ("PER", "USA", "ECU"):
        homes[nation] = Home(tmp_path / nation)
        homes[nation].create(nation, "127.0.0.1", (free_port(), free_port()), now(), os.urandom, None)
    agree(homes["USA"], homes["PER"])
    agree(homes["ECU"], homes["PER"])
    usa, ecu = (homes["PER"].partner(n) for n in ("USA", "ECU"))
    assert len({k.account.public for r in (usa, ecu) for k in (r.out, r.link)}) == 4 and usa.secret != ecu.secret and usa.their_user != ecu.their_user
    plan = plan_server(homes["PER"], int(time.time()))
    assert plan.listen is not None and len({*plan.listen.pinned}) == 2
    tokens = {name: json.loads(_claims(token)) for name, token in plan.accounts.items()}
    for record, other in ((usa, ecu), (ecu, usa)):
        imports = tokens[record.link.account.public]["nats"]["imports"]
        assert [i["account"] for i in imports] == [record.out.account.public] != [other.out.account.public]
        assert tokens[record.out.account.public]["nats"]["exports"][0]["subject"].endswith(f".{record.nation}")


def _claims(token: str) -> bytes:
    import base64

    body = token.split(".")[1]
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))


def test_the_pin_is_that_of_the_certificate_agreed(tmp_path: Path) -> None:
    key, certificate = c.certify_link(c.new_authority("PER", now()), ["per.example", "10.0.0.1"], now())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["per.example"] and len(c.spki_hash(certificate)) == 64
    assert key.curve.name == "secp256r1"
