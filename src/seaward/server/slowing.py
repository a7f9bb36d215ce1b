"""Failed tries by name and address -> how long the next one has to wait. Bounded in memory; time is given, nothing here looks at a clock."""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlowingParams:
    """How tries are slowed; NIST SP 800-63B-4, 3.2.2 allows at most 100 in a row for one account, the rest is ours."""

    free: int = 5  # failures before anybody waits
    first_s: float = 1.0  # the wait after these; it doubles with each more
    one_s: float = 900.0  # longest for one name from one address
    name_s: float = 30.0  # longest for one name from anywhere: a stranger can slow a person down, but not lock them out
    address_free: int = 20  # failures from one address, whatever the names: a watch floor may share one
    address_s: float = 300.0
    forgets_s: float = 3_600.0  # without a failure
    most: int = 10_000  # names and addresses remembered


class Slowing:
    """Counts failures; safe to use from several threads."""

    def __init__(self, params: SlowingParams | None = None) -> None:
        self.params = params or SlowingParams()
        self._lock = threading.Lock()
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()  # -> how many, when the last [s]

    def wait_s(self, name: str, address: str, now_s: float) -> float:
        """How long this name must wait from this address; 0: it may try."""
        with self._lock:
            waits = [0.0]
            for key, free, most_s in self._keys(name, address):
                count, last_s = self._failures.get(key, (0, 0.0))
                if count >= free and now_s - last_s < self.params.forgets_s:
                    waits.append(last_s + min(most_s, self.params.first_s * 2.0 ** min(30, count - free)) - now_s)
        return max(waits)

    def tried(self, name: str, address: str, now_s: float) -> None:
        """A try begins; it counts as failed until it has succeeded, so that many at once gain nothing."""
        with self._lock:
            for key, _, _ in self._keys(name, address):
                count, last_s = self._failures.pop(key, (0, now_s))
                self._failures[key] = (1 if now_s - last_s >= self.params.forgets_s else count + 1, now_s)
            while len(self._failures) > self.params.most:
                self._failures.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """The right password was given: failures of the name are forgotten, those of the address stay, but for this try."""
        with self._lock:
            *names, (of_address, _, _) = self._keys(name, address)
            for key, _, _ in names:
                self._failures.pop(key, None)
            count, last_s = self._failures.get(of_address, (0, 0.0))
            if count > 1:
                self._failures[of_address] = (count - 1, last_s)
            else:
                self._failures.pop(of_address, None)

    def _keys(self, name: str, address: str) -> list[tuple[tuple[str, str], int, float]]:
        p, near = self.params, network_of(address)
        return [((name, near), p.free, p.one_s), ((name, ""), p.free, p.name_s), (("", near), p.address_free, p.address_s)]


def network_of(address: str) -> str:
    """An address, or the network of 64 bits that one peer has in IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:60]
    if ip.version == 4:
        return str(ip)
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
