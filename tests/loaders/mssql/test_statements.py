"""Every T-SQL text is the one that was looked at, and T-SQL."""

from __future__ import annotations

import re

import pytest
import sqlglot
from sqlglot import exp

from tests.loaders.mssql.statements import FILES, GOLDEN, text

# What the parser has no grammar for, though SQL Server has; settings it takes as they are.
_NO_GRAMMAR = re.compile(
    r"(?<=PRIMARY KEY) NONCLUSTERED|^DBCC [^;]*;|SET TRANSACTION ISOLATION LEVEL (READ COMMITTED|SNAPSHOT);",
    re.MULTILINE,
)


@pytest.mark.parametrize("file", FILES)
def test_the_text_is_the_golden_one(file: str) -> None:
    golden = (GOLDEN / f"{file}.sql").read_text(encoding="utf-8")
    assert text(FILES[file]()) == golden, "python -m tests.loaders.mssql.statements writes them anew"


@pytest.mark.parametrize("file", FILES)
def test_it_is_t_sql(file: str) -> None:
    for name, sql in FILES[file]():
        for parsed in sqlglot.parse(_NO_GRAMMAR.sub("", sql), dialect="tsql", error_level=sqlglot.ErrorLevel.RAISE):
            if isinstance(parsed, exp.Command):
                assert parsed.sql(dialect="tsql").startswith("SET IDENTITY_INSERT"), name


@pytest.mark.parametrize("file", FILES)
def test_nothing_depends_on_locks_that_are_not_taken(file: str) -> None:
    golden = (GOLDEN / f"{file}.sql").read_text(encoding="utf-8")
    assert "NOLOCK" not in golden.upper()
    assert "READUNCOMMITTED" not in golden.upper().replace(" ", "")
    assert not re.search(r"\bLEN\(", golden)
