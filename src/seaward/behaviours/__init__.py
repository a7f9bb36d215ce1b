"""positions -> events. One file per behaviour, one list of them; nothing here reads, writes or looks at a clock.

behaviour (the frame) -> columns (sorted columns) -> gap (silence), encounter (approach), loitering, drift, fishing (activity), area,
identity (lying), position (jumps, rings, places, reach), port_visit,
dark_contact (whereabouts, matching, audible, looks)
-> events (the rows) -> stream (windows)
"""

from seaward.behaviours.area import AREA
from seaward.behaviours.behaviour import Behaviour, Context
from seaward.behaviours.dark_contact import DARK_CONTACT
from seaward.behaviours.drift import DRIFT
from seaward.behaviours.encounter import ENCOUNTER
from seaward.behaviours.fishing import FISHING
from seaward.behaviours.gap import GAP
from seaward.behaviours.identity import IDENTITY
from seaward.behaviours.loitering import LOITERING
from seaward.behaviours.port_visit import PORT_VISIT
from seaward.behaviours.position import POSITION

BEHAVIOURS: tuple[Behaviour, ...] = (GAP, ENCOUNTER, LOITERING, DRIFT, FISHING, AREA, IDENTITY, POSITION, PORT_VISIT, DARK_CONTACT)

__all__ = [
    "AREA", "BEHAVIOURS", "DARK_CONTACT", "DRIFT", "ENCOUNTER", "FISHING", "GAP", "IDENTITY", "LOITERING", "PORT_VISIT", "POSITION",
    "Behaviour", "Context",
]  # fmt: skip
