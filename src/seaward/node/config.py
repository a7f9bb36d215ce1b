"""TOML -> what a node is told to do; every mistake at once, with its line and what to write instead."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from seaward.chart.read_areas import PERU
from seaward.core.errors import InputError
from seaward.core.realm import OPS, check_realm, is_drill
from seaward.core.toml_lines import lines_of
from seaward.core.units import HOUR_S
from seaward.node.config_exchange import ExchangeConfig, ShareConfig
from seaward.node.config_files import not_there
from seaward.node.config_mistakes import at, dotted, mistake
from seaward.node.config_outlets import OUTLETS, OutletConfig
from seaward.node.config_table import LOOPBACK, Kind, Name, Port, Table, There, named
from seaward.watch import WatchParams

_NATS = re.compile(r"(nats|tls)://[^\s/]+")
_SUBJECT = re.compile(r"([^\s.*>]+|\*)(\.([^\s.*>]+|\*))*(\.>)?|>")  # https://docs.nats.io/nats-concepts/subjects
_OF_TLS = ("tls_ca", "tls_certificate", "tls_key")
Mmsi = Annotated[int, Field(ge=1, le=999_999_999, strict=True)]


class _Sender(Table):
    """What a program of others sends: AIS sentences, or Cursor on Target; then `units` says which vessel a uid or call sign is, by MMSI."""

    form: Literal["ais", "cot"] = "ais"
    units: dict[str, Mmsi] = {}  # noqa: RUF012 - a field of a model

    @model_validator(mode="after")
    def _of_cot(self) -> _Sender:
        if self.units and self.form != "cot":
            raise at(("units",), "only a feed with form = 'cot' has units; leave it out, or give the form")
        return self


class Udp(_Sender):
    """Listens for datagrams."""

    kind: Literal["udp"]
    name: Name
    host: str = "127.0.0.1"
    port: Port


class Tcp(_Sender):
    """Connects to a receiver or to gpsd."""

    kind: Literal["tcp"]
    name: Name
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535, strict=True)]
    hello: str = ""
    idle_s: Annotated[float, Field(gt=0, le=86_400, strict=True)] = 300.0


class TcpServer(_Sender):
    """Lets receivers connect."""

    kind: Literal["tcp-server"]
    name: Name
    host: str = "127.0.0.1"
    port: Port
    idle_s: Annotated[float, Field(gt=0, le=86_400, strict=True)] = 300.0


class Serial(Table):
    """Reads a port of the computer."""

    kind: Literal["serial"]
    name: Name
    device: Annotated[str, Field(min_length=1)]
    baud: Annotated[int, Field(ge=300, le=4_000_000, strict=True)] = 38_400


class File(Table):
    """Follows a file that grows."""

    kind: Literal["file"]
    name: Name
    path: There


class Folder(Table):
    """Takes the files that are dropped into a folder."""

    kind: Literal["folder"]
    name: Name
    path: There


class Nats(Table):
    """Subscribes to a subject."""

    kind: Literal["nats"]
    name: Name
    server: str
    subject: str
    credentials: There | None = None

    @field_validator("server")
    @classmethod
    def _a_server(cls, server: str) -> str:
        if not _NATS.fullmatch(server):
            raise ValueError("it is no address of a NATS server; write it as nats://127.0.0.1:4222, or tls://...")
        return server

    @field_validator("subject")
    @classmethod
    def _a_subject(cls, subject: str) -> str:
        if not _SUBJECT.fullmatch(subject):
            raise ValueError("it is no subject of NATS; write words with dots between them and no blanks, such as ais.raw or ais.>")
        return subject


FeedConfig = Annotated[Udp | Tcp | TcpServer | Serial | File | Folder | Nats, Field(discriminator="kind")]


class Listen(Table):
    """Where the page and the API are served."""

    host: str = "127.0.0.1"
    port: Port = 8707
    tls_certificate: There | None = None
    tls_key: There | None = None

    @model_validator(mode="after")
    def _not_openly(self) -> Listen:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise at(("tls_certificate" if self.tls_key is None else "tls_key",), "tls_certificate and tls_key belong together; give both or none")
        if self.host not in LOOPBACK and self.tls_certificate is None:
            what = f"{self.host} can be reached from outside, and without TLS everybody could read along; give tls_certificate and tls_key"
            raise at(("host",), what)
        return self


class Chart(Table):
    """What the watch knows of the sea."""

    areas: tuple[Annotated[str, BeforeValidator(named)], ...] = ("peru",)
    ports: tuple[There, ...] = ()
    detections: There | None = None  # a folder in which files of contacts of other sensors are dropped


class Watch(Table):
    """What is looked for, and how often."""

    behaviours: tuple[Kind, ...] | None = None  # type: ignore[valid-type]
    window_h: Annotated[float, Field(ge=1, le=744, strict=True)] = 96.0
    reports: Annotated[int, Field(ge=10_000, le=400_000_000, strict=True)] = 20_000_000
    look_s: Annotated[float, Field(ge=0.1, le=60, strict=True)] = 0.5
    sweep_s: Annotated[float, Field(ge=1, le=86_400, strict=True)] = 600.0

    @model_validator(mode="after")
    def _shows_them_whole(self) -> Watch:
        """A behaviour whose events the window never shows whole would never be told."""
        needs_h = {b.kind: b.lookback_s / HOUR_S for b in WatchParams.of(self.behaviours).behaviours}
        if short := sorted(kind for kind, h in needs_h.items() if self.window_h < h):
            most_h = max(needs_h.values())
            raise at(
                ("window_h",), f"{self.window_h:g} h is too short for {', '.join(short)}; give at least {most_h:g}, or leave them out of behaviours"
            )
        return self


class Store(Table):
    """How long and how safely things are kept."""

    fsync_s: Annotated[float, Field(ge=0.0, le=60, strict=True)] = 1.0
    history_s: Annotated[float, Field(ge=1, le=3_600, strict=True)] = 300.0
    history_days: Annotated[int, Field(ge=1, le=36_500, strict=True)] = 400
    raw_days: Annotated[int, Field(ge=1, le=36_500, strict=True)] = 60


class AlertConfig(Table):
    """How events become alerts."""

    rules: There | None = None


class PatrolConfig(Table):
    """The patrol that is sailed: a plan file, and the folder that `seaward plan FILE --out DIR` wrote; answers are written beside that folder."""

    plan: There
    folder: There


class DrillTime(Table):
    """The clock of a drill."""

    start: datetime
    speed: Annotated[float, Field(gt=0, le=1000, strict=True)] = 1.0

    @field_validator("start", mode="before")
    @classmethod
    def _a_moment(cls, start: Any) -> Any:
        if not isinstance(start, datetime) or start.tzinfo is None:
            raise ValueError("it is no moment with its zone; write it without quotes, as 2027-01-01T00:00:00Z")
        if not 1971 <= start.year <= 2198:
            raise ValueError("it lies outside the years 1971 to 2198; write a moment such as 2027-01-01T00:00:00Z")
        return start


class Config(Table):
    """All of a node; every part has a safe default."""

    realm: str = OPS
    data: There = Path("seaward-data")
    language: Literal["en", "es"] = "en"
    listen: Listen = Listen()
    chart: Chart = Chart()
    watch: Watch = Watch()
    store: Store = Store()
    alerts: AlertConfig = AlertConfig()
    patrol: PatrolConfig | None = None
    drill: DrillTime | None = None
    exchange: ExchangeConfig | None = None
    feed: tuple[FeedConfig, ...] = ()
    outlet: tuple[OutletConfig, ...] = ()

    @field_validator("realm")
    @classmethod
    def _a_realm(cls, realm: str) -> str:
        try:
            return check_realm(realm)
        except Exception as e:
            raise ValueError(str(e)) from e

    @model_validator(mode="after")
    def _fits_together(self) -> Config:
        for table, found in (("feed", self.feed), ("outlet", self.outlet)):
            names = [f.name for f in found]
            if twice := sorted({n for n in names if names.count(n) > 1}):
                where = (table, len(names) - 1 - names[::-1].index(twice[0]), "name")
                raise at(where, f"two {table}s are called {twice[0]}; give each a name of its own")
        for n, outlet in enumerate(self.outlet):
            if is_drill(self.realm) and outlet.form == "aivdm" and not outlet.unmarked:
                what = "AIS has no mark of an exercise, so a plotter would show a drill as real"
                raise at(("outlet", n, "form"), f"{what}; take cot or tak, or say unmarked = true if nobody steers by it")
        if self.drill is not None and not is_drill(self.realm):
            raise at(("drill",), "the clock can only be set in a drill; give realm = 'ex:<drill id>', or leave [drill] out")
        return self


def read_config(path: Path, *, files: bool = True) -> Config:
    """Read a configuration; paths in it are as seen from its folder.

    Parameters
    ----------
    path
        A TOML file in UTF-8, with a byte order mark or without.
    files
        Whether the files and folders that it names and a node needs must be there.

    Raises
    ------
    InputError
        With every mistake, its line and what to write instead.
    """
    try:
        raw = path.read_bytes()
    except OSError as e:
        raise InputError(f"{path} cannot be read ({e.strerror}); name the node's configuration, a TOML file") from e
    try:
        text = raw.decode("utf-8-sig")
        told = tomllib.loads(text)
    except UnicodeDecodeError as e:
        line = raw.count(b"\n", 0, e.start) + 1
        raise InputError(f"{path}, line {line}: these letters are not UTF-8; save the file as UTF-8") from e
    except (tomllib.TOMLDecodeError, RecursionError) as e:
        raise InputError(f"{path} is not TOML: {e}; write key = value, texts in quotes, one key a line") from e
    line_of = lines_of(text).of
    config = config_of(told, str(path), line_of, path.parent)
    if files and (missing := not_there(config)):
        raise InputError("\n".join(f"{path}, line {line_of(*m.path)}: {dotted(m.path)}: {m.what}" for m in missing))
    return config


def config_of(told: dict[str, Any], name: str = "the configuration", line_of: Any = None, folder: Path = Path()) -> Config:
    """What a dictionary says; see `read_config`. Whether the files that it names are there is not asked."""
    try:
        config = Config.model_validate(told)
    except ValidationError as e:
        raise InputError("\n".join(mistake(error, name, line_of, _keys_at) for error in e.errors())) from e
    return _rooted(config, folder)


def _keys_at(path: list[Any]) -> list[str]:
    """The keys that a table may have."""
    tables: dict[str, type[Table]] = {"listen": Listen, "chart": Chart, "watch": Watch, "store": Store, "alerts": AlertConfig, "drill": DrillTime,
                                       "exchange": ExchangeConfig, "patrol": PatrolConfig}  # fmt: skip
    if len(path) == 1:
        return sorted(Config.model_fields)
    if path[0] == "outlet":
        return sorted({k for t in OUTLETS for k in t.model_fields})
    if path[0] == "feed":
        return sorted({k for t in (Udp, Tcp, TcpServer, Serial, File, Folder, Nats) for k in t.model_fields})
    if path[:2] == ["exchange", "share"]:
        return sorted(ShareConfig.model_fields)
    return sorted(tables[path[0]].model_fields) if path[0] in tables else []


def _rooted(config: Config, folder: Path) -> Config:
    """Paths as seen from the file's folder."""

    def seen(path: Path | None) -> Path | None:
        return None if path is None else folder / path

    feeds = tuple(f.model_copy(update={k: seen(getattr(f, k)) for k in ("path", "credentials") if hasattr(f, k)}) for f in config.feed)
    outlets = tuple(o.model_copy(update={k: seen(getattr(o, k)) for k in _OF_TLS if hasattr(o, k)}) for o in config.outlet)
    areas = tuple(a if a == PERU and not (folder / a).exists() else str(folder / a) for a in config.chart.areas)
    chart = config.chart.model_copy(
        update={"areas": areas, "ports": tuple(folder / p for p in config.chart.ports), "detections": seen(config.chart.detections)}
    )
    listen = config.listen.model_copy(update={k: seen(getattr(config.listen, k)) for k in ("tls_certificate", "tls_key")})
    alerts = config.alerts.model_copy(update={"rules": seen(config.alerts.rules)})
    shared = config.exchange
    if shared is not None:
        shared = shared.model_copy(update={k: seen(getattr(shared, k)) for k in ("home", "passphrase_file", "server_ca")})
    patrol = config.patrol
    if patrol is not None:
        patrol = patrol.model_copy(update={"plan": folder / patrol.plan, "folder": folder / patrol.folder})
    return config.model_copy(
        update={
            "exchange": shared,
            "patrol": patrol,
            "data": folder / config.data,
            "feed": feeds,
            "outlet": outlets,
            "chart": chart,
            "listen": listen,
            "alerts": alerts,
        }
    )
