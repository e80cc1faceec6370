"""`check --watch` below its command: which files are looked at, and when they count as changed. Time is a list of
what happens between two looks, so nothing here sleeps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from columnar.checking.watch import sampled_files, signature, signatures, wait_for_change, watch, watched_files
from tests.columnar.cli.command import make_job


class OverError(Exception):
    """The script of a test is at its end."""


def between_looks(*events: Callable[[], object] | None) -> Callable[[], None]:
    """A wait that lets one event happen each time; None: nothing."""
    script = iter(events)

    def wait() -> None:
        try:
            event = next(script)
        except StopIteration:
            raise OverError from None
        if event is not None:
            event()

    return wait


def writing(path: Path, text: str) -> Callable[[], object]:
    return lambda: path.write_text(text, encoding="utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "contract.yaml"
    path.write_text("one", encoding="utf-8")
    return path


def test_a_change_counts_once_the_file_is_at_rest(file: Path) -> None:
    known = signatures([file])
    wait = between_looks(None, writing(file, "half"), writing(file, "the whole"), None)
    assert wait_for_change(known, wait) == (file,)
    with pytest.raises(OverError):
        wait()


def test_nothing_happens_where_nothing_changes(file: Path) -> None:
    with pytest.raises(OverError):
        wait_for_change(signatures([file]), between_looks(*[None] * 100))


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_another(file: Path) -> None:
    before, known = file.stat(), signatures([file])

    def replace() -> None:
        fresh = file.with_suffix(".tmp")
        fresh.write_text("two", encoding="utf-8")
        os.utime(fresh, ns=(before.st_atime_ns, before.st_mtime_ns))
        fresh.replace(file)

    assert wait_for_change(known, between_looks(replace, None)) == (file,)
    assert (file.stat().st_mtime_ns, file.stat().st_size) == (before.st_mtime_ns, before.st_size)


def test_a_file_that_is_missing_for_a_moment_is_waited_for(file: Path) -> None:
    known = signatures([file])
    wait = between_looks(file.unlink, None, None, writing(file, "two"), None)
    assert wait_for_change(known, wait) == (file,)
    assert signature(file) is not None


def test_a_file_that_comes_back_as_it_was_has_not_changed(file: Path) -> None:
    known, aside = signatures([file]), file.with_suffix(".aside")
    wait = between_looks(lambda: file.rename(aside), lambda: aside.rename(file), None)
    with pytest.raises(OverError):
        wait_for_change(known, wait)


def test_a_file_that_stays_away_or_never_rests_is_taken_as_it_is(file: Path) -> None:
    known = signatures([file])
    assert wait_for_change(known, between_looks(file.unlink, *[None] * 8)) == (file,)
    known = signatures([file])
    assert known == {file: None}
    restless = [writing(file, "x" * length) for length in range(1, 9)]
    assert wait_for_change(known, between_looks(*restless)) == (file,)


def test_a_change_in_the_middle_of_the_act_is_not_missed(file: Path) -> None:
    acts: list[tuple[Path, ...]] = []

    def act(changed: Sequence[Path]) -> Iterable[Path]:
        acts.append(tuple(changed))
        if len(acts) == 1:
            file.write_text("changed while it is read", encoding="utf-8")
        return []

    with pytest.raises(OverError):
        watch(lambda: [file], act, wait=between_looks(None, None, None, None))
    assert acts == [(), (file,)]


def test_files_that_an_act_finds_are_watched_from_then_on(file: Path, tmp_path: Path) -> None:
    found, acts = tmp_path / "found.xml", []

    def act(changed: Sequence[Path]) -> Iterable[Path]:
        acts.append(tuple(changed))
        return [found, file]

    with pytest.raises(OverError):
        watch(lambda: [file], act, wait=between_looks(writing(found, "<a/>"), None, None, None))
    assert acts == [(), (found,)]


def test_a_contract_is_watched_with_its_documents(file: Path, tmp_path: Path) -> None:
    documents = [tmp_path / "a.xml", tmp_path / "b.xml"]
    assert list(watched_files(file, documents)) == [file, *documents]
    assert sampled_files(file, ["a.xml"]) == []


def test_a_job_is_watched_with_its_contract_and_its_source(tmp_path: Path) -> None:
    job = make_job(tmp_path)
    contract, source = tmp_path / "contract.yaml", tmp_path / "source.duckdb"
    assert list(watched_files(job, [])) == [job, contract, source, tmp_path / "source.duckdb.wal"]
    assert list(watched_files(job, [tmp_path / "a.xml"])) == [job, tmp_path / "a.xml", contract]
    job.write_text("source: [", encoding="utf-8")
    assert list(watched_files(job, [])) == [job]


@pytest.mark.parametrize("url", ["folder:in", "parquet:in", "parquet:in/*.parquet", "duckdb:${NOT_SET_ANYWHERE}"])
def test_sources_that_are_no_single_file_are_not_watched(tmp_path: Path, url: str) -> None:
    (tmp_path / "in").mkdir()
    table = ", table: t" if url.startswith("duckdb") else ""
    key = ", key: [id]" if not url.startswith("folder") else ""
    make_job(tmp_path, job=_job(f'{{url: "{url}"{table}{key}}}'))
    assert list(watched_files(tmp_path / "job.yaml", [])) == [tmp_path / "job.yaml", tmp_path / "contract.yaml"]


def test_the_sampled_files_of_a_folder_are_watched(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    make_job(tmp_path, job=_job('{url: "folder:in"}'))
    assert sampled_files(tmp_path / "job.yaml", ["a/b.xml"]) == [tmp_path / "in" / "a" / "b.xml"]


def test_the_job_is_looked_at_before_it_is_read(tmp_path: Path) -> None:
    """Otherwise a change between the two would never be seen."""
    job = make_job(tmp_path)
    files: Iterator[Path] = iter(watched_files(job, []))
    assert next(files) == job
    other = job.read_text(encoding="utf-8").replace("contract.yaml", "other.yaml")
    job.write_text(other, encoding="utf-8")
    assert next(files) == tmp_path / "other.yaml"


def _job(source: str) -> str:
    return f"name: small\nsource: {source}\ncontract: contract.yaml\ntarget: {{url: duckdb:target.duckdb}}\n"
