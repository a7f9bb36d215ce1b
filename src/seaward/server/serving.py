"""A running node -> its API on a socket, in a thread of its own, until it is stopped; port 0 takes any free one and tells which."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.x509.oid import ExtensionOID
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from seaward.core.errors import InputError, OutputError
from seaward.node.config import LOOPBACK, Listen
from seaward.node.node import Node
from seaward.server.app import make_app, make_floor
from seaward.server.floor import Floor

log = logging.getLogger("seaward.server")
FIRST_BYTES_S = 15.0  # a connection must have sent the head of its first request by then
MOST_CONNECTIONS = 1_000  # ours
_GRACE_S = 5  # for answers that are under way when the server stops


class Protocol(H11Protocol):
    """HTTP/1.1 whose connections do not stay open without a request, and can be cut off."""

    def __init__(self, config: uvicorn.Config, server_state: Any, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__(config, server_state, {**app_state, "abort": self._abort}, _loop)
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
            return
        self._patience = self.loop.call_later(FIRST_BYTES_S, self._impatient)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if self._patience is not None:
            self._patience.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait anew, for the next request: keep-alive itself ends only where nothing at all comes."""
        super().on_response_complete()
        if self._patience is not None:
            self._patience.cancel()
        self._patience = self.loop.call_later(self.timeout_keep_alive + FIRST_BYTES_S, self._impatient)

    def _impatient(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self._abort()

    def _abort(self) -> None:
        self.transport.abort()


class Serving:
    """A server that runs.

    Parameters
    ----------
    floor
        What it serves.
    app
        The application of it.
    listen
        Where.
    """

    def __init__(self, floor: Floor, app: ASGIApp, listen: Listen) -> None:
        self.floor, self._listen = floor, listen
        self._socket = _bound(listen.host, listen.port)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app, host=listen.host, port=self.port, http=Protocol, ws="none", lifespan="on", log_config=None, access_log=False, server_header=False,
            proxy_headers=False,  # X-Forwarded-For would let anybody on this machine choose the address that tries are counted by
            limit_concurrency=None, timeout_keep_alive=30, timeout_graceful_shutdown=_GRACE_S, h11_max_incomplete_event_size=32 << 10,
            ssl_certfile=listen.tls_certificate, ssl_keyfile=listen.tls_key, ssl_context_factory=_tls if listen.tls_certificate else None,
        )  # fmt: skip
        try:
            config.load()
        except (OSError, ssl.SSLError) as e:
            self._socket.close()
            raise InputError(
                f"{listen.tls_certificate} and {listen.tls_key} cannot be used for TLS ({e}); give a certificate with its key, in PEM"
            ) from e
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)
        self._begun = threading.Event()
        self.failed: BaseException | None = None

    @property
    def url(self) -> str:
        """Where it can be reached from this machine."""
        host = self._listen.host if self._listen.host not in ("0.0.0.0", "::") else "localhost"
        return f"{'https' if self._listen.tls_certificate else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> Serving:
        """Serve; returns when requests are taken."""
        self._thread.start()
        self._begun.wait(30.0)
        if self.failed is not None or not self._server.started:
            raise OutputError(f"the server did not start ({self.failed}); see the log")
        return self

    def stop(self) -> None:
        """Take no more requests, end the streams, finish what is under way, and end."""
        self.floor.changes.stop()
        self._server.should_exit = True
        self._thread.join(_GRACE_S + 25.0)
        self._socket.close()

    def _run(self) -> None:
        async def serve() -> None:
            watcher = asyncio.create_task(self._tell_begun())
            try:
                await self._server.serve(sockets=[self._socket])
            finally:
                watcher.cancel()
                self._begun.set()

        try:
            asyncio.run(serve())
        except (Exception, SystemExit) as e:
            self.failed = e
            log.exception("the server ended")
            self._begun.set()

    async def _tell_begun(self) -> None:
        while not self._server.started:
            await asyncio.sleep(0.01)
        self._begun.set()


def serve(node: Node, floor: Floor | None = None) -> Serving:
    """Serve the API of a running node where its configuration says.

    Raises
    ------
    OutputError
        If the place is taken.
    InputError
        If the certificate cannot be used.
    """
    listen = node.config.listen
    floor = floor or make_floor(node)
    names = [*([listen.host] if listen.host not in LOOPBACK else []), *_names_of(listen.tls_certificate)]
    return Serving(floor, make_app(floor, names, tls=listen.tls_certificate is not None), listen).start()


def _tls(config: uvicorn.Config, usual: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    context = usual()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _names_of(certificate: Path | None) -> list[str]:
    """The hosts that a certificate is for: those that requests may name."""
    if certificate is None:
        return []
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = found.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except (OSError, ValueError, x509.ExtensionNotFound) as e:
        raise InputError(f"{certificate} is no certificate in PEM with the names it is for ({e}); ask for one with subjectAltName") from e
    assert isinstance(names, x509.SubjectAlternativeName)
    return names.get_values_for_type(x509.DNSName)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
    except OSError as e:
        taken.close()
        raise OutputError(f"{host}:{port} cannot be listened to ({e.strerror}); another program may have it: give another port in [listen]") from e
    return taken
