"""`python -m bench [NAME …]`: run the benchmarks and print what they measured.

main     the whole job against document-by-document loading, small and large documents
stub     the whole way with shredding replaced by tables that are ready: what the rest can carry
shred    the shredder against lxml's parse alone and against one XPath a cell; two threads against one
tuned    contracts of 230 and 360 entries against plain ones that read the same nodes
convert  conversion, SQL and selection of one chunk, 10 to 5,000 documents
read     the source's reader against the bare engine
"""

from __future__ import annotations

import sys

from bench import convert, main_job, read, shred, stub, tuned

BENCHES = {
    "main": main_job.main,
    "stub": stub.main,
    "shred": shred.main,
    "tuned": tuned.main,
    "convert": convert.main,
    "read": read.main,
}


def main() -> int:
    """The exit code."""
    names = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no benchmark {unknown[0]}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    for name in names:
        print(f"== {name}", flush=True)
        BENCHES[name]()
        print(flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
