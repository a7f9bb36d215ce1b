"""Who is who: sessions, tokens, tries that are slowed, and what a stranger can learn (nothing)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from seaward.core.errors import ParameterError, StateError
from seaward.server.passwords import Passwords, check_password
from seaward.server.problems import Problem
from seaward.server.refusals import Refusals
from seaward.server.sign_in import SignIn, SignInParams, csrf_of, hash_of
from seaward.server.slowing import Slowing, SlowingParams
from seaward.store.state import State
from tests.server.floor import PASSWORD, QUICK

NOON = datetime(2027, 11, 4, 12, tzinfo=UTC)


class Time:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.s = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.s)

    def now_s(self) -> float:
        return self.s


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def door(tmp_path: Path, time: Time) -> Iterator[SignIn]:
    with State.open(tmp_path / "state.sqlite", "ops") as state:
        state.add_person("vega", "Tte. Vega", "officer", QUICK.hash(PASSWORD), "test", NOON)
        state.add_person("gone", "Somebody", "officer", QUICK.hash(PASSWORD), "test", NOON)
        state.change_person("gone", "test", NOON, disabled=True)
        state.add_person("robot", "A program", "admin", None, "test", NOON)
        yield SignIn(state, Refusals(state, time.now), QUICK, now=time.now, now_s=time.now_s)


def refused(door: SignIn, name: str, password: str = "wrong and long enough", address: str = "10.0.0.1") -> Problem:
    with pytest.raises(Problem) as told:
        door.sign_in(name, password, address)
    return told.value


def test_the_right_password_begins_a_session_and_only_hashes_are_kept(door: SignIn) -> None:
    session = door.sign_in("vega", PASSWORD, "10.0.0.1")
    caller = door.who(None, session.secret, "10.0.0.1")
    assert (caller.person, caller.role, caller.by) == ("vega", "officer", "session")
    kept = " ".join(str(row) for row in door.state.rows("SELECT * FROM tokens") + door.state.rows("SELECT * FROM people"))
    kept += " ".join(door.state.audit_rows()["body"])
    assert session.secret not in kept and PASSWORD not in kept and hash_of(session.secret) in kept


def test_a_wrong_name_a_wrong_password_a_disabled_person_and_a_program_are_refused_alike(door: SignIn) -> None:
    told = [refused(door, "vega"), refused(door, "nobody"), refused(door, "gone", PASSWORD), refused(door, "robot")]
    assert {(t.code, str(t), t.status) for t in told} == {("sign_in", str(told[0]), 401)}


def test_each_try_costs_one_hash_whoever_is_named(door: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work, so the same time: measuring it in a test would say little on a busy machine."""
    checked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: Any, password: Any) -> Any:
            checked.append(str(hash).rsplit("$", 2)[0])
            return super().verify(hash, password)

    door.passwords = Passwords(Counting(time_cost=1, memory_cost=64, parallelism=1))
    for name in ("vega", "nobody", "gone", "robot"):
        refused(door, name)
    assert len(checked) == 4 and len(set(checked)) == 1, "one hash each, with the same parameters"


def test_passwords_are_hashed_by_argon2id_as_recommended() -> None:
    kept = Passwords().hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106, 4: second recommended option


def test_a_session_ends_when_idle_and_at_the_latest_after_its_time(door: SignIn, time: Time) -> None:
    session = door.sign_in("vega", PASSWORD, "10.0.0.1")
    for _ in range(11):
        time.s += 3_590
        door.who(None, session.secret, "")
    time.s += 3_601
    with pytest.raises(Problem, match="sign in again"):
        door.who(None, session.secret, "")
    session = door.sign_in("vega", PASSWORD, "10.0.0.1")
    for _ in range(23):
        time.s += 1_800
        door.who(None, session.secret, "")
    time.s += 1_800
    with pytest.raises(Problem, match="sign in again"):
        door.who(None, session.secret, "")


def test_idleness_is_known_after_a_restart(door: SignIn, time: Time) -> None:
    session = door.sign_in("vega", PASSWORD, "10.0.0.1")
    time.s += 3_000
    door.who(None, session.secret, "")
    anew = SignIn(door.state, door.refusals, QUICK, now=time.now, now_s=time.now_s)
    time.s += 3_000
    assert anew.who(None, session.secret, "").person == "vega"
    time.s += 3_601
    with pytest.raises(Problem):
        SignIn(door.state, door.refusals, QUICK, now=time.now, now_s=time.now_s).who(None, session.secret, "")


def test_a_full_disk_does_not_shut_people_out(door: SignIn, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    session = door.sign_in("vega", PASSWORD, "10.0.0.1")

    def full(*_: object) -> None:
        raise StateError("no room", "full")

    monkeypatch.setattr(door.state, "token_used", full)
    time.s += 120
    assert door.who(None, session.secret, "").person == "vega"


def test_signing_in_again_ends_the_session_that_the_browser_had(door: SignIn) -> None:
    """A cookie planted before sign-in is worth nothing after it, and neither is the old one."""
    first = door.sign_in("vega", PASSWORD, "10.0.0.1")
    second = door.sign_in("vega", PASSWORD, "10.0.0.1", before=first.secret)
    assert first.secret != second.secret and csrf_of(first.secret) != csrf_of(second.secret)
    with pytest.raises(Problem):
        door.who(None, first.secret, "")
    assert door.who(None, second.secret, "").person == "vega"


def test_a_disabled_person_is_out_at_once(door: SignIn, time: Time) -> None:
    session = door.sign_in("vega", PASSWORD, "10.0.0.1")
    caller = door.who(None, session.secret, "")
    door.state.change_person("vega", "admin", time.now(), disabled=True)
    assert not door.still(caller)
    with pytest.raises(Problem):
        door.who(None, session.secret, "")


def test_a_token_has_at_most_its_role_and_the_persons(door: SignIn, time: Time) -> None:
    robot = door.state.person("robot")
    assert robot is not None
    secret, expires_at = door.make_token(robot, "observer", "metrics", 3_600, "test")
    caller = door.who(f"Bearer {secret}", None, "")
    assert (caller.person, caller.role, caller.by) == ("robot", "observer", "token") and secret.startswith("seaward_")
    assert expires_at == time.now() + timedelta(hours=1)
    vega = door.state.person("vega")
    assert vega is not None
    more, _ = door.make_token(vega, "admin", "greedy", 3_600, "test")
    assert door.who(f"Bearer {more}", None, "").role == "officer"
    with pytest.raises(Problem):
        door.who(None, secret, "")  # a token is no cookie
    session = door.sign_in("vega", PASSWORD, "10.0.0.1")
    with pytest.raises(Problem):
        door.who(f"Bearer {session.secret}", None, "")  # and a cookie no token
    time.s += 3_600
    with pytest.raises(Problem):
        door.who(f"Bearer {secret}", None, "")


def test_tries_are_slowed_for_a_name_and_an_address(door: SignIn, time: Time) -> None:
    for _ in range(5):
        assert refused(door, "vega").code == "sign_in"
    told = refused(door, "vega", PASSWORD)
    assert told.code == "slow_down" and told.status == 429 and int(told.headers["Retry-After"]) >= 1
    tries = 0
    for _ in range(3_600):
        time.s += 1
        tries += refused(door, "vega").code == "sign_in"
    assert tries < 15, "a guesser gets a dozen tries in an hour"


def test_a_stranger_cannot_lock_a_person_out_from_elsewhere(door: SignIn, time: Time) -> None:
    for k in range(60):
        time.s += 60
        with pytest.raises(Problem):
            door.sign_in("vega", "wrong and long enough", f"10.0.{k}.1")
    time.s += 31
    assert door.sign_in("vega", PASSWORD, "192.168.1.5").person.person == "vega"


def test_names_that_are_not_there_are_slowed_as_those_that_are(door: SignIn) -> None:
    codes = {name: [refused(door, name, address=f"10.1.{n}.1").code for _ in range(7)] for n, name in enumerate(("vega", "nobody"))}
    assert codes["vega"] == codes["nobody"] and codes["vega"][-1] == "slow_down"


def test_many_names_from_one_address_are_slowed(door: SignIn) -> None:
    codes = [refused(door, f"name{k}").code for k in range(30)]
    assert codes[0] == "sign_in" and codes[-1] == "slow_down"
    assert refused(door, "other", address="10.0.0.2").code == "sign_in"


def test_one_network_of_ipv6_counts_as_one_address(door: SignIn) -> None:
    codes = [refused(door, f"name{k}", address=f"2001:db8::{k:x}").code for k in range(30)]
    assert codes[-1] == "slow_down"


def test_the_memory_of_failures_is_bounded() -> None:
    slowing = Slowing(SlowingParams(most=100))
    for k in range(5_000):
        slowing.tried(f"n{k}", f"10.{k // 250}.{k % 250}.1", float(k))
    assert len(slowing._failures) == 100


def test_every_refusal_is_in_the_audit_and_a_flood_is_counted(door: SignIn, time: Time) -> None:
    for _ in range(40):
        refused(door, "vega")
    refused(door, "correct horse battery staple")  # a password typed in the wrong field
    time.s += 61
    door.refusals.settle()
    rows = door.state.audit_rows().filter(pl.col("action") == "signin.refused")
    assert sum(int(b) for b in rows["body"].str.extract(r'"times":(\d+)')) == 41
    assert rows["who"].unique().sort().to_list() == ["anonymous", "vega"] and len(rows) <= 4
    assert "horse" not in str(door.state.rows("SELECT * FROM audit"))


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "a" * 14,
        "aaaaaaaaaaaaaaaaaa",
        "vegavegavegavega1",
        "seawardseaward12",
        "abcdefghijklmnop",
        "qwertyuiopasdfgh",
        "x" * 257,
        "0123456789012345678",
    ],
    ids=["five letters", "fourteen", "one letter", "the name", "the program", "the alphabet", "a row of keys", "too long", "digits in a row"],
)
def test_a_password_that_is_short_or_expected_is_refused(password: str) -> None:
    with pytest.raises(ParameterError, match="choose"):
        check_password(password, "vega", "Tte. Vega")


def test_a_password_may_be_any_words_and_is_the_same_however_it_is_composed() -> None:
    assert check_password("cuatro gaviotas miran", "vega") == "cuatro gaviotas miran"
    assert QUICK.fits(QUICK.hash(check_password("el ca\u00f1\u00f3n de la bah\u00eda", "vega")), "el can\u0303o\u0301n de la bahi\u0301a")


@given(st.text(max_size=300))
def test_no_text_makes_the_check_fail_otherwise(password: str) -> None:
    try:
        check_password(password, "vega")
    except ParameterError:
        return
    assert not QUICK.fits(None, password)


def test_what_is_no_token_is_refused_in_words(door: SignIn) -> None:
    for authorization in ("", "Basic dmVnYTpwYXNz", "Bearer", "Bearer  ", "Bearer " + "x" * 10_000, "bearer \udcff"):
        with pytest.raises(Problem) as told:
            door.who(authorization, None, "")
        assert told.value.code == "expired"


def test_sessions_of_another_length_can_be_asked_for(door: SignIn, time: Time) -> None:
    short = SignIn(door.state, door.refusals, QUICK, params=SignInParams(longest_s=60), now=time.now, now_s=time.now_s)
    session = short.sign_in("vega", PASSWORD, "")
    time.s += 60
    with pytest.raises(Problem):
        short.who(None, session.secret, "")
