"""How two nations come to trust each other: one signed file there, one signed file back.

The inviter's server dials, the other's listens: the answer carries where to, and the token by which that server knows the inviter. Both files show
the fingerprint of an authority, which two officers compare by voice; whoever changed a file on its way would show another.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from cryptography import x509
from msgspec import Meta

from seaward.core.errors import ExchangeError
from seaward.exchange import certificates as c
from seaward.exchange.home import Entropy, Home, PartnerRecord
from seaward.exchange.keys import KeyRing, SigningKey
from seaward.exchange.label import Nation
from seaward.exchange.nats_names import inbox, request_subject
from seaward.exchange.nats_tokens import token_subject, user_token
from seaward.exchange.release import moment
from seaward.exchange.seal import Broken, seal, shape, unseal

_LASTS = timedelta(days=14)  # ours
_MOST_BYTES = 65_536
PURPOSE = b"seaward-invitation-1"


class _Letter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """What both files say."""

    origin: Nation
    to: Nation
    nonce: Annotated[bytes, Meta(min_length=16, max_length=32)]
    authority: Annotated[str, Meta(max_length=4_096)]  # PEM
    signing: Annotated[tuple[bytes, ...], Meta(min_length=1, max_length=4)]  # DER
    link_certificate: Annotated[str, Meta(max_length=4_096)]  # PEM
    created: Annotated[datetime, Meta(tz=True)]
    expires: Annotated[datetime, Meta(tz=True)]


class Invitation(_Letter, frozen=True, tag="invitation"):
    """We would like to exchange with you."""

    user: Annotated[str, Meta(max_length=64)]  # public key by which our leaf will come


class Acceptance(_Letter, frozen=True, tag="acceptance"):
    """So would we."""

    url: Annotated[str, Meta(max_length=256, pattern=r"^tls://[A-Za-z0-9.\[\]:-]+:[0-9]{1,5}$(?!\n)")]
    token: Annotated[str, Meta(max_length=4_096)]  # by which our server knows your leaf


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seaward: Literal["exchange/1"]
    about: str
    sealed: str  # base64 of COSE_Sign1 over the letter as JSON


def invite(home: Home, nation: str, key: SigningKey, at: datetime, entropy: Entropy) -> str:
    """Write an invitation and remember it.

    Parameters
    ----------
    home
        Our folder.
    nation
        Whom; ISO 3166-1 alpha-3.
    key
        To sign with.
    at
        Now.
    entropy
        Source of chance.

    Returns
    -------
    The text of the file.

    Raises
    ------
    ExchangeError
        If it is ourselves, or a partner already.
    """
    me = home.nation
    _check_new(home, nation)
    record = home.new_partner(nation, entropy(16), entropy)
    home.keep(record)
    letter = Invitation(me.nation, nation, record.nonce, *_shown(home), at, at + _LASTS, record.leaf.public)
    return _file(letter, key)


def answer(home: Home, text: str, key: SigningKey, at: datetime, entropy: Entropy, voiced: str) -> str:
    """Accept an invitation; gives the text of the file that goes back.

    Parameters
    ----------
    home
        Our folder; its server must be within reach of theirs.
    text
        The invitation.
    key
        To sign with.
    at
        Now.
    entropy
        Source of chance.
    voiced
        The fingerprint of their authority as their officer said it.

    Raises
    ------
    ExchangeError
        If anything about the invitation is not right, or nobody can reach our server.
    """
    me = home.nation
    letter = read_letter(text, at)
    if not isinstance(letter, Invitation):
        raise ExchangeError("this file is an answer to an invitation, not one; give it to the nation that sent the invitation")
    _check_letter(letter, me.nation, voiced)
    _check_new(home, letter.origin)
    if not me.host:
        raise ExchangeError("no partner can reach this server: it was made without --host. Invite them instead, so that ours dials")
    if not letter.user.startswith("U"):
        raise ExchangeError(f"the invitation names {letter.user[:8]!r} as its user, which is no public key of a user; ask for a new one")
    agreed = msgspec.structs.replace(
        home.new_partner(letter.origin, letter.nonce, entropy), state="active", authority=letter.authority, signing=letter.signing,
        link_certificate=letter.link_certificate, their_user=letter.user,
    )  # fmt: skip
    home.keep(agreed)
    back = Acceptance(me.nation, letter.origin, letter.nonce, *_shown(home), at, at + _LASTS, f"tls://{me.host}:{me.leaf_port}",
                      leaf_token(me.nation, agreed, int(at.timestamp())))  # fmt: skip
    return _file(back, key)


def conclude(home: Home, text: str, at: datetime, voiced: str) -> PartnerRecord:
    """Take the answer to our invitation; from then on both are partners.

    Raises
    ------
    ExchangeError
        If it does not answer our invitation, or anything about it is not right.
    """
    me = home.nation
    letter = read_letter(text, at)
    if not isinstance(letter, Acceptance):
        raise ExchangeError("this file is an invitation, not the answer to one; accept it where you mean to be invited")
    _check_letter(letter, me.nation, voiced)
    record = home.partner(letter.origin)
    if record.state != "invited" or record.nonce != letter.nonce:
        raise ExchangeError(f"this does not answer the invitation that {letter.origin} was sent last; send a new one")
    try:
        _, subject = token_subject(letter.token)
    except ValueError as e:
        raise ExchangeError(f"the token in the answer cannot be read: {e}; ask for a new answer") from e
    if subject != record.leaf.public:
        raise ExchangeError("the token in the answer is for another user than ours; ask for a new answer")
    agreed = msgspec.structs.replace(
        record, state="active", authority=letter.authority, signing=letter.signing, link_certificate=letter.link_certificate, dial=letter.url,
        leaf_token=letter.token,
    )  # fmt: skip
    home.keep(agreed)
    return agreed


def leaf_token(me: str, record: PartnerRecord, at_s: int) -> str:
    """The token of a partner's leaf on our server: it may ask for its messages, and answer when asked for ours."""
    them = record.nation
    return user_token(record.link.account, record.their_user, f"leaf of {them}", at_s,
                      [request_subject(me), f"{inbox(me)}.>"], [request_subject(them), f"{inbox(them)}.>"])  # fmt: skip


def read_letter(text: str, at: datetime) -> Invitation | Acceptance:
    """Read a file and check its signature against the certificates in it, and its dates. Whether that authority is the nation's is for people to say.

    Raises
    ------
    ExchangeError
        If anything is not right.
    """
    try:
        file = msgspec.json.decode(text.encode() if len(text) <= _MOST_BYTES else b"", type=_File)
        data = base64.b64decode(file.sealed, validate=True)
        shaped = shape(data)
        claimed = None if isinstance(shaped, Broken) else msgspec.json.decode(shaped[1], type=Invitation | Acceptance)
    except (msgspec.DecodeError, ValueError, RecursionError) as e:
        raise ExchangeError(f"this is no invitation or answer ({e}); ask for the file again") from e
    if claimed is None:
        raise ExchangeError("this is no invitation or answer: its seal has another shape; ask for the file again")
    trust = c.AuthorityTrust(claimed.origin, c.check_authority(claimed.authority.encode(), claimed.origin))
    ring = KeyRing(claimed.origin)
    for certificate in claimed.signing:
        if (key := trust.admit(certificate)) is not None:
            ring = ring.with_key(key)
    now_ms = int(at.timestamp() * 1000)
    opened = unseal(data, ring, now_ms, PURPOSE)
    if isinstance(opened, Broken):
        raise ExchangeError(f"the file was changed on its way, or not signed by {claimed.origin} ({opened.reason}); ask for it again by another way")
    if not claimed.created - timedelta(hours=24) <= at < claimed.expires:
        raise ExchangeError(f"the file is of {claimed.created:%Y-%m-%d} and holds until {claimed.expires:%Y-%m-%d %H:%MZ}; it is now "
                            f"{moment(now_ms):%Y-%m-%d %H:%MZ}. Ask for a new one, and check the clocks")  # fmt: skip
    _check_link(claimed)
    return claimed


def shown_fingerprint(letter: Invitation | Acceptance) -> str:
    """What its sender's officer should say."""
    return c.fingerprint(c.check_authority(letter.authority.encode(), letter.origin))


def _check_link(letter: Invitation | Acceptance) -> None:
    """The certificate of the link must be of the same authority."""
    try:
        link = x509.load_pem_x509_certificate(letter.link_certificate.encode())
        link.verify_directly_issued_by(c.check_authority(letter.authority.encode(), letter.origin))
    except Exception as e:
        raise ExchangeError(f"the certificate of the link is not by the authority of {letter.origin} ({e}); ask for the file again") from e


def _check_letter(letter: Invitation | Acceptance, me: str, voiced: str) -> None:
    if letter.to != me:
        raise ExchangeError(f"the file is for {letter.to}, and this is {me}; give it to them")
    if letter.origin == me:
        raise ExchangeError("the file is our own; it goes to the partner")
    if "".join(voiced.split()).lower() != shown_fingerprint(letter).replace(" ", ""):
        raise ExchangeError(
            f"the authority in the file has the fingerprint {shown_fingerprint(letter)}, and {voiced!r} was given; "
            "ask their officer, by voice, for theirs. If it is another, the file is not theirs"
        )


def _check_new(home: Home, nation: str) -> None:
    me = home.nation.nation
    if nation == me or len(nation) != 3 or not nation.isascii() or not nation.isupper():
        raise ExchangeError(f"partner is {nation!r}; give the ISO 3166-1 code of another nation, such as {'USA' if me != 'USA' else 'PER'}")
    if nation in home.partners() and home.partner(nation).state == "active":
        raise ExchangeError(f"{nation} is a partner already; revoke it first to begin anew")


def _shown(home: Home) -> tuple[str, tuple[bytes, ...], str]:
    return (c.certificate_pem(home.authority_certificate).decode(), home.signing_certificates(), c.certificate_pem(home.link_certificate).decode())


def _file(letter: Invitation | Acceptance, key: SigningKey) -> str:
    about = f"{letter.__struct_config__.tag} of {letter.origin} to {letter.to}, until {letter.expires:%Y-%m-%d}"
    sealed = base64.b64encode(seal(msgspec.json.encode(letter), key, PURPOSE)).decode()
    return msgspec.json.format(msgspec.json.encode(_File("exchange/1", about, sealed)), indent=1).decode() + "\n"
