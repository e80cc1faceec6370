"""Installs turbodbc into the environment of this Python, and builds it first if it must."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from loaders.errors import UnavailableError
from loaders.turbodbc_build.build_wheel import missing_tools
from loaders.turbodbc_build.installing import install, kept_wheels


def main() -> int:
    """The exit code: 0 where turbodbc works now, 3 where it does not."""
    parser = argparse.ArgumentParser(prog="python -m loaders.turbodbc_build", description=__doc__)
    parser.add_argument("--kept", metavar="FOLDER", type=Path, help="where wheels are kept, beside this user's cache")
    parser.add_argument("--no-build", action="store_true", help="install what is kept, or fail")
    parser.add_argument("--anew", action="store_true", help="build, whatever is installed or kept")
    parser.add_argument("--missing", action="store_true", help="only print Debian's packages that building lacks")
    given = parser.parse_args()
    if given.missing:
        print(*missing_tools())
        return 0
    folders = kept_wheels(*([given.kept] if given.kept else []))
    try:
        install(folders, build=not given.no_build, anew=given.anew, say=print)
    except UnavailableError as error:
        print(f"{error.message}\n{error.hint}".strip(), file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
