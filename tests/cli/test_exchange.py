"""`seaward exchange`: two officers set up an exchange, release, explain, revoke; secrets are on no command line and in no output."""

from __future__ import annotations

import json
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.catalogue import catalogue
from seaward.core.errors import ExchangeError, InputError, ParameterError
from seaward.exchange.home import Home
from seaward.store.state import State
from tests.store.kept import alert, change, event

SECRET = "cuatro gaviotas miran el faro"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return path


def run(*words: object) -> str:
    done = CliRunner().invoke(app, ["exchange", *map(str, words)])
    assert SECRET not in done.output
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def fingerprint(said: str) -> str:
    found = re.search(r"(?:[0-9a-f]{4} ){7}[0-9a-f]{4}", said)
    assert found is not None
    return found[0]


def agreed(folder: Path, secret: Path) -> tuple[Path, Path]:
    """PER and USA after two files and two calls."""
    per, usa = folder / "per", folder / "usa"
    one = fingerprint(run("init", "PER", "--dir", per, "--passphrase-file", secret))
    other = fingerprint(run("init", "USA", "--host", "usa.example", "--dir", usa, "--passphrase-file", secret))
    run("invite", "USA", "--dir", per, "--passphrase-file", secret, "--out", folder / "letter")
    run("accept", folder / "letter", "--fingerprint", one, "--dir", usa, "--passphrase-file", secret, "--out", folder / "answer")
    run("accept", folder / "answer", "--fingerprint", other, "--dir", per)
    return per, usa


def test_two_officers_agree_by_two_files_and_two_fingerprints(tmp_path: Path, secret: Path) -> None:
    per, usa = agreed(tmp_path, secret)
    assert Home(per).partner("USA").state == Home(usa).partner("PER").state == "active"
    assert "tls://usa.example:7422" in Home(per).partner("USA").dial
    said = json.loads(run("status", "--dir", per, "--json"))
    assert said["nation"] == "PER" and not said["running"] and said["partners"][0]["agreed"] == "active"
    assert "acordado" in run("status", "--dir", usa, "--lang", "es") and "agreed" in run("status", "--dir", usa)
    for path in [p for home in (per, usa) for p in home.rglob("*") if p.is_file()] + [tmp_path / "letter", tmp_path / "answer"]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert SECRET.encode() not in path.read_bytes()
    assert b"ENCRYPTED" in (per / "authority.pem").read_bytes() and b"ENCRYPTED" in (per / "signing-1.pem").read_bytes()


def test_another_fingerprint_an_open_passphrase_file_and_a_short_one_are_refused(tmp_path: Path, secret: Path) -> None:
    per, usa = tmp_path / "per", tmp_path / "usa"
    run("init", "PER", "--dir", per, "--passphrase-file", secret)
    run("init", "USA", "--host", "usa.example", "--dir", usa, "--no-passphrase")
    run("invite", "USA", "--dir", per, "--passphrase-file", secret, "--out", tmp_path / "letter")
    with pytest.raises(ExchangeError, match="by voice"):
        run("accept", tmp_path / "letter", "--fingerprint", "0000 " * 8, "--dir", usa)
    assert Home(usa).partners() == [] and not (tmp_path / "answer-USA-PER.json").exists()
    with pytest.raises(ExchangeError, match="passphrase is not right"):
        wrong = tmp_path / "wrong"
        wrong.write_text("something else entirely")
        wrong.chmod(0o600)
        run("invite", "USA", "--dir", per, "--passphrase-file", wrong, "--out", tmp_path / "letter2")
    with pytest.raises(InputError, match="nobody to ask"):
        run("invite", "USA", "--dir", per, "--out", tmp_path / "letter2")
    secret.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        run("init", "ECU", "--dir", tmp_path / "ecu", "--passphrase-file", secret)
    wrong.write_text("short")
    with pytest.raises(ParameterError, match="15 characters"):
        run("init", "ECU", "--dir", tmp_path / "ecu", "--passphrase-file", wrong)


def test_no_option_takes_a_secret() -> None:
    for verb in ("init", "invite", "accept", "rotate"):
        said = CliRunner().invoke(app, ["exchange", verb, "--help"], env={"COLUMNS": "200"}).output
        options = set(re.findall(r"--([a-z-]*pass[a-z-]*)", said))
        assert options <= {"passphrase-file", "no-passphrase"}, verb


def data_at(folder: Path) -> Path:
    data = folder / "data"
    data.mkdir()
    start = datetime.now(UTC) - timedelta(hours=3)
    with State.open(data / "state.sqlite", "ops") as state:
        state.record_events(event("e1", start_at=start, end_at=start + timedelta(hours=1)), datetime.now(UTC))
        state.keep_alert(alert("a1"), change(alert("a1"), "raised"))
    return data


def test_explain_says_allow_or_deny_by_which_rule_and_what_they_would_get(tmp_path: Path, secret: Path) -> None:
    per, _ = agreed(tmp_path, secret)
    data = data_at(tmp_path)
    here = ("--dir", per, "--data", data)
    assert "nobody released it" in run("explain", "e1", "--to", "USA", *here)
    said = run("release", "e1", "--to", "USA", "--to", "ECU", "--who", "vega", "--why", "they asked", *here)
    assert "goes to USA, by the rule events-to-the-named" in said and "ECU, with whom nothing is agreed" in said
    said = run("explain", "e1", "--to", "USA", *here)
    assert "would go to USA" in said and "lon_deg: -77.500000" in said and "left out:" in said
    assert "se enviaría a USA" in run("explain", "e1", "--to", "USA", *here, "--lang", "es")
    run("release", "e1", "--to", "USA", "--precision", "20000", "--who", "vega", *here)
    found = json.loads(run("explain", "e1", "--to", "USA", *here, "--json"))
    assert found["allowed"] and found["gets"]["id"].startswith("~") and found["gets"]["body"]["error_m"] >= 5_000
    run("release", "e1", "--to", "USA", "--level", "RESTRICTED", "--who", "vega", *here)
    assert json.loads(run("explain", "e1", "--to", "USA", *here, "--json"))["rule"] == "floor.clearance"
    run("partner", "USA", "--clearance", "RESTRICTED", "--dir", per)
    assert json.loads(run("explain", "e1", "--to", "USA", *here, "--json"))["allowed"]
    assert "shared no longer" in run("release", "e1", "--take-back", "--who", "vega", *here)
    assert json.loads(run("explain", "e1", "--to", "USA", *here, "--json"))["rule"] == "label.none"
    assert "alert a1 goes to USA" in run("release", "a1", "--kind", "alert", "--to", "USA", "--who", "hale", *here)
    with State.open(data / "state.sqlite", "ops") as state:
        assert state.audit_rows(who="vega")["action"].to_list() == ["exchange.released"] * 3 + ["exchange.taken_back"]
    with pytest.raises(InputError, match="there is no event"):
        run("explain", "nothing", "--to", "USA", *here)


def test_the_shares_of_a_configuration_are_explained_too(tmp_path: Path, secret: Path) -> None:
    per, _ = agreed(tmp_path, secret)
    data = data_at(tmp_path)
    config = tmp_path / "node.toml"
    share = '[[exchange.share]]\nwhat = ["event"]\nkinds = ["gap"]\nto = ["USA"]\nprecision_m = 5000\n'
    config.write_text(f'data = "{data}"\n[exchange]\nhome = "{per}"\n{share}')
    assert "grid of 5,000 m" in run("explain", "e1", "--to", "USA", "--config", config)


def test_an_operation_opens_more_for_a_time(tmp_path: Path, secret: Path) -> None:
    per, _ = agreed(tmp_path, secret)
    data = data_at(tmp_path)
    here = ("--dir", per, "--data", data)
    run("open", "sar-1", "rescue", "--to", "USA", "--for", "2h", "--who", "vega", "--dir", per)
    run("release", "e1", "--to", "USA", "--precision", "20000", "--operation", "sar-1", "--who", "vega", *here)
    assert json.loads(run("explain", "e1", "--to", "USA", *here, "--json"))["rule"] == "rescue-opens-tracks"
    run("close", "sar-1", "--who", "vega", "--dir", per)
    assert json.loads(run("explain", "e1", "--to", "USA", *here, "--json"))["rule"] == "events-to-the-named"
    with pytest.raises(ParameterError, match="72 hours"):
        run("open", "sar-2", "rescue", "--to", "USA", "--for", "80h", "--who", "vega", "--dir", per)


def test_revoke_and_rotate(tmp_path: Path, secret: Path) -> None:
    per, usa = agreed(tmp_path, secret)
    old = Home(per).identity(SECRET.encode()).key.kid
    assert "new signing key" in run("rotate", "--dir", per, "--passphrase-file", secret)
    assert Home(per).identity(SECRET.encode()).key.kid != old and old in Home(per).identity(SECRET.encode()).certificates
    run("rotate", "--lost", "--dir", per, "--passphrase-file", secret)
    assert old in Home(per).nation.revoked and len(Home(per).nation.revoked) == 2
    run("revoke", "PER", "--key", old.hex(), "--dir", usa)
    assert Home(usa).partner("PER").distrusted == (old,)
    assert "partner no more" in run("revoke", "PER", "--dir", usa) and Home(usa).partner("PER").state == "revoked"


def test_every_message_of_these_verbs_is_in_the_catalogues() -> None:
    folder = Path(__file__).resolve().parents[2] / "src" / "seaward" / "cli"
    texts = "".join(p.read_text() for p in folder.glob("exchange*.py"))
    asked = {f"cli.exchange.{c}" for c in re.findall(r'say\(\s*"(\w+)"', texts)} | set(re.findall(r'render\("(cli\.exchange\.\w+)"', texts))
    assert len(asked) > 20 and asked <= catalogue("en").keys()
