"""A name and a password, a cookie or a token -> who asks, or a refusal. Sessions and tokens are random; only their hashes are kept."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from seaward.core.errors import SeawardError
from seaward.server.asked import Caller
from seaward.server.passwords import Passwords
from seaward.server.problems import Problem
from seaward.server.refusals import Refusals
from seaward.server.roles import lower
from seaward.server.slowing import Slowing
from seaward.store.kept_people import Person, Token
from seaward.store.state import State

log = logging.getLogger("seaward.server")
TOKEN_MARK = "seaward_"  # tokens begin so, that a leaked one is recognised by scanners
_SECRET_BYTES = 32
_NOTED_S = 60.0  # a use of a session is kept at most so often: each waits for the disk


@dataclass(frozen=True, slots=True)
class SignInParams:
    """How long a sign-in holds; after NIST SP 800-63B-4, 2.2.3 (at most 24 h, idle at most 1 h)."""

    idle_s: float = 3_600.0  # without a request or an open stream
    longest_s: float = 12 * 3_600.0  # ours: a long watch
    token_longest_s: float = 366 * 86_400.0


@dataclass(frozen=True, slots=True)
class Session:
    """What somebody gets who signed in: the secret of the cookie, the proof against forged requests, and until when."""

    secret: str
    csrf: str
    person: Person
    expires_at: datetime


class SignIn:
    """Who is who.

    Parameters
    ----------
    state
        People, sessions and tokens.
    refusals
        Where those turned away are kept.
    passwords, slowing, params
        How passwords are checked, how tries are slowed, how long a session holds.
    now, now_s
        The time, and a clock that only goes forward [s].
    """

    def __init__(
        self, state: State, refusals: Refusals, passwords: Passwords | None = None, slowing: Slowing | None = None,
        params: SignInParams | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC), now_s: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.state, self.refusals, self.params = state, refusals, params or SignInParams()
        self.passwords, self.slowing = passwords or Passwords(), slowing or Slowing()
        self.now, self._now_s = now, now_s
        self._lock = threading.Lock()
        self._used: dict[str, tuple[datetime, datetime]] = {}  # session -> last used, last kept

    def sign_in(self, name: str, password: str, address: str, before: str | None = None) -> Session:
        """Begin a session; one that the same browser had before ends.

        Raises
        ------
        Problem
            `slow_down` after too many failures; `sign_in`, the same for a wrong name, a wrong password and somebody who may not sign in any more.
        """
        name = name.strip()
        person = self.check(self.state.person(name), password, address, name)
        if before:
            self.sign_out(hash_of(before), person.person)
        now, secret = self.now(), secrets.token_urlsafe(_SECRET_BYTES)
        expires_at = now + timedelta(seconds=self.params.longest_s)
        self.state.add_token(hash_of(secret), person.person, "session", address, expires_at, now)
        return Session(secret, csrf_of(secret), person, expires_at)

    def check(self, person: Person | None, password: str, address: str, name: str = "") -> Person:
        """The person, if the password is theirs and they may sign in; a Problem as `sign_in`."""
        name = person.person if person is not None else name
        who = name if person is not None else ""  # what was typed may be a password: only known names are kept
        wait_s = self.slowing.wait_s(name, address, self._now_s())
        if wait_s > 0:
            self.refusals.refused(who, "slow_down", address, "sign-in")
            raise Problem("slow_down", headers={"Retry-After": str(int(wait_s) + 1)}, wait_s=int(wait_s) + 1)
        self.slowing.tried(name, address, self._now_s())
        fits = self.passwords.fits(None if person is None else person.password_hash, password)
        if not fits or person is None or person.disabled_at is not None:
            self.refusals.refused(who, "sign_in", address, "sign-in")
            raise Problem("sign_in")
        self.slowing.succeeded(name, address)
        return person

    def sign_out(self, token_hash: str, who: str) -> None:
        """End a session."""
        self.state.revoke_token(token_hash, who, self.now())
        with self._lock:
            self._used.pop(token_hash, None)

    def make_token(self, person: Person, role: str, label: str, holds_s: float, who: str) -> tuple[str, datetime]:
        """A token for a program, with at most the role of the person: its secret, shown this once, and when it expires."""
        secret, now = TOKEN_MARK + secrets.token_urlsafe(_SECRET_BYTES), self.now()
        expires_at = now + timedelta(seconds=min(holds_s, self.params.token_longest_s))
        self.state.add_token(hash_of(secret), person.person, "token", label, expires_at, now, role=lower(role, person.role), who=who)
        return secret, expires_at

    def who(self, authorization: str | None, cookie: str | None, address: str) -> Caller:
        """Who asks: by the Authorization header where there is one, else by the cookie; nobody where there is neither.

        Raises
        ------
        Problem
            `expired`, where what was shown is unknown, has ended, or its person may not sign in any more.
        """
        if authorization is not None:
            scheme, _, secret = authorization.strip().partition(" ")
            if scheme.lower() != "bearer" or not secret.strip():
                raise Problem("expired")
            return self._known(secret.strip(), "token", address)
        return self._known(cookie, "session", address) if cookie else Caller(address=address)

    def still(self, caller: Caller) -> bool:
        """Whether who asked before may go on; counts as a use."""
        try:
            return self._caller(caller.token_hash, caller.by, caller.address).role == caller.role
        except Problem:
            return False

    def _known(self, secret: str, kind: str, address: str) -> Caller:
        return self._caller(hash_of(secret[:200]), kind, address)

    def _caller(self, token_hash: str, kind: str, address: str) -> Caller:
        now = self.now()
        token = self.state.token(token_hash)
        if token is None or token.kind != kind or not token.holds(now) or self._is_idle(token, now):
            raise Problem("expired")
        person = self.state.person(token.person)
        if person is None or person.disabled_at is not None:
            raise Problem("expired")
        self._use(token, now)
        return Caller(person.person, lower(person.role, token.role or person.role), kind, token_hash, address)

    def _is_idle(self, token: Token, now: datetime) -> bool:
        with self._lock:
            used, _ = self._used.get(token.token_hash, (token.used_at or token.made_at, token.made_at))
        return token.kind == "session" and (now - used).total_seconds() > self.params.idle_s

    def _use(self, token: Token, now: datetime) -> None:
        with self._lock:
            _, kept = self._used.get(token.token_hash, (now, token.used_at or token.made_at))
            due = (now - kept).total_seconds() >= _NOTED_S
            if len(self._used) > 10_000:
                self._used.clear()  # what is kept on disk is at most a minute old
            self._used[token.token_hash] = (now, now if due else kept)
        if due:
            try:
                self.state.token_used(token.token_hash, now)
            except SeawardError as e:  # on a full disk people must still see the watch
                log.warning("the use of a session could not be kept", extra={"why": str(e)})


def hash_of(secret: str) -> str:
    """What is kept of a secret of 256 random bits: SHA-256 is enough, as it cannot be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(secret: str) -> str:
    """The proof that a page of ours makes the request: known to whom the cookie was given, and telling nothing of it."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"seaward csrf/1", hashlib.sha256).hexdigest()
