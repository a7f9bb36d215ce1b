"""UDP datagrams -> lines of a feed; each datagram holds whole lines, as AIS receivers send them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from seaward.node.health import Health
from seaward.node.intake import Intake

_READ_BUFFER_BYTES = 4 << 20  # asked of the system: bursts wait there while the node is busy


class FromUdp(asyncio.DatagramProtocol):
    """Listens on a port.

    Parameters
    ----------
    host, port
        Where; port 0 takes a free one, then `port` says which.
    lines
        What makes whole lines of one datagram.
    """

    def __init__(self, host: str, port: int, lines: Callable[[bytes], bytes] = lambda data: data if data.endswith(b"\n") else data + b"\n") -> None:
        self.host, self.port, self._lines = host, port, lines
        self._intake: Intake | None = None
        self._error: asyncio.Future[None] | None = None

    async def run(self, intake: Intake, health: Health) -> None:
        loop = asyncio.get_running_loop()
        self._intake, self._error = intake, loop.create_future()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, self.port))
        try:
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _READ_BUFFER_BYTES)
            self.port = sock.getsockname()[1]
            health.connection(True, f"udp {self.host}:{self.port}")
            await self._error
        finally:
            transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._intake is not None:
            self._intake.offer(self._lines(data))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._error is not None and not self._error.done():
            self._error.set_exception(exc or OSError("the socket was closed"))
