"""Kinds of events -> the order of the legend and the outline of each symbol, one for page and map, in a box from -7 to 7."""

from __future__ import annotations

KINDS = ("area", "gap", "dark_contact", "encounter", "fishing", "loitering", "drift", "position", "identity", "port_visit")  # others follow
ROUTINE = ("fishing", "port_visit")  # what ships do all day: listed only on request where there is anything else

SYMBOLS = {
    "area": "M0-6-6 5H6Z",
    "gap": "M0-6 6 0 0 6-6 0Z",
    "dark_contact": "M6 0A6 6 0 1 1-6 0A6 6 0 1 1 6 0ZM-3-3 3 3M3-3-3 3",
    "encounter": "M1.5 0A3.9 3.9 0 1 1-6.3 0A3.9 3.9 0 1 1 1.5 0ZM6.3 0A3.9 3.9 0 1 1-1.5 0A3.9 3.9 0 1 1 6.3 0Z",
    "fishing": "M-6 0A5 3.4 0 0 1 3 0L6-3.4V3.4L3 0A5 3.4 0 0 1-6 0Z",
    "loitering": "M-5-5H5V5H-5Z",
    "drift": "M0 6-6-5H6Z",
    "position": "M0-7 1.8-1.8 7 0 1.8 1.8 0 7-1.8 1.8-7 0-1.8-1.8Z",
    "identity": "M-6-3.5H6V3.5H-6Z",
    "port_visit": "M-5 5.5V-1L0-6.5 5-1V5.5Z",
    "other": "M0-6V6M-6 0H6",
}
