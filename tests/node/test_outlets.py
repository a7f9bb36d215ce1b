"""What a node sends on: other people's readers understand it, labels and drills are kept, and no reader holds it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from defusedxml.ElementTree import fromstring
from pyais import IterMessages
from pyais.stream import TCPConnection
from takproto import parse_proto

from seaward.core.errors import InputError
from seaward.feeds.cot_event import read_tak, read_xml
from seaward.node.config import config_of
from seaward.node.outlet_picture import Sighted
from tests.node.heard_outlets import NOW_MS, SHIP, heard, listened, outlets, read_some, sighted
from tests.node.nodes import node_at, port_of, running
from tests.waiting import wait_for

EVIL = '"><event uid="x"/>\r\n!AIVDM,1,1,,A,<&\\*\x00Ñ名'


def test_a_whole_node_sends_what_it_hears_and_pyais_reads_it_over_tcp(tmp_path: Path) -> None:
    outlet = {"name": "plotter", "kind": "tcp-server", "port": 0, "form": "aivdm", "every_s": 0.5}
    with running(node_at(tmp_path, {"name": "callao", "kind": "udp", "port": 0}, outlet=[outlet])) as node:
        wait_for(lambda: node.status()["outlets"][0]["state"] == "up")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23", ("127.0.0.1", port_of(node, "callao")))
            with TCPConnection("127.0.0.1", node.outlets.outlets[0].way.port) as reader:  # type: ignore[attr-defined]
                found = next(iter(reader)).decode()
        assert (found.mmsi, found.msg_type) == (227006760, 1) and found.lon == pytest.approx(0.13138, abs=1e-5)
        wait_for(lambda: node.status()["outlets"][0]["tracks"] == 1)


@pytest.mark.skipif(shutil.which("gpsd") is None, reason="gpsd is not installed here; pyais reads the same sentences")
def test_gpsd_reads_the_sentences_of_an_outlet() -> None:
    with outlets({"kind": "tcp-server", "port": 0, "form": "aivdm"}) as out, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        program = [shutil.which("gpsd") or "", "-N", "-n", "-b", "-S", str(port), f"tcp://127.0.0.1:{listened(out)}"]
        daemon = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: _there(port))
            with socket.create_connection(("127.0.0.1", port), 10) as client:
                client.settimeout(20)
                client.sendall(b'?WATCH={"enable":true,"json":true,"scaled":true};\n')
                told = b""
                while b'"type":1,' not in told:
                    told += client.recv(65536) or pytest.fail("gpsd ended")
            assert b'"mmsi":760000001' in told and b'"lon":-77.01' in told
        finally:
            daemon.terminate()
            daemon.wait(10)


def _there(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def test_a_plotter_learns_names_once_and_positions_as_they_come() -> None:
    at = [NOW_MS]
    table = {"kind": "tcp-server", "port": 0, "form": "aivdm"}
    with outlets(table, seen=lambda: sighted(SHIP, ms=at[0])) as out, socket.create_connection(("127.0.0.1", listened(out)), 10) as reader:
        reader.settimeout(10)
        data = reader.recv(65536)
        at[0] -= 1_000  # another fix
        while data.count(b"\n") < 4:
            data += reader.recv(65536)
    found = [m.decode() for m in IterMessages(line.split(b"\\")[-1] for line in data.splitlines())]
    assert [m.msg_type for m in found] == [1, 5, 1]
    assert (found[1].shipname, found[1].callsign, found[1].ship_type) == ("RIO LURIN", "OA1", 30)


def test_names_that_attack_stay_names() -> None:
    tables = [{"kind": "tcp-server", "port": 0, "form": form} for form in ("aivdm", "cot", "tak")]
    with outlets(*tables, seen=lambda: sighted(SHIP, name=EVIL)) as out:
        sentences, xml, tak = (read_some(o.way.port) for o in out.outlets)  # type: ignore[attr-defined]
    lines = sentences.split(b"\r\n")[:-1]
    assert [line[: line.find(b"!") + 6][-6:] for line in lines] == [b"!AIVDM"] * 3 and all(32 <= c < 127 for line in lines for c in line)
    assert fromstring(xml).find("detail").find("contact").get("callsign").startswith('PER "><event uid="x"/> !AIVDM')
    for said in (heard(xml), heard(tak)):
        assert [(h.mmsi, h.lon_deg) for h in said] == [(SHIP, pytest.approx(-77.01))] and "名" in said[0].callsign


@pytest.mark.parametrize("form", ["cot", "tak"])
def test_datagrams_are_events_of_the_mesh_and_a_drill_marks_each(form: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reader:
        reader.bind(("127.0.0.1", 0))
        reader.settimeout(10)
        with outlets({"kind": "udp", "port": reader.getsockname()[1], "form": form}, realm="ex:north-1"):
            data = reader.recv(65536)
    said = read_xml(data) if form == "cot" else read_tak(data.removeprefix(b"\xbf\x01\xbf"))
    assert said is not None and said.drills == {"north-1"} and said.callsign == "EXERCISE ex:north-1 PER RIO LURIN"
    if form == "tak":
        assert parse_proto(data).cotEvent.opex == "e-north-1"  # type: ignore[arg-type, union-attr]


def test_a_drill_as_ais_is_refused_and_where_it_is_asked_for_says_so_wherever_there_is_room() -> None:
    table = {"kind": "tcp-server", "port": 0, "form": "aivdm"}
    with pytest.raises(InputError, match="no mark of an exercise"):
        config_of({"realm": "ex:north-1", "outlet": [{"name": "a", **table}]})
    with outlets({**table, "unmarked": True}, realm="ex:north-1") as out:
        first, *lines = read_some(listened(out), 100).decode().splitlines()
    assert first == "# EXERCISE EXERCISE EXERCISE ex:north-1" and all(",t:EXERCISE ex:north-1*" in line for line in lines)
    found = [m.decode() for m in IterMessages(line.split("\\")[-1].encode() for line in lines)]
    assert found[1].shipname == "EXERCISE RIO LURIN" and found[1].destination == "EXERCISE"


# -- readers

MANY = tuple(range(760_000_001, 760_002_001))


def test_a_reader_that_never_reads_is_let_go_and_the_others_never_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.node.outlet_ways._STUCK_S", 1.0)
    turn = [0]

    def moving() -> Sighted:
        turn[0] += 1
        return sighted(*MANY, ms=NOW_MS - turn[0])

    table = {"kind": "tcp-server", "port": 0, "form": "cot", "tracks_per_s": 5_000}
    with outlets(table, seen=moving) as out, socket.socket() as deaf, socket.create_connection(("127.0.0.1", listened(out)), 10) as reader:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(("127.0.0.1", listened(out)))
        reader.settimeout(10)
        wait_for(lambda: out.told()[0]["readers"] == 2)
        until, got = time.monotonic() + 20, 0
        while out.told()[0]["readers"] == 2 and time.monotonic() < until:
            got += len(reader.recv(1 << 20))
        before = got
        while got < before + 1_000_000:
            got += len(reader.recv(1 << 20) or pytest.fail("it ended"))
        told = out.told()[0]
        assert told["readers"] == 1 and told["skipped"] > 0 and told["state"] == "up"


def test_a_reader_that_comes_late_is_told_all_and_one_that_says_things_is_not_heard() -> None:
    with outlets({"kind": "tcp-server", "port": 0, "form": "cot", "tracks_per_s": 5_000}, seen=lambda: sighted(*MANY[:50])) as out:
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", listened(out)), 10) as reader:
                reader.settimeout(10)
                reader.sendall(b"\x00<event" * 100_000)
                data = b""
                while data.count(b"</event>") < 50:
                    data += reader.recv(65536)
                assert len({h.uid for h in heard(data)}) == 50


def test_a_reader_that_breaks_off_rudely_costs_nothing() -> None:
    at = iter(range(NOW_MS - 600_000, NOW_MS))
    with outlets({"kind": "tcp-server", "port": 0, "form": "cot"}, seen=lambda: sighted(SHIP, ms=next(at))) as out:
        for _ in range(100):
            rude = socket.create_connection(("127.0.0.1", listened(out)), 10)
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            rude.close()
        assert heard(read_some(listened(out)))
        wait_for(lambda: out.told()[0]["readers"] == 0)


def test_more_readers_than_there_is_room_for_are_turned_away() -> None:
    with outlets({"kind": "tcp-server", "port": 0, "form": "cot"}) as out, contextlib.ExitStack() as held:
        for _ in range(70):
            held.enter_context(socket.create_connection(("127.0.0.1", listened(out)), 10))
        wait_for(lambda: out.outlets[0].way.turned_away == 6)  # type: ignore[attr-defined]
        assert out.told()[0]["readers"] == 64


def test_the_rate_holds_and_what_waits_is_counted_and_nobody_is_forgotten() -> None:
    table = {"kind": "tcp-server", "port": 0, "form": "cot", "tracks_per_s": 20}
    with outlets(table, seen=lambda: sighted(*MANY[:30])) as out:
        data = b""
        with socket.create_connection(("127.0.0.1", listened(out)), 10) as reader:
            reader.settimeout(10)
            data += reader.recv(65536)
            assert data.count(b"</event>") <= 10
            wait_for(lambda: out.told()[0]["held_back"] == 20)
            while data.count(b"</event>") < 30:
                data += reader.recv(65536)
    assert len({h.uid for h in heard(data)}) == 30


# -- servers


def accepting(hello: bytes = b"", context: ssl.SSLContext | None = None, answers: Callable[[bytes], bytes] = lambda _: b"") -> Any:
    """A server that keeps what it gets."""

    @contextlib.contextmanager
    def run() -> Iterator[tuple[int, bytearray]]:
        got, ready, port = bytearray(), threading.Event(), list[int]()
        ended = list[Callable[[], None]]()

        async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(hello)
            with contextlib.suppress(OSError):
                while data := await reader.read(65536):
                    got.extend(data)
                    writer.write(answers(data))
            writer.close()

        async def main() -> None:
            stop, loop = asyncio.Event(), asyncio.get_running_loop()
            server = await asyncio.start_server(peer, "127.0.0.1", 0, ssl=context)
            port.append(server.sockets[0].getsockname()[1])
            ended.append(lambda: loop.call_soon_threadsafe(stop.set))
            ready.set()
            await stop.wait()
            server.close()

        thread = threading.Thread(target=lambda: asyncio.run(main()))
        thread.start()
        ready.wait(10)
        try:
            yield port[0], got
        finally:
            ended[0]()
            thread.join(10)

    return run()


def test_a_server_that_offers_the_tak_protocol_is_spoken_to_in_it_after_it_agreed_and_any_other_in_xml() -> None:
    offer = b'<event version="2.0" uid="p" type="t-x-takp-v"><detail><TakControl><TakProtocolSupport version="1"/></TakControl></detail></event>'
    agree = b'<event version="2.0" uid="p" type="t-x-takp-r"><detail><TakControl><TakResponse status="true"/></TakControl></detail></event>'
    at = [NOW_MS]
    with accepting(offer, answers=lambda data: agree if b"t-x-takp-q" in data else b"") as (port, got):
        with outlets({"kind": "tcp", "port": port, "form": "tak"}, seen=lambda: sighted(SHIP, ms=at[0])):
            wait_for(lambda: b'<TakRequest version="1"' in got)

            def moved() -> bool:
                at[0] -= 1
                return b"\xbf" in got

            wait_for(moved)
            wait_for(lambda: heard(bytes(got[got.index(b"\xbf") :])))
        xml, tak = bytes(got[: got.index(b"\xbf")]), bytes(got[got.index(b"\xbf") :])
    assert b"t-x-takp-q" in xml and next(h.mmsi for h in heard(tak)) == SHIP
    with accepting() as (port, got), outlets({"kind": "tcp", "port": port, "form": "tak"}):
        wait_for(lambda: b"</event>" in got)
        assert b"\xbf" not in got


def test_a_server_is_known_by_its_authority_and_asks_for_our_certificate(tmp_path: Path) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    theirs, ours = authority.issue_cert("127.0.0.1"), authority.issue_cert("node@example.pe")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    stranger.cert_pem.write_to_path(tmp_path / "stranger.pem")
    ours.cert_chain_pems[0].write_to_path(tmp_path / "node.pem")
    ours.private_key_pem.write_to_path(tmp_path / "node.key")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    with accepting(context=context) as (port, got):
        table = {"kind": "tcp", "port": port, "form": "cot", "tls_certificate": str(tmp_path / "node.pem"), "tls_key": str(tmp_path / "node.key")}
        with outlets({**table, "tls_ca": str(tmp_path / "stranger.pem")}) as out:
            wait_for(lambda: "CERTIFICATE_VERIFY_FAILED" in out.told()[0]["why"])
            assert out.told()[0]["problems"] == ["outlet.down"] and not got
        with outlets({**table, "tls_ca": str(tmp_path / "ca.pem")}):
            wait_for(lambda: heard(bytes(got)))


def test_a_port_that_is_taken_is_told_and_taken_once_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.node.outlets.FIRST_WAIT_S", 0.05)
    held = socket.create_server(("127.0.0.1", 0))
    port = held.getsockname()[1]
    with outlets({"kind": "tcp-server", "port": port, "form": "cot"}) as out:
        wait_for(lambda: "in use" in out.told()[0]["why"] and out.told()[0]["problems"] == ["outlet.down"])
        held.close()
        wait_for(lambda: out.told()[0]["state"] == "up")
        assert heard(read_some(port)) and out.told()[0]["problems"] == []


def test_a_server_that_comes_later_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seaward.node.outlets.FIRST_WAIT_S", 0.05)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        with outlets({"kind": "tcp", "port": port, "form": "cot"}) as out:
            wait_for(lambda: out.told()[0]["state"] == "down")
            held.listen()
            held.settimeout(10)
            peer = held.accept()[0]
            peer.settimeout(10)
            assert b"<event" in peer.recv(65536)
            peer.close()
            wait_for(lambda: out.told()[0]["reconnects"] >= 2)


@pytest.mark.parametrize(
    ("table", "said"),
    [({"kind": "udp", "port": 6969, "host": "239.2.3.1"}, "not encrypted; say openly = true"),
     ({"kind": "tcp-server", "port": 1, "host": "0.0.0.0"}, "openly"), ({"kind": "udp"}, "port is not there"),
     ({"kind": "serial", "port": 1}, "choose from udp, tcp, tcp-server"), ({"kind": "udp", "port": 1, "form": "nmea"}, "aivdm"),
     ({"kind": "udp", "port": 1, "unmarked": True}, "mark it always"), ({"kind": "udp", "port": 1, "box": [1, 2, 3, 1]}, "south less than north"),
     ({"kind": "tcp", "port": 1, "tls_key": "k"}, "belong together"), ({"kind": "udp", "port": 1, "evry_s": 1}, "did you mean every_s"),
     ({"kind": "tcp", "port": 1, "tls_key": "k", "tls_certificate": "c"}, "tls_ca")],
)  # fmt: skip
def test_a_mistake_of_an_outlet_is_told_with_what_to_write(table: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        config_of({"outlet": [{"name": "a", "form": "cot", **table}]})


def test_two_outlets_of_one_name_are_a_mistake() -> None:
    with pytest.raises(InputError, match="two outlets are called a"):
        config_of({"outlet": [{"name": "a", "kind": "udp", "port": 1, "form": "cot"}] * 2})
