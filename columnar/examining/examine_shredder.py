"""Whether documents are shredded by the native shredder, or many times more slowly by lxml."""

from __future__ import annotations

from columnar.examining.finding import Finding, ok, warn
from transforms.shred.choose import why_not_native

_AREA = "shredder"
_BUILD = (
    "install a C++ compiler (g++, clang++, Visual Studio) and Python's headers (on Debian: python3-dev), then this"
    " program again; `pip install -v` tells why"
)


def examine_shredder() -> Finding:
    """Which shredder a run takes if not told otherwise, and how it was built."""
    missing = why_not_native()
    if missing:
        text = "lxml shreds, with the same result but many times more slowly; the native shredder is not there: "
        return warn(_AREA, text + missing, _BUILD)
    from columnar import __version__
    from transforms import _kernel

    built = _kernel.build_info()
    text = f"native, {built['simd']}, built by {built['compiler']} for {built['abi']}"
    if built["version"] != __version__:
        other = f", but for version {built['version']} of this program, which is {__version__}"
        return warn(_AREA, text + other, "install this program again, or in a clone of it `make kernel`")
    return ok(_AREA, text)
