"""Zip and tar archives as sources: every member once, and everything that can be wrong with one told."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import tar_streams
from loaders.archive_source import ArchiveSource, ArchiveSourceOptions
from loaders.errors import LoaderError, UnavailableError, UsageError
from loaders.source import (
    EVERYTHING,
    NULL_KEYS,
    KeyRange,
    ReadLimits,
)
from tests.loaders.archives import TARS, write, write_zip
from tests.loaders.test_sources import check_cuts, read_all

ENDINGS = ("zip", *TARS)
# Sixty documents whose names are in no order, and what is not asked for.
MEMBERS = [(f"{at * 7919 % 60:03}/Ä {at % 7}.xml", b"<d>" + b"x" * (at * 13 % 200) + b"</d>") for at in range(60)]
OTHERS = [("skip.txt", b"no document"), ("inner.zip", b"PK\3\4"), ("folder.xml/", b"")]
LARGE = ReadLimits(10**9, 10**9)


_OPENED: list[ArchiveSource] = []


@pytest.fixture(autouse=True)
def close_what_is_open() -> Iterator[None]:
    yield
    while _OPENED:
        _OPENED.pop().close()


def source(path: Path, pattern: str = "**/*.xml") -> ArchiveSource:
    _OPENED.append(ArchiveSource(ArchiveSourceOptions(path, "zip" if path.suffix == ".zip" else "tar", pattern)))
    return _OPENED[-1]


def documents(opened: ArchiveSource, within: KeyRange = EVERYTHING) -> dict[object, object]:
    return {row[0]: row[1] if row[1] is not None else row[2] for row in read_all(opened, within, LARGE)}


@pytest.mark.parametrize("ending", ENDINGS)
def test_any_archive_is_cut_and_read_whole(tmp_path: Path, ending: str) -> None:
    opened = source(write(tmp_path / f"a.{ending}", MEMBERS + OTHERS))
    ranges = check_cuts(opened, 7, 60)
    assert len(ranges) == 9
    assert documents(opened) == dict(MEMBERS)
    assert opened.count([NULL_KEYS]) == [0]
    assert opened.document_bytes() == sum(len(content) for _, content in MEMBERS) // 60
    listed = [name for name, _ in MEMBERS]
    assert opened.key_at(EVERYTHING, 60) == (max(listed) if ending == "zip" else listed[-1],)
    assert opened.key_at(EVERYTHING, 61) is None
    assert opened.identity == f"{'zip' if ending == 'zip' else 'tar'}:{tmp_path}/a.{ending}#**/*.xml"
    opened.close()
    opened.close()


def test_the_order_is_by_name_in_a_zip_and_the_archives_own_in_a_tar(tmp_path: Path) -> None:
    members = [(name, b"") for name in ("b.xml", "c.xml", "a.xml")]
    keys = [("a.xml",), ("b.xml",), ("c.xml",), ("b.xml",)]
    assert source(write(tmp_path / "a.zip", members)).rank(keys) == [0, 1, 2, 1]
    tar = source(write(tmp_path / "a.tar.gz", members))
    assert tar.rank(keys) == [2, 0, 1, 0]
    assert list(documents(tar, KeyRange(("b.xml",), ("a.xml",)))) == ["c.xml", "a.xml"]
    assert list(documents(tar, KeyRange(("c.xml",), ("c.xml",), low_inclusive=True))) == ["c.xml"]
    assert documents(tar, KeyRange(("gone.xml",), ("gone.xml",), low_inclusive=True)) == {}
    zipped = source(tmp_path / "a.zip")
    found = list(documents(zipped, KeyRange(("a",), ("b.zzz",))))
    assert found == ["b.xml", "a.xml"], "any text is a bound; what is read is read in the order of the file"
    with pytest.raises(UsageError, match=r"has no member 'd\.xml'") as caught:
        tar.rank([("d.xml",)])
    assert "did you mean 'c.xml'?" in caught.value.hint


@pytest.mark.parametrize("ending", ENDINGS)
def test_members_of_one_name_are_rows_of_one_key(tmp_path: Path, ending: str) -> None:
    members = [("b.xml", b"1"), ("a.xml", b"2"), ("b.xml", b"3"), ("c.xml", b"4"), ("a.xml", b"2")]
    opened = source(write(tmp_path / f"a.{ending}", members))
    assert len(check_cuts(opened, 1, 5)) == 3
    rows = read_all(opened, EVERYTHING)
    assert sorted(rows, key=str) == sorted(((name, content, 1) for name, content in members), key=str)
    assert any("2 members have a path that another" in note for note in opened.notes())


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_document_over_the_limit_is_not_read(tmp_path: Path, ending: str) -> None:
    opened = source(write(tmp_path / f"a.{ending}", [("big.xml", b"x" * 101), ("small.xml", b"x" * 100)]))
    rows = read_all(opened, EVERYTHING, ReadLimits(1000, 100))
    assert rows == [("big.xml", None, 101), ("small.xml", b"x" * 100, 100)]


@pytest.mark.parametrize("ending", ENDINGS)
def test_batches_are_bounded(tmp_path: Path, ending: str) -> None:
    opened = source(write(tmp_path / f"a.{ending}", [(f"{at}.xml", b"x" * 100) for at in range(10)]))
    with opened.read(EVERYTHING, ReadLimits(250, 1000)) as read:
        assert [len(batch) for batch in read.batches()] == [2] * 5


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("**/*.xml", ["/etc/x.xml", "../up.xml", "./dot.xml", "a/.xml", "a/b/c.xml", "top.xml"]),
        ("*.xml", ["./dot.xml", "top.xml"]),
        ("a/**", ["a/.xml", "a/b/c.txt", "a/b/c.xml"]),
        ("**/b/*", ["a/b/c.txt", "a/b/c.xml"]),
        ("a/*/c.???", ["a/b/c.txt", "a/b/c.xml"]),
        ("**/[ct]*.xml", ["a/b/c.xml", "top.xml"]),
        ("nothing", []),
    ],
)
def test_names_are_only_keys(tmp_path: Path, ending: str, pattern: str, expected: list[str]) -> None:
    names = ["/etc/x.xml", "../up.xml", "./dot.xml", "a/.xml", "a/b/c.txt", "a/b/c.xml", "top.xml", "TOP.XML"]
    opened = source(write(tmp_path / f"a.{ending}", [(name, name.encode()) for name in names]), pattern)
    assert documents(opened) == {name: name.encode() for name in expected}
    assert any(f"matches {pattern}" in note for note in opened.notes()) == (not expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a.{ending}"]


def test_what_is_no_file_in_a_tar_is_left_and_told(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            member = tarfile.TarInfo(f"{kind.decode()}.xml")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        archive.addfile(tarfile.TarInfo("file.xml"))
    opened = source(tmp_path / "a.tar")
    assert documents(opened) == {"file.xml": b""}
    assert opened.notes() == ["4 members that match are links or the like, which are not followed"]


def test_a_link_in_a_zip_is_left_and_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("link.xml")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("file.xml", "<d/>")
    opened = source(tmp_path / "a.zip")
    assert documents(opened) == {"file.xml": b"<d/>"}
    assert "1 members that match are links" in opened.notes()[0]


def patched(path: Path, change: dict[int, bytes]) -> Path:
    data = bytearray(path.read_bytes())
    for at, new in change.items():
        data[at : at + len(new)] = new
    path.write_bytes(data)
    return path


def central(path: Path, name: bytes) -> int:
    """Where the directory's entry of a member begins."""
    return path.read_bytes().rindex(name) - 46


# An archive that changes


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_archive_that_changes_while_it_is_read(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"a.{ending}", [(f"{at}.xml", b"x" * 100) for at in range(10)])
    opened = source(path)
    with opened.read(EVERYTHING, ReadLimits(250, 1000)) as read:
        batches = read.batches()
        next(batches)
        write(path, [(f"{at}.xml", b"y" * 100) for at in range(10)] + [("more.xml", b"")])
        with pytest.raises(UnavailableError, match="has changed while it was read"):
            list(batches)
    assert len(documents(opened)) == 11, "afterwards it is read as it is now"


@pytest.mark.parametrize("ending", ENDINGS)
def test_other_members_are_another_digest(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"a.{ending}", MEMBERS)
    opened = source(path)
    ranges = [cut.range for cut in opened.cut(EVERYTHING, rows=20, total_bytes=10**9)]
    before = opened.measure(ranges)
    with opened.read(ranges[0], LARGE) as read:
        assert read.found == before[0]
    shutil.copy(path, tmp_path / f"copy.{ending}")
    assert source(tmp_path / f"copy.{ending}").measure(ranges) == before
    name = MEMBERS[3][0]
    write(path, [(each, text + b" " * (each == name)) for each, text in MEMBERS])
    after = opened.measure(ranges)
    assert [each.rows for each in after] == [each.rows for each in before]
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1
    bound = ranges[0].high
    assert bound is not None
    write(path, [member for member in MEMBERS if member[0] != bound[0]])
    assert sum(each.rows for each in opened.measure(ranges)) in (59, 20), "ranges of a tar that lost an end are empty"
    path.unlink()
    with pytest.raises(UnavailableError, match="No such file"):
        opened.measure(ranges)


def test_the_same_size_with_other_content_is_another_digest_of_a_zip(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", [("a.xml", b"<a/>")])
    opened = source(path)
    before = opened.measure([EVERYTHING])
    write_zip(path, [("a.xml", b"<b/>")])
    os.utime(path, (1, 1))
    assert opened.measure([EVERYTHING]) != before


# Reading a compressed tar


class _Counted(tar_streams.ForwardStream):
    opened = 0

    def __init__(self, *arguments: object) -> None:
        type(self).opened += 1
        super().__init__(*arguments)  # type: ignore[arg-type]


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> type[_Counted]:
    """How often archives are unpacked from their beginning."""
    monkeypatch.setattr("loaders.archive_source.ForwardStream", _Counted)
    _Counted.opened = 0
    return _Counted


@pytest.mark.parametrize("ending", ["tar.gz", "tar.xz"])
def test_a_compressed_tar_is_read_twice_whatever_the_ranges(
    tmp_path: Path, ending: str, passes: type[_Counted]
) -> None:
    opened = source(write(tmp_path / f"a.{ending}", MEMBERS))
    assert passes.opened == 1
    for each in list(opened.cut(EVERYTHING, rows=1, total_bytes=10**9)):
        documents(opened, each.range)
        opened.measure([each.range])
    assert passes.opened == 2
    documents(opened, KeyRange(high=(MEMBERS[0][0],)))
    assert passes.opened == 3, "back to the beginning"
    opened.close()


def test_a_whole_second_copy_in_a_compressed_tar_takes_one_more_pass(tmp_path: Path, passes: type[_Counted]) -> None:
    opened = source(write(tmp_path / "a.tar.gz", MEMBERS + MEMBERS))
    for each in list(opened.cut(EVERYTHING, rows=1, total_bytes=10**9)):
        assert len(read_all(opened, each.range)) == 2
    assert passes.opened == 3
    opened.close()


# Other programs' archives, and any name


@pytest.mark.parametrize("program", ["tar", "zip"])
def test_archives_of_the_systems_own_programs(tmp_path: Path, program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    long = "long" * 60  # more than the 100 bytes of a plain header
    names = ["a.xml", "sub/Ä é.xml", f"{long}/{long}.xml"]
    for name in names:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(f"<d>{name}</d>", encoding="utf-8")
    call = ["tar", "-czf", "../a.tar.gz", "."] if program == "tar" else ["zip", "-qr", "../a.zip", "."]
    subprocess.run(call, cwd=tmp_path / "in", check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    opened = source(tmp_path / ("a.tar.gz" if program == "tar" else "a.zip"))
    found = {str(name).removeprefix("./"): content for name, content in documents(opened).items()}
    assert found == {name: f"<d>{name}</d>".encode() for name in names}


NAMES = st.text(st.characters(exclude_characters="\0\\", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: name.strip("/.") and not name.endswith("/")
)


@given(st.lists(st.tuples(NAMES, st.binary(max_size=300)), max_size=20), st.sampled_from(ENDINGS))
@settings(max_examples=60, deadline=None)
def test_any_members(tmp_path_factory: pytest.TempPathFactory, members: list[tuple[str, bytes]], ending: str) -> None:
    """What the library lists and unpacks is what is read, name by name, however often."""
    path = write(tmp_path_factory.mktemp("any") / f"a.{ending}", members)
    opened = source(path, "**")
    check_cuts(opened, 3, len(members))
    rows = sorted((str(name), bytes(content)) for name, content, _ in read_all(opened, EVERYTHING))  # type: ignore[call-overload]
    assert rows == sorted(members)
    if ending == "zip":
        with zipfile.ZipFile(path) as archive:
            assert sorted(each.filename for each in archive.infolist()) == [name for name, _ in rows]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_broken_archive_never_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Any few bytes changed: an error of ours, or documents of which each is told to be damaged or is whole."""
    ending = data.draw(st.sampled_from(["zip", "tar", "tar.gz"]))
    path = write(tmp_path_factory.mktemp("broken") / f"a.{ending}", MEMBERS[:4])
    length = path.stat().st_size
    changes = data.draw(st.dictionaries(st.integers(0, length - 1), st.binary(min_size=1, max_size=4), max_size=3))
    patched(path, changes)
    try:
        found = documents(source(path))
    except LoaderError:
        return
    if ending == "zip":  # a tar has no checksums of contents
        contents = [content for _, content in MEMBERS]
        assert all(isinstance(each, int) or each in contents for each in found.values())


def test_names_in_other_encodings(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", [("N.xml", b"1")])
    entry = central(path, b"N.xml")
    patched(path, {entry + 46: b"\x8e"})  # Ä in code page 437
    assert documents(source(path)) == {"Ä.xml": b"1"}
    patched(path, {entry + 9: b"\x08"})  # said to be UTF-8, and is not
    assert documents(source(path)) == {"\\x8e.xml": b"1"}
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        archive.addfile(tarfile.TarInfo("Ä.xml"), io.BytesIO())
    assert documents(source(tmp_path / "a.tar")) == {"\\xc4.xml": b""}
