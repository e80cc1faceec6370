"""From XML documents to one Arrow table of text per extract."""

from transforms.shred.choose import Choice, NoKernelError, ShredderKind, make_shredder, why_not_native
from transforms.shred.lxml_shredder import LxmlShredder
from transforms.shred.result import Shredded
from transforms.shred.shredder import Shredder

__all__ = [
    "Choice",
    "LxmlShredder",
    "NoKernelError",
    "Shredded",
    "Shredder",
    "ShredderKind",
    "make_shredder",
    "why_not_native",
]
