"""Zip and tar archives that are damaged, or made to do damage: everything that can be wrong is told."""

from __future__ import annotations

import os
import re
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from loaders import tar_streams
from loaders.errors import LoaderError
from loaders.source import DAMAGED, ENCRYPTED, UNKNOWN_PACKING
from tests.loaders.archives import write, write_tar, write_zip
from tests.loaders.test_archive_source import ENDINGS, MEMBERS, central, close_what_is_open, documents, patched, source
from tests.loaders.test_sources import check_cuts

__all__ = ["close_what_is_open"]  # a fixture


def refused(path: Path) -> str:
    with pytest.raises(LoaderError) as caught:
        source(path)
    assert caught.value.hint
    assert str(path) in str(caught.value)
    return f"{caught.value}; {caught.value.hint}"


# What is wrong with one member of a zip


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_packing_of_a_zip(tmp_path: Path, method: int) -> None:
    members = [("empty.xml", b""), ("one.xml", b"<d/>"), ("long.xml", os.urandom(10) * 100_000)]
    assert documents(source(write_zip(tmp_path / "a.zip", members, method))) == dict(members)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_told_and_its_neighbours_read(tmp_path: Path, method: int) -> None:
    content = bytes(range(256)) * 20
    path = write_zip(tmp_path / "a.zip", [("a.xml", content), ("b.xml", content), ("c.xml", content)], method)
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("b.xml").header_offset + 30 + len("b.xml") + 20
    old = path.read_bytes()[place]
    patched(path, {place: bytes([old ^ 0x55])})
    assert documents(source(path)) == {"a.xml": content, "b.xml": DAMAGED, "c.xml": content}


@pytest.mark.parametrize(
    ("at", "new", "expected"),
    [
        (8, b"\x01\x00", ENCRYPTED),  # flags
        (10, b"\x09\x00", UNKNOWN_PACKING),  # Deflate64
        (16, b"\0\0\0\0", DAMAGED),  # another checksum
        (24, b"\x03\0\0\0", DAMAGED),  # less than there is
        (24, b"\x05\0\0\0", DAMAGED),  # more than there is
        (24, b"\xfe\xff\xff\x0f", DAMAGED),  # very much more
        (20, b"\x03\0\0\0", DAMAGED),  # cut off
        (42, b"\x01\0\0\0", DAMAGED),  # elsewhere
        (42, b"\xfe\xff\xff\xff", DAMAGED),  # behind the end
    ],
)
def test_a_directory_that_lies_about_a_member(tmp_path: Path, at: int, new: bytes, expected: int) -> None:
    path = write_zip(tmp_path / "a.zip", [("a.xml", b"<a/>"), ("b.xml", b"<b/>")])
    patched(path, {central(path, b"b.xml") + at: new})
    assert documents(source(path)) == {"a.xml": b"<a/>", "b.xml": expected}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_no_more_is_unpacked_than_the_directory_says(tmp_path: Path, method: int) -> None:
    """Fifty million bytes that are said to be a thousand."""
    path = write_zip(tmp_path / "a.zip", [("bomb.xml", bytes(50_000_000))], method)
    content = bytes(1000)
    entry = central(path, b"bomb.xml")
    patched(path, {entry + 16: struct.pack("<L", zlib.crc32(content)), entry + 24: struct.pack("<L", len(content))})
    opened = source(path)
    tracemalloc.start()
    assert documents(opened) == {"bomb.xml": DAMAGED}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


# What is wrong with an archive


def test_what_is_no_archive(tmp_path: Path) -> None:
    for kind in ("zip", "tar"):
        assert f"there is no {kind} archive" in refused(tmp_path / f"missing.{kind}")
        (tmp_path / f"folder.{kind}").mkdir()
        assert "is not a file; for a folder of files write folder:" in refused(tmp_path / f"folder.{kind}")
        (tmp_path / f"text.{kind}").write_text("neither" * 200)
        assert f"text.{kind} is not a {kind} archive" in refused(tmp_path / f"text.{kind}")
        (tmp_path / f"empty.{kind}").write_bytes(b"")
        assert f"not a {kind} archive" in refused(tmp_path / f"empty.{kind}")
    write_zip(tmp_path / "zip.tar", MEMBERS)
    assert "it looks like a zip archive: write zip: in the URL" in refused(tmp_path / "zip.tar")
    write_tar(tmp_path / "tar.zip", MEMBERS)
    assert "is not a zip archive" in refused(tmp_path / "tar.zip")
    (tmp_path / "a.tar.zst").write_bytes(b"\x28\xb5\x2f\xfd" + b"x" * 600)
    assert "packed by zstd, which is not read here" in refused(tmp_path / "a.tar.zst")
    (tmp_path / "text.tar.gz").write_bytes(zlib.compress(b"no tar" * 500, wbits=31))
    assert "is a damaged tar archive" in refused(tmp_path / "text.tar.gz")


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_archive_without_members(tmp_path: Path, ending: str) -> None:
    opened = source(write(tmp_path / f"a.{ending}", []))
    assert check_cuts(opened, 5, 0) == []
    assert opened.document_bytes() == 1
    assert "no member of" in opened.notes()[0]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_truncated_archive_is_refused_wherever_it_ends(tmp_path: Path, ending: str) -> None:
    whole = write(tmp_path / f"whole.{ending}", [(name, os.urandom(700)) for name, _ in MEMBERS[:5]]).read_bytes()
    # The padding behind the end mark of a plain tar may be missing; nothing else may.
    end = 5 * (512 + 1024) + 512 if ending == "tar" else len(whole)
    path = tmp_path / f"a.{ending}"
    for length in [*range(1, end, 97), end - 1, end - 512]:
        path.write_bytes(whole[:length])
        assert re.search("archive|too early|damaged", refused(path)), length


def test_a_damaged_header_of_a_tar_is_no_end(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar", [("a.xml", b"a"), ("b.xml", b"b"), ("c.xml", b"c")])
    assert "cannot be read" in refused(patched(path, {1024: b"x"}))
    assert "its end mark is missing" in refused(
        _written(tmp_path / "cut.tar", write_tar(path, [("a.xml", b"a")]).read_bytes()[:1024])
    )


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("ending", [each for each in ENDINGS if each not in ("zip", "tar")])
def test_damaged_packing_is_told(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"a.{ending}", [("a.xml", os.urandom(300_000))])
    middle = path.stat().st_size // 2
    data = path.read_bytes()
    patched(path, {middle: bytes(each ^ 0xFF for each in data[middle : middle + 8])})
    assert "damaged" in refused(path)


def test_an_archive_behind_an_archive_is_told(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar", [("a.xml", b"a")])
    data = path.read_bytes()
    (tmp_path / "a.tar").write_bytes(data + data)
    assert "another archive follows at byte 10,240" in refused(path)
    path.write_bytes(data + b"what tapes have behind the end")
    assert documents(source(path)) == {"a.xml": b"a"}


def test_a_header_that_asks_for_too_much_is_refused(tmp_path: Path) -> None:
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 1 << 33
    header = member.tobuf(tarfile.GNU_FORMAT) + bytes(1024)
    assert "a header of 8,589,934,592 bytes" in refused(_written(tmp_path / "a.tar", header))


def test_a_header_that_leads_back_is_refused(tmp_path: Path) -> None:
    """Such a size made the library's own loop endless (CVE-2025-8194)."""
    path = write_tar(tmp_path / "a.tar", [("a.xml", b"a"), ("b.xml", b"b")])
    header = bytearray(path.read_bytes()[1024:1536])
    header[124:136] = (-512).to_bytes(12, "big", signed=True)
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    assert "is a damaged tar archive" in refused(patched(path, {1024: bytes(header)}))


def test_a_sparse_file_in_a_tar_is_told(tmp_path: Path) -> None:
    """What stands there are its parts, without the zeros between them."""
    member = tarfile.TarInfo("sparse.xml")
    member.type, member.size = tarfile.GNUTYPE_SPARSE, 512
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"00000001000\0" + b"00000001000\0"  # 512 bytes at byte 512
    header[483:495] = b"00000002000\0"  # of 1024
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    other = write_tar(tmp_path / "other.tar", [("a.xml", b"<a/>")]).read_bytes()
    path = _written(tmp_path / "a.tar", bytes(header) + b"x" * 512 + other)
    assert documents(source(path)) == {"sparse.xml": UNKNOWN_PACKING, "a.xml": b"<a/>"}


@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
def test_a_listing_is_columns(tmp_path: Path, ending: str) -> None:
    """Objects would be 640 bytes a member of a zip, and twice that of a tar."""
    path = write(tmp_path / f"a.{ending}", [(f"{at:05}.xml", b"") for at in range(5000)])
    source(path)
    tracemalloc.start()
    source(path)
    peak = tracemalloc.get_traced_memory()[1]  # without Arrow's own memory: 80 bytes a member
    tracemalloc.stop()
    assert peak / 5000 < 500


def test_an_xz_archive_that_asks_for_too_much_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.tar.xz", MEMBERS)
    monkeypatch.setattr(tar_streams, "_XZ_MEMORY", 1_000_000)
    assert "Memory usage limit" in refused(path)


def test_a_zip_in_parts_and_a_broken_directory(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", MEMBERS)
    whole = path.read_bytes()
    end = len(whole) - 22
    assert "one part of a zip archive in several" in refused(patched(path, {end + 4: b"\1\0"}))
    path.write_bytes(whole)
    assert "is said to hold 61 members and holds 60" in refused(patched(path, {end + 10: b"\x3d\0"}))
    path.write_bytes(whole)
    assert "something that is no member" in refused(patched(path, {central(path, MEMBERS[-1][0].encode()): b"QQ"}))
    path.write_bytes(whole)
    assert "not in its place" in refused(patched(path, {end + 16: b"\xff\xff\xff\x7f"}))


def test_what_stands_around_a_zip_does_not_matter(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", MEMBERS)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"PK\5\6 is how the end begins" * 20
    path.write_bytes(b"#!/bin/sh\nexit\n" + path.read_bytes())
    assert documents(source(path)) == dict(MEMBERS)


@pytest.mark.parametrize("prefix", [b"", b"#!/bin/sh\n"])
def test_zip64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: bytes) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 10)
    path = write_zip(tmp_path / "a.zip", MEMBERS)
    assert b"PK\6\6" in path.read_bytes()
    path.write_bytes(prefix + path.read_bytes())
    assert documents(source(path)) == dict(MEMBERS)
    entry = central(path, MEMBERS[-1][0].encode())
    patched(path, {entry + 46 + len(MEMBERS[-1][0].encode()): b"\x77\x77"})  # the extra field is another one now
    assert "the zip64 sizes of its member" in refused(path)
