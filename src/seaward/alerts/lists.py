"""Watch lists: CSV as others export it -> WATCH_LIST and the rows refused; entries -> which vessels are on which list, and by what."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from seaward.alerts.rules import fits
from seaward.core.errors import InputError
from seaward.core.foreign_text import one_line
from seaward.core.imo import imo_is_valid
from seaward.core.tables import WATCH_LIST

_COLUMNS = {  # headers without accents, case and punctuation, as exports of RFMOs, of the combined IUU list (TMT) and of navies have them
    "mmsi": ("mmsi", "mmsinumber", "mmsino", "ssvid", "numerommsi"),
    "imo": ("imo", "imonumber", "imono", "imolr", "imolrnumber", "lrimo", "lrimonumber", "imouvi", "uvi", "numeroomi", "omi", "numeroimo"),
    "name": ("name", "vesselname", "shipname", "nameofvessel", "vessel", "currentname", "latestname", "currentvesselname", "nombre",
             "nombredelbuque", "buque", "nombredelaembarcacion", "embarcacion"),
    "earlier": ("previousnames", "previousname", "previousvesselnames", "othernames", "othername", "formernames", "exnames", "aliases", "alsoknownas",
                "nombresanteriores", "otrosnombres"),
    "callsign": ("callsign", "ircs", "radiocallsign", "internationalradiocallsign", "indicativo", "indicativodellamada", "senaldellamada",
                 "distintivodellamada"),
}  # fmt: skip
_NOTES = ("flag", "currentflag", "flagstate", "pabellon", "bandera", "rfmo", "rfmos", "listingrfmo", "listedby", "organization", "organizacion",
          "reason", "reasons", "activity", "iuuactivity", "note", "notes", "comments", "remarks", "motivo", "observaciones", "nota")  # fmt: skip
_UNKNOWN = frozenset(("", "-", "n/a", "na", "none", "unknown", "not known", "null", "0", "desconocido", "s/n", "no"))
_SEVERAL = re.compile(r"[;/|\n]")
_SEPARATOR = re.compile(r'"?sep=([,;\t])"?[ ,;\t]*(?:\r\n|\r|\n)', re.IGNORECASE)  # which Excel writes and reads above the header
_LONGEST = 200
_MOST_ROWS = 100_000  # ours: all vessels of the combined IUU list are some hundreds
_SHORTEST = 3  # letters of a pattern beside its stars: fewer would fit half of all ships; ours


@dataclass(frozen=True, slots=True)
class ListFile:
    """What one file gave: WATCH_LIST, and refusals as (row, the header being 1; rule; text)."""

    entries: pl.DataFrame
    refused: tuple[tuple[int, str, str], ...]
    columns: dict[str, str] = field(default_factory=dict)  # what was taken for what


class Match(NamedTuple):
    """A vessel on a list: its row there, and by what it was found (mmsi, imo, callsign, name)."""

    list: str
    row: int
    by: str


def read_list(raw: bytes, name: str, realm: str) -> ListFile:
    """Read a watch list.

    Parameters
    ----------
    raw
        CSV with a header: separated by commas, semicolons or tabs; UTF-8 or Latin-1. Columns are found by common names, in any order; one of MMSI,
        IMO number, name or call sign is needed. Names may have * for any letters. A line
        `sep=;` before the header, as Excel has it, says the separator.
    name
        Of the list.
    realm
        Of its rows.

    Returns
    -------
    ListFile: one entry per row, and one more for each earlier name; rows of which nothing can be used are refused, with their number. A row with one
    bad number and something good beside it is kept without that number, which is told among the refused.

    Raises
    ------
    InputError
        If it is no table, lacks all columns, or holds no usable row.
    """
    if b"\0" in raw[:1000]:
        raise InputError(f"the list {name!r} is not text; give a CSV file with a column mmsi, imo or name")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    text = text.lstrip("\r\n")
    told = _SEPARATOR.match(text)
    text = text[told.end() :] if told else text
    separator = told[1] if told else max(",;\t", key=text.partition("\n")[0].count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        header = next(rows, [])
        plain = [_plain(h) for h in header]
        at = {what: next((plain.index(n) for n in names if n in plain), -1) for what, names in _COLUMNS.items()}
        if all(at[what] < 0 for what in ("mmsi", "imo", "name", "callsign")):
            has = ", ".join(one_line(h) for h in header)[:_LONGEST] or "none"
            raise InputError(f"the list {name!r} has no column mmsi, imo, name or callsign; its columns are {has}")
        notes = [(one_line(header[k]), k) for k, h in enumerate(plain) if h in _NOTES]
        entries, refused = _entries(rows, at, len(header), notes, name, realm)
    except csv.Error as e:
        raise InputError(f"the list {name!r} is no CSV file ({e}); save it as one, with a header") from e
    if not entries:
        why = f"row {refused[0][0]}: {refused[0][2]}" if refused else "it has no rows"
        raise InputError(f"the list {name!r} holds nothing that can be used ({why}); give an MMSI, an IMO number, a name or a call sign in each row")
    table = pl.DataFrame(entries, schema=WATCH_LIST.schema, orient="row")
    return ListFile(table, tuple(refused), {what: one_line(header[k]) for what, k in at.items() if k >= 0})


def _entries(
    rows: Iterator[list[str]], at: dict[str, int], width: int, notes: list[tuple[str, int]], name: str, realm: str
) -> tuple[list[tuple[Any, ...]], list[tuple[int, str, str]]]:
    entries: list[tuple[Any, ...]] = []
    refused: list[tuple[int, str, str]] = []
    for number, row in enumerate(rows, 2):
        if number > _MOST_ROWS:
            raise InputError(f"the list {name!r} has more than {_MOST_ROWS:,} rows; divide it")
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[width:]):  # which of them belongs to which column nobody can tell
            refused.append((number, "list.too_many", one_line(", ".join(row))[:_LONGEST]))
            continue
        said = {what: _known(row[k]) if 0 <= k < len(row) else "" for what, k in at.items()}
        bad: list[tuple[int, str, str]] = []
        mmsi = _number(said["mmsi"], number, "list.mmsi", lambda n: 0 < n <= 999_999_999, bad)
        imo = _number(said["imo"], number, "list.imo", imo_is_valid, bad)
        called = _pattern(said["name"], number, bad)
        callsign = re.sub(r"[^A-Z0-9]", "", said["callsign"].upper()) or None
        note = "; ".join(f"{h}: {one_line(row[k])}" for h, k in notes if k < len(row) and _known(row[k]))[:_LONGEST] or None
        if mmsi is None and imo is None and called is None and callsign is None:
            refused.append(bad[0] if bad else (number, "list.empty", one_line(", ".join(row))[:_LONGEST]))
            continue
        refused += bad
        entries.append((realm, name, number, mmsi, imo, called, callsign, note))
        for earlier in _SEVERAL.split(said["earlier"]):
            before = _pattern(_known(earlier), number, bad)
            if before is not None and before != called:
                entries.append((realm, name, number, None, imo, before, None, note))
    return entries, refused


def _number(text: str, row: int, rule: str, good: Any, bad: list[tuple[int, str, str]]) -> int | None:
    digits = re.sub(r"(?i)^(imo|omi)|\.0$|[\s.:]", "", text)
    if not digits:
        return None
    if digits.isascii() and digits.isdigit() and len(digits) <= 9 and good(int(digits)):
        return int(digits)
    bad.append((row, rule, one_line(text)[:_LONGEST]))
    return None


def _pattern(text: str, row: int, bad: list[tuple[int, str, str]]) -> str | None:
    said = plain_name(text)
    if not said:
        return None
    if len(said.replace("*", "").replace(" ", "")) < _SHORTEST:
        bad.append((row, "list.name_short", one_line(text)[:_LONGEST]))
        return None
    return said[:_LONGEST]


def plain_name(text: str) -> str:
    """A ship's name in capitals without accents and marks, as transponders send it; stars stay."""
    flat = unicodedata.normalize("NFKD", text.upper()).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^A-Z0-9*]", " ", flat).split())


def _plain(header: str) -> str:
    flat = unicodedata.normalize("NFKD", header.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", flat)


def _known(cell: str) -> str:
    said = cell.strip()
    return "" if said.lower() in _UNKNOWN else said


class Lists:
    """Entries made ready to ask which lists a vessel is on.

    Parameters
    ----------
    entries
        WATCH_LIST, of any number of lists.

    Limits
    ------
    Names are not unique: a match by name alone says so, and none is made where list and vessel give different IMO numbers.
    """

    def __init__(self, entries: pl.DataFrame) -> None:
        self.names: tuple[str, ...] = tuple(entries["list"].unique().sort().to_list())
        self._by: dict[tuple[str, Any], list[tuple[str, int]]] = {}
        self._called: dict[str, list[tuple[str, int, int | None]]] = {}
        self._patterns: list[tuple[str, str, int, int | None]] = []
        for row in entries.iter_rows(named=True):
            where = (row["list"], row["row"])
            for what in ("mmsi", "imo", "callsign"):
                if row[what] is not None:
                    self._by.setdefault((what, row[what]), []).append(where)
            if row["name"] is not None and "*" in row["name"]:
                self._patterns.append((row["name"], *where, row["imo"]))
            elif row["name"] is not None:
                self._called.setdefault(row["name"], []).append((*where, row["imo"]))

    def matches(self, mmsi: int | None, imos: Iterable[int], names: Iterable[str], callsigns: Iterable[str]) -> tuple[Match, ...]:
        """The lists a vessel is on, each once, by the surest sign: IMO number, MMSI, call sign, name."""
        numbers = {*imos}
        found: dict[str, Match] = {}
        signs: list[tuple[str, Any]] = [*(("imo", i) for i in sorted(numbers)), ("mmsi", mmsi)]
        signs += [("callsign", re.sub(r"[^A-Z0-9]", "", c.upper())) for c in sorted(callsigns)]
        for what, value in signs:
            for name, row in self._by.get((what, value), ()):
                found.setdefault(name, Match(name, row, what))
        for said in sorted({plain_name(n) for n in names} - {""}):
            listed = [*self._called.get(said, ()), *(rest for pattern, *rest in self._patterns if fits(pattern, said))]
            for name, row, imo in listed:  # type: ignore[misc]
                if imo is None or not numbers or imo in numbers:
                    found.setdefault(name, Match(name, row, "name"))
        return tuple(found[name] for name in sorted(found))
