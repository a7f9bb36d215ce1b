"""Messages -> readers: datagrams, a connection that is made, connections that are waited for. What a reader does not take is never waited for."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Protocol

from seaward.node.config_outlets import TcpOutlet
from seaward.node.send_to import DATAGRAM_BYTES

MOST_READERS = 64
_HELD_BYTES = 1 << 18  # that wait for one reader; above it a reader gets nothing more until it has read
_STUCK_S = 30.0  # a reader that takes nothing for so long is let go
_READ_BYTES = 1 << 16
_CONNECT_S = 20.0
_BREATH_S = 0.2


class Way(Protocol):
    """Where messages go. `open` returns when they can; `send` never waits and gives how many readers were passed over."""

    @property
    def readers(self) -> int: ...
    async def open(self) -> None: ...
    def send(self, messages: list[bytes]) -> int: ...
    def check(self) -> None: ...
    def close(self) -> None: ...


class Datagrams:
    """UDP, to one receiver or a group.

    Parameters
    ----------
    host, port
        Whom.
    is_packed
        Whether several messages may share a datagram, as sentences do.
    """

    def __init__(self, host: str, port: int, is_packed: bool) -> None:
        self._host, self._port, self._is_packed = host, port, is_packed
        self._socket: socket.socket | None = None

    @property
    def readers(self) -> int:
        return int(self._socket is not None)

    async def open(self) -> None:
        family, kind, _, _, self._to = (await asyncio.get_running_loop().getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM))[0]
        self._socket = socket.socket(family, kind)
        self._socket.setblocking(False)

    def send(self, messages: list[bytes]) -> int:
        assert self._socket is not None
        lost = 0
        for data in packed(messages, DATAGRAM_BYTES) if self._is_packed else messages:
            try:
                self._socket.sendto(data, self._to)
            except BlockingIOError:
                lost += 1
        return lost

    def check(self) -> None:
        """Nobody answers datagrams."""

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Peer:
    """One reader; what it says goes to `hear`, whose answer it gets."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hear: Callable[[bytes], bytes] = lambda _: b"") -> None:
        self.writer, self._reader, self._hear = writer, reader, hear
        self._since_s, self._left, self._missed = 0.0, 0, False
        self.listening = asyncio.create_task(self._listen())

    @property
    def is_gone(self) -> bool:
        return self.writer.transport.is_closing() or (self.listening.done() and self.listening.exception() is not None)

    def send(self, data: bytes, now_s: float) -> bool:
        """Whether it gets the bytes; one that is stuck is let go."""
        left = self.writer.transport.get_write_buffer_size()
        if left <= _HELD_BYTES:
            self.writer.write(data)
            self._since_s = 0.0
            return True
        self._missed = True
        if not self._since_s or left < self._left:
            self._since_s = now_s
        elif now_s - self._since_s >= _STUCK_S:
            self.writer.transport.abort()
        self._left = left
        return False

    def is_back(self) -> bool:
        """Whether it reads again after it had missed something; true once."""
        was, self._missed = self._missed, self._missed and self.writer.transport.get_write_buffer_size() > 0
        return was and not self._missed

    def close(self) -> None:
        self.listening.cancel()
        self.writer.transport.abort()

    async def _listen(self) -> None:
        while data := await self._reader.read(_READ_BYTES):
            if answer := self._hear(data):
                self.writer.write(answer)


class Listening:
    """Lets readers connect.

    Parameters
    ----------
    host, port
        Where; port 0 takes a free one, then `port` says which.
    came
        Called when somebody connects, or reads again after it had missed something.
    """

    def __init__(self, host: str, port: int, came: Callable[[], None]) -> None:
        self._host, self.port, self._came = host, port, came
        self._peers: list[_Peer] = []
        self._server: asyncio.Server | None = None
        self.turned_away = 0

    @property
    def readers(self) -> int:
        return sum(not p.is_gone for p in self._peers)

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._came_in, self._host, self.port, limit=_READ_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    def send(self, messages: list[bytes]) -> int:
        data, now_s = b"".join(messages), asyncio.get_running_loop().time()
        self._drop()
        return sum(not peer.send(data, now_s) for peer in self._peers)

    def check(self) -> None:
        """Readers come and go."""
        self._drop()
        if any([p.is_back() for p in self._peers]):
            self._came()

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for peer in self._peers:
            peer.close()
        self._peers = []

    def _drop(self) -> None:
        for peer in [p for p in self._peers if p.is_gone]:
            peer.close()
            self._peers.remove(peer)

    async def _came_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._drop()
        if len(self._peers) >= MOST_READERS:
            await asyncio.sleep(_BREATH_S)  # those that broke off just now are noticed meanwhile
            self._drop()
        if len(self._peers) >= MOST_READERS:
            self.turned_away += 1
            writer.transport.abort()
            return
        self._peers.append(_Peer(reader, writer))
        self._came()


class Connection:
    """Connects to a server.

    Parameters
    ----------
    config
        Whom, and how it is known.
    came
        Called when it is connected, or reads again after it had missed something.
    hear
        Given what the server says; its answer is sent.
    """

    def __init__(self, config: TcpOutlet, came: Callable[[], None], hear: Callable[[bytes], bytes]) -> None:
        self._config, self._came, self._hear = config, came, hear
        self._peer: _Peer | None = None

    @property
    def readers(self) -> int:
        return int(self._peer is not None and not self._peer.is_gone)

    async def open(self) -> None:
        config = self._config
        async with asyncio.timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(config.host, config.port, limit=_READ_BYTES, ssl=await asyncio.to_thread(_tls, config))
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._peer = _Peer(reader, writer, self._hear)
        self._came()

    def send(self, messages: list[bytes]) -> int:
        self.check()
        assert self._peer is not None
        return int(not self._peer.send(b"".join(messages), asyncio.get_running_loop().time()))

    def check(self) -> None:
        if self._peer is None or self._peer.is_gone or self._peer.listening.done():
            raise OSError("the other side ended")
        if self._peer.is_back():
            self._came()

    def close(self) -> None:
        if self._peer is not None:
            self._peer.close()
            self._peer = None


def packed(messages: Iterable[bytes], most: int) -> Iterable[bytes]:
    """Whole messages together, in pieces of at most so many bytes; a longer one is a piece by itself."""
    piece = b""
    for message in messages:
        if piece and len(piece) + len(message) > most:
            yield piece
            piece = b""
        piece += message
    if piece:
        yield piece


def _tls(config: TcpOutlet) -> ssl.SSLContext | None:
    if config.tls_ca is None:
        return None
    context = ssl.create_default_context(cafile=str(config.tls_ca))
    if config.tls_certificate is not None:
        context.load_cert_chain(str(config.tls_certificate), str(config.tls_key))
    return context
