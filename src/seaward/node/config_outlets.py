"""What a node is told to send on to other software: the tables `[[outlet]]` of its configuration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seaward.node.config_mistakes import at
from seaward.node.config_table import LOOPBACK, Name, Nation, Port, Table, There

Degrees = Annotated[float, Field(ge=-180, le=180)]


class Outlet(Table):
    """What all outlets have."""

    name: Name
    form: Literal["aivdm", "cot", "tak"]
    readers: Literal["own", "others"] = "own"
    partners: tuple[Nation, ...] | None = None
    box: tuple[Degrees, Degrees, Degrees, Degrees] | None = None
    every_s: Annotated[float, Field(ge=0.5, le=3_600, strict=True)] = 5.0
    age_s: Annotated[float, Field(ge=10, le=86_400, strict=True)] = 600.0
    tracks_per_s: Annotated[int, Field(ge=1, le=5_000, strict=True)] = 500
    openly: Annotated[bool, Field(strict=True)] = False
    unmarked: Annotated[bool, Field(strict=True)] = False

    @property
    def is_encrypted(self) -> bool:
        return False

    @model_validator(mode="after")
    def _fits(self) -> Outlet:
        host = getattr(self, "host", "127.0.0.1")
        if host not in LOOPBACK and not self.openly and not self.is_encrypted:
            what = f"{host} is not this machine, and what goes there is not encrypted; say openly = true if you trust the network between"
            raise at(("host",), what)
        if self.box is not None and not (self.box[1] < self.box[3] and abs(self.box[1]) <= 90 and abs(self.box[3]) <= 90):
            raise at(("box",), "it is no part of the sea; write [west, south, east, north] in degrees, south less than north")
        if self.unmarked and self.form != "aivdm":
            raise at(("unmarked",), "only form = 'aivdm' cannot mark a drill; leave it out: the others mark it always")
        return self


class UdpOutlet(Outlet):
    """Sends datagrams, also to a group of receivers."""

    kind: Literal["udp"]
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, strict=True)]


class TcpOutlet(Outlet):
    """Connects to a server, such as one of TAK."""

    kind: Literal["tcp"]
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, strict=True)]
    tls_ca: There | None = None
    tls_certificate: There | None = None
    tls_key: There | None = None

    @property
    def is_encrypted(self) -> bool:
        return self.tls_ca is not None

    @model_validator(mode="after")
    def _whole(self) -> TcpOutlet:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise at(("tls_certificate" if self.tls_key is None else "tls_key",), "tls_certificate and tls_key belong together; give both or none")
        if self.tls_certificate is not None and self.tls_ca is None:
            raise at(("tls_certificate",), "without tls_ca the server is not known; name the file of the authority that signed its certificate")
        return self


class TcpServerOutlet(Outlet):
    """Lets readers connect."""

    kind: Literal["tcp-server"]
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Port


OUTLETS = (UdpOutlet, TcpOutlet, TcpServerOutlet)
OutletConfig = Annotated[UdpOutlet | TcpOutlet | TcpServerOutlet, Field(discriminator="kind")]
