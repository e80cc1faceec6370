"""Whole jobs: the demonstration's documents out of SQL Server and into it, held to what DuckDB makes of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from columnar import api
from columnar.demo import contract_text, generate, truth
from tests.mssql_conformance.checking import Check, equal
from tests.mssql_conformance.server import VARIABLE, Server

_DOCUMENTS = 200
_URL = "${" + VARIABLE + "}"


def checks(server: Server) -> Iterator[tuple[str, Check]]:
    """Those of this module."""
    for reader in server.readers:
        yield f"{reader}: loan documents from SQL Server into DuckDB", _job(reader, into_server=False)
        yield f"{reader}: loan documents from SQL Server into SQL Server", _job(reader, into_server=True)
        yield f"{reader}: loan documents that COMPRESS() made, by a text key", _compressed(reader)


def _job(reader: str, *, into_server: bool) -> Check:
    def check(server: Server) -> None:
        table = _filled(server)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "contract.yaml").write_text(contract_text(), encoding="utf-8")
            schema = f"{server.schema}_{reader.replace('-', '')}"
            here = _run(folder, f"duckdb:{folder / 'plain.duckdb'}", _source(server, table, reader))
            if not into_server:
                _check_truth(here)
                return
            try:
                target = f'url: "{_URL}", create: true, schema: {schema}, staging_schema: {server.staging}'
                _run(folder, "", _source(server, table, reader), target, name="there")
                again = _run(folder, "", _source(server, table, reader), target, name="there")
                _check_truth(again)
                _compare(server, schema, folder / "plain.duckdb")
            finally:
                Server(server.address, server.url, schema).drop()

    return check


def _compressed(reader: str) -> Check:
    def check(server: Server) -> None:
        table = f"packed_{reader.replace('-', '')}"
        server.run(
            f"CREATE TABLE {server.named(table)} (document varbinary(max) NULL,"
            " loan_id nvarchar(20) COLLATE Latin1_General_CI_AI NOT NULL PRIMARY KEY)",
            f"INSERT INTO {server.named(table)} (loan_id, document)"
            " SELECT RIGHT(N'00000000' + CONVERT(nvarchar(20), loan_id), 8), COMPRESS(document)"
            f" FROM {server.named(_filled(server))}",
        )
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            contract = contract_text().replace("\nroot:", "\ndocument: {decode: [gzip, utf-16]}\nroot:")
            (folder / "contract.yaml").write_text(contract, encoding="utf-8")
            _check_truth(_run(folder, f"duckdb:{folder / 'packed.duckdb'}", _source(server, table, reader)))

    return check


def _filled(server: Server) -> str:
    """The table of the documents, filled when it is first asked for."""
    table = "incoming"
    if not server.number("COUNT_BIG(*)", f"FROM sys.tables WHERE object_id = OBJECT_ID('{server.schema}.{table}')"):
        _fill(server, table)
    return table


def _fill(server: Server, table: str) -> None:
    server.run(f"CREATE TABLE {server.named(table)} (loan_id bigint NOT NULL PRIMARY KEY, document nvarchar(max) NULL)")
    for batch in generate(_DOCUMENTS):
        server.copy(table, pa.Table.from_batches([batch]).select(["loan_id", "document"]))


def _source(server: Server, table: str, reader: str) -> str:
    return f'url: "{_URL}", table: {server.schema}.{table}, key: [loan_id], document: document, reader: {reader}'


def _run(folder: Path, url: str, source: str, target: str = "", *, name: str = "plain") -> api.JobStatus:
    """Run the job, and say how it stands."""
    target = target or f'url: "{url}", create: true'
    job = folder / f"{name}.yaml"
    job.write_text(
        f"name: {name}\nsource: {{{source}}}\ncontract: contract.yaml\ntarget: {{{target}}}\n"
        f"duplicates: {{on: [application.application_id]}}\nworkspace: {name}.work\n",
        encoding="utf-8",
    )
    api.run(job)
    return api.status(job)


def _check_truth(status: api.JobStatus) -> None:
    invented = truth(_DOCUMENTS)
    receipt = status.receipt
    equal(receipt.documents, _DOCUMENTS, "documents")
    equal(receipt.loaded, invented.loaded, "loaded")
    equal(receipt.rows, invented.rows, "rows")


def _compare(server: Server, schema: str, path: Path) -> None:
    """Every table, value by value."""
    there = Server(server.address, server.url, schema)
    sink = there.sink()
    try:
        with duckdb.connect(path, read_only=True) as plain:
            names = [row[0] for row in plain.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
            for name in names:
                if name.startswith("columnar_"):
                    continue
                expected = plain.sql(f'SELECT * FROM "{name}"').to_arrow_table()
                batches = list(sink.stream(name, expected.column_names, {}))
                found = pa.Table.from_batches(batches, batches[0].schema) if batches else expected.slice(0, 0)
                equal(_rows(found), _rows(expected), name)
    finally:
        sink.close()


def _rows(table: pa.Table) -> list[str]:
    return sorted(repr(tuple(row.values())) for row in table.to_pylist())
