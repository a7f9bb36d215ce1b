"""`seaward query sql`: every table of a node can be asked, nothing else can be touched, and every question ends."""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from seaward.cli.main import app
from seaward.core.errors import SeawardError
from seaward.logbook.book import KEPT, Logbook
from seaward.store.history import History
from tests.cli.calling import Run, caller, said
from tests.cli.logbook_node import EAST, MOORED, NORTH, START, make_node, reports, way


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_node(tmp_path_factory.mktemp("node"))


@pytest.fixture
def run(node: Path) -> Run:
    return caller(node, "query")


def test_settled_and_newest_reports_are_one_table(run: Run) -> None:
    rows = said(run("sql", "select mmsi, count(*) n, max(reported_at) last from reports group by mmsi order by mmsi", "--format", "json"))
    assert [(r["mmsi"], r["n"]) for r in rows] == [(NORTH, 121), (EAST, 121), (MOORED, 42)]
    assert rows[2]["last"] == "2027-11-04T10:03:00.000000Z", "the last of them is only in the journal of bytes"
    assert said(run("sql", "select name from static where mmsi = 760000001 order by reported_at", "--format", "json"))[0] == {"name": "RED ONE"}


@pytest.mark.parametrize(
    "where", ["feed = 'coast'", "transceiver = 'A'", "reported_at >= '2027-11-04 08:00:00'", "realm = 'ops' and cell is not null", "lat_deg < 0"]
)
def test_conditions_hold_for_both_parts(where: str, run: Run) -> None:
    counts = [said(run("sql", f"select count(*) n from reports{c}", "--format", "json"))[0]["n"] for c in ("", f" where {where}")]
    assert counts == [284, 284]


@pytest.mark.parametrize("name", KEPT)
def test_every_table_of_the_state_can_be_asked(name: str, run: Run) -> None:
    rows = said(run("sql", f"select * from {name}", "--format", "json"))
    assert all(list(row) == list(KEPT[name][0]) for row in rows)
    if name in ("events", "alerts", "alert_changes", "people", "audit", "told", "cases", "verdicts"):
        assert (len(rows) > 0) == (name not in ("told", "cases", "verdicts")) or name == "verdicts"


def test_no_hash_of_a_password_can_be_asked(run: Run) -> None:
    for question in ("select * from people", "select * from audit", "select * from duckdb_columns()", "select * from alerts"):
        assert "hash-of-a-password" not in run("sql", question, "--format", "json").stdout
    run("sql", "select password_hash from people", fails="password_hash")
    run("sql", "select * from tokens", fails="tokens")


HOSTILE = {
    "a file as CSV": ("select * from read_csv('/etc/passwd')", "asks for a file"),
    "a file as text": ("select * from read_text('/etc/passwd')", "asks for a file"),
    "a file as bytes": ("select * from read_blob('/etc/passwd')", "asks for a file"),
    "a file by its name": ("select * from '/etc/passwd'", "refuses it"),
    "names of files": ("select * from glob('/etc/*')", "asks for a file"),
    "the file of the state": ("select * from read_blob('{data}/state.sqlite')", "asks for a file"),
    "parts of the history": ("select * from read_parquet('{data}/history/*/*/*/*.parquet')", "asks for a file"),
    "a file behind a question in a text": ("select * from query('select * from read_text(''/etc/passwd'')')", "asks for a file"),
    "a file behind JSON": ("from json_execute_serialized_sql(json_serialize_sql('select * from read_text(''/etc/passwd'')'))", "asks for a file"),
    "an address": ("select * from read_csv('https://127.0.0.1/x.csv')", "cannot be answered"),
    "writing a file": ("copy (select 1) to '{data}/x.csv'", "no question (COPY)"),
    "another database": ("attach '{data}/state.sqlite'", "no question (ATTACH)"),
    "an extension": ("install httpfs", "no question (LOAD)"),
    "a setting": ("set enable_external_access = true", "no question (SET)"),
    "a setting by pragma": ("pragma enable_profiling", "no question"),
    "a setting as a table": ("select * from enable_logging()", "cannot be answered"),
    "a call": ("call force_checkpoint()", "no question (CALL)"),
    "two statements": ("select 1; select 2", "2 statements"),
    "a statement behind a question": ("select 1; copy (select 1) to '/tmp/x'", "2 statements"),
    "no statement": ("/* nothing */", "0 statements"),
    "the environment": ("select getenv('HOME')", "refuses it"),
    "writing": ("insert into reports values (1)", "no question (INSERT)"),
    "writing within a question": ("with x as (delete from events returning *) select * from x", "cannot be answered"),
    "making a table": ("create table t as select 1", "no question (CREATE)"),
    "a plan that runs": ("explain analyze copy (select 1) to '/tmp/x'", "no question (EXPLAIN)"),
    "a variable of the program": ("select * from plain", "refuses it"),
    "a question mark": ("select * from reports where mmsi = ?", "has parameters"),
    "what is no SQL": ("who was there?", "refuses it"),
    "half a character": ("select '\udce9'", ""),
    "a null byte": ("select '\x00'", ""),
    "text without end": ("select repeat('x', 4000000000)", "more memory"),
    "a list without end": ("select range(3000000000)", "more memory"),
    "a list of everything": ("select list(a) from range(2000000000) t(a)", "more memory"),
    "two columns of one name": ("select 1 a, 2 a", ""),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_questions_touch_nothing(what: str, run: Run, node: Path) -> None:
    question, words = HOSTILE[what]
    before = {p: (p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(node.rglob("*")) if p.is_file() and "-shm" not in p.name}
    if words:
        ended = run("sql", question.format(data=node), fails=words)
    else:
        ended = CliRunner().invoke(app, ["query", "sql", question, "--data", str(node)])
        assert ended.exit_code == 0 or isinstance(ended.exception, SeawardError), ended.exception
    assert "root:" not in ended.output
    after = {p: (p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(node.rglob("*")) if p.is_file() and "-shm" not in p.name}
    assert {k: v for k, v in after.items() if "-wal" not in k.name} == {k: v for k, v in before.items() if "-wal" not in k.name}


@pytest.mark.parametrize(
    "question",
    [
        "with recursive r as (select 1 a union all select a + 1 from r) select max(a) from r",
        "select count(*) from range(10000000) a, range(10000000) b where a.range * b.range % 7 = 9",
    ],
)
def test_a_question_without_end_is_stopped(question: str, run: Run) -> None:
    begin = time.monotonic()
    run("sql", question, "--timeout-s", "1", fails="longer than 1 s")
    assert time.monotonic() - begin < 15


def test_more_rows_than_asked_for_are_told(run: Run) -> None:
    ended = run("sql", "select * from reports order by reported_at", "--limit", "3", "--format", "csv")
    assert len(ended.stdout.splitlines()) == 4 and "more rows than these 3" in ended.stderr
    assert "more rows" not in run("sql", "select mmsi from reports limit 3", "--limit", "3").stderr
    assert "Hay más filas" in run("sql", "select * from reports", "--limit", "3", "--lang", "es").stderr


def test_every_form_holds_the_same_rows(run: Run, tmp_path: Path) -> None:
    question = "select mmsi, name, reported_at from static order by reported_at"
    run("sql", question, "--format", "parquet", "--out", str(tmp_path / "a"))
    run("sql", question, "--out", str(tmp_path / "b.arrow"))
    run("sql", question, "--out", str(tmp_path / "c.csv"))
    one, two, three = pl.read_parquet(tmp_path / "a"), pl.read_ipc(tmp_path / "b.arrow"), pl.read_csv(tmp_path / "c.csv")
    assert one.equals(two) and one["name"].to_list() == ["RED ONE", "=BLUE[bold]"]
    assert three["name"].to_list() == ["RED ONE", "'=BLUE[bold]"], "a spreadsheet would run it"
    assert three["reported_at"][0] == "2027-11-04T08:00:00.000000Z"
    assert "=BLUE[bold]" in run("sql", question).stdout
    import pyarrow.parquet as pq

    assert pq.read_schema(tmp_path / "a").metadata[b"seaward.realm"] == b"ops"


def test_a_drill_says_so_and_is_never_taken_for_real(run: Run, tmp_path: Path) -> None:
    drill = make_node(tmp_path / "drill", "ex:mine")
    run("sql", "select 1 from reports", data=drill, fails="ex:mine")
    ended = run("sql", "select count(*) n from reports", "--realm", "ex:mine", "--format", "json", data=drill)
    assert said(ended) == [{"n": 284}] and "EXERCISE EXERCISE" in ended.stderr
    assert "EJERCICIO" in run("sql", "select 1", "--realm", "ex:mine", "--lang", "es", data=drill).stdout
    run("sql", "select 1", "--realm", "ex:mine", "--out", str(tmp_path / "ex-other.x.csv"), data=drill, fails="drill data is never mixed")
    (drill / "history" / "manifest.json").unlink()
    run("sql", "select 1 from reports", data=drill, fails="realm")


def test_a_node_without_history_or_state_has_no_rows(run: Run, tmp_path: Path) -> None:
    run("sql", "select 1", data=tmp_path, fails="holds nothing of a node")
    (tmp_path / "raw").mkdir()
    assert said(run("sql", "select (select count(*) from reports) + (select count(*) from events) n", "--format", "json", data=tmp_path)) == [
        {"n": 0}
    ]


@pytest.mark.parametrize(
    ("words", "fails"),
    [
        (("sql", " "), "the question is empty"),
        (("sql", "select 1", "--limit", "0"), "limit is 0"),
        (("sql", "select 1", "--timeout-s", "0"), "timeout-s is 0"),
        (("sql", "select 1", "--format", "parquet"), "name a file with --out"),
        (("sql", "select 1", "--out", "x.odd"), "does not say in which form"),
        (("sql", "select 1", "--out", "/no/such/x.csv"), "cannot be written"),
        (("sql", "select 1", "--realm", "x"), "it must be 'ops'"),
    ],
)
def test_misuse_says_what_to_do(words: tuple[str, ...], fails: str, run: Run) -> None:
    run(*words, fails=fails)


def test_tables_lists_what_can_be_asked() -> None:
    rows = said(CliRunner().invoke(app, ["query", "tables", "--format", "json"]))
    assert {r["table"] for r in rows} == {"reports", "static", *KEPT} and not [r for r in rows if "password" in r["column"]]
    assert "degree" in CliRunner().invoke(app, ["query", "tables"]).stdout


def test_a_row_without_a_time_of_the_vessel_is_found(tmp_path: Path, run: Run) -> None:
    rows = reports(way(EAST, -77.0, -12.0, 0.0, 5.0, 0.5)).with_columns(pl.when(pl.col("raw_offset") > 800).then("reported_at").alias("reported_at"))
    History(tmp_path / "history", "ops").add(rows, pl.DataFrame(), {})
    for where, n in (("reported_at is null", 11), ("received_at < '2027-11-04 08:05'", 5), ("reported_at < '2027-11-04 08:05'", 0), ("true", 31)):
        assert said(run("sql", f"select count(*) n from reports where {where}", "--format", "json", data=tmp_path)) == [{"n": n}], where


def test_hours_that_are_joined_meanwhile_are_asked_again(node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from seaward.logbook import book as book_module

    folder = make_node(tmp_path)
    history = History(folder / "history", "ops")
    history.add(reports(way(EAST, -77.0, -12.0, 0.0, 5.0, 1.0)).with_columns(raw_offset=pl.col("raw_offset") + 100_000), pl.DataFrame(), {})
    tries: list[int] = []

    def work(book: Logbook) -> int:
        tries.append(1)
        if len(tries) == 1:
            assert history.compact(START + timedelta(days=1)) > 0
        return (
            int(book.reports().select(pl.len()).collect().item()) + book.asked("select count(*) n from reports", limit=1, timeout_s=60).rows["n"][0]
        )

    assert book_module.answered(folder, "ops", work) == 2 * (284 + 61) and len(tries) == 2


def test_a_part_that_is_lost_is_told(tmp_path: Path, run: Run) -> None:
    folder = make_node(tmp_path)
    next(folder.glob("history/reports/*/*/*.parquet")).unlink()
    run("sql", "select count(*) from reports", data=folder, fails="lacks a part")
