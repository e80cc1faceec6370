"""Writes docs/contract.schema.json and docs/job.schema.json, which editors check and complete contracts and jobs with.

python docs/generate_schemas.py            write them
python docs/generate_schemas.py --check    only say whether they are up to date
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))  # so that it runs from a clone that is not installed

from columnar.jobs.job_schema import job_schema  # noqa: E402
from transforms.contract.schema import contract_schema  # noqa: E402


def pages() -> dict[Path, str]:
    """Each file and what it must hold."""
    schemas = {"contract.schema.json": contract_schema(), "job.schema.json": job_schema()}
    return {DOCS / name: json.dumps(schema, indent=2) + "\n" for name, schema in schemas.items()}


def main() -> int:
    """The exit code."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        print("\n".join(f"{path} is not up to date" for path in stale) or "up to date")
        return bool(stale)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
