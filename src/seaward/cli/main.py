"""`seaward`: the verbs, and how errors end (0 done, 1 findings asked for by --fail-on, or evidence that does not hold, 2 misuse)."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import NoReturn

import typer

from seaward import __version__
from seaward.cli.verbs import Verbs
from seaward.core.errors import EvidenceError, SeawardError

app = typer.Typer(
    name="seaward",
    cls=Verbs,
    help="A combined maritime watch: from raw feeds to explained events, offline.",
    epilog="Start with `seaward demo`, or `seaward detect FILE --out DIR` on a file of your own.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        print(f"seaward {__version__}")
        raise typer.Exit


@app.callback()
def _root(version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version and leave.")) -> None:
    pass


def main() -> None:
    """Run the command; a problem ends in one message that says what to do, and exit code 2."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing half-written is left
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except EvidenceError as e:
        _end(f"seaward: {e}", 1)
    except SeawardError as e:
        _end(f"seaward: {e}")
    except RuntimeError as e:
        if "no locator available" not in str(e):  # the words of numba/core/caching.py
            raise
        _end("seaward: what is compiled can be kept nowhere, as this user may write neither beside the program nor into a home of its own; "
             "set NUMBA_CACHE_DIR to a folder that it may write to, such as /var/cache/seaward")  # fmt: skip
    except BrokenPipeError:  # the reader of our output left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except UnicodeEncodeError as e:
        _end(f"seaward: the name {e.object!r} is not valid as text; rename the file or folder")
    except OSError as e:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _end(f"seaward: {e.strerror or e}; check that there is room and that you may read and write there")


def _end(message: str, code: int = 2) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)
