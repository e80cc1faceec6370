"""The independent oracle: what a contract reads from a document, by plain XPath, written apart from the shredder."""

from tests.oracle.compare import disagreements
from tests.oracle.oracle import Oracle, Reading, Row

__all__ = ["Oracle", "Reading", "Row", "disagreements"]
