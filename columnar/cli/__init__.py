"""The command line: each command is one library function, shown as text or as one JSON object."""

from __future__ import annotations


def main() -> None:
    """The console script `columnar`."""
    from columnar.cli.app import app

    app()
