"""Lines -> another program: datagrams, a connection made or waited for, a NATS subject, a file that grows, standard output."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import nats
from nats.errors import Error as NatsError

from seaward.core.errors import OutputError, ParameterError
from seaward.node.feed_url import feed_of

DATAGRAM_BYTES = 1_400  # fits the packets of an Ethernet, so that none is cut
MESSAGE_BYTES = 64 << 10
_WAIT_S = 20.0
TARGETS = (
    "udp://127.0.0.1:10110",
    "tcp://127.0.0.1:10110",
    "tcp-server://127.0.0.1:10110",
    "nats://127.0.0.1:4222/ais.raw",
    "file:///srv/ais.log",
    "-",
)


class Sender(Protocol):
    """Takes whole lines; OutputError where the other side does not."""

    def send(self, lines: bytes) -> None: ...
    def close(self) -> None: ...


class Target:
    """Where lines go; use as a context manager.

    Parameters
    ----------
    url
        As one of `TARGETS`.

    Raises
    ------
    ParameterError
        If it is of another form.
    OutputError
        If nobody is there.

    Attributes
    ----------
    listens
        Where receivers may connect; an empty text where this end connects.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        feed: dict[str, Any] = {"kind": "-"} if url == "-" else feed_of(url)
        try:
            self._sender = _sender(feed, url)
        except (OSError, NatsError) as e:
            raise OutputError(
                f"{url} cannot be reached ({e or type(e).__name__}); start the receiver first, or wait for it with tcp-server://"
            ) from e

        self.listens = str(getattr(self._sender, "listens", ""))

    def send(self, lines: bytes) -> None:
        """Hand over whole lines; waits where the other side is slow."""
        try:
            self._sender.send(lines)
        except (OSError, NatsError) as e:
            raise OutputError(f"{self.url} takes no more ({e or type(e).__name__}); what was sent before arrived") from e

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._sender.close()


def _sender(feed: dict[str, Any], url: str) -> Sender:
    match feed["kind"]:
        case "udp":
            return _Udp(feed["host"], feed["port"])
        case "tcp":
            return _Tcp(socket.create_connection((feed["host"], feed["port"]), _WAIT_S))
        case "tcp-server":
            return _TcpServer(feed["host"], feed["port"])
        case "nats":
            return _Nats(feed["server"], feed["subject"], feed.get("credentials"))
        case "file":
            return _File(Path(feed["path"]))
        case "-":
            return _Stdout()
    raise ParameterError(f"nothing can be sent to {url!r}; write it as one of {', '.join(TARGETS)}")


def packed(lines: bytes, most: int) -> Iterator[bytes]:
    """Whole lines in pieces of at most so many bytes; a longer line is one by itself."""
    start = 0
    while len(lines) - start > most:
        cut = lines.rfind(b"\n", start, start + most) + 1 or lines.find(b"\n", start) + 1 or len(lines)
        yield lines[start:cut]
        start = cut
    if start < len(lines):
        yield lines[start:]


class _Udp:
    def __init__(self, host: str, port: int) -> None:
        family, kind, _, _, self._to = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(family, kind)

    def send(self, lines: bytes) -> None:
        for piece in packed(lines, DATAGRAM_BYTES):
            self._socket.sendto(piece, self._to)

    def close(self) -> None:
        self._socket.close()


class _Tcp:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.settimeout(None)

    def send(self, lines: bytes) -> None:
        self._connection.sendall(lines)

    def close(self) -> None:
        self._connection.close()


class _TcpServer:
    """Whoever connects gets what is sent from then on; while nobody is there it waits."""

    def __init__(self, host: str, port: int) -> None:
        self._listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._peers: list[socket.socket] = []
        self.listens = "{}:{}".format(*self._listening.getsockname()[:2])

    def send(self, lines: bytes) -> None:
        while not self._sent(lines):
            pass

    def close(self) -> None:
        for each in (*self._peers, self._listening):
            each.close()

    def _sent(self, lines: bytes) -> bool:
        """Let in who waits, or wait for one; whether anybody took the lines."""
        self._listening.settimeout(0.0 if self._peers else None)
        with suppress(BlockingIOError):
            peer = self._listening.accept()[0]
            peer.settimeout(_WAIT_S)  # one that takes nothing for so long is left behind: the others are not held up for ever
            self._peers.append(peer)
        for peer in [*self._peers]:
            try:
                peer.sendall(lines)
            except OSError:
                peer.close()
                self._peers.remove(peer)
        return bool(self._peers)


class _Nats:
    def __init__(self, server: str, subject: str, credentials: str | None) -> None:
        self._subject, self._loop = subject, asyncio.new_event_loop()

        async def told(e: Exception) -> None:
            self._problem = e

        self._problem: Exception | None = None
        options = {"user_credentials": credentials, "allow_reconnect": False, "error_cb": told}
        try:
            self._client = self._loop.run_until_complete(asyncio.wait_for(nats.connect(server, **options), _WAIT_S / 2))
        except TimeoutError as e:
            self._loop.close()
            raise self._problem or e from e
        except BaseException:
            self._loop.close()
            raise

    def send(self, lines: bytes) -> None:
        async def publish() -> None:
            for piece in packed(lines, MESSAGE_BYTES):
                await self._client.publish(self._subject, piece)
            await self._client.flush()

        self._loop.run_until_complete(publish())
        if self._problem is not None:
            raise OSError(str(self._problem))

    def close(self) -> None:
        self._loop.run_until_complete(self._client.close())
        self._loop.close()


class _File:
    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def send(self, lines: bytes) -> None:
        self._file.write(lines)

    def close(self) -> None:
        self._file.close()


class _Stdout:
    def send(self, lines: bytes) -> None:
        sys.stdout.buffer.write(lines)
        sys.stdout.buffer.flush()

    def close(self) -> None:
        """It stays open."""
