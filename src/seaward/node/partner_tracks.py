"""Where one partner sees vessels: the last message of each, and the trail of each; kept beside the keys so that a restart goes on from it."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence

import msgspec
import polars as pl

from seaward.core.tables import PARTNER_VESSELS
from seaward.exchange.bodies import AnyBody, Track, Vessel, Withdrawal
from seaward.exchange.grid import cell_of
from seaward.exchange.items import Released
from seaward.exchange.label import Label
from seaward.picture.partner_trails import PartnerTrails

log = logging.getLogger("seaward.node")
_MOST_TRACKS = 200_000  # of one partner that are held; ours
STALE_US, GONE_US = 30 * 60_000_000, 6 * 3_600_000_000  # after a track was heard last: it is shown as old, and not at all; ours


class _Kept(msgspec.Struct, array_like=True):
    id: str
    version: int
    label: Label
    body: AnyBody
    taken_us: int


class _Fix(msgspec.Struct, array_like=True):
    track: str
    at_us: int
    lon: int
    lat: int
    error_m: int | None
    taken_us: int


class _File(msgspec.Struct, array_like=True):
    realm: str
    last: list[_Kept]
    fixes: list[_Fix]


class PartnerTracks:
    """The tracks of one partner.

    Parameters
    ----------
    origin
        The partner.
    realm
        Of the node.
    """

    def __init__(self, origin: str, realm: str) -> None:
        self.origin, self.realm = origin, realm
        self.last: OrderedDict[str, tuple[Released, int]] = OrderedDict()  # by kind and id, the one that came longest ago first
        self.trails = PartnerTrails(cell_of)
        self.changed = 0  # grows with all that comes

    def take(self, messages: Sequence[Released], now_us: int) -> None:
        """Messages of the lane of last values, in order."""
        for m in messages:
            self.changed += 1
            if isinstance(m.body, Withdrawal):
                self.last.pop(f"{m.body.kind} {m.id}", None)
                if m.body.kind == "track":
                    self.trails.drop(m.id)
                continue
            self.last[f"{m.kind} {m.id}"] = m, now_us
            self.last.move_to_end(f"{m.kind} {m.id}")
            if len(self.last) > _MOST_TRACKS:
                self.last.popitem(last=False)
            if isinstance(m.body, Track):
                self.trails.add(m.id, 1000 * m.body.at_ms, m.body.lon_udeg, m.body.lat_udeg, m.body.error_m, now_us)

    def fade(self, now_us: int) -> None:
        """Let go of what was not heard for `GONE_US`."""
        while self.last and next(iter(self.last.values()))[1] < now_us - GONE_US:
            self.last.popitem(last=False)
            self.changed += 1
        self.trails.forget(now_us - GONE_US)

    def said(self) -> pl.DataFrame:
        """Who the partner says these are, as PARTNER_VESSELS."""
        rows = [{"realm": self.realm, "origin": self.origin, "track_id": m.id, "at": 1000 * m.body.at_ms, "mmsi": m.body.mmsi, "imo": m.body.imo,
                 "name": m.body.name, "callsign": m.body.callsign} for m, _ in list(self.last.values()) if isinstance(m.body, Vessel)]  # fmt: skip
        schema = {c: pl.Int64() if c == "at" else pl.String() if c == "realm" else t for c, t in PARTNER_VESSELS.schema.items()}
        return pl.DataFrame(rows, schema=schema, strict=False).cast(dict(PARTNER_VESSELS.schema))  # type: ignore[arg-type]

    def packed(self) -> bytes:
        """All of it, for a file."""
        last = [_Kept(m.id, m.version, m.label, m.body, us) for m, us in list(self.last.values())]  # type: ignore[arg-type]
        return msgspec.msgpack.encode(_File(self.realm, last, [_Fix(*row) for row in self.trails.rows()]))

    def unpack(self, data: bytes, now_us: int) -> None:
        """Take up what `packed` gave; what is damaged, of another realm or too old is left out."""
        try:
            kept = msgspec.msgpack.decode(data, type=_File)
        except (msgspec.MsgspecError, ValueError) as e:
            log.warning("kept tracks of a partner cannot be read; they come anew", extra={"partner": self.origin, "why": str(e)[:200]})
            return
        if kept.realm != self.realm:
            return
        for k in kept.last:
            m = Released(k.id, k.version, k.label, k.body)
            self.last[f"{m.kind} {m.id}"] = m, min(k.taken_us, now_us)
        for f in kept.fixes:
            self.trails.add(f.track, f.at_us, f.lon, f.lat, f.error_m, min(f.taken_us, now_us))
        self.fade(now_us)
