"""A file becomes a live feed again: every line, in order, at its pace, to every kind of receiver; and a node hears what it hears of other senders."""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyais import encode_dict
from pyais.stream import TCPConnection, UDPReceiver

from seaward.core.errors import OutputError, ParameterError, RealmError
from seaward.core.units import US_PER_S
from seaward.feeds.nmea_tag import moved, tag_block
from seaward.feeds.timed import Piece, Timed
from seaward.node.replay import TICK_S, Due, Pace, between, due, from_now
from seaward.node.send_to import DATAGRAM_BYTES, MESSAGE_BYTES, Target, packed
from tests.node.nodes import node_at, port_of, running
from tests.waiting import wait_for

SENTENCE = b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23"
T0 = 1_790_000_000


def lines_at(*seconds: float) -> bytes:
    return b"".join(tag_block(b"s:callao,c:%d" % round((T0 + s) * 1000)) + SENTENCE + b"\r\n" for s in seconds)


def sent(path: Path, pace: Pace) -> list[Due]:
    """What goes, by a clock that a wait moves on."""
    clock, found = [0.0], []
    for lines in due(Timed(str(path), "ops"), pace, lambda: clock[0]):
        clock[0] += lines.wait_s
        found.append(lines)
    return found


def replay(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "seaward", "replay", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str], code: int = 0) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    return out + err


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "day.nmea"
    path.write_bytes(lines_at(*np.linspace(0, 3, 40)))
    return path


@given(st.lists(st.one_of(st.binary(max_size=60).filter(lambda b: b"\n" not in b and b"\r" not in b), st.floats(0, 1e5))), st.booleans())
@settings(deadline=None, max_examples=60)
def test_every_byte_goes_once_and_in_order_whatever_the_lines(
    tmp_path_factory: pytest.TempPathFactory, rows: list[bytes | float], ends: bool
) -> None:
    data = lines_at(0) + b"".join(r + b"\n" if isinstance(r, bytes) else lines_at(r) for r in rows)
    data = data if ends else data.removesuffix(b"\n").removesuffix(b"\r")
    path = tmp_path_factory.mktemp("r") / "x.nmea"
    path.write_bytes(data)
    found = sent(path, Pace(speed=1000, longest_wait_s=1))
    assert b"".join(d.lines for d in found) == data and all(0 <= d.wait_s <= 1 for d in found)


def test_lines_go_at_their_moments_times_the_speed(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(lines_at(0, 0.01, 10, 30))
    for speed in (1.0, 10.0):
        found = sent(tmp_path / "x", Pace(speed))
        assert [d.count for d in found] == [2, 1, 1]
        assert np.cumsum([d.wait_s for d in found]) == pytest.approx([0, 10 / speed, 30 / speed], abs=TICK_S)


def test_a_long_pause_is_cut_and_a_clock_that_went_wrong_holds_nothing_up(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(lines_at(0, 5, 90_000, 90_001, 5_000_000, 90_002, 90_004))
    assert [d.wait_s for d in sent(tmp_path / "x", Pace(longest_wait_s=60))] == pytest.approx([0, 5, 60, 1, 60, 0, 2], abs=0.1)


def test_lines_without_moments_need_a_rate(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes((SENTENCE + b"\n") * 100)
    with pytest.raises(ParameterError, match="--rate"):
        sent(tmp_path / "x", Pace())
    found = sent(tmp_path / "x", Pace(lines_per_s=50))
    assert sum(d.wait_s for d in found) == pytest.approx(2, abs=0.1) and sum(d.count for d in found) == 100


def test_moved_to_now_a_file_begins_within_this_minute_and_keeps_its_seconds(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"# a comment\n" + lines_at(0, 61) + b"\\s:other*12\\" + SENTENCE + b"\n")
    now_us = (T0 + 86_400 * 200) * US_PER_S + 17_000_000
    found = b"".join(p.data for p in from_now(Timed(str(tmp_path / "x"), "ops"), now_us))
    (tmp_path / "y").write_bytes(found)
    [piece] = Timed(str(tmp_path / "y"), "ops")
    assert 0 <= now_us - piece.at_us[0] < 60 * US_PER_S and (piece.at_us[0] - T0 * US_PER_S) % (60 * US_PER_S) == 0
    assert np.diff(piece.at_us).tolist() == [0, 61 * US_PER_S, 0]
    assert found.startswith(b"# a comment\n") and found.endswith(b"\\s:other*12\\" + SENTENCE + b"\n"), (
        "blocks with a wrong checksum stay as they are"
    )


@given(st.integers(100_000_000, 4_000_000_000), st.sampled_from([1, 1000, 1_000_000]), st.integers(-1_000_000, 1_000_000))
def test_moments_move_in_the_unit_they_are_written_in(second: int, unit: int, by_s: int) -> None:
    if len(str(second * unit)) not in ({1: (9, 10, 11), 1000: (12, 13, 14), 1_000_000: (15, 16, 17)}[unit]):
        return
    line = tag_block(b"g:1-2-3,c:%d,s:x" % (second * unit)) + SENTENCE
    assert moved(line, by_s * US_PER_S) == (tag_block(b"g:1-2-3,c:%d,s:x" % ((second + by_s) * unit)) + SENTENCE, 1)


def test_moments_outside_tag_blocks_are_not_moved(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"$PGHP,1,2013,11,12,12,0,0,11,219,,2190067,1,62*26\n!BSVDM,1,1,,A,13@:`L001N0ded0O6Fp8wW<00<0t,0*62\n")
    with pytest.raises(ParameterError, match="without --retime"):
        list(from_now(Timed(str(tmp_path / "x"), "ops"), 0))


def test_a_part_of_a_file_is_cut_out_by_time_with_its_header() -> None:
    at = np.array([0, 10, 10, 20, 30]) * US_PER_S
    piece = Piece(b"h\na\nbb\nc\nd", np.array([0, 2, 4, 7, 9]), at)
    [cut] = between([piece], 10 * US_PER_S, 30 * US_PER_S, keep_first=True)
    assert (cut.data, cut.starts.tolist()) == (b"h\na\nbb\nc\n", [0, 2, 4, 7])
    assert [p.data for p in between([piece], None, 10 * US_PER_S, keep_first=False)] == [b"h\n"]
    assert list(between([piece], 40 * US_PER_S, None, keep_first=False)) == []


@given(st.lists(st.binary(min_size=1, max_size=90).map(lambda b: b.replace(b"\n", b"") + b"\n")), st.integers(10, 100))
def test_datagrams_hold_whole_lines(lines: list[bytes], most: int) -> None:
    data = b"".join(lines)
    pieces = list(packed(data, most))
    assert b"".join(pieces) == data and all(p.endswith(b"\n") for p in pieces)
    assert all(len(p) <= most or p.count(b"\n") == 1 for p in pieces) and DATAGRAM_BYTES < 1472


@pytest.mark.parametrize("kind", ["udp", "tcp-server", "tcp", "file", "nats"])
def test_a_node_hears_all_of_it_over_every_transport(kind: str, tmp_path: Path, log: Path, request: pytest.FixtureRequest) -> None:
    feed: dict[str, object] = {"name": "f", "kind": kind}
    words = [str(log), "--retime", "--lang", "es"]
    if kind == "tcp":  # the node calls; whoever replays waits for it
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = replay(*words, "--to", f"tcp-server://127.0.0.1:{port}")
        feed |= {"host": "127.0.0.1", "port": port}
    elif kind == "file":
        feed |= {"path": str(tmp_path / "grows.log")}
    elif kind == "nats":
        feed |= {"server": request.getfixturevalue("nats_server"), "subject": "ais.raw"}
    else:
        feed |= {"port": 0}
    with running(node_at(tmp_path, feed)) as node:
        if kind != "tcp":
            if kind != "file":
                wait_for(lambda: node.health["f"].connected)
            scheme = kind.partition("-")[0]
            to = {"file": f"file://{feed.get('path')}", "nats": f"{feed.get('server')}/ais.raw"}.get(
                kind
            ) or f"{scheme}://127.0.0.1:{port_of(node, 'f')}"
            process = replay(*words, "--to", to)
        assert "Se enviaron 40 líneas" in ended(process)
        wait_for(lambda: node.health["f"].reports == 40)
        assert node.health["f"].rejected == 0 and abs(node.status()["feeds"][0]["clock_offset_s"]) < 70


@pytest.fixture(scope="module")
def socat() -> str:
    if shutil.which("socat") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "-y", "install", "socat"]):
            subprocess.run(command, check=False, capture_output=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, timeout=300)
    path = shutil.which("socat")
    if path is None:
        pytest.skip("socat is not installed, and only root can install it")
    return path


@pytest.mark.parametrize("kind", ["udp", "tcp-server"])
def test_a_real_file_through_socat_is_heard(kind: str, tmp_path: Path, socat: str, real_data: Path) -> None:
    """The hour of a Danish feed, cut short; the same count as that of the file read at once."""
    real = gzip.decompress((real_data / "nmea/dma_2013-11-12_full_feed.txt.gz").read_bytes())[:60_000]
    real = real[: real.rfind(b"\n") + 1].replace(b"$PGHP", b"#PGHP")  # bare: a node gives them its own time
    (tmp_path / "bare.nmea").write_bytes(real)
    with running(node_at(tmp_path, {"name": "f", "kind": kind, "port": 0})) as node:
        port = port_of(node, "f")
        # the size of a block keeps datagrams below that of the loopback
        subprocess.run([socat, "-u", "-b", "8192", f"OPEN:{tmp_path}/bare.nmea", f"{kind[:3].upper()}:127.0.0.1:{port}"], check=True, timeout=30)
        heard = node.health["f"]
        wait_for(lambda: heard.lines >= real.count(b"\n") - 10)
        time.sleep(0.3)
        assert heard.reports > 200 and heard.rejected <= 0.1 * heard.lines


@pytest.mark.parametrize("kind", ["tcp-server", "udp"])
def test_a_shell_that_copies_a_file_is_heard(kind: str, tmp_path: Path, log: Path) -> None:
    """As with nc: whole lines, and the connection ends."""
    with running(node_at(tmp_path, {"name": "f", "kind": kind, "port": 0})) as node:
        command = f"while read -r line; do echo \"$line\" >&3; done < '{log}' 3>/dev/{kind[:3]}/127.0.0.1/{port_of(node, 'f')}"
        subprocess.run(["bash", "-c", command], check=True, timeout=30)
        wait_for(lambda: node.health["f"].lines == 40)


def test_another_program_that_serves_ais_is_heard_and_called_again_when_it_went_away(tmp_path: Path) -> None:
    """As AIS-catcher and gpsd serve: whoever connects is sent sentences; gpsd wants a word first and mixes in lines of its own."""
    heard: list[bytes] = []

    def serve(server: socket.socket) -> None:
        for _ in range(2):
            peer, _ = server.accept()
            with peer:
                heard.append(peer.recv(200))
                peer.sendall(b'{"class":"VERSION","release":"3.25"}\r\n' + SENTENCE + b"\r\n" + b"$GPGGA,,,,,,0,,,,,,,,*66\r\n" + SENTENCE[:20])

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        feed = {"name": "gpsd", "kind": "tcp", "host": "127.0.0.1", "port": server.getsockname()[1], "hello": '?WATCH={"enable":true,"nmea":true}'}
        with running(node_at(tmp_path, feed)) as node:
            wait_for(lambda: node.health["gpsd"].reports == 2)
            assert heard == [b'?WATCH={"enable":true,"nmea":true}\n'] * 2 and node.health["gpsd"].reconnects >= 1


def test_the_readers_of_pyais_take_what_is_sent(log: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    receiver = UDPReceiver("127.0.0.1", port)
    process = replay(str(log), "--to", f"udp://127.0.0.1:{port}", "--speed", "10")
    found = []
    for message in receiver:
        found.append(message.decode().mmsi)
        if len(found) == 40:
            break
    receiver.close()
    assert found == [227006760] * 40
    ended(process)


def test_a_client_of_pyais_is_served_as_soon_as_it_comes(log: Path) -> None:
    process = replay(str(log), "--to", "tcp-server://127.0.0.1:0", "--speed", "10")
    assert process.stderr is not None
    host, _, port = process.stderr.readline().strip().rpartition(":")
    connection = TCPConnection(host, int(port))
    assert [m.decode().mmsi for m in connection] == [227006760] * 40
    connection.close()
    ended(process)


def test_speed_is_kept_by_the_command(log: Path) -> None:
    began = time.monotonic()
    process = replay(str(log), "--to", "-", "--speed", "1")
    assert process.stdout is not None
    first = process.stdout.readline()
    at = time.monotonic()
    rest = process.stdout.read()
    took_s = time.monotonic() - at
    ended(process)
    assert first.encode() + rest.encode() == log.read_bytes().replace(b"\r", b"")
    assert time.monotonic() - began > 2.9 and 1.5 < took_s < 6 and at - began < 20, "three seconds of the log; its first line may be read late"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--to", "ftp://127.0.0.1:1"], "udp://"),
        (["--to", "serial:///dev/null"], "tcp-server://"),
        (["--to", "tcp://127.0.0.1:1"], "start the receiver"),
        (["--to", "nats://127.0.0.1:1/x"], "cannot be reached"),
        (["--to", "-", "--retime", "--speed", "2"], "--retime"),
        (["--to", "-", "--from", "yesterday"], "is no moment"),
        (["--to", "-", "--realm", "ex:"], "realm"),
        (["--to", "file:///nowhere/at/all"], "cannot be reached"),
    ],
)
def test_misuse_ends_with_two_and_says_what_to_do(words: list[str], why: str, log: Path) -> None:
    said = ended(replay(str(log), *words), 2)
    assert why in said and "Traceback" not in said


def test_a_file_of_a_drill_is_not_sent_as_if_it_were_real(tmp_path: Path) -> None:
    (tmp_path / "ex-alfa.nmea").write_bytes(lines_at(0))
    with pytest.raises(RealmError):
        Timed(str(tmp_path / "ex-alfa.nmea"), "ops")
    assert len(list(Timed(str(tmp_path / "ex-alfa.nmea"), "ex:alfa"))) == 1


def test_an_archive_that_ends_early_is_sent_as_far_as_it_goes_and_said(tmp_path: Path, log: Path) -> None:
    whole = gzip.compress(lines_at(*np.linspace(0, 1, 3000)))
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    said = ended(replay(str(tmp_path / "cut.gz"), "--to", "-", "--speed", "100"), 2)
    assert "ends early" in said and said.count("!AIVDM") > 100


def test_a_receiver_that_leaves_is_told(tmp_path: Path, log: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = Target(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        server.accept()[0].close()
        with target, pytest.raises(OutputError, match="takes no more"):
            for _ in range(100):
                target.send(SENTENCE * 1000 + b"\n")
                time.sleep(0.01)


def test_a_receiver_behind_a_server_may_come_and_go() -> None:
    target = Target("tcp-server://127.0.0.1:0")
    port = target._sender._listening.getsockname()[1]  # type: ignore[attr-defined]

    def peer() -> Generator[Callable[[], bytes]]:
        with socket.create_connection(("127.0.0.1", port)) as s:
            yield lambda: s.recv(100)

    with target:
        one = peer()
        read = next(one)
        target.send(b"a\n")
        assert read() == b"a\n"
        two = peer()
        read_too = next(two)
        target.send(b"b\n")
        assert (read(), read_too()) == (b"b\n", b"b\n")
        one.close()
        while len(target._sender._peers) > 1:  # type: ignore[attr-defined]
            target.send(b"c\n")
        target.send(b"d\n")
        assert read_too().endswith(b"d\n")
        two.close()


def test_many_lines_go_over_a_bus_in_several_messages_and_all_arrive(tmp_path: Path, nats_server: str) -> None:
    with running(node_at(tmp_path, {"name": "bus", "kind": "nats", "server": nats_server, "subject": "ais.raw"})) as node:
        wait_for(lambda: node.health["bus"].connected)
        lines = lines_at(*range(3000))
        with Target(f"{nats_server}/ais.raw") as target:
            target.send(lines)
        wait_for(lambda: node.health["bus"].lines == 3000)
        assert len(lines) > 2 * MESSAGE_BYTES


@pytest.mark.parametrize("kind", ["udp", "tcp-server"])
def test_what_pyais_encodes_and_sends_is_heard_as_it_meant_it(kind: str, tmp_path: Path) -> None:
    said = [{"type": 1, "mmsi": 760000001 + n, "lon": -78.5, "lat": -12.5 - n / 100, "speed": 8.0, "second": 60} for n in range(20)]
    with running(node_at(tmp_path, {"name": "f", "kind": kind, "port": 0})) as node:
        where, how = ("127.0.0.1", port_of(node, "f")), socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
        with socket.socket(socket.AF_INET, how) as sender:
            sender.connect(where)
            for each in said:
                sender.sendall("".join(f"{line}\r\n" for line in encode_dict(each, talker_id="AI")).encode())
        wait_for(lambda: len(node.run(node.live.latest)) == 20)  # counted is not yet seen
        heard = {r["mmsi"]: r["lat_deg"] for r in node.run(node.live.latest).iter_rows(named=True)}
        assert heard == {int(s["mmsi"]): pytest.approx(s["lat"], abs=1e-5) for s in said}
