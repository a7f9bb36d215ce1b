"""What waits for one partner: messages in order, and the newest value of each track. Plain queues: no keys, no clock, no disk."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from seaward.exchange.bodies import URGENT, Withdrawal
from seaward.exchange.items import Item, Key
from seaward.exchange.release import Grant


@dataclass(slots=True)
class Waiting:
    """One message that waits, or was sent and waits for its receipt."""

    item: Item
    name: str | None = None  # of a withdrawal: what it withdraws goes by this name
    intended: str | None = None  # the id it is likely to be released under
    granted: Grant | None = None  # by which it left
    is_again: bool = False  # was in a batch of an earlier epoch

    @property
    def target(self) -> Key:
        """What it is about: of a withdrawal, what is withdrawn."""
        body = self.item.body
        return (body.kind, self.item.id) if isinstance(body, Withdrawal) else self.item.key


class History:
    """Messages of which each counts: first those sent again, then urgent ones, then the others, each kind in its order."""

    def __init__(self) -> None:
        self.items: dict[int, Waiting] = {}  # by number: all that has no receipt yet
        self._unsent: dict[int, str] = {}  # by number: which queue
        self._queues: dict[str, deque[int]] = {"again": deque(), "urgent": deque(), "normal": deque()}
        self._counts = dict.fromkeys((*self._queues, "held"), 0)
        self._held: list[tuple[int, int]] = []
        self._of: dict[Key, list[int]] = {}

    def __len__(self) -> int:
        return len(self._unsent)

    @property
    def has_urgent(self) -> bool:
        return self._counts["again"] + self._counts["urgent"] > 0

    @property
    def has_any(self) -> bool:
        return len(self._unsent) > self._counts["held"]

    @property
    def held(self) -> int:
        return self._counts["held"]

    def add(self, number: int, waiting: Waiting) -> None:
        """A further message, last in its queue."""
        self.items[number] = waiting
        self._of.setdefault(waiting.target, []).append(number)
        self._enter(number, self._queue_of(number))

    def again(self, numbers: Iterable[int]) -> None:
        """These were sent and are to be sent again, in this order, before all others; behind those that already are."""
        for number in numbers:
            if number in self.items:
                self.items[number].is_again = True
                self.sent(number)
                self._enter(number, "again")

    def sent(self, number: int) -> None:
        """It is in a batch."""
        if number in self._unsent:
            self._leave(number)

    def hold(self, number: int, due_ms: int) -> None:
        """Not before that moment."""
        self.sent(number)
        self._enter(number, "held")
        heapq.heappush(self._held, (due_ms, number))

    def in_order(self) -> list[int]:
        """All that waits to be sent, those sent again first, each queue in its order."""
        found = [n for name, queue in self._queues.items() for n in queue if self._unsent.get(n) == name]
        return found + sorted(n for n, name in self._unsent.items() if name == "held")

    def wake(self, now_ms: int) -> None:
        """What was held until now goes to its queue."""
        while self._held and self._held[0][0] <= now_ms:
            _, number = heapq.heappop(self._held)
            if self._unsent.get(number) == "held":
                self._leave(number)
                self._enter(number, self._queue_of(number))

    @property
    def next_due_ms(self) -> int | None:
        return self._held[0][0] if self._held else None

    def take(self, only_urgent: bool) -> int | None:
        """The next to send; it is no longer unsent."""
        for name, queue in self._queues.items():
            while queue and (name != "normal" or not only_urgent):
                number = queue.popleft()
                if self._unsent.get(number) == name:
                    self._leave(number)
                    return number
        return None

    def put_back(self, number: int) -> None:
        """Undo `take`: it did not fit."""
        name = self._queue_of(number)
        self._unsent[number] = name
        self._counts[name] += 1
        self._queues[name].appendleft(number)

    def drop(self, number: int) -> None:
        """It will not be sent, or has its receipt."""
        self.sent(number)
        waiting = self.items.pop(number, None)
        if waiting is not None:
            left = [n for n in self._of.get(waiting.target, ()) if n != number]
            if left:
                self._of[waiting.target] = left
            else:
                self._of.pop(waiting.target, None)

    def oldest(self) -> int | None:
        """What to drop first where there is no more room: the oldest that is not urgent, else the oldest; never a withdrawal."""
        for name in ("normal", "held", "urgent", "again"):
            if (found := self._first(name)) is not None:
                return found
        return None

    def _first(self, name: str) -> int | None:
        if name == "held":
            return next((n for _, n in self._held if self._unsent.get(n) == "held"), None)
        queue = self._queues[name]
        while queue and self._unsent.get(queue[0]) != name:
            queue.popleft()
        return next((n for n in queue if self._unsent.get(n) == name and not isinstance(self.items[n].item.body, Withdrawal)), None)

    def holds(self, key: Key) -> bool:
        """Whether a message about this object has no receipt yet."""
        return key in self._of

    def unsent_of(self, key: Key) -> list[int]:
        """Messages about this object that wait to be sent, in order."""
        return [n for n in self._of.get(key, ()) if n in self._unsent]

    def _enter(self, number: int, name: str) -> None:
        self._unsent[number] = name
        self._counts[name] += 1
        if name != "held":
            self._queues[name].append(number)

    def _leave(self, number: int) -> None:
        self._counts[self._unsent.pop(number)] -= 1

    def _queue_of(self, number: int) -> str:
        waiting = self.items[number]
        return "again" if waiting.is_again else "urgent" if waiting.item.kind in URGENT else "normal"


@dataclass(slots=True)
class Flight:
    """A batch of last values on its way."""

    sent_ms: int
    size: int
    items: dict[Key, Waiting] = field(default_factory=dict)


class Live:
    """The newest value of each object; what was overtaken on the way is never sent."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.waiting: dict[Key, Waiting] = {}
        self.flying: dict[int, Flight] = {}
        self._last_in: dict[Key, int] = {}  # the last batch that an object was in
        self._values: dict[Key, Waiting] = {}  # as it was there
        self.superseded = 0  # values overtaken by newer ones before they were sent
        self.thinned = 0  # values within a step of time that was already sent
        self._held: list[tuple[int, int, Item]] = []
        self._count = 0

    @property
    def flying_bytes(self) -> int:
        return sum(f.size for f in self.flying.values())

    def put(self, item: Item) -> None:
        """A value; the one before it that still waits is overtaken, in its place."""
        key = item.key
        self._put(key, Waiting(item))

    def withdraw(self, item: Item, name: str) -> None:
        """What went by this name counts no more."""
        self.forget((item.body.kind, item.id))  # type: ignore[union-attr]
        self._put(("withdrawal", name), Waiting(item, name))

    def forget(self, key: Key) -> None:
        """Nothing of this object is sent any more."""
        self.waiting.pop(key, None)
        self._values.pop(key, None)

    def named_again(self, name: str, seq: int) -> None:
        """A value goes out under a name: what was withdrawn under it before is not to be withdrawn again."""
        key = ("withdrawal", name)
        self.forget(key)
        if key in self._last_in:
            self._last_in[key] = seq

    def _put(self, key: Key, waiting: Waiting) -> None:
        old = self.waiting.get(key)
        if old is None and len(self.waiting) >= self.most:
            return
        if old is not None:
            self.superseded += 1
        self.waiting[key] = waiting

    def hold(self, item: Item, due_ms: int) -> None:
        """Not before that moment."""
        if len(self._held) >= self.most:
            return
        self._count += 1
        heapq.heappush(self._held, (due_ms, self._count, item))

    def due(self, now_ms: int) -> list[Item]:
        """What was held until now."""
        found = []
        while self._held and self._held[0][0] <= now_ms:
            found.append(heapq.heappop(self._held)[2])
        return found

    def sent(self, seq: int, flight: Flight) -> None:
        """A batch is on its way."""
        self.flying[seq] = flight
        self._last_in.update(dict.fromkeys(flight.items, seq))
        self._values.update(flight.items)

    def restart(self) -> None:
        """Numbers begin anew; what is on its way counts as missed."""
        for seq in list(self.flying):
            self.missed(seq)
        self._last_in.clear()
        self.waiting = {k: w for k, w in self._values.items() if k not in self.waiting} | self.waiting

    def again_before(self, seq: int) -> None:
        """The partner has nothing left of batches before this one (0: of any): what was in them and not overtaken is sent again."""
        gone = {k: w for k, w in self._values.items() if k not in self.waiting and self._is_gone(self._last_in.get(k, 0), seq)}
        self.waiting = gone | self.waiting

    def _is_gone(self, last_in: int, seq: int) -> bool:
        return last_in not in self.flying and (seq == 0 or last_in < seq)

    def arrived(self, seq: int) -> None:
        """A batch has its receipt."""
        for key in self.flying.pop(seq).items:
            if key[0] == "withdrawal":
                self._values.pop(key, None)

    def missed(self, seq: int) -> None:
        """A batch did not arrive: what of it was not overtaken waits again, before the others."""
        flight = self.flying.pop(seq)
        again = {k: i for k, i in flight.items.items() if k not in self.waiting and self._last_in.get(k) == seq}
        self.waiting = again | self.waiting
