"""Where each field of the 27 AIS messages lies: the one table the decoders read, written as in the recommendation.

ITU-R M.1371-5 (2014), annex 8, sections 3.1 to 3.25. A message comes in one or more layouts; a layout is a row of fields.
A field whose name is a column of `MESSAGE_COLUMNS` goes there, any other to the JSON text of `details`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

INT, TENTH, DEG_10000TH_MIN, DEG_TENTH_MIN, TURN, BOOL, TEXT, HEX = range(8)  # how raw bits become a value
REST: Final = 0  # width of a field that takes what is left of the message


class Field(NamedTuple):
    """Bits `start` to `start + width` of a message; raw values from `null_low` to `null_high` mean: not known."""

    name: str
    start: int
    width: int
    kind: int = INT
    signed: bool = False
    null_low: int = 1
    null_high: int = 0


class Layout(NamedTuple):
    """One form of a message; shorter than `min_bits` it does not hold what makes it worth keeping (identity, position, part number)."""

    message_type: int
    min_bits: int
    fields: tuple[Field, ...]


def _lon(start: int) -> Field:
    return Field("lon_deg", start, 28, DEG_10000TH_MIN, True, 108_600_000, 108_600_000)  # 181 degrees


def _lat(start: int) -> Field:
    return Field("lat_deg", start, 27, DEG_10000TH_MIN, True, 54_600_000, 54_600_000)  # 91 degrees


def _sog(start: int) -> Field:
    return Field("sog_kn", start, 10, TENTH, False, 1023, 1023)


def _cog(start: int) -> Field:
    return Field("cog_deg", start, 12, TENTH, False, 3600, 4095)


def _heading(start: int) -> Field:
    return Field("heading_deg", start, 9, INT, False, 360, 511)


def _second(start: int) -> Field:
    return Field("second", start, 6, INT, False, 60, 63)


def _size(start: int) -> tuple[Field, ...]:
    return (Field("to_bow_m", start, 9), Field("to_stern_m", start + 9, 9), Field("to_port_m", start + 18, 6), Field("to_starboard_m", start + 24, 6))


def _ship_type(start: int) -> Field:
    return Field("ship_type", start, 8, INT, False, 0, 0)


def _flag(name: str, start: int) -> Field:
    return Field(name, start, 1, BOOL)


def _box(start: int) -> tuple[Field, ...]:
    return (Field("ne_lon", start, 18, TENTH, True), Field("ne_lat", start + 18, 17, TENTH, True),
            Field("sw_lon", start + 35, 18, TENTH, True), Field("sw_lat", start + 53, 17, TENTH, True))  # fmt: skip


_CLASS_A = (
    Field("nav_status", 38, 4, INT, False, 15, 15), Field("rot_deg_min", 42, 8, TURN, True, -128, -128), _sog(50), _flag("accuracy", 60),
    _lon(61), _lat(89), _cog(116), _heading(128), _second(137), Field("maneuver", 143, 2), _flag("raim", 148), Field("radio", 149, 19),
)  # fmt: skip
_BASE = (
    Field("year", 38, 14), Field("month", 52, 4), Field("day", 56, 5), Field("hour", 61, 5), Field("minute", 66, 6), _second(72),
    _flag("accuracy", 78), _lon(79), _lat(107), Field("epfd", 134, 4), _flag("raim", 148), Field("radio", 149, 19),
)  # fmt: skip
_CLASS_B = (_sog(46), _flag("accuracy", 56), _lon(57), _lat(85), _cog(112), _heading(124), _second(133))
_ACKNOWLEDGE = tuple(f for k in range(4) for f in (Field(f"mmsi{k + 1}", 40 + 32 * k, 30), Field(f"mmsiseq{k + 1}", 70 + 32 * k, 2)))
_ADDRESSED = (Field("seqno", 38, 2), Field("dest_mmsi", 40, 30), _flag("retransmit", 70))
_CHANNELS = (Field("channel_a", 40, 12), Field("channel_b", 52, 12), Field("txrx", 64, 4), _flag("power", 68))
_ZONE = (_flag("addressed", 139), _flag("band_a", 140), _flag("band_b", 141), Field("zonesize", 142, 3))
_PART_B = (Field("partno", 38, 2), _ship_type(40), Field("vendorid", 48, 18, TEXT), Field("model", 66, 4), Field("serial", 70, 20),
           Field("callsign", 90, 42, TEXT))  # fmt: skip
_HOW = (_flag("addressed", 38), _flag("structured", 39))
_TO = Field("dest_mmsi", 40, 30)


def _data(start: int, width: int = REST) -> Field:
    return Field("data", start, width, HEX)


# The first 28 rows are the message types themselves (row 0 is none); the rest their other layouts, chosen in `ais_bits.layout_of`.
LAYOUTS: Final = (
    Layout(0, 0, ()),
    Layout(1, 116, _CLASS_A),
    Layout(2, 116, _CLASS_A),
    Layout(3, 116, _CLASS_A),
    Layout(4, 134, _BASE),
    Layout(5, 232, (
        Field("ais_version", 38, 2), Field("imo", 40, 30, INT, False, 0, 0), Field("callsign", 70, 42, TEXT), Field("name", 112, 120, TEXT),
        _ship_type(232), *_size(240), Field("epfd", 270, 4), Field("eta_month", 274, 4), Field("eta_day", 278, 5), Field("eta_hour", 283, 5),
        Field("eta_minute", 288, 6), Field("draught_m", 294, 8, TENTH, False, 0, 0), Field("destination", 302, 120, TEXT), _flag("dte", 422),
    )),
    Layout(6, 72, (*_ADDRESSED, Field("dac", 72, 10), Field("fid", 82, 6), _data(88))),
    Layout(7, 70, _ACKNOWLEDGE),
    Layout(8, 56, (Field("dac", 40, 10), Field("fid", 50, 6), _data(56))),
    Layout(9, 116, (
        Field("altitude_m", 38, 12, INT, False, 4095, 4095), Field("sog_kn", 50, 10, INT, False, 1023, 1023), _flag("accuracy", 60), _lon(61),
        _lat(89), _cog(116), _second(128), _flag("dte", 142), _flag("assigned", 146), _flag("raim", 147), Field("radio", 148, 20),
    )),
    Layout(10, 70, (_TO,)),
    Layout(11, 134, _BASE),
    Layout(12, 72, (*_ADDRESSED, Field("text", 72, REST, TEXT))),
    Layout(13, 70, _ACKNOWLEDGE),
    Layout(14, 40, (Field("text", 40, REST, TEXT),)),
    Layout(15, 76, (
        Field("mmsi1", 40, 30), Field("type1_1", 70, 6), Field("offset1_1", 76, 12), Field("type1_2", 90, 6), Field("offset1_2", 96, 12),
        Field("mmsi2", 110, 30), Field("type2_1", 140, 6), Field("offset2_1", 146, 12),
    )),
    Layout(16, 92, (Field("mmsi1", 40, 30), Field("offset1", 70, 12), Field("increment1", 82, 10))),
    Layout(17, 75, (
        Field("lon_deg", 40, 18, DEG_TENTH_MIN, True, 108_600, 108_600), Field("lat_deg", 58, 17, DEG_TENTH_MIN, True, 54_600, 54_600), _data(80),
    )),
    Layout(18, 112, (
        *_CLASS_B, _flag("cs", 141), _flag("display", 142), _flag("dsc", 143), _flag("band", 144), _flag("msg22", 145), _flag("assigned", 146),
        _flag("raim", 147), Field("radio", 148, 20),
    )),
    Layout(19, 112, (
        *_CLASS_B, Field("name", 143, 120, TEXT), _ship_type(263), *_size(271), Field("epfd", 301, 4), _flag("raim", 305), _flag("dte", 306),
        _flag("assigned", 307),
    )),
    Layout(20, 70, tuple(
        f for k in range(4) for f in (Field(f"offset{k + 1}", 40 + 30 * k, 12), Field(f"number{k + 1}", 52 + 30 * k, 4),
                                      Field(f"timeout{k + 1}", 56 + 30 * k, 3), Field(f"increment{k + 1}", 59 + 30 * k, 11)))),
    Layout(21, 219, (
        Field("aid_type", 38, 5), Field("name", 43, 120, TEXT), _flag("accuracy", 163), _lon(164), _lat(192), *_size(219), Field("epfd", 249, 4),
        _second(253), _flag("off_position", 259), _flag("raim", 268), _flag("virtual_aid", 269), _flag("assigned", 270),
        Field("name_ext", 272, 88, TEXT),
    )),
    Layout(22, 140, (*_CHANNELS, *_box(69), *_ZONE)),
    Layout(23, 110, (*_box(40), Field("station_type", 110, 4), Field("ship_type", 114, 8, INT, False, 0, 0), Field("txrx", 144, 2),
                     Field("interval", 146, 4), Field("quiet", 150, 4))),
    Layout(24, 40, (Field("partno", 38, 2), Field("name", 40, 120, TEXT))),
    Layout(25, 40, (*_HOW, _data(40, 128))),
    Layout(26, 40, (*_HOW, _data(40))),
    Layout(27, 79, (
        _flag("accuracy", 38), _flag("raim", 39), Field("nav_status", 40, 4, INT, False, 15, 15),
        Field("lon_deg", 44, 18, DEG_TENTH_MIN, True, 108_600, 108_600), Field("lat_deg", 62, 17, DEG_TENTH_MIN, True, 54_600, 54_600),
        Field("sog_kn", 79, 6, INT, False, 63, 63), Field("cog_deg", 85, 9, INT, False, 360, 511), _flag("gnss", 94),
    )),
    Layout(16, 144, (Field("mmsi1", 40, 30), Field("offset1", 70, 12), Field("increment1", 82, 10), Field("mmsi2", 92, 30),
                     Field("offset2", 122, 12), Field("increment2", 134, 10))),  # 28: two stations
    Layout(22, 140, (*_CHANNELS, Field("dest1", 69, 30), Field("dest2", 104, 30), *_ZONE)),  # 29: addressed
    Layout(24, 48, (*_PART_B, *_size(132))),  # 30: part B
    Layout(24, 48, (*_PART_B, Field("mothership_mmsi", 132, 30))),  # 31: part B of an auxiliary craft
    Layout(25, 56, (*_HOW, Field("app_id", 40, 16), _data(56, 112))),  # 32: broadcast, structured
    Layout(25, 70, (*_HOW, _TO, _data(70, 98))),  # 33: addressed
    Layout(25, 86, (*_HOW, _TO, Field("app_id", 70, 16), _data(86, 82))),  # 34: addressed, structured
    Layout(26, 56, (*_HOW, Field("app_id", 40, 16), _data(56))),  # 35: broadcast, structured
    Layout(26, 70, (*_HOW, _TO, _data(70))),  # 36: addressed
    Layout(26, 86, (*_HOW, _TO, Field("app_id", 70, 16), _data(86))),  # 37: addressed, structured
)  # fmt: skip
TWO_STATIONS, ADDRESSED_22, PART_B, PART_B_AUXILIARY, FORMS_25, FORMS_26 = 28, 29, 30, 31, 32, 35

NUMBERS: Final = ("lon_deg", "lat_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "second", "imo", "ship_type", "to_bow_m", "to_stern_m",
                  "to_port_m", "to_starboard_m", "rot_deg_min", "accuracy", "raim", "draught_m", "altitude_m", "eta_month", "eta_day", "eta_hour",
                  "eta_minute")  # fmt: skip
TEXTS: Final = ("callsign", "name", "destination")
TRANSCEIVER_OF: Final = ("other", "A", "A", "A", "base", "A", "other", "other", "other", "sar", "other", "base", "other", "other", "other", "other",
                         "base", "base", "B", "B", "base", "aid", "base", "base", "B", "other", "other", "A")  # fmt: skip

_ROWS = [(layout, field) for layout, spec in enumerate(LAYOUTS) for field in spec.fields]
WORD_BITS: Final = 60  # a message is held as words of ten characters
FIELDS: Final = np.array([[f.start, f.width, f.kind, f.signed, f.null_low, f.null_high, f.start // WORD_BITS, f.start % WORD_BITS]
                          for _, f in _ROWS], np.int64)  # fmt: skip
FIRST: Final = np.searchsorted([layout for layout, _ in _ROWS], np.arange(len(LAYOUTS) + 1)).astype(np.int64)
MIN_BITS: Final = np.array([spec.min_bits for spec in LAYOUTS], np.int64)


def place(names: tuple[str, ...]) -> np.ndarray:
    """Row of `FIELDS` for each layout and name, -1 where the layout has none: int64, shape (layouts, names)."""
    at = {(layout, f.name): row for row, (layout, f) in enumerate(_ROWS)}
    return np.array([[at.get((layout, name), -1) for name in names] for layout in range(len(LAYOUTS))], np.int64)


NUMBER_PLACES: Final = place(NUMBERS)
TEXT_PLACES: Final = place(TEXTS)
_DETAILS = [(row, f.name) for row, (_, f) in enumerate(_ROWS) if f.name not in NUMBERS + TEXTS]
DETAIL_KEY: Final = np.full((len(_ROWS), 2), -1, np.int64)  # start and end in `DETAIL_KEYS`, -1 for a field that has a column
DETAIL_KEYS: Final = np.frombuffer("".join(f'"{name}":' for _, name in _DETAILS).encode(), np.uint8)
_END = np.cumsum([len(name) + 3 for _, name in _DETAILS])
for (_row, _name), _end in zip(_DETAILS, _END, strict=True):
    DETAIL_KEY[_row] = _end - len(_name) - 3, _end
