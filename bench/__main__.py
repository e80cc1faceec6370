"""`python -m bench [NAME …]`: run the benchmarks and print what they measured.

main     the whole job against document-by-document loading, small and large documents
stub     the whole way with shredding replaced by tables that are ready: what the rest can carry
shred    the native shredder and the reference against their peers and the machine; options: see bench/shred
tuned    contracts of 230 and 360 entries against plain ones that read the same nodes
convert  conversion, SQL and selection of one chunk, 10 to 5,000 documents
canonical  the canonical fingerprint beside reading, shredding and converting
dedupe   incoming duplicate keys against staged ones: the product, the bare engine, Polars
audit    audit files of every stage against none; verifying, reconciling, purging
read     the source's reader against the bare engine
read-db  reading from PostgreSQL and MariaDB behind the guard against the bare drivers
write    publishing to PostgreSQL and MariaDB against the bare drivers' bulk inserts
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from bench import audit, canonical, convert, dedupe, main_job, read, read_databases, stub, tuned, write_databases
from bench.shred import run as shred

BENCHES: dict[str, Callable[[], int | None]] = {
    "main": main_job.main,
    "stub": stub.main,
    "shred": shred.main,
    "tuned": tuned.main,
    "convert": convert.main,
    "canonical": canonical.main,
    "dedupe": dedupe.main,
    "audit": audit.main,
    "read": read.main,
    "read-db": read_databases.main,
    "write": write_databases.main,
}


def main() -> int:
    """The exit code."""
    if sys.argv[1:2] == ["shred"]:  # the only one with options
        return shred.main(sys.argv[2:])
    names = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no benchmark {unknown[0]}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    code = 0
    for name in names:
        print(f"== {name}", flush=True)
        code = BENCHES[name]() or code
        print(flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
