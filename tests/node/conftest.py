"""A NATS server beside the nodes, where a test asks for it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import wait_for


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = Path(shutil.which("nats-server", path=f"{Path(os.sys.executable).parent}:{os.environ['PATH']}") or "")  # type: ignore[attr-defined]
    process = subprocess.Popen([program, "-a", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def up() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return True
        return False

    wait_for(up)
    yield f"nats://127.0.0.1:{port}"
    process.terminate()
    process.wait()
