"""`seaward evidence EVENT_ID` writes a pack of evidence; `seaward evidence verify PACK` checks one, offline, from its bytes alone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from seaward import __version__
from seaward.behaviours.gears import ANY
from seaward.cli.detect import Language
from seaward.cli.progress import Shown
from seaward.core.catalogue import render
from seaward.core.errors import EvidenceError, InputError, OutputError, ParameterError
from seaward.core.realm import OPS, is_drill
from seaward.evidence.build import pack
from seaward.evidence.check import Verified, verify
from seaward.evidence.from_node import from_node
from seaward.evidence.from_results import Case, from_results
from seaward.evidence.givens import GivenFiles
from seaward.evidence.origins import shown_in_file
from seaward.proof.container import MOST_BYTES
from seaward.proof.manifest import fingerprint, grouped
from seaward.store.keys import NODE_KEY, key_of, passphrase_of, public_key


class _OrEvent(TyperGroup):
    """The name of an event stands where a verb would: `seaward evidence 3f2a...` is `seaward evidence pack 3f2a...`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["pack", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="evidence",
    cls=_OrEvent,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Evidence of an event that a court could read: `seaward evidence EVENT_ID` writes a pack, `verify` checks one.",
)


@app.command("pack")
def pack_event(
    event: Annotated[str, typer.Argument(metavar="EVENT_ID", help="Name of the event, or at least its first eight digits.", show_default=False)],
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the node (default: SEAWARD_DATA, or seaward-data).")] = None,
    results: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder that detect wrote, instead of a node's.")] = None,
    inputs: Annotated[list[str] | None, typer.Option("--input", metavar="FILE", help="With --results: the files detect read, in that order.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Pack to write (default: evidence-<event>-v<version>.zip).")] = None,
    version: Annotated[int | None, typer.Option(metavar="N", help="Which version of a node's event (default: the last).")] = None,
    realm: Annotated[str, typer.Option(metavar="REALM", help="Of the node: ops, or ex:<drill id>. Results say theirs themselves.")] = OPS,
    areas: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Areas that the watch was given; of a node peru where none is named.")
    ] = None,
    ports: Annotated[list[str] | None, typer.Option(metavar="FILE", help="Ports that the watch was given.")] = None,
    detections: Annotated[list[str] | None, typer.Option(metavar="FILE", help="Detections that the watch was given.")] = None,
    gear: Annotated[str, typer.Option(metavar="GEAR", help="Gear that the watch was given for all vessels.")] = ANY,
    gears: Annotated[list[str] | None, typer.Option(metavar="FILE", help="Gears of single vessels that the watch was given.")] = None,
    column_map: Annotated[Path | None, typer.Option("--map", metavar="FILE", help="With --results: the column map that detect was given.")] = None,
    signing_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Private key (default: keys/node.ed25519 in the node's folder; made if not there).")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of messages; the pack has both.")] = Language.en,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write the evidence of one event as a signed pack.

    It holds the raw bytes of every report of the vessels that the event rests on, what it takes as known, an account in English and Spanish with what
    was not established, and a signature. A passphrase of the key comes from SEAWARD_KEY_PASSPHRASE or the file in SEAWARD_KEY_PASSPHRASE_FILE.
    """
    folder = data or Path(os.environ.get("SEAWARD_DATA") or "seaward-data")
    areas = areas or ([] if results is not None else ["peru"])  # as a node whose configuration names none
    given = GivenFiles(areas, ports or [], detections or [], gear, gears or [])
    with Shown(lang.value) as shown:
        if results is not None:
            if version is not None:
                raise ParameterError("--version is of a node's events; those of --results have one")
            case = from_results(results, event, inputs or [], given, column_map, shown)
        else:
            if inputs or column_map is not None:
                raise ParameterError("--input and --map go with --results; a node has the bytes itself")
            case = from_node(folder, realm, event, version, given, shown)
        place = signing_key or folder / NODE_KEY
        key, made = key_of(place, passphrase_of(os.environ))
        content = pack(case.gathered, case.told, case.version, case.given, key, __version__)
    path = out or Path(_name(case))
    _write(path, content)
    signer = fingerprint(key.public_key())
    if as_json:
        told = _told(case, path, content, signer)
        json.dump(told, sys.stdout, indent=2, ensure_ascii=False)
        print()
        return
    if made:
        print(render("cli.evidence.key_made", {"path": str(place)}, lang.value))
    _say(case, path, content, signer, lang.value)


@app.command("verify")
def verify_pack(
    path: Annotated[Path, typer.Argument(metavar="PACK", help="A pack of evidence.", show_default=False)],
    key: Annotated[
        str | None, typer.Option(metavar="FINGERPRINT|PUBFILE", help="Whose signature it must be: 64 digits, or a file with a public key.")
    ] = None,
    inputs: Annotated[
        list[str] | None, typer.Option("--input", metavar="FILE", help="A file it was cut from: show that its lines stand there.")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of messages.")] = Language.en,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check every byte of a pack, and find its event again from the bytes alone, without a network.

    Ends with 0 where all holds, with 1 where anything does not (and says what), with 2 where the call cannot be carried out.
    """
    wanted = None if key is None else _wanted(key)
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as e:
        raise InputError(f"{path} cannot be read ({e.strerror}); name a pack of evidence") from e
    with Shown(lang.value) as shown:
        if size > MOST_BYTES:
            raise EvidenceError(f"{path} has {size:,} bytes; no pack has more than {MOST_BYTES:,}")
        found = verify(content)
        shown("cut", 1.0)
        within = [shown_in_file(found.cut, name) for name in inputs or []]
    signer = found.manifest.fingerprint
    if wanted is not None and signer != wanted:
        raise EvidenceError(render("cli.evidence.other_signer", {"signer": grouped(signer), "wanted": grouped(wanted)}, lang.value))
    if as_json:
        said = {
            "holds": True, "realm": found.manifest.realm, "exercise": found.is_exercise, "event_id": found.manifest.event_id,
            "version": found.manifest.version, "kind": found.event["kind"], "reports": found.reports, "signer": signer,
            "signer_known": wanted is not None, "told_differs": found.told_differs, "feeds": found.feeds, "known": found.known,
            "said_by_signer_alone": list(found.said_alone), "in_files": within,
            "sha256": hashlib.sha256(content).hexdigest(),
        }  # fmt: skip
        json.dump(said, sys.stdout, indent=2, ensure_ascii=False)
        print()
        return
    _report(found, wanted is not None, within, lang.value)


def _report(found: Verified, known: bool, within: list[str], language: str) -> None:
    def say(code: str, **values: Any) -> None:
        print(render(f"cli.evidence.{code}", values, language))

    manifest = found.manifest
    if found.is_exercise:
        say("exercise", realm=manifest.realm)
    kind = render(f"kind.{found.event['kind']}", {}, language)
    say("holds_good", event_id=manifest.event_id, kind=kind, version=manifest.version, realm=manifest.realm, reports=found.reports)
    say("known_signer" if known else "unknown_signer", signer=grouped(manifest.fingerprint))
    for feed in found.feeds:
        if feed["chained"]:
            say("chain", **feed)
        elif feed["name"] not in within:
            say("of_file", **feed)
        else:
            say("in_file", name=feed["name"], path=feed["name"])
    say("taken", what=", ".join(found.known))
    say("alone", what="; ".join(render(f"cli.evidence.alone.{name}", {}, language) for name in found.said_alone))
    if found.told_differs:
        say("differs", what="; ".join(found.told_differs))


def _wanted(key: str) -> str:
    """The fingerprint that is asked for: said as digits, or that of a key in a file."""
    digits = re.sub(r"[\s:-]", "", key).lower()
    if re.fullmatch(r"[0-9a-f]{64}", digits):
        return digits
    return fingerprint(public_key(Path(key)))


def _name(case: Case) -> str:
    event = case.gathered.event
    return f"{'ex-' + event['realm'][3:] + '.' if is_drill(event['realm']) else ''}evidence-{event['event_id'][:12]}-v{case.version}.zip"


def _write(path: Path, content: bytes) -> None:
    """All of the file, or none of it."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written ({e.strerror}); choose another file with --out") from e


def _told(case: Case, path: Path, content: bytes, signer: str) -> dict[str, Any]:
    event = case.gathered.event
    return {
        "path": str(path), "realm": event["realm"], "event_id": event["event_id"], "version": case.version, "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(), "signer": signer, "reports": len(case.gathered.reports),
        "vessels": case.gathered.reports["mmsi"].n_unique(), "told_differs": case.gathered.told_differs,
    }  # fmt: skip


def _say(case: Case, path: Path, content: bytes, signer: str, language: str) -> None:
    told = _told(case, path, content, signer)
    if is_drill(told["realm"]):
        print(render("cli.evidence.exercise", told, language))
    print(render("cli.evidence.made", told, language))
    print(render("cli.evidence.holds", told, language))
    print(render("cli.evidence.key", {"signer": grouped(signer)}, language))
    if told["told_differs"]:
        print(render("cli.evidence.differs", {"what": "; ".join(told["told_differs"])}, language))
