"""From extracts to one table of text per table of the contract: picks and slots, put together."""

from transforms.assemble.assemble import Assembled, assemble
from transforms.assemble.several import map_several

__all__ = ["Assembled", "assemble", "map_several"]
