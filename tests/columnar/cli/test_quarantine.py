from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from columnar.looking.advice import advice
from columnar.looking.quarantine import QuarantinedDocument
from tests.columnar.cli.command import CONTRACT, JOB, columnar, execute, make_job
from transforms.convert.rules import Reason
from transforms.shred.result import REASONS

# Where each of the shredders finds the end tag that does not fit.
PLACES = ("2:8", "2:12")


def test_the_list_names_key_reason_place_and_detail(loaded: Path) -> None:
    result = columnar("quarantine", "list", loaded)
    assert result.code == 0
    assert "small: 2 documents in quarantine" in result.out
    lines = [line.split() for line in result.out.splitlines()]
    assert ["not_well_formed", "1"] in lines
    assert any(line[:2] == ["5", "not_well_formed"] and line[2] in PLACES for line in lines)
    assert f"columnar quarantine show {loaded} 5" in result.out


def test_the_list_can_be_narrowed(loaded: Path) -> None:
    found = columnar("quarantine", "list", loaded, "--reason", "wrong_root", "--json").json
    assert (found["total"], [each["source_key"] for each in found["documents"]]) == (1, ["6"])
    assert found["by_reason"] == {"not_well_formed": 1, "wrong_root": 1}
    limited = columnar("quarantine", "list", loaded, "--limit", "1")
    assert "and 1 more" in limited.out
    wrong = columnar("quarantine", "list", loaded, "--reason", "wrong_rot")
    assert wrong.code == 2
    assert "did you mean 'wrong_root'?" in wrong.err


def test_a_list_keeps_the_order_of_the_source_whatever_the_limit(tmp_path: Path) -> None:
    job = make_job(tmp_path, dict.fromkeys(range(1, 60), "<broken"))
    job.write_text(JOB + "chunk: {rows: 7}\n", encoding="utf-8")
    columnar("run", job)
    for limit in (1, 5, 58, 100):
        found = columnar("quarantine", "list", job, "--limit", limit, "--json").json
        assert [each["source_key"] for each in found["documents"]] == [str(key) for key in range(1, 60)][:limit]
        assert found["total"] == 59


def test_the_order_does_not_depend_on_the_target(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from columnar import quarantine
    from columnar.looking.quarantine import _records

    def backwards(*words: Any) -> Iterator[QuarantinedDocument]:
        return reversed(list(_records(*words)))

    monkeypatch.setattr(sys.modules["columnar.looking.quarantine"], "_records", backwards)
    found = quarantine(loaded, limit=1)
    assert [each.source_key for each in found.documents] == ["5"]


def test_an_empty_quarantine(tmp_path: Path) -> None:
    job = make_job(tmp_path, {1: '<r id="1"/>'})
    for _ in range(2):
        assert "no document is in quarantine" in columnar("quarantine", "list", job).out
        columnar("run", job)


def test_show_marks_the_place_in_the_document(loaded: Path) -> None:
    result = columnar("quarantine", "show", loaded, "5")
    assert result.code == 0
    shown = '  1 | <r id="5">\n> 2 |  <n>bad</m>\n    |{}^\n  3 | </r>\n'
    assert any(shown.format(" " * int(place.partition(":")[2])) in result.out for place in PLACES)
    assert "have it corrected where it comes from" in result.out


def test_show_of_a_document_that_is_not_there(loaded: Path) -> None:
    result = columnar("quarantine", "show", loaded, "1")
    assert result.code == 2
    assert "no document with the source key 1 is in quarantine" in result.err


def test_show_says_when_the_source_is_no_longer_what_was_read(job: Path) -> None:
    columnar("run", job)
    source = job.parent / "source.duckdb"
    assert columnar("quarantine", "show", job, "5", "--json").json["now"] == "same"
    execute(source, "UPDATE docs SET document = '<r id=\"5\"/>' WHERE id = 5")
    assert "has changed since it was read" in columnar("quarantine", "show", job, "5").out
    execute(source, "UPDATE docs SET document = NULL WHERE id = 5")
    assert "the document is NULL" in columnar("quarantine", "show", job, "5").out
    execute(source, "DELETE FROM docs WHERE id = 5")
    assert "no longer has a document under this key" in columnar("quarantine", "show", job, "5").out
    source.rename(source.with_name("away.duckdb"))
    assert "the source cannot be read now" in columnar("quarantine", "show", job, "5").out


def test_control_characters_of_a_document_do_not_reach_the_terminal(tmp_path: Path) -> None:
    job = make_job(tmp_path, {1: "<r>\x1b[31m\u202e</r>"})
    columnar("run", job)
    for words in (["list", job], ["show", job, "1"]):
        out = columnar("quarantine", *words).out
        assert "\x1b" not in out
        assert "\u202e" not in out
    assert "\\x1b[31m\\u202e" in out


def test_parts_of_a_composite_key_stand_with_commas_or_as_json(tmp_path: Path) -> None:
    job = make_job(tmp_path, job=JOB.replace("key: [id]", "key: [region, id]"))
    execute(tmp_path / "source.duckdb", "ALTER TABLE docs ADD COLUMN region VARCHAR")
    execute(tmp_path / "source.duckdb", "UPDATE docs SET region = CASE WHEN id < 6 THEN 'north' ELSE 'so,uth' END")
    columnar("run", job)
    listed = columnar("quarantine", "list", job, "--json").json["documents"]
    assert [each["source_key"] for each in listed] == ['["north","5"]', '["so,uth","6"]']
    for key in ("north,5", '["north","5"]', '["so,uth", 6]'):
        assert columnar("quarantine", "show", job, key, "--json").json["now"] == "same"
    wrong = columnar("quarantine", "show", job, "5")
    assert wrong.code == 2
    assert "a key of 1 part, the source's has 2" in wrong.err


def test_documents_that_are_packed_in_their_column_are_shown_unpacked(tmp_path: Path) -> None:
    job = make_job(tmp_path, {}, contract=CONTRACT + "document: {decode: [gzip]}\n")
    packed = gzip.compress(b"<r>\n<unclosed></r>")
    with duckdb.connect(tmp_path / "source.duckdb") as source:
        source.execute("DROP TABLE docs")
        source.execute("CREATE TABLE docs (id BIGINT, document BLOB)")
        source.execute("INSERT INTO docs VALUES (1, ?), (2, ?)", [packed, b"not gzip"])
    columnar("run", job)
    assert "> 2 | <unclosed></r>" in columnar("quarantine", "show", job, "1").out
    assert "1 | not gzip" in columnar("quarantine", "show", job, "2").out


def test_sql_that_fails_on_a_value_is_told_of_try_cast() -> None:
    assert "TRY_CAST" in advice("sql_error")
    assert "--changed-contract" in advice("sql_error")


@pytest.mark.parametrize("reason", [*REASONS, *(each.value for each in Reason)])
def test_there_is_advice_for_every_reason(reason: str) -> None:
    assert advice(reason) != advice("of a newer version")


def test_null_keys_are_listed(tmp_path: Path) -> None:
    job = make_job(tmp_path, {})
    execute(tmp_path / "source.duckdb", "INSERT INTO docs VALUES (NULL, '<r/>')")
    columnar("run", job)
    result = columnar("quarantine", "list", job)
    assert "(NULL)" in result.out
    assert "show" in result.out


def test_a_copy_that_the_tables_key_refused_is_explained(tmp_path: Path) -> None:
    job = make_job(tmp_path, {1: '<r id="1"/>', 2: '<r id="1"/>'}, job=JOB + "duplicates: off\n")
    columnar("run", job)
    found = columnar("quarantine", "list", job, "--json").json
    assert found["by_reason"] == {"rejected_by_target": found["total"]}
    key = found["documents"][0]["source_key"]
    assert "with `duplicates: off` in the job" in columnar("quarantine", "show", job, key).out
