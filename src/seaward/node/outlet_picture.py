"""The picture that a node holds -> the tracks that one outlet has to send now. Pure, but for the counts that it keeps of itself."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from seaward.core.tables import JOINED
from seaward.exchange.as_aivdm import can_be_said
from seaward.exchange.bodies import Vessel
from seaward.exchange.items import Released
from seaward.exchange.shown_track import ShownTrack, shown
from seaward.node.config_outlets import OutletConfig
from seaward.picture.placed import surest

_SAID = ("name", "callsign", "imo", "ship_type")
_ELSEWHERE = "elsewhere"
_AHEAD_MS = 60_000  # ours: so far may clocks differ
_NONE_SENT = pl.DataFrame(schema={"mmsi": pl.UInt32, "sent_ms": pl.Int64, "when_ms": pl.Int64})


@dataclass(frozen=True, slots=True)
class Sighted:
    """What the node knows at a moment."""

    latest: pl.DataFrame  # last reports, as `Live.latest` gives them
    said: pl.DataFrame  # by MMSI, the last that each vessel said of itself
    partners: tuple[tuple[str, Released], ...] = ()  # origin, and what it sent: tracks and vessels
    joined: pl.DataFrame = field(default_factory=JOINED.empty)
    nation: str = "own"
    own_units: frozenset[int] = frozenset()


def last_said(static: pl.DataFrame) -> pl.DataFrame:
    """Who vessels say they are, the last that each said."""
    return static.sort("reported_at", nulls_last=False).group_by("mmsi").agg(pl.col(c).drop_nulls().last() for c in _SAID)


class Due:
    """What one outlet has sent, and so what it has to send.

    Parameters
    ----------
    config
        Of the outlet.

    Attributes
    ----------
    withheld, left_out, held_back
        In the last turn: vessels whose label forbids it; those that the form has no way to say; those that wait, as the rate is used up.
    """

    def __init__(self, config: OutletConfig) -> None:
        self.config = config
        self.withheld = self.left_out = self.held_back = 0
        self._own, self._theirs = _NONE_SENT, dict[tuple[str, str], tuple[int, int]]()  # the fix that was sent last, and when
        self._everything = False

    def again(self) -> None:
        """Send everything once more: there is a reader that has seen nothing of it."""
        self._everything = True

    def due(self, seen: Sighted, now_ms: int) -> list[ShownTrack]:
        """The newest fix of each vessel that was not sent yet, those that waited longest first, as many as the rate allows."""
        if self._everything:
            self._everything, self._own, self._theirs = False, _NONE_SENT, {}
        config, own = self.config, _current(seen, now_ms, self.config.age_s)
        theirs = {(t.owner, t.id): t for t in self._partners(seen, own, now_ms)}
        fresh = {key: t for key, t in theirs.items() if self._theirs.get(key, (-1, 0))[0] != t.at_ms}
        free = {key: t for key, t in fresh.items() if t.may_go_to(config.readers, seen.own_units)}
        sayable = {key: t for key, t in free.items() if config.form != "aivdm" or can_be_said(t, exact=True)}
        ours = _fresh(self._in_box_of(own), self._own)  # in columns: of twenty thousand vessels most have not moved
        kept_back = ours.filter(pl.col("mmsi").is_in(seen.own_units)) if config.readers == "others" else ours.clear()
        ours = ours.join(kept_back, on="mmsi", how="anti").sort("when_ms", "mmsi")
        most = max(1, int(config.tracks_per_s * config.every_s))
        waiting = sorted((self._theirs.get(key, (0, 0))[1], n, key) for n, key in enumerate(sayable))
        of_ours = _share(ours["when_ms"].head(most).to_list(), [w for w, _, _ in waiting], most)
        rows, keys = ours.head(of_ours), [key for _, _, key in waiting[: most - of_ours]]
        self.withheld, self.left_out = len(kept_back) + len(fresh) - len(free), len(free) - len(sayable)
        self.held_back = len(ours) + len(sayable) - len(rows) - len(keys)
        self._theirs = {k: v for k, v in self._theirs.items() if k in theirs} | {k: (theirs[k].at_ms, now_ms) for k in keys}
        self._own = _sent(self._own.join(own, on="mmsi", how="semi"), rows, now_ms)
        return [*_tracks(rows, seen), *(sayable[k] for k in keys)]

    def _in_box_of(self, rows: pl.DataFrame) -> pl.DataFrame:
        if self.config.box is None:
            return rows
        west, south, east, north = self.config.box
        lon = pl.col("lon_deg")
        within = lon.is_between(west, east) if west <= east else (lon >= west) | (lon <= east)
        return rows.filter(within, pl.col("lat_deg").is_between(south, north))

    def _partners(self, seen: Sighted, own: pl.DataFrame, now_ms: int) -> list[ShownTrack]:
        """What only partners see now: of those that bear one number the surest. AIS cannot say one number at two places: there ours stands."""
        held, is_aivdm, found = set(own["mmsi"].to_list()), self.config.form == "aivdm", dict[object, list[ShownTrack]]()
        names = {f"mmsi:{n}" for n in (held if self.config.readers == "own" else held | seen.own_units)}
        ours = {(r["origin"], r["track_id"]) for r in seen.joined.iter_rows(named=True)
                if r["how"] != _ELSEWHERE and r["own_vessel_id"].partition("#")[0] in names}  # fmt: skip
        vessels = {(o, m.id): m.body for o, m in seen.partners if isinstance(m.body, Vessel)}
        for origin, message in seen.partners:
            track = shown(message, origin, vessels.get((origin, message.id)))
            if track is None or (origin, message.id) in ours or (self.config.partners is not None and origin not in self.config.partners):
                continue
            if not now_ms - 1_000 * self.config.age_s <= track.at_ms <= now_ms + _AHEAD_MS or not self._in_box(track):
                continue
            if is_aivdm and track.mmsi in held:
                continue
            found.setdefault((origin, track.id) if track.mmsi is None else track.mmsi, []).append(track)
        return [tracks[surest([(t.at_ms / 1_000, t.error_m) for t in tracks])] for tracks in found.values()]

    def _in_box(self, track: ShownTrack) -> bool:
        if self.config.box is None:
            return True
        west, south, east, north = self.config.box
        within = west <= track.lon_deg <= east if west <= east else track.lon_deg >= west or track.lon_deg <= east
        return within and south <= track.lat_deg <= north


def _fresh(rows: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
    """Those whose newest fix was not sent, with `when_ms` they last were; 0 for never."""
    known = rows.join(sent, on="mmsi", how="left").with_columns(pl.col("when_ms").fill_null(0))
    return known.filter(pl.col("sent_ms").is_null() | (pl.col("sent_ms") != pl.col("at_ms")))


def _sent(before: pl.DataFrame, rows: pl.DataFrame, now_ms: int) -> pl.DataFrame:
    now = rows.select("mmsi", sent_ms="at_ms", when_ms=pl.lit(now_ms, pl.Int64))
    return pl.concat([before.join(now, on="mmsi", how="anti"), now])


def _share(ours_ms: list[int], theirs_ms: list[int], most: int) -> int:
    """How many of ours are among the first so many, when both are in the order in which they waited; at the same moment ours go first."""
    return sum(key[1] == 0 for key in sorted([*((w, 0) for w in ours_ms), *((w, 1) for w in theirs_ms)])[:most])


def _tracks(rows: pl.DataFrame, seen: Sighted) -> list[ShownTrack]:
    columns = ("mmsi", "at_ms", "lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "transceiver", *_SAID)
    named = rows.join(seen.said, on="mmsi", how="left", maintain_order="left").select(columns)
    return [
        ShownTrack(f"mmsi:{mmsi:09d}", seen.nation, at_ms, lon, lat, mmsi, None, sog, cog, heading, nav, name, call, imo, kind, station == "B")
        for mmsi, at_ms, lon, lat, sog, cog, heading, nav, station, name, call, imo, kind in named.iter_rows()
    ]


def _current(seen: Sighted, now_ms: int, age_s: float) -> pl.DataFrame:
    """Where our own vessels were of late, one row each, with `at_ms`."""
    at = pl.coalesce("reported_at", "received_at").to_physical() // 1_000
    rows = seen.latest.with_columns(at_ms=at).filter(pl.col("lon_deg").is_not_null(), pl.col("lat_deg").is_not_null())
    return rows.filter(pl.col("at_ms").is_between(now_ms - int(1_000 * age_s), now_ms + _AHEAD_MS), pl.col("mmsi") > 0)
