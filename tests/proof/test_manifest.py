"""The manifest signs what is there, all of it and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seaward.core.errors import EvidenceError
from seaward.proof.manifest import as_json, checked, fingerprint, from_json, signed

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
SAID = {"realm": "ops", "event_id": "e1", "version": 2, "seaward": "0.1.0"}


def made(**more: bytes) -> dict[str, bytes]:
    return signed({"a": b"1", "b": b"2", **more}, KEY, **SAID)  # type: ignore[arg-type]


def resigned(files: dict[str, bytes], **changes: object) -> dict[str, bytes]:
    """The same files with another manifest, signed again by the same key."""
    text = as_json(json.loads(files["manifest.json"]) | changes)
    return files | {"manifest.json": text, "manifest.sig": KEY.sign(text)}


def test_what_is_signed_is_checked() -> None:
    told = checked(made())
    assert (told.realm, told.event_id, told.version, told.fingerprint) == ("ops", "e1", 2, fingerprint(KEY.public_key()))
    assert made() == made()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f | {"a": b"3"}, "a .*SHA-256"),
        (lambda f: f | {"c": b"3"}, "c: it is in the pack and not in manifest"),
        (lambda f: {k: v for k, v in f.items() if k != "a"}, "a: it is not in the pack but in manifest"),
        (lambda f: {k: v for k, v in f.items() if k != "manifest.sig"}, "manifest.sig is not in the pack"),
        (lambda f: f | {"manifest.sig": bytes(64)}, "signature does not fit"),
        (lambda f: f | {"manifest.sig": b""}, "signature does not fit"),
        (lambda f: f | {"manifest.json": f["manifest.json"].replace(b'"ops"', b'"ex:a"')}, "signature does not fit"),
        (lambda f: resigned(f, realm="ex:a"), "mark of an exercise"),
        (lambda f: resigned(f, realm="mine"), "realm"),
        (lambda f: resigned(f, format="other/9"), "format"),
        (lambda f: resigned(f, signer={"public_key": "00"}), "does not say"),
        (lambda f: f | {"signer.pem": b"x"}, "signer.pem"),
        (lambda f: f | {"manifest.json": b"[]"}, "no object"),
        (lambda f: f | {"manifest.json": b'{"a": 1, "a": 2}'}, "twice"),
        (lambda f: f | {"manifest.json": b'{"a": NaN}'}, "no number"),
        (lambda f: f | {"manifest.json": b"[" * 100_000}, "no JSON"),
    ],
)
def test_what_was_changed_since_is_told(change, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EvidenceError, match=words):
        checked(change(made()))


def test_a_drill_says_so_in_its_manifest() -> None:
    files = signed({"a": b"1"}, KEY, realm="ex:demo", event_id="e", version=1, seaward="0")
    assert json.loads(files["manifest.json"])["mark"] == "EXERCISE EXERCISE EXERCISE"


def test_openssl_checks_the_signature_alone(tmp_path: Path) -> None:
    import shutil
    import subprocess

    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    for name, content in made().items():
        (tmp_path / name).write_bytes(content)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "signer.pem", "-rawin", "-in", "manifest.json", "-sigfile", "manifest.sig"]
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    (tmp_path / "manifest.json").write_bytes(made()["manifest.json"] + b" ")
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode != 0


def test_json_is_the_same_for_the_same_value() -> None:
    assert as_json({"b": 1, "a": [0.1, "ñ"]}) == as_json({"a": [0.1, "ñ"], "b": 1})
    assert from_json("x", as_json({"a": 1 / 3}))["a"] == 1 / 3
