"""One vessel as it is shown to other software, whoever sees it: what the writers of other people's forms take."""

from __future__ import annotations

from dataclasses import dataclass

from seaward.exchange.bodies import Track, Vessel
from seaward.exchange.items import Released
from seaward.exchange.label import Label

OPENLY = ("CLEAR", "GREEN")  # TLP 2.0: what may leave the organisation without being asked for


@dataclass(frozen=True, slots=True)
class ShownTrack:
    """Where a vessel is and who it says it is; None for unknown."""

    id: str
    owner: str  # whose track it is
    at_ms: int
    lon_deg: float
    lat_deg: float
    mmsi: int | None = None
    error_m: float | None = None  # one sigma along each axis
    sog_kn: float | None = None
    cog_deg: float | None = None
    heading_deg: float | None = None
    nav_status: int | None = None
    name: str | None = None
    callsign: str | None = None
    imo: int | None = None
    ship_type: int | None = None
    is_class_b: bool = False
    label: Label | None = None  # of a partner's; None: our own

    def may_go_to(self, readers: str, own_units: frozenset[int] = frozenset()) -> bool:
        """Whether it may be shown.

        Parameters
        ----------
        readers
            `own`: people of our own alone; `others`: somebody else may read along. They get of a partner's what is public, may be passed on by its
            traffic light (TLP) and by its owner, and never our own units, whoever sees them.
        own_units
            MMSIs.
        """
        if readers != "own" and self.mmsi in own_units:
            return False
        if self.label is None:
            return True
        if self.label.tlp == "RED":
            return False
        return readers == "own" or (self.label.level == "PUBLIC" and self.label.tlp in OPENLY and not self.label.orcon)


def shown(message: Released, origin: str, vessel: Vessel | None = None) -> ShownTrack | None:
    """A track of a partner; None where the message is no track.

    Parameters
    ----------
    message
        As it came.
    origin
        Whose it is.
    vessel
        Who the partner says that it is.
    """
    body = message.body
    if not isinstance(body, Track):
        return None
    said = vessel or Vessel(body.at_ms)
    return ShownTrack(
        message.id, origin, body.at_ms, body.lon_udeg / 1e6, body.lat_udeg / 1e6, number_of(message.id, vessel), body.error_m,
        None if body.sog_dkn is None else body.sog_dkn / 10, None if body.cog_ddeg is None else body.cog_ddeg / 10, body.heading_deg, body.nav_status,
        said.name, said.callsign, said.imo, said.ship_type, label=message.label,
    )  # fmt: skip


def number_of(name: str, vessel: Vessel | None) -> int | None:
    """The MMSI that a partner's track is named by, else the one that the partner says its vessel has."""
    digits = name.removeprefix("mmsi:")
    if name.startswith("mmsi:") and digits.isascii() and digits.isdecimal() and len(digits) <= 9:
        return int(digits)
    return None if vessel is None else vessel.mmsi
