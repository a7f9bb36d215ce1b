"""A nation's keys and certificates, its folder, and how two nations come to trust each other."""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import nkeys
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seaward.core.errors import ExchangeError, InputError
from seaward.exchange import certificates as c
from seaward.exchange import invitation as inv
from seaward.exchange.home import Home
from seaward.exchange.nats_tokens import ACCOUNT, OPERATOR, USER, credentials, new_nkey, token_subject, user_token
from seaward.exchange.seal import seal
from seaward.exchange.server_plan import plan_server
from tests.exchange.nations import agree

AT = datetime(2027, 1, 15, 8, tzinfo=UTC)
AT_MS = int(AT.timestamp() * 1000)


def chance(seed: str) -> Any:
    """Bytes that are the same each time."""
    import hashlib

    count = 0

    def give(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(f"{seed} {count}".encode()).digest(size)

    return give


def made(folder: Path, nation: str, host: str = "watch.example", passphrase: bytes | None = None) -> Home:
    home = Home(folder / nation)
    home.create(nation, host, (7_422, 4_222), AT, chance(nation), passphrase)
    return home


# -- certificates


def test_an_authority_certifies_keys_for_a_time_and_one_use() -> None:
    authority = c.new_authority("PER", AT)
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    certificate = c.certify_signing(authority, public, AT)
    trust = c.AuthorityTrust("PER", c.check_authority(c.certificate_pem(authority.certificate), "PER"))
    key = trust.admit(certificate)
    assert key is not None and key.not_before_ms < AT_MS and key.not_after_ms == AT_MS + c.SIGNING_DAYS * 86_400_000
    assert c.AuthorityTrust("USA", authority.certificate).admit(certificate) is None
    assert c.AuthorityTrust("PER", c.new_authority("PER", AT).certificate).admit(certificate) is None
    _, link = c.certify_link(authority, ["10.0.0.1"], AT)
    assert trust.admit(c.certificate_pem(link)) is None and trust.admit(link.public_bytes(c.serialization.Encoding.DER)) is None


@pytest.mark.parametrize("wrong", [b"", b"nonsense", b"\x30\x80" * 500, b"x" * 10_000])
def test_what_is_no_certificate_is_not_admitted(wrong: bytes) -> None:
    trust = c.AuthorityTrust("PER", c.new_authority("PER", AT).certificate)
    assert trust.admit(wrong) is None and trust.revoked(wrong) is None


def test_a_damaged_certificate_is_never_admitted() -> None:
    authority = c.new_authority("PER", AT)
    good = c.certify_signing(authority, Ed25519PrivateKey.generate().public_key().public_bytes_raw(), AT)
    trust = c.AuthorityTrust("PER", authority.certificate)
    for at in range(0, len(good), 3):
        changed = bytearray(good)
        changed[at] ^= 4
        assert trust.admit(bytes(changed)) is None


def test_a_list_of_revoked_keys_names_them_and_grows() -> None:
    authority = c.new_authority("PER", AT)
    trust = c.AuthorityTrust("PER", authority.certificate)
    kids = [b"12345678", b"\x00" * 8]
    found = trust.revoked(c.revocation_list(authority, kids, 3, AT))
    assert found is not None and (found.number, found.kids) == (3, frozenset(kids))
    assert trust.revoked(c.revocation_list(c.new_authority("PER", AT), kids, 4, AT)) is None


def test_an_authority_of_another_nation_or_a_mere_certificate_is_refused() -> None:
    authority = c.new_authority("PER", AT)
    with pytest.raises(ExchangeError, match="not that of the authority of USA"):
        c.check_authority(c.certificate_pem(authority.certificate), "USA")
    _, link = c.certify_link(authority, [], AT)
    with pytest.raises(ExchangeError, match="cannot be used"):
        c.check_authority(c.certificate_pem(link), "PER")


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ExchangeError, match="no time zone"):
        c.new_authority("PER", datetime(2027, 1, 1))


# -- tokens of NATS


def test_a_token_is_signed_by_its_issuer_over_exactly_what_it_says() -> None:
    account, user = new_nkey(ACCOUNT, b"a" * 32), new_nkey(USER, b"u" * 32)
    token = user_token(account, user.public, "leaf", 5, ["link.PER.*"], ["inbox.USA.>"], expires_s=9)
    head, body, signature = token.split(".")
    keys = nkeys.from_seed(bytearray(account.seed.encode()))
    assert keys.verify(f"{head}.{body}".encode(), base64.urlsafe_b64decode(signature + "=="))
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert claims["nats"]["pub"]["allow"] == ["link.PER.*"] and claims["exp"] == 9 and token_subject(token) == (account.public, user.public)
    assert account.public[0] == "A" and user.public[0] == "U" and new_nkey(OPERATOR, b"o" * 32).public[0] == "O"
    assert user.seed in credentials(token, user)


@pytest.mark.parametrize("wrong", ["", "a.b", "a.!!.c", "a.e30.c"])
def test_what_is_no_token_is_said_to_be_none(wrong: str) -> None:
    with pytest.raises(ValueError, match="no token"):
        token_subject(wrong)


# -- the folder


def test_a_nation_is_made_once_and_its_files_are_its_owners_alone(tmp_path: Path) -> None:
    home = made(tmp_path, "PER")
    assert home.nation.nation == "PER" and home.signing_numbers() == [1] and home.partners() == []
    for path in home.folder.rglob("*"):
        assert path.is_dir() or path.stat().st_mode & 0o077 == 0, path
    with pytest.raises(ExchangeError, match="holds the keys of PER already"):
        home.create("USA", "", (1, 2), AT, os.urandom, None)


@pytest.mark.parametrize("nation", ["per", "PERU", "P1R", "", "../"])
def test_a_nation_is_three_capital_letters(tmp_path: Path, nation: str) -> None:
    with pytest.raises(ExchangeError, match="three capital letters"):
        Home(tmp_path).create(nation, "", (1, 2), AT, os.urandom, None)
    assert list(tmp_path.iterdir()) == []


def test_keys_lie_encrypted_and_open_with_their_passphrase_alone(tmp_path: Path) -> None:
    home = made(tmp_path, "PER", passphrase=b"correct horse")
    assert b"ENCRYPTED" in (home.folder / "signing-1.pem").read_bytes() and b"ENCRYPTED" in (home.folder / "authority.pem").read_bytes()
    assert home.identity(b"correct horse").key.nation == "PER" and home.authority(b"correct horse").nation == "PER"
    for wrong in (None, b"battery staple"):
        with pytest.raises(ExchangeError, match="passphrase"):
            home.identity(wrong)


def test_a_folder_that_is_not_there_or_damaged_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="exchange init"):
        _ = Home(tmp_path / "nothing").nation
    home = made(tmp_path, "PER")
    (home.folder / "nation.json").write_text('{"nation": 5}')
    with pytest.raises(InputError, match="is damaged"):
        _ = home.nation
    with pytest.raises(ExchangeError, match="USA is no partner here; there are none"):
        home.partner("USA")


def test_keys_change_and_are_revoked(tmp_path: Path) -> None:
    home = made(tmp_path, "PER")
    first = home.identity(None).key
    second = home.add_signing(home.authority(None), AT, os.urandom, None)
    identity = home.identity(None)
    assert identity.key.kid == second.kid and list(identity.certificates) == [second.kid, first.kid] and identity.crl_number == 0
    home.revoke(home.authority(None), [first.kid], AT)
    after = home.identity(None)
    assert list(after.certificates) == [second.kid] and after.crl_number == 1
    found = c.AuthorityTrust("PER", home.authority_certificate).revoked(after.crl)
    assert found is not None and found.kids == {first.kid}
    home.revoke(home.authority(None), [second.kid], AT)
    with pytest.raises(ExchangeError, match="every signing key is revoked"):
        home.identity(None)


# -- invitation


def voiced(text: str) -> str:
    return inv.shown_fingerprint(inv.read_letter(text, AT))


def test_two_files_make_two_partners(tmp_path: Path) -> None:
    per, usa = made(tmp_path, "PER", host=""), made(tmp_path, "USA")
    text = inv.invite(per, "USA", per.identity(None).key, AT, chance("i"))
    assert per.partner("USA").state == "invited" and '"about": "invitation of PER to USA' in text
    back = inv.answer(usa, text, usa.identity(None).key, AT, chance("a"), voiced(text))
    agreed = inv.conclude(per, back, AT, voiced(back).upper().replace(" ", ""))
    assert agreed.state == usa.partner("PER").state == "active"
    assert agreed.dial == "tls://watch.example:7422" and token_subject(agreed.leaf_token)[1] == agreed.leaf.public == usa.partner("PER").their_user
    ring, _ = per.ring("USA")
    assert ring.keys.keys() == {usa.identity(None).key.kid}
    assert b"secret" not in text.encode() and agreed.secret.hex() not in text + back
    plans = plan_server(per, 5), plan_server(usa, 5)
    assert plans[0].listen is None and len(plans[0].dial) == 1 and plans[1].listen is not None and plans[1].dial == ()


def test_each_side_keeps_secrets_of_its_own(tmp_path: Path) -> None:
    homes = [made(tmp_path, n) for n in ("PER", "USA")]
    for home in homes:
        home.add_signing(home.authority(None), datetime.now(UTC), os.urandom, None)
    agree(*homes)
    seeds = set()
    for home, other in (homes, homes[::-1]):
        record = home.partner(other.nation.nation)
        seeds |= {record.out.account.seed, record.out.user.seed, record.link.account.seed, record.link.user.seed, record.leaf.seed, record.secret}
    assert len(seeds) == 12


def letters(tmp_path: Path) -> tuple[Home, Home, str]:
    per, usa = made(tmp_path, "PER"), made(tmp_path, "USA")
    return per, usa, inv.invite(per, "USA", per.identity(None).key, AT, chance("i"))


def test_a_fingerprint_that_the_other_officer_did_not_say_stops_it(tmp_path: Path) -> None:
    _, usa, text = letters(tmp_path)
    with pytest.raises(ExchangeError, match="by voice"):
        inv.answer(usa, text, usa.identity(None).key, AT, os.urandom, "0000 1111")
    assert usa.partners() == []


def test_a_file_that_was_changed_or_signed_by_another_is_refused(tmp_path: Path) -> None:
    per, _, text = letters(tmp_path)
    file = json.loads(text)
    data = base64.b64decode(file["sealed"])
    for at in range(0, len(data), 37):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(ExchangeError):
            inv.read_letter(json.dumps(file | {"sealed": base64.b64encode(changed).decode()}), AT)
    letter = inv.read_letter(text, AT)
    rogue = c.new_authority("PER", AT)
    forged = msgspec.structs.replace(letter, authority=c.certificate_pem(rogue.certificate).decode())
    sealed = seal(msgspec.json.encode(forged), per.identity(None).key, inv.PURPOSE)
    with pytest.raises(ExchangeError, match="not signed by PER"):
        inv.read_letter(json.dumps(file | {"sealed": base64.b64encode(sealed).decode()}), AT)
    with pytest.raises(ExchangeError, match="not signed by PER"):  # sealed as a message of the link, not as a letter
        inv.read_letter(json.dumps(file | {"sealed": base64.b64encode(seal(msgspec.json.encode(letter), per.identity(None).key)).decode()}), AT)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[" * 100_000, '{"seaward": "exchange/1", "about": "", "sealed": "!"}', '{"seaward": "exchange/1", "about": "", "sealed": "AAAA"}'],
)
def test_what_is_no_letter_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ExchangeError, match="no invitation or answer"):
        inv.read_letter(text, AT)


def test_a_letter_holds_for_two_weeks(tmp_path: Path) -> None:
    _, _, text = letters(tmp_path)
    for at in (AT + timedelta(days=14), AT - timedelta(hours=25)):
        with pytest.raises(ExchangeError, match=r"check the clocks|changed on its way"):
            inv.read_letter(text, at)


def test_letters_go_to_whom_they_are_for_and_answer_what_was_asked(tmp_path: Path) -> None:
    per, usa, text = letters(tmp_path)
    ecu = made(tmp_path, "ECU")
    keys = {h.nation.nation: h.identity(None).key for h in (per, usa, ecu)}
    with pytest.raises(ExchangeError, match="is for USA, and this is ECU"):
        inv.answer(ecu, text, keys["ECU"], AT, os.urandom, voiced(text))
    with pytest.raises(ExchangeError, match="is an invitation, not the answer"):
        inv.conclude(per, text, AT, voiced(text))
    back = inv.answer(usa, text, keys["USA"], AT, os.urandom, voiced(text))
    with pytest.raises(ExchangeError, match="is an answer to an invitation"):
        inv.answer(per, back, keys["PER"], AT, os.urandom, voiced(back))
    inv.invite(per, "USA", keys["PER"], AT, os.urandom)  # a second thought: only the last invitation counts
    with pytest.raises(ExchangeError, match="does not answer the invitation"):
        inv.conclude(per, back, AT, voiced(back))


def test_partners_are_other_nations_and_not_yet_partners(tmp_path: Path) -> None:
    per, usa = made(tmp_path, "PER"), made(tmp_path, "USA", host="")
    key = per.identity(None).key
    for wrong in ("PER", "usa", "US", "../"):
        with pytest.raises(ExchangeError, match="partner is"):
            inv.invite(per, wrong, key, AT, os.urandom)
    text = inv.invite(per, "USA", key, AT, os.urandom)
    with pytest.raises(ExchangeError, match="no partner can reach this server"):
        inv.answer(usa, text, usa.identity(None).key, AT, os.urandom, voiced(text))


def test_an_answer_with_a_token_for_someone_else_is_refused(tmp_path: Path) -> None:
    per, usa, text = letters(tmp_path)
    back = inv.answer(usa, text, usa.identity(None).key, AT, os.urandom, voiced(text))
    letter = inv.read_letter(back, AT)
    other = new_nkey(USER, b"z" * 32)
    for token in (user_token(new_nkey(ACCOUNT, b"y" * 32), other.public, "x", 5, [], []), "nonsense"):
        changed = msgspec.structs.replace(letter, token=token)
        file = json.loads(back) | {"sealed": base64.b64encode(seal(msgspec.json.encode(changed), usa.identity(None).key, inv.PURPOSE)).decode()}
        with pytest.raises(ExchangeError, match="token in the answer"):
            inv.conclude(per, json.dumps(file), AT, voiced(back))
    assert isinstance(x509.load_pem_x509_certificate(letter.link_certificate.encode()), x509.Certificate)
