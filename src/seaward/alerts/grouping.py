"""Events of alerts -> which of them are one situation: whatever the order they came in, the same events make the same groups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from seaward.alerts.alert import Member
from seaward.core.geodesy import great_circle_m

MEETING = frozenset(("encounter", "loitering", "drift"))  # what one meeting at sea is seen as
MEETING_M = 18_520.0  # ours: 10 nm; a pair that drifts together for a night moves some miles
MEETING_SLACK = timedelta(hours=1)  # ours: one of the two often slows down before the other is there


def groups(members: Sequence[Member], within: timedelta) -> list[list[int]]:
    """Divide events into situations.

    Parameters
    ----------
    members
        Events, in any order.
    within
        Events of one kind and vessel are one situation where no more than this lies between them.

    Returns
    -------
    Numbers of the events of each situation, in order of their start and name; situations in the order of their first event. Also one where several
    behaviours see one meeting: encounter, loitering or drift of one vessel, near in place and time. What hangs together through others is one.

    Limits
    ------
    Events without a vessel, such as contacts of a radar, stand alone.
    """
    root = [*range(len(members))]

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    by_vessel: dict[str, list[int]] = {}
    for i, member in enumerate(members):
        for vessel in member.vessel_ids:
            by_vessel.setdefault(vessel, []).append(i)
    for mine in by_vessel.values():
        for n, i in enumerate(mine):
            for j in mine[n + 1 :]:
                if find(i) != find(j) and _together(members[i], members[j], within):
                    root[find(i)] = find(j)
    found: dict[int, list[int]] = {}
    for i in sorted(range(len(members)), key=lambda i: members[i].place):
        found.setdefault(find(i), []).append(i)
    return [*found.values()]


def _together(a: Member, b: Member, within: timedelta) -> bool:
    """Whether two events of one vessel are one situation."""
    between = max(a.start_at, b.start_at) - min(a.end_at, b.end_at)
    if a.kind == b.kind:
        return between <= within
    if not {a.kind, b.kind} <= MEETING or between > MEETING_SLACK:
        return False
    return float(great_circle_m(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)) <= MEETING_M
