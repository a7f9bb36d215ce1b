"""TOML -> what a node is told to do; every mistake at once, with its line and what to write instead."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from seaward.core.errors import InputError
from seaward.core.realm import OPS, check_realm, is_drill
from seaward.core.toml_lines import lines_of

LOOPBACK = ("127.0.0.1", "::1", "localhost")
Port = Annotated[int, Field(ge=0, le=65535)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Udp(_Table):
    """Listens for datagrams."""

    kind: Literal["udp"]
    name: Name
    host: str = "127.0.0.1"
    port: Port


class Tcp(_Table):
    """Connects to a receiver or to gpsd."""

    kind: Literal["tcp"]
    name: Name
    host: str
    port: Port
    hello: str = ""
    idle_s: Annotated[float, Field(gt=0, le=86_400)] = 300.0


class TcpServer(_Table):
    """Lets receivers connect."""

    kind: Literal["tcp-server"]
    name: Name
    host: str = "127.0.0.1"
    port: Port
    idle_s: Annotated[float, Field(gt=0, le=86_400)] = 300.0


class Serial(_Table):
    """Reads a port of the computer."""

    kind: Literal["serial"]
    name: Name
    device: str
    baud: Annotated[int, Field(ge=300, le=4_000_000)] = 38_400


class File(_Table):
    """Follows a file that grows."""

    kind: Literal["file"]
    name: Name
    path: Path


class Folder(_Table):
    """Takes the files that are dropped into a folder."""

    kind: Literal["folder"]
    name: Name
    path: Path


class Nats(_Table):
    """Subscribes to a subject."""

    kind: Literal["nats"]
    name: Name
    server: str
    subject: str
    credentials: Path | None = None


FeedConfig = Annotated[Udp | Tcp | TcpServer | Serial | File | Folder | Nats, Field(discriminator="kind")]


class Listen(_Table):
    """Where the page and the API are served."""

    host: str = "127.0.0.1"
    port: Port = 8707
    tls_certificate: Path | None = None
    tls_key: Path | None = None

    @model_validator(mode="after")
    def _not_openly(self) -> Listen:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together; give both or none")
        if self.host not in LOOPBACK and self.tls_certificate is None:
            raise ValueError(f"{self.host} can be reached from outside, and without TLS everybody could read along; give tls_certificate and tls_key")
        return self


class Chart(_Table):
    """What the watch knows of the sea."""

    areas: tuple[str, ...] = ("peru",)
    ports: tuple[Path, ...] = ()
    detections: Path | None = None  # a folder in which files of contacts of other sensors are dropped


class Watch(_Table):
    """What is looked for, and how often."""

    behaviours: tuple[str, ...] | None = None
    window_h: Annotated[float, Field(ge=1, le=744)] = 96.0
    reports: Annotated[int, Field(ge=10_000, le=400_000_000)] = 20_000_000
    look_s: Annotated[float, Field(ge=0.1, le=60)] = 0.5
    sweep_s: Annotated[float, Field(ge=1, le=86_400)] = 600.0


class Store(_Table):
    """How long and how safely things are kept."""

    fsync_s: Annotated[float, Field(ge=0.0, le=60)] = 1.0
    history_s: Annotated[float, Field(ge=1, le=3_600)] = 300.0
    history_days: Annotated[int, Field(ge=1, le=36_500)] = 400
    raw_days: Annotated[int, Field(ge=1, le=36_500)] = 60


class AlertConfig(_Table):
    """How events become alerts."""

    rules: Path | None = None


Nation = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class ShareConfig(_Table):
    """A standing decision: what is labelled for whom. The rules of release then decide what leaves, and how exact."""

    what: tuple[Literal["event", "alert", "track"], ...]
    to: tuple[Nation, ...]
    kinds: tuple[str, ...] | None = None
    level: Literal["PUBLIC", "LIMITED", "RESTRICTED"] = "LIMITED"
    tlp: Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT"] = "AMBER"
    precision_m: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    delay_s: Annotated[int, Field(ge=0, le=31_622_400)] = 0
    follows: bool = False


class ExchangeConfig(_Table):
    """The exchange with other nations."""

    home: Path  # made by `seaward exchange init`
    passphrase_file: Path | None = None
    partners: tuple[Nation, ...] | None = None
    listen_host: str = "127.0.0.1"
    server: str | None = None  # of a NATS server that runs already; None: the packaged one
    track_s: Annotated[float, Field(ge=0.5, le=3_600)] = 5.0
    own_units: tuple[Annotated[int, Field(ge=0, le=999_999_999)], ...] = ()
    share: tuple[ShareConfig, ...] = ()


class DrillTime(_Table):
    """The clock of a drill."""

    start: datetime
    speed: Annotated[float, Field(gt=0, le=1000)] = 1.0


class Config(_Table):
    """All of a node; every part has a safe default."""

    realm: str = OPS
    data: Path = Path("seaward-data")
    language: Literal["en", "es"] = "en"
    listen: Listen = Listen()
    chart: Chart = Chart()
    watch: Watch = Watch()
    store: Store = Store()
    alerts: AlertConfig = AlertConfig()
    drill: DrillTime | None = None
    exchange: ExchangeConfig | None = None
    feed: tuple[FeedConfig, ...] = ()

    @field_validator("realm")
    @classmethod
    def _a_realm(cls, realm: str) -> str:
        try:
            return check_realm(realm)
        except Exception as e:
            raise ValueError(str(e)) from e

    @model_validator(mode="after")
    def _fits_together(self) -> Config:
        names = [f.name for f in self.feed]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"two feeds are called {twice[0]}; give each a name of its own")
        if self.drill is not None and not is_drill(self.realm):
            raise ValueError("the clock can only be set in a drill; give realm = 'ex:<drill id>', or leave [drill] out")
        return self


def read_config(path: Path) -> Config:
    """Read a configuration; paths in it are as seen from its folder.

    Raises
    ------
    InputError
        With every mistake, its line and what to write instead.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise InputError(f"{path} cannot be read ({e}); name the node's configuration, a TOML file") from e
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise InputError(f"{path} is not TOML: {e}") from e
    return config_of(told, str(path), lines_of(text).of, path.parent)


def config_of(told: dict[str, Any], name: str = "the configuration", line_of: Any = None, folder: Path = Path()) -> Config:
    """What a dictionary says; see `read_config`."""
    try:
        config = Config.model_validate(told)
    except ValidationError as e:
        mistakes = [_mistake(error, name, line_of) for error in e.errors()]
        raise InputError("\n".join(mistakes)) from e
    return _rooted(config, folder)


def _mistake(error: Any, name: str, line_of: Any) -> str:
    kinds = {"udp", "tcp", "tcp-server", "serial", "file", "folder", "nats"}
    path = [p for p in error["loc"] if p not in kinds or not isinstance(p, str)]
    line = f", line {line_of(*path)}" if line_of is not None else ""
    where = ".".join(str(p + 1) if isinstance(p, int) else str(p) for p in path) or "as a whole"
    if error["type"] == "extra_forbidden":
        allowed = ", ".join(sorted(_keys_at(path)))
        return f"{name}{line}: {where} is no key; " + (f"choose from {allowed}" if allowed else "leave it out")
    said = error["msg"].removeprefix("Value error, ")
    given = "" if isinstance(error.get("input"), dict) or error["type"] == "missing" else f" (it is {str(error.get('input'))[:60]!r})"
    return f"{name}{line}: {where}: {said[:1].lower() + said[1:]}{given}"


def _keys_at(path: list[Any]) -> set[str]:
    """The keys that a table may have."""
    tables: dict[str, type[_Table]] = {"listen": Listen, "chart": Chart, "watch": Watch, "store": Store, "alerts": AlertConfig, "drill": DrillTime,
                                       "exchange": ExchangeConfig}  # fmt: skip
    if len(path) == 1:
        return set(Config.model_fields)
    if path[0] == "feed":
        return {k for t in (Udp, Tcp, TcpServer, Serial, File, Folder, Nats) for k in t.model_fields}
    if path[:2] == ["exchange", "share"]:
        return set(ShareConfig.model_fields)
    return set(tables[path[0]].model_fields) if path[0] in tables else set()


def _rooted(config: Config, folder: Path) -> Config:
    """Paths as seen from the file's folder."""

    def at(path: Path | None) -> Path | None:
        return None if path is None else folder / path

    feeds = tuple(f.model_copy(update={k: at(getattr(f, k)) for k in ("path", "credentials") if hasattr(f, k)}) for f in config.feed)
    areas = tuple(a if not (folder / a).exists() else str(folder / a) for a in config.chart.areas)
    chart = config.chart.model_copy(
        update={"areas": areas, "ports": tuple(folder / p for p in config.chart.ports), "detections": at(config.chart.detections)}
    )
    listen = config.listen.model_copy(update={k: at(getattr(config.listen, k)) for k in ("tls_certificate", "tls_key")})
    alerts = config.alerts.model_copy(update={"rules": at(config.alerts.rules)})
    shared = config.exchange
    if shared is not None:
        shared = shared.model_copy(update={k: at(getattr(shared, k)) for k in ("home", "passphrase_file")})
    return config.model_copy(
        update={"exchange": shared, "data": folder / config.data, "feed": feeds, "chart": chart, "listen": listen, "alerts": alerts}
    )
