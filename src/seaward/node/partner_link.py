"""One partner of a node: its link kept alive whatever happens to it, what it sends taken into the state, what it may not send into quarantine.

All of it runs in the loop of `exchanging`; nothing here is called by the watch.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from nats.errors import Error as NatsError

from seaward.core.errors import SeawardError
from seaward.exchange.dialogue import Dialogue
from seaward.exchange.home import Home
from seaward.exchange.items import Item, Key
from seaward.exchange.link import LinkPlaces, NatsLink
from seaward.exchange.log_file import FileLog
from seaward.exchange.nats_names import realm_token
from seaward.exchange.offered import Offered
from seaward.exchange.params import Deliver, Effect, LinkParams, Notice, Quarantined
from seaward.exchange.policy import Refusal
from seaward.exchange.release import Gate, Grant
from seaward.exchange.sender import Identity
from seaward.exchange.server_plan import credentials_path
from seaward.exchange.set_within import set_within
from seaward.node.partner_tracks import PartnerTracks
from seaward.sharing import kept_rows
from seaward.store.state import State

log = logging.getLogger("seaward.node")
SILENT_MS = 15_000  # unheard for so long, a link counts as broken: receipts come every two seconds; ours
_KEPT_FILES, _TELL_S = 200, 10.0  # refused bytes kept of one partner; how often the same refusal is audited; ours
_LONGEST_PAUSE_S = 30.0
_WRITTEN = 200  # rows kept at once: the watch writes to the same state, and must not wait; ours
_MOST_OPEN = 100_000  # as many as wait at the most (LinkParams.queue_messages)


def wall_ms() -> int:
    """Milliseconds since 1970 UTC: links run by the wall clock, also those of a drill."""
    return time.time_ns() // 1_000_000


class PartnerLink:
    """The link with one partner.

    Parameters
    ----------
    home
        Our folder.
    partner
        Whom with.
    gate
        What may leave.
    identity
        Our key.
    url
        Of our server.
    state
        Of the node.
    tracks
        What it told of vessels before; None: nothing yet.
    authority
        Who certified our server, where others run it (PEM).
    """

    def __init__(
        self, home: Home, partner: str, gate: Gate, identity: Identity, url: str, state: State, tracks: PartnerTracks | None = None,
        authority: Path | None = None,
    ) -> None:  # fmt: skip
        self.home, self.partner, self.gate, self.state = home, partner, gate, state
        self._identity, self._record = identity, home.partner(partner)
        self._places = LinkPlaces(url, credentials_path(home, partner, "out"), credentials_path(home, partner, "link"), authority)
        self.link: NatsLink | None = None
        self.is_offered = False  # all that may matter was offered to it since it opened: what comes next goes behind that, and not before
        self.problem = ""
        self.restarts = 0
        self.notices: Counter[str] = Counter()
        self.seen = tracks or PartnerTracks(partner, gate.realm)
        self.tracks = self.seen.last
        self._who = home.release_partner(partner)
        self._refused: dict[str, tuple[float, int]] = {}  # by reason: when it was audited last, and how many since
        self._awaited: dict[int, tuple[Key, int | None]] = {}  # what people said, by number, and that the partner did not sign for yet
        self._open: dict[str, int] = {}  # events offered of which it is not kept yet that the partner was told
        self.on_open: Callable[[], None] = lambda: None

    # -- out

    def offer(self, item: Item) -> Grant | Refusal:
        """Offer an object, from within the loop; what the gate says of it now comes back."""
        decision = self.gate.decide(item, self._who, wall_ms())
        if self.link is not None and self.is_offered:
            self.link.offer(item)
            if item.kind == "event" and not isinstance(decision, Refusal):
                self._open[item.id] = item.version
        return decision

    def offer_all(self, items: Sequence[Item]) -> None:
        """Offer many at once."""
        link = self.link
        if link is not None and items:
            link.do(lambda: [link.dialogue.offer(item, wall_ms()) for item in items])

    def take_back(self, key: Key, reason: str = "recalled") -> None:
        """It is shared no longer, or (`withdrawn`) holds no longer: whoever got any of it is told."""
        link = self.link
        if link is not None and self.is_offered:
            link.do(lambda: link.dialogue.sender.offered.withdraw(key, reason))

    def await_receipt(self, key: Key, number: int, version: int | None) -> None:
        """Look out for the partner's receipt of what a person said; `version` None: of its taking back."""
        if self.link is not None and self.is_offered:
            self.link.do(lambda: self._awaited.__setitem__(number, (key, version)))  # behind the offer itself

    # -- the link

    async def keep(self, stop: asyncio.Event) -> None:
        """Run the link until `stop`; when it breaks in a way of its own, begin again from what the disk holds, after a growing pause."""
        pause_s = 1.0
        while not stop.is_set():
            began = time.monotonic()
            try:
                await self._run(stop)
            except asyncio.CancelledError:
                raise
            except Exception as e:  # one link that fails ends neither the others nor the watch
                self.problem = _first(e)
                self.restarts += 1
                log.error("a link failed", extra={"partner": self.partner, "why": self.problem})
                pause_s = 1.0 if time.monotonic() - began > 60 else min(_LONGEST_PAUSE_S, 2 * pause_s)
                await set_within(stop, pause_s)

    async def _run(self, stop: asyncio.Event) -> None:
        folder = self.home.log_folder(self.gate.realm)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.ExitStack() as opened:
            kept = FileLog(folder / f"{self.partner}.log")
            opened.callback(_closed, kept)
            archive = FileLog(folder / f"{self.partner}.archive", keeps_all=True)
            opened.callback(_closed, archive)
            ring, trust = self.home.ring(self.partner)
            params = LinkParams(budget_bytes_per_s=self._record.budget_bytes_per_s)
            dialogue = Dialogue(self.gate, self._who, self._identity, ring, trust, kept, archive, params)
            await asyncio.to_thread(dialogue.recover, wall_ms(), self.state.taken_to(self.partner))
            dialogue.identify(self._identity, wall_ms())  # what a key that was revoked meanwhile signed is signed anew
            self.link = NatsLink(dialogue, self._places, wall_ms, self._take)
            self.problem = ""
            self.on_open()
            try:
                await self.link.run(stop)
            finally:
                self.link, self.is_offered = None, False

    # -- in

    def _take(self, effects: Sequence[Effect]) -> None:
        """Called by the link, in order. What cannot be kept raises, so that the link ends and gives it again."""
        assert self.link is not None
        for effect in effects:
            if isinstance(effect, Deliver) and effect.lane == "history":
                self.state.take_in(self.partner, (effect.epoch, effect.seq, effect.head), kept_rows(effect.messages), _now())
                self.link.dialogue.confirm(effect.epoch, effect.seq)
            elif isinstance(effect, Deliver):
                self.seen.take(effect.messages, wall_ms() * 1_000)
            elif isinstance(effect, Quarantined):
                self._refuse(effect)
            elif isinstance(effect, Notice):
                self._notice(effect)

    def _refuse(self, refused: Quarantined) -> None:
        """Into quarantine, and into the audit: at once when it is the first of its kind, then counted, so that a flood fills neither."""
        said_s, more = self._refused.get(refused.reason, (float("-inf"), 0))
        if time.monotonic() - said_s < _TELL_S:
            self._refused[refused.reason] = said_s, more + 1
            return
        self._refused[refused.reason] = time.monotonic(), 0
        name = sha256(refused.data).hexdigest()[:16]
        folder = f"quarantine/{realm_token(self.gate.realm)}/{self.partner}"
        with contextlib.suppress(SeawardError):
            self.home.write(f"{folder}/{wall_ms()}-{refused.reason}-{name}.bin", refused.data)
            for old in sorted((self.home.folder / folder).glob("*.bin"))[:-_KEPT_FILES]:
                old.unlink(missing_ok=True)
        body = {"reason": refused.reason, "bytes": len(refused.data), "sha256": name, "more_since_last": more}
        self.state.audit("exchange", "exchange.refused", self.partner, body, _now())
        self.state.note("link", self.partner, {"refused": refused.reason, "more_since_last": more}, _now())

    def _notice(self, notice: Notice) -> None:
        self.notices[notice.code] += 1
        if self.notices[notice.code] > 1 and notice.code in ("overflow", "clock"):
            return  # the counts of the link say how many; the audit need not
        self.state.audit("exchange", f"exchange.{notice.code}", self.partner, notice.values, _now())
        self.state.note("link", self.partner, {"notice": notice.code, **notice.values}, _now())

    def keep_told(self) -> None:
        """Keep of which versions of events the partner was told, and what that people said it has."""
        if self.link is None:
            return
        self._keep_arrived(self.link.dialogue.sender.offered)
        told = self.link.dialogue.sender.offered.told
        kept = [(name, row.version) for name, version in list(self._open.items())
                if (row := told.get(("event", name))) is not None and row.version >= version]  # fmt: skip
        for at in range(0, len(kept), _WRITTEN):
            with contextlib.suppress(SeawardError):
                if fresh := self.state.not_told(page := kept[at : at + _WRITTEN], self.partner):
                    with self.state.together():
                        for name, version in sorted(fresh):
                            self.state.told(name, version, self.partner, _now())
                for name, version in page:
                    if self._open.get(name, 0) <= version:
                        self._open.pop(name, None)
        while len(self._open) > _MOST_OPEN:  # dropped, or taken back, before it was told
            self._open.pop(next(iter(self._open)))

    def _keep_arrived(self, offered: Offered) -> None:
        there = [
            number for number, (key, version) in list(self._awaited.items())
            if not offered.history.holds(key) and (version is None or ((row := offered.told.get(key)) is not None and row.version >= version))
        ]  # fmt: skip
        for at in range(0, len(there), _WRITTEN):
            with contextlib.suppress(SeawardError):
                self.state.arrived(there[at : at + _WRITTEN], _now())
                for number in there[at : at + _WRITTEN]:
                    self._awaited.pop(number, None)

    # -- how it is

    def told(self, now_ms: int) -> dict[str, Any]:
        """How it is, ready for JSON; `state` is starting, never (heard), up or down, `problems` codes of the catalogues."""
        link = self.link
        said: dict[str, Any] = {"partner": self.partner, "why": self.problem, "restarts": self.restarts, "tracks": len(self.tracks)}
        if link is None:
            broken = bool(self.problem)
            return said | {"state": "down" if broken else "starting", "lag_s": None, "problems": ["exchange.link.down"] if broken else []}
        s, health = link.dialogue.status(), link.health
        lag_s = None if s.last_heard_ms is None else max(0, now_ms - s.last_heard_ms) / 1000
        state = "never" if lag_s is None else "up" if lag_s * 1000 < SILENT_MS else "down"
        problems = [code for code, holds in (
            ("exchange.link.down", state == "down"), ("exchange.link.never", state == "never"), ("exchange.link.gap", s.lost > 0),
            ("exchange.link.their_gap", s.their_lost > 0 or self.notices["gap.epoch"] > 0), ("exchange.link.refused", s.refused > 0),
            ("exchange.link.clock", abs(s.clock_ahead_ms) > 300_000), ("exchange.link.their_problem", bool(s.their_problem)),
            ("exchange.link.damaged", self.notices["damaged"] > 0),
        ) if holds]  # fmt: skip
        return said | asdict(s) | {"state": state, "lag_s": lag_s, "problems": problems, "why": self.problem or health.last_error,
                                   "is_answered": health.is_answered, "not_published": health.not_published}  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)


def _closed(kept: FileLog) -> None:
    with contextlib.suppress(SeawardError, OSError):
        kept.close()


def _first(e: BaseException) -> str:
    """What went wrong, in one line."""
    while isinstance(e, BaseExceptionGroup):
        e = e.exceptions[0]
    return f"{'' if isinstance(e, SeawardError | NatsError) else type(e).__name__ + ': '}{e}"[:300]


def status_path(folder: Path, realm: str) -> Path:
    """Where a running node says how its links are, for `seaward exchange status`."""
    return folder / f"status-{realm_token(realm)}.json"
