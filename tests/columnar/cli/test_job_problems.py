"""What is wrong in a job file: where, and in words that are not pydantic's."""

from __future__ import annotations

import pytest

from columnar.jobs.job_file import parse_job
from tests.columnar.cli.command import REPOSITORY
from transforms.errors import ContractError

JOB = """\
name: a
source: {url: "duckdb:x.duckdb", table: t, key: k}
contract: c.yaml
target: {url: "duckdb:t.duckdb"}
"""


def _told(text: str) -> list[str]:
    with pytest.raises(ContractError) as caught:
        parse_job(text, name="j", base=REPOSITORY)
    assert "docs/job.md" in caught.value.hint
    return str(caught.value).splitlines()


def test_the_job_that_the_others_are_made_of_is_right() -> None:
    assert parse_job(JOB, name="j", base=REPOSITORY).name == "a"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("duckdb:x", "parqet:x", "j:2:15: source.url: there is no backend parqet:; did you mean 'parquet:'?"),
        ("duckdb:x", "oracle:x", "j:2:15: source.url: there is no backend oracle:; there are duckdb, parquet, folder"),
        (
            "duckdb:x",
            "postgres://x/y",
            "j:2:15: source.url: there is no backend postgres:; did you mean 'postgresql:'?",
        ),
        ("duckdb:t", "folder:t", "j:4:15: target.url: there is no backend folder:; there are duckdb, parquet"),
        ("duckdb:x", "x", "j:2:15: source.url: 'x.duckdb' is not a URL; write it like duckdb:file.duckdb"),
        ("duckdb:x", "parquet:x", "j:2:9: source: table and query are for databases, not for parquet"),
        ("table: t, ", "", "j:2:9: source: a duckdb source needs either table or query"),
        ("duckdb:x.duckdb", 'odbc:DSN=x", query: "y', "j:2:9: source: an odbc source needs either table or query"),
        (
            '"duckdb:x.duckdb", table: t, key: k',
            '"sqlite:x", table: t',
            "j:2:9: source: a sqlite source needs a key: the",
        ),
        ("key: k", "key: k, reader: adbc", "j:2:9: source: reader: adbc does not read duckdb"),
        ("key: k", "key: k, connections: 2", "j:2:9: source: connections: duckdb is not read over connections"),
        (
            "key: k",
            "key: k, reader: odbc",
            "source.reader: here is the text 'odbc'; expected one of 'auto', 'turbodbc'",
        ),
        (
            '"duckdb:t.duckdb"',
            '"mariadb://h/d", ddl: false, publish: staged',
            "j:4:9: target: publish: staged makes and drops staging tables while it runs, and ddl: false forbids",
        ),
        (
            '"duckdb:t.duckdb"',
            '"mssql://h/d", ddl: false',
            "j:4:9: target: what publishes to SQL Server makes and drops staging tables while it runs, and ddl: false",
        ),
        (
            't.duckdb"',
            't.duckdb", publish: staged',
            "j:4:9: target: publish is for databases over a driver, not for duckdb",
        ),
        (
            'duckdb:t.duckdb"',
            'sqlite:t", ddl: false, create: true',
            "j:4:9: target: create: true makes tables, and ddl",
        ),
        (
            "contract: c.yaml",
            "contract: c.yaml\npatience: -1",
            "j:4:11: patience: here is the number -1; expected at least 0",
        ),
        ("name: a", "name: a b", "j:1:7: name: here is the text 'a b'; expected letters, digits, '.', '_' and '-'"),
        ("name: a", "name: 5", "j:1:7: name: here is the number 5; expected text"),
        ("name: a", "nam: a", "j:1:1: nam: there is no such key; did you mean 'name'?"),
        ("name: a\n", "", "j:1:1: name: this key is missing"),
        ("key: k", "key: [a, 5]", "j:2:53: source.key[1]: here is the number 5; expected text"),
        ("key: k", "key: {a: 5}", "source.key: here is a mapping; expected a name, or a list of names: [a, b]"),
        ("c.yaml", "", "j:3:1: contract: there is nothing here; expected a file, or a list of files and of {file: cc"),
        ("c.yaml", "5", "j:3:11: contract: here is the number 5; expected a file, or a list of files and of {file: cc"),
        ("c.yaml", "[]", "j:3:11: contract: there is no contract here; expected a file, or a list of files: [invoice"),
        ("c.yaml", "[a, 5]", "j:3:15: contract[1]: here is the number 5; expected a file, or a list of files"),
        ("c.yaml", "[{fil: a}]", "j:3:13: contract[0].fil: there is no such key; did you mean 'file'?"),
        ("c.yaml", "[{when: {k: 1}}]", "j:3:12: contract[0].file: this key is missing"),
        ("c.yaml", "[{file: a, when: 5}]", "j:3:28: contract[0].when: here is the number 5; expected key columns with"),
        (
            "c.yaml",
            "[{file: a, when: {k: []}}]",
            "j:3:32: contract[0].when.k: there is no value here; expected one, or",
        ),
        ("c.yaml", "[{file: a, when: {k: {}}}]", "j:3:32: contract[0].when.k: here is a mapping; expected text"),
        ("c.yaml", "[{file: a, when: {kk: 1}}]", "j:3:29: contract[0].when.kk: kk is not a key column of the source"),
        ("c.yaml", "{file: a, when: {kk: 1}}", "j:3:28: contract.when.kk: kk is not a key column of the source"),
    ],
)
def test_a_mistake_is_told_at_its_place(old: str, new: str, says: str) -> None:
    (line,) = _told(JOB.replace(old, new))
    assert says in line


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            "duplicates: no",
            "here is the text 'no'; expected keys with values: {on: [table.column], fingerprint: raw}, or",
        ),
        ("duplicates: [a]", "here is a list; expected keys with values: {on: [table.column]"),
        ("duplicates: {on: 5}", "duplicates.on: here is the number 5; expected a name, or a list of names"),
        ("duplicates: {fingerprint: yes}", "here is the text 'yes'; expected one of 'raw', 'canonical' or 'off'"),
        ("duplicates: {by: 5}", "duplicates.by: here is the number 5; expected a name, or a list of names"),
        ("duplicates: {keep: last}", "duplicates: keep and by go together"),
        ("duplicates: {rows: {a: twice}}", "expected one of 'skip', 'reject_document' or 'last'"),
        ("duplicates: {oon: a}", "duplicates.oon: there is no such key; did you mean 'on'?"),
        ("chunk: 5", "here is the number 5; expected keys with values"),
        ("chunk: {rows: 0}", "here is the number 0; expected at least 1"),
        ("chunk: {bytes: much}", "j:5:16: chunk.bytes: 'much' is not a size; write it like 512MB or 2GiB"),
        ("memory: lots", "j:5:9: memory: 'lots' is not a size; write it like 512MB or 2GiB"),
        ("memory: []", "here is a list; expected bytes, or a size such as 500MB or 2GiB"),
        ("workers: 1.5", "here is the number 1.5; expected a whole number"),
        ("workers: 1000", "here is the number 1000; expected at most 256"),
        ("base: x", "j:5:1: base: there is no such key"),
    ],
)
def test_a_value_that_is_none_is_told_with_what_is(more: str, says: str) -> None:
    (line,) = _told(JOB + more)
    assert says in line
    assert "Input should" not in line


@pytest.mark.parametrize("text", ["", "# nothing\n", "[1]", "{}", "text"])
def test_what_is_no_job_at_all_is_told_as_that(text: str) -> None:
    (line,) = _told(text)
    assert line.startswith("j:1:1: ")
    assert "expected a job: name, source, contract and target" in line
    assert "version" not in line


def test_a_bracket_at_the_end_of_a_file() -> None:
    assert _told("name: [") == ["j:1:8: the end is missing; expected the closing bracket or quote"]
    assert _told("name: [a") == ["j:1:7: what begins here with [ has no end; expected the closing bracket or quote"]


def test_a_source_without_a_key_of_its_own_has_no_columns_to_choose_by() -> None:
    text = JOB.replace('{url: "duckdb:x.duckdb", table: t, key: k}', '{url: "folder:x"}')
    (line,) = _told(text.replace("c.yaml", "[{file: a, when: {path: x}}]"))
    assert line.endswith("path is not a key column of the source; expected the source's `key` to name its columns")


def test_every_way_to_write_contracts() -> None:
    def read(contract: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        job = parse_job(JOB.replace("key: k", "key: [k, n]").replace("c.yaml", contract), name="j", base=REPOSITORY)
        return [(each.file, each.values) for each in job.contracts]

    assert read("c.yaml") == [("c.yaml", ())]
    assert read("[a.yaml, {file: b.yaml}]") == [("a.yaml", ()), ("b.yaml", ())]
    assert read("{file: c, when: {k: CC}}") == [("c", (("k", "CC"),))]
    assert read("[{file: c, when: {k: [007, 1.50, true, no], n: 5}}]") == [
        ("c", (("k", "007"), ("k", "1.50"), ("k", "true"), ("k", "no"), ("n", "5")))
    ]
