"""The list of what an export wrote: its manifests with their checksums, as the ledger keeps those of a run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from columnar.audit.manifest import ManifestError, ManifestFile

LIST = "export.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """One chunk. manifest: below the folder. left_out: rows by table that its ledger row counts and that are not in its
    files: they were replaced or purged since, or nothing leads from them to a document."""

    generation: int
    chunk: int
    manifest: str
    sha256: str
    left_out: dict[str, int]

    def as_json(self) -> dict[str, object]:
        """As the list has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ExportList:
    """chunks: by generation and chunk. others: files of rows that belong to no chunk; their paths are below the
    folder."""

    chunks: dict[tuple[int, int], Exported]
    others: tuple[ManifestFile, ...] = field(default=())


def read_list(root: Path) -> ExportList | None:
    """The list of a folder; None where there was no export. ManifestError where it cannot be read."""
    path = root / LIST
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        chunks = [Exported(**each) for each in values["chunks"]]
        others = tuple(ManifestFile(**each) for each in values["others"])
        return ExportList({(each.generation, each.chunk): each for each in chunks}, others)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ManifestError(f"{path} is not a readable list: {error}") from error
