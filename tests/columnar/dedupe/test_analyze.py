"""The analysis finds exactly what is known to be true of a generated corpus, and of Parquet files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from columnar import AnalyzeOptions, analyze_duplicates, explain_duplicate, run
from columnar.dedupe.near import LARGEST_BLOCK
from columnar.dedupe.views import TABLES, VIEWS
from columnar.errors import JobError
from loaders.errors import UsageError
from tests.columnar.dedupe.corpus import Truth, make_corpus, write_corpus
from tests.columnar.world import little_memory


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("corpus")
    truth = make_corpus(400)
    write_corpus(folder, truth)
    options = AnalyzeOptions(day="app.day", origin="branch", workers=2)
    found = analyze_duplicates(folder / "job.yaml", folder / "found.duckdb", options)
    assert found.entries == len(truth.rows)
    assert found.without_key == len(truth.without_key)
    assert found.same_content + found.different_content == len(truth.classes)
    assert found.different_content == len(truth.differences) > 50
    assert found.contents_under_several_keys == len(truth.contents) > 10
    return folder, truth


@contextmanager
def looked_at(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(duckdb.connect(file, read_only=True)) as connection:
        yield connection


def test_every_duplicate_is_found_with_its_winner_and_class(corpus: tuple[Path, Truth]) -> None:
    folder, truth = corpus
    with looked_at(folder / "found.duckdb") as found:
        rows = found.sql("SELECT source_key, winner_source_key, class, same_bytes FROM duplicates").fetchall()
    assert {row[0]: row[1:] for row in rows} == truth.classes
    assert len(rows) == len(truth.classes)


def test_every_difference_is_found_and_no_other(corpus: tuple[Path, Truth]) -> None:
    folder, truth = corpus
    with looked_at(folder / "found.duckdb") as found:
        rows = found.sql("SELECT loser_source_key, table_name, row_number, column_name FROM differences").fetchall()
        conflicts = found.sql("SELECT source_key, columns FROM conflicts").fetchall()
    places: dict[str, set[tuple[str, int, str | None]]] = {}
    for loser, *place in rows:
        places.setdefault(loser, set()).add((place[0], place[1], place[2]))
    assert places == truth.differences
    assert len(rows) == sum(map(len, truth.differences.values()))
    assert dict(conflicts) == {
        loser: sorted({f"{table}.{column or '(row)'}" for table, _, column in found})
        for loser, found in truth.differences.items()
    }


def test_contents_under_several_keys(corpus: tuple[Path, Truth]) -> None:
    folder, truth = corpus
    with looked_at(folder / "found.duckdb") as found:
        rows = found.sql("SELECT key_list FROM same_content").fetchall()
    assert sorted(row[0] for row in rows) == sorted(truth.contents)


def test_sizes_days_and_sources(corpus: tuple[Path, Truth]) -> None:
    folder, truth = corpus
    sizes = Counter(Counter(winner for winner, *_ in truth.classes.values()).values())
    with looked_at(folder / "found.duckdb") as found:
        assert dict(found.sql("SELECT entries - 1, clusters FROM sizes").fetchall()) == sizes
        days = found.sql("SELECT day, duplicates FROM per_day WHERE duplicates > 0").fetchall()
        branches = found.sql("SELECT origin, entries, duplicates FROM per_source").fetchall()
        assert {row[0] for row in found.sql("SELECT source_key FROM without_key").fetchall()} == truth.without_key
        problems = found.sql("SELECT DISTINCT split_part(problem, ':', 1) FROM without_key").fetchall()
    assert dict(days) == {date.fromisoformat(day): count for day, count in truth.duplicates_by_day.items()}
    found_by_branch = {row[0]: (row[1], row[2]) for row in branches if row[0] in truth.entries_by_branch}
    keyless = sum(row[1] for row in branches) - truth.entries_by_branch.total()
    assert keyless == len(truth.without_key)
    assert {name: row[1] for name, row in found_by_branch.items()} == dict(truth.duplicates_by_branch)
    assert {row[0] for row in problems} == {"missing_value", "truncated", "empty", "wrong_root", "several_keys"}


def test_neither_workers_nor_chunks_change_anything(corpus: tuple[Path, Truth], tmp_path: Path) -> None:
    folder = corpus[0]
    job = folder / "other.yaml"
    job.write_text((folder / "job.yaml").read_text().replace("rows: 37", "rows: 5000"))
    analyze_duplicates(
        job, tmp_path / "other.duckdb", AnalyzeOptions(workers=1, memory=little_memory(), day="day", origin="branch")
    )
    with looked_at(folder / "found.duckdb") as one, looked_at(tmp_path / "other.duckdb") as other:
        for name in (*TABLES, *(view.name for view in VIEWS)):
            if name != "analysis":
                query = f'FROM "{name}" ORDER BY ALL'
                assert one.sql(query).fetchall() == other.sql(query).fetchall(), name
                assert one.sql(query).columns == other.sql(query).columns


def test_the_last_by_a_column_wins(tmp_path: Path) -> None:
    truth = Truth(
        rows=[(1, _app(5, "2024-01-02")), (2, _app(5, "2024-01-09")), (3, _app(5, "2024-01-09")), (4, _app(5, ""))]
    )
    job = write_corpus(tmp_path, truth)
    winners = []
    for keep, by in (("first", ()), ("last", ()), ("first", ("day",)), ("last", ("app.day",))):
        analyze_duplicates(job, tmp_path / "o.duckdb", AnalyzeOptions(keep=keep, by=by))  # type: ignore[arg-type]
        explained = explain_duplicate(tmp_path / "o.duckdb", "5")
        winners.append((explained.winner.source_key, explained.rule))
    assert winners == [
        ("1", "the first in the order of the source"),
        ("4", "the last in the order of the source"),
        ("1", "the first by day"),
        ("2", "the last by day"),
    ]


def _app(app: int, day: str) -> str:
    return f'<d><app id="{app}" day="{day}"/></d>'


def test_every_table_and_view_says_what_it_is(corpus: tuple[Path, Truth]) -> None:
    with looked_at(corpus[0] / "found.duckdb") as found:
        told = dict(
            found.sql(
                "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
                " UNION ALL SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'main'"
            ).fetchall()
        )
    assert told == {**TABLES, **{view.name: view.told for view in VIEWS}}


@pytest.fixture
def people(tmp_path: Path) -> Path:
    folder = tmp_path / "people"
    folder.mkdir()
    one = {
        "branch": ["n", "n", "s", "n"],
        "id": [1, 1, 1, None],
        "name": ["Ada", "Ada", "Ada", "Eve"],
        "tags": [["a"]] * 4,
    }
    two = {"branch": ["n", "s"], "id": [1, 2], "name": ["Ada B", "Ada"], "seen": [1.5, 2.5]}
    pq.write_table(pa.table(one), folder / "a.parquet")
    pq.write_table(pa.table(two), folder / "b.parquet")
    return folder


def test_parquet_files(people: Path, tmp_path: Path) -> None:
    options = AnalyzeOptions(key=("branch", "id"), ignore=("seen", "tags"))
    found = analyze_duplicates(people, tmp_path / "p.duckdb", options)
    assert (found.entries, found.noun, found.without_key, found.clusters) == (6, "row", 1, 1)
    assert (found.same_content, found.different_content, found.contents_under_several_keys) == (1, 1, 1)
    explained = explain_duplicate(tmp_path / "p.duckdb", "n,1")
    assert [Path(str(each.source_key)).name for each in explained.entries] == [
        "a.parquet:0",
        "a.parquet:1",
        "b.parquet:0",
    ]
    assert [each.class_ for each in explained.losers] == ["same_content", "different_content"]
    assert [(each.column, each.winner, each.loser) for each in explained.losers[1].differences] == [
        ("name", "Ada", "Ada B")
    ]
    assert explained.other_keys == ('["s","1"]', '["s","2"]')
    keyless = explain_duplicate(tmp_path / "p.duckdb", f"{people / 'a.parquet'}:3")
    assert keyless.problem == "NULL in the key (branch, id)"
    assert explain_duplicate(tmp_path / "p.duckdb", '["s","2"]').losers == ()


def test_an_audit_folder_tells_what_the_source_does(tmp_path: Path) -> None:
    truth = make_corpus(60)
    job = write_corpus(tmp_path, truth)
    job.write_text(job.read_text() + "audit: {folder: audit, stages: [extracted]}\n")
    run(job)
    options = AnalyzeOptions(day="day")
    analyze_duplicates(job, tmp_path / "source.duckdb", options)
    audit = tmp_path / "audit" / "corpus"
    with pytest.raises(JobError, match="what makes two documents the same"):
        analyze_duplicates(audit, tmp_path / "audit.duckdb", options)
    for wrong, message in (("app.x", "app has no column x"), ("id", "names no table"), ("ap.id", "names no table")):
        with pytest.raises(JobError, match=message):
            analyze_duplicates(audit, tmp_path / "audit.duckdb", replace(options, key=(wrong,)))
    # what reads the source's key is content there: nothing says that it does
    options = replace(options, key=("app.id",), ignore=("app.read_as",))
    found = analyze_duplicates(audit, tmp_path / "audit.duckdb", options)
    assert found.different_content == len(truth.differences) > 5
    with looked_at(tmp_path / "source.duckdb") as one, looked_at(tmp_path / "audit.duckdb") as other:
        for query in (
            "SELECT key, class, source_key, winner_source_key, day FROM duplicates ORDER BY ALL",
            "SELECT key_list FROM same_content ORDER BY ALL",
            "SELECT loser_source_key, table_name, column_name, winner_value, loser_value, only_in FROM differences"
            " WHERE table_name = 'app' ORDER BY ALL",
        ):
            assert one.sql(query).fetchall() == other.sql(query).fetchall()
        assert other.sql("SELECT count(DISTINCT origin) FROM entry").fetchall() == [(1,)]


def test_near_duplicates(tmp_path: Path) -> None:
    names = ["Müller", "Muller", "MÜLLER-", "Mueller", "Meyer", "Miller", "", None, "Mue11er"]
    cities = ["Bonn"] * len(names)
    pq.write_table(pa.table({"id": range(len(names)), "name": names, "city": cities}), tmp_path / "n.parquet")
    options = AnalyzeOptions(key=("id",), similar=("name",), block=("city",), threshold=0.9)
    assert _near(tmp_path, options) == {
        ("normalised", 0, 1),
        ("normalised", 0, 2),
        ("similar", 0, 3),
        ("similar", 0, 5),
    }
    levenshtein = replace(options, measure="levenshtein", threshold=0.8)
    assert {pair for pair in _near(tmp_path, levenshtein) if pair[0] == "similar"} == {
        ("similar", 0, 3),
        ("similar", 0, 5),
    }
    # by the first three letters otherwise: "mul", "mue", "mey", "mil"
    assert {pair for pair in _near(tmp_path, replace(options, block=(), threshold=0.5)) if pair[0] == "similar"} == {
        ("similar", 3, 8)
    }
    both = replace(options, similar=("name", "city"), block=())
    assert ("normalised", 0, 1) in _near(tmp_path, both)


def _near(folder: Path, options: AnalyzeOptions) -> set[tuple[str, int, int]]:
    analyze_duplicates(folder / "n.parquet", folder / "n.duckdb", options)
    with looked_at(folder / "n.duckdb") as found:
        return set(found.sql("SELECT kind, entry, other_entry FROM near_duplicates").fetchall())


def test_blocks_that_are_too_large_are_told(tmp_path: Path) -> None:
    rows = LARGEST_BLOCK + 1
    pq.write_table(pa.table({"id": range(rows), "name": [f"abc{n}" for n in range(rows)]}), tmp_path / "n.parquet")
    found = analyze_duplicates(
        tmp_path / "n.parquet", tmp_path / "n.duckdb", AnalyzeOptions(key=("id",), similar=("name",))
    )
    assert (found.near, found.near_skipped) == (0, 1)
    with looked_at(tmp_path / "n.duckdb") as file:
        assert file.sql("FROM near_skipped").fetchall() == [("abc", rows)]


def test_nothing_to_analyse(tmp_path: Path) -> None:
    job = write_corpus(tmp_path, Truth(rows=[(1, "<d/>")]))
    found = analyze_duplicates(job, tmp_path / "n.duckdb")
    assert (found.entries, found.without_key, found.clusters, found.largest) == (1, 1, 0, 0)


def test_what_cannot_be_analysed(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.duckdb"
    for options, message in (
        (AnalyzeOptions(), "what makes two rows the same"),
        (AnalyzeOptions(key=("idd",)), "has no column idd"),
        (AnalyzeOptions(key=("id",), by=("x",)), "has no column x"),
        (AnalyzeOptions(key=("id",), threshold=0.0), "threshold"),
        (AnalyzeOptions(key=("id",), block=("name",)), "blocks"),
    ):
        with pytest.raises(JobError, match=message):
            analyze_duplicates(people, out, options)
    job = write_corpus(tmp_path, Truth(rows=[(1, "<d/>")]))
    for options, message in (
        (AnalyzeOptions(day="dya"), "table app has no column dya"),
        (AnalyzeOptions(ignore=("app.x",)), "app has no column x"),
        (AnalyzeOptions(ignore=("x",)), "names no table"),
    ):
        with pytest.raises(JobError, match=message):
            analyze_duplicates(job, out, options)
    with pytest.raises(JobError, match="is a contract"):
        analyze_duplicates(tmp_path / "contract.yaml", out)
    with pytest.raises(UsageError, match="no Parquet file"):
        analyze_duplicates(tmp_path / "none", out, AnalyzeOptions(key=("id",)))
    with pytest.raises(UsageError, match="there is no folder"):
        analyze_duplicates(people, tmp_path / "no" / "o.duckdb", AnalyzeOptions(key=("id",)))
    assert not out.exists()
    assert [path.name for path in tmp_path.iterdir() if "draft" in path.name] == []


def test_what_cannot_be_explained(corpus: tuple[Path, Truth], tmp_path: Path) -> None:
    with pytest.raises(JobError, match="no key and no source key nothing"):
        explain_duplicate(corpus[0] / "found.duckdb", "nothing")
    with pytest.raises(JobError, match="not the file of an analysis"):
        explain_duplicate(corpus[0] / "corpus.duckdb", "1")
    with pytest.raises(UsageError, match="there is no database file"):
        explain_duplicate(tmp_path / "none.duckdb", "1")
