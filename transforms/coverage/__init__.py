"""Which part of the documents' attributes and texts a contract reads, and which of its paths find nothing."""

from transforms.coverage.measure import Measurement, measure
from transforms.coverage.result import Coverage, Share, Unmatched, UnreadPath

__all__ = ["Coverage", "Measurement", "Share", "Unmatched", "UnreadPath", "measure"]
