"""Files of a pack <-> the manifest that names and signs them: SHA-256 and size of each, realm, event, signer.

`manifest.sig` is the Ed25519 signature (RFC 8032) of the bytes of `manifest.json` and nothing else, so that other programs can check it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from seaward.core.errors import EvidenceError, RealmError
from seaward.core.realm import check_realm, is_drill
from seaward.proof.container import places

FORMAT = "seaward-evidence/1"
MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "signer.pem"
MARK = "EXERCISE EXERCISE EXERCISE"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says, its signature checked against the key it names itself."""

    realm: str
    event_id: str
    version: int
    seaward: str
    fingerprint: str


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of the 32 bytes of a public key, in hexadecimal digits: what two people compare."""
    return hashlib.sha256(_raw(key)).hexdigest()


def grouped(digits: str) -> str:
    """A fingerprint in groups of four digits, to be read aloud."""
    return " ".join(digits[k : k + 4] for k in range(0, len(digits), 4))


def signed(files: Mapping[str, bytes], key: Ed25519PrivateKey, *, realm: str, event_id: str, version: int, seaward: str) -> dict[str, bytes]:
    """The files with the public key, the manifest and its signature; the same files and key give the same bytes."""
    public = key.public_key()
    every = {**files, KEY: public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)}
    said = {
        "format": FORMAT,
        "realm": check_realm(realm),
        "exercise": is_drill(realm),
        "mark": MARK if is_drill(realm) else "",
        "event_id": event_id,
        "version": version,
        "seaward": seaward,
        "signer": {"algorithm": "Ed25519", "public_key": _raw(public).hex(), "fingerprint": fingerprint(public)},
        "files": {name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in every.items()},
    }
    text = as_json(said)
    return {**every, MANIFEST: text, SIGNATURE: key.sign(text)}


def checked(files: Mapping[str, bytes]) -> Manifest:
    """Check the signature and every hash.

    Raises
    ------
    EvidenceError
        If the manifest, its signature or a file is not what it has to be; the message names the file.
    """
    if missing := [name for name in (MANIFEST, SIGNATURE, KEY) if name not in files]:
        raise EvidenceError(f"{missing[0]} is not in the pack")
    said = from_json(MANIFEST, files[MANIFEST])
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(said["signer"]["public_key"]))
        public.verify(files[SIGNATURE], files[MANIFEST])
        listed = {str(name): (int(of["bytes"]), str(of["sha256"])) for name, of in said["files"].items()}
        told = Manifest(check_realm(said["realm"]), str(said["event_id"]), int(said["version"]), str(said["seaward"]), fingerprint(public))
    except InvalidSignature:
        raise EvidenceError(f"{SIGNATURE}: the signature does not fit {MANIFEST} and the key it names; one of them was changed") from None
    except (KeyError, TypeError, ValueError, AttributeError, RealmError) as e:
        raise EvidenceError(f"{MANIFEST}: it does not say what a manifest says ({e})") from e
    if said.get("format") != FORMAT:
        raise EvidenceError(f"{MANIFEST}: its format is {said.get('format')!r}; this program knows {FORMAT}")
    if said.get("exercise") is not is_drill(told.realm) or said.get("mark") != (MARK if is_drill(told.realm) else ""):
        raise EvidenceError(f"{MANIFEST}: its mark of an exercise does not fit its realm {told.realm}")
    if said["signer"].get("fingerprint") != told.fingerprint or files[KEY] != public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo):
        raise EvidenceError(f"{KEY}: it is not the key that {MANIFEST} names")
    every = set(files) - {MANIFEST, SIGNATURE}
    if odd := sorted(every ^ set(listed)):
        raise EvidenceError(f"{odd[0]}: {'it is in the pack and not' if odd[0] in every else 'it is not in the pack but'} in {MANIFEST}")
    for name, (size, digest) in sorted(listed.items()):
        if len(files[name]) != size or hashlib.sha256(files[name]).hexdigest() != digest:
            start, end = places(files)[name]
            raise EvidenceError(f"{name} (bytes {start} to {end - 1} of the pack): its SHA-256 is not the one in {MANIFEST}")
    return told


def as_json(value: Any) -> bytes:
    """JSON that is the same for the same value: keys sorted, ASCII, a line for each value."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n").encode()


def from_json(name: str, data: bytes) -> dict[str, Any]:
    """An object of JSON that names nothing twice; EvidenceError where it is none."""
    try:
        said = json.loads(data, object_pairs_hook=_once, parse_constant=_refused)
    except (ValueError, RecursionError) as e:
        raise EvidenceError(f"{name}: it is no JSON ({e})") from e
    if not isinstance(said, dict):
        raise EvidenceError(f"{name}: it is no object of JSON")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({k for k, _ in pairs}) != len(pairs):
        raise ValueError("it names a thing twice")
    return dict(pairs)


def _refused(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
