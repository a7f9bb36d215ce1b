"""A link between two servers that tests cut, black-hole, delay and throttle."""

from __future__ import annotations

import asyncio
import contextlib


class Proxy:
    """Passes bytes on to a port of this machine.

    Parameters
    ----------
    port
        Where to.
    delay_s
        Each way.
    bytes_per_s
        Each way; None: as fast as it goes.
    """

    def __init__(self, port: int, delay_s: float = 0.0, bytes_per_s: int | None = None) -> None:
        self.to, self.delay_s, self.bytes_per_s = port, delay_s, bytes_per_s
        self.port = 0
        self.passed_bytes = 0
        self.is_open, self.is_hole = True, False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._came, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Connections break, and none is taken."""
        self.is_open = False
        for writer in self._writers:
            writer.transport.abort()

    def hole(self) -> None:
        """Connections stand, and nothing passes."""
        self.is_hole = True

    def mend(self) -> None:
        """Everything passes again; what a black hole swallowed is gone with its connection."""
        if self.is_hole:
            for writer in self._writers:
                writer.transport.abort()
        self.is_open, self.is_hole = True, False

    async def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.is_open:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        for a, b in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.ensure_future(self._pass(a, b))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        sender = asyncio.ensure_future(self._send(waiting, writer))
        free_at = loop.time()
        try:
            while data := await reader.read(4_096):
                while waiting.qsize() > 64:
                    await asyncio.sleep(0.01)
                if self.bytes_per_s is not None:
                    free_at = max(free_at, loop.time()) + len(data) / self.bytes_per_s
                    await asyncio.sleep(max(0.0, free_at - loop.time()))
                waiting.put_nowait((loop.time() + self.delay_s, data))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sender
            writer.transport.abort()
            self._writers.discard(writer)

    async def _send(self, waiting: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while True:
            at, data = await waiting.get()
            await asyncio.sleep(max(0.0, at - loop.time()))
            if not self.is_hole:
                self.passed_bytes += len(data)
                writer.write(data)
                with contextlib.suppress(OSError):
                    await writer.drain()
