"""Bad input, each with a clear message or a quarantine reason; nothing lost, no stack trace."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psutil
import pytest

from columnar.errors import TOLD, ContractChangedError, ExitCode, IntegrityError, QuarantineLimitError, exit_code
from columnar.jobs.options import RunOptions
from columnar.sizes import parse_size
from loaders.errors import MemoryLimitError, TargetMismatchError, UnavailableError, UsageError
from tests.columnar.world import CONTRACT, World, document
from transforms.errors import ContractError

BILLION_LAUGHS = (
    '<!DOCTYPE d [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><d>&j;</d>"
)

# name -> document, and the reason it is quarantined with
BROKEN = {
    "not xml": ("this is not XML", "not_well_formed"),
    "json": ('{"d": 1}', "not_well_formed"),
    "empty": ("", "empty"),
    "blank": ("  \n ", "empty"),
    "null": (None, "empty"),
    "truncated": ("<d><app id='1'/>", "truncated"),
    "truncated tag": ("<d><app id='1'", "truncated"),
    "wrong root": ("<e/>", "wrong_root"),
    "doctype": ("<!DOCTYPE d><d/>", "doctype"),
    "billion laughs": (BILLION_LAUGHS, "doctype"),
    "external entity": ('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "doctype"),
    "undeclared entity": ("<d>&x;</d>", "not_well_formed"),
    "deep": ("<d>" * 10_000 + "</d>" * 10_000, "limit"),
    "two roots": ("<d/><d/>", "not_well_formed"),
    "undeclared prefix": ("<d><p:app/></d>", "namespace"),
    "control character": ("<d>\x01</d>", "not_well_formed"),
}


def beside_this_process(memory: str) -> int:
    """A budget as a process of its own would have it, whatever the tests before have left in this one."""
    return parse_size(memory) + psutil.Process().memory_info().rss


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def outcomes(world: World) -> dict[str, tuple[str, str]]:
    rows = world.query("SELECT coalesce(source_key, 'NULL'), outcome, coalesce(reason, '') FROM columnar_document")
    return {key: (outcome, reason) for key, outcome, reason in rows}


def test_every_broken_document_is_quarantined_with_its_reason(world: World) -> None:
    for at, (text, _) in enumerate(BROKEN.values()):
        world.insert((at, text))
    world.insert((100, document(1)), (None, document(2)), (101, document(None)), (102, document(3)), (102, document(4)))
    run = world.run()
    found = outcomes(world)
    assert {name: found[str(at)] for at, name in enumerate(BROKEN)} == {
        name: ("quarantined", reason) for name, (_, reason) in BROKEN.items()
    }
    assert found["100"] == ("loaded", "")
    assert found["NULL"] == ("quarantined", "null_key")
    assert found["101"] == ("quarantined", "null_key")
    assert found["102"] == ("quarantined", "duplicate_source_key")
    assert run.exit_code is ExitCode.QUARANTINE
    assert run.proof.source == run.proof.loaded + run.proof.quarantined == len(BROKEN) + 5
    details = dict(
        world.query(
            "SELECT source_key, detail FROM columnar_document WHERE outcome = 'quarantined' AND source_key IS NOT NULL"
        )
    )
    assert all(details.values())
    assert not any("Traceback" in detail or "root:" in detail for detail in details.values())
    assert world.query("SELECT line, \"column\" FROM columnar_document WHERE source_key = '5'")[0][0] == 1


def binary_world(folder: Path, contract: str, *documents: bytes) -> World:
    world = World(folder, contract)
    with world.source() as source:
        source.execute("DROP TABLE docs")
        source.execute("CREATE TABLE docs (k BIGINT, doc BLOB)")
        for at, each in enumerate(documents):
            source.execute("INSERT INTO docs VALUES (?, ?)", [at, each])
    return world


def test_bytes(tmp_path: Path) -> None:
    good = document(1)
    world = binary_world(
        tmp_path,
        CONTRACT,
        good.encode(),
        b"<d>\x00</d>",
        "<d>é</d>".encode("latin-1"),
        b'<?xml version="1.0" encoding="latin-1"?>' + document(2, items=["é"]).encode("latin-1"),
        document(3, items=["é"]).encode("utf-16"),
        b"\xef\xbb\xbf" + document(4).encode(),
        b'<?xml version="1.0" encoding="no-such"?><d/>',
    )
    world.run()
    found = outcomes(world)
    assert [found[str(at)][0] for at in range(7)] == [
        "loaded",
        "quarantined",
        "quarantined",
        *["loaded"] * 3,
        "quarantined",
    ]
    assert found["1"][1] in ("encoding", "not_well_formed")
    assert found["2"][1] == found["6"][1] == "encoding"
    assert world.query("SELECT name FROM item") == [("é",), ("é",)]


def test_gzip_bomb_and_what_is_no_gzip(tmp_path: Path) -> None:
    contract = CONTRACT + "document: {decode: [gzip], limits: {bytes: 1MiB}}\n"
    bomb = gzip.compress(b"<d>" + b" " * 300_000_000 + b"</d>")
    whole = gzip.compress(document(1).encode())
    world = binary_world(tmp_path, contract, whole, bomb, whole[:-9], b"not gzip")
    world.run()
    found = outcomes(world)
    assert found["0"] == ("loaded", "")
    assert found["1"] == ("quarantined", "limit")
    assert found["2"][0] == found["3"][0] == "quarantined"
    assert found["2"][1] in ("truncated", "encoding")


@pytest.mark.parametrize("memory", ["400MB", "1500MB"])
def test_a_text_of_200_mb_is_not_even_fetched(world: World, memory: str) -> None:
    with world.source() as source:
        source.execute("PRAGMA force_compression='uncompressed'")
        source.execute("INSERT INTO docs SELECT 1, '<d>' || repeat('x', 200000000) || '</d>'")
        source.execute("INSERT INTO docs VALUES (2, ?)", [document(1)])
    world.run(memory=beside_this_process(memory))
    assert outcomes(world) == {"1": ("quarantined", "limit"), "2": ("loaded", "")}


def test_packed_documents_without_the_memory_to_unpack_them_blame_no_document(world: World) -> None:
    with world.source() as source:
        source.execute("PRAGMA force_compression='zstd'")
        source.execute("INSERT INTO docs SELECT 1, '<d>' || repeat('x', 200000000) || '</d>'")
        source.execute("INSERT INTO docs VALUES (2, ?)", [document(1)])
    with pytest.raises(MemoryLimitError) as caught:
        world.run(memory=beside_this_process("400MB"))
    assert exit_code(caught.value) == ExitCode.ENVIRONMENT
    assert "--memory" in caught.value.hint
    assert world.query("SELECT count(*) FROM columnar_document") == [(0,)]
    assert world.run(memory=beside_this_process("2500MB")).proof.loaded == 1


def test_a_document_that_does_not_fit_into_the_memory_says_so(world: World) -> None:
    with world.source() as source:
        source.execute("INSERT INTO docs SELECT 1, '<d>' || repeat('<x/>', 5000000) || '</d>'")
    world.run(memory=beside_this_process("512MB"), shredder="lxml")  # the native one would take it
    [(detail,)] = world.query("SELECT detail FROM columnar_document")
    assert "--memory" in detail


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        (CONTRACT.replace("parent: app", "parent: item"), "item"),
        (CONTRACT.replace("int32", "int33"), "int32"),
        ("nothing: here", "version"),
        (CONTRACT + "  again: {rows: /d, colums: {a: '@a'}}\n", "columns"),
    ],
)
def test_wrong_contracts(world: World, contract: str, message: str) -> None:
    (world.folder / "contract.yaml").write_text(contract)
    with pytest.raises(ContractError) as caught:
        world.run()
    assert message in str(caught.value)
    assert exit_code(caught.value) == ExitCode.USAGE
    assert all(problem.file for problem in caught.value.problems)


def test_missing_column(world: World) -> None:
    job = world.job()
    source = job.source.model_copy(update={"document": "docs"})
    with pytest.raises(UsageError, match="no column docs") as caught:
        world.run(source=source.model_dump())
    assert exit_code(caught.value) == ExitCode.USAGE


def test_target_with_other_columns_lists_every_mismatch(world: World) -> None:
    with world.target() as target:
        target.execute("CREATE TABLE app (id VARCHAR, amount INTEGER, extra INTEGER NOT NULL)")
        target.execute("CREATE TABLE item (title VARCHAR)")
    world.insert((1, document(1)))
    with pytest.raises(TargetMismatchError) as caught:
        world.run()
    assert len(caught.value.problems) == 3
    assert exit_code(caught.value) == ExitCode.USAGE
    assert world.query("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'columnar%'") == []


def test_without_create_missing_tables_are_named(world: World) -> None:
    target = world.job().target.model_copy(update={"create": False})
    with pytest.raises(TargetMismatchError, match="create: true"):
        world.run(target=target.model_dump(by_alias=True))


def test_a_changed_contract_needs_a_new_generation(world: World) -> None:
    world.insert((1, document(1)), (2, document(2)))
    world.run()
    (world.folder / "contract.yaml").write_text(CONTRACT.replace("int32", "int64"))
    with pytest.raises(ContractChangedError, match="has changed") as caught:
        world.run()
    assert exit_code(caught.value) == ExitCode.USAGE
    (world.folder / "contract.yaml").write_text(CONTRACT + "# only a comment\n")
    assert world.run().chunks == 0
    (world.folder / "contract.yaml").write_text(CONTRACT.replace('where: "id IS NULL OR id >= 0"', ""))
    run = world.run(RunOptions(new_generation=True))
    assert (run.generation, run.proof.duplicate, run.proof.loaded) == (2, 2, 0)


def test_somebody_else_deleted_a_row(world: World) -> None:
    world.insert((1, document(1)), (2, document(2)))
    world.run()
    with world.target() as target:
        target.execute("DELETE FROM app WHERE id = 1")
    with pytest.raises(IntegrityError, match="table app: 1 rows are there, 2 are accounted for") as caught:
        world.run()
    assert exit_code(caught.value) == ExitCode.INTEGRITY


def test_somebody_else_deleted_a_document_row(world: World) -> None:
    world.insert((1, document(1)), (2, "<d/>"))
    world.run()
    with world.target() as target:
        target.execute("DELETE FROM columnar_document WHERE outcome = 'empty'")
    with pytest.raises(IntegrityError, match="chunk 1: the ledger says 1 empty, the document table has 0"):
        world.run()


def test_drift_is_reported_and_breaks_nothing(world: World) -> None:
    world.insert((1, document(1)), (9, document(2)))
    world.run()
    world.insert((5, document(3)))
    run = world.run()
    assert run.proof.holds
    assert [(drift.read, drift.now) for drift in run.proof.drift] == [(2, 3)]


def test_too_much_quarantine_stops_before_it_is_published(world: World) -> None:
    world.insert(*((key, "<broken") for key in range(20)))
    with pytest.raises(QuarantineLimitError, match="20 documents") as caught:
        world.run(RunOptions(max_quarantine=19))
    assert exit_code(caught.value) == ExitCode.INTERRUPTED
    assert world.query("SELECT count(*) FROM columnar_ledger") == [(0,)]
    assert world.run(RunOptions(max_quarantine=20)).proof.quarantined == 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of six megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if sys.platform == "win32":
        pytest.skip("not on Windows: no small file system can be mounted")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a file system is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_full_disk_stops_the_run_and_quarantines_nothing(world: World, small_disk: Path) -> None:
    rows = [(key, document(key, items=[os.urandom(6000).hex()] * 2)) for key in range(1000)]
    with world.source() as source:
        source.executemany("INSERT INTO docs VALUES (?, ?)", rows)
    target = {"url": f"duckdb:{small_disk}/target.duckdb", "create": True}
    with pytest.raises(UnavailableError) as caught:
        world.run(target=target, chunk={"rows": 50})
    assert exit_code(caught.value) == ExitCode.ENVIRONMENT
    assert "space" in f"{caught.value} {caught.value.hint}"
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    run = world.run(target=target, chunk={"rows": 50})
    assert run.proof.holds
    assert (run.proof.loaded, run.proof.quarantined) == (1000, 0)


def test_a_folder_that_cannot_be_written_to(world: World, tmp_path: Path) -> None:
    world.insert((1, document(1)))
    (tmp_path / "file").write_text("a file where a folder should be")
    with pytest.raises(TOLD) as caught:
        world.run(workspace="file/below")
    assert exit_code(caught.value) == ExitCode.ENVIRONMENT
    target = {"url": "duckdb:missing/target.duckdb", "create": True}
    with pytest.raises(UsageError, match="there is no folder"):
        world.run(target=target)


def test_a_read_only_folder(world: World, small_disk: Path) -> None:
    world.insert((1, document(1)))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for settings in (
        {"workspace": str(small_disk)},
        {"target": {"url": f"duckdb:{small_disk}/t.duckdb", "create": True}},
    ):
        with pytest.raises(UnavailableError) as caught:
            world.run(**settings)
        assert exit_code(caught.value) == ExitCode.ENVIRONMENT
    with pytest.raises(UnavailableError):
        world.run(target={"url": f"parquet:{small_disk}/t", "create": True})


def test_a_database_that_another_process_has_open(world: World) -> None:
    world.insert((1, document(1)))
    world.run()
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(world.folder / "target.duckdb")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(UnavailableError, match="lock") as caught:
            world.run()
        assert "another process" in caught.value.hint
        other.communicate(b"")


def test_memory_too_small(world: World) -> None:
    with pytest.raises(TOLD, match="too little") as caught:
        world.run(memory="50MB")
    assert exit_code(caught.value) == ExitCode.USAGE


def test_source_and_target_may_be_one_file(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.insert((1, document(1)))
    run = world.run(target={"url": "duckdb:source.duckdb", "create": True})
    assert run.proof.loaded == 1
    with duckdb.connect(tmp_path / "source.duckdb") as connection:
        assert connection.execute("SELECT id FROM app").fetchall() == [(1,)]
