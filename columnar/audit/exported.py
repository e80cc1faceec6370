"""The list of what an export wrote: its manifests with their checksums, as the ledger keeps those of a run."""

from __future__ import annotations

import json
from pathlib import Path

from columnar.audit.manifest import ManifestError

LIST = "export.json"


def exported_manifests(root: Path) -> dict[tuple[int, int], dict[str, str]] | None:
    """By generation and chunk: `manifest` (below the folder) and `sha256`. None where there was no export."""
    path = root / LIST
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return {(each["generation"], each["chunk"]): each for each in values["chunks"]}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ManifestError(f"{path} is not a readable list: {error}") from error
