"""calls that may hang (a dead mount, a pipe) -> their answers, or TimeoutError: what holds one feed up holds up no other and no stop."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

T = TypeVar("T")
WAIT_S = 20.0  # longer than a disk that wakes up, or 8 MB over a slow network; ours


class NotPlain(OSError):
    """A pipe, socket, device or folder, where a plain file is asked for."""


class Aside:
    """One call at a time, each in a thread that nobody waits for at the end.

    Parameters
    ----------
    wait_s
        For each answer [s].
    """

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s, self._busy = wait_s, threading.Lock()

    async def __call__(self, call: Callable[..., T], *given: Any) -> T:
        """The answer of a call; what it raises is raised here.

        Raises
        ------
        TimeoutError
            If it takes too long, or the one before still does. What it gives too late is closed.
        """
        loop, done = asyncio.get_running_loop(), asyncio.Future[T]()
        until = loop.time() + min(1.0, self._wait_s)
        while not self._busy.acquire(blocking=False):
            if loop.time() > until:
                raise TimeoutError("the file system does not answer")
            await asyncio.sleep(0.005)

        def tell(answer: Any, error: BaseException | None) -> None:
            if done.done():
                _close(answer)
            elif error is None:
                done.set_result(answer)
            else:
                done.set_exception(error)

        def work() -> None:
            answer, error = None, None
            try:
                answer = call(*given)
            except Exception as e:
                error = e
            finally:
                self._busy.release()
            try:
                loop.call_soon_threadsafe(tell, answer, error)
            except RuntimeError:  # the loop has ended
                _close(answer)

        threading.Thread(target=work, name="aside", daemon=True).start()
        try:
            async with asyncio.timeout(self._wait_s):  # not wait_for, which may forget that it was cancelled (cpython 86296)
                return await done
        except TimeoutError:
            raise TimeoutError(f"the file system did not answer within {self._wait_s:.0f} s") from None

    def leave(self, thing: Any) -> None:
        """Close something once no call is in it."""

        def work() -> None:
            with self._busy, suppress(OSError):
                _close(thing)

        threading.Thread(target=work, name="aside", daemon=True).start()


def open_plain(path: Path) -> BinaryIO:
    """Open a plain file, without waiting for the other end of a pipe.

    Raises
    ------
    NotPlain, OSError
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise NotPlain("it is no plain file")
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):  # became another thing just now
        os.close(fd)
        raise NotPlain("it is no plain file")
    return os.fdopen(fd, "rb", buffering=0)


def _close(thing: Any) -> None:
    if callable(close := getattr(thing, "close", None)):
        close()
