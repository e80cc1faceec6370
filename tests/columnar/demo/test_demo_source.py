from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from columnar.demo import SCHEMA, TABLE, Profile, generate, truth, write_source


@pytest.mark.parametrize("documents", [0, 3, 2048, 2100])
def test_the_file_holds_what_is_generated(tmp_path: Path, documents: int) -> None:
    path = tmp_path / "it's a source.duckdb"
    told: list[int] = []
    counts = write_source(
        path, documents, seed=3, profile=Profile.small(), progress=lambda rows, size: told.append(rows)
    )
    assert counts == truth(documents, seed=3, profile=Profile.small())
    assert sum(told) == documents
    expected = pa.Table.from_batches(list(generate(documents, seed=3, profile=Profile.small())), SCHEMA)
    with duckdb.connect(path, read_only=True) as connection:
        stored = connection.sql(f"SELECT * FROM {TABLE}").to_arrow_table()
        assert stored.column_names == SCHEMA.names
        for name in SCHEMA.names:
            assert stored[name].to_pylist() == expected[name].to_pylist()
        described = connection.sql(f"DESCRIBE {TABLE}").fetchall()
        assert [row[:3] for row in described] == [
            ("loan_id", "BIGINT", "NO"),
            ("received", "TIMESTAMP", "NO"),
            ("document", "VARCHAR", "YES"),
        ]


def test_documents_are_stored_uncompressed(tmp_path: Path) -> None:
    path = tmp_path / "source.duckdb"
    write_source(path, 200)
    with duckdb.connect(path, read_only=True) as connection:
        found = connection.sql(
            f"SELECT DISTINCT compression FROM pragma_storage_info('{TABLE}') "
            "WHERE column_name = 'document' AND segment_type = 'VARCHAR'"
        ).fetchall()
    assert found == [("Uncompressed",)]
    assert not path.with_name("source.duckdb.wal").exists()


def test_a_file_that_exists_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "source.duckdb"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match=r"source\.duckdb"):
        write_source(path, 1)
    assert path.read_text() == "mine"
