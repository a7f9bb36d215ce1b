"""A node on loopback: what real peers send is journaled, read, watched and kept, once, across restarts."""

from __future__ import annotations

import asyncio
import gzip
import logging
import os
import socket
import threading
import time
from pathlib import Path

import duckdb
import pytest

from seaward.core.errors import OutputError
from tests.node.nodes import kept, node_at, port_of, running
from tests.waiting import wait_for

SENTENCE = b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23"
LINES = [SENTENCE + b"\r\n"] * 3


def test_datagrams_become_reports_with_the_time_of_reception(tmp_path: Path) -> None:
    with running(node_at(tmp_path, {"name": "callao", "kind": "udp", "port": 0})) as node:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(3):
                sender.sendto(SENTENCE, ("127.0.0.1", port_of(node, "callao")))
        wait_for(lambda: node.health["callao"].reports == 3)
        wait_for(lambda: len(kept(node)) == 3)
        rows = kept(node)
        assert rows["received_at"].null_count() == 0 and rows["raw_offset"].is_unique().all()
        assert abs(node.clock.now_us() - rows["received_at"].to_physical().max()) < 60e6  # type: ignore[operator]
        assert node.run(node.live.latest)["mmsi"].to_list() == [227006760]
        health = node.status()["feeds"][0]
        assert health["problems"] == [] and health["connected"] and health["reports"] == 3 and abs(health["clock_offset_s"]) < 5
    assert kept_after(tmp_path) == 3


def kept_after(folder: Path) -> int:
    """Reports in the history of a node that has stopped, as another tool reads them."""
    files = [*(folder / "data/history/reports").rglob("*.parquet")]
    return duckdb.sql(f"select count(*) from read_parquet('{folder}/data/history/reports/*/*/*.parquet')").fetchall()[0][0] if files else 0


def test_a_restart_goes_on_where_the_node_stopped_and_doubles_nothing(tmp_path: Path) -> None:
    feed = {"name": "callao", "kind": "tcp-server", "port": 0}
    for n in range(1, 4):
        with running(node_at(tmp_path, feed)) as node:
            with socket.create_connection(("127.0.0.1", port_of(node, "callao"))) as peer:
                peer.sendall(b"".join(LINES)[:100])
                time.sleep(0.1)
                peer.sendall(b"".join(LINES)[100:])
            wait_for(lambda n=n: len(kept(node)) == 3 * n)
            assert kept(node)["raw_offset"].is_unique().all()
            assert node.run(lambda: node.live.window.rows) == 3 * n, "what was known before is in the window again"
    assert kept_after(tmp_path) == 9


def test_two_senders_on_one_port_never_mix_their_lines(tmp_path: Path) -> None:
    with running(node_at(tmp_path, {"name": "callao", "kind": "tcp-server", "port": 0})) as node:
        port = port_of(node, "callao")
        peers = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        for at in range(0, 2 * len(SENTENCE) + 4, 7):
            for peer in peers:
                peer.sendall((SENTENCE + b"\r\n" + SENTENCE + b"\r\n")[at : at + 7])
                time.sleep(0.001)
        for peer in peers:
            peer.close()
        wait_for(lambda: node.health["callao"].reports == 6)
        assert node.health["callao"].rejected == 0


def test_a_node_that_stops_while_a_sender_is_connected_reports_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "asyncio"), running(node_at(tmp_path, {"name": "callao", "kind": "tcp-server", "port": 0})) as node:
        peer = socket.create_connection(("127.0.0.1", port_of(node, "callao")))
        peer.sendall(SENTENCE + b"\r\n")
        wait_for(lambda: node.health["callao"].reports == 1)
    peer.close()
    assert [r for r in caplog.records if r.name == "asyncio"] == []


def test_a_client_comes_back_to_a_sender_that_went_away(tmp_path: Path) -> None:
    """As of AIS-catcher or gpsd: it greets, is answered, is cut off, and connects again."""
    greetings: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            for _ in range(2):
                peer, _ = server.accept()
                greetings.append(peer.recv(200))
                peer.sendall(b'{"class":"VERSION","release":"3.25"}\n' + b"".join(LINES))
                peer.close()

        thread = threading.Thread(target=serve)
        thread.start()
        hello = '?WATCH={"enable":true,"nmea":true}'
        with running(node_at(tmp_path, {"name": "gpsd", "kind": "tcp", "host": "127.0.0.1", "port": port, "hello": hello})) as node:
            wait_for(lambda: node.health["gpsd"].reports == 6)
            wait_for(lambda: node.health["gpsd"].connected is False)
            assert "health.disconnected" in node.status()["feeds"][0]["problems"]
        thread.join()
    assert greetings == [hello.encode() + b"\n"] * 2


def test_a_file_that_grows_is_read_once_line_by_line_across_restarts_and_rotation(tmp_path: Path) -> None:
    path = tmp_path / "ais.log"
    feed = {"name": "log", "kind": "file", "path": str(path)}
    path.write_bytes(b"".join(LINES) + SENTENCE[:20])
    with running(node_at(tmp_path, feed)) as node:
        wait_for(lambda: len(kept(node)) == 3)
    with path.open("ab") as more:
        more.write(SENTENCE[20:] + b"\n" + SENTENCE + b"\n")
    with running(node_at(tmp_path, feed)) as node:
        wait_for(lambda: len(kept(node)) == 5)
        path.rename(tmp_path / "ais.log.1")
        path.write_bytes(SENTENCE + b"\n")
        wait_for(lambda: len(kept(node)) == 6)
        assert kept(node)["raw_offset"].is_unique().all() and node.health["log"].rejected == 0


CSV = "mmsi,timestamp,latitude,longitude,speed,course\n" + "".join(
    f"76000000{k % 3},2026-11-20T{k:02d}:00:00Z,-12.{k:02d},-78.5,8,180\n" for k in range(20)
)
OTHER = "codigo;fecha;latitud;longitud;velocidad;rumbo\n" + "".join(
    f"76000000{k % 3};2026-11-21T{k:02d}:00:00Z;-12.{k:02d};-78.5;8;180\n" for k in range(15)
)


def test_files_dropped_into_a_folder_are_taken_whole_once_each_with_its_own_header(tmp_path: Path) -> None:
    drops = tmp_path / "vms"
    drops.mkdir()
    feed = {"name": "vms", "kind": "folder", "path": str(drops)}
    (drops / "monday.csv").write_text(CSV)
    with running(node_at(tmp_path, feed)) as node:
        wait_for(lambda: len(kept(node)) == 20)
        (drops / ".hidden.csv").write_text(CSV)
        (drops / "half.csv.part").write_text(CSV)
        (drops / "tuesday.csv.gz").write_bytes(gzip.compress(OTHER.encode()))
        (drops / "not.parquet").write_bytes(b"PAR1 and more")
        wait_for(lambda: len(kept(node)) == 35)
        wait_for(lambda: node.health["vms"].rejected)
        assert node.health["vms"].rules == {"parquet_input": 1}
    with running(node_at(tmp_path, feed)) as node:
        (drops / "wednesday.csv").write_text(CSV.replace("2026-11-20", "2026-11-22"))
        wait_for(lambda: len(kept(node)) == 55)
        time.sleep(0.3)
        rows = kept(node)
        assert len(rows) == 55 and rows["raw_offset"].is_unique().all()


def test_a_serial_line_is_read(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    with running(node_at(tmp_path, {"name": "ttyusb", "kind": "serial", "device": os.ttyname(theirs)})) as node:
        wait_for(lambda: node.health["ttyusb"].connected)
        os.write(ours, b"".join(LINES))
        wait_for(lambda: node.health["ttyusb"].reports == 3)
    os.close(ours)
    os.close(theirs)


def test_subjects_of_a_nats_server_are_read(tmp_path: Path, nats_server: str) -> None:
    import nats

    async def publish() -> None:
        client = await nats.connect(nats_server)
        await client.publish("ais.callao.raw", SENTENCE)
        await client.publish("ais.paita.raw", b"".join(LINES[:2]))
        await client.flush()
        await client.close()

    with running(node_at(tmp_path, {"name": "bus", "kind": "nats", "server": nats_server, "subject": "ais.*.raw"})) as node:
        wait_for(lambda: node.health["bus"].connected)
        asyncio.run(publish())
        wait_for(lambda: node.health["bus"].reports == 3)


def test_a_second_node_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with running(node_at(tmp_path)), pytest.raises(OutputError, match="another node"):
        node_at(tmp_path)
    with running(node_at(tmp_path)):
        pass
