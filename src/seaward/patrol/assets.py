"""What a ship, an aircraft or a drone can do: how fast in which sea, how long on its fuel, what it sees."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("ship", "boat", "aircraft", "drone")
FLYING = ("aircraft", "drone")
SHOWN = ("full", "area", "none")  # what another nation sees of an asset's plan


@dataclass(frozen=True, slots=True)
class Asset:
    """One asset as its nation describes it; what its nation has not measured is said to be so by the file, not guessed here."""

    id: str
    nation: str  # ISO 3166, two letters
    kind: str  # of KINDS
    base: tuple[float, float]  # longitude, latitude [degree]
    speed_kn: float  # on patrol, in a calm sea
    sweep_day_nm: float
    sweep_night_nm: float
    endurance_h: float
    rest_h: float = 0.0  # in port after each sortie
    fuel_t: float | None = None
    burn_t_h: float = 0.0  # fuel an hour: a + b v^3, this is a
    burn_cube: float = 0.0  # b [t/h/kn^3]
    reserve: float = 0.1  # of the fuel, kept; ours
    max_sea_state: int = 9  # Douglas scale, WMO code 3700
    slows: tuple[tuple[int, float], ...] = ()  # from this sea state on, this speed [kn]
    only: tuple[str, ...] = ()  # areas it may not leave
    closed: tuple[str, ...] = ()  # areas it may not enter
    boats: int = 0
    boards: bool = False
    tracks: bool = False  # can stay with a vessel and say where it is
    depart_every_h: float = 0.0  # leaves port at these hours after the beginning; 0: any time
    shows: tuple[tuple[str, str], ...] = ()  # nation, what it sees
    mmsi: int | None = None

    @property
    def flies(self) -> bool:
        return self.kind in FLYING

    def speed_in(self, sea_state: int) -> float:
        """Patrol speed [kn] in a sea state; 0 where it may not sail."""
        if sea_state > self.max_sea_state:
            return 0.0
        slower = [kn for state, kn in sorted(self.slows) if sea_state >= state]
        return min(self.speed_kn, slower[-1]) if slower else self.speed_kn

    def burns_t_h(self, speed_kn: float) -> float:
        """Fuel an hour [t/h] at a speed: a + b v^3."""
        return self.burn_t_h + self.burn_cube * speed_kn**3

    def sortie_h(self, sea_state: int) -> tuple[float, str]:
        """Hours from port to port at most at patrol speed, and what limits them: `endurance` or `fuel`."""
        burn = self.burns_t_h(self.speed_in(sea_state))
        by_fuel = float("inf") if self.fuel_t is None or burn <= 0 else self.fuel_t * (1 - self.reserve) / burn
        return (by_fuel, "fuel") if by_fuel < self.endurance_h else (self.endurance_h, "endurance")
