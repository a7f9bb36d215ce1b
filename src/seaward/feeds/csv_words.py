"""Words that published files use for numbers of AIS: status, kind of station, kind of ship."""

from __future__ import annotations

from typing import Final

from seaward.core.tables import TRANSCEIVERS

# Names of ITU-R M.1371-5 table 48, as the Danish Maritime Authority and older MarineCadastre files write them
NAV_STATUS: Final = {
    "Under way using engine": 0,
    "At anchor": 1,
    "Not under command": 2,
    "Restricted maneuverability": 3,
    "Restricted manoeuverability": 3,
    "Constrained by her draught": 4,
    "Moored": 5,
    "Aground": 6,
    "Engaged in fishing": 7,
    "Under way sailing": 8,
    "Reserved for future amendment [HSC]": 9,
    "Reserved for future amendment of Navigational Status for HSC": 9,
    "Reserved for future amendment [WIG]": 10,
    "Reserved for future amendment of Navigational Status for WIG": 10,
    "Power-driven vessel towing astern": 11,
    "Power-driven vessel pushing ahead or towing alongside": 12,
    "Reserved for future use [13]": 13,
    "Reserved for future use": 13,
    "AIS-SART": 14,
    "AIS-SART (active)": 14,
}
NO_WORDS: Final = ("Unknown value", "Unknown", "Undefined", "Not defined", "Not defined (default)", "Default", "NA", "null")  # all mean: not known
_A, _B, _BASE, _AID, _SAR, _OTHER = range(len(TRANSCEIVERS))
STATIONS: Final = {
    "A": _A,
    "B": _B,
    "Class A": _A,
    "Class B": _B,
    "Base Station": _BASE,
    "AtoN": _AID,
    "SAR Airborne": _SAR,
    "Search and Rescue Transponder": _OTHER,
    "Man Overboard Device": _OTHER,
    "EPIRB": _OTHER,
}
# First number of the group in ITU-R M.1371-5 table 53; the Danish file names the group, not the cargo in it
SHIP_TYPES: Final = {
    "wig": 20,
    "fishing": 30,
    "towing": 31,
    "towing long/wide": 32,
    "dredging": 33,
    "diving": 34,
    "military": 35,
    "sailing": 36,
    "pleasure": 37,
    "hsc": 40,
    "pilot": 50,
    "sar": 51,
    "tug": 52,
    "port tender": 53,
    "anti-pollution": 54,
    "law enforcement": 55,
    "medical": 58,
    "not party to conflict": 59,
    "passenger": 60,
    "cargo": 70,
    "tanker": 80,
    "other": 90,
}
