"""What partners see, what we see -> who is whom, again and again while both move; changes are told in the journal. Called from one thread at a time.

Who a pseudonym is stays here: neither the joins nor what comes of them is an object of the exchange, so nothing offers them to anybody.
"""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.errors import SeawardError, StateError
from seaward.core.split import split
from seaward.core.tables import JOINED, PARTNER_FIXES, PARTNER_VESSELS, POSITIONS
from seaward.core.units import HOUR_S, US_PER_S
from seaward.exchange.home import Home
from seaward.exchange.nats_names import realm_token
from seaward.node.clock import moment
from seaward.node.partner_tracks import PartnerTracks
from seaward.picture.fusion import fuse, own_of, theirs_of
from seaward.picture.joined_events import join_events
from seaward.picture.placed import Placed, placed
from seaward.store.state import State

log = logging.getLogger("seaward.node")
Recent = Callable[[int, int, NDArray[np.uint32] | None, int, int], pl.DataFrame]
EventPair = tuple[str, str, str]
_PAUSE_S, _SHARE = 2.0, 0.05  # between rounds at least, and how much of one core they may take; ours
_BACK_US = 12 * 3_600 * US_PER_S  # of the partners' fixes that are compared; ours
_AROUND_US = 6 * 3_600 * US_PER_S  # of our own before and after them: picture.same_track
_ROWS, _EVERY_US = 1_500_000, 120 * US_PER_S  # of our own that are looked at in a round; ours
_SAVE_S = 300.0  # what a kill loses of the trails; ours
_MOST_NOTES, _MOST_EVENTS = 500, 2_000  # told one by one in a round; events of partners that are compared, the last to come; ours


class Fusing:
    """The joined picture of one node.

    Parameters
    ----------
    home
        Its folder of keys; trails are kept in it, for their owner alone.
    realm
        Of the node.
    state
        Of the node.
    recent, static
        As `Exchanging`.
    """

    def __init__(self, home: Home, realm: str, state: State, recent: Recent, static: Callable[[], pl.DataFrame]) -> None:
        self.home, self.realm, self.state = home, realm, state
        self.tracks: dict[str, PartnerTracks] = {}
        self.joined, self.events = JOINED.empty(), frozenset[EventPair]()
        self.placed: dict[str, Placed] = {}  # vessels of ours that a partner places far better than we do
        self._recent, self._static = recent, static
        self._seen: tuple[Any, ...] = ()
        self._saved_s = time.monotonic()
        self._names: set[tuple[str, str]] = set()
        self._is_read = False

    def keep(self, partners: Iterable[str], now_us: int) -> None:
        """These are partners now: what others told is gone at once, here and from the disk; what these told before a restart is taken up."""
        partners = set(partners)
        folder = self.home.folder / "tracks"
        if not self._is_read:
            self.joined, self._is_read = self._kept(), True
        self.events = frozenset(e for e in self.events if e[0] in partners)
        if not set(self.joined["origin"].unique()) <= partners:
            self.joined = self.joined.filter(pl.col("origin").is_in(list(partners)))
            self._keep_joined()
        self.placed = {v: p for v, p in self.placed.items() if p.origin in partners}
        for origin in self.tracks.keys() - partners:
            del self.tracks[origin]
        for path in folder.glob(f"{realm_token(self.realm)}-*.bin") if folder.is_dir() else ():
            if path.stem.rpartition("-")[2] not in partners:
                path.unlink(missing_ok=True)
        for origin in partners - self.tracks.keys():
            seen = PartnerTracks(origin, self.realm)
            with suppress(FileNotFoundError):
                seen.unpack((folder / f"{realm_token(self.realm)}-{origin}.bin").read_bytes(), now_us)
            self.tracks[origin] = seen

    def turn(self, now_us: int) -> float:
        """One round, where anything came; gives the pause until the next [s]."""
        began = time.monotonic()
        for seen in self.tracks.values():
            seen.fade(now_us)
        marks = (tuple((p, s.changed) for p, s in sorted(self.tracks.items())), self.state.last_seq(), now_us // (60 * US_PER_S))
        if marks != self._seen:
            self._join()
            self._seen = (*marks[:1], self.state.last_seq(), *marks[2:])
        if time.monotonic() - self._saved_s > _SAVE_S:
            self.save()
        return max(_PAUSE_S, (time.monotonic() - began) / _SHARE)

    def save(self) -> None:
        """Write the trails beside the keys."""
        self._saved_s = time.monotonic()
        self._keep_joined()
        for origin, seen in list(self.tracks.items()):
            try:
                self.home.write(f"tracks/{realm_token(self.realm)}-{origin}.bin", seen.packed())
            except (SeawardError, OSError) as e:  # they come anew
                log.warning("tracks of a partner cannot be kept", extra={"partner": origin, "why": str(e)[:200]})

    @property
    def _joined_name(self) -> str:
        return f"tracks/{realm_token(self.realm)}.joined"

    def _keep_joined(self) -> None:
        """Write which joins hold beside the trails: after a start they go on, and need not be as sure as new ones."""
        if not self._is_read:
            return  # what is kept was not taken up yet
        packed = io.BytesIO()
        self.joined.write_ipc(packed)
        try:
            self.home.write(self._joined_name, packed.getvalue())
        except (SeawardError, OSError) as e:
            log.warning("joins with tracks of partners cannot be kept", extra={"why": str(e)[:200]})

    def _kept(self) -> pl.DataFrame:
        """The joins that held before a start; none where the file is damaged, or of another realm."""
        try:
            rows = pl.read_ipc(io.BytesIO((self.home.folder / self._joined_name).read_bytes()))
            good, _ = split(rows.select(JOINED.schema.names()), JOINED)
            return good.filter(pl.col("realm").cast(pl.String) == self.realm)
        except FileNotFoundError:
            return JOINED.empty()
        except Exception as e:  # bytes of a broken disk, whatever a reader makes of them: the joins come anew
            log.warning("kept joins with tracks of partners cannot be read; they come anew", extra={"why": str(e)[:200]})
            return JOINED.empty()

    def _join(self) -> None:
        fixes = pl.concat([PARTNER_FIXES.empty(), *(s.trails.table(self.realm, p) for p, s in sorted(self.tracks.items()))])
        said = pl.concat([PARTNER_VESSELS.empty(), *(s.said() for _, s in sorted(self.tracks.items()))])
        before = self.joined
        if len(fixes):
            newest = int(fixes["at"].to_physical().max())  # type: ignore[arg-type]
            fixes = fixes.filter(pl.col("at").to_physical() > newest - _BACK_US)
            since, until = int(fixes["at"].to_physical().min()) - _AROUND_US, newest + _AROUND_US  # type: ignore[arg-type]
            vessels = self._vessels()
            positions = self._recent(since, until, self._numbers(fixes, said, vessels), _ROWS, _EVERY_US)
            self.joined = fuse(fixes, said, positions, vessels, before)
            self.placed = _placed(fixes, positions, self.joined)
        else:
            self.joined, self.placed = JOINED.empty(), {}
        events, self.events = self.events, self._events()
        self._tell(before, events, fixes)

    def _vessels(self) -> pl.DataFrame:
        """Who our vessels say they are, the last that each said."""
        said = (
            self._static()
            .sort("reported_at", nulls_last=False)
            .group_by("mmsi")
            .agg(pl.col(c).drop_nulls().last() for c in ("imo", "name", "callsign"))
        )
        return said.with_columns(vessel_id=pl.format("mmsi:{}", "mmsi"))

    def _numbers(self, fixes: pl.DataFrame, said: pl.DataFrame, vessels: pl.DataFrame) -> NDArray[np.uint32] | None:
        """Numbers that are asked for where all tracks bear one; None: all of ours may be meant."""
        named = fixes.select("origin", "track_id").unique().join(said, on=["origin", "track_id"], how="left")
        number = pl.coalesce(pl.col("track_id").str.extract(r"^mmsi:(\d{1,9})").cast(pl.UInt32, strict=False), "mmsi")
        numbers = named.select(number.alias("n")).to_series()
        return None if numbers.null_count() else numbers.to_numpy()

    def _events(self) -> frozenset[EventPair]:
        rows = self.state.partner_objects(kind="event", limit=_MOST_EVENTS)
        theirs = [t for r in rows.filter(pl.col("state") != "withdrawn").iter_rows(named=True) if r["origin"] in self.tracks and (t := _event(r))]
        if not theirs:
            return frozenset()
        since = moment(min(t["start_us"] for t in theirs) - int(24 * HOUR_S) * US_PER_S)
        own = self.state.latest_events(since=since).filter(pl.col("state") != "withdrawn")
        names = {(o, t): v for o, t, v, how in self.joined.select("origin", "track_id", "own_vessel_id", "how").iter_rows() if how != "elsewhere"}
        return frozenset(join_events(own, theirs, names))

    def _tell(self, before: pl.DataFrame, events: frozenset[EventPair], fixes: pl.DataFrame) -> None:
        """What changed, in the journal: each join that began, changed or ended."""
        now, was = _rows(self.joined), _rows(before)
        told: list[tuple[str, dict[str, Any]]] = []
        for key in sorted(now.keys() | was.keys()):
            a, b = was.get(key), now.get(key)
            if (a and (a["own_vessel_id"], a["how"])) != (b and (b["own_vessel_id"], b["how"])):
                of = b or a or {}
                body = {k: of[k] for k in ("origin", "track_id", "own_vessel_id", "how")} | {"probability": round(of["probability"], 4)}
                told.append((of["own_vessel_id"], {"kind": "vessel", "joined": b is not None and b["how"] != "elsewhere", **body}))
        for origin, name, own in sorted(self.events ^ events):
            told.append((own, {"kind": "event", "joined": (origin, name, own) in self.events, "origin": origin, "id": name, "event_id": own}))
        names = set(fixes.select("origin", "track_id").unique().rows())
        for origin in sorted({o for o, _ in names ^ self._names}):
            came, gone = (sorted(t for o, t in part if o == origin) for part in (names - self._names, self._names - names))
            told.append((origin, {"kind": "tracks", "came": came[:20], "gone": gone[:20], "tracks": sum(o == origin for o, _ in names)}))
        self._names = names
        with suppress(StateError), self.state.together():  # a full disk: the picture itself is as it is
            for name, body in told[:_MOST_NOTES]:
                self.state.note("joined", name, body, datetime.now(UTC))
            if len(told) > _MOST_NOTES:
                self.state.note("joined", "", {"kind": "many", "more": len(told) - _MOST_NOTES}, datetime.now(UTC))


def _placed(fixes: pl.DataFrame, positions: pl.DataFrame, joined: pl.DataFrame) -> dict[str, Placed]:
    """By vessel, at the newest moment that anybody tells of: the clock of a drill is not ours."""
    moments = [m for t in (fixes, positions) if (m := t["at"].to_physical().max()) is not None]
    rows = placed(theirs_of(fixes), own_of(positions), joined, max(int(m) for m in moments)) if len(joined) else []  # type: ignore[arg-type]
    return {p.vessel_id: p for p in rows}


def no_positions(*_: object) -> pl.DataFrame:
    """Where nothing of our own is known."""
    return POSITIONS.empty()


def _rows(joined: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    return {(r["origin"], r["track_id"]): r for r in joined.iter_rows(named=True)}


def _event(row: dict[str, Any]) -> dict[str, Any] | None:
    """An event of a partner as `join_events` takes it."""
    body = json.loads(row["body"])
    try:
        return {"origin": row["origin"], "id": row["id"], "kind": body["kind"], "start_us": 1000 * body["start_ms"], "end_us": 1000 * body["end_ms"],
                "vessel_ids": body["vessel_ids"],
                "lon_deg": body["lon_udeg"] / 1e6, "lat_deg": body["lat_udeg"] / 1e6, "error_m": body["error_m"]}  # fmt: skip
    except (KeyError, TypeError):
        return None
