"""A node's folder, running or not -> what it has kept, as tables: the settled history, what only the journals of bytes hold yet, and its state.

Read only: nothing in the folder is made, moved or mended. `questions` and SQL (`store.sql`) stand on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import polars as pl

from seaward.core.errors import InputError, RealmError
from seaward.core.realm import check_realm
from seaward.core.tables import ALERT_CHANGES, ALERTS, AT, CASES, EVENTS, REPORTS, SILENCES, STATIC, WATCH_LIST, Table
from seaward.evidence.journals import JournalFeed, noted
from seaward.feeds.batch import ReadOptions
from seaward.feeds.nmea import NMEA
from seaward.feeds.read import stream_form
from seaward.picture.positions import PictureParams, build_positions
from seaward.store.history_reading import CELL, HistoryReading
from seaward.store.journal import AUDIT
from seaward.store.kept_events import TOLD, VERDICTS
from seaward.store.kept_lists import LISTS
from seaward.store.raw_journal import link, origin
from seaward.store.raw_reading import RawReading, feeds_in
from seaward.store.sql import Answer, PartsGone, ask
from seaward.store.state import State
from seaward.store.state_reading import StateReading

STATE, RAW, HISTORY = "state.sqlite", "raw", "history"  # below a node's folder
GROUP_ROWS = 4_000_000  # reports cleaned together; ours: some 400 MB
PUBLISHED_EVENTS = pl.Schema({**EVENTS.schema, "published_at": AT})
PEOPLE = pl.Schema({"person": pl.String, "name": pl.String, "role": pl.String, "made_at": AT, "disabled_at": AT})
T = TypeVar("T")


def _people(state: State) -> pl.DataFrame:
    """Who may sign in; no hash of a password or token leaves the state."""
    return pl.DataFrame([(p.person, p.name, p.role, p.made_at, p.disabled_at) for p in state.people()], PEOPLE, orient="row")


KEPT: dict[str, tuple[pl.Schema, str, Callable[[State], pl.DataFrame]]] = {
    "events": (PUBLISHED_EVENTS, f"{EVENTS.meaning}: the last one of each", lambda s: s.latest_events()),
    "told": (TOLD, "who was told of which version of an event", lambda s: s.everyone_told()),
    "verdicts": (VERDICTS, "what the rules made of each event", lambda s: s.verdicts()),
    "alerts": (ALERTS.schema, ALERTS.meaning, lambda s: s.alerts()),
    "alert_changes": (ALERT_CHANGES.schema, ALERT_CHANGES.meaning, lambda s: s.alert_changes()),
    "cases": (CASES.schema, CASES.meaning, lambda s: s.cases()),
    "lists": (LISTS, "one watch list in use", lambda s: s.lists()),
    "watch_list": (WATCH_LIST.schema, WATCH_LIST.meaning, lambda s: s.list_entries()),
    "silences": (SILENCES.schema, SILENCES.meaning, lambda s: s.silences()),
    "people": (PEOPLE, "who may sign in", _people),
    "audit": (AUDIT, "who did what; each row chained to the one before", lambda s: s.audit_rows(limit=-1)),
}
"""Tables of the state: columns, what one row is, how it is read."""


class Logbook:
    """What one node has kept, as it stood when this was made.

    Parameters
    ----------
    data
        Folder of the node.
    realm
        `ops` or `ex:<drill id>`; RealmError where the node is of another.

    Raises
    ------
    InputError
        If the folder holds nothing of a node.

    Limits
    ------
    Parts of the history may be joined by the node meanwhile: `answered` asks again then.
    """

    def __init__(self, data: Path, realm: str) -> None:
        self.data, self.realm = data, check_realm(realm)
        self.unread: list[str] = []  # feeds whose newest bytes could not be read, and why
        if not any((data / part).exists() for part in (STATE, HISTORY, RAW)):
            raise InputError(f"{data} holds nothing of a node; name the folder of one with --data, or in SEAWARD_DATA")
        if self.state_is_there:
            with self.state():
                pass  # of this realm
        self.history = HistoryReading(data / HISTORY, realm)

    @property
    def state_is_there(self) -> bool:
        """Whether the node has a state."""
        return (self.data / STATE).is_file()

    def state(self) -> StateReading:
        """The state, opened for reading; a context manager."""
        return StateReading(self.data / STATE, self.realm)

    @cached_property
    def fresh(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Reports and identity statements that only the journals of bytes hold: of the last minutes, or of a node that was killed."""
        reports, static = [REPORTS.empty()], [STATIC.empty()]
        for feed in feeds_in(self.data / RAW):
            kept_to = self.history.manifest.kept_to.get(feed, 0)
            with ExitStack() as close:
                reading = RawReading(self.data / RAW, self.realm, feed)
                close.callback(reading.close)
                try:
                    for batch in _from_byte(reading, self.data / RAW / feed, kept_to):
                        reports.append(batch.reports.filter(pl.col("raw_offset") >= kept_to))
                        static.append(batch.static.filter(pl.col("raw_offset") >= kept_to))
                except InputError as e:
                    self.unread.append(f"{feed}: {e}")
        return pl.concat(reports), pl.concat(static)

    def reports(self, since: datetime | None = None, until: datetime | None = None, where: pl.Expr | None = None) -> pl.LazyFrame:
        """Reports between two moments (both included), settled or not; `where` may ask for `cell` too."""
        return self._rows(REPORTS, self.fresh[0].with_columns(cell=CELL), since, until, where)

    def static(self, where: pl.Expr | None = None) -> pl.LazyFrame:
        """Identity statements of all times."""
        return self._rows(STATIC, self.fresh[1].with_columns(cell=pl.lit(None, pl.Int32)), None, None, where)

    def _rows(self, table: Table, fresh: pl.DataFrame, since: datetime | None, until: datetime | None, where: pl.Expr | None) -> pl.LazyFrame:
        at = pl.coalesce([c for c in ("reported_at", "received_at") if c in table.schema])
        rows = fresh.lazy()
        for part in (where, None if since is None else at >= since, None if until is None else at <= until):
            rows = rows if part is None else rows.filter(part)
        return pl.concat([self.history.scan(table, since, until, where), rows.select(list(table.schema))])

    def tracks(self, mmsis: Sequence[int], since: datetime | None, until: datetime | None) -> Iterator[pl.DataFrame]:
        """Cleaned positions (POSITIONS) of some identities between two moments, whole identities at a time, in bounded memory.

        What is reported up to eight hours before and after is looked at too: whether a position is possible depends on what is around it.
        """
        params = PictureParams()
        pad = timedelta(seconds=params.max_silence_s)
        wide = (since and since - pad, until and until + pad)
        wanted = pl.Series(sorted(set(mmsis)), dtype=pl.UInt32)
        counts = self.reports(*wide, where=pl.col("mmsi").is_in(wanted.implode())).group_by("mmsi").len().collect().sort("mmsi")
        if counts.is_empty():
            return
        for (_,), group in counts.with_columns(group=pl.col("len").cum_sum() // GROUP_ROWS).group_by("group", maintain_order=True):
            rows = self.reports(*wide, where=pl.col("mmsi").is_in(group["mmsi"].implode())).collect()
            found = build_positions(rows, params).positions
            found = found if since is None else found.filter(pl.col("at") >= since)
            yield found if until is None else found.filter(pl.col("at") <= until)

    def asked(self, sql: str, *, limit: int, timeout_s: float) -> Answer:
        """The answer to one SELECT over `reports`, `static` and the tables of the state; see `store.sql.ask`."""
        words = sql.lower()  # a table that is not named is not read: its name would not be found, which is told
        tables: dict[str, pl.DataFrame] = {}
        parts = {}
        for table, n in ((REPORTS, 0), (STATIC, 1)):
            if table.name in words:
                tables[table.name] = self.fresh[n].with_columns(cell=CELL if table is REPORTS else pl.lit(None, pl.Int32))
                parts[table.name] = self.history.parts(table)
        named = [name for name in KEPT if name in words]
        if named and self.state_is_there:
            with self.state() as state:
                tables |= {name: KEPT[name][2](state) for name in named}
        tables |= {name: pl.DataFrame(schema=KEPT[name][0]) for name in named if name not in tables}
        return ask(sql, tables, parts, limit=limit, timeout_s=timeout_s)


def answered(data: Path, realm: str, work: Callable[[Logbook], T], attempts: int = 5) -> T:
    """What some work finds in the logbook of a node; done again where the node joined parts of its history meanwhile."""
    for left in range(attempts - 1, -1, -1):
        try:
            return work(Logbook(data, realm))
        except (PartsGone, FileNotFoundError) as e:
            if not left:
                raise InputError(
                    f"{data / HISTORY} lacks a part that its manifest names ({e}); ask again, or look at the folder with `seaward doctor`"
                ) from e
            time.sleep(0.2)
    raise AssertionError


def _from_byte(reading: RawReading, folder: Path, kept_to: int) -> JournalFeed:
    """Batches of a feed from a byte on; of one of files, from where the file begins that holds it."""
    begins = sorted(at for at, _ in noted(folder / "begins.json"))
    start = max((b for b in begins if b <= kept_to), default=kept_to)
    frames = []
    for _, frame in reading.frames(start):
        if frame.offset == 0 and frame.chain != link(origin(reading.realm, reading.feed), 0, frame.length, frame.received_us, frame.sha256):
            raise RealmError(f"the bytes of feed {reading.feed} are not of realm {reading.realm!r}; say with --realm of which they are")
        if frame.offset + frame.length > start:
            frames.append(frame)
    form = None if begins else stream_form(reading.read(frames[0]) or b"") if frames else NMEA
    return JournalFeed(reading, frames, begins, form, ReadOptions(reading.realm, reading.feed))
