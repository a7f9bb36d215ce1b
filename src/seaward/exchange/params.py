"""How a link behaves: bounds, times, and the budget of bytes; and what the two sides of it tell the rest of the node."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from seaward.core.errors import ParameterError
from seaward.exchange.items import Released
from seaward.exchange.seal import MOST_BYTES

Lane = Literal["history", "live", "receipt", "checkpoint", "introduction"]


@dataclass(frozen=True, slots=True)
class LinkParams:
    """All ours, chosen for a satellite link of 32 kB/s with 600 ms there and back as the slowest, and a local network as the fastest."""

    budget_bytes_per_s: int | None = None  # of all that is sent to this partner; None: as fast as it goes
    batch_bytes: int = 16_384  # of a batch; with a budget at most a quarter of a second of it, so that an alert waits no longer
    window_bytes: int = 1_048_576  # sent and not yet receipted, in each lane; with a budget at most a second of it
    queue_messages: int = 100_000  # that wait; beyond, the oldest are dropped and the gap is shown on both sides
    live_messages: int = 200_000  # objects of which the newest value waits
    history_expiry_s: int = 7 * 86_400
    live_expiry_s: int = 600
    retry_ms: int = 3_000  # without a receipt for so long, once the partner is heard again, sent again
    receipt_ms: int = 50  # between receipts at the least; with a budget as long as one takes 4 % of it
    heartbeat_ms: int = 2_000  # between receipts at the most: so is a link known to live

    def __post_init__(self) -> None:
        if self.budget_bytes_per_s is not None and self.budget_bytes_per_s < 1_000:
            raise ParameterError(f"the budget is {self.budget_bytes_per_s} B/s; a batch and its receipt need at least 1000 B/s")
        for name in ("batch_bytes", "window_bytes", "queue_messages", "live_messages", "retry_ms", "receipt_ms", "heartbeat_ms"):
            if getattr(self, name) < 1:
                raise ParameterError(f"{name} is {getattr(self, name)}; it must be 1 or more")
        if not 1_024 <= self.batch_bytes <= MOST_BYTES // 2:
            raise ParameterError(f"batch_bytes is {self.batch_bytes}; it must be from 1024 to {MOST_BYTES // 2}, as one message can take the rest")

    @property
    def batch_most_bytes(self) -> int:
        return self.batch_bytes if self.budget_bytes_per_s is None else max(1_024, min(self.batch_bytes, self.budget_bytes_per_s // 4))

    @property
    def window_most_bytes(self) -> int:
        return self.window_bytes if self.budget_bytes_per_s is None else max(2_048, min(self.window_bytes, self.budget_bytes_per_s))

    @property
    def receipt_least_ms(self) -> int:
        return self.receipt_ms if self.budget_bytes_per_s is None else max(self.receipt_ms, 300 * 1000 * 25 // self.budget_bytes_per_s)


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes for the partner. `name` is the same for the same bytes, so that a link can leave out what it already carries."""

    lane: Lane
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Deliver:
    """Messages of the partner, verified, in order. In the lane of history (`epoch`, `seq`) grows and gaps are told; last values have no place."""

    origin: str
    lane: Literal["history", "live"]
    epoch: int
    seq: int
    messages: tuple[Released, ...]
    before: tuple[int, int] = (0, 0)  # epoch and number of the batch before; (0, 0) at the very first
    lost: int = 0  # messages that the partner dropped between that one and this
    is_late: bool = False  # last values that came after they expired
    head: bytes = b""  # hash of the batch, in the lane of history: tells it from another of the same number

    @property
    def is_after_gap(self) -> bool:
        """Whether something may be missing before it: the partner dropped messages, or could not go on where it was."""
        return self.lost > 0 or (self.lane == "history" and self.before != (0, 0) and self.before[0] != self.epoch)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Bytes or messages that were not taken, for a person to look at."""

    origin: str
    reason: str  # of `exchange.refused.*`
    data: bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the watch should see: a gap, a new epoch, a damaged log. `code` is of `exchange.notice.*`."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


Effect = Send | Deliver | Quarantined | Notice


def elapsed(now_ms: int, since_ms: int, least_ms: int) -> bool:
    """Whether so much time has passed; a clock that was set back counts as if it had."""
    return now_ms < since_ms or now_ms - since_ms >= least_ms
