"""What a configuration says of the exchange with other nations."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from seaward.node.config_mistakes import at
from seaward.node.config_table import LOOPBACK, Kind, Nation, Table, There


class ShareConfig(Table):
    """A standing decision: what is labelled for whom. The rules of release then decide what leaves, and how exact."""

    what: tuple[Literal["event", "alert", "track"], ...]
    to: tuple[Nation, ...]
    kinds: tuple[Kind, ...] | None = None  # type: ignore[valid-type]
    level: Literal["PUBLIC", "LIMITED", "RESTRICTED"] = "LIMITED"
    tlp: Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT"] = "AMBER"
    precision_m: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] = 0
    delay_s: Annotated[int, Field(ge=0, le=31_622_400, strict=True)] = 0
    follows: Annotated[bool, Field(strict=True)] = False


class ExchangeConfig(Table):
    """The exchange with other nations."""

    home: There  # made by `seaward exchange init`
    passphrase_file: There | None = None
    partners: tuple[Nation, ...] | None = None
    listen_host: str = "127.0.0.1"
    server: str | None = None  # of a NATS server that runs already; None: the packaged one
    server_ca: There | None = None  # who certified it; None: whom this machine believes
    track_s: Annotated[float, Field(ge=0.5, le=3_600, strict=True)] = 5.0
    own_units: tuple[Annotated[int, Field(ge=0, le=999_999_999, strict=True)], ...] = ()
    share: tuple[ShareConfig, ...] = ()

    @field_validator("server")
    @classmethod
    def _a_server(cls, server: str | None) -> str | None:
        return server if server is None else _checked(server)

    @model_validator(mode="after")
    def _of_tls(self) -> ExchangeConfig:
        if self.server_ca is not None and not (self.server or "").startswith("tls://"):
            raise at(("server_ca",), "only a server that is reached by tls:// has an authority; leave it out, or write server as tls://...")
        return self


def _checked(server: str) -> str:
    try:
        parts = urlsplit(server)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("nats", "tls") or not parts.hostname or port is None or parts.path or parts.query or parts.fragment:
        raise ValueError("it is no address of a NATS server; write it as nats://127.0.0.1:4222, or tls://nats.example.pe:4222")
    if parts.username is not None or parts.password is not None:
        raise at((), "it holds a name or a secret; leave it out: the node comes with credentials of its own, from its folder of keys")
    if parts.scheme == "nats" and parts.hostname not in LOOPBACK:
        raise ValueError("what goes to partners would lie open on the way to that server; write it as tls://, or run it on this machine")
    return server
