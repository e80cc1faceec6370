"""The stand-in for simdutf against Python's own codecs: alone, and inside the turbodbc that is installed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.odbc_drivers import SQLITE, driver_library
from loaders.turbodbc_build.pairing import HERE

_EXPORTED = """
#include <simdutf.h>
extern "C" {
std::size_t wide_length(const char* in, std::size_t n) { return simdutf::utf16_length_from_utf8(in, n); }
std::size_t narrow_length(const char16_t* in, std::size_t n) { return simdutf::utf8_length_from_utf16le(in, n); }
std::size_t widen(const char* in, std::size_t n, char16_t* to) { return simdutf::convert_utf8_to_utf16le(in, n, to); }
std::size_t narrow(const char16_t* in, std::size_t n, char* to) { return simdutf::convert_utf16le_to_utf8(in, n, to); }
}
"""
# Behind the room that a conversion has: it must not write there, whatever the input.
_GUARD = b"\xa5" * 16
_EVERY_LENGTH = "a\u007f\u0080é\u07ff\u0800€\ud7ff\ue000\uffff\U00010000😀\U0010ffff"


class _StandIn:
    def __init__(self, library: Path) -> None:
        self.library = ctypes.CDLL(str(library))
        for name in ("wide_length", "narrow_length", "widen", "narrow"):
            function = getattr(self.library, name)
            function.restype = ctypes.c_size_t
            function.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p][: 3 if "length" not in name else 2]

    def widen(self, text: bytes) -> bytes | None:
        """UTF-16, None where it is refused."""
        units = self.library.wide_length(text, len(text))
        room = ctypes.create_string_buffer(bytes(2 * units) + _GUARD, 2 * units + len(_GUARD))
        written = self.library.widen(text, len(text), room)
        assert room.raw[2 * units :] == _GUARD
        assert written in (0, units)
        return room.raw[: 2 * units] if written or not text else None

    def narrow(self, text: bytes) -> bytes | None:
        """UTF-8, None where it is refused."""
        size = self.library.narrow_length(text, len(text) // 2)
        room = ctypes.create_string_buffer(bytes(size) + _GUARD, size + len(_GUARD))
        written = self.library.narrow(text, len(text) // 2, room)
        assert room.raw[size:] == _GUARD
        assert written in (0, size)
        return room.raw[:size] if written or not text else None


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> _StandIn:
    compiler = next((name for name in (os.environ.get("CXX"), "c++", "g++") if name and shutil.which(name)), None)
    if compiler is None:
        pytest.skip("no C++ compiler")
    folder = tmp_path_factory.mktemp("stand_in")
    source, library = folder / "exported.cpp", folder / "exported.so"
    source.write_text(_EXPORTED)
    strict = ["-std=c++20", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    subprocess.run([compiler, *strict, "-shared", "-fPIC", f"-I{HERE / 'stand_in'}", source, "-o", library], check=True)
    return _StandIn(library)


def _reencoded(text: bytes, from_: str, to: str) -> bytes | None:
    try:
        return text.decode(from_).encode(to)
    except UnicodeDecodeError:
        return None


def test_every_character(stand_in: _StandIn) -> None:
    every = "".join(map(chr, (*range(1, 0xD800), *range(0xE000, 0x110000))))
    narrow, wide = every.encode(), every.encode("utf-16-le")
    assert stand_in.widen(narrow) == wide
    assert stand_in.narrow(wide) == narrow


def test_every_sequence_of_bytes_of_an_end(stand_in: _StandIn) -> None:
    for first in range(256):
        for second in range(256):
            for text in (
                bytes((first, second)),
                b"a" * 8 + bytes((first, second, 0x80)),
                bytes((first, second)) + b"\x80\x80",
            ):
                assert stand_in.widen(text) == _reencoded(text, "utf-8", "utf-16-le"), text


@pytest.mark.parametrize("character", ["\x80", "é", "€", "😀"])
def test_one_character_among_many_of_ascii(stand_in: _StandIn, character: str) -> None:
    """What is looked at eight at a time."""
    for place in range(20):
        text = "a" * place + character + "b" * (20 - place)
        assert stand_in.widen(text.encode()) == text.encode("utf-16-le")
        assert stand_in.narrow(text.encode("utf-16-le")) == text.encode()


def test_nothing_is_read_behind_the_text(stand_in: _StandIn) -> None:
    """Where what would make it valid stands just behind it."""
    room = ctypes.create_string_buffer(16)
    narrow, wide = "😀".encode(), "😀".encode("utf-16-le")
    assert [stand_in.library.widen(narrow, size, room) for size in range(5)] == [0, 0, 0, 0, 2]
    assert [stand_in.library.narrow(wide, size, room) for size in range(3)] == [0, 0, 4]


# Most random bytes are invalid at once; these are nearly valid.
_NEARLY = st.lists(
    st.one_of(
        st.text(max_size=12).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.sampled_from(
            [b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xc0\x80", b"\xe0\x80\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f"]
        ),
        st.binary(max_size=3),
    )
).map(b"".join)


@given(_NEARLY)
def test_widening_is_strict(stand_in: _StandIn, text: bytes) -> None:
    assert stand_in.widen(text) == _reencoded(text, "utf-8", "utf-16-le")


@given(st.lists(st.one_of(st.integers(0, 0x7F), st.integers(0, 0xFFFF), st.integers(0xD7FF, 0xE000)), max_size=24))
def test_narrowing_is_strict(stand_in: _StandIn, units: list[int]) -> None:
    text = b"".join(unit.to_bytes(2, "little") for unit in units)
    assert stand_in.narrow(text) == _reencoded(text, "utf-16-le", "utf-8")


@pytest.fixture
def driver() -> Path:
    pytest.importorskip("turbodbc", reason="turbodbc is not installed")
    found = driver_library(SQLITE)
    if found is None:
        pytest.skip("no ODBC driver of SQLite")
    return found


def _connected(driver: Path, file: Path | str, *, wide: bool) -> Any:
    """Any: turbodbc has no types."""
    import turbodbc

    options = turbodbc.make_options(prefer_unicode=wide)
    return turbodbc.connect(connection_string=f"Driver={driver};Database={file}", turbodbc_options=options)


@pytest.mark.parametrize("wide", [True, False])
def test_text_through_odbc_is_what_it_was(driver: Path, wide: bool, tmp_path: Path) -> None:
    """What is stored is read by Python's own SQLite."""
    # On the wide path SQLite's driver cuts characters above U+FFFFF to their last 16 bits.
    texts = [_EVERY_LENGTH.replace("\U0010ffff", "\U000ffffd"), "", None, "x" * 999 + "😀", "😀" * 500, "a", "\u0301e"]
    file = tmp_path / "texts.db"
    with _connected(driver, file, wide=wide) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE docs (n integer, text varchar(4000))")
        rows = pa.table({"n": range(len(texts)), "text": texts})
        cursor.executemanycolumns("INSERT INTO docs VALUES (?, ?)", rows)
        connection.commit()
        cursor.execute("SELECT text FROM docs ORDER BY n")
        assert cursor.fetchallarrow()["text"].to_pylist() == texts
    with contextlib.closing(sqlite3.connect(file)) as stored:
        assert stored.execute("SELECT text FROM docs ORDER BY n").fetchall() == [(text,) for text in texts]


def test_lone_surrogates_become_no_other_text(driver: Path) -> None:
    """turbodbc turns what is no Unicode into '' on the wide path: its caller must compare lengths."""
    with _connected(driver, ":memory:", wide=True) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT CAST(X'61EDA08062' AS TEXT) AS high, CAST(X'61EDB08062' AS TEXT) AS low")
        assert cursor.fetchallarrow().to_pydict() == {"high": [""], "low": [""]}
        cursor.execute("CREATE TABLE docs (text varchar(100))")
        offsets, values = pa.array([0, 3, 6], pa.int32()).buffers()[1], pa.py_buffer(b"abc\xed\xa0\x80")
        cursor.executemanycolumns(
            "INSERT INTO docs VALUES (?)", pa.table({"text": pa.StringArray.from_buffers(2, offsets, values)})
        )
        cursor.execute("SELECT hex(text) AS stored FROM docs")
        assert cursor.fetchallarrow().to_pydict() == {"stored": ["616263", ""]}
