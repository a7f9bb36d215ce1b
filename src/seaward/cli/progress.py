"""Long work -> a line on standard error, once it takes more than two seconds; and a word when code is being compiled."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any

import numba.core.event as numba_event
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from seaward.core.catalogue import render

AFTER_S = 2.0


class Shown(numba_event.Listener):
    """A progress bar; use as a context manager and call with (stage, share)."""

    def __init__(self, language: str) -> None:
        self._language, self._console = language, Console(stderr=True, soft_wrap=True)
        self._begin = time.monotonic()
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._said, self._depth, self._compiled = False, 0, 0
        self._drawing = threading.Lock()

    def __call__(self, stage: str, share: float) -> None:
        self._show(render(f"stage.{stage}", {}, self._language), share)

    def _show(self, text: str, share: float | None) -> None:
        """Draw the bar, once two seconds have passed; compiling tells from other threads than the work."""
        with self._drawing:
            if self._progress is None:
                if time.monotonic() - self._begin < AFTER_S:
                    return
                self._progress = Progress(
                    TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(), console=self._console
                )
                self._task = self._progress.add_task("", total=1.0)
                self._progress.start()
            self._progress.update(self._task, description=text, completed=share)  # type: ignore[arg-type]

    def on_start(self, event: Any) -> None:
        self._depth += 1
        if not self._said:
            self._said = True
            self._console.print(render("cli.compiling", {}, self._language))

    def on_end(self, event: Any) -> None:
        self._depth -= 1
        self._compiled += 1
        self._show(render("stage.compiling", {"functions": self._compiled}, self._language), None)

    def __enter__(self) -> Shown:
        numba_event.register("numba:compile", self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        numba_event.unregister("numba:compile", self)
        if self._progress is not None:
            self._progress.stop()
