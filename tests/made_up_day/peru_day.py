"""A day off Peru as receivers would have written it: NMEA sentences with TAG blocks, true to form down to the dirt.

Each behaviour happens at least once: JIGGER 05 falls silent for nine hours among others that are heard; REEFER 1 and
JIGGER 11 lie alongside for three and a half hours; REEFER 2 waits six hours; BULKER 7 drifts sideways after an engine failure;
CABOTAGE 1 calls at Callao; CABOTAGE 2 says for 50 minutes that it is at the airport.
The dirt: broken checksums, a station out for 40 minutes, messages heard by two stations, two tugs under one number, a place far
inland and one beyond the pole.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from seaward.core.units import US_PER_S, at_to_us
from tests.made_up_day import ais_encode
from tests.made_up_day.fleet import DAY_S, Ship, peru_fleet
from tests.made_up_day.reception import INTERVAL_S, STATIONS, heard, transmissions

BAD_CHECKSUMS = 7


def write_peru_day(path: Path | str, *, seed: int, start: datetime) -> int:
    """Write the day to a file.

    Parameters
    ----------
    path
        File to write.
    seed
        Another number, another day; the same number, the same bytes (with the same build of NumPy).
    start
        First moment of the day, with its time zone.

    Returns
    -------
    Lines written.

    Limits
    ------
    Messages are thinned to about one in six of what such ships would send. The realm of the day is for the caller to say: nothing in the
    sentences tells it but the names and numbers.
    """
    lines = peru_day_lines(seed=seed, start=start)
    Path(path).write_text("".join(f"{line}\r\n" for line in lines), encoding="ascii", newline="")
    return len(lines)


def peru_day_lines(*, seed: int, start: datetime) -> list[str]:
    """The lines of the day in the order in which they were received; parameters as in `write_peru_day`."""
    ships = peru_fleet(seed)
    sent = pl.concat([transmissions(ship, seed, n).with_columns(ship=pl.lit(n)) for n, ship in enumerate(ships)])
    sent = _impossible(sent, ships)
    positions = heard(sent, seed).sort("received_s", "ship", "station", "at_s")
    said = _identities(ships, sent, seed)
    rng = np.random.default_rng([seed, 300])
    groups: list[tuple[int, int, list[str]]] = []  # received [s], station, sentences of one message
    class_b = np.array([s.class_b for s in ships])
    for rows, is_b in ((positions.filter(~pl.Series(class_b[positions["ship"].to_numpy()])), False),
                       (positions.filter(pl.Series(class_b[positions["ship"].to_numpy()])), True)):  # fmt: skip
        groups += _messages(rows, _positions_of(rows, ships, is_b))
    groups += _static_messages(said, ships)
    groups.sort(key=lambda g: (g[0], g[1], g[2]))
    lines = _tagged(groups, at_to_us(start) // US_PER_S)
    for n in np.sort(rng.choice(len(lines), BAD_CHECKSUMS, replace=False)):
        good = lines[n][-2:]
        lines[n] = lines[n][:-2] + ("00" if good != "00" else "01")
    return ["# Simulated day off Peru, EXERCISE EXERCISE EXERCISE", *lines]


def _impossible(sent: pl.DataFrame, ships: list[Ship]) -> pl.DataFrame:
    """One fix of a ship at anchor 300 nm inland, and three of another beyond the pole."""
    names = [s.name for s in ships]
    rows = sent.with_row_index()
    inland = rows.filter((pl.col("ship") == names.index("ROADS 05 (EX)")) & (pl.col("at_s") > 6 * 3600))["index"][0]
    beyond = rows.filter((pl.col("ship") == names.index("ROADS 03 (EX)")) & (pl.col("at_s") > 9 * 3600))["index"][:3].implode()
    return rows.with_columns(
        lon_deg=pl.when(pl.col("index") == inland).then(pl.col("lon_deg") + 5.0).otherwise("lon_deg"),
        lat_deg=pl.when(pl.col("index").is_in(beyond)).then(95.0).otherwise("lat_deg"),
    ).drop("index")


def _positions_of(rows: pl.DataFrame, ships: list[Ship], class_b: bool) -> list[list[str]]:
    mmsi = np.array([s.mmsi for s in ships])[rows["ship"].to_numpy()]
    lon, lat, sog, cog, heading = (rows[c].to_numpy() for c in ("lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg"))
    second = np.floor(rows["at_s"].to_numpy()).astype(np.int64) % 60
    if class_b:
        payload = ais_encode.position_b(mmsi, lon, lat, sog, cog, heading, second)
    else:
        payload = ais_encode.position_a(mmsi, lon, lat, sog, cog, heading, second, rows["nav_status"].to_numpy())
    channels = ["AB"[n % 2] for n in np.floor(rows["at_s"].to_numpy()).astype(np.int64).tolist()]
    return ais_encode.sentences(payload, channels, [0] * len(rows))


def _messages(rows: pl.DataFrame, sentences: list[list[str]]) -> list[tuple[int, int, list[str]]]:
    return list(zip(rows["received_s"].to_list(), rows["station"].to_list(), sentences, strict=True))


def _identities(ships: list[Ship], sent: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Identity statements, each from where the ship then was."""
    step = INTERVAL_S["static"]
    due = (
        sent.with_columns(slot=((pl.col("at_s") + pl.col("ship") * 37 % step) // step).cast(pl.Int64))
        .group_by("ship", "slot", maintain_order=True)
        .first()
        .with_columns(at_s=(pl.col("at_s") + 7).clip(0, DAY_S - 1))
    )
    return heard(due.select(sent.columns), seed + 1).sort("received_s", "ship", "station")


def _static_messages(said: pl.DataFrame, ships: list[Ship]) -> list[tuple[int, int, list[str]]]:
    groups = []
    for class_b in (False, True):
        rows = said.filter(pl.col("ship").is_in([n for n, s in enumerate(ships) if s.class_b == class_b]))
        if rows.is_empty():
            continue
        of = [ships[n] for n in rows["ship"].to_list()]
        mmsi, kind = np.array([s.mmsi for s in of]), np.array([s.ship_type for s in of])
        length, beam = np.array([s.length_m for s in of]), np.array([s.beam_m for s in of])
        names, calls = [s.name for s in of], [f"EX{s.mmsi % 100_000:05d}" for s in of]
        channels, numbers = ["AB"[n % 2] for n in range(len(of))], [n % 10 for n in range(len(of))]
        if class_b:
            payloads = [ais_encode.static_name(mmsi, names), ais_encode.static_size(mmsi, calls, kind, length, beam)]
        else:
            payloads = [ais_encode.voyage(mmsi, names, calls, kind, length, beam, [s.destination for s in of])]
        for payload in payloads:
            groups += _messages(rows, ais_encode.sentences(payload, channels, numbers))
    return groups


def _tagged(groups: list[tuple[int, int, list[str]]], start_s: int) -> list[str]:
    """Sentences behind their TAG blocks (NMEA 4.10): station, second of reception, and the group of a message in several sentences."""
    lines: list[str] = []
    for number, (received_s, station, sentences) in enumerate(groups):
        for part, sentence in enumerate(sentences, 1):
            group = f"g:{part}-{len(sentences)}-{number % 9999 + 1}," if len(sentences) > 1 else ""
            tag = f"{group}s:{STATIONS[station].name},c:{start_s + received_s}"
            lines.append(f"\\{tag}*{ais_encode.checksum(tag)}\\{sentence}")
    return lines
