"""Builds turbodbc with Arrow support for this Python and this pyarrow: PyPI has it as source alone.

`python -m loaders.turbodbc_build` does it once in three to five minutes and keeps the wheel for the next time.
"""
