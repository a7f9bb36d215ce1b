"""Objects offered for one partner -> messages as they may leave now. Asks the gate when they come and again when they go.

So a rule, a label or an operation that ended holds for what still waits; and whoever was told of something is told when it counts no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from seaward.exchange.bodies import LAST_VALUE, Event, Withdrawal
from seaward.exchange.degrade import newest_ms, pseudonym, without_references
from seaward.exchange.items import Item, Key, Released
from seaward.exchange.journal import (
    Again,
    Doubted,
    Dropped,
    Queued,
    Record,
    Told,
    ToldRow,
    item_of,
    pack_record,
    queued,
)  # fmt: skip
from seaward.exchange.label import Label
from seaward.exchange.outbox import History, Live, Waiting
from seaward.exchange.params import LinkParams, Notice
from seaward.exchange.policy import Refusal
from seaward.exchange.records import Log
from seaward.exchange.release import Gate, Grant, Partner

_ROWS = 10_000  # of a record; ours


@dataclass(slots=True)
class Offered:
    """What waits for one partner, and what it was told."""

    gate: Gate
    partner: Partner
    params: LinkParams
    log: Log
    history: History = field(default_factory=History)
    live: Live = field(init=False)
    told: dict[Key, ToldRow] = field(default_factory=dict)
    doubted: set[Key] = field(default_factory=set)  # of those, what may not have been sent after all: the log was damaged
    shown: dict[Key, tuple[str, int]] = field(default_factory=dict)  # last values: name, and moment as released
    lost: int = 0  # messages dropped for want of room in this epoch
    withheld: int = 0  # messages that waited and that the gate then refused
    theirs: Callable[[Key], bool] = lambda key: False  # whether the partner itself sent that object: it knows it by its name
    notices: list[Notice] = field(default_factory=list)
    is_unsafe: bool = False  # something was appended that must be safe before anything leaves
    _next_number: int = 1

    def __post_init__(self) -> None:
        self.live = Live(self.params.live_messages)

    # -- in

    def offer(self, item: Item, now_ms: int) -> Grant | Refusal:
        """Take an object for release, as far as the gate allows; the answer is that of this moment.

        Parameters
        ----------
        item
            A whole object: every version of an event, the newest value of a track.
        now_ms
            Moment [ms since 1970 UTC].
        """
        decision = self.gate.decide(item, self.partner, now_ms)
        if item.kind in LAST_VALUE:
            self._offer_live(item, decision, now_ms)
        elif isinstance(item.body, Event) and item.body.state == "withdrawn":
            self.withdraw(item.key, "withdrawn")
        elif item.version < self._newest_version(item.key):
            pass  # said before; what was said since counts
        elif isinstance(decision, Refusal):
            self.withdraw(item.key, "recalled")
        elif not self._is_told(item, decision):
            number = self._queue(Waiting(item, intended=self._name(item, decision)))
            if decision.due_ms > now_ms and number in self.history.items:
                self.history.hold(number, decision.due_ms)
        return decision

    def withdraw(self, key: Key, reason: str) -> None:
        """Take back an object: what of it waits is dropped, and the partner is told if it ever got any of it."""
        if key[0] in LAST_VALUE:
            self.live.forget(key)
            if key in self.shown:
                self.live.withdraw(self._withdrawal(key, 1, reason), self.shown.pop(key)[0])
            return
        gone = tuple(n for n in self.history.unsent_of(key) if not isinstance(self.history.items[n].item.body, Withdrawal))
        if gone:
            self.drop(gone, is_lost=False)
        told = self.told.pop(key, None)
        if told is not None:
            self._queue(Waiting(self._withdrawal(key, told.version, reason), name=told.name))

    def wake(self, now_ms: int) -> None:
        """What was held until now may go."""
        self.history.wake(now_ms)
        for item in self.live.due(now_ms):
            self._offer_live(item, self.gate.decide(item, self.partner, now_ms), now_ms)

    def _offer_live(self, item: Item, decision: Grant | Refusal, now_ms: int) -> None:
        if isinstance(decision, Refusal):
            self.withdraw(item.key, "recalled")
            return
        if decision.due_ms > now_ms:
            self.live.hold(item, decision.due_ms)
            return
        shown, step_ms = self.shown.get(item.key), decision.detail.step_ms
        if shown is not None and step_ms and newest_ms(item.body) // step_ms * step_ms == shown[1]:
            self.live.thinned += 1  # a second value within a step would tell when a cell was left
        else:
            self.live.put(item)

    def _queue(self, waiting: Waiting) -> int:
        number, self._next_number = self._next_number, self._next_number + 1
        self.history.add(number, waiting)
        self.log.append(pack_record(queued(number, waiting.item, waiting.name)))
        self.is_unsafe = True
        while len(self.history) > self.params.queue_messages and (oldest := self.history.oldest()) is not None:
            self.drop((oldest,), is_lost=True)
        return number

    def drop(self, numbers: tuple[int, ...], is_lost: bool) -> None:
        """These will not be sent; `is_lost`: for want of room, which both sides are shown as a gap."""
        for number in numbers:
            self.history.drop(number)
        self.log.append(pack_record(Dropped(numbers, is_lost)))
        if is_lost:
            self.lost += len(numbers)
            self.notices.append(Notice("overflow", {"partner": self.partner.nation, "lost": self.lost}))

    def tell_gap(self) -> None:
        """Nothing waits that would tell of what was dropped: take back what never was, under a name that tells nothing."""
        name = pseudonym("event", f"gap {self.lost}", self.partner.secret)
        self._queue(Waiting(self._withdrawal(("event", f"gap {self.lost}"), 1, "recalled"), name=name))

    def _withdrawal(self, key: Key, version: int, reason: str) -> Item:
        label = Label("exchange/withdrawal", "PUBLIC", "AMBER", self.gate.nation, (self.partner.nation,))
        return Item(key[1], version, self.gate.realm, label, Withdrawal(key[0], reason))  # type: ignore[arg-type]

    def _is_told(self, item: Item, grant: Grant) -> bool:
        if any(self.history.items[n].item.version == item.version for n in self.history.unsent_of(item.key)):
            return True
        told = self.told.get(item.key)
        return told is not None and item.key not in self.doubted and (told.version, told.name) == (item.version, self._name(item, grant))

    def _newest_version(self, key: Key) -> int:
        """The newest version that was sent or waits to be; 0 where there is none."""
        waiting = [self.history.items[n].item for n in self.history.unsent_of(key)]
        told = self.told.get(key)
        return max([told.version if told else 0, *(i.version for i in waiting if i.kind == key[0])])

    def _name(self, item: Item, grant: Grant) -> str:
        return self.gate.name(item, grant, self.partner)

    # -- out

    def release(self, number: int, now_ms: int) -> Released | None:
        """A message of history as it leaves now; None where it does not, or not yet."""
        waiting = self.history.items[number]
        item = waiting.item
        if isinstance(item.body, Withdrawal):
            return Released(waiting.name or item.id, item.version, item.label, item.body)
        decision = self.gate.decide(item, self.partner, now_ms)
        if isinstance(decision, Refusal):
            self.withheld += 1
            self.drop((number,), is_lost=False)
            if item.version >= self._newest_version(item.key):
                self.withdraw(item.key, "recalled")
            return None
        if decision.due_ms > now_ms:
            self.history.hold(number, decision.due_ms)
            return None
        told = self.told.get(item.key)
        is_said = told is not None and told.name == self._name(item, decision) and told.version >= item.version
        if is_said and not waiting.is_again and item.key not in self.doubted:
            self.drop((number,), is_lost=False)
            return None
        waiting.granted = decision
        return self.gate.released(item, decision, self.partner, self.named)

    def may_still_leave(self, number: int, message: Released, now_ms: int) -> tuple[bool, int | None]:
        """Whether a message that left may leave again as it stands, and until when that is sure."""
        waiting = self.history.items[number]
        if isinstance(waiting.item.body, Withdrawal):
            return True, None
        now = self.gate.decide(waiting.item, self.partner, now_ms)
        if isinstance(now, Refusal) or self._name(waiting.item, now) != message.id:
            return False, None
        if waiting.granted is not None:
            holds = waiting.granted.detail.is_within(now.detail)
        else:  # from before the node started: only what would leave now just so
            again = self.gate.released(waiting.item, now, self.partner, self.named)
            holds = without_references(again.body) == without_references(message.body)
        return holds, now.until_ms

    def until_ms(self, number: int) -> int | None:
        """Until when what the gate said of a message that left is sure."""
        granted = self.history.items[number].granted
        return None if granted is None else granted.until_ms

    def leaves(self, number: int, released: Released) -> ToldRow | None:
        """A message of history goes into a batch: it is told from now on, by another name perhaps than before. None for a withdrawal."""
        item = self.history.items[number].item
        if isinstance(item.body, Withdrawal):
            return None
        told = self.told.get(item.key)
        if told is not None and told.name != released.id:
            self._queue(Waiting(self._withdrawal(item.key, told.version, "renamed"), name=told.name))
        # an older version may be sent again: a withdrawal must be of all that was told
        row = ToldRow(*item.key, released.id, item.version if told is None else max(item.version, told.version))
        self.are_told([row], (number,))
        return row

    def release_live(self, key: Key, waiting: Waiting, seq: int, now_ms: int) -> Released | None:
        """A last value as it leaves now, in the batch of this number; None where it does not, or not yet."""
        item = waiting.item
        if isinstance(item.body, Withdrawal):
            return Released(waiting.name or item.id, item.version, item.label, item.body)
        decision = self.gate.decide(item, self.partner, now_ms)
        if isinstance(decision, Refusal) or decision.due_ms > now_ms:
            self._offer_live(item, decision, now_ms)
            return None
        released = self.gate.released(item, decision, self.partner, self.named)
        if key in self.shown and self.shown[key][0] != released.id:
            self.withdraw(key, "renamed")
        self.live.named_again(released.id, seq)
        self.shown[key] = released.id, newest_ms(released.body)
        return released

    def named(self, kind: str, id: str) -> str | None:
        """The id that an object was or is about to be released under."""
        key = (kind, id)
        if key in self.told:
            return self.told[key].name
        if key in self.shown:
            return self.shown[key][0]
        waiting = self.history.unsent_of(key)
        if waiting:
            return self.history.items[waiting[-1]].intended
        return id if self.theirs(key) else None

    # -- the log

    def recover(self, record: Record) -> None:
        """Take up one record of the log, in order."""
        match record:
            case Queued():
                waiting = Waiting(item_of(record), record.name)
                if isinstance(waiting.item.body, Withdrawal):
                    self.told.pop(waiting.target, None)
                self.history.add(record.number, waiting)
                self._next_number = max(self._next_number, record.number + 1)
            case Dropped():
                for number in record.numbers:
                    self.history.drop(number)
                self.lost += len(record.numbers) if record.is_lost else 0
            case Doubted():
                self.doubted.update(record.keys)
            case Again():
                self.history.again(record.numbers)
            case Told():
                self.are_told(record.rows)
            case _:
                pass

    def are_told(self, rows: Sequence[ToldRow], numbers: Sequence[int] = ()) -> None:
        """These were released, in messages of these numbers, and go by these names again if a withdrawal of one was about to say otherwise."""
        left = {self.history.items[n].item.key: self.history.items[n].item.version for n in numbers if n in self.history.items}
        for key, row in {(t.kind, t.id): t for t in rows}.items():  # of several, the last
            self.told[key] = row
            if left.get(key, row.version) >= row.version:  # else an older version was sent again, and the newest is in doubt still
                self.doubted.discard(key)
            for number in self.history.unsent_of(key):
                waiting = self.history.items[number]
                if waiting.name == row.name and isinstance(waiting.item.body, Withdrawal) and waiting.item.body.reason == "renamed":
                    self.history.drop(number)

    def restore(self, lost: int, next_number: int) -> None:
        """Begin of records that stand for all of it."""
        self.told, self.doubted, self.lost, self._next_number = {}, set(), lost, next_number

    def doubt(self) -> Doubted:
        """The log was damaged: what it says was sent may not have been; what of it is offered again is sent again, and a copy does no harm."""
        self.doubted = set(self.told)
        return Doubted(tuple(sorted(self.doubted)))

    def recovered(self, now_ms: int) -> None:
        """The log has been read: what waits is given the names it is likely to leave under."""
        for waiting in self.history.items.values():
            if not isinstance(waiting.item.body, Withdrawal):
                decision = self.gate.decide(waiting.item, self.partner, now_ms)
                waiting.intended = None if isinstance(decision, Refusal) else self._name(waiting.item, decision)

    @property
    def next_number(self) -> int:
        return self._next_number

    def waiting_records(self) -> list[Record]:
        """Records of all messages without a receipt."""
        return [queued(n, w.item, w.name) for n, w in sorted(self.history.items.items())]

    def told_records(self) -> list[Record]:
        """Records of what was told, and of what is sent again; behind those of messages and batches."""
        told, again = list(self.told.values()), tuple(n for n in self.history.in_order() if self.history.items[n].is_again)
        chunks = [Told(tuple(told[at : at + _ROWS])) for at in range(0, len(told), _ROWS)]
        return [Again(again), *chunks, Doubted(tuple(sorted(self.doubted)))]
