"""What several threads found, put together: the same as one thread finds, in one chunk where it is little."""

from __future__ import annotations

from random import Random
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pytest

from tests.differential.shredders import why_not_native
from transforms.contract import read_contract

if why_not_native():
    pytest.skip(why_not_native(), allow_module_level=True)
from transforms.shred.native.native_shredder import NativeShredder  # needs the kernel

CONTRACT = read_contract(
    """
version: 1
root: d
tables:
  r:
    rows: /d/r
    columns:
      text: "@text"
      all: {path: "l", many: list}
      at: position()
      key: $key
      b: {path: "@b", type: bool}
      i8: {path: "@i", type: int8}
      i64: {path: "@i", type: int64}
      f: {path: "@f", type: float64}
      m: {path: "@f", type: "decimal(9,3)"}
      day: {path: "@day", type: date}
  s: {rows: /d/r/s, parent: r, columns: {k: "@k"}}
""",
    name="c",
)
NAMES = {"text": ["", "ä", "x" * 40], "b": ["true", "no", "?"], "i": ["1", "-7", "x"], "f": ["1.5", "-2", "e"]}
NAMES["day"] = ["2020-02-29", "x"]


def _row(random: Random, missing: float) -> str:
    written = [
        f"{name}={quoteattr(random.choice(values))}" for name, values in NAMES.items() if random.random() >= missing
    ]
    items = "".join(f"<l>{'v' * random.randrange(20)}</l>" for _ in range(random.choice((0, 0, 1, 3))))
    children = "<s k='1'/>" * random.randrange(2)
    return f"<r {' '.join(written)}>{items}{children}</r>"


@pytest.mark.parametrize("seed", range(40))
def test_threads_find_what_one_finds(seed: int) -> None:
    random = Random(seed)
    missing = random.choice((0, 0, 0.02, 0.5, 1))
    few = random.choice((1, 3, 20))
    rows = [[_row(random, missing) for _ in range(random.randrange(few + 1))] for _ in range(random.randrange(2, 40))]
    documents = pa.array([f"<d>{''.join(each)}</d>" for each in rows])
    keys = {"key": pa.array([random.choice((None, "", "k" * 20)) for _ in rows], pa.string())}
    one = NativeShredder(CONTRACT, typed=True).shred(documents, keys)
    for threads in (2, 3, 7):
        found = NativeShredder(CONTRACT, threads=threads, typed=True).shred(documents, keys)
        for name, table in found.extracts.items():
            table.validate(full=True)
            assert table.equals(one.extracts[name])
            assert table["_row"].num_chunks <= 1
        assert (found.several, found.refused, found.ways) == (one.several, one.refused, one.ways)


def test_what_is_much_is_not_copied() -> None:
    row = f"<r text='{'x' * 500}'/>"
    documents = pa.array([f"<d>{row * 200}</d>"] * 20)
    keys = {"key": pa.array(["k"] * 20)}
    one, two = (NativeShredder(CONTRACT, threads=threads).shred(documents, keys).extracts["r"] for threads in (1, 2))
    assert two.equals(one)
    assert (one["text"].num_chunks, two["text"].num_chunks) == (1, 2)
