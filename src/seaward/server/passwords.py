"""Passwords: rules that a person can keep, and Argon2id hashes. A wrong one and a person that is not there cost the same time."""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from seaward.core.errors import ParameterError

SHORTEST = 15  # characters where a password is the only proof: NIST SP 800-63B-4, 3.1.1.2
LONGEST = 256  # at least 64 must be taken (the same); ours: what argon2 is given stays small
_AT_ONCE = 2  # hashes made at the same time, each of 64 MiB; ours
_SEQUENCES = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik")


def check_password(password: str, person: str, name: str = "") -> str:
    """Return the password in the form that is hashed (NFKC); ParameterError says what is wrong with it.

    Length alone and no rules of composition; refused is what is expected: own names, repetitions, rows of keys (NIST SP 800-63B-4, 3.1.1.2).
    """
    normal = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise ParameterError(f"the password has {len(normal)} characters; choose one of {SHORTEST} to {LONGEST}, such as four or five words")
    left = normal.casefold()
    for known in (person, name, *name.split(), "seaward", "password", "contraseña", "armada", "marina", "navy"):
        left = left.replace(known.casefold(), "") if len(known) > 2 else left
    if len(set(left)) < 5 or any(left in row or left in row[::-1] for row in _SEQUENCES):
        raise ParameterError(
            "the password is easily guessed (names, repetitions or rows of keys); choose four or five words that do not belong together"
        )
    return normal


class Passwords:
    """Makes and checks hashes.

    Parameters
    ----------
    hasher
        Argon2id; by default with 64 MiB, three passes and four lanes (RFC 9106, second recommended option).
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The hash to be kept."""
        with self._room:
            return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one that was hashed; without a hash it never is, and takes as long to tell."""
        normal = unicodedata.normalize("NFKC", password[: 4 * LONGEST])
        with self._room:
            try:
                right = self._hasher.verify(kept or self._nobody, normal)
            except (VerificationError, InvalidHashError):
                return False
        return right and kept is not None
