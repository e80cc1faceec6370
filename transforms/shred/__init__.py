"""From XML documents to one Arrow table of text per extract."""

from transforms.shred.lxml_shredder import LxmlShredder
from transforms.shred.result import Shredded

__all__ = ["LxmlShredder", "Shredded"]
