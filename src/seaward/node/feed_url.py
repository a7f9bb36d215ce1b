"""A feed in one word, as `udp://127.0.0.1:10110` -> what a configuration would say of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from seaward.core.errors import ParameterError

EXAMPLES = {
    "udp": "udp://127.0.0.1:10110",
    "tcp": "tcp://192.168.1.20:10110",
    "tcp-server": "tcp-server://127.0.0.1:10110",
    "serial": "serial:///dev/ttyUSB0?baud=38400",
    "file": "file:///var/log/ais.nmea",
    "folder": "folder:///srv/vms",
    "nats": "nats://127.0.0.1:4222/ais.raw",
}
_OPTIONS = {"udp": ("form",), "tcp": ("hello", "idle_s", "form"), "tcp-server": ("idle_s", "form"), "serial": ("baud",), "nats": ("credentials",)}

_NUMBERS: dict[str, Callable[[str], float]] = {"idle_s": float, "baud": int}


def feed_of(url: str) -> dict[str, Any]:
    """A table of `[[feed]]`.

    Parameters
    ----------
    url
        As in `EXAMPLES`; a name for the feed may follow as `#name`. What a path cannot hold as it is may be written as `%20`.

    Raises
    ------
    ParameterError
        If it is of another form.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        said_of = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        options = {k: _NUMBERS[k](v) if k in _NUMBERS else v for k, v in said_of.items()}
    except ValueError as e:
        raise _bad(url, str(e)) from e
    kind = parts.scheme
    if kind not in EXAMPLES:
        raise _bad(url, f"{kind!r} is no kind of feed")
    if strange := sorted(options.keys() - {*_OPTIONS.get(kind, ())}):
        raise _bad(url, f"{strange[0]} is no option of {kind}")
    feed: dict[str, Any] = {"kind": kind, **options}
    if kind in ("udp", "tcp", "tcp-server"):
        if port is None or parts.path not in ("", "/"):
            raise _bad(url, "a host and a port are needed")
        feed |= {"port": port, "host": host or "127.0.0.1"}
        said = f"{kind}-{port}"
    elif kind == "nats":
        if not host or not parts.path.strip("/"):
            raise _bad(url, "a server and a subject are needed")
        feed |= {"server": f"nats://{parts.netloc}", "subject": parts.path.strip("/")}
        said = f"nats-{feed['subject']}"
    else:
        path = unquote(f"{parts.netloc}{parts.path}")
        if not path:
            raise _bad(url, "a path is needed")
        feed["device" if kind == "serial" else "path"] = path
        said = f"{kind}-{path.rsplit('/', 1)[-1]}"
    name = parts.fragment or re.sub(r"[^a-z0-9_-]+", "-", said.lower()).strip("-")[:63]
    return feed | {"name": name}


def shown(feed: Any) -> str:
    """A configured feed in one word, for people; never its credentials."""
    kind = feed.kind
    if kind in ("udp", "tcp", "tcp-server"):
        return f"{kind}://{feed.host}:{feed.port}"
    if kind == "nats":
        server = urlsplit(feed.server)
        return f"nats://{server.hostname}:{server.port or 4222}/{feed.subject}"
    return f"{kind}://{feed.device if kind == 'serial' else feed.path}"


def _bad(url: str, why: str) -> ParameterError:
    return ParameterError(f"the feed {url!r} cannot be used ({why}); write it as one of {', '.join(EXAMPLES.values())}")
