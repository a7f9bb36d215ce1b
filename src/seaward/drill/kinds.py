"""Kinds of hulls: what each says it is, how large it is, how fast it sails, and how the made-up ones are named."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of hull."""

    ship_type: int  # ITU-R M.1371-5 table 53
    length_m: tuple[float, float, float]  # least, most frequent, greatest
    slender: float  # length over beam
    speed_kn: tuple[float, float]  # under way at sea
    gear: str | None = None  # of those that fish


# Speeds and sizes are ours, round numbers within what handbooks and registers of each kind show; nothing was fitted to any feed.
# Length over beam of merchant ships 5.5 to 7, of small craft 3 to 4 (ours).
KINDS: dict[str, Kind] = {
    "cargo": Kind(70, (90.0, 190.0, 366.0), 6.3, (11.0, 16.0)),
    "tanker": Kind(80, (100.0, 183.0, 333.0), 6.0, (10.5, 14.0)),
    "reefer": Kind(70, (90.0, 135.0, 165.0), 6.3, (12.0, 17.0)),
    "bunker": Kind(80, (40.0, 70.0, 110.0), 5.5, (7.0, 10.0)),
    "tug": Kind(52, (20.0, 28.0, 36.0), 2.7, (8.0, 12.0)),
    "pilot": Kind(50, (11.0, 16.0, 22.0), 3.3, (14.0, 20.0)),
    "ferry": Kind(60, (30.0, 70.0, 170.0), 5.0, (12.0, 20.0)),
    "trawler": Kind(30, (18.0, 30.0, 70.0), 3.8, (8.0, 11.0), "trawl"),
    "purse_seiner": Kind(30, (22.0, 40.0, 65.0), 4.5, (9.0, 13.0), "purse_seine"),
    "longliner": Kind(30, (20.0, 38.0, 60.0), 4.5, (8.5, 11.5), "longline"),
    "squid_jigger": Kind(30, (40.0, 58.0, 72.0), 5.8, (9.0, 12.5), "squid_jig"),
    "potter": Kind(30, (8.0, 12.0, 24.0), 3.2, (7.0, 10.0), "pots"),
    "artisanal": Kind(30, (6.0, 9.0, 15.0), 3.2, (6.0, 9.0), "artisanal"),
    "go_fast": Kind(37, (8.0, 11.0, 16.0), 4.0, (25.0, 38.0)),
    "sailing": Kind(36, (8.0, 12.0, 25.0), 3.3, (4.0, 7.0)),
    "patrol": Kind(55, (20.0, 45.0, 98.0), 6.0, (10.0, 16.0)),
}

# Two words make a name of at most 15 letters, so that " (EX)" fits the 20 of ITU-R M.1371-5 table 49.
FIRST_WORDS = (
    "ALTA", "ANDES", "AURORA", "AZUL", "BAHIA", "BRAVA", "CLARA", "COSTA", "DON", "DORADA", "ESTELA", "FARO", "FIRME", "GRAN", "LEAL", "LUNA",
    "MAREA", "NORTE", "NUEVA", "OLA", "PUERTO", "PLATA", "REINA", "ROCA", "SANTA", "SERENA", "TERRAL", "TIERRA", "VALLE", "VERDE", "VIENTO", "VILLA",
)  # fmt: skip
SECOND_WORDS = (
    "ALBA", "ARENA", "BRISA", "CABO", "CONDOR", "CORAL", "DELFIN", "ESPUMA", "ESTRELLA", "GAVIOTA", "HORIZON", "ISLA", "JAZMIN", "LOBO", "MAR",
    "MARINA", "NORTENA", "ORION", "PACIFIC", "PELICAN", "PERLA", "PIQUERO", "RIO", "ROSA", "SALINA", "SIRENA", "SOL", "SUR", "TORTUGA", "TRAVESIA",
    "URANIA", "ZARCILLO",
)  # fmt: skip
