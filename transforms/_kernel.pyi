"""The native shredder, built from transforms/kernel/. It may be absent: the one on lxml serves then."""

from collections.abc import Sequence
from typing import TypeAlias, final

from typing_extensions import Buffer, CapsuleType

# What __arrow_c_array__ returns: a schema and an array, each to be taken out once.
_Array: TypeAlias = tuple[CapsuleType, CapsuleType]
# An array to be taken out once, and its address: who has imported the schema before imports the array from there.
_Batch: TypeAlias = tuple[CapsuleType, int]

@final
class Plan:
    """What compile() returns; exists for type checkers only, at run time it is a capsule."""

def compile(plan: Buffer, /) -> Plan:  # noqa: A001
    """The plan as shred() takes it; may be shared by threads.

    ValueError: these bytes are no plan.
    """

def schemas(plan: Plan, /) -> list[CapsuleType]:
    """Of each extract of the plan the schema of its record batches."""

def shred(
    plan: Plan,
    arrays: Sequence[_Array],
    routes: Buffer | None,
    threads: int,
    text: bool,
    keys: Sequence[_Array],
    /,
) -> tuple[
    list[list[_Batch]],
    list[tuple[int, str, int, int, int, str]],
    list[tuple[int, str]],
    list[tuple[int, int, int]],
]:
    """Shreds the documents of all arrays, with Python's lock released: (extracts, refused, declined, several).

    arrays: one a chunk, of text or bytes in any layout, with an offset and nulls; emptied and released by the call.
    routes: a uint64 for each document; bit i is set where route i may take the document by its keys. None: all may.
    text: the documents are from a column of text, so what they declare of their encoding is not believed.
    keys: as many arrays of text as the plan has keys, with a value for each document; emptied and released like arrays.

    extracts: for each extract of the plan its record batches, as struct arrays, in the order of the documents.
    refused: document, reason, offset (bytes), line, column, detail. declined: documents that are left to another
    shredder, and why. several: extract, column, and how many of its cells met several nodes.

    ValueError: arrays, routes, threads or keys that cannot be right. TypeError, MemoryError; RuntimeError: a fault of
    the kernel.
    """

def build_info() -> dict[str, str]:
    """How this module was built: version (of the project), compiler, abi.

    simd: the widest instructions that it uses on this processor: avx2, sse2, neon or portable. plan: what the plans
    begin with that it can read.
    """

def keep_at_most(bytes: int, /) -> None:  # noqa: A002
    """How much memory of freed columns is kept for the columns of later calls, of any thread; 32 MiB until this is
    called. What is kept beyond it goes back to the system. No effect in a build with sanitizers, which keeps nothing.

    ValueError: a negative number.
    """

def give_back() -> None:
    """Gives all that is kept back to the system."""

def kept() -> tuple[int, int]:
    """Bytes that are kept, and how many there may be."""
