"""NMEA 0183 lines with AIS -> reports, identity statements, refusals. Reading order: nmea_scan, nmea_parts, ais_fields, ais_bits, ais_columns."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.tables import AT, NAME, REJECTED, REPORTS, STATIC, TRANSCEIVERS
from seaward.feeds.ais_bits import ACCEPTED, IGNORED, OTHER, PENDING, RULES
from seaward.feeds.ais_columns import Bits, arrivals, both_sides
from seaward.feeds.ais_details import details
from seaward.feeds.ais_fields import NUMBERS, TEXTS, TRANSCEIVER_OF
from seaward.feeds.batch import Batch, Chunk, Format, LineCounts, ReadOptions
from seaward.feeds.bitmaps import numbers, texts
from seaward.feeds.nmea_parts import Waiting, nothing_waits
from seaward.feeds.nmea_scan import Lines, Messages, give_up, room, scan
from seaward.feeds.nmea_sentence import ACTIVE, GATEHOUSE_AT, STATE_SIZE, TAG_AT, hash_of
from seaward.feeds.nmea_time import NO_TIME

VALUE_CHARS = 200
WORKERS = 2
_SENTENCE = re.compile(
    rb"(?m)^(?:[^\n]{0,60}?[\s,;|\\]|\\[^\\\n]{1,1000}\\)?[!$][A-Z-]{2}VD[MO],[1-9],[1-9],|^\$PGHP,1,"
    rb"|^[!$][A-Z]{2}[A-Z0-9]{3},[^\n*]{0,200}\*[0-9A-Fa-f]{2}\s*$"
)
_TRANSCEIVER = np.array([TRANSCEIVERS.index(t) for t in TRANSCEIVER_OF], np.uint8)
_REPORT_NUMBERS = {"lon_deg": np.float64, "lat_deg": np.float64, "sog_kn": np.float32, "cog_deg": np.float32, "heading_deg": np.float32,
                   "nav_status": np.uint8, "second": np.uint8}  # fmt: skip
_ETA = ("eta_month", "eta_day", "eta_hour", "eta_minute")
_MESSAGE_DTYPES = {"lon_deg": np.float64, "lat_deg": np.float64, "imo": np.uint32, "nav_status": np.uint8, "second": np.uint8, "ship_type": np.uint8,
                   "accuracy": np.uint8, "raim": np.uint8}  # fmt: skip


@dataclass(slots=True)
class _State:
    """What one piece leaves for the next."""

    numbers: NDArray[np.int64] = field(default_factory=lambda: np.zeros(STATE_SIZE, np.int64))
    waiting: Waiting = field(default_factory=nothing_waits)
    open_lines: dict[int, tuple[bytes, int]] = field(default_factory=dict)  # start -> text, parts that wait: lines of earlier pieces
    stations: dict[int, str] = field(default_factory=lambda: {0: ""})  # 0 is none

    def __post_init__(self) -> None:
        self.numbers[GATEHOUSE_AT] = self.numbers[TAG_AT] = NO_TIME


def recognise(head: bytes) -> bool:
    """True if the first bytes of an input hold an AIS sentence, another NMEA sentence with its checksum, or a `$PGHP` line."""
    return _SENTENCE.search(head) is not None


def read(chunks: Iterable[Chunk], options: ReadOptions) -> Iterator[Batch]:
    """Read pieces of whole lines.

    Parameters
    ----------
    chunks
        In order, from the start of the input; the result does not depend on where they are cut. An empty one asks for all that is ready: who reads a
        live feed gives one before it waits for more.
    options
        Realm, feed, where sentences without time are placed [us], and whether every message is wanted with every field.

    Returns
    -------
    One `Batch` per piece, and one for the parts that waited in vain if there are any. A line that waits for the rest of its message is counted in the
    batch in which its fate is known.

    Limits
    ------
    At most 256 unfinished messages wait at once, each for at most 2,000 AIS sentences and 30 s. Type 6, 8, 17, 25 and 26 data is given as hexadecimal
    digits, not taken apart by application.

    Source
    ------
    IEC 61162-1 (sentences, TAG blocks), ITU-R M.1371-5 annex 8 (messages).
    """
    state = _State()
    with ThreadPoolExecutor(WORKERS) as pool:  # the tables of pieces are made while the next is scanned; both leave the interpreter's lock
        making: deque[Future[Batch]] = deque()
        for chunk in chunks:
            if not chunk.data:
                while making:
                    yield making.popleft().result()
                continue
            making.append(pool.submit(_batch, *_scan(chunk, options, state)))
            if len(making) > WORKERS:
                yield making.popleft().result()
        while making:
            yield making.popleft().result()
    lines, _, _, resolved = room(0, 0)
    n = give_up(state.numbers, state.waiting, lines, resolved)
    if n:
        counts, refused = _resolve(resolved[:n], state)
        yield _batch(np.zeros(2, np.int64), _rows(room(0, 0)[1], 0), options, counts, refused, state.stations)


_Parts = tuple[NDArray[np.int64], Messages, ReadOptions, LineCounts, list[tuple[int, int, bytes]], dict[int, str]]


def _scan(chunk: Chunk, options: ReadOptions, state: _State) -> _Parts:
    """What `_batch` makes tables of."""
    data = np.frombuffer(chunk.data, np.uint8)
    lines, messages, words, resolved = room(len(data), chunk.data.count(b"\n") + (not chunk.data.endswith(b"\n")))
    n_lines, n_messages, n_resolved = scan(data, chunk.offset, state.numbers, state.waiting, lines, messages, words, resolved)
    counts, refused = _resolve(resolved[:n_resolved], state)
    counts += _count(chunk, lines, n_lines, state, refused)
    if options.messages and not state.stations.keys() >= {*np.unique(messages.station[:n_messages]).tolist(), *state.waiting.station.tolist()}:
        state.stations = state.stations | _stations(chunk.data)
    return words, _rows(messages, n_messages), options, counts, refused, state.stations


def _rows(messages: Messages, n: int) -> Messages:
    return Messages._make(column[:n] for column in messages)


def _resolve(resolved: NDArray[np.int64], state: _State) -> tuple[LineCounts, list[tuple[int, int, bytes]]]:
    """What became of lines of earlier pieces: a line that gave a row is accepted, one of which all parts failed is refused."""
    counts, refused = LineCounts(), []
    for start, code in resolved.tolist():
        if start not in state.open_lines:
            continue
        text, parts = state.open_lines[start]
        if code == ACCEPTED:
            del state.open_lines[start]
            counts.accepted += 1
        elif code == PENDING or parts > 1:
            state.open_lines[start] = (text, parts - (code != PENDING))
        else:
            del state.open_lines[start]
            counts.rejected += 1
            refused.append((start, code, text))
    return counts, refused


def _count(chunk: Chunk, lines: Lines, n: int, state: _State, refused: list[tuple[int, int, bytes]]) -> LineCounts:
    """Count the lines of a piece by their codes; note those refused, and those that still wait."""
    codes = lines.code[:n]
    by_code = np.bincount(codes, minlength=256)

    def shown(i: int) -> bytes:
        return chunk.data[lines.start[i] : min(int(lines.end[i]), int(lines.start[i]) + VALUE_CHARS)]

    if by_code[PENDING]:
        order = state.waiting.order[: state.numbers[ACTIVE]]
        starts = state.waiting.start[order][state.waiting.line[order] >= 0]
        for i in np.flatnonzero(codes == PENDING).tolist():
            start = chunk.offset + int(lines.start[i])
            state.open_lines[start] = (shown(i), int((starts == start).sum()))
    refused.extend((chunk.offset + int(lines.start[i]), int(codes[i]), shown(i)) for i in np.flatnonzero(codes > PENDING).tolist())
    return LineCounts(int(by_code[ACCEPTED]), int(by_code[OTHER]), int(by_code[IGNORED]), int(by_code[PENDING + 1 :].sum()))


def _stations(data: bytes) -> dict[int, str]:
    """The stations named in TAG blocks, by the hash the scan knows them by."""
    found = {}
    for raw in set(re.findall(rb"[\\,]s:([^,*\\\r\n]+)", data)):
        name = np.frombuffer(raw, np.uint8)
        found[int(hash_of(name, 0, len(name)))] = raw.decode("latin-1")
    return found


def _batch(words: NDArray[np.int64], rows: Messages, options: ReadOptions, counts: LineCounts, refused: list[tuple[int, int, bytes]],
           stations: dict[int, str]) -> Batch:  # fmt: skip
    bits = Bits(words, rows.word, rows.bits)
    at = rows.at
    if options.start_us is not None:
        at = np.where(at == NO_TIME, options.start_us, at)
    counted = {int(t): int(bits.counts[t]) for t in np.flatnonzero(bits.counts)}
    if options.messages:
        messages = _messages(bits, rows, at, options, stations)
        return Batch(REPORTS.empty(), STATIC.empty(), _rejected(refused, options), counts, Counter(counted), messages)
    return Batch(_reports(bits, rows, at, options), _static(bits, rows, at, options), _rejected(refused, options), counts, Counter(counted))


def _named(name: str, value: str, n: int) -> pl.Series:
    return pl.Series(name, [value], NAME).new_from_index(0, n)


def _at(name: str, at: NDArray[np.int64]) -> pl.Series:
    times = pl.Series(name, at.view("datetime64[us]"))  # NO_TIME is numpy's "not a time", which becomes null
    return times.dt.replace_time_zone("UTC").cast(AT)


def _transceiver(kinds: NDArray[np.uint8]) -> pl.Series:
    return pl.Series("transceiver", _TRANSCEIVER[kinds]).cat.to(pl.Enum(TRANSCEIVERS))


def _origin(rows: Messages, picked: NDArray[np.int64] | slice, n: int, options: ReadOptions) -> list[pl.Series]:
    return [_named("realm", options.realm, n), _named("feed", options.feed, n), pl.Series("raw_offset", rows.offset[picked]),
            pl.Series("raw_length", rows.length[picked])]  # fmt: skip


def _reports(bits: Bits, rows: Messages, at: NDArray[np.int64], options: ReadOptions) -> pl.DataFrame:
    picked, n = bits.reports, len(bits.reports)
    kinds, received = bits.kinds[picked], _at("received_at", at[picked])
    numbers = {name: bits.number(name, picked, dtype) for name, dtype in _REPORT_NUMBERS.items()}
    columns = [*_origin(rows, picked, n, options), received, received.alias("reported_at"), pl.Series("message_type", kinds),
               pl.Series("mmsi", bits.mmsi[picked]), *numbers.values(), _transceiver(kinds)]  # fmt: skip
    return pl.DataFrame(columns).select(c.name for c in REPORTS.columns)


def _static(bits: Bits, rows: Messages, at: NDArray[np.int64], options: ReadOptions) -> pl.DataFrame:
    picked, n = bits.static, len(bits.static)
    size = pl.DataFrame([bits.number(name, picked, np.float32) for name in ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m")])
    length, beam = (pl.col(a) + pl.col(b) for a, b in (("to_bow_m", "to_stern_m"), ("to_port_m", "to_starboard_m")))
    size = size.select(pl.when(length > 0).then(length).alias("length_m"), pl.when(beam > 0).then(beam).alias("beam_m"))
    columns = [*_origin(rows, picked, n, options), _at("reported_at", at[picked]), pl.Series("mmsi", bits.mmsi[picked]),
               bits.number("imo", picked, np.uint32), *(bits.text(name, picked) for name in ("name", "callsign", "destination")),
               bits.number("ship_type", picked, np.uint8), *size, _transceiver(bits.kinds[picked])]  # fmt: skip
    return pl.DataFrame(columns).select(c.name for c in STATIC.columns)


def _rejected(refused: list[tuple[int, int, bytes]], options: ReadOptions) -> pl.DataFrame:
    if not refused:
        return REJECTED.empty()
    refused = sorted(refused)
    values = [text.decode("latin-1").replace("\0", "\\x00")[:VALUE_CHARS] for _, _, text in refused]
    return pl.DataFrame([_named("realm", options.realm, len(refused)), _named("feed", options.feed, len(refused)),
                         pl.Series("raw_offset", [start for start, _, _ in refused], pl.Int64),
                         pl.Series("rule", [RULES[code - PENDING - 1] for _, code, _ in refused], pl.String),
                         pl.Series("value", values, pl.String)])  # fmt: skip


def _messages(bits: Bits, rows: Messages, at: NDArray[np.int64], options: ReadOptions, stations: dict[int, str]) -> pl.DataFrame:
    """One row per message of every type, in the order in which they were complete."""
    n = len(rows.offset)
    field = {name: bits.every(name, _MESSAGE_DTYPES.get(name, np.float32)) for name in NUMBERS if name not in _ETA}
    for one, other, whole in (("to_bow_m", "to_stern_m", "length_m"), ("to_port_m", "to_starboard_m", "beam_m")):
        total = np.zeros(n, np.float32)
        both_sides(field[one][0], field[other][0], field[one][1], field[other][1], total)
        field[whole] = total, field[one][1]
    columns = {name: numbers(name, *values) for name, values in field.items()}
    columns |= {name: columns[name].cast(pl.Boolean) for name in ("accuracy", "raim")}
    return pl.DataFrame([
        *_origin(rows, slice(None), n, options), _at("received_at", at), pl.Series("message_type", bits.kinds),
        pl.Series("repeat", (bits.words[rows.word] >> 52 & 3).astype(np.uint8)), pl.Series("mmsi", bits.mmsi), *_link(rows, stations),
        _transceiver(bits.kinds), *columns.values(), _arrival(bits, n), *(bits.text(name, np.arange(n)) for name in TEXTS), details(bits),
    ])  # fmt: skip


def _arrival(bits: Bits, n: int) -> pl.Series:
    """Time of arrival as text."""
    fields = [bits.every(name, np.uint8) for name in _ETA]
    known = np.bitwise_and.reduce([k for _, k in fields])
    into, ends = np.empty(11 * int(bits.counts[5]) + 1, np.uint8), np.zeros(n + 1, np.int64)
    month, day, hour, minute = (values for values, _ in fields)
    size = arrivals(month, day, hour, minute, known, into, ends)
    return texts("eta", into[:size], ends, known)


def _link(rows: Messages, stations: dict[int, str]) -> list[pl.Series]:
    """Talker, channel and station as texts."""
    talker, channel, station = (pl.Series(name, getattr(rows, name)) for name in ("talker", "channel", "station"))
    talkers = {t: bytes((t >> 8, t & 255)).decode("latin-1") for t in talker.unique().to_list()}
    channels = {c: chr(c) if c else None for c in channel.unique().to_list()}
    named = {s: stations.get(s) or None for s in station.unique().to_list()}
    return [codes.replace_strict(known, return_dtype=pl.String) if known else codes.cast(pl.String)
            for codes, known in ((talker, talkers), (channel, channels), (station, named))]  # fmt: skip


NMEA = Format("nmea", recognise, read)
