"""TCP -> lines of a feed: as a client of a receiver or of gpsd, or as a server that receivers connect to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from seaward.node.health import Health
from seaward.node.intake import Intake
from seaward.node.lines import Cutter, Lines

_READ_BYTES = 1 << 16
MOST_PEERS = 64


class FromTcp:
    """Connects to a sender.

    Parameters
    ----------
    host, port
        Of the sender.
    hello
        What to say first, such as `?WATCH={"enable":true,"nmea":true}` to gpsd.
    idle_s
        A connection on which nothing comes for so long is taken for dead, and made again.
    lines
        What cuts the bytes of one connection into lines.
    """

    def __init__(self, host: str, port: int, hello: str = "", idle_s: float = 300.0, lines: Callable[[], Cutter] = Lines) -> None:
        self.host, self.port, self.hello, self.idle_s, self._lines = host, port, hello, idle_s, lines

    async def run(self, intake: Intake, health: Health) -> None:
        async with asyncio.timeout(20.0):
            reader, writer = await asyncio.open_connection(self.host, self.port, limit=_READ_BYTES)
        try:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self.hello:
                writer.write(self.hello.encode() + b"\n")
                await writer.drain()
            health.connection(True, f"tcp {self.host}:{self.port}")
            await _pump(reader, intake, self.idle_s, self._lines())
        finally:
            writer.close()


class FromTcpServer:
    """Lets senders connect; what each says is cut into lines by itself.

    Parameters
    ----------
    host, port
        Where it listens; port 0 takes a free one, then `port` says which.
    lines
        What cuts the bytes of one connection into lines.
    """

    def __init__(self, host: str, port: int, idle_s: float = 300.0, lines: Callable[[], Cutter] = Lines) -> None:
        self.host, self.port, self.idle_s, self._lines = host, port, idle_s, lines
        self._peers = 0

    async def run(self, intake: Intake, health: Health) -> None:
        async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self._peers >= MOST_PEERS:
                health.failed(f"more than {MOST_PEERS} senders; one was turned away")
                writer.close()
                return
            self._peers += 1
            health.connection(True, f"tcp {self.host}:{self.port}, {self._peers} senders")
            try:
                await _pump(reader, intake, self.idle_s, self._lines())
            except (TimeoutError, OSError) as e:
                health.failed(str(e) or type(e).__name__)
            except asyncio.CancelledError:
                pass  # the node stops; asyncio of Python 3.11 would report a peer that ends so as an error
            finally:
                self._peers -= 1
                writer.close()

        server = await asyncio.start_server(peer, self.host, self.port, limit=_READ_BYTES)
        self.port = server.sockets[0].getsockname()[1]
        health.connection(True, f"tcp {self.host}:{self.port}, 0 senders")
        async with server:
            await server.serve_forever()


async def _pump(reader: asyncio.StreamReader, intake: Intake, idle_s: float, lines: Cutter) -> None:
    try:
        while True:
            async with asyncio.timeout(idle_s):  # not wait_for, which may forget under a flood that it was cancelled (cpython 86296)
                data = await reader.read(_READ_BYTES)
            if not data:
                return
            intake.offer(lines.cut(data))
    finally:
        intake.offer(lines.finish())
