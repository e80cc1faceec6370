"""What holds the two shredders together: the reference, which reads with lxml, and the native one."""

from tests.differential.agree import Disagreement, agree, find_disagreement

__all__ = ["Disagreement", "agree", "find_disagreement"]
