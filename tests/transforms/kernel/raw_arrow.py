"""Arrow's C structures made by hand, to hand the kernel what no library would make."""

from __future__ import annotations

import ctypes
from typing import Any, TypeVar

_Structure = TypeVar("_Structure", bound=ctypes.Structure)


class RawSchema(ctypes.Structure):
    """ArrowSchema of the specification."""


class RawArray(ctypes.Structure):
    """ArrowArray of the specification."""


_SchemaRelease = ctypes.CFUNCTYPE(None, ctypes.POINTER(RawSchema))
release_of = ctypes.CFUNCTYPE(None, ctypes.POINTER(RawArray))

RawSchema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(RawSchema))),
    ("dictionary", ctypes.POINTER(RawSchema)),
    ("release", _SchemaRelease),
    ("private_data", ctypes.c_void_p),
]
RawArray._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(RawArray))),
    ("dictionary", ctypes.POINTER(RawArray)),
    ("release", release_of),
    ("private_data", ctypes.c_void_p),
]

_new = ctypes.pythonapi.PyCapsule_New
_new.restype, _new.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
_NAMES = {RawSchema: b"arrow_schema", RawArray: b"arrow_array"}
# What the capsules point to, for as long as the process runs: they free nothing themselves.
_kept: list[Any] = []


def structure_of(capsule: Any, kind: type[_Structure]) -> _Structure:
    """The structure in a capsule, where it lies."""
    return kind.from_address(_pointer(capsule, _NAMES[kind]))  # type: ignore[index]


def capsules(
    released: list[str],
    *,
    layout: bytes,
    length: int,
    buffers: tuple[bytes | None, ...],
    null_count: int = 0,
    offset: int = 0,
) -> tuple[Any, Any]:
    """A schema and an array as given; each release is noted in `released`."""

    @_SchemaRelease
    def release_schema(raw: Any) -> None:
        released.append("schema")
        raw.contents.release = _SchemaRelease(0)

    @release_of
    def release_array(raw: Any) -> None:
        released.append("array")
        raw.contents.release = release_of(0)

    held = [each if each is None else ctypes.create_string_buffer(each, len(each)) for each in buffers]
    places = (ctypes.c_void_p * len(held))(*(each and ctypes.addressof(each) for each in held))
    schema = RawSchema(format=layout, name=b"", release=release_schema)
    array = RawArray(
        length=length,
        null_count=null_count,
        offset=offset,
        n_buffers=len(held),
        buffers=ctypes.cast(places, ctypes.POINTER(ctypes.c_void_p)),
        release=release_array,
    )
    _kept.append((schema, array, held, places, release_schema, release_array))
    return (
        _new(ctypes.addressof(schema), b"arrow_schema", None),
        _new(ctypes.addressof(array), b"arrow_array", None),
    )
