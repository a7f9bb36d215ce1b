"""Subjects of a NATS server -> lines of a feed; each message holds whole lines."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nats
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from seaward.node.health import Health
from seaward.node.intake import Intake

_PENDING_BYTES = 32 << 20


class FromNats:
    """Subscribes.

    Parameters
    ----------
    server
        Such as `nats://127.0.0.1:4222`.
    subject
        May hold wildcards.
    credentials
        File of the user's credentials; None where the server asks for none.
    """

    def __init__(self, server: str, subject: str, credentials: Path | None = None) -> None:
        self.server, self.subject, self.credentials = server, subject, credentials

    async def run(self, intake: Intake, health: Health) -> None:
        over: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def closed() -> None:
            if not over.done():
                over.set_result("the server closed the connection")

        async def error(e: Exception) -> None:  # without this, refused subjects and slow reading would pass in silence
            health.failed(f"{type(e).__name__}: {e}")

        async def message(msg: Msg) -> None:
            if msg.data:
                intake.offer(msg.data if msg.data.endswith(b"\n") else msg.data + b"\n")

        try:
            client = await nats.connect(
                self.server, user_credentials=None if self.credentials is None else str(self.credentials), allow_reconnect=False,
                connect_timeout=10, error_cb=error, closed_cb=closed, disconnected_cb=closed,
            )  # fmt: skip
        except (NatsError, OSError) as e:
            raise OSError(f"{self.server}: {e or type(e).__name__}") from e
        try:
            await client.subscribe(self.subject, cb=message, pending_bytes_limit=_PENDING_BYTES)
            health.connection(True, f"nats {self.server} {self.subject}")
            raise OSError(await over)
        finally:
            await client.close()
