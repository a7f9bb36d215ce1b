"""Everything Seaward raises on purpose, in one tree. Bad data is never here: it is a row in `rejected`.

SeawardError
├── UsageError            the call cannot be carried out as written (exit 2)
│   ├── InputError        an input cannot be opened, recognised or read
│   │   └── ScenarioError a scenario has mistakes, all of them named (drill.mistakes)
│   ├── MapError          a column map does not fit its format or its file
│   └── ParameterError    a parameter lies outside what makes sense
├── StateError            the state of a node cannot be opened, read or written; what it held stays as it was
├── PolicyError           rules of release are not right; nothing is released until they are
├── ExchangeError         something between nations cannot be done: a partner unknown, a key missing, an invitation refused
├── OutputError           an output cannot be written; nothing half-written is left
├── EvidenceError         a pack of evidence is not what it says, or an event cannot be re-derived (exit 1)
└── RealmError            data of another realm, or of none, was offered
"""

from __future__ import annotations


class SeawardError(Exception):
    """Base of all; the message says what was expected, what came, where, and what to do."""


class UsageError(SeawardError):
    """The call cannot be carried out as written."""


class InputError(UsageError):
    """An input cannot be opened, recognised or read."""


class MapError(UsageError):
    """A column map does not fit its format or its file."""


class ParameterError(UsageError, ValueError):
    """A parameter lies outside what makes sense."""


class OutputError(SeawardError):
    """An output cannot be written."""


class StateError(SeawardError):
    """The state of a node cannot be opened, read or written; what it held stays as it was.

    Parameters
    ----------
    message
        What was expected, what came, what to do.
    problem
        `full`, `busy`, `damaged`, `newer` (made by a later version), `denied`, `conflict` (something else is kept under that name, or it was changed
        meanwhile) or `closed`.
    """

    def __init__(self, message: str, problem: str) -> None:
        super().__init__(message)
        self.problem = problem


class EvidenceError(SeawardError):
    """A pack of evidence is not what it says it is, or an event does not follow from the bytes kept."""


class RealmError(SeawardError):
    """Data of another realm, or of none, was offered."""


class PolicyError(SeawardError):
    """Rules of release are not right in every way; nothing is released until they are."""


class ExchangeError(SeawardError):
    """Something between nations cannot be done as asked."""
