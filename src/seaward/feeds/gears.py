"""A CSV file of which vessel works which gear -> the gear of each number, and the rows refused."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from seaward.core.errors import InputError
from seaward.core.foreign_text import one_line
from seaward.core.whole_file import whole_file
from seaward.feeds.csv_columns import delimiter_of, plain_name

_NAMES = {
    "mmsi": ("mmsi", "ssvid", "numerommsi"),
    "gear": ("gear", "geartype", "fishinggear", "arte", "artedepesca", "aparejo"),
}


@dataclass(slots=True)
class GearsFile:
    """What one file gave: gears by MMSI; refusals as (number of the row below the header from 1, rule, text)."""

    name: str
    gears: dict[str, str] = field(default_factory=dict)
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def read_gears(path: str | os.PathLike[str], known: Collection[str], taken: Collection[str] = ()) -> GearsFile:
    """Read which vessel works which gear.

    Parameters
    ----------
    path
        CSV with a header and the columns mmsi (nine digits) and gear, also gzip: separated by commas, semicolons or tabs; UTF-8 or Latin-1.
    known
        Names of gears; capitals, spaces and hyphens do not matter (`Purse seine` is `purse_seine`), anything else does.
    taken
        Numbers whose gear another file gave before.

    Returns
    -------
    GearsFile: one gear a number. A number given again is refused, with whichever gear: no file says which of two is right.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, or holds no usable row.
    """
    path = Path(path)
    raw = whole_file(path, "name a CSV file with the columns mmsi and gear")
    if b"\0" in raw[:1000]:
        raise InputError(f"{path} is not text; give a CSV file with the columns mmsi and gear")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    text = text.lstrip("\r\n")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text.partition("\n")[0].encode()).decode())
    try:
        found = GearsFile(path.name.removesuffix(".gz").rsplit(".", 1)[0])
        _judge(path, found, list(rows), known, {*taken})
    except csv.Error as e:
        raise InputError(f"{path} is not a CSV file of gears ({e}); give one with a header and the columns mmsi and gear") from e
    if not found.gears:
        why = f"row {found.refused[0][0]}: {found.refused[0][2][:100]}" if found.refused else "it has no rows"
        raise InputError(f"{path} holds no usable gear ({why}); give in each row an MMSI of nine digits and one of {', '.join(known)}")
    return found


def _judge(path: Path, found: GearsFile, rows: list[list[str]], known: Collection[str], taken: set[str]) -> None:
    header = rows[0] if rows else []
    plain = [plain_name(h) for h in header]
    at = {what: next((plain.index(n) for n in names if n in plain), -1) for what, names in _NAMES.items()}
    if missing := [what for what in _NAMES if at[what] < 0]:
        said = ", ".join(one_line(h) for h in header)[:200] or "none"
        raise InputError(f"{path} has no column for {' and '.join(missing)}; its columns are {said}. Name them mmsi and gear")
    for number, row in enumerate(rows[1:], 1):
        if not any(cell.strip() for cell in row):
            continue
        mmsi, said = (row[at[what]].strip() if at[what] < len(row) else "" for what in ("mmsi", "gear"))
        gear = re.sub(r"[\s-]+", "_", said.lower())
        rule = "mmsi" if not re.fullmatch(r"[0-9]{9}", mmsi) else "name" if gear not in known else "again" if mmsi in taken else ""
        if rule:
            found.refused.append((number, f"gear.{rule}", one_line(f"{mmsi}: {said}")))
            continue
        taken.add(mmsi)
        found.gears[mmsi] = gear
